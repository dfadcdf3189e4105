/* SPDX-License-Identifier: Apache-2.0
 * Log lines, text or JSON, to stderr and/or a file. The JSON form is what callers parse: one object a line
 * with level, msg, time (features.md section 4). */
#pragma once
#include "error.h"
#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* 'file' NULL: stderr. The file is appended to (0644, O_CLOEXEC). Call once, before other threads. */
int log_open(const char *file, enum log_format format, struct error *err);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
/* Names the container in every later line. Copies. */
void log_set_container(const char *id);
/* The descriptor that lines go to, so that it can be kept open; -1 if none. */
int log_fd(void);
void log_line(enum log_level level, const char *format, ...) __attribute__((cold, format(printf, 2, 3)));
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
/* The one error line of a failed command: to the log (JSON: with frames, step, origin, kind, errno, hint)
 * and, if the log is not stderr, to stderr as 'hull: MESSAGE'. 'hint' may be NULL. */
void log_error(const struct error *err, const char *hint);
/* Why the process of a foreground command ended, though the command did what it should: a warning in a JSON
 * log, whatever the level; with level debug a line in any log, and on stderr. 'reason' is a word for
 * programs, the key "reason". */
void log_ending(const char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* False if log_ending would say nothing. */
bool log_wants_ending(void);
