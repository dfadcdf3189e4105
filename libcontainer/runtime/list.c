/* SPDX-License-Identifier: Apache-2.0
 * What is known of one container, and of all. */
#include "libcontainer/runtime/list.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/text.h"
#include "libcontainer/runtime/status.h"
#include "spec/state.h"
#include <fcntl.h>
#include <string.h>

#define PASSWD_MAX_BYTES (4 << 20)

/* The login name in a "NAME:PASSWORD:UID:…" line, cut off in place; NULL if the line is of another uid. */
static const char *name_in_line(char *line, uint32_t uid)
{
  uint32_t found;
  const char *name = strsep(&line, ":");
  (void)strsep(&line, ":"); /* the password; may be empty */
  const char *id = strsep(&line, ":");
  return id != NULL && parse_id(id, &found) == 0 && found == uid ? name : NULL;
}

/* /etc/passwd only: in a static program the C library's lookup would load whatever NSS modules are
 * configured. */
static const char *user_name(struct arena *arena, uint32_t uid)
{
  size_t length;
  char *save = NULL;
  char *text = file_read(arena, AT_FDCWD, "/etc/passwd", PASSWD_MAX_BYTES, &length, NULL);
  for (char *line = text != NULL ? strtok_r(text, "\n", &save) : NULL; line != NULL;
       line = strtok_r(NULL, "\n", &save)) {
    const char *name = name_in_line(line, uid);
    if (name != NULL)
      return name;
  }
  return "";
}

static bool has_process(enum container_status status)
{
  return status != STATUS_STOPPED && status != STATUS_CREATING;
}

static void describe(const struct container_state *state, enum container_status status, const char *owner,
                     struct oci_state *document)
{
  state_document(state, status_name(status), has_process(status) ? state->pid : 0, document);
  document->owner = owner;
}

int container_state_json(struct hull *hull, const char *id, struct text *out, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  const int result = state_load(hull, id, &arena, &dir, &state, err);
  if (result == 0) {
    struct oci_state document;
    bool oom_killed;
    const enum container_status status = container_status_and_oom(&dir, &state, &oom_killed);
    describe(&state, status, user_name(&arena, state.owner), &document);
    document.oom_killed = oom_killed;
    state_for_people(&document, out);
  }
  state_dir_close(&dir);
  arena_release(&arena);
  return result;
}

static const char *or_empty(const char *s)
{
  return s != NULL ? s : "";
}

static void fill_row(struct arena *arena, const struct oci_state *document, struct container_row *row)
{
  struct text json;
  text_init(&json, arena);
  state_for_people(document, &json);
  *row = (struct container_row){
    .id = document->id,
    .status = document->status,
    .bundle = or_empty(document->bundle),
    .rootfs = or_empty(document->rootfs),
    .created = or_empty(document->created),
    .owner = document->owner,
    .pid = document->pid,
    .state_json = text_string(&json),
  };
}

/* Containers have few different owners, mostly one. */
struct known_owner {
  bool known;
  uint32_t uid;
  const char *name;
};

static const char *owner_name(struct arena *arena, uint32_t uid, struct known_owner *last)
{
  if (!last->known || last->uid != uid)
    *last = (struct known_owner){ true, uid, user_name(arena, uid) };
  return last->name;
}

/* Without numbers the columns stay empty; that is no reason to show no list. */
static void read_usage(const struct container_state *state, struct arena *arena,
                       struct container_usage *usage)
{
  struct cgroup cgroup;
  struct cgroup_stats stats;
  struct error unused = { 0 };
  if (state->cgroup.manager == CGROUP_DISABLED || cgroup_find_and_open(&state->cgroup, &cgroup, &unused) < 0)
    return;
  if (cgroup_read_stats(arena, &cgroup, &stats, &unused) == 0)
    *usage = (struct container_usage){
      .has_cpu = stats.has_cpu,
      .has_memory = stats.has_memory,
      .has_pids = stats.has_pids,
      .cpu_ns = stats.cpu_total_ns,
      .memory = stats.memory,
      .memory_limit = stats.memory_limit,
      .pids = stats.pids,
      .pids_limit = stats.pids_limit,
    };
  cgroup_close(&cgroup);
}

/* False if it was deleted meanwhile. */
static bool list_one(struct hull *hull, const char *id, struct arena *arena, struct known_owner *last,
                     bool with_usage, struct container_row *row)
{
  struct error trouble = { 0 };
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  struct oci_state document;
  const bool readable = state_load(hull, id, arena, &dir, &state, &trouble) == 0;
  if (dir.fd < 0 && !state_exists(hull, id))
    return false;
  if (!readable)
    log_debug("container '%s' is listed as stopped: %s", id, or_empty(error_frame(&trouble, 0)));
  if (state.id == NULL)
    state.id = id;
  const bool known = state.bundle != NULL;
  bool oom_killed = false;
  const enum container_status status =
      readable ? container_status_and_oom(&dir, &state, &oom_killed) : STATUS_STOPPED;
  describe(&state, status, known ? owner_name(arena, state.owner, last) : "", &document);
  document.oom_killed = oom_killed;
  fill_row(arena, &document, row);
  if (with_usage)
    read_usage(&state, arena, &row->usage);
  state_dir_close(&dir);
  return true;
}

ssize_t containers_list(struct hull *hull, struct arena *arena, bool with_usage, struct container_row **rows,
                        struct error *err)
{
  struct strings ids = { 0 };
  struct known_owner last = { 0 };
  ssize_t count = 0;
  if (state_ids(hull, arena, &ids, err) < 0)
    return -1;
  *rows = arena_array(arena, ids.count, sizeof **rows);
  for (size_t i = 0; i < ids.count; i++)
    if (list_one(hull, ids.items[i], arena, &last, with_usage, &(*rows)[count]))
      count++;
  return count;
}
