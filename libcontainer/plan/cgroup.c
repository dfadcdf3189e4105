/* SPDX-License-Identifier: Apache-2.0
 * Where the container's cgroup is, who manages it, what is written to it (config-linux.md, "Control
 * groups"). */
#include "cgroups/cgroup.h"
#include "cgroups/unit.h"
#include "libcontainer/base/sys_compat.h"
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"
#include "spec/annotations.h"

static bool is_rootless(const struct planner *p)
{
  switch (p->request->rootless) {
  case ROOTLESS_TRUE:
    return true;
  case ROOTLESS_FALSE:
    return false;
  case ROOTLESS_AUTO:
    return p->facts->euid != 0 || p->facts->in_user_namespace;
  }
  return false;
}

/* Takes over an error of the cgroup layer, with its pointer. */
static void add_error(struct planner *p, const struct error *err, const char *pointer)
{
  const char *text = error_frame(err, 0);
  planner_problem(p, err->origin[0] ? err->origin : pointer, "%s", text ? text : "cannot be planned");
}

static void plan_settings(struct planner *p)
{
  struct error err = { 0 };
  if (settings_from_resources(p->arena, p->linux_->resources, &p->plan->cgroup.settings, &err) < 0)
    add_error(p, &err, "/linux/resources");
}

static void plan_device_rules(struct planner *p)
{
  struct plan_cgroup *planned = &p->plan->cgroup;
  /* bpf(2) for cgroup devices needs CAP_SYS_ADMIN in the initial user namespace. Without it nodes can't be
   * made either, and those that are bound keep their permissions. */
  planned->limit_devices = planned->path && p->facts->euid == 0 && !p->facts->in_user_namespace;
  if (!planned->limit_devices || !p->linux_->resources)
    return;
  const struct device_rule *rule;
  vec_each (&p->linux_->resources->devices, rule) {
    struct device_rule *copy = vec_push(p->arena, &planned->device_rules);
    *copy = *rule;
  }
}

/* runtime-spec, config-linux.md "Cgroup ownership": a new cgroup namespace, and cgroupfs writable in it. */
static bool must_delegate(const struct plan *plan)
{
  const struct plan_mount *mount, *last = NULL; /* the last one is on top */
  vec_each (&plan->mounts, mount)
    if (text_equal(mount->destination, "/sys/fs/cgroup"))
      last = mount;
  return plan->new_cgroup_ns && last && last->how == MOUNT_CGROUP
         && !((last->attr_set | last->attr_set_rec) & MOUNT_ATTR_RDONLY);
}

static void plan_path(struct planner *p)
{
  struct plan_cgroup *planned = &p->plan->cgroup;
  struct error err = { 0 };
  if (!p->facts->cgroup2) {
    if (planned->required)
      planner_problem(p, "/linux/cgroupsPath",
                      "this host has no cgroup2 mount: see --cgroup-manager=disabled");
    return;
  }
  planned->path = cgroup_path(p->arena, p->linux_->cgroups_path, p->request->id, p->facts->own_cgroup, &err);
  if (!planned->path)
    add_error(p, &err, "/linux/cgroupsPath");
}

static void refuse_limits(struct planner *p)
{
  const struct settings *settings = &p->plan->cgroup.settings;
  const struct setting *setting;
  vec_each (settings, setting) {
    if (!setting->optional) {
      planner_problem(p, setting->origin, "a limit needs a cgroup, and --cgroup-manager is 'disabled'");
      return;
    }
  }
}

/* --- the systemd driver ----------------------------------------------------------------------------- */

/* Whose systemd. Root of a user namespace is a user, except in a container that has a systemd of its own. */
static bool needs_user_manager(const struct planner *p)
{
  switch (p->request->rootless) {
  case ROOTLESS_TRUE:
    return true;
  case ROOTLESS_FALSE:
    return false;
  case ROOTLESS_AUTO:
    break;
  }
  return p->facts->euid != 0 || (p->facts->in_user_namespace && unit_in_user_session(p->facts->own_cgroup));
}

/* Device rules of a user's systemd would have no effect. */
static int plan_properties(struct planner *p, const struct unit_place *place, struct error *err)
{
  struct plan_cgroup *planned = &p->plan->cgroup;
  struct unit_properties *properties = &planned->properties;
  unit_properties_of_place(p->arena, place, p->request->id, properties);
  planned->settings = unit_round_cpu_max(p->arena, &planned->settings);
  unit_properties_of_settings(p->arena, &planned->settings, UNIT_CREATION, properties);
  if (planned->limit_devices && !planned->user_manager
      && unit_properties_of_devices(p->arena, planned->device_rules.items, planned->device_rules.count,
                                    properties, err)
             < 0)
    return -1;
  return unit_properties_of_annotations(p->arena, &p->spec->annotations, properties, err);
}

/* One component; "" is none. */
static void plan_subgroup(struct planner *p)
{
  const char *name = annotation_value(&p->spec->annotations, ANNOTATION_SUBGROUP);
  if (!name || !*name)
    return;
  if (strpbrk(name, "/\n") || text_equal(name, ".") || text_equal(name, "..") || strlen(name) > 255
      || text_starts_with(name, "cgroup."))
    planner_problem(p, "/annotations/" ANNOTATION_SUBGROUP, "'%s' can't be the name of a cgroup", name);
  p->plan->cgroup.subgroup = name;
}

static void plan_systemd(struct planner *p)
{
  struct plan_cgroup *planned = &p->plan->cgroup;
  struct unit_place place;
  struct error err = { 0 };
  planned->required = true;
  planned->user_manager = needs_user_manager(p);
  if (!p->facts->cgroup2) {
    planner_problem(p, "/linux/cgroupsPath", "this host has no cgroup2 mount: see --cgroup-manager=disabled");
    return;
  }
  const char *root =
      planned->user_manager ? unit_user_root(p->arena, p->facts->own_cgroup, p->facts->euid) : "";
  if (unit_place_of(p->arena, p->linux_->cgroups_path, p->request->id, root, &place, &err) < 0) {
    add_error(p, &err, "/linux/cgroupsPath");
    return;
  }
  planned->unit = place.unit;
  planned->path = place.path;
  plan_subgroup(p);
  planned->delegate = must_delegate(p->plan);
  plan_device_rules(p);
  if (plan_properties(p, &place, &err) < 0)
    add_error(p, &err, "/linux/resources");
}

void plan_cgroup(struct planner *p)
{
  struct plan_cgroup *planned = &p->plan->cgroup;
  planned->manager = p->request->manager;
  plan_settings(p);
  switch (planned->manager) {
  case MANAGER_DISABLED:
    refuse_limits(p);
    return;
  case MANAGER_SYSTEMD:
    plan_systemd(p);
    return;
  case MANAGER_CGROUPFS:
    break;
  }
  planned->rootless = is_rootless(p);
  planned->required = !planned->rootless || settings_ask(&planned->settings) || p->linux_->cgroups_path;
  plan_path(p);
  planned->delegate = planned->path && must_delegate(p->plan);
  plan_device_rules(p);
}
