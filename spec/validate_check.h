/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of validate: what a check gets, and how it complains. */
#pragma once
#include "spec/decode.h"
#include "spec/spec.h"

struct type;
struct checking {
  const struct spec *spec;       /* NULL when a process is checked alone */
  const struct process *process; /* may be NULL */
  const char *start;             /* pointer of the document checked: "" but for parts */
  const char *process_at;        /* pointer of 'process' */
  struct problems *problems;
};

/* refuse (c, pointer, format, ...): an error; warn(): a warning. */
#define refuse(c, ...) problem_add((c)->problems, false, __VA_ARGS__)
#define warn(c, ...) problem_add((c)->problems, true, __VA_ARGS__)
/* A pointer for problem_add(), which copies it. */
#define at(c, ...) arena_printf((c)->problems->arena, __VA_ARGS__)

/* A named check; the tables of these are what `validate` is. */
struct check {
  const char *name;
  void (*run)(const struct checking *c);
};

void check_support(const struct checking *c, const struct type *type, const void *object);
extern const struct check process_checks[]; /* end with name NULL */
extern const struct check linux_checks[];

/* Row of 'type' in linux.namespaces, or NULL: then there may be one that the decoder did not understand. */
const struct namespace_ref *find_namespace(const struct spec *spec, enum namespace_type type);
/* True if there is surely none. */
bool lacks_namespace(const struct checking *c, enum namespace_type type);
