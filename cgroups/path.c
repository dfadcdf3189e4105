/* SPDX-License-Identifier: Apache-2.0
 * linux.cgroupsPath to a path in the unified hierarchy (runtime-spec config-linux.md, "Cgroups Path").
 * Pure. */
#include "cgroups/cgroup.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <string.h>

#define ORIGIN "/linux/cgroupsPath"
#define COMPONENT_MAX 255 /* NAME_MAX */

static const char *refuse(struct error *err, const char *path, const char *why)
{
  (void)error_set(err, ERROR_CONFIG, 0, "cgroup path '%s' %s", path, why);
  (void)error_at(err, ORIGIN);
  return NULL;
}

static bool has_long_component(const char *path)
{
  for (const char *p = path; *p;) {
    size_t length = strcspn(p, "/");
    if (length > COMPONENT_MAX)
      return true;
    p += length;
    p += strspn(p, "/");
  }
  return false;
}

/* What is wrong with a path as written, NULL: nothing. */
static const char *fault_of(const char *path)
{
  if (!*path)
    return "is empty: leave cgroupsPath out for the default";
  if (path_has_dotdot(path))
    return "has a '..' component";
  if (strchr(path, '\n'))
    return "has a newline, which the kernel refuses in cgroup names";
  if (has_long_component(path))
    return "has a component of more than 255 bytes";
  return NULL;
}

bool cgroup_path_needs_own(const char *cgroups_path)
{
  return !cgroups_path || cgroups_path[0] != '/';
}

const char *cgroup_path(struct arena *arena, const char *cgroups_path, const char *id, const char *own,
                        struct error *err)
{
  const char *asked = cgroups_path ? cgroups_path : id;
  const char *fault = fault_of(asked);
  if (fault)
    return refuse(err, asked, fault);

  const char *path = asked;
  if (cgroup_path_needs_own(cgroups_path)) {
    if (!own)
      return refuse(err, asked, "is relative, and our own cgroup is not known");
    /* cgroup_namespaces(7): a process outside of the namespace's root sees itself as '/../…'. */
    if (path_has_dotdot(own))
      return refuse(err, asked,
                    "is relative, but our own cgroup is outside of our cgroup namespace: use an "
                    "absolute cgroupsPath");
    path = path_join(arena, path_dir(arena, own), asked);
  }
  path = path_clean(arena, path);
  if (text_equal(path, "/"))
    return refuse(err, asked, "is the root of the hierarchy, which can't be a container's");
  if (strlen(path) >= CGROUP_PATH_BYTES) {
    (void)error_set(err, ERROR_CONFIG, 0, "cgroup path is too long: %zu bytes, the limit is %d", strlen(path),
                    CGROUP_PATH_BYTES - 1);
    (void)error_at(err, ORIGIN);
    return NULL;
  }
  return path;
}

const char *cgroup_path_of_text(struct arena *arena, const char *text)
{
  /* Lines are HIERARCHY:CONTROLLERS:PATH; cgroup v1 ones may stand beside the unified one. A path can't have
   * a newline. The kernel adds " (deleted)" where the cgroup is gone. */
  for (const char *line = text; line && *line;) {
    const char *end = strchr(line, '\n');
    size_t length = end ? (size_t)(end - line) : strlen(line);
    if (text_starts_with(line, "0::/"))
      return arena_strndup(arena, line + 3, length - 3);
    line = end ? end + 1 : NULL;
  }
  return NULL;
}
