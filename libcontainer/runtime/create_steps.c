/* SPDX-License-Identifier: Apache-2.0
 * The order in which the runtime makes a container, and how each part is taken back. Each row's text is the
 * reason for its place. */
#include "cgroups/devices.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/hooks.h"
#include "libcontainer/runtime/steps.h"
#include "spec/annotations.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool keeps_state(const void *context)
{
  const struct launch *l = context;
  return !l->transient;
}

static bool keeps_filter(const void *context)
{
  return keeps_state(context) && has_seccomp(context);
}

static bool has_cgroup(const void *context)
{
  const struct launch *l = context;
  return l->plan.cgroup.path != NULL && l->plan.cgroup.manager != MANAGER_DISABLED;
}

static bool has_unit(const void *context)
{
  const struct launch *l = context;
  return has_cgroup(context) && l->plan.cgroup.manager == MANAGER_SYSTEMD;
}

static bool limits_devices(const void *context)
{
  const struct launch *l = context;
  return has_cgroup(context) && l->plan.cgroup.limit_devices;
}

/* Hooks of the container's own namespaces may run before init is ready; nothing else of the image can. */
static bool limits_devices_first(const void *context)
{
  const struct launch *l = context;
  const struct hooks *hooks = l->plan.hooks;
  const bool hooks_first =
      hooks->prestart.count + hooks->create_runtime.count + hooks->create_container.count > 0;
  return limits_devices(context) && hooks_first;
}

static bool limits_devices_beside(const void *context)
{
  return limits_devices(context) && !limits_devices_first(context);
}

static bool wants_loopback(const void *context)
{
  const struct launch *l = context;
  return l->plan.loopback && !l->plan.loopback_by_init;
}

static bool has_settings(const void *context)
{
  const struct launch *l = context;
  return has_cgroup(context)
         && (l->plan.cgroup.settings.count > 0 || l->plan.cgroup.settings.controllers.count > 0);
}

static bool delegates(const void *context)
{
  const struct launch *l = context;
  return has_cgroup(context) && l->plan.cgroup.delegate;
}

static bool own_mounts(const void *context)
{
  const struct launch *l = context;
  return l->plan.namespaces[NS_MOUNT].how == NS_NEW;
}

static bool joins(const void *context)
{
  const struct launch *l = context;
  for (int i = 0; i < NS_COUNT; i++)
    if (l->plan.namespaces[i].how == NS_JOIN)
      return true;
  return false;
}

static bool may_pin(const void *context)
{
  const struct launch *l = context;
  return l->plan.pinned_mount_ns;
}

static bool waits_for_start(const void *context)
{
  const struct launch *l = context;
  return !l->start;
}

static bool starts_now(const void *context)
{
  const struct launch *l = context;
  return l->start;
}

static bool has_poststart(const void *context)
{
  const struct launch *l = context;
  return l->start && l->plan.hooks->poststart.count > 0;
}

static bool has_oom_score(const void *context)
{
  const struct launch *l = context;
  return l->plan.process.set_oom_score_adj;
}

static bool has_init_hooks(const void *context)
{
  const struct launch *l = context;
  return l->plan.hooks->create_container.count > 0 || l->plan.hooks->start_container.count > 0;
}

static int claim_state_dir(void *context, struct error *err)
{
  struct launch *l = context;
  return state_claim(l->hull, l->id, &l->dir, err);
}

static void remove_state_dir(void *context)
{
  struct launch *l = context;
  struct error ignored = { 0 }; /* the first failure is what the caller is told */
  if (l->dir.fd >= 0)
    (void)state_remove(l->hull, l->id, &ignored);
}

static int check_cgroup(void *context, struct error *err)
{
  struct launch *l = context;
  if (cgroup_find(&l->layout, err) < 0)
    return -1;
  if (cgroup_check(&l->layout, (enum cgroup_manager)l->plan.cgroup.manager, l->plan.cgroup.path,
                   &l->state.cgroup, err)
      < 0)
    return error_at(err, "/linux/cgroupsPath");
  struct error ignored = { 0 };
  if (l->transient) /* whose state is not there; but the mark names the root, for who finds the cgroup left */
    (void)state_root(l->hull, true, &ignored);
  l->state.cgroup.root_device = l->hull->root_device;
  l->state.cgroup.root_inode = l->hull->root_inode;
  l->state.cgroup.unit = l->plan.cgroup.unit;
  l->state.cgroup.subgroup = l->plan.cgroup.subgroup;
  l->state.cgroup.user_manager = l->plan.cgroup.user_manager;
  l->state.cgroup.properties = &l->plan.cgroup.properties;
  return 0;
}

static int write_intent(void *context, struct error *err)
{
  struct launch *l = context;
  return state_write(&l->dir, STATE_INTENT, &l->state, err);
}

static bool refused(const struct error *err)
{
  return err->errnum == EACCES || err->errnum == EPERM || err->errnum == EROFS;
}

/* "memory pids" */
static const char *controllers_asked(struct launch *l)
{
  struct text list;
  char *const *name;
  text_init(&list, l->arena);
  vec_each (&l->plan.cgroup.settings.controllers, name)
    text_addf(&list, "%s%s", list.length > 0 ? " " : "", *name);
  return text_string(&list);
}

/* Says which controllers would have been needed; the end is in the words of runc. */
static int explain_refusal(struct launch *l, struct error *err)
{
  const struct settings *settings = &l->plan.cgroup.settings;
  const char *controllers = controllers_asked(l);
  if (l->plan.cgroup.required && l->plan.cgroup.rootless)
    (void)error_wrap(
        err, "%s%s%srootless needs no limits + no cgrouppath when no permission is granted for cgroups",
        *controllers ? "the limits need controllers that are not delegated to this user: " : "", controllers,
        *controllers ? "; " : "");
  return error_at(err, settings->count > 0 && !l->spec.linux_->cgroups_path ? settings->items[0].origin
                                                                            : "/linux/cgroupsPath");
}

/* Limits are the unit's; the processes are one level below, where a cgroup namespace begins. It goes with the
 * unit's cgroup. */
static int make_place(struct launch *l, struct error *err)
{
  const char *name = l->plan.cgroup.subgroup;
  if (name == NULL)
    return 0;
  if (mkdirat(l->cgroup.fd, name, 0755) < 0 && errno != EEXIST)
    error_set(err, ERROR_KERNEL, errno, "cannot make cgroup '%s' in the unit's", name);
  else if (cgroup_open_sub(&l->cgroup, name, &l->place, err) == 0)
    return 0;
  return error_at(err, "/annotations/" ANNOTATION_SUBGROUP);
}

static int make_cgroup(void *context, struct error *err)
{
  struct launch *l = context;
  l->cgroup_begun = true;
  if (cgroup_create(&l->layout, &l->state.cgroup, l->id, &l->cgroup, err) < 0) {
    if (!refused(err))
      return error_at(err, "/linux/cgroupsPath");
    if (l->plan.cgroup.required)
      return explain_refusal(l, err);
    error_clear(err); /* rootless, nothing asked: go on without */
    l->state.cgroup.manager = CGROUP_DISABLED;
    return own_mounts(l) ? locate_cgroup(l, err) : 0;
  }
  if (make_place(l, err) < 0)
    return -1;
  count_before(l, &l->cgroup, &l->before);
  return own_mounts(l) ? locate_cgroup(l, err) : 0;
}

static void destroy_cgroup(void *context)
{
  struct launch *l = context;
  struct error ignored = { 0 };
  if (l->cgroup_begun)
    (void)cgroup_destroy(&l->layout, &l->state.cgroup, &ignored); /* delete --force can still do it */
}

static int apply_limits(void *context, struct error *err)
{
  struct launch *l = context;
  if (cgroup_enable(&l->layout, &l->state.cgroup, &l->plan.cgroup.settings, err) < 0)
    return -1;
  return cgroup_apply_before(l->arena, &l->cgroup, &l->plan.cgroup.settings, err);
}

static bool verifies_limits(const void *context)
{
  const struct launch *l = context;
  return l->plan.verify && has_settings(context);
}

static int read_limits_back(void *context, struct error *err)
{
  struct launch *l = context;
  return l->cgroup.fd < 0 ? 0 : cgroup_read_back(&l->cgroup, &l->plan.cgroup.settings, err);
}

static int settle_cgroup(void *context, struct error *err)
{
  struct launch *l = context;
  if (cgroup_settle(&l->cgroup, &l->plan.cgroup.settings, err) < 0)
    return -1;
  return l->place.fd >= 0 ? cgroup_enable_below(&l->cgroup, err) : 0;
}

static int limit_devices(void *context, struct error *err)
{
  struct launch *l = context;
  struct device_form form = { 0 };
  if (l->cgroup.fd < 0)
    return 0;
  if (device_form_make(l->arena, l->plan.cgroup.device_rules.items, l->plan.cgroup.device_rules.count, &form,
                       err)
          < 0
      || cgroup_limit_devices(&l->cgroup, &form, err) < 0)
    return error_at(err, "/linux/resources/devices");
  return 0;
}

static int delegate_cgroup(void *context, struct error *err)
{
  struct launch *l = context;
  uint32_t uid = l->plan.process.uid;
  if (l->cgroup.fd < 0)
    return 0;
  const int mapped = id_maps_host_uid(&l->plan.id_maps, l->init.namespace_fds[NS_USER], &uid, err);
  if (mapped <= 0) /* 0: nobody's out here; init will say that it can't become that user */
    return mapped;
  return cgroup_delegate(l->place.fd >= 0 ? &l->place : &l->cgroup, uid, err);
}

static int save_config(void *context, struct error *err)
{
  struct launch *l = context;
  auto_close int fd =
      openat(l->dir.fd, STATE_CONFIG, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0 || fd_write_all(fd, l->config, l->config_length) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot save a copy of the config in the state directory");
  return 0;
}

static int save_filter(void *context, struct error *err)
{
  struct launch *l = context;
  return seccomp_program_write(l->dir.fd, STATE_FILTER, &l->filter, err);
}

static int save_state(void *context, struct error *err)
{
  struct launch *l = context;
  char state;
  l->state.pid = l->pid;
  if (proc_stat(l->pid, &state, &l->state.start_time) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the start time of the container's first process");
  return state_write(&l->dir, STATE_NEW, &l->state, err);
}

/* After fork-into-pid-namespace it is another process. */
static int commit_state(void *context, struct error *err)
{
  struct launch *l = context;
  if (l->state.pid != l->pid || l->state.start_time == 0)
    if (save_state(context, err) < 0)
      return -1;
  l->existed = true;
  return state_commit(&l->dir, err);
}

static bool has_hook_outputs(const void *context)
{
  const struct launch *l = context;
  return has_init_hooks(context)
         && (annotation_value(l->plan.annotations, ANNOTATION_HOOKS_STDOUT) != NULL
             || annotation_value(l->plan.annotations, ANNOTATION_HOOKS_STDERR) != NULL);
}

static int open_hook_outputs(void *context, struct error *err)
{
  struct launch *l = context;
  return hook_outputs_open(l->plan.annotations, l->init.hook_outputs, err);
}

static int write_hook_states(void *context, struct error *err)
{
  struct launch *l = context;
  (void)err;
  l->init.hook_state = hook_state_text(l->arena, &l->state, "creating");
  l->init.hook_state_start = hook_state_text(l->arena, &l->state, "created");
  return 0;
}

static int proceed(void *context, struct error *err)
{
  struct launch *l = context;
  const struct proceed proceed = { .start_now = l->start, .pid = l->pid };
  l->proceeded = true;
  return sync_reply(&l->server, MSG_PROCEED, &proceed, sizeof proceed, err);
}

/* Questions of init that come before READY have answers that must not meet PROCEED on the way. */
static bool init_asks(const struct launch *l)
{
  const struct plan *plan = &l->plan;
  const struct hooks *hooks = plan->hooks;
  return plan->fork_again || plan->namespaces[NS_USER].how == NS_NEW || has_net_devices(l)
         || hooks->prestart.count + hooks->create_runtime.count + hooks->create_container.count > 0;
}

/* run need not hear that init is ready: told to proceed in advance, init goes on without waiting for us. What
 * fails until its execve is reported all the same and undone. */
static bool waits_for_ready(const void *context)
{
  const struct launch *l = context;
  return !l->start || init_asks(l);
}

static int run_poststart_hooks(void *context, struct error *err)
{
  struct launch *l = context;
  return runtime_hooks(&l->plan.hooks->poststart, "poststart", &l->state, "running", l->pid, err);
}

static bool has_notify(const void *context)
{
  const struct launch *l = context;
  return l->plan.notify;
}

static int make_notify_directory(void *context, struct error *err)
{
  struct launch *l = context;
  return notify_make_directory(&l->dir, l->hull->notify_socket, err);
}

static bool hears_ready(const void *context)
{
  return has_notify(context) && starts_now(context);
}

static int open_notify(void *context, struct error *err)
{
  struct launch *l = context;
  return notify_open(&l->notify, &l->dir, l->hull->notify_socket, err);
}

static bool notifies(const void *context)
{
  const struct launch *l = context;
  return has_seccomp(context) && l->filter.notify;
}

static bool has_idmaps(const void *context)
{
  const struct launch *l = context;
  const struct plan_mount *mount;
  if (!own_mounts(l))
    return false;
  vec_each (&l->plan.mounts, mount)
    if (mount->idmap)
      return true;
  return false;
}

/* clang-format off */
const struct runtime_step create_steps[] = {
  { "claim-state-dir", keeps_state, claim_state_dir, remove_state_dir, "first: exactly one of several creates of an id gets past it" },
  { "check-cgroup", has_cgroup, check_cgroup, NULL, "before the intent: it says what was there already, and so is not ours" },
  { "check-rdt", has_rdt, check_rdt, NULL, "as above, for the group in resctrl; without a mounted one it is an error" },
  { "write-intent", keeps_state, write_intent, NULL, "before the first side effect: delete --force works from it whenever we are killed" },
  { "prepare-labels", has_labels, prepare_labels, NULL, "before anything is made: an LSM that is off is an error" },
  { "notify-directory", has_notify, make_notify_directory, NULL, "before the mounts are acquired, of which it is one; goes with the state directory" },
  { "notify-socket", hears_ready, open_notify, NULL, "before the process can speak; a service manager that is not there is an error before anything is made" },
  { "acquire-rootfs", own_mounts, acquire_rootfs, release_acquired, "before a process exists: a missing source fails cheaply" },
  { "acquire-namespaces", joins, acquire_namespaces, release_acquired, "as above; the files are checked to be of their type" },
  { "examine-net-devices", has_net_devices, examine_net_devices, take_back_net_devices, "before a process exists: what is not there, or may not move, fails cheaply; moved when init asks" },
  { "idmap-mounts", has_idmaps, idmap_mounts, NULL, "while the mounts are detached, which the kernel wants; the maps may be those of a joined namespace" },
  { "pinned-namespace", may_pin, acquire_pinned_namespace, release_acquired, "before the clone: decides whether the host's mounts are copied" },
  { "compile-seccomp", has_seccomp, obtain_filter, NULL, "before the clone: init finds the bytes in its memory" },
  { "seccomp-agent", notifies, connect_seccomp_agent, release_acquired, "before the clone: the path is the host's; once the filter is known to have rules for it" },
  { "console-socket", has_terminal, acquire_console, release_acquired, "before the clone: init sends the terminal itself" },
  { "start-fifos", waits_for_start, acquire_fifos, release_acquired, "before the clone: init waits on them after create has gone" },
  { "make-cgroup", has_cgroup, make_cgroup, destroy_cgroup, "late: most failures leave no cgroup to remove; before the clone, which starts in it" },
  { "apply-limits", has_settings, apply_limits, NULL, "before the first instruction of the container" },
  { "limit-devices-first", limits_devices_first, limit_devices, NULL, "hooks in the container's namespaces are under the rules too (GHSA-g54h-m393-cpwq)" },
  { "delegate-cgroup", delegates, delegate_cgroup, NULL, "before the container can want it" },
  { "hook-outputs", has_hook_outputs, open_hook_outputs, release_acquired, "before the clone: the paths are the host's" },
  { "make-rdt-groups", has_rdt, make_rdt_groups, unmake_rdt_groups, "before the clone: a schema that the hardware refuses fails cheaply" },
  { "hook-states", has_init_hooks, write_hook_states, NULL, "before the clone: init can't allocate" },
  { "spawn-init", NULL, spawn, kill_spawned, "everything it needs is open; from here on it works beside us" },
  { "settle-cgroup", has_unit, settle_cgroup, NULL, "at once: what kept the new scope populated must go before anything counts processes" },
  { "oom-score", has_oom_score, set_oom_score, NULL, "from outside, as soon as there is a process" },
  { "enter-rdt-groups", in_rdt_groups, enter_rdt_groups, NULL, "from outside, as soon as there is a process; a second one (adopt) is put there too" },
  { "loopback", wants_loopback, loopback_from_outside, NULL, "while init mounts: takes 0.2 ms, which init need not wait for" },
  { "limit-devices", limits_devices_beside, limit_devices, NULL, "while init mounts; init runs nothing of the image before it is told to proceed" },
  { "save-config", keeps_state, save_config, NULL, "while init mounts: costs no time of its own" },
  { "save-filter", keeps_filter, save_filter, NULL, "while init mounts; exec never compiles" },
  { "save-state", keeps_state, save_state, NULL, "while init mounts; under a name that does not count yet" },
  { "serve-init", waits_for_ready, serve, NULL, "until init is ready, or has failed; run asks for neither if init has no questions" },
  { "read-limits-back", verifies_limits, read_limits_back, NULL, "after the hooks, which may have changed them; before the process runs" },
  { "commit-state", keeps_state, commit_state, NULL, "the container exists from here on" },
  { "write-pid-file", wants_pid_file, write_pid_file, remove_pid_file, "before the process runs: callers look at its cgroup as soon as they have it" },
  { "send-pidfd", wants_pidfd, send_pidfd, NULL, "with the pid file" },
  { "proceed", NULL, proceed, NULL, "init waits for start now, or goes on" },
  { "await-exec", starts_now, await_exec, NULL, "a process that can't be executed is an error of run" },
  { "poststart-hooks", has_poststart, run_poststart_hooks, NULL, "after the process runs, before run returns (runtime-spec, poststart)" },
  { NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */
