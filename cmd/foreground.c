/* SPDX-License-Identifier: Apache-2.0
 * One poll(2) loop over signals, the process, the terminal's master and our own standard streams. Nothing
 * here blocks but poll: a slow reader of our output holds up the container's output, not its signals. */
#include "cmd/foreground.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/words.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* A pipe that poll(2) calls writable takes this much without blocking (PIPE_BUF). */
#define CHUNK_BYTES 4096
/* More than the kernel keeps for a terminal (64 KiB): what the process wrote before its end is less. A
 * process that outlives it and goes on writing must not keep us. */
#define DRAIN_MAX_BYTES (128 << 10)
#define RETRY_MS 100

struct buffer {
  size_t start, end;
  char bytes[CHUNK_BYTES];
};

struct relay {
  int master;                     /* -1: no terminal, nothing to relay */
  int input, output;              /* -1: over */
  int own_output;                 /* 'output' if we opened it */
  int tty;                        /* the one of our streams that is a terminal, for its size; or -1 */
  bool raw;                       /* 'saved' is to be restored */
  bool retry_input, retry_master; /* nothing to be had now, and poll would not wait: look again later */
  char last_input;                /* the byte that went to the terminal last */
  size_t drained;
  struct termios saved;
  struct buffer to_container, to_host;
};

struct session {
  struct hull_process *process;
  int signals;
  int timer; /* -1: none */
  bool timed_out;
  bool ended, give_up;
  int status; /* exit status once ended */
  int signal;
  struct relay relay;
};

/* --- begin ---------------------------------------------------------------------------------------- */

static int find_tty(struct winsize *size)
{
  for (int fd = 0; fd < 3; fd++)
    if (ioctl(fd, TIOCGWINSZ, size) == 0)
      return fd;
  return -1;
}

int foreground_begin(struct foreground *foreground, enum foreground_kind kind, struct error *err)
{
  sigset_t all;
  struct winsize size = { 0 };
  int sockets[2];
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_BLOCK, &all, NULL);
  if (kind == FOREGROUND_SUBREAPER && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot become a subreaper");
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a socket pair");
  (void)find_tty(&size);
  *foreground = (struct foreground){
    .sender = sockets[0], .receiver = sockets[1], .rows = size.ws_row, .columns = size.ws_col
  };
  return 0;
}

/* --- our terminal and the container's ------------------------------------------------------------- */

static void resize(const struct relay *r)
{
  struct winsize size;
  if (r->master >= 0 && r->tty >= 0 && ioctl(r->tty, TIOCGWINSZ, &size) == 0)
    (void)ioctl(r->master, TIOCSWINSZ, &size);
}

/* A shell's background job must leave the terminal alone. A terminal that does not control us has no such
 * groups. */
static bool in_background(void)
{
  pid_t group = tcgetpgrp(STDIN_FILENO);
  return group > 0 && group != getpgrp();
}

/* The container's terminal does the line editing, echo and signal keys, ours none. Output processing of
 * ours stays: the container's line feeds come without carriage returns. */
static void make_raw(struct relay *r)
{
  if (in_background() || (!r->raw && tcgetattr(STDIN_FILENO, &r->saved) < 0))
    return;
  struct termios raw = r->saved;
  cfmakeraw(&raw);
  raw.c_oflag = r->saved.c_oflag | OPOST;
  r->raw |= tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void clear_onlcr(int master)
{
  struct termios t;
  if (tcgetattr(master, &t) < 0 || !(t.c_oflag & ONLCR))
    return;
  t.c_oflag &= ~(tcflag_t)ONLCR;
  (void)tcsetattr(master, TCSANOW, &t);
}

/* A write to a terminal may block although poll(2) said it would not. O_NONBLOCK on our descriptor would hit
 * everybody who shares it; a new open file does not. */
static int open_output(struct relay *r)
{
  if (isatty(STDOUT_FILENO))
    r->own_output = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return r->own_output >= 0 ? r->own_output : STDOUT_FILENO;
}

/* The master was sent before the library returned; nothing there means no terminal. */
static int receive_master(int sender, int *master, struct error *err)
{
  struct pollfd ready = { .fd = sender, .events = POLLIN };
  int fds[FD_PASSING_MAX];
  size_t count = 0;
  char name[CHUNK_BYTES];
  *master = -1;
  if (poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLIN))
    return 0;
  if (fds_receive(sender, name, sizeof name, fds, &count, NULL, err) < 0)
    return error_wrap(err, "cannot get the terminal");
  if (count > 0)
    *master = fds[0];
  while (count > 1)
    fd_close(&fds[--count]);
  return 0;
}

static void relay_begin(struct relay *r)
{
  struct winsize size;
  (void)fcntl(r->master, F_SETFL, O_RDWR | O_NONBLOCK);
  clear_onlcr(r->master);
  r->input = STDIN_FILENO;
  r->output = open_output(r);
  r->tty = find_tty(&size);
  resize(r);
  make_raw(r);
}

static void relay_end(struct relay *r)
{
  if (r->raw && !in_background())
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &r->saved);
  fd_close(&r->own_output);
  fd_close(&r->master);
}

/* --- bytes ---------------------------------------------------------------------------------------- */

static bool is_empty(const struct buffer *b)
{
  return b->start == b->end;
}

static void clear(struct buffer *b)
{
  b->start = b->end = 0;
}

static ssize_t fill(struct buffer *b, int fd)
{
  ssize_t n = read(fd, b->bytes, sizeof b->bytes);
  b->start = 0;
  b->end = n > 0 ? (size_t)n : 0;
  return n;
}

/* False if the other side is gone: then the bytes are too. */
static bool flush(struct buffer *b, int fd)
{
  ssize_t n = write(fd, b->bytes + b->start, b->end - b->start);
  if (n > 0)
    b->start += (size_t)n;
  if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
    return true;
  clear(b);
  return false;
}

/* Our input is over: type what means that on a terminal; a second time if the first only ends a line. */
static void type_end_of_file(struct relay *r)
{
  struct termios t;
  struct buffer *b = &r->to_container;
  r->input = -1;
  clear(b);
  if (tcgetattr(r->master, &t) < 0 || t.c_cc[VEOF] == _POSIX_VDISABLE)
    return;
  if (r->last_input && r->last_input != '\n' && r->last_input != '\r')
    b->bytes[b->end++] = (char)t.c_cc[VEOF];
  b->bytes[b->end++] = (char)t.c_cc[VEOF];
}

static void read_input(struct relay *r)
{
  ssize_t n = fill(&r->to_container, r->input);
  if (n > 0)
    r->last_input = r->to_container.bytes[n - 1];
  else if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == EIO))
    r->retry_input = true; /* EIO: we are in the background of our terminal, where SIGTTIN is blocked */
  else
    type_end_of_file(r);
}

/* Returns the number of bytes. EIO: nobody has the terminal open, for now if the process lives. */
static size_t read_master(struct relay *r)
{
  ssize_t n = fill(&r->to_host, r->master);
  if (n <= 0)
    r->retry_master = n == 0 || errno != EAGAIN;
  if (r->output < 0)
    clear(&r->to_host);
  return n > 0 ? (size_t)n : 0;
}

/* --- events --------------------------------------------------------------------------------------- */

static void set_status(struct session *s, int status)
{
  s->ended = true;
  s->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  s->status = WIFSIGNALED(status) ? EXIT_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static void reap_all(struct session *s)
{
  pid_t pid;
  int status;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    if (pid == s->process->pid)
      set_status(s, status);
}

static int reap_process(struct session *s, struct error *err)
{
  int status;
  if (s->ended)
    return 0;
  if (waitpid(s->process->pid, &status, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot wait for process %d", (int)s->process->pid);
  set_status(s, status);
  return 0;
}

static void forward(struct session *s, const struct signalfd_siginfo *info)
{
  int number = (int)info->ssi_signo;
  if (!s->ended)
    (void)sys_pidfd_send_signal(s->process->pidfd, number); /* it may have ended meanwhile */
  else if (number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT)
    s->give_up = true; /* nobody reads our output */
}

static void on_signal(struct session *s, const struct signalfd_siginfo *info)
{
  switch (info->ssi_signo) {
  case SIGCHLD:
    reap_all(s);
    return;
  case SIGWINCH:
    resize(&s->relay);
    return;
  case SIGURG:
    return;
  case SIGPIPE:
    if (info->ssi_pid == (uint32_t)getpid())
      return; /* of our own writing */
    break;
  case SIGCONT:
    /* Whoever had the terminal while we were stopped, or in the background, has set it up for themselves. */
    if (s->relay.master >= 0)
      make_raw(&s->relay);
    resize(&s->relay);
    break;
  }
  forward(s, info);
}

static void read_signals(struct session *s)
{
  struct signalfd_siginfo infos[4];
  ssize_t n = read(s->signals, infos, sizeof infos);
  for (size_t i = 0; n > 0 && i < (size_t)n / sizeof *infos; i++)
    on_signal(s, &infos[i]);
}

/* --- loop ----------------------------------------------------------------------------------------- */

enum { SIGNALS, PROCESS, TIMER, MASTER, INPUT, OUTPUT, EVENTS };

/* What cannot be used now is left out: poll(2) reports hang-ups whether asked for or not, and would spin. */
static void choose_events(const struct session *s, struct pollfd *events)
{
  const struct relay *r = &s->relay;
  bool relays = r->master >= 0 && !s->ended;
  bool read_master_now = relays && is_empty(&r->to_host) && !r->retry_master;
  bool write_master_now = relays && !is_empty(&r->to_container);
  bool read_input_now = relays && is_empty(&r->to_container) && !r->retry_input;
  for (int i = 0; i < EVENTS; i++)
    events[i] = (struct pollfd){ .fd = -1, .events = i == OUTPUT ? POLLOUT : POLLIN };
  events[SIGNALS].fd = s->signals;
  events[PROCESS].fd = s->ended ? -1 : s->process->pidfd;
  events[TIMER].fd = s->ended || s->timed_out ? -1 : s->timer;
  if (read_master_now || write_master_now)
    events[MASTER].fd = r->master;
  events[MASTER].events = (short)((read_master_now ? POLLIN : 0) | (write_master_now ? POLLOUT : 0));
  if (read_input_now)
    events[INPUT].fd = r->input;
  if (!is_empty(&r->to_host))
    events[OUTPUT].fd = r->output;
}

static void relay_bytes(struct relay *r, const struct pollfd *events)
{
  if (events[OUTPUT].revents && !flush(&r->to_host, r->output))
    r->output = -1; /* the reader is gone: go on reading so that the container does not stop */
  if (events[INPUT].revents)
    read_input(r);
  if (events[MASTER].revents & (POLLOUT | POLLERR | POLLHUP) && !is_empty(&r->to_container))
    (void)flush(&r->to_container, r->master);
  if (events[MASTER].revents & (POLLIN | POLLERR | POLLHUP) && events[MASTER].events & POLLIN)
    (void)read_master(r);
}

static int poll_once(struct session *s, struct error *err)
{
  struct relay *r = &s->relay;
  struct pollfd events[EVENTS];
  choose_events(s, events);
  bool retry = r->retry_input || r->retry_master;
  r->retry_input = r->retry_master = false;
  if (poll(events, EVENTS, retry && !s->ended ? RETRY_MS : -1) < 0 && errno != EINTR)
    return error_set(err, ERROR_KERNEL, errno, "cannot wait for process %d", (int)s->process->pid);
  relay_bytes(r, events);
  if (events[SIGNALS].revents)
    read_signals(s);
  if (events[TIMER].revents && !s->ended) {
    s->timed_out = true;
    (void)sys_pidfd_send_signal(s->process->pidfd, SIGKILL);
  }
  return events[PROCESS].revents ? reap_process(s, err) : 0;
}

/* Once the process has ended, what it wrote is there to be read: the kernel moves it on before it says
 * EAGAIN. */
static bool output_left(struct session *s)
{
  struct relay *r = &s->relay;
  if (r->master < 0 || r->output < 0 || s->give_up)
    return false;
  if (is_empty(&r->to_host) && r->drained < DRAIN_MAX_BYTES)
    r->drained += read_master(r);
  return !is_empty(&r->to_host);
}

static int session_begin(struct session *s, struct foreground *foreground, struct error *err)
{
  sigset_t all;
  (void)sigfillset(&all);
  s->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (s->signals < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a signalfd");
  if (s->process->pidfd < 0)
    s->process->pidfd = sys_pidfd_open(s->process->pid, 0);
  if (s->process->pidfd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open process %d", (int)s->process->pid);
  if (receive_master(foreground->sender, &s->relay.master, err) < 0)
    return -1;
  if (s->relay.master >= 0)
    relay_begin(&s->relay);
  return 0;
}

static int start_timer(struct session *s, uint64_t timeout_ns, struct error *err)
{
  const struct itimerspec at = { .it_value = { .tv_sec = (time_t)(timeout_ns / 1000000000u),
                                               .tv_nsec = (long)(timeout_ns % 1000000000u) } };
  if (timeout_ns == 0)
    return 0;
  s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  if (s->timer < 0 || timerfd_settime(s->timer, 0, &at, NULL) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot start a timer");
  return 0;
}

static int session_run(struct session *s, struct error *err)
{
  while (!s->ended || output_left(s))
    if (poll_once(s, err) < 0)
      return -1;
  return s->status;
}

int foreground_wait(struct foreground *foreground, struct hull_process *process, struct error *err)
{
  struct session s; /* the buffers stay untouched until used */
  memset(&s, 0, offsetof(struct session, relay.to_container));
  clear(&s.relay.to_container);
  clear(&s.relay.to_host);
  s.process = process;
  s.relay.master = s.relay.own_output = s.relay.tty = s.signals = s.timer = -1;
  fd_close(&foreground->receiver);

  int status = session_begin(&s, foreground, err);
  if (status == 0)
    status = start_timer(&s, foreground->timeout_ns, err);
  if (status == 0)
    status = session_run(&s, err);
  foreground->signal = s.signal;
  foreground->timed_out = s.timed_out;
  fd_close(&s.timer);
  relay_end(&s.relay);
  fd_close(&s.signals);
  fd_close(&foreground->sender);
  fd_close(&process->pidfd);
  return status;
}
