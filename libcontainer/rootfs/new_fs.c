/* SPDX-License-Identifier: Apache-2.0
 * New file systems by fsopen(2), with the kernel's own words when it refuses one. */
#include "libcontainer/rootfs/internal.h"
#include <unistd.h>

#define CONTEXT_STRING_MAX 255 /* fsconfig(2): strings are shorter than 256 bytes */

/* Reads the messages of the context until the first error ("e tmpfs: Unknown parameter 'foo'"). */
static bool read_message(int fs, char *text, size_t size)
{
  ssize_t n;
  while ((n = read(fs, text, size - 1)) > 0) {
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (text[0] == 'e' && text[1] == ' ')
      return true;
  }
  return false;
}

static int __attribute__((noinline)) fs_failed(int fs, const char *doing, const char *what, struct error *err)
{
  int cause = errno;
  char message[512];
  if (read_message(fs, message, sizeof message))
    return error_set(err, ERROR_KERNEL, cause, "%s", message + 2);
  return error_set(err, ERROR_KERNEL, cause, "%s '%s'", doing, what);
}

int new_fs_open(const char *type, struct error *err)
{
  int fs = sys_fsopen(type);
  if (fs < 0 && errno == ENODEV)
    return error_set(err, ERROR_HOST, ENODEV, "this kernel has no file system '%s' (or cannot load it)",
                     type);
  if (fs < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open file system '%s'", type);
  return fs;
}

int new_fs_set(int fs, const char *key, const char *value, struct error *err)
{
  if (value && strnlen(value, CONTEXT_STRING_MAX + 1) > CONTEXT_STRING_MAX)
    return error_set(err, ERROR_CONFIG, ENAMETOOLONG, "mount option '%s' is longer than %d bytes", key,
                     CONTEXT_STRING_MAX);
  if (sys_fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0) < 0)
    return fs_failed(fs, "cannot set mount option", key, err);
  return 0;
}

/* As the plan does it where it knows the maps, which it doesn't of a user namespace that is joined: devpts
 * refuses a group that is not mapped, and every template asks for one (5, the host's 'tty'). */
static bool may_leave_out(const struct plan_mount *mount, const struct plan_mount_option *option,
                          const struct error *err)
{
  return err && err->errnum == EINVAL && mount->type && strcmp(mount->type, "devpts") == 0
         && strcmp(option->key, "gid") == 0 && option->value && option->value[0] != '\0'
         && option->value[strspn(option->value, "0123456789")] == '\0';
}

static int set_options(int fs, const struct plan_mount *mount, struct error *err)
{
  const struct plan_mount_option *option;
  vec_each (&mount->options, option) {
    if (new_fs_set(fs, option->key, option->value, err) == 0)
      continue;
    if (!may_leave_out(mount, option, err))
      return -1;
    error_clear(err);
  }
  return 0;
}

int new_fs_configure(int fs, const struct plan_mount *mount, struct error *err)
{
  if (mount->source && *mount->source && new_fs_set(fs, "source", mount->source, err) < 0)
    return -1;
  return set_options(fs, mount, err);
}

int new_fs_create(int fs, const char *type, uint64_t attributes, struct error *err)
{
  if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
    return fs_failed(fs, "cannot create file system", type, err);
  int made = sys_fsmount(fs, (unsigned)attributes);
  if (made < 0)
    return fs_failed(fs, "cannot mount file system", type, err);
  return made;
}

int new_fs_reconfigure(int target, const struct plan_mount *mount, struct error *err)
{
  auto_close int fs = sys_fspick(target, "", FSPICK_EMPTY_PATH);
  if (fs < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open the mounted file system");
  if (set_options(fs, mount, err) < 0)
    return -1;
  if (sys_fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
    return fs_failed(fs, "cannot change the options of", mount->destination, err);
  return 0;
}
