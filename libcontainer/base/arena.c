/* SPDX-License-Identifier: Apache-2.0
 * Region allocator over malloc: a list of chunks, each filled from its start. */
#include "libcontainer/base/arena.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_CHUNK_BYTES 4096          /* a spec of the usual size touches few pages */
#define LARGEST_CHUNK_BYTES (256 << 10) /* growth stops here: the tail of the last chunk is waste */

struct arena_chunk {
  struct arena_chunk *next;
  size_t used, capacity;
  _Alignas(max_align_t) unsigned char bytes[];
};

static void say_and_abort(size_t size)
{
  (void)size;
  static const char message[] = "hull: out of memory\n";
  if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
    abort();
  abort();
}

void (*arena_out_of_memory)(size_t size) = say_and_abort;

static _Noreturn void out_of_memory(size_t size)
{
  arena_out_of_memory(size);
  abort();
}

static struct arena_chunk *chunk_add(struct arena *arena, size_t size)
{
  size_t capacity = arena->chunks ? arena->chunks->capacity * 2 : FIRST_CHUNK_BYTES;
  if (capacity > LARGEST_CHUNK_BYTES)
    capacity = LARGEST_CHUNK_BYTES;
  if (capacity < size)
    capacity = size;
  struct arena_chunk *chunk = malloc(sizeof *chunk + capacity);
  if (!chunk)
    out_of_memory(size);
  chunk->used = 0;
  chunk->capacity = capacity;
  chunk->next = arena->chunks;
  arena->chunks = chunk;
  return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
  const size_t alignment = _Alignof(max_align_t);
  if (size > SIZE_MAX / 2)
    out_of_memory(size);
  size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (rounded == 0)
    rounded = alignment;
  struct arena_chunk *chunk = arena->chunks;
  if (!chunk || chunk->capacity - chunk->used < rounded)
    chunk = chunk_add(arena, rounded);
  void *p = chunk->bytes + chunk->used;
  chunk->used += rounded;
  return memset(p, 0, rounded);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes))
    out_of_memory(SIZE_MAX);
  return arena_alloc(arena, bytes);
}

char *arena_strndup(struct arena *arena, const char *s, size_t length)
{
  size_t n = strnlen(s, length);
  char *copy = arena_alloc(arena, n + 1);
  memcpy(copy, s, n);
  return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
  size_t n = strlen(s);
  return memcpy(arena_alloc(arena, n + 1), s, n + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (length < 0) /* only EOVERFLOW: longer than INT_MAX */
    out_of_memory(SIZE_MAX);
  char *s = arena_alloc(arena, (size_t)length + 1);
  va_start(args, format);
  (void)vsnprintf(s, (size_t)length + 1, format, args);
  va_end(args);
  return s;
}

void arena_release(struct arena *arena)
{
  struct arena_chunk *chunk = arena->chunks;
  arena->chunks = NULL;
  while (chunk) {
    struct arena_chunk *next = chunk->next;
    free(chunk);
    chunk = next;
  }
}
