/* SPDX-License-Identifier: Apache-2.0
 * Writes the id maps of a new user namespace from outside (user_namespaces(7)): as root directly, else
 * through newuidmap(1) and newgidmap(1), which know what /etc/subuid allows. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
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

/* --- uids of the host ---------------------------------------------------------------------------- */

/* Joins and waits until our end of the socket is closed, by us or by our death. */
static void stay_in(int userns, int socket)
{
  char byte = 0;
  if (setns(userns, CLONE_NEWUSER) < 0 || write(socket, &byte, 1) != 1)
    _exit(1);
  (void)!read(socket, &byte, 1);
  _exit(0);
}

/* The map of a namespace is only shown by a process in it. */
static int read_joined_map(int userns, char *text, size_t size, struct error *err)
{
  int pair[2];
  char byte;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a socket");
  auto_close int ours = pair[0];
  struct clone_args args = { .exit_signal = SIGCHLD };
  const pid_t child = sys_clone3(&args, sizeof args);
  if (child == 0) {
    (void)close(pair[0]);
    stay_in(userns, pair[1]);
  }
  (void)close(pair[1]);
  if (child < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot start a process that reads the map of ids");
  auto_close int dir = read(ours, &byte, 1) == 1 ? proc_pid_dir(child, err) : -1;
  const int result = dir < 0 ? -1 : (int)file_read_small(dir, "uid_map", text, size);
  fd_close(&ours);
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
    ;
  if (result < 0)
    return error_set(err, ERROR_KERNEL, 0, "cannot read the map of ids of the user namespace that is joined");
  return 0;
}

static int find_in_map(const char *text, uint32_t *uid)
{
  unsigned inside, outside, count;
  for (int length; sscanf(text, "%u %u %u%n", &inside, &outside, &count, &length) == 3; text += length) {
    if (*uid < inside || *uid - inside >= count)
      continue;
    *uid = outside + (*uid - inside);
    return 1;
  }
  return 0;
}

int id_maps_host_uid(const struct plan_id_maps *maps, int userns, uint32_t *uid, struct error *err)
{
  char text[MAPS_MAX * LINE_BYTES];
  const struct plan_id_map *map;
  if (userns >= 0)
    return read_joined_map(userns, text, sizeof text, err) < 0 ? -1 : find_in_map(text, uid);
  vec_each (&maps->uids, map) {
    if (*uid < map->container || *uid - map->container >= map->count)
      continue;
    *uid = map->host + (*uid - map->container);
    return 1;
  }
  return maps->uids.count == 0; /* no user namespace of its own */
}
