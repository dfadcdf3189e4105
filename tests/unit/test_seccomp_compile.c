/* SPDX-License-Identifier: Apache-2.0
 * The compiled program against an oracle that reads the profile itself, for every number of every
 * architecture. */
#include "seccomp/seccomp.h"
#include "seccomp/names.h"
#include "tests/unit/seccomp_profile.h"
#include <errno.h>
#include <seccomp.h>
#include <time.h>

#define ERRNO(e) (SECCOMP_RET_ERRNO | (e))
#define ALLOW SECCOMP_RET_ALLOW
#define ONLY_NATIVE NULL

static uint32_t word_of(int action, const struct opt_u64 *errno_ret)
{
  uint32_t word = 0;
  CHECK(action_word((enum seccomp_action)action, errno_ret, &word, NULL) == 0);
  return word;
}

static bool compare(const struct seccomp_arg *arg, uint64_t is)
{
  uint64_t value = arg->value.value;
  switch ((enum seccomp_operator)arg->op.value) {
  case OP_NE:
    return is != value;
  case OP_LT:
    return is < value;
  case OP_LE:
    return is <= value;
  case OP_EQ:
    return is == value;
  case OP_GE:
    return is >= value;
  case OP_GT:
    return is > value;
  case OP_MASKED_EQ:
    return (is & value) == arg->value_two.value;
  }
  return false;
}

static bool rule_matches(const struct seccomp_rule *rule, const struct seccomp_data *data)
{
  const struct seccomp_arg *arg;
  bool all = true, any = rule->args.count == 0;
  unsigned seen = 0;
  bool repeats = false;
  vec_each (&rule->args, arg) {
    bool match = compare(arg, data->args[arg->index.value]);
    all = all && match;
    any = any || match;
    repeats = repeats || (seen & 1u << arg->index.value) != 0;
    seen |= 1u << arg->index.value;
  }
  return repeats ? any : all;
}

/* The rule's number on that architecture, resolved once for all: [rule][name]. */
struct numbers {
  const struct seccomp *profile;
  uint32_t token;
  int *of; /* in the order of rules and names */
  int newest;
};

static struct numbers resolve(struct arena *arena, const struct seccomp *profile, uint32_t token)
{
  struct numbers n = { .profile = profile, .token = token, .newest = -1 };
  size_t count = 0, at = 0;
  const struct seccomp_rule *rule;
  vec_each (&profile->syscalls, rule)
    count += rule->names.count;
  n.of = arena_array(arena, count, sizeof *n.of);
  vec_each (&profile->syscalls, rule)
    for (size_t i = 0; i < rule->names.count; i++, at++) {
      n.of[at] = seccomp_syscall_resolve_name_arch(token, rule->names.items[i]);
      if (n.of[at] > n.newest)
        n.newest = n.of[at];
    }
  return n;
}

/* Rules may disagree (podman denies and allows some names): the answers of all that match are in 'words'. */
struct answers {
  uint32_t words[4];
  unsigned count;
};

static bool answered(const struct answers *a, uint32_t word)
{
  for (unsigned i = 0; i < a->count; i++)
    if (a->words[i] == word)
      return true;
  return false;
}

static struct answers oracle(const struct numbers *n, const struct seccomp_data *data)
{
  uint32_t standard = word_of((int)n->profile->default_action.value, &n->profile->default_errno_ret);
  bool strict =
      standard != ALLOW && standard != SECCOMP_RET_LOG && (standard & 0xffff0000u) != SECCOMP_RET_TRACE;
  struct answers answers = { .count = 0 };
  size_t at = 0;
  const struct seccomp_rule *rule;
  if (strict && data->nr > n->newest)
    return (struct answers){ { ERRNO(ENOSYS) }, 1 };
  vec_each (&n->profile->syscalls, rule)
    for (size_t i = 0; i < rule->names.count; i++, at++) {
      if (n->of[at] != data->nr || !rule_matches(rule, data))
        continue;
      uint32_t word = word_of((int)rule->action.value, &rule->errno_ret);
      if (!answered(&answers, word) && answers.count < UNIT_COUNT(answers.words))
        answers.words[answers.count++] = word;
    }
  return answers.count > 0 ? answers : (struct answers){ { standard }, 1 };
}

struct abi {
  const char *name;
  uint32_t token, audit;
  int first, last; /* numbers to try */
};
static const struct abi abis[] = {
  { "x86_64", SCMP_ARCH_X86_64, SCMP_ARCH_X86_64, 0, 1100 },
  { "x86", SCMP_ARCH_X86, SCMP_ARCH_X86, 0, 1100 },
  { "x32", SCMP_ARCH_X32, SCMP_ARCH_X86_64, (int)X32_BIT, (int)X32_BIT + 1100 },
};
static const uint64_t values[] = { 0, 1, 8, 9, 16, 131072, 131080, 0xffffffff, 0x7e020000 };

static unsigned compare_number(const struct seccomp_program *program, const struct numbers *n,
                               const struct abi *abi, int nr)
{
  unsigned compared = 0;
  for (size_t i = 0; i < UNIT_COUNT(values); i++)
    for (size_t j = 0; j < UNIT_COUNT(values); j++) {
      struct seccomp_data data = { .nr = nr, .arch = abi->audit };
      data.args[0] = values[i];
      data.args[2] = values[j];
      struct answers wanted = oracle(n, &data);
      uint32_t got = run_bpf(program->filter, program->length, &data, NULL);
      compared++;
      if (CHECK(answered(&wanted, got)))
        continue;
      printf("  %s %d (%llu, %llu): got %#x, wanted %#x\n", abi->name, nr, (unsigned long long)values[i],
             (unsigned long long)values[j], got, wanted.words[0]);
      return compared;
    }
  return compared;
}

/* On x86, what is in socketcall(102) and ipc(117) has numbers of its own too, which libseccomp does not
 * tell. */
static bool multiplexed(const struct abi *abi, int nr)
{
  return abi->token == SCMP_ARCH_X86
         && (nr == 102 || nr == 117 || nr == 337 || nr == 345 || (nr >= 359 && nr <= 373)
             || (nr >= 393 && nr <= 402));
}

static void profile_agrees(const struct profile_row *row, const char *what)
{
  struct arena arena = ARENA_INIT;
  struct seccomp *profile = make_profile(&arena, row);
  struct seccomp_program program = compile_row(&arena, row);
  unsigned compared = 0, steps = 0, most = 0;
  unit_at(what);
  for (size_t a = 0; a < UNIT_COUNT(abis); a++) {
    struct numbers n = resolve(&arena, profile, abis[a].token);
    for (int nr = abis[a].first; nr <= abis[a].last; nr++) {
      struct seccomp_data data = { .nr = nr, .arch = abis[a].audit };
      if (!multiplexed(&abis[a], nr))
        compared += compare_number(&program, &n, &abis[a], nr);
      run_bpf(program.filter, program.length, &data, &steps);
      most = steps > most ? steps : most;
    }
  }
  printf("%s: %u calls compared, %zu instructions, at most %u run\n", what, compared, program.length, most);
  struct seccomp_data alien = { .nr = 0, .arch = SCMP_ARCH_S390X };
  CHECK_NUMBER(run_bpf(program.filter, program.length, &alien, NULL), SECCOMP_RET_KILL_THREAD);
  unit_at(NULL);
  arena_release(&arena);
}

static void whole_profiles(void)
{
  struct profile_row row = podman_profile;
  profile_agrees(&row, "podman");
  row.errno_ret = -1;
  profile_agrees(&row, "podman with EPERM");
  row.action = ACT_KILL_PROCESS;
  profile_agrees(&row, "podman with kill");
  row.action = ACT_LOG;
  profile_agrees(&row, "podman with log");
  const struct rule_row deny[] = {
    { ACT_ERRNO, 13, 0, { { 0 } }, "mount umount2 ptrace bpf" },
    { ACT_TRAP, -1, 0, { { 0 } }, "reboot" },
    { ACT_TRACE, 77, 0, { { 0 } }, "swapon" },
    { ACT_KILL, -1, 0, { { 0 } }, "swapoff" },
    { ACT_KILL_THREAD, -1, 0, { { 0 } }, "acct" },
    { ACT_KILL_PROCESS, -1, 0, { { 0 } }, "init_module" },
    { ACT_LOG, -1, 0, { { 0 } }, "chroot" },
    { ACT_NOTIFY, -1, 0, { { 0 } }, "mkdir" },
    { .names = NULL },
  };
  profile_agrees(&(struct profile_row){ ACT_ALLOW, -1, podman_profile.archs, "", deny }, "deny list");
  profile_agrees(&(struct profile_row){ ACT_ERRNO, 5, podman_profile.archs, "", deny }, "all actions");
}

/* --- comparisons ----------------------------------------------------------------------------------- */

static const uint64_t edges[] = { 0,           1,           9,           10,
                                  11,          0x7fffffff,  0x80000000,  0xffffffff,
                                  0x100000000, 0x10000000a, 0x100000009, 0x8000000000000000,
                                  UINT64_MAX };

static void comparisons(void)
{
  static const enum seccomp_operator operators[] = { OP_NE, OP_LT, OP_LE, OP_EQ, OP_GE, OP_GT, OP_MASKED_EQ };
  for (size_t o = 0; o < UNIT_COUNT(operators); o++)
    for (unsigned index = 0; index < 6; index++)
      for (size_t e = 0; e < UNIT_COUNT(edges); e++) {
        struct arena arena = ARENA_INIT;
        struct rule_row rules[] = {
          { ACT_ALLOW, -1, 1, { { index, operators[o], edges[e], edges[e] & 0xb } }, "dup" },
          { .names = NULL }
        };
        struct profile_row row = { ACT_ERRNO, 9, ONLY_NATIVE, "", rules };
        struct seccomp_program program = compile_row(&arena, &row);
        struct seccomp_arg arg = { .value = { true, edges[e] },
                                   .value_two = { true, edges[e] & 0xb },
                                   .op = { true, operators[o] } };
        for (size_t i = 0; i < UNIT_COUNT(edges); i++) {
          struct seccomp_data data = { .nr = SCMP_SYS(dup), .arch = seccomp_arch_native() };
          data.args[index] = edges[i];
          uint32_t wanted = compare(&arg, edges[i]) ? ALLOW : ERRNO(9);
          uint32_t got = run_bpf(program.filter, program.length, &data, NULL);
          if (got != wanted)
            printf("  operator %d of %#llx on %#llx: %#x\n", (int)operators[o], (unsigned long long)edges[e],
                   (unsigned long long)edges[i], got);
          CHECK(got == wanted);
        }
        arena_release(&arena);
      }
}

static uint32_t ask(const struct seccomp_program *p, int nr, uint64_t a0, uint64_t a1)
{
  struct seccomp_data data = { .nr = nr, .arch = seccomp_arch_native(), .args = { a0, a1 } };
  return run_bpf(p->filter, p->length, &data, NULL);
}

static void several_arguments(void)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row both[] = { { ACT_ALLOW, -1, 2, { { 0, OP_EQ, 1, 0 }, { 1, OP_GT, 5, 0 } }, "dup2" },
                                   { .names = NULL } };
  const struct rule_row same[] = { { ACT_ALLOW, -1, 2, { { 0, OP_EQ, 1, 0 }, { 0, OP_EQ, 3, 0 } }, "dup2" },
                                   { .names = NULL } };
  struct seccomp_program p = compile_row(&arena, &(struct profile_row){ ACT_ERRNO, -1, NULL, "", both });
  CHECK_NUMBER(ask(&p, SCMP_SYS(dup2), 1, 6), ALLOW);
  CHECK_NUMBER(ask(&p, SCMP_SYS(dup2), 1, 5), ERRNO(EPERM));
  CHECK_NUMBER(ask(&p, SCMP_SYS(dup2), 2, 6), ERRNO(EPERM));
  p = compile_row(&arena, &(struct profile_row){ ACT_ERRNO, -1, NULL, "", same });
  CHECK_NUMBER(ask(&p, SCMP_SYS(dup2), 1, 0), ALLOW);
  CHECK_NUMBER(ask(&p, SCMP_SYS(dup2), 3, 0), ALLOW);
  CHECK_NUMBER(ask(&p, SCMP_SYS(dup2), 2, 0), ERRNO(EPERM));
  arena_release(&arena);
}

/* --- ENOSYS ---------------------------------------------------------------------------------------- */

static void enosys_row(int action, int errno_ret, uint32_t beyond)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row rules[] = { { ACT_TRAP, -1, 0, { { 0 } }, "read openat2" }, { .names = NULL } };
  struct profile_row row = { (enum seccomp_action)action, errno_ret, "SCMP_ARCH_X86", "", rules };
  struct seccomp_program p = compile_row(&arena, &row);
  int newest = SCMP_SYS(openat2);
  uint32_t standard =
      word_of(action, &(struct opt_u64){ errno_ret >= 0, errno_ret >= 0 ? (uint64_t)errno_ret : 0 });
  CHECK_NUMBER(ask(&p, newest, 0, 0), SECCOMP_RET_TRAP);
  CHECK_NUMBER(ask(&p, newest - 1, 0, 0), standard);
  CHECK_NUMBER(ask(&p, newest + 1, 0, 0), beyond);
  CHECK_NUMBER(ask(&p, 0x3fffffff, 0, 0), beyond);
  arena_release(&arena);
}

static void enosys(void)
{
  enosys_row(ACT_ERRNO, -1, ERRNO(ENOSYS));
  enosys_row(ACT_ERRNO, 1, ERRNO(ENOSYS));
  enosys_row(ACT_ERRNO, ENOSYS, ERRNO(ENOSYS));
  enosys_row(ACT_KILL, -1, ERRNO(ENOSYS));
  enosys_row(ACT_KILL_PROCESS, -1, ERRNO(ENOSYS));
  enosys_row(ACT_ALLOW, -1, ALLOW);
  enosys_row(ACT_LOG, -1, SECCOMP_RET_LOG);
  enosys_row(ACT_TRACE, 3, SECCOMP_RET_TRACE | 3);
}

/* Without x32 in the profile its calls are of a bad architecture, also those beyond the newest. */
static void x32_unlisted(void)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row rules[] = { { ACT_ALLOW, -1, 0, { { 0 } }, "read" }, { .names = NULL } };
  struct seccomp_program p = compile_row(&arena, &(struct profile_row){ ACT_ERRNO, -1, NULL, "", rules });
  CHECK_NUMBER(ask(&p, (int)X32_BIT, 0, 0), SECCOMP_RET_KILL_THREAD);
  CHECK_NUMBER(ask(&p, (int)X32_BIT + 900, 0, 0), SECCOMP_RET_KILL_THREAD);
  CHECK_NUMBER(ask(&p, 0, 0, 0), ALLOW);
  CHECK_NUMBER(ask(&p, 1, 0, 0), ERRNO(ENOSYS));
  arena_release(&arena);
}

/* A call of socketcall's that x86 also has by itself is let through, however high its number. */
static void x86_direct_calls(void)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row rules[] = { { ACT_ALLOW, -1, 0, { { 0 } }, "read socket" }, { .names = NULL } };
  struct seccomp_program p =
      compile_row(&arena, &(struct profile_row){ ACT_ERRNO, -1, "SCMP_ARCH_X86", "", rules });
  struct seccomp_data data = { .nr = 359, .arch = SCMP_ARCH_X86 };
  CHECK_NUMBER(run_bpf(p.filter, p.length, &data, NULL), ALLOW);
  data.nr = 360;
  CHECK_NUMBER(run_bpf(p.filter, p.length, &data, NULL), ERRNO(ENOSYS));
  data.nr = 102;
  data.args[0] = 1; /* SYS_SOCKET */
  CHECK_NUMBER(run_bpf(p.filter, p.length, &data, NULL), ALLOW);
  arena_release(&arena);
}

/* Other machines' programs can be made only where libseccomp mixes them; 64-bit ARM it does with x86. */
static void foreign_architecture(void)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row rules[] = { { ACT_ALLOW, -1, 0, { { 0 } }, "read" }, { .names = NULL } };
  struct profile_row row = { ACT_ERRNO, -1, "SCMP_ARCH_AARCH64 SCMP_ARCH_AARCH64", "", rules };
  struct seccomp_program p = compile_row(&arena, &row);
  struct seccomp_data data = { .nr = 63, .arch = SCMP_ARCH_AARCH64 };
  CHECK_NUMBER(run_bpf(p.filter, p.length, &data, NULL), ALLOW);
  data.nr = 62;
  CHECK_NUMBER(run_bpf(p.filter, p.length, &data, NULL), ERRNO(EPERM));
  data.nr = 64;
  CHECK_NUMBER(run_bpf(p.filter, p.length, &data, NULL), ERRNO(ENOSYS));
  arena_release(&arena);
}

/* --- the rest -------------------------------------------------------------------------------------- */

static void empty_profile(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program p = compile_row(&arena, &(struct profile_row){ ACT_ALLOW, -1, NULL, "", NULL });
  CHECK_NUMBER(ask(&p, 0, 0, 0), ALLOW);
  p = compile_row(&arena, &(struct profile_row){ ACT_ERRNO, 7, NULL, "", NULL });
  CHECK_NUMBER(ask(&p, 0, 0, 0), ERRNO(7));
  arena_release(&arena);
}

static void flags_and_listener(void)
{
  struct arena arena = ARENA_INIT;
  const char *all = "SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW "
                    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";
  const struct rule_row notify[] = { { ACT_NOTIFY, -1, 0, { { 0 } }, "mkdir" }, { .names = NULL } };
  struct seccomp_program p = compile_row(&arena, &(struct profile_row){ ACT_ALLOW, -1, NULL, all, NULL });
  CHECK_NUMBER(p.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  CHECK(!p.notify);
  p = compile_row(&arena, &(struct profile_row){ ACT_ALLOW, -1, NULL, all, notify });
  CHECK_NUMBER(p.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW
                            | SECCOMP_FILTER_FLAG_NEW_LISTENER | FLAG_NEEDS_LISTENER);
  CHECK(p.notify);
  arena_release(&arena);
}

static void unknown_names(void)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row rules[] = {
    { ACT_ALLOW, -1, 0, { { 0 } }, "read no_such_call write another" },
    { ACT_ERRNO, -1, 0, { { 0 } }, "close" }, /* the default action: skipped */
    { .names = NULL }
  };
  struct strings unknown = { NULL, 0, 0 };
  struct seccomp_program p;
  struct profile_row row = { ACT_ERRNO, -1, NULL, "", rules };
  CHECK(seccomp_compile(&arena, make_profile(&arena, &row), &p, &unknown, NULL) == 0);
  if (CHECK_NUMBER(unknown.count, 2)) {
    CHECK_STRING(unknown.items[0], "no_such_call");
    CHECK_STRING(unknown.items[1], "another");
  }
  CHECK_NUMBER(ask(&p, SCMP_SYS(write), 0, 0), ALLOW);
  arena_release(&arena);
}

struct bad_row {
  struct profile_row profile;
  struct rule_row rule;
  const char *text;
};
static const struct bad_row bad_rows[] = {
  { { .action = ACT_NOTIFY, .errno_ret = -1 },
    { .names = NULL },
    "SCMP_ACT_NOTIFY cannot be the default action (at /linux/seccomp/defaultAction)" },
  { { .action = ACT_ALLOW, .errno_ret = 4 },
    { .names = NULL },
    "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE return an errno (at /linux/seccomp/defaultErrnoRet)" },
  { { .action = ACT_ERRNO, .errno_ret = 4096 },
    { .names = NULL },
    "errno 4096 is above 4095 (at /linux/seccomp/defaultErrnoRet)" },
  { { .action = ACT_ERRNO, .errno_ret = -1 },
    { ACT_KILL, 1, 0, { { 0 } }, "read" },
    "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE return an errno (at /linux/seccomp/syscalls/0/errnoRet)" },
  { { .action = ACT_ERRNO, .errno_ret = -1 },
    { ACT_NOTIFY, -1, 0, { { 0 } }, "read sendmsg" },
    "SCMP_ACT_NOTIFY cannot be used for 'sendmsg' (at /linux/seccomp/syscalls/0/names/1)" },
  { { .action = ACT_ERRNO, .errno_ret = -1 },
    { ACT_ALLOW, -1, 1, { { 6, OP_EQ, 0, 0 } }, "read" },
    "6 is no argument of a system call: 0 to 5 (at /linux/seccomp/syscalls/0/args/0/index)" },
  { { .action = ACT_ERRNO, .errno_ret = -1, .archs = "SCMP_ARCH_PDP11" },
    { .names = NULL },
    "seccomp does not know architecture 'SCMP_ARCH_PDP11' (at /linux/seccomp/architectures/0)" },
  { { .action = ACT_ERRNO, .errno_ret = -1, .flags = "SECCOMP_FILTER_FLAG_NONE" },
    { .names = NULL },
    "unknown seccomp flag 'SECCOMP_FILTER_FLAG_NONE' (at /linux/seccomp/flags/0)" },
};

static void bad_profiles(void)
{
  for (size_t i = 0; i < UNIT_COUNT(bad_rows); i++) {
    struct arena arena = ARENA_INIT;
    struct rule_row rules[2] = { bad_rows[i].rule, { .names = NULL } };
    struct profile_row row = bad_rows[i].profile;
    struct seccomp_program p;
    struct error err = { 0 };
    char text[ERROR_TEXT_BYTES];
    row.rules = rules;
    CHECK(seccomp_compile(&arena, make_profile(&arena, &row), &p, NULL, &err) < 0);
    error_format(&err, text, sizeof text);
    CHECK_STRING(text, bad_rows[i].text);
    arena_release(&arena);
  }
}

static void contradiction(void)
{
  struct arena arena = ARENA_INIT;
  const struct rule_row rules[] = { { ACT_ALLOW, -1, 1, { { 0, OP_EQ, 1, 0 } }, "dup" },
                                    { ACT_TRAP, -1, 1, { { 0, OP_EQ, 1, 0 } }, "dup" },
                                    { .names = NULL } };
  struct profile_row row = { ACT_ERRNO, -1, NULL, "", rules };
  struct seccomp_program p = { 0 };
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES];
  CHECK(seccomp_compile(&arena, make_profile(&arena, &row), &p, NULL, &err) < 0);
  error_format(&err, text, sizeof text);
  CHECK_STRING(text,
               "libseccomp does not take the rule for 'dup', which contradicts an earlier one: File exists "
               "(at /linux/seccomp/syscalls/1/names/0)");
  arena_release(&arena);
}

int main(void)
{
  if (seccomp_arch_native() != SCMP_ARCH_X86_64)
    unit_skip("the numbers in this test are those of x86_64");
  whole_profiles();
  comparisons();
  several_arguments();
  enosys();
  x32_unlisted();
  x86_direct_calls();
  foreign_architecture();
  empty_profile();
  flags_and_listener();
  unknown_names();
  bad_profiles();
  contradiction();
  return unit_finish();
}
