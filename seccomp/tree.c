/* SPDX-License-Identifier: Apache-2.0
 * libseccomp compares the system call number with each name of the profile; engines' profiles name nearly all
 * of them. Here its program is asked what it does for each number, equal neighbours become one range, and the
 * ranges a balanced tree. That is a fifth of the instructions, which counts each time a container starts: the
 * kernel translates the program and then runs it for every number (since 5.11, to learn which are always
 * allowed). What libseccomp decides by arguments stays its code, copied. */
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
  const size_t *place; /* of the filter's instructions, where arguments are asked for */
};
struct ranges {
  struct range *items;
  size_t count;
};
/* Written from the end: whatever is jumped to has its place already, and equal returns can be shared. */
struct builder {
  struct sock_filter *out;
  size_t head, end; /* indices of 'out': the program so far is head..end */
};

static void emit(struct builder *b, uint16_t code, size_t on_true, size_t on_false, uint32_t k)
{
  size_t next = b->head--;
  b->out[b->head] = (struct sock_filter){
    .code = code, .jt = (uint8_t)(on_true - next), .jf = (uint8_t)(on_false - next), .k = k
  };
}

static void emit_plain(struct builder *b, uint16_t code, uint32_t k)
{
  emit(b, code, b->head, b->head, k);
}

/* 'target', or the place of a long jump to it where a conditional jump would not reach; 'spare' is for what
 * may be written in between. */
static size_t within_reach(struct builder *b, size_t target, size_t spare)
{
  if (target - b->head + spare <= MAX_DISTANCE)
    return target;
  emit_plain(b, BPF_JMP | BPF_JA, (uint32_t)(target - b->head));
  return b->head;
}

static void emit_test(struct builder *b, uint16_t test, uint32_t k, size_t on_true, size_t on_false)
{
  on_true = within_reach(b, on_true, 1);
  on_false = within_reach(b, on_false, 0);
  emit(b, BPF_JMP | BPF_K | test, on_true, on_false, k);
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

/* Runs the filter as far as it depends on architecture and number only. False: it has an instruction for
 * which ranges of numbers are no way to describe it. All jumps are forward, so it ends. */
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

/* As evaluate(), with ENOSYS laid over it. A filter that cannot be described is asked as a whole, at its
 * start; then its default cannot be told from what it says of names, and ENOSYS goes first. */
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

/* The place of a return that says 'word': one that is near, or a new one. */
static size_t place_return(struct builder *b, uint32_t word)
{
  for (size_t i = b->head; i < b->end && i - b->head < MAX_DISTANCE; i++)
    if (b->out[i].code == (BPF_RET | BPF_K) && b->out[i].k == word)
      return i;
  emit_plain(b, BPF_RET | BPF_K, word);
  return b->head;
}

/* Returns where the tree starts; the accumulator holds the number there. */
static size_t place_tree(struct builder *b, const struct range *ranges, size_t count)
{
  if (count == 1 && ranges->verdict.asks_arguments)
    return ranges->place[ranges->verdict.value];
  if (count == 1)
    return place_return(b, ranges->verdict.value);
  size_t half = count / 2;
  size_t right = place_tree(b, ranges + half, count - half);
  size_t left = place_tree(b, ranges, half);
  emit_test(b, BPF_JGE, ranges[half].start, right, left);
  return b->head;
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

/* Copies what the ranges need of the code of 'f', and lets them know where it is. Leaving instructions out
 * only shortens jumps. */
static void copy_code(struct arena *arena, struct builder *b, const struct arch_filter *f,
                      struct ranges *ranges)
{
  bool *reached = arena_array(arena, f->length + 1, sizeof *reached);
  size_t *place = arena_array(arena, f->length + 1, sizeof *place);
  for (size_t i = 0; i < ranges->count; i++)
    if (ranges->items[i].verdict.asks_arguments && ranges->items[i].filter == f) {
      reached[ranges->items[i].verdict.value] = true;
      ranges->items[i].place = place;
    }
  mark_reachable(f, reached);
  for (size_t pc = f->length; pc-- > 0;) {
    if (!reached[pc])
      continue;
    const struct sock_filter *in = &f->filter[pc];
    if (BPF_CLASS(in->code) != BPF_JMP)
      emit_plain(b, in->code, in->k);
    else if (BPF_OP(in->code) == BPF_JA)
      emit_plain(b, in->code, (uint32_t)(place[pc + 1 + in->k] - b->head));
    else
      emit(b, in->code, place[pc + 1 + in->jt], place[pc + 1 + in->jf], in->k);
    place[pc] = b->head;
  }
}

/* One audit architecture: 'count' filters whose ranges of numbers follow each other. What is written so far
 * is for the other architectures. */
static void emit_section(struct arena *arena, struct builder *b, const struct arch_filter *filters,
                         size_t count)
{
  struct ranges ranges = { NULL, 0 };
  size_t most = 0, others = b->head;
  for (size_t i = 0; i < count; i++)
    most += BOUNDS_MAX(&filters[i]);
  ranges.items = arena_array(arena, most, sizeof *ranges.items);
  for (size_t i = 0; i < count; i++)
    add_ranges(arena, &ranges, &filters[i]);
  for (size_t i = 0; i < count; i++)
    copy_code(arena, b, &filters[i], &ranges);
  size_t start = place_tree(b, ranges.items, ranges.count);
  if (start != b->head)
    emit_plain(b, BPF_JMP | BPF_JA, (uint32_t)(start - b->head));
  emit_plain(b, BPF_LD | BPF_W | BPF_ABS, NR_OFFSET);
  emit_test(b, BPF_JEQ, filters[0].audit, b->head, others);
}

static size_t sections_max(const struct arch_filter *filters, size_t count)
{
  size_t most = 2;
  for (size_t i = 0; i < count; i++)
    most += 5 + 4 * BOUNDS_MAX(&filters[i]) + filters[i].length;
  return most;
}

struct sock_filter *filter_tree(struct arena *arena, const struct arch_filter *filters, size_t count,
                                size_t *length)
{
  for (size_t i = 0; i < count; i++)
    if (!is_sound(&filters[i]))
      return NULL;
  struct builder b = { .head = sections_max(filters, count) };
  b.end = b.head;
  b.out = arena_array(arena, b.end, sizeof *b.out);
  emit_plain(&b, BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD);
  for (size_t last = count, n; last > 0; last -= n) {
    for (n = 1; n < last && filters[last - n - 1].audit == filters[last - 1].audit; n++)
      ;
    emit_section(arena, &b, filters + last - n, n);
  }
  emit_plain(&b, BPF_LD | BPF_W | BPF_ABS, ARCH_OFFSET);
  *length = b.end - b.head;
  return b.out + b.head;
}
