/* SPDX-License-Identifier: Apache-2.0
 * Log lines. Each is built whole on the stack and written by one write(2), so that several processes may
 * append to one file. */
#include "libcontainer/base/log.h"
#include "libcontainer/base/clock.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_BYTES 4096
/* The longest message with every byte escaped (6 bytes each), the frames, and the rest. */
#define LINE_BYTES (6 * (MESSAGE_BYTES + ERROR_TEXT_BYTES + 1024) + 1024)
#define ESCAPED_MESSAGE_BYTES (6 * MESSAGE_BYTES + 1)

static struct {
  int fd;
  enum log_format format;
  enum log_level level;
  char container[256];
} sink = { .fd = STDERR_FILENO, .format = LOG_TEXT, .level = LOG_WARNING };

struct line {
  size_t length;
  char bytes[LINE_BYTES];
};

int log_open(const char *file, enum log_format format, struct error *err)
{
  sink.format = format;
  if (!file)
    return 0;
  int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
  if (fd < 0)
    return error_set(err, ERROR_USAGE, errno, "cannot open log '%s'", file);
  if (sink.fd != STDERR_FILENO)
    fd_close(&sink.fd);
  sink.fd = fd;
  return 0;
}

void log_set_level(enum log_level level)
{
  sink.level = level;
}

enum log_level log_get_level(void)
{
  return sink.level;
}

void log_set_container(const char *id)
{
  (void)snprintf(sink.container, sizeof sink.container, "%s", id ? id : "");
}

int log_fd(void)
{
  return sink.fd;
}

static const char *level_name(enum log_level level)
{
  switch (level) {
  case LOG_ERROR:
    return "error";
  case LOG_WARNING:
    return "warning";
  case LOG_INFO:
    return "info";
  case LOG_DEBUG:
    return "debug";
  }
  return "debug";
}

static void __attribute__((format(printf, 2, 3))) add(struct line *l, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  int n = vsnprintf(l->bytes + l->length, sizeof l->bytes - l->length, format, args);
  va_end(args);
  if (n > 0 && (size_t)n < sizeof l->bytes - l->length)
    l->length += (size_t)n;
}

/* 's' escaped, at most 'max' bytes of it, so that no value can push out the closing brace. */
static void add_escaped(struct line *l, const char *s, size_t max)
{
  size_t room = sizeof l->bytes - l->length;
  l->length += text_escape_json(l->bytes + l->length, room < max ? room : max, s);
}

/* One more key with a string value, in the sink's format. */
static void add_string(struct line *l, const char *key, const char *value)
{
  if (!value || !*value)
    return;
  if (sink.format == LOG_JSON)
    add(l, ",\"%s\":\"", key);
  else
    add(l, " %s=\"", key);
  add_escaped(l, value, 1024);
  add(l, "\"");
}

static void add_time(struct line *l)
{
  struct timespec now;
  char text[CLOCK_TEXT_BYTES];
  (void)clock_gettime(CLOCK_REALTIME, &now);
  clock_rfc3339(&now, text);
  add(l, "%s", text);
}

static void start_line(struct line *l, enum log_level level, const char *message)
{
  l->length = 0;
  if (sink.format == LOG_JSON) {
    add(l, "{\"level\":\"%s\",\"msg\":\"", level_name(level));
    add_escaped(l, message, ESCAPED_MESSAGE_BYTES);
    add(l, "\",\"time\":\"");
    add_time(l);
    add(l, "\"");
  } else {
    add(l, "time=\"");
    add_time(l);
    add(l, "\" level=%s msg=\"", level_name(level));
    add_escaped(l, message, ESCAPED_MESSAGE_BYTES);
    add(l, "\"");
  }
  add_string(l, "container", sink.container);
}

static void write_line(struct line *l, int fd)
{
  add(l, sink.format == LOG_JSON ? "}\n" : "\n");
  (void)fd_write_all(fd, l->bytes, l->length); /* nowhere left to complain to */
}

void log_line(enum log_level level, const char *format, ...)
{
  if (level > sink.level || sink.fd < 0)
    return;
  int saved = errno;
  char message[MESSAGE_BYTES];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (n >= 0) {
    struct line l;
    start_line(&l, level, message);
    write_line(&l, sink.fd);
  }
  errno = saved;
}

static void add_frames(struct line *l, const struct error *err)
{
  const char *frame;
  add(l, ",\"frames\":[");
  for (unsigned i = 0; (frame = error_frame(err, i)); i++) {
    add(l, "%s\"", i ? "," : "");
    add_escaped(l, frame, 6 * ERROR_TEXT_BYTES + 1);
    add(l, "\"");
  }
  add(l, "]");
}

static void log_error_line(const struct error *err, const char *message, const char *hint)
{
  struct line l;
  char step[sizeof err->step + 1], origin[sizeof err->origin + 1];
  (void)snprintf(step, sizeof step, "%.*s", (int)sizeof err->step, err->step);
  (void)snprintf(origin, sizeof origin, "%.*s", (int)sizeof err->origin, err->origin);
  start_line(&l, LOG_ERROR, message);
  if (sink.format == LOG_JSON) {
    add_string(&l, "kind", error_kind_name(err->kind));
    if (err->errnum)
      add_string(&l, "errno", strerrorname_np(err->errnum));
    add_string(&l, "origin", origin);
    add_frames(&l, err);
  }
  add_string(&l, "step", step);
  add_string(&l, "hint", hint);
  write_line(&l, sink.fd);
}

/* True if the log is stderr, also by another name such as /dev/stderr. */
static bool log_is_stderr(void)
{
  struct stat log, standard;
  if (sink.fd == STDERR_FILENO)
    return true;
  return fstat(sink.fd, &log) == 0 && fstat(STDERR_FILENO, &standard) == 0 && log.st_dev == standard.st_dev
         && log.st_ino == standard.st_ino;
}

/* Several problems of one config are a line each; what follows the first is indented, so that no text from a
 * config or a hook can pass for a message of ours. */
static void add_lines(struct line *l, const char *message)
{
  char one[MESSAGE_BYTES];
  size_t room = ESCAPED_MESSAGE_BYTES;
  for (const char *rest = message, *end; *rest && room > 16; rest = *end ? end + 1 : end) {
    end = strchrnul(rest, '\n');
    (void)snprintf(one, sizeof one, "%.*s", (int)(end - rest), rest);
    const size_t before = l->length;
    add(l, "%s", rest == message ? "" : "  ");
    l->length += text_escape_control(l->bytes + l->length, room - 4, one);
    add(l, "\n");
    room -= l->length - before;
  }
}

/* The form for people. Security: escaped, because names from an image may hold terminal control sequences. */
static void print_error(const char *message, const char *hint)
{
  struct line l = { 0 };
  add(&l, "hull: ");
  add_lines(&l, message);
  if (hint && *hint) {
    add(&l, "hint: ");
    l.length += text_escape_control(l.bytes + l.length, 1024, hint);
    add(&l, "\n");
  }
  (void)fd_write_all(STDERR_FILENO, l.bytes, l.length);
}

void log_error(const struct error *err, const char *hint)
{
  char message[MESSAGE_BYTES];
  (void)error_format(err, message, sizeof message);
  bool both = !log_is_stderr();
  if (both || sink.format == LOG_JSON)
    log_error_line(err, message, hint);
  if (both || sink.format == LOG_TEXT)
    print_error(message, hint);
}

bool log_wants_ending(void)
{
  return sink.format == LOG_JSON || sink.level >= LOG_DEBUG;
}

void log_ending(const char *reason, const char *format, ...)
{
  char message[MESSAGE_BYTES];
  struct line l;
  va_list args;
  if (!log_wants_ending())
    return;
  va_start(args, format);
  (void)vsnprintf(message, sizeof message, format, args);
  va_end(args);
  start_line(&l, sink.format == LOG_JSON ? LOG_WARNING : LOG_DEBUG, message);
  add_string(&l, "reason", reason);
  write_line(&l, sink.fd);
  if (sink.level >= LOG_DEBUG && !log_is_stderr())
    print_error(message, NULL);
}
