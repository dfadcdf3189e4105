/* SPDX-License-Identifier: Apache-2.0
 * resctrl without the hardware: the mount table, the comparison of schemata, and the groups in a directory
 * that the test fills as the kernel would. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/runtime/rdt.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* --- the mount table ------------------------------------------------------------------------------- */

static const struct {
  const char *table, *found;
} mounts[] = {
  { "", NULL },
  { "36 35 0:50 / /sys/fs/resctrl rw,relatime shared:7 - resctrl resctrl rw\n", "/sys/fs/resctrl" },
  { "36 35 0:50 / /a\\040b\\011c\\134d rw - resctrl none rw\n", "/a b\tc\\d" },
  { "1 2 0:5 / /first rw - tmpfs resctrl rw\n36 35 0:50 / /second rw - resctrl none rw\n", "/second" },
  { "36 35 0:50 /gold /part rw - resctrl none rw\n", NULL }, /* not its root */
  { "36 35 0:50 / /x rw - resctrl2 none rw\n", NULL },
  { "36 35 0:50 / /x rw resctrl none rw\n", NULL },
  { " - resctrl none rw\n", NULL },
  { "36 35 0:50 / - resctrl none rw\n", NULL },
};

static void finds_the_mount(void)
{
  for (size_t i = 0; i < UNIT_COUNT(mounts); i++) {
    char table[256];
    char *rest;
    (void)snprintf(table, sizeof table, "%s", mounts[i].table);
    unit_at(mounts[i].table);
    CHECK_STRING(rdt_find_mount(table, &rest), mounts[i].found);
  }
  char two[] = "1 2 0:5 / /one rw - resctrl none rw\n1 2 0:5 / /two rw - resctrl none rw";
  char *rest = two;
  unit_at("two");
  CHECK_STRING(rdt_find_mount(rest, &rest), "/one");
  CHECK_STRING(rdt_find_mount(rest, &rest), "/two");
  CHECK(rest == NULL);
  unit_at(NULL);
}

/* --- schemata -------------------------------------------------------------------------------------- */

#define SCHEMATA "    L3:0=7f0;1=001f\n    MB:0= 20;1=100\nL2:0=ff"
static const struct {
  const char *wanted;
  bool matches;
} schemas[] = {
  { "L3:0=7f0;1=1f", true },
  { "L3:1=1f;0=7F0", true },
  { "L3:0=7f0", true },
  { "L3: 0 = 7f0 ;", true },
  { "MB:0=20", true },
  { "MB:0=20;1=100", true },
  { "L3:0=7f0\nMB:1=100", true },
  { "L3:0=7f1", false },
  { "L3:2=7f0", false },
  { "L3:0=7f0\nMB:1=10", false },
  { "L3CODE:0=7f0", false },
  { "MB:0=14", false }, /* 20 as a hexadecimal number */
  { "MB:0=", false },
  { "MB:nonsense", false },
  { "nonsense", false },
  { "L3:0=7f0;1", false },
};

static void compares_schemata(void)
{
  for (size_t i = 0; i < UNIT_COUNT(schemas); i++) {
    unit_at(schemas[i].wanted);
    CHECK(rdt_schema_matches(schemas[i].wanted, SCHEMATA) == schemas[i].matches);
  }
  unit_at(NULL);
}

/* --- groups ---------------------------------------------------------------------------------------- */

static void put(int dir, const char *name, const char *text)
{
  auto_close int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  CHECK(fd >= 0 && fd_write_all(fd, text, strlen(text)) == 0);
}

static void fill(int group)
{
  put(group, "tasks", "");
  put(group, "schemata", "");
  CHECK(mkdirat(group, "mon_groups", 0755) == 0);
}

static void empty(int group)
{
  (void)unlinkat(group, "tasks", 0);
  (void)unlinkat(group, "schemata", 0);
  (void)unlinkat(group, "mon_groups", AT_REMOVEDIR);
}

static bool has(int dir, const char *path, const char *text)
{
  char found[256];
  return file_read_small(dir, path, found, sizeof found) >= 0 && strcmp(found, text) == 0;
}

static bool is_there(int dir, const char *path)
{
  return faccessat(dir, path, F_OK, 0) == 0;
}

static struct plan_rdt_line both[] = {
  { .value = "L3:0=f", .compare = true, .origin = "/linux/intelRdt/l3CacheSchema" },
  { .value = "MB:0=10", .origin = "/linux/intelRdt/schemata/0" }
};

static struct plan_rdt plan_of(const char *group, bool own, size_t lines)
{
  struct plan_rdt plan = { .set = true, .group = group, .own = own, .must_exist = !own && lines == 0 };
  plan.lines.items = both;
  plan.lines.count = lines;
  return plan;
}

/* Check, make, enter; what the record says at the end. */
static int join(struct arena *arena, const struct rdt_tree *tree, const struct plan_rdt *plan,
                struct rdt_record *record, struct rdt_made *made, struct error *err)
{
  *made = (struct rdt_made){ .group = false };
  error_clear(err);
  if (rdt_check(arena, tree, plan, record, err) < 0
      || rdt_make(arena, tree, plan, record, "web", made, err) < 0)
    return -1;
  return rdt_enter(tree, record, "web", 4711, err);
}

static void own_group(struct arena *arena, const struct rdt_tree *tree)
{
  struct rdt_record record;
  struct rdt_made made;
  struct error err = { 0 };
  struct plan_rdt plan = plan_of("web", true, 2);
  plan.monitoring = true;
  CHECK_NUMBER(join(arena, tree, &plan, &record, &made, &err), 0);
  CHECK(record.made && record.monitoring && made.group && made.monitoring);
  CHECK(has(tree->root, "web/schemata", "L3:0=f\nMB:0=10\n"));
  CHECK(has(tree->root, "web/tasks", "4711\n"));
  CHECK(has(tree->root, "web/mon_groups/web/tasks", "4711\n"));
  CHECK_NUMBER(rdt_remove(tree, &record, "web", &err), 0);
  CHECK(!is_there(tree->root, "web"));
  CHECK_NUMBER(rdt_remove(tree, &record, "web", &err), 0); /* gone is gone */
  CHECK_NUMBER(rdt_enter(tree, &record, "web", 4711, &err), 0);
}

static void own_group_that_was_there(struct arena *arena, const struct rdt_tree *tree)
{
  struct rdt_record record;
  struct rdt_made made;
  struct error err = { 0 };
  const struct plan_rdt plan = plan_of("web", true, 0);
  CHECK(mkdirat(tree->root, "web", 0755) == 0);
  auto_close int group = openat(tree->root, "web", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  fill(group);
  CHECK_NUMBER(join(arena, tree, &plan, &record, &made, &err), 0);
  CHECK(!record.made && !made.group);
  CHECK(has(tree->root, "web/schemata", ""));
  CHECK_NUMBER(rdt_remove(tree, &record, "web", &err), 0);
  CHECK(is_there(tree->root, "web"));
  empty(group);
  CHECK(unlinkat(tree->root, "web", AT_REMOVEDIR) == 0);
}

static void class_of_service(struct arena *arena, const struct rdt_tree *tree)
{
  struct rdt_record record;
  struct rdt_made made;
  struct error err = { 0 };
  const struct plan_rdt alone = plan_of("gold", false, 0), described = plan_of("gold", false, 2);
  CHECK(join(arena, tree, &alone, &record, &made, &err) < 0);
  CHECK_STRING(err.origin, "/linux/intelRdt/closID");
  CHECK_NUMBER(join(arena, tree, &described, &record, &made, &err), 0);
  CHECK(!record.made && made.group);
  CHECK(has(tree->root, "gold/schemata", "L3:0=f\nMB:0=10\n"));
  rdt_unmake(tree, &record, "web", &made); /* it has a task: others may be in it */
  CHECK(is_there(tree->root, "gold"));
  CHECK_NUMBER(rdt_remove(tree, &record, "web", &err), 0);
  CHECK(is_there(tree->root, "gold"));
  /* What is there has to match, and is given back as it was. */
  CHECK_NUMBER(join(arena, tree, &alone, &record, &made, &err), 0);
  CHECK(made.old_schemata == NULL);
  CHECK_NUMBER(join(arena, tree, &described, &record, &made, &err), 0);
  CHECK_STRING(made.old_schemata, "L3:0=f\nMB:0=10");
  CHECK(has(tree->root, "gold/schemata", "L3:0=f\nMB:0=10\nL3:0=f\nMB:0=10\n"));
  rdt_unmake(tree, &record, "web", &made);
  CHECK(has(tree->root, "gold/schemata", "L3:0=f\nMB:0=10\nL3:0=f\nMB:0=10\nL3:0=f\nMB:0=10\n"));
  auto_close int group = openat(tree->root, "gold", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  put(group, "schemata", "L3:0=e\n");
  CHECK(join(arena, tree, &described, &record, &made, &err) < 0);
  CHECK_STRING(err.origin, "/linux/intelRdt/l3CacheSchema");
  CHECK(has(tree->root, "gold/schemata", "L3:0=e\n"));
  put(group, "tasks", "");
  made = (struct rdt_made){ .group = true };
  rdt_unmake(tree, &record, "web", &made); /* nobody is in it */
  CHECK(!is_there(tree->root, "gold"));
}

static void failures(struct arena *arena, const struct rdt_tree *tree)
{
  struct rdt_record record;
  struct rdt_made made;
  struct error err = { 0 };
  char message[512];
  struct plan_rdt plan = plan_of("web", true, 0);
  /* A status of the kernel is in the message. */
  CHECK(mkdirat(tree->root, "info", 0755) == 0);
  put(tree->root, "info/last_cmd_status", "Out of RMIDs\n");
  CHECK_NUMBER(rdt_check(arena, tree, &plan, &record, &err), 0);
  CHECK(mkdirat(tree->root, "web", 0755) == 0); /* somebody was faster */
  CHECK(rdt_make(arena, tree, &plan, &record, "web", &made, &err) < 0);
  (void)error_format(&err, message, sizeof message);
  CHECK(strstr(message, "Out of RMIDs") != NULL);
  CHECK_NUMBER(err.errnum, EEXIST);
  CHECK(unlinkat(tree->root, "web", AT_REMOVEDIR) == 0);
  /* Names of a record that was tampered with lead nowhere. */
  struct rdt_record bad = { .group = "../outside", .made = true };
  CHECK(rdt_remove(tree, &bad, "web", &err) < 0);
  CHECK_NUMBER(err.errnum, EINVAL);
  bad.group = "..";
  CHECK(rdt_remove(tree, &bad, "web", &err) < 0);
  CHECK(rdt_enter(tree, &bad, "web", 1, &err) < 0);
}

int main(void)
{
  struct arena arena = ARENA_INIT;
  finds_the_mount();
  compares_schemata();
  struct rdt_tree tree = { .root = open(unit_temp_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                           .more_flags = O_APPEND,
                           .made = fill,
                           .removing = empty };
  own_group(&arena, &tree);
  own_group_that_was_there(&arena, &tree);
  class_of_service(&arena, &tree);
  failures(&arena, &tree);
  rdt_close(&tree);
  arena_release(&arena);
  return unit_finish();
}
