/* SPDX-License-Identifier: Apache-2.0
 * The public API: checks arguments, forwards to runtime/, and turns errors into the caller's form. */
#include "libcontainer/container.h"
#include "cgroups/cgroup.h"
#include "config.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/runtime_dir.h"
#include "libcontainer/base/text.h"
#include "libcontainer/init/step.h"
#include "libcontainer/plan/mount_options.h"
#include "libcontainer/runtime/gc.h"
#include "libcontainer/runtime/check.h"
#include "libcontainer/runtime/hints.h"
#include "libcontainer/runtime/list.h"
#include "libcontainer/runtime/notify.h"
#include "libcontainer/runtime/prepare.h"
#include "libcontainer/runtime/sandbox.h"
#include "libcontainer/runtime/self_seal.h"
#include "libcontainer/runtime/stats.h"
#include "libcontainer/runtime/steps.h"
#include "seccomp/seccomp.h"
#include "spec/features.h"
#include "spec/names.h"
#include "spec/validate.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct error) <= sizeof(struct hull_error), "an error fits into the public one");
/* Members were only ever added at the end: a caller built against an older header passes a smaller 'size'. */
#define COPY_OPTIONS(to, from)                                                                               \
  do {                                                                                                       \
    memset(&(to), 0, sizeof(to));                                                                            \
    if ((from) != NULL)                                                                                      \
      memcpy(&(to), (from), (from)->size < sizeof(to) ? (from)->size : sizeof(to));                          \
  } while (0)

static struct error *inner(struct hull_error *error)
{
  return (struct error *)(void *)error->opaque.bytes;
}

static const struct error *inner_const(const struct hull_error *error)
{
  return (const struct error *)(const void *)error->opaque.bytes;
}

const char *hull_error_message(const struct hull_error *error)
{
  static _Thread_local char text[ERROR_TEXT_BYTES + ERROR_ORIGIN_BYTES + 128];
  error_format(inner_const(error), text, sizeof text);
  return text;
}

enum hull_error_kind hull_error_kind(const struct hull_error *error)
{
  return (enum hull_error_kind)inner_const(error)->kind;
}

int hull_error_errno(const struct hull_error *error)
{
  return inner_const(error)->errnum;
}

const char *hull_error_pointer(const struct hull_error *error)
{
  return inner_const(error)->origin;
}

const char *hull_error_step(const struct hull_error *error)
{
  return inner_const(error)->step;
}

const char *hull_error_hint(const struct hull_error *error)
{
  return hint_for(inner_const(error));
}

void hull_set_out_of_memory_hook(void (*hook)(size_t size))
{
  arena_out_of_memory = hook;
}

void hull_free(void *memory)
{
  free(memory);
}

int hull_protect_self(char *const argv[], struct hull_error *error)
{
  error_clear(inner(error));
  return self_seal(argv, inner(error));
}

/* Who is not root and has no directory of his own hears of it when state is wanted. */
static void choose_root(struct hull *hull, const char *asked)
{
  hull->runtime_dir = asked == NULL ? runtime_dir() : NULL;
  if (hull->runtime_dir != NULL) {
    hull->runtime_dir = path_clean(&hull->arena, hull->runtime_dir);
    hull->root = path_join(&hull->arena, hull->runtime_dir, "hull");
  } else if (asked != NULL || geteuid() == 0) {
    hull->root = path_clean(&hull->arena, asked != NULL ? asked : HULL_STATE_ROOT);
  }
}

struct hull *hull_open(const struct hull_options *options, struct hull_error *error)
{
  struct hull_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  if (o.root != NULL && o.root[0] != '/') {
    error_set(inner(error), ERROR_USAGE, 0, "--root '%s': expected an absolute path", o.root);
    return NULL;
  }
  struct hull *hull = calloc(1, sizeof *hull);
  if (hull == NULL) {
    error_set(inner(error), ERROR_HOST, ENOMEM, "cannot open hull");
    return NULL;
  }
  fault_setup();
  hull->root_fd = -1;
  hull->notifier = (struct notifier){ -1, -1 };
  hull->default_root = o.root == NULL;
  choose_root(hull, o.root);
  hull->manager = (enum cgroup_manager_choice)o.cgroup_manager;
  hull->rootless = (enum rootless_choice)o.rootless;
  if (o.notify_socket != NULL && *o.notify_socket != '\0')
    hull->notify_socket = arena_strdup(&hull->arena, o.notify_socket);
  if (hull->root != NULL && strcmp(hull->root, "/") == 0) {
    error_set(inner(error), ERROR_USAGE, 0, "--root '/': the root directory can't hold containers' state");
    hull_close(hull);
    return NULL;
  }
  return hull;
}

void hull_close(struct hull *hull)
{
  if (hull == NULL)
    return;
  notifier_finish(&hull->notifier);
  fd_close(&hull->root_fd);
  arena_release(&hull->arena);
  free(hull);
}

/* So that the caller need not initialise the structure. */
static void no_process(struct hull_process *process)
{
  if (process != NULL)
    *process = (struct hull_process){ .pid = 0, .pidfd = -1 };
}

int hull_create(struct hull *hull, const char *id, const struct hull_create_options *options,
                struct hull_process *process, struct hull_error *error)
{
  struct hull_create_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  no_process(process);
  o.detach = true;
  return container_create(hull, id, &o, false, process, inner(error));
}

int hull_run(struct hull *hull, const char *id, const struct hull_create_options *options,
             struct hull_process *process, struct hull_error *error)
{
  struct hull_create_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  no_process(process);
  return container_create(hull, id, &o, true, process, inner(error));
}

int hull_start(struct hull *hull, const char *id, struct hull_error *error)
{
  error_clear(inner(error));
  return container_start(hull, id, inner(error));
}

int hull_exec(struct hull *hull, const char *id, const struct hull_exec_options *options,
              struct hull_process *process, struct hull_error *error)
{
  struct hull_exec_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  no_process(process);
  return container_exec(hull, id, &o, process, inner(error));
}

int hull_kill(struct hull *hull, const char *id, int signal, bool all, struct hull_error *error)
{
  error_clear(inner(error));
  return container_kill(hull, id, signal, all, inner(error));
}

int hull_signal_number(const char *name)
{
  return signal_by_name(name);
}

int hull_delete(struct hull *hull, const char *id, bool force, struct hull_error *error)
{
  error_clear(inner(error));
  return container_delete(hull, id, force, inner(error));
}

int hull_pause(struct hull *hull, const char *id, struct hull_error *error)
{
  error_clear(inner(error));
  return container_pause(hull, id, inner(error));
}

int hull_resume(struct hull *hull, const char *id, struct hull_error *error)
{
  error_clear(inner(error));
  return container_resume(hull, id, inner(error));
}

int hull_update(struct hull *hull, const char *id, const struct hull_update_options *options,
                struct hull_error *error)
{
  struct hull_update_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  return container_update(hull, id, &o, inner(error));
}

int hull_mounts_add(struct hull *hull, const char *id, const char *mounts, size_t length,
                    const char *document, struct hull_error *error)
{
  error_clear(inner(error));
  return container_mounts(hull, id, true, mounts, length, document != NULL ? document : "mounts",
                          inner(error));
}

int hull_mounts_remove(struct hull *hull, const char *id, const char *mounts, size_t length,
                       const char *document, struct hull_error *error)
{
  error_clear(inner(error));
  return container_mounts(hull, id, false, mounts, length, document != NULL ? document : "mounts",
                          inner(error));
}

ssize_t hull_processes(struct hull *hull, const char *id, pid_t **pids, struct hull_error *error)
{
  struct arena arena = ARENA_INIT;
  pid_t *found;
  error_clear(inner(error));
  const ssize_t count = container_processes(hull, id, &arena, &found, inner(error));
  if (count >= 0) {
    *pids = calloc((size_t)count + 1, sizeof **pids);
    if (*pids == NULL)
      arena_out_of_memory(((size_t)count + 1) * sizeof **pids);
    if (count > 0)
      memcpy(*pids, found, (size_t)count * sizeof **pids);
  }
  arena_release(&arena);
  return count;
}

/* The caller frees with hull_free; running out of memory goes the way of the arena. */
static char *hand_out(const char *s)
{
  char *copy = strdup(s != NULL ? s : "");
  if (copy == NULL)
    arena_out_of_memory(strlen(s) + 1);
  return copy;
}

int hull_state(struct hull *hull, const char *id, char **json, struct hull_error *error)
{
  struct text out;
  error_clear(inner(error));
  text_init(&out, &hull->arena);
  if (container_state_json(hull, id, &out, inner(error)) < 0)
    return -1;
  *json = hand_out(text_string(&out));
  return 0;
}

static struct hull_usage usage_of(const struct container_usage *usage)
{
  return (struct hull_usage){
    .has_cpu = usage->has_cpu,
    .has_memory = usage->has_memory,
    .has_pids = usage->has_pids,
    .cpu_ns = usage->cpu_ns,
    .memory = usage->memory,
    .memory_limit = usage->memory_limit,
    .pids = usage->pids,
    .pids_limit = usage->pids_limit,
  };
}

static ssize_t list_containers(struct hull *hull, bool with_usage, struct hull_summary **list,
                               struct hull_error *error)
{
  struct container_row *rows;
  error_clear(inner(error));
  const ssize_t count = containers_list(hull, &hull->arena, with_usage, &rows, inner(error));
  if (count < 0)
    return -1;
  *list = calloc((size_t)count + 1, sizeof **list);
  if (*list == NULL)
    return error_set(inner(error), ERROR_HOST, ENOMEM, "cannot list containers");
  for (ssize_t i = 0; i < count; i++)
    (*list)[i] = (struct hull_summary){
      .id = hand_out(rows[i].id),
      .status = hand_out(rows[i].status),
      .bundle = hand_out(rows[i].bundle),
      .rootfs = hand_out(rows[i].rootfs),
      .created = hand_out(rows[i].created),
      .owner = hand_out(rows[i].owner),
      .pid = rows[i].pid,
      .state_json = hand_out(rows[i].state_json),
      .usage = usage_of(&rows[i].usage),
    };
  return count;
}

ssize_t hull_list(struct hull *hull, struct hull_summary **list, struct hull_error *error)
{
  return list_containers(hull, false, list, error);
}

ssize_t hull_list_usage(struct hull *hull, struct hull_summary **list, struct hull_error *error)
{
  return list_containers(hull, true, list, error);
}

void hull_list_free(struct hull_summary *list, size_t count)
{
  for (size_t i = 0; list != NULL && i < count; i++) {
    char *const members[] = { list[i].id,      list[i].status, list[i].bundle,    list[i].rootfs,
                              list[i].created, list[i].owner,  list[i].state_json };
    for (size_t k = 0; k < sizeof members / sizeof *members; k++)
      free(members[k]);
  }
  free(list);
}

ssize_t hull_gc(struct hull *hull, const struct hull_gc_options *options, struct hull_leftover **list,
                struct hull_error *error)
{
  struct hull_gc_options o;
  struct leftovers found = { 0 };
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  if (leftovers_find(hull, &hull->arena, &o, &found, inner(error)) < 0)
    return -1;
  *list = calloc(found.count + 1, sizeof **list);
  if (*list == NULL)
    return error_set(inner(error), ERROR_HOST, ENOMEM, "cannot list what is left");
  for (size_t i = 0; i < found.count; i++) {
    const struct leftover *row = &found.items[i];
    (*list)[i] = (struct hull_leftover){
      .kind = hand_out(row->kind),
      .name = hand_out(row->name),
      .why = hand_out(row->why),
      .what = hand_out(row->what),
      .stays = row->stays,
      .removed = row->removed,
      .error = row->error != NULL ? hand_out(row->error) : NULL,
    };
  }
  return (ssize_t)found.count;
}

void hull_gc_free(struct hull_leftover *list, size_t count)
{
  for (size_t i = 0; list != NULL && i < count; i++) {
    char *const members[] = { list[i].kind, list[i].name, list[i].why, list[i].what, list[i].error };
    for (size_t k = 0; k < sizeof members / sizeof *members; k++)
      free(members[k]);
  }
  free(list);
}

ssize_t hull_read_stats(struct hull *hull, char *const *ids, bool must_run, struct hull_stats **list,
                        struct hull_error *error)
{
  error_clear(inner(error));
  return containers_read_stats(hull, ids, must_run, list, inner(error));
}

void hull_stats_free(struct hull_stats *list, size_t count)
{
  for (size_t i = 0; list != NULL && i < count; i++)
    free(list[i].id);
  free(list);
}

int hull_events(struct hull *hull, const char *id, const struct hull_events_options *options,
                hull_event_callback *callback, void *data, struct hull_error *error)
{
  struct hull_events_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  return container_events(hull, id, &o, callback, data, inner(error));
}

int hull_ending(struct hull *hull, const char *id, const struct hull_process *process,
                struct hull_ending *ending, struct hull_error *error)
{
  error_clear(inner(error));
  return container_ending(hull, id, process, ending, inner(error));
}

int hull_plan(struct hull *hull, const char *id, const struct hull_create_options *options, const char *facts,
              char **json, struct hull_error *error)
{
  struct launch l;
  struct text out;
  struct hull_create_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  if (validate_id(id, inner(error)) < 0)
    return -1;
  launch_init(&l, hull, id);
  if (make_plan(&l, &o, facts, inner(error)) < 0)
    return -1;
  text_init(&out, &hull->arena);
  plan_to_json(&l.plan, &out);
  *json = hand_out(text_string(&out));
  return 0;
}

int hull_check(struct hull *hull, const struct hull_create_options *options, bool json, bool *all,
               char **text, struct hull_error *error)
{
  struct text out;
  struct hull_create_options o;
  struct checker checker = { .arena = &hull->arena, .hull = hull, .layout = CGROUP_LAYOUT_INIT };
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  text_init(&out, &hull->arena);
  *all = check_all(&checker, options != NULL ? &o : NULL, json, &out) == 0;
  *text = hand_out(text_string(&out));
  return 0;
}

int hull_seccomp_explain(struct hull *hull, const struct hull_create_options *options, char *const *args,
                         bool json, char **text, struct hull_error *error)
{
  struct text out;
  struct hull_create_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  text_init(&out, &hull->arena);
  if (seccomp_explain_bundle(hull, &o, args, json, &out, inner(error)) < 0)
    return -1;
  *text = hand_out(text_string(&out));
  return 0;
}

char *hull_features(void)
{
  struct arena arena = ARENA_INIT;
  struct text out;
  const char *flags_supported[SECCOMP_FLAGS_MAX];
  struct strings options = { 0 };
  for (const struct mount_option *o = mount_options; o->name != NULL; o++)
    *(const char **)vec_push(&arena, &options) = o->name;
  (void)vec_push(&arena, &options); /* the NULL at the end */
  seccomp_flags_supported(flags_supported);
  const struct features_facts facts = {
    .systemd = cgroup_systemd_built,
    .mount_options = (const char *const *)options.items,
    .version = PACKAGE_VERSION,
    .commit = HULL_COMMIT,
    .libseccomp_version = seccomp_library_version(&arena),
    .seccomp_archs = seccomp_archs,
    .seccomp_flags_known = seccomp_flags_known,
    .seccomp_flags_supported = flags_supported,
  };
  text_init(&out, &arena);
  features_document(&facts, &out);
  char *result = hand_out(text_string(&out));
  arena_release(&arena);
  return result;
}

static void list_runtime_steps(const struct runtime_step *steps, const char *table,
                               hull_step_callback *callback, void *data)
{
  for (; steps->name != NULL; steps++)
    callback(data, table, steps->name, steps->why);
}

static void list_init_steps(const struct init_step *steps, const char *table, hull_step_callback *callback,
                            void *data)
{
  for (; steps->name != NULL; steps++)
    callback(data, table, steps->name, steps->why);
}

void hull_steps(hull_step_callback *callback, void *data)
{
  list_runtime_steps(create_steps, "parent", callback, data);
  list_init_steps(create_init_steps, "init", callback, data);
  list_runtime_steps(exec_steps, "exec-parent", callback, data);
  list_init_steps(exec_init_steps, "exec-init", callback, data);
  for (int i = MSG_NONE + 1; i < MSG_COUNT; i++)
    callback(data, "message", messages[i].name, messages[i].purpose);
}

struct hull_sandbox *hull_sandbox_start(struct hull *hull, const struct hull_sandbox_options *options,
                                        struct hull_process *process, struct hull_error *error)
{
  struct hull_sandbox_options o;
  COPY_OPTIONS(o, options);
  error_clear(inner(error));
  no_process(process);
  return sandbox_start(hull, &o, process, inner(error));
}

int hull_sandbox_end(struct hull_sandbox *sandbox, struct hull_sandbox_usage *usage, struct hull_error *error)
{
  error_clear(inner(error));
  return sandbox_end(sandbox, usage, inner(error));
}

const char *hull_version(void)
{
  return PACKAGE_VERSION;
}

bool hull_has_systemd(void)
{
  return cgroup_systemd_built;
}

const char *hull_commit(void)
{
  return HULL_COMMIT;
}

const char *hull_libseccomp_version(void)
{
  static struct arena arena = ARENA_INIT; /* lives as long as the program */
  return seccomp_library_version(&arena);
}
