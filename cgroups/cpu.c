/* SPDX-License-Identifier: Apache-2.0
 * The cpu controller: weight, bandwidth, idle; cpu.stat. Pure. */
#include "cgroups/controllers.h"
#include "spec/spec.h"
#include "spec/types.h"
#include <stdio.h>

#define AT_CPU "/linux/resources/cpu"
#define DEFAULT_PERIOD 100000 /* us, of the kernel */
#define DEFAULT_SHARES 1024   /* the weight 100 that a cgroup has anyway; containerd always writes them */
#define SHARES_MAX 262144
#define WEIGHT_MAX 10000

/* --- shares -------------------------------------------------------------------------------------- */

#define LOG2_BITS 50
#define LN_10 2.302585092994045684

/* Of x >= 1, exact for powers of two. By hand: hull is static, and libm would be for this formula alone. */
static double log2_of(double x)
{
  double result = 0, bit = 1;
  while (x >= 2) {
    x /= 2;
    result += 1;
  }
  for (int i = 0; i < LOG2_BITS; i++) {
    bit /= 2;
    x *= x;
    if (x >= 2) {
      x /= 2;
      result += bit;
    }
  }
  return result;
}

/* Of x >= 0, exact for whole numbers. */
static double power_of_10(double x)
{
  double factor = 1, sum = 1, term = 1;
  while (x >= 1) {
    x -= 1;
    factor *= 10;
  }
  for (int i = 1; i < 40; i++) { /* below 2.31 ^ 40 / 40!: nothing that a double could hold */
    term *= x * LN_10 / i;
    sum += term;
  }
  return factor * sum;
}

/* Today's conversion of all runtimes: a curve through (2, 1), (1024, 100) and (262144, 10000). */
uint64_t cpu_weight(uint64_t shares)
{
  if (shares == 0)
    return 0;
  if (shares <= 2)
    return 1;
  if (shares >= SHARES_MAX)
    return WEIGHT_MAX;
  double l = log2_of((double)shares);
  double weight = power_of_10((l * l + 125 * l - 126) / 612); /* 126 / 612 is 7 / 34 */
  uint64_t below = (uint64_t)weight;
  return below + (weight > (double)below);
}

/* --- settings ------------------------------------------------------------------------------------ */

static int add_weight(struct arena *arena, const struct cpu *cpu, struct settings *settings,
                      struct error *err)
{
  char digits[24];
  uint64_t weight = cpu_weight(cpu->shares.value);
  bool is_default = cpu->shares.value == DEFAULT_SHARES;
  if (cpu->idle.value) {
    if (cpu->idle.value != 1)
      return refuse_setting(err, AT_CPU "/idle", "%lld is neither 0 nor 1", (long long)cpu->idle.value);
    if (weight && !is_default)
      return refuse_setting(err, AT_CPU "/idle", "an idle cgroup has no weight: leave out shares, or idle");
    settings_add(arena, settings, "cpu.idle", "1", AT_CPU "/idle");
    return 0;
  }
  if (cpu->idle.set) /* before the weight, which an idle cgroup refuses */
    settings_add_default(arena, settings, "cpu.idle", "0", AT_CPU "/idle");
  (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)weight);
  if (is_default)
    settings_add_default(arena, settings, "cpu.weight", digits, AT_CPU "/shares");
  else if (weight)
    settings_add(arena, settings, "cpu.weight", digits, AT_CPU "/shares");
  return 0;
}

/* The kernel wants burst <= quota at any moment: when both grow the quota must be first, when both shrink the
 * burst. */
static int add_burst(struct arena *arena, const struct cpu *cpu, struct settings *settings, struct error *err)
{
  if (!cpu->burst.set)
    return 0;
  if (cpu->burst.value == 0) {
    settings_add_default(arena, settings, "cpu.max.burst", "0", AT_CPU "/burst");
    return 0;
  }
  if (cpu->quota.value > 0 && cpu->burst.value > (uint64_t)cpu->quota.value)
    return refuse_setting(err, AT_CPU "/burst", "%llu us are more than the quota of %lld us",
                          (unsigned long long)cpu->burst.value, (long long)cpu->quota.value);
  settings_add_number(arena, settings, "cpu.max.burst", cpu->burst.value, AT_CPU "/burst")->late = true;
  return 0;
}

static void add_bandwidth(struct arena *arena, const struct cpu *cpu, struct settings *settings)
{
  char value[64];
  unsigned long long period = cpu->period.value ? cpu->period.value : DEFAULT_PERIOD;
  if (cpu->quota.value > 0) {
    (void)snprintf(value, sizeof value, "%lld %llu", (long long)cpu->quota.value, period);
    settings_add(arena, settings, "cpu.max", value, AT_CPU "/quota");
  } else if (cpu->quota.value < 0 || cpu->period.value) {
    (void)snprintf(value, sizeof value, "max %llu", period);
    settings_add_default(arena, settings, "cpu.max", value,
                         cpu->quota.value ? AT_CPU "/quota" : AT_CPU "/period");
  }
}

static int cpu_settings(struct arena *arena, const struct resources *resources, struct settings *settings,
                        struct error *err)
{
  const struct cpu *cpu = resources->cpu;
  if (!cpu)
    return 0;
  if ((cpu->realtime_runtime.value && cpu->realtime_runtime.value != -1) || cpu->realtime_period.value)
    return refuse_setting(err,
                          cpu->realtime_period.value ? AT_CPU "/realtimePeriod" : AT_CPU "/realtimeRuntime",
                          NEEDS_CGROUP_V1);
  if (add_weight(arena, cpu, settings, err) < 0 || add_burst(arena, cpu, settings, err) < 0)
    return -1;
  add_bandwidth(arena, cpu, settings);
  return 0;
}

/* --- statistics ---------------------------------------------------------------------------------- */

#define NS_PER_US 1000

static void nanoseconds(const char *text, const char *key, uint64_t *ns)
{
  uint64_t us = 0;
  if (keyed_value(text, key, &us))
    *ns = us * NS_PER_US;
}

STAT_PARSER(parse_cpu)
{
  stats->has_cpu = true;
  nanoseconds(text, "usage_usec", &stats->cpu_total_ns);
  nanoseconds(text, "user_usec", &stats->cpu_user_ns);
  nanoseconds(text, "system_usec", &stats->cpu_system_ns);
  nanoseconds(text, "throttled_usec", &stats->throttled_ns);
  (void)keyed_value(text, "nr_periods", &stats->periods);
  (void)keyed_value(text, "nr_throttled", &stats->throttled_periods);
}

STAT_PARSER(parse_cpu_pressure)
{
  parse_pressure(text, &stats->cpu_psi);
}

static const struct stat_file stat_files[] = {
  { "cpu.stat", true, parse_cpu },
  { "cpu.pressure", true, parse_cpu_pressure },
  { NULL, false, NULL },
};

const struct controller cpu_controller = {
  .name = "cpu",
  .settings = cpu_settings,
  .stat_files = stat_files,
};
