/* SPDX-License-Identifier: Apache-2.0
 * libseccomp compares the system call number with each name of the profile; engines' profiles name nearly all of
 * them. Here its program is asked what it does for each number, equal neighbours become one range, and the ranges
 * a balanced tree. That is a fifth of the instructions, which counts each time a container starts: the kernel
 * translates the program and then runs it for every number (since 5.11, to learn which are always allowed).
 * What libseccomp decides by arguments stays its code, copied. */
#include "seccomp/tree.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NR_OFFSET offsetof(struct seccomp_data, nr)
#define ARCH_OFFSET offsetof(struct seccomp_data, arch)
#define MAX_DISTANCE 255 /* of a conditional jump */
#define BOUNDS_MAX(f) (2 * (f)->length + 4)

/* What is known from the number alone: a return value, or that the code at 'pc' looks at arguments. */
struct verdict {
  bool asks_arguments;
  uint32_t value; /* return value or pc */
};
struct range {
  uint32_t start; /* up to the start of the next */
  const struct arch_filter *filter;
  struct verdict verdict;
};
struct ranges {
  struct range *items;
  size_t count;
};
struct jump {
  size_t at; /* index of the instruction */
  const struct arch_filter *filter;
  uint32_t pc; /* in the filter */
};
struct builder {
  struct sock_filter *out;
  size_t length;
  struct jump *jumps; /* into copied code, to be resolved when the copy has its place */
  size_t jump_count;
};

static void emit(struct builder *b, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
  b->out[b->length++] = (struct sock_filter){ .code = code, .jt = jt, .jf = jf, .k = k };
}

/* Every jump stays inside and the end is a return: what the kernel checks, and the loops here rely on. */
static bool is_sound(const struct arch_filter *f)
{
  for (size_t pc = 0; pc < f->length; pc++) {
    const struct sock_filter *in = &f->filter[pc];
    size_t left = f->length - pc - 1;
    bool conditional = BPF_CLASS(in->code) == BPF_JMP && BPF_OP(in->code) != BPF_JA;
    if (BPF_CLASS(in->code) == BPF_JMP && !conditional && in->k >= left)
      return false;
    if (conditional && (in->jt >= left || in->jf >= left))
      return false;
  }
  return f->length > 0 && BPF_CLASS(f->filter[f->length - 1].code) == BPF_RET;
}

/* Runs the filter as far as it depends on architecture and number only. False: it has an instruction for which
 * ranges of numbers are no way to describe it. All jumps are forward, so it ends. */
static bool evaluate(const struct arch_filter *f, uint32_t nr, struct verdict *v)
{
  uint32_t a = 0;
  for (size_t pc = 0; pc < f->length; pc++) {
    const struct sock_filter *in = &f->filter[pc];
    switch (in->code) {
    case BPF_LD | BPF_W | BPF_ABS:
      if (in->k != NR_OFFSET && in->k != ARCH_OFFSET) {
        *v = (struct verdict){ .asks_arguments = true, .value = (uint32_t)pc };
        return true;
      }
      a = in->k == NR_OFFSET ? nr : f->audit;
      break;
    case BPF_JMP | BPF_JA:
      pc += in->k;
      break;
    case BPF_JMP | BPF_JEQ | BPF_K:
      pc += a == in->k ? in->jt : in->jf;
      break;
    case BPF_JMP | BPF_JGE | BPF_K:
      pc += a >= in->k ? in->jt : in->jf;
      break;
    case BPF_JMP | BPF_JGT | BPF_K:
      pc += a > in->k ? in->jt : in->jf;
      break;
    case BPF_RET | BPF_K:
      *v = (struct verdict){ .asks_arguments = false, .value = in->k };
      return true;
    default:
      return false;
    }
  }
  return false;
}

/* As evaluate(), with ENOSYS laid over it. A filter that cannot be described is asked as a whole, at its start; then
 * its default cannot be told from what it says of names, and ENOSYS goes first. */
static struct verdict verdict_of(const struct arch_filter *f, uint32_t nr)
{
  struct verdict v = { .asks_arguments = true, .value = 0 };
  bool described = evaluate(f, nr, &v);
  bool newer = (nr >= f->enosys_from && nr <= f->enosys_to) || (nr == 0 && f->enosys_zero);
  if (newer && (!described || (!v.asks_arguments && v.value == f->unnamed)))
    return (struct verdict){ .asks_arguments = false, .value = SECCOMP_RET_ERRNO | ENOSYS };
  return v;
}

static int compare_numbers(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void add_bound(uint32_t *bounds, size_t *count, const struct arch_filter *f, uint64_t bound)
{
  if (bound > f->low && bound <= f->high)
    bounds[(*count)++] = (uint32_t)bound;
}

/* Numbers at which the verdict may change: after and before every constant that the filter compares with. */
static size_t find_bounds(const struct arch_filter *f, uint32_t *bounds)
{
  size_t count = 0;
  bounds[count++] = f->low;
  for (size_t i = 0; i < f->length; i++)
    if (BPF_CLASS(f->filter[i].code) == BPF_JMP && BPF_OP(f->filter[i].code) != BPF_JA) {
      add_bound(bounds, &count, f, f->filter[i].k);
      add_bound(bounds, &count, f, (uint64_t)f->filter[i].k + 1);
    }
  if (f->enosys_from <= f->enosys_to) {
    add_bound(bounds, &count, f, f->enosys_from);
    add_bound(bounds, &count, f, (uint64_t)f->enosys_to + 1);
  }
  if (f->enosys_zero)
    add_bound(bounds, &count, f, 1);
  qsort(bounds, count, sizeof *bounds, compare_numbers);
  return count;
}

static bool same_verdict(const struct range *a, const struct arch_filter *f, const struct verdict *v)
{
  return a->verdict.value == v->value && a->verdict.asks_arguments == v->asks_arguments
         && (!v->asks_arguments || a->filter == f);
}

static void add_ranges(struct arena *arena, struct ranges *r, const struct arch_filter *f)
{
  uint32_t *bounds = arena_array(arena, BOUNDS_MAX(f), sizeof *bounds);
  size_t count = find_bounds(f, bounds);
  for (size_t i = 0; i < count; i++) {
    if (i > 0 && bounds[i] == bounds[i - 1])
      continue;
    struct verdict v = verdict_of(f, bounds[i]);
    if (r->count > 0 && same_verdict(&r->items[r->count - 1], f, &v))
      continue;
    r->items[r->count++] = (struct range){ .start = bounds[i], .filter = f, .verdict = v };
  }
}

static size_t tree_size(size_t count)
{
  if (count == 1)
    return 1;
  size_t left = tree_size(count / 2);
  return left + tree_size(count - count / 2) + (left > MAX_DISTANCE ? 2 : 1);
}

static void emit_leaf(struct builder *b, const struct range *r)
{
  if (r->verdict.asks_arguments) {
    b->jumps[b->jump_count++] = (struct jump){ .at = b->length, .filter = r->filter, .pc = r->verdict.value };
    emit(b, BPF_JMP | BPF_JA, 0, 0, 0);
    return;
  }
  emit(b, BPF_RET | BPF_K, 0, 0, r->verdict.value);
}

/* The accumulator holds the number. */
static void emit_tree(struct builder *b, const struct range *ranges, size_t count)
{
  if (count == 1) {
    emit_leaf(b, ranges);
    return;
  }
  size_t half = count / 2, left = tree_size(half);
  if (left <= MAX_DISTANCE) {
    emit(b, BPF_JMP | BPF_JGE | BPF_K, (uint8_t)left, 0, ranges[half].start);
  } else {
    emit(b, BPF_JMP | BPF_JGE | BPF_K, 0, 1, ranges[half].start);
    emit(b, BPF_JMP | BPF_JA, 0, 0, (uint32_t)left);
  }
  emit_tree(b, ranges, half);
  emit_tree(b, ranges + half, count - half);
}

/* Instructions that can be reached from those already marked. Jumps go forward: one pass is enough. */
static void mark_reachable(const struct arch_filter *f, bool *reached)
{
  for (size_t pc = 0; pc < f->length; pc++) {
    const struct sock_filter *in = &f->filter[pc];
    if (!reached[pc] || BPF_CLASS(in->code) == BPF_RET)
      continue;
    if (BPF_CLASS(in->code) != BPF_JMP) {
      reached[pc + 1] = true;
    } else if (BPF_OP(in->code) == BPF_JA) {
      reached[pc + 1 + in->k] = true;
    } else {
      reached[pc + 1 + in->jt] = true;
      reached[pc + 1 + in->jf] = true;
    }
  }
}

/* Appends what the jumps into 'f' need of its code. Leaving instructions out only shortens jumps. */
static void copy_code(struct arena *arena, struct builder *b, const struct arch_filter *f)
{
  bool *reached = arena_array(arena, f->length + 1, sizeof *reached);
  for (size_t i = 0; i < b->jump_count; i++)
    if (b->jumps[i].filter == f)
      reached[b->jumps[i].pc] = true;
  mark_reachable(f, reached);
  size_t *place = arena_array(arena, f->length + 1, sizeof *place);
  size_t next = b->length;
  for (size_t pc = 0; pc < f->length; pc++) {
    place[pc] = next;
    next += reached[pc];
  }
  for (size_t i = 0; i < b->jump_count; i++)
    if (b->jumps[i].filter == f)
      b->out[b->jumps[i].at].k = (uint32_t)(place[b->jumps[i].pc] - b->jumps[i].at - 1);
  for (size_t pc = 0; pc < f->length; pc++) {
    struct sock_filter in = f->filter[pc];
    if (!reached[pc])
      continue;
    if (BPF_CLASS(in.code) == BPF_JMP && BPF_OP(in.code) == BPF_JA) {
      in.k = (uint32_t)(place[pc + 1 + in.k] - place[pc] - 1);
    } else if (BPF_CLASS(in.code) == BPF_JMP) {
      in.jt = (uint8_t)(place[pc + 1 + in.jt] - place[pc] - 1);
      in.jf = (uint8_t)(place[pc + 1 + in.jf] - place[pc] - 1);
    }
    b->out[b->length++] = in;
  }
}

/* One audit architecture: 'count' filters whose ranges of numbers follow each other. */
static void emit_section(struct arena *arena, struct builder *b, const struct arch_filter *filters,
                         size_t count)
{
  struct ranges ranges = { NULL, 0 };
  size_t most = 0;
  for (size_t i = 0; i < count; i++)
    most += BOUNDS_MAX(&filters[i]);
  ranges.items = arena_array(arena, most, sizeof *ranges.items);
  for (size_t i = 0; i < count; i++)
    add_ranges(arena, &ranges, &filters[i]);
  b->jumps = arena_array(arena, ranges.count, sizeof *b->jumps);
  b->jump_count = 0;

  emit(b, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, filters[0].audit);
  size_t skip = b->length;
  emit(b, BPF_JMP | BPF_JA, 0, 0, 0);
  emit(b, BPF_LD | BPF_W | BPF_ABS, 0, 0, NR_OFFSET);
  emit_tree(b, ranges.items, ranges.count);
  for (size_t i = 0; i < count; i++)
    copy_code(arena, b, &filters[i]);
  b->out[skip].k = (uint32_t)(b->length - skip - 1);
}

struct sock_filter *filter_tree(struct arena *arena, const struct arch_filter *filters, size_t count,
                                size_t *length)
{
  size_t most = 2;
  for (size_t i = 0; i < count; i++) {
    if (!is_sound(&filters[i]))
      return NULL;
    most += 3 + 3 * BOUNDS_MAX(&filters[i]) + filters[i].length;
  }
  struct builder b = { .out = arena_array(arena, most, sizeof *b.out) };
  emit(&b, BPF_LD | BPF_W | BPF_ABS, 0, 0, ARCH_OFFSET);
  for (size_t i = 0, n; i < count; i += n) {
    for (n = 1; i + n < count && filters[i + n].audit == filters[i].audit; n++)
      ;
    emit_section(arena, &b, filters + i, n);
  }
  emit(&b, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_THREAD);
  *length = b.length;
  return b.out;
}
