/* SPDX-License-Identifier: Apache-2.0
 * Writes the id maps of a new user namespace from outside (user_namespaces(7)): as root directly, else
 * through newuidmap(1) and newgidmap(1), which know what /etc/subuid allows. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAPS_MAX 340   /* lines; the kernel's limit since Linux 4.15 */
#define MAP_BYTES 4096 /* user_namespaces(7): a map is written at once, in less than a page */
#define LINE_BYTES 36  /* three numbers of 10 digits, blanks, newline */

static int write_map(int dir, const char *file, const struct plan_id_map *maps, size_t count,
                     const char *origin, struct error *err)
{
  char text[MAPS_MAX * LINE_BYTES] = "";
  size_t length = 0;
  for (size_t i = 0; i < count && i < MAPS_MAX; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, "%u %u %u\n", maps[i].container,
                               maps[i].host, maps[i].count);
  if (file_write_value(dir, file, text) == 0)
    return 0;
  if (errno == EINVAL && length >= MAP_BYTES) {
    error_set(err, ERROR_CONFIG, EINVAL,
              "the %s of the container is longer than the %d bytes that the kernel takes", file,
              MAP_BYTES - 1);
    return error_at(err, origin);
  }
  error_set(err, ERROR_KERNEL, errno, "cannot write the %s of the container", file);
  return error_at(err, origin);
}

/* What the helper has to say is the reason. 0, or -1 with errno in 'errnum' and its words in 'words'. */
static int run_helper(char *const argv[], char *words, size_t size, int *errnum)
{
  char *const no_environment[] = { NULL };
  int pipe_fds[2], status = -1;
  pid_t child = -1;
  posix_spawn_file_actions_t actions;
  words[0] = '\0';
  *errnum = posix_spawn_file_actions_init(&actions);
  if (*errnum != 0)
    return -1;
  if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
    *errnum = errno;
    (void)posix_spawn_file_actions_destroy(&actions);
    return -1;
  }
  *errnum = posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDERR_FILENO);
  if (*errnum == 0)
    *errnum = posix_spawn(&child, argv[0], &actions, NULL, argv, no_environment);
  (void)posix_spawn_file_actions_destroy(&actions);
  (void)close(pipe_fds[1]);
  size_t length = 0;
  for (ssize_t n; *errnum == 0 && (n = read(pipe_fds[0], words + length, size - 1 - length)) != 0;) {
    if (n > 0)
      length += (size_t)n;
    else if (errno != EINTR)
      break;
  }
  (void)close(pipe_fds[0]);
  words[length] = '\0';
  words[strcspn(words, "\n")] = '\0';
  while (child > 0 && waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      break;
  return *errnum == 0 && status == 0 ? 0 : -1;
}

static int map_by_helper(const char *helper, pid_t pid, const struct plan_id_map *maps, size_t count,
                         struct error *err)
{
  char numbers[MAPS_MAX * 3 + 1][12], words[256];
  char *argv[MAPS_MAX * 3 + 3];
  size_t n = 0;
  int errnum = 0;
  argv[n++] = (char *)(uintptr_t)helper;
  for (size_t i = 0; i < count * 3 + 1 && i <= (size_t)MAPS_MAX * 3; i++) {
    const struct plan_id_map *map = i > 0 ? &maps[(i - 1) / 3] : NULL;
    const uint32_t value = i == 0       ? (uint32_t)pid
                           : i % 3 == 1 ? map->container
                           : i % 3 == 2 ? map->host
                                        : map->count;
    (void)snprintf(numbers[i], sizeof numbers[i], "%u", value);
    argv[n++] = numbers[i];
  }
  argv[n] = NULL;
  if (run_helper(argv, words, sizeof words, &errnum) == 0)
    return 0;
  if (errnum != 0)
    return error_set(err, ERROR_HOST, errnum, "cannot run '%s', which maps ranges of ids", helper);
  return error_set(err, ERROR_HOST, 0, "'%s' failed: %s", helper, words[0] ? words : "it did not say why");
}

static int map(int dir, pid_t pid, const char *file, const char *helper, const struct plan_id_map *maps,
               size_t count, const char *origin, struct error *err)
{
  if (helper == NULL)
    return write_map(dir, file, maps, count, origin, err);
  return map_by_helper(helper, pid, maps, count, err) < 0 ? error_at(err, origin) : 0;
}

int id_maps_write(const struct plan_id_maps *maps, pid_t pid, struct error *err)
{
  auto_close int dir = proc_pid_dir(pid, err);
  if (dir < 0)
    return -1;
  if (maps->deny_setgroups && file_write_value(dir, "setgroups", "deny") < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot deny setgroups in the user namespace");
  if (map(dir, pid, "uid_map", maps->uid_helper, maps->uids.items, maps->uids.count, "/linux/uidMappings",
          err)
      < 0)
    return -1;
  return map(dir, pid, "gid_map", maps->gid_helper, maps->gids.items, maps->gids.count, "/linux/gidMappings",
             err);
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
  uint64_t line[3]; /* inside, outside, count */
  while (scan_numbers(text, line, 3, &text) == 3) {
    if (*uid < line[0] || *uid - line[0] >= line[2])
      continue;
    *uid = (uint32_t)(line[1] + (*uid - line[0]));
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
