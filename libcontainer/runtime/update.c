/* SPDX-License-Identifier: Apache-2.0
 * The update operation: other limits for a container that is there. All or nothing: what the kernel refuses
 * leaves the old values in force, and the saved config is the new one only if the kernel has taken it. */
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/text.h"
#include "libcontainer/base/words.h"
#include "libcontainer/container.h"
#include "libcontainer/runtime/rdt.h"
#include "libcontainer/runtime/status.h"
#include "libcontainer/runtime/update_record.h"
#include "spec/decode.h"
#include "spec/encode.h"
#include "spec/resources_merge.h"
#include "spec/types.h"
#include "spec/validate.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct update {
  struct arena *arena;
  const char *document; /* what messages call the JSON text */
  struct resources change;
  struct state_dir dir;
  struct container_state state;
  struct spec spec;              /* the saved config, merged */
  struct settings settings;      /* what is to be written */
  bool same_config;              /* the saved one says it already */
  const char *l3_cache, *mem_bw; /* schemas for resctrl; NULL: as they are */
  struct rdt_tree rdt;
  const char *old_schemata; /* what was in resctrl before; NULL: nothing was changed there */
};

/* --- what changes ---------------------------------------------------------------------------------- */

static int load_config(struct update *u, struct error *err)
{
  size_t length;
  const char *bytes = file_read(u->arena, u->dir.fd, STATE_CONFIG, CONFIG_MAX_BYTES, &length, err);
  if (bytes == NULL || decode_config(u->arena, &u->spec, bytes, length, STATE_CONFIG, err) < 0)
    return error_wrap(err, "cannot read the saved config");
  return 0;
}

/* Until version 1.3 of the spec a pids limit of 0 was none, and podman sends all resources that it knows each
 * time. */
static void read_old_pids_limit(struct update *u)
{
  const char *version = u->spec.oci_version;
  struct pids *pids = u->change.pids;
  const bool old =
      version[0] == '1' && version[1] == '.' && version[2] >= '0' && version[2] <= '2' && version[3] == '.';
  if (old && pids != NULL && pids->limit.set && pids->limit.value == 0)
    pids->limit.value = -1;
}

/* By the checks of a whole config: exec reads the saved one, and must find it as good as create did. */
static int check_merged(struct update *u, struct error *err)
{
  struct problems problems = { .arena = u->arena, .document = u->document };
  validate_config(&u->spec, &problems);
  return problems.errors > 0 ? problems_to_error(&problems, err) : 0;
}

static bool asks_for(const struct resources *change, const struct setting *setting)
{
  const struct string_pair *pair;
  vec_each (&change->unified, pair)
    if (text_equal(pair->key, setting->file))
      return true;
  const struct {
    const char *pointer;
    bool asked;
  } groups[] = {
    { "/linux/resources/memory", change->memory != NULL },
    { "/linux/resources/cpu", change->cpu != NULL },
    { "/linux/resources/pids", change->pids != NULL },
    { "/linux/resources/blockIO", change->block_io != NULL },
    { "/linux/resources/hugepageLimits", change->hugepage_limits.count > 0 },
    { "/linux/resources/rdma", change->rdma.count > 0 },
  };
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    if (groups[i].asked && text_starts_with(setting->origin, groups[i].pointer))
      return true;
  return false;
}

static bool has_setting(const struct settings *settings, const struct setting *wanted)
{
  const struct setting *s;
  vec_each (settings, s)
    if (text_equal(s->file, wanted->file) && text_equal(s->value, wanted->value))
      return true;
  return false;
}

static bool belongs_to(const struct setting *setting, const char *controller)
{
  const size_t length = strlen(controller);
  return strncmp(setting->file, controller, length) == 0 && setting->file[length] == '.';
}

/* What was asked for, and what follows from it; the rest is left alone: to write it again would undo what
 * others changed since, and some files do something each time they are written (cgroup.freeze). */
static void choose_settings(struct update *u, const struct settings *before, const struct settings *after)
{
  const struct setting *s;
  char *const *controller;
  vec_each (after, s)
    if (asks_for(&u->change, s) || !has_setting(before, s)) {
      struct setting *chosen = vec_push(u->arena, &u->settings);
      *chosen = *s;
    }
  vec_each (&after->controllers, controller) {
    bool needed = false;
    vec_each (&u->settings, s)
      needed |= belongs_to(s, *controller);
    if (needed)
      *(char **)vec_push(u->arena, &u->settings.controllers) = *controller;
  }
}

static const char *resources_text(const struct update *u)
{
  struct text json;
  text_init(&json, u->arena);
  encode(&resources_type, u->spec.linux_->resources, ENCODE_COMPACT, &json);
  return text_string(&json);
}

/* True if that changes the saved config. */
static bool merge_rdt(struct update *u)
{
  struct intel_rdt *rdt = u->spec.linux_->intel_rdt;
  bool same = true;
  if (u->l3_cache != NULL) {
    same &= text_equal(rdt->l3_cache_schema, u->l3_cache);
    rdt->l3_cache_schema = arena_strdup(u->arena, u->l3_cache);
  }
  if (u->mem_bw != NULL) {
    same &= text_equal(rdt->mem_bw_schema, u->mem_bw);
    rdt->mem_bw_schema = arena_strdup(u->arena, u->mem_bw);
  }
  return !same;
}

static bool asks_rdt(const struct update *u)
{
  return u->l3_cache != NULL || u->mem_bw != NULL;
}

static int merge(struct update *u, struct error *err)
{
  struct settings before = { .count = 0 }, after = { .count = 0 };
  struct linux_config *linux_ = u->spec.linux_;
  struct error unused = { 0 };
  if (linux_ == NULL)
    linux_ = u->spec.linux_ = arena_alloc(u->arena, sizeof *linux_);
  if (linux_->resources == NULL)
    linux_->resources = arena_alloc(u->arena, sizeof *linux_->resources);
  if (settings_from_resources(u->arena, linux_->resources, &before, &unused) < 0)
    before = (struct settings){ .count = 0 };
  const char *old_text = resources_text(u);
  read_old_pids_limit(u);
  resources_merge(u->arena, linux_->resources, &u->change);
  u->same_config = text_equal(resources_text(u), old_text);
  if (asks_rdt(u) && linux_->intel_rdt == NULL)
    return error_set(
        err, ERROR_STATE, 0,
        "it has no class of service in resctrl: linux.intelRdt of its config gives it one at create");
  if (asks_rdt(u) && merge_rdt(u))
    u->same_config = false;
  if (check_merged(u, err) < 0 || settings_from_resources(u->arena, linux_->resources, &after, err) < 0)
    return -1;
  choose_settings(u, &before, &after);
  return 0;
}

/* --- making it so ---------------------------------------------------------------------------------- */

/* Written before the kernel is asked: a full disk must not be found out afterwards. */
static int write_new_config(const struct update *u, struct error *err)
{
  struct text json;
  text_init(&json, u->arena);
  encode(&config_type, &u->spec, ENCODE_COMPACT, &json);
  if (json.length > CONFIG_MAX_BYTES)
    return error_set(err, ERROR_CONFIG, 0, "the config with these resources is larger than %d bytes",
                     CONFIG_MAX_BYTES);
  auto_close int fd =
      openat(u->dir.fd, UPDATE_CONFIG, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0 && fd_write_all(fd, json.data, json.length) == 0)
    return 0;
  const int errnum = errno;
  (void)unlinkat(u->dir.fd, UPDATE_CONFIG, 0);
  return error_set(err, ERROR_HOST, errnum, "cannot save the config in the state directory");
}

static int keep_before(void *data, const struct settings *before, struct error *err)
{
  const struct update *u = data;
  if (fault_check("update-record", err) < 0)
    return -1;
  return update_record_write(&u->dir, before, err);
}

static int write_cgroup(struct update *u, struct error *err)
{
  /* Where the saved config says it already there is nothing to go back to. */
  const struct cgroup_keeping keeping = { keep_before, u };
  struct cgroup_layout layout;
  struct cgroup cgroup;
  if (u->settings.count == 0)
    return 0;
  if (cgroup_find(&layout, err) < 0)
    return -1;
  int result = cgroup_open(&layout, &u->state.cgroup, &cgroup, err);
  if (result == 0) {
    result = cgroup_update(&layout, &u->state.cgroup, &cgroup, &u->settings, u->same_config ? NULL : &keeping,
                           err);
    cgroup_close(&cgroup);
  }
  cgroup_layout_close(&layout);
  return result;
}

static int write_rdt(struct update *u, struct error *err)
{
  const char *lines[2], *origins[2];
  size_t count = 0, refused;
  if (u->l3_cache != NULL) {
    origins[count] = "/linux/intelRdt/l3CacheSchema";
    lines[count++] = u->l3_cache;
  }
  if (u->mem_bw != NULL) {
    origins[count] = "/linux/intelRdt/memBwSchema";
    lines[count++] = u->mem_bw;
  }
  if (count == 0)
    return 0;
  if (rdt_open(&u->rdt, err) < 0)
    return -1;
  if (rdt_update(u->arena, &u->rdt, &u->state.rdt, lines, count, &u->old_schemata, &refused, err) == 0)
    return 0;
  u->old_schemata = NULL;
  return error_at(err, origins[refused]);
}

static void put_rdt_back(const struct update *u)
{
  if (u->old_schemata != NULL)
    rdt_put_back(&u->rdt, &u->state.rdt, u->old_schemata);
}

static int commit(const struct update *u, struct error *err)
{
  if (fault_check("update-commit", err) < 0)
    return -1;
  if (renameat(u->dir.fd, UPDATE_CONFIG, u->dir.fd, STATE_CONFIG) < 0)
    return error_set(err, ERROR_HOST, errno, "cannot replace the config in the state directory");
  return 0;
}

/* Killed at any moment, it is done or the next update undoes it: see update_record.c. */
static int apply(struct update *u, struct error *err)
{
  if (u->same_config)
    return write_cgroup(u, err) < 0 ? -1 : write_rdt(u, err);
  if (fault_check("update-config", err) < 0 || write_new_config(u, err) < 0)
    return -1;
  if (write_cgroup(u, err) < 0) { /* nothing is changed, or it is put back */
    update_record_end(&u->dir);
    return -1;
  }
  if (write_rdt(u, err) < 0 || commit(u, err) < 0) {
    put_rdt_back(u);
    update_recover(u->arena, &u->dir, &u->state);
    return error_wrap(err, "the old limits stay");
  }
  (void)fault_check("update-end", NULL);
  update_record_end(&u->dir);
  return 0;
}

/* --- the operation --------------------------------------------------------------------------------- */

/* Callers send empty documents, too. */
static bool asks_nothing(const struct resources *change)
{
  return !change->memory && !change->cpu && !change->pids && !change->block_io && !change->network
         && change->hugepage_limits.count == 0 && change->rdma.count == 0 && change->unified.count == 0;
}

static int check_status(const struct update *u, struct error *err)
{
  const enum container_status status = container_status(&u->dir, &u->state);
  switch (status) {
  case STATUS_CREATED:
  case STATUS_RUNNING:
  case STATUS_PAUSED:
    break;
  case STATUS_CREATING:
  case STATUS_STOPPED:
    return error_set(err, ERROR_STATE, 0, WORDS_NOT_RUNNING " (it is %s)", status_name(status));
  }
  if (u->state.cgroup.manager == CGROUP_DISABLED && !asks_nothing(&u->change))
    return error_set(err, ERROR_STATE, 0, "it has no cgroup: %s", cgroup_absence(&u->state.cgroup));
  return 0;
}

static int update_loaded(struct update *u, struct error *err)
{
  if (check_status(u, err) < 0)
    return -1;
  update_recover(u->arena, &u->dir, &u->state);
  if (u->change.devices.count > 0)
    log_debug("the device rules in %s are not taken: those of the container stay", u->document);
  if (asks_nothing(&u->change) && !asks_rdt(u))
    return 0;
  if (load_config(u, err) < 0 || merge(u, err) < 0)
    return -1;
  return apply(u, err);
}

int container_update(struct hull *hull, const char *id, const struct hull_update_options *options,
                     struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct update u = { .arena = &arena,
                      .document = options->document != NULL ? options->document : "resources",
                      .dir = STATE_DIR_INIT,
                      .l3_cache = options->l3_cache_schema,
                      .mem_bw = options->mem_bw_schema,
                      .rdt = RDT_TREE_INIT };
  const char *resources = options->resources != NULL ? options->resources : "{}";
  const size_t length = options->resources != NULL ? options->length : strlen(resources);
  int result = decode_resources(&arena, &u.change, resources, length, u.document, err);
  if (result == 0)
    result = state_load_locked(hull, id, &arena, &u.dir, &u.state, err);
  if (result == 0 && update_loaded(&u, err) < 0)
    result = error_wrap(err, "cannot update container '%s'", id);
  rdt_close(&u.rdt);
  state_dir_close(&u.dir);
  arena_release(&arena);
  return result;
}
