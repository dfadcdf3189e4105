/* SPDX-License-Identifier: Apache-2.0
 * RFC 3339 from seconds since 1970. */
#include "libcontainer/base/clock.h"
#include <stdbool.h>
#include <stdio.h>

#define DAY 86400

static bool leap_year(unsigned year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

void clock_rfc3339(const struct timespec *t, char text[CLOCK_TEXT_BYTES])
{
  static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  unsigned days = (unsigned)(t->tv_sec / DAY), seconds = (unsigned)(t->tv_sec % DAY), year = 1970, month = 0;
  for (; days >= (leap_year(year) ? 366u : 365u); year++)
    days -= leap_year(year) ? 366 : 365;
  for (; days >= lengths[month] + (month == 1 && leap_year(year) ? 1u : 0u); month++)
    days -= lengths[month] + (month == 1 && leap_year(year) ? 1u : 0u);
  snprintf(text, CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%09luZ", year % 10000, month + 1, days + 1,
           seconds / 3600 % 24, seconds / 60 % 60, seconds % 60, (unsigned long)t->tv_nsec % 1000000000);
}
