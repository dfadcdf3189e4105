/* SPDX-License-Identifier: Apache-2.0
 * What the systemd driver asks systemd for, as values: where the unit is, and its properties. Pure: the plan
 * makes and prints them; cgroups/systemd.c sends them. Properties that follow from limits are there so that
 * systemd does not put its own values back when it reloads; the files are written as well. */
#pragma once
#include "cgroups/settings.h"
#include "libcontainer/base/arena.h"
#include "libcontainer/base/vec.h"
#include "spec/spec.h"
#include <stdbool.h>
#include <stdint.h>

struct error;

#define UNIT_NAME_MAX_BYTES 255

struct unit_place {
  const char *unit;  /* "hull-web.scope", or the name of a slice */
  const char *slice; /* that it is in (a scope) or wants (a slice): "system.slice"; "-.slice" is the root */
  const char *path;  /* of its cgroup, counted from the cgroup2 mount */
};

/* linux.cgroupsPath under the systemd driver: "SLICE:PREFIX:NAME" is PREFIX-NAME.scope in SLICE; a NAME that
 * ends in ".slice" is a slice unit. No SLICE: system.slice, or user.slice under a user's manager. NULL: as if
 * it were ":hull:ID". 'manager_root' is the cgroup of a user's manager, "" for the system's. Bytes that unit
 * names can't have are escaped as systemd does ("\x2b"). Errors are at /linux/cgroupsPath. */
int unit_place_of(struct arena *arena, const char *cgroups_path, const char *id, const char *manager_root,
                  struct unit_place *place, struct error *err);
/* The cgroup of the user's manager to which a process in 'own' belongs; if that does not say, of 'uid'. */
const char *unit_user_root(struct arena *arena, const char *own, uint32_t uid);
/* True if 'own' is below a user's slice, other than root's. */
bool unit_in_user_session(const char *own);
bool unit_is_slice(const char *unit);
/* Part of a name with what unit names can't have escaped. */
const char *unit_escape(struct arena *arena, const char *part);

/* A D-Bus value: basic types, arrays and structures of the signature in order; each array has the number of
 * its elements before them. */
struct unit_property {
  const char *name, *signature;
  struct strings values;
  const char *origin; /* JSON pointer that asked for it; "" if hull itself does */
  bool optional;      /* older systemd lacks it, and the files in the cgroup are enough */
};
struct unit_properties {
  struct unit_property *items; /* these three are a VEC (struct unit_property) */
  size_t count, capacity;
};
/* Appends a property with 'count' values. Names, signatures and values are not copied. */
struct unit_property *unit_property_add(struct arena *arena, struct unit_properties *properties,
                                        const char *name, const char *signature, const char *const *values,
                                        size_t count);

/* What every unit of a container has: a description, its place, delegation, accounting. */
void unit_properties_of_place(struct arena *arena, const struct unit_place *place, const char *id,
                              struct unit_properties *properties);

enum unit_moment { UNIT_CREATION, UNIT_UPDATE };
/* Those that follow from files and their values. Files that systemd has no property for have none. */
void unit_properties_of_settings(struct arena *arena, const struct settings *settings,
                                 enum unit_moment moment, struct unit_properties *properties);
/* systemd keeps quotas as whole percents of a CPU and rounds up: the settings with "cpu.max" as it would
 * write it, so that both say the same. */
struct settings unit_round_cpu_max(struct arena *arena, const struct settings *settings);
/* DevicePolicy and DeviceAllow that allow at least what the rules do: our own program decides the rest. */
int unit_properties_of_devices(struct arena *arena, const struct device_rule *rules, size_t count,
                               struct unit_properties *properties, struct error *err);
/* org.systemd.property.NAME annotations: GVariant text. Errors are at /annotations/org.systemd.property.NAME.
 */
int unit_properties_of_annotations(struct arena *arena, const string_map *annotations,
                                   struct unit_properties *properties, struct error *err);
/* One value in GVariant text form (g_variant_parse): booleans, numbers with or without a type keyword,
 * strings, object paths, arrays, tuples, "@TYPE" before a value. NULL, or what is wrong. */
const char *unit_value_parse(struct arena *arena, const char *text, struct unit_property *property);
/* True if the signature is one that properties may have: basic types, arrays and structures of them. Sets
 * *end behind the first complete type. */
bool unit_signature_valid(const char *signature, const char **end);
