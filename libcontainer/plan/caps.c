/* SPDX-License-Identifier: Apache-2.0
 * Capability lists to masks (config.md: "unknown or ungrantable capabilities MUST be warned about, and SHOULD
 * NOT be an error"). */
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"
#include "spec/names.h"

static uint64_t mask_of(struct planner *p, const struct strings *names, const char *set, unsigned last)
{
  uint64_t mask = 0;
  for (size_t i = 0; i < names->count; i++) {
    const char *pointer = planner_pointer(p, "/process/capabilities/%s/%zu", set, i);
    const struct name *row = names_find(capability_names, names->items[i]);
    if (!row)
      continue; /* spec/validate_process.c has warned */
    if ((unsigned)row->value > last)
      planner_warn(p, pointer, "this kernel has no '%s': it is left out", names->items[i]);
    else
      mask |= UINT64_C(1) << row->value;
  }
  return mask;
}

/* Keeps what is in 'allowed', and says what goes: one line for each set, because whole sets go at a time
 * where callers know nothing of ambient capabilities. */
static uint64_t keep(struct planner *p, uint64_t mask, uint64_t allowed, const char *set, const char *why)
{
  struct text left_out;
  text_init(&left_out, p->arena);
  for (const struct name *row = capability_names; row->name; row++)
    if (mask & ~allowed & (UINT64_C(1) << row->value))
      text_addf(&left_out, "%s%s", left_out.length ? ", " : "", row->name);
  if (left_out.length)
    planner_warn(p, planner_pointer(p, "/process/capabilities/%s", set), "%s left out: %s",
                 text_string(&left_out), why);
  return mask & allowed;
}

/* In a user namespace of its own, init starts with all capabilities. */
static uint64_t ours(const struct planner *p)
{
  return plan_has_user_namespace(p->plan) ? UINT64_MAX : p->facts->capabilities;
}

void plan_capabilities(struct planner *p)
{
  if (!p->process || !p->process->capabilities)
    return;
  const struct capabilities *asked = p->process->capabilities;
  const unsigned last = p->facts->cap_last < 63 ? (unsigned)p->facts->cap_last : 63;
  struct plan_capabilities *caps = &p->plan->process.caps;
  caps->set = true;
  caps->bounding = mask_of(p, &asked->bounding, "bounding", last);
  caps->permitted = mask_of(p, &asked->permitted, "permitted", last);
  caps->effective = mask_of(p, &asked->effective, "effective", last);
  caps->inheritable = mask_of(p, &asked->inheritable, "inheritable", last);
  caps->ambient = mask_of(p, &asked->ambient, "ambient", last);

  /* capabilities(7): what the kernel would refuse as a whole is granted in part. */
  caps->permitted = keep(p, caps->permitted, ours(p), "permitted", "hull has no such capability");
  caps->effective = keep(p, caps->effective, caps->permitted, "effective", "not permitted");
  caps->inheritable = keep(p, caps->inheritable, ours(p), "inheritable", "hull has no such capability");
  caps->ambient = keep(p, caps->ambient, caps->permitted & caps->inheritable, "ambient",
                       "must be permitted and inheritable");
}
