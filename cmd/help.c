/* SPDX-License-Identifier: Apache-2.0
 * --help. Cold: nothing here runs unless it was asked for. */
#include "cmd/help.h"
#include "cmd/print.h"
#include <ctype.h>
#include <string.h>

#define SCREEN_WIDTH 79
#define COLUMN_WIDTH 39
#define NAME_WIDTH 9
#define LINES_MAX 128

static const char *const titles[] = {
  [GROUP_CONTAINERS] = "Containers", [GROUP_CHANGE] = "A running one",   [GROUP_LOOK] = "Looking",
  [GROUP_BUNDLE] = "Bundles",        [GROUP_HOST] = "hull and the host",
};
#define GROUPS (sizeof titles / sizeof *titles)

/* The lines of all groups, one below the other; where a group begins is in 'begins'. */
static size_t collect(struct arena *arena, const char **lines, size_t *begins)
{
  size_t count = 0;
  for (size_t i = 0; i < GROUPS; i++) {
    const size_t group = (i + 1) % GROUPS; /* what nobody sorted in, GROUP_HOST, comes last */
    begins[i] = count;
    lines[count++] = arena_printf(arena, "%s:", titles[group]);
    for (const struct command *const *command = commands; *command && count < LINES_MAX - GROUPS; command++)
      if ((*command)->group == (enum command_group)group)
        lines[count++] = arena_printf(arena, "  %-*s %s", NAME_WIDTH, (*command)->name,
                                      (*command)->brief ? (*command)->brief : (*command)->summary);
  }
  return count;
}

/* The first line of the second column: the group that makes both about as long. */
static size_t middle(const size_t *begins, size_t count)
{
  size_t best = count;
  for (size_t group = 1; group < GROUPS; group++) {
    const size_t longer = begins[group] > count - begins[group] ? begins[group] : count - begins[group];
    if (longer < (best > count - best ? best : count - best))
      best = begins[group];
  }
  return best;
}

static void add_commands(struct text *out)
{
  const char *lines[LINES_MAX];
  size_t begins[GROUPS];
  const size_t count = collect(out->arena, lines, begins), half = middle(begins, count);
  for (size_t i = 0; i < half || half + i < count; i++) {
    const char *left = i < half ? lines[i] : "", *right = half + i < count ? lines[half + i] : "";
    text_addf(out, "%-*.*s%s%.*s\n", *right ? COLUMN_WIDTH : 0, COLUMN_WIDTH - 1, left, *right ? " " : "",
              COLUMN_WIDTH, right);
  }
}

/* Names alone: what they mean is in the manual. */
static void add_globals(struct text *out)
{
  size_t used = strlen("Options:");
  text_add(out, "Options:");
  for (const struct option_row *row = options_first(global_options); row; row = options_next(row)) {
    const char *option =
        arena_printf(out->arena, " --%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
    if (!row->help)
      continue;
    if (used + strlen(option) > SCREEN_WIDTH) {
      text_add(out, "\n ");
      used = 1;
    }
    text_add(out, option);
    used += strlen(option);
  }
  text_add(out, "\n");
}

int help_overview(struct arena *arena, struct error *err)
{
  struct text out;
  text_init(&out, arena);
  text_add(&out, "Usage: hull [OPTION...] COMMAND [OPTION...] [ARGUMENT...]\n\n");
  add_commands(&out);
  text_add(&out, "\n");
  add_globals(&out);
  text_add(&out, "More: 'hull COMMAND --help', 'man hull', 'man hull-COMMAND', 'man hull-config'\n");
  return print(text_string(&out), err);
}

int help_command(const struct command *command, struct arena *arena, struct error *err)
{
  struct text out;
  text_init(&out, arena);
  text_addf(&out, "Usage: hull %s [OPTION...]%s%s\n\n", command->name, *command->arguments ? " " : "",
            command->arguments);
  char *summary = arena_printf(arena, "%s.", command->summary);
  *summary = (char)toupper((unsigned char)*summary);
  options_wrap(&out, summary, 0);
  text_add(&out, "\nOptions:\n");
  options_help(command->options, &out);
  return print(text_string(&out), err);
}
