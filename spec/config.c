/* SPDX-License-Identifier: Apache-2.0
 * The top of config.json. */
#include "spec/types.h"
#include "spec/spec.h"

static const struct field root_fields[] = {
  ROW("path", STRING, root, path, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("readonly", BOOL, root, readonly),
  { .key = NULL },
};
static const struct type root_type = { "root", sizeof(struct root), root_fields };

static const struct field config_fields[] = {
  ROW("ociVersion", STRING, spec, oci_version, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("root", OBJECT, spec, root, .type = &root_type),
  ROW("mounts", OBJECTS, spec, mounts, .type = &mount_type),
  ROW("process", OBJECT, spec, process, .type = &process_type),
  ROW("hostname", STRING, spec, hostname),
  ROW("domainname", STRING, spec, domainname),
  ROW("hooks", OBJECT, spec, hooks, .type = &hooks_type),
  ROW("annotations", STRING_MAP, spec, annotations),
  ROW("linux", OBJECT, spec, linux_, .type = &linux_type),
  /* Other platforms (config.md: "Platform-specific configuration"): a runtime for Linux reads over them. */
  { .key = "solaris", .kind = FIELD_IGNORED },
  { .key = "windows", .kind = FIELD_IGNORED },
  { .key = "vm", .kind = FIELD_IGNORED },
  { .key = "zos", .kind = FIELD_IGNORED },
  { .key = "freebsd", .kind = FIELD_IGNORED },
  { .key = NULL },
};
const struct type config_type = { "config", sizeof(struct spec), config_fields };
