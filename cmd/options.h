/* SPDX-License-Identifier: Apache-2.0
 * Command line options as rows of a table: parsing, help, and later completion and man pages come from the
 * same rows. Pure: reads argv, fills a struct, prints nothing. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/base/names.h"
#include "libcontainer/base/text.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stddef.h>

enum option_kind {
  OPTION_FLAG,   /* bool */
  OPTION_STRING, /* const char *; the last one counts */
  OPTION_COUNT,  /* unsigned */
  OPTION_CHOICE, /* long, the value in 'choices' */
  OPTION_LIST,   /* struct strings; every one counts */
  OPTION_ORDERED /* struct strings, the same of several options: name and value by turns, as they came */
};

struct option_row {
  const char *name;              /* long name without dashes; NULL ends the table */
  const struct option_row *more; /* in the last row: the table goes on there (options shared by commands) */
  const char *value;             /* what the value is called in the help; NULL for flags */
  const char *help;              /* NULL: taken, not shown */
  const struct name *choices;
  size_t at; /* offset in the struct of values */
  enum option_kind kind;
  char letter, other_letter; /* 0: none */
  bool manual_only;          /* not in --help: of use to few */
};
#define OPTION_AT(type, member) .at = offsetof(type, member)

enum options_end {
  OPTIONS_ANYWHERE, /* options may stand behind arguments */
  OPTIONS_BEFORE    /* the first argument ends them: what follows belongs to somebody else */
};

struct arguments {
  char **items; /* NULL-terminated, owned by the arena */
  size_t count;
  bool help; /* --help or -h was met; nothing after it was read */
};

/* Reads 'argv' (without the program's name, NULL-terminated) into 'values' by 'rows'. Taken are --name VALUE,
 * --name=VALUE, the same with one dash (as Go programs do), -x VALUE, -xVALUE and flags in one word (-abc);
 * '--' ends the options. On an error, what stands before it has been stored. */
int options_parse(const struct option_row *rows, void *values, enum options_end end, struct arena *arena,
                  char *const *argv, struct arguments *arguments, struct error *err);

/* All rows of a table, with those of 'more': the first, or NULL; the one after 'row', or NULL. */
const struct option_row *options_first(const struct option_row *rows);
const struct option_row *options_next(const struct option_row *row);

/* Adds the option lines of the help, --help last. */
void options_help(const struct option_row *rows, struct text *out);
/* A text whose lines begin at 'column' and end, between words, within a screen of 80. */
void options_wrap(struct text *out, const char *help, size_t column);
