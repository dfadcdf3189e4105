/* SPDX-License-Identifier: Apache-2.0 */
/* floor: the lower bound that runtimes are measured against. It makes the system calls that a container
 * of `hull spec`'s default needs, in a good order, with every decision made at compile time; it reads no
 * config, keeps no state and ends at the first error. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define CHECK(call) check((long)(call), #call, __LINE__)

enum {
  EXIT_USAGE = 2,
  EXIT_FLOOR = 99, /* no command of a benchmark ends like this: floor itself failed */
  LAST_CAP = 40,   /* CAP_CHECKPOINT_RESTORE */
};

enum {
  SAFE = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV,
  NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET,
};

struct setting {
  const char *key, *value;
};

struct fs_mount {
  const char *type, *path; /* relative to the root; to /dev where 'in_dev' is set */
  bool in_dev;
  unsigned attributes;
  struct setting settings[4];
};

struct node {
  const char *name;
  unsigned major, minor;
};

struct link {
  const char *name, *target;
};

struct options {
  const char *memory_max;      /* bytes, or NULL: no limit */
  const char *mount_namespace; /* file of a nearly empty mount namespace to start from, or NULL */
  const char *pid_file;        /* of 'hold', or NULL: standard output */
  bool trace;
};

static const struct fs_mount dev_mount = {
  "tmpfs", "dev", false, MOUNT_ATTR_NOSUID, { { "mode", "755" }, { "size", "65536k" } }
};
static const struct fs_mount empty_mount = {
  "tmpfs", NULL, false, SAFE | MOUNT_ATTR_RDONLY, { { "size", "0k" } }
};
static const struct fs_mount mounts[] = {
  { "proc", "proc", false, SAFE, { { NULL, NULL } } },
  { "devpts",
    "pts",
    true,
    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
    { { "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" } } },
  { "tmpfs", "shm", true, SAFE, { { "mode", "1777" }, { "size", "65536k" } } },
  { "mqueue", "mqueue", true, SAFE, { { NULL, NULL } } },
  { "sysfs", "sys", false, SAFE | MOUNT_ATTR_RDONLY, { { NULL, NULL } } },
  { "cgroup2", "sys/fs/cgroup", false, SAFE | MOUNT_ATTR_RDONLY, { { NULL, NULL } } },
};
static const char *const dev_directories[] = { "pts", "shm", "mqueue" };
static const struct node nodes[] = {
  { "null", 1, 3 },   { "zero", 1, 5 },    { "full", 1, 7 },
  { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};
static const struct link links[] = {
  { "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" },
  { "stderr", "/proc/self/fd/2" }, { "ptmx", "pts/ptmx" },
};
static const char *const masked_paths[] = {
  "proc/acpi",       "proc/asound",      "proc/kcore",       "proc/keys",    "proc/latency_stats",
  "proc/timer_list", "proc/timer_stats", "proc/sched_debug", "sys/firmware", "proc/scsi",
};
static const char *const readonly_paths[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                              "proc/sysrq-trigger" };
static const uint64_t kept_caps = 1ULL << CAP_AUDIT_WRITE | 1ULL << CAP_KILL | 1ULL << CAP_NET_BIND_SERVICE;

static struct options options;
static struct timespec started;

static long check(long result, const char *call, int line)
{
  if (result >= 0)
    return result;
  fprintf(stderr, "floor: line %d: %s: %s\n", line, call, strerror(errno));
  _exit(EXIT_FLOOR);
}

static void trace(const char *step)
{
  struct timespec now;
  if (!options.trace)
    return;
  clock_gettime(CLOCK_MONOTONIC, &now);
  fprintf(stderr, "%8.1f us  %s\n",
          (double)(now.tv_sec - started.tv_sec) * 1e6 + (double)(now.tv_nsec - started.tv_nsec) / 1e3, step);
}

static int new_mount(const struct fs_mount *m)
{
  int fs = (int)CHECK(syscall(SYS_fsopen, m->type, FSOPEN_CLOEXEC));
  for (const struct setting *s = m->settings; s->key; s++)
    CHECK(syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, s->key, s->value, 0));
  CHECK(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
  int fd = (int)CHECK(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, m->attributes));
  close(fs);
  return fd;
}

static void attach(int mount_fd, int dir, const char *path)
{
  CHECK(syscall(SYS_move_mount, mount_fd, "", dir, path, MOVE_MOUNT_F_EMPTY_PATH));
  close(mount_fd);
}

static int clone_mount(int dir, const char *path, unsigned flags)
{
  return (int)syscall(SYS_open_tree, dir, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

/* Returns /dev's directory, for the mounts below it. */
static int make_dev(int root)
{
  int dev = new_mount(&dev_mount);
  for (size_t i = 0; i < COUNT(dev_directories); i++)
    CHECK(mkdirat(dev, dev_directories[i], 0755));
  for (size_t i = 0; i < COUNT(nodes); i++)
    CHECK(mknodat(dev, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
  for (size_t i = 0; i < COUNT(links); i++)
    CHECK(symlinkat(links[i].target, dev, links[i].name));
  int dir = (int)CHECK(fcntl(dev, F_DUPFD_CLOEXEC, 3));
  attach(dev, root, dev_mount.path);
  return dir;
}

/* Hides files behind /dev/null and directories behind one empty tmpfs. */
static void mask_paths(int root, int dev)
{
  int null = (int)CHECK(openat(dev, "null", O_PATH | O_CLOEXEC));
  int empty = new_mount(&empty_mount);
  bool attached = false;
  for (size_t i = 0; i < COUNT(masked_paths); i++) {
    struct stat st;
    if (fstatat(root, masked_paths[i], &st, 0) < 0)
      continue;
    /* Before Linux 6.15 a detached mount can't be cloned: the first directory takes the original. */
    if (S_ISDIR(st.st_mode) && !attached) {
      attach((int)CHECK(fcntl(empty, F_DUPFD_CLOEXEC, 3)), root, masked_paths[i]);
      attached = true;
    } else {
      int from = S_ISDIR(st.st_mode) ? empty : null;
      attach((int)CHECK(clone_mount(from, "", AT_EMPTY_PATH)), root, masked_paths[i]);
    }
  }
}

static void protect_paths(int root)
{
  struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
  for (size_t i = 0; i < COUNT(readonly_paths); i++) {
    int fd = clone_mount(root, readonly_paths[i], AT_RECURSIVE);
    if (fd < 0)
      continue;
    CHECK(syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro, sizeof ro));
    attach(fd, root, readonly_paths[i]);
  }
}

static void switch_root(int root)
{
  struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
  CHECK(fchdir(root));
  CHECK(syscall(SYS_pivot_root, ".", "."));
  CHECK(umount2(".", MNT_DETACH));
  CHECK(chdir("/"));
  CHECK(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &ro, sizeof ro));
}

static void drop_privileges(void)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct sets[2] = { { (uint32_t)kept_caps, (uint32_t)kept_caps, 0 },
                                            { kept_caps >> 32, kept_caps >> 32, 0 } };
  for (unsigned cap = 0; cap <= LAST_CAP; cap++)
    if (!(kept_caps >> cap & 1))
      (void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* an older kernel does not know the last ones */
  CHECK(syscall(SYS_capset, &header, sets));
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void execute(char **command)
{
  drop_privileges();
  CHECK(syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC));
  trace("exec");
  CHECK(execv(command[0], command));
}

static void build_container(int root, char **command)
{
  trace("cloned");
  int dev = make_dev(root);
  trace("dev");
  for (size_t i = 0; i < COUNT(mounts); i++)
    attach(new_mount(&mounts[i]), mounts[i].in_dev ? dev : root, mounts[i].path);
  trace("mounts");
  mask_paths(root, dev);
  protect_paths(root);
  trace("masked and read-only paths");
  switch_root(root);
  trace("pivot_root");
  CHECK(sethostname("floor", strlen("floor")));
  execute(command);
}

static int wait_for(pid_t pid)
{
  int status;
  CHECK(waitpid(pid, &status, 0));
  trace("waited");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static pid_t clone_into(int cgroup, uint64_t namespaces)
{
  struct clone_args args = {
    .flags = CLONE_INTO_CGROUP | namespaces,
    .exit_signal = SIGCHLD,
    .cgroup = (unsigned)cgroup,
  };
  return (pid_t)CHECK(syscall(SYS_clone3, &args, sizeof args));
}

static void limit_memory(int cgroup)
{
  int max = (int)CHECK(openat(cgroup, "memory.max", O_WRONLY | O_CLOEXEC));
  int swap = openat(cgroup, "memory.swap.max", O_WRONLY | O_CLOEXEC); /* absent without swap accounting */
  CHECK(write(max, options.memory_max, strlen(options.memory_max)));
  if (swap >= 0)
    CHECK(write(swap, "0", 1));
  close(max);
  close(swap);
}

/* Clones the root file system's mounts, so that they can be attached in another mount namespace. */
static int take_rootfs(const char *path)
{
  struct mount_attr private = { .propagation = MS_PRIVATE }; /* pivot_root(2) refuses a shared mount */
  int root = (int)CHECK(clone_mount(AT_FDCWD, path, AT_RECURSIVE));
  CHECK(syscall(SYS_mount_setattr, root, "", AT_EMPTY_PATH | AT_RECURSIVE, &private, sizeof private));
  return root;
}

static void enter_mount_namespace(const char *path)
{
  int fd = (int)CHECK(open(path, O_RDONLY | O_CLOEXEC));
  CHECK(setns(fd, CLONE_NEWNS));
  close(fd);
}

static void attach_rootfs(int root, const char *path)
{
  if (!options.mount_namespace)
    CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  CHECK(syscall(SYS_move_mount, root, "", AT_FDCWD, options.mount_namespace ? "/" : path,
                MOVE_MOUNT_F_EMPTY_PATH));
}

static pid_t start_container(const char *rootfs, int parent, const char *name, char **command)
{
  CHECK(mkdirat(parent, name, 0755));
  int cgroup = (int)CHECK(openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (options.memory_max)
    limit_memory(cgroup);
  trace("cgroup");
  int root = take_rootfs(rootfs);
  if (options.mount_namespace)
    enter_mount_namespace(options.mount_namespace);
  pid_t pid = clone_into(cgroup, NEW_NAMESPACES);
  if (pid > 0)
    return pid;
  attach_rootfs(root, rootfs);
  build_container(root, command);
  return -1;
}

static int open_parent(const char *cgroup_dir, char *name, size_t size)
{
  snprintf(name, size, "floor-%d", getpid());
  return (int)CHECK(open(cgroup_dir, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static int run(char **args)
{
  char name[32];
  int parent = open_parent(args[1], name, sizeof name);
  int status = wait_for(start_container(args[0], parent, name, args + 2));
  CHECK(unlinkat(parent, name, AT_REMOVEDIR));
  trace("cgroup removed");
  return status;
}

static int hold(char **args)
{
  char name[32];
  int parent = open_parent(args[1], name, sizeof name);
  FILE *out = options.pid_file ? fopen(options.pid_file, "we") : stdout;
  CHECK(out ? 0 : -1);
  fprintf(out, "%d\n", start_container(args[0], parent, name, args + 2));
  CHECK(fflush(out));
  return 0;
}

static pid_t parse_pid(const char *text)
{
  char *end;
  errno = 0;
  long pid = strtol(text, &end, 10);
  if (errno || *end || end == text || pid <= 0 || pid > INT32_MAX) {
    fprintf(stderr, "floor: '%s' is not a pid\n", text);
    exit(EXIT_USAGE);
  }
  return (pid_t)pid;
}

static int open_cgroup_of(pid_t pid)
{
  char line[4096], dir[4096 + 32] = "";
  snprintf(line, sizeof line, "/proc/%d/cgroup", pid);
  FILE *f = fopen(line, "re");
  CHECK(f ? 0 : -1);
  while (!dir[0] && fgets(line, sizeof line, f))
    if (strncmp(line, "0::", 3) == 0) { /* cgroups(7): the line of cgroup v2 */
      line[strcspn(line, "\n")] = '\0';
      snprintf(dir, sizeof dir, "/sys/fs/cgroup%s", line + 3);
    }
  fclose(f);
  return (int)CHECK(open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static int enter(char **args)
{
  pid_t target = parse_pid(args[0]);
  int cgroup = open_cgroup_of(target);
  int pidfd = (int)CHECK(syscall(SYS_pidfd_open, target, 0));
  CHECK(setns(pidfd, NEW_NAMESPACES));
  pid_t pid = clone_into(cgroup, 0);
  if (pid == 0)
    execute(args + 1);
  return wait_for(pid);
}

/* What an empty static program costs: the lower bound of commands that make no container. */
static int nothing(char **args)
{
  (void)args;
  return 0;
}

static const struct {
  const char *name;
  int min_args;
  int (*run)(char **args);
  const char *usage;
} commands[] = {
  { "run", 3, run, "ROOTFS CGROUP_PARENT COMMAND...   make a container, wait for its command" },
  { "hold", 3, hold, "ROOTFS CGROUP_PARENT COMMAND...  the same, but print the pid and do not wait" },
  { "exec", 2, enter, "PID COMMAND...                   run a command in the container of PID" },
  { "nothing", 0, nothing, "                              end at once" },
};

static int usage(void)
{
  fprintf(stderr, "usage: floor [-m MEMORY_MAX] [-n MOUNT_NAMESPACE] [-p PID_FILE] [-t] COMMAND\n");
  for (size_t i = 0; i < COUNT(commands); i++)
    fprintf(stderr, "  %s %s\n", commands[i].name, commands[i].usage);
  fprintf(stderr, "  -m bytes for memory.max    -n start from this nearly empty mount namespace\n"
                  "  -p write hold's pid there  -t print the time after each step\n");
  return EXIT_USAGE;
}

int main(int argc, char **argv)
{
  int option;
  clock_gettime(CLOCK_MONOTONIC, &started);
  while ((option = getopt(argc, argv, "+m:n:p:t")) != -1)
    switch (option) {
    case 'm':
      options.memory_max = optarg;
      break;
    case 'n':
      options.mount_namespace = optarg;
      break;
    case 'p':
      options.pid_file = optarg;
      break;
    case 't':
      options.trace = true;
      break;
    default:
      return usage();
    }
  for (size_t i = 0; optind < argc && i < COUNT(commands); i++)
    if (strcmp(argv[optind], commands[i].name) == 0 && argc - optind - 1 >= commands[i].min_args)
      return commands[i].run(argv + optind + 1);
  return usage();
}
