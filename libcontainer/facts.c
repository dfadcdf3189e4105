/* SPDX-License-Identifier: Apache-2.0
 * Finds out what the host can do. Read-only, and only what the plan of this config will ask for, because each
 * answer costs system calls. */
#include "libcontainer/facts.h"
#include "cgroups/cgroup.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/request.h"
#include "libcontainer/subids.h"
#include "spec/decode.h"
#include "spec/encode.h"
#include "spec/field.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#define KERNEL_MAJOR 5
#define KERNEL_MINOR 14 /* mount_setattr(2), cgroup.kill: nothing older is tested */

#define CGROUP_MOUNT "/sys/fs/cgroup"
#define HYBRID_CGROUP_MOUNT "/sys/fs/cgroup/unified"

/* --- probing --------------------------------------------------------------------------------------- */

static int probe_kernel(struct facts *facts, struct error *err)
{
  struct utsname name;
  if (uname(&name) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the kernel's version");
  const char *p;
  uint64_t major, minor;
  if (scan_numbers(name.release, &major, 1, &p) != 1 || *p != '.'
      || scan_numbers(p + 1, &minor, 1, NULL) != 1)
    return error_set(err, ERROR_HOST, 0, "cannot understand kernel version '%s'", name.release);
  facts->kernel_major = (unsigned)major;
  facts->kernel_minor = (unsigned)minor;
  return 0;
}

#define CAP_LAST_GUESS 40 /* CAP_CHECKPOINT_RESTORE, the last since Linux 5.9 */

/* prctl(2): PR_CAPBSET_READ fails with EINVAL for capabilities that the kernel does not know. */
static uint64_t probe_cap_last(void)
{
  unsigned long cap = CAP_LAST_GUESS;
  while (cap > 0 && prctl(PR_CAPBSET_READ, cap) < 0)
    cap--;
  while (cap < 63 && prctl(PR_CAPBSET_READ, cap + 1) >= 0)
    cap++;
  return cap;
}

static bool is_setgroups_denied(void)
{
  char text[16];
  return file_read_small(proc_root(NULL), "self/setgroups", text, sizeof text) > 0
         && text_starts_with(text, "deny");
}

int facts_probe_process(struct arena *arena, struct facts *facts, struct error *err)
{
  (void)arena;
  *facts = (struct facts){ .euid = geteuid(), .egid = getegid() };
  uint64_t permitted = 0, inheritable = 0;
  if (sys_capget(&facts->capabilities, &permitted, &inheritable) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read our capabilities");
  facts->cap_last = probe_cap_last();
  if (facts->euid == 0 && proc_in_user_namespace(&facts->in_user_namespace, err) < 0)
    return -1;
  if (facts->in_user_namespace) {
    facts->setgroups_denied = is_setgroups_denied();
    facts->foreign_mounts = proc_has_foreign_mounts();
  }
  return probe_kernel(facts, err);
}

static bool is_cgroup2(const char *path)
{
  struct statfs fs;
  return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

static void probe_cgroup_mount(struct facts *facts)
{
  if (is_cgroup2(CGROUP_MOUNT))
    facts->cgroup_mount = CGROUP_MOUNT;
  else if (is_cgroup2(HYBRID_CGROUP_MOUNT))
    facts->cgroup_mount = HYBRID_CGROUP_MOUNT;
  facts->cgroup2 = facts->cgroup_mount != NULL;
}

/* Under systemd our own cgroup tells whose manager is meant. */
static bool needs_own_cgroup(const struct request *request, const char *asked, const struct facts *facts)
{
  if (request->manager == MANAGER_SYSTEMD)
    return facts->euid != 0 || facts->in_user_namespace || request->rootless == ROOTLESS_TRUE;
  return cgroup_path_needs_own(asked);
}

static int probe_cgroup(struct arena *arena, const struct request *request, const struct spec *spec,
                        struct facts *facts, struct error *err)
{
  probe_cgroup_mount(facts);
  const char *asked = spec->linux_ ? spec->linux_->cgroups_path : NULL;
  if (!facts->cgroup2 || !needs_own_cgroup(request, asked, facts))
    return 0;
  facts->own_cgroup = cgroup_path_of(arena, 0, err);
  return facts->own_cgroup ? 0 : -1;
}

static void probe_subids(struct arena *arena, const struct spec *spec, struct facts *facts)
{
  const struct namespace_ref *ns;
  subids_probe_helpers(arena, facts);
  if (spec->linux_) {
    vec_each (&spec->linux_->namespaces, ns)
      if (ns->type.value == NS_USER)
        return; /* with maps of its own, or those of the one that is joined */
  }
  subids_probe(arena, facts);
}

int facts_probe(struct arena *arena, const struct request *request, const struct spec *spec,
                struct facts *facts, struct error *err)
{
  if (facts_probe_process(arena, facts, err) < 0)
    return -1;
  if (facts->euid != 0)
    probe_subids(arena, spec, facts);
  return request->manager == MANAGER_DISABLED ? 0 : probe_cgroup(arena, request, spec, facts, err);
}

int facts_check_kernel(const struct facts *facts, struct error *err)
{
  bool old = facts->kernel_major < KERNEL_MAJOR
             || (facts->kernel_major == KERNEL_MAJOR && facts->kernel_minor < KERNEL_MINOR);
  if (!old)
    return 0;
  return error_set(err, ERROR_HOST, 0, "Linux %u.%u is too old: hull needs %d.%d or newer",
                   facts->kernel_major, facts->kernel_minor, KERNEL_MAJOR, KERNEL_MINOR);
}

/* --- JSON ------------------------------------------------------------------------------------------ */

/* Facts in the types of the table language. */
struct range_document {
  struct opt_u64 start, count;
};
struct facts_document {
  struct opt_u64 euid, egid, capabilities, cap_last, kernel_major, kernel_minor;
  struct opt_bool in_user_namespace, foreign_mounts, setgroups_denied, cgroup2;
  char *cgroup_mount, *own_cgroup, *controllers;
  char *newuidmap, *newgidmap;
  VEC(struct range_document) subuids, subgids;
};

static const struct field range_fields[] = {
  ROW("start", U64, range_document, start, .umax = UINT32_MAX - 1, .flags = FIELD_REQUIRED),
  ROW("count", U64, range_document, count, .umax = UINT32_MAX, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
static const struct type range_type = { "range", sizeof(struct range_document), range_fields };

#define FACT(json, kind_, member, ...)                                                                       \
  {                                                                                                          \
    .key = json, .kind = FIELD_##kind_, .offset = AT(facts_document, member), __VA_ARGS__                    \
  }
static const struct field facts_fields[] = {
  FACT("euid", U64, euid, .umax = UINT32_MAX, .flags = FIELD_REQUIRED),
  FACT("egid", U64, egid, .umax = UINT32_MAX, .flags = FIELD_REQUIRED),
  FACT("inUserNamespace", BOOL, in_user_namespace),
  FACT("foreignMounts", BOOL, foreign_mounts),
  FACT("setgroupsDenied", BOOL, setgroups_denied),
  FACT("capabilities", U64, capabilities),
  FACT("capLast", U64, cap_last, .umax = 63),
  FACT("kernelMajor", U64, kernel_major, .umax = UINT16_MAX),
  FACT("kernelMinor", U64, kernel_minor, .umax = UINT16_MAX),
  FACT("cgroup2", BOOL, cgroup2),
  FACT("cgroupMount", STRING, cgroup_mount),
  FACT("ownCgroup", STRING, own_cgroup),
  FACT("controllers", STRING, controllers),
  FACT("newuidmap", STRING, newuidmap),
  FACT("newgidmap", STRING, newgidmap),
  FACT("subuids", OBJECTS, subuids, .type = &range_type),
  FACT("subgids", OBJECTS, subgids, .type = &range_type),
  { .key = NULL },
};
static const struct type facts_type = { "facts", sizeof(struct facts_document), facts_fields };

static void take_ranges(struct arena *arena, const struct range_document *items, size_t count,
                        id_ranges *ranges)
{
  for (size_t i = 0; i < count; i++) {
    struct id_range *range = vec_push(arena, ranges);
    *range = (struct id_range){ .start = items[i].start.value, .count = items[i].count.value };
  }
}

int facts_from_json(struct arena *arena, const char *bytes, size_t length, struct facts *facts,
                    struct error *err)
{
  struct facts_document document = { 0 };
  struct problems problems = { .arena = arena, .document = "facts" };
  if (decode(&facts_type, &document, bytes, length, &problems, NULL) < 0)
    return problems_to_error(&problems, err);
  *facts = (struct facts){
    .euid = (uint32_t)document.euid.value,
    .egid = (uint32_t)document.egid.value,
    .in_user_namespace = document.in_user_namespace.value,
    .foreign_mounts = document.foreign_mounts.value,
    .setgroups_denied = document.setgroups_denied.value,
    .capabilities = document.capabilities.value,
    .cap_last = document.cap_last.set ? document.cap_last.value : CAP_LAST_GUESS,
    .kernel_major = (unsigned)document.kernel_major.value,
    .kernel_minor = (unsigned)document.kernel_minor.value,
    .cgroup2 = document.cgroup2.value,
    .cgroup_mount = document.cgroup_mount,
    .own_cgroup = document.own_cgroup,
    .controllers = document.controllers,
    .newuidmap = document.newuidmap,
    .newgidmap = document.newgidmap,
  };
  take_ranges(arena, document.subuids.items, document.subuids.count, &facts->subuids);
  take_ranges(arena, document.subgids.items, document.subgids.count, &facts->subgids);
  return 0;
}

static char *writable(const char *s) /* the table language has no const strings; encode only reads */
{
  return (char *)(uintptr_t)s;
}

static struct range_document document_of(const struct id_range *range)
{
  return (struct range_document){ .start = { true, range->start }, .count = { true, range->count } };
}

void facts_to_json(const struct facts *facts, struct text *out)
{
  struct facts_document document = {
    .euid = { true, facts->euid },
    .egid = { true, facts->egid },
    .in_user_namespace = { true, facts->in_user_namespace },
    .foreign_mounts = { facts->foreign_mounts, facts->foreign_mounts },
    .setgroups_denied = { facts->setgroups_denied, facts->setgroups_denied },
    .capabilities = { true, facts->capabilities },
    .cap_last = { true, facts->cap_last },
    .kernel_major = { true, facts->kernel_major },
    .kernel_minor = { true, facts->kernel_minor },
    .cgroup2 = { true, facts->cgroup2 },
    .cgroup_mount = writable(facts->cgroup_mount),
    .own_cgroup = writable(facts->own_cgroup),
    .controllers = writable(facts->controllers),
    .newuidmap = writable(facts->newuidmap),
    .newgidmap = writable(facts->newgidmap),
  };
  const struct id_range *range;
  vec_each (&facts->subuids, range)
    *(struct range_document *)vec_push(out->arena, &document.subuids) = document_of(range);
  vec_each (&facts->subgids, range)
    *(struct range_document *)vec_push(out->arena, &document.subgids) = document_of(range);
  encode(&facts_type, &document, ENCODE_PRETTY, out);
}
