/* SPDX-License-Identifier: Apache-2.0
 * Problems of a document, for decode and validate; problem_add() is in decode.h. */
#pragma once
#include "spec/spec.h"
#include <stddef.h>

/* True if the value at 'pointer', or one in it, is known to be bad: it is not judged again, and nothing is
 * concluded from it. */
bool problems_judged(const struct problems *problems, const char *pointer);
/* Sets line and column (1-based, in bytes) of 'offset'. */
void problem_place(struct problem *problem, const char *bytes, size_t offset);
/* Offset of the first byte of a token that ends before 'end': a string, or a literal of that length. */
size_t problem_token_start(const char *bytes, size_t end, size_t literal_length);
/* Sets them for every problem that has none, by its pointer; a pointer to what is not there gets the place of
 * the innermost value that is. 'bytes' must have been decoded before. */
void problems_place(struct problems *problems, const char *bytes, size_t length);
/* "config.json:41:17: /linux/x: text"; returns the length of the whole text, as snprintf does. */
size_t problem_format(const struct problems *problems, const struct problem *p, char *buffer, size_t size);
