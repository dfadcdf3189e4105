/* SPDX-License-Identifier: Apache-2.0
 * The table of controllers, and the list of limits that no row acts on yet. Pure. To add a controller: a file
 * that exports its row, a line in 'controllers', and the line in 'unsupported' goes. */
#include "cgroups/controllers.h"
#include "libcontainer/base/text.h"
#include "spec/spec.h"
#include <stdlib.h>
#include <string.h>

static void parse_memory_events(const char *text, struct cgroup_stats *stats)
{
  stats->has_oom = keyed_value(text, "oom_kill", &stats->oom_kill);
  (void)keyed_value(text, "oom", &stats->oom); /* stays 0 where the kernel has none */
}

/* Limits are enforced by a program, not by files: devices.c, devices_bpf.c. */
static const struct controller devices_controller = { .name = "devices" };
static const struct controller memory_controller = {
  .name = "memory",
  .stat_file = "memory.events",
  .parse_stat = parse_memory_events,
};

const struct controller *const controllers[] = {
  &devices_controller,
  &memory_controller,
  NULL,
};

/* What each limit looks like when it asks for nothing, as spec/validate_support.c has it: callers that always
 * write the whole object write 0 or -1 for "no limit", 1024 for the CPU shares that a cgroup has anyway, and
 * a period that says nothing without a quota. */
#define DEFAULT_CPU_SHARES 1024

static bool asks_limit(const struct opt_i64 *limit)
{
  return limit->value != 0 && limit->value != -1;
}

static bool asks_memory(const struct resources *r)
{
  const struct memory *m = r->memory;
  return m
         && (asks_limit(&m->limit) || asks_limit(&m->reservation) || asks_limit(&m->swap)
             || asks_limit(&m->kernel) || asks_limit(&m->kernel_tcp) || m->swappiness.value
             || m->disable_oom_killer.value || m->check_before_update.value);
}

static bool asks_cpu(const struct resources *r)
{
  const struct cpu *c = r->cpu;
  return c
         && ((c->shares.value && c->shares.value != DEFAULT_CPU_SHARES) || asks_limit(&c->quota)
             || c->burst.value || asks_limit(&c->realtime_runtime) || c->realtime_period.value
             || asks_limit(&c->idle));
}

static bool has_text(const char *s)
{
  return s && *s;
}

static bool asks_cpus(const struct resources *r)
{
  return r->cpu && has_text(r->cpu->cpus);
}

static bool asks_mems(const struct resources *r)
{
  return r->cpu && has_text(r->cpu->mems);
}

/* podman writes 0 for "no limit". */
static bool asks_pids(const struct resources *r)
{
  return r->pids && asks_limit(&r->pids->limit);
}

static bool asks_block_io(const struct resources *r)
{
  const struct block_io *b = r->block_io;
  return b
         && (b->weight.value || b->leaf_weight.value || b->weight_device.count
             || b->throttle_read_bps_device.count || b->throttle_write_bps_device.count
             || b->throttle_read_iops_device.count || b->throttle_write_iops_device.count);
}

static bool asks_huge_pages(const struct resources *r)
{
  return r->hugepage_limits.count > 0;
}

static bool asks_network(const struct resources *r)
{
  return r->network && (r->network->class_id.value || r->network->priorities.count);
}

static bool asks_rdma(const struct resources *r)
{
  return r->rdma.count > 0;
}

static bool asks_unified(const struct resources *r)
{
  return r->unified.count > 0;
}

static const struct {
  const char *pointer;
  bool (*asked)(const struct resources *resources);
} unsupported[] = {
  { "/linux/resources/memory", asks_memory },
  { "/linux/resources/cpu", asks_cpu },
  { "/linux/resources/cpu/cpus", asks_cpus },
  { "/linux/resources/cpu/mems", asks_mems },
  { "/linux/resources/pids", asks_pids },
  { "/linux/resources/blockIO", asks_block_io },
  { "/linux/resources/hugepageLimits", asks_huge_pages },
  { "/linux/resources/network", asks_network },
  { "/linux/resources/rdma", asks_rdma },
  { "/linux/resources/unified", asks_unified },
};

int controllers_check_supported(const struct resources *resources, struct error *err)
{
  for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
    if (unsupported[i].asked(resources)) {
      (void)error_set(err, ERROR_CONFIG, 0, "this limit is not supported yet");
      return error_at(err, unsupported[i].pointer);
    }
  return 0;
}

bool keyed_value(const char *text, const char *key, uint64_t *value)
{
  size_t length = strlen(key);
  for (const char *line = text; line && *line;) {
    if (strncmp(line, key, length) == 0 && line[length] == ' ') {
      *value = strtoull(line + length + 1, NULL, 10);
      return true;
    }
    line = strchr(line, '\n');
    if (line)
      line++;
  }
  return false;
}
