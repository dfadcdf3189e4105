/* SPDX-License-Identifier: Apache-2.0
 * The table of controllers, and what its rows share: pointers for messages, and the formats of kernel files
 * (Documentation/admin-guide/cgroup-v2.rst, "Interface Files"). Pure. To add a controller: a file that
 * exports its row, and a line here. */
#include "cgroups/controllers.h"
#include "libcontainer/base/text.h"
#include "spec/pointer.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_BYTES 512

/* Limits are enforced by a program, not by files: devices.c, devices_bpf.c. */
const struct controller devices_controller = { .name = "devices" };

/* In the order of writing. */
const struct controller *const controllers[] = {
  &devices_controller,
  &cpuset_controller,
  &cpu_controller,
  &memory_controller,
  &io_controller,
  &pids_controller,
  &hugetlb_controller,
  &rdma_controller,
  &misc_controller,
  &unified_controller, /* last: its keys win over those above */
  NULL,
};

/* --- messages ------------------------------------------------------------------------------------ */

int refuse_setting(struct error *err, const char *origin, const char *format, ...)
{
  char message[MESSAGE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  (void)error_set(err, ERROR_CONFIG, 0, "%s", message);
  return error_at(err, origin);
}

const char *origin_index(struct arena *arena, const char *base, size_t index)
{
  struct pointer pointer;
  pointer_init(&pointer, base);
  pointer_push_index(&pointer, index);
  return arena_strdup(arena, pointer.text);
}

const char *origin_key(struct arena *arena, const char *base, const char *key)
{
  struct pointer pointer;
  pointer_init(&pointer, base);
  pointer_push(&pointer, key);
  return arena_strdup(arena, pointer.text);
}

/* --- formats ------------------------------------------------------------------------------------- */

const char *next_line(const char *line)
{
  const char *end = strchr(line, '\n');
  return end ? end + 1 : NULL;
}

bool whole_value(const char *text, uint64_t *value)
{
  char *end;
  if (text_starts_with(text, "max")) {
    *value = CGROUP_NO_LIMIT;
    return true;
  }
  *value = strtoull(text, &end, 10);
  return end != text;
}

bool keyed_value(const char *text, const char *key, uint64_t *value)
{
  size_t length = strlen(key);
  for (const char *line = text; line && *line; line = next_line(line))
    if (strncmp(line, key, length) == 0 && line[length] == ' ')
      return whole_value(line + length + 1, value);
  return false;
}

bool word_value(const char *line, const char *key, uint64_t *value)
{
  size_t length = strlen(key);
  for (const char *p = line; *p && *p != '\n'; p += strspn(p, " ")) {
    if (strncmp(p, key, length) == 0 && p[length] == '=')
      return whole_value(p + length + 1, value);
    p += strcspn(p, " \n");
  }
  return false;
}

/* "avg10=0.25": two digits after the point, by hand, since strtod obeys the locale. */
static double percent(const char *line, const char *key)
{
  char *end;
  const char *at = strstr(line, key);
  if (!at)
    return 0;
  unsigned long whole = strtoul(at + strlen(key), &end, 10);
  unsigned long part = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
  return (double)whole + (double)part / 100;
}

void parse_pressure(const char *text, struct cgroup_psi *psi)
{
  for (const char *line = text; line && *line; line = next_line(line)) {
    struct cgroup_psi_line *to = text_starts_with(line, "some ") ? &psi->some : &psi->full;
    to->avg10 = percent(line, "avg10=");
    to->avg60 = percent(line, "avg60=");
    to->avg300 = percent(line, "avg300=");
    psi->present = word_value(line, "total", &to->total) || psi->present;
  }
}
