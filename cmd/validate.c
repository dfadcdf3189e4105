/* SPDX-License-Identifier: Apache-2.0
 * `hull validate`: checks a config.json without making anything. Prints every problem on its own line:
 * warnings to standard output, errors to standard error. */
#include "cmd/command.h"
#include "cmd/print.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/path.h"
#include "libcontainer/plan/plan.h"
#include "spec/decode.h"
#include "spec/problem.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { VALIDATE_TEXT, VALIDATE_JSON };

static struct {
  const char *bundle, *config;
  long format;
} given;
typedef __typeof__(given) validate_values;

static const struct name formats[] = { { "text", VALIDATE_TEXT }, { "json", VALIDATE_JSON }, { 0 } };

/* clang-format off */
static const struct option_row options[] = {
  { .name = "bundle", .letter = 'b', .value = "DIR", .kind = OPTION_STRING,
    OPTION_AT (validate_values, bundle), .help = "directory of config.json (default: here)" },
  { .name = "config", .letter = 'f', .value = "FILE", .kind = OPTION_STRING,
    OPTION_AT (validate_values, config), .help = "file instead of config.json" },
  { .name = "format", .value = "text|json", .kind = OPTION_CHOICE, .choices = formats,
    OPTION_AT (validate_values, format), .help = "json: an array of all problems on standard output" },
  { 0 },
};
/* clang-format on */

static enum cgroup_manager_choice manager(const struct globals *globals)
{
  return globals->systemd_cgroup ? MANAGER_SYSTEMD : (enum cgroup_manager_choice)globals->cgroup_manager;
}

static void check(const struct call *call, const char *bytes, size_t length, struct problems *problems)
{
  struct spec spec;
  struct strings unknown = { 0 };
  char **key;
  memset(&spec, 0, sizeof spec);
  (void)decode_config_report(&spec, bytes, length, problems, &unknown);
  if (!problems->stopped)
    vec_each (&unknown, key)
      problem_add(problems, true, *key, "unknown key, ignored");
  plan_check(&spec, manager(call->globals), problems);
  problems_place(problems, bytes, length);
}

/* Security: values from the document may hold terminal control sequences. */
static void add_problem(struct text *out, const struct problems *problems, const struct problem *problem)
{
  char line[2048], safe[6 * sizeof line];
  (void)problem_format(problems, problem, line, sizeof line);
  (void)text_escape_control(safe, sizeof safe, line);
  text_addf(out, "%s%s\n", safe, problem->warning ? " (warning)" : "");
}

static void add_object(struct text *out, const struct problem *problem)
{
  text_addf(out,
            "%s{\"level\": \"%s\", \"line\": %u, \"column\": %u, \"pointer\": ", out->length ? ",\n " : "[",
            problem->warning ? "warning" : "error", problem->line, problem->column);
  print_json_string(out, problem->pointer ? problem->pointer : "");
  text_add(out, ", \"message\": ");
  print_json_string(out, problem->message);
  text_add(out, "}");
}

static int print_objects(const struct call *call, const struct problems *problems, struct error *err)
{
  struct text out;
  text_init(&out, call->arena);
  for (unsigned i = 0; i < problems->count && i < PROBLEMS_MAX; i++)
    add_object(&out, &problems->items[i]);
  text_add(&out, out.length ? "]\n" : "[]\n");
  return print(text_string(&out), err);
}

static int run(const struct call *call, struct hull_error *error)
{
  struct error *err = error_inside(error);
  const char *name = given.config ? given.config : "config.json";
  const char *path = path_absolute(call->arena, given.bundle ? given.bundle : ".", name);
  size_t length;
  char *bytes = file_read(call->arena, AT_FDCWD, path, CONFIG_MAX_BYTES, &length, err);
  if (!bytes)
    return -1;

  struct problems problems = { .arena = call->arena, .document = name };
  check(call, bytes, length, &problems);
  struct text warnings, errors;
  text_init(&warnings, call->arena);
  text_init(&errors, call->arena);
  for (unsigned i = 0; i < problems.count && i < PROBLEMS_MAX; i++)
    add_problem(problems.items[i].warning ? &warnings : &errors, &problems, &problems.items[i]);
  if (given.format == VALIDATE_JSON ? print_objects(call, &problems, err) < 0
                                    : print(text_string(&warnings), err) < 0)
    return -1;
  if (problems.errors == 0)
    return 0;
  if (given.format == VALIDATE_TEXT)
    (void)fd_write_all(STDERR_FILENO, text_string(&errors), errors.length);
  return error_set(err, ERROR_CONFIG, 0, "'%s' has %u error%s", path, problems.errors,
                   problems.errors == 1 ? "" : "s");
}

const struct command validate_command = {
  .name = "validate",
  .arguments = "",
  .summary = "check a config.json and print all that is wrong with it",
  .brief = "check a config.json",
  .group = GROUP_BUNDLE,
  .options = options,
  .values = &given,
  .run = run,
};
