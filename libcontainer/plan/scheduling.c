/* SPDX-License-Identifier: Apache-2.0
 * How the kernel shall treat the workload: scheduler, I/O priority, CPUs, NUMA nodes, personality (config.md,
 * "Linux Process"; config-linux.md, "Memory Policy" and "Personality"). */
#include "libcontainer/base/numbers.h"
#include "libcontainer/plan/planner.h"
#include "spec/names.h"
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <string.h>

#define NICE_MIN (-20)
#define NICE_MAX 19
#define IO_PRIORITY_MAX 7

static uint64_t flags_of(const struct name *table, const struct strings *names)
{
  uint64_t flags = 0;
  for (size_t i = 0; i < names->count; i++)
    flags |= (uint64_t)names_find(table, names->items[i])->value; /* decoding knows no others */
  return flags;
}

static bool is_realtime(long policy)
{
  return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* sched_setattr(2) ignores what does not belong to the policy, or refuses it without a reason. */
static void check_scheduler(struct planner *p, const struct scheduler *s)
{
  const bool deadline = s->policy.value == SCHED_DEADLINE;
  if (s->nice.value < NICE_MIN || s->nice.value > NICE_MAX)
    planner_problem(p, "/process/scheduler/nice", "%lld is not between %d and %d", (long long)s->nice.value,
                    NICE_MIN, NICE_MAX);
  if (s->priority.value && !is_realtime(s->policy.value))
    planner_problem(p, "/process/scheduler/priority", "only SCHED_FIFO and SCHED_RR have a priority");
  else if (is_realtime(s->policy.value) && (s->priority.value < 1 || s->priority.value > 99))
    planner_problem(p, "/process/scheduler/priority", "SCHED_FIFO and SCHED_RR take 1 to 99 (sched(7))");
  if (!deadline && (s->runtime.value || s->deadline.value || s->period.value))
    planner_problem(p, "/process/scheduler", "only SCHED_DEADLINE has a runtime, a deadline and a period");
  else if (deadline
           && (!s->runtime.value || s->runtime.value > s->deadline.value
               || (s->period.value && s->deadline.value > s->period.value)))
    planner_problem(p, "/process/scheduler",
                    "SCHED_DEADLINE takes 0 < runtime <= deadline <= period (sched(7))");
}

static void plan_scheduler(struct planner *p)
{
  const struct scheduler *asked = p->process->scheduler;
  struct plan_scheduler *planned = &p->plan->process.scheduler;
  if (!asked)
    return;
  check_scheduler(p, asked);
  *planned = (struct plan_scheduler){
    .set = true,
    .policy = (uint32_t)asked->policy.value,
    .nice = (int32_t)asked->nice.value,
    .priority = (uint32_t)asked->priority.value,
    .flags = flags_of(scheduler_flag_names, &asked->flags),
    .runtime = asked->runtime.value,
    .deadline = asked->deadline.value,
    .period = asked->period.value,
  };
}

static void plan_io_priority(struct planner *p)
{
  const struct io_priority *asked = p->process->io_priority;
  if (!asked)
    return;
  if (asked->priority.value < 0 || asked->priority.value > IO_PRIORITY_MAX)
    planner_problem(p, "/process/ioPriority/priority", "%lld is not between 0 and %d",
                    (long long)asked->priority.value, IO_PRIORITY_MAX);
  /* ioprio_set(2) refuses another priority than 0 for the idle class, where it has no meaning. */
  const int level = asked->class.value == IOPRIO_CLASS_IDLE ? 0 : (int)asked->priority.value;
  p->plan->process.io_priority = (int)IOPRIO_PRIO_VALUE((int)asked->class.value, level);
}

/* --- lists of numbers: "0-3,7" -------------------------------------------------------------------- */

/* One of "N" and "N-M". */
static int add_range(char *range, uint64_t *bits, unsigned bit_count)
{
  uint64_t first, last;
  char *dash = strchr(range, '-');
  if (dash)
    *dash++ = '\0';
  if (parse_u64(range, bit_count - 1, &first) < 0 || parse_u64(dash ? dash : range, bit_count - 1, &last) < 0
      || last < first)
    return -1;
  for (uint64_t i = first; i <= last; i++)
    bits[i / 64] |= UINT64_C(1) << i % 64;
  return 0;
}

/* Blanks are allowed around a number (schema: "^[0-9, -]*$"). NULL: none asked, or a problem was added. */
static const uint64_t *plan_bits(struct planner *p, const char *list, unsigned bit_count, const char *pointer)
{
  if (!list || !*list)
    return NULL;
  uint64_t *bits = arena_array(p->arena, bit_count / 64, sizeof *bits);
  char *rest = arena_strdup(p->arena, list);
  for (char *to = rest, *from = rest; (*to = *from); from++)
    to += *from != ' ';
  for (char *range; (range = strsep(&rest, ","));)
    if (add_range(range, bits, bit_count) < 0) {
      planner_problem(p, pointer, "'%s' is no list of numbers below %u like '0-3,7'", list, bit_count);
      return NULL;
    }
  return bits;
}

/* Only for exec: `create` has nothing to move over from (config.md, execCPUAffinity). */
static void plan_affinity(struct planner *p)
{
  const struct cpu_affinity *asked = p->process->exec_cpu_affinity;
  if (!asked)
    return;
  p->plan->process.initial_cpus = plan_bits(p, asked->initial, PLAN_CPUS, "/process/execCPUAffinity/initial");
  p->plan->process.final_cpus = plan_bits(p, asked->final, PLAN_CPUS, "/process/execCPUAffinity/final");
}

void plan_process_scheduling(struct planner *p)
{
  if (!p->process)
    return;
  plan_scheduler(p);
  plan_io_priority(p);
  plan_affinity(p);
}

/* --- of the container ------------------------------------------------------------------------------ */

/* set_mempolicy(2). */
static void plan_memory_policy(struct planner *p)
{
  static const char at_nodes[] = "/linux/memoryPolicy/nodes";
  const struct memory_policy *asked = p->linux_->memory_policy;
  struct plan_memory_policy *planned = &p->plan->memory_policy;
  if (!asked)
    return;
  const long mode = asked->mode.value;
  const char *name = names_of(memory_policy_names, mode);
  const bool given = asked->nodes && *asked->nodes;
  if (given && (mode == MPOL_DEFAULT || mode == MPOL_LOCAL))
    planner_problem(p, at_nodes, "%s takes no nodes", name);
  if (!given && mode != MPOL_DEFAULT && mode != MPOL_LOCAL && mode != MPOL_PREFERRED)
    planner_problem(p, at_nodes, "%s needs at least one node", name);
  *planned = (struct plan_memory_policy){
    .set = true,
    .mode = (int)mode | (int)flags_of(memory_policy_flag_names, &asked->flags),
    .nodes = plan_bits(p, asked->nodes, PLAN_NODES, at_nodes),
  };
}

static void plan_personality(struct planner *p)
{
  const struct personality *asked = p->linux_->personality;
  if (!asked)
    return;
  if (asked->flags.count > 0)
    planner_problem(p, "/linux/personality/flags", "runtime-spec knows no flags yet: '%s' has no meaning",
                    asked->flags.items[0]);
  p->plan->set_personality = true;
  p->plan->personality = (uint32_t)asked->domain.value;
}

void plan_scheduling(struct planner *p)
{
  plan_memory_policy(p);
  plan_personality(p);
}
