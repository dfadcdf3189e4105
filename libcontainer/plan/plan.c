/* SPDX-License-Identifier: Apache-2.0
 * Runs the planners in order and collects their problems. Pure: no system call is made in this folder
 * (lint-checked); what the host is like comes in by struct facts. */
#include "libcontainer/plan/plan.h"
#include "cgroups/settings.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"
#include "spec/problem.h"
#include <stdarg.h>
#include <stdio.h>

typedef void planner_fn(struct planner *p);

static planner_fn *const container_planners[] = {
  plan_namespaces, /* first: nearly everything depends on which are new */
  plan_ids,        /* needs: the user namespace */
  plan_net_devices,
  plan_root,
  plan_mounts,  /* needs: cgroup namespace */
  plan_devices, /* needs: user namespace, mount on /dev */
  plan_masks,
  plan_names,              /* needs: uts namespace */
  plan_sysctls,            /* needs: namespaces */
  plan_process_attributes, /* needs: id maps */
  plan_process_scheduling,
  plan_scheduling,
  plan_capabilities, /* needs: user namespace */
  plan_security,     /* needs: no_new_privs */
  plan_cgroup,       /* needs: mounts */
  plan_rdt,
  plan_hooks,
};

static planner_fn *const process_planners[] = {
  plan_namespaces, plan_ids,          plan_process_attributes, plan_process_scheduling,
  plan_scheduling, plan_capabilities, plan_security,
};

void planner_warn(struct planner *p, const char *pointer, const char *format, ...)
{
  char message[1200]; /* room for all capability names */
  va_list args;
  va_start(args, format);
  (void)vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (p->checking) {
    (void)problem_add(&p->problems, true, pointer, "%s", message);
    return;
  }
  char **warning = vec_push(p->arena, &p->plan->warnings);
  *warning = arena_printf(p->arena, "%s: %s", pointer, message);
}

char *planner_pointer(struct planner *p, const char *format, ...)
{
  char pointer[400];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(pointer, sizeof pointer, format, args);
  va_end(args);
  return arena_strdup(p->arena, pointer);
}

bool plan_has_user_namespace(const struct plan *plan)
{
  return plan->namespaces[NS_USER].how != NS_KEEP;
}

#define RUN_ALL(p, planners) run((p), (planners), sizeof(planners) / sizeof *(planners))
static void run(struct planner *p, planner_fn *const *planners, size_t count)
{
  for (size_t i = 0; i < count; i++)
    planners[i](p);
}

static const struct linux_config no_linux;

static void begin(struct planner *p, const char *document)
{
  p->linux_ = p->spec->linux_ ? p->spec->linux_ : &no_linux;
  p->problems = (struct problems){ .arena = p->arena, .document = document };
  *p->plan = (struct plan){
    .id = p->request->id,
    .bundle = p->request->bundle,
    .oci_version = p->spec->oci_version,
    .annotations = &p->spec->annotations,
  };
}

/* What decoding found: with the planners' own, for whoever runs the plan to log. */
static void take_warnings(struct planner *p)
{
  for (size_t i = 0; i < p->spec->warnings.count; i++) {
    char **warning = vec_push(p->arena, &p->plan->warnings);
    *warning = p->spec->warnings.items[i];
  }
}

/* Planning the cgroup ends with the first limit that is wrong: here are the others. */
static void check_limits(struct planner *p)
{
  settings_check(p->linux_->resources, &p->problems);
}

int plan_container(struct arena *arena, const struct spec *spec, const struct request *request,
                   const struct facts *facts, struct plan *plan, struct error *err)
{
  struct planner p = {
    .arena = arena, .spec = spec, .process = spec->process, .request = request, .facts = facts, .plan = plan
  };
  begin(&p, "config.json");
  take_warnings(&p);
  RUN_ALL(&p, container_planners);
  if (p.problems.errors == 0)
    return 0;
  check_limits(&p);
  if (request->config)
    problems_place(&p.problems, request->config, request->config_length);
  return problems_to_error(&p.problems, err);
}

void plan_check(const struct spec *spec, enum cgroup_manager_choice manager, struct problems *problems)
{
  static const struct facts facts = {
    .capabilities = UINT64_MAX,
    .cap_last = 63,
    .cgroup2 = true,
    .cgroup_mount = "/sys/fs/cgroup",
    .own_cgroup = "/",
  };
  const struct request request = { .id = "hull-validate", .bundle = "/", .manager = manager };
  struct plan plan;
  struct planner p = { .arena = problems->arena,
                       .spec = spec,
                       .process = spec->process,
                       .request = &request,
                       .facts = &facts,
                       .plan = &plan,
                       .checking = true };
  if (problems->stopped || problems_judged(problems, "/linux/namespaces")) /* nearly all depends on these */
    return;
  begin(&p, problems->document);
  p.problems = *problems;
  p.problems.judged = problems->count;
  RUN_ALL(&p, container_planners);
  check_limits(&p);
  *problems = p.problems;
}

/* A process object is complete in itself, except for what it leaves out entirely: that it takes from the
 * container, as with runc. */
static struct process inherit(const struct process *process, const struct process *container)
{
  struct process merged = *process;
  if (!container)
    return merged;
  if (!merged.capabilities)
    merged.capabilities = container->capabilities;
  if (merged.rlimits.count == 0)
    memcpy(&merged.rlimits, &container->rlimits, sizeof merged.rlimits);
  if (!merged.oom_score_adj.set)
    merged.oom_score_adj = container->oom_score_adj;
  if (!merged.apparmor_profile)
    merged.apparmor_profile = container->apparmor_profile;
  if (!merged.selinux_label)
    merged.selinux_label = container->selinux_label;
  if (!merged.scheduler)
    merged.scheduler = container->scheduler;
  if (!merged.io_priority)
    merged.io_priority = container->io_priority;
  if (!merged.exec_cpu_affinity)
    merged.exec_cpu_affinity = container->exec_cpu_affinity;
  return merged;
}

static struct user inherit_user(const struct user *user, const struct process *container)
{
  struct user merged = *user;
  if (!merged.umask.set && container && container->user)
    merged.umask = container->user->umask;
  return merged;
}

int plan_process(struct arena *arena, const struct spec *spec, const struct process *process,
                 const struct request *request, const struct facts *facts, struct plan *plan,
                 struct error *err)
{
  static const struct user root_user;
  struct process merged = inherit(process, spec->process);
  struct user user = inherit_user(process->user ? process->user : &root_user, spec->process);
  merged.user = &user;
  struct planner p = {
    .arena = arena, .spec = spec, .process = &merged, .request = request, .facts = facts, .plan = plan
  };
  begin(&p, "process");
  static const struct hooks no_hooks;
  plan->exec = true;
  plan->hooks = &no_hooks;
  RUN_ALL(&p, process_planners);
  return p.problems.errors > 0 ? problems_to_error(&p.problems, err) : 0;
}
