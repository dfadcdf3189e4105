/* SPDX-License-Identifier: Apache-2.0
 * config-linux.md, "Seccomp". */
#include "spec/types.h"
#include "spec/names.h"
#include "spec/spec.h"

static const struct field arg_fields[] = {
  ROW("index", U64, seccomp_arg, index, .umax = 5, .flags = FIELD_REQUIRED),
  ROW("value", U64, seccomp_arg, value, .flags = FIELD_REQUIRED),
  ROW("valueTwo", U64, seccomp_arg, value_two),
  ROW("op", ENUM, seccomp_arg, op, .names = seccomp_operator_names, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
static const struct type arg_type = { "argument", sizeof(struct seccomp_arg), arg_fields };

static const struct field rule_fields[] = {
  ROW("names", STRINGS, seccomp_rule, names, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("action", ENUM, seccomp_rule, action, .names = seccomp_action_names, .flags = FIELD_REQUIRED),
  ROW("errnoRet", U64, seccomp_rule, errno_ret, .umax = UINT32_MAX),
  ROW("args", OBJECTS, seccomp_rule, args, .type = &arg_type),
  { .key = NULL },
};
static const struct type rule_type = { "rule", sizeof(struct seccomp_rule), rule_fields };

static const struct field seccomp_fields[] = {
  ROW("defaultAction", ENUM, seccomp, default_action, .names = seccomp_action_names, .flags = FIELD_REQUIRED),
  ROW("defaultErrnoRet", U64, seccomp, default_errno_ret, .umax = UINT32_MAX),
  ROW("flags", STRINGS, seccomp, flags, .names = seccomp_flag_names),
  ROW("architectures", STRINGS, seccomp, architectures, .names = seccomp_arch_names),
  ROW("listenerPath", STRING, seccomp, listener_path),
  ROW("listenerMetadata", STRING, seccomp, listener_metadata),
  ROW("syscalls", OBJECTS, seccomp, syscalls, .type = &rule_type),
  { .key = NULL },
};
const struct type seccomp_type = { "seccomp", sizeof(struct seccomp), seccomp_fields };
