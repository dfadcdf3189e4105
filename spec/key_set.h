/* SPDX-License-Identifier: Apache-2.0
 * Keys met so far, each within its object: finds duplicates among keys that no table row stands for. */
#pragma once
#include "libcontainer/base/arena.h"
#include <stdbool.h>
#include <stddef.h>

struct key_slot;
struct key_set {
  struct key_slot *slots;
  size_t count, capacity; /* capacity: a power of two */
};

/* False if the object 'serial' has that key. 'key' (NUL after 'length' bytes) must outlive the set. */
bool key_set_add(struct key_set *set, struct arena *arena, unsigned serial, const char *key, size_t length);
