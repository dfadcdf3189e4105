/* SPDX-License-Identifier: Apache-2.0
 * Device rules: the normal form and the program, both against an oracle that reads the rules as written. An
 * interpreter for the few instructions that we emit stands in for the kernel, which has no test run for
 * them. */
#include "cgroups/devices.h"
#include "libcontainer/base/error.h"
#include "spec/spec.h"
#include "tests/unit/unit.h"
#include <linux/bpf.h>

/* --- interpreter --------------------------------------------------------------------------------- */

static int64_t operand(const struct bpf_insn *insn, const uint64_t *reg)
{
  return insn->code & BPF_X ? (int64_t)reg[insn->src_reg] : insn->imm;
}

/* The verdict of the form itself. */
static bool form_allows(const struct device_form *form, char type, uint32_t major, uint32_t minor,
                        unsigned access)
{
  const struct device_entry wanted = { .type = type, .major = major, .minor = minor };
  return !(access & ~device_form_access(form, &wanted));
}

static bool jumps(const struct bpf_insn *insn, const uint64_t *reg)
{
  uint64_t left = reg[insn->dst_reg], right = (uint64_t)operand(insn, reg);
  if ((insn->code & 0x07) == BPF_JMP32) {
    left = (uint32_t)left;
    right = (uint32_t)right;
  }
  switch (insn->code & 0xf0) {
  case BPF_JEQ:
    return left == right;
  case BPF_JNE:
    return left != right;
  case BPF_JSET:
    return left & right;
  case BPF_JA:
    return true;
  }
  CHECK(!"jump is known");
  return false;
}

static void compute(const struct bpf_insn *insn, uint64_t *reg)
{
  uint64_t right = (uint64_t)operand(insn, reg);
  switch (insn->code & 0xf0) {
  case BPF_MOV:
    reg[insn->dst_reg] = right;
    break;
  case BPF_AND:
    reg[insn->dst_reg] &= right;
    break;
  case BPF_OR:
    reg[insn->dst_reg] |= right;
    break;
  case BPF_LSH:
    reg[insn->dst_reg] <<= right;
    break;
  case BPF_RSH:
    reg[insn->dst_reg] >>= right;
    break;
  default:
    CHECK(!"operation is known");
  }
}

static int run(const struct device_program *program, char type, uint32_t major, uint32_t minor,
               unsigned access)
{
  struct bpf_cgroup_dev_ctx context = {
    .access_type = access << 16 | (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
    .major = major,
    .minor = minor,
  };
  uint64_t reg[11] = { 0 };
  for (size_t at = 0; at < program->insns.count; at++) {
    const struct bpf_insn *insn = &program->insns.items[at];
    switch (insn->code & 0x07) {
    case BPF_LDX: {
      uint32_t word;
      memcpy(&word, (char *)&context + insn->off, sizeof word);
      reg[insn->dst_reg] = word;
      break;
    }
    case BPF_ALU64:
      compute(insn, reg);
      break;
    case BPF_JMP32:
    case BPF_JMP:
      if (insn->code == (BPF_JMP | BPF_EXIT))
        return (int)reg[0];
      if (insn->off < 0) /* no loops */
        return -1;
      if (jumps(insn, reg))
        at += (size_t)insn->off;
      break;
    default:
      return -1;
    }
  }
  return -1; /* ran off the end */
}

/* --- oracle -------------------------------------------------------------------------------------- */

static bool matches(const struct device_rule *rule, char type, uint32_t major, uint32_t minor)
{
  return (!rule->type || rule->type[0] == 'a' || rule->type[0] == type)
         && (!rule->major.set || rule->major.value == major)
         && (!rule->minor.set || rule->minor.value == minor);
}

static bool default_allows(char type, uint32_t major, uint32_t minor, char bit)
{
  static const uint32_t usable[][2] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 },
                                        { 1, 9 }, { 5, 0 }, { 5, 2 }, { 10, 200 } };
  if (bit == 'm')
    return true;
  for (size_t i = 0; i < UNIT_COUNT(usable); i++)
    if (type == 'c' && major == usable[i][0] && minor == usable[i][1])
      return true;
  return type == 'c' && major == 136;
}

static bool oracle(const struct device_rule *rules, size_t count, char type, uint32_t major, uint32_t minor,
                   unsigned access)
{
  static const struct {
    char letter;
    unsigned bit;
  } kinds[] = { { 'm', DEVICE_MKNOD }, { 'r', DEVICE_READ }, { 'w', DEVICE_WRITE } };
  for (size_t k = 0; k < UNIT_COUNT(kinds); k++) {
    if (!(access & kinds[k].bit))
      continue;
    bool allowed = false;
    for (size_t i = 0; i < count; i++)
      if (matches(&rules[i], type, major, minor) && strchr(rules[i].access, kinds[k].letter))
        allowed = rules[i].allow.value;
    if (!allowed && !default_allows(type, major, minor, kinds[k].letter))
      return false;
  }
  return true;
}

/* --- cases --------------------------------------------------------------------------------------- */

static void compare(const struct device_rule *rules, size_t count, size_t *insns)
{
  static const uint32_t majors[] = { 0, 1, 2, 5, 8, 10, 136, 4095 };
  static const uint32_t minors[] = { 0, 1, 2, 3, 5, 8, 200, 1048575 };
  struct arena arena = ARENA_INIT;
  struct error err = { 0 };
  struct device_form form;
  struct device_program program;
  if (!CHECK(device_form_make(&arena, rules, count, &form, &err) == 0)
      || !CHECK(device_program_make(&arena, &form, &program, &err) == 0))
    return;
  unsigned wrong = 0;
  for (size_t a = 0; a < UNIT_COUNT(majors); a++)
    for (size_t i = 0; i < UNIT_COUNT(minors); i++)
      for (unsigned access = 1; access <= DEVICE_ALL; access++)
        for (const char *type = "bc"; *type; type++) {
          bool wanted = oracle(rules, count, *type, majors[a], minors[i], access);
          wrong += form_allows(&form, *type, majors[a], minors[i], access) != wanted;
          wrong += run(&program, *type, majors[a], minors[i], access) != (int)wanted;
        }
  CHECK_NUMBER(wrong, 0);
  if (insns)
    *insns = program.insns.count;
  arena_release(&arena);
}

static struct device_rule rule(bool allow, const char *type, int64_t major, int64_t minor, const char *access)
{
  return (struct device_rule){
    .allow = { true, allow },
    .type = (char *)type,
    .major = { major >= 0, major },
    .minor = { minor >= 0, minor },
    .access = (char *)access,
  };
}

static void test_engines(void)
{
  size_t insns = 0;
  unit_at("no rules");
  compare(NULL, 0, &insns);
  unit_at("deny all");
  struct device_rule deny[] = { rule(false, NULL, -1, -1, "rwm") };
  size_t same = 0;
  compare(deny, 1, &same);
  CHECK_NUMBER(same, insns); /* the denial is the default anyway */
  CHECK(insns <= 32);
  unit_at("docker");
  struct device_rule docker[] = {
    rule(false, NULL, -1, -1, "rwm"), rule(true, "c", 1, 5, "rwm"),     rule(true, "c", 5, 1, "rwm"),
    rule(true, "c", 5, 0, "rwm"),     rule(false, "c", 10, 229, "rwm"),
  };
  compare(docker, UNIT_COUNT(docker), &same);
  CHECK(same <= insns + 1);
  unit_at("privileged");
  struct device_rule all[] = { rule(true, NULL, -1, -1, "rwm") };
  struct arena arena = ARENA_INIT;
  struct device_form form;
  CHECK(device_form_make(&arena, all, 1, &form, NULL) == 0);
  CHECK(device_form_allows_all(&form));
  CHECK(device_form_make(&arena, deny, 1, &form, NULL) == 0);
  CHECK(!device_form_allows_all(&form));
  unit_at("hole in a wildcard");
  struct device_rule hole[] = { rule(true, "b", 8, -1, "rwm"), rule(false, "b", 8, 2, "w") };
  compare(hole, 2, NULL);
  CHECK(device_form_make(&arena, hole, 2, &form, NULL) == 0);
  CHECK(form_allows(&form, 'b', 8, 1, DEVICE_READ | DEVICE_WRITE));
  CHECK(form_allows(&form, 'b', 8, 2, DEVICE_READ));
  CHECK(!form_allows(&form, 'b', 8, 2, DEVICE_READ | DEVICE_WRITE));
  arena_release(&arena);
  unit_at(NULL);
}

/* Security: GHSA-g54h-m393-cpwq. */
static void test_default_deny(void)
{
  struct arena arena = ARENA_INIT;
  struct device_form form;
  CHECK(device_form_make(&arena, NULL, 0, &form, NULL) == 0);
  CHECK(!form_allows(&form, 'b', 8, 0, DEVICE_READ));
  CHECK(!form_allows(&form, 'c', 1, 1, DEVICE_WRITE)); /* mem */
  CHECK(form_allows(&form, 'b', 8, 0, DEVICE_MKNOD));
  CHECK(form_allows(&form, 'c', 1, 3, DEVICE_ALL));
  /* An allowance that says no access gives none; a denial that says none denies all. */
  struct device_rule silent[] = { rule(true, "c", 1, 1, NULL), rule(true, "c", 4, -1, "rwm"),
                                  rule(false, "c", 4, 1, NULL) };
  CHECK(device_form_make(&arena, silent, 3, &form, NULL) == 0);
  CHECK(!form_allows(&form, 'c', 1, 1, DEVICE_READ));
  CHECK(form_allows(&form, 'c', 4, 0, DEVICE_READ));
  CHECK(!form_allows(&form, 'c', 4, 1, DEVICE_READ));
  arena_release(&arena);
}

static void test_refused(void)
{
  static const struct {
    const char *type;
    int64_t major, minor;
    const char *access, *origin;
  } rows[] = {
    { "p", 1, 1, "r", "/linux/resources/devices/1/type" },
    { "cb", 1, 1, "r", "/linux/resources/devices/1/type" },
    { "c", 4096, 1, "r", "/linux/resources/devices/1/major" },
    { "c", 1, 1048576, "r", "/linux/resources/devices/1/minor" },
    { "c", 1, 1, "rx", "/linux/resources/devices/1/access" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct arena arena = ARENA_INIT;
    struct error err = { 0 };
    struct device_form form;
    struct device_rule rules[] = { rule(false, NULL, -1, -1, "rwm"),
                                   rule(true, rows[i].type, rows[i].major, rows[i].minor, rows[i].access) };
    unit_at(rows[i].origin);
    CHECK_NUMBER(device_form_make(&arena, rules, 2, &form, &err), -1);
    CHECK_STRING(err.origin, rows[i].origin);
    arena_release(&arena);
  }
  unit_at(NULL);
}

static uint32_t random_state = 12345;

static uint32_t pick(uint32_t count)
{
  random_state = random_state * 1664525 + 1013904223;
  return (random_state >> 8) % count;
}

static void test_random(void)
{
  static const char *const types[] = { NULL, "a", "b", "c", "c" };
  static const char *const accesses[] = { "r", "w", "m", "rw", "rm", "wm", "rwm", "rwm", "rwm" };
  static const int64_t numbers[] = { -1, -1, 1, 2, 5, 8, 10, 136 };
  for (unsigned round = 0; round < 3000; round++) {
    struct device_rule rules[12];
    size_t count = pick(12);
    for (size_t i = 0; i < count; i++)
      rules[i] = rule(pick(2), types[pick(UNIT_COUNT(types))], numbers[pick(UNIT_COUNT(numbers))],
                      numbers[pick(UNIT_COUNT(numbers))], accesses[pick(UNIT_COUNT(accesses))]);
    compare(rules, count, NULL);
  }
}

static void test_too_many(void)
{
  struct arena arena = ARENA_INIT;
  struct error err = { 0 };
  struct device_form form;
  struct device_program program;
  enum { MANY = 4097 };
  struct device_rule *rules = calloc(MANY, sizeof *rules);
  for (int i = 0; i < MANY; i++)
    rules[i] = rule(i % 2, "c", i % 4096, i, "rw");
  CHECK_NUMBER(device_form_make(&arena, rules, MANY, &form, &err), -1);
  CHECK_NUMBER(device_form_make(&arena, rules, MANY - 1, &form, &err), 0);
  CHECK_NUMBER(device_program_make(&arena, &form, &program, &err), 0);
  CHECK_NUMBER(run(&program, 'c', 1, 1, DEVICE_READ), 1);
  CHECK_NUMBER(run(&program, 'c', 4095, 4095, DEVICE_READ), 1);
  CHECK_NUMBER(run(&program, 'c', 2, 2, DEVICE_READ), 0);
  free(rules);
  arena_release(&arena);
}

int main(void)
{
  test_engines();
  test_default_deny();
  test_refused();
  test_random();
  test_too_many();
  return unit_finish();
}
