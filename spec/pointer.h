/* SPDX-License-Identifier: Apache-2.0
 * JSON pointers (RFC 6901), built piece by piece in a fixed buffer: they are for messages. */
#pragma once
#include <stddef.h>

struct pointer {
  size_t length;
  char text[512]; /* NUL-terminated; a longer pointer is cut, which only a message sees */
};

void pointer_init(struct pointer *p, const char *start);
/* Appends "/KEY" with '~' and '/' escaped; control characters become '?'. */
void pointer_push(struct pointer *p, const char *key);
void pointer_push_index(struct pointer *p, size_t index);
/* Back to the 'length' that it had before a push. */
void pointer_pop(struct pointer *p, size_t length);
