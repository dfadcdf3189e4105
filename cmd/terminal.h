/* SPDX-License-Identifier: Apache-2.0
 * What can be shown where the output goes. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Standard output is a terminal that takes control sequences. */
bool terminal_is_screen(void);
/* The same, and NO_COLOR is not set. */
bool terminal_wants_color(void);
/* The locale, by the environment, has UTF-8. */
bool terminal_has_utf8(void);
/* Columns and rows of the terminal at standard output; 0 if there is none. */
void terminal_size(size_t *columns, size_t *rows);
