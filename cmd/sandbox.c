/* SPDX-License-Identifier: Apache-2.0
 * `hull sandbox`: runs one command in a container that is made from the options alone. */
#include "cmd/foreground.h"
#include "cmd/print.h"
#include "cmd/sandbox_input.h"
#include "cmd/sandbox_report.h"
#include "libcontainer/base/log.h"
#include "spec/encode.h"
#include "spec/types.h"
#include <time.h>

#define STATUS_TIMED_OUT 124 /* as timeout(1) */
#define STATUS_FAILED 125    /* ours, not the command's */

static struct sandbox_values given;
static const unsigned no_fds;

static const struct name networks[] = {
  { "none", SANDBOX_NO_NETWORK },
  { "host", SANDBOX_HOST_NETWORK },
  { 0 },
};

/* clang-format off */
#define SANDBOX(member) OPTION_AT (struct sandbox_values, member)
static const struct option_row options[] = {
  { .name = "ro", .value = "PATH", .kind = OPTION_ORDERED, SANDBOX (paths),
    .help = "show PATH, or SRC:DST, read-only" },
  { .name = "rw", .value = "PATH", .kind = OPTION_ORDERED, SANDBOX (paths),
    .help = "let PATH, or SRC:DST, be written" },
  { .name = "tmpfs", .value = "PATH", .kind = OPTION_ORDERED, SANDBOX (paths),
    .help = "an empty directory in memory there" },
  { .name = "overlay", .kind = OPTION_FLAG, SANDBOX (overlay),
    .help = "let what is read-only be written; the changes are thrown away" },
  { .name = "memory", .value = "SIZE", .kind = OPTION_STRING, SANDBOX (memory),
    .help = "limit of memory, e.g. 1G" },
  { .name = "cpus", .value = "N", .kind = OPTION_STRING, SANDBOX (cpus),
    .help = "limit of processor time, e.g. 2 or 0.5" },
  { .name = "pids", .value = "N", .kind = OPTION_STRING, SANDBOX (pids),
    .help = "limit of processes" },
  { .name = "timeout", .value = "TIME", .kind = OPTION_STRING, SANDBOX (timeout),
    .help = "kill all of it after TIME, e.g. 30s; status 124" },
  { .name = "net", .value = "none|host", .kind = OPTION_CHOICE, .choices = networks, SANDBOX (network),
    .help = "network: none (default), or the host's" },
  { .name = "user", .letter = 'u', .value = "USER[:GROUP]", .kind = OPTION_STRING, SANDBOX (user),
    .help = "who the command is (default: the caller)" },
  { .name = "env", .letter = 'e', .value = "NAME[=VALUE]", .kind = OPTION_LIST, SANDBOX (env),
    .help = "pass a variable on, or set it" },
  { .name = "seccomp", .value = "PROFILE", .kind = OPTION_STRING, SANDBOX (seccomp),
    .help = "default, none, or a file with linux.seccomp" },
  { .name = "report", .value = "FILE", .kind = OPTION_STRING, SANDBOX (report),
    .help = "write what became of it as JSON" },
  { .name = "print-config", .kind = OPTION_FLAG, SANDBOX (print_config),
    .help = "print it as config.json would be; run nothing" },
  { 0 },
};
/* clang-format on */

static uint64_t now_ns(void)
{
  struct timespec t = { 0 };
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int print_config(const struct call *call, const struct spec *spec, struct error *err)
{
  struct text out;
  text_init(&out, call->arena);
  encode(&config_type, spec, ENCODE_PRETTY, &out);
  return print(text_string(&out), err);
}

/* Without limits there is nothing that a cgroup would do but count, for the report: then it need not be. */
static struct hull *open_hull(const struct call *call, bool limits, struct hull_error *error)
{
  struct globals globals = *call->globals;
  struct call adapted = *call;
  adapted.globals = &globals;
  if (!limits && given.report)
    globals.rootless = HULL_ROOTLESS_YES;
  else if (!limits)
    globals.cgroup_manager = HULL_NO_CGROUPS;
  return call_open(&adapted, error);
}

static int start(struct hull *hull, const struct spec *spec, struct foreground *foreground,
                 struct hull_process *process, struct hull_sandbox **sandbox,
                 struct hull_seccomp_report **denials, struct hull_error *error)
{
  if (foreground_begin(foreground, FOREGROUND_PLAIN, error_inside(error)) < 0)
    return -1;
  const struct hull_sandbox_options wanted = { .size = sizeof options,
                                               .config = spec,
                                               .use_console_fd = true,
                                               .console_fd = foreground->receiver,
                                               .console_rows = foreground->rows,
                                               .console_columns = foreground->columns,
                                               .measure = given.report != NULL,
                                               .seccomp_report = given.report ? denials : NULL };
  *sandbox = hull_sandbox_start(hull, &wanted, process, error);
  return *sandbox ? 0 : -1;
}

static void tell(const struct sandbox_outcome *outcome)
{
  const struct hull_sandbox_usage *usage = &outcome->usage;
  if (outcome->timed_out)
    log_warning("timed out after %s: everything in the sandbox was killed", given.timeout);
  if (usage->oom_kills > 0)
    log_warning("the memory limit was reached: the kernel killed %llu of the processes (see --memory)",
                (unsigned long long)usage->oom_kills);
  if (usage->pids_refused > 0)
    log_warning("the limit of processes was reached: fork failed %llu times (see --pids)",
                (unsigned long long)usage->pids_refused);
}

static int wait_for_end(struct foreground *foreground, struct hull_process *process, uint64_t timeout_ns,
                        struct hull_sandbox *sandbox, struct sandbox_outcome *outcome,
                        struct hull_error *error)
{
  struct hull_error ignored;
  foreground->timeout_ns = timeout_ns;
  outcome->status = foreground_wait(foreground, process, error_inside(error));
  outcome->wall_ns = now_ns() - outcome->wall_ns;
  outcome->timed_out = foreground->timed_out;
  outcome->signal = foreground->signal;
  if (hull_sandbox_end(sandbox, &outcome->usage, outcome->status < 0 ? &ignored : error) < 0
      || outcome->status < 0)
    return -1;
  if (outcome->timed_out)
    outcome->status = STATUS_TIMED_OUT;
  return 0;
}

static int write_report(const struct call *call, struct report_file *file, struct sandbox_outcome *outcome,
                        struct hull_seccomp_report *denials, struct error *err)
{
  struct text text;
  text_init(&text, call->arena);
  if (!file->path)
    return outcome->status;
  char *denied = denials ? hull_seccomp_report_read(denials, true) : NULL;
  outcome->denied = denied;
  report_text(outcome, &text);
  hull_free(denied);
  return report_write(file, &text, err) < 0 ? -1 : outcome->status;
}

static int run_sandbox(const struct call *call, struct hull *hull, const struct spec *spec,
                       uint64_t timeout_ns, struct report_file *report, struct hull_error *error)
{
  struct foreground foreground;
  struct hull_process process = { .pidfd = -1 };
  struct hull_sandbox *sandbox = NULL;
  struct hull_seccomp_report *denials = NULL;
  struct sandbox_outcome outcome = { .args = call->args, .wall_ns = now_ns() };
  int status = -1;
  if (start(hull, spec, &foreground, &process, &sandbox, &denials, error) == 0
      && wait_for_end(&foreground, &process, timeout_ns, sandbox, &outcome, error) == 0) {
    tell(&outcome);
    status = write_report(call, report, &outcome, denials, error_inside(error));
  }
  hull_seccomp_report_close(denials);
  return status;
}

static int run(const struct call *call, struct hull_error *error)
{
  struct sandbox_wishes wishes;
  static struct spec spec; /* static: for leak checkers it is in use to the end */
  struct report_file report;
  uint64_t timeout_ns;
  struct error *err = error_inside(error);
  if (sandbox_read(call->arena, call->args, &given, &wishes, &timeout_ns, err) < 0)
    return -1;
  sandbox_spec(call->arena, &wishes, &spec);
  if (given.print_config)
    return print_config(call, &spec, err);
  if (report_open(call->arena, given.report, &report, err) < 0)
    return -1;
  struct hull *hull = open_hull(call, spec.linux_->resources != NULL, error);
  const int status = hull ? run_sandbox(call, hull, &spec, timeout_ns, &report, error) : -1;
  if (status < 0)
    report_abandon(&report);
  return status;
}

const struct command sandbox_command = {
  .name = "sandbox",
  .arguments = "[--] COMMAND [ARG...]",
  .summary = "run a command on the host's files, closed in, without a bundle",
  .brief = "run a command, closed in",
  .group = GROUP_CONTAINERS,
  .options = options,
  .values = &given,
  .preserve_fds = &no_fds,
  .options_end = OPTIONS_BEFORE,
  .min_args = 1,
  .max_args = ~0u,
  .error_status = STATUS_FAILED,
  .run = run,
};
