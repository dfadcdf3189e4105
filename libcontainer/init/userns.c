/* SPDX-License-Identifier: Apache-2.0
 * The new user namespace: maps are written by the runtime, then we become its root (user_namespaces(7)). */
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include "libcontainer/sync/sync.h"
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>

int map_ids(struct init_context *init, struct error *err)
{
  /* Beside joined namespaces, which the new user namespace would have no rights over, it is made only now. */
  if ((init->plan->unshare_flags & CLONE_NEWUSER) != 0 && unshare(CLONE_NEWUSER) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a user namespace");
  /* Procfs belongs to root for who is undumpable, and then only root may write our maps. Nobody but the user
   * can look at us meanwhile: we are in no other namespace that has processes of his, and by now hold no
   * descriptor that he lacks. */
  if (init->plan->acquire_by_init && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot become dumpable for the maps of ids");
  const int result = sync_call(init->sync, MSG_MAP_IDS, NULL, 0, NULL, err);
  return result == 0 ? stay_undumpable(err) : -1;
}

/* A container whose id 0 is not mapped can still run: then its ids stay the overflow ids until
 * user-and-caps. */
static bool has_zero(const struct plan_id_map *maps, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (maps[i].container == 0)
      return true;
  return count == 0; /* a joined namespace: maps are not ours */
}

int become_root(struct init_context *init, struct error *err)
{
  const struct plan_id_maps *maps = &init->plan->id_maps;
  const bool drop = !maps->deny_setgroups && !init->plan->process.keep_groups;
  if (drop && sys_setgroups(0, NULL) < 0 && errno != EPERM)
    return error_set(err, ERROR_KERNEL, errno, "cannot drop the caller's groups");
  if (has_zero(maps->gids.items, maps->gids.count) && sys_setresgid(0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot become group 0 of the user namespace");
  if (has_zero(maps->uids.items, maps->uids.count) && sys_setresuid(0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot become user 0 of the user namespace");
  return stay_undumpable(err);
}
