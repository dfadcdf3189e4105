/* SPDX-License-Identifier: Apache-2.0
 * Completions for bash, fish and zsh: what a word may be comes from the option rows and from how a command
 * writes its arguments ("ID [SIGNAL]"). The scripts around the tables are in docs/completion/. */
#include "docs/completions.h"
#include "spec/names.h"
#include <ctype.h>
#include <string.h>

#define ARGUMENTS_MAX 8

struct word_kind {
  enum { WORD_NONE, WORD_ANY, WORD_FILE, WORD_DIRECTORY, WORD_ID, WORD_COMMAND, WORD_LIST } kind;
  const char *words; /* WORD_LIST: with blanks between */
};

/* Their ID is a new one. */
static bool makes_container(const struct command *command)
{
  static const char *const names[] = { "create", "plan", "run" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (text_equal(command->name, names[i]))
      return true;
  return false;
}

static struct word_kind words_of(struct arena *arena, const char *separated)
{
  char *words = arena_strdup(arena, separated);
  for (char *c = words; *c; c++)
    if (*c == '|')
      *c = ' ';
  return (struct word_kind){ WORD_LIST, words };
}

static struct word_kind names_in(struct arena *arena, const struct name *names)
{
  struct text out;
  text_init(&out, arena);
  for (const struct name *name = names; name->name; name++)
    text_addf(&out, "%s%s", out.length ? " " : "", name->name);
  return (struct word_kind){ WORD_LIST, text_string(&out) };
}

static struct word_kind value_kind(struct arena *arena, const struct option_row *row)
{
  if (row->kind == OPTION_FLAG)
    return (struct word_kind){ WORD_NONE, NULL };
  if (row->kind == OPTION_CHOICE)
    return names_in(arena, row->choices);
  if (text_starts_with(row->value, "CAP_"))
    return names_in(arena, capability_names);
  if (strcmp(row->value, "DIR") == 0)
    return (struct word_kind){ WORD_DIRECTORY, NULL };
  if (strstr(row->value, "FILE") || strstr(row->value, "PATH") || strcmp(row->value, "NAME") == 0)
    return (struct word_kind){ WORD_FILE, NULL };
  if (strchr(row->value, '|'))
    return words_of(arena, row->value);
  return (struct word_kind){ WORD_ANY, NULL };
}

static bool is_word(const char *s)
{
  for (; *s; s++)
    if (!islower((unsigned char)*s) && *s != '|' && *s != '-')
      return false;
  return true;
}

static struct word_kind argument_kind(struct arena *arena, const struct command *command, const char *name)
{
  if (strcmp(name, "ID") == 0)
    return (struct word_kind){ makes_container(command) ? WORD_ANY : WORD_ID, NULL };
  if (strcmp(name, "SIGNAL") == 0)
    return names_in(arena, signal_names);
  if (strcmp(name, "COMMAND") == 0)
    return (struct word_kind){ WORD_COMMAND, NULL };
  if (strcmp(name, "DIR") == 0)
    return (struct word_kind){ WORD_DIRECTORY, NULL };
  if (strcmp(name, "FILE") == 0 || strcmp(name, "PATH") == 0 || strcmp(name, "ARGUMENT") == 0
      || strcmp(name, "ARG") == 0)
    return (struct word_kind){ WORD_FILE, NULL };
  return is_word(name) ? words_of(arena, name) : (struct word_kind){ WORD_ANY, NULL };
}

static size_t argument_kinds(struct arena *arena, const struct command *command, struct word_kind *kinds,
                             size_t max, bool *repeats)
{
  char *names = arena_strdup(arena, command->arguments), *rest = names, *name;
  size_t count = 0;
  *repeats = strstr(command->arguments, "...") != NULL;
  for (char *c = names; *c; c++)
    if (strchr("[].", *c))
      *c = ' ';
  while ((name = strsep(&rest, " ")) != NULL)
    if (*name && strcmp(name, "--") != 0 && count < max)
      kinds[count++] = argument_kind(arena, command, name);
  return count;
}

/* --- tables in the language of a shell --------------------------------------------------------------- */

struct table {
  struct text *out;
  enum shell shell;
};

static void add_quoted(const struct table *t, const char *s, size_t length)
{
  text_add(t->out, "'");
  for (size_t i = 0; i < length; i++) {
    if (s[i] == '\'')
      text_add(t->out, t->shell == SHELL_FISH ? "\\'" : "'\\''");
    else if (s[i] == '\\' && t->shell == SHELL_FISH)
      text_add(t->out, "\\\\");
    else
      text_add_bytes(t->out, s + i, 1);
  }
  text_add(t->out, "'");
}

static void begin_table(const struct table *t, const char *name)
{
  if (t->shell == SHELL_FISH)
    text_addf(t->out, "function __hull_%s\n    switch \"$argv\"\n", name);
  else
    text_addf(t->out, "_hull_%s() {\n  case \"$*\" in\n", name);
}

static void end_table(const struct table *t)
{
  text_add(t->out, t->shell == SHELL_FISH ? "    end\nend\n\n" : "  *) REPLY= ;;\n  esac\n}\n\n");
}

/* A '*' at the end of the pattern stands for anything. */
static void add_row(const struct table *t, const char *pattern, const char *value)
{
  size_t length = strlen(pattern);
  const bool fish = t->shell == SHELL_FISH, open = !fish && length > 0 && pattern[length - 1] == '*';
  text_add(t->out, fish ? "        case " : "  ");
  add_quoted(t, pattern, open ? length - 1 : length);
  text_add(t->out, fish ? "\n            echo " : open ? "*) REPLY=" : ") REPLY=");
  add_quoted(t, value, strlen(value));
  text_add(t->out, fish ? "\n" : " ;;\n");
}

static const char *kind_text(struct arena *arena, const struct word_kind *kind)
{
  static const char *const texts[] = { [WORD_ANY] = "any",
                                       [WORD_FILE] = "files",
                                       [WORD_DIRECTORY] = "directories",
                                       [WORD_ID] = "ids",
                                       [WORD_COMMAND] = "commands" };
  return kind->kind == WORD_LIST ? arena_printf(arena, "words %s", kind->words) : texts[kind->kind];
}

/* A name and, for the shells that show it, what it is. */
static void add_candidate(const struct table *t, struct text *list, const char *name, const char *help)
{
  text_addf(list, "%s%s", list->length ? "\n" : "", name);
  if (t->shell != SHELL_BASH)
    text_addf(list, "%s%s", t->shell == SHELL_FISH ? "\t" : ":", help);
}

static void add_option_list(const struct table *t, const char *name, const struct option_row *rows)
{
  struct text list;
  text_init(&list, t->out->arena);
  for (const struct option_row *row = options_first(rows); row; row = options_next(row))
    if (row->help)
      add_candidate(t, &list, arena_printf(list.arena, "--%s", row->name), row->help);
  add_candidate(t, &list, "--help", "show a summary");
  add_row(t, name, text_string(&list));
}

static void add_values(const struct table *t, const char *name, const struct option_row *rows)
{
  for (const struct option_row *row = options_first(rows); row; row = options_next(row)) {
    const struct word_kind kind = value_kind(t->out->arena, row);
    const char letters[] = { row->letter, row->other_letter };
    if (kind.kind == WORD_NONE)
      continue;
    add_row(t, arena_printf(t->out->arena, "%s --%s", name, row->name), kind_text(t->out->arena, &kind));
    for (size_t i = 0; i < sizeof letters; i++)
      if (letters[i])
        add_row(t, arena_printf(t->out->arena, "%s -%c", name, letters[i]), kind_text(t->out->arena, &kind));
  }
}

static void add_arguments(const struct table *t, const struct command *command)
{
  struct word_kind kinds[ARGUMENTS_MAX];
  bool repeats;
  struct arena *arena = t->out->arena;
  const size_t count = argument_kinds(arena, command, kinds, ARGUMENTS_MAX, &repeats);
  for (size_t i = 0; i < count; i++)
    add_row(t,
            i + 1 == count && repeats ? arena_printf(arena, "%s *", command->name)
                                      : arena_printf(arena, "%s %zu", command->name, i + 1),
            kind_text(arena, &kinds[i]));
}

void completion_tables(struct text *out, enum shell shell)
{
  const struct table t = { out, shell };
  const struct command *const *command;
  struct text names;
  text_init(&names, out->arena);
  for (command = commands; *command; command++)
    add_candidate(&t, &names, (*command)->name, (*command)->brief ? (*command)->brief : (*command)->summary);
  begin_table(&t, "commands");
  add_row(&t, "", text_string(&names));
  end_table(&t);
  begin_table(&t, "options");
  add_option_list(&t, "", global_options);
  for (command = commands; *command; command++)
    add_option_list(&t, (*command)->name, (*command)->options);
  end_table(&t);
  begin_table(&t, "value");
  add_values(&t, "", global_options);
  for (command = commands; *command; command++)
    add_values(&t, (*command)->name, (*command)->options);
  end_table(&t);
  begin_table(&t, "argument");
  for (command = commands; *command; command++)
    add_arguments(&t, *command);
  end_table(&t);
  begin_table(&t, "options_first");
  for (command = commands; *command; command++)
    if ((*command)->options_end == OPTIONS_BEFORE)
      add_row(&t, (*command)->name, "yes");
  end_table(&t);
}
