/* SPDX-License-Identifier: Apache-2.0
 * Semantic checks of the linux section: namespaces, id maps, clocks, names, paths, devices, sysctls, seccomp.
 * */
#include "libcontainer/base/text.h"
#include "spec/names.h"
#include "spec/pointer.h"
#include "spec/problem.h"
#include "spec/rdt.h"
#include "spec/sysctl.h"
#include "spec/types.h"
#include "spec/validate_check.h"

#include <string.h>

/* For the checks that need no more than the section to be there. */
static const struct linux_config *linux_of(const struct checking *c)
{
  static const struct linux_config empty;
  return c->spec->linux_ ? c->spec->linux_ : &empty;
}

static void check_namespaces(const struct checking *c)
{
  const struct linux_config *linux_ = linux_of(c);
  unsigned seen = 0;
  const struct namespace_ref *ns;
  vec_each (&linux_->namespaces, ns) {
    size_t i = vec_index(&linux_->namespaces, ns);
    if (seen >> ns->type.value & 1)
      refuse(c, at(c, "/linux/namespaces/%zu/type", i), "namespace '%s' is listed twice",
             names_of(namespace_names, ns->type.value));
    seen |= 1u << ns->type.value;
    if (ns->path && *ns->path && *ns->path != '/')
      refuse(c, at(c, "/linux/namespaces/%zu/path", i), "'%s' is not absolute", ns->path);
  }
}

/* --- id maps -------------------------------------------------------------------------------------- */

#define EXTENTS_MAX 340 /* user_namespaces(7): lines of a map since Linux 4.15 */

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
  return a < b + b_size && b < a + a_size;
}

static void check_overlaps(const struct checking *c, const char *pointer, const id_mappings *maps)
{
  for (size_t i = 1; i < maps->count; i++)
    for (size_t j = 0; j < i; j++) {
      const struct id_mapping *a = &maps->items[i], *b = &maps->items[j];
      if (overlap(a->container_id.value, a->size.value, b->container_id.value, b->size.value)
          || overlap(a->host_id.value, a->size.value, b->host_id.value, b->size.value)) {
        refuse(c, at(c, "%s/%zu", pointer, i), "overlaps with entry %zu", j);
        return;
      }
    }
}

static void check_id_map(const struct checking *c, const char *pointer, const id_mappings *maps)
{
  if (maps->count > EXTENTS_MAX) {
    refuse(c, pointer, "%zu entries: the kernel takes %d at most", maps->count, EXTENTS_MAX);
    return;
  }
  const struct id_mapping *map;
  vec_each (maps, map) {
    uint64_t first =
        map->host_id.value > map->container_id.value ? map->host_id.value : map->container_id.value;
    if (map->size.value == 0)
      refuse(c, at(c, "%s/%zu/size", pointer, vec_index(maps, map)), "must not be 0");
    else if (first + map->size.value > UINT32_MAX) /* 4294967295 itself is no id */
      refuse(c, at(c, "%s/%zu/size", pointer, vec_index(maps, map)), "goes past the last id, 4294967294");
  }
  check_overlaps(c, pointer, maps);
}

static void check_user_namespace(const struct checking *c)
{
  const struct linux_config *linux_ = linux_of(c);
  const struct namespace_ref *user = find_namespace(c->spec, NS_USER);
  bool joined = user && user->path && *user->path;
  const struct {
    const char *key;
    const id_mappings *maps;
  } rows[] = { { "uidMappings", &linux_->uid_mappings }, { "gidMappings", &linux_->gid_mappings } };
  for (size_t i = 0; i < 2; i++) {
    bool mapped = rows[i].maps->count > 0;
    if (mapped && lacks_namespace(c, NS_USER))
      refuse(c, at(c, "/linux/%s", rows[i].key), "needs a user namespace in /linux/namespaces");
    else if (mapped && joined) /* podman writes a dummy map, because runc wants one */
      warn(c, at(c, "/linux/%s", rows[i].key), "not used: the user namespace that is joined has its own");
    else if (user && !joined && !mapped)
      refuse(c, at(c, "/linux/%s", rows[i].key), "a new user namespace needs it");
    check_id_map(c, at(c, "/linux/%s", rows[i].key), rows[i].maps);
  }
}

/* config.md: both or neither. */
static void check_mount_mappings(const struct checking *c)
{
  const struct mount *mount;
  vec_each (&c->spec->mounts, mount) {
    const size_t i = vec_index(&c->spec->mounts, mount);
    if ((mount->uid_mappings.count == 0) != (mount->gid_mappings.count == 0))
      refuse(c, at(c, "/mounts/%zu", i), "uidMappings and gidMappings come together");
    check_id_map(c, at(c, "/mounts/%zu/uidMappings", i), &mount->uid_mappings);
    check_id_map(c, at(c, "/mounts/%zu/gidMappings", i), &mount->gid_mappings);
  }
}

/* --- clocks and names ------------------------------------------------------------------------------ */

static bool is_joined(const struct namespace_ref *ns)
{
  return ns && ns->path && *ns->path;
}

static void check_time_offsets(const struct checking *c)
{
  const struct linux_config *linux_ = linux_of(c);
  if (linux_->time_offsets.count > 0
      && (lacks_namespace(c, NS_TIME) || is_joined(find_namespace(c->spec, NS_TIME))))
    refuse(c, "/linux/timeOffsets", "needs a new time namespace in /linux/namespaces");
  const struct time_offset *offset;
  vec_each (&linux_->time_offsets, offset)
    if (strcmp(offset->clock, "monotonic") != 0 && strcmp(offset->clock, "boottime") != 0) {
      struct pointer pointer;
      pointer_init(&pointer, "/linux/timeOffsets");
      pointer_push(&pointer, offset->clock);
      refuse(c, pointer.text, "unknown clock: there are monotonic and boottime");
    }
}

#define UTS_NAME_MAX 64 /* sethostname(2) */

static void check_uts_name(const struct checking *c, const char *pointer, const char *name)
{
  if (!name || !*name)
    return;
  if (lacks_namespace(c, NS_UTS))
    refuse(c, pointer, "needs a uts namespace in /linux/namespaces");
  if (strlen(name) > UTS_NAME_MAX)
    refuse(c, pointer, "longer than %d bytes", UTS_NAME_MAX);
}

static void check_uts_names(const struct checking *c)
{
  check_uts_name(c, "/hostname", c->spec->hostname);
  check_uts_name(c, "/domainname", c->spec->domainname);
}

/* --- paths ---------------------------------------------------------------------------------------- */

static void check_path_list(const struct checking *c, const char *key, const struct strings *paths)
{
  if (paths->count > 0 && lacks_namespace(c, NS_MOUNT))
    refuse(c, at(c, "/linux/%s", key), "needs a mount namespace in /linux/namespaces");
  for (size_t i = 0; i < paths->count; i++)
    if (paths->items[i][0] != '/')
      refuse(c, at(c, "/linux/%s/%zu", key, i), "'%s' is not absolute", paths->items[i]);
}

static void check_protected_paths(const struct checking *c)
{
  check_path_list(c, "maskedPaths", &linux_of(c)->masked_paths);
  check_path_list(c, "readonlyPaths", &linux_of(c)->readonly_paths);
}

/* --- devices -------------------------------------------------------------------------------------- */

enum { MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1 }; /* dev_t of the kernel */

static void check_device_number(const struct checking *c, size_t i, const char *key,
                                const struct opt_i64 *number, int64_t max)
{
  if (!number->set)
    refuse(c, at(c, "/linux/devices/%zu/%s", i, key), "required for this type, but missing");
  else if (number->value < 0 || number->value > max)
    refuse(c, at(c, "/linux/devices/%zu/%s", i, key), "%lld is out of range 0 to %lld",
           (long long)number->value, (long long)max);
}

static void check_devices(const struct checking *c)
{
  const struct device *device;
  vec_each (&linux_of(c)->devices, device) {
    size_t i = vec_index(&linux_of(c)->devices, device);
    if (strlen(device->type) != 1 || !strchr("cbup", *device->type)) {
      refuse(c, at(c, "/linux/devices/%zu/type", i), "'%s' is none of c, b, u and p", device->type);
    } else if (*device->type != 'p') {
      check_device_number(c, i, "major", &device->major, MAJOR_MAX);
      check_device_number(c, i, "minor", &device->minor, MINOR_MAX);
    }
    if (device->path[0] != '/')
      refuse(c, at(c, "/linux/devices/%zu/path", i), "'%s' is not absolute", device->path);
  }
}

/* --- network devices ------------------------------------------------------------------------------ */

#define DEVICE_NAME_MAX 15   /* IFNAMSIZ with its NUL */
#define NET_DEVICES_MAX 1024 /* each is compared with each */

/* As the kernel sees it (dev_valid_name); a template has one %d and no other %. */
static const char *wrong_device_name(const char *name)
{
  const char *percent = strchr(name, '%');
  if (!*name)
    return "must not be empty";
  if (strlen(name) > DEVICE_NAME_MAX)
    return "is longer than 15 bytes, the most for a network device";
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || name[strcspn(name, "/: \t\n\v\f\r")])
    return "is no name of a network device: it must not be '.' or '..', nor have '/', ':' or blanks";
  if (percent && (percent[1] != 'd' || strchr(percent + 2, '%')))
    return "is no template: it may have one %d and no other %";
  if (strcmp(name, "lo") == 0)
    return "is the loopback device, which each network namespace has of its own";
  return NULL;
}

static const char *name_inside(const struct net_device *device)
{
  return device->name && *device->name ? device->name : device->host_name;
}

static bool same_name(const struct net_device *a, const struct net_device *b)
{
  return !strchr(name_inside(a), '%') && strcmp(name_inside(a), name_inside(b)) == 0;
}

static void check_net_device(const struct checking *c, const struct net_device *device)
{
  struct pointer pointer;
  pointer_init(&pointer, "/linux/netDevices");
  pointer_push(&pointer, device->host_name);
  const char *wrong = wrong_device_name(device->host_name);
  if (!wrong && strchr(device->host_name, '%'))
    wrong = "names a device of the host, so it is no template";
  if (wrong)
    refuse(c, pointer.text, "'%s' %s", device->host_name, wrong);
  pointer_push(&pointer, "name");
  if (device->name && *device->name && (wrong = wrong_device_name(device->name)))
    refuse(c, pointer.text, "'%s' %s", device->name, wrong);
  const struct net_device *other;
  vec_each (&linux_of(c)->net_devices, other) {
    if (other == device)
      break;
    if (same_name(other, device))
      refuse(c, pointer.text, "'%s' is also the name of '%s'", name_inside(device), other->host_name);
  }
}

static void check_net_devices(const struct checking *c)
{
  const struct net_device *device;
  if (linux_of(c)->net_devices.count > 0 && lacks_namespace(c, NS_NETWORK))
    refuse(c, "/linux/netDevices", "needs a network namespace in /linux/namespaces");
  if (linux_of(c)->net_devices.count > NET_DEVICES_MAX) {
    refuse(c, "/linux/netDevices", "more than %d devices", NET_DEVICES_MAX);
    return;
  }
  vec_each (&linux_of(c)->net_devices, device)
    check_net_device(c, device);
}

/* --- resctrl -------------------------------------------------------------------------------------- */

#define GROUP_NAME_MAX 255 /* NAME_MAX */

bool rdt_is_reserved(const char *name)
{
  static const char *const names[] = { "info", "mon_groups", "mon_data" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0)
      return true;
  return false;
}

/* Security: it becomes a directory's name. */
static void check_clos_id(const struct checking *c, const char *id)
{
  static const char pointer[] = "/linux/intelRdt/closID";
  if (!id || strcmp(id, "/") == 0)
    return;
  if (strpbrk(id, "/\n") || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
    refuse(c, pointer, "'%s' is no name of a directory, nor '/'", id);
  else if (rdt_is_reserved(id))
    refuse(c, pointer, "'%s' is no class of service, but resctrl's own", id);
  else if (strlen(id) > GROUP_NAME_MAX)
    refuse(c, pointer, "longer than %d bytes", GROUP_NAME_MAX);
}

static void check_intel_rdt(const struct checking *c)
{
  const struct intel_rdt *rdt = linux_of(c)->intel_rdt;
  if (!rdt)
    return;
  const char *l3 = rdt->l3_cache_schema, *mb = rdt->mem_bw_schema;
  check_clos_id(c, rdt->clos_id);
  if (l3 && *l3 && (strncmp(l3, "L3:", 3) != 0 || strchr(l3, '\n')))
    warn(c, "/linux/intelRdt/l3CacheSchema", "'%s' is not one line that begins with 'L3:'", l3);
  if (mb && *mb && (strncmp(mb, "MB:", 3) != 0 || strchr(mb, '\n')))
    refuse(c, "/linux/intelRdt/memBwSchema", "'%s' is not one line that begins with 'MB:'", mb);
  for (size_t i = 0; i < rdt->schemata.count; i++)
    if (rdt->schemata.items[i] && strchr(rdt->schemata.items[i], '\n'))
      refuse(c, at(c, "/linux/intelRdt/schemata/%zu", i), "more than one line");
  if (rdt->enable_cmt.value)
    warn(c, "/linux/intelRdt/enableCMT", "not used since runtime-spec 1.3: see enableMonitoring");
  if (rdt->enable_mbm.value)
    warn(c, "/linux/intelRdt/enableMBM", "not used since runtime-spec 1.3: see enableMonitoring");
}

static void check_rule_number(const struct checking *c, size_t i, const char *key,
                              const struct opt_i64 *number)
{
  if (number->set && (number->value < -1 || number->value > UINT32_MAX))
    refuse(c, at(c, "/linux/resources/devices/%zu/%s", i, key),
           "%lld is neither a device number nor -1 (all)", (long long)number->value);
}

static void check_device_rules(const struct checking *c)
{
  const struct resources *resources = linux_of(c)->resources;
  if (!resources)
    return;
  const struct device_rule *rule;
  vec_each (&resources->devices, rule) {
    size_t i = vec_index(&resources->devices, rule);
    if (rule->type && *rule->type && (strlen(rule->type) != 1 || !strchr("abc", *rule->type)))
      refuse(c, at(c, "/linux/resources/devices/%zu/type", i), "'%s' is none of a, b and c", rule->type);
    if (rule->access && rule->access[strspn(rule->access, "rwm")] != '\0')
      refuse(c, at(c, "/linux/resources/devices/%zu/access", i), "'%s' has other letters than r, w and m",
             rule->access);
    check_rule_number(c, i, "major", &rule->major);
    check_rule_number(c, i, "minor", &rule->minor);
  }
}

/* --- resources ------------------------------------------------------------------------------------ */

/* The schema's ^[1-9][0-9]*[KMG]B$ */
static bool is_page_size(const char *s)
{
  size_t digits = strspn(s, "0123456789");
  const char *unit = s + digits;
  return digits > 0 && *s != '0' && *unit && strchr("KMG", *unit) && strcmp(unit + 1, "B") == 0;
}

static void check_weight_devices(const struct checking *c, const struct block_io *io)
{
  const struct weight_device *device;
  if (!io)
    return;
  vec_each (&io->weight_device, device)
    if (!device->weight.set && !device->leaf_weight.set)
      refuse(c, at(c, "/linux/resources/blockIO/weightDevice/%zu", vec_index(&io->weight_device, device)),
             "neither weight nor leafWeight is given");
}

static void check_resources(const struct checking *c)
{
  const struct resources *resources = linux_of(c)->resources;
  if (!resources)
    return;
  check_weight_devices(c, resources->block_io);
  if (resources->memory && resources->memory->use_hierarchy.set && !resources->memory->use_hierarchy.value)
    refuse(c, "/linux/resources/memory/useHierarchy", "false " NEEDS_CGROUP_V1);
  const struct hugepage_limit *limit;
  vec_each (&resources->hugepage_limits, limit)
    if (!is_page_size(limit->page_size))
      refuse(c,
             at(c, "/linux/resources/hugepageLimits/%zu/pageSize",
                vec_index(&resources->hugepage_limits, limit)),
             "'%s' is not a size like 64KB, 2MB or 1GB", limit->page_size);
}

/* --- sysctl --------------------------------------------------------------------------------------- */

static void check_sysctls(const struct checking *c)
{
  const struct string_pair *pair;
  const bool known = !problems_judged(c->problems, "/linux/namespaces");
  vec_each (&linux_of(c)->sysctl, pair) {
    char message[200];
    if (sysctl_allowed(c->spec, known, pair->key, message, sizeof message))
      continue;
    struct pointer pointer;
    pointer_init(&pointer, "/linux/sysctl");
    pointer_push(&pointer, pair->key);
    refuse(c, pointer.text, "%s", message);
  }
}

/* --- seccomp -------------------------------------------------------------------------------------- */

#define ERRNO_MAX 4095 /* seccomp(2): larger ones are cut down */

static void check_errno(const struct checking *c, const char *pointer, const struct opt_enum *action,
                        const struct opt_u64 *value)
{
  if (!value->set)
    return;
  if (action->value != ACT_ERRNO && action->value != ACT_TRACE)
    refuse(c, pointer, "%s takes no errno", names_of(seccomp_action_names, action->value));
  else if (value->value > (action->value == ACT_ERRNO ? ERRNO_MAX : UINT16_MAX))
    refuse(c, pointer, "%llu is too large", (unsigned long long)value->value);
}

static void check_seccomp_rule(const struct checking *c, size_t i, const struct seccomp_rule *rule)
{
  for (size_t n = 0; n < rule->names.count; n++)
    if (*rule->names.items[n] == '\0')
      refuse(c, at(c, "/linux/seccomp/syscalls/%zu/names/%zu", i, n), "must not be empty");
  if (rule->action.value == ACT_NOTIFY && !linux_of(c)->seccomp->listener_path)
    refuse(c, at(c, "/linux/seccomp/syscalls/%zu/action", i),
           "SCMP_ACT_NOTIFY needs /linux/seccomp/listenerPath");
  if (rule->errno_ret.set)
    check_errno(c, at(c, "/linux/seccomp/syscalls/%zu/errnoRet", i), &rule->action, &rule->errno_ret);
}

static void check_seccomp(const struct checking *c)
{
  const struct seccomp *seccomp = linux_of(c)->seccomp;
  if (!seccomp)
    return;
  if (seccomp->default_action.value
      == ACT_NOTIFY) /* the runtime's own system calls would wait for the agent */
    refuse(c, "/linux/seccomp/defaultAction", "SCMP_ACT_NOTIFY cannot be the default action");
  if (seccomp->listener_metadata && *seccomp->listener_metadata && !seccomp->listener_path)
    refuse(c, "/linux/seccomp/listenerMetadata", "needs /linux/seccomp/listenerPath");
  check_errno(c, "/linux/seccomp/defaultErrnoRet", &seccomp->default_action, &seccomp->default_errno_ret);
  const struct seccomp_rule *rule;
  vec_each (&seccomp->syscalls, rule)
    check_seccomp_rule(c, vec_index(&seccomp->syscalls, rule), rule);
}

const struct check linux_checks[] = {
  { "namespaces", check_namespaces },
  { "user namespace", check_user_namespace },
  { "mount mappings", check_mount_mappings },
  { "time offsets", check_time_offsets },
  { "hostname", check_uts_names },
  { "masked and read-only paths", check_protected_paths },
  { "devices", check_devices },
  { "network devices", check_net_devices },
  { "resctrl", check_intel_rdt },
  { "device rules", check_device_rules },
  { "resources", check_resources },
  { "sysctl", check_sysctls },
  { "seccomp", check_seccomp },
  { NULL, NULL },
};
