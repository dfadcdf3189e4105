/* SPDX-License-Identifier: Apache-2.0
 * create and run: decode, probe, plan, then the table in create_steps.c. */
#include "libcontainer/runtime/create.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/trace.h"
#include "libcontainer/runtime/hooks.h"
#include "libcontainer/runtime/prepare.h"
#include "libcontainer/runtime/steps.h"
#include "spec/annotations.h"
#include "spec/decode.h"
#include "spec/problem.h"
#include "spec/validate.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* All that is wrong at once, also what only the plan would have found. */
static int refuse_config(struct launch *l, struct problems *problems, struct error *err)
{
  plan_check(&l->spec, l->hull != NULL ? l->hull->manager : MANAGER_CGROUPFS, problems);
  problems_place(problems, l->config, l->config_length);
  return problems_to_error(problems, err);
}

int read_config(struct launch *l, const char *bundle, const char *name, struct error *err)
{
  const uint64_t start = trace_now();
  const char *file = name != NULL ? name : "config.json";
  const char *path = path_absolute(l->arena, bundle, file);
  l->config = file_read(l->arena, AT_FDCWD, path, CONFIG_MAX_BYTES, &l->config_length, err);
  if (l->config == NULL)
    return error_wrap(err, "cannot read the config of bundle '%s'", bundle);
  struct problems problems = { .arena = l->arena, .document = path_base(path) };
  if (decode_config_report(&l->spec, l->config, l->config_length, &problems, NULL) < 0)
    return refuse_config(l, &problems, err);
  problems_keep_warnings(&problems, &l->spec.warnings);
  if (trace_on())
    trace_span("runtime", "stage", "decode", start);
  return 0;
}

static const char *absolute_bundle(struct arena *arena, const char *bundle, struct error *err)
{
  char cwd[4096];
  if (bundle != NULL && bundle[0] == '/')
    return path_clean(arena, bundle);
  if (getcwd(cwd, sizeof cwd) == NULL) {
    error_set(err, ERROR_USAGE, errno, "cannot read the current directory");
    return NULL;
  }
  return path_absolute(arena, cwd, bundle != NULL ? bundle : ".");
}

int plan_launch(struct launch *l, const struct hull_create_options *options, const char *bundle,
                const char *facts, struct error *err)
{
  l->request = (struct request){
    .id = l->id,
    .bundle = bundle,
    .config = l->config,
    .config_length = l->config_length,
    .manager = l->hull->manager,
    .rootless = l->hull->rootless,
    .no_pivot = options->no_pivot,
    .no_new_keyring = options->no_new_keyring,
    .has_console_receiver = options->console_socket != NULL || options->use_console_fd,
    .detach = options->detach,
    .verify = options->verify,
    .preserve_fds = options->preserve_fds,
    .listen_fds = options->listen_fds,
  };
  if (l->hull->notify_socket != NULL && l->hull->root != NULL
      && !l->transient) /* without a root, claiming the id fails */
    l->request.notify_dir = path_join(l->arena, path_join(l->arena, l->hull->root, l->id), STATE_NOTIFY);
  uint64_t start = trace_now();
  const int probed = facts != NULL ? facts_from_json(l->arena, facts, strlen(facts), &l->facts, err)
                                   : facts_probe(l->arena, &l->request, &l->spec, &l->facts, err);
  if (probed < 0 || facts_check_kernel(&l->facts, err) < 0)
    return -1;
  if (trace_on())
    trace_span("runtime", "stage", "probe", start);
  start = trace_now();
  if (plan_container(l->arena, &l->spec, &l->request, &l->facts, &l->plan, err) < 0)
    return -1;
  if (trace_on())
    trace_span("runtime", "stage", "plan", start);
  return 0;
}

int make_plan(struct launch *l, const struct hull_create_options *options, const char *facts,
              struct error *err)
{
  const char *bundle = absolute_bundle(l->arena, options->bundle, err);
  if (bundle == NULL || read_config(l, bundle, options->config, err) < 0)
    return -1;
  return plan_launch(l, options, bundle, facts, err);
}

static uint64_t joinable_namespaces(const struct plan *plan)
{
  uint64_t result = 0;
  for (int i = 0; i < NS_COUNT; i++)
    if (plan->namespaces[i].how != NS_KEEP)
      result |= namespace_clone_flags[i];
  return result;
}

void begin_state(struct launch *l)
{
  const struct plan *plan = &l->plan;
  l->state = (struct container_state){
    .oci_version = l->spec.oci_version,
    .id = l->id,
    .bundle = plan->bundle,
    .rootfs = plan->rootfs,
    .created = state_now(l->arena),
    .cgroup.manager = CGROUP_DISABLED,
    .namespaces = joinable_namespaces(plan),
    .user_namespace = plan->namespaces[NS_USER].how != NS_KEEP,
    .has_poststart = plan->hooks->poststart.count > 0,
    .has_poststop = plan->hooks->poststop.count > 0,
    .owner = geteuid(),
  };
  if (plan->annotations->count > 0)
    l->state.annotations = *plan->annotations;
}

static void log_warnings(const struct plan *plan)
{
  char **warning;
  vec_each (&plan->warnings, warning)
    log_warning("%s", *warning);
}

/* Without the lock when we wait ourselves: whoever wants to stop a container that is never ready must be able
 * to. */
static void wait_until_ready(struct launch *l, bool detach)
{
  auto_close int pidfd = fcntl(l->pidfd, F_DUPFD_CLOEXEC, 3);
  struct notify notify = l->notify;
  if (notify.socket < 0)
    return;
  l->notify = (struct notify)NOTIFY_INIT;
  if (!detach) {
    notify_wait_beside(&notify, &l->state, pidfd, &l->hull->notifier);
    return;
  }
  state_dir_close(&l->dir);
  notify_wait(&notify, &l->state, pidfd);
}

int container_create(struct hull *hull, const char *id, const struct hull_create_options *options, bool start,
                     struct hull_process *process, struct error *err)
{
  struct launch l;
  if (validate_id(id, err) < 0)
    return -1;
  launch_init(&l, hull, id);
  l.start = start;
  l.wishes.console_socket = options->console_socket;
  l.wishes.console_fd = options->use_console_fd ? options->console_fd : -1;
  l.wishes.rows = options->console_rows;
  l.wishes.columns = options->console_columns;
  l.wishes.pid_file = options->pid_file;
  l.wishes.pidfd_socket = options->pidfd_socket;
  l.seccomp_report = options->seccomp_report;
  int result = make_plan(&l, options, NULL, err);
  if (result == 0) {
    if (!l.wishes.pidfd_socket)
      l.wishes.pidfd_socket = annotation_value(l.plan.annotations, ANNOTATION_PIDFD_RECEIVER);
    begin_state(&l);
    result = runtime_run(create_steps, &l, err);
    if (result < 0) {
      explain_failure(&l, err);
      tell_lost_net_device(&l, err);
    }
    /* runtime.md, "Lifecycle": from 5 to 10 a failing hook leads to 12 and 13. Init tells nobody that it
     * begins with its own. */
    if (result < 0 && (l.existed || strcmp(err->step, "create-container-hooks") == 0))
      hooks_poststop(&l.plan.hooks->poststop, &l.state);
  }
  if (result == 0) {
    log_warnings(&l.plan); /* not before: podman takes the log of a failed create for one object, the error */
    wait_until_ready(&l, options->detach);
    if (process != NULL)
      *process = (struct hull_process){ .pid = l.pid,
                                        .pidfd = take_fd(&l.pidfd),
                                        .oom_kills = l.before.oom_kills,
                                        .oom_kills_above = l.before.oom_kills_above,
                                        .pids_refused = l.before.pids_refused };
  }
  launch_release(&l);
  return result < 0 ? error_wrap(err, "cannot create container '%s'", id) : 0;
}
