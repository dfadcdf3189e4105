/* SPDX-License-Identifier: Apache-2.0
 * Carries out settings in an open cgroup: controllers, values, device program, owner, processes. */
#include "cgroups/bpf.h"
#include "cgroups/devices.h"
#include "cgroups/fs.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONTROLLERS_BYTES 512
#define DELEGATE_BYTES 4096

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

static int refuse_missing(int dir, const char *path, size_t length, const char *controller, struct error *err)
{
  char have[CONTROLLERS_BYTES] = "";
  (void)file_read_small(dir, "cgroup.controllers", have, sizeof have);
  have[strcspn(have, "\n")] = '\0';
  return error_set(
      err, ERROR_HOST, 0,
      "controller '%s' is not available in cgroup '%.*s' (it has: %s): cgroup v1 holds it, its parent "
      "does not delegate it, or the kernel lacks it",
      controller, PARENT(path, length), *have ? have : "none");
}

static int enable_one(int dir, const char *path, size_t length, const char *controller, struct error *err)
{
  char value[64];
  (void)snprintf(value, sizeof value, "+%s", controller);
  if (file_write_value(dir, "cgroup.subtree_control", value) == 0)
    return 0;
  int errnum = errno;
  if (errnum == ENOENT)
    return refuse_missing(dir, path, length, controller, err);
  const char *why = "";
  if (errnum == EBUSY)
    why = " (the cgroup holds processes of its own: move them into a child cgroup)";
  else if (errnum == EOPNOTSUPP)
    why = " (the cgroup is threaded)";
  else if (errnum == EACCES || errnum == EPERM)
    why = " (not delegated to us)";
  else if (errnum == EINVAL && strcmp(controller, "cpu") == 0)
    why = " (processes with realtime scheduling keep the cpu controller from being enabled)";
  return error_set(err, ERROR_KERNEL, errnum,
                   "cannot write '%s' to cgroup.subtree_control of cgroup '%.*s'%s", value,
                   PARENT(path, length), why);
}

static int enable_in(const struct cgroup_layout *layout, const char *path, size_t length,
                     const struct settings *settings, struct error *err)
{
  char enabled[CONTROLLERS_BYTES];
  auto_close int dir = cgroup_open_prefix(layout, path, length);
  if (dir < 0 || file_read_small(dir, "cgroup.subtree_control", enabled, sizeof enabled) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read cgroup.subtree_control of cgroup '%.*s'",
                     PARENT(path, length));
  char *const *name;
  vec_each (&settings->controllers, name) {
    if (controllers_have(enabled, *name))
      continue;
    if (enable_one(dir, path, length, *name, err) < 0)
      return error_at(err, origin_of(settings, *name));
  }
  return 0;
}

int cgroup_enable(const struct cgroup_layout *layout, const struct cgroup_record *record,
                  const struct settings *settings, struct error *err)
{
  if (record->manager == CGROUP_DISABLED || settings->controllers.count == 0)
    return 0;
  /* From the mount down: a controller must be enabled in a parent before it is there in the child. */
  for (size_t length = 0; record->path[length];) {
    if (enable_in(layout, record->path, length, settings, err) < 0)
      return -1;
    do
      length++;
    while (record->path[length] && record->path[length] != '/');
  }
  return 0;
}

/* --- values -------------------------------------------------------------------------------------- */

int cgroup_apply(const struct cgroup *cgroup, const struct settings *settings, struct error *err)
{
  const struct setting *s;
  vec_each (settings, s) {
    if (file_write_value(cgroup->fd, s->file, s->value) == 0 || (errno == ENOENT && s->optional))
      continue;
    (void)error_set(err, ERROR_KERNEL, errno, "cannot write '%s' to '%s/%s'", s->value, cgroup->path,
                    s->file);
    return error_at(err, s->origin);
  }
  return 0;
}

int cgroup_update(const struct cgroup_layout *layout, const struct cgroup_record *record,
                  const struct cgroup *cgroup, const struct settings *settings, struct error *err)
{
  if (cgroup_enable(layout, record, settings, err) < 0)
    return -1;
  return cgroup_apply(cgroup, settings, err);
}

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
