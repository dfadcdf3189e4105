/* SPDX-License-Identifier: Apache-2.0
 * `hull trace`: a file of --trace as a timeline in the terminal. */
#include "cmd/command.h"
#include "cmd/print.h"
#include "cmd/terminal.h"
#include "cmd/timeline.h"
#include "libcontainer/base/file.h"
#include <fcntl.h>
#include <string.h>

#define TRACE_MAX_BYTES (64 << 20)
#define DEFAULT_WIDTH 100 /* where there is no terminal */

static struct {
  unsigned width;
} given;
typedef __typeof__(given) trace_values;

/* clang-format off */
static const struct option_row options[] = {
  { .name = "width", .letter = 'w', .value = "COLUMNS", .kind = OPTION_COUNT, OPTION_AT (trace_values, width),
    .help = "how wide it may be (default: as the terminal, else 100)" },
  { 0 },
};
/* clang-format on */

static int run(const struct call *call, struct hull_error *error)
{
  struct error *err = error_inside(error);
  const char *file = strcmp(call->args[0], "-") == 0 ? "/dev/stdin" : call->args[0];
  struct timeline_style style = { .color = terminal_wants_color(), .utf8 = terminal_has_utf8() };
  struct trace_document document;
  struct text out;
  size_t rows, length;
  const char *bytes = file_read(call->arena, AT_FDCWD, file, TRACE_MAX_BYTES, &length, err);
  if (!bytes)
    return -1;
  if (trace_document_read(call->arena, bytes, length, &document, err) < 0)
    return error_wrap(err, "cannot show trace '%s'", file);
  terminal_size(&style.width, &rows);
  if (given.width > 0)
    style.width = given.width;
  else if (style.width == 0)
    style.width = DEFAULT_WIDTH;
  text_init(&out, call->arena);
  timeline_add(&out, &document, &style);
  return print(text_string(&out), err);
}

const struct command trace_command = {
  .name = "trace",
  .arguments = "FILE",
  .summary = "print a file of --trace as a timeline",
  .brief = "a timeline of --trace",
  .group = GROUP_LOOK,
  .options = options,
  .values = &given,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
