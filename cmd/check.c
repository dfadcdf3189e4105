/* SPDX-License-Identifier: Apache-2.0
 * `hull check`: what this host can do for the caller, and with --bundle what of a config would not work here.
 */
#include "cmd/command.h"
#include "cmd/print.h"

enum { CHECK_TEXT, CHECK_JSON };
#define STATUS_USAGE 2

static struct {
  const char *bundle, *config;
  long format;
  bool json;
} given;
typedef __typeof__(given) check_values;

static const struct name formats[] = { { "text", CHECK_TEXT }, { "json", CHECK_JSON }, { 0 } };

/* clang-format off */
#define CHECK(member) OPTION_AT (check_values, member)
static const struct option_row options[] = {
  { .name = "bundle", .letter = 'b', .value = "DIR", .kind = OPTION_STRING, CHECK (bundle),
    .help = "also what the config of this bundle needs" },
  { .name = "config", .letter = 'f', .value = "FILE", .kind = OPTION_STRING, CHECK (config),
    .help = "file instead of its config.json" },
  { .name = "format", .value = "text|json", .kind = OPTION_CHOICE, .choices = formats, CHECK (format),
    .help = "a line for each ability, or an object" },
  { .name = "json", .kind = OPTION_FLAG, CHECK (json), .help = "the same as --format json" },
  { 0 },
};
/* clang-format on */

static int run(const struct call *call, struct hull_error *error)
{
  struct hull_create_options create = { .size = sizeof create,
                                        .bundle = given.bundle,
                                        .config = given.config };
  char *text;
  bool all;
  if (given.config && !given.bundle)
    create.bundle = ".";
  if (call_absolute(call, &create.bundle, error) < 0)
    return -1;
  struct hull *hull = call_open(call, error);
  if (!hull
      || hull_check(hull, create.bundle ? &create : NULL, given.json || given.format == CHECK_JSON, &all,
                    &text, error)
             < 0)
    return -1;
  const int result = print(text, error_inside(error));
  hull_free(text);
  return result < 0 ? -1 : all ? 0 : 1;
}

const struct command check_command = {
  .name = "check",
  .arguments = "",
  .summary = "say what this host can do, what it can't, why, and what to do about it",
  .brief = "what this host can do",
  .options = options,
  .values = &given,
  .group = GROUP_HOST,
  .error_status = STATUS_USAGE,
  .usage_status = STATUS_USAGE,
  .run = run,
};
