/* SPDX-License-Identifier: Apache-2.0
 * CPUs, scheduler, I/O priority, NUMA policy and personality of the workload. All of them survive execve(2).
 */
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <linux/ioprio.h>
#include <linux/sched/types.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

/* sched_setaffinity(2) leaves out what the cpuset does not have. */
int reset_affinity(struct init_context *init, struct error *err)
{
  uint64_t all[PLAN_CPUS / 64];
  const uint64_t *cpus = init->plan->exec ? init->plan->process.final_cpus : NULL;
  if (!cpus)
    cpus = memset(all, 0xff, sizeof all);
  if (syscall(SYS_sched_setaffinity, 0, sizeof all, cpus) == 0)
    return 0;
  error_set(err, ERROR_HOST, errno, "cannot run on the CPUs asked for%s",
            errno == EINVAL ? ": the container's cpuset has none of them" : "");
  return error_at(err, "/process/execCPUAffinity/final");
}

int apply_scheduler(pid_t pid, const struct plan_scheduler *s, struct error *err)
{
  const struct sched_attr attr = {
    .size = sizeof attr,
    .sched_policy = s->policy,
    .sched_nice = s->nice,
    .sched_priority = s->priority,
    .sched_flags = s->flags,
    .sched_runtime = s->runtime,
    .sched_deadline = s->deadline,
    .sched_period = s->period,
  };
  if (syscall(SYS_sched_setattr, pid, &attr, 0) == 0)
    return 0;
  const char *why = "";
  if (errno == EPERM)
    why = ": this needs CAP_SYS_NICE of the host, or cpu.rt_runtime_us forbids it";
  else if (errno == EBUSY)
    why = ": the CPUs have no bandwidth left for SCHED_DEADLINE";
  error_set(err, ERROR_HOST, errno, "cannot set the scheduler%s", why);
  return error_at(err, "/process/scheduler");
}

int set_scheduler(struct init_context *init, struct error *err)
{
  return apply_scheduler(0, &init->plan->process.scheduler, err);
}

int set_io_priority(struct init_context *init, struct error *err)
{
  if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, init->plan->process.io_priority) == 0)
    return 0;
  error_set(err, ERROR_HOST, errno, "cannot set the I/O priority%s",
            errno == EPERM ? ": the realtime class needs CAP_SYS_NICE or CAP_SYS_ADMIN of the host" : "");
  return error_at(err, "/process/ioPriority");
}

int set_memory_policy(struct init_context *init, struct error *err)
{
  const struct plan_memory_policy *policy = &init->plan->memory_policy;
  /* The kernel counts one bit less than it is told. */
  if (syscall(SYS_set_mempolicy, policy->mode, policy->nodes, policy->nodes ? PLAN_NODES + 1 : 0) == 0)
    return 0;
  const char *why = "";
  if (errno == EINVAL)
    why = ": the host, or the container's cpuset, has none of these nodes, or the kernel does not know this"
          " mode or flag (set_mempolicy(2))";
  else if (errno == ENOSYS)
    why = ": the kernel is built without NUMA";
  error_set(err, ERROR_HOST, errno, "cannot set the memory policy%s", why);
  return error_at(err, "/linux/memoryPolicy");
}

int set_personality(struct init_context *init, struct error *err)
{
  if (personality(init->plan->personality) >= 0)
    return 0;
  error_set(err, ERROR_HOST, errno, "cannot set the personality");
  return error_at(err, "/linux/personality");
}
