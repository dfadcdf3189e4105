/* SPDX-License-Identifier: Apache-2.0
 * Mounts added to and removed from a running container, by the plan and the functions of create: what the
 * host gives is cloned here; a process of ours that has entered the container's mount namespace puts it in
 * place. Security: that process resolves destinations below the container's root and follows no symbolic link
 * at all, so nothing that the container does to its tree makes a mount appear, or vanish, at another path. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/text.h"
#include "libcontainer/base/words.h"
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/status.h"
#include "spec/decode.h"
#include "spec/encode.h"
#include "spec/field.h"
#include "spec/types.h"
#include "spec/validate.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct change {
  struct launch l; /* its spec has only the mounts of this change */
  struct spec saved;
  const char *document; /* what messages call the list */
  int pidfd, root;      /* init, and its root directory */
};

/* --- the list ------------------------------------------------------------------------------------------- */

struct mounts_document {
  VEC(struct mount) mounts;
};
static const struct field mounts_fields[] = {
  ROW("mounts", OBJECTS, mounts_document, mounts, .type = &mount_type, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
static const struct type mounts_type = { "mounts", sizeof(struct mounts_document), mounts_fields };

/* A list, as crun reads it, or an object with 'mounts', as a config has it. */
static int decode_mounts(struct change *c, const char *bytes, size_t length, struct error *err)
{
  struct arena *arena = c->l.arena;
  struct mounts_document document = { .mounts = { .count = 0 } };
  struct problems problems = { .arena = arena, .document = c->document };
  struct strings unknown = { 0 };
  struct text text;
  char **pointer;
  text_init(&text, arena);
  const bool list = bytes[strspn(bytes, " \t\r\n")] == '[';
  text_add(&text, list ? "{\"mounts\":" : "");
  text_add_bytes(&text, bytes, length);
  text_add(&text, list ? "}" : "");
  if (decode(&mounts_type, &document, text_string(&text), text.length, &problems, &unknown) < 0)
    return problems_to_error(&problems, err);
  vec_each (&unknown, pointer)
    problem_add(&problems, false, *pointer, "unknown property");
  if (document.mounts.count == 0)
    problem_add(&problems, false, "/mounts", "no mount is listed");
  if (problems.errors > 0)
    return problems_to_error(&problems, err);
  memcpy(&c->l.spec.mounts, &document.mounts, sizeof document.mounts);
  return 0;
}

/* --- the container -------------------------------------------------------------------------------------- */

static int check_status(const struct launch *l, struct error *err)
{
  const enum container_status status = container_status(&l->dir, &l->state);
  if (status == STATUS_CREATING || status == STATUS_STOPPED)
    return error_set(err, ERROR_STATE, 0, WORDS_NOT_RUNNING " (it is %s)", status_name(status));
  return 0;
}

/* The directory is of that process, or of none: a pid that was reused is seen afterwards. */
static int open_container(struct change *c, struct error *err)
{
  struct launch *l = &c->l;
  if (init_open(&l->state, &c->pidfd, err) <= 0)
    return error_set(err, ERROR_STATE, 0, WORDS_NOT_RUNNING);
  auto_close int dir = proc_pid_dir(l->state.pid, err);
  if (dir < 0)
    return -1;
  c->root = openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (l->state.user_namespace)
    l->init.namespace_fds[NS_USER] = openat(dir, "ns/user", O_RDONLY | O_CLOEXEC);
  if (c->root < 0 || (l->state.user_namespace && l->init.namespace_fds[NS_USER] < 0)
      || !proc_is(l->state.pid, l->state.start_time))
    return error_set(err, ERROR_STATE, errno, "cannot open the container's root");
  return 0;
}

static int load(struct change *c, struct error *err)
{
  struct launch *l = &c->l;
  if (check_status(l, err) < 0)
    return -1;
  l->config = file_read(l->arena, l->dir.fd, STATE_CONFIG, CONFIG_MAX_BYTES, &l->config_length, err);
  if (l->config == NULL
      || decode_config(l->arena, &c->saved, l->config, l->config_length, STATE_CONFIG, err) < 0)
    return error_wrap(err, "cannot read the saved config");
  return open_container(c, err);
}

/* --- planning what is to be added ----------------------------------------------------------------------- */

static int plan_additions(struct change *c, struct error *err)
{
  struct launch *l = &c->l;
  struct problems problems = { .arena = l->arena, .document = c->document };
  const struct plan_mount *mount;
  struct spec spec = c->saved;
  memcpy(&spec.mounts, &l->spec.mounts, sizeof spec.mounts);
  l->spec = spec;
  validate_config(&l->spec, &problems);
  if (problems.errors > 0)
    return problems_to_error(&problems, err);
  l->request = (struct request){
    .id = l->id, .bundle = l->state.bundle, .manager = MANAGER_DISABLED, .has_console_receiver = true
  };
  if (l->spec.linux_ != NULL)
    l->spec.linux_->resources = NULL; /* no cgroup is made */
  if (facts_probe(l->arena, &l->request, &l->spec, &l->facts, err) < 0
      || facts_check_kernel(&l->facts, err) < 0
      || plan_container(l->arena, &l->spec, &l->request, &l->facts, &l->plan, err) < 0)
    return -1;
  if (l->plan.namespaces[NS_MOUNT].how != NS_NEW)
    return error_set(err, ERROR_STATE, 0, "the container has no mount namespace of its own");
  l->plan.root_readonly = false; /* as it is */
  vec_each (&l->plan.mounts, mount) {
    const bool tmpfs = mount->how == MOUNT_NEW && text_equal(mount->type, "tmpfs");
    if ((mount->how == MOUNT_BIND || tmpfs) && !mount->copy_symlink)
      continue;
    (void)error_set(err, ERROR_CONFIG, 0, "only bind mounts and tmpfs can be added to a running container");
    return error_at(err, mount->origin);
  }
  return 0;
}

static int acquire(struct change *c, struct error *err)
{
  struct launch *l = &c->l;
  l->rootfs.sources = arena_array(l->arena, l->plan.mounts.count + 1, sizeof *l->rootfs.sources);
  l->rootfs.devices = arena_array(l->arena, l->plan.devices.count + 1, sizeof *l->rootfs.devices);
  if (rootfs_acquire_mounts(&l->plan, &l->rootfs, err) < 0)
    return -1;
  l->rootfs.root = c->root;
  l->rootfs.exact = true;
  return idmap_mounts(l, err);
}

/* --- in the container's namespaces ---------------------------------------------------------------------- */

/* Joining a user namespace makes us dumpable as fs.suid_dumpable says. */
static int enter(const struct change *c, struct error *err)
{
  const bool user = c->l.state.user_namespace;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot protect this process");
  if (setns(c->pidfd, CLONE_NEWNS | (user ? CLONE_NEWUSER : 0)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot enter the container's mount namespace");
  /* As init did when it mounted. Where 0 is not mapped, we stay nobody. */
  if (user) {
    (void)sys_setgroups(0, NULL);
    if ((sys_setresgid(0) < 0 || sys_setresuid(0) < 0) && errno != EINVAL)
      return error_set(err, ERROR_KERNEL, errno, "cannot become root of the user namespace");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot protect this process");
  }
  return 0;
}

/* The last first; best effort: the first failure is what to tell. */
static void take_away(struct change *c, size_t made)
{
  struct launch *l = &c->l;
  struct error ignored = { 0 };
  while (made-- > 0)
    (void)rootfs_unmount(&l->rootfs, l->plan.mounts.items[made].destination, &ignored);
}

static int add_inside(struct change *c, struct error *err)
{
  struct launch *l = &c->l;
  size_t made = 0;
  (void)umask(0); /* directories made for mounts have the mode that the code says */
  for (; made < l->plan.mounts.count; made++)
    if (rootfs_mount_one(&l->plan, &l->rootfs, made, err) < 0)
      break;
  if (made == l->plan.mounts.count && rootfs_make_readonly(&l->plan, &l->rootfs, err) == 0)
    return 0;
  take_away(c, made);
  return -1;
}

static int undo_inside(struct change *c, struct error *err)
{
  (void)err;
  take_away(c, c->l.plan.mounts.count);
  return 0;
}

static int remove_inside(struct change *c, struct error *err)
{
  struct launch *l = &c->l;
  const struct mount *mount;
  l->rootfs.root = c->root;
  vec_each (&l->spec.mounts, mount)
    if (rootfs_unmount(&l->rootfs, path_absolute(l->arena, "/", mount->destination), err) < 0)
      return error_at(err, arena_printf(l->arena, "/mounts/%zu", vec_index(&l->spec.mounts, mount)));
  return 0;
}

/* Runs one of the two in a process of its own, since there is no way back out of a mount namespace that is
 * safe from what the container does to its tree. */
static int run_inside(struct change *c, int (*inside)(struct change *, struct error *), struct error *err)
{
  int ends[2];
  struct clone_args args = { .exit_signal = SIGCHLD };
  struct error reply = { 0 };
  if (pipe2(ends, O_CLOEXEC) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a pipe");
  auto_close int ours = ends[0];
  auto_close int theirs = ends[1];
  const pid_t pid = sys_clone3(&args, sizeof args);
  if (pid < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot fork");
  if (pid == 0) {
    const bool done = enter(c, &reply) == 0 && inside(c, &reply) == 0;
    _exit(!done && fd_write_all(theirs, &reply, sizeof reply) == 0 ? 1 : done ? 0 : 2);
  }
  fd_close(&theirs);
  int status = 0;
  ssize_t n;
  do
    n = read(ours, &reply, sizeof reply);
  while (n < 0 && errno == EINTR);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return 0;
  if (n <= 0 || error_unpack(&reply, (size_t)n, err) < 0)
    return error_set(err, ERROR_INTERNAL, 0, "the process in the container's mount namespace has died");
  return -1;
}

/* --- the saved config ----------------------------------------------------------------------------------- */

static int save(struct change *c, struct error *err)
{
  struct text json;
  text_init(&json, c->l.arena);
  encode(&config_type, &c->saved, ENCODE_COMPACT, &json);
  if (json.length > CONFIG_MAX_BYTES)
    return error_set(err, ERROR_CONFIG, 0, "the config with these mounts is larger than %d bytes",
                     CONFIG_MAX_BYTES);
  return file_replace(c->l.dir.fd, STATE_CONFIG, json.data, json.length, 0600, err);
}

static void append_mounts(struct change *c, const struct spec *from)
{
  const struct mount *mount;
  vec_each (&from->mounts, mount) {
    struct mount *copy = vec_push(c->l.arena, &c->saved.mounts);
    *copy = *mount;
  }
}

static bool same_destination(struct arena *arena, const struct mount *a, const struct mount *b)
{
  return text_equal(path_absolute(arena, "/", a->destination), path_absolute(arena, "/", b->destination));
}

/* The last one of that destination is the one on top. */
static int forget_mounts(struct change *c, struct error *err)
{
  const struct mount *mount;
  vec_each (&c->l.spec.mounts, mount) {
    size_t i = c->saved.mounts.count;
    while (i > 0 && !same_destination(c->l.arena, &c->saved.mounts.items[i - 1], mount))
      i--;
    if (i == 0) {
      (void)error_set(err, ERROR_CONFIG, 0, "the container's config has no mount at '%s'",
                      mount->destination);
      return error_at(err, arena_printf(c->l.arena, "/mounts/%zu", vec_index(&c->l.spec.mounts, mount)));
    }
    memmove(&c->saved.mounts.items[i - 1], &c->saved.mounts.items[i],
            (c->saved.mounts.count - i) * sizeof *c->saved.mounts.items);
    c->saved.mounts.count--;
  }
  return 0;
}

/* --- the operations ------------------------------------------------------------------------------------- */

static int add(struct change *c, struct error *err)
{
  if (plan_additions(c, err) < 0 || acquire(c, err) < 0)
    return -1;
  /* It is parsed anew: planning has taken parts of the other away. */
  if (decode_config(c->l.arena, &c->saved, c->l.config, c->l.config_length, STATE_CONFIG, err) < 0)
    return -1;
  append_mounts(c, &c->l.spec);
  if (run_inside(c, add_inside, err) < 0)
    return -1;
  if (save(c, err) == 0)
    return 0;
  struct error ignored = { 0 };
  (void)run_inside(c, undo_inside, &ignored); /* all or nothing */
  return -1;
}

static int remove_mounts(struct change *c, struct error *err)
{
  if (forget_mounts(c, err) < 0 || run_inside(c, remove_inside, err) < 0)
    return -1;
  return save(c, err);
}

int container_mounts(struct hull *hull, const char *id, bool addition, const char *mounts, size_t length,
                     const char *document, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct change c = { .document = document, .pidfd = -1, .root = -1 };
  launch_init(&c.l, hull, id);
  c.l.arena = &arena;
  int result = decode_mounts(&c, mounts, length, err);
  if (result == 0)
    result = state_load_locked(hull, id, &arena, &c.l.dir, &c.l.state, err);
  if (result == 0
      && ((result = load(&c, err)) < 0 || (result = addition ? add(&c, err) : remove_mounts(&c, err)) < 0))
    (void)error_wrap(err, "cannot change the mounts of container '%s'", id);
  c.l.rootfs.root = -1; /* ours */
  fd_close(&c.root);
  fd_close(&c.pidfd);
  launch_release(&c.l);
  arena_release(&arena);
  return result;
}
