/* SPDX-License-Identifier: Apache-2.0
 * Rows of /etc/subuid and /etc/subgid, and where newuidmap and newgidmap are. Read by hand: a static program
 * has no name service switch. */
#include "libcontainer/subids.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/text.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES (16 << 20)
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

/* --- the text ---------------------------------------------------------------------------------------- */

/* The next line, cut off from *rest; NULL at the end. */
static char *next_line(char **rest)
{
  return strsep(rest, "\n");
}

const char *subids_user_name(struct arena *arena, const char *passwd, uint32_t uid)
{
  char *rest = arena_strdup(arena, passwd);
  for (char *line; (line = next_line(&rest));) {
    uint32_t id;
    const char *name = strsep(&line, ":");
    const char *password = strsep(&line, ":"), *number = strsep(&line, ":");
    if (password && number && line && *name && parse_id(number, &id) == 0 && id == uid)
      return name;
  }
  return NULL;
}

static bool is_his(const char *who, const char *name, uint32_t uid)
{
  uint32_t id;
  return (name && strcmp(who, name) == 0) || (parse_id(who, &id) == 0 && id == uid);
}

static bool overlaps(const id_ranges *ranges, const struct id_range *new)
{
  const struct id_range *range;
  vec_each (ranges, range)
    if (new->start < range->start + range->count && range->start < new->start + new->count)
      return true;
  return false;
}

void subids_parse(struct arena *arena, const char *text, const char *name, uint32_t uid, id_ranges *ranges)
{
  char *rest = arena_strdup(arena, text);
  for (char *line; (line = next_line(&rest));) {
    struct id_range range;
    const char *who = strsep(&line, ":");
    const char *start = strsep(&line, ":"), *count = strsep(&line, ":");
    if (!start || !count || line || !is_his(who, name, uid)
        || parse_u64(start, UINT32_MAX - 1, &range.start) < 0
        || parse_u64(count, UINT32_MAX - range.start, &range.count) < 0 || range.count == 0
        || overlaps(ranges, &range))
      continue;
    *(struct id_range *)vec_push(arena, ranges) = range;
  }
}

/* --- the host ---------------------------------------------------------------------------------------- */

static const char *read_text(struct arena *arena, const char *path)
{
  struct error unused = { 0 };
  size_t length;
  const char *text = file_read(arena, AT_FDCWD, path, FILE_MAX_BYTES, &length, &unused);
  return text ? text : "";
}

void subids_probe(struct arena *arena, struct facts *facts)
{
  /* Of a user that only a directory service knows, his shell says the name; newuidmap will look again. */
  const char *name = subids_user_name(arena, read_text(arena, "/etc/passwd"), facts->euid);
  if (!name)
    name = getenv("USER");
  subids_parse(arena, read_text(arena, "/etc/subuid"), name, facts->euid, &facts->subuids);
  subids_parse(arena, read_text(arena, "/etc/subgid"), name, facts->euid, &facts->subgids);
}

static const char *find_program(struct arena *arena, const char *name)
{
  const char *path = getenv("PATH");
  char *rest = arena_strdup(arena, path && *path ? path : DEFAULT_PATH);
  for (const char *dir; (dir = strsep(&rest, ":"));) {
    struct stat st;
    if (dir[0] != '/') /* what is in the current directory depends on who made that */
      continue;
    const char *file = path_join(arena, dir, name);
    if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && access(file, X_OK) == 0)
      return file;
  }
  return NULL;
}

void subids_probe_helpers(struct arena *arena, struct facts *facts)
{
  facts->newuidmap = find_program(arena, "newuidmap");
  facts->newgidmap = find_program(arena, "newgidmap");
}
