/* SPDX-License-Identifier: Apache-2.0
 * The proxy between a container's sd_notify(3) and the service manager's NOTIFY_SOCKET, as runc has it: one
 * READY=1 goes through, with the pid as it is out here.
 * Security: what is sent to the host is written here, never copied; datagrams of the container are read into
 * a buffer of a fixed size, their descriptors are dropped unseen by the kernel. */
#include "libcontainer/runtime/notify.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATAGRAM_BYTES 4096 /* more is nothing that sd_notify would send before it is ready */
#define BARRIER_TIMEOUT_MS 30000
#define FINISH_TIMEOUT_MS                                                                                    \
  5000 /* the container has ended: all that it said is here, and the service manager may be slow */
#define STATUS_BYTES 8192
#define TREE_DEPTH 16

/* --- directory ------------------------------------------------------------------------------------------ */

/* "/PATH" or "@NAME" (abstract); the length of the address, or 0. */
static socklen_t host_address(const char *text, struct sockaddr_un *address)
{
  const size_t length = strlen(text);
  if ((text[0] != '/' && text[0] != '@') || length < 2 || length >= sizeof address->sun_path)
    return 0;
  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  memcpy(address->sun_path, text, length);
  if (text[0] == '/')
    return sizeof *address;
  address->sun_path[0] = '\0';
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

int notify_make_directory(const struct state_dir *dir, const char *address, struct error *err)
{
  struct sockaddr_un host;
  if (host_address(address, &host) == 0)
    return error_set(err, ERROR_USAGE, 0,
                     "NOTIFY_SOCKET '%s': expected '/PATH' or '@NAME', at most %zu bytes", address,
                     sizeof host.sun_path - 1);
  if (mkdirat(dir->fd, STATE_NOTIFY, 0755) < 0 || fchmodat(dir->fd, STATE_NOTIFY, 0755, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make '" STATE_NOTIFY "' in the state directory");
  return 0;
}

bool notify_has_directory(const struct state_dir *dir)
{
  return faccessat(dir->fd, STATE_NOTIFY, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void empty_directory(int fd, int depth);

static void remove_entry(int dir, const char *name, int depth)
{
  if (unlinkat(dir, name, 0) == 0 || (errno != EISDIR && errno != EPERM) || depth == 0)
    return;
  const int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0)
    empty_directory(fd, depth - 1);
  (void)unlinkat(dir, name, AT_REMOVEDIR); /* what stays makes removing the state directory fail */
}

/* Takes 'fd' over. */
static void empty_directory(int fd, int depth)
{
  DIR *stream = fdopendir(fd);
  const struct dirent *entry;
  if (stream == NULL) {
    fd_close(&fd);
    return;
  }
  while ((entry = readdir(stream)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      remove_entry(dirfd(stream), entry->d_name, depth);
  closedir(stream);
}

/* A privileged container may have made its view of the directory writable, and must not be able to keep
 * itself from being deleted. */
void notify_remove_directory(int state_dir)
{
  remove_entry(state_dir, STATE_NOTIFY, TREE_DEPTH);
}

/* --- sockets -------------------------------------------------------------------------------------------- */

static int listen_in(int dir, struct error *err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  /* The state root may be longer than sun_path. */
  (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" NOTIFY_SOCKET_NAME, dir);
  (void)unlinkat(dir, NOTIFY_SOCKET_NAME, 0); /* of a start that failed */
  if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0
      || fchmodat(dir, NOTIFY_SOCKET_NAME, 0777, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make the container's notify socket");
  return take_fd(&fd);
}

static int connect_host(const char *text, struct error *err)
{
  struct sockaddr_un address;
  const socklen_t length = host_address(text, &address);
  auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (length == 0)
    errno = EINVAL;
  if (fd < 0 || length == 0 || connect(fd, (const struct sockaddr *)&address, length) < 0)
    return error_set(err, ERROR_HOST, errno, "cannot connect to NOTIFY_SOCKET '%s'", text);
  return take_fd(&fd);
}

int notify_open(struct notify *notify, const struct state_dir *dir, const char *address, struct error *err)
{
  auto_close int directory = open_beneath(dir->fd, STATE_NOTIFY, O_RDONLY | O_DIRECTORY, 0);
  if (directory < 0)
    return error_set(err, ERROR_STATE, errno, "cannot open '" STATE_NOTIFY "' in the state directory");
  notify->host = connect_host(address, err);
  if (notify->host < 0)
    return -1;
  notify->socket = listen_in(directory, err);
  return notify->socket < 0 ? -1 : 0;
}

void notify_close(struct notify *notify)
{
  fd_close(&notify->socket);
  fd_close(&notify->host);
}

/* --- what the container says ---------------------------------------------------------------------------- */

struct said {
  bool ready;
  pid_t main_pid; /* in the container; 0: it did not say */
};

static void take_line(const char *line, size_t length, struct said *said)
{
  static const char main_pid[] = "MAINPID=";
  char number[16];
  uint64_t pid;
  if (length == 7 && memcmp(line, "READY=1", 7) == 0)
    said->ready = true;
  const size_t digits = length - (sizeof main_pid - 1);
  if (length < sizeof main_pid || digits >= sizeof number || memcmp(line, main_pid, sizeof main_pid - 1) != 0)
    return;
  memcpy(number, line + sizeof main_pid - 1, digits);
  number[digits] = '\0';
  if (parse_u64(number, INT32_MAX, &pid) == 0)
    said->main_pid = (pid_t)pid;
}

/* A datagram that is too long, or no text, is dropped whole. Descriptors (BARRIER=1 has one) are closed as
 * there is no room for them: that is the answer to a barrier, since all before it was taken. */
static void take_datagram(int socket, struct said *said)
{
  char text[DATAGRAM_BYTES];
  struct iovec iov = { .iov_base = text, .iov_len = sizeof text };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
  const ssize_t n = recvmsg(socket, &message, MSG_DONTWAIT);
  if (n <= 0 || (message.msg_flags & MSG_TRUNC) || memchr(text, '\0', (size_t)n) != NULL)
    return;
  for (size_t start = 0, end; start < (size_t)n; start = end + 1) {
    const char *newline = memchr(text + start, '\n', (size_t)n - start);
    end = newline != NULL ? (size_t)(newline - text) : (size_t)n;
    take_line(text + start, end - start, said);
  }
}

/* --- pids ----------------------------------------------------------------------------------------------- */

/* What process 'pid' of ours is called in its own pid namespace, which *ns tells; 0: can't tell. */
static uint64_t innermost_pid(pid_t pid, ino_t *ns)
{
  char status[STATUS_BYTES];
  struct error ignored = { 0 };
  struct stat st;
  uint64_t inner;
  auto_close int dir = proc_pid_dir(pid, &ignored);
  if (dir < 0 || fstatat(dir, "ns/pid", &st, 0) < 0
      || file_read_small(dir, "status", status, sizeof status) < 0)
    return 0;
  *ns = st.st_ino;
  char *line = strstr(status, "\nNSpid:");
  if (line == NULL)
    return 0;
  line++;
  line[strcspn(line, "\n")] = '\0';
  const char *last = strrchr(line, '\t');
  return last != NULL && parse_u64(last + 1, INT32_MAX, &inner) == 0 ? inner : 0;
}

static pid_t find_pid(const struct container_state *state, const cgroup_pid_list *pids, pid_t wanted)
{
  ino_t own, other;
  pid_t *pid;
  if (innermost_pid(state->pid, &own) == 0)
    return state->pid;
  vec_each (pids, pid)
    if (innermost_pid(*pid, &other) == (uint64_t)wanted && other == own)
      return *pid;
  return state->pid;
}

/* Security: only processes in the container's cgroup and of init's own pid namespace can be named; otherwise,
 * as with runc, it is init that is to be watched. */
static pid_t host_pid(const struct container_state *state, pid_t wanted)
{
  struct arena arena = ARENA_INIT;
  struct cgroup cgroup;
  struct error ignored = { 0 };
  cgroup_pid_list pids = { 0 };
  pid_t found = state->pid;
  if (wanted == 0 || state->cgroup.manager == CGROUP_DISABLED)
    return found;
  if (cgroup_find_and_open(&state->cgroup, &cgroup, &ignored) == 0
      && cgroup_pids(&arena, &cgroup, true, &pids, &ignored) == 0)
    found = find_pid(state, &pids, wanted);
  cgroup_close(&cgroup);
  arena_release(&arena);
  return found;
}

/* --- what the host is told ------------------------------------------------------------------------------ */

/* sd_notify_barrier(3): the service manager closes the pipe when it has taken what was sent before, and only
 * then may we, whom it may know by our pid, go. */
static int wait_at_barrier(int host, struct error *err)
{
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a pipe");
  auto_close int ours = pipe_ends[0];
  auto_close int theirs = pipe_ends[1];
  if (fds_send(host, "BARRIER=1", strlen("BARRIER=1"), &theirs, 1, err) < 0)
    return -1;
  fd_close(&theirs);
  struct pollfd closed = { .fd = ours, .events = 0 };
  int n;
  do
    n = poll(&closed, 1, BARRIER_TIMEOUT_MS);
  while (n < 0 && errno == EINTR);
  if (n == 0)
    log_warning("the service manager did not answer BARRIER=1 in %d s", BARRIER_TIMEOUT_MS / 1000);
  return 0;
}

static int tell_host(const struct notify *notify, const struct container_state *state,
                     const struct said *said, struct error *err)
{
  char line[32];
  const int n = snprintf(line, sizeof line, "MAINPID=%d\n", (int)host_pid(state, said->main_pid));
  if (fds_send(notify->host, "READY=1\n", strlen("READY=1\n"), NULL, 0, err) < 0
      || fds_send(notify->host, line, (size_t)n, NULL, 0, err) < 0)
    return -1;
  return wait_at_barrier(notify->host, err);
}

static int wait_for_ready(const struct notify *notify, const struct container_state *state, int pidfd,
                          struct error *err)
{
  struct said said = { 0 };
  for (;;) {
    struct pollfd fds[] = { { .fd = notify->socket, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
    if (poll(fds, 2, -1) < 0) {
      if (errno == EINTR)
        continue;
      return error_set(err, ERROR_KERNEL, errno, "cannot wait for the container");
    }
    if (fds[0].revents != 0)
      take_datagram(notify->socket, &said);
    else if (fds[1].revents != 0)
      return 0; /* it has ended, and nothing that it said is left */
    if (said.ready)
      return tell_host(notify, state, &said, err);
  }
}

void notify_wait(struct notify *notify, const struct container_state *state, int pidfd)
{
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES];
  if (wait_for_ready(notify, state, pidfd, &err) < 0) {
    (void)error_format(&err, text, sizeof text);
    log_warning("container '%s': cannot tell the service manager that it is ready: %s", state->id, text);
  }
  notify_close(notify);
}

/* No signal of the terminal is for it, and it holds nothing of the caller's open. */
static void go_aside(const struct notify *notify, int pidfd, pid_t parent)
{
  const int keep[] = { notify->socket, notify->host, pidfd };
  sigset_t all;
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_SETMASK, &all, NULL);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
    _exit(1);
  (void)setsid();
  for (int fd = 0; fd < 1024; fd++)
    if (fd != keep[0] && fd != keep[1] && fd != keep[2])
      (void)close(fd);
}

void notify_wait_beside(struct notify *notify, const struct container_state *state, int pidfd,
                        struct notifier *notifier)
{
  notifier_close(notifier);
  struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&notifier->process, .exit_signal = 0 };
  const pid_t parent = getpid();
  const pid_t pid = sys_clone3(&args, sizeof args);
  if (pid == 0) {
    struct error ignored = { 0 };
    go_aside(notify, pidfd, parent);
    (void)wait_for_ready(notify, state, pidfd, &ignored);
    _exit(0);
  }
  if (pid < 0)
    log_warning("container '%s': cannot wait until it is ready: %s", state->id, strerror(errno));
  else
    notifier->container = fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
  notify_close(notify);
}

static bool ends_within(int pidfd, int timeout_ms)
{
  struct pollfd ended = { .fd = pidfd, .events = POLLIN };
  int n;
  do
    n = poll(&ended, 1, timeout_ms);
  while (n < 0 && errno == EINTR);
  return n > 0;
}

void notifier_finish(struct notifier *notifier)
{
  if (notifier->process >= 0 && notifier->container >= 0 && ends_within(notifier->container, 0)
      && ends_within(notifier->process, FINISH_TIMEOUT_MS)) {
    siginfo_t ignored;
    (void)waitid((idtype_t)P_PIDFD, (id_t)notifier->process, &ignored, WEXITED | WNOHANG | __WALL);
  }
  notifier_close(notifier);
}

void notifier_close(struct notifier *notifier)
{
  fd_close(&notifier->process);
  fd_close(&notifier->container);
}
