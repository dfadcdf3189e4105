/* SPDX-License-Identifier: Apache-2.0
 * exec: one more process in a running container, on the steps and messages of create. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/words.h"
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/seccomp_report.h"
#include "libcontainer/runtime/status.h"
#include "libcontainer/runtime/steps.h"
#include "spec/decode.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct exec_launch {
  struct launch l; /* first: the steps of create take it as their context */
  const struct hull_exec_options *options;
};

static int check_status(struct exec_launch *e, struct error *err)
{
  switch (container_status(&e->l.dir, &e->l.state)) {
  case STATUS_CREATED:
  case STATUS_RUNNING:
    return 0;
  case STATUS_PAUSED:
    if (e->options->ignore_paused)
      return 0;
    return error_set(err, ERROR_STATE, 0,
                     "cannot exec in a paused container (use --ignore-paused to override)");
  case STATUS_CREATING:
    return error_set(err, ERROR_STATE, 0, "cannot exec in a container that is still being created");
  case STATUS_STOPPED:
    break;
  }
  return error_set(err, ERROR_STATE, 0, "cannot exec in a stopped container: " WORDS_NOT_RUNNING);
}

/* "UID[:GID]", nothing else: half a match must not become root (CVE-2026-30892). */
static int parse_user(struct arena *arena, const char *text, struct user *user, struct error *err)
{
  uint32_t uid, gid = 0;
  size_t count;
  char **part = text_split(arena, text, ':', &count);
  const bool valid = count >= 1 && count <= 2 && parse_id(part[0], &uid) == 0
                     && (count == 1 || parse_id(part[1], &gid) == 0);
  if (!valid)
    return error_set(err, ERROR_USAGE, 0, "--user '%s': expected UID or UID:GID, numbers up to 4294967294",
                     text);
  user->uid = (struct opt_u64){ true, uid };
  user->gid = (struct opt_u64){ true, count == 2 ? gid : user->gid.value };
  return 0;
}

static void add_capability(struct arena *arena, struct strings *set, const char *name)
{
  char **slot = vec_push(arena, set);
  *slot = arena_strdup(arena, name);
}

/* As runc: into bounding, effective and permitted; into ambient only if the container has inheritable
 * ones. */
static void add_capabilities(struct arena *arena, struct process *process, char *const *names)
{
  if (names == NULL || names[0] == NULL)
    return;
  struct capabilities *caps = arena_alloc(arena, sizeof *caps);
  if (process->capabilities != NULL)
    *caps = *process->capabilities;
  process->capabilities = caps;
  struct strings *const sets[] = { &caps->bounding, &caps->effective, &caps->permitted };
  for (; *names != NULL; names++) {
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
      add_capability(arena, sets[i], *names);
    if (caps->inheritable.count > 0)
      add_capability(arena, &caps->ambient, *names);
  }
}

/* The container's own process, changed by the options. */
static int process_of_options(struct exec_launch *e, struct process *process, struct error *err)
{
  const struct hull_exec_options *o = e->options;
  struct arena *arena = e->l.arena;
  if (e->l.spec.process != NULL)
    *process = *e->l.spec.process;
  struct user *user = arena_alloc(arena, sizeof *user);
  if (process->user != NULL)
    *user = *process->user;
  process->user = user;
  process->terminal = (struct opt_bool){ true, o->tty };
  process->args = (struct strings){ 0 };
  for (char *const *arg = o->args; arg != NULL && *arg != NULL; arg++)
    *(char **)vec_push(arena, &process->args) = *arg;
  if (process->args.count == 0)
    return error_set(err, ERROR_USAGE, 0, "no command given for exec");
  struct strings env = { 0 };
  char **old;
  vec_each (&process->env, old)
    *(char **)vec_push(arena, &env) = *old;
  for (char *const *add = o->env; add != NULL && *add != NULL; add++)
    *(char **)vec_push(arena, &env) = *add;
  process->env = env;
  if (o->cwd != NULL)
    process->cwd = arena_strdup(arena, o->cwd);
  if (process->cwd == NULL)
    process->cwd = arena_strdup(arena, "/");
  if (process->cwd[0] != '/')
    return error_set(err, ERROR_USAGE, 0, "--cwd '%s': expected an absolute path", process->cwd);
  if (o->user != NULL && parse_user(arena, o->user, user, err) < 0)
    return -1;
  VEC(uint64_t) gids = { NULL, 0, 0 };
  for (size_t i = 0; i < user->additional_gids.count; i++)
    *(uint64_t *)vec_push(arena, &gids) = user->additional_gids.items[i];
  for (size_t i = 0; i < o->additional_gid_count; i++)
    *(uint64_t *)vec_push(arena, &gids) = o->additional_gids[i];
  memcpy(&user->additional_gids, &gids, sizeof gids);
  add_capabilities(arena, process, o->capabilities);
  if (o->apparmor_profile)
    process->apparmor_profile = arena_strdup(arena, o->apparmor_profile);
  if (o->selinux_label)
    process->selinux_label = arena_strdup(arena, o->selinux_label);
  if (o->no_new_privs)
    process->no_new_privileges = (struct opt_bool){ true, true };
  return 0;
}

static int process_of_file(struct exec_launch *e, struct process *process, struct error *err)
{
  size_t length;
  const char *path = e->options->process_file;
  const char *bytes = file_read(e->l.arena, AT_FDCWD, path, CONFIG_MAX_BYTES, &length, err);
  if (bytes == NULL)
    return error_wrap(err, "cannot read the process file");
  if (decode_process(e->l.arena, process, bytes, length, path, err) < 0)
    return -1;
  if (e->options->tty)
    process->terminal = (struct opt_bool){ true, true };
  return 0;
}

static int load_container(struct exec_launch *e, struct error *err)
{
  struct launch *l = &e->l;
  if (state_load(l->hull, l->id, l->arena, &l->dir, &l->state, err) < 0 || check_status(e, err) < 0)
    return -1;
  l->config = file_read(l->arena, l->dir.fd, STATE_CONFIG, CONFIG_MAX_BYTES, &l->config_length, err);
  if (l->config == NULL)
    return -1;
  return decode_config(l->arena, &l->spec, l->config, l->config_length, STATE_CONFIG, err);
}

static int plan_exec(struct exec_launch *e, struct error *err)
{
  struct launch *l = &e->l;
  const struct hull_exec_options *o = e->options;
  struct process *process = arena_alloc(l->arena, sizeof *process);
  const int read =
      o->process_file != NULL ? process_of_file(e, process, err) : process_of_options(e, process, err);
  if (read < 0)
    return -1;
  l->request = (struct request){
    .id = l->id,
    .bundle = l->state.bundle,
    .manager = l->hull->manager,
    .rootless = l->hull->rootless,
    .has_console_receiver = o->console_socket != NULL || o->use_console_fd,
    .detach = o->detach,
    .preserve_fds = o->preserve_fds,
    .listen_fds = o->listen_fds,
  };
  if (facts_probe_process(l->arena, &l->facts, err) < 0 || facts_check_kernel(&l->facts, err) < 0)
    return -1;
  return plan_process(l->arena, &l->spec, process, &l->request, &l->facts, &l->plan, err);
}

/* The pidfd first, then the start time: a pid that was reused in between is seen. */
static int open_target(void *context, struct error *err)
{
  struct launch *l = context;
  l->init.target_pidfd = sys_pidfd_open(l->state.pid, 0);
  if (l->init.target_pidfd < 0 || !proc_is(l->state.pid, l->state.start_time))
    return error_set(err, ERROR_STATE, 0, WORDS_NOT_RUNNING);
  l->init.target_namespaces = l->state.namespaces;
  return 0;
}

static bool has_cgroup(const void *context)
{
  const struct launch *l = context;
  return l->state.cgroup.manager != CGROUP_DISABLED && l->state.cgroup.path != NULL;
}

static int open_cgroup_of_init(struct launch *l, struct cgroup *cgroup, struct error *err)
{
  const char *path = cgroup_path_of(l->arena, l->state.pid, err);
  return path == NULL ? -1 : cgroup_open_path(&l->layout, path, cgroup, err);
}

/* Removed, after all processes had moved out of it. One that is there now but another is none of ours. */
static bool is_gone(const struct launch *l)
{
  struct error trouble = { 0 };
  struct cgroup other = CGROUP_INIT;
  if (cgroup_open_path(&l->layout, l->state.cgroup.path, &other, &trouble) < 0)
    return trouble.errnum == ENOENT;
  cgroup_close(&other);
  return false;
}

/* Where the container's processes are, if that is below its cgroup. */
static int go_below(const struct launch *l, struct cgroup *container, struct error *err)
{
  struct cgroup place = CGROUP_INIT;
  if (l->state.cgroup.subgroup == NULL)
    return 0;
  const int result = cgroup_open_sub(container, l->state.cgroup.subgroup, &place, err);
  cgroup_close(container);
  *container = place;
  return result;
}

/* The container's cgroup; where it is gone, or processes may not be put into it any more (controllers given
 * to children), that of init, as runc does. '--cgroup' asks for one below, and then there is no other. */
static int open_cgroup(void *context, struct error *err)
{
  struct exec_launch *e = context;
  struct launch *l = &e->l;
  struct cgroup container = CGROUP_INIT;
  if (cgroup_find(&l->layout, err) < 0)
    return -1;
  if (cgroup_open(&l->layout, &l->state.cgroup, &container, err) < 0) {
    if (err->errnum != ENOENT || e->options->cgroup != NULL || !is_gone(l))
      return -1;
    error_clear(err);
    if (open_cgroup_of_init(l, &container, err) < 0)
      return -1;
    count_before(l, &container, &l->container);
  } else {
    count_before(l, &container, &l->container);
    if (go_below(l, &container, err) < 0)
      return -1;
  }
  if (e->options->cgroup == NULL) {
    l->cgroup = container;
    l->before = l->container;
    return 0;
  }
  const int result = cgroup_open_sub(&container, e->options->cgroup, &l->cgroup, err);
  if (result == 0)
    count_before(l, &l->cgroup, &l->before);
  cgroup_close(&container);
  return result < 0 ? error_wrap(err, "--cgroup '%s'", e->options->cgroup) : 0;
}

static int spawn_in_container(void *context, struct error *err)
{
  struct exec_launch *e = context;
  struct launch *l = &e->l;
  if (spawn(l, err) == 0)
    return 0;
  /* EBUSY: controllers are given to its children; ENODEV: it was removed just now. */
  if ((err->errnum != EBUSY && err->errnum != ENODEV) || e->options->cgroup != NULL || l->cgroup.fd < 0)
    return -1;
  error_clear(err);
  struct cgroup of_init = CGROUP_INIT;
  if (open_cgroup_of_init(l, &of_init, err) < 0)
    return -1;
  cgroup_close(&l->cgroup);
  l->cgroup = of_init;
  fd_close(&l->sync_runtime);
  fd_close(&l->init.sync);
  return spawn(l, err);
}

static int read_filter(void *context, struct error *err)
{
  struct launch *l = context;
  if (seccomp_program_read(l->arena, l->dir.fd, STATE_FILTER, &l->filter, err) < 0)
    return -1;
  l->init.filter = &l->filter;
  return l->seccomp_report != NULL ? seccomp_report_start(l, err) : 0;
}

/* Of one that forks into a pid namespace first, adopt() sets it. */
static bool has_oom_score(const void *context)
{
  const struct launch *l = context;
  return l->plan.process.set_oom_score_adj && (l->state.namespaces & CLONE_NEWPID) == 0;
}

static bool enters_rdt_groups(const void *context)
{
  const struct launch *l = context;
  return in_rdt_groups(l) && (l->state.namespaces & CLONE_NEWPID) == 0; /* else adopt() does it */
}

static bool notifies(const void *context)
{
  const struct launch *l = context;
  return has_seccomp(context) && l->filter.notify;
}

static bool has_initial_cpus(const void *context)
{
  const struct launch *l = context;
  return l->plan.process.initial_cpus != NULL;
}

static int use_initial_cpus(void *context, struct error *err)
{
  struct launch *l = context;
  if (syscall(SYS_sched_setaffinity, 0, PLAN_CPUS / 8, l->plan.process.initial_cpus) == 0)
    return 0;
  error_set(err, ERROR_HOST, errno, "cannot run on the CPUs asked for%s",
            errno == EINVAL ? ": the host, or hull's own cpuset, has none of them" : "");
  return error_at(err, "/process/execCPUAffinity/initial");
}

/* clang-format off */
const struct runtime_step exec_steps[] = {
  { "open-target", NULL, open_target, release_acquired, "first: all else concerns exactly this process" },
  { "prepare-labels", has_labels, prepare_labels, NULL, "as at create" },
  { "open-cgroup", has_cgroup, open_cgroup, NULL, "before the clone, which starts in it" },
  { "read-filter", has_seccomp, read_filter, NULL, "before the clone: init finds the bytes in its memory" },
  { "seccomp-agent", notifies, connect_seccomp_agent, release_acquired, "as at create: the process has a listener of its own" },
  { "console-socket", has_terminal, acquire_console, release_acquired, "before the clone: the process sends the terminal itself" },
  { "initial-cpus", has_initial_cpus, use_initial_cpus, NULL, "the process inherits them from us: it runs there until it is in the container's cgroup" },
  { "spawn", NULL, spawn_in_container, kill_spawned, "everything is open" },
  { "oom-score", has_oom_score, set_oom_score, NULL, "from outside, as soon as there is a process" },
  { "enter-rdt-groups", enters_rdt_groups, enter_rdt_groups, NULL, "as the container's first process, which it does not descend from" },
  { "await-exec", NULL, await_exec, NULL, "a process that can't be executed is an error of exec" },
  { "write-pid-file", wants_pid_file, write_pid_file, remove_pid_file, "after success: its absence means failure to conmon" },
  { "send-pidfd", wants_pidfd, send_pidfd, NULL, "with the pid file" },
  { NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */

int container_exec(struct hull *hull, const char *id, const struct hull_exec_options *options,
                   struct hull_process *process, struct error *err)
{
  struct exec_launch e = { .options = options };
  struct launch *l = &e.l;
  launch_init(l, hull, id);
  l->exec = true;
  l->start = true;
  l->wishes.console_socket = options->console_socket;
  l->wishes.console_fd = options->use_console_fd ? options->console_fd : -1;
  l->wishes.rows = options->console_rows;
  l->wishes.columns = options->console_columns;
  l->wishes.pid_file = options->pid_file;
  l->wishes.pidfd_socket = options->pidfd_socket;
  l->seccomp_report = options->seccomp_report;
  int result = load_container(&e, err);
  if (result == 0)
    result = plan_exec(&e, err);
  if (result == 0 && (result = runtime_run(exec_steps, &e, err)) < 0)
    explain_failure(l, err);
  if (result == 0 && process != NULL) {
    process->pid = l->pid;
    process->pidfd = take_fd(&l->pidfd);
    process->oom_kills = l->container.oom_kills;
    process->oom_kills_above = l->container.oom_kills_above;
    process->pids_refused = l->container.pids_refused;
  }
  launch_release(l);
  if (result < 0 && err->exit_status == 0)
    err->exit_status = EXIT_EXEC_FAILED;
  return result < 0 ? error_wrap(err, "cannot exec in container '%s'", id) : 0;
}
