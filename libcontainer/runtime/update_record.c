/* SPDX-License-Identifier: Apache-2.0
 * The record of an update that is under way. The rename of the new config over the old one is the moment at
 * which it is done: a record beside the new config is one to go back by, a record alone is of an update that
 * was done, or whose values are back already. */
#include "libcontainer/runtime/update_record.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/encode.h"
#include "spec/field.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MAX_BYTES (1 << 20) /* a value for each limit; io.max has a line per device */

/* One row per value: its file, what is written, and what else where that is refused ("": nothing). */
struct update_document {
  struct strings files, values, others;
};
static const struct field update_fields[] = {
  ROW("files", STRINGS, update_document, files),
  ROW("values", STRINGS, update_document, values),
  ROW("others", STRINGS, update_document, others),
  { .key = NULL },
};
static const struct type update_type = { "update", sizeof(struct update_document), update_fields };

static void add(struct arena *arena, struct strings *list, const char *text)
{
  *(const char **)vec_push(arena, list) = text ? text : "";
}

int update_record_write(const struct state_dir *dir, const struct settings *before, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct update_document document = { .files = { 0 } };
  struct text json;
  const struct setting *old;
  vec_each (before, old) {
    if (!old->value)
      continue;
    add(&arena, &document.files, old->file);
    add(&arena, &document.values, old->value);
    add(&arena, &document.others, old->other_value);
  }
  text_init(&json, &arena);
  encode(&update_type, &document, ENCODE_COMPACT, &json);
  const int result = file_replace(dir->fd, STATE_UPDATE, json.data, json.length, 0600, err);
  arena_release(&arena);
  return result;
}

void update_record_end(const struct state_dir *dir)
{
  (void)unlinkat(dir->fd, UPDATE_CONFIG, 0);
  (void)unlinkat(dir->fd, STATE_UPDATE, 0);
}

/* Security: a file of the cgroup, whatever the record says. */
static bool is_file_name(const char *name)
{
  return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/');
}

static int read_record(struct arena *arena, const struct state_dir *dir, struct settings *before,
                       struct error *err)
{
  struct update_document document = { .files = { 0 } };
  struct problems *problems = arena_alloc(arena, sizeof *problems);
  size_t length;
  const char *bytes = file_read(arena, dir->fd, STATE_UPDATE, RECORD_MAX_BYTES, &length, err);
  if (!bytes)
    return -1;
  problems->arena = arena;
  problems->document = STATE_UPDATE;
  if (decode(&update_type, &document, bytes, length, problems, NULL) < 0)
    return problems_to_error(problems, err);
  const size_t count = document.files.count;
  if (document.values.count != count || document.others.count != count)
    return error_set(err, ERROR_STATE, 0, "'" STATE_UPDATE "' is not whole");
  for (size_t i = 0; i < count; i++) {
    if (!is_file_name(document.files.items[i]))
      return error_set(err, ERROR_STATE, 0, "'" STATE_UPDATE "' names '%s'", document.files.items[i]);
    struct setting *old = vec_push(arena, before);
    *old = (struct setting){ .file = document.files.items[i], .value = document.values.items[i] };
    if (*document.others.items[i])
      old->other_value = document.others.items[i];
  }
  return 0;
}

static int put_back(const struct container_state *state, const struct settings *before, struct error *err)
{
  struct cgroup cgroup;
  if (cgroup_find_and_open(&state->cgroup, &cgroup, err) < 0)
    return -1;
  const int result = cgroup_put_back(&state->cgroup, &cgroup, before, err);
  cgroup_close(&cgroup);
  return result;
}

void update_recover(struct arena *arena, const struct state_dir *dir, const struct container_state *state)
{
  struct settings before = { .count = 0 };
  struct error trouble = { 0 };
  char text[ERROR_TEXT_BYTES];
  if (faccessat(dir->fd, UPDATE_CONFIG, F_OK, AT_SYMLINK_NOFOLLOW) == 0
      && faccessat(dir->fd, STATE_UPDATE, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
    log_debug("an update of container '%s' did not come to its end: its old limits are put back", state->id);
    if (read_record(arena, dir, &before, &trouble) < 0 || put_back(state, &before, &trouble) < 0) {
      (void)error_format(&trouble, text, sizeof text);
      log_warning("cannot put back all that an update of container '%s' changed before it was killed: %s",
                  state->id, text);
    }
  }
  update_record_end(dir);
}
