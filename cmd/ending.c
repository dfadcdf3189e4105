/* SPDX-License-Identifier: Apache-2.0
 * What the exit status does not tell: the cgroup's counters and the signal in words. */
#include "cmd/ending.h"
#include "libcontainer/base/log.h"
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_BYTES 256

/* Signals that are how a limit speaks. */
static const struct {
  int number;
  const char *limit;
} limit_signals[] = {
  { SIGXCPU, "the CPU time of RLIMIT_CPU is used up" },
  { SIGXFSZ, "a file was to grow beyond RLIMIT_FSIZE" },
  { SIGSYS, "a seccomp filter forbids what it called" },
};

static const char *limit_of(int number)
{
  for (size_t i = 0; i < sizeof limit_signals / sizeof *limit_signals; i++)
    if (limit_signals[i].number == number)
      return limit_signals[i].limit;
  return NULL;
}

/* "was killed by signal 9 (SIGKILL)" or "ended with status 1". */
static void say_how(char *text, size_t size, int number, int status)
{
  const char *name = sigabbrev_np(number);
  if (number == 0)
    (void)snprintf(text, size, "the process ended with status %d", status);
  else if (name != NULL)
    (void)snprintf(text, size, "the process was killed by signal %d (SIG%s)", number, name);
  else
    (void)snprintf(text, size, "the process was killed by signal %d", number);
}

static void say_memory(char *text, size_t size, const struct hull_ending *ending)
{
  if (ending->oom_kills_above) {
    (void)snprintf(text, size,
                   "something in its slice was, and systemd has removed the cgroup that could tell");
    return;
  }
  if (ending->memory_limit == UINT64_MAX)
    (void)snprintf(text, size, "the memory limit is that of a cgroup above, or of the host");
  else
    (void)snprintf(text, size, "the memory limit is %" PRIu64 " bytes", ending->memory_limit);
  const size_t used = strlen(text);
  if (ending->memory_peak > 0)
    (void)snprintf(text + used, size - used, ", %" PRIu64 " were in use at the peak", ending->memory_peak);
}

void ending_log(struct hull *hull, const char *id, const struct hull_process *process,
                const struct foreground *foreground, int status)
{
  struct hull_ending ending = { .memory_limit = UINT64_MAX };
  struct hull_error ignored;
  char how[MESSAGE_BYTES / 2], why[MESSAGE_BYTES];
  const int number = foreground->signal;
  if (status <= 0 || !log_wants_ending())
    return;
  if (hull_ending(hull, id, process, &ending, &ignored) < 0)
    ending = (struct hull_ending){ .memory_limit = UINT64_MAX }; /* deleted meanwhile: the signal is known */
  say_how(how, sizeof how, number, status);
  if (ending.oom_kills > 0) {
    say_memory(why, sizeof why, &ending);
    if (number == SIGKILL && !ending.oom_kills_above)
      log_ending("oom", "the process was OOM-killed (signal %d): %s", number, why);
    else /* it may have been another one of the container */
      log_ending("oom", "%s (possibly OOM-killed): %s", how, why);
  } else if (limit_of(number) != NULL) {
    log_ending("limit", "%s: %s", how, limit_of(number));
  } else if (ending.pids_refused > 0) {
    log_ending("limit", "%s: fork was refused %" PRIu64 " times at the limit of %" PRIu64 " processes", how,
               ending.pids_refused, ending.pids_limit);
  } else if (number != 0) {
    log_ending("signal", "%s", how);
  }
}
