/* SPDX-License-Identifier: Apache-2.0
 * hot_text FILE PROGRAM [ARGUMENT...]: executes the program one instruction at a time and appends the offset
 * of each one that it went through, within the program's own file, to FILE. Its children too, until they
 * execute something else. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_BYTES (8u << 20)
#define TRACE_OPTIONS (PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

static bool seen[TEXT_BYTES];
static unsigned long base; /* of the program, which each execve moves; children have that of their parent */

/* Where 'pid' has a file of this name, which hull's own copy of itself has as well; 0: nowhere. */
static unsigned long find_base(pid_t pid, const char *name)
{
  char path[64], line[4096];
  unsigned long start = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
  FILE *maps = fopen(path, "re");
  while (maps != NULL && start == 0 && fgets(line, sizeof line, maps) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    const char *slash = strrchr(line, '/');
    if (slash != NULL && strcmp(slash + 1, name) == 0)
      start = strtoul(line, NULL, 16);
  }
  if (maps != NULL)
    (void)fclose(maps);
  return start;
}

static void note(pid_t pid)
{
  struct user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, pid, 0, &registers) < 0)
    return;
  const unsigned long offset = registers.rip - base;
  if (base != 0 && offset < TEXT_BYTES)
    seen[offset] = true;
}

static void step(pid_t pid, int status, const char *name)
{
  const int signal = WSTOPSIG(status), event = status >> 16;
  if (event == PTRACE_EVENT_EXEC) {
    const unsigned long found = find_base(pid, name);
    if (found == 0) {
      (void)ptrace(PTRACE_DETACH, pid, 0, 0);
      return;
    }
    base = found;
  } else if (event == 0 && (signal == SIGTRAP || signal == SIGSTOP)) {
    note(pid);
  }
  const bool ours = event != 0 || signal == SIGTRAP || signal == SIGSTOP;
  (void)ptrace(PTRACE_SINGLESTEP, pid, 0, ours ? 0 : signal);
}

int main(int argc, char **argv)
{
  int status;
  if (argc < 3)
    return 2;
  const char *slash = strrchr(argv[2], '/'), *name = slash != NULL ? slash + 1 : argv[2];
  const pid_t child = fork();
  if (child == 0) {
    (void)ptrace(PTRACE_TRACEME, 0, 0, 0);
    (void)raise(SIGSTOP);
    (void)execv(argv[2], argv + 2);
    _exit(127);
  }
  if (waitpid(child, &status, 0) < 0 || ptrace(PTRACE_SETOPTIONS, child, 0, TRACE_OPTIONS) < 0
      || ptrace(PTRACE_CONT, child, 0, 0) < 0)
    return 1;
  for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
    if (WIFSTOPPED(status))
      step(pid, status, name);
    else if (pid == child)
      break;
  }
  FILE *out = fopen(argv[1], "ae");
  for (unsigned long offset = 0; out != NULL && offset < TEXT_BYTES; offset++)
    if (seen[offset])
      (void)fprintf(out, "%lx\n", offset);
  return out == NULL || fclose(out) != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}
