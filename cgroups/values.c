/* SPDX-License-Identifier: Apache-2.0
 * Formats and errors of the files that limits are written to (cgroup-v2.rst). Pure. */
#include "cgroups/values.h"
#include "libcontainer/base/text.h"
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

bool value_is_line(const char *file)
{
  for (size_t i = 0; i < sizeof line_files / sizeof *line_files; i++)
    if (strcmp(file, line_files[i].file) == 0)
      return true;
  return false;
}

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

/* --- comparing ----------------------------------------------------------------------------------- */

#define PAGE_MAX_BYTES 65536
#define HUGE_PAGE_MAX_BYTES (UINT64_C(1) << 34)
#define CPUS_MAX 8192

static size_t word_length(const char *s)
{
  return strcspn(s, " \n");
}

/* The first line has it among its words. */
static bool line_has(const char *line, const char *word, size_t length)
{
  for (const char *s = line; *s && *s != '\n'; s += word_length(s) + (s[word_length(s)] == ' '))
    if (word_length(s) == length && strncmp(s, word, length) == 0)
      return true;
  return false;
}

static bool ends_in_max(const char *word, size_t length)
{
  return length >= 3 && strncmp(word + length - 3, "max", 3) == 0;
}

/* Of a file with a line for each device: each word that was written is there, or means 'no limit' and is not.
 */
static bool line_agrees(const char *value, const char *shown)
{
  const char *key = value, *words = value + word_length(value);
  size_t length = word_length(value);
  if (*words == '\0') { /* "100", for all devices that have no line */
    key = "default";
    length = strlen(key);
    words = value;
  }
  const char *line = find_line(shown, key, length);
  for (words += *words == ' '; *words; words += word_length(words) + (words[word_length(words)] == ' ')) {
    const size_t n = word_length(words);
    if (line ? !line_has(line, words, n) : !ends_in_max(words, n))
      return false;
  }
  return true;
}

static bool read_number(const char *s, size_t length, uint64_t *number)
{
  *number = 0;
  for (size_t i = 0; i < length; i++)
    if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(*number, 10u, number)
        || __builtin_add_overflow(*number, (unsigned)(s[i] - '0'), number))
      return false;
  return length > 0;
}

/* "0-3,5" into bits; false if it is no such list. */
static bool read_list(const char *s, size_t length, unsigned char bits[CPUS_MAX / 8])
{
  memset(bits, 0, CPUS_MAX / 8);
  while (length > 0) {
    const size_t part = strcspn(s, ",\n") < length ? strcspn(s, ",\n") : length;
    const char *dash = memchr(s, '-', part);
    const size_t first_length = dash ? (size_t)(dash - s) : part;
    uint64_t first, last;
    if (!read_number(s, first_length, &first))
      return false;
    last = first;
    if (dash && !read_number(dash + 1, part - first_length - 1, &last))
      return false;
    if (first > last || last >= CPUS_MAX)
      return false;
    for (uint64_t i = first; i <= last; i++)
      bits[i / 8] = (unsigned char)(bits[i / 8] | 1u << i % 8);
    s += part + (part < length);
    length -= part + (part < length);
  }
  return true;
}

static bool lists_agree(const char *value, size_t length, const char *shown, size_t shown_length)
{
  unsigned char asked[CPUS_MAX / 8], is[CPUS_MAX / 8];
  return read_list(value, length, asked) && read_list(shown, shown_length, is)
         && memcmp(asked, is, sizeof is) == 0;
}

static bool is_in_bytes(const char *file)
{
  static const char *const ends[] = { ".max", ".high", ".low", ".min" };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (text_starts_with(file, "memory.") && text_ends_with(file, ends[i]))
      return true;
  return false;
}

static bool word_agrees(const char *file, const char *asked, size_t length, const char *is, size_t is_length)
{
  uint64_t wanted, number;
  if (length == is_length && strncmp(asked, is, length) == 0)
    return true;
  if (strcmp(file, "cpuset.cpus") == 0 || strcmp(file, "cpuset.mems") == 0)
    return lists_agree(asked, length, is, is_length);
  const bool huge = text_starts_with(file, "hugetlb.");
  if (!read_number(asked, length, &wanted) || !(huge || is_in_bytes(file)))
    return false;
  if (ends_in_max(is, is_length))
    return wanted >= INT64_MAX - PAGE_MAX_BYTES;
  return read_number(is, is_length, &number) && number <= wanted
         && wanted - number < (huge ? HUGE_PAGE_MAX_BYTES : PAGE_MAX_BYTES);
}

bool value_agrees(const char *file, const char *value, const char *shown)
{
  if (value_is_line(file))
    return line_agrees(value, shown);
  if (strcmp(file, "cpuset.cpus.partition") == 0 && strstr(shown, " invalid") != NULL)
    return false;
  for (;;) {
    const size_t length = word_length(value), is = word_length(shown);
    if (!word_agrees(file, value, length, shown, is))
      return false;
    value += length + (value[length] != '\0');
    shown += is + (shown[is] != '\0');
    if (*value == '\0')
      return true;
  }
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
