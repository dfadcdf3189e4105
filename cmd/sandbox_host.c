/* SPDX-License-Identifier: Apache-2.0
 * What `hull sandbox` has to know of this host, from its files: getpwnam(3) would load code of the host. */
#include "cmd/sandbox_host.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TABLE_MAX_BYTES (64 << 20) /* of the mounts of a host, or its users */

/* --- mounts --------------------------------------------------------------------------------------- */

/* "36 35 98:0 /root /mount/point options [fields...] - type source options" */
static char *mount_point_of(char *line)
{
  const char *separator = strstr(line, " - ");
  char *point = line;
  if (!separator || text_starts_with(separator + 3, "autofs ")) /* what it mounts is listed itself */
    return NULL;
  for (int i = 0; i < 4 && point; i++) {
    point = strchr(point, ' ');
    if (point)
      point++;
  }
  if (!point)
    return NULL;
  point[strcspn(point, " ")] = '\0';
  text_unescape_octal(point);
  return point;
}

static bool is_there(const char *path)
{
  struct stat st;
  return lstat(path, &st) == 0 && (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode));
}

int host_mounts(struct arena *arena, struct strings *mounts, struct error *err)
{
  size_t length;
  const int proc = proc_root(err);
  char *rest = proc < 0 ? NULL : file_read(arena, proc, "self/mountinfo", TABLE_MAX_BYTES, &length, err);
  if (!rest)
    return error_wrap(err, "cannot see what is mounted on this host, as --overlay must");
  for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
    char *point = mount_point_of(line);
    if (point && point[0] == '/' && point[1] && is_there(point))
      *(char **)vec_push(arena, mounts) = point;
  }
  return 0;
}

const char *host_path_of(struct arena *arena, const char *link)
{
  char self[32], path[PATH_MAX];
  struct stat st;
  auto_close int fd = open(link, O_PATH | O_CLOEXEC);
  const int proc = fd < 0 ? -1 : proc_root(NULL);
  (void)snprintf(self, sizeof self, "self/fd/%d", fd);
  const ssize_t length = proc < 0 ? -1 : readlinkat(proc, self, path, sizeof path);
  if (length <= 0 || path[0] != '/' || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
    return NULL;
  return arena_strndup(arena, path, (size_t)length);
}

/* --- users ---------------------------------------------------------------------------------------- */

static bool read_column(const char *line, const char *end, int column, uint32_t *id)
{
  char number[12];
  for (; column > 0 && line; column--) {
    line = memchr(line, ':', (size_t)(end - line));
    if (line)
      line++;
  }
  if (!line)
    return false;
  const char *stop = memchr(line, ':', (size_t)(end - line));
  const size_t length = (size_t)((stop ? stop : end) - line);
  if (length >= sizeof number)
    return false;
  memcpy(number, line, length);
  number[length] = '\0';
  return parse_id(number, id) == 0;
}

bool find_in_passwd(const char *text, const char *name, uint32_t *id, uint32_t *gid)
{
  const size_t length = strlen(name);
  for (const char *line = text; *line;) {
    const char *end = line + strcspn(line, "\n");
    if (strncmp(line, name, length) == 0 && line[length] == ':' && read_column(line, end, 2, id)
        && (!gid || read_column(line, end, 3, gid)))
      return true;
    line = *end ? end + 1 : end;
  }
  return false;
}

static int look_up(struct arena *arena, const char *file, const char *what, const char *name, uint32_t *id,
                   uint32_t *gid, struct error *err)
{
  size_t length;
  const char *text = *name ? file_read(arena, AT_FDCWD, file, TABLE_MAX_BYTES, &length, err) : "";
  if (!text)
    return error_wrap(err, "option '--user' must be in numbers here: the name '%s' can't be looked up", name);
  if (find_in_passwd(text, name, id, gid))
    return 0;
  return error_set(
      err, ERROR_USAGE, 0,
      "option '--user' must be UID, NAME, UID:GID or NAME:GROUP: %s has no %s '%s' ('id -u NAME' "
      "prints the number where names come from elsewhere)",
      file, what, name);
}

int host_user(struct arena *arena, const char *user, uint32_t *uid, uint32_t *gid, struct error *err)
{
  const size_t length = strcspn(user, ":");
  const char *name = arena_strndup(arena, user, length);
  const char *group = user[length] ? user + length + 1 : NULL;
  if (parse_id(name, uid) < 0
      && look_up(arena, "/etc/passwd", "user", name, uid, group ? NULL : gid, err) < 0)
    return -1;
  if (group && parse_id(group, gid) < 0)
    return look_up(arena, "/etc/group", "group", group, gid, NULL, err);
  return 0;
}
