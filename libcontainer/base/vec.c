/* SPDX-License-Identifier: Apache-2.0
 * Growing of typed arrays. */
#include "libcontainer/base/vec.h"

#define FIRST_CAPACITY 8

void *vec_raw_push(struct arena *arena, struct vec_raw *v, size_t size)
{
  if (v->count == v->capacity) {
    size_t capacity = v->capacity ? v->capacity * 2 : FIRST_CAPACITY;
    void *larger = arena_array(arena, capacity, size);
    if (v->count)
      memcpy(larger, v->items, v->count * size);
    v->items = larger;
    v->capacity = capacity;
  }
  void *item = (char *)v->items + v->count * size;
  v->count++;
  return memset(item, 0, size);
}
