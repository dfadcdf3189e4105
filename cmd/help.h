/* SPDX-License-Identifier: Apache-2.0
 * --help: made from the tables, and short enough for a screen of 24 lines. */
#pragma once
#include "cmd/command.h"

/* Of hull itself: commands in groups, two columns. */
int help_overview(struct arena *arena, struct error *err);
int help_command(const struct command *command, struct arena *arena, struct error *err);
