/* SPDX-License-Identifier: Apache-2.0
 * `hull check --bundle`: makes the plan as create would, and looks whether what it names is here: the root,
 * bind sources, file systems, hooks, devices, the profile. Nothing is made. */
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/refusal.h"
#include "libcontainer/base/text.h"
#include "libcontainer/runtime/check.h"
#include "libcontainer/runtime/prepare.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct finding *lack(struct checker *c, const char *name, const char *origin)
{
  struct finding *f = vec_push(c->arena, &c->findings);
  *f = (struct finding){ .name = name,
                         .needed = true,
                         .status = FINDING_MISSING,
                         .origin = origin != NULL ? arena_strdup(c->arena, origin) : NULL };
  return f;
}

/* A path of the host that must be there, and allow 'access'. */
static void check_path(struct checker *c, const char *name, const char *path, int access, const char *origin)
{
  char why[REFUSAL_BYTES];
  if (faccessat(AT_FDCWD, path, access, AT_EACCESS) == 0)
    return;
  const int cause = errno;
  (void)refusal_explain(AT_FDCWD, path, access, why, sizeof why);
  found(c, lack(c, name, origin), FINDING_MISSING,
        cause == ENOENT ? "make it, or correct the path" : "let the caller at it, or run as somebody who may",
        "'%s': %s", path, *why != '\0' ? why : strerror(cause));
}

static bool knows_file_system(const struct checker *c, const char *type)
{
  size_t length;
  struct error ignored = { 0 };
  const int proc = proc_root(NULL);
  const char *table = proc < 0 ? NULL : file_read(c->arena, proc, "filesystems", 1 << 20, &length, &ignored);
  const size_t wanted = strlen(type);
  for (const char *line = table; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
    line += *line == '\n';
    const char *name = strchr(line, '\t');
    if (name != NULL && strncmp(name + 1, type, wanted) == 0 && name[1 + wanted] == '\n')
      return true;
  }
  return table == NULL;
}

static void check_mounts(struct checker *c, const struct plan *plan)
{
  const struct plan_mount *m;
  vec_each (&plan->mounts, m) {
    if (m->how == MOUNT_BIND && m->source != NULL)
      check_path(c, "bind source", m->source, F_OK, m->origin);
    else if (m->how == MOUNT_NEW && !knows_file_system(c, m->type))
      found(c, lack(c, "file system", m->origin), FINDING_MISSING,
            arena_printf(c->arena, "modprobe %s, or take the mount out", m->type),
            "'%s' is not in /proc/filesystems (a module that can be loaded would be, once it is)", m->type);
  }
}

static void check_hooks(struct checker *c, const struct plan *plan)
{
  const struct hooks *h = plan->hooks;
  const struct {
    const char *name;
    const hook_list *list;
  } kinds[] = { /* of the host; startContainer hooks are files of the image */
                { "prestart", &h->prestart },
                { "createRuntime", &h->create_runtime },
                { "createContainer", &h->create_container },
                { "poststart", &h->poststart },
                { "poststop", &h->poststop }
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    const struct hook *hook;
    vec_each (kinds[i].list, hook)
      check_path(c, "hook", hook->path, X_OK,
                 arena_printf(c->arena, "/hooks/%s/%zu/path", kinds[i].name, vec_index(kinds[i].list, hook)));
  }
}

static void check_namespace_paths(struct checker *c, const struct plan *plan)
{
  for (int i = 0; i < NS_COUNT; i++)
    if (plan->namespaces[i].how == NS_JOIN)
      check_path(c, "namespace", plan->namespaces[i].path, R_OK, plan->namespaces[i].origin);
}

static void check_profile(struct checker *c, const struct plan *plan)
{
  struct seccomp_program program;
  struct strings unknown = { NULL, 0, 0 };
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES];
  if (plan->seccomp == NULL)
    return;
  if (seccomp_compile(c->arena, plan->seccomp, &program, &unknown, &err) < 0) {
    const char *origin = err.origin[0] != '\0' ? err.origin : "/linux/seccomp";
    (void)error_format(&err, text, sizeof text);
    found(c, lack(c, "seccomp profile", origin), FINDING_MISSING, "correct the profile", "%s", text);
  } else if (unknown.count > 0) {
    struct finding *f = lack(c, "seccomp profile", "/linux/seccomp/syscalls");
    f->needed = false;
    found(c, f, FINDING_LIMITED, "use a newer libseccomp if one of them matters",
          "%zu system calls of it are unknown to libseccomp %s and skipped, such as '%s'", unknown.count,
          seccomp_library_version(c->arena), unknown.items[0]);
  }
  if (plan->seccomp->listener_path != NULL)
    check_path(c, "seccomp agent", plan->seccomp->listener_path, W_OK, "/linux/seccomp/listenerPath");
}

static void refuse_config(struct checker *c, const struct error *err)
{
  char text[ERROR_TEXT_BYTES + ERROR_ORIGIN_BYTES];
  (void)error_format(err, text, sizeof text);
  found(c, lack(c, "config", err->origin[0] != '\0' ? err->origin : NULL), FINDING_MISSING,
        "see 'hull validate' and 'hull plan'", "%s", text);
}

void check_bundle(struct checker *c, struct launch *l, const struct hull_create_options *options)
{
  struct error err = { 0 };
  struct hull_create_options with_console = *options;
  with_console.use_console_fd = true; /* whether there is one, the command line decides */
  c->launch = l;
  l->plan.hooks = NULL;
  if (make_plan(l, &with_console, NULL, &err) < 0) {
    refuse_config(c, &err);
    c->launch = NULL;
    return;
  }
  char *const *warning;
  vec_each (&l->plan.warnings, warning) {
    struct finding *f = lack(c, "config", NULL);
    f->needed = false;
    found(c, f, FINDING_LIMITED, NULL, "%s", *warning);
  }
  check_path(c, "root", l->plan.rootfs, F_OK, "/root/path");
  check_mounts(c, &l->plan);
  check_hooks(c, &l->plan);
  check_namespace_paths(c, &l->plan);
  check_profile(c, &l->plan);
}
