/* SPDX-License-Identifier: Apache-2.0
 * Builds the config of `hull sandbox` in memory. The tables say what every sandbox has; what was asked for
 * lies over it, in its order. */
#include "spec/sandbox.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/text.h"
#include <stddef.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))
#define WORDS_MAX 10
#define CPU_PERIOD_US 100000

struct sandbox_mount {
  const char *destination, *type, *source;
  const char *options[WORDS_MAX];
};
/* First, so that no mount point is ever made on the host: all of its mounts become read-only. */
static const struct sandbox_mount root_mount = { "/", NULL, NULL, { "remount", "rro", "rnosuid", "rnodev" } };
static const struct sandbox_mount proc_mount = { "/proc", "proc", "proc", { "nosuid", "noexec", "nodev" } };
static const struct sandbox_mount dev_mount = {
  "/dev", "tmpfs", "tmpfs", { "nosuid", "noexec", "mode=755", "size=1m" }
};
static const struct sandbox_mount pts_mount = {
  "/dev/pts", "devpts", "devpts", { "nosuid", "noexec", "ptmxmode=0666", "mode=0620" }
};
static const struct sandbox_mount shm_mount = {
  "/dev/shm", "tmpfs", "shm", { "nosuid", "nodev", "mode=1777" }
};
/* Shows the network devices of the namespace that it is mounted in; a user namespace without one of its own
 * may not, and there the host's is covered. */
static const struct sandbox_mount sys_mount = {
  "/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" }
};
static const struct sandbox_mount no_sys_mount = {
  "/sys", "tmpfs", "tmpfs", { "nosuid", "noexec", "nodev", "mode=555", "size=4k", "ro" }
};
static const struct sandbox_mount cgroup_mount = {
  "/sys/fs/cgroup", "cgroup", "cgroup", { "nosuid", "noexec", "nodev", "ro" }
};

static const char *const own_places[] = { "/proc", "/dev", "/sys" };

static const enum namespace_type namespaces[] = { NS_PID, NS_IPC, NS_UTS, NS_MOUNT, NS_CGROUP };

static const char *const masked_paths[] = {
  "/proc/acpi", "/proc/asound",     "/proc/kcore",       "/proc/keys",    "/proc/latency_stats",
  "/proc/scsi", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware", "/sys/devices/virtual/tpm",
};
static const char *const readonly_paths[] = {
  "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static void add_string(struct arena *arena, struct strings *strings, const char *s)
{
  char **item = vec_push(arena, strings);
  *item = (char *)(uintptr_t)s; /* struct spec has no const strings; nobody writes to them */
}

static char *writable(const char *s)
{
  return (char *)(uintptr_t)s;
}

static struct mount *add_mount(struct arena *arena, struct spec *spec, const struct sandbox_mount *row)
{
  struct mount *m = vec_push(arena, &spec->mounts);
  m->destination = writable(row->destination);
  m->type = writable(row->type);
  m->source = writable(row->source);
  for (size_t i = 0; i < WORDS_MAX && row->options[i]; i++)
    add_string(arena, &m->options, row->options[i]);
  return m;
}

/* An overlay of what is there anyway: it lies below all that is asked for. */
static bool is_implied(const struct sandbox_path *p)
{
  return p->access == SANDBOX_OVERLAY && !p->source;
}

/* The mode that people expect in a directory of that name. */
static const char *tmpfs_mode(const char *place)
{
  return text_equal(place, "/tmp") || text_equal(place, "/var/tmp") ? "mode=1777" : "mode=755";
}

static void add_tmpfs(struct arena *arena, struct spec *spec, const char *place, const char *mode)
{
  const struct sandbox_mount row = { place, "tmpfs", "tmpfs", { "nosuid", "nodev", mode } };
  add_mount(arena, spec, &row);
}

static void add_readonly(struct arena *arena, struct spec *spec, const char *source, const char *destination)
{
  const struct sandbox_mount row = { destination, "none", source, { "rbind", "rnosuid", "rnodev", "rro" } };
  add_mount(arena, spec, &row);
}

/* What of the sandbox is its own, whatever the host has there. */
static bool is_replaced(const struct sandbox_wishes *wishes, const char *path)
{
  char *const *place;
  for (size_t i = 0; i < ROWS(own_places); i++)
    if (path_is_under(path, own_places[i]))
      return true;
  vec_each (&wishes->private_places, place)
    if (path_is_under(path, *place))
      return true;
  return false;
}

/* The part of 'path' below 'top': "" or "/rest". */
static const char *below(const char *path, const char *top)
{
  return text_equal(top, "/") ? path : path + strlen(top);
}

/* The topmost mounts below 'top': a recursive bind has what is below them. */
static void add_mounts_below(struct arena *arena, struct spec *spec, const struct sandbox_wishes *wishes,
                             const char *top, const char *destination)
{
  char *const *path;
  const char *above = NULL;
  vec_each (&wishes->host_mounts, path) {
    if (text_equal(*path, top) || !path_is_under(*path, top) || (above && path_is_under(*path, above))
        || (text_equal(top, "/") && is_replaced(wishes, *path)))
      continue;
    above = *path;
    add_readonly(arena, spec, *path,
                 path_absolute(arena, "/", arena_printf(arena, "%s%s", destination, below(*path, top))));
  }
}

static void add_overlay(struct arena *arena, struct spec *spec, const struct sandbox_wishes *wishes,
                        const struct sandbox_path *path)
{
  const struct sandbox_mount row = {
    path->destination, "overlay", "overlay", { "tmpupper", "nosuid", "nodev" }
  };
  if (path->source)
    add_readonly(arena, spec, path->source, path->destination);
  add_mount(arena, spec, &row);
  add_mounts_below(arena, spec, wishes, path->source ? path->source : path->destination, path->destination);
}

static void add_path(struct arena *arena, struct spec *spec, const struct sandbox_wishes *wishes,
                     const struct sandbox_path *path)
{
  const struct sandbox_mount row = {
    path->destination, "none", path->source, { "rbind", "rnosuid", "rnodev" }
  };
  switch (path->access) {
  case SANDBOX_RO:
    add_readonly(arena, spec, path->source, path->destination);
    return;
  case SANDBOX_RW:
    break;
  case SANDBOX_TMPFS:
    add_tmpfs(arena, spec, path->destination, NULL);
    return;
  case SANDBOX_OVERLAY:
    add_overlay(arena, spec, wishes, path);
    return;
  }
  add_mount(arena, spec, &row);
}

static bool has_limits(const struct sandbox_wishes *wishes)
{
  return wishes->memory > 0 || wishes->cpus > 0 || wishes->pids > 0;
}

static void add_sys(struct arena *arena, const struct sandbox_wishes *wishes, struct spec *spec)
{
  if (wishes->user_namespace && wishes->host_network) {
    add_mount(arena, spec, &no_sys_mount);
    return;
  }
  add_mount(arena, spec, &sys_mount);
  if (has_limits(wishes)) /* for programs that ask for their limits */
    add_mount(arena, spec, &cgroup_mount);
}

static void add_mounts(struct arena *arena, const struct sandbox_wishes *wishes, struct spec *spec)
{
  char *const *place;
  const struct sandbox_path *path;
  add_mount(arena, spec, &root_mount);
  vec_each (&wishes->paths, path)
    if (is_implied(path))
      add_path(arena, spec, wishes, path);
  add_mount(arena, spec, &proc_mount);
  add_mount(arena, spec, &dev_mount);
  struct mount *pts = add_mount(arena, spec, &pts_mount);
  if (!wishes->user_namespace)
    add_string(arena, &pts->options, "gid=5");
  add_mount(arena, spec, &shm_mount);
  add_sys(arena, wishes, spec);
  vec_each (&wishes->private_places, place)
    add_tmpfs(arena, spec, *place, tmpfs_mode(*place));
  vec_each (&wishes->paths, path)
    if (!is_implied(path))
      add_path(arena, spec, wishes, path);
}

static struct process *make_process(struct arena *arena, const struct sandbox_wishes *wishes)
{
  struct process *process = arena_alloc(arena, sizeof *process);
  process->terminal = (struct opt_bool){ true, wishes->terminal };
  process->user = arena_alloc(arena, sizeof *process->user);
  process->user->uid = (struct opt_u64){ true, wishes->uid };
  process->user->gid = (struct opt_u64){ true, wishes->gid };
  for (char *const *arg = wishes->args; *arg; arg++)
    add_string(arena, &process->args, *arg);
  process->env = wishes->env;
  process->cwd = writable(wishes->cwd);
  process->capabilities = arena_alloc(arena, sizeof *process->capabilities); /* empty sets: none */
  process->no_new_privileges = (struct opt_bool){ true, true };
  return process;
}

static void add_namespace(struct arena *arena, struct linux_config *linux_, enum namespace_type type)
{
  struct namespace_ref *ns = vec_push(arena, &linux_->namespaces);
  ns->type = (struct opt_enum){ true, type };
}

static void add_mapping(struct arena *arena, id_mappings *maps, uint32_t inside, uint32_t host)
{
  struct id_mapping *map = vec_push(arena, maps);
  map->container_id = (struct opt_u64){ true, inside };
  map->host_id = (struct opt_u64){ true, host };
  map->size = (struct opt_u64){ true, 1 };
}

static void add_limits(struct arena *arena, const struct sandbox_wishes *wishes, struct linux_config *linux_)
{
  if (!has_limits(wishes))
    return;
  struct resources *resources = arena_alloc(arena, sizeof *resources);
  linux_->resources = resources;
  if (wishes->memory > 0) {
    resources->memory = arena_alloc(arena, sizeof *resources->memory);
    resources->memory->limit = (struct opt_i64){ true, wishes->memory };
  }
  if (wishes->cpus > 0) {
    resources->cpu = arena_alloc(arena, sizeof *resources->cpu);
    resources->cpu->quota = (struct opt_i64){ true, (int64_t)(wishes->cpus * CPU_PERIOD_US + 0.5) };
    resources->cpu->period = (struct opt_u64){ true, CPU_PERIOD_US };
  }
  if (wishes->pids > 0) {
    resources->pids = arena_alloc(arena, sizeof *resources->pids);
    resources->pids->limit = (struct opt_i64){ true, wishes->pids + 1 };
  }
}

static struct linux_config *make_linux(struct arena *arena, const struct sandbox_wishes *wishes)
{
  struct linux_config *linux_ = arena_alloc(arena, sizeof *linux_);
  for (size_t i = 0; i < ROWS(namespaces); i++)
    add_namespace(arena, linux_, namespaces[i]);
  if (!wishes->host_network)
    add_namespace(arena, linux_, NS_NETWORK);
  if (wishes->user_namespace) {
    add_namespace(arena, linux_, NS_USER);
    add_mapping(arena, &linux_->uid_mappings, wishes->uid, wishes->own_uid);
    add_mapping(arena, &linux_->gid_mappings, wishes->gid, wishes->own_gid);
  }
  for (size_t i = 0; i < ROWS(masked_paths); i++)
    add_string(arena, &linux_->masked_paths, masked_paths[i]);
  for (size_t i = 0; i < ROWS(readonly_paths); i++)
    add_string(arena, &linux_->readonly_paths, readonly_paths[i]);
  linux_->seccomp = (struct seccomp *)(uintptr_t)wishes->seccomp;
  add_limits(arena, wishes, linux_);
  return linux_;
}

static bool has_root_overlay(const struct sandbox_wishes *wishes)
{
  const struct sandbox_path *path;
  vec_each (&wishes->paths, path)
    if (is_implied(path) && text_equal(path->destination, "/"))
      return true;
  return false;
}

void sandbox_spec(struct arena *arena, const struct sandbox_wishes *wishes, struct spec *spec)
{
  spec->oci_version = writable("1.3.0");
  spec->hostname = writable("sandbox");
  spec->root = arena_alloc(arena, sizeof *spec->root);
  spec->root->path = writable("/");
  spec->root->readonly = (struct opt_bool){ true, !has_root_overlay(wishes) };
  spec->process = make_process(arena, wishes);
  add_mounts(arena, wishes, spec);
  spec->linux_ = make_linux(arena, wishes);
}

static bool in_host_mount(const struct sandbox_wishes *wishes, const char *path, const char *top)
{
  char *const *mount;
  vec_each (&wishes->host_mounts, mount)
    if (!text_equal(*mount, top) && path_is_under(*mount, top) && path_is_under(path, *mount))
      return true;
  return false;
}

/* What lies below 'destination' of what was mounted with 'access' from 'source'. */
static bool in_memory(struct arena *arena, const struct sandbox_wishes *wishes, const struct sandbox_path *p,
                      const char *path, const char **source)
{
  const char *rest = below(path, p->destination);
  if (p->access == SANDBOX_TMPFS)
    return true;
  *source = is_implied(p) ? path : *rest ? path_join(arena, p->source, rest + 1) : p->source;
  return p->access == SANDBOX_OVERLAY
         && !in_host_mount(wishes, *source, p->source ? p->source : p->destination);
}

bool sandbox_may_make(struct arena *arena, const struct sandbox_wishes *wishes, size_t before,
                      const char *path, const char **source)
{
  for (size_t i = before; i > 0; i--) {
    const struct sandbox_path *p = &wishes->paths.items[i - 1];
    if (!is_implied(p) && path_is_under(path, p->destination))
      return in_memory(arena, wishes, p, path, source);
  }
  if (is_replaced(wishes, path))
    return true; /* or the kernel says why not: nothing of it is on the host's disks */
  for (size_t i = before; i > 0; i--) {
    const struct sandbox_path *p = &wishes->paths.items[i - 1];
    if (is_implied(p) && path_is_under(path, p->destination))
      return in_memory(arena, wishes, p, path, source);
  }
  *source = path;
  return false;
}

ssize_t sandbox_contradiction(const struct sandbox_wishes *wishes, size_t index)
{
  const struct sandbox_path *path = &wishes->paths.items[index];
  for (size_t i = 0; i < index; i++) {
    const struct sandbox_path *other = &wishes->paths.items[i];
    if (is_implied(other) || other->unasked)
      continue;
    if (text_equal(other->destination, path->destination)
            ? other->access != path->access
            : path_is_under(other->destination, path->destination))
      return (ssize_t)i;
  }
  return -1;
}
