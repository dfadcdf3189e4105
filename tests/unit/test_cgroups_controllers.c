/* SPDX-License-Identifier: Apache-2.0
 * The controller table: resources to settings, kernel text to numbers, and how values are put back. */
#include "cgroups/controllers.h"
#include "cgroups/values.h"
#include "spec/spec.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <math.h>

static void test_settings(void)
{
  struct arena arena = ARENA_INIT;
  struct settings settings = { .count = 0 };
  settings_add(&arena, &settings, "memory.max", "1", "/linux/resources/memory/limit");
  settings_add(&arena, &settings, "memory.low", "0", "/linux/resources/memory/reservation");
  settings_add(&arena, &settings, "cgroup.max.depth", "3", "/linux/resources/unified");
  settings_add(&arena, &settings, "pids.max", "max", "/linux/resources/pids/limit");
  CHECK_NUMBER(settings.count, 4);
  CHECK_STRING(settings.items[1].file, "memory.low");
  CHECK_NUMBER(settings.controllers.count, 2);
  CHECK_STRING(settings.controllers.items[0], "memory");
  CHECK_STRING(settings.controllers.items[1], "pids");
  arena_release(&arena);
}

static void test_lists(void)
{
  CHECK(controllers_have("cpuset cpu io\n", "cpu"));
  CHECK(controllers_have("cpuset cpu io\n", "io"));
  CHECK(controllers_have("cpuset", "cpuset"));
  CHECK(!controllers_have("cpuset io\n", "cpu"));
  CHECK(!controllers_have("\n", "cpu"));
  CHECK(!controllers_have("", "cpu"));
}

static void test_keyed(void)
{
  uint64_t value = 7;
  CHECK(keyed_value("low 0\noom 3\noom_kill 2\n", "oom", &value));
  CHECK_NUMBER(value, 3);
  CHECK(keyed_value("low 0\noom 3\noom_kill 2\n", "oom_kill", &value));
  CHECK_NUMBER(value, 2);
  CHECK(!keyed_value("low 0\n", "oom", &value));
  CHECK(!keyed_value("", "oom", &value));
}

/* --- resources -> settings ----------------------------------------------------------------------- */

static struct arena arena;

/* "FILE=VALUE" of all settings, with "?" after the file of an optional one, ";" between; or the error. */
static const char *settings_text(const struct resources *resources)
{
  static char line[2048];
  struct settings settings = { .count = 0 };
  struct error err = { 0 };
  const struct setting *s;
  size_t n = 0;
  line[0] = '\0';
  if (settings_from_resources(&arena, resources, &settings, &err) < 0) {
    (void)error_format(&err, line, sizeof line);
    return line;
  }
  vec_each (&settings, s) {
    n += (size_t)snprintf(line + n, sizeof line - n, "%s%s%s=%s", n ? ";" : "", s->file,
                          s->optional ? "?" : "", s->value);
    if (s->other_file)
      n += (size_t)snprintf(line + n, sizeof line - n, "|%s=%s", s->other_file, s->other_value);
  }
  return line;
}

static const char *memory_text(int64_t limit, int64_t reservation, int64_t swap)
{
  struct memory memory = { .limit = { limit != 0, limit },
                           .reservation = { reservation != 0, reservation },
                           .swap = { swap != 0, swap } };
  struct resources resources = { .memory = &memory };
  return settings_text(&resources);
}

static void test_memory(void)
{
  CHECK_STRING(memory_text(0, 0, 0), "");
  CHECK_STRING(memory_text(4096, 0, 0), "memory.max=4096");
  CHECK_STRING(memory_text(4096, 2048, 0), "memory.max=4096;memory.low=2048");
  CHECK_STRING(memory_text(4096, -1, 8192), "memory.swap.max=4096;memory.max=4096;memory.low=max");
  CHECK_STRING(memory_text(4096, 0, 4096), "memory.swap.max?=0;memory.max=4096");
  CHECK_STRING(memory_text(4096, 0, -1), "memory.swap.max?=max;memory.max=4096");
  CHECK_STRING(memory_text(-1, 0, 0), "memory.swap.max?=max;memory.max?=max");
  CHECK_STRING(memory_text(-1, 0, 4096), "memory.swap.max=4096;memory.max?=max");
  CHECK_STRING(memory_text(-1, 0, -1), "memory.swap.max?=max;memory.max?=max");
  CHECK_STRING(memory_text(0, 0, -1), "memory.swap.max?=max");
  CHECK_STRING(memory_text(0, 0, 4096),
               "unable to set swap limit without memory limit (at /linux/resources/memory/swap)");
  CHECK_STRING(memory_text(4096, 0, 4095),
               "memory+swap limit should be >= memory limit (at /linux/resources/memory/swap)");
  CHECK_STRING(memory_text(-2, 0, 0), "-2 is neither a number of bytes nor -1 (no limit) (at "
                                      "/linux/resources/memory/limit)");
  CHECK_STRING(memory_text(INT64_MAX, 0, 0), "memory.max=9223372036854775807");
}

static void test_check_before_update(void)
{
  struct memory memory = { .limit = { true, 4096 },
                           .swap = { true, 6144 },
                           .check_before_update = { true, true } };
  struct resources resources = { .memory = &memory };
  struct settings settings = { .count = 0 };
  CHECK_NUMBER(settings_from_resources(&arena, &resources, &settings, NULL), 0);
  CHECK_NUMBER(settings.items[0].least, 6144);
  CHECK(settings.items[0].least_with_swap);
  CHECK_NUMBER(settings.items[1].least, 4096);
  CHECK(!settings.items[1].least_with_swap);
}

static const char *cpu_text(struct cpu cpu)
{
  struct resources resources = { .cpu = &cpu };
  return settings_text(&resources);
}

static void test_cpu(void)
{
  CHECK_STRING(cpu_text((struct cpu){ .shares = { true, 0 } }), "");
  CHECK_STRING(cpu_text((struct cpu){ .shares = { true, 512 } }), "cpu.weight=59");
  CHECK_STRING(cpu_text((struct cpu){ .shares = { true, 1024 } }), "cpu.weight?=100");
  CHECK_STRING(cpu_text((struct cpu){ .quota = { true, 50000 } }), "cpu.max=50000 100000");
  CHECK_STRING(cpu_text((struct cpu){ .quota = { true, 50000 }, .period = { true, 20000 } }),
               "cpu.max=50000 20000");
  CHECK_STRING(cpu_text((struct cpu){ .quota = { true, -1 } }), "cpu.max?=max 100000");
  CHECK_STRING(cpu_text((struct cpu){ .quota = { true, 0 }, .period = { true, 20000 } }),
               "cpu.max?=max 20000");
  CHECK_STRING(cpu_text((struct cpu){ .quota = { true, 50000 }, .burst = { true, 10000 } }),
               "cpu.max.burst=10000;cpu.max=50000 100000");
  CHECK_STRING(cpu_text((struct cpu){ .burst = { true, 0 } }), "cpu.max.burst?=0");
  CHECK_STRING(cpu_text((struct cpu){ .quota = { true, 5000 }, .burst = { true, 5001 } }),
               "5001 us are more than the quota of 5000 us (at /linux/resources/cpu/burst)");
  CHECK_STRING(cpu_text((struct cpu){ .idle = { true, 1 } }), "cpu.idle=1");
  CHECK_STRING(cpu_text((struct cpu){ .idle = { true, 1 }, .shares = { true, 1024 } }), "cpu.idle=1");
  CHECK_STRING(cpu_text((struct cpu){ .idle = { true, 0 }, .shares = { true, 2 } }),
               "cpu.idle?=0;cpu.weight=1");
  CHECK_STRING(cpu_text((struct cpu){ .idle = { true, 1 }, .shares = { true, 2 } }),
               "an idle cgroup has no weight: leave out shares, or idle (at /linux/resources/cpu/idle)");
  CHECK_STRING(cpu_text((struct cpu){ .idle = { true, 2 } }),
               "2 is neither 0 nor 1 (at /linux/resources/cpu/idle)");
  CHECK_STRING(cpu_text((struct cpu){ .realtime_period = { true, 5 } }),
               "needs cgroup v1, which hull does not support (at /linux/resources/cpu/realtimePeriod)");
  CHECK_STRING(cpu_text((struct cpu){ .realtime_runtime = { true, 5 } }),
               "needs cgroup v1, which hull does not support (at /linux/resources/cpu/realtimeRuntime)");
  CHECK_STRING(cpu_text((struct cpu){ .cpus = (char *)"0-1,3", .mems = (char *)"0" }),
               "cpuset.cpus=0-1,3;cpuset.mems=0");
  CHECK_STRING(cpu_text((struct cpu){ .cpus = (char *)"", .mems = (char *)"" }), "");
  CHECK_STRING(cpu_text((struct cpu){ .cpus = (char *)"all" }),
               "'all' is not a list like 0-2,7 (at /linux/resources/cpu/cpus)");
  CHECK_STRING(cpu_text((struct cpu){ .mems = (char *)"0\n1" }),
               "'0\n1' is not a list like 0-2,7 (at /linux/resources/cpu/mems)");
}

/* Against the formula as it is written down, for every input. */
static void test_weight(void)
{
  unsigned wrong = 0;
  CHECK_NUMBER(cpu_weight(0), 0);
  CHECK_NUMBER(cpu_weight(1), 1);
  CHECK_NUMBER(cpu_weight(2), 1);
  CHECK_NUMBER(cpu_weight(1024), 100);
  CHECK_NUMBER(cpu_weight(262144), 10000);
  CHECK_NUMBER(cpu_weight(UINT64_MAX), 10000);
  for (uint64_t shares = 3; shares < 262144; shares++) {
    double l = log2((double)shares);
    wrong += cpu_weight(shares) != (uint64_t)ceil(pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0));
  }
  CHECK_NUMBER(wrong, 0);
}

static void test_pids(void)
{
  struct pids pids = { .limit = { false, 0 } };
  struct resources resources = { .pids = &pids };
  CHECK_STRING(settings_text(&resources), "");
  pids.limit = (struct opt_i64){ true, 0 };
  CHECK_STRING(settings_text(&resources), "pids.max=1");
  pids.limit.value = 100;
  CHECK_STRING(settings_text(&resources), "pids.max=100");
  pids.limit.value = -1;
  CHECK_STRING(settings_text(&resources), "pids.max?=max");
  pids.limit.value = -2;
  CHECK_STRING(settings_text(&resources),
               "-2 is neither a number of tasks nor -1 (no limit) (at /linux/resources/pids/limit)");
}

static void push_throttle(throttle_devices *list, int64_t major, int64_t minor, uint64_t rate)
{
  struct throttle_device *d = vec_push(&arena, list);
  *d = (struct throttle_device){ { true, major }, { true, minor }, { true, rate } };
}

static void test_io(void)
{
  struct block_io io = { .weight = { true, 0 } };
  struct resources resources = { .block_io = &io };
  CHECK_STRING(settings_text(&resources), "");
  io.weight.value = 10;
  CHECK_STRING(settings_text(&resources), "io.bfq.weight=10|io.weight=1");
  io.weight.value = 500;
  CHECK_STRING(settings_text(&resources), "io.bfq.weight=500|io.weight=4950");
  io.weight.value = 1000;
  CHECK_STRING(settings_text(&resources), "io.bfq.weight=1000|io.weight=10000");
  io.weight.value = 9;
  CHECK_STRING(settings_text(&resources),
               "9 is out of range 10 to 1000 (at /linux/resources/blockIO/weight)");
  io.weight.value = 0;
  struct weight_device *w = vec_push(&arena, &io.weight_device);
  *w = (struct weight_device){ .major = { true, 8 }, .minor = { true, 16 }, .weight = { true, 100 } };
  CHECK_STRING(settings_text(&resources), "io.bfq.weight=8:16 100|io.weight=8:16 910");
  w->major.value = 4096;
  CHECK_STRING(settings_text(&resources),
               "no device can have the number 4096:16 (at /linux/resources/blockIO/weightDevice/0)");
  w->weight.value = 0;
  w->major.value = 8;
  push_throttle(&io.throttle_read_bps_device, 8, 0, 1000);
  push_throttle(&io.throttle_read_bps_device, 8, 16, 2000);
  push_throttle(&io.throttle_write_bps_device, 8, 0, 3000);
  push_throttle(&io.throttle_read_iops_device, 8, 0, 0);
  push_throttle(&io.throttle_write_iops_device, 8, 32, 40);
  CHECK_STRING(settings_text(&resources),
               "io.max=8:0 rbps=1000 wbps=3000 riops=max;io.max=8:16 rbps=2000;io.max=8:32 wiops=40");
  io.leaf_weight.value = 10;
  CHECK_STRING(settings_text(&resources),
               "needs cgroup v1, which hull does not support (at /linux/resources/blockIO/leafWeight)");
}

static void test_hugetlb(void)
{
  struct resources resources = { .memory = NULL };
  struct hugepage_limit *limit = vec_push(&arena, &resources.hugepage_limits);
  *limit = (struct hugepage_limit){ (char *)"2MB", { true, 4194304 } };
  CHECK_STRING(settings_text(&resources), "hugetlb.2MB.max=4194304;hugetlb.2MB.rsvd.max?=4194304");
  limit->page_size = (char *)"2MB/../x";
  CHECK_STRING(settings_text(&resources),
               "'2MB/../x' is not a size like 64KB, 2MB or 1GB (at /linux/resources/hugepageLimits/0)");
}

static void test_rdma(void)
{
  struct resources resources = { .memory = NULL };
  struct rdma *r = vec_push(&arena, &resources.rdma);
  *r = (struct rdma){ (char *)"mlx5_1", { true, 3 }, { true, 10000 } };
  CHECK_STRING(settings_text(&resources), "rdma.max=mlx5_1 hca_handle=3 hca_object=10000");
  r->hca_handles.set = false;
  r->hca_objects.value = UINT32_MAX;
  CHECK_STRING(settings_text(&resources), "rdma.max=mlx5_1 hca_object=max");
  r->hca_objects.set = false;
  CHECK_STRING(settings_text(&resources),
               "neither hcaHandles nor hcaObjects is given (at /linux/resources/rdma/mlx5_1)");
  r->device = (char *)"a b";
  CHECK_STRING(settings_text(&resources),
               "this can't be the name of a device (at /linux/resources/rdma/a b)");
}

static void test_network(void)
{
  struct network network = { .class_id = { true, 0 } };
  struct resources resources = { .network = &network };
  CHECK_STRING(settings_text(&resources), "");
  network.class_id.value = 1;
  CHECK_STRING(settings_text(&resources),
               "needs cgroup v1, which hull does not support (at /linux/resources/network)");
}

static const char *unified_text(const char *key, const char *value)
{
  struct pids pids = { .limit = { true, 5 } };
  struct resources resources = { .pids = &pids };
  struct string_pair *pair = vec_push(&arena, &resources.unified);
  *pair = (struct string_pair){ (char *)key, (char *)value };
  return settings_text(&resources);
}

static void test_unified(void)
{
  static const char *const refused[] = { "",
                                         ".",
                                         "..",
                                         "memory",
                                         "memory.",
                                         ".max",
                                         "../memory.max",
                                         "x/memory.max",
                                         "memory.high\n",
                                         "memory high.x",
                                         "cgroup.procs",
                                         "cgroup.threads",
                                         "cgroup.kill",
                                         "cgroup.freeze",
                                         "cgroup.type",
                                         "cgroup.subtree_control" };
  CHECK_STRING(unified_text("pids.max", "7"), "pids.max=5;pids.max=7"); /* later wins */
  CHECK_STRING(unified_text("memory.oom.group", "1"), "pids.max=5;memory.oom.group=1");
  CHECK_STRING(unified_text("io.max", "8:0 rbps=1\n8:16 wbps=2\n"),
               "pids.max=5;io.max=8:0 rbps=1;io.max=8:16 wbps=2");
  CHECK_STRING(unified_text("cpuset.cpus", ""), "pids.max=5;cpuset.cpus=\n");
  CHECK_STRING(unified_text("cgroup.max.depth", "3"), "pids.max=5;cgroup.max.depth=3");
  for (size_t i = 0; i < UNIT_COUNT(refused); i++) {
    unit_at(refused[i]);
    CHECK(strstr(unified_text(refused[i], "1"), "(at /linux/resources/unified/"));
  }
  unit_at(NULL);
}

static void test_v1_memory(void)
{
  struct memory memory = { .kernel = { true, 5 } };
  struct resources resources = { .memory = &memory };
  CHECK_STRING(settings_text(&resources),
               "needs cgroup v1, which hull does not support (at /linux/resources/memory/kernel)");
  memory = (struct memory){ .swappiness = { true, 60 } };
  CHECK_STRING(settings_text(&resources),
               "needs cgroup v1, which hull does not support (at /linux/resources/memory/swappiness)");
  memory = (struct memory){ .disable_oom_killer = { true, true } };
  CHECK_STRING(settings_text(&resources),
               "needs cgroup v1, which hull does not support (at /linux/resources/memory/disableOOMKiller)");
  memory = (struct memory){ .kernel_tcp = { true, -1 }, .kernel = { true, 0 } };
  CHECK_STRING(settings_text(&resources), "");
}

static void test_ask(void)
{
  struct cpu cpu = { .shares = { true, 1024 }, .quota = { true, -1 } };
  struct resources resources = { .cpu = &cpu };
  struct settings settings = { .count = 0 };
  CHECK_NUMBER(settings_from_resources(&arena, NULL, &settings, NULL), 0);
  CHECK_NUMBER(settings_from_resources(&arena, &resources, &settings, NULL), 0);
  CHECK_NUMBER(settings.count, 2);
  CHECK_NUMBER(settings.controllers.count, 0);
  CHECK(!settings_ask(&settings));
  cpu.shares.value = 5;
  CHECK_NUMBER(settings_from_resources(&arena, &resources, &settings, NULL), 0);
  CHECK(settings_ask(&settings));
  CHECK_NUMBER(settings.controllers.count, 1);
}

/* --- text -> numbers ----------------------------------------------------------------------------- */

/* As a kernel writes them. */
static void parse(struct cgroup_stats *stats, const char *file, const char *part, const char *text)
{
  for (const struct controller *const *row = controllers; *row; row++)
    for (const struct stat_file *f = (*row)->stat_files; f && f->name; f++)
      if (strcmp(f->name, file) == 0) {
        f->parse(&arena, part, text, stats);
        return;
      }
  CHECK(!"a row reads this file");
}

static void test_cpu_stats(void)
{
  struct cgroup_stats s = { .has_cpu = false };
  parse(&s, "cpu.stat", NULL,
        "usage_usec 2500123\nuser_usec 2000100\nsystem_usec 500023\ncore_sched.force_idle_usec 0\nnr_periods "
        "25\n"
        "nr_throttled 24\nthrottled_usec 1100000\nnr_bursts 0\nburst_usec 0\n");
  CHECK(s.has_cpu);
  CHECK_NUMBER(s.cpu_total_ns, 2500123000);
  CHECK_NUMBER(s.cpu_user_ns, 2000100000);
  CHECK_NUMBER(s.cpu_system_ns, 500023000);
  CHECK_NUMBER(s.periods, 25);
  CHECK_NUMBER(s.throttled_periods, 24);
  CHECK_NUMBER(s.throttled_ns, 1100000000);
  parse(&s, "cpu.pressure", NULL,
        "some avg10=12.05 avg60=3.40 avg300=0.87 total=1234567\nfull avg10=0.00 avg60=0.00 avg300=0.00 "
        "total=9\n");
  CHECK(s.cpu_psi.present);
  CHECK(s.cpu_psi.some.avg10 > 12.049 && s.cpu_psi.some.avg10 < 12.051);
  CHECK(s.cpu_psi.some.avg300 > 0.869 && s.cpu_psi.some.avg300 < 0.871);
  CHECK_NUMBER(s.cpu_psi.some.total, 1234567);
  CHECK_NUMBER(s.cpu_psi.full.total, 9);
  CHECK(!s.memory_psi.present);
}

static void test_memory_stats(void)
{
  struct cgroup_stats s = { .has_cpu = false };
  parse(&s, "memory.current", NULL, "1048576\n");
  parse(&s, "memory.peak", NULL, "2097152\n");
  parse(&s, "memory.max", NULL, "max\n");
  parse(&s, "memory.swap.current", NULL, "4096\n");
  parse(&s, "memory.swap.peak", NULL, "8192\n");
  parse(&s, "memory.swap.max", NULL, "0\n");
  parse(&s, "memory.stat", NULL, "anon 245760\nfile 12288\nkernel_stack 16384\npgfault 100\n");
  parse(&s, "memory.events", NULL, "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n");
  parse(&s, "memory.pressure", NULL, "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
  CHECK(s.has_memory && s.has_swap && s.has_oom && s.memory_psi.present);
  CHECK_NUMBER(s.memory, 1048576);
  CHECK_NUMBER(s.memory_peak, 2097152);
  CHECK(s.memory_limit == CGROUP_NO_LIMIT);
  CHECK_NUMBER(s.swap, 4096);
  CHECK_NUMBER(s.swap_peak, 8192);
  CHECK_NUMBER(s.swap_limit, 0);
  CHECK_NUMBER(s.memory_counts.count, 4);
  CHECK_STRING(s.memory_counts.items[2].key, "kernel_stack");
  CHECK_NUMBER(s.memory_counts.items[2].value, 16384);
  CHECK_NUMBER(s.low, 1);
  CHECK_NUMBER(s.high, 2);
  CHECK_NUMBER(s.max, 3);
  CHECK_NUMBER(s.oom, 4);
  CHECK_NUMBER(s.oom_kill, 5);
}

static void test_io_stats(void)
{
  struct cgroup_stats s = { .has_cpu = false };
  parse(&s, "io.stat", NULL,
        "253:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=3 dios=4\n7:1\n259:3 rbytes=5 wbytes=0 rios=1 "
        "wios=0 "
        "dbytes=0 dios=0 cost.usage=1\n");
  CHECK_NUMBER(s.io.count, 3);
  CHECK_NUMBER(s.io.items[0].major, 253);
  CHECK_NUMBER(s.io.items[0].read_bytes, 4096);
  CHECK_NUMBER(s.io.items[0].write_bytes, 8192);
  CHECK_NUMBER(s.io.items[0].reads, 1);
  CHECK_NUMBER(s.io.items[0].writes, 2);
  CHECK_NUMBER(s.io.items[0].discard_bytes, 3);
  CHECK_NUMBER(s.io.items[0].discards, 4);
  CHECK_NUMBER(s.io.items[1].minor, 1);
  CHECK_NUMBER(s.io.items[1].read_bytes, 0);
  CHECK_NUMBER(s.io.items[2].read_bytes, 5);
  parse(&s, "io.pressure", NULL, "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
  CHECK_NUMBER(s.io_psi.some.total, 7);
}

static void test_other_stats(void)
{
  struct cgroup_stats s = { .has_cpu = false };
  parse(&s, "pids.current", NULL, "3\n");
  parse(&s, "pids.max", NULL, "100\n");
  parse(&s, "pids.events", NULL, "max 12\n");
  CHECK(s.has_pids);
  CHECK_NUMBER(s.pids, 3);
  CHECK_NUMBER(s.pids_limit, 100);
  CHECK_NUMBER(s.pids_refused, 12);
  parse(&s, "hugetlb.*.current", "2MB", "4194304\n");
  parse(&s, "hugetlb.*.current", "1GB", "0\n");
  parse(&s, "hugetlb.*.max", "2MB", "max\n");
  parse(&s, "hugetlb.*.events", "2MB", "max 2\n");
  CHECK_NUMBER(s.hugetlb.count, 2);
  CHECK_STRING(s.hugetlb.items[0].size, "2MB");
  CHECK_NUMBER(s.hugetlb.items[0].usage, 4194304);
  CHECK(s.hugetlb.items[0].max == CGROUP_NO_LIMIT);
  CHECK_NUMBER(s.hugetlb.items[0].failures, 2);
  parse(&s, "rdma.current", NULL,
        "mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=3 hca_object=max\n");
  CHECK_NUMBER(s.rdma_current.count, 4);
  CHECK_STRING(s.rdma_current.items[1].key, "mlx4_0 hca_object");
  CHECK_NUMBER(s.rdma_current.items[1].value, 2000);
  CHECK(s.rdma_current.items[3].value == CGROUP_NO_LIMIT);
  parse(&s, "rdma.max", NULL, "mlx4_0 hca_handle=max hca_object=max\n");
  CHECK_NUMBER(s.rdma_limit.count, 2);
  parse(&s, "misc.current", NULL, "sev 1\nsev_es 0\n");
  parse(&s, "misc.max", NULL, "sev max\nsev_es 10\n");
  CHECK_NUMBER(s.misc_current.count, 2);
  CHECK_STRING(s.misc_limit.items[1].key, "sev_es");
  CHECK_NUMBER(s.misc_limit.items[1].value, 10);
  parse(&s, "cpuset.cpus.effective", NULL, "0-1\n");
  parse(&s, "cpuset.mems.effective", NULL, "0\n");
  CHECK(s.has_cpuset);
  CHECK_STRING(s.cpus, "0-1");
  CHECK_STRING(s.mems, "0");
}

/* A workload can't write these files, but a parser of bytes must end whatever they are. */
static void test_strange_stats(void)
{
  static const char *const texts[] = { "",           "\n", "\n\n", " ", "=",     "max",
                                       "some",       "8",  "8:",   ":", "a b=c", "x 99999999999999999999\n",
                                       "some total=" };
  for (size_t i = 0; i < UNIT_COUNT(texts); i++)
    for (const struct controller *const *row = controllers; *row; row++)
      for (const struct stat_file *f = (*row)->stat_files; f && f->name; f++) {
        struct cgroup_stats s = { .has_cpu = false };
        f->parse(&arena, "2MB", texts[i], &s);
      }
  CHECK(true);
}

/* --- putting back -------------------------------------------------------------------------------- */

static void test_before(void)
{
  static const struct {
    const char *file, *value, *before, *back;
  } rows[] = {
    { "memory.max", "4096", "max\n", "max" },
    { "memory.max", "4096", "8192\n", "8192" },
    { "cpu.max", "max 100000", "50000 100000\n", "50000 100000" },
    { "cpu.weight", "5", "100\n", "100" },
    { "cpu.weight", "5", "0\n", NULL },
    { "cpuset.cpus", "0", "\n", "\n" },
    { "cpuset.cpus", "0", "0-1\n", "0-1" },
    { "cpuset.cpus.partition", "root", "root invalid (Parent is not a partition root)\n", "root" },
    { "io.max", "8:0 rbps=1", "", "8:0 rbps=max wbps=max riops=max wiops=max" },
    { "io.max", "8:0 rbps=1", "8:16 rbps=7 wbps=max riops=max wiops=max\n",
      "8:0 rbps=max wbps=max riops=max wiops=max" },
    { "io.max", "8:0 rbps=1", "8:16 rbps=7 wbps=max\n8:0 rbps=max wbps=9\n", "8:0 rbps=max wbps=9" },
    { "io.weight", "50", "default 100\n8:0 7\n", "default 100" },
    { "io.weight", "8:0 50", "default 100\n8:0 7\n", "8:0 7" },
    { "io.weight", "8:0 50", "default 100\n", "8:0 default" },
    { "io.bfq.weight", "50", "default 100\n", "default 100" },
    { "rdma.max", "m hca_handle=1", "m hca_handle=max hca_object=5\n", "m hca_handle=max hca_object=5" },
    { "misc.max", "sev 1", "sev_es 7\nsev max\n", "sev max" },
    { "hugetlb.2MB.max", "0", "max\n", "max" },
    { "io.cost.qos", "8:0 enable=1", "", NULL },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    const char *back = value_before(&arena, rows[i].file, rows[i].value, rows[i].before);
    unit_at(rows[i].before);
    if (rows[i].back)
      CHECK_STRING(back, rows[i].back);
    else
      CHECK(!back);
  }
  unit_at(NULL);
  CHECK(strstr(value_explain("cpu.max", EINVAL), "1000 us"));
  CHECK(strstr(value_explain("cpu.max.burst", EINVAL), "at most the quota"));
  CHECK(strstr(value_explain("hugetlb.3MB.max", ENOENT), "huge pages"));
  CHECK_STRING(value_explain("memory.max", EINVAL), "");
}

static void test_agreement(void)
{
  static const struct {
    const char *file, *value, *shown;
    bool agrees;
  } rows[] = {
    { "pids.max", "10", "10\n", true },
    { "pids.max", "10", "11\n", false },
    { "pids.max", "max", "max\n", true },
    { "pids.max", "10", "max\n", false },
    { "pids.max", "10", "", false },
    { "cpu.max", "50000 100000", "50000 100000\n", true },
    { "cpu.max", "50000", "50000 100000\n", true },
    { "cpu.max", "50000 20000", "50000 100000\n", false },
    { "cpu.max", "max 100000", "50000 100000\n", false },
    { "memory.max", "1048577", "1048576\n", true },
    { "memory.max", "1048576", "1044480\n", true }, /* a page of 64 KiB */
    { "memory.max", "1048576", "1048577\n", false },
    { "memory.max", "10485760", "1048576\n", false },
    { "memory.max", "9223372036854775807", "max\n", true },
    { "memory.max", "1048576", "max\n", false },
    { "hugetlb.2MB.max", "3145728", "2097152\n", true },
    { "cpuset.cpus", "0,1,2,3", "0-3\n", true },
    { "cpuset.cpus", "0-1,3", "0-3\n", false },
    { "cpuset.cpus", "0", "\n", false },
    { "cpuset.cpus.partition", "root", "root\n", true },
    { "cpuset.cpus.partition", "root", "root invalid (no cpus)\n", false },
    { "io.max", "8:0 rbps=10", "8:16 rbps=10 wbps=max\n8:0 rbps=10 wbps=max riops=max wiops=max\n", true },
    { "io.max", "8:0 rbps=10", "8:16 rbps=10 wbps=max\n8:0 rbps=11 wbps=max riops=max wiops=max\n", false },
    { "io.max", "8:0 rbps=10", "", false },
    { "io.max", "8:0 rbps=max", "", true },
    { "io.weight", "200", "default 200\n", true },
    { "io.weight", "200", "default 100\n8:0 200\n", false },
    { "io.weight", "8:0 300", "default 100\n8:0 300\n", true },
    { "misc.max", "sev 3", "sev 3\nsev_es max\n", true },
    { "misc.max", "sev 3", "sev 4\n", false },
    { "memory.oom.group", "1", "1\n", true },
    { "memory.oom.group", "1", "0\n", false },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i].value);
    CHECK_NUMBER(value_agrees(rows[i].file, rows[i].value, rows[i].shown), rows[i].agrees);
  }
  unit_at(NULL);
}

static void test_table(void)
{
  bool devices = false;
  for (const struct controller *const *row = controllers; *row; row++) {
    devices = devices || strcmp((*row)->name, "devices") == 0;
    for (const struct stat_file *f = (*row)->stat_files; f && f->name; f++)
      CHECK(f->parse);
  }
  CHECK(devices);
}

int main(void)
{
  test_agreement();
  test_settings();
  test_lists();
  test_keyed();
  test_memory();
  test_check_before_update();
  test_cpu();
  test_weight();
  test_pids();
  test_io();
  test_hugetlb();
  test_rdma();
  test_network();
  test_unified();
  test_v1_memory();
  test_ask();
  test_cpu_stats();
  test_memory_stats();
  test_io_stats();
  test_other_stats();
  test_strange_stats();
  test_before();
  test_table();
  arena_release(&arena);
  return unit_finish();
}
