/* SPDX-License-Identifier: Apache-2.0
 * A hash set with open addressing. */
#include "spec/key_set.h"

#include <stdint.h>
#include <string.h>

struct key_slot {
  const char *key; /* NULL: free */
  uint32_t length;
  uint32_t serial;
};

/* FNV-1a, then mixed, so that the low bits are good. */
static size_t hash(unsigned serial, const char *key, size_t length)
{
  uint64_t h = 0xcbf29ce484222325u ^ serial;
  for (size_t i = 0; i < length; i++)
    h = (h ^ (unsigned char)key[i]) * 0x100000001b3u;
  h *= 0x9e3779b97f4a7c15u;
  return (size_t)(h ^ h >> 32);
}

static struct key_slot *find(const struct key_set *set, unsigned serial, const char *key, size_t length)
{
  for (size_t at = hash(serial, key, length);; at++) {
    struct key_slot *slot = &set->slots[at & (set->capacity - 1)];
    if (!slot->key
        || (slot->serial == serial && slot->length == length && memcmp(slot->key, key, length) == 0))
      return slot;
  }
}

static void grow(struct key_set *set, struct arena *arena)
{
  struct key_set larger = { .count = set->count, .capacity = set->capacity ? set->capacity * 2 : 64 };
  larger.slots = arena_array(arena, larger.capacity, sizeof *larger.slots);
  for (size_t i = 0; i < set->capacity; i++) {
    const struct key_slot *old = &set->slots[i];
    if (old->key)
      *find(&larger, old->serial, old->key, old->length) = *old;
  }
  *set = larger;
}

bool key_set_add(struct key_set *set, struct arena *arena, unsigned serial, const char *key, size_t length)
{
  if (set->count * 2 >= set->capacity)
    grow(set, arena);
  struct key_slot *slot = find(set, serial, key, length);
  if (slot->key)
    return false;
  *slot = (struct key_slot){ key, (uint32_t)length, serial };
  set->count++;
  return true;
}
