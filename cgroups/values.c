/* SPDX-License-Identifier: Apache-2.0
 * Formats and errors of the files that limits are written to (cgroup-v2.rst). Pure. */
#include "cgroups/values.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* --- putting back -------------------------------------------------------------------------------- */

/* Files with one line for each device or resource; a line that is not there means 'unset'. */
static const struct {
  const char *file, *unset;
} line_files[] = {
  { "io.max", "rbps=max wbps=max riops=max wiops=max" },
  { "io.weight", "default" },
  { "io.bfq.weight", "default" },
  { "io.latency", "target=0" },
  { "io.cost.qos", NULL },
  { "io.cost.model", NULL },
  { "rdma.max", "hca_handle=max hca_object=max" },
  { "misc.max", "max" },
  { "dmem.max", "max" },
  { "dmem.min", "0" },
  { "dmem.low", "0" },
};

/* The line that begins with the word key[0..length); NULL: there is none. */
static const char *find_line(const char *text, const char *key, size_t length)
{
  for (const char *line = text; *line;
       line += line[strcspn(line, "\n")] ? strcspn(line, "\n") + 1 : strlen(line))
    if (strncmp(line, key, length) == 0 && line[length] == ' ')
      return line;
  return NULL;
}

static const char *line_before(struct arena *arena, const char *unset, const char *value, const char *before)
{
  const char *key = value;
  size_t length = strcspn(value, " \n");
  if (!value[length]) { /* "100", for all devices that have no line */
    key = "default";
    length = strlen(key);
  }
  const char *line = find_line(before, key, length);
  if (line)
    return arena_strndup(arena, line, strcspn(line, "\n"));
  if (!unset || key != value)
    return NULL;
  struct text t;
  text_init(&t, arena);
  text_add_bytes(&t, key, length);
  text_addf(&t, " %s", unset);
  return text_string(&t);
}

const char *value_before(struct arena *arena, const char *file, const char *value, const char *before)
{
  size_t length = strcspn(before, "\n");
  for (size_t i = 0; i < sizeof line_files / sizeof *line_files; i++)
    if (strcmp(file, line_files[i].file) == 0)
      return line_before(arena, line_files[i].unset, value, before);
  if (strcmp(file, "cpuset.cpus.partition") == 0)
    length = strcspn(before, " \n"); /* "root invalid (why)" */
  else if (strcmp(file, "cpu.weight") == 0 && before[0] == '0')
    return NULL; /* it is idle: that is put back by cpu.idle */
  if (length == 0)
    return "\n"; /* no CPUs of its own; a write of nothing would not arrive */
  return arena_strndup(arena, before, length);
}

/* --- explaining ---------------------------------------------------------------------------------- */

static const struct {
  const char *prefix; /* of the file's name */
  int errnum;
  const char *why;
} reasons[] = {
  { "cpu.max.burst", EINVAL, " (a burst is at most the quota)" },
  { "cpu.max", EINVAL,
    " (a quota is at least 1000 us and not less than cpu.max.burst, a period 1000 to 1000000 us, and a "
    "parent's "
    "limits hold)" },
  { "cpu.weight", EINVAL, " (an idle cgroup has no weight)" },
  { "cpu.weight", ERANGE, " (weights are 1 to 10000)" },
  { "cpu.idle", ENOENT, " (before Linux 5.15 no cgroup can be idle)" },
  { "cpu.max.burst", ENOENT, " (before Linux 5.14 there is no burst)" },
  { "cpuset.cpus.partition", EINVAL, " (member, root or isolated)" },
  { "cpuset.cpus", EINVAL, " (not a list of CPUs that this machine has)" },
  { "cpuset.cpus", ERANGE, " (not a list of CPUs that this machine has)" },
  { "cpuset.cpus", EBUSY, " (an exclusive CPU or the deadlines of its processes forbid it)" },
  { "cpuset.mems", EINVAL, " (not a list of memory nodes that this machine has)" },
  { "cpuset.mems", ERANGE, " (not a list of memory nodes that this machine has)" },
  { "cpuset.", ENOSPC, " (processes are in it, and would have no CPU or memory node)" },
  { "memory.swap.max", ENOENT, " (this kernel does not count swap)" },
  { "memory.", EBUSY, " (more is in use, and can't be reclaimed)" },
  { "pids.max", EINVAL, " (more than the kernel can have)" },
  { "pids.max", ERANGE, " (more than the kernel can have)" },
  { "io.weight", ENOENT, " (this kernel weighs no io: neither the bfq scheduler nor iocost is there)" },
  { "io.", ENODEV, " (there is no such block device, or it is a partition)" },
  { "io.", ENXIO, " (there is no such block device)" },
  { "io.", EOPNOTSUPP, " (the device's io scheduler can't do it)" },
  { "io.max", ERANGE, " (rates are numbers above 0, or 'max')" },
  { "hugetlb.", ENOENT, " (this kernel has no huge pages of that size)" },
  { "rdma.max", ENODEV, " (there is no such rdma device)" },
  { "rdma.max", EINVAL, " (there is no such rdma device, or no such number)" },
  { "misc.max", EINVAL, " (this machine has no such resource)" },
  { "", ENOENT, " (this kernel has no such file)" },
  { "", EACCES, " (not delegated to us)" },
  { "", EPERM, " (not delegated to us)" },
  { "", EROFS, " (the cgroup2 mount is read-only here)" },
};

const char *value_explain(const char *file, int errnum)
{
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].errnum == errnum && text_starts_with(file, reasons[i].prefix))
      return reasons[i].why;
  return "";
}
