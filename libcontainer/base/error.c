/* SPDX-License-Identifier: Apache-2.0
 * The error value. Nothing here allocates, and nothing trusts the counters: an error may have come over the
 * init socket. */
#include "libcontainer/base/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define INNERMOST_MAX_BYTES 768 /* leaves room for what was being done around it */
#define SHORTEST_FRAME_BYTES 24 /* less room than this: the frame is left out */
#define ELLIPSIS "\xe2\x80\xa6"

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

static bool is_continuation(char c)
{
  return ((unsigned char)c & 0xc0) == 0x80;
}

/* Copies 'text' to 'to' (room for 'size' bytes with the NUL); what does not fit is taken from the middle,
 * because both the verb at the start and the file name at the end are worth keeping. Returns the bytes with
 * the NUL. */
static size_t copy_cut(char *to, size_t size, const char *text)
{
  size_t length = strlen(text);
  if (length < size) {
    memcpy(to, text, length + 1);
    return length + 1;
  }
  const size_t mark = sizeof ELLIPSIS - 1;
  size_t head = (size - 1 - mark) / 2;
  size_t tail = size - 1 - mark - head;
  while (head > 0 && is_continuation(text[head]))
    head--;
  while (tail > 0 && is_continuation(text[length - tail]))
    tail--;
  memcpy(to, text, head);
  memcpy(to + head, ELLIPSIS, mark);
  memcpy(to + head + mark, text + length - tail, tail + 1);
  return head + mark + tail + 1;
}

static void __attribute__((format(printf, 3, 0)))
add_frame(struct error *err, size_t max, const char *format, va_list args)
{
  char text[4096 + 256]; /* PATH_MAX and words around it */
  size_t room = err->used < sizeof err->frames ? sizeof err->frames - err->used : 0;
  if (room < SHORTEST_FRAME_BYTES)
    return;
  if (vsnprintf(text, sizeof text, format, args) < 0)
    text[0] = '\0';
  err->used = (uint16_t)(err->used + copy_cut(err->frames + err->used, smaller(room, max), text));
  err->frame_count++;
}

int error_set(struct error *err, enum error_kind kind, int errnum, const char *format, ...)
{
  if (!err)
    return -1;
  error_clear(err);
  err->kind = kind;
  err->errnum = errnum;
  va_list args;
  va_start(args, format);
  add_frame(err, INNERMOST_MAX_BYTES, format, args);
  va_end(args);
  return -1;
}

int error_wrap(struct error *err, const char *format, ...)
{
  if (!err)
    return -1;
  va_list args;
  va_start(args, format);
  add_frame(err, sizeof err->frames, format, args);
  va_end(args);
  return -1;
}

int error_at(struct error *err, const char *pointer)
{
  if (err && !err->origin[0])
    (void)copy_cut(err->origin, sizeof err->origin, pointer);
  return -1;
}

int error_in_step(struct error *err, const char *step)
{
  if (!err || err->step[0])
    return -1;
  (void)snprintf(err->step, sizeof err->step, "%s", step);
  err->step_frames = err->frame_count;
  return -1;
}

bool error_is_set(const struct error *err)
{
  return err->kind != ERROR_NONE;
}

void error_clear(struct error *err)
{
  if (err)
    memset(err, 0, sizeof *err);
}

/* Security: a text without end or a wild count must not lead a reader astray. */
int error_unpack(const void *data, size_t size, struct error *err)
{
  struct error got;
  if (size != sizeof got)
    return -1;
  memcpy(&got, data, sizeof got);
  if (got.used > sizeof got.frames || got.kind <= ERROR_NONE || got.kind > ERROR_INTERNAL)
    return -1;
  got.frames[sizeof got.frames - 1] = '\0';
  got.step[sizeof got.step - 1] = '\0';
  got.origin[sizeof got.origin - 1] = '\0';
  *err = got;
  return 0;
}

const char *error_frame(const struct error *err, unsigned i)
{
  size_t used = smaller(err->used, sizeof err->frames);
  if (i >= err->frame_count)
    return NULL;
  size_t start = 0;
  for (;; i--) {
    const char *end = start < used ? memchr(err->frames + start, '\0', used - start) : NULL;
    if (!end)
      return NULL;
    if (i == 0)
      return err->frames + start;
    start = (size_t)(end - err->frames) + 1;
  }
}

struct output {
  char *buffer;
  size_t size, length; /* 'length' counts also what did not fit */
};

static void __attribute__((format(printf, 2, 3))) put(struct output *out, const char *format, ...)
{
  size_t room = out->length < out->size ? out->size - out->length : 0;
  va_list args;
  va_start(args, format);
  int n = vsnprintf(room ? out->buffer + out->length : NULL, room, format, args);
  va_end(args);
  if (n > 0)
    out->length += (size_t)n;
}

static void put_part(struct output *out, const char *part)
{
  put(out, "%s%s", out->length ? ": " : "", part);
}

static void put_step(struct output *out, const struct error *err)
{
  if (err->step[0])
    put(out, "%sstep '%.*s'", out->length ? ": " : "", (int)sizeof err->step, err->step);
}

size_t error_format(const struct error *err, char *buffer, size_t size)
{
  struct output out = { buffer, size, 0 };
  if (size)
    buffer[0] = '\0';
  unsigned inside = err->step_frames < err->frame_count ? err->step_frames : err->frame_count;
  for (unsigned i = err->frame_count; i-- > 0;) {
    if (i + 1 == inside)
      put_step(&out, err);
    const char *frame = error_frame(err, i);
    if (frame)
      put_part(&out, frame);
  }
  if (inside == 0)
    put_step(&out, err);
  if (err->errnum) {
    /* Not strerror(3), which translates and may allocate. */
    const char *cause = strerrordesc_np(err->errnum);
    if (cause)
      put_part(&out, cause);
    else
      put(&out, "%serror %d", out.length ? ": " : "", err->errnum);
  }
  if (err->origin[0])
    put(&out, " (at %.*s)", (int)sizeof err->origin, err->origin);
  return out.length;
}

const char *error_kind_name(enum error_kind kind)
{
  switch (kind) {
  case ERROR_NONE:
    return "none";
  case ERROR_USAGE:
    return "usage";
  case ERROR_CONFIG:
    return "config";
  case ERROR_HOST:
    return "host";
  case ERROR_KERNEL:
    return "kernel";
  case ERROR_STATE:
    return "state";
  case ERROR_INTERNAL:
    return "internal";
  }
  return "unknown";
}
