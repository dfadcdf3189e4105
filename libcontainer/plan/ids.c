/* SPDX-License-Identifier: Apache-2.0
 * The id maps of a new user namespace, and who may write them (user_namespaces(7)). */
#include "libcontainer/plan/planner.h"

static void plan_map(struct plan_id_map *planned, const struct id_mapping *asked)
{
  *planned = (struct plan_id_map){
    .container = (uint32_t)asked->container_id.value,
    .host = (uint32_t)asked->host_id.value,
    .count = (uint32_t)asked->size.value,
  };
}

/* The one map that the kernel lets an unprivileged process write itself. */
static bool is_own_id(const struct plan_id_map *maps, size_t count, uint32_t own)
{
  return count == 1 && maps->count == 1 && maps->host == own;
}

static void plan_listed(struct planner *p, struct plan_id_maps *maps)
{
  const struct id_mapping *asked;
  vec_each (&p->linux_->uid_mappings, asked)
    plan_map(vec_push(p->arena, &maps->uids), asked);
  vec_each (&p->linux_->gid_mappings, asked)
    plan_map(vec_push(p->arena, &maps->gids), asked);
  maps->origin = "/linux/uidMappings";
}

/* --- automatic ------------------------------------------------------------------------------------- */

#define MAPS_MAX 340 /* lines; the kernel's limit since Linux 4.15 */

/* One kind of ids, as the user may map them. */
struct own_ids {
  uint32_t id;
  const id_ranges *ranges;
  const char *helper;                    /* NULL: not there */
  const char *name, *helper_name, *file; /* for messages */
};

typedef VEC(struct plan_id_map) id_map;

static bool holds(const struct id_range *range, uint32_t id)
{
  return id >= range->start && id - range->start < range->count;
}

/* His own id is 0, and from 1 on come the ranges that he was given, in their order. */
static void map_own(struct planner *p, const struct own_ids *own, void *map)
{
  id_map *planned = map;
  const struct id_range *range;
  uint64_t next = 1;
  *(struct plan_id_map *)vec_push(p->arena, planned) = (struct plan_id_map){ 0, own->id, 1 };
  if (!own->helper || own->ranges->count == 0) {
    if (own->helper)
      planner_warn(p, "/linux/namespaces", "only %s 0 is mapped: %s has no range for user %u", own->name,
                   own->file, p->facts->euid);
    else
      planner_warn(p, "/linux/namespaces", "only %s 0 is mapped: '%s' is not in PATH (package uidmap)",
                   own->name, own->helper_name);
    return;
  }
  vec_each (own->ranges, range) {
    const uint64_t room = UINT32_MAX - next, count = range->count < room ? range->count : room;
    if (count == 0 || planned->count == MAPS_MAX)
      return;
    if (holds(range, own->id)) /* an id is mapped once */
      continue;
    *(struct plan_id_map *)vec_push(p->arena, planned) =
        (struct plan_id_map){ (uint32_t)next, (uint32_t)range->start, (uint32_t)count };
    next += count;
  }
}

static void plan_automatic(struct planner *p, struct plan_id_maps *maps)
{
  const struct facts *facts = p->facts;
  const struct own_ids uids = { facts->euid, &facts->subuids, facts->newuidmap,
                                "uid",       "newuidmap",     "/etc/subuid" };
  const struct own_ids gids = { facts->egid, &facts->subgids, facts->newgidmap,
                                "gid",       "newgidmap",     "/etc/subgid" };
  map_own(p, &uids, &maps->uids);
  map_own(p, &gids, &maps->gids);
  maps->origin = "/linux/namespaces";
}

/* --- who writes them ------------------------------------------------------------------------------- */

static const char *need_helper(struct planner *p, const char *helper, const char *name, const char *pointer,
                               uint32_t own)
{
  if (!helper)
    planner_problem(p, pointer,
                    "to map other ids than your own (%u) takes '%s', which is not in PATH: install package "
                    "uidmap, or map that one id",
                    own, name);
  return helper;
}

/* That maps are there, few enough and within the range of ids has been checked by spec/validate_linux.c. */
void plan_ids(struct planner *p)
{
  const struct facts *facts = p->facts;
  struct plan_id_maps *maps = &p->plan->id_maps;
  if (p->plan->namespaces[NS_USER].how != NS_NEW)
    return; /* none, or a joined one with its own maps */
  if (!p->plan->automatic_user_ns)
    plan_listed(p, maps);
  else if (!p->plan->exec) /* the container has its maps, and /etc/subuid may have changed since */
    plan_automatic(p, maps);
  if (facts->euid == 0)
    return;
  maps->deny_setgroups = is_own_id(maps->gids.items, maps->gids.count, facts->egid);
  if (p->plan->exec)
    return;
  if (!is_own_id(maps->uids.items, maps->uids.count, facts->euid))
    maps->uid_helper = need_helper(p, facts->newuidmap, "newuidmap", "/linux/uidMappings", facts->euid);
  if (!maps->deny_setgroups)
    maps->gid_helper = need_helper(p, facts->newgidmap, "newgidmap", "/linux/gidMappings", facts->egid);
}
