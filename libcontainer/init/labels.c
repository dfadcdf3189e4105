/* SPDX-License-Identifier: Apache-2.0
 * The security labels that the process gets at its execve(2): an AppArmor profile, an SELinux context
 * (proc_pid_attr(5)). Written through the runtime's descriptor of the host's procfs, never through a path of
 * the image (CVE-2019-16884, CVE-2019-19921), and read back. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/words.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define LABEL_BYTES 4096  /* a page: what one write to these files takes */
#define ATTR "self/attr/" /* of procfs */
#define APPARMOR_EXEC ATTR "apparmor/exec"
#define SELINUX_EXEC ATTR "exec"
#define SELINUX_KEYS ATTR "keycreate"

static int write_label(const struct init_context *init, const char *file, const char *value)
{
  auto_close int fd = openat(init->host_proc, file, O_WRONLY | O_CLOEXEC);
  return fd < 0 ? -1 : fd_write_all(fd, value, strlen(value));
}

/* AppArmor shows "PROFILE (MODE)", SELinux the context alone. */
static bool has_label(const struct init_context *init, const char *file, const char *label)
{
  char text[LABEL_BYTES];
  const size_t length = strlen(label);
  if (file_read_small(init->host_proc, file, text, sizeof text) < 0)
    return false;
  return strncmp(text, label, length) == 0 && strchr(" \n", text[length]) != NULL; /* NUL as well */
}

/* 'errnum' 0: the kernel took it, and shows something else. */
static int refuse(const char *what, const char *label, const char *file, int errnum, const char *pointer,
                  struct error *err)
{
  const char *why = "";
  if (errnum == 0)
    why = ": it was set, but the kernel does not show it";
  else if (errnum == ENOENT)
    why = ": it is not loaded";
  else if (errnum == EACCES || errnum == EPERM)
    why = ": our own profile or policy does not allow the change";
  else if (errnum == EINVAL)
    why = ": the policy does not know it";
  error_set(err, ERROR_HOST, errnum, "cannot use %s '%s' (" WORDS_LABEL_FILE "%s`)%s", what, label,
            file + strlen(ATTR), why);
  return error_at(err, pointer);
}

static int set_apparmor(const struct init_context *init, struct error *err)
{
  static const char pointer[] = "/process/apparmorProfile", what[] = "AppArmor profile";
  const char *profile = init->plan->process.apparmor_profile;
  char command[LABEL_BYTES];
  if (!profile)
    return 0;
  if (snprintf(command, sizeof command, "exec %s", profile) >= (int)sizeof command)
    return refuse(what, profile, APPARMOR_EXEC, ENAMETOOLONG, pointer, err);
  if (write_label(init, APPARMOR_EXEC, command) < 0)
    return refuse(what, profile, APPARMOR_EXEC, errno, pointer, err);
  return has_label(init, APPARMOR_EXEC, profile) ? 0 : refuse(what, profile, APPARMOR_EXEC, 0, pointer, err);
}

static int set_selinux(const struct init_context *init, struct error *err)
{
  static const char pointer[] = "/process/selinuxLabel", what[] = "SELinux label";
  const char *label = init->plan->process.selinux_label;
  if (!label)
    return 0;
  if (write_label(init, SELINUX_EXEC, label) < 0)
    return refuse(what, label, SELINUX_EXEC, errno, pointer, err);
  return has_label(init, SELINUX_EXEC, label) ? 0 : refuse(what, label, SELINUX_EXEC, 0, pointer, err);
}

int set_labels(struct init_context *init, struct error *err)
{
  const int result = set_apparmor(init, err) < 0 || set_selinux(init, err) < 0 ? -1 : 0;
  fd_close(&init->host_proc);
  return result;
}

/* Keys made from here on are the container's to use, as with runc; the new session keyring is one. */
int label_keys(const struct init_context *init, const char *label, struct error *err)
{
  if (write_label(init, SELINUX_KEYS, *label ? label : "\n") == 0)
    return 0;
  return refuse("SELinux label", label, SELINUX_KEYS, errno, "/process/selinuxLabel", err);
}
