/* SPDX-License-Identifier: Apache-2.0
 * `hull features`: what this runtime supports, as runtime-spec's features document. */
#include "cmd/command.h"
#include "cmd/print.h"

static const struct option_row options[] = { { 0 } };

static int run(const struct call *call, struct hull_error *error)
{
  struct text out;
  text_init(&out, call->arena);
  char *json = hull_features();
  text_add(&out, json);
  if (!text_ends_with(json, "\n"))
    text_add(&out, "\n");
  hull_free(json);
  return print(text_string(&out), error_inside(error));
}

const struct command features_command = {
  .name = "features",
  .arguments = "",
  .summary = "print what is supported as JSON",
  .brief = "what is supported",
  .options = options,
  .run = run,
};
