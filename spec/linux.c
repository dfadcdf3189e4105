/* SPDX-License-Identifier: Apache-2.0
 * config-linux.md, but for resources and seccomp. */
#include "spec/types.h"
#include "spec/names.h"
#include "spec/spec.h"

/* 4294967295 is (uid_t) -1, which system calls take as "no change". */
#define ID_MAX (UINT32_MAX - 1)

static const struct field namespace_fields[] = {
  ROW("type", ENUM, namespace_ref, type, .names = namespace_names, .flags = FIELD_REQUIRED),
  ROW("path", STRING, namespace_ref, path),
  { .key = NULL },
};
static const struct type namespace_type = { "namespace", sizeof(struct namespace_ref), namespace_fields };

static const struct field time_offset_fields[] = {
  ROW("clock", STRING, time_offset, clock, .flags = FIELD_IS_KEY),
  ROW("secs", I64, time_offset, secs),
  ROW("nanosecs", U64, time_offset, nanosecs, .umax = 999999999),
  { .key = NULL },
};
static const struct type time_offset_type = { "time offset", sizeof(struct time_offset), time_offset_fields };

/* The permissions, and the file's type as stat(2) has it: podman hands on st_mode whole. */
#define FILE_MODE_MAX 0177777

static const struct field device_fields[] = {
  ROW("type", STRING, device, type, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("path", STRING, device, path, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("major", I64, device, major),
  ROW("minor", I64, device, minor),
  ROW("fileMode", U64, device, file_mode, .umax = FILE_MODE_MAX),
  ROW("uid", U64, device, uid, .umax = ID_MAX),
  ROW("gid", U64, device, gid, .umax = ID_MAX),
  { .key = NULL },
};
static const struct type device_type = { "device", sizeof(struct device), device_fields };

static const struct field net_device_fields[] = {
  ROW("hostName", STRING, net_device, host_name, .flags = FIELD_IS_KEY),
  ROW("name", STRING, net_device, name),
  { .key = NULL },
};
static const struct type net_device_type = { "network device", sizeof(struct net_device), net_device_fields };

static const struct field intel_rdt_fields[] = {
  ROW("closID", STRING, intel_rdt, clos_id),
  ROW("schemata", STRINGS, intel_rdt, schemata),
  ROW("l3CacheSchema", STRING, intel_rdt, l3_cache_schema),
  ROW("memBwSchema", STRING, intel_rdt, mem_bw_schema),
  ROW("enableMonitoring", BOOL, intel_rdt, enable_monitoring),
  /* Of runtime-spec 1.2 and older. */
  ROW("enableCMT", BOOL, intel_rdt, enable_cmt, .flags = FIELD_DEPRECATED),
  ROW("enableMBM", BOOL, intel_rdt, enable_mbm, .flags = FIELD_DEPRECATED),
  { .key = NULL },
};
const struct type intel_rdt_type = { "intelRdt", sizeof(struct intel_rdt), intel_rdt_fields };

static const struct field memory_policy_fields[] = {
  ROW("mode", ENUM, memory_policy, mode, .names = memory_policy_names, .flags = FIELD_REQUIRED),
  ROW("nodes", STRING, memory_policy, nodes),
  ROW("flags", STRINGS, memory_policy, flags, .names = memory_policy_flag_names),
  { .key = NULL },
};
static const struct type memory_policy_type = { "memoryPolicy", sizeof(struct memory_policy),
                                                memory_policy_fields };

static const struct field personality_fields[] = {
  ROW("domain", ENUM, personality, domain, .names = personality_names, .flags = FIELD_REQUIRED),
  ROW("flags", STRINGS, personality, flags),
  { .key = NULL },
};
static const struct type personality_type = { "personality", sizeof(struct personality), personality_fields };

static const struct field linux_fields[] = {
  ROW("namespaces", OBJECTS, linux_config, namespaces, .type = &namespace_type),
  ROW("uidMappings", OBJECTS, linux_config, uid_mappings, .type = &id_mapping_type),
  ROW("gidMappings", OBJECTS, linux_config, gid_mappings, .type = &id_mapping_type),
  ROW("timeOffsets", OBJECT_MAP, linux_config, time_offsets, .type = &time_offset_type),
  ROW("devices", OBJECTS, linux_config, devices, .type = &device_type),
  ROW("netDevices", OBJECT_MAP, linux_config, net_devices, .type = &net_device_type),
  ROW("cgroupsPath", STRING, linux_config, cgroups_path),
  ROW("resources", OBJECT, linux_config, resources, .type = &resources_type),
  ROW("rootfsPropagation", ENUM, linux_config, rootfs_propagation, .names = propagation_names),
  ROW("seccomp", OBJECT, linux_config, seccomp, .type = &seccomp_type),
  ROW("sysctl", STRING_MAP, linux_config, sysctl),
  ROW("maskedPaths", STRINGS, linux_config, masked_paths),
  ROW("readonlyPaths", STRINGS, linux_config, readonly_paths),
  ROW("mountLabel", STRING, linux_config, mount_label),
  ROW("intelRdt", OBJECT, linux_config, intel_rdt, .type = &intel_rdt_type),
  ROW("memoryPolicy", OBJECT, linux_config, memory_policy, .type = &memory_policy_type),
  ROW("personality", OBJECT, linux_config, personality, .type = &personality_type),
  { .key = NULL },
};
const struct type linux_type = { "linux", sizeof(struct linux_config), linux_fields };
