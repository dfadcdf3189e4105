/* SPDX-License-Identifier: Apache-2.0
 * Points in time as text. Does not go through the C library's time zones, which read a file even for UTC. */
#pragma once
#include <time.h>

#define CLOCK_TEXT_BYTES 36
/* '2026-11-23T07:46:02.123456789Z' (RFC 3339), years 1970 to 9999. */
void clock_rfc3339(const struct timespec *t, char text[CLOCK_TEXT_BYTES]);
