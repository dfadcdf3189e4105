/* SPDX-License-Identifier: Apache-2.0
 * The io controller: weights, and what cgroup v1 gave as four lists of throttles and io.max has in one line
 * per device. Pure. */
#include "cgroups/controllers.h"
#include "libcontainer/base/text.h"
#include "spec/spec.h"
#include "spec/types.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_IO "/linux/resources/blockIO"
#define BFQ_FILE "io.bfq.weight" /* where the bfq scheduler is there; it takes the numbers of blkio */
#define WEIGHT_FILE "io.weight"
enum { WEIGHT_MIN = 10, WEIGHT_MAX = 1000 }; /* of blkio.weight */
enum { MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1 };

/* --- weights ------------------------------------------------------------------------------------- */

/* 10 to 1000 becomes 1 to 10000. */
static unsigned long long io_weight(uint64_t weight)
{
  return 1 + (weight - WEIGHT_MIN) * 9999 / (WEIGHT_MAX - WEIGHT_MIN);
}

/* 'device': "MAJOR:MINOR ", or "" for the weight of all. */
static int add_weight(struct arena *arena, struct settings *settings, const char *device, uint64_t weight,
                      const char *origin, struct error *err)
{
  char value[64];
  if (weight == 0)
    return 0;
  if (weight < WEIGHT_MIN || weight > WEIGHT_MAX)
    return refuse_setting(err, origin, "%llu is out of range %d to %d", (unsigned long long)weight,
                          WEIGHT_MIN, WEIGHT_MAX);
  (void)snprintf(value, sizeof value, "%s%llu", device, (unsigned long long)weight);
  struct setting *added = settings_add(arena, settings, BFQ_FILE, value, origin);
  (void)snprintf(value, sizeof value, "%s%llu", device, io_weight(weight));
  added->other_file = WEIGHT_FILE;
  added->other_value = arena_strdup(arena, value);
  return 0;
}

static int check_device(const struct opt_i64 *major, const struct opt_i64 *minor, const char *origin,
                        struct error *err)
{
  if (major->value < 0 || major->value > MAJOR_MAX || minor->value < 0 || minor->value > MINOR_MAX)
    return refuse_setting(err, origin, "no device can have the number %lld:%lld", (long long)major->value,
                          (long long)minor->value);
  return 0;
}

static int add_device_weights(struct arena *arena, const struct block_io *io, struct settings *settings,
                              struct error *err)
{
  const struct weight_device *w;
  vec_each (&io->weight_device, w) {
    char device[32];
    const char *origin = origin_index(arena, AT_IO "/weightDevice", vec_index(&io->weight_device, w));
    if (w->leaf_weight.value)
      return refuse_setting(err, origin, "leafWeight " NEEDS_CGROUP_V1);
    if (check_device(&w->major, &w->minor, origin, err) < 0)
      return -1;
    (void)snprintf(device, sizeof device, "%lld:%lld ", (long long)w->major.value, (long long)w->minor.value);
    if (add_weight(arena, settings, device, w->weight.value, origin, err) < 0)
      return -1;
  }
  return 0;
}

/* --- throttles ----------------------------------------------------------------------------------- */

enum { READ_BPS, WRITE_BPS, READ_IOPS, WRITE_IOPS, THROTTLES };
static const char *const throttle_keys[] = {
  [READ_BPS] = "rbps",
  [WRITE_BPS] = "wbps",
  [READ_IOPS] = "riops",
  [WRITE_IOPS] = "wiops",
};
struct io_max {
  int64_t major, minor;
  struct opt_u64 rates[THROTTLES];
  const char *origin;
};
typedef VEC(struct io_max) io_max_list;

static struct io_max *find_device(struct arena *arena, io_max_list *list, int64_t major, int64_t minor)
{
  struct io_max *m;
  vec_each (list, m) {
    if (m->major == major && m->minor == minor)
      return m;
  }
  m = vec_push(arena, list);
  m->major = major;
  m->minor = minor;
  return m;
}

static int merge_throttles(struct arena *arena, io_max_list *list, const throttle_devices *devices, int which,
                           const char *base, struct error *err)
{
  const struct throttle_device *d;
  vec_each (devices, d) {
    const char *origin = origin_index(arena, base, vec_index(devices, d));
    if (check_device(&d->major, &d->minor, origin, err) < 0)
      return -1;
    struct io_max *m = find_device(arena, list, d->major.value, d->minor.value);
    m->rates[which] = (struct opt_u64){ true, d->rate.value };
    if (!m->origin)
      m->origin = origin;
  }
  return 0;
}

static void add_io_max(struct arena *arena, struct settings *settings, const struct io_max *m)
{
  struct text line;
  text_init(&line, arena);
  text_addf(&line, "%lld:%lld", (long long)m->major, (long long)m->minor);
  for (int i = 0; i < THROTTLES; i++) {
    if (!m->rates[i].set)
      continue;
    /* 0 took a throttle away in blkio; here the word is "max". */
    if (m->rates[i].value == 0)
      text_addf(&line, " %s=max", throttle_keys[i]);
    else
      text_addf(&line, " %s=%llu", throttle_keys[i], (unsigned long long)m->rates[i].value);
  }
  settings_add(arena, settings, "io.max", text_string(&line), m->origin);
}

static int add_throttles(struct arena *arena, const struct block_io *io, struct settings *settings,
                         struct error *err)
{
  io_max_list list = { .count = 0 };
  const struct io_max *m;
  if (merge_throttles(arena, &list, &io->throttle_read_bps_device, READ_BPS, AT_IO "/throttleReadBpsDevice",
                      err)
          < 0
      || merge_throttles(arena, &list, &io->throttle_write_bps_device, WRITE_BPS,
                         AT_IO "/throttleWriteBpsDevice", err)
             < 0
      || merge_throttles(arena, &list, &io->throttle_read_iops_device, READ_IOPS,
                         AT_IO "/throttleReadIOPSDevice", err)
             < 0
      || merge_throttles(arena, &list, &io->throttle_write_iops_device, WRITE_IOPS,
                         AT_IO "/throttleWriteIOPSDevice", err)
             < 0)
    return -1;
  vec_each (&list, m)
    add_io_max(arena, settings, m);
  return 0;
}

static int io_settings(struct arena *arena, const struct resources *resources, struct settings *settings,
                       struct error *err)
{
  const struct block_io *io = resources->block_io;
  if (!io)
    return 0;
  if (io->leaf_weight.value)
    return refuse_setting(err, AT_IO "/leafWeight", NEEDS_CGROUP_V1);
  if (add_weight(arena, settings, "", io->weight.value, AT_IO "/weight", err) < 0
      || add_device_weights(arena, io, settings, err) < 0)
    return -1;
  return add_throttles(arena, io, settings, err);
}

/* --- statistics ---------------------------------------------------------------------------------- */

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6": a line may also be a device alone. */
STAT_PARSER(parse_io)
{
  for (const char *line = text; line && *line; line = next_line(line)) {
    char *end;
    unsigned long major = strtoul(line, &end, 10);
    if (end == line || *end != ':')
      continue;
    struct cgroup_io *io = vec_push(arena, &stats->io);
    io->major = (uint32_t)major;
    io->minor = (uint32_t)strtoul(end + 1, &end, 10);
    (void)word_value(end + (*end == ' '), "rbytes", &io->read_bytes);
    (void)word_value(end + (*end == ' '), "wbytes", &io->write_bytes);
    (void)word_value(end + (*end == ' '), "dbytes", &io->discard_bytes);
    (void)word_value(end + (*end == ' '), "rios", &io->reads);
    (void)word_value(end + (*end == ' '), "wios", &io->writes);
    (void)word_value(end + (*end == ' '), "dios", &io->discards);
  }
}

STAT_PARSER(parse_io_pressure)
{
  parse_pressure(text, &stats->io_psi);
}

static const struct stat_file stat_files[] = {
  { "io.stat", false, parse_io },
  { "io.pressure", true, parse_io_pressure },
  { NULL, false, NULL },
};

const struct controller io_controller = {
  .name = "io",
  .settings = io_settings,
  .stat_files = stat_files,
};
