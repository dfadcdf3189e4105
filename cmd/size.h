/* SPDX-License-Identifier: Apache-2.0
 * Sizes as people write them. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* "512m", "1.5GiB", "4096", "-1" (no limit): a number, a space if liked, and one of k m g t p (of 1024) with
 * "i", "b" or "ib" after it, or "b", in any case. -1 with errno EINVAL or ERANGE. */
int size_parse(const char *s, int64_t *bytes);
#define SIZE_TEXT_BYTES 32
/* "0B", "12.5MiB"; three digits at least. */
void size_format(uint64_t bytes, char text[SIZE_TEXT_BYTES]);
