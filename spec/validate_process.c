/* SPDX-License-Identifier: Apache-2.0
 * Semantic checks of a process object, of config.json or of `exec --process`. */
#include "libcontainer/base/text.h"
#include "spec/names.h"
#include "spec/validate_check.h"

#include <string.h>

static void check_cwd(const struct checking *c)
{
  if (c->process->cwd[0] != '/')
    refuse(c, at(c, "%s/cwd", c->process_at), "'%s' is not absolute", c->process->cwd);
}

static void check_args(const struct checking *c)
{
  const struct strings *args = &c->process->args;
  if (args->count == 0)
    refuse(c, at(c, "%s/args", c->process_at), "at least one argument is required");
  else if (*args->items[0] == '\0')
    refuse(c, at(c, "%s/args/0", c->process_at), "the command must not be empty");
}

static void check_env(const struct checking *c)
{
  const struct strings *env = &c->process->env;
  for (size_t i = 0; i < env->count; i++) {
    if (*env->items[i] == '=' || *env->items[i] == '\0')
      refuse(c, at(c, "%s/env/%zu", c->process_at, i), "'%s' has no name", env->items[i]);
    else if (!strchr(env->items[i], '='))
      warn(c, at(c, "%s/env/%zu", c->process_at, i), "'%s' has no '='", env->items[i]);
  }
}

#define CONSOLE_MAX UINT16_MAX /* struct winsize */

static void check_console(const struct checking *c)
{
  const struct console_size *size = c->process->console_size;
  if (!size || !c->process->terminal.value) /* config.md: to be ignored without a terminal */
    return;
  if (size->height.value > CONSOLE_MAX || size->width.value > CONSOLE_MAX)
    refuse(c, at(c, "%s/consoleSize", c->process_at), "height and width go up to %d", CONSOLE_MAX);
}

static const struct posix_rlimit *same_rlimit_before(const struct process *process,
                                                     const struct posix_rlimit *limit)
{
  for (const struct posix_rlimit *r = process->rlimits.items; r < limit; r++)
    if (r->type.value == limit->type.value)
      return r;
  return NULL;
}

static void check_rlimits(const struct checking *c)
{
  const struct posix_rlimit *limit;
  vec_each (&c->process->rlimits, limit) {
    size_t i = vec_index(&c->process->rlimits, limit);
    if (limit->soft.value > limit->hard.value)
      refuse(c, at(c, "%s/rlimits/%zu/soft", c->process_at, i), "%llu is above hard limit %llu",
             (unsigned long long)limit->soft.value, (unsigned long long)limit->hard.value);
    if (same_rlimit_before(c->process, limit)) {
      refuse(c, at(c, "%s/rlimits/%zu/type", c->process_at, i), "%s is listed twice",
             names_of(rlimit_names, limit->type.value));
      return; /* one is enough, and there are only 16 kinds */
    }
  }
}

static void check_capability_set(const struct checking *c, const char *set, const struct strings *names)
{
  for (size_t i = 0; i < names->count; i++) {
    if (names_find(capability_names, names->items[i]))
      continue;
    const char *nearest = names_nearest(capability_names, names->items[i]);
    warn(c, at(c, "%s/capabilities/%s/%zu", c->process_at, set, i),
         "unknown capability '%s'%s%s%s: not granted", names->items[i], nearest ? " (did you mean '" : "",
         nearest ? nearest : "", nearest ? "'?)" : "");
  }
}

/* config.md: what cannot be granted is a warning. */
static void check_capabilities(const struct checking *c)
{
  const struct capabilities *caps = c->process->capabilities;
  if (!caps)
    return;
  check_capability_set(c, "bounding", &caps->bounding);
  check_capability_set(c, "effective", &caps->effective);
  check_capability_set(c, "permitted", &caps->permitted);
  check_capability_set(c, "inheritable", &caps->inheritable);
  check_capability_set(c, "ambient", &caps->ambient);
}

const struct check process_checks[] = {
  { "cwd", check_cwd },
  { "args", check_args },
  { "env", check_env },
  { "console size", check_console },
  { "rlimits", check_rlimits },
  { "capabilities", check_capabilities },
  { NULL, NULL },
};
