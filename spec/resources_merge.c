/* SPDX-License-Identifier: Apache-2.0
 * Resources of an update merged into those that are stored. By hand, not by the field tables: nearly every
 * property has a rule of its own for what 0 and -1 mean. */
#include "spec/resources_merge.h"
#include "libcontainer/base/text.h"
#include <string.h>

/* A copy to change, of 'old' or of nothing: whoever holds the old object keeps it as it was. */
static void *own_copy(struct arena *arena, const void *old, size_t size)
{
  void *copy = arena_alloc(arena, size);
  if (old)
    memcpy(copy, old, size);
  return copy;
}

/* An object in which nothing is asked for is left out. */
static void *unless_empty(void *object, size_t size)
{
  const unsigned char *bytes = object;
  for (size_t i = 0; i < size; i++)
    if (bytes[i])
      return object;
  return NULL;
}
#define KEEP(object) unless_empty((object), sizeof *(object))

/* 'set' is enough for these: their 0 means something. */
#define TAKE(to, from, member)                                                                               \
  do {                                                                                                       \
    if ((from)->member.set)                                                                                  \
      (to)->member = (from)->member;                                                                         \
  } while (0)
#define TAKE_UNLESS_ZERO(to, from, member)                                                                   \
  do {                                                                                                       \
    if ((from)->member.set && (from)->member.value != 0)                                                     \
      (to)->member = (from)->member;                                                                         \
  } while (0)
#define TAKE_UNLESS_EMPTY(to, from, member)                                                                  \
  do {                                                                                                       \
    if ((from)->member && *(from)->member)                                                                   \
      (to)->member = (from)->member;                                                                         \
  } while (0)

static bool asks(const struct opt_i64 *limit)
{
  return limit->set && limit->value != 0;
}

/* memory.swap counts memory and swap together, but what the kernel limits is swap: a new memory limit alone
 * leaves the amount of swap as it is. */
static void follow_with_swap(struct memory *to, const struct memory *old, const struct memory *change)
{
  if (!asks(&change->limit) || asks(&change->swap))
    return;
  if (change->limit.value < 0) { /* no memory limit, but a limit of swap? Nobody means that. */
    to->swap = (struct opt_i64){ true, -1 };
    return;
  }
  if (!asks(&old->swap) || old->swap.value < 0)
    return;
  const int64_t held = asks(&old->limit) && old->limit.value > 0 ? old->limit.value : 0;
  int64_t total;
  if (__builtin_add_overflow(old->swap.value - held, change->limit.value, &total))
    total = -1;
  to->swap.value = total;
}

static void merge_memory(struct arena *arena, struct resources *to, const struct memory *change)
{
  if (!change)
    return;
  struct memory *m = own_copy(arena, to->memory, sizeof *m);
  const struct memory old = *m;
  TAKE_UNLESS_ZERO(m, change, limit);
  TAKE_UNLESS_ZERO(m, change, reservation);
  TAKE_UNLESS_ZERO(m, change, swap);
  TAKE_UNLESS_ZERO(m, change, kernel);
  TAKE_UNLESS_ZERO(m, change, kernel_tcp);
  TAKE_UNLESS_ZERO(m, change, swappiness);
  TAKE(m, change, disable_oom_killer);
  TAKE(m, change, use_hierarchy);
  TAKE(m, change, check_before_update);
  follow_with_swap(m, &old, change);
  to->memory = KEEP(m);
}

static void merge_cpu(struct arena *arena, struct resources *to, const struct cpu *change)
{
  if (!change)
    return;
  struct cpu *c = own_copy(arena, to->cpu, sizeof *c);
  if (change->idle.value == 1) /* An idle cgroup has no weight: whoever asks for that gives up the shares. */
    c->shares = (struct opt_u64){ false, 0 };
  TAKE_UNLESS_ZERO(c, change, shares);
  TAKE_UNLESS_ZERO(c, change, quota);
  TAKE_UNLESS_ZERO(c, change, period);
  TAKE(c, change, burst);
  TAKE(c, change, idle);
  TAKE_UNLESS_ZERO(c, change, realtime_runtime);
  TAKE_UNLESS_ZERO(c, change, realtime_period);
  TAKE_UNLESS_EMPTY(c, change, cpus);
  TAKE_UNLESS_EMPTY(c, change, mems);
  to->cpu = KEEP(c);
}

static void merge_pids(struct arena *arena, struct resources *to, const struct pids *change)
{
  if (!change)
    return;
  struct pids *p = own_copy(arena, to->pids, sizeof *p);
  TAKE(p, change, limit);
  to->pids = KEEP(p);
}

/* --- lists: the same key replaces, another one is appended --------------------------------------- */

static void own_items(struct arena *arena, void *vector, size_t size)
{
  struct vec_raw *v = vector;
  void *items = arena_array(arena, v->count + 1, size);
  if (v->count)
    memcpy(items, v->items, v->count * size);
  *v = (struct vec_raw){ items, v->count, v->count + 1 };
}
#define OWN(arena, vector) own_items((arena), (vector), sizeof *(vector)->items)

static void merge_throttles(struct arena *arena, throttle_devices *to, const throttle_devices *change)
{
  const struct throttle_device *one;
  if (change->count == 0)
    return;
  OWN(arena, to);
  vec_each (change, one) {
    struct throttle_device *same = NULL, *old;
    vec_each (to, old)
      if (old->major.value == one->major.value && old->minor.value == one->minor.value)
        same = old;
    if (!same)
      same = vec_push(arena, to);
    *same = *one;
  }
}

static void merge_weights(struct arena *arena, struct block_io *to, const struct block_io *change)
{
  const struct weight_device *one;
  if (change->weight_device.count == 0)
    return;
  OWN(arena, &to->weight_device);
  vec_each (&change->weight_device, one) {
    struct weight_device *same = NULL, *old;
    vec_each (&to->weight_device, old)
      if (old->major.value == one->major.value && old->minor.value == one->minor.value)
        same = old;
    if (!same)
      same = vec_push(arena, &to->weight_device);
    *same = *one;
  }
}

static void merge_block_io(struct arena *arena, struct resources *to, const struct block_io *change)
{
  if (!change)
    return;
  struct block_io *b = own_copy(arena, to->block_io, sizeof *b);
  TAKE_UNLESS_ZERO(b, change, weight);
  TAKE_UNLESS_ZERO(b, change, leaf_weight);
  merge_weights(arena, b, change);
  merge_throttles(arena, &b->throttle_read_bps_device, &change->throttle_read_bps_device);
  merge_throttles(arena, &b->throttle_write_bps_device, &change->throttle_write_bps_device);
  merge_throttles(arena, &b->throttle_read_iops_device, &change->throttle_read_iops_device);
  merge_throttles(arena, &b->throttle_write_iops_device, &change->throttle_write_iops_device);
  to->block_io = KEEP(b);
}

static void merge_huge_pages(struct arena *arena, struct resources *to, const struct resources *change)
{
  const struct hugepage_limit *one;
  if (change->hugepage_limits.count == 0)
    return;
  OWN(arena, &to->hugepage_limits);
  vec_each (&change->hugepage_limits, one) {
    struct hugepage_limit *same = NULL, *old;
    vec_each (&to->hugepage_limits, old)
      if (text_equal(old->page_size, one->page_size))
        same = old;
    if (!same)
      same = vec_push(arena, &to->hugepage_limits);
    *same = *one;
  }
}

static void merge_rdma(struct arena *arena, struct resources *to, const struct resources *change)
{
  const struct rdma *one;
  if (change->rdma.count == 0)
    return;
  OWN(arena, &to->rdma);
  vec_each (&change->rdma, one) {
    struct rdma *same = NULL, *old;
    vec_each (&to->rdma, old)
      if (text_equal(old->device, one->device))
        same = old;
    if (!same)
      same = vec_push(arena, &to->rdma);
    same->device = one->device;
    TAKE(same, one, hca_handles);
    TAKE(same, one, hca_objects);
  }
}

static void merge_unified(struct arena *arena, struct resources *to, const struct resources *change)
{
  const struct string_pair *one;
  if (change->unified.count == 0)
    return;
  OWN(arena, &to->unified);
  vec_each (&change->unified, one) {
    struct string_pair *same = NULL, *old;
    vec_each (&to->unified, old)
      if (text_equal(old->key, one->key))
        same = old;
    if (!same)
      same = vec_push(arena, &to->unified);
    *same = *one;
  }
}

void resources_merge(struct arena *arena, struct resources *to, const struct resources *change)
{
  merge_memory(arena, to, change->memory);
  merge_cpu(arena, to, change->cpu);
  merge_pids(arena, to, change->pids);
  merge_block_io(arena, to, change->block_io);
  merge_huge_pages(arena, to, change);
  if (change->network)
    to->network = change->network;
  merge_rdma(arena, to, change);
  merge_unified(arena, to, change);
}
