/* SPDX-License-Identifier: Apache-2.0
 * The root and the mounts of config.json as decided: how each is made, with which attributes, propagation and
 * file system options. Options count in their order; a later one overrides. Destinations are strings here:
 * rootfs/ resolves them inside the root. */
#include "libcontainer/base/names.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/sys_compat.h"
#include "libcontainer/base/text.h"
#include "libcontainer/plan/mount_options.h"
#include "libcontainer/plan/planner.h"
#include "spec/annotations.h"

/* One mount while it is being planned. */
struct mount_planner {
  struct planner *p;
  const struct mount *asked;
  struct plan_mount *planned;
  size_t index;
  bool bind, copy_up, has_mode;
  uint64_t clear; /* bits that some option decided */
  uint64_t clear_rec;
};

static char *at(const struct mount_planner *m, const char *member)
{
  return planner_pointer(m->p, "/mounts/%zu/%s", m->index, member);
}

static char *at_option(const struct mount_planner *m, size_t i)
{
  return planner_pointer(m->p, "/mounts/%zu/options/%zu", m->index, i);
}

static bool is_cgroup_type(const char *type)
{
  return text_equal(type, "cgroup") || text_equal(type, "cgroup2");
}

/* The whole list is looked at first: what an option means depends on whether this is a bind mount. */
static void choose_how(struct mount_planner *m)
{
  struct plan_mount *planned = m->planned;
  bool remount = false;
  m->bind = text_equal(m->asked->type, "bind");
  for (size_t i = 0; i < m->asked->options.count; i++) {
    const struct mount_option *option = mount_option_find(m->asked->options.items[i]);
    if (!option)
      continue;
    if (option->effect == EFFECT_BIND || option->effect == EFFECT_RBIND)
      m->bind = true;
    if (option->effect == EFFECT_RBIND)
      planned->recursive = true;
    if (option->effect == EFFECT_REMOUNT)
      remount = true;
  }
  if (remount)
    planned->how = MOUNT_REMOUNT;
  else if (m->bind)
    planned->how = MOUNT_BIND;
  else if (is_cgroup_type(m->asked->type))
    planned->how = m->p->plan->new_cgroup_ns ? MOUNT_CGROUP : MOUNT_CGROUP_BIND;
  else
    planned->how = MOUNT_NEW;
}

static bool keeps_attributes(const struct plan_mount *planned)
{
  return planned->how == MOUNT_BIND || planned->how == MOUNT_REMOUNT;
}

static void add_option(struct mount_planner *m, const char *key, const char *value)
{
  struct plan_mount_option *option = vec_push(m->p->arena, &m->planned->options);
  *option = (struct plan_mount_option){ .key = key, .value = value };
}

static void set_attributes(struct mount_planner *m, const struct mount_option *option)
{
  struct plan_mount *planned = m->planned;
  /* A new file system is one mount: there is nothing below it to recurse into. */
  bool recursive = option->recursive && keeps_attributes(planned);
  uint64_t *set = recursive ? &planned->attr_set_rec : &planned->attr_set;
  uint64_t *clear = recursive ? &m->clear_rec : &m->clear;
  *set = (*set & ~option->clear) | option->set;
  *clear |= option->clear;
}

static void ask_idmap(struct mount_planner *m, bool recursive, const struct plan_id_maps *maps)
{
  m->planned->idmap = true;
  m->planned->idmap_rec = recursive;
  m->planned->id_maps = maps;
}

/* Which symbolic link is meant itself, instead of what it leads to. */
static void apply_link_option(struct mount_planner *m, const struct mount_option *option, size_t i)
{
  struct plan_mount *planned = m->planned;
  const bool of_source = option->effect != EFFECT_DEST_NOFOLLOW;
  if (of_source && planned->how != MOUNT_BIND)
    planner_problem(m->p, at_option(m, i), "'%s' is for bind mounts only: others have no source path",
                    option->name);
  planned->copy_symlink |= option->effect == EFFECT_COPY_SYMLINK;
  planned->src_nofollow |= option->effect == EFFECT_SRC_NOFOLLOW;
  planned->dest_nofollow |= option->effect == EFFECT_DEST_NOFOLLOW;
}

static bool is_link_option(const struct mount_option *option)
{
  return option->effect == EFFECT_COPY_SYMLINK || option->effect == EFFECT_SRC_NOFOLLOW
         || option->effect == EFFECT_DEST_NOFOLLOW;
}

static void apply_known(struct mount_planner *m, const struct mount_option *option, size_t i)
{
  struct plan_mount *planned = m->planned;
  set_attributes(m, option);
  if (option->propagation) {
    planned->propagation = option->propagation;
    planned->propagation_rec = option->propagation_rec;
  }
  if (option->effect == EFFECT_COPY_UP)
    m->copy_up = true;
  if (option->effect == EFFECT_TMP_UPPER)
    planned->tmp_upper = true;
  if (option->effect == EFFECT_IDMAP)
    ask_idmap(m, option->recursive, NULL);
  if (is_link_option(option))
    apply_link_option(m, option, i);
  if (!option->super_flag)
    return;
  if (m->bind)
    planner_warn(m->p, at_option(m, i), "'%s' belongs to the file system: a bind mount can't change it",
                 option->name);
  else
    add_option(m, option->super_flag, NULL);
}

static const char *nearest_option(const char *wrong)
{
  const char *names[128];
  size_t count = 0;
  for (const struct mount_option *row = mount_options; row->name; row++)
    if (count < sizeof names / sizeof *names)
      names[count++] = row->name;
  return names_nearest_of(names, count, wrong);
}

static void refuse_unknown(struct mount_planner *m, const char *name, size_t i)
{
  const char *nearest = nearest_option(name);
  if (nearest)
    planner_problem(m->p, at_option(m, i), "unknown mount option '%s' (did you mean '%s'?)", name, nearest);
  else
    planner_problem(m->p, at_option(m, i),
                    "unknown mount option '%s': a bind mount takes no file system options", name);
}

/* mount(8) data may be quoted because of its commas; fsconfig(2) takes one value at a time and no quotes. */
static char *unquoted(struct arena *arena, const char *value)
{
  size_t length = strlen(value);
  if (length >= 2 && value[0] == '"' && value[length - 1] == '"')
    return arena_strndup(arena, value + 1, length - 2);
  return arena_strdup(arena, value);
}

static void apply_file_system_option(struct mount_planner *m, const char *text, size_t i)
{
  if (text_starts_with(text, "idmap=") || text_starts_with(text, "ridmap=")) {
    ask_idmap(m, text[0] == 'r', plan_inline_mappings(m->p, strchr(text, '=') + 1, at_option(m, i)));
    return;
  }
  if (m->bind) { /* also with "remount": that touches this mount, and not the file system */
    refuse_unknown(m, text, i);
    return;
  }
  /* Every devpts is a new instance since Linux 4.7. */
  if (text_equal(m->asked->type, "devpts") && text_equal(text, "newinstance"))
    return;
  const char *equals = strchr(text, '=');
  if (!equals) {
    add_option(m, text, NULL);
    return;
  }
  const char *key = arena_strndup(m->p->arena, text, (size_t)(equals - text));
  if (text_equal(key, "mode"))
    m->has_mode = true;
  add_option(m, key, unquoted(m->p->arena, equals + 1));
}

static void apply_options(struct mount_planner *m)
{
  for (size_t i = 0; i < m->asked->options.count; i++) {
    const char *text = m->asked->options.items[i];
    const struct mount_option *option = mount_option_find(text);
    if (option)
      apply_known(m, option, i);
    else if (*text)
      apply_file_system_option(m, text, i);
  }
}

/* mount_setattr(2) clears first and then sets, and wants the access time bits cleared all or none. */
static uint64_t bits_to_clear(uint64_t touched, uint64_t set)
{
  uint64_t clear = touched & ~set & ~(uint64_t)MOUNT_ATTR__ATIME;
  return touched & MOUNT_ATTR__ATIME ? clear | MOUNT_ATTR__ATIME : clear;
}

static void finish_attributes(struct mount_planner *m)
{
  struct plan_mount *planned = m->planned;
  if (planned->how == MOUNT_CGROUP_BIND && !(planned->attr_set & MOUNT_ATTR_RDONLY)) {
    /* Without a cgroup namespace of its own, a writable cgroup would let the container lift its own
     * limits. */
    planned->attr_set |= MOUNT_ATTR_RDONLY;
    planner_warn(m->p, at(m, "options"), "read-only, because there is no new cgroup namespace");
  }
  if (keeps_attributes(planned)) {
    planned->attr_clear = bits_to_clear(m->clear, planned->attr_set);
    planned->attr_clear_rec = bits_to_clear(m->clear_rec, planned->attr_set_rec);
  }
}

static void plan_source(struct mount_planner *m)
{
  const char *source = m->asked->source;
  struct plan_mount *planned = m->planned;
  switch (planned->how) {
  case MOUNT_BIND:
    if (source) /* not cleaned: on the host, 'link/..' need not be '.' */
      planned->source = source[0] == '/' ? source : path_join(m->p->arena, m->p->request->bundle, source);
    return;
  case MOUNT_NEW:
    planned->type = m->asked->type;
    planned->source = source && *source ? source : m->asked->type;
    if (!planned->type || !*planned->type)
      planner_problem(m->p, at(m, "type"), "a type is needed, unless options have 'bind' or 'rbind'");
    return;
  case MOUNT_CGROUP:
  case MOUNT_CGROUP_BIND:
    planned->type = "cgroup2";
    planned->source = source && *source ? source : "cgroup";
    return;
  case MOUNT_REMOUNT:
    return;
  }
}

/* What may be covered below /proc is checked by spec/validate.c. */
static void check_destination(struct mount_planner *m)
{
  if (m->planned->how == MOUNT_REMOUNT)
    return; /* covers nothing */
  if (m->planned->tmp_upper)
    return; /* shows what it covers */
  if (text_equal(m->planned->destination, "/"))
    planner_problem(m->p, at(m, "destination"),
                    "a mount cannot cover the root: see root.path, root.readonly and "
                    "linux.rootfsPropagation");
}

static void plan_tmpfs(struct mount_planner *m)
{
  bool tmpfs = m->planned->how == MOUNT_NEW && text_equal(m->planned->type, "tmpfs");
  m->planned->mode_from_target = tmpfs && !m->has_mode;
  m->planned->copy_up = tmpfs && m->copy_up;
  if (m->copy_up && !tmpfs)
    planner_problem(m->p, at(m, "options"), "tmpcopyup is for type tmpfs only");
}

/* The layers are made where it is mounted. In a user namespace the kernel (Linux 5.11) lets overlayfs keep
 * its notes in attributes of users only. */
static void plan_overlay(struct mount_planner *m)
{
  static const char *const layers[] = { "lowerdir", "upperdir", "workdir", "lowerdir+", "datadir+" };
  struct plan_mount *planned = m->planned;
  const struct plan_mount_option *option;
  if (!planned->tmp_upper)
    return;
  if (planned->how != MOUNT_NEW || !text_equal(planned->type, "overlay"))
    planner_problem(m->p, at(m, "options"), "tmpupper is for type overlay only");
  for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
    vec_each (&planned->options, option)
      if (text_equal(option->key, layers[i]))
        planner_problem(m->p, at(m, "options"),
                        "tmpupper makes the layers itself, of what is at the destination and a tmpfs: leave "
                        "out '%s'",
                        layers[i]);
  if (m->p->plan->namespaces[NS_USER].how != NS_KEEP)
    add_option(m, "userxattr", NULL);
}

/* config.md: the mount's own maps, else those of the container's user namespace, else an error. */
static void plan_idmap(struct mount_planner *m)
{
  struct plan_mount *planned = m->planned;
  const struct plan *plan = m->p->plan;
  if (m->asked->uid_mappings.count > 0) {
    if (!planned->idmap)
      planner_warn(m->p, at(m, "uidMappings"), "taken as option 'idmap', which should be there too");
    planned->idmap = true;
    planned->id_maps = plan_mount_mappings(m->p, m->asked, planned->origin);
  }
  if (!planned->idmap)
    return;
  if (plan->acquire_by_init)
    planner_problem(m->p, at(m, "options"),
                    "only root (CAP_SYS_ADMIN of the host) may make an id-mapped mount");
  else if (planned->how != MOUNT_BIND)
    planner_problem(m->p, at(m, "options"), "only bind mounts can be id-mapped");
  else if (!planned->id_maps && plan->namespaces[NS_USER].how == NS_KEEP)
    planner_problem(m->p, at(m, "options"),
                    "'idmap' needs uidMappings and gidMappings, or a container with a user namespace");
  else if (!planned->id_maps && plan->namespaces[NS_USER].how == NS_NEW)
    planned->id_maps = &plan->id_maps;
}

static bool is_mapped(const struct plan_id_map *maps, size_t count, uint64_t id)
{
  for (size_t i = 0; i < count; i++)
    if (id >= maps[i].container && id - maps[i].container < maps[i].count)
      return true;
  return count == 0; /* joined: we don't know */
}

/* The kernel refuses an owner that has no id in the user namespace. The group of terminals is in every
 * template (5, which is 'tty'), so who maps a single id meets that one. */
static void check_owner_options(struct mount_planner *m)
{
  const struct plan_id_maps *maps = &m->p->plan->id_maps;
  struct plan_mount *planned = m->planned;
  for (size_t i = 0; i < planned->options.count; i++) {
    const struct plan_mount_option *option = &planned->options.items[i];
    const bool gid = text_equal(option->key, "gid");
    uint32_t id;
    if ((!gid && !text_equal(option->key, "uid")) || !option->value || parse_id(option->value, &id) < 0
        || (gid ? is_mapped(maps->gids.items, maps->gids.count, id)
                : is_mapped(maps->uids.items, maps->uids.count, id)))
      continue;
    if (!gid || !text_equal(planned->type, "devpts")) {
      planner_problem(m->p, at(m, "options"), "%s=%u is not mapped in the user namespace", option->key, id);
      continue;
    }
    planner_warn(
        m->p, at(m, "options"),
        "left out gid=%u, which is not mapped in the user namespace: terminals keep the group of their "
        "user",
        id);
    planned->options.count--;
    memmove(&planned->options.items[i], &planned->options.items[i + 1],
            (planned->options.count - i) * sizeof *option);
    i--;
  }
}

/* As runc does: the kernel's own file systems have labels of their own, and mqueue takes no context. */
static void plan_label(struct mount_planner *m)
{
  static const char *const unlabelled[] = { "proc", "sysfs", "mqueue", NULL };
  const char *label = m->p->plan->mount_label;
  if (!label || m->planned->how != MOUNT_NEW)
    return;
  for (const char *const *type = unlabelled; *type; type++)
    if (text_equal(m->planned->type, *type))
      return;
  const char *kind = annotation_value(&m->p->spec->annotations, ANNOTATION_MOUNT_CONTEXT);
  add_option(m, kind ? kind : "context", label);
}

/* mount(8), "context=": what the label of the whole mount is a label of. */
static void check_context_type(struct planner *p)
{
  static const char *const kinds[] = { "context", "fscontext", "defcontext", "rootcontext" };
  const char *kind = annotation_value(&p->spec->annotations, ANNOTATION_MOUNT_CONTEXT);
  for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++)
    if (text_equal(kind, kinds[i]))
      return;
  if (kind)
    planner_problem(p, "/annotations/" ANNOTATION_MOUNT_CONTEXT,
                    "'%s' should be one of context, fscontext, defcontext, rootcontext", kind);
}

static void plan_mount(struct planner *p, const struct mount *asked, size_t index)
{
  struct plan_mount *planned = vec_push(p->arena, &p->plan->mounts);
  struct mount_planner m = { .p = p, .asked = asked, .planned = planned, .index = index };
  planned->origin = planner_pointer(p, "/mounts/%zu", index);
  planned->destination = path_absolute(p->arena, "/", asked->destination);
  choose_how(&m);
  plan_source(&m);
  apply_options(&m);
  finish_attributes(&m);
  plan_tmpfs(&m);
  plan_overlay(&m);
  check_owner_options(&m);
  plan_label(&m);
  plan_idmap(&m);
  check_destination(&m);
  planned->is_dev = planned->how == MOUNT_NEW && text_equal(planned->destination, "/dev");
  planned->is_proc = planned->how == MOUNT_NEW && text_equal(planned->type, "proc")
                     && text_equal(planned->destination, "/proc");
}

/* Where runc and crun have it. Last, so that a mount of the config can't cover it: it goes on top of a tmpfs
 * at /run. */
static void plan_notify_mount(struct planner *p)
{
  if (!p->request->notify_dir || !p->process)
    return;
  if (p->plan->namespaces[NS_MOUNT].how != NS_NEW) {
    planner_warn(p, "/linux/namespaces",
                 "no NOTIFY_SOCKET for the process, as it has no new mount namespace");
    return;
  }
  struct plan_mount *planned = vec_push(p->arena, &p->plan->mounts);
  *planned = (struct plan_mount){
    .how = MOUNT_BIND,
    .destination = PLAN_NOTIFY_DIR,
    .source = p->request->notify_dir,
    .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    .origin = "",
  };
  p->plan->notify = true;
}

void plan_mounts(struct planner *p)
{
  const char *label = p->linux_->mount_label;
  p->plan->mount_label = label && *label ? label : NULL;
  check_context_type(p);
  p->plan->fill_dev = true;
  for (size_t i = 0; i < p->spec->mounts.count; i++) {
    plan_mount(p, &p->spec->mounts.items[i], i);
    const struct plan_mount *planned = &p->plan->mounts.items[i];
    /* A /dev of the host's is for the host to fill; without any mount there, nodes go into the root's own
     * /dev. */
    if (planned->how == MOUNT_BIND && text_equal(planned->destination, "/dev"))
      p->plan->fill_dev = false;
  }
  plan_notify_mount(p);
}

void plan_root(struct planner *p)
{
  const struct root *root = p->spec->root;
  struct plan *plan = p->plan;
  if (!root || !root->path || !*root->path)
    planner_problem(p, "/root/path", "the path of the root file system is needed");
  else
    plan->rootfs = root->path[0] == '/' ? root->path : path_join(p->arena, plan->bundle, root->path);
  plan->root_readonly = root && root->readonly.value;

  const struct opt_enum *asked = &p->linux_->rootfs_propagation;
  plan->root_propagation_last = asked->set ? (uint64_t)asked->value : 0;
  switch (plan->root_propagation_last & ~(uint64_t)MS_REC) {
  case MS_SHARED: /* what is mounted in the container is to reach the host */
    plan->root_propagation = MS_SHARED;
    return;
  case MS_PRIVATE:
  case MS_UNBINDABLE: /* before the root is bound it must be bindable */
    plan->root_propagation = MS_PRIVATE;
    return;
  default:
    plan->root_propagation = MS_SLAVE;
  }
}
