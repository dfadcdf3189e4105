/* SPDX-License-Identifier: Apache-2.0
 * Device rules to normal form (runtime-spec config-linux.md, "Allowed Device list"). Pure.
 * Security: GHSA-g54h-m393-cpwq; what no rule allows is denied, also when there are no rules at all. */
#include "cgroups/devices.h"
#include "libcontainer/base/error.h"
#include "spec/spec.h"
#include <string.h>

#define ORIGIN_BYTES 64
#define RULES_MAX 4096 /* the work grows with the square, and jumps in the program have 16 bits */

/* What programs in any container may use: making nodes is harmless where using them is denied; then null,
 * zero, full, random, urandom, tty, ptmx, the pts and tun. */
static const struct device_entry default_devices[] = {
  { .type = 'a', .any_major = true, .any_minor = true, .access = DEVICE_MKNOD, .allow = true },
  { .type = 'c', .major = 1, .minor = 3, .access = DEVICE_ALL, .allow = true },
  { .type = 'c', .major = 1, .minor = 5, .access = DEVICE_ALL, .allow = true },
  { .type = 'c', .major = 1, .minor = 7, .access = DEVICE_ALL, .allow = true },
  { .type = 'c', .major = 1, .minor = 8, .access = DEVICE_ALL, .allow = true },
  { .type = 'c', .major = 1, .minor = 9, .access = DEVICE_ALL, .allow = true },
  { .type = 'c', .major = 5, .minor = 0, .access = DEVICE_ALL, .allow = true },
  { .type = 'c', .major = 5, .minor = 2, .access = DEVICE_ALL, .allow = true },
  { .type = 'c', .major = 10, .minor = 200, .access = DEVICE_ALL, .allow = true },
  { .type = 'c', .major = 136, .any_minor = true, .access = DEVICE_ALL, .allow = true },
};
#define DEFAULT_COUNT (sizeof default_devices / sizeof *default_devices)

static bool matches_all(const struct device_entry *e)
{
  return e->type == 'a' && e->any_major && e->any_minor;
}

/* True if every device of 'b' is one of 'a'. */
static bool covers(const struct device_entry *a, const struct device_entry *b)
{
  return (a->type == 'a' || a->type == b->type) && (a->any_major || (!b->any_major && a->major == b->major))
         && (a->any_minor || (!b->any_minor && a->minor == b->minor));
}

/* --- one rule as written ------------------------------------------------------------------------- */

static int refuse(struct error *err, size_t index, const char *field, const char *why)
{
  char origin[ORIGIN_BYTES] = "/linux/resources/devices/";
  char digits[24];
  size_t n = sizeof digits;
  digits[--n] = '\0';
  do
    digits[--n] = (char)('0' + index % 10);
  while (index /= 10);
  strncat(origin, digits + n, sizeof origin - strlen(origin) - 1);
  strncat(origin, field, sizeof origin - strlen(origin) - 1);
  (void)error_set(err, ERROR_CONFIG, 0, "%s", why);
  return error_at(err, origin);
}

static int read_number(const struct opt_i64 *number, int64_t max, bool *any, uint32_t *value)
{
  /* -1 is what some callers write for "all". */
  *any = !number->set || number->value == -1;
  if (*any)
    return 0;
  if (number->value < 0 || number->value > max)
    return -1;
  *value = (uint32_t)number->value;
  return 0;
}

static int read_access(const char *text, unsigned *access)
{
  *access = 0;
  for (const char *p = text; *p; p++) {
    if (*p == 'r')
      *access |= DEVICE_READ;
    else if (*p == 'w')
      *access |= DEVICE_WRITE;
    else if (*p == 'm')
      *access |= DEVICE_MKNOD;
    else
      return -1;
  }
  return 0;
}

static int read_rule(const struct device_rule *rule, size_t index, struct device_entry *entry,
                     struct error *err)
{
  *entry = (struct device_entry){ .type = 'a', .allow = rule->allow.value };
  if (rule->type && *rule->type) {
    if (!strchr("abc", rule->type[0]) || rule->type[1])
      return refuse(err, index, "/type", "a device rule is for type \"a\", \"b\" or \"c\"");
    entry->type = rule->type[0];
  }
  if (read_number(&rule->major, DEVICE_MAJOR_MAX, &entry->any_major, &entry->major) < 0)
    return refuse(err, index, "/major", "no device can have this major number");
  if (read_number(&rule->minor, DEVICE_MINOR_MAX, &entry->any_minor, &entry->minor) < 0)
    return refuse(err, index, "/minor", "no device can have this minor number");
  if (rule->access && *rule->access) {
    if (read_access(rule->access, &entry->access) < 0)
      return refuse(err, index, "/access", "access to a device is made of \"r\", \"w\" and \"m\"");
    return 0;
  }
  /* Nothing said: a denial denies all; an allowance gives nothing, except the one of everything. Like
   * runc. */
  entry->access = !entry->allow || matches_all(entry) ? DEVICE_ALL : 0;
  return 0;
}

/* --- normal form --------------------------------------------------------------------------------- */

/* Adds a rule that is older than all entries so far: only the bits that they leave open matter. */
static void add_older(struct arena *arena, struct device_form *form, const struct device_entry *entry)
{
  unsigned access = entry->access;
  const struct device_entry *newer;
  vec_each (&form->entries, newer) {
    if (covers(newer, entry))
      access &= ~newer->access;
  }
  if (!access)
    return;
  struct device_entry *kept = vec_push(arena, &form->entries);
  *kept = *entry;
  kept->access = access;
}

/* An entry for all devices leaves its bits to nobody older, so it can just as well be the default. */
static void fold_into_default(struct device_form *form)
{
  size_t kept = 0;
  for (size_t i = 0; i < form->entries.count; i++) {
    struct device_entry e = form->entries.items[i];
    if (!matches_all(&e))
      form->entries.items[kept++] = e;
    else if (e.allow)
      form->default_access |= e.access;
  }
  form->entries.count = kept;
}

int device_form_make(struct arena *arena, const struct device_rule *rules, size_t count,
                     struct device_form *form, struct error *err)
{
  *form = (struct device_form){ .default_access = 0 };
  if (count > RULES_MAX) {
    (void)error_set(err, ERROR_CONFIG, 0, "%zu device rules are too many: at most %d are possible", count,
                    RULES_MAX);
    return error_at(err, "/linux/resources/devices");
  }
  for (size_t i = DEFAULT_COUNT; i-- > 0;)
    add_older(arena, form, &default_devices[i]);
  for (size_t i = count; i-- > 0;) {
    struct device_entry entry;
    if (read_rule(&rules[i], i, &entry, err) < 0)
      return -1;
    add_older(arena, form, &entry);
  }
  fold_into_default(form);
  return 0;
}

unsigned device_form_access(const struct device_form *form, const struct device_entry *wanted)
{
  unsigned open = DEVICE_ALL, allowed = 0;
  const struct device_entry *e;
  vec_each (&form->entries, e) {
    if (!covers(e, wanted))
      continue;
    if (e->allow)
      allowed |= open & e->access;
    open &= ~e->access;
  }
  return allowed | (open & form->default_access);
}

bool device_form_allows_all(const struct device_form *form)
{
  const struct device_entry *e;
  vec_each (&form->entries, e) {
    if (!e->allow)
      return false;
  }
  return form->default_access == DEVICE_ALL;
}
