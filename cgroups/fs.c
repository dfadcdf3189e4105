/* SPDX-License-Identifier: Apache-2.0
 * The cgroupfs driver: finds, checks, makes and opens cgroups. Every lookup starts at the mount's
 * descriptor and is one openat2(2) with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_XDEV.
 * Security: GHSA-5g49-rx9x-qfc6; a path that leads out of the hierarchy must fail, not be cleaned. */
#include "cgroups/fs.h"
#include "cgroups/mark.h"
#include "cgroups/systemd.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define MAKE_RETRIES 100 /* a parent that we share with others may be removed under us each time */
#define PROC_CGROUP_BYTES 16384

/* --- where the hierarchy is ---------------------------------------------------------------------- */

static const char *file_system_name(long type)
{
  if (type == TMPFS_MAGIC)
    return "a tmpfs, as on hosts with cgroup v1";
  if (type == CGROUP_SUPER_MAGIC)
    return "a cgroup v1 hierarchy";
  if (type == SYSFS_MAGIC)
    return "an empty directory of sysfs";
  return "another file system";
}

/* 1: it is there; 0: something else is, see 'type'; -1: errno. */
static int find_at(struct cgroup_layout *layout, const char *mount_point, long *type)
{
  auto_close int fd = open(mount_point, O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct statfs fs;
  if (fd < 0 || fstatfs(fd, &fs) < 0)
    return -1;
  *type = (long)fs.f_type;
  if (fs.f_type != CGROUP2_SUPER_MAGIC)
    return 0;
  layout->mount_fd = take_fd(&fd);
  layout->mount_point = mount_point;
  return 1;
}

int cgroup_find(struct cgroup_layout *layout, struct error *err)
{
  *layout = (struct cgroup_layout)CGROUP_LAYOUT_INIT;
  long type = 0, ignored;
  int found = find_at(layout, "/sys/fs/cgroup", &type);
  if (found < 0)
    return error_set(err, ERROR_HOST, errno,
                     "cannot open '/sys/fs/cgroup' (--cgroup-manager disabled does "
                     "without cgroups)");
  if (found)
    return 0;
  if (find_at(layout, "/sys/fs/cgroup/unified", &ignored) == 1) {
    layout->hybrid = true;
    return 0;
  }
  return error_set(
      err, ERROR_HOST, 0,
      "cgroup v2 is not mounted: '/sys/fs/cgroup' is %s, and '/sys/fs/cgroup/unified' is no cgroup2 "
      "mount; hosts with cgroup v1 only are not supported",
      file_system_name(type));
}

void cgroup_layout_close(struct cgroup_layout *layout)
{
  fd_close(&layout->mount_fd);
}

const char *cgroup_path_of(struct arena *arena, pid_t pid, struct error *err)
{
  char name[32] = "self/cgroup", text[PROC_CGROUP_BYTES];
  int root = proc_root(err);
  if (root < 0)
    return NULL;
  if (pid)
    (void)snprintf(name, sizeof name, "%d/cgroup", (int)pid);
  if (file_read_small(root, name, text, sizeof text) < 0) {
    (void)error_set(err, ERROR_KERNEL, errno, "cannot read '/proc/%s'", name);
    return NULL;
  }
  const char *path = cgroup_path_of_text(arena, text);
  if (!path)
    (void)error_set(err, ERROR_HOST, 0, "'/proc/%s' has no line of the unified hierarchy", name);
  return path;
}

/* --- opening ------------------------------------------------------------------------------------- */

/* The first 'length' bytes of an absolute path, relative to the mount; "" is the mount itself. errno. */
int cgroup_open_prefix(const struct cgroup_layout *layout, const char *path, size_t length)
{
  char relative[CGROUP_PATH_BYTES];
  if (length <= 1)
    return open_beneath_no_xdev(layout->mount_fd, ".", DIR_FLAGS, 0);
  if (length > sizeof relative) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(relative, path + 1, length - 1);
  relative[length - 1] = '\0';
  return open_beneath_no_xdev(layout->mount_fd, relative, DIR_FLAGS, 0);
}

size_t cgroup_parent_length(const char *path, size_t length)
{
  while (length > 0 && path[length - 1] != '/')
    length--;
  return length > 0 ? length - 1 : 0;
}

void cgroup_close(struct cgroup *cgroup)
{
  systemd_keeper_end(cgroup);
  fd_close(&cgroup->fd);
}

static int take_inode(struct cgroup *cgroup, struct error *err)
{
  struct stat st;
  if (fstat(cgroup->fd, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine cgroup '%s'", cgroup->path);
  cgroup->inode = st.st_ino;
  return 0;
}

int cgroup_open_path(const struct cgroup_layout *layout, const char *path, struct cgroup *cgroup,
                     struct error *err)
{
  *cgroup = (struct cgroup){ .fd = cgroup_open_prefix(layout, path, strlen(path)), .path = path };
  if (cgroup->fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open cgroup '%s'", path);
  if (take_inode(cgroup, err) == 0)
    return 0;
  cgroup_close(cgroup);
  return -1;
}

int cgroup_open(const struct cgroup_layout *layout, const struct cgroup_record *record, struct cgroup *cgroup,
                struct error *err)
{
  *cgroup = (struct cgroup)CGROUP_INIT;
  if (record->manager == CGROUP_DISABLED)
    return 0;
  struct error trouble = { 0 };
  if (cgroup_open_path(layout, record->path, cgroup, &trouble) < 0) {
    const struct cgroup missing = { .path = record->path };
    if (trouble.errnum == ENOENT && record->inode)
      return cgroup_gone(&missing, err);
    if (err)
      *err = trouble;
    return -1;
  }
  cgroup->made = record->made;
  if (!record->inode || cgroup->inode == record->inode)
    return 0;
  cgroup_close(cgroup);
  return error_set(err, ERROR_STATE, ENOENT, "cgroup '%s' is another one now", record->path);
}

int cgroup_find_and_open(const struct cgroup_record *record, struct cgroup *cgroup, struct error *err)
{
  struct cgroup_layout layout;
  *cgroup = (struct cgroup)CGROUP_INIT;
  if (record->manager == CGROUP_DISABLED)
    return 0;
  if (cgroup_find(&layout, err) < 0)
    return -1;
  const int result = cgroup_open(&layout, record, cgroup, err);
  cgroup_layout_close(&layout);
  return result;
}

int cgroup_open_sub(const struct cgroup *cgroup, const char *sub, struct cgroup *out, struct error *err)
{
  const char *relative = sub + strspn(sub, "/");
  if (!*relative)
    relative = ".";
  *out = (struct cgroup){ .path = sub, .made = cgroup->made };
  /* '..' fails here with EXDEV as soon as it leaves the container's cgroup. */
  out->fd = open_beneath_no_xdev(cgroup->fd, relative, DIR_FLAGS, 0);
  if (out->fd < 0)
    return error_set(err, errno == EXDEV ? ERROR_USAGE : ERROR_KERNEL, errno,
                     "cannot open cgroup '%s' below cgroup '%s'", sub, cgroup->path);
  return take_inode(out, err);
}

/* --- check --------------------------------------------------------------------------------------- */

/* Leading components that exist; *dir is the last of them. -1: errno. */
static int count_existing(const struct cgroup_layout *layout, const char *path, int *dir)
{
  size_t length = strlen(path);
  do {
    length = cgroup_parent_length(path, length);
    *dir = cgroup_open_prefix(layout, path, length);
  } while (*dir < 0 && errno == ENOENT && length > 0);
  if (*dir < 0)
    return -1;
  int count = 0;
  for (size_t i = 0; i < length; i++)
    count += path[i] == '/';
  return count;
}

static int check_events(int dir, const char *path, bool may_be_populated, struct error *err)
{
  struct cgroup cgroup = { .fd = dir, .path = path };
  struct cgroup_events events;
  struct error trouble = { 0 };
  if (cgroup_read_events(&cgroup, &events, &trouble) < 0) {
    /* The root has no such file, and is never frozen. ENODEV: it was removed just now. */
    if (trouble.errnum == ENOENT || trouble.errnum == ENODEV)
      return 0;
    if (err)
      *err = trouble;
    return -1;
  }
  if (events.populated && !may_be_populated)
    return error_set(err, ERROR_STATE, 0, "cgroup '%s' holds processes: a container needs one that is empty",
                     path);
  if (events.frozen)
    return error_set(err, ERROR_STATE, 0, "cgroup '%s' is frozen: a container in it would never start", path);
  return 0;
}

/* Removing a parent that we made is up to the last container below it, and processes in it would keep
 * controllers from those. "NONCE ID": the owner would kill and remove it as his. */
static int check_mark(char *mark, const struct cgroup_record *record, struct error *err)
{
  if (strcmp(mark, MARK_PARENT) == 0)
    return error_set(err, ERROR_STATE, 0,
                     "cgroup '%s' was made to hold the cgroups of other containers: remove it if none of "
                     "them is left",
                     record->path);
  const char *id = mark_id(mark);
  return error_set(err, ERROR_STATE, 0,
                   "cgroup '%s' belongs to container '%s': delete that one first (or remove the cgroup, if "
                   "there is no such container)",
                   record->path, id ? id : "?");
}

static int check_leaf(int leaf, struct cgroup_record *record, struct error *err)
{
  char mark[MARK_BYTES];
  struct stat st;
  if (fstat(leaf, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine cgroup '%s'", record->path);
  record->inode = st.st_ino;
  if (strcmp(record->path, "/") == 0) /* the real root has no cgroup.events that would show its processes */
    return error_set(err, ERROR_CONFIG, 0, "the root of the hierarchy can't be a container's cgroup");
  if (record->manager == CGROUP_FS && text_ends_with(record->path, ".slice"))
    return error_set(err, ERROR_CONFIG, 0,
                     "cgroup '%s' is a slice of systemd, which holds units and no processes", record->path);
  for (const char *p = record->path; *p; p++)
    record->existing += *p == '/';
  if (check_events(leaf, record->path, false, err) < 0)
    return -1;
  if (mark_get(leaf, mark))
    return check_mark(mark, record, err);
  return 0;
}

static int make_nonce(char nonce[static CGROUP_NONCE_BYTES], struct error *err)
{
  uint64_t random;
  if (getrandom(&random, sizeof random, 0) != sizeof random)
    return error_set(err, ERROR_KERNEL, errno, "cannot get random bytes");
  (void)snprintf(nonce, CGROUP_NONCE_BYTES, "%016llx", (unsigned long long)random);
  return 0;
}

/* True if our own cgroup is path[0..length) or below it. */
static bool we_are_in(const char *path, size_t length)
{
  struct arena arena = ARENA_INIT;
  const char *own = cgroup_path_of(&arena, 0, NULL);
  bool result = own && strncmp(own, path, length) == 0 && (own[length] == '/' || own[length] == '\0');
  arena_release(&arena);
  return result;
}

/* Whoever deletes a container kills and removes what is below its cgroup. Only who is in there himself may
 * have his there too: a runtime in a container. */
static int check_ancestors(const struct cgroup_layout *layout, const char *path, struct error *err)
{
  char name[CGROUP_PATH_BYTES + 64], mark[MARK_BYTES];
  size_t root = strlen(layout->mount_point), leaf = root + cgroup_parent_length(path, strlen(path));
  (void)snprintf(name, sizeof name, "%s%s", layout->mount_point, path);
  for (size_t at = root + 1; at <= leaf; at++) {
    if (name[at] != '/')
      continue;
    name[at] = '\0';
    bool marked = mark_get_at(name, mark);
    if (!marked && errno == ENOENT) /* nor is anything below it there */
      return 0;
    if (marked && strcmp(mark, MARK_PARENT) != 0 && !we_are_in(path, at - root)) {
      const char *id = mark_id(mark);
      return error_set(err, ERROR_STATE, 0,
                       "cgroup '%s' is inside '%s', the cgroup of container '%s', and would go with it", path,
                       name + root, id ? id : "?");
    }
    name[at] = '/';
  }
  return 0;
}

int fs_check(const struct cgroup_layout *layout, struct cgroup_record *record, struct error *err)
{
  if (make_nonce(record->nonce, err) < 0 || check_ancestors(layout, record->path, err) < 0)
    return -1;
  auto_close int leaf = cgroup_open_prefix(layout, record->path, strlen(record->path));
  if (leaf >= 0)
    return check_leaf(leaf, record, err);
  if (errno != ENOENT)
    return error_set(err, ERROR_CONFIG, errno, "cannot open cgroup '%s'", record->path);

  record->made = true;
  auto_close int ancestor = -1;
  int existing = count_existing(layout, record->path, &ancestor);
  if (existing < 0)
    return error_set(err, ERROR_CONFIG, errno, "cannot open the parents of cgroup '%s'", record->path);
  record->existing = (unsigned)existing;
  if (check_events(ancestor, record->path, true, err) < 0)
    return error_wrap(err, "cannot use the parents of cgroup '%s'", record->path);
  return 0;
}

/* --- create -------------------------------------------------------------------------------------- */

static int refuse_make(const char *path, int length, int errnum, struct error *err)
{
  const char *why = "";
  if (errnum == EROFS)
    why = " (the cgroup2 mount is read-only here: remount it, or use --cgroup-manager disabled)";
  else if (errnum == EACCES || errnum == EPERM)
    why = " (its parent is not delegated to us)";
  else if (errnum == EAGAIN)
    why = " (cgroup.max.descendants or cgroup.max.depth of a parent is reached)";
  return error_set(err, ERROR_KERNEL, errnum, "cannot make cgroup '%.*s'%s", length, path, why);
}

/* Of two that have the same directory, one because it made it and one because it found it, the first to mark
 * has it. */
static int mark_made(int dir, const char *mark, const char *path)
{
  if (mark_claim(dir, mark) == 0)
    return 0;
  if (errno == EEXIST)
    return -1;
  log_debug("cannot mark cgroup '%s': if this create is killed, 'delete' may leave it: %s", path,
            strerror(errno));
  return 0;
}

/* Opens the parent at path[0..length), made and marked where it is missing. errno. */
static int enter_parent(int dir, const char *name, const char *path)
{
  int fd = open_beneath_no_xdev(dir, name, DIR_FLAGS, 0);
  if (fd >= 0 || errno != ENOENT)
    return fd;
  bool made = mkdirat(dir, name, 0755) == 0;
  if (!made && errno != EEXIST)
    return -1;
  fd = open_beneath_no_xdev(dir, name, DIR_FLAGS, 0);
  if (fd >= 0 && made)
    (void)mark_made(fd, MARK_PARENT, path); /* another container's leaf by now: then ours can't be below */
  return fd;
}

static int walk_to_parent(const struct cgroup_layout *layout, const char *path, size_t length,
                          struct error *err)
{
  auto_close int dir = cgroup_open_prefix(layout, path, 0);
  if (dir < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '%s'", layout->mount_point);
  for (size_t at = 1; at < length;) {
    char name[NAME_MAX + 1];
    size_t n = strcspn(path + at, "/");
    if (n > NAME_MAX)
      return refuse_make(path, (int)(at + n), ENAMETOOLONG, err);
    memcpy(name, path + at, n);
    name[n] = '\0';
    at += n;
    int next = enter_parent(dir, name, path);
    if (next < 0)
      return refuse_make(path, (int)at, errno, err);
    at++;
    fd_close(&dir);
    dir = next;
  }
  return take_fd(&dir);
}

static int open_parent(const struct cgroup_layout *layout, const char *path, struct error *err)
{
  size_t length = cgroup_parent_length(path, strlen(path));
  int fd = cgroup_open_prefix(layout, path, length);
  if (fd >= 0)
    return fd;
  return walk_to_parent(layout, path, length, err);
}

static int make_leaf(const struct cgroup_layout *layout, struct cgroup_record *record, struct error *err)
{
  for (int i = 0; i < MAKE_RETRIES; i++) {
    auto_close int parent = open_parent(layout, record->path, err);
    if (parent >= 0 && mkdirat(parent, strrchr(record->path, '/') + 1, 0755) == 0)
      return 0;
    int errnum = parent < 0 ? err->errnum : errno;
    /* The parent's last container was deleted, and the parent with it, since we opened it. */
    if (errnum == ENOENT || errnum == ENODEV)
      continue;
    if (errnum == EEXIST)
      break;
    return parent < 0 ? -1 : refuse_make(record->path, (int)strlen(record->path), errnum, err);
  }
  record->made = false; /* whoever made it will remove it */
  return error_set(err, ERROR_STATE, 0,
                   "cgroup '%s' was made or its parent removed by someone else meanwhile", record->path);
}

static int mark_leaf(const struct cgroup *cgroup, struct cgroup_record *record, const char *id,
                     struct error *err)
{
  char mark[MARK_BYTES];
  mark_text(mark, record, id);
  if (mark_made(cgroup->fd, mark, record->path) == 0)
    return 0;
  if (record->made) { /* the other one found ours before it was marked, and would leave it */
    mark_hand_over(cgroup->fd);
    if (mark_made(cgroup->fd, mark, record->path) == 0) /* and has been deleted meanwhile */
      return 0;
  }
  record->made = false;
  return error_set(err, ERROR_STATE, 0, "another container took cgroup '%s' meanwhile", record->path);
}

/* One that was there: marked while it is in use, so that it has one container at a time. */
static int take_existing(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
                         struct cgroup *cgroup, struct error *err)
{
  if (cgroup_open(layout, record, cgroup, err) < 0)
    return -1;
  if (mark_leaf(cgroup, record, id, err) == 0)
    return 0;
  cgroup_close(cgroup);
  return -1;
}

int fs_create(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
              struct cgroup *cgroup, struct error *err)
{
  struct error unused = { 0 };
  if (!err)
    err = &unused;
  if (!record->made)
    return take_existing(layout, record, id, cgroup, err);
  if (make_leaf(layout, record, err) < 0)
    return -1;
  error_clear(err);
  if (cgroup_open_path(layout, record->path, cgroup, err) < 0)
    return -1;
  if (mark_leaf(cgroup, record, id, err) < 0) {
    cgroup_close(cgroup);
    return -1;
  }
  cgroup->made = true;
  record->inode = cgroup->inode;
  return 0;
}
