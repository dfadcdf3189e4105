/* SPDX-License-Identifier: Apache-2.0
 * libcontainer/rootfs for real, with plans made by hand: each in a copy of the host's mounts and in the
 * almost empty namespace. Then hostile images: whatever they hold, nothing outside of them may change. Needs
 * root. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/rootfs/rootfs.h"
#include "libcontainer/base/text.h"
#include "tests/unit/unit.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define COMMON (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define ITEMS(array)                                                                                         \
  {                                                                                                          \
    .items = (array), .count = UNIT_COUNT(array)                                                             \
  }
#define ENTRIES_MAX 32

enum place { COPY, PINNED };
static const char *const place_names[] = { "copy", "pinned" };

static int pinned_ns = -1, cgroup_dir = -1;
static struct error *failure; /* shared with the children */
static const char *image;     /* absolute path of the image in use */

static const char *path_of(const char *name)
{
  static char paths[8][512];
  static unsigned next;
  char *path = paths[next++ % UNIT_COUNT(paths)];
  (void)snprintf(path, sizeof paths[0], "%s/%s", unit_dir, name);
  return path;
}

static const char *failure_text(void)
{
  static char text[2048];
  (void)error_format(failure, text, sizeof text);
  return text;
}

/* --- running a plan --- */

static bool setup(const struct plan *plan, struct rootfs *rootfs)
{
  static int (*const steps[])(const struct plan *, struct rootfs *, struct error *) = {
    rootfs_set_propagation, rootfs_attach_root,   rootfs_mount_all,
    rootfs_make_devices,    rootfs_pivot,         rootfs_mask_paths,
    rootfs_protect_paths,   rootfs_make_readonly, rootfs_set_final_propagation,
  };
  for (size_t i = 0; i < UNIT_COUNT(steps); i++)
    if (steps[i](plan, rootfs, failure) < 0)
      return false;
  return true;
}

static int enter_and_check(const struct plan *plan, struct rootfs *rootfs, void (*inside)(struct rootfs *))
{
  unit_failed = 0;
  (void)umask(077); /* must not show anywhere */
  if (rootfs->pinned && setns(pinned_ns, CLONE_NEWNS) < 0)
    return 3;
  if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET) < 0)
    return 4;
  pid_t pid = fork();
  if (pid == 0) {
    if (!setup(plan, rootfs))
      _exit(1);
    if (inside)
      inside(rootfs);
    (void)fflush(stdout);
    _exit(unit_failed ? 2 : 0);
  }
  int status;
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

/* True if the container came up; then 'inside' has run in it. Else failure_text() says why. */
static bool run(struct plan *plan, enum place place, void (*inside)(struct rootfs *))
{
  int sources[ENTRIES_MAX], devices[ENTRIES_MAX];
  struct rootfs rootfs = { .cgroup_dir = cgroup_dir, .sources = sources, .devices = devices };
  plan->pinned_mount_ns = place == PINNED;
  if (!plan->rootfs)
    plan->rootfs = image;
  error_clear(failure);
  (void)fflush(stdout);
  int status = 1;
  if (rootfs_acquire(plan, &rootfs, failure) == 0) {
    rootfs.pinned = place == PINNED;
    pid_t pid = fork();
    if (pid == 0)
      _exit(enter_and_check(plan, &rootfs, inside));
    int raw;
    CHECK(waitpid(pid, &raw, 0) == pid && WIFEXITED(raw));
    status = WEXITSTATUS(raw);
  }
  rootfs_release(plan, &rootfs);
  if (status > 1)
    CHECK_NUMBER(status, 0);
  return status != 1;
}

#define IN_BOTH_PLACES(place) for (enum place place = COPY; place <= PINNED; place++)

/* --- looking at it from inside --- */

/* Line of /proc/self/mountinfo for the topmost mount at 'target', "" if none. */
static const char *mount_line(const char *target)
{
  static char found[1024];
  char line[1024], at[512];
  found[0] = '\0';
  FILE *f = fopen("/proc/self/mountinfo", "re");
  while (f && fgets(line, sizeof line, f))
    if (sscanf(line, "%*s %*s %*s %*s %511s", at) == 1 && strcmp(at, target) == 0)
      memcpy(found, line, sizeof found);
  if (f)
    (void)fclose(f);
  return found;
}

static unsigned count_mounts(void)
{
  char line[1024];
  unsigned count = 0;
  FILE *f = fopen("/proc/self/mountinfo", "re");
  while (f && fgets(line, sizeof line, f))
    count++;
  if (f)
    (void)fclose(f);
  return count;
}

static bool has_word(const char *line, const char *word)
{
  return strstr(line, word) != NULL;
}

static mode_t mode_of(const char *path)
{
  struct stat st;
  return lstat(path, &st) == 0 ? st.st_mode : 0;
}

static bool is_device(const char *path, unsigned major_number, unsigned minor_number)
{
  struct stat st;
  return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(major_number, minor_number);
}

static bool link_is(const char *path, const char *target)
{
  char found[256];
  ssize_t n = readlink(path, found, sizeof found - 1);
  return n > 0 && (found[n] = '\0', strcmp(found, target) == 0);
}

static int try_create(const char *path)
{
  auto_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  return fd < 0 ? errno : 0;
}

static bool content_is(const char *path, const char *wanted)
{
  char found[256];
  auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, found, sizeof found - 1);
  return n >= 0 && (found[n] = '\0', strcmp(found, wanted) == 0);
}

static void write_file(const char *path, const char *content)
{
  auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  CHECK(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
}

/* --- images --- */

static const char *const image_dirs[] = {
  "bin", "etc", "dev", "proc", "sys", "tmp", "data", "old", "old/sub"
};

/* A fresh image below the temporary directory. */
static void new_image(void)
{
  static unsigned number;
  static char path[256];
  (void)snprintf(path, sizeof path, "%s/image%u", unit_dir, number++);
  image = path;
  CHECK_NUMBER(mkdir(path, 0755), 0);
  CHECK_NUMBER(chdir(path), 0);
  for (size_t i = 0; i < UNIT_COUNT(image_dirs); i++)
    CHECK_NUMBER(mkdir(image_dirs[i], 0755), 0);
  write_file("etc/passwd", "root\n");
}

/* --- a usual container --- */

static struct plan_mount_option dev_options[] = { { "mode", "755" }, { "size", "65536k" } };
static struct plan_mount_option pts_options[] = { { "newinstance", NULL },
                                                  { "ptmxmode", "0666" },
                                                  { "mode", "0620" } };
static struct plan_mount_option shm_options[] = { { "mode", "1777" }, { "size", "65536k" } };
static struct plan_path usual_masked[] = {
  { "/proc/version", "" }, { "/proc/keys", "" },  { "/proc/not-there", "" },
  { "/sys/firmware", "" }, { "/sys/kernel", "" }, { "/etc/passwd/below", "" },
};
static struct plan_path usual_readonly[] = { { "/proc/sys", "" },
                                             { "/proc/bus", "" },
                                             { "/proc/not-there", "" } };
static struct plan_device usual_devices[] = {
  { "/dev/null", 'c', 1, 3, 0666, 0, 0, false, "" },
  { "/dev/zero", 'c', 1, 5, 0666, 0, 0, false, "" },
  { "/dev/tty", 'c', 5, 0, 0666, 0, 5, false, "" },
  { "/dev/net/tun", 'c', 10, 200, 0600, 0, 0, false, "" },
  { "/opt/dev/pipe", 'p', 0, 0, 0640, 1, 2, false, "/linux/devices/0" },
  { "/dev/urandom", 'c', 1, 9, 0666, 0, 0, true, "" },
};

static void check_usual(struct rootfs *rootfs)
{
  CHECK(is_device("/dev/null", 1, 3) && mode_of("/dev/null") == (S_IFCHR | 0666));
  CHECK(is_device("/dev/tty", 5, 0));
  CHECK(is_device("/dev/net/tun", 10, 200) && mode_of("/dev/net/tun") == (S_IFCHR | 0600));
  CHECK(is_device("/dev/urandom", 1, 9));
  CHECK_NUMBER(mode_of("/opt/dev/pipe"), S_IFIFO | 0640);
  CHECK_NUMBER(mode_of("/opt/dev"), S_IFDIR | 0755);
  CHECK(link_is("/dev/fd", "/proc/self/fd") && link_is("/dev/stderr", "/proc/self/fd/2"));
  CHECK(link_is("/dev/ptmx", "pts/ptmx"));
  CHECK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) >= 0);
  CHECK_NUMBER(mode_of("/dev/shm"), S_IFDIR | 01777);

  CHECK_NUMBER(getpid(), 1);
  CHECK(content_is("/proc/1/comm", "test_rootfs_app\n"));
  CHECK(has_word(mount_line("/proc"), "nosuid,nodev,noexec")
        && has_word(mount_line("/proc"), " - proc proc "));
  CHECK(has_word(mount_line("/sys"), " ro,"));
  CHECK(has_word(mount_line("/dev"), " - tmpfs tmpfs "));
  CHECK_NUMBER(try_create("/dev/late"), EROFS); /* ro, but made after its nodes */

  CHECK(is_device("/proc/version", 1, 3));
  CHECK_NUMBER(chmod("/proc/version", 0600) < 0 ? errno : 0, EROFS); /* it is the host's node */
  auto_close int mask = open("/proc/keys", O_RDWR | O_CLOEXEC);
  CHECK(mask >= 0 && write(mask, "x", 1) == 1);
  CHECK_NUMBER(try_create("/sys/kernel/x"), EROFS);
  DIR *d = opendir("/sys/kernel");
  unsigned entries = 0;
  while (d && readdir(d))
    entries++;
  CHECK_NUMBER(entries, 2);
  CHECK(has_word(mount_line("/proc/sys"), " ro,"));
  CHECK_NUMBER(try_create("/proc/sys/kernel/domainname"), EROFS);

  CHECK(content_is("/data/file", "bound") && content_is("/new/bound-file", "bound"));
  CHECK(has_word(mount_line("/data"), " ro,noexec") || has_word(mount_line("/data"), " ro,"));
  CHECK_NUMBER(try_create("/data/other"), EROFS);
  CHECK_NUMBER(try_create("/x"), EROFS);
  CHECK(has_word(mount_line("/tmp"), "nodev"));
  CHECK_NUMBER(try_create("/tmp/x"), 0);

  CHECK(access(unit_dir, F_OK) < 0); /* nothing of the host is left */
  CHECK(count_mounts() < 24);
  struct error err = { 0 };
  CHECK(rootfs_trusted_proc(rootfs, &err) >= 0 && faccessat(rootfs->proc, "sys/kernel", F_OK, 0) == 0);
}

static struct plan_mount usual_mounts[] = {
  { .how = MOUNT_NEW,
    .destination = "/proc",
    .type = "proc",
    .source = "proc",
    .attr_set = COMMON,
    .is_proc = true },
  { .how = MOUNT_NEW,
    .destination = "/dev",
    .type = "tmpfs",
    .source = "tmpfs",
    .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME | MOUNT_ATTR_RDONLY,
    .is_dev = true,
    .options = ITEMS(dev_options) },
  { .how = MOUNT_NEW,
    .destination = "/dev/pts",
    .type = "devpts",
    .source = "devpts",
    .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
    .options = ITEMS(pts_options) },
  { .how = MOUNT_NEW,
    .destination = "/dev/shm",
    .type = "tmpfs",
    .source = "shm",
    .attr_set = COMMON,
    .options = ITEMS(shm_options) },
  { .how = MOUNT_NEW,
    .destination = "/dev/mqueue",
    .type = "mqueue",
    .source = "mqueue",
    .attr_set = COMMON },
  { .how = MOUNT_NEW,
    .destination = "/sys",
    .type = "sysfs",
    .source = "sysfs",
    .attr_set = COMMON | MOUNT_ATTR_RDONLY },
  { .how = MOUNT_BIND, .destination = "/data", .recursive = true, .attr_set = MOUNT_ATTR_RDONLY },
  { .how = MOUNT_BIND, .destination = "/new/bound-file" },
  { .how = MOUNT_BIND, .destination = "/tmp" },
  { .how = MOUNT_REMOUNT, .destination = "/tmp", .attr_set = MOUNT_ATTR_NODEV },
};

static struct plan usual_plan(void)
{
  usual_mounts[6].source = path_of("source");
  usual_mounts[7].source = path_of("source/file");
  usual_mounts[8].source = path_of("writable");
  for (size_t i = 0; i < UNIT_COUNT(usual_mounts); i++)
    usual_mounts[i].origin = "/mounts/0";
  return (struct plan){
    .root_readonly = true,
    .root_propagation = MS_SLAVE | MS_REC,
    .mounts = ITEMS(usual_mounts),
    .fill_dev = true,
    .devices = ITEMS(usual_devices),
    .masked = ITEMS(usual_masked),
    .readonly = ITEMS(usual_readonly),
  };
}

static void test_usual(void)
{
  IN_BOTH_PLACES(place)
  {
    new_image();
    struct plan plan = usual_plan();
    unit_at(place_names[place]);
    CHECK_STRING(run(&plan, place, check_usual) ? "" : failure_text(), "");
    CHECK(access("x", F_OK) < 0 && mode_of(path_of("writable/x")) != 0);
    (void)unlink(path_of("writable/x"));
  }
  new_image();
  struct plan plan = usual_plan();
  plan.no_pivot = true;
  unit_at("no pivot");
  CHECK_STRING(run(&plan, COPY, NULL) ? "" : failure_text(), "");
}

/* --- reading back --- */

static void unmask(void)
{
  CHECK(umount2("/proc/version", MNT_DETACH) == 0);
}

static void unmask_directory(void)
{
  CHECK(umount2("/sys/firmware", MNT_DETACH) == 0);
}

static void unprotect(void)
{
  CHECK(mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
}

static void lose_nosuid(void)
{
  CHECK(mount(NULL, "/dev/shm", NULL, MS_REMOUNT | MS_BIND | MS_NODEV | MS_NOEXEC, NULL) == 0);
}

static void lose_a_mount(void)
{
  CHECK(umount2("/dev/mqueue", MNT_DETACH) == 0 && rmdir("/dev/mqueue") < 0);
}

static void change_pipe(void)
{
  CHECK(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
  CHECK(chmod("/opt/dev/pipe", 0644) == 0);
}

static void replace_node(void)
{
  CHECK(mount(NULL, "/dev", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_STRICTATIME, NULL) == 0);
  CHECK(unlink("/dev/zero") == 0 && mknod("/dev/zero", S_IFCHR | 0666, makedev(1, 3)) == 0);
  CHECK(mount(NULL, "/dev", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_STRICTATIME | MS_RDONLY, NULL) == 0);
}

static const struct {
  void (*damage)(void);
  const char *wanted;
} damages[] = {
  { unmask, "'/proc/version' was to be masked, but the kernel shows that it is not" },
  { unmask_directory, "'/sys/firmware' was to be masked" },
  { unprotect, "'/proc/sys' was to be read-only" },
  { lose_nosuid, "'/dev/shm' was to be nosuid" },
  { lose_a_mount, "'/dev/mqueue' was to be n" },
  { change_pipe, "'/opt/dev/pipe' was to be device p 0:0, mode 640, owner 1:2, but the kernel shows device "
                 "0:0, mode 644" },
  { replace_node, "'/dev/zero' was to be device c 1:5" },
};
static size_t damage_index;

static void damage_and_read_back(struct rootfs *rootfs)
{
  const struct plan plan = usual_plan();
  char text[1024];
  struct error err = { 0 };
  CHECK_NUMBER(rootfs_read_back(&plan, rootfs, &err), 0);
  damages[damage_index].damage();
  CHECK_NUMBER(rootfs_read_back(&plan, rootfs, &err), -1);
  (void)error_format(&err, text, sizeof text);
  if (!CHECK(text_starts_with(text, damages[damage_index].wanted)))
    printf("  got %s\n", text);
}

static void test_read_back(void)
{
  for (damage_index = 0; damage_index < UNIT_COUNT(damages); damage_index++) {
    new_image();
    struct plan plan = usual_plan();
    unit_at(damages[damage_index].wanted);
    CHECK_STRING(run(&plan, COPY, damage_and_read_back) ? "" : failure_text(), "");
  }
  unit_at(NULL);
}

/* --- propagation --- */

static void check_slave(struct rootfs *rootfs)
{
  (void)rootfs;
  CHECK(has_word(mount_line("/data"), " master:") && !has_word(mount_line("/data"), " shared:"));
  CHECK(!has_word(mount_line("/tmp"), " master:") && !has_word(mount_line("/tmp"), " shared:"));
  CHECK(has_word(mount_line("/old"), " shared:") && has_word(mount_line("/old"), " master:"));
  CHECK(!has_word(mount_line("/"), " shared:") && !has_word(mount_line("/"), " master:"));
}

static void check_shared(struct rootfs *rootfs)
{
  (void)rootfs;
  CHECK(has_word(mount_line("/old"), " shared:") && !has_word(mount_line("/old"), " master:"));
  CHECK(has_word(mount_line("/"), " shared:"));
  CHECK_NUMBER(mount("none", "/old", "tmpfs", 0, NULL), 0);
}

static void test_propagation(void)
{
  const char *shared = path_of("shared");
  CHECK_NUMBER(mkdir(shared, 0755), 0);
  CHECK_NUMBER(mount("none", shared, "tmpfs", 0, NULL), 0);
  CHECK_NUMBER(mount("", shared, "", MS_SHARED, NULL), 0);
  struct plan_mount mounts[] = {
    usual_mounts[0],
    { .how = MOUNT_BIND, .destination = "/data", .source = shared, .recursive = true, .origin = "" },
    { .how = MOUNT_BIND, .destination = "/tmp", .source = shared, .propagation = MS_PRIVATE, .origin = "" },
    { .how = MOUNT_BIND, .destination = "/old", .source = shared, .propagation = MS_SHARED, .origin = "" },
  };
  unsigned before = count_mounts();
  IN_BOTH_PLACES(place)
  {
    new_image();
    unit_at(place_names[place]);
    struct plan plan = { .root_propagation = MS_SLAVE | MS_REC, .mounts = ITEMS(mounts) };
    CHECK_STRING(run(&plan, place, check_slave) ? "" : failure_text(), "");
    CHECK_NUMBER(count_mounts(), before);
  }
  /* The image lies on a shared mount and the host's copy stays shared: only what the container mounts on a
   * shared bind may arrive outside. */
  unit_at("shared");
  char path[128];
  (void)snprintf(path, sizeof path, "%s/image", shared);
  CHECK(mkdir(path, 0755) == 0 && chdir(path) == 0 && mkdir("old", 0755) == 0);
  image = path;
  struct plan plan = { .root_propagation = MS_SHARED | MS_REC,
                       .root_propagation_last = MS_SHARED,
                       .mounts = ITEMS(mounts) };
  CHECK_STRING(run(&plan, COPY, check_shared) ? "" : failure_text(), "");
  CHECK_NUMBER(count_mounts(), before + 1);
  CHECK(chdir("/") == 0);
  while (umount2(shared, MNT_DETACH) == 0)
    ;
}

/* --- tmpfs --- */

static void check_tmpfs(struct rootfs *rootfs)
{
  (void)rootfs;
  struct stat st;
  char value[8];
  CHECK(stat("/old", &st) == 0 && st.st_mode == (S_IFDIR | 02751) && st.st_uid == 7 && st.st_gid == 8);
  CHECK_NUMBER(st.st_mtime, 1000);
  CHECK(has_word(mount_line("/old"), " ro,") && has_word(mount_line("/old"), " - tmpfs "));
  CHECK_NUMBER(try_create("/old/x"), EROFS);
  CHECK(content_is("/old/sub/deep/file", "deep") && content_is("/old/z/file", "z"));
  CHECK(stat("/old/sub/deep/file", &st) == 0 && st.st_mode == (S_IFREG | 04555) && st.st_uid == 5);
  CHECK_NUMBER(st.st_mtime, 2000);
  CHECK(link_is("/old/link", "/etc/../nowhere"));
  CHECK_NUMBER(mode_of("/old/fifo"), S_IFIFO | 0622);
  CHECK(is_device("/old/node", 1, 3));
  CHECK(getxattr("/old/sub/deep/file", "trusted.hull", value, sizeof value) == 3);
  unsigned entries = 0;
  DIR *d = opendir("/old/many");
  while (d && readdir(d))
    entries++;
  CHECK_NUMBER(entries, 402);
  CHECK_NUMBER(mode_of("/fresh"), S_IFDIR | 01777); /* not there before: what tmpfs gives */
  CHECK_NUMBER(mode_of("/data"), S_IFDIR | 0700);
}

static void fill_old(void)
{
  const struct timespec early[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
  const struct timespec late[2] = { { .tv_sec = 2000 }, { .tv_sec = 2000 } };
  char name[64];
  CHECK(mkdir("old/sub/deep", 0755) == 0 && mkdir("old/z", 0700) == 0 && mkdir("old/many", 0755) == 0);
  write_file("old/sub/deep/file", "deep");
  write_file("old/z/file", "z");
  for (int i = 0; i < 400; i++) {
    (void)snprintf(name, sizeof name, "old/many/a-rather-long-name-of-a-directory-%d", i);
    CHECK_NUMBER(mkdir(name, 0755), 0);
  }
  CHECK(chown("old/sub/deep/file", 5, 0) == 0 && chmod("old/sub/deep/file", 04555) == 0);
  CHECK_NUMBER(setxattr("old/sub/deep/file", "trusted.hull", "yes", 3, 0), 0);
  CHECK_NUMBER(utimensat(AT_FDCWD, "old/sub/deep/file", late, 0), 0);
  CHECK_NUMBER(symlink("/etc/../nowhere", "old/link"), 0);
  CHECK(mkfifo("old/fifo", 0) == 0 && chmod("old/fifo", 0622) == 0);
  CHECK_NUMBER(mknod("old/node", S_IFCHR | 0600, makedev(1, 3)), 0);
  CHECK(chown("old", 7, 8) == 0 && chmod("old", 02751) == 0);
  CHECK_NUMBER(utimensat(AT_FDCWD, "old", early, 0), 0);
}

static void test_tmpfs(void)
{
  struct plan_mount_option mode[] = { { "mode", "700" } };
  struct plan_mount mounts[] = {
    usual_mounts[0],
    { .how = MOUNT_NEW,
      .destination = "/old",
      .type = "tmpfs",
      .source = "tmpfs",
      .copy_up = true,
      .origin = "",
      .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV,
      .mode_from_target = true },
    { .how = MOUNT_NEW, .destination = "/fresh", .type = "tmpfs", .origin = "", .mode_from_target = true },
    { .how = MOUNT_NEW,
      .destination = "/data",
      .type = "tmpfs",
      .origin = "",
      .options = ITEMS(mode),
      .copy_up = true },
  };
  IN_BOTH_PLACES(place)
  {
    new_image();
    fill_old();
    unit_at(place_names[place]);
    struct plan plan = { .mounts = ITEMS(mounts) };
    CHECK_STRING(run(&plan, place, check_tmpfs) ? "" : failure_text(), "");
  }
  unit_at("too deep");
  new_image();
  CHECK_NUMBER(chdir("old"), 0);
  for (int i = 0; i < 70; i++)
    CHECK(mkdir("d", 0755) == 0 && chdir("d") == 0);
  struct plan plan = { .mounts = ITEMS(mounts) };
  CHECK(!run(&plan, COPY, NULL) && strstr(failure_text(), "more than 64 directories deep"));
}

/* --- user namespaces, cgroups --- */

static void write_map(pid_t pid, const char *name, const char *text)
{
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
  CHECK(fd >= 0 && write(fd, text, strlen(text)) > 0);
}

static void check_user_namespace(void)
{
  struct stat st;
  CHECK(is_device("/dev/null", 1, 3) && is_device("/dev/zero", 1, 5) && link_is("/dev/fd", "/proc/self/fd"));
  auto_close int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  CHECK(null >= 0 && write(null, "x", 1) == 1);
  CHECK(has_word(mount_line("/sys"), " - sysfs ") && has_word(mount_line("/sys"), " ro,"));
  CHECK(has_word(mount_line("/proc"), " - proc "));
  CHECK(is_device("/proc/version", 1, 3) && content_is("/data/file", "bound"));
  CHECK(stat("/old", &st) == 0 && st.st_uid == 0); /* the image's owner is not mapped */
  CHECK(access(unit_dir, F_OK) < 0);
}

static int enter_user_namespace(const struct plan *plan, struct rootfs *rootfs, int flags)
{
  unit_failed = 0;
  if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0 || unshare(flags) < 0)
    return 3;
  pid_t pid = fork();
  if (pid == 0) {
    if (!setup(plan, rootfs))
      _exit(1);
    check_user_namespace();
    (void)fflush(stdout);
    _exit(unit_failed ? 2 : 0);
  }
  int status;
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

/* The runtime opened everything; init has its rights in the new namespace only. 'flags': CLONE_NEWNET or not,
 * which decides whether a new sysfs is allowed. */
static int run_in_user_namespace(const struct plan *plan, struct rootfs *rootfs, int flags)
{
  int ready[2];
  char byte = 0;
  if (pipe2(ready, O_CLOEXEC) < 0)
    return 5;
  (void)fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    bool made = unshare(CLONE_NEWUSER) == 0 && kill(getpid(), SIGSTOP) == 0;
    (void)!read(ready[0], &byte, 1);
    _exit(made ? enter_user_namespace(plan, rootfs, flags) : 6);
  }
  int status;
  CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
  write_map(pid, "uid_map", "0 100000 1000");
  write_map(pid, "gid_map", "0 100000 1000");
  (void)kill(pid, SIGCONT);
  (void)!write(ready[1], &byte, 1);
  (void)close(ready[0]);
  (void)close(ready[1]);
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

static void test_user_namespace(void)
{
  static const int namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  struct plan_device devices[] = {
    { "/dev/null", 'c', 1, 3, 0666, 0, 0, true, "" },
    { "/dev/zero", 'c', 1, 5, 0666, 0, 0, false, "" }, /* refused; falls back to the host's */
  };
  for (int with_network = 0; with_network < 2; with_network++) {
    unit_at(with_network ? "user and network namespace" : "user namespace");
    new_image();
    CHECK(chown(image, 100000, 100000) == 0 && chown("old", 5, 5) == 0);
    for (size_t i = 0; i < UNIT_COUNT(image_dirs); i++)
      CHECK(strcmp(image_dirs[i], "old") == 0 || chown(image_dirs[i], 100000, 100000) == 0);
    struct plan plan = usual_plan();
    struct plan_mount mounts[UNIT_COUNT(usual_mounts) + 1];
    memcpy(mounts, usual_mounts, sizeof usual_mounts);
    mounts[UNIT_COUNT(usual_mounts)] = (struct plan_mount){
      .how = MOUNT_NEW, .destination = "/old", .type = "tmpfs", .mode_from_target = true, .origin = ""
    };
    plan.rootfs = image;
    plan.mounts.items = mounts;
    plan.mounts.count = UNIT_COUNT(mounts);
    plan.devices.items = devices;
    plan.devices.count = UNIT_COUNT(devices);
    plan.namespaces[NS_USER].how = NS_NEW;
    int sources[ENTRIES_MAX], nodes[ENTRIES_MAX];
    struct rootfs rootfs = { .cgroup_dir = -1, .sources = sources, .devices = nodes };
    error_clear(failure);
    CHECK_NUMBER(rootfs_acquire(&plan, &rootfs, failure), 0);
    int status = run_in_user_namespace(&plan, &rootfs, namespaces | (with_network ? CLONE_NEWNET : 0));
    CHECK_STRING(status == 1 ? failure_text() : "", "");
    CHECK(status <= 1);
    rootfs_release(&plan, &rootfs);
  }
}

static void check_cgroup(struct rootfs *rootfs)
{
  (void)rootfs;
  CHECK(has_word(mount_line("/sys"), " - cgroup2 "));
  CHECK(content_is("/data/tasks-here", "here"));
  CHECK_NUMBER(try_create("/data/x"), EROFS);
  CHECK(has_word(mount_line("/tmp"), "size=8k"));
}

static void test_cgroup_and_remount(void)
{
  struct plan_mount_option small[] = { { "size", "8k" } };
  struct plan_mount mounts[] = {
    usual_mounts[0],
    { .how = MOUNT_CGROUP,
      .destination = "/sys",
      .type = "cgroup2",
      .source = "cgroup",
      .attr_set = COMMON,
      .origin = "" },
    { .how = MOUNT_CGROUP_BIND, .destination = "/data", .attr_set = MOUNT_ATTR_NOSUID, .origin = "" },
    { .how = MOUNT_NEW, .destination = "/tmp", .type = "tmpfs", .origin = "" },
    { .how = MOUNT_REMOUNT, .destination = "/tmp", .options = ITEMS(small), .origin = "" },
  };
  IN_BOTH_PLACES(place)
  {
    unit_at(place_names[place]);
    new_image();
    CHECK(mkdir(path_of("cgroup"), 0755) == 0 || errno == EEXIST);
    write_file(path_of("cgroup/tasks-here"), "here");
    cgroup_dir = open(path_of("cgroup"), O_PATH | O_DIRECTORY | O_CLOEXEC); /* any directory does for this */
    struct plan plan = { .mounts = ITEMS(mounts) };
    CHECK_STRING(run(&plan, place, check_cgroup) ? "" : failure_text(), "");
    fd_close(&cgroup_dir);
  }
}

static void test_very_many_binds(void)
{
  enum { MANY = 1200 };
  static struct plan_mount mounts[MANY];
  static int sources[MANY];
  unit_at("very many");
  new_image();
  struct rlimit before, after;
  CHECK_NUMBER(getrlimit(RLIMIT_NOFILE, &before), 0);
  const struct rlimit low = { .rlim_cur = 1024, .rlim_max = before.rlim_max };
  CHECK_NUMBER(setrlimit(RLIMIT_NOFILE, &low), 0);
  for (size_t i = 0; i < MANY; i++)
    mounts[i] =
        (struct plan_mount){ .how = MOUNT_BIND, .destination = "/data", .source = image, .origin = "" };
  struct plan plan = { .rootfs = image, .mounts = ITEMS(mounts) };
  struct rootfs rootfs = { .cgroup_dir = -1, .sources = sources };
  error_clear(failure);
  CHECK_STRING(rootfs_acquire(&plan, &rootfs, failure) == 0 ? "" : failure_text(), "");
  CHECK(getrlimit(RLIMIT_NOFILE, &after) == 0 && after.rlim_cur > MANY);
  rootfs_release(&plan, &rootfs);
  CHECK_NUMBER(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* --- hostile images and wrong wishes --- */

static void replace_by_link(const char *name, const char *target)
{
  (void)rmdir(name);
  CHECK_NUMBER(symlink(target, name), 0);
}

static void dev_is_outside(void)
{
  replace_by_link("dev", path_of("outside"));
}
static void dev_is_elsewhere(void)
{
  replace_by_link("dev", "data");
}
static void dev_climbs(void)
{
  replace_by_link("dev", "../outside");
}
static void proc_is_link(void)
{
  replace_by_link("proc", "data");
}
static void proc_is_outside(void)
{
  replace_by_link("proc", path_of("outside"));
}
static void sys_is_link(void)
{
  replace_by_link("sys", "/data");
}
static void link_to_outside(void)
{
  replace_by_link("lnk", path_of("outside"));
}
static void link_climbs(void)
{
  replace_by_link("lnk", "../../../../../../../../outside");
}
static void link_to_nothing(void)
{
  replace_by_link("lnk", "/nowhere/at/all");
}
static void link_is_magic(void)
{
  replace_by_link("lnk", "/proc/self/root");
}
static void link_chain(void)
{
  char name[16], target[256];
  for (int i = 0; i < 40; i++) {
    (void)snprintf(name, sizeof name, i ? "l%d" : "lnk", i);
    (void)snprintf(target, sizeof target, i < 39 ? "l%d" : "../outside", i + 1);
    replace_by_link(name, target);
  }
}
static void null_is_canary(void)
{
  replace_by_link("dev/null", path_of("outside/secret"));
}
static void tty_is_file(void)
{
  write_file("dev/tty", "");
}
static void nothing(void)
{
}

enum ask { ASK_DEVICES = 1, ASK_PROC = 2, ASK_SYS = 4, ASK_MASK = 8, ASK_READONLY = 16 };
static const struct {
  const char *name;
  void (*prepare)(void);
  const char *bind_file, *bind_dir, *tmpfs; /* destinations */
  unsigned ask;
  const char *path;  /* ASK_MASK, ASK_READONLY */
  const char *error; /* NULL: works; "": either way */
} rows[] = {
  { "dev outside", dev_is_outside, .ask = ASK_DEVICES, .error = "symbolic link" },
  { "dev elsewhere", dev_is_elsewhere, .ask = ASK_DEVICES, .error = "symbolic link" },
  { "dev climbs", dev_climbs, .ask = ASK_DEVICES, .error = "symbolic link" },
  { "proc link", proc_is_link, .ask = ASK_PROC, .error = "symbolic link" },
  { "proc outside", proc_is_outside, .ask = ASK_PROC, .error = "symbolic link" },
  { "sys link", sys_is_link, .ask = ASK_SYS, .error = "symbolic link" },
  { "file by link", link_to_outside, .bind_file = "/lnk/sub/file" },
  { "dir by link", link_to_outside, .bind_dir = "/lnk/sub/dir" },
  { "tmpfs on link", link_to_outside, .tmpfs = "/lnk" },
  { "file on link", link_to_outside, .bind_file = "/lnk" },
  { "climbing link", link_climbs, .bind_dir = "/lnk/dir" },
  { "climbing link, tmpfs", link_climbs, .tmpfs = "/lnk/dir" },
  { "dangling link", link_to_nothing, .bind_file = "/lnk" },
  { "dot dot", nothing, .bind_dir = "/etc/../../../outside/dir", .error = "" },
  { "dot dot by link", link_to_outside, .bind_file = "/lnk/../../outside/file", .error = "" },
  { "trailing slash", link_to_outside, .tmpfs = "/lnk/", .error = "" },
  { "magic link", link_is_magic, .ask = ASK_PROC, .tmpfs = "/lnk/etc", .error = "" },
  { "chain", link_chain, .bind_dir = "/lnk/dir", .error = "" },
  { "mask by link", link_to_outside, .ask = ASK_MASK, .path = "/lnk/secret" },
  { "mask dir by link", link_climbs, .ask = ASK_MASK, .path = "/lnk" },
  { "read-only by link", link_climbs, .ask = ASK_READONLY, .path = "/lnk" },
  { "null is a link", null_is_canary, .ask = ASK_MASK, .path = "/etc/passwd" },
  { "null is a link, made", null_is_canary, .ask = ASK_DEVICES,
    .error = "is there already and is not device c 1:3" },
  { "tty is a file", tty_is_file, .ask = ASK_DEVICES, .error = "is there already and is not device c 5:0" },
};

/* The outside: one file with known content, and nothing else. */
static void check_outside(void)
{
  unsigned entries = 0;
  DIR *d = opendir(path_of("outside"));
  while (d && readdir(d))
    entries++;
  if (d)
    (void)closedir(d);
  CHECK_NUMBER(entries, 3);
  CHECK_NUMBER(mode_of(path_of("outside")), S_IFDIR | 0755);
  CHECK_NUMBER(mode_of(path_of("outside/secret")), S_IFREG | 0644);
  CHECK(content_is(path_of("outside/secret"), "canary"));
}

static void check_mask(struct rootfs *rootfs)
{
  (void)rootfs;
  if (strcmp(unit_row, "null is a link") == 0)
    CHECK(is_device("/etc/passwd", 1, 3));
}

static void run_row(size_t i, enum place place)
{
  struct plan_mount mounts[4];
  struct plan_path paths[] = { { rows[i].path, "/path" } };
  struct plan plan = { .root_propagation = MS_SLAVE, .mounts.items = mounts };
  new_image();
  rows[i].prepare();
  if (rows[i].ask & ASK_PROC)
    mounts[plan.mounts.count++] = usual_mounts[0];
  if (rows[i].ask & ASK_SYS)
    mounts[plan.mounts.count++] = usual_mounts[5];
  if (rows[i].bind_file)
    mounts[plan.mounts.count++] = (struct plan_mount){
      .how = MOUNT_BIND, .destination = rows[i].bind_file, .source = path_of("source/file"), .origin = ""
    };
  if (rows[i].bind_dir)
    mounts[plan.mounts.count++] = (struct plan_mount){
      .how = MOUNT_BIND, .destination = rows[i].bind_dir, .source = path_of("source"), .origin = ""
    };
  if (rows[i].tmpfs)
    mounts[plan.mounts.count++] =
        (struct plan_mount){ .how = MOUNT_NEW, .destination = rows[i].tmpfs, .type = "tmpfs", .origin = "" };
  if (rows[i].ask & ASK_DEVICES) {
    plan.fill_dev = true;
    plan.devices.items = usual_devices;
    plan.devices.count = 3;
  }
  plan.masked.items = plan.readonly.items = paths;
  plan.masked.count = rows[i].ask & ASK_MASK ? 1 : 0;
  plan.readonly.count = rows[i].ask & ASK_READONLY ? 1 : 0;

  bool came_up = run(&plan, place, check_mask);
  if (!rows[i].error)
    CHECK_STRING(came_up ? "" : failure_text(), "");
  else if (*rows[i].error && !CHECK(!came_up && strstr(failure_text(), rows[i].error)))
    printf("  got    '%s'\n", failure_text());
  check_outside();
}

static void test_hostile(void)
{
  unsigned before = count_mounts();
  IN_BOTH_PLACES(place)
  {
    for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
      unit_at(rows[i].name);
      run_row(i, place);
      CHECK_NUMBER(count_mounts(), before);
    }
  }
}

/* Another container swaps a directory of the volume with a link to the outside (CVE-2021-30465,
 * CVE-2024-45310). A start may fail then; nothing may be made or mounted outside. */
static void test_race(void)
{
  struct plan_mount mounts[] = {
    usual_mounts[0],
    { .how = MOUNT_BIND, .destination = "/data/a/x/y", .source = path_of("source"), .origin = "" },
    { .how = MOUNT_BIND, .destination = "/data/a/x/f", .source = path_of("source/file"), .origin = "" },
    { .how = MOUNT_NEW, .destination = "/data/a/t", .type = "tmpfs", .origin = "" },
  };
  struct plan_path masked[] = { { "/data/a/secret", "" } };
  unit_at("race");
  new_image();
  CHECK(mkdir("data/a", 0755) == 0 && symlink(path_of("outside"), "data/l") == 0);
  unsigned before = count_mounts();
  pid_t racer = fork();
  while (racer == 0)
    (void)renameat2(AT_FDCWD, "data/a", AT_FDCWD, "data/l", RENAME_EXCHANGE);
  unsigned came_up = 0;
  for (unsigned i = 0; i < 60; i++) {
    struct plan plan = { .mounts = ITEMS(mounts), .masked = ITEMS(masked) };
    came_up += run(&plan, i % 2 ? PINNED : COPY, NULL);
  }
  (void)kill(racer, SIGKILL);
  (void)waitpid(racer, NULL, 0);
  check_outside();
  CHECK(came_up > 0);
  CHECK_NUMBER(count_mounts(), before);
}

static void test_messages(void)
{
  new_image();
  unit_at("messages");
  struct plan_mount bind = {
    .how = MOUNT_BIND, .destination = "/data", .source = "/x-not-there", .origin = "/mounts/3/source"
  };
  struct plan plan = { .mounts = { .items = &bind, .count = 1 } };
  CHECK(!run(&plan, COPY, NULL));
  CHECK_STRING(failure_text(),
               "cannot find bind source '/x-not-there': No such file or directory (at /mounts/3/source)");

  struct plan_mount_option unknown[] = { { "foo", "bar" } };
  struct plan_mount wrong = { .how = MOUNT_NEW,
                              .destination = "/data",
                              .type = "tmpfs",
                              .origin = "/mounts/1",
                              .options = ITEMS(unknown) };
  plan.mounts.items = &wrong;
  CHECK(!run(&plan, COPY, NULL));
  CHECK_STRING(failure_text(),
               "cannot mount '/data': tmpfs: Unknown parameter 'foo': Invalid argument (at /mounts/1)");

  struct plan_mount none = {
    .how = MOUNT_REMOUNT, .destination = "/data", .attr_set = MOUNT_ATTR_RDONLY, .origin = "/mounts/2"
  };
  plan.mounts.items = &none;
  CHECK(!run(&plan, COPY, NULL) && strstr(failure_text(), "nothing is mounted there"));

  plan = (struct plan){ .rootfs = path_of("link-to-image") };
  CHECK_NUMBER(symlink(image, plan.rootfs), 0);
  CHECK(!run(&plan, COPY, NULL) && strstr(failure_text(), "is a symbolic link"));
  plan.rootfs = path_of("source/file");
  CHECK(!run(&plan, COPY, NULL) && strstr(failure_text(), "Not a directory"));
  plan.rootfs = path_of("not-there");
  CHECK(!run(&plan, COPY, NULL) && strstr(failure_text(), "(at /root/path)"));
}

/* --- setting up --- */

/* The namespace that `hull` pins: one empty, read-only, private tmpfs. */
static int make_pinned_ns(void)
{
  int ready[2];
  char path[64];
  if (pipe2(ready, O_CLOEXEC) < 0)
    return -1;
  pid_t pid = fork();
  if (pid == 0) {
    bool made = mkdir("empty", 0755) == 0 && unshare(CLONE_NEWNS) == 0
                && mount("none", "empty", "tmpfs", MS_RDONLY, NULL) == 0 && chdir("empty") == 0
                && sys_pivot_root(".", ".") == 0 && umount2(".", MNT_DETACH) == 0;
    (void)!write(ready[1], made ? "y" : "n", 1);
    (void)pause();
    _exit(0);
  }
  char answer = 'n';
  (void)!read(ready[0], &answer, 1);
  (void)snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
  int ns = answer == 'y' ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  (void)kill(pid, SIGKILL);
  (void)waitpid(pid, NULL, 0);
  (void)close(ready[0]);
  (void)close(ready[1]);
  return ns;
}

int main(void)
{
  if (geteuid() != 0)
    unit_skip("needs root");
  (void)umask(022);
  if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0)
    unit_skip("cannot make a mount namespace");
  failure = mmap(NULL, sizeof *failure, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (failure == MAP_FAILED)
    return 1;
  (void)unit_temp_dir();
  CHECK(chmod(unit_dir, 0755) == 0);
  CHECK(mkdir("outside", 0755) == 0 && mkdir("source", 0755) == 0 && mkdir("writable", 0755) == 0);
  write_file("outside/secret", "canary");
  write_file("source/file", "bound");
  pinned_ns = make_pinned_ns();
  CHECK(pinned_ns >= 0);

  test_usual();
  test_read_back();
  test_propagation();
  test_tmpfs();
  test_user_namespace();
  test_cgroup_and_remount();
  test_very_many_binds();
  test_hostile();
  test_race();
  test_messages();
  return unit_finish();
}
