/* SPDX-License-Identifier: Apache-2.0
 * State directories: claim, lock, read, write, remove. On the path of every run: no fsync (what is here
 * describes processes, which do not survive a crash of the machine either), and a name is opened once.
 * Security: names are resolved below the root's descriptor without symbolic links. */
#include "libcontainer/runtime/state.h"
#include "libcontainer/base/clock.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/text.h"
#include "libcontainer/base/words.h"
#include "libcontainer/runtime/notify.h"
#include "spec/decode.h"
#include "spec/encode.h"
#include "spec/field.h"
#include "spec/validate.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TIMEOUT_MS 10000
#define LOCK_FIRST_NAP_NS 100000L
#define LOCK_LONGEST_NAP_NS 20000000L
#define RECORD_MAX_BYTES (100 << 20) /* annotations of the largest config.json, every character escaped */
#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOCTTY)

/* --- the record as JSON --------------------------------------------------------------------------------- */

struct cgroup_document {
  struct opt_enum manager;
  char *path, *nonce, *unit, *subgroup;
  struct opt_u64 existing, inode;
  struct opt_bool made, user_manager;
};
struct rdt_document {
  char *group;
  struct opt_bool made, monitoring;
};
struct record_document {
  char *oci_version, *id, *bundle, *rootfs, *created;
  struct opt_i64 pid;
  struct opt_u64 start_time, namespaces, owner;
  struct opt_bool user_namespace, has_poststart, has_poststop;
  struct cgroup_document *cgroup;
  struct rdt_document *rdt;
  string_map annotations;
};

static const struct field cgroup_fields[] = {
  ROW("manager", ENUM, cgroup_document, manager, .names = cgroup_manager_names),
  ROW("path", STRING, cgroup_document, path),
  ROW("nonce", STRING, cgroup_document, nonce),
  ROW("existing", U64, cgroup_document, existing, .umax = UINT_MAX),
  ROW("made", BOOL, cgroup_document, made),
  ROW("inode", U64, cgroup_document, inode),
  ROW("unit", STRING, cgroup_document, unit),
  ROW("subgroup", STRING, cgroup_document, subgroup),
  ROW("userManager", BOOL, cgroup_document, user_manager),
  { .key = NULL },
};
static const struct type cgroup_type = { "cgroup", sizeof(struct cgroup_document), cgroup_fields };

static const struct field rdt_fields[] = {
  ROW("group", STRING, rdt_document, group),
  ROW("made", BOOL, rdt_document, made),
  ROW("monitoring", BOOL, rdt_document, monitoring),
  { .key = NULL },
};
static const struct type rdt_type = { "intelRdt", sizeof(struct rdt_document), rdt_fields };

static const struct field state_fields[] = {
  ROW("ociVersion", STRING, record_document, oci_version),
  ROW("id", STRING, record_document, id),
  ROW("bundle", STRING, record_document, bundle),
  ROW("rootfs", STRING, record_document, rootfs),
  ROW("created", STRING, record_document, created),
  ROW("pid", I64, record_document, pid, .min = 0, .max = INT_MAX),
  ROW("startTime", U64, record_document, start_time),
  ROW("cgroup", OBJECT, record_document, cgroup, .type = &cgroup_type),
  ROW("intelRdt", OBJECT, record_document, rdt, .type = &rdt_type),
  ROW("namespaces", U64, record_document, namespaces),
  ROW("userNamespace", BOOL, record_document, user_namespace),
  ROW("poststart", BOOL, record_document, has_poststart),
  ROW("poststop", BOOL, record_document, has_poststop),
  ROW("owner", U64, record_document, owner, .umax = UINT32_MAX),
  ROW("annotations", STRING_MAP, record_document, annotations),
  { .key = NULL },
};
static const struct type state_type = { "state", sizeof(struct record_document), state_fields };

static struct opt_bool some_bool(bool value)
{
  return (struct opt_bool){ .set = value, .value = value }; /* false is left out */
}

static struct opt_u64 some_u64(uint64_t value)
{
  return (struct opt_u64){ .set = value != 0, .value = value };
}

static void record_to_json(const struct container_state *state, struct text *out)
{
  const struct cgroup_record *cgroup = &state->cgroup;
  struct cgroup_document cgroup_document = {
    .manager = { true, cgroup->manager },
    .path = (char *)cgroup->path,
    .nonce = (char *)cgroup->nonce,
    .existing = some_u64(cgroup->existing),
    .made = some_bool(cgroup->made),
    .inode = some_u64(cgroup->inode),
    .unit = (char *)cgroup->unit,
    .subgroup = (char *)cgroup->subgroup,
    .user_manager = some_bool(cgroup->user_manager),
  };
  struct rdt_document rdt = {
    .group = (char *)state->rdt.group,
    .made = some_bool(state->rdt.made),
    .monitoring = some_bool(state->rdt.monitoring),
  };
  const struct record_document document = {
    .oci_version = (char *)state->oci_version,
    .id = (char *)state->id,
    .bundle = (char *)state->bundle,
    .rootfs = (char *)state->rootfs,
    .created = (char *)state->created,
    .pid = { state->pid != 0, state->pid },
    .start_time = some_u64(state->start_time),
    .namespaces = some_u64(state->namespaces),
    .owner = some_u64(state->owner),
    .user_namespace = some_bool(state->user_namespace),
    .has_poststart = some_bool(state->has_poststart),
    .has_poststop = some_bool(state->has_poststop),
    .cgroup = &cgroup_document,
    .rdt = state->rdt.group != NULL ? &rdt : NULL,
    .annotations = state->annotations,
  };
  encode(&state_type, &document, ENCODE_COMPACT, out);
}

static void take_cgroup(const struct cgroup_document *document, struct cgroup_record *record)
{
  /* Without a path there is nothing to open, kill or remove. */
  *record = (struct cgroup_record){ .manager = CGROUP_DISABLED };
  if (document == NULL || !document->manager.set || document->path == NULL || document->path[0] != '/')
    return;
  record->manager = (enum cgroup_manager)document->manager.value;
  record->path = document->path;
  record->existing = (unsigned)document->existing.value;
  record->made = document->made.value;
  record->inode = document->inode.value;
  record->unit = document->unit;
  record->subgroup = document->subgroup;
  record->user_manager = document->user_manager.value;
  if (document->nonce != NULL && strlen(document->nonce) < sizeof record->nonce)
    memcpy(record->nonce, document->nonce, strlen(document->nonce) + 1);
}

/* False if it is not a whole record of 'id'. */
static bool record_from_json(struct arena *arena, const char *bytes, size_t length, const char *id,
                             struct container_state *state)
{
  struct record_document document = { 0 };
  struct problems *problems = arena_alloc(arena, sizeof *problems);
  problems->arena = arena;
  problems->document = "state";
  if (decode(&state_type, &document, bytes, length, problems, NULL) < 0 || document.id == NULL
      || strcmp(document.id, id) != 0)
    return false;
  *state = (struct container_state){
    .oci_version = document.oci_version,
    .id = document.id,
    .bundle = document.bundle,
    .rootfs = document.rootfs,
    .created = document.created,
    .pid = (pid_t)document.pid.value,
    .start_time = document.start_time.value,
    .namespaces = document.namespaces.value,
    .owner = (uint32_t)document.owner.value,
    .user_namespace = document.user_namespace.value,
    .has_poststart = document.has_poststart.value,
    .has_poststop = document.has_poststop.value,
    .annotations = document.annotations,
  };
  take_cgroup(document.cgroup, &state->cgroup);
  if (document.rdt != NULL)
    state->rdt = (struct rdt_record){ .group = document.rdt->group,
                                      .made = document.rdt->made.value,
                                      .monitoring = document.rdt->monitoring.value };
  return true;
}

/* --- the root ------------------------------------------------------------------------------------------- */

/* Each missing directory of an absolute, clean path. */
static int make_parents(const char *path)
{
  char work[PATH_MAX];
  const size_t length = strlen(path);
  if (length >= sizeof work) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(work, path, length + 1);
  for (char *slash = work;; *slash = '/') {
    slash = strchr(slash + 1, '/');
    if (slash != NULL)
      *slash = '\0';
    if (mkdir(work, 0700) < 0 && errno != EEXIST)
      return -1;
    if (slash == NULL)
      return 0;
  }
}

/* Security: who can write there can make us kill processes, remove cgroups and run hooks. The sticky bit does
 * not help: an id that nobody has yet can be made there by anybody. */
static int check_root(struct hull *hull, int fd, struct error *err)
{
  const char *path = hull->root;
  struct stat st;
  if (fstat(fd, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine state root '%s'", path);
  if (st.st_uid != 0 && st.st_uid != geteuid())
    return error_set(err, ERROR_HOST, 0, "state root '%s' belongs to user %u: give one of your own", path,
                     (unsigned)st.st_uid);
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return error_set(err, ERROR_HOST, 0,
                     "state root '%s' can be written by others (mode %04o): chmod go-w it", path,
                     (unsigned)st.st_mode & 07777);
  hull->root_device = st.st_dev;
  hull->root_inode = st.st_ino;
  return 0;
}

/* Security: it may be of another user, after su(1), or not be what its name says. Who could write there could
 * put a root of his own in the place of ours. */
static int check_runtime_dir(const struct hull *hull, struct error *err)
{
  struct stat st;
  if (hull->root == NULL)
    return error_set(
        err, ERROR_HOST, 0,
        "XDG_RUNTIME_DIR is not set, so a user other than root has no place for state: set it, or "
        "name a directory of your own by --root");
  if (hull->runtime_dir == NULL)
    return 0;
  if (stat(hull->runtime_dir, &st) < 0)
    return error_set(err, ERROR_HOST, errno, "cannot examine XDG_RUNTIME_DIR '%s'", hull->runtime_dir);
  if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid())
    return error_set(err, ERROR_HOST, 0, "XDG_RUNTIME_DIR '%s' belongs to user %u, and not to you (%u)",
                     hull->runtime_dir, (unsigned)st.st_uid, (unsigned)geteuid());
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return error_set(err, ERROR_HOST, 0, "XDG_RUNTIME_DIR '%s' can be written by others (mode %04o)",
                     hull->runtime_dir, (unsigned)st.st_mode & 07777);
  return 0;
}

int state_root(struct hull *hull, bool make, struct error *err)
{
  if (hull->root_fd >= 0)
    return hull->root_fd;
  if (check_runtime_dir(hull, err) < 0)
    return -1;
  const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  auto_close int fd = open(hull->root, flags);
  if (fd < 0 && errno == ENOENT && make) {
    if (make_parents(hull->root) < 0)
      return error_set(err, ERROR_HOST, errno, "cannot make state root '%s'", hull->root);
    if (hull->runtime_dir != NULL) /* XDG: what is sticky is not cleaned up for being old */
      (void)chmod(hull->root, S_ISVTX | 0700);
    fd = open(hull->root, flags);
  }
  if (fd < 0)
    return error_set(err, ERROR_HOST, errno, "cannot open state root '%s'", hull->root);
  if (check_root(hull, fd, err) < 0)
    return -1;
  hull->root_fd = take_fd(&fd);
  return hull->root_fd;
}

/* --- lock ----------------------------------------------------------------------------------------------- */

void state_dir_close(struct state_dir *dir)
{
  fd_close(&dir->fd);
}

bool state_try_lock(const struct state_dir *dir)
{
  int result;
  do
    result = flock(dir->fd, LOCK_EX | LOCK_NB);
  while (result < 0 && errno == EINTR);
  return result == 0;
}

static int64_t now_ms(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int state_lock(const struct state_dir *dir, const char *id, struct error *err)
{
  if (state_try_lock(dir))
    return 0;
  const int64_t deadline = now_ms() + LOCK_TIMEOUT_MS;
  struct timespec nap = { .tv_nsec = LOCK_FIRST_NAP_NS };
  while (errno == EWOULDBLOCK && now_ms() < deadline) {
    (void)nanosleep(&nap, NULL);
    if (nap.tv_nsec < LOCK_LONGEST_NAP_NS)
      nap.tv_nsec *= 2;
    if (state_try_lock(dir))
      return 0;
  }
  if (errno != EWOULDBLOCK)
    return error_set(err, ERROR_KERNEL, errno, "cannot lock the state of container '%s'", id);
  return error_set(err, ERROR_STATE, 0,
                   "container '%s' is being worked on by another hull for more than %d s", id,
                   LOCK_TIMEOUT_MS / 1000);
}

/* A lock that was waited for may be of a directory that its holder has removed. */
static bool is_removed(const struct state_dir *dir)
{
  struct stat st;
  return fstat(dir->fd, &st) < 0 || st.st_nlink == 0;
}

/* --- claim, load ---------------------------------------------------------------------------------------- */

bool state_exists(struct hull *hull, const char *id)
{
  struct error unused = { 0 };
  const int root = state_root(hull, false, &unused);
  return root >= 0 && faccessat(root, id, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int set_unknown(const char *id, struct error *err)
{
  return error_set(err, ERROR_STATE, 0, "container '%s': " WORDS_UNKNOWN, id);
}

int state_claim(struct hull *hull, const char *id, struct state_dir *dir, struct error *err)
{
  *dir = (struct state_dir)STATE_DIR_INIT;
  const int root = state_root(hull, true, err);
  if (root < 0)
    return -1;
  if (mkdirat(root, id, 0700) < 0) {
    if (errno == EEXIST)
      return error_set(err, ERROR_STATE, 0, "container '%s': " WORDS_TAKEN, id);
    return error_set(err, ERROR_HOST, errno, "cannot make state directory '%s/%s'", hull->root, id);
  }
  dir->fd = open_beneath(root, id, DIRECTORY_FLAGS, 0);
  if (dir->fd < 0 && errno != ENOENT)
    return error_set(err, ERROR_KERNEL, errno, "cannot open state directory '%s/%s'", hull->root, id);
  /* Between the two calls above, `delete --force` may take it for a leftover: then it is his to remove. */
  if (dir->fd >= 0 && state_lock(dir, id, err) < 0) {
    state_dir_close(dir);
    return -1;
  }
  if (dir->fd < 0 || is_removed(dir)) {
    state_dir_close(dir);
    return error_set(err, ERROR_STATE, 0, "container '%s' was deleted while it was being created", id);
  }
  return 0;
}

static int open_dir(struct hull *hull, const char *id, struct state_dir *dir, struct error *err)
{
  *dir = (struct state_dir)STATE_DIR_INIT;
  if (validate_id(id, err) < 0)
    return -1;
  struct error trouble = { 0 };
  const int root = state_root(hull, false, &trouble);
  if (root < 0 && trouble.errnum == ENOENT)
    return set_unknown(id, err);
  if (root < 0) {
    *err = trouble;
    return -1;
  }
  dir->fd = open_beneath(root, id, DIRECTORY_FLAGS, 0);
  if (dir->fd >= 0)
    return 0;
  if (errno == ENOENT)
    return set_unknown(id, err);
  return error_set(err, ERROR_KERNEL, errno, "cannot open state directory '%s/%s'", hull->root, id);
}

/* The file's bytes; NULL and errno. */
static char *read_bytes(const struct state_dir *dir, const char *name, struct arena *arena, size_t *length)
{
  auto_close int fd = open_beneath(dir->fd, name, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0)
    return NULL;
  if (!S_ISREG(st.st_mode) || st.st_size > RECORD_MAX_BYTES) {
    errno = EFBIG;
    return NULL;
  }
  char *bytes = arena_alloc(arena, (size_t)st.st_size + 1);
  *length = 0;
  while (*length < (size_t)st.st_size) {
    const ssize_t n = read(fd, bytes + *length, (size_t)st.st_size - *length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return NULL;
    if (n == 0)
      break;
    *length += (size_t)n;
  }
  return bytes;
}

static bool read_record(const struct state_dir *dir, const char *name, const char *id, struct arena *arena,
                        struct container_state *state)
{
  size_t length;
  const char *bytes = read_bytes(dir, name, arena, &length);
  if (bytes != NULL && record_from_json(arena, bytes, length, id, state))
    return true;
  if (bytes != NULL)
    errno = EBADMSG;
  return false;
}

/* What a create that did not end has left: the latest whole record. Half a record is none: the intent is
 * written before anything is done, and what it says is enough to undo what state.json.new could have told
 * more of. */
static void read_uncommitted(const struct state_dir *dir, const char *id, struct arena *arena,
                             struct container_state *state)
{
  if (!read_record(dir, STATE_NEW, id, arena, state) && !read_record(dir, STATE_INTENT, id, arena, state))
    *state =
        (struct container_state){ .id = arena_strdup(arena, id), .cgroup = { .manager = CGROUP_DISABLED } };
}

static int read_state(const struct state_dir *dir, const char *id, struct arena *arena,
                      struct container_state *state, struct error *err)
{
  if (read_record(dir, STATE_FILE, id, arena, state)) {
    state->committed = true;
    return 0;
  }
  const int reason = errno;
  read_uncommitted(dir, id, arena, state);
  if (reason == ENOENT)
    return 0;
  if (reason == EBADMSG)
    return error_set(err, ERROR_STATE, 0,
                     "container '%s': '" STATE_FILE "' is damaged (delete --force removes the container)",
                     id);
  return error_set(err, ERROR_KERNEL, reason, "container '%s': cannot read '" STATE_FILE "'", id);
}

int state_load(struct hull *hull, const char *id, struct arena *arena, struct state_dir *dir,
               struct container_state *state, struct error *err)
{
  *state = (struct container_state){ .cgroup = { .manager = CGROUP_DISABLED } };
  if (open_dir(hull, id, dir, err) < 0)
    return -1;
  return read_state(dir, id, arena, state, err);
}

int state_load_locked(struct hull *hull, const char *id, struct arena *arena, struct state_dir *dir,
                      struct container_state *state, struct error *err)
{
  *state = (struct container_state){ .cgroup = { .manager = CGROUP_DISABLED } };
  if (open_dir(hull, id, dir, err) < 0)
    return -1;
  if (state_lock(dir, id, err) < 0) {
    state_dir_close(dir);
    return -1;
  }
  if (is_removed(dir)) {
    state_dir_close(dir);
    return set_unknown(id, err);
  }
  return read_state(dir, id, arena, state, err);
}

/* --- write, commit, remove ------------------------------------------------------------------------------ */

int state_write(const struct state_dir *dir, const char *name, const struct container_state *state,
                struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct text json;
  text_init(&json, &arena);
  record_to_json(state, &json);
  auto_close int fd = open_beneath(dir->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY, 0600);
  int result = 0;
  if (fd < 0 || fd_write_all(fd, json.data, json.length) < 0)
    result = error_set(err, ERROR_HOST, errno, "cannot write '%s' of container '%s'", name, state->id);
  arena_release(&arena);
  return result;
}

int state_commit(const struct state_dir *dir, struct error *err)
{
  if (renameat(dir->fd, STATE_NEW, dir->fd, STATE_FILE) < 0)
    return error_set(err, ERROR_HOST, errno, "cannot rename '" STATE_NEW "' to '" STATE_FILE "'");
  return 0;
}

/* The intent goes last: a delete that is killed in between can still be repeated. The hidden ones are what
 * file_replace() leaves if it is killed. */
/* The record goes last: whoever finds the rest can still delete by it. */
static const char *const our_files[] = { STATE_CONFIG, STATE_FILTER, STATE_INTENT, STATE_FILE };
/* What only a container that was not started, or that was killed half-way, still has. */
static const char *const our_other_files[] = {
  STATE_START_FIFO,        STATE_REPLY_FIFO,        STATE_NEW,
  "." STATE_CONFIG ".tmp", "." STATE_FILTER ".tmp", "." STATE_FILE ".tmp",
  "." STATE_NEW ".tmp",    "." STATE_INTENT ".tmp", STATE_UPDATE,
  "." STATE_UPDATE ".tmp",
};

static void unlink_each(int dir, const char *const names[], size_t count)
{
  for (size_t i = 0; i < count; i++)
    (void)unlinkat(dir, names[i], 0); /* what stays makes rmdir fail */
}

static int name_what_is_left(const char *id, int dir, struct error *err)
{
  int copy = openat(dir, ".", DIRECTORY_FLAGS | O_CLOEXEC);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  const struct dirent *entry = NULL;
  while (stream != NULL && (entry = readdir(stream)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      break;
  error_set(err, ERROR_STATE, 0,
            "cannot remove the state directory of container '%s': '%s' in it is not ours", id,
            entry != NULL ? entry->d_name : "a file");
  if (stream != NULL)
    closedir(stream);
  else
    fd_close(&copy);
  return -1;
}

int state_remove(struct hull *hull, const char *id, struct error *err)
{
  const int root = state_root(hull, false, err);
  if (root < 0)
    return -1;
  auto_close int dir = open_beneath(root, id, DIRECTORY_FLAGS, 0);
  if (dir < 0 && errno == ENOENT)
    return 0;
  if (dir < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open state directory '%s/%s'", hull->root, id);
  unlink_each(dir, our_files, sizeof our_files / sizeof *our_files);
  if (unlinkat(root, id, AT_REMOVEDIR) == 0 || errno == ENOENT)
    return 0;
  if (errno == ENOTEMPTY || errno == EEXIST) {
    unlink_each(dir, our_other_files, sizeof our_other_files / sizeof *our_other_files);
    notify_remove_directory(dir);
    if (unlinkat(root, id, AT_REMOVEDIR) == 0 || errno == ENOENT)
      return 0;
  }
  if (errno == ENOTEMPTY || errno == EEXIST)
    return name_what_is_left(id, dir, err);
  return error_set(err, ERROR_HOST, errno, "cannot remove state directory '%s/%s'", hull->root, id);
}

/* --- ids, time ------------------------------------------------------------------------------------------ */

static int compare_ids(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

int state_ids(struct hull *hull, struct arena *arena, struct strings *ids, struct error *err)
{
  struct error trouble = { 0 };
  const int root = state_root(hull, false, &trouble);
  if (root < 0 && trouble.errnum == ENOENT && hull->default_root)
    return 0; /* no container was ever made */
  if (root < 0) {
    *err = trouble;
    return -1;
  }
  auto_close int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  if (stream == NULL)
    return error_set(err, ERROR_HOST, errno, "cannot list state root '%s'", hull->root);
  (void)take_fd(&fd);
  const struct dirent *entry;
  while ((entry = readdir(stream)) != NULL)
    if ((entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) && validate_id(entry->d_name, NULL) == 0)
      *(char **)vec_push(arena, ids) = arena_strdup(arena, entry->d_name);
  closedir(stream);
  if (ids->count > 1)
    qsort(ids->items, ids->count, sizeof *ids->items, compare_ids);
  return 0;
}

const char *state_now(struct arena *arena)
{
  struct timespec t;
  char text[CLOCK_TEXT_BYTES];
  (void)clock_gettime(CLOCK_REALTIME, &t);
  clock_rfc3339(&t, text);
  return arena_strdup(arena, text);
}
