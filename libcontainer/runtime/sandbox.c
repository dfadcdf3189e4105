/* SPDX-License-Identifier: Apache-2.0
 * A container without a state directory, for a caller that waits for it: nothing of it is on disk, and
 * nothing is left when it is over. Everything else is as in run. */
#include "libcontainer/runtime/sandbox.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/runtime/outcome.h"
#include "libcontainer/runtime/prepare.h"
#include "libcontainer/runtime/stats.h"
#include "libcontainer/runtime/steps.h"
#include "spec/decode.h"
#include "spec/validate.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct hull_sandbox {
  struct launch launch;
  struct first_process *first; /* shared with it */
};

static const char id_prefix[] = "sandbox-";

/* Of its cgroup, if it gets one: who makes it, and when, since boot. */
static const char *make_id(struct arena *arena)
{
  struct timespec now = { 0 };
  (void)clock_gettime(CLOCK_BOOTTIME, &now);
  return arena_printf(arena, "%s%d-%llu", id_prefix, (int)getpid(),
                      (unsigned long long)now.tv_sec * 1000u + (unsigned long long)now.tv_nsec / 1000000u);
}

bool sandbox_lives(const char *id)
{
  char number[24] = "", state;
  uint64_t pid, made_ms, started_ticks;
  const size_t prefix = sizeof id_prefix - 1, digits = strspn(id + strnlen(id, prefix), "0123456789");
  if (strncmp(id, id_prefix, prefix) != 0 || digits >= sizeof number || id[prefix + digits] != '-')
    return false;
  memcpy(number, id + prefix, digits);
  if (parse_u64(number, INT32_MAX, &pid) < 0
      || parse_u64(id + prefix + digits + 1, INT64_MAX / 1000, &made_ms) < 0 || pid == 0
      || proc_stat((pid_t)pid, &state, &started_ticks) < 0 || state == 'Z')
    return false;
  /* A process that has got the same number since then started later. */
  return started_ticks <= made_ms * (uint64_t)sysconf(_SC_CLK_TCK) / 1000;
}

static int validate(struct arena *arena, const struct spec *spec, struct error *err)
{
  struct problems problems = { .arena = arena, .document = "config" };
  validate_config(spec, &problems);
  return problems.errors > 0 ? problems_to_error(&problems, err) : 0;
}

static int begin(struct hull_sandbox *s, struct error *err)
{
  void *page = mmap(NULL, sizeof *s->first, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    return error_set(err, ERROR_KERNEL, errno, "cannot make memory to share with the first process");
  s->first = page;
  s->launch.init.first = page;
  return 0;
}

static void release(struct hull_sandbox *s)
{
  launch_release(&s->launch);
  if (s->first != NULL)
    (void)munmap(s->first, sizeof *s->first);
  free(s);
}

/* So that there are figures for what has no limit. Only root may enable controllers all the way down. */
static void add_controllers(struct launch *l)
{
  static const char *const counting[] = { "memory", "pids", "io" };
  struct settings *settings = &l->plan.cgroup.settings;
  char have[512], *const *name;
  const char *file =
      path_join(l->arena, l->facts.cgroup_mount != NULL ? l->facts.cgroup_mount : "/", "cgroup.controllers");
  if (l->plan.cgroup.path == NULL || l->facts.euid != 0
      || file_read_small(AT_FDCWD, file, have, sizeof have) < 0)
    return;
  for (size_t i = 0; i < sizeof counting / sizeof *counting; i++) {
    bool listed = !controllers_have(have, counting[i]);
    vec_each (&settings->controllers, name)
      listed |= strcmp(*name, counting[i]) == 0;
    if (!listed)
      *(char **)vec_push(l->arena, &settings->controllers) = arena_strdup(l->arena, counting[i]);
  }
}

static int start(struct launch *l, const struct hull_sandbox_options *options, struct error *err)
{
  const struct hull_create_options create = { .bundle = "/", .use_console_fd = options->use_console_fd };
  l->start = true;
  l->transient = true;
  l->seccomp_report = options->seccomp_report;
  l->spec = *options->config;
  l->wishes.console_fd = options->use_console_fd ? options->console_fd : -1;
  l->wishes.rows = options->console_rows;
  l->wishes.columns = options->console_columns;
  if (validate(l->arena, &l->spec, err) < 0 || plan_launch(l, &create, "/", NULL, err) < 0)
    return -1;
  if (options->measure)
    add_controllers(l);
  begin_state(l);
  if (runtime_run(create_steps, l, err) == 0)
    return 0;
  explain_failure(l, err);
  return -1;
}

struct hull_sandbox *sandbox_start(struct hull *hull, const struct hull_sandbox_options *options,
                                   struct hull_process *process, struct error *err)
{
  struct hull_sandbox *s = calloc(1, sizeof *s);
  if (s == NULL) {
    error_set(err, ERROR_HOST, ENOMEM, "cannot start a sandbox");
    return NULL;
  }
  launch_init(&s->launch, hull, make_id(&hull->arena));
  if (begin(s, err) < 0 || start(&s->launch, options, err) < 0) {
    release(s);
    return NULL;
  }
  char **warning;
  vec_each (&s->launch.plan.warnings, warning)
    log_warning("%s", *warning);
  *process = (struct hull_process){ .pid = s->launch.pid, .pidfd = take_fd(&s->launch.pidfd) };
  return s;
}

/* --- the end ---------------------------------------------------------------------------------------- */

static uint64_t nanoseconds(struct timeval t)
{
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

/* Of all that was waited for in the sandbox: its first process adopts every orphan, and the kernel reaps for
 * it at its end. */
static void use_rusage(struct hull_sandbox_usage *usage)
{
  struct rusage children;
  if (getrusage(RUSAGE_CHILDREN, &children) < 0)
    return;
  usage->user_ns = nanoseconds(children.ru_utime);
  usage->system_ns = nanoseconds(children.ru_stime);
  usage->largest_process = (uint64_t)children.ru_maxrss << 10;
  usage->read_bytes = (uint64_t)children.ru_inblock << 9;
  usage->write_bytes = (uint64_t)children.ru_oublock << 9;
}

static bool read_peak(const struct cgroup *cgroup, const char *file, uint64_t *value)
{
  char text[32];
  if (file_read_small(cgroup->fd, file, text, sizeof text) < 0)
    return false;
  text[strcspn(text, "\n")] = '\0';
  return parse_u64(text, UINT64_MAX, value) == 0;
}

static void use_cgroup(struct launch *l, struct hull_sandbox_usage *usage)
{
  struct cgroup_stats stats = { 0 };
  struct error ignored = { 0 }; /* what is not known is not told */
  const struct cgroup_io *io;
  usage->has_cgroup = true;
  if (cgroup_read_stats(l->arena, &l->cgroup, &stats, &ignored) < 0)
    return;
  usage->has_memory = stats.has_memory && stats.memory_peak > 0;
  usage->memory_peak = stats.memory_peak;
  usage->has_oom = stats.has_oom;
  usage->oom_kills = stats.oom_kill;
  usage->has_pids = stats.has_pids && read_peak(&l->cgroup, "pids.peak", &usage->pids_peak);
  if (usage->has_pids && usage->pids_peak > 0)
    usage->pids_peak--; /* the first process is ours */
  usage->pids_refused = stats.pids_refused;
  if (stats.io.count == 0)
    return;
  usage->has_io = true;
  usage->read_bytes = usage->write_bytes = 0;
  vec_each (&stats.io, io) {
    usage->read_bytes += io->read_bytes;
    usage->write_bytes += io->write_bytes;
  }
}

/* Who failed to wait for it leaves it to us. */
static void kill_first(pid_t pid)
{
  if (waitpid(pid, NULL, WNOHANG) != 0)
    return; /* ECHILD: it was waited for */
  (void)kill(pid, SIGKILL);
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    ;
}

int sandbox_end(struct hull_sandbox *s, struct hull_sandbox_usage *usage, struct error *err)
{
  struct launch *l = &s->launch;
  int result = 0;
  kill_first(l->pid);
  *usage = (struct hull_sandbox_usage){ .ended = s->first->ended, .status = s->first->status };
  use_rusage(usage);
  if (l->cgroup.fd >= 0) {
    use_cgroup(l, usage);
    result = cgroup_destroy(&l->layout, &l->state.cgroup, err);
  }
  release(s);
  return result;
}
