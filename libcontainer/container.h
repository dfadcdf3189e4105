/* SPDX-License-Identifier: Apache-2.0
 * libhull: create and run OCI containers. The ABI is unstable until 1.0.
 *
 * Everything takes a `struct hull *` (where state is kept, how cgroups are managed) and a `struct hull_error
 * *` (never NULL), returns 0 or -1 (or a count, or NULL), and prints nothing. Not thread-safe per `struct
 * hull`. Strings handed out are freed with hull_free(). When memory runs out the process aborts through
 * hull_set_out_of_memory_hook().
 *
 * A process that enters containers (hull_create, hull_run, hull_exec) must run from a file that no container
 * can write to (CVE-2019-5736): call hull_protect_self() first thing in main. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined __GNUC__
#define HULL_PUBLIC __attribute__((visibility("default")))
#else
#define HULL_PUBLIC
#endif

struct hull;

/* What went wrong. Lives in the caller's memory; nothing to free. Read it with the functions below. */
struct hull_error {
  union {
    char bytes[1408];
    long align;
  } opaque;
};
enum hull_error_kind {
  HULL_ERROR_NONE,
  HULL_ERROR_USAGE,
  HULL_ERROR_CONFIG,
  HULL_ERROR_HOST,
  HULL_ERROR_KERNEL,
  HULL_ERROR_STATE,
  HULL_ERROR_INTERNAL,
};
/* The whole message, one line per problem; valid as long as 'error' lives. */
HULL_PUBLIC const char *hull_error_message(const struct hull_error *error);
HULL_PUBLIC enum hull_error_kind hull_error_kind(const struct hull_error *error);
HULL_PUBLIC int hull_error_errno(const struct hull_error *error);           /* 0 if none */
HULL_PUBLIC const char *hull_error_pointer(const struct hull_error *error); /* JSON pointer, "" if none */
HULL_PUBLIC const char *hull_error_step(const struct hull_error *error);    /* "" if none */
HULL_PUBLIC const char *hull_error_hint(const struct hull_error *error);    /* NULL if none is known */

enum hull_cgroup_manager { HULL_CGROUPFS, HULL_SYSTEMD, HULL_NO_CGROUPS };
enum hull_rootless { HULL_ROOTLESS_AUTO, HULL_ROOTLESS_YES, HULL_ROOTLESS_NO };

/* Fill with zeroes, then set 'size' and what is wanted; new members come at the end. */
struct hull_options {
  size_t size;
  const char *root; /* directory of the state; NULL: /run/hull, or $XDG_RUNTIME_DIR/hull if not root */
  enum hull_cgroup_manager cgroup_manager;
  enum hull_rootless rootless;
  /* NOTIFY_SOCKET of a service manager that hull_run or hull_start is to tell when the container says that it
   * is ready (sd_notify(3)): they return then, or when it has ended. NULL or "": none. hull_run without
   * 'detach' returns at once and leaves the waiting to a process of its own; hull_close() after the end of
   * the container sees to it that what it said last is passed on. */
  const char *notify_socket;
};
/* Makes sure that this program can't be reached for writing from a container: re-executes it from a protected
 * copy if need be, else returns at once. 'argv' as main got it. */
HULL_PUBLIC int hull_protect_self(char *const argv[], struct hull_error *error);
HULL_PUBLIC struct hull *hull_open(const struct hull_options *options, struct hull_error *error);
HULL_PUBLIC void hull_close(struct hull *hull);
HULL_PUBLIC void hull_free(void *memory);
HULL_PUBLIC void hull_set_out_of_memory_hook(void (*hook)(size_t size));

/* A started or created process. 'pidfd' is owned by the caller (-1 if not wanted). */
struct hull_process {
  pid_t pid;
  int pidfd;
  /* What the container's cgroup, and the one above, had counted before; for hull_ending(). */
  uint64_t oom_kills, pids_refused, oom_kills_above;
};

struct hull_create_options {
  size_t size;
  const char *bundle;         /* NULL: the current directory */
  const char *config;         /* file name or path instead of config.json */
  const char *console_socket; /* path of an AF_UNIX socket that gets the pty master */
  int console_fd;             /* or a connected one (with use_console_fd) */
  bool use_console_fd;
  const char *pid_file;
  const char *pidfd_socket;
  unsigned preserve_fds;
  unsigned listen_fds;
  bool no_pivot, no_new_keyring;
  bool detach; /* the caller will not wait for the process in the foreground */
  /* With use_console_fd the caller relays: the new terminal adds no carriage returns (ONLCR is off before the
   * process starts), and has this size; 0: what the config says. No error if the config asks for no
   * terminal. */
  unsigned short console_rows, console_columns;
  bool verify; /* compare what the kernel shows of the container with the config; a difference is an error */
  struct hull_seccomp_report **seccomp_report; /* see hull_seccomp_report_read(); NULL: none */
};
/* Makes the container 'id'; its process waits for hull_start. Nothing is left behind on failure. */
HULL_PUBLIC int hull_create(struct hull *hull, const char *id, const struct hull_create_options *options,
                            struct hull_process *process, struct hull_error *error);
/* create and start in one go. */
HULL_PUBLIC int hull_run(struct hull *hull, const char *id, const struct hull_create_options *options,
                         struct hull_process *process, struct hull_error *error);
HULL_PUBLIC int hull_start(struct hull *hull, const char *id, struct hull_error *error);

struct hull_exec_options {
  size_t size;
  const char *process_file; /* a process object; else the members below */
  char *const *args;        /* NULL-terminated */
  const char *cwd, *user;   /* user: "UID[:GID]" */
  char *const *env;         /* NULL-terminated, added to the container's */
  const uint32_t *additional_gids;
  size_t additional_gid_count;
  char *const *capabilities; /* NULL-terminated, added */
  bool no_new_privs, tty, ignore_paused;
  const char *cgroup; /* path below the container's cgroup */
  const char *console_socket;
  int console_fd;
  bool use_console_fd;
  const char *pid_file;
  const char *pidfd_socket;
  unsigned preserve_fds;
  unsigned listen_fds;
  bool detach;
  unsigned short console_rows, console_columns; /* as in hull_create_options */
  const char *apparmor_profile, *selinux_label; /* NULL: the container's */
  struct hull_seccomp_report **seccomp_report;  /* see hull_seccomp_report_read(); NULL: none */
};
/* Starts one more process in a running container. */
HULL_PUBLIC int hull_exec(struct hull *hull, const char *id, const struct hull_exec_options *options,
                          struct hull_process *process, struct hull_error *error);

/* The signal that the annotation org.opencontainers.image.stopSignal names; without a valid one, SIGTERM. */
#define HULL_STOP_SIGNAL (-1)
/* 'all': every process of the container, and no error if it is stopped. */
HULL_PUBLIC int hull_kill(struct hull *hull, const char *id, int signal, bool all, struct hull_error *error);
/* Signal by number or name ("TERM", "SIGTERM", any case); -1 if unknown. */
HULL_PUBLIC int hull_signal_number(const char *name);
/* 'force': kills first; an unknown id is no error. */
HULL_PUBLIC int hull_delete(struct hull *hull, const char *id, bool force, struct hull_error *error);
HULL_PUBLIC int hull_pause(struct hull *hull, const char *id, struct hull_error *error);
HULL_PUBLIC int hull_resume(struct hull *hull, const char *id, struct hull_error *error);

struct hull_update_options {
  size_t size;
  const char
      *resources; /* JSON, as linux.resources of config.json; what is not in it stays, device rules always */
  size_t length;  /* of 'resources', in bytes */
  const char *document; /* what messages call the text; NULL: "resources" */
  /* Of linux.intelRdt; NULL: as it is. The container needs a class of service of resctrl since create. */
  const char *l3_cache_schema, *mem_bw_schema;
};
/* Changes limits of a container that is not stopped. All or nothing: on an error the old limits hold. The new
 * ones are saved with the container. */
HULL_PUBLIC int hull_update(struct hull *hull, const char *id, const struct hull_update_options *options,
                            struct hull_error *error);
/* Mounts more in a container that is not stopped: 'mounts' is JSON, a list as 'mounts' of config.json, or an
 * object with one. Bind mounts and tmpfs only; destinations without symbolic links. All or nothing. Saved
 * with the container. 'document' is what messages call the text; NULL: "mounts". */
HULL_PUBLIC int hull_mounts_add(struct hull *hull, const char *id, const char *mounts, size_t length,
                                const char *document, struct hull_error *error);
/* Unmounts what config.json or hull_mounts_add has at the destinations of the list; the other members are not
 * looked at. */
HULL_PUBLIC int hull_mounts_remove(struct hull *hull, const char *id, const char *mounts, size_t length,
                                   const char *document, struct hull_error *error);
/* Ids of all processes of a container, sorted, as seen from here; free with hull_free. Returns their number
 * (0 if it is stopped) or -1. */
HULL_PUBLIC ssize_t hull_processes(struct hull *hull, const char *id, pid_t **pids, struct hull_error *error);

/* The OCI state as JSON (indented by 2, no newline at the end); free with hull_free. */
HULL_PUBLIC int hull_state(struct hull *hull, const char *id, char **json, struct hull_error *error);
/* What a container uses, and may use (UINT64_MAX: no limit). Without 'has_…' it is not known: the controller
 * is not enabled for its cgroup, or there is none. */
struct hull_usage {
  bool has_cpu, has_memory, has_pids;
  uint64_t cpu_ns, memory, memory_limit, pids, pids_limit; /* memory in bytes */
};
struct hull_summary {
  char *id, *status, *bundle, *rootfs, *created, *owner; /* created: RFC 3339 */
  pid_t pid;                                             /* 0 if stopped */
  char *state_json;                                      /* as hull_state gives it */
  struct hull_usage usage;                               /* hull_list_usage() only */
};
/* All containers, sorted by id; free with hull_list_free. Returns their number or -1. */
HULL_PUBLIC ssize_t hull_list(struct hull *hull, struct hull_summary **list, struct hull_error *error);
HULL_PUBLIC ssize_t hull_list_usage(struct hull *hull, struct hull_summary **list, struct hull_error *error);
HULL_PUBLIC void hull_list_free(struct hull_summary *list, size_t count);

/* What dead callers left. Nothing that lives is among it: no container that is created, running or paused,
 * none that is being made or worked on, no cgroup with a process in it, except what a create that was killed
 * half-way had begun. */
struct hull_gc_options {
  size_t size;
  bool remove;  /* what can be removed; else it is only listed */
  bool stopped; /* also every container that is stopped, and not only those whose bundle is gone */
  bool created; /* also containers that were never started and whose bundle is gone: their process, which is
                   hull's own and waits, is killed */
};
struct hull_leftover {
  char *kind; /* "create", "container", "record", "update", "cgroup", "cache" or "pins" */
  char *name; /* a container's id, or a path */
  char *why;  /* why nobody needs it any more, as a sentence */
  char *what; /* what removing it takes away, or why it has to stay and what to do */
  bool stays; /* it is not for hull_gc to remove */
  bool removed;
  char *error; /* why it could not be removed; NULL: it could, or was not tried */
};
/* Free with hull_gc_free. Returns the number of leftovers or -1. */
HULL_PUBLIC ssize_t hull_gc(struct hull *hull, const struct hull_gc_options *options,
                            struct hull_leftover **list, struct hull_error *error);
HULL_PUBLIC void hull_gc_free(struct hull_leftover *list, size_t count);

/* Numbers of a container's cgroup at one moment. Without 'has_…' they are not known: the controller is not
 * enabled for it, or there is no cgroup. */
struct hull_stats {
  char *id;
  uint64_t read_ns; /* when: CLOCK_MONOTONIC */
  bool has_cpu, has_throttling, has_memory, has_io, has_pids;
  bool has_cpu_psi, has_memory_psi, has_io_psi;
  uint64_t cpu_ns, periods, throttled_periods; /* periods of cpu.max */
  uint64_t memory, memory_limit;               /* bytes; UINT64_MAX: no limit */
  uint64_t read_bytes, write_bytes;
  uint64_t pids, pids_limit;          /* limit: as memory_limit */
  uint64_t oom_kills;                 /* processes that the OOM killer has killed */
  double cpu_psi, memory_psi, io_psi; /* percent of the last 10 s in which some process waited for it */
};
/* Of the containers 'ids' (NULL-terminated), or with NULL of all, sorted by id. What does not run is left
 * out; with 'must_run', one of 'ids' that does not is an error. Free with hull_stats_free. Returns their
 * number or -1. */
HULL_PUBLIC ssize_t hull_read_stats(struct hull *hull, char *const *ids, bool must_run,
                                    struct hull_stats **list, struct hull_error *error);
HULL_PUBLIC void hull_stats_free(struct hull_stats *list, size_t count);

struct hull_events_options {
  size_t size;
  uint64_t interval_ns; /* between statistics; 0: none, only what happens */
  bool once;            /* statistics once, then return */
  int output;           /* not 0: hull_events returns when this pipe or socket has no reader any more */
};
/* Gets one line, newline included: {"type":"stats"|"oom","id":…,"data":…} as runc's. Ends hull_events if not
 * 0. */
typedef int hull_event_callback(void *data, const char *line);
/* Calls back for each event until the container has no processes. An error if it does not run. */
HULL_PUBLIC int hull_events(struct hull *hull, const char *id, const struct hull_events_options *options,
                            hull_event_callback *callback, void *data, struct hull_error *error);

/* Why a process of a container may have ended: what its cgroup has counted since it was started, and its
 * limits (UINT64_MAX: none, or not known). */
struct hull_ending {
  uint64_t oom_kills, pids_refused;               /* refused: fork(2) at the limit */
  uint64_t memory_limit, memory_peak, pids_limit; /* peak: 0 if not known */
  bool oom_kills_above; /* systemd was faster, the cgroup is gone: oom_kills is of the slice, others included
                         */
};
/* To be asked between the end of 'process' and hull_delete. */
HULL_PUBLIC int hull_ending(struct hull *hull, const char *id, const struct hull_process *process,
                            struct hull_ending *ending, struct hull_error *error);

/* Which system calls the seccomp filter denied to a process and its descendants, by which rule, how often.
 * With the option of hull_run or hull_exec that points at a NULL, a report is left there (also if they fail;
 * none if the config has no filter), to be read once the container is deleted, or the process has ended, and
 * closed. SCMP_ACT_TRAP is not reported; SCMP_ACT_KILL* kill the whole process, by SIGKILL where a SIGSYS of
 * ours would not do: then hull_seccomp_report_killed() is true of it, and what ended it should be called
 * SIGSYS. A program in the container cannot have a seccomp listener of its own meanwhile (EBUSY). */
struct hull_seccomp_report;
/* JSON:
 * {"filter":true,"complete":true,"lost":0,"denied":[{"syscall","number","arch","args","effect","action",
 * "rule","why","pid","comm","exe","count"},…]}; else lines of text. Free with hull_free. Waits up to two
 * seconds for the last process under the filter. NULL: {"filter":false,…}. */
HULL_PUBLIC char *hull_seccomp_report_read(struct hull_seccomp_report *report, bool json);
HULL_PUBLIC bool hull_seccomp_report_killed(const struct hull_seccomp_report *report, pid_t pid);
HULL_PUBLIC void hull_seccomp_report_close(struct hull_seccomp_report *report);
/* What the profile of a bundle's config does with a system call ('args': 'call', then up to six arguments;
 * ends with NULL), and by which rule; text or JSON, free with hull_free. */
HULL_PUBLIC int hull_seccomp_explain(struct hull *hull, const struct hull_create_options *options,
                                     char *const *args, bool json, char **text, struct hull_error *error);
/* A sandbox: a container without a bundle, an id or state, for a caller that waits for it. Its first process
 * stays, passes signals on to the command, and dies with the caller; what the command leaves running ends
 * with it. */
struct hull_sandbox;
struct spec; /* a decoded config.json, which hull's own commands make */
struct hull_sandbox_options {
  size_t size;
  const struct spec *config; /* must live until hull_sandbox_end() */
  int console_fd;            /* with use_console_fd; and the others: as in hull_create_options */
  bool use_console_fd;
  unsigned short console_rows, console_columns;
  bool measure; /* enable the controllers that count for hull_sandbox_end(), where we may */
  struct hull_seccomp_report **seccomp_report; /* as in hull_create_options; NULL: none is wanted */
};
/* 'process' is the first one, to be waited for by the caller. NULL on error: then nothing is left. */
HULL_PUBLIC struct hull_sandbox *hull_sandbox_start(struct hull *hull,
                                                    const struct hull_sandbox_options *options,
                                                    struct hull_process *process, struct hull_error *error);
/* What a sandbox has used; times and 'largest_process' are of all children that this process ever waited for.
 */
struct hull_sandbox_usage {
  bool ended; /* false: it was killed before the command's end was known */
  int status; /* of the command, as wait(2) gives it */
  uint64_t user_ns, system_ns;
  uint64_t largest_process;         /* bytes of memory */
  uint64_t read_bytes, write_bytes; /* of block devices; of the cgroup with has_io */
  /* Without 'has_…' not known: there was no cgroup, or without that controller. */
  bool has_cgroup, has_memory, has_oom, has_pids, has_io;
  uint64_t memory_peak, oom_kills, pids_peak, pids_refused;
};
/* Once the first process has been waited for. Takes away what is left; 'sandbox' is gone in any case. */
HULL_PUBLIC int hull_sandbox_end(struct hull_sandbox *sandbox, struct hull_sandbox_usage *usage,
                                 struct hull_error *error);

/* What this host can do for the caller, as text or JSON (free with hull_free): each ability with its state,
 * why, and what to do. With options, also what of that bundle's config would not work here. 'all' says
 * whether nothing is missing that a container, or this one, needs. */
HULL_PUBLIC int hull_check(struct hull *hull, const struct hull_create_options *options, bool json, bool *all,
                           char **text, struct hull_error *error);

/* The plan for a bundle, as JSON. 'facts' is a JSON text instead of what this host can do, or NULL. */
HULL_PUBLIC int hull_plan(struct hull *hull, const char *id, const struct hull_create_options *options,
                          const char *facts, char **json, struct hull_error *error);
/* The features document of runtime-spec, as JSON. */
HULL_PUBLIC char *hull_features(void);
/* Every row of the step and message tables: 'table' is "parent", "init", "exec-parent", "exec-init" or
 * "message". */
typedef void hull_step_callback(void *data, const char *table, const char *name, const char *why);
HULL_PUBLIC void hull_steps(hull_step_callback *callback, void *data);
/* "0.1.0", the commit, and the libseccomp version. */
HULL_PUBLIC const char *hull_version(void);
HULL_PUBLIC const char *hull_commit(void);
HULL_PUBLIC const char *hull_libseccomp_version(void);
/* The systemd cgroup driver is built in. */
HULL_PUBLIC bool hull_has_systemd(void);

#ifdef __cplusplus
}
#endif
