/* SPDX-License-Identifier: Apache-2.0
 * The systemd driver: asks systemd for the unit, and does the rest with files, as the cgroupfs driver does.
 * systemd removes a scope as soon as it is empty: so hull-systemd keeps a process in a new one until init was
 * cloned into it, and a stopped container has no cgroup any more (nothing can prevent that; see
 * systemd.scope(5)). */
#include "cgroups/systemd.h"
#include "cgroups/fs.h"
#include "cgroups/mark.h"
#include "cgroups/systemd_call.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BOOTED "/run/systemd/system" /* sd_booted(3) */

const bool cgroup_systemd_built = true;

int systemd_check(const struct cgroup_layout *layout, struct cgroup_record *record, struct error *err)
{
  if (access(BOOTED, F_OK) < 0)
    return error_set(err, ERROR_HOST, errno,
                     "systemd does not run on this host (there is no '" BOOTED
                     "'), and the systemd cgroup driver needs it: use --cgroup-manager cgroupfs");
  if (unit_program_check(err) < 0 || fs_check(layout, record, err) < 0)
    return -1;
  record->existing = UINT_MAX; /* slices are systemd's to remove, also those made for us */
  return 0;
}

/* --- create ------------------------------------------------------------------------------------------ */

/* The nonce in the description is how 'destroy' knows the unit again, whatever happened in between. The last
 * description counts, as with systemd: it may be one of the config. */
static void mark_description(struct arena *arena, struct unit_properties *properties, const char *mark)
{
  struct unit_property *p, *last = NULL;
  vec_each (properties, p) {
    if (strcmp(p->name, "Description") == 0 && strcmp(p->signature, "s") == 0)
      last = p;
  }
  if (!last || last->values.count != 1)
    return;
  const char *marked = arena_printf(arena, "%s %s", last->values.items[0], mark);
  last->values = (struct strings){ 0 }; /* the plan's own stays as it is */
  *(const char **)vec_push(arena, &last->values) = marked;
}

static const char *mark_of(struct arena *arena, const struct cgroup_record *record)
{
  return arena_printf(arena, "[hull %s]", record->nonce);
}

static struct unit_request start_request(struct arena *arena, const struct cgroup_record *record)
{
  struct unit_request request = {
    .verb = UNIT_START,
    .user_manager = record->user_manager,
    .unit = record->unit,
    .mark = mark_of(arena, record),
  };
  const struct unit_property *p;
  vec_each (record->properties, p) {
    struct unit_property *copy = vec_push(arena, &request.properties);
    *copy = *p;
  }
  mark_description(arena, &request.properties, request.mark);
  return request;
}

/* Shows a value as people would write it: "MemoryMax=5". */
static const char *value_text(struct arena *arena, const struct unit_property *p)
{
  struct text out;
  text_init(&out, arena);
  for (size_t i = 0; i < p->values.count && out.length < 100; i++)
    text_addf(&out, "%s%s", i ? " " : "", p->values.items[i]);
  return text_string(&out);
}

static int take_failure(struct arena *arena, const struct unit_request *request,
                        const struct unit_reply *reply, struct error *err)
{
  if (!reply->failed)
    return 0;
  const struct unit_property *p, *refused = NULL;
  vec_each (&request->properties, p) {
    if (reply->property && strcmp(p->name, reply->property) == 0)
      refused = p;
  }
  if (refused)
    (void)error_set(err, reply->kind, reply->errnum, "systemd refuses property '%s=%s' of unit '%s': %s",
                    refused->name, value_text(arena, refused), request->unit, reply->message);
  else
    (void)error_set(err, reply->kind, reply->errnum, "%s", reply->message);
  if (refused && *refused->origin)
    (void)error_at(err, refused->origin);
  return -1;
}

static int call(struct arena *arena, const struct unit_request *request, struct unit_keeper *keeper,
                struct unit_reply *reply, struct error *err)
{
  if (unit_call(arena, request, reply, keeper, err) < 0)
    return -1;
  char *const *name;
  vec_each (&reply->skipped, name)
    log_debug("this systemd does not know property '%s' of unit '%s': only the cgroup's file is written",
              *name, request->unit);
  return take_failure(arena, request, reply, err);
}

/* systemd removes it only with its processes, and the keeper is one. */
static int open_made(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
                     struct cgroup *cgroup, struct error *err)
{
  char mark[MARK_BYTES];
  if (cgroup_open_path(layout, record->path, cgroup, err) < 0)
    return -1;
  cgroup->made = record->made = true;
  record->inode = cgroup->inode;
  mark_text(mark, record, id);
  if (mark_set(cgroup->fd, mark) < 0)
    log_debug("cannot mark cgroup '%s': %s", record->path, strerror(errno));
  return 0;
}

static int check_place(const struct cgroup_record *record, const char *control_group, struct error *err)
{
  if (control_group && strcmp(control_group, record->path) == 0)
    return 0;
  return error_set(err, ERROR_HOST, 0, "systemd has put unit '%s' at cgroup '%s', not at '%s'", record->unit,
                   control_group ? control_group : "none", record->path);
}

#define ROOM 16 /* processes; init needs two at most, and there is the keeper */

/* TasksMax counts the keeper too, and could leave no room for init: cgroup_settle writes it again. */
static void make_room(struct cgroup *cgroup)
{
  char text[24];
  uint64_t most;
  if (file_read_small(cgroup->fd, "pids.max", text, sizeof text) < 0)
    return; /* ENOENT: there is no such limit */
  text[strcspn(text, "\n")] = '\0';
  if (parse_u64(text, ROOM, &most) == 0 && file_write_value(cgroup->fd, "pids.max", "max") == 0)
    cgroup->keeper_pids_max = most;
}

int systemd_create(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
                   struct cgroup *cgroup, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct unit_keeper keeper = { .pid = 0, .socket = -1 };
  struct unit_reply reply;
  struct unit_request request = start_request(&arena, record);
  int result = call(&arena, &request, &keeper, &reply, err);
  if (result == 0)
    result = check_place(record, reply.control_group, err);
  if (result == 0)
    result = open_made(layout, record, id, cgroup, err);
  cgroup->keeper_pid = keeper.pid;
  cgroup->keeper = keeper.socket;
  if (result == 0 && keeper.pid > 0)
    make_room(cgroup);
  arena_release(&arena);
  return result;
}

void systemd_keeper_end(struct cgroup *cgroup)
{
  struct unit_keeper keeper = { .pid = cgroup->keeper_pid, .socket = cgroup->keeper };
  unit_keeper_end(&keeper);
  cgroup->keeper_pid = 0;
}

/* --- update ------------------------------------------------------------------------------------------ */

int systemd_update(const struct cgroup_record *record, const struct settings *settings, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct unit_reply reply;
  struct unit_request request = {
    .verb = UNIT_SET,
    .user_manager = record->user_manager,
    .unit = record->unit,
  };
  unit_properties_of_settings(&arena, settings, UNIT_UPDATE, &request.properties);
  int result = request.properties.count > 0 ? call(&arena, &request, NULL, &reply, err) : 0;
  arena_release(&arena);
  return result;
}

/* --- attach ------------------------------------------------------------------------------------------ */

int systemd_attach(const struct cgroup_record *record, pid_t pid, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct unit_reply reply;
  struct unit_request request = {
    .verb = UNIT_ATTACH,
    .user_manager = record->user_manager,
    .unit = record->unit,
    .pid = (uint32_t)pid,
  };
  int result = call(&arena, &request, NULL, &reply, err);
  arena_release(&arena);
  return result;
}

/* --- destroy ----------------------------------------------------------------------------------------- */

/* Kills what is in it, if it is ours. False if there is nothing that systemd would have to stop: it was never
 * made, or is gone with its last process, and whoever has the name now is someone else. */
static bool kill_ours(const struct cgroup_layout *layout, const struct cgroup_record *record)
{
  struct cgroup leaf;
  struct error trouble = { 0 };
  if (cgroup_open(layout, record, &leaf, &trouble) < 0)
    return trouble.errnum != ENOENT;
  leaf.made = fs_is_ours(&leaf, record);
  if (leaf.made)
    (void)cgroup_kill(&leaf, &trouble); /* what it can't, systemd and fs_destroy try */
  cgroup_close(&leaf);
  return true;
}

static int stop_unit(const struct cgroup_record *record, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct unit_reply reply;
  struct unit_request request = {
    .verb = UNIT_STOP,
    .user_manager = record->user_manager,
    .unit = record->unit,
    .mark = mark_of(&arena, record),
  };
  int result = call(&arena, &request, NULL, &reply, err);
  arena_release(&arena);
  return result;
}

int systemd_destroy(const struct cgroup_layout *layout, const struct cgroup_record *record, struct error *err)
{
  struct error trouble = { 0 };
  char text[ERROR_TEXT_BYTES];
  if (kill_ours(layout, record) && record->unit && stop_unit(record, &trouble) < 0) {
    (void)error_format(&trouble, text, sizeof text);
    log_warning("cannot have systemd stop unit '%s', removing its cgroup only: %s", record->unit, text);
  }
  return fs_destroy(layout, record, err);
}
