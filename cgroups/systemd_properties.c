/* SPDX-License-Identifier: Apache-2.0
 * Files of the cgroup to properties of the unit (systemd.resource-control(5)): one table. Pure. */
#include "cgroups/devices.h"
#include "cgroups/unit.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/text.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define UNLIMITED "18446744073709551615" /* UINT64_MAX: "infinity" */
#define USEC_PER_SEC 1000000u
#define QUOTA_STEP_USEC 10000u /* 1 %: what systemd writes to the unit's file */
#define CPUS_MAX 8192          /* NR_CPUS of the largest kernels; MAX_NUMNODES is below */

struct unit_property *unit_property_add(struct arena *arena, struct unit_properties *properties,
                                        const char *name, const char *signature, const char *const *values,
                                        size_t count)
{
  struct unit_property *p = vec_push(arena, properties);
  *p = (struct unit_property){ .name = name, .signature = signature, .origin = "" };
  for (size_t i = 0; i < count; i++)
    *(const char **)vec_push(arena, &p->values) = values[i];
  return p;
}

/* --- every unit --------------------------------------------------------------------------------------- */

/* The accounting ones make systemd enable the controllers. */
void unit_properties_of_place(struct arena *arena, const struct unit_place *place, const char *id,
                              struct unit_properties *properties)
{
  static const char *const accounting[] = { "MemoryAccounting", "CPUAccounting", "IOAccounting",
                                            "TasksAccounting" };
  static const char *const yes[] = { "1" }, *const no[] = { "0" },
                           *const collect[] = { "inactive-or-failed" };
  const char *description = arena_printf(arena, "hull container %s", id);
  const char *wants[] = { "1", place->slice };
  (void)unit_property_add(arena, properties, "Description", "s", &description, 1);
  if (unit_is_slice(place->unit)) {
    (void)unit_property_add(arena, properties, "Wants", "as", wants, 2);
  } else {
    (void)unit_property_add(arena, properties, "Slice", "s", &place->slice, 1);
    (void)unit_property_add(arena, properties, "Delegate", "b", yes, 1);
  }
  for (size_t i = 0; i < sizeof accounting / sizeof *accounting; i++)
    unit_property_add(arena, properties, accounting[i], "b", yes, 1)->optional = true;
  (void)unit_property_add(arena, properties, "DefaultDependencies", "b", no, 1);
  /* A unit that failed would stay, and its name be taken, until somebody resets it. */
  unit_property_add(arena, properties, "CollectMode", "s", collect, 1)->optional = true;
}

/* --- files ------------------------------------------------------------------------------------------- */

struct conversion {
  struct arena *arena;
  const struct setting *setting;
  const struct settings *all;
  struct unit_properties *properties;
};

static void add_number(const struct conversion *c, const char *name, uint64_t value, bool optional)
{
  const char *text = value == UINT64_MAX ? UNLIMITED : arena_printf(c->arena, "%" PRIu64, value);
  struct unit_property *p = unit_property_add(c->arena, c->properties, name, "t", &text, 1);
  p->origin = c->setting->origin;
  p->optional = optional;
}

/* Values that are no number are the kernel's to refuse, with its own words. */
static bool number_of(const char *text, uint64_t *value)
{
  if (text_equal(text, "max")) {
    *value = UINT64_MAX;
    return true;
  }
  return parse_u64(text, UINT64_MAX - 1, value) == 0;
}

static void convert_limit(const struct conversion *c, const char *name)
{
  uint64_t value;
  if (number_of(c->setting->value, &value))
    add_number(c, name, value, false);
}

static void convert_new_limit(const struct conversion *c, const char *name)
{
  uint64_t value;
  if (number_of(c->setting->value, &value))
    add_number(c, name, value, true);
}

static bool is_idle(const struct settings *settings)
{
  const struct setting *s;
  vec_each (settings, s) {
    if (text_equal(s->file, "cpu.idle") && text_equal(s->value, "1"))
      return true;
  }
  return false;
}

static void convert_weight(const struct conversion *c, const char *name)
{
  const char *value = c->setting->value;
  uint64_t weight;
  if (text_starts_with(value, "default "))
    value += strlen("default ");
  if (number_of(value, &weight) && !(text_equal(c->setting->file, "cpu.weight") && is_idle(c->all)))
    add_number(c, name, weight, false);
}

/* systemd takes weight 0 for idle since v252. */
static void convert_idle(const struct conversion *c, const char *name)
{
  if (text_equal(c->setting->value, "1"))
    add_number(c, name, 0, true);
}

/* systemd refuses 0. */
static void convert_tasks(const struct conversion *c, const char *name)
{
  uint64_t value;
  if (number_of(c->setting->value, &value))
    add_number(c, name, value > 0 ? value : 1, false);
}

/* "QUOTA PERIOD", "max PERIOD", or without the period; false if it is neither. 0: no period given. */
static bool parse_cpu_max(const char *text, uint64_t *quota, uint64_t *period)
{
  char first[24];
  size_t length = strcspn(text, " ");
  if (length == 0 || length >= sizeof first)
    return false;
  memcpy(first, text, length);
  first[length] = '\0';
  *period = 0;
  if (text[length] && (parse_u64(text + length + 1, UINT32_MAX, period) < 0 || *period == 0))
    return false;
  return number_of(first, quota) && (*quota == UINT64_MAX || *quota <= UINT64_MAX / USEC_PER_SEC);
}

#define DEFAULT_PERIOD 100000u

/* Time in each second, rounded up to what systemd keeps. */
static uint64_t quota_per_second(uint64_t quota, uint64_t period)
{
  if (quota == UINT64_MAX)
    return quota;
  uint64_t per_second = quota * USEC_PER_SEC / (period ? period : DEFAULT_PERIOD);
  uint64_t rest = per_second % QUOTA_STEP_USEC;
  return rest || per_second == 0 ? per_second - rest + QUOTA_STEP_USEC : per_second;
}

static void convert_cpu_max(const struct conversion *c, const char *name)
{
  uint64_t quota, period;
  if (!parse_cpu_max(c->setting->value, &quota, &period))
    return;
  add_number(c, name, quota_per_second(quota, period), false);
  if (period)
    add_number(c, "CPUQuotaPeriodUSec", period, true);
}

struct settings unit_round_cpu_max(struct arena *arena, const struct settings *settings)
{
  struct settings rounded = { .controllers = settings->controllers };
  const struct setting *asked;
  uint64_t quota, period;
  vec_each (settings, asked) {
    struct setting *s = vec_push(arena, &rounded);
    *s = *asked;
    if (!text_equal(s->file, "cpu.max") || !parse_cpu_max(s->value, &quota, &period) || quota == UINT64_MAX)
      continue;
    uint64_t used = period ? period : DEFAULT_PERIOD, per_second = quota_per_second(quota, period);
    if (per_second > UINT64_MAX / used)
      continue;
    quota = per_second * used / USEC_PER_SEC;
    s->value = period ? arena_printf(arena, "%" PRIu64 " %" PRIu64, quota, period)
                      : arena_printf(arena, "%" PRIu64, quota);
  }
  return rounded;
}

/* "0-3,7" as bytes of a mask, the lowest first. False if it is no list. */
static bool parse_list(const char *text, unsigned char mask[static CPUS_MAX / 8], size_t *bytes)
{
  *bytes = 0;
  for (const char *p = text; *p;) {
    char *end;
    if (!isdigit((unsigned char)*p))
      return false;
    unsigned long first = strtoul(p, &end, 10), last = first;
    if (*end == '-') {
      if (!isdigit((unsigned char)end[1]))
        return false;
      last = strtoul(end + 1, &end, 10);
    }
    if (first > last || last >= CPUS_MAX || (*end && *end != ','))
      return false;
    for (unsigned long i = first; i <= last; i++)
      mask[i / 8] = (unsigned char)(mask[i / 8] | 1u << i % 8);
    *bytes = last / 8 + 1 > *bytes ? last / 8 + 1 : *bytes;
    p = *end ? end + 1 : end;
  }
  return true;
}

static void convert_list(const struct conversion *c, const char *name)
{
  unsigned char mask[CPUS_MAX / 8] = { 0 };
  size_t bytes;
  if (!parse_list(c->setting->value, mask, &bytes))
    return;
  const char *count = arena_printf(c->arena, "%zu", bytes);
  struct unit_property *p = unit_property_add(c->arena, c->properties, name, "ay", &count, 1);
  p->origin = c->setting->origin;
  p->optional = true; /* v244 */
  for (size_t i = 0; i < bytes; i++)
    *(const char **)vec_push(c->arena, &p->values) = arena_printf(c->arena, "%u", mask[i]);
}

static void convert_oom_group(const struct conversion *c, const char *name)
{
  const char *policy = text_equal(c->setting->value, "1") ? "kill" : "continue";
  struct unit_property *p = unit_property_add(c->arena, c->properties, name, "s", &policy, 1);
  p->origin = c->setting->origin;
  p->optional = true; /* v253 for scopes */
}

/* clang-format off */
static const struct {
  const char *file, *property;
  void (*convert)(const struct conversion *conversion, const char *property);
  bool at_creation_only;
} conversions[] = {
  { "cpu.idle",         "CPUWeight",          convert_idle,      false },
  { "cpu.max",          "CPUQuotaPerSecUSec", convert_cpu_max,   false },
  { "cpu.weight",       "CPUWeight",          convert_weight,    false },
  { "cpuset.cpus",      "AllowedCPUs",        convert_list,      false },
  { "cpuset.mems",      "AllowedMemoryNodes", convert_list,      false },
  { "io.weight",        "IOWeight",           convert_weight,    false },
  { "memory.high",      "MemoryHigh",         convert_limit,     false },
  { "memory.low",       "MemoryLow",          convert_limit,     false },
  { "memory.max",       "MemoryMax",          convert_limit,     false },
  { "memory.min",       "MemoryMin",          convert_limit,     false },
  { "memory.oom.group", "OOMPolicy",          convert_oom_group, true },
  { "memory.swap.max",  "MemorySwapMax",      convert_limit,     false },
  { "memory.zswap.max", "MemoryZSwapMax",     convert_new_limit, false }, /* v253 */
  { "pids.max",         "TasksMax",           convert_tasks,     false },
};
/* clang-format on */

static bool convert_one(const struct conversion *c, enum unit_moment moment)
{
  for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++)
    if (text_equal(c->setting->file, conversions[i].file)) {
      if (moment == UNIT_CREATION || !conversions[i].at_creation_only)
        conversions[i].convert(c, conversions[i].property);
      return true;
    }
  return false;
}

void unit_properties_of_settings(struct arena *arena, const struct settings *settings,
                                 enum unit_moment moment, struct unit_properties *properties)
{
  struct conversion c = { .arena = arena, .all = settings, .properties = properties };
  const struct setting *s;
  vec_each (settings, s) {
    struct setting other = { .file = s->other_file, .value = s->other_value, .origin = s->origin };
    c.setting = s;
    if (convert_one(&c, moment) || !s->other_file)
      continue;
    c.setting = &other;
    (void)convert_one(&c, moment);
  }
}

/* --- devices ----------------------------------------------------------------------------------------- */

/* Why there is no BPFProgram= here, which would have systemd (249 and newer) attach a program that is pinned
 * in bpffs. systemd takes such a program away at each daemon-reload and daemon-reexec and attaches it again
 * when it next realizes the cgroup: seen with systemd 252, where the query of the cgroup's programs lacked it
 * for seconds on a slow machine, and for good if the pin was gone by then ("foreign program ... does not
 * exist, skipping"). Ours is attached beside systemd's (BPF_F_ALLOW_MULTI, so all must allow) and belongs to
 * nobody that could take it away: at no moment are its rules not in force. What could be lost at a reload is
 * only what systemd's own program allows, and that is what these properties are for. A pin would also have to
 * be found and removed after every crash. */

struct allowed_node {
  const char *node;
  unsigned access;
};
struct allow_list {
  struct arena *arena;
  VEC(struct allowed_node) nodes;
};

/* Of what names a node twice systemd takes the last only. */
static void allow(struct allow_list *list, const char *node, unsigned access)
{
  struct allowed_node *n;
  vec_each (&list->nodes, n) {
    if (text_equal(n->node, node)) {
      n->access |= access;
      return;
    }
  }
  if (access)
    *(struct allowed_node *)vec_push(list->arena, &list->nodes) = (struct allowed_node){ node, access };
}

static const char *access_letters(unsigned access)
{
  static const char *const letters[] = { "", "r", "w", "rw", "m", "rm", "wm", "rwm" };
  return letters[(access & DEVICE_READ ? 1 : 0) | (access & DEVICE_WRITE ? 2 : 0)
                 | (access & DEVICE_MKNOD ? 4 : 0)];
}

/* systemd knows nodes, majors and classes. A minor of any major is more than that: all of the class, then. */
static void allow_kind(struct allow_list *list, const struct device_entry *entry, const char *class)
{
  if (entry->any_major)
    allow(list, arena_printf(list->arena, "%s-*", class), entry->access);
  else if (entry->any_minor)
    allow(list, arena_printf(list->arena, "%s-%u", class, entry->major), entry->access);
  else
    allow(list, arena_printf(list->arena, "/dev/%s/%u:%u", class, entry->major, entry->minor), entry->access);
}

int unit_properties_of_devices(struct arena *arena, const struct device_rule *rules, size_t count,
                               struct unit_properties *properties, struct error *err)
{
  struct device_form form = { .default_access = 0 };
  struct allow_list list = { .arena = arena };
  if (device_form_make(arena, rules, count, &form, err) < 0)
    return -1;
  if (device_form_allows_all(&form))
    return 0;
  const struct device_entry *entry;
  vec_each (&form.entries, entry) {
    if (entry->allow && entry->type != 'b')
      allow_kind(&list, entry, "char");
    if (entry->allow && entry->type != 'c')
      allow_kind(&list, entry, "block");
  }
  allow(&list, "char-*", form.default_access);
  allow(&list, "block-*", form.default_access);

  static const char *const strict[] = { "strict" };
  unit_property_add(arena, properties, "DevicePolicy", "s", strict, 1)->origin = "/linux/resources/devices";
  const char *number = arena_printf(arena, "%zu", list.nodes.count);
  struct unit_property *p = unit_property_add(arena, properties, "DeviceAllow", "a(ss)", &number, 1);
  p->origin = "/linux/resources/devices";
  const struct allowed_node *n;
  vec_each (&list.nodes, n) {
    *(const char **)vec_push(arena, &p->values) = n->node;
    *(const char **)vec_push(arena, &p->values) = access_letters(n->access);
  }
  return 0;
}
