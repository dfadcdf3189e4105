/* SPDX-License-Identifier: Apache-2.0
 * libFuzzer target: bytes as /proc/PID/stat, whose second field is chosen by the process, and as
 * /proc/PID/cgroup, whose paths are chosen by whoever made the cgroup. */
#include "libcontainer/base/proc.c" /* its parser is private */
#include "cgroups/cgroup.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena = ARENA_INIT;
  struct error err;
  char *text = arena_strndup(&arena, (const char *)data, size);
  char state;
  uint64_t start_time;
  if (parse_stat(text, &state, &start_time) == 0 && state == '\0')
    abort();
  const char *own = cgroup_path_of_text(&arena, text);
  if (own != NULL && own[0] != '/')
    abort();
  const char *path = cgroup_path(&arena, text, "web", own, &err);
  if (path != NULL && (path[0] != '/' || strstr(path, "/../") != NULL))
    abort();
  arena_release(&arena);
  return 0;
}
