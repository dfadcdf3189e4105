/* SPDX-License-Identifier: Apache-2.0
 * config-linux.md, "Control groups", and the partial resources of `update`. What only cgroup v1 has is
 * marked at the value, not at the object: callers write empty objects and zeros that ask for nothing. */
#include "spec/types.h"
#include "spec/spec.h"

static const struct field device_rule_fields[] = {
  ROW("allow", BOOL, device_rule, allow, .flags = FIELD_REQUIRED),
  ROW("type", STRING, device_rule, type),
  ROW("major", I64, device_rule, major),
  ROW("minor", I64, device_rule, minor),
  ROW("access", STRING, device_rule, access),
  { .key = NULL },
};
static const struct type device_rule_type = { "device rule", sizeof(struct device_rule), device_rule_fields };

static const struct field memory_fields[] = {
  ROW("limit", I64, memory, limit),
  ROW("reservation", I64, memory, reservation),
  ROW("swap", I64, memory, swap),
  ROW("kernel", I64, memory, kernel, .flags = FIELD_DEPRECATED, .unsupported = NEEDS_CGROUP_V1),
  ROW("kernelTCP", I64, memory, kernel_tcp, .flags = FIELD_DEPRECATED, .unsupported = NEEDS_CGROUP_V1),
  ROW("swappiness", U64, memory, swappiness, .unsupported = NEEDS_CGROUP_V1),
  ROW("disableOOMKiller", BOOL, memory, disable_oom_killer, .unsupported = NEEDS_CGROUP_V1),
  ROW("useHierarchy", BOOL, memory, use_hierarchy),
  ROW("checkBeforeUpdate", BOOL, memory, check_before_update),
  { .key = NULL },
};
static const struct type memory_type = { "memory", sizeof(struct memory), memory_fields };

static const struct field cpu_fields[] = {
  ROW("shares", U64, cpu, shares),
  ROW("quota", I64, cpu, quota),
  ROW("burst", U64, cpu, burst),
  ROW("period", U64, cpu, period),
  ROW("realtimeRuntime", I64, cpu, realtime_runtime, .unsupported = NEEDS_CGROUP_V1),
  ROW("realtimePeriod", U64, cpu, realtime_period, .unsupported = NEEDS_CGROUP_V1),
  ROW("cpus", STRING, cpu, cpus),
  ROW("mems", STRING, cpu, mems),
  ROW("idle", I64, cpu, idle, .min = 0, .max = 1),
  { .key = NULL },
};
static const struct type cpu_type = { "cpu", sizeof(struct cpu), cpu_fields };

static const struct field pids_fields[] = {
  ROW("limit", I64, pids, limit),
  { .key = NULL },
};
static const struct type pids_type = { "pids", sizeof(struct pids), pids_fields };

static const struct field weight_device_fields[] = {
  ROW("major", I64, weight_device, major, .flags = FIELD_REQUIRED),
  ROW("minor", I64, weight_device, minor, .flags = FIELD_REQUIRED),
  ROW("weight", U64, weight_device, weight, .umax = UINT16_MAX),
  ROW("leafWeight", U64, weight_device, leaf_weight, .umax = UINT16_MAX, .unsupported = NEEDS_CGROUP_V1),
  { .key = NULL },
};
static const struct type weight_device_type = { "weight device", sizeof(struct weight_device),
                                                weight_device_fields };

static const struct field throttle_device_fields[] = {
  ROW("major", I64, throttle_device, major, .flags = FIELD_REQUIRED),
  ROW("minor", I64, throttle_device, minor, .flags = FIELD_REQUIRED),
  ROW("rate", U64, throttle_device, rate, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
static const struct type throttle_device_type = { "throttle device", sizeof(struct throttle_device),
                                                  throttle_device_fields };

static const struct field block_io_fields[] = {
  ROW("weight", U64, block_io, weight, .umax = UINT16_MAX),
  ROW("leafWeight", U64, block_io, leaf_weight, .umax = UINT16_MAX, .unsupported = NEEDS_CGROUP_V1),
  ROW("weightDevice", OBJECTS, block_io, weight_device, .type = &weight_device_type),
  ROW("throttleReadBpsDevice", OBJECTS, block_io, throttle_read_bps_device, .type = &throttle_device_type),
  ROW("throttleWriteBpsDevice", OBJECTS, block_io, throttle_write_bps_device, .type = &throttle_device_type),
  ROW("throttleReadIOPSDevice", OBJECTS, block_io, throttle_read_iops_device, .type = &throttle_device_type),
  ROW("throttleWriteIOPSDevice", OBJECTS, block_io, throttle_write_iops_device,
      .type = &throttle_device_type),
  { .key = NULL },
};
static const struct type block_io_type = { "blockIO", sizeof(struct block_io), block_io_fields };

static const struct field hugepage_limit_fields[] = {
  ROW("pageSize", STRING, hugepage_limit, page_size, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("limit", U64, hugepage_limit, limit, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
static const struct type hugepage_limit_type = { "hugepage limit", sizeof(struct hugepage_limit),
                                                 hugepage_limit_fields };

static const struct field interface_priority_fields[] = {
  ROW("name", STRING, interface_priority, name, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("priority", U64, interface_priority, priority, .umax = UINT32_MAX, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
static const struct type interface_priority_type = { "interface priority", sizeof(struct interface_priority),
                                                     interface_priority_fields };

static const struct field network_fields[] = {
  ROW("classID", U64, network, class_id, .umax = UINT32_MAX, .unsupported = NEEDS_CGROUP_V1),
  ROW("priorities", OBJECTS, network, priorities, .type = &interface_priority_type,
      .unsupported = NEEDS_CGROUP_V1),
  { .key = NULL },
};
static const struct type network_type = { "network", sizeof(struct network), network_fields };

static const struct field rdma_fields[] = {
  ROW("device", STRING, rdma, device, .flags = FIELD_IS_KEY),
  ROW("hcaHandles", U64, rdma, hca_handles, .umax = UINT32_MAX),
  ROW("hcaObjects", U64, rdma, hca_objects, .umax = UINT32_MAX),
  { .key = NULL },
};
static const struct type rdma_type = { "rdma", sizeof(struct rdma), rdma_fields };

static const struct field resources_fields[] = {
  ROW("devices", OBJECTS, resources, devices, .type = &device_rule_type),
  ROW("memory", OBJECT, resources, memory, .type = &memory_type),
  ROW("cpu", OBJECT, resources, cpu, .type = &cpu_type),
  ROW("pids", OBJECT, resources, pids, .type = &pids_type),
  ROW("blockIO", OBJECT, resources, block_io, .type = &block_io_type),
  ROW("hugepageLimits", OBJECTS, resources, hugepage_limits, .type = &hugepage_limit_type),
  ROW("network", OBJECT, resources, network, .type = &network_type),
  ROW("rdma", OBJECT_MAP, resources, rdma, .type = &rdma_type),
  ROW("unified", STRING_MAP, resources, unified),
  { .key = NULL },
};
const struct type resources_type = { "resources", sizeof(struct resources), resources_fields };
