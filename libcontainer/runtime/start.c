/* SPDX-License-Identifier: Apache-2.0
 * The start operation: one byte into start.fifo lets init go on. init's end of reply.fifo closes when it
 * executes the container's process; before that, an error may come out of it. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/words.h"
#include "libcontainer/runtime/destroy.h"
#include "libcontainer/runtime/hooks.h"
#include "libcontainer/runtime/notify.h"
#include "libcontainer/runtime/outcome.h"
#include "libcontainer/runtime/status.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define POSTSTART_STEP "poststart-hooks"
#define EXIT_TIMEOUT_MS 1000 /* init has said its last words */

/* `start` removes the fifo when init has gone on. */
static bool never_started(const struct state_dir *dir)
{
  return faccessat(dir->fd, STATE_START_FIFO, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int check_may_start(const struct state_dir *dir, const struct container_state *state,
                           struct error *err)
{
  static const char *const refusals[] = {
    [STATUS_CREATING] = "cannot start a container that is still being created",
    [STATUS_RUNNING] = WORDS_ALREADY_RUNNING,
    [STATUS_PAUSED] = "cannot start a paused container",
    [STATUS_STOPPED] = WORDS_HAS_STOPPED,
  };
  enum container_status status = container_status(dir, state);
  if (status == STATUS_CREATED)
    return 0;
  /* An init that is ending has let go of the fifo before it counts as dead; what runs has been executed. */
  if (status == STATUS_RUNNING && never_started(dir) && proc_executed(state->pid) <= 0)
    status = STATUS_STOPPED;
  /* Then it is init that was killed. */
  if (status == STATUS_STOPPED && never_started(dir) && set_if_oom_killed(state, err))
    return error_wrap(err, "container '%s': %s", state->id, refusals[status]);
  return error_set(err, ERROR_STATE, 0, "container '%s': %s", state->id, refusals[status]);
}

static int set_died(const struct container_state *state, struct error *err)
{
  if (set_if_oom_killed(state, err))
    return -1;
  return error_set(err, ERROR_STATE, 0,
                   "container init died before it could execute the container's process");
}

/* Asked when init's end of the reply fifo has closed. Once somebody has reaped it, a start byte that nobody
 * took tells; else it counts as a process that ended soon. */
static bool died_before_exec(pid_t pid, int start)
{
  int unread = 0;
  const int executed = proc_executed(pid);
  if (executed >= 0)
    return !executed;
  return ioctl(start, FIONREAD, &unread) == 0 && unread > 0;
}

static bool has_ended(int pidfd, int timeout_ms)
{
  struct pollfd end = { .fd = pidfd, .events = POLLIN };
  return poll(&end, 1, timeout_ms) > 0;
}

/* 1: end of file; 0: init sent an error, now in 'err'; -1: not yet. */
static int read_reply(int reply, struct error *err)
{
  char packet[sizeof(struct error)];
  ssize_t n;
  do
    n = read(reply, packet, sizeof packet); /* init's write is atomic: less than PIPE_BUF */
  while (n < 0 && errno == EINTR);
  if (n == 0)
    return 1;
  if (n < 0 && errno == EAGAIN)
    return -1;
  if (n < 0)
    error_set(err, ERROR_KERNEL, errno, "cannot read init's reply");
  else if (error_unpack(packet, (size_t)n, err) < 0)
    error_set(err, ERROR_INTERNAL, 0, "init sent a malformed error");
  return 0;
}

_Static_assert(sizeof(struct error) <= 4096, "an error is written to a pipe at once");

/* Until init has executed the process, or has failed. */
static int await_exec(const struct container_state *state, int start, int reply, int pidfd, struct error *err)
{
  for (;;) {
    struct pollfd fds[] = { { .fd = reply, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
    if (poll(fds, 2, -1) < 0) {
      if (errno == EINTR)
        continue;
      return error_set(err, ERROR_KERNEL, errno, "cannot wait for init");
    }
    const int got = read_reply(reply, err);
    if (got == 0) {
      (void)has_ended(pidfd, EXIT_TIMEOUT_MS); /* so that `state` says stopped from now on */
      return -1;
    }
    if (got < 0 && !has_ended(pidfd, 0))
      continue;
    if (got > 0 && !died_before_exec(state->pid, start))
      return 0;
    (void)has_ended(pidfd, EXIT_TIMEOUT_MS);
    return set_died(state, err);
  }
}

/* The filters that init has of whoever created the container, who may have more or fewer than we; its own
 * comes after the start byte. -1: it gets none. */
static int filters_before(const struct state_dir *dir, const struct container_state *state, int *before,
                          struct error *err)
{
  *before = -1;
  if (faccessat(dir->fd, STATE_FILTER, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
    return 0;
  *before = proc_seccomp_filters(state->pid);
  if (*before >= 0)
    return 0;
  if (errno == ENOENT || errno == ESRCH)
    return set_died(state, err);
  return error_set(err, ERROR_HOST, errno, "cannot read how many seccomp filters init has");
}

static int read_seccomp_back(const struct container_state *state, int before, int pidfd, struct error *err)
{
  if (before < 0 || check_filtered(state->pid, state->start_time, before, err) == 0)
    return 0;
  (void)sys_pidfd_send_signal(pidfd, SIGKILL);
  (void)has_ended(pidfd, EXIT_TIMEOUT_MS);
  return -1;
}

static int send_start(const struct state_dir *dir, const struct container_state *state, int pidfd,
                      struct error *err)
{
  /* This one first: an open end for reading makes sure that its closing is seen. */
  auto_close int reply = open_beneath(dir->fd, STATE_REPLY_FIFO, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (reply < 0)
    return error_set(err, ERROR_STATE, errno, "cannot open '" STATE_REPLY_FIFO "'");
  auto_close int start = open_beneath(dir->fd, STATE_START_FIFO, O_WRONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (start < 0 && errno == ENXIO)
    return set_died(state, err);
  if (start < 0)
    return error_set(err, ERROR_STATE, errno, "cannot open '" STATE_START_FIFO "'");
  /* Init may die at any time: with a reader of our own, writing raises no SIGPIPE. */
  auto_close int reader = open_beneath(dir->fd, STATE_START_FIFO, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (reader < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '" STATE_START_FIFO "' for reading");
  int before;
  if (filters_before(dir, state, &before, err) < 0)
    return -1;
  if (fd_write_all(start, "s", 1) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot tell init to go on");
  if (await_exec(state, reader, reply, pidfd, err) < 0)
    return -1;
  return read_seccomp_back(state, before, pidfd, err);
}

static int run_poststart(const struct state_dir *dir, const struct container_state *state,
                         struct arena *arena, struct error *err)
{
  struct hooks hooks;
  if (!state->has_poststart)
    return 0;
  if (hooks_load(dir, arena, &hooks, err) == 0
      && runtime_hooks(&hooks.poststart, "poststart", state, status_name(STATUS_RUNNING), state->pid, err)
             == 0)
    return 0;
  return error_in_step(err, POSTSTART_STEP);
}

/* The error's step is the name that the step has in the tables of create and of init. */
static bool is_of_a_hook(const struct error *err)
{
  return strcmp(err->step, "start-container-hooks") == 0 || strcmp(err->step, POSTSTART_STEP) == 0;
}

/* runtime.md, "Lifecycle": from 7 and 9 a failing hook leads to 12 and 13. Its failure is what to report. */
static void end_after_hook(struct hull *hull, const struct state_dir *dir,
                           const struct container_state *state, struct arena *arena)
{
  struct error err = { 0 };
  char text[2 * ERROR_TEXT_BYTES];
  if (container_destroy_with_hooks(hull, dir, state, arena, &err) == 0)
    return;
  (void)error_format(&err, text, sizeof text);
  log_warning("%s", text);
}

/* What a container that was created without NOTIFY_SOCKET says, nobody can hear. */
static int listen_to(struct hull *hull, const struct state_dir *dir, struct notify *notify, struct error *err)
{
  if (hull->notify_socket == NULL || !notify_has_directory(dir))
    return 0;
  return notify_open(notify, dir, hull->notify_socket, err);
}

static int start_locked(struct hull *hull, const struct state_dir *dir, const struct container_state *state,
                        struct arena *arena, struct notify *notify, struct error *err)
{
  auto_close int pidfd = -1;
  if (check_may_start(dir, state, err) < 0)
    return -1;
  const int alive = init_open(state, &pidfd, err);
  if (alive == 0)
    set_died(state, err);
  if (alive <= 0 || listen_to(hull, dir, notify, err) < 0 || send_start(dir, state, pidfd, err) < 0)
    return error_wrap(err, "cannot start container '%s'", state->id);
  /* Best effort: without a reader they mean nothing any more. */
  (void)unlinkat(dir->fd, STATE_START_FIFO, 0);
  (void)unlinkat(dir->fd, STATE_REPLY_FIFO, 0);
  if (run_poststart(dir, state, arena, err) < 0)
    return error_wrap(err, "cannot start container '%s'", state->id);
  return 0;
}

int container_start(struct hull *hull, const char *id, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  struct error trouble = { 0 };
  struct notify notify = NOTIFY_INIT;
  auto_close int pidfd = -1;
  int result = state_load_locked(hull, id, &arena, &dir, &state, &trouble);
  if (result == 0)
    result = start_locked(hull, &dir, &state, &arena, &notify, &trouble);
  if (result < 0 && is_of_a_hook(&trouble))
    end_after_hook(hull, &dir, &state, &arena);
  if (result < 0 && err != NULL)
    *err = trouble;
  state_dir_close(&dir); /* others may work on the container while it gets ready */
  if (result == 0 && notify.socket >= 0 && init_open(&state, &pidfd, NULL) > 0)
    notify_wait(&notify, &state, pidfd);
  notify_close(&notify);
  arena_release(&arena);
  return result;
}
