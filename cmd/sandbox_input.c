/* SPDX-License-Identifier: Apache-2.0
 * What the options of `hull sandbox` mean on this host. Everything that can be wrong with them is found here,
 * before anything is made. */
#include "cmd/sandbox_input.h"
#include "cmd/sandbox_host.h"
#include "cmd/size.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/path.h"
#include "spec/decode.h"
#include "spec/types.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CPUS_MAX 65536
#define PIDS_MAX (1 << 22) /* the kernel has no more */
#define PATH_VARIABLE "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct reader {
  struct arena *arena;
  const struct sandbox_values *values;
  struct sandbox_wishes *wishes;
  const char *here; /* the current directory; NULL: it is gone, or out of reach */
  struct error *err;
};

/* --- numbers -------------------------------------------------------------------------------------- */

int sandbox_parse_cpus(const char *s, double *cpus, struct error *err)
{
  /* Digits and a point, and nothing of what strtod(3) takes beside that. */
  const size_t whole = strspn(s, "0123456789");
  const char *rest = s + whole + (s[whole] == '.');
  const bool number = whole > 0 && rest[strspn(rest, "0123456789")] == '\0' && strlen(s) < 32;
  *cpus = number ? strtod(s, NULL) : 0;
  if (number && *cpus >= 0.01 && *cpus <= CPUS_MAX)
    return 0;
  return error_set(err, ERROR_USAGE, 0,
                   "option '--cpus' must be a number of processors from 0.01 to %d, not '%s'", CPUS_MAX, s);
}

int sandbox_parse_timeout(const char *s, uint64_t *ns, struct error *err)
{
  uint64_t seconds;
  int64_t duration = 0;
  if (parse_u64(s, INT64_MAX / 1000000000, &seconds) == 0)
    duration = (int64_t)(seconds * 1000000000u);
  else if (parse_duration(s, &duration) < 0)
    return error_set(err, ERROR_USAGE, 0,
                     "option '--timeout' must be a duration such as 30s, 1m30s or 500ms, not '%s'", s);
  if (duration == 0)
    return error_set(err, ERROR_USAGE, 0,
                     "option '--timeout %s' would leave the command no time: leave it out for no limit", s);
  *ns = (uint64_t)duration;
  return 0;
}

static int read_limits(struct reader *r)
{
  const struct sandbox_values *values = r->values;
  struct sandbox_wishes *wishes = r->wishes;
  if (values->memory && (size_parse(values->memory, &wishes->memory) < 0 || wishes->memory <= 0))
    return error_set(r->err, ERROR_USAGE, 0,
                     "option '--memory' must be a size above 0 such as 512M or 1G, not '%s'", values->memory);
  if (values->cpus && sandbox_parse_cpus(values->cpus, &wishes->cpus, r->err) < 0)
    return -1;
  if (values->pids && parse_i64(values->pids, 1, PIDS_MAX, &wishes->pids) < 0)
    return error_set(r->err, ERROR_USAGE, 0,
                     "option '--pids' must be a number of processes from 1 to %d, not '%s'", PIDS_MAX,
                     values->pids);
  return 0;
}

/* --- user and environment ------------------------------------------------------------------------- */

static int read_user(struct reader *r)
{
  struct sandbox_wishes *wishes = r->wishes;
  const char *user = r->values->user;
  wishes->own_uid = geteuid();
  wishes->own_gid = getegid();
  wishes->user_namespace = wishes->own_uid != 0;
  wishes->uid = wishes->own_uid;
  wishes->gid = wishes->own_gid;
  if (!user)
    return 0;
  if (!wishes->user_namespace && parse_id(user, &wishes->gid) == 0) /* a number alone is both */
    return parse_id(user, &wishes->uid);
  return host_user(r->arena, user, &wishes->uid, &wishes->gid, r->err);
}

/* Puts "NAME=VALUE" in the place of an earlier one of that name. */
static void set_variable(struct reader *r, const char *variable)
{
  struct strings *env = &r->wishes->env;
  const size_t length = strcspn(variable, "=") + 1;
  char *copy = arena_strdup(r->arena, variable);
  for (size_t i = 0; i < env->count; i++)
    if (strncmp(env->items[i], variable, length) == 0) {
      env->items[i] = copy;
      return;
    }
  *(char **)vec_push(r->arena, env) = copy;
}

static bool copy_variable(struct reader *r, const char *name)
{
  const char *value = getenv(name);
  if (value)
    set_variable(r, arena_printf(r->arena, "%s=%s", name, value));
  return value != NULL;
}

static int read_environment(struct reader *r)
{
  static const char *const usual[] = { "TERM", "LANG" };
  char *const *wish;
  set_variable(r, PATH_VARIABLE);
  if (!copy_variable(r, "HOME"))
    set_variable(r, "HOME=/");
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
    (void)copy_variable(r, usual[i]);
  vec_each (&r->values->env, wish) {
    if (**wish == '=' || !**wish)
      return error_set(r->err, ERROR_USAGE, 0, "option '--env' must be NAME or NAME=VALUE, not '%s'", *wish);
    if (strchr(*wish, '='))
      set_variable(r, *wish);
    else if (!copy_variable(r, *wish))
      return error_set(
          r->err, ERROR_USAGE, 0,
          "option '--env %s': there is no such variable to pass on: give it a value, --env %s=VALUE", *wish,
          *wish);
  }
  return 0;
}

/* --- paths ---------------------------------------------------------------------------------------- */

/* Says which component is not there, or in the way. */
static int refuse_component(struct reader *r, const char *option, const char *path, const char *component,
                            int errnum)
{
  const char *directory = path_dir(r->arena, component);
  struct stat st;
  switch (errnum) {
  case ENOENT:
    return error_set(r->err, ERROR_USAGE, 0, "option '--%s %s': '%s' does not exist", option, path,
                     component);
  case ENOTDIR:
    return error_set(r->err, ERROR_USAGE, 0, "option '--%s %s': '%s' is no directory", option, path,
                     directory);
  case EACCES:
    if (stat(directory, &st) == 0)
      return error_set(r->err, ERROR_USAGE, 0,
                       "option '--%s %s': user %d may not enter '%s' (mode %04o, owner %d:%d)", option, path,
                       (int)geteuid(), directory, st.st_mode & 07777u, (int)st.st_uid, (int)st.st_gid);
    break;
  default:
    break;
  }
  return error_set(r->err, ERROR_USAGE, errnum, "option '--%s %s': cannot use '%s'", option, path, component);
}

/* The caller must be able to read what he shows: every component, from the root on. */
static int check_source(struct reader *r, const char *option, const char *path)
{
  struct stat st;
  for (size_t end = 1; path[end - 1]; end++) {
    if (path[end] != '/' && path[end])
      continue;
    const char *component = arena_strndup(r->arena, path, end);
    if (stat(component, &st) < 0)
      return refuse_component(r, option, path, component, errno);
    if (!path[end])
      break;
  }
  if (access(path, S_ISDIR(st.st_mode) ? R_OK | X_OK : R_OK) == 0)
    return 0;
  return error_set(r->err, ERROR_USAGE, 0,
                   "option '--%s %s': user %d may not read '%s' (mode %04o, owner %d:%d)", option, path,
                   (int)geteuid(), path, st.st_mode & 07777u, (int)st.st_uid, (int)st.st_gid);
}

static int check_destination(struct reader *r, const char *option, const char *value, size_t index)
{
  struct sandbox_wishes *wishes = r->wishes;
  const struct sandbox_path *path = &wishes->paths.items[index];
  const char *below = NULL;
  if (strcmp(path->destination, "/") == 0)
    return error_set(
        r->err, ERROR_USAGE, 0,
        "option '--%s %s': the root itself is always the host's, read-only; name what lies below it, "
        "or use --overlay",
        option, value);
  const ssize_t other = sandbox_contradiction(wishes, index);
  const char *hidden = other < 0 ? "" : wishes->paths.items[other].destination;
  if (other >= 0 && strcmp(hidden, path->destination) == 0)
    return error_set(r->err, ERROR_USAGE, 0,
                     "option '--%s %s': '%s' has been asked for in another way before: leave one of them out",
                     option, value, path->destination);
  if (other >= 0)
    return error_set(r->err, ERROR_USAGE, 0,
                     "option '--%s %s' lies over '%s', which has been asked for before: name it first",
                     option, value, hidden);
  if (sandbox_may_make(r->arena, wishes, index, path->destination, &below) || access(below, F_OK) == 0)
    return 0;
  return error_set(
      r->err, ERROR_USAGE, 0,
      "option '--%s %s': there is no '%s' to mount on, and nothing is made on the host: make it, or "
      "choose a place below /tmp or a --tmpfs",
      option, value, path->destination);
}

static const char *absolute(struct reader *r, const char *option, const char *path)
{
  if (*path == '/' || (*path && r->here))
    return path_absolute(r->arena, r->here ? r->here : "/", path);
  error_set(r->err, ERROR_USAGE, 0,
            *path ? "option '--%s %s': the current directory is gone: give an absolute path"
                  : "option '--%s' must be PATH%s, not empty",
            option,
            *path                          ? path
            : strcmp(option, "tmpfs") == 0 ? ""
                                           : " or SRC:DST");
  return NULL;
}

static bool is_directory(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What the host has mounted below 'path'; NULL: nothing. */
static const char *mount_below(const struct reader *r, const char *path)
{
  char *const *mount;
  vec_each (&r->wishes->host_mounts, mount)
    if (strcmp(*mount, path) != 0 && path_is_under(*mount, path))
      return *mount;
  return NULL;
}

/* user_namespaces(7), mount_namespaces(7): a user can't have a directory without what is mounted below it,
 * and that is what a layer of an overlay is. */
static int check_overlay(struct reader *r, const char *option, const char *value, const char *path)
{
  const char *mount = r->wishes->user_namespace ? mount_below(r, path) : NULL;
  if (!mount)
    return 0;
  return error_set(r->err, ERROR_USAGE, 0,
                   "option '--%s %s': with --overlay a user can't have a directory that something is mounted "
                   "below ('%s'): name the directories beside it, or leave out --overlay",
                   option, value, mount);
}

static int read_path(struct reader *r, const char *option, const char *value)
{
  static const struct name kinds[] = {
    { "ro", SANDBOX_RO }, { "rw", SANDBOX_RW }, { "tmpfs", SANDBOX_TMPFS }, { 0 }
  };
  const enum sandbox_access access = (enum sandbox_access)names_find(kinds, option)->value;
  const bool file = access != SANDBOX_TMPFS;
  const char *colon = file ? strchr(value, ':') : NULL;
  const char *source = colon ? arena_strndup(r->arena, value, (size_t)(colon - value)) : value;
  struct sandbox_path path = { .access = access };
  if (file && !(path.source = absolute(r, option, source)))
    return -1;
  if (!(path.destination = absolute(r, option, colon ? colon + 1 : value)))
    return -1;
  if (file && check_source(r, option, path.source) < 0)
    return -1;
  if (access == SANDBOX_RO && r->values->overlay && is_directory(path.source)) {
    path.access = SANDBOX_OVERLAY;
    if (check_overlay(r, option, value, path.source) < 0)
      return -1;
  }
  *(struct sandbox_path *)vec_push(r->arena, &r->wishes->paths) = path;
  return check_destination(r, option, value, r->wishes->paths.count - 1);
}

static bool is_real_directory(const char *path)
{
  struct stat st;
  return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_private(const struct sandbox_wishes *wishes, const char *path)
{
  char *const *place;
  vec_each (&wishes->private_places, place)
    if (path_is_under(path, *place))
      return true;
  return false;
}

/* Where sockets of services and files of others are. */
static void choose_private_places(struct reader *r)
{
  static const char *const places[] = { "/run", "/var/run", "/tmp", "/var/tmp" };
  const char *runtime = getenv("XDG_RUNTIME_DIR");
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (is_real_directory(places[i]))
      *(char **)vec_push(r->arena, &r->wishes->private_places) = arena_strdup(r->arena, places[i]);
  if (!runtime || *runtime != '/')
    return;
  const char *clean = path_clean(r->arena, runtime);
  if (!is_private(r->wishes, clean) && strcmp(clean, "/") != 0 && is_real_directory(clean))
    *(char **)vec_push(r->arena, &r->wishes->private_places) = arena_strdup(r->arena, clean);
}

static bool is_asked_for(struct reader *r, const char *path)
{
  const struct strings *words = &r->values->paths;
  for (size_t i = 1; i < words->count; i += 2) {
    const char *colon = strchr(words->items[i], ':');
    const char *destination = colon ? colon + 1 : words->items[i];
    if (strcmp(path_absolute(r->arena, r->here ? r->here : "/", destination), path) == 0)
      return true;
  }
  return false;
}

/* Of a user: what he can't have in an overlay. */
static bool has_locked(const struct reader *r, const char *path)
{
  return r->wishes->user_namespace && mount_below(r, path) != NULL;
}

/* The current directory is there as it is for all others: read-only, unless asked for. */
static void choose_directory(struct reader *r)
{
  static const char *const replaced[] = { "/proc", "/sys", "/dev" };
  struct sandbox_wishes *wishes = r->wishes;
  char here[4096];
  wishes->cwd = "/";
  r->here = getcwd(here, sizeof here) && here[0] == '/' ? arena_strdup(r->arena, here) : NULL;
  if (!r->here)
    return;
  for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++)
    if (path_is_under(r->here, replaced[i]))
      return;
  wishes->cwd = r->here;
  if (!is_private(wishes, r->here) || is_asked_for(r, r->here) || access(r->here, R_OK | X_OK) < 0)
    return;
  char *const *place;
  vec_each (&wishes->private_places, place)
    if (strcmp(*place, r->here) == 0)
      return; /* all of it would be everybody's files after all */
  *(struct sandbox_path *)vec_push(r->arena, &wishes->paths) =
      (struct sandbox_path){ .access =
                                 r->values->overlay && !has_locked(r, r->here) ? SANDBOX_OVERLAY : SANDBOX_RO,
                             .source = r->here,
                             .destination = r->here,
                             .unasked = true };
}

/* --- what is there without being asked ------------------------------------------------------------ */

/* The kernel lets root have an overlay of everything. A user has one of the topmost directory on the way to
 * 'path' that he may write to: above it he could change nothing. */
static void add_own_overlay(struct reader *r, const char *path)
{
  const struct sandbox_path *other;
  for (size_t end = 1; path[end - 1]; end++) {
    if (path[end] != '/' && path[end])
      continue;
    const char *top = arena_strndup(r->arena, path, end);
    if (access(top, W_OK | X_OK) < 0 || !is_real_directory(top) || has_locked(r, top))
      continue;
    vec_each (&r->wishes->paths, other)
      if (path_is_under(top, other->destination))
        return;
    *(struct sandbox_path *)vec_push(r->arena, &r->wishes->paths) =
        (struct sandbox_path){ .access = SANDBOX_OVERLAY, .destination = top };
    return;
  }
}

static void choose_overlays(struct reader *r)
{
  struct sandbox_wishes *wishes = r->wishes;
  if (!r->values->overlay)
    return;
  if (!wishes->user_namespace) {
    *(struct sandbox_path *)vec_push(r->arena, &wishes->paths) =
        (struct sandbox_path){ .access = SANDBOX_OVERLAY, .destination = "/" };
    return;
  }
  const char *const own[] = { getenv("HOME"), wishes->cwd };
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    if (own[i] && own[i][0] == '/') {
      const char *clean = path_clean(r->arena, own[i]);
      if (!is_private(wishes, clean))
        add_own_overlay(r, clean);
    }
}

/* Names are looked up in files that are often links into /run, which is hidden. */
static void show_name_files(struct reader *r)
{
  static const char *const files[] = { "/etc/resolv.conf", "/etc/hosts" };
  for (size_t i = 0; r->wishes->host_network && i < sizeof files / sizeof *files; i++) {
    const char *path = host_path_of(r->arena, files[i]);
    if (!path || !is_private(r->wishes, path) || access(path, R_OK) < 0)
      continue;
    *(struct sandbox_path *)vec_push(r->arena, &r->wishes->paths) =
        (struct sandbox_path){ .access = SANDBOX_RO, .source = path, .destination = path, .unasked = true };
  }
}

static bool has_overlay(const struct sandbox_wishes *wishes)
{
  const struct sandbox_path *path;
  vec_each (&wishes->paths, path)
    if (path->access == SANDBOX_OVERLAY)
      return true;
  return false;
}

static int read_paths(struct reader *r)
{
  const struct strings *words = &r->values->paths;
  choose_private_places(r);
  if (r->values->overlay && host_mounts(r->arena, &r->wishes->host_mounts, r->err) < 0)
    return -1;
  choose_directory(r);
  choose_overlays(r);
  show_name_files(r);
  for (size_t i = 0; i + 1 < words->count; i += 2)
    if (read_path(r, words->items[i], words->items[i + 1]) < 0)
      return -1;
  if (r->values->overlay && !has_overlay(r->wishes))
    return error_set(
        r->err, ERROR_USAGE, 0,
        "option '--overlay': user %d may write neither to his home nor to the current directory, "
        "so it would change nothing: name a directory by --ro",
        (int)geteuid());
  return 0;
}

/* --- seccomp -------------------------------------------------------------------------------------- */

static int read_profile(struct reader *r)
{
  const char *name = r->values->seccomp;
  if (!name || strcmp(name, "default") == 0) {
    r->wishes->seccomp = sandbox_seccomp(r->arena);
    return 0;
  }
  if (strcmp(name, "none") == 0)
    return 0;
  size_t length;
  struct seccomp *profile = arena_alloc(r->arena, sizeof *profile);
  struct problems problems = { .arena = r->arena, .document = path_base(name) };
  const char *text = file_read(r->arena, AT_FDCWD, name, CONFIG_MAX_BYTES, &length, r->err);
  if (!text) {
    r->err->kind = ERROR_USAGE;
    return error_wrap(r->err,
                      "option '--seccomp' must be default, none, or a file with what linux.seccomp holds");
  }
  if (decode(&seccomp_type, profile, text, length, &problems, NULL) < 0) {
    (void)problems_to_error(&problems, r->err);
    return error_wrap(r->err, "option '--seccomp %s'", name);
  }
  r->wishes->seccomp = profile;
  return 0;
}

int sandbox_read(struct arena *arena, char *const *args, const struct sandbox_values *values,
                 struct sandbox_wishes *wishes, uint64_t *timeout_ns, struct error *err)
{
  struct reader r = { .arena = arena, .values = values, .wishes = wishes, .err = err };
  *wishes = (struct sandbox_wishes){ .args = args, .host_network = values->network == SANDBOX_HOST_NETWORK };
  *timeout_ns = 0;
  if (values->timeout && sandbox_parse_timeout(values->timeout, timeout_ns, err) < 0)
    return -1;
  if (read_limits(&r) < 0 || read_user(&r) < 0 || read_environment(&r) < 0 || read_paths(&r) < 0
      || read_profile(&r) < 0)
    return -1;
  wishes->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
  return 0;
}
