/* SPDX-License-Identifier: Apache-2.0
 * Architectures, actions and flags of a profile. The tables say what `features` prints, too. */
#include "seccomp/names.h"
#include "seccomp/seccomp.h"
#include "libcontainer/base/sys.h"
#include "spec/names.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* X (name, SCMP_ARCH_* token, AUDIT_ARCH_* word): the same but for x32, which has no audit architecture. */
#define SAME(arch) SCMP_ARCH_##arch, SCMP_ARCH_##arch
#define UNKNOWN_HERE 0, 0
#ifdef SCMP_ARCH_LOONGARCH64
#define LOONGARCH64_WORDS SAME(LOONGARCH64)
#else
#define LOONGARCH64_WORDS UNKNOWN_HERE
#endif
#ifdef SCMP_ARCH_M68K
#define M68K_WORDS SAME(M68K)
#else
#define M68K_WORDS UNKNOWN_HERE
#endif
#ifdef SCMP_ARCH_SH
#define SH_WORDS SAME(SH)
#define SHEB_WORDS SAME(SHEB)
#else
#define SH_WORDS UNKNOWN_HERE
#define SHEB_WORDS UNKNOWN_HERE
#endif

#define ARCHS(X)                                                                                             \
  X("SCMP_ARCH_AARCH64", SAME(AARCH64))                                                                      \
  X("SCMP_ARCH_ARM", SAME(ARM))                                                                              \
  X("SCMP_ARCH_MIPS", SAME(MIPS))                                                                            \
  X("SCMP_ARCH_MIPS64", SAME(MIPS64))                                                                        \
  X("SCMP_ARCH_MIPS64N32", SAME(MIPS64N32))                                                                  \
  X("SCMP_ARCH_MIPSEL", SAME(MIPSEL))                                                                        \
  X("SCMP_ARCH_MIPSEL64", SAME(MIPSEL64))                                                                    \
  X("SCMP_ARCH_MIPSEL64N32", SAME(MIPSEL64N32))                                                              \
  X("SCMP_ARCH_PARISC", SAME(PARISC))                                                                        \
  X("SCMP_ARCH_PARISC64", SAME(PARISC64))                                                                    \
  X("SCMP_ARCH_PPC", SAME(PPC))                                                                              \
  X("SCMP_ARCH_PPC64", SAME(PPC64))                                                                          \
  X("SCMP_ARCH_PPC64LE", SAME(PPC64LE))                                                                      \
  X("SCMP_ARCH_RISCV64", SAME(RISCV64))                                                                      \
  X("SCMP_ARCH_S390", SAME(S390))                                                                            \
  X("SCMP_ARCH_S390X", SAME(S390X))                                                                          \
  X("SCMP_ARCH_X32", SCMP_ARCH_X32, SCMP_ARCH_X86_64)                                                        \
  X("SCMP_ARCH_X86", SAME(X86))                                                                              \
  X("SCMP_ARCH_X86_64", SAME(X86_64))

/* In runtime-spec, and in libseccomp since 2.6. */
#define NEWER_ARCHS(X)                                                                                       \
  X("SCMP_ARCH_LOONGARCH64", LOONGARCH64_WORDS)                                                              \
  X("SCMP_ARCH_M68K", M68K_WORDS)                                                                            \
  X("SCMP_ARCH_SH", SH_WORDS)                                                                                \
  X("SCMP_ARCH_SHEB", SHEB_WORDS)

#define ARCH_ROW(...) { __VA_ARGS__ },
#define ARCH_NAME(name, ...) name,
static const struct arch archs[] = { ARCHS(ARCH_ROW) NEWER_ARCHS(ARCH_ROW) };
const char *const seccomp_archs[] = {
  ARCHS(ARCH_NAME)
#ifdef SCMP_ARCH_LOONGARCH64
      NEWER_ARCHS(ARCH_NAME)
#endif
          NULL,
};

struct action {
  uint32_t word;
  uint32_t errno_max; /* of errnoRet; 0: the action has none */
};
static const struct action actions[] = {
  [ACT_KILL] = { SECCOMP_RET_KILL_THREAD, 0 },
  [ACT_KILL_PROCESS] = { SECCOMP_RET_KILL_PROCESS, 0 },
  [ACT_KILL_THREAD] = { SECCOMP_RET_KILL_THREAD, 0 },
  [ACT_TRAP] = { SECCOMP_RET_TRAP, 0 },
  [ACT_ERRNO] = { SECCOMP_RET_ERRNO, 4095 /* MAX_ERRNO: the kernel would cut off more */ },
  [ACT_TRACE] = { SECCOMP_RET_TRACE, SECCOMP_RET_DATA },
  [ACT_ALLOW] = { SECCOMP_RET_ALLOW, 0 },
  [ACT_LOG] = { SECCOMP_RET_LOG, 0 },
  [ACT_NOTIFY] = { SECCOMP_RET_USER_NOTIF, 0 },
};

/* As in seccomp_flag_names; a test compares. */
const char *const seccomp_flags_known[] = {
  "SECCOMP_FILTER_FLAG_TSYNC",
  "SECCOMP_FILTER_FLAG_LOG",
  "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
  NULL,
};
_Static_assert(sizeof seccomp_flags_known / sizeof *seccomp_flags_known <= SECCOMP_FLAGS_MAX,
               "array of features");

const struct arch *arch_by_name(const char *name)
{
  for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
    if (strcmp(archs[i].name, name) == 0)
      return &archs[i];
  return NULL;
}

const struct arch *arch_by_token(uint32_t token)
{
  for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
    if (archs[i].token == token)
      return &archs[i];
  return NULL;
}

const struct arch *arch_native(void)
{
  return arch_by_token(seccomp_arch_native());
}

const struct arch *arch_of_call(uint32_t audit, int nr)
{
  if (audit == SCMP_ARCH_X86_64 && nr >= 0 && ((uint32_t)nr & X32_BIT) != 0)
    return arch_by_token(SCMP_ARCH_X32);
  return arch_by_token(audit);
}

size_t syscall_name(const struct arch *arch, int nr, char *buffer, size_t size)
{
  char *name = arch != NULL ? seccomp_syscall_resolve_num_arch(arch->token, nr) : NULL;
  buffer[0] = '\0';
  if (name != NULL)
    (void)snprintf(buffer, size, "%s", name);
  free(name);
  return strlen(buffer);
}

int syscall_number(const struct arch *arch, const char *name)
{
  const int nr = seccomp_syscall_resolve_name_arch(arch->token, name);
  return nr < 0 ? -1 : nr;
}

int action_word(enum seccomp_action action, const struct opt_u64 *errno_ret, uint32_t *word,
                struct error *err)
{
  const struct action *row = &actions[action];
  *word = row->word;
  if (row->errno_max == 0)
    return errno_ret->set
               ? error_set(err, ERROR_CONFIG, 0, "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE return an errno")
               : 0;
  uint64_t value = errno_ret->set ? errno_ret->value : EPERM;
  if (value > row->errno_max)
    return error_set(err, ERROR_CONFIG, 0, "errno %llu is above %u", (unsigned long long)value,
                     row->errno_max);
  *word |= (uint32_t)value;
  return 0;
}

bool flag_by_name(const char *name, unsigned *flag)
{
  const struct name *row = names_find(seccomp_flag_names, name);
  if (row == NULL)
    return false;
  /* TSYNC: init has one thread, so there is nobody to synchronise with. */
  *flag = (unsigned)row->value & ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;
  return true;
}

/* The kernel looks at the flags before it reads the program: EFAULT means it knows them. */
static bool kernel_knows(unsigned bit)
{
  unsigned with = bit == FLAG_NEEDS_LISTENER ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
  return sys_seccomp(SECCOMP_SET_MODE_FILTER, bit | with, NULL) < 0 && errno == EFAULT;
}

void seccomp_flags_supported(const char **supported)
{
  for (const struct name *row = seccomp_flag_names; row->name != NULL; row++)
    if (kernel_knows((unsigned)row->value))
      *supported++ = row->name;
  *supported = NULL;
}
