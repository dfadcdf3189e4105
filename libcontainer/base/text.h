/* SPDX-License-Identifier: Apache-2.0
 * Growing string builder and small pure text functions. */
#pragma once
#include "arena.h"
#include <stdbool.h>
#include <stddef.h>

struct text {
  struct arena *arena; /* where it grows */
  char *data;          /* NUL-terminated once something was added; else NULL */
  size_t length, capacity;
};

void text_init(struct text *t, struct arena *arena);
void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const char *s, size_t length);
void text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The string built so far; "" if nothing was added. Owned by the arena. */
const char *text_string(const struct text *t);

bool text_starts_with(const char *s, const char *prefix);
bool text_ends_with(const char *s, const char *suffix);
bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
/* Writes 's' as the inside of a JSON string: quotes, backslashes and control characters (also DEL and C1)
 * escaped, invalid UTF-8 replaced by U+FFFD. NUL-terminates, stops before the first character that does not
 * fit, returns the length written. No allocation. 'size' must not be 0. */
size_t text_escape_json(char *buffer, size_t size, const char *s);
/* The same for a terminal: quotes and backslashes stay as they are. */
size_t text_escape_control(char *buffer, size_t size, const char *s);
/* In place: "\\040" is a blank, as proc(5) writes blanks, newlines and backslashes of paths. */
void text_unescape_octal(char *s);
/* Splits at every 'separator'; empty parts are kept. Sets *count. Parts are owned by the arena. */
char **text_split(struct arena *arena, const char *s, char separator, size_t *count);
