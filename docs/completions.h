/* SPDX-License-Identifier: Apache-2.0
 * What a word of the command line may be, for all shells. */
#pragma once
#include "docs/generate.h"

enum shell { SHELL_BASH, SHELL_FISH, SHELL_ZSH };

/* The functions that the scripts in docs/completion/ ask: commands, options COMMAND, value COMMAND OPTION,
 * argument COMMAND POSITION, options_first COMMAND; COMMAND is empty for what stands before it. */
void completion_tables(struct text *out, enum shell shell);
