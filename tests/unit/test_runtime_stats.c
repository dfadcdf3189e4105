/* SPDX-License-Identifier: Apache-2.0
 * runtime/stats: the JSON of `events`, to the letter. */
#include "libcontainer/runtime/stats.h"
#include "tests/unit/unit.h"

#define CPUSET_ZEROES                                                                                        \
  "\"mem_hardwall\":0,\"mem_exclusive\":0,\"memory_migrate\":0,\"memory_spread_page\":0,"                    \
  "\"memory_spread_slab\":0,\"memory_pressure\":0,\"sched_load_balance\":0,\"sched_relax_domain_level\":0}"
#define NO_MEMORY "{\"limit\":0,\"failcnt\":0}"
#define PSI(a, b, c, d) "{\"avg10\":" a ",\"avg60\":" b ",\"avg300\":" c ",\"total\":" d "}"

static void check_json(const struct cgroup_stats *stats, const char *wanted)
{
  struct arena arena = ARENA_INIT;
  struct text out;
  text_init(&out, &arena);
  struct json_writer *w = json_writer_create(&out, 0);
  stats_to_json(stats, w);
  json_finish(w);
  CHECK_STRING(text_string(&out), wanted);
  arena_release(&arena);
}

/* What go-runc decodes without "omitempty" is there even if there is nothing to tell. */
static void test_nothing(void)
{
  const struct cgroup_stats stats = { .has_cpu = false };
  check_json(&stats, "{\"cpu\":{\"usage\":{\"kernel\":0,\"user\":0},\"throttling\":{}},"
                     "\"cpuset\":{\"cpu_exclusive\":0," CPUSET_ZEROES ","
                     "\"memory\":{\"usage\":" NO_MEMORY ",\"swap\":" NO_MEMORY ",\"kernel\":" NO_MEMORY
                     ",\"kernelTCP\":" NO_MEMORY "},"
                     "\"pids\":{},\"blkio\":{},\"hugetlb\":{},\"intel_rdt\":{},"
                     "\"network_interfaces\":null}");
}

static void test_everything(void)
{
  struct cgroup_count counts[] = { { "anon", 4096 }, { "file", 8192 } };
  struct cgroup_io io[] = { { .major = 8, .minor = 0, .read_bytes = 512, .reads = 1 },
                            { .major = 254, .minor = 3, .write_bytes = UINT64_MAX, .writes = 7 } };
  struct cgroup_hugetlb hugetlb[] = { { .size = "2MB", .usage = 2097152, .max = 1, .failures = 3 } };
  const struct cgroup_psi psi = { .present = true,
                                  .some = { .avg10 = 1.5, .avg60 = 0.07, .avg300 = 100, .total = 12 },
                                  .full = { .total = UINT64_MAX } };
  const struct cgroup_stats stats = {
    .has_cpu = true,
    .cpu_total_ns = 3000,
    .cpu_user_ns = 1000,
    .cpu_system_ns = 2000,
    .periods = 10,
    .throttled_periods = 4,
    .throttled_ns = 5000,
    .cpu_psi = psi,
    .has_memory = true,
    .memory = 100,
    .memory_peak = 200,
    .memory_limit = 1000,
    .has_swap = true,
    .swap = 50,
    .swap_peak = 60,
    .swap_limit = 500,
    .memory_counts = { counts, 2, 2 },
    .memory_psi = psi,
    .has_oom = true,
    .max = 9,
    .oom_kill = 1,
    .has_pids = true,
    .pids = 5,
    .pids_limit = 64,
    .io = { io, 2, 2 },
    .io_psi = psi,
    .hugetlb = { hugetlb, 1, 1 },
    .has_cpuset = true,
    .cpus = "0-2,5",
    .mems = "0",
  };
#define PSI_WANTED                                                                                           \
  "\"psi\":{\"some\":" PSI("1.50", "0.07", "100.00", "12") ",\"full\":" PSI("0.00", "0.00", "0.00",          \
                                                                            "18446744073709551615") "}"
  check_json(&stats,
             "{\"cpu\":{\"usage\":{\"total\":3000,\"kernel\":2000,\"user\":1000},"
             "\"throttling\":{\"periods\":10,\"throttledPeriods\":4,\"throttledTime\":5000}," PSI_WANTED "},"
             "\"cpuset\":{\"cpus\":[0,1,2,5],\"cpu_exclusive\":0,\"mems\":[0]," CPUSET_ZEROES ","
             "\"memory\":{\"cache\":8192,"
             "\"usage\":{\"limit\":1000,\"usage\":100,\"max\":200,\"failcnt\":9},"
             "\"swap\":{\"limit\":1500,\"usage\":150,\"failcnt\":0},\"kernel\":" NO_MEMORY
             ",\"kernelTCP\":" NO_MEMORY ",\"raw\":{\"anon\":4096,\"file\":8192}," PSI_WANTED "},"
             "\"pids\":{\"current\":5,\"limit\":64},"
             "\"blkio\":{\"ioServiceBytesRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":512},"
             "{\"major\":8,\"op\":\"Write\"},{\"major\":254,\"minor\":3,\"op\":\"Read\"},"
             "{\"major\":254,\"minor\":3,\"op\":\"Write\",\"value\":18446744073709551615}],"
             "\"ioServicedRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":1},"
             "{\"major\":8,\"op\":\"Write\"},{\"major\":254,\"minor\":3,\"op\":\"Read\"},"
             "{\"major\":254,\"minor\":3,\"op\":\"Write\",\"value\":7}]," PSI_WANTED "},"
             "\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":3}},"
             "\"intel_rdt\":{},\"network_interfaces\":null}");
}

struct limit_row {
  uint64_t memory, swap;
  const char *wanted; /* memory.swap.limit: of both together */
};

static void test_limits(void)
{
  static const struct limit_row rows[] = {
    { CGROUP_NO_LIMIT, CGROUP_NO_LIMIT, "18446744073709551615" },
    { 1000, CGROUP_NO_LIMIT, "18446744073709551615" },
    { CGROUP_NO_LIMIT, 0, "18446744073709551615" },
    { CGROUP_NO_LIMIT, 1000, "18446744073709551615" },
    { 1000, 0, "1000" },
    { 1000, 24, "1024" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct arena arena = ARENA_INIT;
    struct text out;
    const struct cgroup_stats stats = { .has_memory = true,
                                        .memory_limit = rows[i].memory,
                                        .has_swap = true,
                                        .swap_limit = rows[i].swap,
                                        .pids_limit = CGROUP_NO_LIMIT };
    text_init(&out, &arena);
    stats_event_json("c", &stats, &out);
    unit_at(rows[i].wanted);
    CHECK(
        strstr(text_string(&out), arena_printf(&arena, "\"swap\":{\"limit\":%s,\"failcnt\"", rows[i].wanted))
        != NULL);
    CHECK(strstr(text_string(&out), "\"pids\":{}") != NULL);
    CHECK(text_starts_with(text_string(&out), "{\"type\":\"stats\",\"id\":\"c\",\"data\":{"));
    CHECK(strcmp(text_string(&out) + out.length - 3, "}}\n") == 0);
    arena_release(&arena);
  }
  unit_at(NULL);
}

struct list_row {
  const char *list, *wanted;
};

static void test_lists(void)
{
  static const struct list_row rows[] = {
    { "", "\"cpuset\":{\"cpu_exclusive\"" },
    { "7", "\"cpuset\":{\"cpus\":[7],\"cpu" },
    { "0,2-3", "\"cpuset\":{\"cpus\":[0,2,3],\"cpu" },
    { "3-1", "\"cpuset\":{\"cpus\":[],\"cpu" },
    { "65535-99999999", "\"cpuset\":{\"cpus\":[65535],\"cpu" },
    { "x", "\"cpuset\":{\"cpu_exclusive\"" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct arena arena = ARENA_INIT;
    struct text out;
    const struct cgroup_stats stats = { .has_cpuset = true, .cpus = rows[i].list, .mems = "" };
    text_init(&out, &arena);
    stats_event_json("c", &stats, &out);
    unit_at(rows[i].list);
    CHECK(strstr(text_string(&out), rows[i].wanted) != NULL);
    arena_release(&arena);
  }
  unit_at(NULL);
}

int main(void)
{
  test_nothing();
  test_everything();
  test_limits();
  test_lists();
  return unit_finish();
}
