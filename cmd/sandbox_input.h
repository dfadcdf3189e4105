/* SPDX-License-Identifier: Apache-2.0
 * The options of `hull sandbox`: from words to wishes, with one error for whatever can't be meant. */
#pragma once
#include "cmd/command.h"
#include "spec/sandbox.h"

struct sandbox_values {
  struct strings paths; /* "ro" or "rw" or "tmpfs", then the value, by turns */
  struct strings env;
  const char *memory, *cpus, *pids, *timeout, *user, *seccomp, *report;
  long network; /* enum sandbox_network */
  bool overlay, print_config;
};
enum sandbox_network { SANDBOX_NO_NETWORK, SANDBOX_HOST_NETWORK };

/* Looks at the host: paths, the environment, the current directory, the profile. 'timeout_ns' 0: none. */
int sandbox_read(struct arena *arena, char *const *args, const struct sandbox_values *values,
                 struct sandbox_wishes *wishes, uint64_t *timeout_ns, struct error *err);

/* Pure. "2", "0.5": at least a hundredth, at most 65536. */
int sandbox_parse_cpus(const char *s, double *cpus, struct error *err);
/* Pure. "30s", "1m30s", "2.5s", or whole seconds as timeout(1) takes them; above 0. */
int sandbox_parse_timeout(const char *s, uint64_t *ns, struct error *err);
