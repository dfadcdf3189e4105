/* SPDX-License-Identifier: Apache-2.0
 * linux.intelRdt as steps of create and exec. A process is put into its groups before it executes anything.
 */
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/rdt.h"
#include <errno.h>

bool has_rdt(const void *context)
{
  const struct launch *l = context;
  return l->plan.rdt.set;
}

int check_rdt(void *context, struct error *err)
{
  struct launch *l = context;
  if (rdt_open(&l->rdt, err) < 0)
    return error_at(err, "/linux/intelRdt");
  return rdt_check(l->arena, &l->rdt, &l->plan.rdt, &l->state.rdt, err);
}

int make_rdt_groups(void *context, struct error *err)
{
  struct launch *l = context;
  return rdt_make(l->arena, &l->rdt, &l->plan.rdt, &l->state.rdt, l->id, &l->rdt_made, err);
}

void unmake_rdt_groups(void *context)
{
  struct launch *l = context;
  rdt_unmake(&l->rdt, &l->state.rdt, l->id, &l->rdt_made);
}

bool in_rdt_groups(const void *context)
{
  const struct launch *l = context;
  return l->state.rdt.group != NULL;
}

int enter_rdt_groups(void *context, struct error *err)
{
  struct launch *l = context;
  if (l->rdt.root < 0 && rdt_open(&l->rdt, err) < 0) {
    if (l->exec && err->errnum == ENOENT) { /* unmounted since create: there are no groups any more */
      error_clear(err);
      return 0;
    }
    return error_at(err, "/linux/intelRdt");
  }
  return rdt_enter(&l->rdt, &l->state.rdt, l->id, l->pid, err);
}
