/* SPDX-License-Identifier: Apache-2.0
 * `hull create`: makes a container whose process waits for `hull start`. */
#include "cmd/create.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/log.h"

/* clang-format off */
#define CREATE(member) OPTION_AT (struct create_values, member)
const struct option_row create_option_rows[] = {
  { .name = "bundle", .letter = 'b', .value = "DIR", .kind = OPTION_STRING, CREATE (bundle),
    .help = "directory of config.json (default: here)" },
  { .name = "config", .letter = 'f', .value = "FILE", .kind = OPTION_STRING, CREATE (config),
    .help = "file instead of config.json" },
  { .name = "console-socket", .value = "PATH", .kind = OPTION_STRING, CREATE (console_socket),
    .help = "socket that gets the terminal's master" },
  { .name = "pid-file", .letter = 'p', .value = "FILE", .kind = OPTION_STRING, CREATE (pid_file),
    .help = "write the process id there" },
  { .name = "pidfd-socket", .value = "PATH", .kind = OPTION_STRING, CREATE (pidfd_socket),
    .help = "socket that gets a pidfd of the process" },
  { .name = "preserve-fds", .value = "N", .kind = OPTION_COUNT, CREATE (preserve_fds),
    .help = "pass N more descriptors, from 3 on" },
  { .name = "no-pivot", .kind = OPTION_FLAG, CREATE (no_pivot),
    .help = "no pivot_root, for a root on a ramdisk" },
  { .name = "no-new-keyring", .kind = OPTION_FLAG, CREATE (no_new_keyring),
    .help = "keep the caller's session keyring" },
  { .name = "no-subreaper", .kind = OPTION_FLAG, CREATE (no_subreaper),
    .help = "do not adopt orphans (run in the foreground)" },
  { .name = "verify", .kind = OPTION_FLAG, CREATE (verify),
    .help = "compare all that the kernel shows with the config" },
  { 0 },
};
/* clang-format on */

static struct create_values given;

int create_options_from(const struct call *call, const struct create_values *values,
                        struct hull_create_options *options, struct hull_error *error)
{
  *options = (struct hull_create_options){ .size = sizeof *options,
                                           .bundle = values->bundle,
                                           .config = values->config,
                                           .console_socket = values->console_socket,
                                           .console_fd = -1,
                                           .pid_file = values->pid_file,
                                           .pidfd_socket = values->pidfd_socket,
                                           .preserve_fds = values->preserve_fds,
                                           .listen_fds = call->listen_fds,
                                           .no_pivot = values->no_pivot,
                                           .no_new_keyring = values->no_new_keyring,
                                           .detach = values->detach,
                                           .verify = values->verify };
  const char **const paths[] = { &options->bundle, &options->console_socket, &options->pid_file,
                                 &options->pidfd_socket };
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    if (call_absolute(call, paths[i], error) < 0)
      return -1;
  return 0;
}

static int run(const struct call *call, struct hull_error *error)
{
  struct hull_create_options options;
  log_set_container(call->args[0]);
  given.detach = true; /* whoever calls start will not wait here */
  if (create_options_from(call, &given, &options, error) < 0)
    return -1;
  struct hull *hull = call_open(call, error);
  struct hull_process process = { .pidfd = -1 };
  return hull ? hull_create(hull, call->args[0], &options, &process, error) : -1;
}

const struct command create_command = {
  .name = "create",
  .arguments = "ID",
  .summary = "make a container; its process waits for 'hull start'",
  .brief = "make it; start runs it",
  .group = GROUP_CONTAINERS,
  .options = create_option_rows,
  .values = &given,
  .preserve_fds = &given.preserve_fds,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
