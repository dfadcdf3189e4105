/* SPDX-License-Identifier: Apache-2.0
 * Durations on the command line. */
#include "cmd/interval.h"
#include "libcontainer/base/numbers.h"

int interval_parse(const char *s, uint64_t *ns, struct error *err)
{
  int64_t value;
  if (*s == '-' && parse_duration(s + 1, &value) == 0)
    value = 0;
  else if (parse_duration(s, &value) < 0)
    return error_set(err, ERROR_USAGE, 0,
                     "option '--interval' must be a duration with a unit, such as 5s or 500ms, not '%s'", s);
  if (value == 0)
    return error_set(err, ERROR_USAGE, 0, "option '--interval %s': duration interval must be greater than 0",
                     s);
  *ns = (uint64_t)value;
  return 0;
}
