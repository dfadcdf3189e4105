/* SPDX-License-Identifier: Apache-2.0
 * Runs hooks: clone, feed, collect, wait or kill. */
#include "libcontainer/init/hook_run.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/refusal.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/init/explain_exec.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_BYTES 512 /* the end of what the hook printed: errors come last */
#define HOOK_EXEC_FAILED 127

struct running_hook {
  const struct hook *hook;
  const struct hook_run *run;
  size_t index;
  pid_t pid;
  int pidfd, input, output;
  size_t sent;
  char text[OUTPUT_BYTES + 1];
  size_t length;
  int64_t start_ms;
};

static int64_t now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void explain_hook(const char *path, struct error *err)
{
  const int errnum = errno;
  char why[320] = "";
  if (errnum == EACCES && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
    (void)refusal_explain(AT_FDCWD, path, X_OK, why, sizeof why);
  else if (errnum == ENOENT || errnum == ENOEXEC || errnum == EACCES)
    explain_exec(path, why, sizeof why);
  error_set(err, ERROR_CONFIG, errnum, "cannot run '%s'%s%s", path, *why != '\0' ? ": " : "", why);
}

/* In the hook's process. What goes wrong here is printed, and so becomes part of the hook's output. */
__attribute__((noreturn)) static void become_hook(const struct running_hook *h, int input, int output)
{
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES];
  char *const no_arguments[] = { h->hook->path, NULL };
  const int *outputs = h->run->outputs;
  const int out = outputs != NULL && outputs[0] >= 0 ? outputs[0] : output;
  const int error = outputs != NULL && outputs[1] >= 0 ? outputs[1] : output;
  char **environment = h->hook->env.count > 0 ? h->hook->env.items : h->run->environment;
  sigset_t none;
  sigemptyset(&none);
  (void)setpgid(0, 0); /* so that a time-out reaches what the hook started */
  for (int signal = 1; signal < NSIG; signal++)
    (void)sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL); /* all but KILL and STOP */
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  if (dup3(input, 0, 0) < 0 || dup3(out, 1, 0) < 0 || dup3(error, 2, 0) < 0
      || sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
    error_set(&err, ERROR_KERNEL, errno, "cannot set up its descriptors");
  else if (h->run->prepare == NULL || h->run->prepare(h->run->data, &err) == 0) {
    execve(h->hook->path, h->hook->args.count > 0 ? h->hook->args.items : no_arguments, environment);
    explain_hook(h->hook->path, &err);
  }
  error_format(&err, text, sizeof text);
  (void)fd_write_all(2, text, strlen(text));
  _exit(HOOK_EXEC_FAILED);
}

static int start_hook(struct running_hook *h, struct error *err)
{
  int in[2] = { -1, -1 }, out[2] = { -1, -1 };
  struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&h->pidfd, .exit_signal = SIGCHLD };
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || fcntl(in[1], F_SETFL, O_NONBLOCK) < 0
      || fcntl(out[0], F_SETFL, O_NONBLOCK) < 0)
    error_set(err, ERROR_KERNEL, errno, "cannot make pipes");
  else if ((h->pid = sys_clone3(&args, sizeof args)) < 0)
    error_set(err, ERROR_KERNEL, errno, "cannot fork");
  else if (h->pid == 0)
    become_hook(h, in[0], out[1]);
  h->input = take_fd(&in[1]);
  h->output = take_fd(&out[0]);
  fd_close(&in[0]);
  fd_close(&out[1]);
  return h->pid > 0 ? 0 : -1;
}

/* SIGPIPE is blocked while we write: a hook that closes its stdin early is no error. */
static void feed(struct running_hook *h)
{
  const size_t total = strlen(h->run->state);
  const ssize_t n = write(h->input, h->run->state + h->sent, total - h->sent);
  if (n > 0)
    h->sent += (size_t)n;
  if (h->sent == total || (n < 0 && errno != EAGAIN && errno != EINTR))
    fd_close(&h->input);
}

/* Keeps the last OUTPUT_BYTES. */
static void collect(struct running_hook *h)
{
  char chunk[OUTPUT_BYTES];
  ssize_t n;
  while ((n = read(h->output, chunk, sizeof chunk)) > 0) {
    const size_t fresh = (size_t)n;
    const size_t keep = h->length + fresh > OUTPUT_BYTES ? OUTPUT_BYTES - fresh : h->length;
    memmove(h->text, h->text + (h->length - keep), keep);
    memcpy(h->text + keep, chunk, fresh);
    h->length = keep + fresh;
  }
  if (n == 0)
    fd_close(&h->output);
}

/* Until the hook ends: 0, or -1 on time-out. Somebody whom it left behind may hold its output open; we do not
 * wait. */
static int attend(struct running_hook *h)
{
  const int64_t limit = h->hook->timeout.set ? h->start_ms + h->hook->timeout.value * 1000 : INT64_MAX;
  for (;;) {
    struct pollfd fds[] = { { .fd = h->pidfd, .events = POLLIN },
                            { .fd = h->input, .events = POLLOUT },
                            { .fd = h->output, .events = POLLIN } };
    const int64_t left = limit - now_ms();
    if (left <= 0)
      return -1;
    const int n = poll(fds, 3, limit == INT64_MAX ? -1 : left > 3600000 ? 3600000 : (int)left);
    if (n < 0 && errno != EINTR)
      return -1;
    if (n <= 0)
      continue;
    if (fds[1].revents != 0)
      feed(h);
    if (fds[2].revents != 0)
      collect(h);
    if (fds[0].revents != 0) {
      if (h->output >= 0)
        collect(h);
      return 0;
    }
  }
}

/* " (args: NAME ARG...)"; the first ones, if they are long. */
static const char *say_args(const struct hook *hook, char *buffer, size_t size)
{
  size_t used = 0;
  buffer[0] = '\0';
  for (size_t i = 0; i < hook->args.count && hook->args.items[i] != NULL; i++) {
    const int n =
        snprintf(buffer + used, size - used, "%s%s", i == 0 ? " (args: " : " ", hook->args.items[i]);
    used += n > 0 ? (size_t)n : 0;
    if (used + 5 >= size) {
      (void)snprintf(buffer + size - 5, 5, "...)");
      return buffer;
    }
  }
  if (used > 0)
    (void)snprintf(buffer + used, size - used, ")");
  return buffer;
}

static int fail(const struct running_hook *h, struct error *err, const char *what)
{
  char args[160];
  size_t length = h->length;
  while (length > 0 && (h->text[length - 1] == '\n' || h->text[length - 1] == ' '))
    length--;
  return error_set(err, ERROR_CONFIG, 0, "%s hook #%zu '%s' %s%s, %s%.*s", h->run->kind, h->index,
                   h->hook->path, what, say_args(h->hook, args, sizeof args),
                   length > 0 ? "output: " : "no output", (int)length, h->text);
}

static int judge(struct running_hook *h, bool timed_out, int status, struct error *err)
{
  char what[96];
  if (timed_out)
    snprintf(what, sizeof what, "failed: hook ran past specified timeout of %lld s",
             (long long)h->hook->timeout.value);
  else if (WIFSIGNALED(status))
    snprintf(what, sizeof what, "was killed by signal %d (SIG%s) after %lld ms", WTERMSIG(status),
             sigabbrev_np(WTERMSIG(status)) ?: "?", (long long)(now_ms() - h->start_ms));
  else if (WEXITSTATUS(status) != 0)
    snprintf(what, sizeof what, "failed with exit status %d after %lld ms", WEXITSTATUS(status),
             (long long)(now_ms() - h->start_ms));
  else
    return 0;
  return fail(h, err, what);
}

static int run_one(struct running_hook *h, struct error *err)
{
  int status = 0;
  h->start_ms = now_ms();
  if (start_hook(h, err) < 0)
    return error_wrap(err, "cannot start %s hook #%zu '%s'", h->run->kind, h->index, h->hook->path);
  const bool timed_out = attend(h) < 0;
  if (timed_out) {
    (void)kill(-h->pid, SIGKILL); /* its group; ESRCH if it has not made one yet */
    (void)sys_pidfd_send_signal(h->pidfd, SIGKILL);
  }
  while (waitpid(h->pid, &status, __WALL) < 0 && errno == EINTR)
    ;
  return judge(h, timed_out, status, err);
}

int hooks_run(const hook_list *hooks, const struct hook_run *run, struct error *err)
{
  const struct hook *hook;
  sigset_t pipe_signal, old;
  int result = 0;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  if (hooks->count == 0)
    return 0;
  if (sigprocmask(SIG_BLOCK, &pipe_signal, &old) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot block SIGPIPE");
  vec_each (hooks, hook) {
    struct running_hook h = { .hook = hook,
                              .run = run,
                              .index = vec_index(hooks, hook),
                              .pid = -1,
                              .pidfd = -1,
                              .input = -1,
                              .output = -1 };
    result = run_one(&h, err);
    fd_close(&h.pidfd);
    fd_close(&h.input);
    fd_close(&h.output);
    if (result < 0)
      break;
  }
  /* A pending SIGPIPE of ours must not strike when it is unblocked. */
  const struct timespec none = { 0, 0 };
  if (!sigismember(&old, SIGPIPE))
    while (sigtimedwait(&pipe_signal, NULL, &none) == SIGPIPE)
      ;
  (void)sigprocmask(SIG_SETMASK, &old, NULL); /* restores what was valid before */
  return result;
}
