/* SPDX-License-Identifier: Apache-2.0
 * Which devices of the host go into the container's network namespace, and by what name (config-linux.md,
 * "Network Devices"). */
#include "libcontainer/plan/planner.h"
#include "spec/pointer.h"
#include <linux/capability.h>

/* As the one who runs hull: in the container's namespaces it comes too late. */
static bool may_move(const struct facts *facts)
{
  return (facts->capabilities >> CAP_NET_ADMIN & 1) != 0;
}

void plan_net_devices(struct planner *p)
{
  const struct net_device *device;
  if (p->linux_->net_devices.count > 0 && !may_move(p->facts))
    planner_problem(p, "/linux/netDevices", "moving network devices of the host needs CAP_NET_ADMIN there");
  vec_each (&p->linux_->net_devices, device) {
    struct plan_net_device *planned = vec_push(p->arena, &p->plan->net_devices);
    struct pointer pointer;
    pointer_init(&pointer, "/linux/netDevices");
    pointer_push(&pointer, device->host_name);
    *planned = (struct plan_net_device){
      .host_name = device->host_name,
      .name = device->name && *device->name ? device->name : device->host_name,
      .origin = arena_strdup(p->arena, pointer.text),
    };
  }
}
