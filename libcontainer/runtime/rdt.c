/* SPDX-License-Identifier: Apache-2.0
 * Groups of resctrl: found, compared, made, entered, removed. */
#include "libcontainer/runtime/rdt.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/text.h"
#include "libcontainer/runtime/rdt_fake.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define RESCTRL_MAGIC 0x7655821 /* linux/magic.h: RDTGROUP_SUPER_MAGIC */
#define MOUNTINFO_MAX_BYTES (64 << 20)
#define SCHEMATA_MAX_BYTES 16384
#define STATUS_BYTES 256
#define MONITORING "mon_groups"

/* --- the mount ------------------------------------------------------------------------------------- */

/* "36 35 98:0 /root /mount/point options [fields...] - type source options" */
static char *mount_point_of(char *line, const char *type)
{
  char *field[5];
  char *separator = strstr(line, " - ");
  const size_t length = strlen(type);
  if (separator == NULL || strncmp(separator + 3, type, length) != 0 || separator[3 + length] != ' ')
    return NULL;
  for (size_t i = 0; i < 5; i++)
    if ((field[i] = strsep(&line, " ")) == NULL)
      return NULL;
  if (line == NULL || strcmp(field[3], "/") != 0 || field[4][0] != '/')
    return NULL;
  text_unescape_octal(field[4]);
  return field[4];
}

char *rdt_find_mount(char *mountinfo, char **rest)
{
  for (char *line; (line = strsep(&mountinfo, "\n")) != NULL;) {
    char *found = mount_point_of(line, "resctrl");
    if (found != NULL) {
      *rest = mountinfo;
      return found;
    }
  }
  *rest = NULL;
  return NULL;
}

int rdt_open(struct rdt_tree *tree, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct statfs fs;
  size_t length;
  *tree = (struct rdt_tree)RDT_TREE_INIT;
  if (rdt_fake_open(tree))
    return 0;
  const int proc = proc_root(err);
  char *rest = proc < 0 ? NULL : file_read(&arena, proc, "self/mountinfo", MOUNTINFO_MAX_BYTES, &length, err);
  const bool readable = rest != NULL;
  for (char *path; tree->root < 0 && rest != NULL && (path = rdt_find_mount(rest, &rest)) != NULL;) {
    tree->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->root >= 0 && (fstatfs(tree->root, &fs) < 0 || fs.f_type != RESCTRL_MAGIC))
      fd_close(&tree->root); /* something else is mounted over it */
  }
  arena_release(&arena);
  if (readable && tree->root < 0)
    error_set(err, ERROR_HOST, ENOENT, "no resctrl file system is mounted");
  return tree->root < 0 ? -1 : 0;
}

void rdt_close(struct rdt_tree *tree)
{
  fd_close(&tree->root);
}

/* --- names and files ------------------------------------------------------------------------------- */

/* Security: the plan's names were checked; those of a record were written by us, and are checked again before
 * a path is made of them. */
static bool is_group_name(const char *name)
{
  return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, "..") != 0;
}

static int open_dir(int parent, const char *name)
{
  if (!is_group_name(name)) {
    errno = EINVAL;
    return -1;
  }
  return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Why the kernel refused, in its words: " (…)", or "". */
static const char *last_status(const struct rdt_tree *tree, char text[STATUS_BYTES + 4])
{
  char status[STATUS_BYTES];
  const ssize_t n = file_read_small(tree->root, "info/last_cmd_status", status, sizeof status);
  status[n > 0 ? strcspn(status, "\n") : 0] = '\0';
  if (status[0] == '\0' || strcmp(status, "ok") == 0)
    return "";
  (void)snprintf(text, STATUS_BYTES + 4, " (%s)", status);
  return text;
}

/* Kernel files take a value as a whole. */
static int write_line(const struct rdt_tree *tree, int group, const char *file, const char *value)
{
  char line[SCHEMATA_MAX_BYTES];
  const int length = snprintf(line, sizeof line, "%s\n", value);
  if (length < 0 || (size_t)length >= sizeof line) {
    errno = E2BIG;
    return -1;
  }
  auto_close int fd = openat(group, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | tree->more_flags);
  if (fd < 0)
    return -1;
  const ssize_t n = write(fd, line, (size_t)length);
  if (n >= 0 && n != length)
    errno = EIO;
  return n == length ? 0 : -1;
}

static int read_schemata(int group, char text[SCHEMATA_MAX_BYTES], struct error *err)
{
  if (file_read_small(group, "schemata", text, SCHEMATA_MAX_BYTES) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the schemata of the class of service");
  return 0;
}

/* --- comparing ------------------------------------------------------------------------------------- */

static char *trim(char *s)
{
  s += strspn(s, " \t");
  size_t n = strlen(s);
  while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
    s[--n] = '\0';
  return s;
}

/* Masks are hexadecimal, with leading zeros or without; percentages are equal as such if they are decimal. */
static bool same_value(const char *a, const char *b)
{
  char *a_end, *b_end;
  errno = 0;
  const unsigned long long x = strtoull(a, &a_end, 16), y = strtoull(b, &b_end, 16);
  if (errno == 0 && a_end != a && b_end != b && *a_end == '\0' && *b_end == '\0')
    return x == y;
  return strcmp(a, b) == 0;
}

/* The value of 'domain' of 'resource' in a schemata file ("  L3:0=fff;1=fff"), copied; false: it has none. */
static bool find_domain(const char *schemata, const char *resource, const char *domain, char *value,
                        size_t size)
{
  char copy[SCHEMATA_MAX_BYTES];
  char *rest = copy;
  (void)snprintf(copy, sizeof copy, "%s", schemata);
  for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
    char *cells = strchr(line, ':');
    if (cells == NULL)
      continue;
    *cells++ = '\0';
    if (strcmp(trim(line), resource) != 0)
      continue;
    for (char *cell; (cell = strsep(&cells, ";")) != NULL;) {
      char *equals = strchr(cell, '=');
      if (equals == NULL)
        continue;
      *equals = '\0';
      if (strcmp(trim(cell), domain) == 0) {
        (void)snprintf(value, size, "%s", trim(equals + 1));
        return true;
      }
    }
  }
  return false;
}

/* One wanted line, "L3:0=f;1=f". */
static bool line_matches(char *line, const char *schemata)
{
  char *cells = strchr(line, ':');
  if (*trim(line) == '\0')
    return true;
  if (cells == NULL)
    return false;
  *cells++ = '\0';
  const char *resource = trim(line);
  for (char *cell; (cell = strsep(&cells, ";")) != NULL;) {
    char found[128];
    char *equals = strchr(cell, '=');
    if (equals == NULL) {
      if (*trim(cell) == '\0')
        continue;
      return false;
    }
    *equals = '\0';
    if (!find_domain(schemata, resource, trim(cell), found, sizeof found)
        || !same_value(trim(equals + 1), found))
      return false;
  }
  return true;
}

bool rdt_schema_matches(const char *wanted, const char *schemata)
{
  char copy[SCHEMATA_MAX_BYTES];
  char *rest = copy;
  if (strlen(wanted) >= sizeof copy)
    return false;
  (void)snprintf(copy, sizeof copy, "%s", wanted);
  for (char *line; (line = strsep(&rest, "\n")) != NULL;)
    if (!line_matches(line, schemata))
      return false;
  return true;
}

static int compare(int group, const struct plan_rdt *plan, struct error *err)
{
  char schemata[SCHEMATA_MAX_BYTES];
  const struct plan_rdt_line *line;
  if (plan->lines.count == 0)
    return 0;
  if (read_schemata(group, schemata, err) < 0)
    return error_at(err, "/linux/intelRdt");
  vec_each (&plan->lines, line)
    if (line->compare && !rdt_schema_matches(line->value, schemata)) {
      schemata[strcspn(schemata, "\n")] = '\0';
      error_set(err, ERROR_CONFIG, 0, "the class of service '%s' is there and has another schema than '%s'",
                plan->group, line->value);
      return error_at(err, line->origin);
    }
  return 0;
}

/* --- check ----------------------------------------------------------------------------------------- */

int rdt_check(struct arena *arena, const struct rdt_tree *tree, const struct plan_rdt *plan,
              struct rdt_record *record, struct error *err)
{
  auto_close int group = open_dir(tree->root, plan->group);
  const bool there = group >= 0;
  if (!there && errno != ENOENT) {
    error_set(err, ERROR_HOST, errno, "cannot open the class of service '%s' in resctrl", plan->group);
    return error_at(err, "/linux/intelRdt");
  }
  if (!there && plan->must_exist) {
    error_set(err, ERROR_CONFIG, 0,
              "there is no class of service '%s' in resctrl, and no schema to make it with", plan->group);
    return error_at(err, "/linux/intelRdt/closID");
  }
  if (there && !plan->own && compare(group, plan, err) < 0)
    return -1;
  *record = (struct rdt_record){
    .group = arena_strdup(arena, plan->group),
    .existed = there,
    .made = !there && plan->own,
    .monitoring = plan->monitoring,
  };
  return 0;
}

/* --- make ------------------------------------------------------------------------------------------ */

static int make_dir(const struct rdt_tree *tree, int parent, const char *name)
{
  if (!is_group_name(name)) {
    errno = EINVAL;
    return -1;
  }
  if (mkdirat(parent, name, 0755) < 0)
    return -1;
  if (tree->made != NULL) {
    auto_close int group = open_dir(parent, name);
    tree->made(group);
  }
  return 0;
}

static int make_group(const struct rdt_tree *tree, const char *name, struct error *err)
{
  char status[STATUS_BYTES + 4];
  if (make_dir(tree, tree->root, name) == 0)
    return 0;
  const int reason = errno;
  error_set(err, ERROR_HOST, reason, "cannot make the class of service '%s' in resctrl%s%s", name,
            last_status(tree, status), reason == ENOSPC ? ": the hardware has no more of them" : "");
  return error_at(err, "/linux/intelRdt");
}

static int write_schemata(const struct rdt_tree *tree, int group, const struct plan_rdt *plan,
                          struct error *err)
{
  char status[STATUS_BYTES + 4];
  const struct plan_rdt_line *line;
  vec_each (&plan->lines, line) {
    if (write_line(tree, group, "schemata", line->value) == 0)
      continue;
    const int reason = errno;
    error_set(err, ERROR_CONFIG, reason, "resctrl does not take the schema '%s'%s", line->value,
              last_status(tree, status));
    return error_at(err, line->origin);
  }
  return 0;
}

static int make_monitoring(const struct rdt_tree *tree, int group, const char *id, struct error *err)
{
  char status[STATUS_BYTES + 4];
  auto_close int parent = open_dir(group, MONITORING);
  if (parent >= 0 && make_dir(tree, parent, id) == 0)
    return 0;
  const int reason = errno;
  error_set(err, ERROR_HOST, reason, "cannot make the monitoring group '%s'%s%s", id,
            last_status(tree, status), reason == ENOSPC ? ": the hardware has no more of them" : "");
  return error_at(err, "/linux/intelRdt/enableMonitoring");
}

/* config-linux.md has them written to a class that others use too: a failure must not leave them there. */
static int note_schemata(struct arena *arena, int group, struct rdt_made *made, struct error *err)
{
  char text[SCHEMATA_MAX_BYTES];
  if (read_schemata(group, text, err) < 0)
    return -1;
  made->old_schemata = arena_strdup(arena, trim(text));
  return 0;
}

int rdt_make(struct arena *arena, const struct rdt_tree *tree, const struct plan_rdt *plan,
             const struct rdt_record *record, const char *id, struct rdt_made *made, struct error *err)
{
  if (!record->existed) {
    if (make_group(tree, record->group, err) < 0)
      return -1;
    made->group = true;
  }
  auto_close int group = open_dir(tree->root, record->group);
  if (group < 0)
    return error_set(err, ERROR_HOST, errno, "cannot open the class of service '%s' in resctrl",
                     record->group);
  if (record->existed && plan->lines.count > 0 && note_schemata(arena, group, made, err) < 0)
    return -1;
  if (write_schemata(tree, group, plan, err) < 0)
    return -1;
  if (record->monitoring && make_monitoring(tree, group, id, err) < 0)
    return -1;
  made->monitoring = record->monitoring;
  return 0;
}

void rdt_put_back(const struct rdt_tree *tree, const struct rdt_record *record, const char *old)
{
  auto_close int group = open_dir(tree->root, record->group);
  if (group >= 0)
    (void)write_line(tree, group, "schemata", old); /* best effort: the first failure is what is told */
}

int rdt_update(struct arena *arena, const struct rdt_tree *tree, const struct rdt_record *record,
               const char *const lines[], size_t count, const char **old, size_t *refused, struct error *err)
{
  char status[STATUS_BYTES + 4];
  struct rdt_made noted = { .group = false };
  auto_close int group = open_dir(tree->root, record->group);
  *refused = 0;
  if (group < 0)
    return error_set(err, ERROR_STATE, errno, "cannot open the class of service '%s' in resctrl",
                     record->group);
  if (note_schemata(arena, group, &noted, err) < 0)
    return -1;
  *old = noted.old_schemata;
  for (size_t i = 0; i < count; i++) {
    if (fault_check(lines[i], NULL) == 0 && write_line(tree, group, "schemata", lines[i]) == 0)
      continue;
    const int reason = errno;
    error_set(err, ERROR_CONFIG, reason, "resctrl does not take the schema '%s'%s", lines[i],
              last_status(tree, status));
    *refused = i;
    rdt_put_back(tree, record, *old);
    return -1;
  }
  return 0;
}

/* --- enter ----------------------------------------------------------------------------------------- */

static int add_task(const struct rdt_tree *tree, int group, pid_t pid)
{
  char number[16];
  (void)snprintf(number, sizeof number, "%d", (int)pid);
  return write_line(tree, group, "tasks", number);
}

int rdt_enter(const struct rdt_tree *tree, const struct rdt_record *record, const char *id, pid_t pid,
              struct error *err)
{
  char status[STATUS_BYTES + 4];
  auto_close int group = open_dir(tree->root, record->group);
  auto_close int groups = -1, monitoring = -1;
  if (group < 0 && errno == ENOENT)
    return 0;
  int result = group < 0 ? -1 : add_task(tree, group, pid);
  if (result == 0 && record->monitoring) {
    groups = open_dir(group, MONITORING);
    monitoring = groups < 0 ? -1 : open_dir(groups, id);
    if (monitoring < 0 && errno == ENOENT)
      return 0;
    /* The monitoring group takes only what is in its control group already. */
    result = monitoring < 0 ? -1 : add_task(tree, monitoring, pid);
  }
  if (result == 0)
    return 0;
  const int reason = errno;
  error_set(err, ERROR_HOST, reason, "cannot put the process into the class of service '%s' of resctrl%s",
            record->group, last_status(tree, status));
  return error_at(err, "/linux/intelRdt");
}

/* --- remove ---------------------------------------------------------------------------------------- */

static int remove_dir(const struct rdt_tree *tree, int parent, const char *name)
{
  if (!is_group_name(name)) {
    errno = EINVAL;
    return -1;
  }
  if (tree->removing != NULL) {
    auto_close int group = open_dir(parent, name);
    if (group >= 0)
      tree->removing(group);
  }
  return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

static int remove_monitoring(const struct rdt_tree *tree, const char *group_name, const char *id)
{
  auto_close int group = open_dir(tree->root, group_name);
  auto_close int parent = group < 0 ? -1 : open_dir(group, MONITORING);
  if (parent < 0)
    return errno == ENOENT ? 0 : -1;
  return remove_dir(tree, parent, id);
}

int rdt_remove(const struct rdt_tree *tree, const struct rdt_record *record, const char *id,
               struct error *err)
{
  if (record->monitoring && remove_monitoring(tree, record->group, id) < 0)
    return error_set(err, ERROR_HOST, errno, "cannot remove the monitoring group '%s'", id);
  if (record->made && remove_dir(tree, tree->root, record->group) < 0)
    return error_set(err, ERROR_HOST, errno, "cannot remove the class of service '%s'", record->group);
  return 0;
}

/* The kernel puts the tasks of a group that is removed into the root's. */
static bool is_unused(int root, const char *name)
{
  char tasks[16];
  auto_close int group = open_dir(root, name);
  return group >= 0 && file_read_small(group, "tasks", tasks, sizeof tasks) == 0;
}

void rdt_unmake(const struct rdt_tree *tree, const struct rdt_record *record, const char *id,
                const struct rdt_made *made)
{
  if (made->monitoring)
    (void)remove_monitoring(tree, record->group, id); /* best effort: the first failure is what is told */
  if (made->old_schemata != NULL) {
    auto_close int group = open_dir(tree->root, record->group);
    if (group >= 0)
      (void)write_line(tree, group, "schemata", made->old_schemata);
  }
  if (made->group && (record->made || is_unused(tree->root, record->group)))
    (void)remove_dir(tree, tree->root, record->group);
}
