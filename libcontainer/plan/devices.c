/* SPDX-License-Identifier: Apache-2.0
 * Device nodes: the default ones (config-linux.md, "Default Devices") and those listed, and whether each is
 * made or bound from the host. /dev/console and /dev/ptmx belong to the terminal, not to this list. */
#include "libcontainer/base/path.h"
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"

#define DEVICE_MODE 0666

static const struct plan_device default_devices[] = {
  { .path = "/dev/null", .type = 'c', .major = 1, .minor = 3 },
  { .path = "/dev/zero", .type = 'c', .major = 1, .minor = 5 },
  { .path = "/dev/full", .type = 'c', .major = 1, .minor = 7 },
  { .path = "/dev/random", .type = 'c', .major = 1, .minor = 8 },
  { .path = "/dev/urandom", .type = 'c', .major = 1, .minor = 9 },
  { .path = "/dev/tty", .type = 'c', .major = 5, .minor = 0 },
};

/* mknod(2) of devices needs CAP_MKNOD in the initial user namespace. */
static bool must_bind(const struct planner *p)
{
  return plan_has_user_namespace(p->plan) || p->facts->in_user_namespace || p->facts->euid != 0;
}

static struct plan_device *find_device(struct plan *plan, const char *path)
{
  struct plan_device *device;
  vec_each (&plan->devices, device)
    if (text_equal(device->path, path))
      return device;
  return NULL;
}

static void plan_device(struct planner *p, const struct device *asked, const char *origin)
{
  /* "u" is an older name for character devices. */
  char type = text_equal(asked->type, "u") ? 'c' : asked->type[0];
  const char *path = path_absolute(p->arena, "/", asked->path);
  if (text_equal(path, "/dev/ptmx")) /* always a link to the container's own pts/ptmx */
    return;
  if (!p->plan->fill_dev && path_is_under(path, "/dev")) {
    planner_warn(p, origin, "device '%s' is not made: /dev is a bind mount", path);
    return;
  }
  struct plan_device *planned = find_device(p->plan, path);
  if (!planned)
    planned = vec_push(p->arena, &p->plan->devices);
  *planned = (struct plan_device){
    .path = path,
    .type = type,
    .major = type == 'p' ? 0 : (unsigned)asked->major.value,
    .minor = type == 'p' ? 0 : (unsigned)asked->minor.value,
    .mode = asked->file_mode.set ? (uint32_t)(asked->file_mode.value & 07777) : DEVICE_MODE,
    .uid = (uint32_t)asked->uid.value,
    .gid = (uint32_t)asked->gid.value,
    .bind = type != 'p' && must_bind(p),
    .origin = origin,
  };
}

void plan_devices(struct planner *p)
{
  for (size_t i = 0; p->plan->fill_dev && i < sizeof default_devices / sizeof *default_devices; i++) {
    struct plan_device *device = vec_push(p->arena, &p->plan->devices);
    *device = default_devices[i];
    device->mode = DEVICE_MODE;
    device->bind = must_bind(p);
    device->origin = "";
  }
  const struct device *asked;
  vec_each (&p->linux_->devices, asked)
    plan_device(p, asked, planner_pointer(p, "/linux/devices/%zu", vec_index(&p->linux_->devices, asked)));
}
