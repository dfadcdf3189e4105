/* SPDX-License-Identifier: Apache-2.0
 * Capability sets by raw system calls (capabilities(7)); libcap is for the runtime's side only. */
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include "spec/names.h"
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#define BIT(capability) (UINT64_C(1) << (capability))

/* Needs CAP_SETPCAP, so it comes before the sets shrink. */
int drop_bounding(const struct plan_capabilities *caps, struct error *err)
{
  for (unsigned cap = 0; cap < 64; cap++) {
    if (caps->bounding & BIT(cap))
      continue;
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
      continue;
    if (errno == EINVAL) /* past the last capability that the kernel knows */
      return 0;
    return error_set(err, ERROR_KERNEL, errno, "cannot drop %s from the bounding set",
                     names_of(capability_names, (long)cap) ?: "a capability");
  }
  return 0;
}

static int raise_ambient(const struct plan_capabilities *caps, struct error *err)
{
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot clear the ambient capabilities");
  for (unsigned cap = 0; cap < 64; cap++)
    if ((caps->ambient & BIT(cap)) != 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot raise the ambient capability %s",
                       names_of(capability_names, (long)cap) ?: "?");
  return 0;
}

int set_capabilities(const struct plan_capabilities *caps, uint64_t extra, struct error *err)
{
  const uint64_t effective = caps->effective | extra, permitted = caps->permitted | extra;
  if (sys_capset(&effective, &permitted, &caps->inheritable) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set the capabilities");
  return raise_ambient(caps, err);
}

/* Inheritable beyond what was asked is CVE-2022-24769 and its kin. */
int verify_capabilities(const struct plan_capabilities *caps, uint64_t extra, struct error *err)
{
  uint64_t effective, permitted, inheritable;
  if (sys_capget(&effective, &permitted, &inheritable) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the capabilities back");
  if (effective != (caps->effective | extra) || permitted != (caps->permitted | extra)
      || inheritable != caps->inheritable)
    return error_set(err, ERROR_KERNEL, 0,
                     "the capabilities are not what was asked for: effective %#llx, permitted %#llx, "
                     "inheritable %#llx",
                     (unsigned long long)effective, (unsigned long long)permitted,
                     (unsigned long long)inheritable);
  return 0;
}

uint64_t capability_for_filter(const struct init_context *init)
{
  const bool needs = init->filter != NULL && init->plan->seccomp_when == SECCOMP_EARLY;
  return needs && (init->plan->process.caps.permitted & BIT(CAP_SYS_ADMIN)) == 0 ? BIT(CAP_SYS_ADMIN) : 0;
}

/* The only call besides execve(2) that comes after the filter; permitted shrinks, so ambient can't be
 * touched. */
int drop_last_capability(struct init_context *init, struct error *err)
{
  const struct plan_capabilities *caps = &init->plan->process.caps;
  if (sys_capset(&caps->effective, &caps->permitted, &caps->inheritable) < 0)
    return error_set(
        err, ERROR_KERNEL, errno,
        "cannot drop CAP_SYS_ADMIN after loading the seccomp filter: the profile must allow capset, "
        "or set noNewPrivileges");
  return 0;
}
