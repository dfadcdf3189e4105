/* SPDX-License-Identifier: Apache-2.0
 * Whole documents: decoded, checked, and their problems as one error. */
#include "spec/decode.h"
#include "spec/names.h"
#include "spec/problem.h"
#include "spec/types.h"
#include "spec/validate.h"

#include <string.h>

/* Messages about rlimits name them long after the text is gone. */
static void name_rlimits(struct process *process)
{
  struct posix_rlimit *limit;
  vec_each (&process->rlimits, limit)
    limit->type_name = (char *)names_of(rlimit_names, limit->type.value);
}

/* Until version 1.3 of the spec made it a limit, 0 was what a producer without one wrote: podman does. */
static void read_old_pids_limit(struct spec *spec)
{
  struct resources *resources = spec->linux_ ? spec->linux_->resources : NULL;
  const char *version = spec->oci_version;
  if (!resources || !resources->pids || !version || strncmp(version, "1.", 2) != 0)
    return;
  if (strchr("012", version[2]) && version[2] && version[3] == '.' && resources->pids->limit.value == 0)
    resources->pids->limit.set = false;
}

static int finish(struct problems *problems, const char *bytes, size_t length)
{
  if (problems->errors == 0)
    return 0;
  problems_place(problems, bytes, length);
  return -1;
}

int decode_config_report(struct spec *spec, const char *bytes, size_t length, struct problems *problems,
                         struct strings *unknown)
{
  (void)decode(&config_type, spec, bytes, length, problems, unknown);
  if (problems->stopped)
    return -1;
  if (spec->process)
    name_rlimits(spec->process);
  read_old_pids_limit(spec);
  validate_config(spec, problems);
  return finish(problems, bytes, length);
}

void problems_keep_warnings(const struct problems *problems, struct strings *warnings)
{
  for (unsigned i = 0; i < problems->count && i < PROBLEMS_MAX; i++) {
    const struct problem *p = &problems->items[i];
    if (!p->warning)
      continue;
    char **warning = vec_push(problems->arena, warnings);
    *warning = arena_printf(problems->arena, "%s: %s", p->pointer, p->message);
  }
}

int decode_config(struct arena *arena, struct spec *spec, const char *bytes, size_t length,
                  const char *document, struct error *err)
{
  struct problems problems = { .arena = arena, .document = document };
  if (decode_config_report(spec, bytes, length, &problems, NULL) < 0)
    return problems_to_error(&problems, err);
  problems_keep_warnings(&problems, &spec->warnings);
  return 0;
}

int decode_process(struct arena *arena, struct process *process, const char *bytes, size_t length,
                   const char *document, struct error *err)
{
  struct problems problems = { .arena = arena, .document = document };
  if (decode(&process_type, process, bytes, length, &problems, NULL) < 0)
    return problems_to_error(&problems, err);
  name_rlimits(process);
  validate_process(process, "", &problems);
  if (finish(&problems, bytes, length) < 0)
    return problems_to_error(&problems, err);
  return 0;
}

int decode_resources(struct arena *arena, struct resources *resources, const char *bytes, size_t length,
                     const char *document, struct error *err)
{
  struct problems problems = { .arena = arena, .document = document };
  struct strings unknown = { 0 };
  char **pointer;
  if (decode(&resources_type, resources, bytes, length, &problems, &unknown) < 0)
    return problems_to_error(&problems, err);
  vec_each (&unknown, pointer)
    problem_add(&problems, false, *pointer, "unknown property");
  if (finish(&problems, bytes, length) < 0)
    return problems_to_error(&problems, err);
  return 0;
}
