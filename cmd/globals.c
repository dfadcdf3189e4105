/* SPDX-License-Identifier: Apache-2.0
 * The options before the command, and what commands do with them. */
#include "cmd/command.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const struct name log_formats[] = { { "text", LOG_TEXT }, { "json", LOG_JSON }, { 0 } };
static const struct name log_levels[] = {
  { "error", LOG_ERROR },
  { "warning", LOG_WARNING },
  { "debug", LOG_DEBUG },
  { 0 },
};
static const struct name cgroup_managers[] = {
  { "cgroupfs", HULL_CGROUPFS },
  { "systemd", HULL_SYSTEMD },
  { "disabled", HULL_NO_CGROUPS },
  { 0 },
};
static const struct name rootless_choices[] = {
  { "true", HULL_ROOTLESS_YES },
  { "false", HULL_ROOTLESS_NO },
  { "auto", HULL_ROOTLESS_AUTO },
  { 0 },
};

/* clang-format off */
#define GLOBAL(member) OPTION_AT (struct globals, member)
const struct option_row global_options[] = {
  { .name = "root", .value = "DIR", .kind = OPTION_STRING, GLOBAL (root),
    .help = "where state is kept (default: /run/hull; for users, $XDG_RUNTIME_DIR/hull)" },
  { .name = "log", .value = "FILE", .kind = OPTION_STRING, GLOBAL (log),
    .help = "append the log to FILE instead of standard error" },
  { .name = "log-format", .value = "text|json", .kind = OPTION_CHOICE, .choices = log_formats,
    GLOBAL (log_format), .help = "form of log lines" },
  { .name = "log-level", .value = "error|warning|debug", .kind = OPTION_CHOICE, .choices = log_levels,
    GLOBAL (log_level), .help = "how much to log" },
  { .name = "debug", .kind = OPTION_FLAG, GLOBAL (debug), .help = "the same as --log-level debug" },
  { .name = "cgroup-manager", .value = "cgroupfs|systemd|disabled", .kind = OPTION_CHOICE,
    .choices = cgroup_managers, GLOBAL (cgroup_manager), .help = "who makes the cgroup" },
  { .name = "systemd-cgroup", .letter = 's', .kind = OPTION_FLAG, GLOBAL (systemd_cgroup),
    .help = "the same as --cgroup-manager systemd" },
  { .name = "rootless", .value = "true|false|auto", .kind = OPTION_CHOICE, .choices = rootless_choices,
    GLOBAL (rootless), .help = "go on without what only root may do" },
  { .name = "trace", .value = "FILE", .kind = OPTION_STRING, GLOBAL (trace),
    .help = "write a Chrome trace of every step (also: HULL_TRACE)" },
  { .name = "version", .letter = 'v', .other_letter = 'V', .kind = OPTION_FLAG, GLOBAL (version),
    .help = "show the version and what is built in" },
  { 0 },
};
/* clang-format on */

struct hull *call_open(const struct call *call, struct hull_error *error)
{
  const struct globals *g = call->globals;
  struct hull_options options = { .size = sizeof options,
                                  .root = g->root,
                                  .cgroup_manager = (enum hull_cgroup_manager)g->cgroup_manager,
                                  .rootless = (enum hull_rootless)g->rootless,
                                  .notify_socket = getenv("NOTIFY_SOCKET") };
  if (g->systemd_cgroup && g->cgroup_manager == HULL_NO_CGROUPS) {
    error_set(error_inside(error), ERROR_USAGE, 0,
              "'--systemd-cgroup' and '--cgroup-manager disabled' contradict each other");
    return NULL;
  }
  if (g->systemd_cgroup)
    options.cgroup_manager = HULL_SYSTEMD;
  if (g->root && !*g->root) {
    error_set(error_inside(error), ERROR_USAGE, 0, "option '--root' must not be empty");
    return NULL;
  }
  if (call_absolute(call, &options.root, error) < 0)
    return NULL;
  /* Security: ids are made and removed as directories there. */
  if (options.root && text_equal(options.root, "/")) {
    error_set(error_inside(error), ERROR_USAGE, 0, "option '--root' must not be '/'");
    return NULL;
  }
  static struct hull *volatile opened; /* for leak checkers it is in use to the end */
  opened = hull_open(&options, error);
  return opened;
}

int call_absolute(const struct call *call, const char **path, struct hull_error *error)
{
  if (!*path)
    return 0;
  char here[4096] = "/";
  if (**path != '/' && !getcwd(here, sizeof here))
    return error_set(error_inside(error), ERROR_HOST, errno, "cannot find the current directory for '%s'",
                     *path);
  *path = path_absolute(call->arena, here, *path);
  return 0;
}
