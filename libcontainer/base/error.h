/* SPDX-License-Identifier: Apache-2.0
 * The error value: what failed, inside what, why, and where the wish came from. No heap, nothing to
 * free, valid after clone, and sent whole over the init socket. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum error_kind {
  ERROR_NONE,
  ERROR_USAGE,    /* wrong command line */
  ERROR_CONFIG,   /* the bundle asks for something invalid */
  ERROR_HOST,     /* this host lacks what is asked for */
  ERROR_KERNEL,   /* a system call failed */
  ERROR_STATE,    /* the container is not in a state for this */
  ERROR_INTERNAL, /* a bug in hull, or a peer that breaks the protocol */
};

#define ERROR_TEXT_BYTES 1024
#define ERROR_ORIGIN_BYTES 160

struct error {
  enum error_kind kind;
  int errnum;           /* errno value of the cause, 0 if none */
  int exit_status;      /* 0: the command's default; else what the caller expects (126, 127, 255) */
  uint16_t used;        /* bytes of 'frames' in use */
  uint16_t frame_count; /* NUL-terminated frames, innermost first */
  uint16_t step_frames; /* how many of them lie inside 'step' */
  char step[32];        /* name of the failed step, "" if none */
  char origin[ERROR_ORIGIN_BYTES]; /* JSON pointer into config.json, "" if none */
  char frames[ERROR_TEXT_BYTES];
};

/* Starts a new error. 'errnum' 0 if no system call is to blame. Returns -1, so that callers can
 * `return error_set (…)`. 'err' may be NULL where the caller does not care. */
int error_set(struct error *err, enum error_kind kind, int errnum, const char *format, ...)
    __attribute__((cold, format(printf, 4, 5)));

/* Adds what was being done around the failure. Returns -1. Too long a text is cut in the middle; the
 * innermost frame stays whole. */
int error_wrap(struct error *err, const char *format, ...) __attribute__((cold, format(printf, 2, 3)));

/* Names the JSON pointer (or option) that asked for what failed; the first one named stays. Returns -1. */
int error_at(struct error *err, const char *pointer) __attribute__((cold));

/* Names the step; the first one named stays. Returns -1. */
int error_in_step(struct error *err, const char *step) __attribute__((cold));

bool error_is_set(const struct error *err);
void error_clear(struct error *err);

/* Takes an error that came as 'size' bytes from a process that may be hostile. -1 if it is none; then 'err'
 * is not touched. */
int error_unpack(const void *data, size_t size, struct error *err);

/* Writes 'outer: inner: cause (at /pointer)' to 'buffer'; always NUL-terminated. Returns the length that
 * the whole text has. */
size_t error_format(const struct error *err, char *buffer, size_t size);

/* Frame 'i', innermost first; NULL past the last. */
const char *error_frame(const struct error *err, unsigned i);

const char *error_kind_name(enum error_kind kind);
