/* SPDX-License-Identifier: Apache-2.0
 * The option parser. getopt_long(3) is not used because it prints, permutes argv, and lacks -name. */
#include "cmd/options.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/words.h"
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#define SUGGESTIONS_MAX 64
#define HELP_COLUMN 36 /* the farthest right that a help begins */
#define HELP_GAP 2
#define HELP_WIDTH 79
#define PRESERVE_MAX 65536 /* far beyond RLIMIT_NOFILE's usual values; keeps 3 + count an int */

struct parser {
  const struct option_row *rows;
  char *values;
  struct arena *arena;
  char *const *next; /* the word after the current one */
  struct error *err;
};

const struct option_row *options_next(const struct option_row *row)
{
  return row[1].name ? row + 1 : row[1].more;
}

const struct option_row *options_first(const struct option_row *rows)
{
  return rows->name ? rows : rows->more;
}

static const struct option_row *find_name(const struct option_row *rows, const char *name, size_t length)
{
  for (const struct option_row *row = options_first(rows); row; row = options_next(row))
    if (strncmp(row->name, name, length) == 0 && !row->name[length])
      return row;
  return NULL;
}

static const struct option_row *find_letter(const struct option_row *rows, char letter)
{
  for (const struct option_row *row = options_first(rows); row; row = options_next(row))
    if (row->letter == letter || row->other_letter == letter)
      return row;
  return NULL;
}

static int unknown_option(struct parser *p, const char *word, size_t length)
{
  const char *names[SUGGESTIONS_MAX];
  size_t count = 0;
  for (const struct option_row *row = options_first(p->rows); row && count < SUGGESTIONS_MAX;
       row = options_next(row))
    names[count++] = row->name;
  char *wrong = arena_strndup(p->arena, word, length);
  const char *meant = names_nearest_of(names, count, wrong + strspn(wrong, "-"));
  if (meant)
    return error_set(p->err, ERROR_USAGE, 0, "unknown option '%s' (did you mean '--%s'?)", wrong, meant);
  return error_set(p->err, ERROR_USAGE, 0, "unknown option '%s'", wrong);
}

static int store_choice(struct parser *p, const struct option_row *row, const char *value, long *to)
{
  const struct name *choice = names_find(row->choices, value);
  if (!choice)
    return error_set(p->err, ERROR_USAGE, 0, "option '--%s' must be %s, not '%s'", row->name, row->value,
                     value);
  *to = choice->value;
  return 0;
}

static int store_count(struct parser *p, const struct option_row *row, const char *value, unsigned *to)
{
  uint64_t count;
  if (parse_u64(value, PRESERVE_MAX, &count) < 0)
    return error_set(p->err, ERROR_USAGE, 0, "option '--%s' must be a number from 0 to %d, not '%s'",
                     row->name, PRESERVE_MAX, value);
  *to = (unsigned)count;
  return 0;
}

/* Go programs take --flag=false. */
static int store_flag(struct parser *p, const struct option_row *row, const char *value, bool *to)
{
  static const struct name words[] = {
    { "true", true }, { "false", false }, { "1", true }, { "0", false }, { 0 }
  };
  const struct name *word = value ? names_find(words, value) : &words[0];
  if (!word)
    return error_set(p->err, ERROR_USAGE, 0, "option '--%s' is true or false, not '%s'", row->name, value);
  *to = word->value;
  return 0;
}

static int store(struct parser *p, const struct option_row *row, const char *value)
{
  void *to = p->values + row->at;
  switch (row->kind) {
  case OPTION_FLAG:
    return store_flag(p, row, value, to);
  case OPTION_STRING:
    *(const char **)to = value;
    return 0;
  case OPTION_COUNT:
    return store_count(p, row, value, to);
  case OPTION_CHOICE:
    return store_choice(p, row, value, to);
  case OPTION_LIST:
    *(char **)vec_push(p->arena, (struct strings *)to) = arena_strdup(p->arena, value);
    return 0;
  case OPTION_ORDERED:
    *(char **)vec_push(p->arena, (struct strings *)to) = arena_strdup(p->arena, row->name);
    *(char **)vec_push(p->arena, (struct strings *)to) = arena_strdup(p->arena, value);
    return 0;
  }
  return -1;
}

/* 'value' is what was joined to the option, or NULL: then the next word is it. */
static int take(struct parser *p, const struct option_row *row, const char *value)
{
  if (row->kind != OPTION_FLAG && !value) {
    value = *p->next;
    /* Callers look for the words of runc or of crun here. */
    if (!value)
      return error_set(p->err, ERROR_USAGE, 0,
                       "option '--%s' " WORDS_NEEDS_VALUE " (" WORDS_FLAG_NEEDS_VALUE ": -%s)", row->name,
                       row->name);
    p->next++;
  }
  return store(p, row, value);
}

/* '-xyz': flags up to the first letter that takes a value, which is the rest of the word or the next word. */
static int take_letters(struct parser *p, const char *word)
{
  for (const char *letter = word + 1; *letter; letter++) {
    const struct option_row *row = find_letter(p->rows, *letter);
    if (!row)
      return unknown_option(p, word, strcspn(word, "="));
    const char *rest = letter[1] == '=' ? letter + 2 : letter[1] ? letter + 1 : NULL;
    if (row->kind == OPTION_FLAG && letter[1] != '=')
      rest = NULL;
    if (take(p, row, rest) < 0)
      return -1;
    if (row->kind != OPTION_FLAG || rest)
      return 0;
  }
  return 0;
}

static int take_word(struct parser *p, const char *word)
{
  const char *name = word + (word[1] == '-' ? 2 : 1);
  size_t length = strcspn(name, "=");
  const struct option_row *row = find_name(p->rows, name, length);
  if (row && (length > 1 || word[1] == '-'))
    return take(p, row, name[length] ? name + length + 1 : NULL);
  if (word[1] == '-')
    return unknown_option(p, word, length + 2);
  return take_letters(p, word);
}

static bool is_help(const char *word)
{
  return text_equal(word, "--help") || text_equal(word, "-h") || text_equal(word, "-help");
}

int options_parse(const struct option_row *rows, void *values, enum options_end end, struct arena *arena,
                  char *const *argv, struct arguments *arguments, struct error *err)
{
  struct parser p = { .rows = rows, .values = values, .arena = arena, .next = argv, .err = err };
  size_t words = 0;
  while (argv[words])
    words++;
  *arguments = (struct arguments){ .items = arena_array(arena, words + 1, sizeof *arguments->items) };

  bool options_over = false;
  while (*p.next) {
    char *word = *p.next++;
    if (options_over || word[0] != '-' || !word[1]) {
      arguments->items[arguments->count++] = word;
      options_over |= end == OPTIONS_BEFORE;
    } else if (text_equal(word, "--")) {
      options_over = true;
    } else if (is_help(word)) {
      arguments->help = true;
      return 0;
    } else if (take_word(&p, word) < 0) {
      return -1;
    }
  }
  return 0;
}

/* "  -b, --bundle DIR" */
static size_t option_width(const struct option_row *row)
{
  return strlen("  -x, --") + strlen(row->name) + (row->value ? 1 + strlen(row->value) : 0);
}

void options_wrap(struct text *out, const char *help, size_t column)
{
  const size_t room = HELP_WIDTH - column;
  while (strlen(help) > room) {
    size_t length = room;
    while (length > 0 && help[length] != ' ')
      length--;
    if (length == 0)
      break;
    text_addf(out, "%.*s\n%*s", (int)length, help, (int)column, "");
    help += length + 1;
  }
  text_addf(out, "%s\n", help);
}

static void help_line(struct text *out, const struct option_row *row, size_t column)
{
  if (row->letter)
    text_addf(out, "  -%c, --%s", row->letter, row->name);
  else
    text_addf(out, "      --%s", row->name);
  if (row->value)
    text_addf(out, " %s", row->value);
  const size_t used = option_width(row);
  if (used + HELP_GAP > column)
    text_addf(out, "\n%*s", (int)column, "");
  else
    text_addf(out, "%*s", (int)(column - used), "");
  options_wrap(out, row->help, column);
}

static bool is_shown(const struct option_row *row)
{
  return row->help && !row->manual_only;
}

void options_help(const struct option_row *rows, struct text *out)
{
  static const struct option_row help = { .name = "help", .letter = 'h', .help = "show this" };
  size_t column = option_width(&help) + HELP_GAP;
  for (const struct option_row *row = options_first(rows); row; row = options_next(row))
    if (is_shown(row) && option_width(row) + HELP_GAP > column && option_width(row) + HELP_GAP <= HELP_COLUMN)
      column = option_width(row) + HELP_GAP;
  for (const struct option_row *row = options_first(rows); row; row = options_next(row))
    if (is_shown(row))
      help_line(out, row, column);
  help_line(out, &help, column);
}
