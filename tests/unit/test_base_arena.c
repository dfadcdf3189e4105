/* SPDX-License-Identifier: Apache-2.0
 * base/arena. */
#include "libcontainer/base/arena.h"
#include "tests/unit/unit.h"
#include <setjmp.h>
#include <stdint.h>

static jmp_buf no_memory;

static void jump_out(size_t size)
{
  (void)size;
  longjmp(no_memory, 1);
}

static void test_memory_is_zeroed_aligned_and_apart(void)
{
  struct arena arena = ARENA_INIT;
  static const size_t sizes[] = { 0, 1, 7, 16, 100, 4095, 4096, 4097, 1, 300000, 1, 70000 };
  unsigned char *blocks[UNIT_COUNT(sizes)];
  for (size_t i = 0; i < UNIT_COUNT(sizes); i++) {
    blocks[i] = arena_alloc(&arena, sizes[i]);
    CHECK(blocks[i] != NULL);
    CHECK((uintptr_t)blocks[i] % _Alignof(max_align_t) == 0);
    bool zero = true;
    for (size_t k = 0; k < sizes[i]; k++)
      zero = zero && blocks[i][k] == 0;
    CHECK(zero);
    memset(blocks[i], (int)i + 1, sizes[i]);
  }
  for (size_t i = 0; i < UNIT_COUNT(sizes); i++)
    for (size_t k = 0; k < sizes[i]; k++)
      if (blocks[i][k] != i + 1 && !CHECK(blocks[i][k] == i + 1))
        break;
  arena_release(&arena);
  arena_release(&arena);
  CHECK(arena_alloc(&arena, 10) != NULL);
  arena_release(&arena);
}

static void test_strings(void)
{
  struct arena arena = ARENA_INIT;
  CHECK_STRING(arena_strdup(&arena, ""), "");
  CHECK_STRING(arena_strdup(&arena, "abc"), "abc");
  CHECK_STRING(arena_strndup(&arena, "abcdef", 3), "abc");
  CHECK_STRING(arena_strndup(&arena, "ab", 30), "ab");
  CHECK_STRING(arena_printf(&arena, "%s-%d", "x", 42), "x-42");
  char *longer = arena_printf(&arena, "%0*d", 10000, 7);
  CHECK_NUMBER(strlen(longer), 10000);
  arena_release(&arena);
}

static void test_overflow_is_out_of_memory(void)
{
  static struct arena arena = ARENA_INIT;
  static const size_t rows[][2] = {
    { SIZE_MAX, 2 }, { SIZE_MAX / 2 + 1, 2 }, { SIZE_MAX, 1 }, { 1, SIZE_MAX - 8 }
  };
  void (*before)(size_t) = arena_out_of_memory;
  arena_out_of_memory = jump_out;
  for (volatile size_t i = 0; i < UNIT_COUNT(rows); i++) {
    if (setjmp(no_memory) == 0)
      CHECK(arena_array(&arena, rows[i][0], rows[i][1]) == NULL);
    else
      CHECK(true);
  }
  arena_out_of_memory = before;
  arena_release(&arena);
}

int main(void)
{
  test_memory_is_zeroed_aligned_and_apart();
  test_strings();
  test_overflow_is_out_of_memory();
  return unit_finish();
}
