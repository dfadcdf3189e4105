/* SPDX-License-Identifier: Apache-2.0
 * Carries out settings in an open cgroup: controllers, device program, owner, processes.
 * Values are written by update.c. */
#include "cgroups/bpf.h"
#include "cgroups/devices.h"
#include "cgroups/fs.h"
#include "cgroups/values.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONTROLLERS_BYTES 512
#define DELEGATE_BYTES 4096
#define LEGACY_BYTES 4096

/* --- controllers --------------------------------------------------------------------------------- */

/* The pointer of the first setting that needs 'controller'. */
static const char *origin_of(const struct settings *settings, const char *controller)
{
  size_t length = strlen(controller);
  const struct setting *s;
  vec_each (settings, s) {
    if (strncmp(s->file, controller, length) == 0 && s->file[length] == '.')
      return s->origin;
  }
  return "/linux/resources";
}

/* The path of a parent, for messages: the mount is "/". */
#define PARENT(path, length) (int)((length) ? (length) : 1), (path)

/* The line of a controller in /proc/cgroups: false if it has none. */
static bool find_legacy(const char *controller, unsigned *hierarchy, unsigned *enabled)
{
  char text[LEGACY_BYTES], line_start[32];
  int root = proc_root(NULL);
  if (root < 0 || file_read_small(root, "cgroups", text, sizeof text) < 0)
    return false;
  (void)snprintf(line_start, sizeof line_start, "\n%.24s\t",
                 strcmp(controller, "io") == 0 ? "blkio" : controller);
  const char *line = strstr(text, line_start);
  uint64_t numbers[3]; /* hierarchy, cgroups, enabled */
  if (!line || scan_numbers(line + strlen(line_start), numbers, 3, NULL) != 3)
    return false;
  *hierarchy = (unsigned)numbers[0];
  *enabled = (unsigned)numbers[2];
  return true;
}

static int refuse_missing(const char *have, const char *path, size_t length, const char *controller,
                          struct error *err)
{
  unsigned hierarchy = 0, enabled = 0;
  char why[128] = "the cgroups above do not delegate it";
  if (!find_legacy(controller, &hierarchy, &enabled))
    (void)snprintf(why, sizeof why, "this kernel has no such controller");
  else if (hierarchy != 0)
    (void)snprintf(why, sizeof why, "cgroup v1 holds it (hierarchy %u in /proc/cgroups)", hierarchy);
  else if (!enabled)
    (void)snprintf(why, sizeof why, "it is switched off by cgroup_disable= on the kernel's command line");
  return error_set(err, ERROR_HOST, 0, "controller '%s' is not available in cgroup '%.*s' (it has: %s): %s",
                   controller, PARENT(path, length), *have ? have : "none", why);
}

static int refuse_enable(int dir, const char *path, size_t length, const char *controller, int errnum,
                         struct error *err)
{
  const char *why = "";
  char have[CONTROLLERS_BYTES] = "";
  (void)file_read_small(dir, "cgroup.controllers", have, sizeof have);
  have[strcspn(have, "\n")] = '\0';
  if (!controllers_have(have, controller))
    return refuse_missing(have, path, length, controller, err);
  if (errnum == EBUSY)
    why = " (the cgroup holds processes of its own: move them into a child cgroup)";
  else if (errnum == EOPNOTSUPP)
    why = " (the cgroup is threaded)";
  else if (errnum == EACCES || errnum == EPERM)
    why = " (not delegated to us)";
  else if (errnum == EROFS)
    why = " (the cgroup2 mount is read-only here)";
  else if (errnum == EINVAL && strcmp(controller, "cpu") == 0)
    why = " (processes with realtime scheduling keep the cpu controller from being enabled)";
  return error_set(err, ERROR_KERNEL, errnum,
                   "cannot write '+%s' to cgroup.subtree_control of cgroup '%.*s'%s", controller,
                   PARENT(path, length), why);
}

typedef VEC(const char *) name_list;

/* The controllers that 'dir' does not give to its children yet. -1 and errno. */
static int find_disabled(struct arena *arena, int dir, const struct settings *settings, name_list *missing)
{
  char enabled[CONTROLLERS_BYTES];
  char *const *name;
  if (dir < 0 || file_read_small(dir, "cgroup.subtree_control", enabled, sizeof enabled) < 0)
    return -1;
  vec_each (&settings->controllers, name) {
    if (controllers_have(enabled, *name))
      continue;
    const char **added = vec_push(arena, missing);
    *added = *name;
  }
  return 0;
}

/* "+memory +pids" */
static int write_names(struct arena *arena, int dir, char sign, const char *const *names, size_t count)
{
  struct text line;
  text_init(&line, arena);
  for (size_t i = 0; i < count; i++)
    text_addf(&line, "%s%c%s", i ? " " : "", sign, names[i]);
  return file_write_value(dir, "cgroup.subtree_control", text_string(&line));
}

/* Threads may use cpu, cpuset and pids apart from their process, so of these the kernel takes "+" also where
 * there are processes, and makes the cgroup the root of threads instead: no process can ever be in those
 * below. */
static bool became_threaded(int dir, size_t length)
{
  char type[32];
  return length > 0 && file_read_small(dir, "cgroup.type", type, sizeof type) >= 0
         && strcmp(type, "domain threaded\n") == 0;
}

/* Which of the names it is. They are tried one by one; those that work may stay. */
static int refuse_one_of(struct arena *arena, int dir, const char *path, size_t length,
                         const struct settings *settings, const name_list *names, struct error *err)
{
  const char *const *name;
  vec_each (names, name) {
    if (write_names(arena, dir, '+', name, 1) == 0)
      continue;
    (void)refuse_enable(dir, path, length, *name, errno, err);
    return error_at(err, origin_of(settings, *name));
  }
  return 0;
}

static int enable_in(struct arena *arena, const struct cgroup_layout *layout, const char *path, size_t length,
                     const struct settings *settings, struct error *err)
{
  name_list missing = { .count = 0 };
  auto_close int dir = cgroup_open_prefix(layout, path, length);
  if (find_disabled(arena, dir, settings, &missing) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read cgroup.subtree_control of cgroup '%.*s'",
                     PARENT(path, length));
  if (missing.count == 0)
    return 0;
  if (write_names(arena, dir, '+', missing.items, missing.count) < 0
      && refuse_one_of(arena, dir, path, length, settings, &missing, err) < 0)
    return -1;
  if (!became_threaded(dir, length))
    return 0;
  (void)write_names(arena, dir, '-', missing.items, missing.count); /* it was not so before */
  (void)refuse_enable(dir, path, length, missing.items[0], EBUSY, err);
  return error_at(err, origin_of(settings, missing.items[0]));
}

/* A cgroup can only give on what it has, so its parent says enough of all that are above. */
static bool parent_has_all(struct arena *arena, const struct cgroup_layout *layout, const char *path,
                           const struct settings *settings)
{
  name_list missing = { .count = 0 };
  auto_close int dir = cgroup_open_prefix(layout, path, cgroup_parent_length(path, strlen(path)));
  return find_disabled(arena, dir, settings, &missing) == 0 && missing.count == 0;
}

int cgroup_enable(const struct cgroup_layout *layout, const struct cgroup_record *record,
                  const struct settings *settings, struct error *err)
{
  if (record->manager == CGROUP_DISABLED || settings->controllers.count == 0)
    return 0;
  struct arena arena = ARENA_INIT;
  int result = 0;
  if (!parent_has_all(&arena, layout, record->path, settings))
    /* From the mount down: a controller must be enabled in a parent before it is there in the child. */
    for (size_t length = 0; result == 0 && record->path[length];) {
      result = enable_in(&arena, layout, record->path, length, settings, err);
      do
        length++;
      while (record->path[length] && record->path[length] != '/');
    }
  arena_release(&arena);
  return result;
}

/* --- devices ------------------------------------------------------------------------------------- */

int cgroup_limit_devices(const struct cgroup *cgroup, const struct device_form *form, struct error *err)
{
  if (device_form_allows_all(form))
    return 0;
  struct arena arena = ARENA_INIT;
  struct device_program program;
  auto_close int fd = -1;
  int result = device_program_make(&arena, form, &program, err);
  if (result == 0) {
    fd = bpf_load_device_program(program.insns.items, program.insns.count, err);
    result = fd < 0 ? -1 : bpf_attach_device_program(cgroup->fd, fd, err);
  }
  arena_release(&arena);
  if (result < 0) {
    (void)error_wrap(err, "cannot limit the devices of cgroup '%s'", cgroup->path);
    return error_at(err, "/linux/resources/devices");
  }
  return 0;
}

/* --- owner and processes ------------------------------------------------------------------------- */

int cgroup_delegate(const struct cgroup *cgroup, uid_t uid, struct error *err)
{
  static const char fallback[] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";
  char names[DELEGATE_BYTES];
  if (fchown(cgroup->fd, uid, (gid_t)-1) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot give cgroup '%s' to uid %u", cgroup->path,
                     (unsigned)uid);
  if (file_read_small(AT_FDCWD, "/sys/kernel/cgroup/delegate", names, sizeof names) < 0)
    memcpy(names, fallback, sizeof fallback);
  for (char *rest = names, *name; (name = strsep(&rest, "\n"));) {
    if (!*name || fchownat(cgroup->fd, name, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) == 0 || errno == ENOENT)
      continue; /* the list names files of every controller */
    return error_set(err, ERROR_KERNEL, errno, "cannot give '%s/%s' to uid %u", cgroup->path, name,
                     (unsigned)uid);
  }
  return 0;
}

int cgroup_enter(const struct cgroup *cgroup, pid_t pid, struct error *err)
{
  char value[16];
  (void)snprintf(value, sizeof value, "%d", (int)pid);
  if (file_write_value(cgroup->fd, "cgroup.procs", value) == 0)
    return 0;
  return error_set(err, ERROR_KERNEL, errno, "cannot move process %d to cgroup '%s'", (int)pid, cgroup->path);
}

/* A kernel without the file has the other one, or none. */
static const char *file_of(const struct cgroup *cgroup, const struct setting *setting)
{
  if (faccessat(cgroup->fd, setting->file, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    return setting->file;
  return setting->other_file;
}

static int read_setting_back(const struct cgroup *cgroup, const struct setting *setting, struct error *err)
{
  char shown[4096];
  const char *file = file_of(cgroup, setting);
  if (file == NULL && setting->optional)
    return 0;
  const char *value = file == setting->other_file && file ? setting->other_value : setting->value;
  if (file_read_small(cgroup->fd, file ?: setting->file, shown, sizeof shown) < 0) {
    if (file && (errno == EACCES || errno == EINVAL)) /* such as cgroup.kill and memory.reclaim */
      return 0;
    (void)error_set(err, ERROR_KERNEL, errno, "cannot read '%s/%s' back", cgroup->path, setting->file);
  } else if (value_agrees(file, value, shown)) {
    return 0;
  } else {
    (void)error_set(err, ERROR_KERNEL, 0, "'%s/%s' was to be '%s', but the kernel shows '%.*s'", cgroup->path,
                    file, value, (int)strcspn(shown, "\n"), shown);
  }
  return error_at(err, setting->origin);
}

/* True if a later one was written over it: "unified" comes after the others. */
static bool is_replaced(const struct settings *settings, size_t index)
{
  const struct setting *setting = &settings->items[index];
  const size_t key = strcspn(setting->value, " ") + 1;
  for (size_t i = index + 1; i < settings->count; i++)
    if (strcmp(settings->items[i].file, setting->file) == 0
        && (!value_is_line(setting->file) || strncmp(settings->items[i].value, setting->value, key) == 0))
      return true;
  return false;
}

int cgroup_read_back(const struct cgroup *cgroup, const struct settings *settings, struct error *err)
{
  for (size_t i = 0; i < settings->count; i++)
    if (!is_replaced(settings, i) && read_setting_back(cgroup, &settings->items[i], err) < 0)
      return -1;
  return 0;
}
