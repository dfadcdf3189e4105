/* SPDX-License-Identifier: Apache-2.0
 * hull(1) and the page of each command: synopsis, options and exit status from the tables, the rest from
 * docs/commands/NAME.txt. */
#include "docs/generate.h"
#include <string.h>

static void add_option(struct text *out, const struct option_row *row, struct prose *prose)
{
  const char letters[] = { row->letter, row->other_letter };
  const struct prose_part *more = prose_find(prose, PART_OPTION, row->name);
  text_add(out, ".TP\n");
  for (size_t i = 0; i < sizeof letters; i++)
    if (letters[i])
      text_addf(out, "\\fB\\-%c\\fR, ", letters[i]);
  roff_bold(out, arena_printf(out->arena, "--%s", row->name));
  if (row->value)
    text_addf(out, " \\fI%s\\fR", row->value);
  text_add(out, "\n");
  const char *help = row->help ? row->help : "Taken for callers of other runtimes.";
  roff_line(out, help);
  if (row->kind == OPTION_LIST && !strstr(help, "repeat"))
    text_add(out, "(May be repeated.)\n");
  if (more) {
    text_add(out, ".IP\n");
    roff_prose(out, more->text);
  }
}

static void add_options(struct text *out, const char *title, const struct option_row *rows,
                        struct prose *prose)
{
  text_addf(out, ".SH %s\n", title);
  for (const struct option_row *row = options_first(rows); row; row = options_next(row))
    add_option(out, row, prose);
  text_add(out, ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nshow a summary of the options\n");
}

static void add_description(struct text *out, struct prose *prose)
{
  const struct prose_part *text = prose_find(prose, PART_TEXT, "");
  text_add(out, ".SH DESCRIPTION\n");
  roff_prose(out, text->text);
  if (!text->text[strspn(text->text, " \n")])
    complain("docs/%s: says nothing before its first section", prose->file);
}

static void add_section(struct text *out, struct prose_part *part)
{
  text_addf(out, ".SH %s\n", part->name);
  roff_prose(out, part->text);
}

/* Sections in the order of their file. */
static void add_sections(struct text *out, struct prose *prose)
{
  for (size_t i = 0; i < prose->count; i++)
    if (prose->parts[i].kind == PART_SECTION)
      add_section(out, &prose->parts[i]);
}

static bool has_page(const char *name)
{
  return command_find(name) != NULL;
}

static void add_see_also(struct text *out, struct prose *prose, bool overview)
{
  const struct prose_part *see = prose_find(prose, PART_SEE, NULL);
  size_t count = 0;
  char **names = text_split(out->arena, see ? see->name : "", ' ', &count);
  text_addf(out, ".SH SEE ALSO\n%s", overview ? "" : ".BR hull (1),\n");
  for (size_t i = 0; i < count; i++) {
    if (!*names[i])
      continue;
    if (!has_page(names[i]))
      complain("docs/%s: @see names '%s', which is no command", prose->file, names[i]);
    text_addf(out, ".BR hull\\-%s (1),\n", names[i]);
  }
  text_add(out, ".BR hull\\-config (5)\n");
}

static void complain_of_unused(const struct prose *prose)
{
  for (size_t i = 0; i < prose->count; i++)
    if (prose->parts[i].kind == PART_OPTION && !prose->parts[i].used)
      complain("docs/%s: option '%s' is not in the table", prose->file, prose->parts[i].name);
}

/* Where the file does not say it better. */
static void add_exit_status(struct text *out, const struct command *command, struct prose *prose)
{
  if (prose_find(prose, PART_SECTION, "EXIT STATUS"))
    return;
  text_addf(out,
            ".SH EXIT STATUS\n0 on success, %d after an error, which is one line on standard error (or in "
            "the\nlog).\n",
            command->error_status ? command->error_status : 1);
}

void page_command(struct text *out, const struct command *command, struct prose *prose)
{
  roff_header(out, arena_printf(out->arena, "hull-%s", command->name), "1");
  text_add(out, ".SH NAME\n");
  roff_line(out, arena_printf(out->arena, "hull-%s - %s", command->name, command->summary));
  text_addf(out, ".SH SYNOPSIS\n\\fBhull\\fR [\\fIGLOBAL OPTION\\fR...] \\fB%s\\fR [\\fIOPTION\\fR...]%s",
            command->name, *command->arguments ? " " : "");
  roff_line(out, command->arguments);
  add_description(out, prose);
  add_options(out, "OPTIONS", command->options, prose);
  text_add(out, ".PP\nThe global options, which stand before the command, are in\n.BR hull (1).\n");
  if (command->options_end == OPTIONS_BEFORE)
    text_add(out, "Options end at the first argument: what follows belongs to somebody else.\n");
  add_exit_status(out, command, prose);
  add_sections(out, prose);
  add_see_also(out, prose, false);
  complain_of_unused(prose);
}

void page_hull(struct text *out, struct prose *prose)
{
  roff_header(out, "hull", "1");
  text_add(out, ".SH NAME\nhull \\- create and run OCI containers\n"
                ".SH SYNOPSIS\n\\fBhull\\fR [\\fIOPTION\\fR...] \\fICOMMAND\\fR [\\fIOPTION\\fR...] "
                "[\\fIARGUMENT\\fR...]\n");
  add_description(out, prose);
  text_add(out, ".SH COMMANDS\n");
  for (const struct command *const *command = commands; *command; command++) {
    text_addf(out, ".TP\n.BR hull\\-%s (1)\n", (*command)->name);
    roff_line(out, (*command)->summary);
  }
  add_options(out, "OPTIONS", global_options, prose);
  add_sections(out, prose);
  add_see_also(out, prose, true);
  complain_of_unused(prose);
}
