/* SPDX-License-Identifier: Apache-2.0
 * The runtime's end of the conversation with init: does for it what only a process outside may do. Init has
 * read files of the image by then, so its word decides nothing but when. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/trace.h"
#include "libcontainer/base/userns_limits.h"
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/hooks.h"
#include "libcontainer/runtime/status.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int answer_map_ids(struct launch *l, struct error *err)
{
  if (id_maps_write(&l->plan.id_maps, l->pid, err) < 0)
    return -1;
  return sync_reply(&l->server, MSG_IDS_MAPPED, NULL, 0, err);
}

/* 'pid' comes from the kernel (SCM_CREDENTIALS), and CLONE_PARENT made it our child, so it can't be reused
 * yet. Security: whoever has CAP_SYS_ADMIN can send other credentials; waitid(2) knows our children. */
static int adopt(struct launch *l, pid_t pid, struct error *err)
{
  const pid_t stage = l->pid;
  const int pidfd = sys_pidfd_open(pid, 0);
  siginfo_t info;
  if (pid <= 0 || pid == stage || pidfd < 0
      || waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOWAIT | WNOHANG | __WALL) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot follow init into its pid namespace");
  fd_close(&l->pidfd);
  l->pidfd = pidfd;
  l->pid = pid;
  while (waitpid(stage, NULL, __WALL) < 0 && errno == EINTR)
    ;
  /* From outside, and before it can execute anything. Create has set it long before. */
  if (l->exec && l->plan.process.set_oom_score_adj && set_oom_score(l, err) < 0)
    return -1;
  if (l->exec && l->plan.process.scheduler.set && apply_scheduler(pid, &l->plan.process.scheduler, err) < 0)
    return -1;
  if (in_rdt_groups(l) && enter_rdt_groups(l, err) < 0)
    return -1;
  const struct proceed answer = { .pid = pid };
  return sync_reply(&l->server, MSG_ADOPTED, &answer, sizeof answer, err);
}

static int answer_net_devices(struct launch *l, struct error *err)
{
  if (move_net_devices(l, err) < 0)
    return -1;
  return sync_reply(&l->server, MSG_NET_DEVICES_MOVED, NULL, 0, err);
}

static int answer_hooks(struct launch *l, struct error *err)
{
  const struct proceed answer = { .pid = l->pid };
  l->state.pid = l->pid;
  l->existed = true;
  if (runtime_hooks(&l->plan.hooks->prestart, "prestart", &l->state, "creating", l->pid, err) < 0
      || runtime_hooks(&l->plan.hooks->create_runtime, "createRuntime", &l->state, "creating", l->pid, err)
             < 0)
    return -1;
  return sync_reply(&l->server, MSG_HOOKS_RAN, &answer, sizeof answer, err);
}

static void forward_log(const struct message *m)
{
  const int level = m->payload[0] - '0';
  log_line(level >= LOG_ERROR && level <= LOG_DEBUG ? (enum log_level)level : LOG_DEBUG, "init: %.*s",
           m->length - 1, (const char *)m->payload + 1);
}

static void forward_span(const struct message *m)
{
  struct span span;
  memcpy(&span, m->payload, sizeof span);
  span.category[sizeof span.category - 1] = '\0';
  span.name[sizeof span.name - 1] = '\0';
  trace_foreign_span("init", span.category, span.name, span.start_ns, span.duration_ns);
}

/* How the process ended, for the error; it stays to be reaped. */
static int died(struct launch *l, struct error *err)
{
  siginfo_t info = { 0 };
  if (waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED | WNOWAIT | __WALL) < 0)
    return error_set(err, ERROR_KERNEL, errno, "the container's first process closed its socket");
  if (info.si_code == CLD_EXITED)
    return error_set(err, ERROR_KERNEL, 0, "the container's first process exited with status %d",
                     info.si_status);
  return error_set(err, ERROR_KERNEL, 0, "the container's first process was killed by signal %d",
                   info.si_status); /* explain_by_oom() knows more */
}

/* 1: ready; 0: go on; -1: error. */
static int answer(struct launch *l, const struct message *m, pid_t sender, struct error *err)
{
  const uint64_t start = trace_now();
  int result = 0;
  switch ((enum message_type)m->type) {
  case MSG_MAP_IDS:
    result = answer_map_ids(l, err);
    break;
  case MSG_FORKED:
    result = adopt(l, sender, err);
    break;
  case MSG_MOVE_NET_DEVICES:
    result = answer_net_devices(l, err);
    break;
  case MSG_RUN_HOOKS:
    result = answer_hooks(l, err);
    break;
  case MSG_LOG:
    forward_log(m);
    return 0;
  case MSG_SPAN:
    forward_span(m);
    return 0;
  case MSG_READY:
    return 1;
  case MSG_NONE:
  case MSG_IDS_MAPPED:
  case MSG_ADOPTED:
  case MSG_NET_DEVICES_MOVED:
  case MSG_HOOKS_RAN:
  case MSG_PROCEED:
  case MSG_FAILED:
  case MSG_COUNT:
    return error_set(err, ERROR_INTERNAL, 0, "init sent a message that has no answer");
  }
  if (trace_on())
    trace_span("runtime", "message", messages[m->type].name, start);
  return result;
}

int serve(void *context, struct error *err)
{
  struct launch *l = context;
  struct message m;
  pid_t sender = 0;
  for (;;) {
    const int got = sync_receive(&l->server, &m, &sender, err);
    if (got == 0)
      return died(l, err);
    if (got < 0)
      return -1;
    const int done = answer(l, &m, sender, err);
    if (done != 0)
      return done < 0 ? -1 : 0;
  }
}

/* The command of a sandbox is the first child of its first process, which itself has no filter. */
static int check_command(const struct launch *l, struct error *err)
{
  char name[48], text[64];
  uint64_t pid;
  const int proc = proc_root(err);
  (void)snprintf(name, sizeof name, "%d/task/%d/children", (int)l->pid, (int)l->pid);
  if (proc < 0)
    return -1;
  if (file_read_small(proc, name, text, sizeof text) <= 0)
    return 0; /* it was quick */
  text[strcspn(text, " ")] = '\0';
  return parse_u64(text, INT32_MAX, &pid) == 0 ? check_filtered((pid_t)pid, 0, own_filters(), err) : 0;
}

int await_exec(void *context, struct error *err)
{
  struct launch *l = context;
  struct message m;
  siginfo_t info = { 0 };
  pid_t sender = 0;
  for (;;) {
    const int got = sync_receive(&l->server, &m, &sender, err);
    if (got < 0)
      return -1;
    if (got == 0)
      break;
    if (m.type == MSG_LOG)
      forward_log(&m);
    else if (m.type == MSG_SPAN)
      forward_span(&m);
    else if (m.type == MSG_READY)
      continue; /* it was told to proceed in advance */
    else if (m.type == MSG_FORKED && l->exec) {
      if (adopt(l, sender, err) < 0)
        return -1;
    } else
      return error_set(err, ERROR_INTERNAL, 0, "init sent '%s' out of order", messages[m.type].name);
  }
  /* What we hold is then the process that forks, and its exit status says nothing. */
  if ((l->init.target_namespaces & CLONE_NEWPID) != 0 && (l->server.seen & (1u << MSG_FORKED)) == 0)
    return error_set(err, ERROR_KERNEL, 0, "the process died before it was in the pid namespace");
  if (l->init.first != NULL && l->init.first->started)
    return has_seccomp(l) ? check_command(l, err) : 0;
  /* End of stream is execve(2) or death. A process that was quick may be over by now, which is no failure. */
  if (proc_executed(l->pid) != 0)
    return has_seccomp(l) ? check_filtered(l->pid, 0, own_filters(), err) : 0;
  if (waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED | WNOWAIT | __WALL) == 0 && info.si_code != CLD_EXITED
      && info.si_status == SIGSYS)
    return error_set(err, ERROR_CONFIG, 0,
                     "the seccomp profile does not allow execve (the process got SIGSYS)");
  return died(l, err);
}

static void prefer_failure_of_init(struct launch *l, struct error *err)
{
  struct message m;
  struct error of_init = { 0 };
  pid_t sender;
  if (l->sync_runtime < 0 || (l->server.seen & (1u << MSG_FAILED)) != 0
      || fcntl(l->sync_runtime, F_SETFL, O_NONBLOCK) < 0)
    return;
  while (sync_receive(&l->server, &m, &sender, &of_init) > 0)
    ;
  if ((l->server.seen & (1u << MSG_FAILED)) != 0)
    *err = of_init;
}

/* The errno alone does not tell a switch of the host from a mistake. */
static void explain_user_namespace(const struct launch *l, struct error *err)
{
  char why[320];
  const bool refused = err->errnum == EPERM || err->errnum == EACCES || err->errnum == ENOSPC;
  const bool early = strcmp(err->step, "spawn-init") == 0 || strcmp(err->step, "map-ids") == 0
                     || strcmp(err->step, "become-root") == 0 || strcmp(err->step, "unshare-namespaces") == 0
                     || strcmp(err->step, "mounts") == 0;
  if (refused && early && l->plan.namespaces[NS_USER].how == NS_NEW && userns_explain(why, sizeof why) > 0)
    error_wrap(err, "%s", why);
}

void explain_failure(struct launch *l, struct error *err)
{
  prefer_failure_of_init(l, err);
  explain_user_namespace(l, err);
  explain_by_oom(l, err);
}
