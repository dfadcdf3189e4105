/* SPDX-License-Identifier: Apache-2.0
 * config.md, "Mounts", and the id mappings that mounts and user namespaces share. */
#include "spec/types.h"
#include "spec/spec.h"

static const struct field id_mapping_fields[] = {
  ROW("containerID", U64, id_mapping, container_id, .umax = UINT32_MAX, .flags = FIELD_REQUIRED),
  ROW("hostID", U64, id_mapping, host_id, .umax = UINT32_MAX, .flags = FIELD_REQUIRED),
  ROW("size", U64, id_mapping, size, .umax = UINT32_MAX, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
const struct type id_mapping_type = { "id mapping", sizeof(struct id_mapping), id_mapping_fields };

static const struct field mount_fields[] = {
  ROW("destination", STRING, mount, destination, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("type", STRING, mount, type),
  ROW("source", STRING, mount, source),
  ROW("options", STRINGS, mount, options),
  ROW("uidMappings", OBJECTS, mount, uid_mappings, .type = &id_mapping_type),
  ROW("gidMappings", OBJECTS, mount, gid_mappings, .type = &id_mapping_type),
  { .key = NULL },
};
const struct type mount_type = { "mount", sizeof(struct mount), mount_fields };
