/* SPDX-License-Identifier: Apache-2.0
 * config.json of runtime-spec 1.3 as C structs: same names (camelCase -> snake_case), same nesting. Values
 * are as written; nothing is decided here. One arena owns everything a struct spec points to. Optional
 * scalars carry 'set'; optional objects are pointers (NULL: absent); strings are NULL if absent. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stdint.h>

struct opt_bool {
  bool set, value;
};
struct opt_i64 {
  bool set;
  int64_t value;
};
struct opt_u64 {
  bool set;
  uint64_t value;
};
/* An enumeration row: 'value' is the constant of the name table, valid if 'set'. */
struct opt_enum {
  bool set;
  long value;
};
struct string_pair {
  char *key;
  char *value;
};
/* A JSON map of strings, in the order of the file. */
typedef VEC(struct string_pair) string_map;

struct root {
  char *path;
  struct opt_bool readonly;
};

struct id_mapping {
  struct opt_u64 container_id, host_id, size;
};
typedef VEC(struct id_mapping) id_mappings;

struct mount {
  char *destination, *type, *source;
  struct strings options;
  id_mappings uid_mappings, gid_mappings;
};

struct console_size {
  struct opt_u64 height, width; /* characters */
};
struct user {
  struct opt_u64 uid, gid, umask;
  VEC(uint64_t) additional_gids;
  char *username; /* Windows only */
};
struct capabilities {
  struct strings bounding, effective, permitted, inheritable, ambient; /* "CAP_…" */
};
struct posix_rlimit {
  struct opt_enum type; /* RLIMIT_* constant */
  char *type_name;      /* not decoded: filled from the table for messages; may be NULL */
  struct opt_u64 soft, hard;
};
struct scheduler {
  struct opt_enum policy; /* SCHED_* constant */
  struct opt_i64 nice, priority;
  struct strings flags;
  struct opt_u64 runtime, deadline, period; /* ns */
};
struct io_priority {
  struct opt_enum class; /* IOPRIO_CLASS_* constant */
  struct opt_i64 priority;
};
struct cpu_affinity {
  char *initial, *final; /* CPU lists */
};
struct process {
  struct opt_bool terminal;
  struct console_size *console_size;
  struct user *user;
  struct strings args;
  char *command_line; /* Windows only */
  struct strings env;
  char *cwd;
  struct capabilities *capabilities;
  VEC(struct posix_rlimit) rlimits;
  struct opt_bool no_new_privileges;
  char *apparmor_profile;
  struct opt_i64 oom_score_adj;
  struct scheduler *scheduler;
  char *selinux_label;
  struct io_priority *io_priority;
  struct cpu_affinity *exec_cpu_affinity;
};

struct hook {
  char *path;
  struct strings args, env;
  struct opt_i64 timeout; /* seconds */
};
typedef VEC(struct hook) hook_list;
struct hooks {
  hook_list prestart, create_runtime, create_container, start_container, poststart, poststop;
};

enum namespace_type { NS_USER, NS_CGROUP, NS_IPC, NS_UTS, NS_NETWORK, NS_PID, NS_TIME, NS_MOUNT, NS_COUNT };
struct namespace_ref {
  struct opt_enum type; /* enum namespace_type */
  char *path;
};
struct device {
  char *type; /* "c", "b", "u" or "p" */
  char *path;
  struct opt_i64 major, minor;
  struct opt_u64 file_mode, uid, gid;
};
struct device_rule {
  struct opt_bool allow;
  char *type; /* "a", "c", "b" or NULL */
  struct opt_i64 major, minor;
  char *access; /* subset of "rwm" or NULL */
};
struct net_device {
  char *host_name; /* key of the map */
  char *name;      /* in the container, NULL: the same */
};
struct time_offset {
  char *clock; /* key of the map: "monotonic" or "boottime" */
  struct opt_i64 secs;
  struct opt_u64 nanosecs;
};

struct memory {
  struct opt_i64 limit, reservation, swap, kernel, kernel_tcp; /* bytes, -1: no limit */
  struct opt_u64 swappiness;
  struct opt_bool disable_oom_killer, use_hierarchy, check_before_update;
};
struct cpu {
  struct opt_u64 shares;
  struct opt_i64 quota; /* us */
  struct opt_u64 burst, period;
  struct opt_i64 realtime_runtime;
  struct opt_u64 realtime_period;
  char *cpus, *mems;
  struct opt_i64 idle;
};
struct pids {
  struct opt_i64 limit;
};
struct weight_device {
  struct opt_i64 major, minor;
  struct opt_u64 weight, leaf_weight;
};
struct throttle_device {
  struct opt_i64 major, minor;
  struct opt_u64 rate;
};
typedef VEC(struct throttle_device) throttle_devices;
struct block_io {
  struct opt_u64 weight, leaf_weight;
  VEC(struct weight_device) weight_device;
  throttle_devices throttle_read_bps_device, throttle_write_bps_device, throttle_read_iops_device,
      throttle_write_iops_device;
};
struct hugepage_limit {
  char *page_size;
  struct opt_u64 limit;
};
struct interface_priority {
  char *name;
  struct opt_u64 priority;
};
struct network {
  struct opt_u64 class_id;
  VEC(struct interface_priority) priorities;
};
struct rdma {
  char *device; /* key of the map */
  struct opt_u64 hca_handles, hca_objects;
};
struct resources {
  VEC(struct device_rule) devices;
  struct memory *memory;
  struct cpu *cpu;
  struct pids *pids;
  struct block_io *block_io;
  VEC(struct hugepage_limit) hugepage_limits;
  struct network *network;
  VEC(struct rdma) rdma;
  string_map unified;
};

struct seccomp_arg {
  struct opt_u64 index, value, value_two;
  struct opt_enum op; /* enum seccomp_operator */
};
struct seccomp_rule {
  struct strings names;
  struct opt_enum action; /* enum seccomp_action */
  struct opt_u64 errno_ret;
  VEC(struct seccomp_arg) args;
};
enum seccomp_action {
  ACT_KILL, /* alias of ACT_KILL_THREAD */
  ACT_KILL_PROCESS,
  ACT_KILL_THREAD,
  ACT_TRAP,
  ACT_ERRNO,
  ACT_TRACE,
  ACT_ALLOW,
  ACT_LOG,
  ACT_NOTIFY,
};
enum seccomp_operator { OP_NE, OP_LT, OP_LE, OP_EQ, OP_GE, OP_GT, OP_MASKED_EQ };
struct seccomp {
  struct opt_enum default_action;
  struct opt_u64 default_errno_ret;
  struct strings flags;         /* "SECCOMP_FILTER_FLAG_…", checked against the name table */
  struct strings architectures; /* "SCMP_ARCH_…", checked against the name table */
  char *listener_path, *listener_metadata;
  VEC(struct seccomp_rule) syscalls;
};

struct intel_rdt {
  char *clos_id;
  struct strings schemata;
  char *l3_cache_schema, *mem_bw_schema;
  struct opt_bool enable_monitoring, enable_cmt, enable_mbm;
};
struct memory_policy {
  struct opt_enum mode; /* MPOL_* constant */
  char *nodes;
  struct strings flags;
};
struct personality {
  struct opt_enum domain; /* PER_* constant */
  struct strings flags;
};

struct linux_config {
  VEC(struct namespace_ref) namespaces;
  id_mappings uid_mappings, gid_mappings;
  VEC(struct time_offset) time_offsets;
  VEC(struct device) devices;
  VEC(struct net_device) net_devices;
  char *cgroups_path;
  struct resources *resources;
  struct opt_enum rootfs_propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE */
  struct seccomp *seccomp;
  string_map sysctl;
  struct strings masked_paths, readonly_paths;
  char *mount_label;
  struct intel_rdt *intel_rdt;
  struct memory_policy *memory_policy;
  struct personality *personality;
};

struct spec {
  char *oci_version;
  struct root *root;
  VEC(struct mount) mounts;
  struct process *process;
  char *hostname, *domainname;
  struct hooks *hooks;
  string_map annotations;
  struct linux_config *linux_;
  struct strings warnings; /* of decode_config, "POINTER: TEXT"; no part of the document */
};

/* A problem of a document: where and what. */
struct problem {
  unsigned line, column; /* 1-based, 0 if unknown */
  bool warning;
  char *pointer; /* RFC 6901 */
  char *message;
};
#define PROBLEMS_MAX 16 /* more are counted, not kept */
struct problems {
  struct arena *arena;
  const char *document; /* file name for messages, e.g. "config.json" */
  struct problem items[PROBLEMS_MAX];
  unsigned count, errors; /* count may exceed PROBLEMS_MAX */
  unsigned judged; /* so many of the first ones say of a value that it is bad: it is not judged again */
  bool stopped;    /* the decoder did not read on: what it did not see must not be called missing */
};
