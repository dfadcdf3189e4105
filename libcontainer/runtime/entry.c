/* SPDX-License-Identifier: Apache-2.0
 * The program's entry point, before the C library's: create, run, exec and sandbox go straight on to the
 * sealed copy of the program (CVE-2019-5736), so that the first of two starts costs next to nothing. Setting
 * up the C library asks the processor what it is (CPUID), which a virtual machine must leave the guest for:
 * 0.3 ms of each start, measured. Whatever does not work out here is left to hull_protect_self, which can
 * also explain it. */
#include "libcontainer/base/raw.h"
#include "libcontainer/runtime/memfd_seal.h"
#include "libcontainer/runtime/overlay_seal.h"
#include <elf.h>
#include <fcntl.h>
#include <sys/syscall.h>

#ifdef RAW_SYSCALLS

#define ENVIRONMENT_MAX 512 /* more variables: the ordinary way */

#if defined __x86_64__
__asm__(".pushsection .text\n"
        ".globl hull_entry\n"
        ".type hull_entry, @function\n"
        "hull_entry:\n"
        "  endbr64\n"
        "  xorl %ebp, %ebp\n"
        "  movq %rsp, %r12\n" /* what the C library's _start expects: stack pointer and rdx as the kernel left
                                 them */
        "  movq %rdx, %r13\n"
        "  movq %rsp, %rdi\n"
        "  andq $-16, %rsp\n"
        "  call hull_seal_early\n"
        "  movq %r12, %rsp\n"
        "  movq %r13, %rdx\n"
        "  xorl %ebp, %ebp\n"
        "  jmp _start\n"
        ".size hull_entry, . - hull_entry\n"
        ".popsection\n");
#elif defined __aarch64__
__asm__(".pushsection .text\n"
        ".globl hull_entry\n"
        ".type hull_entry, %function\n"
        "hull_entry:\n"
        "  hint #34\n" /* bti c */
        "  mov x19, sp\n"
        "  mov x20, x0\n"
        "  mov x0, sp\n"
        "  bl hull_seal_early\n"
        "  mov sp, x19\n"
        "  mov x0, x20\n"
        "  b _start\n"
        ".size hull_entry, . - hull_entry\n"
        ".popsection\n");
#endif

static int is_word(const char *s, const char *word)
{
  while (*s && *s == *word) {
    s++;
    word++;
  }
  return *s == *word;
}

static int has_mark(const char *variable)
{
  const char *mark = SEAL_MARK "=";
  while (*mark && *variable == *mark) {
    variable++;
    mark++;
  }
  return *mark == '\0';
}

/* A container that is called 'run' makes `hull state run` a little slower; nothing worse. */
static int enters_containers(char **argv)
{
  for (; *argv; argv++)
    if (is_word(*argv, "run") || is_word(*argv, "create") || is_word(*argv, "exec")
        || is_word(*argv, "sandbox"))
      return 1;
  return 0;
}

/* Privileges by file: main refuses. */
static int is_secure(const Elf64_auxv_t *auxv)
{
  for (; auxv->a_type != AT_NULL; auxv++)
    if (auxv->a_type == AT_SECURE)
      return auxv->a_un.a_val != 0;
  return 1;
}

static void execute_sealed(char **argv, char **envp, unsigned count)
{
  char variable[sizeof SEAL_MARK + SEAL_MARK_BYTES];
  char *environment[ENVIRONMENT_MAX + 2];
  char *value = variable;
  value = raw_put_text(value, SEAL_MARK "=");
  int file = overlay_seal_open(value);
  if (file < 0) {
    (void)raw_put_text(value, MEMFD_SEAL_MARK);
    file = memfd_seal_open();
  }
  if (file < 0)
    return;
  for (unsigned i = 0; i < count; i++)
    environment[i] = envp[i];
  environment[count] = variable;
  environment[count + 1] = (char *)0;
  (void)raw_syscall(SYS_execveat, file, (long)"", (long)argv, (long)environment, AT_EMPTY_PATH);
  (void)raw_syscall(SYS_close, file, 0, 0, 0, 0);
}

/* 'stack' as the kernel made it: argc, argv, NULL, environment, NULL, auxiliary vector. */
__attribute__((used, visibility("hidden"))) void hull_seal_early(long *stack);
void hull_seal_early(long *stack)
{
  const long argc = stack[0];
  char **argv = (char **)(stack + 1);
  char **envp = argv + argc + 1;
  unsigned count = 0;
  if (argc < 2 || !enters_containers(argv + 1))
    return;
  for (; envp[count]; count++)
    if (has_mark(envp[count]))
      return; /* this is the sealed one */
  if (count > ENVIRONMENT_MAX || is_secure((const Elf64_auxv_t *)(void *)(envp + count + 1)))
    return;
  execute_sealed(argv, envp, count);
}

#endif
