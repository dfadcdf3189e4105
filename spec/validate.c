/* SPDX-License-Identifier: Apache-2.0
 * Semantic checks of a decoded config: the runner, and the checks of the document's top. Mount options are
 * judged where they are interpreted, in the plan. */
#include "spec/validate.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/text.h"
#include "spec/annotations.h"
#include "spec/pointer.h"
#include "spec/problem.h"
#include "spec/types.h"
#include "spec/validate_check.h"

#include <string.h>

const struct namespace_ref *find_namespace(const struct spec *spec, enum namespace_type type)
{
  if (!spec->linux_)
    return NULL;
  const struct namespace_ref *ns;
  vec_each (&spec->linux_->namespaces, ns)
    if (ns->type.set && ns->type.value == (long)type)
      return ns;
  return NULL;
}

bool lacks_namespace(const struct checking *c, enum namespace_type type)
{
  return !find_namespace(c->spec, type) && !problems_judged(c->problems, "/linux/namespaces");
}

/* Digits without a leading zero, as Semantic Versioning has them; moves past them. */
static bool version_number(const char **s, unsigned *value)
{
  const char *begin = *s;
  *value = 0;
  for (; **s >= '0' && **s <= '9'; ++*s) {
    if (*s - begin > 5)
      return false;
    *value = *value * 10 + (unsigned)(**s - '0');
  }
  return *s > begin && (*begin != '0' || *s == begin + 1);
}

static bool parse_version(const char *s, unsigned numbers[3])
{
  for (int i = 0; i < 3; i++)
    if ((i > 0 && *s++ != '.') || !version_number(&s, &numbers[i]))
      return false;
  if (*s != '\0' && *s != '-' && *s != '+')
    return false;
  return *s == '\0'
         || (s[1] != '\0'
             && s[strspn(s, "0123456789.-+abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0');
}

static void check_version(const struct checking *c)
{
  const char *version = c->spec->oci_version;
  unsigned numbers[3];
  if (!parse_version(version, numbers))
    refuse(c, "/ociVersion", "'%s' is not a version (MAJOR.MINOR.PATCH)", version);
  else if (numbers[0] != 1)
    refuse(c, "/ociVersion", "version %s is not supported: hull follows runtime-spec 1.x", version);
  else if (numbers[1] > 3)
    warn(c, "/ociVersion", "version %s is newer than 1.3, which hull knows: new properties are ignored",
         version);
}

static void check_root(const struct checking *c)
{
  if (!c->spec->root)
    refuse(c, "/root", "required, but missing");
}

static void check_annotations(const struct checking *c)
{
  const struct string_pair *pair;
  vec_each (&c->spec->annotations, pair)
    if (*pair->key == '\0')
      refuse(c, "/annotations/", "a key must not be empty");
  for (const struct annotation_refused *row = annotations_refused; row->key; row++)
    if (annotation_value(&c->spec->annotations, row->key))
      refuse(c, at(c, "/annotations/%s", row->key), "%s", row->why);
}

/* Files of procfs that may be mounted over, as lxcfs and FIPS set-ups do. Security: any other file below
 * /proc could hide what the runtime itself relies on (CVE-2019-16884, CVE-2019-19921). */
static const char *const proc_files[] = {
  "/proc/cpuinfo",
  "/proc/diskstats",
  "/proc/loadavg",
  "/proc/meminfo",
  "/proc/net/dev",
  "/proc/slabinfo",
  "/proc/stat",
  "/proc/swaps",
  "/proc/sys/crypto/fips_enabled",
  "/proc/sys/kernel/ns_last_pid",
  "/proc/uptime",
};

static bool is_proc_file(const char *path)
{
  for (size_t i = 0; i < sizeof proc_files / sizeof *proc_files; i++)
    if (strcmp(path, proc_files[i]) == 0)
      return true;
  return false;
}

static bool is_bind(const struct mount *m)
{
  for (size_t i = 0; i < m->options.count; i++)
    if (strcmp(m->options.items[i], "bind") == 0 || strcmp(m->options.items[i], "rbind") == 0)
      return true;
  return text_equal(m->type, "bind");
}

static void check_mount_over_proc(const struct checking *c, size_t i, const struct mount *m)
{
  const char *path = path_absolute(c->problems->arena, "/", m->destination);
  if (!path_is_under(path, "/proc") || is_proc_file(path))
    return;
  if (strcmp(path, "/proc") != 0)
    refuse(c, at(c, "/mounts/%zu/destination", i),
           "'%s' is inside /proc: only %s and a few more may be mounted over", m->destination, proc_files[0]);
  else if (!text_equal(m->type, "proc") && !is_bind(m))
    refuse(c, at(c, "/mounts/%zu/type", i), "only a proc file system can be mounted on /proc");
}

static void check_mounts(const struct checking *c)
{
  const struct mount *m;
  vec_each (&c->spec->mounts, m) {
    size_t i = vec_index(&c->spec->mounts, m);
    if (m->destination[0] != '/')
      warn(c, at(c, "/mounts/%zu/destination", i), "'%s' is relative: taken from /", m->destination);
    if (is_bind(m) && (!m->source || !*m->source))
      refuse(c, at(c, "/mounts/%zu/source", i), "a bind mount needs a source");
    check_mount_over_proc(c, i, m);
  }
}

static void check_hook_list(const struct checking *c, const char *phase, const hook_list *hooks)
{
  const struct hook *hook;
  vec_each (hooks, hook)
    if (hook->path[0] != '/')
      refuse(c, at(c, "/hooks/%s/%zu/path", phase, vec_index(hooks, hook)), "'%s' is not absolute",
             hook->path);
}

static void check_hooks(const struct checking *c)
{
  if (!c->spec->hooks)
    return;
  for (const struct field *row = hooks_type.fields; row->key; row++)
    check_hook_list(c, row->key,
                    (const hook_list *)(const void *)((const char *)c->spec->hooks + row->offset));
}

static void check_all_support(const struct checking *c)
{
  check_support(c, &config_type, c->spec);
}

static const struct check config_checks[] = {
  { "version", check_version },
  { "root", check_root },
  { "annotations", check_annotations },
  { "mounts", check_mounts },
  { "hooks", check_hooks },
  { "support", check_all_support },
  { NULL, NULL },
};

static void run_checks(const struct check *checks, const struct checking *c)
{
  for (; checks->name; checks++)
    checks->run(c);
}

void validate_config(const struct spec *spec, struct problems *problems)
{
  struct checking c = {
    .spec = spec, .process = spec->process, .start = "", .process_at = "/process", .problems = problems
  };
  run_checks(config_checks, &c);
  if (spec->process)
    run_checks(process_checks, &c);
  run_checks(linux_checks, &c);
}

void validate_process(const struct process *process, const char *pointer, struct problems *problems)
{
  struct checking c = { .process = process, .start = pointer, .process_at = pointer, .problems = problems };
  check_support(&c, &process_type, process);
  run_checks(process_checks, &c);
}

#define ID_MAX_BYTES 255 /* a directory of that name has to be made */

int validate_id(const char *id, struct error *err)
{
  static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-";
  static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-.";
  if (*id == '\0')
    return error_set(err, ERROR_USAGE, 0, "the container id must not be empty");
  if (strlen(id) > ID_MAX_BYTES)
    return error_set(err, ERROR_USAGE, 0, "the container id is longer than %d bytes", ID_MAX_BYTES);
  if (!strchr(first, *id) || id[strspn(id, rest)] != '\0')
    return error_set(err, ERROR_USAGE, 0,
                     "invalid container id '%s': letters, digits and _+-. only, and no dot first", id);
  return 0;
}
