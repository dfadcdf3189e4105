/* SPDX-License-Identifier: Apache-2.0
 * Writes settings into an open cgroup. Where something was before that must survive a refusal, the old values
 * are read first, and put back in reverse order. */
#include "cgroups/controllers.h"
#include "cgroups/fs.h"
#include "cgroups/systemd.h"
#include "cgroups/unit.h"
#include "cgroups/values.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/file.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define OLD_BYTES 16384 /* io.max has a line per device */
#define NUMBER_BYTES 64

/* --- writing ------------------------------------------------------------------------------------- */

/* The file that the kernel has of a setting's two. -1 and errno. */
static int write_setting(const struct cgroup *cgroup, const struct setting *s)
{
  if (file_write_value(cgroup->fd, s->file, s->value) == 0)
    return 0;
  if (errno == ENOENT && s->other_file)
    return file_write_value(cgroup->fd, s->other_file, s->other_value);
  return errno == ENOENT && s->optional ? 0 : -1;
}

static int refuse(const struct cgroup *cgroup, const struct setting *s, int errnum, struct error *err)
{
  const char *file = s->file, *value = s->value;
  if (errnum == ENODEV || errnum == ENOENT) {
    /* Of a directory that was removed every file is gone. (io.max and rdma.max say ENODEV of a device.) */
    char type[NUMBER_BYTES];
    if (file_read_small(cgroup->fd, "cgroup.type", type, sizeof type) < 0
        && (errno == ENOENT || errno == ENODEV)) {
      (void)cgroup_gone(cgroup, err);
      return error_at(err, s->origin);
    }
  }
  if (s->other_file && errnum == ENOENT) {
    file = s->other_file;
    value = s->other_value;
  }
  (void)error_set(err, ERROR_KERNEL, errnum, "cannot write '%.*s' to '%s/%s'%s", (int)strcspn(value, "\n"),
                  value, cgroup->path, file, value_explain(file, errnum));
  return error_at(err, s->origin);
}

/* Each setting once; those that may be 'late' and were refused again at the end. 'tried' counts from the
 * first: how many may have been written. */
static int write_settings(const struct cgroup *cgroup, const struct settings *settings, size_t *tried,
                          struct error *err)
{
  const struct setting *s;
  size_t late = 0;
  *tried = 0;
  vec_each (settings, s) {
    (*tried)++;
    if (fault_check(s->file, NULL) == 0 && write_setting(cgroup, s) == 0)
      continue;
    if (!s->late || errno != EINVAL)
      return refuse(cgroup, s, errno, err);
    late++;
  }
  if (late == 0)
    return 0;
  vec_each (settings, s) {
    if (s->late && write_setting(cgroup, s) < 0)
      return refuse(cgroup, s, errno, err);
  }
  return 0;
}

/* --- what was there before ----------------------------------------------------------------------- */

/* A cpuset can't be emptied again while processes are in it (ENOSPC). What it had from its parent is the same
 * to them. */
static const char *effective_before(struct arena *arena, const struct cgroup *cgroup, const char *file)
{
  char name[NUMBER_BYTES], text[OLD_BYTES];
  if (strcmp(file, "cpuset.cpus") != 0 && strcmp(file, "cpuset.mems") != 0)
    return NULL;
  (void)snprintf(name, sizeof name, "%s.effective", file);
  if (file_read_small(cgroup->fd, name, text, sizeof text) < 0)
    return NULL;
  return value_before(arena, name, "", text);
}

/* Fills 'before', one for each of 'settings' in their order, with what undoes it; 'value' NULL: nothing. */
static int read_before(struct arena *arena, const struct cgroup *cgroup, const struct settings *settings,
                       struct settings *before)
{
  const struct setting *s;
  vec_each (settings, s) {
    char text[OLD_BYTES];
    struct setting *old = vec_push(arena, before);
    *old = *s;
    old->other_file = old->other_value = NULL;
    old->value = NULL;
    ssize_t n = file_read_small(cgroup->fd, s->file, text, sizeof text);
    if (n < 0 && errno == ENOENT && s->other_file) {
      old->file = s->other_file;
      n = file_read_small(cgroup->fd, s->other_file, text, sizeof text);
    }
    /* What can't be read (memory.reclaim) holds no value. */
    if (n >= 0)
      old->value = value_before(arena, old->file, old->file == s->file ? s->value : s->other_value, text);
    if (old->value && *old->value == '\n')
      old->other_value = effective_before(arena, cgroup, old->file);
  }
  return 0;
}

static int put_back_one(const struct cgroup *cgroup, const struct setting *old)
{
  if (fault_check("put-back", NULL) < 0)
    return -1;
  if (!old->value || file_write_value(cgroup->fd, old->file, old->value) == 0)
    return 0;
  if (errno == ENOSPC && old->other_value)
    return file_write_value(cgroup->fd, old->file, old->other_value);
  return errno == ENOENT ? 0 : -1;
}

/* In reverse order; what depends on another that is not back yet is tried a second time. */
static const char *put_back(const struct cgroup *cgroup, const struct settings *before, size_t count)
{
  const char *failed = NULL;
  for (int round = 0; round < 2; round++) {
    failed = NULL;
    for (size_t i = count; i-- > 0;) {
      if (put_back_one(cgroup, &before->items[i]) < 0)
        failed = before->items[i].file;
    }
    if (!failed)
      break;
  }
  return failed;
}

/* --- checkBeforeUpdate --------------------------------------------------------------------------- */

static uint64_t read_number(const struct cgroup *cgroup, const char *file)
{
  char text[NUMBER_BYTES];
  uint64_t value = 0;
  if (file_read_small(cgroup->fd, file, text, sizeof text) >= 0)
    (void)whole_value(text, &value);
  return value;
}

static int check_usage(const struct cgroup *cgroup, const struct settings *settings, struct error *err)
{
  const struct setting *s;
  vec_each (settings, s) {
    if (!s->least)
      continue;
    uint64_t used = read_number(cgroup, "memory.current");
    if (s->least_with_swap)
      used += read_number(cgroup, "memory.swap.current");
    if (used <= s->least)
      continue;
    (void)error_set(err, ERROR_STATE, 0,
                    "a limit of %llu bytes%s is less than the %llu bytes that cgroup '%s' uses now "
                    "(checkBeforeUpdate)",
                    (unsigned long long)s->least, s->least_with_swap ? " with swap" : "",
                    (unsigned long long)used, cgroup->path);
    return error_at(err, s->origin);
  }
  return 0;
}

/* --- order --------------------------------------------------------------------------------------- */

static void exchange(struct setting *a)
{
  struct setting first = a[0];
  a[0] = a[1];
  a[1] = first;
}

/* The settings of an update are in the plan's order: swap, then memory. Less swap comes after more memory:
 * what must come back from swap needs the room. */
static void order_swap(struct arena *arena, struct settings *before, struct settings *settings)
{
  uint64_t old_value, new_value;
  struct setting *items = arena_alloc(arena, settings->count * sizeof *items);
  memcpy(items, settings->items, settings->count * sizeof *items);
  settings->items = items;
  for (size_t i = 0; i + 1 < settings->count; i++) {
    const char *old = before->items[i].value;
    if (strcmp(items[i].file, "memory.swap.max") != 0 || strcmp(items[i + 1].file, "memory.max") != 0 || !old
        || !whole_value(old, &old_value) || !whole_value(items[i].value, &new_value)
        || new_value >= old_value)
      continue;
    exchange(&items[i]);
    exchange(&before->items[i]);
  }
}

/* --- all or nothing ------------------------------------------------------------------------------ */

struct update {
  struct arena arena;
  const struct cgroup_record *record; /* NULL: systemd need not know */
  const struct cgroup *cgroup;
  const struct cgroup_keeping *keeping; /* may be NULL */
  struct settings settings, before;
};

static bool is_systemds(const struct update *u)
{
  return u->record && u->record->manager == CGROUP_SYSTEMD;
}

/* What systemd is told so that it does not bring the refused values back. */
static struct settings known_before(struct update *u)
{
  struct settings known = { .count = 0 };
  const struct setting *old;
  vec_each (&u->before, old) {
    if (!old->value)
      continue;
    struct setting *added = vec_push(&u->arena, &known);
    *added = *old;
    if (*added->value == '\n')
      added->value = ""; /* systemd has a property that is empty, not one of an empty line */
  }
  return known;
}

/* What could not be put back of the first 'count'; NULL: nothing. */
static const char *restore(struct update *u, size_t count)
{
  struct error trouble = { 0 };
  const char *failed = put_back(u->cgroup, &u->before, count);
  if (is_systemds(u)) {
    struct settings known = known_before(u);
    if (systemd_update(u->record, &known, &trouble) < 0 && !failed)
      failed = "systemd's properties";
  }
  return failed;
}

static int undo(struct update *u, size_t tried, struct error *err)
{
  const char *failed = restore(u, tried);
  if (failed)
    return error_wrap(err, "cannot change limits, nor put the old %s back", failed);
  return error_wrap(err, "the old limits stay");
}

int cgroup_put_back(const struct cgroup_record *record, const struct cgroup *cgroup,
                    const struct settings *before, struct error *err)
{
  struct update u = { .arena = ARENA_INIT, .record = record, .cgroup = cgroup, .before = *before };
  int result = 0;
  const char *failed = restore(&u, before->count);
  if (failed)
    result = error_set(err, ERROR_KERNEL, errno, "cannot put the old %s of cgroup '%s' back", failed,
                       cgroup->path);
  arena_release(&u.arena);
  return result;
}

static int change(struct update *u, struct error *err)
{
  size_t tried;
  if (check_usage(u->cgroup, &u->settings, err) < 0)
    return error_wrap(err, "the old limits stay");
  (void)read_before(&u->arena, u->cgroup, &u->settings, &u->before);
  if (u->keeping && u->keeping->keep(u->keeping->data, &u->before, err) < 0)
    return error_wrap(err, "the old limits stay");
  if (is_systemds(u) && systemd_update(u->record, &u->settings, err) < 0)
    return error_wrap(err, "the old limits stay");
  order_swap(&u->arena, &u->before, &u->settings);
  if (write_settings(u->cgroup, &u->settings, &tried, err) == 0)
    return 0;
  return undo(u, tried, err);
}

int cgroup_apply(const struct cgroup *cgroup, const struct settings *settings, struct error *err)
{
  size_t tried;
  if (cgroup->made) /* by us, just now: it goes away if this fails */
    return check_usage(cgroup, settings, err) < 0 ? -1 : write_settings(cgroup, settings, &tried, err);
  struct update u = { .arena = ARENA_INIT, .cgroup = cgroup, .settings = *settings };
  int result = change(&u, err);
  arena_release(&u.arena);
  return result;
}

int cgroup_update(const struct cgroup_layout *layout, const struct cgroup_record *record,
                  const struct cgroup *cgroup, const struct settings *settings,
                  const struct cgroup_keeping *keeping, struct error *err)
{
  if (settings->count == 0)
    return 0;
  if (cgroup_present(cgroup, err) < 0)
    return -1;
  if (cgroup_enable(layout, record, settings, err) < 0)
    return error_wrap(err, "the old limits stay");
  struct update u = {
    .arena = ARENA_INIT, .record = record, .cgroup = cgroup, .keeping = keeping, .settings = *settings
  };
  if (is_systemds(&u))
    u.settings = unit_round_cpu_max(&u.arena, settings);
  int result = change(&u, err);
  arena_release(&u.arena);
  return result;
}
