/* SPDX-License-Identifier: Apache-2.0
 * The order in which a new container sets itself up, from the inside. Each row's text is the reason for its
 * place. Order of the lifecycle: runtime-spec, runtime.md "Lifecycle"; config.md "POSIX-platform Hooks". */
#include "libcontainer/init/steps.h"
#include <sched.h>

static bool joins(const struct init_context *init)
{
  for (int i = 0; i < NS_COUNT; i++)
    if (init->namespace_fds[i] >= 0)
      return true;
  return false;
}

static bool new_user_namespace(const struct init_context *init)
{
  return init->plan->namespaces[NS_USER].how == NS_NEW;
}

static bool any_user_namespace(const struct init_context *init)
{
  return init->plan->namespaces[NS_USER].how != NS_KEEP;
}

static bool unshares(const struct init_context *init)
{
  return (init->plan->unshare_flags & ~(uint64_t)CLONE_NEWUSER) != 0;
}

static bool forks_again(const struct init_context *init)
{
  return init->plan->fork_again;
}

/* Of a container that exec enters. */
static bool enters_pid_namespace(const struct init_context *init)
{
  return (init->target_namespaces & CLONE_NEWPID) != 0;
}

static bool stays_in_pid_namespace(const struct init_context *init)
{
  return !enters_pid_namespace(init);
}

static bool pinned(const struct init_context *init)
{
  return init->pinned_mount_ns >= 0;
}

static bool own_mounts(const struct init_context *init)
{
  return init->plan->namespaces[NS_MOUNT].how == NS_NEW;
}

static bool copied_mounts(const struct init_context *init)
{
  return own_mounts(init) && !pinned(init);
}

static bool acquires(const struct init_context *init)
{
  return own_mounts(init) && init->plan->acquire_by_init;
}

static bool new_cgroup_namespace(const struct init_context *init)
{
  return init->plan->new_cgroup_ns;
}

static bool wants_keyring(const struct init_context *init)
{
  return init->plan->new_keyring;
}

static bool wants_loopback(const struct init_context *init)
{
  /* Otherwise the runtime does it, beside us. */
  return init->plan->loopback && init->plan->loopback_by_init;
}

static bool has_net_devices(const struct init_context *init)
{
  return init->plan->net_devices.count > 0;
}

static bool makes_time_namespace(const struct init_context *init)
{
  return init->time_proc >= 0;
}

static bool has_mounts(const struct init_context *init)
{
  return own_mounts(init) && init->plan->mounts.count > 0;
}

static bool has_devices(const struct init_context *init)
{
  return own_mounts(init) && (init->plan->fill_dev || init->plan->devices.count > 0);
}

static bool has_runtime_hooks(const struct init_context *init)
{
  return init->plan->hooks->prestart.count + init->plan->hooks->create_runtime.count > 0;
}

static bool has_create_container_hooks(const struct init_context *init)
{
  return init->plan->hooks->create_container.count > 0;
}

static bool has_start_container_hooks(const struct init_context *init)
{
  return init->plan->hooks->start_container.count > 0;
}

static bool has_terminal(const struct init_context *init)
{
  return init->plan->process.terminal;
}

static bool has_sysctls(const struct init_context *init)
{
  return init->plan->sysctls.count > 0;
}

static bool has_masks(const struct init_context *init)
{
  return own_mounts(init) && init->plan->masked.count > 0;
}

static bool has_readonly_paths(const struct init_context *init)
{
  return own_mounts(init) && init->plan->readonly.count > 0;
}

static bool root_readonly(const struct init_context *init)
{
  return own_mounts(init) && rootfs_has_readonly(init->plan);
}

static bool is_sandbox(const struct init_context *init)
{
  return init->first != NULL;
}

static bool final_propagation(const struct init_context *init)
{
  return own_mounts(init) && init->plan->root_propagation_last != 0;
}

static bool has_hostname(const struct init_context *init)
{
  return init->plan->hostname != NULL;
}

static bool has_domainname(const struct init_context *init)
{
  return init->plan->domainname != NULL;
}

static bool has_rlimits(const struct init_context *init)
{
  return init->plan->process.rlimits.count > 0 || init->nofile_soft != 0;
}

static bool wants_read_back(const struct init_context *init)
{
  return init->plan->verify;
}

static bool has_labels(const struct init_context *init)
{
  return init->host_proc >= 0;
}

static bool has_scheduler(const struct init_context *init)
{
  return init->plan->process.scheduler.set;
}

/* SCHED_DEADLINE forbids forks. */
static bool sets_own_scheduler(const struct init_context *init)
{
  return has_scheduler(init) && stays_in_pid_namespace(init);
}

static bool has_io_priority(const struct init_context *init)
{
  return init->plan->process.io_priority != 0;
}

static bool has_memory_policy(const struct init_context *init)
{
  return init->plan->memory_policy.set;
}

static bool has_personality(const struct init_context *init)
{
  return init->plan->set_personality;
}

static bool home_missing(const struct init_context *init)
{
  return init->plan->process.home_missing;
}

static bool directory_pending(const struct init_context *init)
{
  return init->directory_pending;
}

static bool has_command(const struct init_context *init)
{
  return init->plan->process.argv != NULL;
}

static bool has_filter(const struct init_context *init)
{
  return init->filter != NULL;
}

static bool kept_capability(const struct init_context *init)
{
  return capability_for_filter(init) != 0;
}

/* clang-format off */
const struct init_step create_init_steps[] = {
  { "drop-runtime-fds", NULL, drop_runtime_fds, "first: the runtime's lock and directories must not live on in the container (CVE-2024-21626)" },
  { "join-namespaces", joins, join_namespaces, "user first: it gives the right to join the others" },
  { "map-ids", new_user_namespace, map_ids, "before anything is made: files and keys belong to mapped ids" },
  { "become-root", any_user_namespace, become_root, "after the maps: until then every id is the overflow id" },
  { "time-namespace", makes_time_namespace, enter_time_namespace, "once we may, in the user namespace that shall own it; before anything looks at the clock" },
  { "unshare-namespaces", unshares, unshare_namespaces, "after joining the user namespace, which shall own them" },
  { "fork-into-pid-namespace", forks_again, fork_into_pid_namespace, "unshare and setns put only children into a pid namespace" },
  { "pinned-mount-namespace", pinned, enter_pinned_mount_namespace, "a copy of an almost empty namespace: its cost does not grow with the host's mounts" },
  { "cgroup-namespace", new_cgroup_namespace, unshare_cgroup_namespace, "once inside the cgroup: the creator's cgroup becomes the namespace's root" },
  { "keyring", wants_keyring, new_keyring, "after the user namespace, which owns it; before the image can run anything" },
  { "loopback", wants_loopback, loopback_up, "in a user namespace, where the runtime may have no right to it" },
  { "net-devices", has_net_devices, ask_net_devices, "once init is in its network namespace; hooks and sysctls shall find them" },
  { "root-propagation", copied_mounts, set_root_propagation, "before the first mount: nothing we mount may reach the host" },
  { "acquire-rootfs", acquires, acquire_in_namespace, "where the runtime may not: in a copy of the host's mounts, before the image can have a say" },
  { "root-attach", own_mounts, attach_root, "pivot_root needs the root to be a mount; targets are resolved in it" },
  { "mounts", has_mounts, make_mounts, "in the listed order (runtime-spec, Mounts)" },
  { "devices", has_devices, make_devices, "after mounts: /dev is one of them" },
  { "runtime-hooks", has_runtime_hooks, ask_runtime_hooks, "after the namespaces and mounts, before the root is switched (runtime-spec, createRuntime)" },
  { "create-container-hooks", has_create_container_hooks, run_create_container_hooks, "after createRuntime; host paths are still there (runtime-spec, createContainer)" },
  { "pivot-root", own_mounts, switch_root, "after the hooks that need the host's paths" },
  { "session", NULL, new_session, "before the terminal: only a session leader can own one" },
  { "console", has_terminal, make_console, "after pivot_root: the pty is of the container's own devpts" },
  { "controlling-terminal", has_terminal, take_terminal, "as session leader, which we are" },
  { "stdio", NULL, reopen_null_stdio, "after the console: a null device of the host as stdio would name a file outside" },
  { "sysctl", has_sysctls, set_sysctls, "before masks and read-only paths: /proc/sys is usually among them" },
  { "masked-paths", has_masks, mask_paths, "after hooks, which may still need what is covered" },
  { "readonly-paths", has_readonly_paths, protect_paths, "after sysctl: /proc/sys is usually in this list" },
  { "make-working-directory", own_mounts, make_working_directory, "before the root becomes read-only" },
  { "readonly-root", root_readonly, protect_root, "after everything that makes mount points or files in it" },
  { "last-propagation", final_propagation, set_final_propagation, "last of the mounts: shared before would let ours out" },
  { "hostname", has_hostname, set_hostname, "any time in the new uts namespace" },
  { "domainname", has_domainname, set_domainname, "with the hostname" },
  { "labels", has_labels, set_labels, "for the execve: before no_new_privs, which may forbid the change, and while we are root" },
  { "rlimits", has_rlimits, set_rlimits, "before the user changes: raising needs CAP_SYS_RESOURCE" },
  { "read-back", wants_read_back, read_back, "after all that it looks at, while we are root and see everything" },
  { "affinity", NULL, reset_affinity, "the caller's CPUs are not the container's; which ones it may use, its cpuset says" },
  { "memory-policy", has_memory_policy, set_memory_policy, "after the large allocations of set-up; before the filter, which may deny it" },
  { "personality", has_personality, set_personality, "with the other attributes that execve keeps" },
  { "io-priority", has_io_priority, set_io_priority, "before the user changes: the realtime class needs CAP_SYS_NICE" },
  { "scheduler", has_scheduler, set_scheduler, "before the user changes: realtime needs CAP_SYS_NICE; after all forks, which SCHED_DEADLINE forbids" },
  { "home", home_missing, find_home, "in the new root, before the filter: reads /etc/passwd" },
  { "working-directory", NULL, enter_working_directory, "after the masks, which it must not reach below; as root, as with runc" },
  { "user-and-caps", NULL, change_user, "after all that needs root; groups, bounding, ids, sets, ambient in the order of capabilities(7)" },
  { "working-directory-as-user", directory_pending, enter_working_directory_as_user, "root may be nobody on NFS or FUSE" },
  { "find-executable", has_command, find_executable, "as the user and in the working directory; a missing one fails create, not start" },
  { "no-new-privs", NULL, set_no_new_privs, "after the capabilities; decides where the filter may be loaded" },
  { "verify-credentials", NULL, verify_credentials, "after the last change of ids and sets: what the kernel says, not what we asked" },
  { "signals", NULL, reset_signals, "before the filter: what the caller blocked or ignored is not the container's" },
  { "close-fds", NULL, close_fds, "before the filter: it may deny close_range" },
  { "die-with-runtime", is_sandbox, die_with_runtime, "after the user changes, which takes it back; while the runtime is sure to listen" },
  { "ready", NULL, report_ready, "nothing is left that could fail but the process itself" },
  { "wait-for-start", NULL, wait_for_start, "create ends here; `start` goes on" },
  { "start-container-hooks", has_start_container_hooks, run_start_container_hooks, "at start, in the container, before its process (runtime-spec, startContainer)" },
  { "first-process", is_sandbox, stay_first, "of all that init does only the filter is for the command alone" },
  { "seccomp", has_filter, load_seccomp, "last: only what comes after it must be allowed by the profile" },
  { "last-capability", kept_capability, drop_last_capability, "without no_new_privs loading the filter takes CAP_SYS_ADMIN; nothing needs it any more" },
  { "execve", NULL, execute, "becomes the container's process" },
  { NULL, NULL, NULL, NULL },
};

const struct init_step exec_init_steps[] = {
  { "drop-runtime-fds", NULL, drop_runtime_fds, "first: no descriptor of the runtime may be seen from the container (CVE-2016-9962)" },
  { "leave-terminal", enters_pid_namespace, leave_terminal, "while /dev/tty is the host's: between the fork and its session, whoever traces it must not reach the caller's terminal" },
  { "join-target", NULL, join_target, "all namespaces in one setns(2) of the container's pidfd; pid counts for children only, so nobody inside sees us yet" },
  { "become-root", any_user_namespace, become_root, "root of the user namespace: the caller's ids mean nothing in it" },
  { "keyring", wants_keyring, new_keyring, "not the caller's keys" },
  { "session", stays_in_pid_namespace, new_session, "no terminal of the caller (CVE-2017-5226); a session is not cheap on a busy host (autogroup), so only one of the two" },
  { "console", has_terminal, make_console, "a pty of the container's own devpts" },
  { "stdio", NULL, reopen_null_stdio, "as at create" },
  { "labels", has_labels, set_labels, "as at create; and before the fork, so that nobody inside sees the host's procfs through us" },
  { "rlimits", has_rlimits, set_rlimits, "before the user changes" },
  { "affinity", NULL, reset_affinity, "execCPUAffinity.final, else every CPU of the cpuset" },
  { "memory-policy", has_memory_policy, set_memory_policy, "as at create" },
  { "personality", has_personality, set_personality, "as at create" },
  { "io-priority", has_io_priority, set_io_priority, "as at create" },
  { "scheduler", sets_own_scheduler, set_scheduler, "as at create; of one that forks into a pid namespace the runtime does it" },
  { "home", home_missing, find_home, "in the container's root, before the filter" },
  { "working-directory", NULL, enter_working_directory, "as root, as with runc" },
  { "user-and-caps", NULL, change_user, "as at create" },
  { "no-new-privs", NULL, set_no_new_privs, "after the capabilities" },
  { "verify-credentials", NULL, verify_credentials, "what the kernel says" },
  { "fork-into-pid-namespace", enters_pid_namespace, fork_into_pid_namespace, "only now: CAP_SYS_PTRACE inside could take over whoever it sees, and with him all that he may still do" },
  { "session-inside", enters_pid_namespace, new_session, "no terminal of the caller (CVE-2017-5226): the fork is still in his session" },
  { "controlling-terminal", has_terminal, take_terminal, "as session leader, which we are" },
  { "working-directory-as-user", directory_pending, enter_working_directory_as_user, "as at create; and what is below /proc/self is there only now" },
  { "find-executable", NULL, find_executable, "as the user and in the working directory" },
  { "signals", NULL, reset_signals, "as at create" },
  { "close-fds", NULL, close_fds, "before the filter" },
  { "seccomp", has_filter, load_seccomp, "last" },
  { "last-capability", kept_capability, drop_last_capability, "as at create" },
  { "execve", NULL, execute, "becomes the process" },
  { NULL, NULL, NULL, NULL },
};
/* clang-format on */
