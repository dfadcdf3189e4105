/* SPDX-License-Identifier: Apache-2.0
 * One small program out of libseccomp's program per architecture. Private to seccomp/. */
#pragma once
#include "libcontainer/base/arena.h"
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch_filter {
  uint32_t audit;     /* seccomp_data.arch */
  uint32_t low, high; /* system call numbers it is asked about, both included */
  const struct sock_filter *filter;
  size_t length;
  /* Numbers in enosys_from..enosys_to (none if from > to), and 0 with 'enosys_zero', yield ENOSYS where the
   * filter says 'unnamed', its default. */
  uint32_t enosys_from, enosys_to, unnamed;
  bool enosys_zero;
};

/* 'filters' of the same audit architecture are next to each other, with ascending ranges that leave no gap;
 * the first architecture is the quickest to reach. Other architectures are killed, as by libseccomp. The
 * result has the meaning of the filters, and is owned by the arena. NULL if a filter is no valid program. */
struct sock_filter *filter_tree(struct arena *arena, const struct arch_filter *filters, size_t count,
                                size_t *length);
