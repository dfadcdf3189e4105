/* SPDX-License-Identifier: Apache-2.0
 * Checked integer parsing: the whole string or nothing, with a range. Sign, spaces and empty strings
 * are refused unless said otherwise. */
#pragma once
#include <stdint.h>

/* 0 on success; -1 with errno EINVAL (not a number) or ERANGE (outside min..max). Decimal only. */
int parse_i64(const char *s, int64_t min, int64_t max, int64_t *value);
int parse_u64(const char *s, uint64_t max, uint64_t *value);
/* Octal digits only, as in file modes. */
int parse_octal(const char *s, uint32_t max, uint32_t *value);
/* Hexadecimal digits only, large or small, without a prefix. */
int parse_hex(const char *s, uint64_t *value);
/* A user or group id: 0 to 4294967294; 4294967295 is (uid_t) -1, which the kernel takes as "no change". */
int parse_id(const char *s, uint32_t *value);
/* The decimal numbers at the start of 'text', with white space before each, as the kernel's tables have them
 * (uid_map, stat). Returns how many of 'count' are there; '*end' (may be NULL) is behind the last. For text
 * of the kernel: not sscanf(3), with which a static program gets 100 KiB of floating point and wide
 * characters. */
unsigned scan_numbers(const char *text, uint64_t *values, unsigned count, const char **end);
/* A duration as Go programs write it: decimal numbers with units, "5s", "500ms", "1h30m", "1.5s"; ns, us, ms,
 * s, m, h; no sign. Only 0 needs no unit. Nanoseconds, up to INT64_MAX (292 years). */
int parse_duration(const char *s, int64_t *ns);
