/* SPDX-License-Identifier: Apache-2.0
 * `hull update`: other limits for a container that is there. Options are only another way to write the
 * document that --resources reads. */
#include "cmd/command.h"
#include "cmd/print.h"
#include "cmd/size.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define RESOURCES_MAX_BYTES (16 << 20) /* as a config.json */

static struct {
  const char *resources;
  const char *memory, *memory_reservation, *memory_swap, *kernel_memory, *kernel_memory_tcp;
  const char *cpu_share, *cpu_quota, *cpu_period, *cpu_burst, *cpu_idle, *cpu_rt_period, *cpu_rt_runtime;
  const char *cpuset_cpus, *cpuset_mems, *pids_limit, *blkio_weight;
  const char *l3_cache_schema, *mem_bw_schema;
} given;
typedef __typeof__(given) update_values;

/* clang-format off */
#define UPDATE(member) .kind = OPTION_STRING, OPTION_AT (update_values, member)
static const struct option_row options[] = {
  { .name = "resources", .letter = 'r', .value = "FILE", UPDATE (resources),
    .help = "linux.resources as JSON, '-' for standard input, instead of the options below" },
  { .name = "blkio-weight", .value = "WEIGHT", UPDATE (blkio_weight), .help = "share of io, 10 to 1000" },
  { .name = "cpu-period", .value = "US", UPDATE (cpu_period), .help = "period of the CPU limit" },
  { .name = "cpu-quota", .value = "US", UPDATE (cpu_quota), .help = "CPU time in each period" },
  { .name = "cpu-burst", .value = "US", UPDATE (cpu_burst), .help = "unused CPU time that may be saved" },
  { .name = "cpu-share", .value = "SHARES", UPDATE (cpu_share), .help = "share of CPU time, 2 to 262144" },
  { .name = "cpu-idle", .value = "0|1", UPDATE (cpu_idle), .help = "1: run only when nobody else does" },
  { .name = "cpu-rt-period", .value = "US", UPDATE (cpu_rt_period), .manual_only = true, .help = "cgroup v1 only" },
  { .name = "cpu-rt-runtime", .value = "US", UPDATE (cpu_rt_runtime), .manual_only = true, .help = "cgroup v1 only" },
  { .name = "cpuset-cpus", .value = "LIST", UPDATE (cpuset_cpus), .help = "CPUs to use, as 0-2,7" },
  { .name = "cpuset-mems", .value = "LIST", UPDATE (cpuset_mems), .help = "memory nodes to use" },
  { .name = "memory", .value = "SIZE", UPDATE (memory), .help = "memory limit, as 512m; -1: none" },
  { .name = "memory-reservation", .value = "SIZE", UPDATE (memory_reservation),
    .help = "memory that is not reclaimed" },
  { .name = "memory-swap", .value = "SIZE", UPDATE (memory_swap),
    .help = "limit of memory and swap together; -1: none" },
  { .name = "pids-limit", .value = "N", UPDATE (pids_limit), .help = "number of processes; -1: no limit" },
  { .name = "kernel-memory", .value = "SIZE", UPDATE (kernel_memory), .manual_only = true, .help = "cgroup v1 only, ignored" },
  { .name = "kernel-memory-tcp", .value = "SIZE", UPDATE (kernel_memory_tcp), .manual_only = true,
    .help = "cgroup v1 only, ignored" },
  { .name = "l3-cache-schema", .value = "SCHEMA", UPDATE (l3_cache_schema),
    .help = "of Intel RDT, as L3:0=ff" },
  { .name = "mem-bw-schema", .value = "SCHEMA", UPDATE (mem_bw_schema), .help = "of Intel RDT, as MB:0=20" },
  { 0 },
};
/* clang-format on */

enum limit_kind { LIMIT_SIZE, LIMIT_NUMBER, LIMIT_COUNT /* not negative */, LIMIT_LIST };

/* Options and where they go; sorted by object. */
static const struct limit {
  const char *option, *object, *key;
  enum limit_kind kind;
  size_t at;
} limits[] = {
#define LIMIT(option_, member_, object_, key_, kind_)                                                        \
  {                                                                                                          \
    .option = option_, .object = object_, .key = key_, .kind = kind_, OPTION_AT(update_values, member_)      \
  }
  LIMIT("blkio-weight", blkio_weight, "blockIO", "weight", LIMIT_COUNT),
  LIMIT("cpu-burst", cpu_burst, "cpu", "burst", LIMIT_COUNT),
  LIMIT("cpu-idle", cpu_idle, "cpu", "idle", LIMIT_NUMBER),
  LIMIT("cpu-period", cpu_period, "cpu", "period", LIMIT_COUNT),
  LIMIT("cpu-quota", cpu_quota, "cpu", "quota", LIMIT_NUMBER),
  LIMIT("cpu-rt-period", cpu_rt_period, "cpu", "realtimePeriod", LIMIT_COUNT),
  LIMIT("cpu-rt-runtime", cpu_rt_runtime, "cpu", "realtimeRuntime", LIMIT_NUMBER),
  LIMIT("cpu-share", cpu_share, "cpu", "shares", LIMIT_COUNT),
  LIMIT("cpuset-cpus", cpuset_cpus, "cpu", "cpus", LIMIT_LIST),
  LIMIT("cpuset-mems", cpuset_mems, "cpu", "mems", LIMIT_LIST),
  LIMIT("memory", memory, "memory", "limit", LIMIT_SIZE),
  LIMIT("memory-reservation", memory_reservation, "memory", "reservation", LIMIT_SIZE),
  LIMIT("memory-swap", memory_swap, "memory", "swap", LIMIT_SIZE),
  LIMIT("pids-limit", pids_limit, "pids", "limit", LIMIT_NUMBER),
};

static int refuse(const struct limit *limit, const char *value, const char *wanted, struct error *err)
{
  return error_set(err, ERROR_USAGE, errno == ERANGE ? ERANGE : 0, "option '--%s' must be %s, not '%s'",
                   limit->option, wanted, value);
}

static int add_value(struct text *out, const struct limit *limit, const char *value, struct error *err)
{
  int64_t number;
  uint64_t count;
  switch (limit->kind) {
  case LIMIT_SIZE:
    if (size_parse(value, &number) < 0)
      return refuse(limit, value, "a size as 512m, or -1", err);
    text_addf(out, "%" PRId64, number);
    return 0;
  case LIMIT_NUMBER:
    if (parse_i64(value, INT64_MIN, INT64_MAX, &number) < 0)
      return refuse(limit, value, "a number", err);
    text_addf(out, "%" PRId64, number);
    return 0;
  case LIMIT_COUNT:
    if (parse_u64(value, UINT64_MAX, &count) < 0)
      return refuse(limit, value, "a number that is not negative", err);
    text_addf(out, "%" PRIu64, count);
    return 0;
  case LIMIT_LIST:
    print_json_string(out, value);
    return 0;
  }
  return 0;
}

static int document_of_options(struct text *out, struct error *err)
{
  const char *object = "";
  text_add(out, "{");
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    const struct limit *limit = &limits[i];
    const char *value = *(const char *const *)(const void *)((const char *)&given + limit->at);
    if (!value)
      continue;
    if (strcmp(limit->object, object) == 0)
      text_add(out, ",");
    else
      text_addf(out, "%s\"%s\":{", *object ? "}," : "", limit->object);
    object = limit->object;
    text_addf(out, "\"%s\":", limit->key);
    if (add_value(out, limit, value, err) < 0)
      return -1;
  }
  text_add(out, *object ? "}}" : "}");
  return 0;
}

static int read_standard_input(struct text *out, struct error *err)
{
  char buffer[16384];
  for (;;) {
    const ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
    if (n == 0)
      return 0;
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return error_set(err, ERROR_USAGE, errno, "cannot read the resources from standard input");
    text_add_bytes(out, buffer, (size_t)n);
    if (out->length > RESOURCES_MAX_BYTES)
      return error_set(err, ERROR_USAGE, 0, "standard input: larger than %d MiB", RESOURCES_MAX_BYTES >> 20);
  }
}

/* /dev/stdin and "<(...)" of a shell are files that file_read() does not read. */
static int read_resources(const struct call *call, struct text *out, struct error *err)
{
  size_t length;
  if (strcmp(given.resources, "-") == 0)
    return read_standard_input(out, err);
  const char *bytes = file_read(call->arena, AT_FDCWD, given.resources, RESOURCES_MAX_BYTES, &length, err);
  if (!bytes)
    return error_wrap(err, "cannot read the resources");
  text_add_bytes(out, bytes, length);
  return 0;
}

static void warn_of_what_is_ignored(void)
{
  if (given.kernel_memory || given.kernel_memory_tcp)
    log_warning("--kernel-memory and --kernel-memory-tcp are ignored: cgroup v2 has no such limits");
  if (!given.resources)
    return;
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    if (*(const char *const *)(const void *)((const char *)&given + limits[i].at))
      log_warning("--%s is ignored beside --resources", limits[i].option);
}

static int run(const struct call *call, struct hull_error *error)
{
  struct text document;
  struct error *err = error_inside(error);
  log_set_container(call->args[0]);
  warn_of_what_is_ignored();
  text_init(&document, call->arena);
  const char *name = "options";
  if (given.resources)
    name = strcmp(given.resources, "-") == 0 ? "standard input" : given.resources;
  if ((given.resources ? read_resources(call, &document, err) : document_of_options(&document, err)) < 0)
    return -1;
  struct hull *hull = call_open(call, error);
  const struct hull_update_options how = { .size = sizeof how,
                                           .resources = text_string(&document),
                                           .length = document.length,
                                           .document = name,
                                           .l3_cache_schema = given.l3_cache_schema,
                                           .mem_bw_schema = given.mem_bw_schema };
  return hull ? hull_update(hull, call->args[0], &how, error) : -1;
}

const struct command update_command = {
  .name = "update",
  .arguments = "ID",
  .summary = "change the limits of a container",
  .brief = "change its limits",
  .group = GROUP_CHANGE,
  .options = options,
  .values = &given,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
