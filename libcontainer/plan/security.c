/* SPDX-License-Identifier: Apache-2.0
 * When the seccomp filter is loaded, and the labels of LSMs. */
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"

static const char *text_or_null(const char *s)
{
  return s && *s ? s : NULL;
}

/* A line feed would end the kernel's command early. */
static void check_label(struct planner *p, const char *label, const char *pointer)
{
  if (label && strpbrk(label, "\n"))
    planner_problem(p, pointer, "a label is one line");
}

static void plan_labels(struct planner *p)
{
  struct plan_process *planned = &p->plan->process;
  if (!p->process)
    return;
  planned->apparmor_profile = text_or_null(p->process->apparmor_profile);
  planned->selinux_label = text_or_null(p->process->selinux_label);
  check_label(p, planned->apparmor_profile, "/process/apparmorProfile");
  check_label(p, planned->selinux_label, "/process/selinuxLabel");
}

/* seccomp(2): without no_new_privs, loading a filter needs CAP_SYS_ADMIN, so it must come before the
 * capabilities are dropped and the profile has to allow what init still does. With it, the filter can come
 * last. */
void plan_security(struct planner *p)
{
  plan_labels(p);
  p->plan->seccomp = p->linux_->seccomp;
  if (!p->plan->seccomp)
    p->plan->seccomp_when = SECCOMP_NONE;
  else
    p->plan->seccomp_when = p->plan->process.no_new_privs ? SECCOMP_LATE : SECCOMP_EARLY;
}
