/* SPDX-License-Identifier: Apache-2.0
 * config.md, "POSIX-platform Hooks". */
#include "spec/types.h"
#include "spec/spec.h"

static const struct field hook_fields[] = {
  ROW("path", STRING, hook, path, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("args", STRINGS, hook, args),
  ROW("env", STRINGS, hook, env),
  /* At least 1; the largest is what fits into milliseconds of an int, 24 days. */
  ROW("timeout", I64, hook, timeout, .min = 1, .max = 2147483),
  { .key = NULL },
};
static const struct type hook_type = { "hook", sizeof(struct hook), hook_fields };

static const struct field hooks_fields[] = {
  ROW("prestart", OBJECTS, hooks, prestart, .type = &hook_type, .flags = FIELD_DEPRECATED),
  ROW("createRuntime", OBJECTS, hooks, create_runtime, .type = &hook_type),
  ROW("createContainer", OBJECTS, hooks, create_container, .type = &hook_type),
  ROW("startContainer", OBJECTS, hooks, start_container, .type = &hook_type),
  ROW("poststart", OBJECTS, hooks, poststart, .type = &hook_type),
  ROW("poststop", OBJECTS, hooks, poststop, .type = &hook_type),
  { .key = NULL },
};
const struct type hooks_type = { "hooks", sizeof(struct hooks), hooks_fields };
