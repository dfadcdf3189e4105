/* SPDX-License-Identifier: Apache-2.0
 * The supervisor of `run --seccomp-report`: where the profile denies, the filter asks it
 * (seccomp_unotify(2)), and it notes down who called what because of which rule, and answers as the plain
 * filter would have. A process of its own: the runtime may wait for the container meanwhile, or be killed. */
#include "libcontainer/runtime/seccomp_report.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/text.h"
#include "libcontainer/container.h"
#include "libcontainer/runtime/create.h"
#include "spec/json_write.h"
#include "spec/names.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DENIALS_MAX 512 /* different ones; what comes later is counted as lost */
#define EXE_BYTES 256
#define END_WAIT_MS 2000  /* for the supervisor, once the container is gone */
#define NOTIFY_BYTES 1024 /* more than a newer kernel's structures may have */

struct denial {
  struct seccomp_verdict verdict; /* args: of the first one */
  pid_t pid;                      /* of the first one */
  char comm[32], exe[EXE_BYTES];
  uint64_t count;
};
/* Shared with the supervisor, which alone writes. */
struct table {
  size_t count;
  uint64_t lost;
  pid_t killed; /* the last process that got SIGKILL because nothing less would have ended it */
  struct denial denials[DENIALS_MAX];
};
struct hull_seccomp_report {
  struct table *table;
  pid_t pid;
  int pidfd;
};

/* --- the supervisor: who called -------------------------------------------------------------------- */

struct supervisor {
  struct table *table;
  const struct seccomp *profile;
  const struct seccomp_program *plain;
  int listener, proc;
};

struct caller {
  pid_t tid, tgid;
  bool first_inside;                  /* process 1 of its pid namespace */
  uint64_t blocked, ignored, handled; /* signals */
  char comm[32], exe[EXE_BYTES];
};

/* The value behind "NAME:" of /proc/PID/status. */
static const char *status_value(const char *status, const char *name)
{
  const char *line = strstr(status, name);
  return line == NULL ? "" : line + strlen(name) + strspn(line + strlen(name), " \t");
}

static uint64_t status_mask(const char *status, const char *name)
{
  return strtoull(status_value(status, name), NULL, 16);
}

static void read_link(int proc, pid_t pid, struct caller *c)
{
  char path[64];
  (void)snprintf(path, sizeof path, "%d/exe", (int)pid);
  const ssize_t n = readlinkat(proc, path, c->exe, sizeof c->exe - 1);
  c->exe[n > 0 ? n : 0] = '\0';
}

static void look_at_caller(int proc, pid_t tid, struct caller *c)
{
  char path[64], status[4096];
  *c = (struct caller){ .tid = tid, .tgid = tid };
  (void)snprintf(path, sizeof path, "%d/comm", (int)tid);
  if (file_read_small(proc, path, c->comm, sizeof c->comm) > 0)
    c->comm[strcspn(c->comm, "\n")] = '\0';
  (void)snprintf(path, sizeof path, "%d/status", (int)tid);
  if (file_read_small(proc, path, status, sizeof status) > 0) {
    const char *inner = status_value(status, "\nNSpid:");
    const char *tgid = status_value(status, "\nTgid:");
    c->tgid = *tgid != '\0' ? (pid_t)strtol(tgid, NULL, 10) : tid;
    for (const char *p = inner; *p != '\0' && *p != '\n'; p++)
      if (*p == '\t')
        inner = p + 1;
    c->first_inside = strncmp(inner, "1\n", 2) == 0;
    c->blocked = status_mask(status, "\nSigBlk:");
    c->ignored = status_mask(status, "\nSigIgn:");
    c->handled = status_mask(status, "\nSigCgt:");
  }
  read_link(proc, c->tgid, c);
}

/* --- the supervisor: note and answer --------------------------------------------------------------- */

static void note(struct table *t, const struct seccomp_verdict *v, const struct caller *c)
{
  for (struct denial *d = t->denials; d < t->denials + t->count; d++)
    if (d->verdict.arch == v->arch && d->verdict.number == v->number && d->verdict.word == v->word
        && d->verdict.cause == v->cause && d->verdict.rule == v->rule && strcmp(d->comm, c->comm) == 0
        && strcmp(d->exe, c->exe) == 0) {
      d->count++;
      return;
    }
  if (t->count == DENIALS_MAX) {
    t->lost++;
    return;
  }
  struct denial *d = &t->denials[t->count];
  *d = (struct denial){ .verdict = *v, .pid = c->tgid, .count = 1 };
  memcpy(d->comm, c->comm, sizeof d->comm);
  memcpy(d->exe, c->exe, sizeof d->exe);
  t->count++;
}

/* The kernel's own SIGSYS cannot be blocked, handled or be too little for the first process of a pid
 * namespace. Ours can: then it is SIGKILL. */
static void kill_caller(struct table *t, const struct caller *c, int pidfd)
{
  const uint64_t bit = UINT64_C(1) << (SIGSYS - 1);
  const bool enough = !c->first_inside && ((c->blocked | c->ignored | c->handled) & bit) == 0;
  if (enough && sys_pidfd_send_signal(pidfd, SIGSYS) == 0)
    return;
  t->killed = c->tgid;
  if (sys_pidfd_send_signal(pidfd, SIGKILL) < 0 && errno != ESRCH) /* there is no descriptor left for one */
    (void)syscall(SYS_tgkill, c->tgid, c->tid, SIGKILL);
}

static bool kills(uint32_t word)
{
  const uint32_t action = word & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD;
}

static void answer(const struct supervisor *s, const struct seccomp_notif *request)
{
  union {
    struct seccomp_notif_resp response;
    char room[NOTIFY_BYTES];
  } reply = { .room = { 0 } };
  struct caller caller;
  struct seccomp_verdict v = { .arch = request->data.arch, .number = request->data.nr };
  uint64_t id = request->id;
  for (int i = 0; i < 6; i++)
    v.args[i] = request->data.args[i];
  seccomp_judge(s->profile, s->plain, &v);
  look_at_caller(s->proc, (pid_t)request->pid, &caller);
  auto_close int pidfd = kills(v.word) ? sys_pidfd_open(caller.tgid, 0) : -1;
  /* Else its id may be somebody else's by now; and what was opened before is of it. */
  if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0)
    return;
  note(s->table, &v, &caller);
  if (kills(v.word))
    kill_caller(s->table, &caller, pidfd);
  reply.response.id = id;
  reply.response.error = kills(v.word) ? -EPERM : -(int)(v.word & SECCOMP_RET_DATA);
  (void)ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &reply); /* ENOENT: it was killed meanwhile */
}

/* False once nobody is left under the filter. */
static bool serve_one(const struct supervisor *s)
{
  union {
    struct seccomp_notif request;
    char room[NOTIFY_BYTES];
  } call = { .room = { 0 } };
  struct pollfd ready = { .fd = s->listener, .events = POLLIN };
  if (poll(&ready, 1, -1) < 0)
    return errno == EINTR;
  if ((ready.revents & POLLIN) == 0)
    return (ready.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
  if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0)
    answer(s, &call.request);
  return true; /* ENOENT: the caller was killed before it was its turn */
}

static int receive_listener(int socket)
{
  struct error ignored = { 0 };
  int fds[FD_PASSING_MAX];
  size_t count = 0;
  char text[16];
  struct pollfd ready = { .fd = socket, .events = POLLIN };
  while (poll(&ready, 1, -1) < 0 && errno == EINTR)
    ;
  if (fds_receive(socket, text, sizeof text, fds, &count, NULL, &ignored) <= 0 || count != 1)
    return -1; /* no process was made, or it ended before */
  return fds[0];
}

/* Nothing of the caller's may live on in here: who waits for the end of his pipe would wait for us. */
static int shed(int socket, int proc)
{
  const int keep[] = { socket < proc ? socket : proc, socket < proc ? proc : socket };
  sigset_t all;
  struct error ignored = { 0 };
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_BLOCK, &all, NULL);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || dup3(null, 0, 0) < 0 || dup3(null, 1, 0) < 0 || dup3(null, 2, 0) < 0)
    return -1;
  (void)prctl(PR_SET_NAME, "hull-seccomp");
  (void)chdir("/"); /* NOLINT: if not, a directory stays in use */
  return fd_close_others(3, keep, 2, &ignored);
}

__attribute__((noreturn)) static void supervise(struct supervisor *s, int socket)
{
  if (shed(socket, s->proc) == 0 && (s->listener = receive_listener(socket)) >= 0)
    while (serve_one(s))
      ;
  _exit(0);
}

/* --- start ----------------------------------------------------------------------------------------- */

static int refuse_second_listener(const struct seccomp *profile, struct error *err)
{
  char pointer[64];
  const struct seccomp_rule *rule;
  vec_each (&profile->syscalls, rule) {
    if (rule->action.value != ACT_NOTIFY)
      continue;
    (void)snprintf(pointer, sizeof pointer, "/linux/seccomp/syscalls/%zu/action",
                   vec_index(&profile->syscalls, rule));
    error_set(err, ERROR_USAGE, 0,
              "--seccomp-report: this rule is SCMP_ACT_NOTIFY, and a filter has one listener, the agent at "
              "listenerPath: take one of the two out");
    return error_at(err, pointer);
  }
  return 0;
}

static int make_token(uint64_t token[SECCOMP_TOKEN_WORDS], struct error *err)
{
  const size_t size = SECCOMP_TOKEN_WORDS * sizeof *token;
  if (getrandom(token, size, 0) != (ssize_t)size)
    return error_set(err, ERROR_KERNEL, errno, "cannot get random numbers");
  for (size_t i = 0; i < SECCOMP_TOKEN_WORDS; i++)
    token[i] &= ULONG_MAX; /* as arguments of a system call */
  return 0;
}

static int spawn_supervisor(struct launch *l, struct hull_seccomp_report *report, int proc, struct error *err)
{
  int pair[2];
  struct supervisor s = {
    .table = report->table, .profile = l->plan.seccomp, .plain = &l->filter, .proc = proc, .listener = -1
  };
  /* No signal at its end: whoever reaps children by SIGCHLD has not asked for this one. */
  struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&report->pidfd, .exit_signal = 0 };
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a socket pair");
  report->pid = sys_clone3(&args, sizeof args);
  if (report->pid == 0)
    supervise(&s, pair[1]);
  if (report->pid < 0)
    error_set(err, ERROR_KERNEL, errno, "cannot start the supervisor of the seccomp report");
  fd_close(&pair[1]);
  l->init.seccomp_agent = pair[0];
  return report->pid < 0 ? -1 : 0;
}

static struct hull_seccomp_report *report_create(struct error *err)
{
  struct hull_seccomp_report *report = calloc(1, sizeof *report);
  struct table *table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (report == NULL || table == MAP_FAILED) {
    error_set(err, ERROR_HOST, ENOMEM, "cannot keep a seccomp report");
    if (table != MAP_FAILED)
      (void)munmap(table, sizeof *table);
    free(report);
    return NULL;
  }
  *report = (struct hull_seccomp_report){ .table = table, .pidfd = -1 };
  return report;
}

int seccomp_report_start(struct launch *l, struct error *err)
{
  struct seccomp_program *asking = arena_alloc(l->arena, sizeof *asking);
  uint64_t *token = arena_array(l->arena, SECCOMP_TOKEN_WORDS, sizeof *token);
  const int proc = proc_root(err);
  if (proc < 0 || refuse_second_listener(l->plan.seccomp, err) < 0 || make_token(token, err) < 0
      || seccomp_program_report(l->arena, &l->filter, token, asking, err) < 0)
    return -1;
  struct hull_seccomp_report *report = report_create(err);
  if (report == NULL)
    return -1;
  *l->seccomp_report = report; /* also if we fail from here on: what it has noted may tell why */
  if (spawn_supervisor(l, report, proc, err) < 0)
    return -1;
  l->init.filter = asking;
  l->init.seccomp_token = token;
  return 0;
}

/* --- read ------------------------------------------------------------------------------------------ */

static bool await_end(const struct hull_seccomp_report *report)
{
  struct pollfd ended = { .fd = report->pidfd, .events = POLLIN };
  int n;
  if (report->pidfd < 0) /* it was never started */
    return true;
  while ((n = poll(&ended, 1, END_WAIT_MS)) < 0 && errno == EINTR)
    ;
  return n > 0;
}

static const char *action_of(const struct seccomp_verdict *v)
{
  return v->action < 0 ? NULL : names_of(seccomp_action_names, v->action);
}

static void put_denial(struct json_writer *w, const struct denial *d)
{
  char name[64], pointer[64];
  seccomp_call_name(d->verdict.arch, d->verdict.number, name, sizeof name);
  seccomp_verdict_pointer(&d->verdict, pointer, sizeof pointer);
  json_begin_object(w);
  json_key(w, "syscall");
  json_string(w, name);
  json_key(w, "number");
  json_int(w, d->verdict.number);
  json_key(w, "arch");
  json_string(w, seccomp_call_arch(d->verdict.arch, d->verdict.number));
  json_key(w, "args");
  json_begin_array(w);
  for (int i = 0; i < 6; i++) {
    char hex[24];
    (void)snprintf(hex, sizeof hex, "0x%" PRIx64, d->verdict.args[i]);
    json_string(w, hex);
  }
  json_end_array(w);
  json_key(w, "effect");
  json_string(w, seccomp_effect(d->verdict.word));
  json_key(w, "action");
  json_string(w, action_of(&d->verdict));
  json_key(w, "rule");
  json_string(w, pointer);
  json_key(w, "why");
  json_string(w, seccomp_cause_text(d->verdict.cause));
  json_key(w, "pid");
  json_int(w, d->pid);
  json_key(w, "comm");
  json_string(w, d->comm);
  json_key(w, "exe");
  json_string(w, *d->exe != '\0' ? d->exe : NULL);
  json_key(w, "count");
  json_uint(w, d->count);
  json_end_object(w);
}

static void put_json(const struct hull_seccomp_report *report, bool complete, struct text *out)
{
  const struct table *t = report != NULL ? report->table : NULL;
  struct json_writer *w = json_writer_create(out, 2);
  json_begin_object(w);
  json_key(w, "filter");
  json_bool(w, t != NULL);
  json_key(w, "complete");
  json_bool(w, complete);
  json_key(w, "lost");
  json_uint(w, t != NULL ? t->lost : 0);
  json_key(w, "denied");
  json_begin_array(w);
  for (size_t i = 0; t != NULL && i < t->count; i++)
    put_denial(w, &t->denials[i]);
  json_end_array(w);
  json_end_object(w);
  json_finish(w);
}

static void put_line(const struct denial *d, struct text *out)
{
  char name[64], pointer[64], comm[128], exe[EXE_BYTES * 4];
  seccomp_call_name(d->verdict.arch, d->verdict.number, name, sizeof name);
  seccomp_verdict_pointer(&d->verdict, pointer, sizeof pointer);
  (void)text_escape_control(comm, sizeof comm, d->comm);
  (void)text_escape_control(exe, sizeof exe, d->exe);
  text_addf(out, "seccomp denied %s (%d, %s), %" PRIu64 " time%s: %s; %s%s%s: %s; process %d '%s'%s%s%s\n",
            name, d->verdict.number, seccomp_call_arch(d->verdict.arch, d->verdict.number), d->count,
            d->count == 1 ? "" : "s", seccomp_effect(d->verdict.word), action_of(&d->verdict) ?: "",
            d->verdict.action < 0 ? "" : " of ", pointer, seccomp_cause_text(d->verdict.cause), (int)d->pid,
            comm, *exe != '\0' ? " (" : "", exe, *exe != '\0' ? ")" : "");
}

static void put_text(const struct hull_seccomp_report *report, bool complete, struct text *out)
{
  if (report == NULL) {
    text_add(out, "seccomp denied nothing: the config has no filter (/linux/seccomp)\n");
    return;
  }
  const struct table *t = report->table;
  for (size_t i = 0; i < t->count; i++)
    put_line(&t->denials[i], out);
  if (t->count == 0)
    text_add(out, "seccomp denied nothing\n");
  if (t->lost > 0)
    text_addf(out, "seccomp denied %" PRIu64 " more calls of other kinds, too many to list\n", t->lost);
  if (!complete)
    text_add(out, "seccomp: some processes of the container still run; what they call later is not here\n");
}

char *hull_seccomp_report_read(struct hull_seccomp_report *report, bool json)
{
  struct arena arena = ARENA_INIT;
  struct text out;
  const bool complete = report == NULL || await_end(report);
  text_init(&out, &arena);
  if (json)
    put_json(report, complete, &out);
  else
    put_text(report, complete, &out);
  char *copy = strdup(text_string(&out));
  if (copy == NULL)
    arena_out_of_memory(out.length + 1);
  arena_release(&arena);
  return copy;
}

bool hull_seccomp_report_killed(const struct hull_seccomp_report *report, pid_t pid)
{
  return report != NULL && report->table->killed == pid && pid > 0;
}

void hull_seccomp_report_close(struct hull_seccomp_report *report)
{
  if (report == NULL)
    return;
  (void)await_end(report);
  if (report->pid > 0) /* one that still serves somebody ends with him */
    (void)waitpid(report->pid, NULL, __WALL | WNOHANG);
  fd_close(&report->pidfd);
  (void)munmap(report->table, sizeof *report->table);
  free(report);
}
