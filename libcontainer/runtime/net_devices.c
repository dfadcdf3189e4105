/* SPDX-License-Identifier: Apache-2.0
 * Moves network devices of the host into the container's network namespace, with their addresses
 * (config-linux.md, "Network Devices"). Later nothing of them is managed; only a create that fails before
 * anybody may use the container moves them back. Routes are no attributes of a device: they are lost. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/netlink.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINK_NETNS_IMMUTABLE 67   /* IFLA_NETNS_IMMUTABLE, since Linux 6.14: bridges and the like */
#define HARDWARE_ADDRESS_BYTES 32 /* MAX_ADDR_LEN of the kernel */
#define FREE_INDEX_TRIES 4096
#define DUMP_TRIES 5
/* The kernel decides these. */
#define ADDRESS_STATE_FLAGS                                                                                  \
  (IFA_F_PERMANENT | IFA_F_SECONDARY | IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_OPTIMISTIC)

/* What the kernel says of a device. */
struct link {
  uint32_t index, flags, mtu;
  unsigned char hardware[HARDWARE_ADDRESS_BYTES];
  size_t hardware_length;
  char name[IF_NAMESIZE];
  bool immutable;
};

/* What RTM_NEWADDR needs to make it again. */
struct address {
  struct ifaddrmsg header;
  uint32_t flags;
  const unsigned char *attributes;
  size_t length;
};

struct moving {
  const struct plan_net_device *plan;
  struct link host;      /* as it was found */
  uint32_t inside_index; /* the index it gets; 0: none chosen yet */
  bool moved;
  VEC(struct address) addresses;
};

struct net_devices {
  struct arena *arena;
  int host_ns, host;     /* our network namespace, and a socket in it */
  int inside_ns, inside; /* the container's; they outlive init, and so does what was moved */
  struct moving *devices;
  size_t count;
  const char *lost; /* host's name of one that could not be moved back */
};

bool has_net_devices(const void *context)
{
  const struct launch *l = context;
  return l->plan.net_devices.count > 0;
}

static int wrap(const struct moving *device, const char *what, struct error *err)
{
  error_wrap(err, "cannot %s network device '%s'", what, device->plan->host_name);
  return error_at(err, device->plan->origin);
}

/* --- links ----------------------------------------------------------------------------------------- */

static int read_link(void *context, const struct nlmsghdr *message, struct error *err)
{
  struct link *link = context;
  struct ifinfomsg info;
  if (message->nlmsg_type != RTM_NEWLINK)
    return 0;
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof info))
    return error_set(err, ERROR_KERNEL, EPROTO, "the kernel's answer is not whole");
  memcpy(&info, (const char *)message + NLMSG_HDRLEN, sizeof info);
  *link = (struct link){ .index = (uint32_t)info.ifi_index, .flags = info.ifi_flags };
  struct netlink_attributes rest = netlink_attributes_of(message, sizeof info);
  struct netlink_attribute attribute;
  while (netlink_next(&rest, &attribute)) {
    if (attribute.type == IFLA_MTU)
      (void)netlink_u32(&attribute, &link->mtu);
    else if (attribute.type == IFLA_IFNAME)
      (void)netlink_text(&attribute, link->name, sizeof link->name);
    else if (attribute.type == IFLA_ADDRESS && attribute.length <= sizeof link->hardware) {
      memcpy(link->hardware, attribute.data, attribute.length);
      link->hardware_length = attribute.length;
    } else if (attribute.type == LINK_NETNS_IMMUTABLE)
      link->immutable = attribute.length == 1 && *(const unsigned char *)attribute.data != 0;
  }
  return 0;
}

/* By 'name', or if that is NULL by 'index'. ENODEV: there is none. */
static int find_link(int socket, const char *name, uint32_t index, struct link *link, struct error *err)
{
  struct netlink_request request;
  const struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)index };
  const uint32_t brief = RTEXT_FILTER_SKIP_STATS;
  *link = (struct link){ 0 };
  netlink_begin(&request, RTM_GETLINK, 0, &info, sizeof info);
  netlink_add(&request, IFLA_EXT_MASK, &brief, sizeof brief);
  if (name != NULL)
    netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
  return netlink_call(socket, &request, read_link, link, err);
}

static void begin_change(struct netlink_request *request, uint32_t index, uint32_t change, uint32_t flags)
{
  const struct ifinfomsg info = {
    .ifi_family = AF_UNSPEC, .ifi_index = (int)index, .ifi_change = change, .ifi_flags = flags
  };
  netlink_begin(request, RTM_SETLINK, 0, &info, sizeof info);
}

/* Moves and renames; 'new_index' 0: the kernel chooses. */
static int set_namespace(int socket, uint32_t index, int target, const char *name, uint32_t new_index,
                         struct error *err)
{
  struct netlink_request request;
  const uint32_t fd = (uint32_t)target;
  begin_change(&request, index, 0, 0);
  netlink_add(&request, IFLA_NET_NS_FD, &fd, sizeof fd);
  netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
  if (new_index != 0)
    netlink_add(&request, IFLA_NEW_IFINDEX, &new_index, sizeof new_index);
  return netlink_call(socket, &request, NULL, NULL, err);
}

static int set_up(int socket, uint32_t index, struct error *err)
{
  struct netlink_request request;
  begin_change(&request, index, IFF_UP, IFF_UP);
  return netlink_call(socket, &request, NULL, NULL, err);
}

/* A driver may start afresh in another namespace. */
static int keep_attributes(int socket, const struct link *before, const struct link *now, struct error *err)
{
  struct netlink_request request;
  const bool mtu = before->mtu != now->mtu;
  const bool hardware = before->hardware_length != now->hardware_length
                        || memcmp(before->hardware, now->hardware, now->hardware_length) != 0;
  if (!mtu && !hardware)
    return 0;
  begin_change(&request, now->index, 0, 0);
  if (mtu)
    netlink_add(&request, IFLA_MTU, &before->mtu, sizeof before->mtu);
  if (hardware)
    netlink_add(&request, IFLA_ADDRESS, before->hardware, before->hardware_length);
  return netlink_call(socket, &request, NULL, NULL, err);
}

/* --- addresses ------------------------------------------------------------------------------------- */

/* The label of an IPv4 address is its device's name, with a suffix or without. */
static void add_label(struct netlink_request *request, const struct netlink_attribute *attribute,
                      const char *old_name, const char *new_name)
{
  char label[IF_NAMESIZE], renamed[2 * IF_NAMESIZE];
  const size_t old_length = strlen(old_name);
  if (!netlink_text(attribute, label, sizeof label))
    return;
  if (strncmp(label, old_name, old_length) != 0 || (label[old_length] != ':' && label[old_length] != '\0')) {
    netlink_add(request, IFA_LABEL, label, strlen(label) + 1);
    return;
  }
  (void)snprintf(renamed, sizeof renamed, "%s%s", new_name, label + old_length);
  if (strlen(renamed) < IF_NAMESIZE) /* else without a label: it is one for ifconfig(8) only */
    netlink_add(request, IFA_LABEL, renamed, strlen(renamed) + 1);
}

static int add_address(int socket, const struct address *address, uint32_t index, const char *old_name,
                       const char *new_name, struct error *err)
{
  struct netlink_request request;
  struct ifaddrmsg header = address->header;
  struct netlink_attributes rest = { address->attributes, address->length };
  struct netlink_attribute attribute;
  header.ifa_index = index;
  header.ifa_flags = (uint8_t)address->flags;
  netlink_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
  netlink_add(&request, IFA_FLAGS, &address->flags, sizeof address->flags);
  while (netlink_next(&rest, &attribute))
    if (attribute.type == IFA_LABEL)
      add_label(&request, &attribute, old_name, new_name);
    else if (attribute.type != IFA_FLAGS && attribute.type != IFA_TARGET_NETNSID)
      netlink_add(&request, attribute.type, attribute.data, attribute.length);
  if (netlink_call(socket, &request, NULL, NULL, err) == 0)
    return 0;
  if (err->errnum != EEXIST) /* the kernel makes some itself, from the hardware address */
    return -1;
  error_clear(err);
  return 0;
}

static int add_addresses(int socket, const struct moving *device, uint32_t index, const char *new_name,
                         struct error *err)
{
  const struct address *address;
  vec_each (&device->addresses, address)
    if (add_address(socket, address, index, device->host.name, new_name, err) < 0)
      return error_wrap(err, "cannot give it its IPv%c address again",
                        address->header.ifa_family == AF_INET6 ? '6' : '4');
  return 0;
}

static struct moving *device_of(struct net_devices *net, uint32_t index)
{
  for (size_t i = 0; i < net->count; i++)
    if (net->devices[i].host.index == index)
      return &net->devices[i];
  return NULL;
}

/* Keeps what config-linux.md names: permanent, of global scope, any family. */
static int read_address(void *context, const struct nlmsghdr *message, struct error *err)
{
  struct net_devices *net = context;
  struct ifaddrmsg header;
  if (message->nlmsg_type != RTM_NEWADDR)
    return 0;
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof header))
    return error_set(err, ERROR_KERNEL, EPROTO, "the kernel's answer is not whole");
  memcpy(&header, (const char *)message + NLMSG_HDRLEN, sizeof header);
  struct moving *device = device_of(net, header.ifa_index);
  const struct netlink_attributes all = netlink_attributes_of(message, sizeof header);
  struct netlink_attributes rest = all;
  struct netlink_attribute attribute;
  uint32_t flags = header.ifa_flags;
  while (netlink_next(&rest, &attribute))
    if (attribute.type == IFA_FLAGS)
      (void)netlink_u32(&attribute, &flags);
  if (device == NULL || (flags & IFA_F_PERMANENT) == 0 || header.ifa_scope != RT_SCOPE_UNIVERSE)
    return 0;
  struct address *address = vec_push(net->arena, &device->addresses);
  unsigned char *copy = arena_alloc(net->arena, all.length);
  memcpy(copy, all.bytes, all.length);
  *address = (struct address){ .header = header,
                               .flags = flags & ~(uint32_t)ADDRESS_STATE_FLAGS,
                               .attributes = copy,
                               .length = all.length };
  return 0;
}

static int list_addresses(struct net_devices *net, struct error *err)
{
  const struct ifaddrmsg any = { .ifa_family = AF_UNSPEC };
  for (int tries = 0; tries < DUMP_TRIES; tries++) {
    struct netlink_request request;
    error_clear(err);
    for (size_t i = 0; i < net->count; i++)
      net->devices[i].addresses.count = 0;
    netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP, &any, sizeof any);
    if (netlink_call(net->host, &request, read_address, net, err) == 0)
      return 0;
    if (err->errnum != EAGAIN)
      break;
  }
  return error_wrap(err, "cannot list the addresses of the host");
}

/* --- before a process exists ----------------------------------------------------------------------- */

static bool same_namespace(int a, int b)
{
  struct stat x, y;
  return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

static int refuse_own_namespace(struct error *err)
{
  error_set(err, ERROR_CONFIG, 0, "the container's network namespace is the one that the devices are in");
  return error_at(err, "/linux/netDevices");
}

static int find_device(const struct net_devices *net, struct moving *device, struct error *err)
{
  const char *name = device->plan->host_name;
  if (find_link(net->host, name, 0, &device->host, err) < 0) {
    const bool missing = err->errnum == ENODEV;
    if (missing)
      error_set(err, ERROR_CONFIG, ENODEV, "cannot find network device '%s' on the host", name);
    return missing ? error_at(err, device->plan->origin) : wrap(device, "examine", err);
  }
  if ((device->host.flags & IFF_LOOPBACK) == 0 && !device->host.immutable)
    return 0;
  error_set(err, ERROR_CONFIG, 0, "network device '%s' cannot leave its network namespace", name);
  return error_at(err, device->plan->origin);
}

static struct net_devices *net_create(struct launch *l)
{
  struct net_devices *net = arena_alloc(l->arena, sizeof *net);
  *net = (struct net_devices){ .arena = l->arena,
                               .host_ns = -1,
                               .host = -1,
                               .inside_ns = -1,
                               .inside = -1,
                               .count = l->plan.net_devices.count };
  net->devices = arena_array(l->arena, net->count, sizeof *net->devices);
  for (size_t i = 0; i < net->count; i++)
    net->devices[i].plan = &l->plan.net_devices.items[i];
  return net;
}

int examine_net_devices(void *context, struct error *err)
{
  struct launch *l = context;
  const int joined = l->init.namespace_fds[NS_NETWORK];
  const int proc = proc_root(err);
  if (proc < 0)
    return -1;
  struct net_devices *net = l->net_devices = net_create(l);
  net->host_ns = openat(proc, "thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (net->host_ns < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open our network namespace");
  if (joined >= 0 && same_namespace(joined, net->host_ns))
    return refuse_own_namespace(err);
  if ((net->host = netlink_open(err)) < 0)
    return -1;
  for (size_t i = 0; i < net->count; i++)
    if (find_device(net, &net->devices[i], err) < 0)
      return -1;
  return list_addresses(net, err);
}

/* --- the move -------------------------------------------------------------------------------------- */

/* A socket stays in the network namespace that it was made in. */
static int open_inside(struct net_devices *net, pid_t pid, struct error *err)
{
  auto_close int dir = proc_pid_dir(pid, err);
  if (dir < 0)
    return -1;
  net->inside_ns = openat(dir, "ns/net", O_RDONLY | O_CLOEXEC);
  if (net->inside_ns < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open the container's network namespace");
  if (same_namespace(net->inside_ns, net->host_ns))
    return refuse_own_namespace(err);
  /* Into our own first: who may not come back must not leave. */
  if (setns(net->host_ns, CLONE_NEWNET) < 0 || setns(net->inside_ns, CLONE_NEWNET) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot enter the container's network namespace");
  struct error failed = { 0 };
  net->inside = netlink_open(&failed);
  if (setns(net->host_ns, CLONE_NEWNET) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot return to our network namespace");
  if (net->inside < 0)
    *err = failed;
  return net->inside < 0 ? -1 : 0;
}

static bool is_template(const char *name)
{
  return strchr(name, '%') != NULL;
}

/* config-linux.md: checked before anything is moved. */
static int check_name(const struct net_devices *net, const struct moving *device, struct error *err)
{
  struct link taken;
  if (is_template(device->plan->name))
    return 0;
  if (find_link(net->inside, device->plan->name, 0, &taken, err) < 0) {
    if (err->errnum != ENODEV)
      return wrap(device, "move", err);
    error_clear(err);
    return 0;
  }
  error_set(err, ERROR_CONFIG, EEXIST, "cannot move network device '%s': the container has a '%s' already",
            device->plan->host_name, device->plan->name);
  return error_at(err, device->plan->origin);
}

/* The host's own if it is free there, as the kernel would choose: then we know it also where the kernel
 * chooses the name. */
static int choose_index(const struct net_devices *net, struct moving *device, struct error *err)
{
  struct link taken;
  for (uint32_t i = 0; i < FREE_INDEX_TRIES; i++) {
    const uint32_t index = device->host.index + i;
    if (find_link(net->inside, NULL, index, &taken, err) == 0)
      continue;
    if (err->errnum != ENODEV)
      return -1;
    error_clear(err);
    device->inside_index = index;
    return 0;
  }
  return error_set(err, ERROR_HOST, 0, "the container's network namespace has too many devices");
}

static int move_device(struct net_devices *net, struct moving *device, struct error *err)
{
  struct link now;
  struct error unused = { 0 };
  if (choose_index(net, device, err) < 0)
    return -1;
  if (set_namespace(net->host, device->host.index, net->inside_ns, device->plan->name, device->inside_index,
                    err)
      < 0) {
    /* The kernel moves first and renames then: that may have failed. */
    device->moved = find_link(net->inside, NULL, device->inside_index, &now, &unused) == 0
                    && find_link(net->host, NULL, device->host.index, &now, &unused) < 0;
    return -1;
  }
  device->moved = true;
  if (find_link(net->inside, NULL, device->inside_index, &now, err) < 0
      || keep_attributes(net->inside, &device->host, &now, err) < 0
      || add_addresses(net->inside, device, now.index, now.name, err) < 0)
    return -1;
  return set_up(net->inside, now.index, err);
}

int move_net_devices(struct launch *l, struct error *err)
{
  struct net_devices *net = l->net_devices;
  if (open_inside(net, l->pid, err) < 0)
    return -1;
  for (size_t i = 0; i < net->count; i++)
    if (check_name(net, &net->devices[i], err) < 0)
      return -1;
  for (size_t i = 0; i < net->count; i++)
    if (move_device(net, &net->devices[i], err) < 0)
      return wrap(&net->devices[i], "move", err);
  return 0;
}

/* --- back ------------------------------------------------------------------------------------------ */

static int move_back(struct net_devices *net, struct moving *device, struct error *err)
{
  const struct link *host = &device->host;
  struct link now;
  uint32_t index = host->index;
  if (set_namespace(net->inside, device->inside_index, net->host_ns, host->name, index, err) < 0) {
    /* Somebody took its index meanwhile. */
    if (err->errnum != EBUSY)
      return -1;
    error_clear(err);
    if (set_namespace(net->inside, device->inside_index, net->host_ns, host->name, 0, err) < 0)
      return -1;
  }
  device->moved = false;
  if (find_link(net->host, host->name, 0, &now, err) < 0 || keep_attributes(net->host, host, &now, err) < 0
      || add_addresses(net->host, device, now.index, now.name, err) < 0)
    return -1;
  return (host->flags & IFF_UP) != 0 ? set_up(net->host, now.index, err) : 0;
}

void take_back_net_devices(void *context)
{
  struct launch *l = context;
  struct net_devices *net = l->net_devices;
  if (net == NULL
      || l->proceeded) /* config-linux.md: not out of the namespace of a container that is there */
    return;
  for (size_t i = net->count; i-- > 0;) {
    struct error err = { 0 };
    if (net->devices[i].moved && move_back(net, &net->devices[i], &err) < 0)
      net->lost = net->devices[i].host.name;
  }
}

void tell_lost_net_device(const struct launch *l, struct error *err)
{
  if (l->net_devices != NULL && l->net_devices->lost != NULL)
    (void)error_wrap(err, "network device '%s' could not be given back to the host as it was",
                     l->net_devices->lost);
}

void release_net_devices(struct launch *l)
{
  struct net_devices *net = l->net_devices;
  if (net == NULL)
    return;
  fd_close(&net->host_ns);
  fd_close(&net->host);
  fd_close(&net->inside_ns);
  fd_close(&net->inside);
}
