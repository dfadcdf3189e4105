/* SPDX-License-Identifier: Apache-2.0
 * The tables of seccomp/ against those of spec/, libseccomp and the kernel. */
#include "seccomp/names.h"
#include "seccomp/seccomp.h"
#include "spec/names.h"
#include "tests/unit/unit.h"
#include <linux/seccomp.h>
#include <seccomp.h>

static void archs(void)
{
  unsigned known = 0;
  for (const struct name *row = seccomp_arch_names; row->name != NULL; row++) {
    const struct arch *arch = arch_by_name(row->name);
    unit_at(row->name);
    if (!CHECK(arch != NULL) || arch->token == 0)
      continue;
    known++;
    CHECK(arch_by_token(arch->token) == arch);
    /* libseccomp's own idea of the name: lower case, without the prefix. */
    char lower[32];
    size_t i = 0;
    for (const char *c = row->name + strlen("SCMP_ARCH_"); *c != '\0' && i < sizeof lower - 1; c++)
      lower[i++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    lower[i] = '\0';
    CHECK_NUMBER(seccomp_arch_resolve_name(lower), arch->token);
  }
  unit_at(NULL);
  unsigned listed = 0;
  for (const char *const *name = seccomp_archs; *name != NULL; name++, listed++)
    CHECK(arch_by_name(*name) != NULL && arch_by_name(*name)->token != 0);
  CHECK_NUMBER(listed, known);
  CHECK(arch_by_name("SCMP_ARCH_") == NULL);
  CHECK_NUMBER(arch_by_name("SCMP_ARCH_X32")->audit, SCMP_ARCH_X86_64);
}

static void flags(void)
{
  const char *supported[SECCOMP_FLAGS_MAX];
  unsigned bit = 0, i = 0;
  for (const struct name *row = seccomp_flag_names; row->name != NULL; row++, i++)
    CHECK_STRING(seccomp_flags_known[i], row->name);
  CHECK(seccomp_flags_known[i] == NULL);
  CHECK(flag_by_name("SECCOMP_FILTER_FLAG_TSYNC", &bit) && bit == 0);
  CHECK(flag_by_name("SECCOMP_FILTER_FLAG_LOG", &bit) && bit == SECCOMP_FILTER_FLAG_LOG);
  CHECK(flag_by_name("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", &bit) && bit == FLAG_NEEDS_LISTENER);
  CHECK(!flag_by_name("SECCOMP_FILTER_FLAG_NEW_LISTENER", &bit));
  seccomp_flags_supported(supported);
  for (i = 0; supported[i] != NULL; i++)
    printf("supported: %s\n", supported[i]);
  CHECK(i >= 3 && i <= 4);
}

static void words(void)
{
  static const struct row {
    enum seccomp_action action;
    uint32_t scmp;
  } rows[] = { { ACT_KILL, SCMP_ACT_KILL },
               { ACT_KILL_PROCESS, SCMP_ACT_KILL_PROCESS },
               { ACT_KILL_THREAD, SCMP_ACT_KILL_THREAD },
               { ACT_TRAP, SCMP_ACT_TRAP },
               { ACT_ERRNO, SCMP_ACT_ERRNO(1) },
               { ACT_TRACE, SCMP_ACT_TRACE(1) },
               { ACT_ALLOW, SCMP_ACT_ALLOW },
               { ACT_LOG, SCMP_ACT_LOG },
               { ACT_NOTIFY, SCMP_ACT_NOTIFY } };
  struct opt_u64 absent = { false, 0 }, large = { true, 65535 }, zero = { true, 0 };
  uint32_t word;
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    CHECK(action_word(rows[i].action, &absent, &word, NULL) == 0);
    CHECK_NUMBER(word, rows[i].scmp);
  }
  CHECK(action_word(ACT_ERRNO, &large, &word, NULL) < 0);
  CHECK(action_word(ACT_TRACE, &large, &word, NULL) == 0 && word == SCMP_ACT_TRACE(65535));
  CHECK(action_word(ACT_ERRNO, &zero, &word, NULL) == 0 && word == SCMP_ACT_ERRNO(0));
}

int main(void)
{
  archs();
  flags();
  words();
  return unit_finish();
}
