/* SPDX-License-Identifier: Apache-2.0
 * Writes JSON piece by piece into a text. Bytes that are not UTF-8 (a path may hold any) become U+FFFD, so
 * that the result is always valid JSON. */
#include "spec/json_write.h"

#include <string.h>

struct json_writer {
  struct text *out;
  unsigned indent;
  unsigned depth;
  bool first;     /* nothing was written yet within the innermost bracket */
  bool after_key; /* the value belongs on this line */
};

struct json_writer *json_writer_create(struct text *out, unsigned indent)
{
  struct json_writer *w = arena_alloc(out->arena, sizeof *w);
  *w = (struct json_writer){ .out = out, .indent = indent, .first = true };
  return w;
}

static void new_line(struct json_writer *w)
{
  if (w->indent == 0)
    return;
  text_add_bytes(w->out, "\n", 1);
  for (unsigned i = 0; i < w->depth * w->indent; i++)
    text_add_bytes(w->out, " ", 1);
}

/* What stands between the last thing written and the next one. */
static void separate(struct json_writer *w)
{
  if (w->after_key) {
    w->after_key = false;
    return;
  }
  if (!w->first)
    text_add_bytes(w->out, ",", 1);
  if (w->depth > 0)
    new_line(w);
  w->first = false;
}

static void begin(struct json_writer *w, const char *bracket)
{
  separate(w);
  text_add(w->out, bracket);
  w->depth++;
  w->first = true;
}

static void end(struct json_writer *w, const char *bracket)
{
  w->depth--;
  if (!w->first)
    new_line(w);
  text_add(w->out, bracket);
  w->first = false;
}

void json_begin_object(struct json_writer *w)
{
  begin(w, "{");
}

void json_end_object(struct json_writer *w)
{
  end(w, "}");
}

void json_begin_array(struct json_writer *w)
{
  begin(w, "[");
}

void json_end_array(struct json_writer *w)
{
  end(w, "]");
}

/* Length of the UTF-8 character at 's' (NUL-terminated), 0 if there is none. */
static size_t utf8_length(const unsigned char *s)
{
  size_t length = *s < 0x80                 ? 1
                  : *s >= 0xc2 && *s < 0xe0 ? 2
                  : (*s & 0xf0) == 0xe0     ? 3
                  : *s >= 0xf0 && *s < 0xf5 ? 4
                                            : 0;
  for (size_t i = 1; i < length; i++)
    if ((s[i] & 0xc0) != 0x80)
      return 0;
  bool overlong = (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xf0 && s[1] < 0x90);
  bool outside = (*s == 0xed && s[1] >= 0xa0) || (*s == 0xf4 && s[1] >= 0x90);
  return overlong || outside ? 0 : length;
}

static void add_escape(struct text *out, unsigned char c)
{
  static const char letters[] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'
  };
  if (c < sizeof letters && letters[c])
    text_addf(out, "\\%c", letters[c]);
  else
    text_addf(out, "\\u%04x", c);
}

static void add_quoted(struct text *out, const char *value)
{
  text_add_bytes(out, "\"", 1);
  const unsigned char *s = (const unsigned char *)value, *plain = s;
  while (*s) {
    size_t length = utf8_length(s);
    if (length > 0 && *s >= ' ' && *s != '"' && *s != '\\' && *s != 127) {
      s += length;
      continue;
    }
    text_add_bytes(out, (const char *)plain, (size_t)(s - plain));
    if (length > 0)
      add_escape(out, *s);
    else
      text_add(out, "\xef\xbf\xbd");
    plain = ++s;
  }
  text_add_bytes(out, (const char *)plain, (size_t)(s - plain));
  text_add_bytes(out, "\"", 1);
}

void json_key(struct json_writer *w, const char *key)
{
  separate(w);
  add_quoted(w->out, key);
  text_add(w->out, w->indent > 0 ? ": " : ":");
  w->after_key = true;
}

void json_string(struct json_writer *w, const char *value)
{
  separate(w);
  if (value)
    add_quoted(w->out, value);
  else
    text_add(w->out, "null");
}

void json_int(struct json_writer *w, int64_t value)
{
  separate(w);
  text_addf(w->out, "%lld", (long long)value);
}

void json_uint(struct json_writer *w, uint64_t value)
{
  separate(w);
  text_addf(w->out, "%llu", (unsigned long long)value);
}

void json_real(struct json_writer *w, double value)
{
  separate(w);
  text_addf(w->out, "%.2f", value);
}

void json_bool(struct json_writer *w, bool value)
{
  separate(w);
  text_add(w->out, value ? "true" : "false");
}

void json_raw(struct json_writer *w, const char *json, size_t length)
{
  separate(w);
  text_add_bytes(w->out, json, length);
}

void json_finish(struct json_writer *w)
{
  w->first = true;
}
