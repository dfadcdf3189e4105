/* SPDX-License-Identifier: Apache-2.0
 * The tree against the filters it is made of, for random filters: whatever libseccomp may write. */
#include "seccomp/tree.h"
#include "tests/unit/seccomp_profile.h"
#include <errno.h>

#define LD(offset)                                                                                           \
  {                                                                                                          \
    .code = BPF_LD | BPF_W | BPF_ABS, .k = (offset)                                                          \
  }
#define RET(word)                                                                                            \
  {                                                                                                          \
    .code = BPF_RET | BPF_K, .k = (word)                                                                     \
  }
#define ARCH_A 0xc000003eu
#define ARCH_B 0x40000003u
#define UNNAMED (SECCOMP_RET_ERRNO | EPERM)

static uint64_t state = 88172645463325252u;
static uint32_t any(uint32_t below)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 33) % below;
}

/* A constant near others, so that comparisons matter. */
static uint32_t constant(void)
{
  static const uint32_t bases[] = { 0, 0, 100, 0x3ffffff0, 0x40000000, 0x7ffffff0, 0xfffffff0 };
  return bases[any(UNIT_COUNT(bases))] + any(48);
}

static uint32_t return_word(void)
{
  static const uint32_t words[] = { SECCOMP_RET_ALLOW, UNNAMED, SECCOMP_RET_TRAP, SECCOMP_RET_KILL_PROCESS };
  return words[any(UNIT_COUNT(words))];
}

static struct sock_filter random_load(bool arguments)
{
  uint32_t kind = any(10);
  uint32_t offset = kind < 7 ? 0 : kind < 8 || !arguments ? 4 : 16 + 4 * any(12);
  return (struct sock_filter)LD(offset);
}

/* 'length' instructions with forward jumps; some end soon, some never look at arguments. */
static void random_filter(struct sock_filter *out, size_t length)
{
  static const uint16_t tests[] = { BPF_JEQ, BPF_JEQ, BPF_JEQ, BPF_JGE, BPF_JGT };
  bool arguments = any(3) > 0, odd = any(4) == 0;
  out[0] = (struct sock_filter)LD(0);
  for (size_t i = 1; i < length; i++) {
    uint32_t kind = any(20), left = (uint32_t)(length - i - 1), reach = left < 256 ? left : 256;
    if (left == 0 || kind < 4)
      out[i] = (struct sock_filter)RET(return_word());
    else if (kind < 6)
      out[i] = random_load(arguments);
    else if (kind < 7)
      out[i] = (struct sock_filter){ .code = BPF_JMP | BPF_JA, .k = any(left) };
    else if (kind < 8 && odd)
      out[i] = (struct sock_filter){ .code = BPF_ALU | BPF_AND | BPF_K, .k = constant() };
    else
      out[i] = (struct sock_filter){ .code = (uint16_t)(BPF_JMP | BPF_K
                                                        | (odd && kind < 10 ? BPF_JSET : tests[any(5)])),
                                     .jt = (uint8_t)any(reach),
                                     .jf = (uint8_t)any(reach < 4 ? reach : 4),
                                     .k = constant() };
  }
}

/* Which filter is asked, as filter_tree() promises. */
static uint32_t expected(const struct arch_filter *filters, size_t count, const struct seccomp_data *data)
{
  uint32_t nr = (uint32_t)data->nr;
  for (size_t i = 0; i < count; i++)
    if (filters[i].audit == data->arch && nr >= filters[i].low && nr <= filters[i].high)
      return run_bpf(filters[i].filter, filters[i].length, data, NULL);
  return SECCOMP_RET_KILL_THREAD;
}

static bool agrees(const struct arch_filter *filters, size_t count, const struct sock_filter *tree,
                   size_t length)
{
  for (unsigned i = 0; i < 400; i++) {
    static const uint32_t audits[] = { ARCH_A, ARCH_A, ARCH_B, 77 };
    struct seccomp_data data = { .nr = (int)constant(), .arch = audits[any(4)] };
    for (unsigned a = 0; a < 6; a++)
      data.args[a] = constant() | (uint64_t)constant() << 32;
    uint32_t wanted = expected(filters, count, &data), got = run_bpf(tree, length, &data, NULL);
    if (got == wanted)
      continue;
    printf("  arch %#x nr %#x: got %#x, wanted %#x\n", data.arch, (unsigned)data.nr, got, wanted);
    return false;
  }
  return true;
}

static void random_filters(void)
{
  static struct sock_filter code[3][2000];
  for (unsigned round = 0; round < 3000; round++) {
    struct arena arena = ARENA_INIT;
    struct arch_filter filters[3] = {
      { .audit = ARCH_A, .high = 0x3fffffff, .enosys_from = 1 },
      { .audit = ARCH_A, .low = 0x40000000, .high = UINT32_MAX, .enosys_from = 1 },
      { .audit = ARCH_B, .high = UINT32_MAX, .enosys_from = 1 }
    };
    size_t length = 0;
    for (unsigned i = 0; i < 3; i++) {
      filters[i].filter = code[i];
      filters[i].length = 2 + any(round % 10 == 0 ? 1990 : 60);
      random_filter(code[i], filters[i].length);
    }
    struct sock_filter *tree = filter_tree(&arena, filters, 3, &length);
    bool ok = CHECK(tree != NULL) && CHECK(agrees(filters, 3, tree, length));
    arena_release(&arena);
    if (!ok)
      break;
  }
}

/* A deny-every-other-number profile is the worst case: long jumps in the tree. */
static void many_ranges(void)
{
  enum { NAMES = 1500 };
  struct arena arena = ARENA_INIT;
  struct sock_filter *code = arena_array(&arena, 2 * NAMES + 2, sizeof *code);
  struct arch_filter f = { .audit = ARCH_A, .high = UINT32_MAX, .filter = code, .enosys_from = 1 };
  size_t n = 0, length = 0;
  code[n++] = (struct sock_filter)LD(0);
  for (uint32_t i = 0; i < NAMES; i++) {
    code[n++] = (struct sock_filter){ .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 1, .k = 2 * i };
    code[n++] = (struct sock_filter)RET(SECCOMP_RET_ERRNO | (i % 200));
  }
  code[n++] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
  f.length = n;
  struct sock_filter *tree = filter_tree(&arena, &f, 1, &length);
  unsigned steps = 0, most = 0;
  for (int nr = 0; nr < 2 * NAMES + 10; nr++) {
    struct seccomp_data data = { .nr = nr, .arch = ARCH_A };
    CHECK(run_bpf(tree, length, &data, &steps) == run_bpf(code, n, &data, NULL));
    most = steps > most ? steps : most;
  }
  printf("%d ranges: %zu instructions, at most %u run\n", 2 * NAMES, length, most);
  CHECK(most < 40);
  arena_release(&arena);
}

/* ENOSYS lies over the default only, and over all of a filter that cannot be described. */
static void enosys(void)
{
  struct arena arena = ARENA_INIT;
  const struct sock_filter plain[] = { LD(0),
                                       { .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 1, .k = 500 },
                                       RET(SECCOMP_RET_ALLOW),
                                       RET(UNNAMED) };
  const struct sock_filter odd[] = { LD(0), { .code = BPF_ALU | BPF_AND | BPF_K, .k = 1 }, RET(UNNAMED) };
  struct arch_filter f = { .audit = ARCH_A,
                           .high = UINT32_MAX,
                           .filter = plain,
                           .length = 4,
                           .unnamed = UNNAMED,
                           .enosys_from = 400,
                           .enosys_to = UINT32_MAX,
                           .enosys_zero = true };
  struct seccomp_data data = { .nr = 500, .arch = ARCH_A };
  size_t length = 0;
  struct sock_filter *tree = filter_tree(&arena, &f, 1, &length);
  const struct row {
    int nr;
    uint32_t wanted;
  } rows[] = { { 0, SECCOMP_RET_ERRNO | ENOSYS },
               { 1, UNNAMED },
               { 399, UNNAMED },
               { 400, SECCOMP_RET_ERRNO | ENOSYS },
               { 499, SECCOMP_RET_ERRNO | ENOSYS },
               { 500, SECCOMP_RET_ALLOW },
               { 501, SECCOMP_RET_ERRNO | ENOSYS },
               { -1, SECCOMP_RET_ERRNO | ENOSYS } };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    data.nr = rows[i].nr;
    CHECK_NUMBER(run_bpf(tree, length, &data, NULL), rows[i].wanted);
  }
  f.filter = odd;
  f.length = 3;
  tree = filter_tree(&arena, &f, 1, &length);
  data.nr = 399;
  CHECK_NUMBER(run_bpf(tree, length, &data, NULL), UNNAMED);
  data.nr = 400;
  CHECK_NUMBER(run_bpf(tree, length, &data, NULL), SECCOMP_RET_ERRNO | ENOSYS);
  arena_release(&arena);
}

static void unsound(void)
{
  struct arena arena = ARENA_INIT;
  const struct sock_filter far_jump[] = { { .code = BPF_JMP | BPF_JA, .k = 1 }, RET(0) };
  const struct sock_filter far_true[] = { { .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 1 }, RET(0) };
  const struct sock_filter no_end[] = { LD(0) };
  const struct sock_filter *const programs[] = { far_jump, far_true, no_end };
  const size_t lengths[] = { 2, 2, 1 };
  for (size_t i = 0; i < UNIT_COUNT(programs); i++) {
    struct arch_filter f = {
      .audit = ARCH_A, .high = UINT32_MAX, .filter = programs[i], .length = lengths[i]
    };
    size_t length;
    CHECK(filter_tree(&arena, &f, 1, &length) == NULL);
  }
  arena_release(&arena);
}

int main(void)
{
  random_filters();
  many_ranges();
  enosys();
  unsound();
  return unit_finish();
}
