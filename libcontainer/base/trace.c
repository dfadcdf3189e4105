/* SPDX-License-Identifier: Apache-2.0
 * Chrome trace events ("Trace Event Format", array form): complete events with times in microseconds. */
#include "libcontainer/base/trace.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The pids in the file only order the two rows of the picture. */
#define PID_RUNTIME 1
#define PID_INIT 2

static int trace_fd = -1;

static void write_text(const char *s)
{
  /* A full disk must not fail the container: tracing just ends. */
  if (fd_write_all(trace_fd, s, strlen(s)) < 0)
    fd_close(&trace_fd);
}

void trace_start(int fd)
{
  trace_fd = fd;
  write_text("[\n"
             "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":1,\"args\":{\"name\":\"runtime\"}},\n"
             "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":2,\"tid\":2,\"args\":{\"name\":\"init\"}}");
}

void trace_finish(void)
{
  if (trace_fd < 0)
    return;
  write_text("\n]\n");
  fd_close(&trace_fd);
}

bool trace_on(void)
{
  return trace_fd >= 0;
}

static uint64_t monotonic_ns(void)
{
  struct timespec ts;
  (void)clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t trace_now(void)
{
  return trace_fd >= 0 ? monotonic_ns() : 0;
}

static void write_span(const char *process, const char *category, const char *name, uint64_t start,
                       uint64_t duration)
{
  char safe_category[64], safe_name[512], line[1024];
  int pid = strcmp(process, "init") == 0 ? PID_INIT : PID_RUNTIME;
  (void)text_escape_json(safe_category, sizeof safe_category, category);
  (void)text_escape_json(safe_name, sizeof safe_name, name);
  (void)snprintf(line, sizeof line,
                 ",\n{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"X\",\"ts\":%" PRIu64 ".%03u,\"dur\":%" PRIu64
                 ".%03u,\"pid\":%d,\"tid\":%d}",
                 safe_name, safe_category, start / 1000, (unsigned)(start % 1000), duration / 1000,
                 (unsigned)(duration % 1000), pid, pid);
  write_text(line);
}

void trace_span(const char *process, const char *category, const char *name, uint64_t start)
{
  if (trace_fd >= 0 && start)
    write_span(process, category, name, start, monotonic_ns() - start);
}

void trace_foreign_span(const char *process, const char *category, const char *name, uint64_t start_ns,
                        uint64_t duration_ns)
{
  if (trace_fd < 0)
    return;
  /* No start that we can trust: it ended about when its message came. */
  uint64_t now = monotonic_ns();
  uint64_t start = start_ns ? start_ns : now > duration_ns ? now - duration_ns : 0;
  write_span(process, category, name, start, duration_ns);
}
