/* SPDX-License-Identifier: Apache-2.0
 * `hull steps`: the order in which containers are made, from the tables themselves. */
#include "cmd/callers.h"
#include "cmd/command.h"
#include "cmd/print.h"

enum { STEPS_TEXT, STEPS_JSON };

static struct {
  bool json, callers;
  long format;
} given;
typedef __typeof__(given) steps_values;

static const struct name formats[] = { { "text", STEPS_TEXT }, { "json", STEPS_JSON }, { 0 } };

static const struct option_row options[] = {
  { .name = "format",
    .letter = 'f',
    .value = "text|json",
    .kind = OPTION_CHOICE,
    .choices = formats,
    OPTION_AT(steps_values, format),
    .help = "form of the output" },
  { .name = "json", .kind = OPTION_FLAG, OPTION_AT(steps_values, json), .help = "the same as --format json" },
  { .name = "callers",
    .kind = OPTION_FLAG,
    OPTION_AT(steps_values, callers),
    .help = "instead: the exit statuses and words of messages that programs rely on" },
  { 0 },
};

static void add_line(void *data, const char *table, const char *name, const char *why)
{
  text_addf(data, "%s %s\t%s\n", table, name, why ? why : "");
}

static void add_object(void *data, const char *table, const char *name, const char *why)
{
  struct text *out = data;
  text_add(out, out->length ? ",\n  {\"table\": " : "[\n  {\"table\": ");
  print_json_string(out, table);
  text_add(out, ", \"name\": ");
  print_json_string(out, name);
  text_add(out, ", \"why\": ");
  print_json_string(out, why ? why : "");
  text_add(out, "}");
}

static void add_callers(struct text *out)
{
  for (const struct caller_row *row = caller_rows; row->situation; row++)
    text_addf(out, "%s\t%d\t%s\t%s\n", row->situation, row->status, row->words, row->caller);
}

static void add_callers_json(struct text *out)
{
  for (const struct caller_row *row = caller_rows; row->situation; row++) {
    text_add(out, out->length ? ",\n  {\"situation\": " : "[\n  {\"situation\": ");
    print_json_string(out, row->situation);
    text_addf(out, ", \"status\": %d, \"words\": ", row->status);
    print_json_string(out, row->words);
    text_add(out, ", \"caller\": ");
    print_json_string(out, row->caller);
    text_add(out, "}");
  }
}

static int run(const struct call *call, struct hull_error *error)
{
  struct text out;
  text_init(&out, call->arena);
  given.json |= given.format == STEPS_JSON;
  if (given.callers)
    (given.json ? add_callers_json : add_callers)(&out);
  else
    hull_steps(given.json ? add_object : add_line, &out);
  if (given.json)
    text_add(&out, "\n]\n");
  return print(text_string(&out), error_inside(error));
}

const struct command steps_command = {
  .name = "steps",
  .arguments = "",
  .summary = "list the steps and messages that make a container",
  .brief = "how containers are made",
  .options = options,
  .values = &given,
  .run = run,
};
