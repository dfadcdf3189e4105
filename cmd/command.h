/* SPDX-License-Identifier: Apache-2.0
 * What a command is: one row of the table in commands.c, one file for the function. Commands return the exit
 * status of the program, or -1 with the error set; they print results and never errors. */
#pragma once
#include "cmd/options.h"
#include "libcontainer/base/arena.h"
#include "libcontainer/base/error.h"
#include "libcontainer/container.h"
#include <stdbool.h>
#include <stddef.h>

/* The options before the command. */
struct globals {
  const char *root, *log, *trace;
  long log_format, log_level, cgroup_manager, rootless;
  bool debug, systemd_cgroup, version;
};
extern const struct option_row global_options[];

/* One invocation of a command, after its options were read into 'command->values'. */
struct call {
  const struct globals *globals;
  struct arena *arena; /* lives until the program ends */
  char **args;         /* positional arguments, NULL-terminated */
  size_t arg_count;
  unsigned listen_fds; /* descriptors from 3 on that socket activation passed */
};

/* Where the overview of --help shows it. */
enum command_group { GROUP_HOST, GROUP_CONTAINERS, GROUP_CHANGE, GROUP_BUNDLE, GROUP_LOOK };

struct command {
  const char *name;
  const char *arguments; /* as shown in the help, e.g. "ID [SIGNAL]" */
  const char *summary;   /* one line */
  const char *brief;     /* 27 characters for the overview; NULL: as much of the summary as has room */
  const struct option_row *options;
  void *values;                 /* the struct that the rows' offsets are into */
  const unsigned *preserve_fds; /* not NULL: a process enters a container, see enter_safely in main.c */
  unsigned min_args, max_args;
  enum options_end options_end;
  enum command_group group;
  int error_status; /* exit status for errors at run time; 0 stands for 1 */
  int usage_status; /* the same for a command line that is not understood */
  int (*run)(const struct call *call, struct hull_error *error);
};
extern const struct command *const commands[]; /* ends with NULL */
const struct command *command_find(const char *name);

extern const struct command create_command, start_command, run_command, state_command, kill_command,
    delete_command, exec_command, list_command, spec_command, features_command, plan_command,
    validate_command, steps_command, pause_command, resume_command, update_command, mounts_command,
    ps_command, events_command, stats_command, trace_command, seccomp_command, gc_command, check_command,
    sandbox_command;

/* The error of base/error.h that the library's opaque one holds, so that base functions can set it. */
static inline struct error *error_inside(struct hull_error *error)
{
  _Static_assert(sizeof(struct error) <= sizeof(struct hull_error), "hull_error holds a struct error");
  return (struct error *)(void *)error->opaque.bytes;
}

/* hull_open with what the global options say; never closed, the program ends anyway. */
struct hull *call_open(const struct call *call, struct hull_error *error);
/* 'path' from the current directory, NULL stays NULL: for everything that is opened after a chdir. */
int call_absolute(const struct call *call, const char **path, struct hull_error *error);
