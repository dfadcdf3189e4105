/* SPDX-License-Identifier: Apache-2.0
 * The functions behind the rows of init's step tables, one file per topic. Each returns 0 or -1 with 'err'
 * set. */
#pragma once
#include "libcontainer/init/step.h"

/* close_fds.c */
int drop_runtime_fds(struct init_context *init, struct error *err);
int close_fds(struct init_context *init, struct error *err);
/* join.c */
int join_namespaces(struct init_context *init, struct error *err);
int enter_pinned_mount_namespace(struct init_context *init, struct error *err);
int join_target(struct init_context *init, struct error *err);
int unshare_namespaces(struct init_context *init, struct error *err);
int enter_time_namespace(struct init_context *init, struct error *err);
int unshare_cgroup_namespace(struct init_context *init, struct error *err);
/* userns.c */
int map_ids(struct init_context *init, struct error *err);
int become_root(struct init_context *init, struct error *err);
/* fork_pid.c */
int fork_into_pid_namespace(struct init_context *init, struct error *err);
/* keyring.c, loopback.c, hostname.c, sysctl.c */
int new_keyring(struct init_context *init, struct error *err);
int ask_net_devices(struct init_context *init, struct error *err);
int loopback_up(struct init_context *init, struct error *err);
int set_hostname(struct init_context *init, struct error *err);
int set_domainname(struct init_context *init, struct error *err);
int set_sysctls(struct init_context *init, struct error *err);
/* console.c */
int make_console(struct init_context *init, struct error *err);
int take_terminal(struct init_context *init, struct error *err);
int reopen_null_stdio(struct init_context *init, struct error *err);
/* labels.c */
int set_labels(struct init_context *init, struct error *err);
/* For keys that are made from now on; "": no more. */
int label_keys(const struct init_context *init, const char *label, struct error *err);
/* session.c */
int leave_terminal(struct init_context *init, struct error *err);
int new_session(struct init_context *init, struct error *err);
/* rlimits.c */
int set_rlimits(struct init_context *init, struct error *err);
/* read_back.c */
int read_back(struct init_context *init, struct error *err);
/* scheduling.c */
int reset_affinity(struct init_context *init, struct error *err);
int set_scheduler(struct init_context *init, struct error *err);
int set_io_priority(struct init_context *init, struct error *err);
int set_memory_policy(struct init_context *init, struct error *err);
int set_personality(struct init_context *init, struct error *err);
/* user.c */
int stay_undumpable(struct error *err);
int change_user(struct init_context *init, struct error *err);
int find_home(struct init_context *init, struct error *err);
int set_no_new_privs(struct init_context *init, struct error *err);
int verify_credentials(struct init_context *init, struct error *err);
/* caps.c */
int drop_bounding(const struct plan_capabilities *caps, struct error *err);
int set_capabilities(const struct plan_capabilities *caps, uint64_t extra, struct error *err);
int verify_capabilities(const struct plan_capabilities *caps, uint64_t extra, struct error *err);
int drop_last_capability(struct init_context *init, struct error *err);
/* The capability that stays effective until the filter is loaded, as a bit; 0 with no_new_privs. */
uint64_t capability_for_filter(const struct init_context *init);
/* directory.c */
int make_working_directory(struct init_context *init, struct error *err);
int enter_working_directory(struct init_context *init, struct error *err);
int enter_working_directory_as_user(struct init_context *init, struct error *err);
/* executable.c */
int find_executable(struct init_context *init, struct error *err);
/* hooks.c */
int ask_runtime_hooks(struct init_context *init, struct error *err);
int run_create_container_hooks(struct init_context *init, struct error *err);
int run_start_container_hooks(struct init_context *init, struct error *err);
/* Writes 'pid' into every HOOK_PID_SLOT of 'text' (may be NULL). */
void fill_pid(pid_t pid, char *text);
/* wait_start.c */
int report_ready(struct init_context *init, struct error *err);
int wait_for_start(struct init_context *init, struct error *err);
/* load_seccomp.c */
int load_seccomp(struct init_context *init, struct error *err);
/* first_process.c */
int die_with_runtime(struct init_context *init, struct error *err);
int stay_first(struct init_context *init, struct error *err);
/* execve.c */
int reset_signals(struct init_context *init, struct error *err);
int execute(struct init_context *init, struct error *err);
/* rootfs_steps.c: rootfs/ functions as rows */
int acquire_in_namespace(struct init_context *init, struct error *err);
int set_root_propagation(struct init_context *init, struct error *err);
int attach_root(struct init_context *init, struct error *err);
int make_mounts(struct init_context *init, struct error *err);
int make_devices(struct init_context *init, struct error *err);
int switch_root(struct init_context *init, struct error *err);
int mask_paths(struct init_context *init, struct error *err);
int protect_paths(struct init_context *init, struct error *err);
int protect_root(struct init_context *init, struct error *err);
int set_final_propagation(struct init_context *init, struct error *err);
