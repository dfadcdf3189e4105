/* SPDX-License-Identifier: Apache-2.0
 * The features document. What can be read from the tables is: a row that loses its 'unsupported' mark shows
 * here without a further edit. */
#include "spec/features.h"
#include "spec/annotations.h"
#include "spec/json_write.h"
#include "spec/names.h"
#include "spec/spec.h"
#include "spec/types.h"

#include <string.h>

static bool is_supported(const struct type *type, const char *key)
{
  for (const struct field *row = type->fields; row->key; row++)
    if (strcmp(row->key, key) == 0)
      return row->unsupported == NULL;
  return false;
}

static void write_list(struct json_writer *w, const char *key, const char *const *items)
{
  json_key(w, key);
  json_begin_array(w);
  for (; items && *items; items++)
    json_string(w, *items);
  json_end_array(w);
}

static void write_names(struct json_writer *w, const char *key, const struct name *names)
{
  json_key(w, key);
  json_begin_array(w);
  for (; names->name; names++)
    json_string(w, names->name);
  json_end_array(w);
}

static void write_bool(struct json_writer *w, const char *key, bool value)
{
  json_key(w, key);
  json_bool(w, value);
}

/* "key": {"enabled": value} */
static void write_enabled(struct json_writer *w, const char *key, bool value)
{
  json_key(w, key);
  json_begin_object(w);
  write_bool(w, "enabled", value);
  json_end_object(w);
}

static void write_hooks(struct json_writer *w)
{
  json_key(w, "hooks");
  json_begin_array(w);
  for (const struct field *row = hooks_type.fields; row->key; row++)
    json_string(w, row->key);
  json_end_array(w);
}

static void write_cgroup(struct json_writer *w, const struct features_facts *facts)
{
  json_key(w, "cgroup");
  json_begin_object(w);
  write_bool(w, "v1", false);
  write_bool(w, "v2", true);
  write_bool(w, "systemd", facts->systemd);
  write_bool(w, "systemdUser", facts->systemd);
  write_bool(w, "rdma", is_supported(&resources_type, "rdma"));
  json_end_object(w);
}

/* Without a listener nobody could be notified. */
static void write_seccomp_actions(struct json_writer *w)
{
  json_key(w, "actions");
  json_begin_array(w);
  for (const struct name *row = seccomp_action_names; row->name; row++)
    if (row->value != ACT_NOTIFY || is_supported(&seccomp_type, "listenerPath"))
      json_string(w, row->name);
  json_end_array(w);
}

static void write_seccomp(struct json_writer *w, const struct features_facts *facts)
{
  json_key(w, "seccomp");
  json_begin_object(w);
  write_bool(w, "enabled", true);
  write_seccomp_actions(w);
  write_names(w, "operators", seccomp_operator_names);
  write_list(w, "archs", facts->seccomp_archs);
  write_list(w, "knownFlags", facts->seccomp_flags_known);
  write_list(w, "supportedFlags", facts->seccomp_flags_supported);
  json_end_object(w);
}

static void write_memory_policy(struct json_writer *w)
{
  json_key(w, "memoryPolicy");
  json_begin_object(w);
  write_names(w, "modes", memory_policy_names);
  write_names(w, "flags", memory_policy_flag_names);
  json_end_object(w);
}

static void write_intel_rdt(struct json_writer *w)
{
  const bool enabled = is_supported(&linux_type, "intelRdt");
  json_key(w, "intelRdt");
  json_begin_object(w);
  write_bool(w, "enabled", enabled);
  write_bool(w, "schemata", enabled && is_supported(&intel_rdt_type, "schemata"));
  write_bool(w, "monitoring", enabled && is_supported(&intel_rdt_type, "enableMonitoring"));
  json_end_object(w);
}

static void write_linux(struct json_writer *w, const struct features_facts *facts)
{
  json_key(w, "linux");
  json_begin_object(w);
  write_names(w, "namespaces", namespace_names);
  write_names(w, "capabilities", capability_names);
  write_cgroup(w, facts);
  write_seccomp(w, facts);
  write_memory_policy(w);
  write_enabled(w, "apparmor", is_supported(&process_type, "apparmorProfile"));
  write_enabled(w, "selinux", is_supported(&process_type, "selinuxLabel"));
  write_intel_rdt(w);
  json_key(w, "mountExtensions");
  json_begin_object(w);
  write_enabled(w, "idmap", is_supported(&mount_type, "uidMappings"));
  json_end_object(w);
  write_enabled(w, "netDevices", is_supported(&linux_type, "netDevices"));
  json_end_object(w);
}

static void write_annotation(struct json_writer *w, const char *key, const char *value)
{
  if (!value)
    return;
  json_key(w, key);
  json_string(w, value);
}

static void write_annotations(struct json_writer *w, const struct features_facts *facts)
{
  json_key(w, "annotations");
  json_begin_object(w);
  write_annotation(w, "io.github.seccomp.libseccomp.version", facts->libseccomp_version);
  write_annotation(w, "io.github.hull.commit", facts->commit);
  write_annotation(w, "io.github.hull.version", facts->version);
  json_end_object(w);
}

void features_document(const struct features_facts *facts, struct text *out)
{
  struct json_writer *w = json_writer_create(out, 2);
  json_begin_object(w);
  json_key(w, "ociVersionMin");
  json_string(w, "1.0.0");
  json_key(w, "ociVersionMax");
  json_string(w, "1.3.0");
  write_hooks(w);
  write_list(w, "mountOptions", facts->mount_options);
  write_linux(w, facts);
  write_annotations(w, facts);
  write_list(w, "potentiallyUnsafeConfigAnnotations", annotations_known);
  json_end_object(w);
  json_finish(w);
}
