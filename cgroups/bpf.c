/* SPDX-License-Identifier: Apache-2.0
 * bpf(2) for cgroup device programs. Every call passes a zeroed union, so that newer members mean
 * "default". */
#include "cgroups/bpf.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/sys.h"
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PROGRAM_NAME                                                                                         \
  "hull_devices"        /* at most 15 bytes; tells our programs from those of systemd or an admin */
#define ATTACHED_MAX 64 /* BPF_CGROUP_MAX_PROGS of the kernel */

static uint64_t address(const void *p)
{
  return (uint64_t)(uintptr_t)p;
}

int bpf_load_device_program(const struct bpf_insn *insns, size_t count, struct error *err)
{
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = address(insns);
  attr.insn_cnt = (uint32_t)count;
  attr.license = address("Apache-2.0"); /* only programs that call GPL-only helpers need more */
  memcpy(attr.prog_name, PROGRAM_NAME, sizeof PROGRAM_NAME);
  int fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof attr);
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot load the device program (%zu instructions)", count);
  return fd;
}

static int program_info(int program_fd, struct bpf_prog_info *info)
{
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  memset(info, 0, sizeof *info);
  attr.info.bpf_fd = (uint32_t)program_fd;
  attr.info.info_len = sizeof *info;
  attr.info.info = address(info);
  return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr);
}

/* Ids of the programs attached to this very cgroup. Returns their number. */
static int attached_programs(int cgroup_fd, uint32_t ids[static ATTACHED_MAX])
{
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.query.target_fd = (uint32_t)cgroup_fd;
  attr.query.attach_type = BPF_CGROUP_DEVICE;
  attr.query.prog_ids = address(ids);
  attr.query.prog_cnt = ATTACHED_MAX;
  if (sys_bpf(BPF_PROG_QUERY, &attr, sizeof attr) < 0)
    return -1;
  return (int)attr.query.prog_cnt;
}

static int detach(int cgroup_fd, int program_fd)
{
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)cgroup_fd;
  attr.attach_bpf_fd = (uint32_t)program_fd;
  attr.attach_type = BPF_CGROUP_DEVICE;
  return sys_bpf(BPF_PROG_DETACH, &attr, sizeof attr);
}

/* Opens program 'id' if it bears our name. -1 and errno; errno 0: another's, or gone. */
static int open_if_ours(uint32_t id)
{
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.prog_id = id;
  auto_close int fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof attr);
  struct bpf_prog_info info;
  if (fd < 0 && errno == ENOENT)
    errno = 0;
  if (fd < 0 || program_info(fd, &info) < 0)
    return -1;
  if (strncmp(info.name, PROGRAM_NAME, sizeof info.name) == 0)
    return take_fd(&fd);
  errno = 0;
  return -1;
}

static int detach_if_ours(int cgroup_fd, uint32_t id)
{
  auto_close int fd = open_if_ours(id);
  if (fd < 0)
    return errno == 0 ? 0 : -1;
  return detach(cgroup_fd, fd);
}

/* The first program of ours in the cgroup; -1: none. */
static int find_ours(int cgroup_fd)
{
  uint32_t ids[ATTACHED_MAX] = { 0 };
  int count = attached_programs(cgroup_fd, ids), fd = -1;
  for (int i = 0; i < count && fd < 0; i++)
    fd = open_if_ours(ids[i]);
  return fd;
}

static int detach_ours_except(int cgroup_fd, uint32_t kept, bool *found, struct error *err)
{
  uint32_t ids[ATTACHED_MAX] = { 0 };
  int count = attached_programs(cgroup_fd, ids);
  if (count < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot list the device programs of the cgroup");
  for (int i = 0; i < count; i++) {
    if (kept && ids[i] == kept)
      *found = true;
    else if (detach_if_ours(cgroup_fd, ids[i]) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot detach an earlier device program");
  }
  return 0;
}

int bpf_attach_device_program(int cgroup_fd, int program_fd, struct error *err)
{
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  /* In one step, where a container has rules already: at no moment none, or both. */
  auto_close int earlier = find_ours(cgroup_fd);
  attr.target_fd = (uint32_t)cgroup_fd;
  attr.attach_bpf_fd = (uint32_t)program_fd;
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = BPF_F_ALLOW_MULTI;
  if (earlier >= 0) {
    attr.attach_flags |= BPF_F_REPLACE;
    attr.replace_bpf_fd = (uint32_t)earlier;
  }
  if (sys_bpf(BPF_PROG_ATTACH, &attr, sizeof attr) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the device program to the cgroup");

  /* Security: a program that is not where we think it is would leave every device open. */
  struct bpf_prog_info info;
  bool found = false;
  if (program_info(program_fd, &info) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine the device program");
  if (detach_ours_except(cgroup_fd, info.id, &found, err) < 0)
    return -1;
  if (!found)
    return error_set(err, ERROR_KERNEL, 0, "the kernel does not list the device program of the cgroup");
  return 0;
}

int bpf_detach_device_programs(int cgroup_fd, struct error *err)
{
  bool found;
  return detach_ours_except(cgroup_fd, 0, &found, err);
}
