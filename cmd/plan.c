/* SPDX-License-Identifier: Apache-2.0
 * `hull plan`: prints what create would do, and does nothing. */
#include "cmd/command.h"
#include "cmd/print.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include <fcntl.h>

#define FACTS_MAX_BYTES (1 << 20) /* a document of about 2 KiB */

static struct {
  const char *bundle, *config, *facts;
} given;
typedef __typeof__(given) plan_values;

/* clang-format off */
static const struct option_row options[] = {
  { .name = "bundle", .letter = 'b', .value = "DIR", .kind = OPTION_STRING, OPTION_AT (plan_values, bundle),
    .help = "directory of config.json (default: here)" },
  { .name = "config", .letter = 'f', .value = "FILE", .kind = OPTION_STRING, OPTION_AT (plan_values, config),
    .help = "file instead of config.json" },
  { .name = "facts", .value = "FILE", .kind = OPTION_STRING, OPTION_AT (plan_values, facts),
    .help = "JSON instead of what this host can do" },
  { 0 },
};
/* clang-format on */

static int run(const struct call *call, struct hull_error *error)
{
  const char *id = call->arg_count ? call->args[0] : "hull-plan";
  struct hull_create_options create = {
    .size = sizeof create, .bundle = given.bundle, .config = given.config, .console_fd = -1
  };
  log_set_container(id);
  if (call_absolute(call, &create.bundle, error) < 0)
    return -1;
  char *facts = NULL, *json;
  size_t length;
  if (given.facts
      && !(facts =
               file_read(call->arena, AT_FDCWD, given.facts, FACTS_MAX_BYTES, &length, error_inside(error))))
    return -1;
  struct hull *hull = call_open(call, error);
  if (!hull || hull_plan(hull, id, &create, facts, &json, error) < 0)
    return -1;
  struct text out;
  text_init(&out, call->arena);
  text_add(&out, json);
  if (!text_ends_with(json, "\n"))
    text_add(&out, "\n");
  hull_free(json);
  return print(text_string(&out), error_inside(error));
}

const struct command plan_command = {
  .name = "plan",
  .arguments = "[ID]",
  .summary = "print what create would do as JSON, and do nothing",
  .brief = "what create would do",
  .group = GROUP_BUNDLE,
  .options = options,
  .values = &given,
  .max_args = 1,
  .run = run,
};
