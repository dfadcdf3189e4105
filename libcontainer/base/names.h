/* SPDX-License-Identifier: Apache-2.0
 * Tables of name and value, and the nearest name for "did you mean". */
#pragma once
#include <stddef.h>

struct name {
  const char *name; /* NULL ends the table */
  long value;
};

/* Row of that name (exact), or NULL. */
const struct name *names_find(const struct name *table, const char *name);
/* Row of that name without regard to case, or NULL. */
const struct name *names_find_any_case(const struct name *table, const char *name);
/* First name with that value, or NULL. */
const char *names_of(const struct name *table, long value);
/* The candidate that 'wrong' was most likely meant to be, or NULL if none is near. 'next' yields
 * candidates until NULL. */
const char *names_nearest(const struct name *table, const char *wrong);
/* The same over a plain array of 'count' strings. */
const char *names_nearest_of(const char *const *candidates, size_t count, const char *wrong);
