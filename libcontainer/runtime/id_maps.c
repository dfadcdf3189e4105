/* SPDX-License-Identifier: Apache-2.0
 * Writes the id maps of a new user namespace from outside (user_namespaces(7)): as root directly, else
 * through newuidmap(1) and newgidmap(1), which know what /etc/subuid allows. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAPS_MAX 340  /* lines; the kernel's limit since Linux 4.15 */
#define LINE_BYTES 36 /* three numbers of 10 digits, blanks, newline */

static int write_map(int dir, const char *file, const struct plan_id_map *maps, size_t count,
                     const char *origin, struct error *err)
{
  char text[MAPS_MAX * LINE_BYTES];
  size_t length = 0;
  for (size_t i = 0; i < count && i < MAPS_MAX; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, "%u %u %u\n", maps[i].container,
                               maps[i].host, maps[i].count);
  if (file_write_value(dir, file, text) == 0)
    return 0;
  error_set(err, ERROR_KERNEL, errno, "cannot write the %s of the container", file);
  return error_at(err, origin);
}

static int run_helper(const char *helper, pid_t pid, const struct plan_id_map *maps, size_t count,
                      struct error *err)
{
  char numbers[MAPS_MAX * 3 + 1][12];
  char *argv[MAPS_MAX * 3 + 3];
  size_t n = 0;
  pid_t child;
  int status;
  argv[n++] = (char *)helper;
  snprintf(numbers[0], sizeof numbers[0], "%d", (int)pid);
  argv[n++] = numbers[0];
  for (size_t i = 0; i < count && i < MAPS_MAX; i++) {
    const uint32_t values[] = { maps[i].container, maps[i].host, maps[i].count };
    for (size_t k = 0; k < 3; k++, n++) {
      snprintf(numbers[n - 1], sizeof numbers[0], "%u", values[k]);
      argv[n] = numbers[n - 1];
    }
  }
  argv[n] = NULL;
  const int failed = posix_spawnp(&child, helper, NULL, NULL, argv, environ);
  if (failed != 0)
    return error_set(err, ERROR_HOST, failed,
                     "cannot run '%s', which maps ranges of ids for users other than root (package uidmap)",
                     helper);
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return error_set(err, ERROR_KERNEL, errno, "cannot wait for '%s'", helper);
  if (status != 0)
    return error_set(err, ERROR_HOST, 0, "'%s' failed: are the ids in /etc/subuid and /etc/subgid?", helper);
  return 0;
}

int id_maps_write(const struct plan_id_maps *maps, pid_t pid, struct error *err)
{
  auto_close int dir = proc_pid_dir(pid, err);
  if (dir < 0)
    return -1;
  if (maps->deny_setgroups && file_write_value(dir, "setgroups", "deny") < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot deny setgroups in the user namespace");
  if (maps->by_helper) {
    if (run_helper("newuidmap", pid, maps->uids.items, maps->uids.count, err) < 0
        || run_helper("newgidmap", pid, maps->gids.items, maps->gids.count, err) < 0)
      return error_at(err, maps->origin);
    return 0;
  }
  if (write_map(dir, "uid_map", maps->uids.items, maps->uids.count, "/linux/uidMappings", err) < 0)
    return -1;
  return write_map(dir, "gid_map", maps->gids.items, maps->gids.count, "/linux/gidMappings", err);
}
