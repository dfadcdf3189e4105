/* SPDX-License-Identifier: Apache-2.0
 * Region allocator: everything of one spec, plan or command lives and dies together. The only place
 * where running out of memory is dealt with: a hook, which aborts unless the embedder sets another. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;
struct arena {
  struct arena_chunk *chunks; /* newest first */
};
/* clang-format off */
#define ARENA_INIT { NULL }
/* clang-format on */

/* Zeroed memory, aligned for any type; never NULL. 'size' 0 is allowed. */
void *arena_alloc(struct arena *arena, size_t size);
/* count * size with an overflow check (overflow counts as out of memory). */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Frees everything at once; the arena can be used again. */
void arena_release(struct arena *arena);

/* Called with the size that could not be had. Must not return; if it does, the program aborts. */
extern void (*arena_out_of_memory)(size_t size);
