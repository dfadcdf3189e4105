/* SPDX-License-Identifier: Apache-2.0
 * Tables of name and value; nearest name by the number of single-key typing mistakes. */
#include "libcontainer/base/names.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define NEAREST_MAX_LENGTH 63 /* longer names have no neighbour; keeps the work on the stack */

const struct name *names_find(const struct name *table, const char *name)
{
  for (; table->name; table++)
    if (strcmp(table->name, name) == 0)
      return table;
  return NULL;
}

const struct name *names_find_any_case(const struct name *table, const char *name)
{
  for (; table->name; table++)
    if (strcasecmp(table->name, name) == 0)
      return table;
  return NULL;
}

const char *names_of(const struct name *table, long value)
{
  for (; table->name; table++)
    if (table->value == value)
      return table->name;
  return NULL;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
  unsigned m = a < b ? a : b;
  return m < c ? m : c;
}

static bool same_letter(char a, char b)
{
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Damerau-Levenshtein in the form of optimal string alignment: insert, delete, change, swap of neighbours.
 * Case does not count. Both at most NEAREST_MAX_LENGTH long. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
  unsigned rows[3][NEAREST_MAX_LENGTH + 1];
  unsigned *before = rows[0], *above = rows[1], *row = rows[2];
  for (size_t j = 0; j <= b_length; j++)
    above[j] = (unsigned)j;
  for (size_t i = 1; i <= a_length; i++) {
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= b_length; j++) {
      unsigned change = above[j - 1] + !same_letter(a[i - 1], b[j - 1]);
      row[j] = min3(above[j] + 1, row[j - 1] + 1, change);
      if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1])
          && before[j - 2] + 1 < row[j])
        row[j] = before[j - 2] + 1;
    }
    unsigned *free_row = before;
    before = above;
    above = row;
    row = free_row;
  }
  return above[b_length];
}

struct search {
  const char *wrong;
  size_t length;
  unsigned best_distance; /* candidates at or above this do not count */
  const char *best;
};

static void search_start(struct search *s, const char *wrong)
{
  s->wrong = wrong;
  s->length = strlen(wrong);
  s->best_distance = (s->length < 6 ? 1 : (unsigned)(s->length / 3)) + 1;
  s->best = NULL;
}

static void consider(struct search *s, const char *candidate)
{
  size_t length = strlen(candidate);
  if (length > NEAREST_MAX_LENGTH)
    return;
  unsigned d = distance(s->wrong, s->length, candidate, length);
  if (d >= s->best_distance)
    return;
  s->best_distance = d;
  s->best = candidate;
}

const char *names_nearest(const struct name *table, const char *wrong)
{
  struct search s;
  search_start(&s, wrong);
  if (s.length > NEAREST_MAX_LENGTH)
    return NULL;
  for (; table->name; table++)
    consider(&s, table->name);
  return s.best;
}

const char *names_nearest_of(const char *const *candidates, size_t count, const char *wrong)
{
  struct search s;
  search_start(&s, wrong);
  if (s.length > NEAREST_MAX_LENGTH)
    return NULL;
  for (size_t i = 0; i < count; i++)
    consider(&s, candidates[i]);
  return s.best;
}
