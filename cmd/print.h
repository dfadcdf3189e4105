/* SPDX-License-Identifier: Apache-2.0
 * Results on standard output: text, tables, and the little JSON that no other layer makes. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/base/text.h"
#include <stddef.h>

/* Writes all of 's'; a full disk or a closed pipe is an error, not a short result. */
int print(const char *s, struct error *err);
/* A table in the form of Go's tabwriter as runc uses it: columns at least 12 wide and 3 apart. 'cells' are
 * row by row; control characters in them are escaped. */
void print_table(struct text *out, const char *const *cells, size_t rows, size_t columns);
/* 's' as a JSON string with its quotes. */
void print_json_string(struct text *out, const char *s);
