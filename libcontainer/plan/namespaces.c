/* SPDX-License-Identifier: Apache-2.0
 * Which namespaces are new, joined or kept, and by which call each new one is made (config-linux.md,
 * "Namespaces"). */
#include "libcontainer/base/sys_compat.h"
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"
#include <linux/capability.h>

const uint64_t namespace_clone_flags[NS_COUNT] = {
  [NS_USER] = CLONE_NEWUSER, [NS_CGROUP] = CLONE_NEWCGROUP, [NS_IPC] = CLONE_NEWIPC,
  [NS_UTS] = CLONE_NEWUTS,   [NS_NETWORK] = CLONE_NEWNET,   [NS_PID] = CLONE_NEWPID,
  [NS_TIME] = CLONE_NEWTIME, [NS_MOUNT] = CLONE_NEWNS,
};

static void read_list(struct planner *p)
{
  const struct namespace_ref *ref;
  vec_each (&p->linux_->namespaces, ref) {
    if (!ref->type.set)
      continue; /* the decoder has complained */
    bool join = ref->path && *ref->path;
    p->plan->namespaces[ref->type.value] = (struct plan_namespace){
      .how = join ? NS_JOIN : NS_NEW,
      .path = join ? ref->path : NULL,
      .origin = planner_pointer(p, "/linux/namespaces/%zu", vec_index(&p->linux_->namespaces, ref)),
    };
  }
}

/* Root makes the other namespaces; everybody else is root of a user namespace first. */
static void add_user_namespace(struct planner *p)
{
  struct plan_namespace *user = &p->plan->namespaces[NS_USER];
  if (p->facts->euid == 0 || user->how != NS_KEEP)
    return;
  *user = (struct plan_namespace){ .how = NS_NEW, .origin = "/linux/namespaces" };
  p->plan->automatic_user_ns = true;
}

static bool is_new(const struct plan *plan, enum namespace_type type)
{
  return plan->namespaces[type].how == NS_NEW;
}

/* Which clone3(2) or unshare(2) flags init's namespaces need. Not among them:
 * - cgroup: the root of a cgroup namespace is the cgroup of its creator, so init unshares it once it is
 * inside its own cgroup;
 * - time: unshare(2) changes only the time namespace of children, and offsets can be set only until one is in
 * it; the runtime makes it before clone3 and goes back afterwards. */
static uint64_t new_flags(const struct plan *plan)
{
  uint64_t flags = 0;
  for (int type = 0; type < NS_COUNT; type++)
    if (type != NS_CGROUP && type != NS_TIME && is_new(plan, (enum namespace_type)type))
      flags |= namespace_clone_flags[type];
  return flags;
}

/* The pid namespace is joined by the runtime, before clone3: it counts for children only. A runtime that may
 * not leaves it to init, which forks once more. */
static bool init_joins_any(const struct plan *plan)
{
  for (int type = 0; type < NS_COUNT; type++)
    if (type != NS_PID && type != NS_USER && plan->namespaces[type].how == NS_JOIN)
      return true;
  return false;
}

/* user_namespaces(7): a namespace belongs to the user namespace in which it was made. So one that is joined
 * must be joined before the others are made; and where a new one meets others that are joined, these must be
 * joined first, while init still has its capabilities in the user namespace that owns them. */
static void choose_calls(struct plan *plan)
{
  bool late = plan->namespaces[NS_USER].how == NS_JOIN || (is_new(plan, NS_USER) && init_joins_any(plan));
  plan->clone_flags = late ? 0 : new_flags(plan);
  plan->unshare_flags = late ? new_flags(plan) : 0;
  plan->new_cgroup_ns = is_new(plan, NS_CGROUP);
  plan->fork_again = (plan->unshare_flags & CLONE_NEWPID) != 0
                     || (plan->acquire_by_init && plan->namespaces[NS_PID].how == NS_JOIN);
}

static bool has_host_hooks(const struct spec *spec)
{
  const struct hooks *hooks = spec->hooks;
  return hooks && (hooks->prestart.count || hooks->create_runtime.count || hooks->create_container.count);
}

/* A clone of all of the host's mounts holds what keeps mount namespaces (our own pin; snapd has some), and
 * the kernel attaches no such tree (ELOOP); the copy that init starts in has them left out. */
static bool is_hosts_root(const struct planner *p)
{
  const struct root *root = p->spec->root;
  return root && root->path && text_equal(root->path, "/") && is_new(p->plan, NS_MOUNT);
}

/* A copy of the host's mount table costs time for each of its mounts. The almost empty namespace will do
 * unless somebody may see the difference: hooks that expect host paths, mounts that must propagate to the
 * host, a user namespace (which may not move mounts that it does not own), or no_pivot (which keeps the
 * host's mounts below). A hull that is in a user namespace itself may find one that belongs to another. */
static bool may_pin_mount_ns(const struct planner *p)
{
  const struct opt_enum *propagation = &p->linux_->rootfs_propagation;
  long type = propagation->value & ~(long)MS_REC;
  bool stays_inside = !propagation->set || type == MS_SLAVE || type == MS_PRIVATE;
  return is_new(p->plan, NS_MOUNT) && !p->plan->acquire_by_init && !plan_has_user_namespace(p->plan)
         && !has_host_hooks(p->spec) && stays_inside && !p->request->no_pivot && p->facts->euid == 0
         && !p->facts->in_user_namespace;
}

static bool may_clone_mounts(const struct facts *facts)
{
  return facts->euid == 0 && (facts->capabilities & UINT64_C(1) << CAP_SYS_ADMIN) != 0;
}

static void plan_time(struct planner *p)
{
  const struct time_offset *offset;
  vec_each (&p->linux_->time_offsets, offset) {
    struct plan_time_offset *planned = vec_push(p->arena, &p->plan->time_offsets);
    *planned = (struct plan_time_offset){ .clock = offset->clock,
                                          .secs = offset->secs.value,
                                          .nanosecs = (uint32_t)offset->nanosecs.value };
  }
}

void plan_namespaces(struct planner *p)
{
  struct plan *plan = p->plan;
  read_list(p);
  add_user_namespace(p);
  plan->acquire_by_init = p->facts->foreign_mounts || is_hosts_root(p)
                          || (plan_has_user_namespace(plan) && !may_clone_mounts(p->facts));
  choose_calls(plan);
  plan_time(p);
  plan->loopback = is_new(plan, NS_NETWORK);
  plan->loopback_by_init = p->facts->in_user_namespace || plan->namespaces[NS_USER].how != NS_KEEP;
  plan->new_keyring = !p->request->no_new_keyring;
  plan->no_pivot = p->request->no_pivot;
  plan->verify = p->request->verify;
  plan->pinned_mount_ns = may_pin_mount_ns(p);
  if (plan->namespaces[NS_MOUNT].how == NS_KEEP)
    planner_problem(p, "/linux/namespaces", "a mount namespace is needed: add {\"type\": \"mount\"}");
}
