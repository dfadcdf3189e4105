/* SPDX-License-Identifier: Apache-2.0
 * Lexical path work. */
#include "libcontainer/base/path.h"
#include <string.h>

static bool is_dotdot(const char *component, size_t length)
{
  return length == 2 && component[0] == '.' && component[1] == '.';
}

/* Length of 'clean' without its last component; 0 if nothing is left. */
static size_t parent_length(const char *clean, size_t length)
{
  while (length > 0 && clean[length - 1] != '/')
    length--;
  return length > 0 ? length - 1 : 0;
}

/* True if the last component of what was built so far can be taken back by '..'. */
static bool can_go_up(const char *clean, size_t length)
{
  if (length == 0)
    return false;
  size_t start = length;
  while (start > 0 && clean[start - 1] != '/')
    start--;
  return !is_dotdot(clean + start, length - start);
}

char *path_clean(struct arena *arena, const char *path)
{
  bool absolute = path[0] == '/';
  /* 'out' holds the components joined by '/'; with 'absolute' each has its '/' in front. */
  char *out = arena_alloc(arena, strlen(path) + 2);
  size_t length = 0;
  for (const char *p = path; *p;) {
    size_t n = strcspn(p, "/");
    bool dotdot = is_dotdot(p, n);
    if (dotdot && can_go_up(out, length)) {
      length = parent_length(out, length);
    } else if (n > 0 && !(n == 1 && p[0] == '.') && !(dotdot && absolute)) {
      if (absolute || length > 0)
        out[length++] = '/';
      memcpy(out + length, p, n);
      length += n;
    }
    p += n;
    p += strspn(p, "/");
  }
  if (length == 0)
    out[length++] = absolute ? '/' : '.';
  out[length] = '\0';
  return out;
}

char *path_join(struct arena *arena, const char *dir, const char *name)
{
  if (!*dir)
    return arena_strdup(arena, name);
  bool slash = dir[strlen(dir) - 1] == '/';
  while (*name == '/')
    name++;
  return arena_printf(arena, "%s%s%s", dir, slash || !*name ? "" : "/", name);
}

char *path_absolute(struct arena *arena, const char *dir, const char *path)
{
  return path_clean(arena, path[0] == '/' ? path : path_join(arena, dir, path));
}

const char *path_base(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

char *path_dir(struct arena *arena, const char *path)
{
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/')
    length--;
  while (length > 0 && path[length - 1] != '/')
    length--;
  if (length == 0)
    return arena_strdup(arena, ".");
  while (length > 1 && path[length - 1] == '/')
    length--;
  return arena_strndup(arena, path, length);
}

bool path_is_under(const char *path, const char *dir)
{
  size_t n = strlen(dir);
  if (n == 1 && dir[0] == '/')
    return path[0] == '/';
  return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

bool path_has_dotdot(const char *path)
{
  for (const char *p = path; *p;) {
    size_t n = strcspn(p, "/");
    if (is_dotdot(p, n))
      return true;
    p += n;
    p += strspn(p, "/");
  }
  return false;
}
