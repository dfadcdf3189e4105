/* SPDX-License-Identifier: Apache-2.0
 * The options that create and run share. */
#pragma once
#include "cmd/command.h"

struct create_values {
  const char *bundle, *config, *console_socket, *pid_file, *pidfd_socket;
  unsigned preserve_fds;
  bool no_pivot, no_new_keyring, no_subreaper, verify;
  bool detach, keep; /* run only */
  const char *seccomp_report;
};
/* Offsets are into struct create_values. */
extern const struct option_row create_option_rows[];

/* Options of the library from those of the command line, with absolute paths. */
int create_options_from(const struct call *call, const struct create_values *values,
                        struct hull_create_options *options, struct hull_error *error);
