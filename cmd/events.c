/* SPDX-License-Identifier: Apache-2.0
 * `hull events`: statistics and OOM kills of one container, one JSON object a line, as runc prints them. */
#include "cmd/command.h"
#include "cmd/interval.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/log.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct {
  const char *interval;
  bool stats;
} given = { .interval = "5s" };
typedef __typeof__(given) events_values;

/* clang-format off */
static const struct option_row options[] = {
  { .name = "interval", .value = "DURATION", .kind = OPTION_STRING, OPTION_AT (events_values, interval),
    .help = "time between statistics (default: 5s)" },
  { .name = "stats", .kind = OPTION_FLAG, OPTION_AT (events_values, stats),
    .help = "print statistics once, then exit" },
  { 0 },
};
/* clang-format on */

/* At once: readers of a pipe wait for it. Keeps errno of a failure. */
static int print_line(void *data, const char *line)
{
  int *trouble = data;
  if (fd_write_all(STDOUT_FILENO, line, strlen(line)) < 0)
    *trouble = errno;
  return *trouble;
}

static int run(const struct call *call, struct hull_error *error)
{
  struct hull_events_options how = { .size = sizeof how, .once = given.stats, .output = STDOUT_FILENO };
  int trouble = 0;
  log_set_container(call->args[0]);
  if (interval_parse(given.interval, &how.interval_ns, error_inside(error)) < 0)
    return -1;
  struct hull *hull = call_open(call, error);
  if (!hull)
    return -1;
  (void)signal(SIGPIPE, SIG_IGN);
  if (hull_events(hull, call->args[0], &how, print_line, &trouble, error) < 0)
    return -1;
  if (trouble && trouble != EPIPE) /* nobody listens any more: that is an end, too */
    return error_set(error_inside(error), ERROR_KERNEL, trouble, "cannot write to standard output");
  return 0;
}

const struct command events_command = {
  .name = "events",
  .arguments = "ID",
  .summary = "print statistics and OOM kills as they come",
  .brief = "statistics, OOM kills",
  .group = GROUP_LOOK,
  .options = options,
  .values = &given,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
