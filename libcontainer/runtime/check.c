/* SPDX-License-Identifier: Apache-2.0
 * The table of abilities for `hull check`, and how findings are shown. Nothing here is on the way of a
 * container. */
#include "libcontainer/runtime/check.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/text.h"
#include "spec/json_write.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct ability {
  const char *name;
  ability_probe *look;
  bool (*always)(const struct checker *c);     /* any container needs it; NULL: none does */
  bool (*wanted)(const struct launch *launch); /* the bundle needs it; NULL: none does */
};

/* --- who needs what -------------------------------------------------------------------------------- */

static bool yes(const struct checker *c)
{
  (void)c;
  return true;
}

static bool for_users(const struct checker *c)
{
  return c->facts.euid != 0;
}

/* A user without a cgroup of his own runs without one. */
static bool for_root(const struct checker *c)
{
  return !c->user && c->hull->manager != MANAGER_DISABLED;
}

static bool for_systemd(const struct checker *c)
{
  return c->hull->manager == MANAGER_SYSTEMD;
}

static bool makes(const struct launch *l, enum namespace_type type)
{
  return l->plan.namespaces[type].how == NS_NEW;
}

static bool wants_time(const struct launch *l)
{
  return makes(l, NS_TIME);
}

static bool wants_user(const struct launch *l)
{
  return makes(l, NS_USER);
}

static bool wants_helpers(const struct launch *l)
{
  return l->plan.id_maps.uid_helper != NULL || l->plan.id_maps.gid_helper != NULL;
}

static bool wants_limits(const struct launch *l)
{
  return l->plan.cgroup.settings.count > 0;
}

static bool wants_controller(const struct launch *l, const char *name)
{
  char *const *controller;
  vec_each (&l->plan.cgroup.settings.controllers, controller)
    if (strcmp(*controller, name) == 0)
      return true;
  return false;
}

#define WANTS_CONTROLLER(name)                                                                               \
  static bool wants_##name(const struct launch *l)                                                           \
  {                                                                                                          \
    return wants_controller(l, #name);                                                                       \
  }
WANTS_CONTROLLER(cpu)
WANTS_CONTROLLER(cpuset)
WANTS_CONTROLLER(io)
WANTS_CONTROLLER(memory)
WANTS_CONTROLLER(pids)
WANTS_CONTROLLER(hugetlb)

static bool wants_devices(const struct launch *l)
{
  return l->plan.cgroup.limit_devices;
}

static bool wants_idmap(const struct launch *l)
{
  const struct plan_mount *mount;
  vec_each (&l->plan.mounts, mount)
    if (mount->idmap)
      return true;
  return false;
}

static bool wants_seccomp(const struct launch *l)
{
  return l->plan.seccomp != NULL;
}

static bool wants_notify(const struct launch *l)
{
  return l->plan.seccomp != NULL && l->plan.seccomp->listener_path != NULL;
}

static bool wants_apparmor(const struct launch *l)
{
  return l->spec.process != NULL && l->spec.process->apparmor_profile != NULL;
}

static bool wants_selinux(const struct launch *l)
{
  return l->plan.mount_label != NULL || (l->spec.process != NULL && l->spec.process->selinux_label != NULL);
}

static bool wants_resctrl(const struct launch *l)
{
  return l->spec.linux_ != NULL && l->spec.linux_->intel_rdt != NULL;
}

static bool wants_keyring(const struct launch *l)
{
  return l->plan.new_keyring;
}

static bool wants_proc(const struct launch *l)
{
  const struct plan_mount *mount;
  vec_each (&l->plan.mounts, mount)
    if (mount->is_proc)
      return true;
  return false;
}

/* clang-format off */
static const struct ability abilities[] = {
  { "kernel", check_kernel, yes, NULL },
  { "namespaces", check_namespaces, yes, NULL },
  { "time namespaces", check_time_namespace, NULL, wants_time },
  { "user namespaces", check_user_namespaces, for_users, wants_user },
  { "id ranges", check_id_ranges, NULL, NULL }, /* without, one id is mapped */
  { "newuidmap", check_id_helpers, NULL, wants_helpers },
  { "mount API", check_mount_api, yes, NULL },
  { "idmapped mounts", check_idmapped_mounts, NULL, wants_idmap },
  { "openat2", check_openat2, yes, NULL },
  { "clone3", check_clone3, yes, NULL },
  { "pidfd", check_pidfd, yes, NULL },
  { "proc", check_proc, NULL, wants_proc },
  { "cgroup v2", check_cgroup2, for_root, wants_limits },
  { "delegation", check_delegation, for_root, wants_limits },
  { "cpu", check_cpu, NULL, wants_cpu },
  { "cpuset", check_cpuset, NULL, wants_cpuset },
  { "io", check_io, NULL, wants_io },
  { "memory", check_memory, NULL, wants_memory },
  { "pids", check_pids, NULL, wants_pids },
  { "hugetlb", check_hugetlb, NULL, wants_hugetlb },
  { "device rules", check_device_rules, NULL, wants_devices },
  { "own memory limit", check_memory_max, NULL, NULL },
  { "systemd", check_systemd, for_systemd, NULL },
  { "seccomp", check_seccomp, NULL, wants_seccomp },
  { "seccomp notify", check_seccomp_notify, NULL, wants_notify },
  { "AppArmor", check_apparmor, NULL, wants_apparmor },
  { "SELinux", check_selinux, NULL, wants_selinux },
  { "resctrl", check_resctrl, NULL, wants_resctrl },
  { "keyrings", check_keyrings, NULL, wants_keyring },
};
/* clang-format on */

/* --- findings -------------------------------------------------------------------------------------- */

void found(struct checker *c, struct finding *finding, enum finding_status status, const char *remedy,
           const char *format, ...)
{
  char text[512];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(text, sizeof text, format, args);
  va_end(args);
  finding->status = status;
  finding->what = arena_strdup(c->arena, text);
  finding->remedy = status != FINDING_OK ? remedy : NULL;
}

static const char *const status_words[] = {
  [FINDING_OK] = "ok",
  [FINDING_LIMITED] = "limited",
  [FINDING_MISSING] = "missing",
};

/* What of it comes from a config is anybody's. */
static void add_safely(struct text *out, const char *before, const char *s, const char *behind)
{
  char safe[2048];
  if (s == NULL)
    return;
  (void)text_escape_control(safe, sizeof safe, s);
  text_addf(out, "%s%s%s", before, safe, behind);
}

static void put_text(const struct checker *c, size_t lacking, struct text *out)
{
  const struct finding *f;
  vec_each (&c->findings, f) {
    text_addf(out, "%-8s %-17s ", status_words[f->status], f->name);
    add_safely(out, "", f->what, "");
    add_safely(out, " (at ", f->origin, ")");
    text_addf(out, "%s\n", f->needed && f->status == FINDING_MISSING ? "; needed" : "");
    if (f->remedy != NULL)
      text_addf(out, "%-8s %-17s do: ", "", "");
    add_safely(out, "", f->remedy, "\n");
  }
  const char *for_what = c->launch != NULL ? "this bundle needs" : "a container needs";
  if (lacking == 0)
    text_addf(out, "All that %s is here.\n", for_what);
  else
    text_addf(out, "%zu of the things that %s %s missing.\n", lacking, for_what, lacking == 1 ? "is" : "are");
}

static void put_json(const struct checker *c, size_t lacking, struct text *out)
{
  const struct finding *f;
  struct json_writer *w = json_writer_create(out, 2);
  json_begin_object(w);
  json_key(w, "ok");
  json_bool(w, lacking == 0);
  json_key(w, "abilities");
  json_begin_array(w);
  vec_each (&c->findings, f) {
    json_begin_object(w);
    json_key(w, "name");
    json_string(w, f->name);
    json_key(w, "status");
    json_string(w, status_words[f->status]);
    json_key(w, "needed");
    json_bool(w, f->needed);
    json_key(w, "what");
    json_string(w, f->what);
    json_key(w, "remedy");
    json_string(w, f->remedy);
    json_key(w, "pointer");
    json_string(w, f->origin);
    json_end_object(w);
  }
  json_end_array(w);
  json_end_object(w);
  json_finish(w);
  text_add(out, "\n");
}

/* --- all of it ------------------------------------------------------------------------------------- */

static void look_around(struct checker *c)
{
  struct error ignored = { 0 };
  char text[512];
  /* Of a config that asks for nothing: for a user that is his ids. */
  const struct request request = { .manager = MANAGER_DISABLED };
  const struct spec nothing = { .oci_version = NULL };
  (void)facts_probe(c->arena, &request, &nothing, &c->facts, &ignored);
  c->user = c->facts.euid != 0 || c->facts.in_user_namespace;
  c->controllers = c->all_controllers = "";
  if (cgroup_find(&c->layout, &ignored) < 0)
    return;
  c->own_cgroup = cgroup_path_of(c->arena, 0, &ignored);
  if (file_read_small(c->layout.mount_fd, "cgroup.controllers", text, sizeof text) >= 0)
    c->all_controllers = arena_printf(c->arena, " %.*s ", (int)strcspn(text, "\n"), text);
  c->controllers = c->all_controllers;
  c->delegated = !c->user;
  if (!c->user || c->own_cgroup == NULL)
    return;
  const char *own = c->own_cgroup[1] != '\0' ? c->own_cgroup + 1 : ".";
  c->delegated =
      faccessat(c->layout.mount_fd, own, W_OK, AT_EACCESS) == 0
      && faccessat(c->layout.mount_fd, arena_printf(c->arena, "%s/cgroup.procs", own), W_OK, AT_EACCESS) == 0;
  c->controllers = "";
  if (c->delegated
      && file_read_small(c->layout.mount_fd, arena_printf(c->arena, "%s/cgroup.controllers", own), text,
                         sizeof text)
             >= 0)
    c->controllers = arena_printf(c->arena, " %.*s ", (int)strcspn(text, "\n"), text);
}

size_t check_all(struct checker *c, const struct hull_create_options *options, bool json, struct text *out)
{
  struct launch l;
  size_t lacking = 0;
  const struct finding *f;
  look_around(c);
  launch_init(&l, c->hull, "hull-check");
  if (options != NULL)
    check_bundle(c, &l, options);
  for (const struct ability *a = abilities; a < abilities + sizeof abilities / sizeof *abilities; a++) {
    struct finding *finding = vec_push(c->arena, &c->findings);
    finding->name = a->name;
    finding->needed = (a->always != NULL && a->always(c))
                      || (c->launch != NULL && a->wanted != NULL && a->wanted(c->launch));
    a->look(c, finding);
  }
  vec_each (&c->findings, f)
    lacking += f->needed && f->status == FINDING_MISSING;
  if (json)
    put_json(c, lacking, out);
  else
    put_text(c, lacking, out);
  cgroup_layout_close(&c->layout);
  launch_release(&l);
  return lacking;
}
