/* SPDX-License-Identifier: Apache-2.0
 *
 * Eyes and hands of the bats tests, linked statically so that the same program works on the host and in
 * the busybox root file system. `probe WHAT ...`: see the table at the end. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int report(const char *what)
{
  printf("%s: %s\n", what, strerrorname_np(errno));
  return 1;
}

/* System calls that do no harm with any argument, and one that no kernel has yet. */
/* filtered COMMAND...: under a seccomp filter that allows everything. */
static int filtered(int argc, char **argv)
{
  struct sock_filter allow = { .code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW };
  const struct sock_fprog filter = { .len = 1, .filter = &allow };
  if (argc < 1 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
    return report("filter");
  execvp(argv[0], argv);
  return report(argv[0]);
}

static const struct {
  const char *name;
  long number;
} calls[] = {
  { "chmod", SYS_chmod },
  { "getpgid", SYS_getpgid },
  { "getppid", SYS_getppid },
  { "getpriority", SYS_getpriority },
  { "gettid", SYS_gettid },
  { "personality", SYS_personality },
  { "sched_yield", SYS_sched_yield },
  { "sendmsg", SYS_sendmsg },
  { "sethostname", SYS_sethostname },
  { "sync", SYS_sync },
  { "times", SYS_times },
  { "newer", 1000 },
};

/* call NAME [ARGUMENT...]: "ok" or the name of the errno. */
static int call(int argc, char **argv)
{
  unsigned long a[6] = { 0 };
  for (int i = 1; i < argc && i <= 6; i++)
    a[i - 1] = strtoul(argv[i], NULL, 0);
  for (size_t i = 0; i < COUNT(calls); i++) {
    if (argc < 1 || strcmp(calls[i].name, argv[0]) != 0)
      continue;
    errno = 0;
    long result = syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
    puts(result == -1 && errno != 0 ? strerrorname_np(errno) : "ok");
    return 0;
  }
  return 2;
}

/* calls FROM TO: the system calls of these numbers, without TO; how many the kernel does not have. */
static int call_all(int argc, char **argv)
{
  int missing = 0;
  if (argc != 2)
    return 2;
  for (long number = strtol(argv[0], NULL, 10); number < strtol(argv[1], NULL, 10); number++)
    missing += syscall(number, 0, 0, 0, 0, 0, 0) == -1 && errno == ENOSYS;
  printf("%d\n", missing);
  return 0;
}

/* fds: each open descriptor and what it is, but not the one that reads the directory. */
static int fds(int argc, char **argv)
{
  DIR *dir = opendir("/proc/self/fd");
  if (dir == NULL)
    return report("opendir");
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    char target[4096];
    ssize_t length = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);
    if (length < 0 || atoi(entry->d_name) == dirfd(dir))
      continue;
    target[length] = '\0';
    printf("%s %s\n", entry->d_name, target);
  }
  (void)argc;
  (void)argv;
  return 0;
}

/* keyring: "type;uid;gid;perm;description" of the session keyring. */
static int keyring(int argc, char **argv)
{
  char text[256] = "";
  long id = syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3 /* session */, 0);
  if (id < 0 || syscall(SYS_keyctl, 6 /* KEYCTL_DESCRIBE */, id, text, sizeof text) < 0)
    return report("keyctl");
  printf("%ld %s\n", id, text);
  (void)argc;
  (void)argv;
  return 0;
}

/* fill-keys UID: as that user, keys until the quota is used up; prints the errno and holds them. */
static int fill_keys(int argc, char **argv)
{
  char name[32];
  const uid_t uid = argc > 0 ? (uid_t)strtoul(argv[0], NULL, 10) : 0;
  if (uid == 0 || setresuid(uid, uid, uid) < 0
      || syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, 0) < 0)
    return report("keyctl");
  for (int i = 0; i < 100000; i++) {
    (void)snprintf(name, sizeof name, "hull-test-%d", i);
    if (syscall(SYS_add_key, "user", name, "x", 1, -3 /* session */) < 0)
      break;
  }
  printf("%s\n", strerrorname_np(errno));
  for (;;)
    pause();
}

/* in-keyring COMMAND...: in a session keyring of its own, as a login gives one. */
static int in_keyring(int argc, char **argv)
{
  if (argc < 1 || syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, 0) < 0)
    return report("keyctl");
  execvp(argv[0], argv);
  return report(argv[0]);
}

/* clock: CLOCK_MONOTONIC and CLOCK_BOOTTIME in seconds. */
static int clock_now(int argc, char **argv)
{
  struct timespec monotonic, boot;
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  printf("%ld %ld\n", (long)monotonic.tv_sec, (long)boot.tv_sec);
  (void)argc;
  (void)argv;
  return 0;
}

/* ids: what the kernel says, all six, and the groups. */
static int ids(int argc, char **argv)
{
  uid_t r, e, s;
  gid_t groups[64];
  getresuid(&r, &e, &s);
  printf("uid %u %u %u ", r, e, s);
  getresgid(&r, &e, &s);
  printf("gid %u %u %u groups", r, e, s);
  int count = getgroups((int)COUNT(groups), groups);
  for (int i = 0; i < count; i++)
    printf(" %u", groups[i]);
  puts("");
  (void)argc;
  (void)argv;
  return 0;
}

/* limits: soft and hard of nofile, core, stack, cpu. */
static int limits(int argc, char **argv)
{
  static const struct {
    const char *name;
    int which;
  } rows[] = {
    { "nofile", RLIMIT_NOFILE }, { "core", RLIMIT_CORE }, { "stack", RLIMIT_STACK }, { "cpu", RLIMIT_CPU }
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct rlimit limit;
    getrlimit(rows[i].which, &limit);
    printf("%s %lld %lld\n", rows[i].name, (long long)limit.rlim_cur, (long long)limit.rlim_max);
  }
  (void)argc;
  (void)argv;
  return 0;
}

/* tty: is standard input a terminal, whose, how large, and is it the controlling one. */
static int tty(int argc, char **argv)
{
  struct winsize size = { 0 };
  struct stat st;
  char name[64] = "";
  if (!isatty(0) || ttyname_r(0, name, sizeof name) != 0)
    return report("tty");
  ioctl(0, TIOCGWINSZ, &size);
  fstat(0, &st);
  int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
  printf("%s %ux%u uid %u mode %o controlling %s session %s\n", name, size.ws_row, size.ws_col, st.st_uid,
         st.st_mode & 07777, fd >= 0 ? "yes" : "no", getsid(0) == getpid() ? "leader" : "member");
  (void)argc;
  (void)argv;
  return 0;
}

/* resize: for two seconds, says the size of the terminal, and each new one. */
static void ignore(int sig)
{
  (void)sig;
}

static int resize(int argc, char **argv)
{
  struct winsize size = { 0 };
  struct winsize now;
  signal(SIGWINCH, ignore);
  ioctl(0, TIOCGWINSZ, &size);
  printf("%ux%u\n", size.ws_row, size.ws_col);
  for (int i = 0; i < 200; i++) {
    usleep(10000);
    ioctl(0, TIOCGWINSZ, &now);
    if (memcmp(&size, &now, sizeof now) != 0)
      printf("%ux%u\n", now.ws_row, now.ws_col);
    size = now;
  }
  (void)argc;
  (void)argv;
  return 0;
}

/* tiocsti: pushes a character into the terminal of standard input, as if typed. */
static int tiocsti(int argc, char **argv)
{
  char c = argc > 0 ? argv[0][0] : 'x';
  return ioctl(0, TIOCSTI, &c) < 0 ? report("tiocsti") : puts("pushed") < 0;
}

/* One descriptor with its payload from a unix socket. */
static int receive(int connection, char *payload, size_t size)
{
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int) * 4)];
  } control = { 0 };
  struct iovec iov = { payload, size - 1 };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  ssize_t length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  if (length < 0)
    return -1;
  payload[length] = '\0';
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header == NULL || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int)))
    return -1;
  int fd;
  memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

static int listen_at(const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  if (strlen(path) >= sizeof address.sun_path)
    return -1;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)
    return -1;
  return fd;
}

/* console SOCKET [ROWSxCOLUMNS]: takes a terminal from the runtime and copies what comes out of it, until
 * the other side is closed. Standard input goes in. */
static int console(int argc, char **argv)
{
  char payload[256];
  char buffer[4096];
  unsigned rows = 0;
  unsigned columns = 0;
  int listener = argc > 0 ? listen_at(argv[0]) : -1;
  if (listener < 0)
    return report("listen");
  int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  int master = receive(connection, payload, sizeof payload);
  if (master < 0)
    return report("receive");
  fprintf(stderr, "payload %s\n", payload);
  if (argc > 1 && sscanf(argv[1], "%ux%u", &rows, &columns) == 2) {
    struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };
    ioctl(master, TIOCSWINSZ, &size);
  }
  struct pollfd polls[] = { { .fd = master, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
  while (poll(polls, 2, -1) > 0) {
    if (polls[0].revents != 0) {
      ssize_t length = read(master, buffer, sizeof buffer);
      if (length <= 0 || write(1, buffer, (size_t)length) < 0)
        break;
    }
    if (polls[1].revents != 0) {
      ssize_t length = read(0, buffer, sizeof buffer);
      if (length <= 0 || write(master, buffer, (size_t)length) < 0)
        polls[1].fd = -1;
    }
  }
  return 0;
}

/* pidfd SOCKET: takes a pidfd from the runtime and says whose it is. */
static int take_pidfd(int argc, char **argv)
{
  char payload[256];
  char path[64];
  char line[256];
  int listener = argc > 0 ? listen_at(argv[0]) : -1;
  if (listener < 0)
    return report("listen");
  int fd = receive(accept4(listener, NULL, NULL, SOCK_CLOEXEC), payload, sizeof payload);
  if (fd < 0)
    return report("receive");
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  FILE *info = fopen(path, "re");
  while (info != NULL && fgets(line, sizeof line, info) != NULL)
    if (strncmp(line, "Pid:", 4) == 0)
      fputs(line, stdout);
  return 0;
}

/* swap A B: exchanges two names as fast as it can, until killed. */
static int swap(int argc, char **argv)
{
  while (argc == 2 && renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_EXCHANGE) == 0)
    continue;
  return report("swap");
}

/* node PATH: type, major:minor and file system of PATH itself. */
static int node(int argc, char **argv)
{
  struct stat st;
  struct statfs fs;
  if (argc != 1 || lstat(argv[0], &st) < 0 || statfs(argv[0], &fs) < 0)
    return report("node");
  printf("%s %u:%u mode %o owner %u:%u fs %lx\n",
         S_ISCHR(st.st_mode)    ? "c"
         : S_ISBLK(st.st_mode)  ? "b"
         : S_ISFIFO(st.st_mode) ? "p"
         : S_ISDIR(st.st_mode)  ? "d"
                                : "-",
         major(st.st_rdev), minor(st.st_rdev), st.st_mode & 07777, st.st_uid, st.st_gid, (long)fs.f_type);
  return 0;
}

/* write-exe SECONDS: tries to open the program of every other process for writing, again and again, and
 * keeps a descriptor of each to try once it is gone. Prints each success. */
static int write_exe(int argc, char **argv)
{
  time_t end = time(NULL) + (argc > 0 ? atoi(argv[0]) : 1);
  int hits = 0;
  int seen = 0;
  while (time(NULL) < end) {
    DIR *dir = opendir("/proc");
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
      char path[300];
      char target[4096] = "";
      if (atoi(entry->d_name) <= 0 || atoi(entry->d_name) == getpid())
        continue;
      snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
      int fd = open(path, O_PATH | O_CLOEXEC);
      if (fd < 0)
        continue;
      seen++;
      snprintf(path, sizeof path, "/proc/self/fd/%d", fd); /* the process may be gone by now */
      (void)!readlink(path, target, sizeof target - 1);
      for (int i = 0; i < 20; i++) {
        int writable = open(path, O_WRONLY | O_CLOEXEC);
        if (writable >= 0) {
          /* The container's own programs are its own to write. */
          if (strncmp(target, "/bin/", 5) != 0)
            printf("writable: %s\n", target), hits++;
          close(writable);
          break;
        }
        if (errno != ETXTBSY)
          break;
        usleep(100);
      }
      close(fd);
    }
    if (dir != NULL)
      closedir(dir);
  }
  printf("seen %d writable %d\n", seen, hits);
  return hits != 0;
}

/* spy SECONDS: tries to trace every other process and to list its descriptors. Prints each success with
 * a process that is not one of the container's own programs. */
static int spy(int argc, char **argv)
{
  time_t end = time(NULL) + (argc > 0 ? atoi(argv[0]) : 1);
  int hits = 0;
  while (time(NULL) < end) {
    for (int pid = 2; pid < 32768 && time(NULL) < end; pid++) {
      char path[64];
      char target[4096] = "";
      if (pid == getpid() || kill(pid, 0) < 0) {
        if (pid > 400)
          pid = 32768;
        continue;
      }
      snprintf(path, sizeof path, "/proc/%d/exe", pid);
      ssize_t length = readlink(path, target, sizeof target - 1);
      if (length > 0 && strncmp(target, "/bin/", 5) == 0)
        continue;
      if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
        length = readlink(path, target, sizeof target - 1);
        if (length > 0 && strncmp(target, "/bin/", 5) != 0)
          printf("traced %d %s\n", pid, target), hits++;
        ptrace(PTRACE_DETACH, pid, 0, 0);
      }
    }
  }
  printf("hits %d\n", hits);
  return hits != 0;
}

/* The permitted capabilities of a process. */
static unsigned long long permitted_of(int pid)
{
  char path[64];
  char line[256];
  unsigned long long result = 0;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "re");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "CapPrm:", 7) == 0)
      result = strtoull(line + 7, NULL, 16);
  if (file != NULL)
    fclose(file);
  return result;
}

static int opens(int pid, const char *through, const char *file)
{
  char path[4200];
  snprintf(path, sizeof path, "/proc/%d/%s/%s", pid, through, file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    close(fd);
  return fd >= 0;
}

static int has_directory_open(int pid)
{
  for (int fd = 3; fd < 16; fd++) {
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
      return 1;
  }
  return 0;
}

/* peek SECONDS FILE: with CAP_SYS_PTRACE, what it gets from processes that enter: FILE, which is outside,
 * through their root or directory; an open directory; more capabilities than its own by tracing them. */
static int peek(int argc, char **argv)
{
  time_t end = time(NULL) + (argc > 0 ? atoi(argv[0]) : 1);
  unsigned long long own = permitted_of(getpid());
  int seen = 0, roots = 0, directories = 0, capabilities = 0;
  DIR *dir = opendir("/proc");
  while (argc == 2 && dir != NULL && time(NULL) < end) {
    rewinddir(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
      int pid = atoi(entry->d_name);
      if (pid <= 1 || pid == getpid())
        continue;
      seen++;
      roots += opens(pid, "root", argv[1]) || opens(pid, "cwd", argv[1] + 1);
      directories += has_directory_open(pid);
      if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
        capabilities += (permitted_of(pid) & ~own) != 0;
        ptrace(PTRACE_INTERRUPT, pid, 0, 0);
        waitpid(pid, NULL, __WALL);
        ptrace(PTRACE_DETACH, pid, 0, 0);
      }
    }
  }
  printf("peek seen %s roots %d directories %d capabilities %d\n", seen > 0 ? "some" : "none", roots,
         directories, capabilities);
  return 0;
}

/* hold PATH...: with a descriptor of each (O_PATH), waits for a line on standard input and then tries to
 * open it for writing. */
static int hold(int argc, char **argv)
{
  int fds_of[8];
  char path[64];
  for (int i = 0; i < argc && i < 8; i++)
    if ((fds_of[i] = open(argv[i], O_PATH | O_CLOEXEC)) < 0)
      return report("hold");
  puts("held");
  (void)!getchar();
  for (int i = 0; i < argc && i < 8; i++) {
    snprintf(path, sizeof path, "/proc/self/fd/%d", fds_of[i]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    printf("%s\n", fd >= 0 ? "writable" : strerrorname_np(errno));
  }
  return 0;
}

/* signals: what is blocked and ignored, from status; a fresh program starts with none. */
static int signals(int argc, char **argv)
{
  char line[256];
  FILE *file = fopen("/proc/self/status", "re");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0)
      fputs(line, stdout);
  (void)argc;
  (void)argv;
  return 0;
}

/* peak COMMAND...: runs it and prints its peak resident memory in KiB on standard error. */
static int peak(int argc, char **argv)
{
  struct rusage usage;
  int result = 0;
  pid_t pid = argc > 0 ? fork() : -1;
  if (pid == 0) {
    execvp(argv[0], argv);
    _exit(127);
  }
  if (pid < 0 || wait4(pid, &result, 0, &usage) < 0)
    return report("peak");
  fprintf(stderr, "peak %ld\n", usage.ru_maxrss);
  return WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
}

/* scheduler: policy, nice, priority, flags, runtime, deadline, period of this process. */
static int scheduler(int argc, char **argv)
{
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attr = { .size = sizeof attr };
  (void)argc;
  (void)argv;
  if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) < 0)
    return report("sched_getattr");
  printf("%u %d %u %llu %llu %llu %llu\n", attr.policy, attr.nice, attr.priority,
         (unsigned long long)attr.flags, (unsigned long long)attr.runtime, (unsigned long long)attr.deadline,
         (unsigned long long)attr.period);
  return 0;
}

/* agent SOCKET: a seccomp agent for one process: prints what comes with the listener, then answers every
 * system call with ENOMEDIUM and prints its pid. Ends with the process. */
static int agent(int argc, char **argv)
{
  char text[4096];
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct iovec iov = { .iov_base = text, .iov_len = sizeof text };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (argc < 1 || strlen(argv[0]) >= sizeof address.sun_path)
    return 2;
  strcpy(address.sun_path, argv[0]);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0)
    return report("listen");
  const int client = accept(server, NULL, NULL);
  const ssize_t n = recvmsg(client, &message, 0);
  struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
  if (c == NULL || c->cmsg_type != SCM_RIGHTS)
    return report("recvmsg");
  printf("%.*s\n", (int)n, text);
  int listener;
  memcpy(&listener, CMSG_DATA(c), sizeof listener);
  if (read(client, text, 1) != 0)
    printf("more came\n");
  for (;;) {
    struct seccomp_notif request = { 0 };
    struct pollfd ready = { .fd = listener, .events = POLLIN };
    if (poll(&ready, 1, -1) > 0 && (ready.revents & POLLHUP))
      return 0;
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
      continue;
    struct seccomp_notif_resp response = { .id = request.id, .error = -ENOMEDIUM };
    printf("call of %u\n", request.pid);
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
  }
}

/* manager PATH: a service manager; prints each datagram that comes, a line each, and closes its descriptors.
 */
static int manager(int argc, char **argv)
{
  char text[8192];
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int server = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (argc < 1 || strlen(argv[0]) >= sizeof address.sun_path)
    return 2;
  strcpy(address.sun_path, argv[0]);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0)
    return report("bind");
  for (;;) {
    struct iovec iov = { .iov_base = text, .iov_len = sizeof text };
    struct msghdr message = {
      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    const ssize_t n = recvmsg(server, &message, 0);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    for (ssize_t i = 0; i < n; i++)
      if (text[i] == '\n')
        text[i] = '|';
    printf("%.*s%s\n", (int)n, text, c != NULL ? " +fd" : "");
    if (c != NULL) {
      int fd;
      memcpy(&fd, CMSG_DATA(c), sizeof fd);
      close(fd);
    }
  }
}

/* tell [--barrier] TEXT...: sends each to $NOTIFY_SOCKET, '|' as newline, "long" as 5000 bytes that begin
 * with READY=1; with --barrier waits until all were taken, as sd_notify_barrier(3). */
static int tell(int argc, char **argv)
{
  char text[5001];
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const char *path = getenv("NOTIFY_SOCKET");
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (path == NULL || strlen(path) >= sizeof address.sun_path)
    return report("NOTIFY_SOCKET");
  strcpy(address.sun_path, path);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
    return report("connect");
  for (int i = 0; i < argc; i++) {
    int pair[2];
    if (strcmp(argv[i], "--barrier") == 0) {
      struct iovec iov = { .iov_base = "BARRIER=1", .iov_len = 9 };
      union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
      } control = { .bytes = "" };
      struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
      };
      struct cmsghdr *c = CMSG_FIRSTHDR(&message);
      if (pipe(pair) < 0)
        return report("pipe");
      *c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                             .cmsg_type = SCM_RIGHTS,
                             .cmsg_len = CMSG_LEN(sizeof(int)) };
      memcpy(CMSG_DATA(c), &pair[1], sizeof(int));
      if (sendmsg(fd, &message, 0) < 0)
        return report("sendmsg");
      close(pair[1]);
      printf("barrier: %zd\n", read(pair[0], text, 1));
      continue;
    }
    memset(text, 'x', sizeof text);
    size_t length = 5000;
    if (strcmp(argv[i], "long") == 0) {
      memcpy(text, "READY=1\n", 8);
    } else {
      length = strlen(argv[i]);
      strcpy(text, argv[i]);
      for (char *bar = text; (bar = strchr(bar, '|')) != NULL;)
        *bar = '\n';
    }
    if (send(fd, text, length, 0) < 0)
      return report("send");
  }
  return 0;
}

/* adopt COMMAND...: runs it, and leaves what it leaves behind unreaped until it ends. */
static int adopt(int argc, char **argv)
{
  int result = 0;
  if (argc < 1 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
    return report("adopt");
  const pid_t pid = fork();
  if (pid == 0) {
    execvp(argv[0], argv);
    _exit(127);
  }
  if (pid < 0 || waitpid(pid, &result, 0) < 0)
    return report("adopt");
  return WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
}

/* clang-format off */
static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
} probes[] = {
  { "adopt", adopt },
  { "agent", agent },
  { "call", call },
  { "calls", call_all },
  { "clock", clock_now },
  { "console", console },
  { "fds", fds },
  { "fill-keys", fill_keys },
  { "filtered", filtered },
  { "hold", hold },
  { "ids", ids },
  { "in-keyring", in_keyring },
  { "keyring", keyring },
  { "limits", limits },
  { "manager", manager },
  { "node", node },
  { "peak", peak },
  { "peek", peek },
  { "pidfd", take_pidfd },
  { "resize", resize },
  { "scheduler", scheduler },
  { "signals", signals },
  { "spy", spy },
  { "swap", swap },
  { "tiocsti", tiocsti },
  { "tty", tty },
  { "tell", tell },
  { "write-exe", write_exe },
};
/* clang-format on */

int main(int argc, char **argv)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (size_t i = 0; i < COUNT(probes) && argc > 1; i++)
    if (strcmp(probes[i].name, argv[1]) == 0)
      return probes[i].run(argc - 2, argv + 2);
  fputs("probe: unknown\n", stderr);
  return 2;
}
