/* SPDX-License-Identifier: Apache-2.0
 * Runs hull-systemd. It is a program of its own because libsystemd would cost every start of hull more than a
 * millisecond, and hull is static. It never enters a container. It gets a socket as its standard input, and
 * of the environment only where the bus is. */
#include "cgroups/systemd_call.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "hull-systemd"
#define TIMEOUT_MS 120000 /* above all that the program itself waits for, which it can explain */
#define READ_BYTES 4096

/* Where the bus is, what tests want, and what the sanitizers read. */
static const char *const environment_names[] = {
  "DBUS_SESSION_BUS_ADDRESS",
  "DBUS_SYSTEM_BUS_ADDRESS",
  "XDG_RUNTIME_DIR",
  "HULL_FAULT",
  "ASAN_OPTIONS",
  "UBSAN_OPTIONS",
};
#define ENVIRONMENT_COUNT (sizeof environment_names / sizeof *environment_names)

static int64_t now_ms(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Security: secure_getenv, as who runs hull with a privilege that he lacks must not choose what it runs. */
static const char *program_path(struct arena *arena)
{
  const char *dir = secure_getenv("HULL_LIBEXECDIR");
  return arena_printf(arena, "%s/" PROGRAM, dir && *dir == '/' ? dir : HULL_LIBEXECDIR);
}

static int refuse_program(const char *path, int errnum, struct error *err)
{
  return error_set(err, ERROR_HOST, errnum,
                   "the systemd cgroup driver needs '%s', which can't be run (HULL_LIBEXECDIR in the "
                   "environment names another directory)",
                   path);
}

int unit_program_check(struct error *err)
{
  struct arena arena = ARENA_INIT;
  const char *path = program_path(&arena);
  int result = access(path, X_OK) < 0 ? refuse_program(path, errno, err) : 0;
  arena_release(&arena);
  return result;
}

struct start {
  const char *path;
  char *argv[2];
  char *environment[ENVIRONMENT_COUNT + 1];
};

static void prepare(struct arena *arena, struct start *start)
{
  size_t count = 0;
  *start = (struct start){ .path = program_path(arena), .argv = { arena_strdup(arena, PROGRAM), NULL } };
  for (size_t i = 0; i < ENVIRONMENT_COUNT; i++) {
    const char *value = secure_getenv(environment_names[i]);
    if (value)
      start->environment[count++] = arena_printf(arena, "%s=%s", environment_names[i], value);
  }
}

/* In the new process. A failure is the exit status. */
__attribute__((noreturn)) static void become_program(const struct start *start, int socket)
{
  sigset_t none;
  sigemptyset(&none);
  for (int signal = 1; signal < NSIG; signal++)
    (void)sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL); /* all but KILL and STOP */
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  if (dup3(socket, 0, 0) == 0 && dup3(2, 1, 0) == 1 && sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
    (void)execve(start->path, start->argv, start->environment);
  _exit(errno);
}

static int start_program(const struct start *start, struct unit_keeper *program, struct error *err)
{
  int pair[2];
  struct clone_args args = { .exit_signal = SIGCHLD };
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make sockets");
  program->pid = sys_clone3(&args, sizeof args);
  if (program->pid == 0)
    become_program(start, pair[1]);
  int errnum = errno;
  fd_close(&pair[1]);
  program->socket = pair[0];
  if (program->pid > 0)
    return 0;
  fd_close(&program->socket);
  program->pid = 0;
  return error_set(err, ERROR_KERNEL, errnum, "cannot start '%s'", start->path);
}

static int wait_for_end(struct unit_keeper *program)
{
  int status = 0;
  fd_close(&program->socket);
  while (waitpid(program->pid, &status, __WALL) < 0 && errno == EINTR)
    ;
  program->pid = 0;
  return status;
}

void unit_keeper_end(struct unit_keeper *keeper)
{
  if (keeper->pid > 0)
    (void)wait_for_end(keeper);
}

/* A program that ends early may have said why. */
static void send_text(int socket, const struct text *message)
{
  for (size_t sent = 0; sent < message->length;) {
    ssize_t n = send(socket, message->data + sent, message->length - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR)
      return;
    sent += n > 0 ? (size_t)n : 0;
  }
}

static bool is_whole(const struct text *message)
{
  return message->length > 0 && text_ends_with(message->data, UNIT_MESSAGE_END);
}

/* 1: a whole message; 0: it has ended, or sends what is none; -1: time is up. */
static int receive_text(int socket, struct text *message)
{
  char chunk[READ_BYTES];
  for (int64_t deadline = now_ms() + TIMEOUT_MS;;) {
    struct pollfd p = { .fd = socket, .events = POLLIN };
    int64_t left = deadline - now_ms();
    if (left <= 0)
      return -1;
    if (poll(&p, 1, (int)left) <= 0)
      continue;
    ssize_t n = recv(socket, chunk, sizeof chunk, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0 || memchr(chunk, '\0', (size_t)n) || message->length + (size_t)n > UNIT_MESSAGE_MAX_BYTES)
      return 0;
    text_add_bytes(message, chunk, (size_t)n);
    if (is_whole(message))
      return 1;
  }
}

static int tell_end(const struct start *start, struct unit_keeper *program, struct error *err)
{
  int status = wait_for_end(program);
  if (WIFSIGNALED(status))
    return error_set(err, ERROR_HOST, 0, "'%s' was killed by signal %d", start->path, WTERMSIG(status));
  return refuse_program(start->path, WEXITSTATUS(status) < 127 ? WEXITSTATUS(status) : 0, err);
}

static int converse(struct arena *arena, const struct start *start, const struct unit_request *request,
                    struct unit_keeper *program, struct unit_reply *reply, struct error *err)
{
  struct text question, answer;
  text_init(&question, arena);
  text_init(&answer, arena);
  unit_request_write(request, &question);
  if (question.length > UNIT_MESSAGE_MAX_BYTES)
    return error_set(err, ERROR_CONFIG, 0, "there are too many properties for systemd");
  send_text(program->socket, &question);
  int got = receive_text(program->socket, &answer);
  if (got > 0)
    return unit_reply_read(arena, text_string(&answer), reply, err);
  if (got == 0)
    return tell_end(start, program, err);
  (void)kill(program->pid, SIGKILL); /* our child, not waited for yet */
  return error_set(err, ERROR_HOST, ETIMEDOUT, "'%s' has not answered for %d s", start->path,
                   TIMEOUT_MS / 1000);
}

int unit_call(struct arena *arena, const struct unit_request *request, struct unit_reply *reply,
              struct unit_keeper *keeper, struct error *err)
{
  struct start start;
  struct unit_keeper program = { .pid = 0, .socket = -1 };
  prepare(arena, &start);
  if (start_program(&start, &program, err) < 0)
    return -1;
  int result = converse(arena, &start, request, &program, reply, err);
  if (result == 0 && !reply->failed && keeper)
    *keeper = program;
  else
    unit_keeper_end(&program);
  return result;
}
