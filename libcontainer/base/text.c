/* SPDX-License-Identifier: Apache-2.0
 * String builder over an arena, and small pure text functions. */
#include "libcontainer/base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *t, struct arena *arena)
{
  *t = (struct text){ .arena = arena };
}

/* Room for 'more' bytes and the NUL. */
static void make_room(struct text *t, size_t more)
{
  if (t->capacity - t->length > more)
    return;
  size_t capacity = t->capacity ? t->capacity * 2 : 64;
  while (capacity - t->length <= more)
    capacity *= 2;
  char *larger = arena_alloc(t->arena, capacity);
  if (t->length)
    memcpy(larger, t->data, t->length);
  t->data = larger;
  t->capacity = capacity;
}

void text_add_bytes(struct text *t, const char *s, size_t length)
{
  make_room(t, length);
  if (length)
    memcpy(t->data + t->length, s, length);
  t->length += length;
  t->data[t->length] = '\0';
}

void text_add(struct text *t, const char *s)
{
  text_add_bytes(t, s, strlen(s));
}

void text_addf(struct text *t, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (length < 0)
    return;
  make_room(t, (size_t)length);
  va_start(args, format);
  (void)vsnprintf(t->data + t->length, (size_t)length + 1, format, args);
  va_end(args);
  t->length += (size_t)length;
}

const char *text_string(const struct text *t)
{
  return t->data ? t->data : "";
}

bool text_starts_with(const char *s, const char *prefix)
{
  return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *s, const char *suffix)
{
  size_t n = strlen(s), m = strlen(suffix);
  return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool text_equal(const char *a, const char *b)
{
  return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Bytes of the UTF-8 character at 's' (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF),
 * or 0. The second byte's range depends on the first; a NUL never fits one, so this does not run past the
 * end. */
static size_t utf8_length(const unsigned char *s)
{
  if (s[0] < 0x80)
    return 1;
  size_t length = s[0] >= 0xc2 && s[0] <= 0xdf   ? 2
                  : (s[0] & 0xf0) == 0xe0        ? 3
                  : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                                 : 0;
  if (length == 0)
    return 0;
  unsigned low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
  unsigned high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
  if (s[1] < low || s[1] > high)
    return 0;
  for (size_t i = 2; i < length; i++)
    if (s[i] < 0x80 || s[i] > 0xbf)
      return 0;
  return length;
}

/* Writes one character's escaped form to 'out' (at most 6 bytes and a NUL); returns how many bytes of 's' it
 * took. */
static size_t escape_one(const unsigned char *s, bool quotes, char out[static 8])
{
  size_t length = utf8_length(s);
  if (length == 0) {
    memcpy(out, "\xef\xbf\xbd", 4);
    return 1;
  }
  if (quotes && (s[0] == '"' || s[0] == '\\'))
    (void)snprintf(out, 8, "\\%c", s[0]);
  else if (s[0] == '\n')
    memcpy(out, "\\n", 3);
  else if (s[0] == '\t')
    memcpy(out, "\\t", 3);
  else if (s[0] < 0x20 || s[0] == 0x7f)
    (void)snprintf(out, 8, "\\u%04x", s[0]);
  else if (s[0] == 0xc2 && s[1] < 0xa0)
    (void)snprintf(out, 8, "\\u%04x", s[1]);
  else {
    memcpy(out, s, length);
    out[length] = '\0';
  }
  return length;
}

static size_t escape(char *buffer, size_t size, const char *s, bool quotes)
{
  size_t used = 0;
  for (const unsigned char *p = (const unsigned char *)s; *p;) {
    char one[8];
    p += escape_one(p, quotes, one);
    size_t n = strlen(one);
    if (used + n >= size)
      break;
    memcpy(buffer + used, one, n);
    used += n;
  }
  buffer[used] = '\0';
  return used;
}

size_t text_escape_json(char *buffer, size_t size, const char *s)
{
  return escape(buffer, size, s, true);
}

size_t text_escape_control(char *buffer, size_t size, const char *s)
{
  return escape(buffer, size, s, false);
}

char **text_split(struct arena *arena, const char *s, char separator, size_t *count)
{
  size_t n = 1;
  for (const char *p = s; *p; p++)
    n += *p == separator;
  char **parts = arena_array(arena, n + 1, sizeof *parts);
  char *copy = arena_strdup(arena, s);
  for (size_t i = 0; i < n; i++) {
    parts[i] = copy;
    copy = strchrnul(copy, separator);
    if (*copy)
      *copy++ = '\0';
  }
  *count = n;
  return parts;
}

void text_unescape_octal(char *s)
{
  char *to = s;
  for (; *s; to++)
    if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0'
        && s[3] <= '7') {
      *to = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
      s += 4;
    } else
      *to = *s++;
  *to = '\0';
}
