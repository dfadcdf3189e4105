/* SPDX-License-Identifier: Apache-2.0
 * Which sysctls belong to which namespace (namespaces(7)). Security: the kernel does not refuse a global
 * sysctl to a privileged runtime, so that this table is what keeps a container's wish off the host. */
#include "spec/sysctl.h"
#include "libcontainer/base/text.h"
#include "spec/names.h"
#include "spec/validate_check.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *path; /* ends with '/': everything below */
  enum namespace_type ns;
} sysctl_namespaces[] = {
  { "fs/mqueue/", NS_IPC },
  { "kernel/domainname", NS_UTS },
  { "kernel/msgmax", NS_IPC },
  { "kernel/msgmnb", NS_IPC },
  { "kernel/msgmni", NS_IPC },
  { "kernel/sem", NS_IPC },
  { "kernel/shm_rmid_forced", NS_IPC },
  { "kernel/shmall", NS_IPC },
  { "kernel/shmmax", NS_IPC },
  { "kernel/shmmni", NS_IPC },
  { "net/", NS_NETWORK },
  { "user/", NS_USER },
};

static bool is_plain_part(const char *part, size_t length)
{
  if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
    return false;
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)part[i] <= ' ' || part[i] == 127 || part[i] == '+' || part[i] == '\\')
      return false;
  return true;
}

int sysctl_to_path(const char *key, char *path, size_t size)
{
  size_t length = strlen(key);
  bool swap = key[strcspn(key, "./")] == '.';
  if (length == 0 || length >= size)
    return -1;
  for (size_t i = 0; i <= length; i++)
    path[i] = !swap ? key[i] : key[i] == '.' ? '/' : key[i] == '/' ? '.' : key[i];
  for (const char *part = path;;) {
    size_t part_length = strcspn(part, "/");
    if (!is_plain_part(part, part_length))
      return -1;
    if (part[part_length] == '\0')
      return 0;
    part += part_length + 1;
  }
}

bool sysctl_allowed(const struct spec *spec, bool namespaces_known, const char *key, char *message,
                    size_t size)
{
  char path[SYSCTL_PATH_BYTES];
  if (sysctl_to_path(key, path, sizeof path) < 0) {
    snprintf(message, size, "not a sysctl name");
    return false;
  }
  if (strcmp(path, "kernel/hostname") == 0) {
    snprintf(message, size, "set it by /hostname");
    return false;
  }
  for (size_t i = 0; i < sizeof sysctl_namespaces / sizeof *sysctl_namespaces; i++) {
    const char *known = sysctl_namespaces[i].path;
    enum namespace_type ns = sysctl_namespaces[i].ns;
    if (text_ends_with(known, "/") ? !text_starts_with(path, known) : strcmp(path, known) != 0)
      continue;
    if (ns == NS_UTS && spec->domainname && *spec->domainname) {
      snprintf(message, size, "/domainname is set too");
      return false;
    }
    if (!namespaces_known || find_namespace(spec, ns))
      return true;
    snprintf(message, size,
             "needs a namespace of type '%s' in /linux/namespaces, else it would change the host",
             names_of(namespace_names, ns));
    return false;
  }
  snprintf(message, size, "belongs to no namespace: it would change the host");
  return false;
}
