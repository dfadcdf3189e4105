/* SPDX-License-Identifier: Apache-2.0
 * The stream of events: statistics every so often, and each kill by the OOM killer as it happens. The kernel
 * tells by poll(2) when memory.events or cgroup.events changes; it ends when the cgroup has no processes. */
#include "libcontainer/base/fd.h"
#include "libcontainer/container.h"
#include "libcontainer/runtime/stats.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct stream {
  const char *id;
  const struct hull_events_options *options;
  hull_event_callback *callback;
  void *data;
  struct cgroup cgroup;
  uint64_t oom_kills; /* that were told of, or that were before us */
};

static bool is_gone(const struct error *err)
{
  return err->errnum == ENOENT || err->errnum == ENODEV;
}

/* 1: over; 0: go on; -1: error. Memory is given back each time: a stream may last for years. */
static int tell_stats(const struct stream *s, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct cgroup_stats stats;
  struct error trouble = { 0 };
  int result;
  if (stats_read(&arena, &s->cgroup, &stats, &trouble) == 0) {
    struct text line;
    text_init(&line, &arena);
    stats_event_json(s->id, &stats, &line);
    result = s->callback(s->data, text_string(&line)) != 0;
  } else if (is_gone(&trouble) && !s->options->once) {
    result = 1;
  } else {
    *err = trouble;
    result = -1;
  }
  arena_release(&arena);
  return result;
}

static int tell_oom(const struct stream *s)
{
  struct arena arena = ARENA_INIT;
  struct text line;
  text_init(&line, &arena);
  struct json_writer *w = json_writer_create(&line, 0);
  json_begin_object(w);
  json_key(w, "type");
  json_string(w, "oom");
  json_key(w, "id");
  json_string(w, s->id);
  json_end_object(w);
  json_finish(w);
  text_add(&line, "\n");
  const int result = s->callback(s->data, text_string(&line)) != 0;
  arena_release(&arena);
  return result;
}

/* Tells of kills that were not told of; several at a time are one event, as with inotify. */
static int check_oom(struct stream *s)
{
  uint64_t oom, kills;
  struct error ignored = { 0 };
  if (cgroup_read_oom(&s->cgroup, &oom, &kills, &ignored) < 0 || kills <= s->oom_kills)
    return 0;
  s->oom_kills = kills;
  return tell_oom(s);
}

static bool is_empty(const struct stream *s)
{
  struct cgroup_events events;
  struct error trouble = { 0 };
  return cgroup_read_events(&s->cgroup, &events, &trouble) < 0 || !events.populated;
}

/* poll(2) reports a change since the last read(2) of this very descriptor. */
static void acknowledge(int fd)
{
  char text[512];
  (void)!pread(fd, text, sizeof text, 0); /* only that it was read counts */
}

static int start_timer(uint64_t interval_ns, struct error *err)
{
  const struct timespec period = { .tv_sec = (time_t)(interval_ns / 1000000000),
                                   .tv_nsec = (long)(interval_ns % 1000000000) };
  const struct itimerspec every = { .it_interval = period, .it_value = period };
  auto_close int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (timer < 0 || timerfd_settime(timer, 0, &every, NULL) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set a timer");
  return take_fd(&timer);
}

/* The kernel delays a notification that comes within 10 ms of the one before, and a cgroup that is removed
 * meanwhile takes it along: nobody would ever wake us (cgroup_file_notify() in kernel/cgroup/cgroup.c). */
#define LOOK_AGAIN_MS 1000

enum { TIMER, MEMORY, CGROUP, OUTPUT, SOURCES };

static int wait_once(struct stream *s, struct pollfd *sources, struct error *err)
{
  uint64_t ticks;
  const int ready = poll(sources, SOURCES, LOOK_AGAIN_MS);
  if (ready < 0)
    return errno == EINTR ? 0 : error_set(err, ERROR_KERNEL, errno, "cannot wait for events");
  if (sources[OUTPUT].revents != 0)
    return 1;
  if (sources[MEMORY].revents != 0)
    acknowledge(sources[MEMORY].fd);
  if (sources[CGROUP].revents != 0)
    acknowledge(sources[CGROUP].fd);
  const bool empty = (ready == 0 || sources[CGROUP].revents != 0) && is_empty(s);
  /* Also when it has become empty: the last kill may be what ended it. */
  if ((sources[MEMORY].revents != 0 || empty) && check_oom(s) != 0)
    return 1;
  if (empty)
    return 1;
  if (read(sources[TIMER].fd, &ticks, sizeof ticks) > 0)
    return tell_stats(s, err);
  return 0;
}

static int stream_run(struct stream *s, struct error *err)
{
  auto_close int timer = start_timer(s->options->interval_ns, err);
  /* Without the memory controller there is none, and then poll(2) leaves the -1 out. */
  auto_close int memory = openat(s->cgroup.fd, "memory.events", O_RDONLY | O_CLOEXEC);
  auto_close int events = openat(s->cgroup.fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
  if (timer < 0)
    return -1;
  if (events < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '%s/cgroup.events'", s->cgroup.path);
  struct pollfd sources[SOURCES] = {
    [TIMER] = { .fd = timer, .events = POLLIN },
    [MEMORY] = { .fd = memory, .events = POLLPRI },
    [CGROUP] = { .fd = events, .events = POLLPRI },
    [OUTPUT] = { .fd = s->options->output > 0 ? s->options->output : -1, .events = 0 },
  };
  struct error ignored = { 0 };
  uint64_t oom;
  acknowledge(memory);
  acknowledge(events);
  (void)cgroup_read_oom(&s->cgroup, &oom, &s->oom_kills, &ignored);
  int result = is_empty(s);
  while (result == 0)
    result = wait_once(s, sources, err);
  return result < 0 ? -1 : 0;
}

int container_events(struct hull *hull, const char *id, const struct hull_events_options *options,
                     hull_event_callback *callback, void *data, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct stream s = { .id = id, .options = options, .callback = callback, .data = data };
  int result = stats_open(hull, id, &arena, &s.cgroup, err);
  if (result == 0 && s.cgroup.fd < 0)
    result = error_set(err, ERROR_STATE, 0, "container with id %s has no cgroup, and so no events: %s", id,
                       s.cgroup.path);
  if (result == 0)
    result = options->once ? tell_stats(&s, err) : stream_run(&s, err);
  cgroup_close(&s.cgroup);
  arena_release(&arena);
  return result < 0 ? -1 : 0;
}
