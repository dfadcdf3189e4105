/* SPDX-License-Identifier: Apache-2.0
 * The workload's attributes: arguments, environment, user, limits, terminal (config.md, "Process").
 * Capabilities are in caps.c. */
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"
#include "spec/annotations.h"
#include "spec/names.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define DEFAULT_UMASK 0022 /* as runc and crun; the caller's own would make results depend on the caller */

typedef VEC(char *) variables;

static size_t name_length(const char *variable)
{
  return strcspn(variable, "=");
}

static char **find_variable(const variables *env, const char *name, size_t length)
{
  char **it;
  vec_each (env, it)
    if (name_length(*it) == length && memcmp(*it, name, length) == 0)
      return it;
  return NULL;
}

static const char *value_of(const variables *env, const char *name)
{
  char **found = find_variable(env, name, strlen(name));
  return found && strchr(*found, '=') ? *found + strlen(name) + 1 : NULL;
}

/* The last one wins, at the place of the first. */
static void set_variable(struct planner *p, variables *env, char *variable)
{
  char **found = find_variable(env, variable, name_length(variable));
  if (!found)
    found = vec_push(p->arena, env);
  *found = variable;
}

static void plan_environment(struct planner *p)
{
  struct plan_process *planned = &p->plan->process;
  variables env = { 0 };
  for (size_t i = 0; i < p->process->env.count; i++)
    set_variable(p, &env, p->process->env.items[i]);
  if (planned->terminal && !value_of(&env, "TERM"))
    set_variable(p, &env, arena_strdup(p->arena, "TERM=xterm"));
  if (p->request->listen_fds > 0) { /* sd_listen_fds(3) */
    set_variable(p, &env, arena_printf(p->arena, "LISTEN_FDS=%u", p->request->listen_fds));
    set_variable(p, &env, arena_strdup(p->arena, "LISTEN_PID=1"));
  }
  if (p->plan->notify) /* sd_notify(3) */
    set_variable(p, &env, arena_strdup(p->arena, "NOTIFY_SOCKET=" PLAN_NOTIFY_DIR "/notify.sock"));
  planned->path = value_of(&env, "PATH");
  if (!planned->path)
    planned->path = DEFAULT_PATH;
  planned->home_missing = !value_of(&env, "HOME");
  if (planned->home_missing) {
    planned->home_slot = env.count;
    set_variable(p, &env, arena_strdup(p->arena, "HOME=/"));
  }
  (void)vec_push(p->arena, &env); /* the NULL at the end */
  planned->envp = env.items;
}

static void plan_arguments(struct planner *p)
{
  const struct strings *args = &p->process->args;
  char **argv = arena_array(p->arena, args->count + 1, sizeof *argv);
  for (size_t i = 0; i < args->count; i++)
    argv[i] = args->items[i];
  p->plan->process.argv = argv;
}

/* Ids outside of the map can't be taken on: setuid(2) would fail with EINVAL deep inside init. */
static bool is_mapped(const struct plan_id_map *maps, size_t count, uint64_t id)
{
  for (size_t i = 0; i < count; i++)
    if (id >= maps[i].container && id - maps[i].container < maps[i].count)
      return true;
  return count == 0;
}

static void check_mapped(struct planner *p, const char *pointer, const char *what, uint64_t id)
{
  const struct plan_id_maps *maps = &p->plan->id_maps;
  bool mapped = what[0] == 'u' ? is_mapped(maps->uids.items, maps->uids.count, id)
                               : is_mapped(maps->gids.items, maps->gids.count, id);
  if (!mapped)
    planner_problem(p, pointer, "%s %llu is not mapped in the user namespace", what, (unsigned long long)id);
}

/* podman's --group-add keep-groups: the caller's groups are what gives access to some of his files. */
static bool keeps_groups(struct planner *p)
{
  const char *value = annotation_value(&p->spec->annotations, ANNOTATION_KEEP_GROUPS);
  const bool keeps = text_equal(value, "1");
  if (value && !keeps && !text_equal(value, "0"))
    planner_problem(p, "/annotations/" ANNOTATION_KEEP_GROUPS, "'%s' should be '1' or '0'", value);
  if (keeps && p->process->user && p->process->user->additional_gids.count > 0)
    planner_warn(p, "/process/user/additionalGids", "not set, as annotation '%s' keeps the caller's groups",
                 ANNOTATION_KEEP_GROUPS);
  return keeps;
}

static void plan_groups(struct planner *p, const struct user *user)
{
  if (keeps_groups(p)) {
    p->plan->process.keep_groups = true;
    return;
  }
  struct plan_process *planned = &p->plan->process;
  for (size_t i = 0; i < user->additional_gids.count; i++) {
    uint64_t gid = user->additional_gids.items[i];
    check_mapped(p, planner_pointer(p, "/process/user/additionalGids/%zu", i), "gid", gid);
    uint32_t *slot = vec_push(p->arena, &planned->gids);
    *slot = (uint32_t)gid;
  }
  /* user_namespaces(7): an unprivileged gid_map has the price that setgroups(2) is denied. */
  const bool inherited = p->facts->setgroups_denied && p->plan->namespaces[NS_USER].how != NS_JOIN;
  planned->set_groups = !p->plan->id_maps.deny_setgroups && !inherited;
  if (!planned->set_groups && planned->gids.count > 0)
    planner_problem(
        p, "/process/user/additionalGids",
        inherited ? "additional groups cannot be set: setgroups is denied in our user namespace"
                  : "additional groups cannot be set in a user namespace that maps only your own group");
}

static void plan_user(struct planner *p)
{
  static const struct user root_user;
  const struct user *user = p->process->user ? p->process->user : &root_user;
  struct plan_process *planned = &p->plan->process;
  planned->uid = (uint32_t)user->uid.value;
  planned->gid = (uint32_t)user->gid.value;
  planned->umask = user->umask.set ? (uint32_t)user->umask.value : DEFAULT_UMASK;
  check_mapped(p, "/process/user/uid", "uid", user->uid.value);
  check_mapped(p, "/process/user/gid", "gid", user->gid.value);
  plan_groups(p, user);
}

static void plan_rlimits(struct planner *p)
{
  struct plan_process *planned = &p->plan->process;
  for (size_t i = 0; i < p->process->rlimits.count; i++) {
    const struct posix_rlimit *asked = &p->process->rlimits.items[i];
    if (!asked->type.set)
      continue;
    struct plan_rlimit *rlimit = vec_push(p->arena, &planned->rlimits);
    *rlimit = (struct plan_rlimit){
      .resource = (int)asked->type.value,
      .soft = asked->soft.value,
      .hard = asked->hard.value,
      .name = names_of(rlimit_names, asked->type.value),
      .origin = planner_pointer(p, "/process/rlimits/%zu", i),
    };
  }
}

/* Phrases as runc has them, because callers show them. */
static void plan_terminal(struct planner *p)
{
  const struct request *request = p->request;
  struct plan_process *planned = &p->plan->process;
  planned->terminal = p->process->terminal.value;
  if (planned->terminal && request->detach && !request->has_console_receiver)
    planner_problem(p, "/process/terminal",
                    "cannot allocate tty if hull will detach without setting console socket");
  if (!planned->terminal && request->detach && request->has_console_receiver)
    planner_problem(p, "/process/terminal",
                    "cannot use console socket if hull will not detach or allocate tty");
  const struct console_size *size = p->process->console_size;
  if (!planned->terminal || !size)
    return;
  planned->rows = (unsigned short)size->height.value;
  planned->columns = (unsigned short)size->width.value;
}

void plan_process_attributes(struct planner *p)
{
  struct plan_process *planned = &p->plan->process;
  if (!p->process) { /* runtime.md: needed by `start`, not by `create` */
    planned->cwd = "/";
    planned->envp = arena_array(p->arena, 1, sizeof *planned->envp);
    planned->umask = DEFAULT_UMASK;
    return;
  }
  plan_terminal(p); /* before the environment: TERM */
  plan_arguments(p);
  plan_environment(p);
  planned->cwd = p->process->cwd;
  plan_user(p);
  plan_rlimits(p);
  planned->no_new_privs = p->process->no_new_privileges.value;
  planned->set_oom_score_adj = p->process->oom_score_adj.set;
  planned->oom_score_adj = (int)p->process->oom_score_adj.value;
  planned->keep_fds = p->request->listen_fds + p->request->preserve_fds;
}
