/* SPDX-License-Identifier: Apache-2.0
 * Output is built in memory and written at once, so that a reader sees all of it or an error status. */
#include "cmd/print.h"
#include "libcontainer/base/fd.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define COLUMN_MIN 12
#define COLUMN_GAP 3

int print(const char *s, struct error *err)
{
  if (fd_write_all(STDOUT_FILENO, s, strlen(s)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot write to standard output");
  return 0;
}

/* Characters, not bytes: continuation bytes of UTF-8 take no column. */
static size_t width_of(const char *s)
{
  size_t width = 0;
  for (; *s; s++)
    width += ((unsigned char)*s & 0xc0) != 0x80;
  return width;
}

/* Security: paths may hold terminal control sequences. */
static const char *escaped(struct arena *arena, const char *s)
{
  size_t size = 6 * strlen(s) + 1;
  char *safe = arena_alloc(arena, size);
  (void)text_escape_control(safe, size, s);
  return safe;
}

void print_table(struct text *out, const char *const *cells, size_t rows, size_t columns)
{
  size_t count = rows * columns;
  const char **safe = arena_array(out->arena, count, sizeof *safe);
  size_t *widths = arena_array(out->arena, columns, sizeof *widths);
  for (size_t i = 0; i < count; i++) {
    size_t *width = &widths[i % columns];
    safe[i] = escaped(out->arena, cells[i]);
    size_t needed = width_of(safe[i]) + COLUMN_GAP;
    if (*width < COLUMN_MIN)
      *width = COLUMN_MIN;
    if (*width < needed)
      *width = needed;
  }
  for (size_t i = 0; i < count; i++) {
    bool last = i % columns == columns - 1;
    size_t padding = last ? 0 : widths[i % columns] - width_of(safe[i]);
    text_addf(out, "%s%*s%s", safe[i], (int)padding, "", last ? "\n" : "");
  }
}

void print_json_string(struct text *out, const char *s)
{
  size_t size = 6 * strlen(s) + 1;
  char *safe = arena_alloc(out->arena, size);
  (void)text_escape_json(safe, size, s);
  text_addf(out, "\"%s\"", safe);
}
