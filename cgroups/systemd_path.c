/* SPDX-License-Identifier: Apache-2.0
 * linux.cgroupsPath of the systemd driver to a unit, and a unit to its cgroup (systemd.slice(5), the naming
 * rules of systemd.unit(5)). Pure. */
#include "cgroups/cgroup.h"
#include "cgroups/unit.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <string.h>

#define ORIGIN "/linux/cgroupsPath"
#define NAME_CHARACTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:-_.\\"
#define ROOT_SLICE "-.slice"
#define SLICE_SUFFIX ".slice"
#define PARTS 3 /* slice, prefix, name */

static int refuse(struct error *err, const char *what, const char *name, const char *why)
{
  (void)error_set(err, ERROR_CONFIG, 0, "%s '%s' %s", what, name, why);
  return error_at(err, ORIGIN);
}

bool unit_is_slice(const char *unit)
{
  return text_ends_with(unit, SLICE_SUFFIX);
}

/* systemd.unit(5): the rest is escaped, and so is a leading dot. '@' would make it an instance of a template.
 */
const char *unit_escape(struct arena *arena, const char *part)
{
  struct text out;
  text_init(&out, arena);
  for (const char *p = part; *p; p++)
    if (strchr(NAME_CHARACTERS, *p) && !(p == part && *p == '.'))
      text_add_bytes(&out, p, 1);
    else
      text_addf(&out, "\\x%02x", (unsigned)(unsigned char)*p);
  return text_string(&out);
}

/* A slice's name tells its parents: "a-b.slice" is in "a.slice". So no part may be empty. */
static int check_slice(const char *slice, struct error *err)
{
  if (!unit_is_slice(slice))
    return refuse(err, "slice", slice, "does not end in '.slice'");
  if (strlen(slice) > UNIT_NAME_MAX_BYTES)
    return refuse(err, "slice", slice, "is longer than 255 bytes");
  if (text_equal(slice, ROOT_SLICE))
    return 0;
  size_t length = strlen(slice) - strlen(SLICE_SUFFIX);
  if (length == 0 || slice[0] == '-' || slice[0] == '.' || slice[length - 1] == '-' || strstr(slice, "--"))
    return refuse(err, "slice", slice, "is no name of a slice: a part of it is empty");
  if (strspn(slice, NAME_CHARACTERS) != strlen(slice))
    return refuse(err, "slice", slice, "has a character that names of units can't have");
  return 0;
}

/* systemd puts '_' before names that would meet the kernel's own files in the directory. */
static bool needs_underscore(const char *name)
{
  static const char *const controllers[] = { "cgroup", "cpu",          "cpuacct",    "cpuset",
                                             "io",     "blkio",        "memory",     "devices",
                                             "pids",   "bpf-firewall", "bpf-devices" };
  if (name[0] == '_' || name[0] == '.')
    return true;
  size_t length = strcspn(name, ".");
  for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++)
    if (strlen(controllers[i]) == length && strncmp(name, controllers[i], length) == 0)
      return true;
  return false;
}

static void add_component(struct text *path, const char *name)
{
  text_addf(path, "/%s%s", needs_underscore(name) ? "_" : "", name);
}

/* Adds "/a.slice/a-b.slice" for "a-b.slice"; nothing for the root slice. */
static void add_slice(struct arena *arena, struct text *path, const char *slice)
{
  if (text_equal(slice, ROOT_SLICE))
    return;
  const char *end = slice + strlen(slice) - strlen(SLICE_SUFFIX);
  for (const char *dash = slice; dash < end; dash++) {
    dash += strcspn(dash, "-");
    if (dash >= end)
      break;
    add_component(path, arena_printf(arena, "%.*s" SLICE_SUFFIX, (int)(dash - slice), slice));
  }
  add_component(path, slice);
}

static const char *unit_name(struct arena *arena, const char *prefix, const char *name)
{
  if (unit_is_slice(name))
    return name;
  const char *escaped = unit_escape(arena, name);
  if (!*prefix)
    return arena_printf(arena, "%s.scope", escaped);
  return arena_printf(arena, "%s-%s.scope", unit_escape(arena, prefix), escaped);
}

static int set_place(struct arena *arena, const char *const part[static PARTS], const char *manager_root,
                     struct unit_place *place, struct error *err)
{
  place->slice = part[0];
  if (!*part[0])
    place->slice = *manager_root ? "user.slice" : "system.slice";
  else if (text_equal(part[0], "-"))
    place->slice = ROOT_SLICE;
  if (check_slice(place->slice, err) < 0)
    return -1;
  place->unit = unit_name(arena, part[1], part[2]);
  if (strlen(place->unit) > UNIT_NAME_MAX_BYTES)
    return refuse(err, "unit", place->unit, "has a name of more than 255 bytes, which systemd refuses");
  struct text path;
  text_init(&path, arena);
  text_add(&path, manager_root);
  if (unit_is_slice(place->unit)) {
    if (check_slice(place->unit, err) < 0)
      return -1;
    if (text_equal(place->unit, ROOT_SLICE))
      return refuse(err, "slice", place->unit, "is the root of the hierarchy, which can't be a container's");
    add_slice(arena, &path, place->unit); /* where a slice is follows from its own name */
  } else {
    add_slice(arena, &path, place->slice);
    add_component(&path, place->unit);
  }
  place->path = text_string(&path);
  if (strlen(place->path) >= CGROUP_PATH_BYTES)
    return refuse(err, "cgroup path", place->path, "is too long");
  return 0;
}

int unit_place_of(struct arena *arena, const char *cgroups_path, const char *id, const char *manager_root,
                  struct unit_place *place, struct error *err)
{
  const char *default_parts[PARTS] = { "", "hull", id };
  if (!cgroups_path)
    return set_place(arena, default_parts, manager_root, place, err);
  size_t count;
  char **parts = text_split(arena, cgroups_path, ':', &count);
  if (count != PARTS) {
    (void)error_set(err, ERROR_CONFIG, 0,
                    "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got "
                    "\"%s\" instead",
                    cgroups_path);
    return error_at(err, ORIGIN);
  }
  if (!*parts[2])
    return refuse(err, "cgroupsPath", cgroups_path, "names no unit: the part after the last ':' is empty");
  if (strchr(parts[1], '/') || strchr(parts[2], '/'))
    return refuse(err, "cgroupsPath", cgroups_path, "has a '/', which names of units can't have");
  return set_place(arena, (const char *const[PARTS]){ parts[0], parts[1], parts[2] }, manager_root, place,
                   err);
}

/* --- the manager of a user --------------------------------------------------------------------------- */

#define USER_SLICE "/user.slice/user-"
#define DIGITS "0123456789"

/* The number in "/user.slice/user-1000.slice…"; NULL if there is none. */
static const char *session_user(const char *own, size_t *length)
{
  const char *found = own ? strstr(own, USER_SLICE) : NULL;
  if (!found)
    return NULL;
  found += strlen(USER_SLICE);
  *length = strspn(found, DIGITS);
  return *length > 0 && text_starts_with(found + *length, SLICE_SUFFIX) ? found : NULL;
}

bool unit_in_user_session(const char *own)
{
  size_t length;
  const char *uid = session_user(own, &length);
  return uid && !(length == 1 && *uid == '0');
}

const char *unit_user_root(struct arena *arena, const char *own, uint32_t uid)
{
  size_t length;
  const char *number = session_user(own, &length);
  if (!number) {
    number = arena_printf(arena, "%u", uid);
    return arena_printf(arena, USER_SLICE "%s" SLICE_SUFFIX "/user@%s.service", number, number);
  }
  /* What is before may be a container that the whole session is in. */
  return arena_printf(arena, "%.*s" SLICE_SUFFIX "/user@%.*s.service", (int)(number + length - own), own,
                      (int)length, number);
}
