/* SPDX-License-Identifier: Apache-2.0
 * The default config.json. Its values are those that users of `runc spec` know. */
#include "spec/template.h"
#include "spec/encode.h"
#include "spec/spec.h"
#include "spec/types.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))
#define WORDS_MAX 8

static const char *const env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                   "TERM=xterm" };
static const char *const caps[] = { "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" };

struct template_mount {
  const char *destination, *type, *source;
  const char *options[WORDS_MAX];
};
static const struct template_mount template_mounts[] = {
  { "/proc", "proc", "proc", { NULL } },
  { "/dev", "tmpfs", "tmpfs", { "nosuid", "strictatime", "mode=755", "size=65536k" } },
  { "/dev/pts",
    "devpts",
    "devpts",
    { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" } },
  { "/dev/shm", "tmpfs", "shm", { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" } },
  { "/dev/mqueue", "mqueue", "mqueue", { "nosuid", "noexec", "nodev" } },
  { "/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" } },
  { "/sys/fs/cgroup", "cgroup", "cgroup", { "nosuid", "noexec", "nodev", "relatime", "ro" } },
};
/* Without a network namespace of its own, a user namespace may not mount sysfs. */
static const struct template_mount rootless_sys = {
  "/sys", "none", "/sys", { "rbind", "nosuid", "noexec", "nodev", "ro" }
};

static const enum namespace_type namespaces[] = { NS_PID, NS_NETWORK, NS_IPC, NS_UTS, NS_MOUNT, NS_CGROUP };

static const char *const masked_paths[] = {
  "/proc/acpi",
  "/proc/asound",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/sys/firmware",
  "/proc/scsi",
  "/sys/devices/virtual/tpm",
};
static const char *const readonly_paths[] = {
  "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static void add_string(struct arena *arena, struct strings *strings, const char *s)
{
  char **item = vec_push(arena, strings);
  *item = (char *)s; /* the template is only printed */
}

static void add_strings(struct arena *arena, struct strings *strings, const char *const *items, size_t count)
{
  for (size_t i = 0; i < count && items[i]; i++)
    add_string(arena, strings, items[i]);
}

static struct process *make_process(struct arena *arena)
{
  struct process *process = arena_alloc(arena, sizeof *process);
  process->terminal = (struct opt_bool){ true, true };
  process->user = arena_alloc(arena, sizeof *process->user);
  process->user->uid.set = process->user->gid.set = true;
  add_string(arena, &process->args, "sh");
  add_strings(arena, &process->env, env, ROWS(env));
  process->cwd = (char *)"/";
  process->capabilities = arena_alloc(arena, sizeof *process->capabilities);
  add_strings(arena, &process->capabilities->bounding, caps, ROWS(caps));
  add_strings(arena, &process->capabilities->effective, caps, ROWS(caps));
  add_strings(arena, &process->capabilities->permitted, caps, ROWS(caps));
  struct posix_rlimit *files = vec_push(arena, &process->rlimits);
  files->type = (struct opt_enum){ true, RLIMIT_NOFILE };
  files->soft = files->hard = (struct opt_u64){ true, 1024 };
  process->no_new_privileges = (struct opt_bool){ true, true };
  return process;
}

static bool starts_with_id(const char *option)
{
  return strncmp(option, "gid=", 4) == 0 || strncmp(option, "uid=", 4) == 0;
}

static void add_mount(struct arena *arena, struct spec *spec, const struct template_mount *row, bool rootless)
{
  struct mount *m = vec_push(arena, &spec->mounts);
  m->destination = (char *)row->destination;
  m->type = (char *)row->type;
  m->source = (char *)row->source;
  for (const char *const *option = row->options; option < row->options + WORDS_MAX && *option; option++)
    if (!rootless || !starts_with_id(*option)) /* only one id is mapped */
      add_string(arena, &m->options, *option);
}

static void add_mounts(struct arena *arena, struct spec *spec, bool rootless)
{
  for (size_t i = 0; i < ROWS(template_mounts); i++) {
    bool sys = strcmp(template_mounts[i].destination, "/sys") == 0;
    add_mount(arena, spec, rootless && sys ? &rootless_sys : &template_mounts[i], rootless);
  }
}

static void add_namespace(struct arena *arena, struct linux_config *linux_, enum namespace_type type)
{
  struct namespace_ref *ns = vec_push(arena, &linux_->namespaces);
  ns->type = (struct opt_enum){ true, type };
}

static void deny_devices(struct arena *arena, struct linux_config *linux_)
{
  linux_->resources = arena_alloc(arena, sizeof *linux_->resources);
  struct device_rule *rule = vec_push(arena, &linux_->resources->devices);
  rule->allow.set = true;
  rule->access = (char *)"rwm";
}

static void add_mapping(struct arena *arena, id_mappings *maps, uint32_t host_id)
{
  struct id_mapping *map = vec_push(arena, maps);
  map->container_id.set = true;
  map->host_id = (struct opt_u64){ true, host_id };
  map->size = (struct opt_u64){ true, 1 };
}

static struct linux_config *make_linux(struct arena *arena, bool rootless, uint32_t uid, uint32_t gid)
{
  struct linux_config *linux_ = arena_alloc(arena, sizeof *linux_);
  for (size_t i = 0; i < ROWS(namespaces); i++)
    if (!rootless || namespaces[i] != NS_NETWORK)
      add_namespace(arena, linux_, namespaces[i]);
  if (rootless) {
    add_namespace(arena, linux_, NS_USER);
    add_mapping(arena, &linux_->uid_mappings, uid);
    add_mapping(arena, &linux_->gid_mappings, gid);
  } else {
    deny_devices(arena, linux_);
  }
  add_strings(arena, &linux_->masked_paths, masked_paths, ROWS(masked_paths));
  add_strings(arena, &linux_->readonly_paths, readonly_paths, ROWS(readonly_paths));
  return linux_;
}

void template_config(struct text *out, bool rootless, uint32_t uid, uint32_t gid)
{
  struct arena *arena = out->arena;
  struct spec spec = { .oci_version = (char *)"1.3.0", .hostname = (char *)"hull" };
  spec.root = arena_alloc(arena, sizeof *spec.root);
  spec.root->path = (char *)"rootfs";
  spec.root->readonly = (struct opt_bool){ true, true };
  spec.process = make_process(arena);
  add_mounts(arena, &spec, rootless);
  spec.linux_ = make_linux(arena, rootless, uid, gid);
  encode(&config_type, &spec, ENCODE_PRETTY, out);
}
