/* SPDX-License-Identifier: Apache-2.0
 * `hull seccomp explain`: what the profile of a bundle does with a system call, and which rule says so. */
#include "cmd/command.h"
#include "cmd/print.h"
#include <string.h>

enum { SECCOMP_TEXT, SECCOMP_JSON };

static struct {
  const char *bundle, *config;
  long format;
} given;
typedef __typeof__(given) seccomp_values;

static const struct name formats[] = { { "text", SECCOMP_TEXT }, { "json", SECCOMP_JSON }, { 0 } };

/* clang-format off */
#define SECCOMP(member) OPTION_AT (seccomp_values, member)
static const struct option_row options[] = {
  { .name = "bundle", .letter = 'b', .value = "DIR", .kind = OPTION_STRING, SECCOMP (bundle),
    .help = "directory of config.json (default: here)" },
  { .name = "config", .letter = 'f', .value = "FILE", .kind = OPTION_STRING, SECCOMP (config),
    .help = "file instead of config.json" },
  { .name = "format", .value = "text|json", .kind = OPTION_CHOICE, .choices = formats, SECCOMP (format),
    .help = "sentences, or an array with an object per architecture" },
  { 0 },
};
/* clang-format on */

static int run(const struct call *call, struct hull_error *error)
{
  struct hull_create_options create = { .size = sizeof create,
                                        .bundle = given.bundle ? given.bundle : ".",
                                        .config = given.config };
  char *text;
  if (strcmp(call->args[0], "explain") != 0)
    return error_set(error_inside(error), ERROR_USAGE, 0, "seccomp: 'explain' is expected, not '%s'",
                     call->args[0]);
  if (call_absolute(call, &create.bundle, error) < 0)
    return -1;
  struct hull *hull = call_open(call, error);
  if (!hull
      || hull_seccomp_explain(hull, &create, call->args + 1, given.format == SECCOMP_JSON, &text, error) < 0)
    return -1;
  const int result = print(text, error_inside(error));
  hull_free(text);
  return result;
}

const struct command seccomp_command = {
  .name = "seccomp",
  .arguments = "explain SYSCALL [ARG...]",
  .summary = "say what the seccomp profile of a bundle does with a system call, and which rule says so",
  .brief = "what a profile denies",
  .options = options,
  .values = &given,
  .min_args = 2,
  .max_args = 8,
  .run = run,
};
