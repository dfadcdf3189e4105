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

/* That maps are there, few enough and within the range of ids has been checked by spec/validate_linux.c. */
void plan_ids(struct planner *p)
{
  if (p->plan->namespaces[NS_USER].how != NS_NEW)
    return; /* none, or a joined one with its own maps */
  struct plan_id_maps *maps = &p->plan->id_maps;
  const struct id_mapping *asked;
  vec_each (&p->linux_->uid_mappings, asked)
    plan_map(vec_push(p->arena, &maps->uids), asked);
  vec_each (&p->linux_->gid_mappings, asked)
    plan_map(vec_push(p->arena, &maps->gids), asked);
  maps->origin = "/linux/uidMappings";
  if (p->facts->euid == 0)
    return;
  bool own_gid = is_own_id(maps->gids.items, maps->gids.count, p->facts->egid);
  maps->by_helper = !own_gid || !is_own_id(maps->uids.items, maps->uids.count, p->facts->euid);
  maps->deny_setgroups = own_gid;
}
