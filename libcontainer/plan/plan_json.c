/* SPDX-License-Identifier: Apache-2.0
 * The plan as JSON: what `hull plan` prints and golden tests compare. Everything that is decided is here;
 * what is only carried along from the config (seccomp rules, hooks) is named, not repeated. Absent values are
 * left out. */
#include "libcontainer/base/sys_compat.h"
#include "libcontainer/base/text.h"
#include "libcontainer/facts.h"
#include "libcontainer/plan/plan.h"
#include "spec/json_write.h"
#include "spec/names.h"
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

struct flag_name {
  uint64_t flag;
  const char *name;
};

static const struct flag_name clone_flags[] = {
  { CLONE_NEWUSER, "user" },
  { CLONE_NEWIPC, "ipc" },
  { CLONE_NEWUTS, "uts" },
  { CLONE_NEWNET, "network" },
  { CLONE_NEWPID, "pid" },
  { CLONE_NEWNS, "mount" },
  { 0, NULL },
};

static const struct flag_name attributes[] = {
  { MOUNT_ATTR_RDONLY, "ro" },
  { MOUNT_ATTR_NOSUID, "nosuid" },
  { MOUNT_ATTR_NODEV, "nodev" },
  { MOUNT_ATTR_NOEXEC, "noexec" },
  { MOUNT_ATTR_NOATIME, "noatime" },
  { MOUNT_ATTR_STRICTATIME, "strictatime" },
  { MOUNT_ATTR_NODIRATIME, "nodiratime" },
  { MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
  { 0, NULL },
};

/* The access time bits can only be cleared together. */
static const struct flag_name cleared_attributes[] = {
  { MOUNT_ATTR_RDONLY, "ro" },
  { MOUNT_ATTR_NOSUID, "nosuid" },
  { MOUNT_ATTR_NODEV, "nodev" },
  { MOUNT_ATTR_NOEXEC, "noexec" },
  { MOUNT_ATTR__ATIME, "atime" },
  { MOUNT_ATTR_NODIRATIME, "nodiratime" },
  { MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
  { 0, NULL },
};

static void put_string(struct json_writer *w, const char *key, const char *value)
{
  if (!value)
    return;
  json_key(w, key);
  json_string(w, value);
}

static void put_uint(struct json_writer *w, const char *key, uint64_t value)
{
  json_key(w, key);
  json_uint(w, value);
}

/* False is the rule: only what is true is told. */
static void put_true(struct json_writer *w, const char *key, bool value)
{
  if (!value)
    return;
  json_key(w, key);
  json_bool(w, true);
}

static void put_octal(struct json_writer *w, const char *key, uint32_t value)
{
  char text[16];
  (void)snprintf(text, sizeof text, "%04" PRIo32, value);
  put_string(w, key, text);
}

static void put_flags(struct json_writer *w, const char *key, const struct flag_name *names, uint64_t flags)
{
  if (!flags)
    return;
  json_key(w, key);
  json_begin_array(w);
  for (; names->name; names++)
    if ((flags & names->flag) == names->flag)
      json_string(w, names->name);
  json_end_array(w);
}

static void put_propagation(struct json_writer *w, const char *key, uint64_t flags)
{
  if (flags)
    put_string(w, key, names_of(propagation_names, (long)flags));
}

static void put_strings(struct json_writer *w, const char *key, char *const *strings)
{
  json_key(w, key);
  json_begin_array(w);
  for (; strings && *strings; strings++)
    json_string(w, *strings);
  json_end_array(w);
}

/* --- namespaces ------------------------------------------------------------------------------------ */

static void put_namespaces(struct json_writer *w, const struct plan *plan)
{
  json_key(w, "namespaces");
  json_begin_object(w);
  for (long type = 0; type < NS_COUNT; type++) {
    const struct plan_namespace *ns = &plan->namespaces[type];
    json_key(w, names_of(namespace_names, type));
    switch (ns->how) {
    case NS_KEEP:
      json_string(w, "keep");
      break;
    case NS_NEW:
      json_string(w, "new");
      break;
    case NS_JOIN:
      json_begin_object(w);
      put_string(w, "join", ns->path);
      json_end_object(w);
      break;
    }
  }
  json_end_object(w);
  put_flags(w, "cloneFlags", clone_flags, plan->clone_flags);
  put_flags(w, "unshareFlags", clone_flags, plan->unshare_flags);
  put_true(w, "newCgroupNamespace", plan->new_cgroup_ns);
  put_true(w, "forkAgain", plan->fork_again);
  put_true(w, "pinnedMountNamespace", plan->pinned_mount_ns);
  put_true(w, "automaticUserNamespace", plan->automatic_user_ns);
  put_true(w, "acquireByInit", plan->acquire_by_init);
}

static void put_id_map(struct json_writer *w, const char *key, const struct plan_id_map *maps, size_t count)
{
  json_key(w, key);
  json_begin_array(w);
  for (size_t i = 0; i < count; i++) {
    json_begin_object(w);
    put_uint(w, "container", maps[i].container);
    put_uint(w, "host", maps[i].host);
    put_uint(w, "count", maps[i].count);
    json_end_object(w);
  }
  json_end_array(w);
}

static void put_id_maps(struct json_writer *w, const struct plan_id_maps *maps)
{
  if (!maps->origin)
    return;
  json_key(w, "idMaps");
  json_begin_object(w);
  put_id_map(w, "uids", maps->uids.items, maps->uids.count);
  put_id_map(w, "gids", maps->gids.items, maps->gids.count);
  put_true(w, "denySetgroups", maps->deny_setgroups);
  put_string(w, "uidHelper", maps->uid_helper);
  put_string(w, "gidHelper", maps->gid_helper);
  json_end_object(w);
}

static void put_time_offsets(struct json_writer *w, const struct plan *plan)
{
  const struct plan_time_offset *offset;
  if (plan->time_offsets.count == 0)
    return;
  json_key(w, "timeOffsets");
  json_begin_object(w);
  vec_each (&plan->time_offsets, offset) {
    json_key(w, offset->clock);
    json_begin_object(w);
    json_key(w, "secs");
    json_int(w, offset->secs);
    put_uint(w, "nanosecs", offset->nanosecs);
    json_end_object(w);
  }
  json_end_object(w);
}

/* --- file systems ---------------------------------------------------------------------------------- */

static const char *const mount_hows[] = {
  [MOUNT_NEW] = "new",         [MOUNT_BIND] = "bind",
  [MOUNT_CGROUP] = "cgroup",   [MOUNT_CGROUP_BIND] = "cgroup-bind",
  [MOUNT_REMOUNT] = "remount",
};

static void put_mount_options(struct json_writer *w, const struct plan_mount *mount)
{
  const struct plan_mount_option *option;
  if (mount->options.count == 0)
    return;
  json_key(w, "options");
  json_begin_object(w);
  vec_each (&mount->options, option) {
    json_key(w, option->key);
    if (option->value)
      json_string(w, option->value);
    else
      json_bool(w, true);
  }
  json_end_object(w);
}

static void put_mount(struct json_writer *w, const struct plan_mount *mount)
{
  json_begin_object(w);
  put_string(w, "how", mount_hows[mount->how]);
  put_string(w, "destination", mount->destination);
  put_string(w, "type", mount->type);
  put_string(w, "source", mount->source);
  put_true(w, "recursive", mount->recursive);
  put_flags(w, "set", attributes, mount->attr_set);
  put_flags(w, "clear", cleared_attributes, mount->attr_clear);
  put_flags(w, "setRecursive", attributes, mount->attr_set_rec);
  put_flags(w, "clearRecursive", cleared_attributes, mount->attr_clear_rec);
  put_propagation(w, "propagation", mount->propagation | (mount->propagation_rec ? MS_REC : 0));
  put_mount_options(w, mount);
  put_true(w, "copyUp", mount->copy_up);
  put_true(w, "tmpUpper", mount->tmp_upper);
  put_true(w, "copySymlink", mount->copy_symlink);
  put_true(w, "sourceNoFollow", mount->src_nofollow);
  put_true(w, "destinationNoFollow", mount->dest_nofollow);
  put_true(w, "idmap", mount->idmap);
  put_true(w, "idmapRecursive", mount->idmap_rec);
  if (mount->id_maps) {
    put_id_map(w, "uids", mount->id_maps->uids.items, mount->id_maps->uids.count);
    put_id_map(w, "gids", mount->id_maps->gids.items, mount->id_maps->gids.count);
  }
  put_true(w, "modeFromTarget", mount->mode_from_target);
  put_true(w, "isDev", mount->is_dev);
  put_true(w, "isProc", mount->is_proc);
  put_string(w, "origin", mount->origin);
  json_end_object(w);
}

static void put_device(struct json_writer *w, const struct plan_device *device)
{
  const char type[] = { device->type, '\0' };
  json_begin_object(w);
  put_string(w, "path", device->path);
  put_string(w, "how", device->bind ? "bind" : "mknod");
  put_string(w, "type", type);
  put_uint(w, "major", device->major);
  put_uint(w, "minor", device->minor);
  put_octal(w, "mode", device->mode);
  put_uint(w, "uid", device->uid);
  put_uint(w, "gid", device->gid);
  put_string(w, "origin", device->origin[0] ? device->origin : NULL);
  json_end_object(w);
}

static void put_paths(struct json_writer *w, const char *key, const struct plan_path *paths, size_t count)
{
  json_key(w, key);
  json_begin_array(w);
  for (size_t i = 0; i < count; i++)
    json_string(w, paths[i].path);
  json_end_array(w);
}

static void put_root(struct json_writer *w, const struct plan *plan)
{
  json_key(w, "root");
  json_begin_object(w);
  put_string(w, "path", plan->rootfs);
  put_true(w, "readonly", plan->root_readonly);
  put_propagation(w, "hostPropagation", plan->root_propagation);
  put_propagation(w, "propagation", plan->root_propagation_last);
  put_true(w, "noPivot", plan->no_pivot);
  json_end_object(w);
}

static void put_file_systems(struct json_writer *w, const struct plan *plan)
{
  const struct plan_mount *mount;
  const struct plan_device *device;
  put_root(w, plan);
  json_key(w, "mounts");
  json_begin_array(w);
  vec_each (&plan->mounts, mount)
    put_mount(w, mount);
  json_end_array(w);
  json_key(w, "fillDev");
  json_bool(w, plan->fill_dev);
  json_key(w, "devices");
  json_begin_array(w);
  vec_each (&plan->devices, device)
    put_device(w, device);
  json_end_array(w);
  put_paths(w, "maskedPaths", plan->masked.items, plan->masked.count);
  put_paths(w, "readonlyPaths", plan->readonly.items, plan->readonly.count);
}

static void put_bits(struct json_writer *w, const char *key, const uint64_t *bits, size_t count)
{
  if (!bits)
    return;
  json_key(w, key);
  json_begin_array(w);
  for (size_t i = 0; i < count; i++)
    if (bits[i / 64] >> i % 64 & 1)
      json_uint(w, i);
  json_end_array(w);
}

static void put_memory_policy(struct json_writer *w, const struct plan_memory_policy *policy)
{
  if (!policy->set)
    return;
  json_key(w, "memoryPolicy");
  json_begin_object(w);
  put_uint(w, "mode", (uint64_t)policy->mode);
  put_bits(w, "nodes", policy->nodes, PLAN_NODES);
  json_end_object(w);
}

/* --- kernel settings ------------------------------------------------------------------------------- */

static void put_net_devices(struct json_writer *w, const struct plan *plan)
{
  const struct plan_net_device *device;
  if (plan->net_devices.count == 0)
    return;
  json_key(w, "netDevices");
  json_begin_object(w);
  vec_each (&plan->net_devices, device)
    put_string(w, device->host_name, device->name);
  json_end_object(w);
}

static void put_kernel_settings(struct json_writer *w, const struct plan *plan)
{
  const struct plan_sysctl *sysctl;
  put_string(w, "hostname", plan->hostname);
  put_string(w, "domainname", plan->domainname);
  if (plan->sysctls.count > 0) {
    json_key(w, "sysctls");
    json_begin_object(w);
    vec_each (&plan->sysctls, sysctl)
      put_string(w, sysctl->path, sysctl->value);
    json_end_object(w);
  }
  put_true(w, "loopback", plan->loopback);
  put_net_devices(w, plan);
  put_true(w, "newKeyring", plan->new_keyring);
  put_memory_policy(w, &plan->memory_policy);
  if (plan->set_personality)
    put_string(w, "personality", names_of(personality_names, plan->personality));
}

/* --- process --------------------------------------------------------------------------------------- */

static void put_capability_set(struct json_writer *w, const char *key, uint64_t mask)
{
  json_key(w, key);
  json_begin_array(w);
  for (const struct name *row = capability_names; row->name; row++)
    if (mask >> row->value & 1)
      json_string(w, row->name);
  json_end_array(w);
}

static void put_capabilities(struct json_writer *w, const struct plan_capabilities *caps)
{
  if (!caps->set)
    return;
  json_key(w, "capabilities");
  json_begin_object(w);
  put_capability_set(w, "bounding", caps->bounding);
  put_capability_set(w, "effective", caps->effective);
  put_capability_set(w, "permitted", caps->permitted);
  put_capability_set(w, "inheritable", caps->inheritable);
  put_capability_set(w, "ambient", caps->ambient);
  json_end_object(w);
}

static void put_limit(struct json_writer *w, const char *key, uint64_t limit)
{
  json_key(w, key);
  if (limit == RLIM_INFINITY)
    json_string(w, "unlimited");
  else
    json_uint(w, limit);
}

static void put_rlimits(struct json_writer *w, const struct plan_process *process)
{
  const struct plan_rlimit *rlimit;
  if (process->rlimits.count == 0)
    return;
  json_key(w, "rlimits");
  json_begin_object(w);
  vec_each (&process->rlimits, rlimit) {
    json_key(w, rlimit->name);
    json_begin_object(w);
    put_limit(w, "soft", rlimit->soft);
    put_limit(w, "hard", rlimit->hard);
    json_end_object(w);
  }
  json_end_object(w);
}

static void put_scheduling(struct json_writer *w, const struct plan_process *process)
{
  const struct plan_scheduler *s = &process->scheduler;
  if (s->set) {
    json_key(w, "scheduler");
    json_begin_object(w);
    put_string(w, "policy", names_of(scheduler_policy_names, s->policy));
    json_key(w, "nice");
    json_int(w, s->nice);
    put_uint(w, "priority", s->priority);
    put_uint(w, "flags", s->flags);
    put_uint(w, "runtime", s->runtime);
    put_uint(w, "deadline", s->deadline);
    put_uint(w, "period", s->period);
    json_end_object(w);
  }
  if (process->io_priority)
    put_uint(w, "ioPriority", (uint64_t)process->io_priority);
  put_bits(w, "initialCpus", process->initial_cpus, PLAN_CPUS);
  put_bits(w, "finalCpus", process->final_cpus, PLAN_CPUS);
}

static void put_user(struct json_writer *w, const struct plan_process *process)
{
  const uint32_t *gid;
  put_uint(w, "uid", process->uid);
  put_uint(w, "gid", process->gid);
  json_key(w, "setGroups");
  json_bool(w, process->set_groups);
  put_true(w, "keepGroups", process->keep_groups);
  json_key(w, "groups");
  json_begin_array(w);
  vec_each (&process->gids, gid)
    json_uint(w, *gid);
  json_end_array(w);
  put_octal(w, "umask", process->umask);
}

static void put_process(struct json_writer *w, const struct plan_process *process)
{
  json_key(w, "process");
  json_begin_object(w);
  put_strings(w, "args", process->argv);
  put_strings(w, "env", process->envp);
  put_true(w, "homeFromPasswd", process->home_missing);
  put_string(w, "searchPath", process->path);
  put_string(w, "cwd", process->cwd);
  put_user(w, process);
  put_capabilities(w, &process->caps);
  put_rlimits(w, process);
  put_string(w, "apparmorProfile", process->apparmor_profile);
  put_string(w, "selinuxLabel", process->selinux_label);
  put_true(w, "noNewPrivileges", process->no_new_privs);
  if (process->set_oom_score_adj) {
    json_key(w, "oomScoreAdj");
    json_int(w, process->oom_score_adj);
  }
  put_scheduling(w, process);
  put_true(w, "terminal", process->terminal);
  if (process->rows || process->columns) {
    put_uint(w, "rows", process->rows);
    put_uint(w, "columns", process->columns);
  }
  put_uint(w, "keepFds", process->keep_fds);
  json_end_object(w);
}

static void put_seccomp(struct json_writer *w, const struct plan *plan)
{
  static const char *const whens[] = {
    [SECCOMP_NONE] = "none", [SECCOMP_EARLY] = "before capabilities", [SECCOMP_LATE] = "last"
  };
  json_key(w, "seccomp");
  json_begin_object(w);
  put_string(w, "load", whens[plan->seccomp_when]);
  if (plan->seccomp)
    put_uint(w, "rules", plan->seccomp->syscalls.count);
  json_end_object(w);
}

/* --- cgroup and hooks ------------------------------------------------------------------------------ */

static void put_settings(struct json_writer *w, const struct settings *settings)
{
  const struct setting *setting;
  if (settings->count == 0)
    return;
  json_key(w, "settings");
  json_begin_array(w);
  vec_each (settings, setting) {
    json_begin_object(w);
    put_string(w, "file", setting->file);
    put_string(w, "value", setting->value);
    put_true(w, "optional", setting->optional);
    put_string(w, "otherFile", setting->other_file);
    put_string(w, "otherValue", setting->other_value);
    put_string(w, "origin", setting->origin);
    json_end_object(w);
  }
  json_end_array(w);
}

static void put_properties(struct json_writer *w, const struct unit_properties *properties)
{
  const struct unit_property *property;
  if (properties->count == 0)
    return;
  json_key(w, "properties");
  json_begin_array(w);
  vec_each (properties, property) {
    char *const *value;
    json_begin_object(w);
    put_string(w, "name", property->name);
    put_string(w, "signature", property->signature);
    json_key(w, "values");
    json_begin_array(w);
    vec_each (&property->values, value)
      json_string(w, *value);
    json_end_array(w);
    put_true(w, "optional", property->optional);
    put_string(w, "origin", property->origin);
    json_end_object(w);
  }
  json_end_array(w);
}

static void put_number(struct json_writer *w, const char *key, const struct opt_i64 *number)
{
  if (!number->set)
    return;
  json_key(w, key);
  json_int(w, number->value);
}

static void put_device_rules(struct json_writer *w, const struct plan_cgroup *cgroup)
{
  const struct device_rule *rule;
  json_key(w, "deviceRules");
  json_begin_array(w);
  vec_each (&cgroup->device_rules, rule) {
    json_begin_object(w);
    json_key(w, "allow");
    json_bool(w, rule->allow.value);
    put_string(w, "type", rule->type);
    put_number(w, "major", &rule->major);
    put_number(w, "minor", &rule->minor);
    put_string(w, "access", rule->access);
    json_end_object(w);
  }
  json_end_array(w);
}

static void put_cgroup(struct json_writer *w, const struct plan_cgroup *cgroup)
{
  static const char *const managers[] = {
    [MANAGER_CGROUPFS] = "cgroupfs", [MANAGER_SYSTEMD] = "systemd", [MANAGER_DISABLED] = "disabled"
  };
  json_key(w, "cgroup");
  json_begin_object(w);
  put_string(w, "manager", managers[cgroup->manager]);
  put_string(w, "path", cgroup->path);
  put_string(w, "unit", cgroup->unit);
  put_string(w, "subgroup", cgroup->subgroup);
  put_true(w, "userManager", cgroup->user_manager);
  put_true(w, "required", cgroup->required);
  put_true(w, "delegate", cgroup->delegate);
  put_settings(w, &cgroup->settings);
  put_properties(w, &cgroup->properties);
  if (cgroup->limit_devices)
    put_device_rules(w, cgroup);
  json_end_object(w);
}

static void put_rdt(struct json_writer *w, const struct plan_rdt *rdt)
{
  const struct plan_rdt_line *line;
  if (!rdt->set)
    return;
  json_key(w, "intelRdt");
  json_begin_object(w);
  put_string(w, "group", rdt->group);
  put_true(w, "own", rdt->own);
  put_true(w, "mustExist", rdt->must_exist);
  put_true(w, "monitoring", rdt->monitoring);
  if (rdt->lines.count > 0) {
    json_key(w, "schemata");
    json_begin_array(w);
    vec_each (&rdt->lines, line)
      json_string(w, line->value);
    json_end_array(w);
  }
  json_end_object(w);
}

static void put_hook_list(struct json_writer *w, const char *key, const hook_list *hooks)
{
  const struct hook *hook;
  if (hooks->count == 0)
    return;
  json_key(w, key);
  json_begin_array(w);
  vec_each (hooks, hook)
    json_string(w, hook->path);
  json_end_array(w);
}

static void put_hooks(struct json_writer *w, const struct hooks *hooks)
{
  json_key(w, "hooks");
  json_begin_object(w);
  put_hook_list(w, "prestart", &hooks->prestart);
  put_hook_list(w, "createRuntime", &hooks->create_runtime);
  put_hook_list(w, "createContainer", &hooks->create_container);
  put_hook_list(w, "startContainer", &hooks->start_container);
  put_hook_list(w, "poststart", &hooks->poststart);
  put_hook_list(w, "poststop", &hooks->poststop);
  json_end_object(w);
}

static void put_annotations(struct json_writer *w, const string_map *annotations)
{
  const struct string_pair *pair;
  if (annotations->count == 0)
    return;
  json_key(w, "annotations");
  json_begin_object(w);
  vec_each (annotations, pair)
    put_string(w, pair->key, pair->value);
  json_end_object(w);
}

static void put_warnings(struct json_writer *w, const struct strings *warnings)
{
  char *const *warning;
  if (warnings->count == 0)
    return;
  json_key(w, "warnings");
  json_begin_array(w);
  vec_each (warnings, warning)
    json_string(w, *warning);
  json_end_array(w);
}

static void put_container(struct json_writer *w, const struct plan *plan)
{
  put_namespaces(w, plan);
  put_id_maps(w, &plan->id_maps);
  put_time_offsets(w, plan);
  put_file_systems(w, plan);
  put_kernel_settings(w, plan);
  put_cgroup(w, &plan->cgroup);
  put_rdt(w, &plan->rdt);
  put_hooks(w, plan->hooks);
  put_annotations(w, plan->annotations);
}

void plan_to_json(const struct plan *plan, struct text *out)
{
  struct json_writer *w = json_writer_create(out, 2);
  json_begin_object(w);
  put_string(w, "ociVersion", plan->oci_version);
  put_string(w, "id", plan->id);
  put_string(w, "bundle", plan->bundle);
  put_true(w, "exec", plan->exec);
  put_true(w, "verify", plan->verify);
  if (!plan->exec)
    put_container(w, plan);
  if (plan->process.argv)
    put_process(w, &plan->process);
  put_seccomp(w, plan);
  put_warnings(w, &plan->warnings);
  json_end_object(w);
  json_finish(w);
  if (!text_ends_with(text_string(out), "\n"))
    text_add(out, "\n");
}
