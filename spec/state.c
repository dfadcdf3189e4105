/* SPDX-License-Identifier: Apache-2.0
 * The state document. Key order and the two forms follow what callers of runc are used to. */
#include "spec/state.h"
#include "spec/json_write.h"

static void write_string(struct json_writer *w, const char *key, const char *value)
{
  json_key(w, key);
  json_string(w, value ? value : "");
}

static void write_annotations(struct json_writer *w, const string_map *annotations)
{
  if (!annotations || annotations->count == 0)
    return;
  json_key(w, "annotations");
  json_begin_object(w);
  const struct string_pair *pair;
  vec_each (annotations, pair)
    write_string(w, pair->key, pair->value);
  json_end_object(w);
}

static void write_pid(struct json_writer *w, pid_t pid)
{
  json_key(w, "pid");
  json_int(w, pid);
}

void state_for_hooks(const struct oci_state *state, struct text *out)
{
  struct json_writer *w = json_writer_create(out, 0);
  json_begin_object(w);
  write_string(w, "ociVersion", state->oci_version);
  write_string(w, "id", state->id);
  write_string(w, "status", state->status);
  if (state->pid > 0)
    write_pid(w, state->pid);
  write_string(w, "bundle", state->bundle);
  write_annotations(w, state->annotations);
  json_end_object(w);
  json_finish(w);
}

void state_for_people(const struct oci_state *state, struct text *out)
{
  struct json_writer *w = json_writer_create(out, 2);
  json_begin_object(w);
  write_string(w, "ociVersion", state->oci_version);
  write_string(w, "id", state->id);
  write_pid(w, state->pid); /* 0 when stopped: runc prints it too */
  write_string(w, "status", state->status);
  write_string(w, "bundle", state->bundle);
  write_string(w, "rootfs", state->rootfs);
  write_string(w, "created", state->created);
  write_annotations(w, state->annotations);
  write_string(w, "owner", state->owner);
  if (state->oom_killed) {
    json_key(w, "oomKilled"); /* runtime-spec: "The state MAY include additional properties" */
    json_bool(w, true);
  }
  json_end_object(w);
  json_finish(w);
}
