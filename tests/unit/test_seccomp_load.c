/* SPDX-License-Identifier: Apache-2.0
 * Filters as the kernel applies them: each case in a child of its own, with no_new_privs. */
#include "seccomp/seccomp.h"
#include "tests/unit/seccomp_profile.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Runs in the child, after the filter; its value is the exit status. */
typedef int (*child_case)(int listener);

static int run_child(const struct seccomp_program *program, child_case body)
{
  pid_t pid = fork();
  if (pid == 0) {
    struct error err = { 0 };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int rc = seccomp_install(program, &err);
    if (rc < 0) {
      char text[ERROR_TEXT_BYTES];
      error_format(&err, text, sizeof text);
      printf("%s\n", text);
      fflush(stdout);
      _exit(99);
    }
    syscall(SYS_exit_group, body(rc));
  }
  int status = -1;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  return status;
}

/* errno of a raw call, 0 if it works. */
static int raw(long number, long a, long b, long c)
{
  return syscall(number, a, b, c) < 0 ? errno : 0;
}

/* --- podman's profile ------------------------------------------------------------------------------ */

#define EXPECT(expression, value)                                                                            \
  if ((expression) != (value))                                                                               \
    return __LINE__ % 90 + 1;

static int under_podman(int listener)
{
  EXPECT(listener, 0)
  EXPECT(raw(SYS_getpid, 0, 0, 0), 0)
  EXPECT(raw(SYS_swapoff, 0, 0, 0), EPERM)           /* a rule with errnoRet 1 */
  EXPECT(raw(SYS_socket, 16, 3, 9), EINVAL)          /* netlink audit: errnoRet 22 */
  EXPECT(raw(SYS_personality, 0xffffffff, 0, 0), 0)  /* an allowed argument */
  EXPECT(raw(SYS_personality, 0x1234, 0, 0), ENOSYS) /* another: the default */
  EXPECT(raw(900, 0, 0, 0), ENOSYS)
  int fd = (int)syscall(SYS_socket, 1, 1, 0);
  EXPECT(fd >= 0, true)
  return 0;
}

static void podman(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program program = compile_row(&arena, &podman_profile);
  CHECK_NUMBER(run_child(&program, under_podman), 0);
  arena_release(&arena);
}

/* --- errno, newest, actions ------------------------------------------------------------------------ */

static int under_errno(int listener)
{
  (void)listener;
  EXPECT(raw(SYS_mkdir, (long)"/nowhere/else", 0700, 0), EXDEV)
  EXPECT(raw(SYS_getppid, 0, 0, 0), EPERM)
  EXPECT(raw(SYS_openat2 + 1, 0, 0, 0), ENOSYS)
  EXPECT(raw(SYS_dup, 1, 0, 0), 0)
  EXPECT(raw(SYS_dup, 77, 0, 0), EPERM)
  return 0;
}

static void errno_values(void)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row rules[] = { { ACT_ALLOW, -1, 0, { { 0 } }, "exit_group openat2 write" },
                                    { ACT_ERRNO, EXDEV, 0, { { 0 } }, "mkdir" },
                                    { ACT_ALLOW, -1, 1, { { 0, OP_LT, 10, 0 } }, "dup" },
                                    { .names = NULL } };
  struct profile_row row = { ACT_ERRNO, -1, NULL, "", rules };
  struct seccomp_program program = compile_row(&arena, &row);
  CHECK_NUMBER(run_child(&program, under_errno), 0);
  arena_release(&arena);
}

static int call_chroot(int listener)
{
  (void)listener;
  return raw(SYS_chroot, (long)"/nowhere", 0, 0);
}

static int signal_of(enum seccomp_action action)
{
  struct arena arena = ARENA_INIT;
  struct rule_row rules[] = { { action, -1, 0, { { 0 } }, "chroot" }, { .names = NULL } };
  const char *flags = "SECCOMP_FILTER_FLAG_SPEC_ALLOW SECCOMP_FILTER_FLAG_TSYNC";
  struct seccomp_program program =
      compile_row(&arena, &(struct profile_row){ ACT_ALLOW, -1, NULL, flags, rules });
  int status = run_child(&program, call_chroot);
  arena_release(&arena);
  return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void actions(void)
{
  CHECK_NUMBER(signal_of(ACT_KILL), SIGSYS);
  CHECK_NUMBER(signal_of(ACT_KILL_THREAD), SIGSYS);
  CHECK_NUMBER(signal_of(ACT_KILL_PROCESS), SIGSYS);
  CHECK_NUMBER(signal_of(ACT_TRAP), SIGSYS);
  CHECK_NUMBER(signal_of(ACT_ERRNO), -EPERM);
  CHECK_NUMBER(signal_of(ACT_TRACE), -ENOSYS); /* no tracer */
  CHECK_NUMBER(signal_of(ACT_LOG), geteuid() == 0 ? -ENOENT : -ENOENT);
}

/* --- listener -------------------------------------------------------------------------------------- */

static int under_notify(int listener)
{
  EXPECT(listener > 2, true)
  EXPECT(fcntl(listener, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC)
  struct seccomp_notif request = { 0 };
  struct seccomp_notif_resp response = { 0 };
  pid_t pid = fork();
  if (pid == 0)
    syscall(SYS_exit_group, raw(SYS_mkdir, (long)"/nowhere/else", 0700, 0));
  EXPECT(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request), 0)
  EXPECT(request.data.nr, SYS_mkdir)
  response.id = request.id;
  response.error = -EMLINK;
  EXPECT(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response), 0)
  int status = 0;
  EXPECT(waitpid(pid, &status, 0), pid)
  EXPECT(WEXITSTATUS(status), EMLINK)
  return 0;
}

static void listener(void)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row rules[] = { { ACT_NOTIFY, -1, 0, { { 0 } }, "mkdir" }, { .names = NULL } };
  struct seccomp_program program =
      compile_row(&arena, &(struct profile_row){ ACT_ALLOW, -1, NULL, "", rules });
  CHECK(program.notify);
  CHECK_NUMBER(run_child(&program, under_notify), 0);
  arena_release(&arena);
}

/* --- refusals -------------------------------------------------------------------------------------- */

static void refusals(void)
{
  struct sock_filter endless = { .code = BPF_JMP | BPF_JA, .k = 7 };
  struct seccomp_program bad = { .filter = &endless, .length = 1 }, empty = { 0 };
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES];
  CHECK(seccomp_install(&empty, &err) < 0);
  error_clear(&err);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  CHECK(seccomp_install(&bad, &err) < 0);
  error_format(&err, text, sizeof text);
  CHECK_STRING(text, "cannot install the seccomp filter (1 instructions, flags 0): Invalid argument");
}

/* --- time ------------------------------------------------------------------------------------------ */

static double now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void times(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program program = compile_row(&arena, &podman_profile);
  fflush(stdout);
  double best = 1e12;
  for (unsigned i = 0; i < 20; i++) {
    int ends[2];
    double took = 0;
    if (!CHECK(pipe(ends) == 0))
      return;
    pid_t pid = fork();
    if (pid == 0) {
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      double start = now_us();
      seccomp_install(&program, NULL);
      took = now_us() - start;
      _exit(write(ends[1], &took, sizeof took) != sizeof took);
    }
    CHECK(read(ends[0], &took, sizeof took) == sizeof took);
    waitpid(pid, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    best = took < best ? took : best;
  }
  printf("podman's profile: %zu instructions, installed in %.0f us\n", program.length, best);
  arena_release(&arena);
}

int main(void)
{
  podman();
  errno_values();
  actions();
  listener();
  times();
  refusals();
  return unit_finish();
}
