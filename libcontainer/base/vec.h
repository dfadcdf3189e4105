/* SPDX-License-Identifier: Apache-2.0
 * Typed arrays over an arena. The layout {items, count, capacity} is the same for every element type,
 * which lets the JSON decoder fill any of them. */
#pragma once
#include "arena.h"
#include <stddef.h>
#include <string.h>

#define VEC(type)                                                                                            \
  struct {                                                                                                   \
    type *items;                                                                                             \
    size_t count, capacity;                                                                                  \
  }

struct vec_raw {
  void *items;
  size_t count, capacity;
};

/* Makes room for one more element of 'size' bytes and returns it, zeroed. */
void *vec_raw_push(struct arena *arena, struct vec_raw *v, size_t size);

/* Appends a zeroed element and yields its address (typed by assignment). */
#define vec_push(arena, v) vec_raw_push((arena), (struct vec_raw *)(void *)(v), sizeof *(v)->items)
#define vec_each(v, it) for (it = (v)->items; (v)->count && it < (v)->items + (v)->count; it++)
#define vec_index(v, it) ((size_t)((it) - (v)->items))

struct strings {
  char **items;
  size_t count, capacity;
};
