/* SPDX-License-Identifier: Apache-2.0
 * The process of a plan, of a container and of exec; its capabilities. */
#include "spec/names.h"
#include "tests/unit/plan_case.h"

#define BIT(n) (UINT64_C(1) << (n))
#define LINUX ",\"linux\":{" PLAN_NAMESPACES "}"
#define PROCESS(more)                                                                                        \
  "\"process\":{\"args\":[\"sh\",\"-c\"],\"cwd\":\"/\",\"user\":{\"uid\":1,\"gid\":2}" more "}"

static void check_env(const struct plan_case *c, const char *const *wanted)
{
  size_t i = 0;
  for (; wanted[i]; i++)
    if (!CHECK_STRING(c->plan.process.envp[i], wanted[i]))
      return;
  CHECK(c->plan.process.envp[i] == NULL);
}

static void environment_is_complete(void)
{
  struct plan_case c;
  plan_case_init(&c);
  c.request.listen_fds = 2;
  c.request.preserve_fds = 3;
  CHECK(plan_case_run(&c, PROCESS(",\"env\":[\"A=1\",\"PATH=/x\",\"A=2\",\"B=a=b\"]") LINUX) == 0);
  check_env(
      &c, (const char *const[]){ "A=2", "PATH=/x", "B=a=b", "LISTEN_FDS=2", "LISTEN_PID=1", "HOME=/", NULL });
  CHECK(c.plan.process.home_missing);
  CHECK_NUMBER(c.plan.process.home_slot, 5);
  CHECK_STRING(c.plan.process.path, "/x");
  CHECK_NUMBER(c.plan.process.keep_fds, 5);
  CHECK_NUMBER(c.plan.process.umask, 0022);
  CHECK_STRING(c.plan.process.argv[1], "-c");
  CHECK(c.plan.process.argv[2] == NULL);
  plan_case_finish(&c);

  plan_case_init(&c);
  c.request.has_console_receiver = true;
  CHECK(plan_case_run(&c, PROCESS(",\"terminal\":true,\"consoleSize\":{\"height\":24,\"width\":80},\"env\":["
                                  "\"HOME=/root\",\"PATH\"]") LINUX)
        == 0);
  check_env(&c, (const char *const[]){ "HOME=/root", "PATH", "TERM=xterm", NULL });
  CHECK(!c.plan.process.home_missing);
  CHECK_STRING(c.plan.process.path, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  CHECK_NUMBER(c.plan.process.rows, 24);
  CHECK_NUMBER(c.plan.process.columns, 80);
  plan_case_finish(&c);
}

static const struct {
  bool terminal, detach, receiver;
  const char *message; /* NULL: fine */
} terminals[] = {
  { true, true, true, NULL },
  { true, true, false, "cannot allocate tty if hull will detach without setting console socket" },
  { true, false, true, NULL },
  { false, true, false, NULL },
  { false, true, true, "cannot use console socket if hull will not detach or allocate tty" },
};

static void a_terminal_needs_a_receiver(void)
{
  for (size_t i = 0; i < UNIT_COUNT(terminals); i++) {
    struct plan_case c;
    plan_case_init(&c);
    c.request.detach = terminals[i].detach;
    c.request.has_console_receiver = terminals[i].receiver;
    int result =
        plan_case_run(&c, terminals[i].terminal ? PROCESS(",\"terminal\":true") LINUX : PROCESS("") LINUX);
    CHECK((result == 0) == !terminals[i].message);
    if (terminals[i].message)
      CHECK(strstr(c.message, terminals[i].message));
    plan_case_finish(&c);
  }
}

static const struct {
  const char *process, *linux_; /* members to add */
  const char *pointer;          /* NULL: fine */
} scheduling[] = {
  { ",\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":19,\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\"]}", "",
    NULL },
  { ",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":-21}", "", "/process/scheduler/nice" },
  { ",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":20}", "", "/process/scheduler/nice" },
  { ",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"priority\":1}", "", "/process/scheduler/priority" },
  { ",\"scheduler\":{\"policy\":\"SCHED_FIFO\",\"priority\":99}", "", NULL },
  { ",\"scheduler\":{\"policy\":\"SCHED_RR\",\"priority\":100}", "", "/process/scheduler/priority" },
  { ",\"scheduler\":{\"policy\":\"SCHED_FIFO\"}", "", "/process/scheduler/priority" },
  { ",\"scheduler\":{\"policy\":\"SCHED_IDLE\",\"runtime\":5}", "", "/process/scheduler" },
  { ",\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":5,\"deadline\":6,\"period\":7}", "", NULL },
  { ",\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":8,\"deadline\":6,\"period\":7}", "",
    "/process/scheduler" },
  { ",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_RT\",\"priority\":7}", "", NULL },
  { ",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_RT\",\"priority\":8}", "", "/process/ioPriority/priority" },
  { ",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":-1}", "", "/process/ioPriority/priority" },
  { ",\"execCPUAffinity\":{\"initial\":\"0, 2-4\",\"final\":\"8191\"}", "", NULL },
  { ",\"execCPUAffinity\":{\"initial\":\"4-2\"}", "", "/process/execCPUAffinity/initial" },
  { ",\"execCPUAffinity\":{\"initial\":\"1,,2\"}", "", "/process/execCPUAffinity/initial" },
  { ",\"execCPUAffinity\":{\"final\":\"8192\"}", "", "/process/execCPUAffinity/final" },
  { ",\"execCPUAffinity\":{\"final\":\"-\"}", "", "/process/execCPUAffinity/final" },
  { "", ",\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\"}", NULL },
  { "", ",\"memoryPolicy\":{\"mode\":\"MPOL_PREFERRED\"}", NULL },
  { "", ",\"memoryPolicy\":{\"mode\":\"MPOL_INTERLEAVE\"}", "/linux/memoryPolicy/nodes" },
  { "", ",\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0\"}", "/linux/memoryPolicy/nodes" },
  { "", ",\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"1024\"}", "/linux/memoryPolicy/nodes" },
  { "", ",\"personality\":{\"domain\":\"LINUX32\"}", NULL },
  { "", ",\"personality\":{\"domain\":\"LINUX\",\"flags\":[\"ADDR_NO_RANDOMIZE\"]}",
    "/linux/personality/flags" },
};

static void scheduling_is_checked(void)
{
  for (size_t i = 0; i < UNIT_COUNT(scheduling); i++) {
    struct plan_case c;
    char config[1024];
    plan_case_init(&c);
    (void)snprintf(config, sizeof config, PROCESS("%s") ",\"linux\":{" PLAN_NAMESPACES "%s}",
                   scheduling[i].process, scheduling[i].linux_);
    CHECK_NUMBER(plan_case_run(&c, config), scheduling[i].pointer ? -1 : 0);
    if (scheduling[i].pointer && !CHECK(strstr(c.message, scheduling[i].pointer)))
      printf("# %s%s: %s\n", scheduling[i].process, scheduling[i].linux_, c.message);
    plan_case_finish(&c);
  }
}

static void scheduling_is_planned(void)
{
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(
            &c,
            PROCESS(",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_IDLE\",\"priority\":7},"
                    "\"execCPUAffinity\":{\"initial\":\"1, 63-65\"}") ",\"linux\":{" PLAN_NAMESPACES
                                                                      ",\"memoryPolicy\":{\"mode\":\"MPOL_"
                                                                      "BIND\",\"nodes\":\"3\",\"flags\":["
                                                                      "\"MPOL_F_STATIC_NODES\"]}}")
        == 0);
  CHECK_NUMBER(c.plan.process.io_priority, 3 << 13); /* the idle class has no levels */
  if (CHECK(c.plan.process.initial_cpus != NULL)) {
    CHECK(c.plan.process.initial_cpus[0] == (BIT(1) | BIT(63)));
    CHECK(c.plan.process.initial_cpus[1] == 3);
  }
  CHECK(c.plan.process.final_cpus == NULL);
  CHECK_NUMBER(c.plan.memory_policy.mode, 2 | 1 << 15);
  CHECK(c.plan.memory_policy.nodes && c.plan.memory_policy.nodes[0] == 8);
  plan_case_finish(&c);
}

static void users_must_be_mapped(void)
{
  static const char config[] = "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/"
                               "\",\"user\":{\"uid\":9,\"gid\":10,\"additionalGids\":[9,11]}},"
                               "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"user\"}],"
                               "\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":10}],"
                               "\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":10}]}";
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(&c, config) < 0);
  CHECK(strstr(c.message, "/process/user/gid: gid 10 is not mapped"));
  CHECK(strstr(c.message, "/process/user/additionalGids/1: gid 11"));
  CHECK(!strstr(c.message, "/process/user/uid"));
  CHECK(!strstr(c.message, "additionalGids/0"));
  plan_case_finish(&c);
}

#define SETS(b, e, p, i, a)                                                                                  \
  PROCESS(",\"capabilities\":{\"bounding\":[" b "],\"effective\":[" e "],\"permitted\":[" p                  \
          "],\"inheritable\":[" i "],\"ambient\":[" a "]}")                                                  \
  LINUX

static void capabilities_are_granted_as_far_as_they_can(void)
{
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(&c, SETS("\"CAP_KILL\",\"CAP_NONE\"", "\"CAP_KILL\"", "\"CAP_KILL\"", "\"CAP_KILL\"",
                               "\"CAP_KILL\",\"CAP_CHOWN\""))
        == 0);
  const struct plan_capabilities *caps = &c.plan.process.caps;
  CHECK(caps->set);
  CHECK_NUMBER(caps->bounding, BIT(5));
  CHECK_NUMBER(caps->permitted, BIT(5));
  CHECK_NUMBER(caps->ambient, BIT(5));
  if (CHECK_NUMBER(c.plan.warnings.count, 2)) {
    CHECK(
        strstr(c.plan.warnings.items[0], "/process/capabilities/bounding/1: unknown capability 'CAP_NONE'"));
    CHECK(strstr(c.plan.warnings.items[1], "CAP_CHOWN left out"));
  }
  plan_case_finish(&c);

  plan_case_init(&c);
  c.facts.capabilities = PLAN_CAPS_ALL & ~BIT(24);
  c.facts.cap_last = 39;
  CHECK(plan_case_run(&c, SETS("\"CAP_SYS_RESOURCE\"", "\"CAP_SYS_RESOURCE\"",
                               "\"CAP_SYS_RESOURCE\",\"CAP_CHECKPOINT_RESTORE\"", "", ""))
        == 0);
  CHECK_NUMBER(caps->bounding, BIT(24));
  CHECK_NUMBER(caps->permitted, 0);
  CHECK_NUMBER(caps->effective, 0);
  CHECK_NUMBER(c.plan.warnings.count, 3); /* of the kernel, of permitted, of effective */
  plan_case_finish(&c);

  plan_case_init(&c);
  CHECK(plan_case_run(&c, PROCESS("") LINUX) == 0);
  CHECK(!caps->set);
  plan_case_finish(&c);
}

static void seccomp_comes_when_it_can(void)
{
#define SECCOMP ",\"linux\":{" PLAN_NAMESPACES ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}"
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(&c, PROCESS(",\"noNewPrivileges\":true") SECCOMP) == 0);
  CHECK(c.plan.seccomp_when == SECCOMP_LATE);
  CHECK(plan_case_run(&c, PROCESS(",\"noNewPrivileges\":false") SECCOMP) == 0);
  CHECK(c.plan.seccomp_when == SECCOMP_EARLY);
  CHECK(plan_case_run(&c, PROCESS("") LINUX) == 0);
  CHECK(c.plan.seccomp_when == SECCOMP_NONE);
  plan_case_finish(&c);
}

static void a_container_may_have_no_process_yet(void)
{
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(&c, "\"linux\":{" PLAN_NAMESPACES "}") == 0);
  CHECK(c.plan.process.argv == NULL);
  plan_case_finish(&c);
}

static void exec_takes_from_the_container_what_it_leaves_out(void)
{
  static const char asked[] = "{\"args\":[\"id\"],\"cwd\":\"/tmp\",\"user\":{\"uid\":7,\"gid\":8}}";
  struct plan_case c;
  struct process process = { 0 };
  struct plan plan;
  plan_case_init(&c);
  CHECK(plan_case_run(
            &c, "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0,\"umask\":63},"
                "\"capabilities\":{\"bounding\":[\"CAP_KILL\"]},\"oomScoreAdj\":5,"
                "\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":1,\"hard\":2}]}" LINUX)
        == 0);
  CHECK(decode_process(&c.arena, &process, asked, strlen(asked), "process", &c.err) == 0);
  CHECK(plan_process(&c.arena, &c.spec, &process, &c.request, &c.facts, &plan, &c.err) == 0);
  CHECK(plan.exec);
  CHECK_STRING(plan.process.argv[0], "id");
  CHECK_STRING(plan.process.cwd, "/tmp");
  CHECK_NUMBER(plan.process.uid, 7);
  CHECK_NUMBER(plan.process.umask, 077);
  CHECK_NUMBER(plan.process.caps.bounding, BIT(5));
  CHECK_NUMBER(plan.process.oom_score_adj, 5);
  if (CHECK_NUMBER(plan.process.rlimits.count, 1)) {
    CHECK_STRING(plan.process.rlimits.items[0].name, "RLIMIT_CORE");
    CHECK_NUMBER(plan.process.rlimits.items[0].soft, 1);
    CHECK_NUMBER(plan.process.rlimits.items[0].hard, 2);
  }
  plan_case_finish(&c);
}

int main(void)
{
  environment_is_complete();
  a_terminal_needs_a_receiver();
  users_must_be_mapped();
  scheduling_is_checked();
  scheduling_is_planned();
  capabilities_are_granted_as_far_as_they_can();
  seccomp_comes_when_it_can();
  a_container_may_have_no_process_yet();
  exec_takes_from_the_container_what_it_leaves_out();
  return unit_finish();
}
