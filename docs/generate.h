/* SPDX-License-Identifier: Apache-2.0
 * What the parts of docs/generate share: the prose beside the tables, roff, and complaints about prose that
 * does not fit the tables. */
#pragma once
#include "cmd/command.h"
#include "libcontainer/base/text.h"

/* One file of prose. */
struct prose {
  const char *file;
  struct prose_part {
    enum { PART_TEXT, PART_SECTION, PART_OPTION, PART_SEE } kind;
    const char *name; /* of the section or option; the words after @see */
    const char *text;
    bool used;
  } * parts;
  size_t count;
};

/* One line to standard error; the program's exit status will be 1. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reads 'file' of the folder with prose; empty, and a complaint, if it is not there. */
struct prose prose_read(struct arena *arena, const char *folder, const char *file);
/* NULL if there is none. Marks it as used. */
struct prose_part *prose_find(struct prose *prose, int kind, const char *name);

/* --- roff.c --- */
void roff_header(struct text *out, const char *name, const char *section);
/* Text of one line: `literal`; the rest escaped. */
void roff_line(struct text *out, const char *s);
/* Bold as it stands, without a line's end. */
void roff_bold(struct text *out, const char *s);
/* Paragraphs, "- item", "term :: explanation", and lines indented by four blanks as they stand. */
void roff_prose(struct text *out, const char *s);

/* --- what is made --- */
void page_hull(struct text *out, struct prose *prose);
void page_command(struct text *out, const struct command *command, struct prose *prose);
void page_config(struct text *out, struct arena *arena, const char *notes);
