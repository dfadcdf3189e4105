/* SPDX-License-Identifier: Apache-2.0
 * libFuzzer target: bytes as a config.json, checked as `validate` does, and as a process document. What
 * decodes must encode to text that decodes to the same. */
#include "libcontainer/base/text.h"
#include "libcontainer/plan/plan.h"
#include "spec/decode.h"
#include "spec/encode.h"
#include "spec/types.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct arena *arena, const struct spec *spec)
{
  struct problems problems = { .arena = arena };
  struct text once, twice;
  struct spec again = { 0 };
  text_init(&once, arena);
  text_init(&twice, arena);
  encode(&config_type, spec, ENCODE_PRETTY, &once);
  if (decode(&config_type, &again, once.data, once.length, &problems, NULL) < 0)
    abort();
  encode(&config_type, &again, ENCODE_PRETTY, &twice);
  if (strcmp(once.data, twice.data) != 0)
    abort();
}

/* As `validate` does: the planners see also what is not right. */
static void check_report(struct arena *arena, const char *bytes, size_t size)
{
  struct problems problems = { .arena = arena };
  struct strings unknown = { 0 };
  struct spec spec = { 0 };
  (void)decode_config_report(&spec, bytes, size, &problems, &unknown);
  plan_check(&spec, size % 2 ? MANAGER_SYSTEMD : MANAGER_CGROUPFS, &problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena = ARENA_INIT;
  struct problems problems = { .arena = &arena };
  struct strings unknown = { 0 };
  struct spec spec = { 0 }, checked = { 0 };
  struct process process = { 0 };
  struct error err;
  const char *bytes = (const char *)data;
  if (decode(&config_type, &spec, bytes, size, &problems, &unknown) == 0)
    check_round_trip(&arena, &spec);
  (void)decode_config(&arena, &checked, bytes, size, "config.json", &err);
  (void)decode_process(&arena, &process, bytes, size, "process.json", &err);
  check_report(&arena, bytes, size);
  arena_release(&arena);
  return 0;
}
