/* SPDX-License-Identifier: Apache-2.0
 * Prose to man(7). The few macros used are those that mandoc and groff agree on. */
#include "docs/generate.h"
#include <ctype.h>
#include <string.h>

#define MANUAL_DATE "2026-11-23"
#define LINE_MAX_BYTES 78

void roff_header(struct text *out, const char *name, const char *section)
{
  char *title = arena_strdup(out->arena, name);
  for (char *c = title; *c; c++)
    *c = (char)toupper((unsigned char)*c);
  text_addf(out,
            ".\\\" Made by docs/generate from hull's tables: do not edit.\n.TH %s %s %s \"hull %s\" \"hull "
            "manual\"\n",
            title, section, MANUAL_DATE, hull_version());
}

/* A minus that can be typed, unless it only joins two words. */
static bool is_minus(const char *start, const char *c, bool literal)
{
  return literal || c == start || !isalnum((unsigned char)c[-1]);
}

static void add_escaped(struct text *out, const char *s, size_t length, bool literal)
{
  for (const char *c = s; c < s + length; c++)
    switch (*c) {
    case '\\':
      text_add(out, "\\e");
      break;
    case '\'':
      text_add(out, "\\(aq");
      break;
    case '^':
      text_add(out, "\\(ha");
      break;
    case '~':
      text_add(out, "\\(ti");
      break;
    case '-':
      text_add(out, is_minus(s, c, literal) ? "\\-" : "-");
      break;
    default:
      text_add_bytes(out, c, 1);
    }
}

static void add_start(struct text *out, const char *s)
{
  if (*s == '.')
    text_add(out, "\\&");
}

void roff_bold(struct text *out, const char *s)
{
  text_add(out, "\\fB");
  add_escaped(out, s, strlen(s), true);
  text_add(out, "\\fR");
}

/* In lines of less than 80 bytes, as mandoc would have them. */
static void add_folded(struct text *out, const char *s)
{
  while (strlen(s) > LINE_MAX_BYTES) {
    size_t length = LINE_MAX_BYTES;
    while (length > 0 && !(s[length] == ' ' && s[length + 1] != '.' && s[length - 1] != ' '))
      length--;
    if (length == 0)
      break;
    text_addf(out, "%.*s\n", (int)length, s);
    s += length + strspn(s + length, " ");
  }
  text_addf(out, "%s\n", s);
}

void roff_line(struct text *out, const char *s)
{
  struct text line;
  bool literal = false;
  text_init(&line, out->arena);
  add_start(&line, s);
  for (;;) {
    const size_t length = strcspn(s, "`");
    if (literal)
      text_add(&line, "\\fB");
    add_escaped(&line, s, length, literal);
    if (literal)
      text_add(&line, "\\fR");
    if (!s[length])
      break;
    s += length + 1;
    literal = !literal;
  }
  add_folded(out, text_string(&line));
}

/* --- blocks ---------------------------------------------------------------------------------------- */

struct blocks {
  struct text *out;
  bool literal, paragraph; /* within such lines; a blank line was met since the last text */
  bool begun;              /* there is something before */
};

static void end_literal(struct blocks *b)
{
  if (b->literal)
    text_add(b->out, ".fi\n.RE\n");
  b->literal = false;
}

static void add_literal(struct blocks *b, const char *line)
{
  if (!b->literal)
    text_addf(b->out, "%s.RS 4\n.nf\n", b->begun ? ".PP\n" : "");
  b->literal = true;
  add_start(b->out, line);
  add_escaped(b->out, line, strlen(line), true);
  text_add(b->out, "\n");
}

static void add_text(struct blocks *b, const char *line)
{
  const char *marker = strstr(line, " :: ");
  end_literal(b);
  if (text_starts_with(line, "- ")) {
    text_add(b->out, ".IP \\(bu 2\n");
    roff_line(b->out, line + 2);
  } else if (marker) {
    text_add(b->out, ".TP\n");
    roff_line(b->out, arena_strndup(b->out->arena, line, (size_t)(marker - line)));
    roff_line(b->out, marker + 4);
  } else {
    if (b->paragraph)
      text_add(b->out, ".PP\n");
    roff_line(b->out, line + strspn(line, " "));
  }
  b->paragraph = false;
}

void roff_prose(struct text *out, const char *s)
{
  struct blocks b = { .out = out };
  size_t count;
  char **lines = text_split(out->arena, s, '\n', &count);
  for (size_t i = 0; i < count; i++) {
    if (!*lines[i]) {
      b.paragraph = b.begun;
      if (b.literal && (i + 1 == count || strncmp(lines[i + 1], "    ", 4) != 0))
        end_literal(&b);
    } else if (strncmp(lines[i], "    ", 4) == 0) {
      add_literal(&b, lines[i] + 4);
      b.begun = true;
    } else {
      add_text(&b, lines[i]);
      b.begun = true;
    }
  }
  end_literal(&b);
}
