/* SPDX-License-Identifier: Apache-2.0
 * spec/sandbox: what wishes become, and which can't be. */
#include "spec/sandbox.h"
#include "libcontainer/base/text.h"
#include "spec/encode.h"
#include "spec/decode.h"
#include "spec/types.h"
#include "tests/unit/unit.h"

static struct arena arena = ARENA_INIT;
static char *const command[] = { (char *)"true", NULL };

static struct sandbox_wishes plain(void)
{
  struct sandbox_wishes wishes = { .args = command, .cwd = "/" };
  *(char **)vec_push(&arena, &wishes.private_places) = (char *)"/run";
  *(char **)vec_push(&arena, &wishes.private_places) = (char *)"/tmp";
  return wishes;
}

static void add(struct sandbox_wishes *wishes, enum sandbox_access access, const char *source,
                const char *destination)
{
  *(struct sandbox_path *)vec_push(&arena, &wishes->paths) =
      (struct sandbox_path){ .access = access, .source = source, .destination = destination };
}

static const struct mount *last_at(const struct spec *spec, const char *destination)
{
  const struct mount *found = NULL, *m;
  vec_each (&spec->mounts, m)
    if (strcmp(m->destination, destination) == 0)
      found = m;
  return found;
}

static bool has_option(const struct mount *m, const char *option)
{
  char *const *word;
  if (m)
    vec_each (&m->options, word)
      if (strcmp(*word, option) == 0)
        return true;
  return false;
}

static bool has_namespace(const struct spec *spec, enum namespace_type type)
{
  const struct namespace_ref *ns;
  vec_each (&spec->linux_->namespaces, ns)
    if (ns->type.value == (long)type)
      return true;
  return false;
}

/* As JSON it is a config without a problem. */
static void check_valid(const struct spec *spec)
{
  struct text out;
  struct spec again = { 0 };
  struct error err = { 0 };
  text_init(&out, &arena);
  encode(&config_type, spec, ENCODE_PRETTY, &out);
  if (!CHECK(decode_config(&arena, &again, out.data, out.length, "sandbox", &err) == 0))
    printf("  %s\n", error_frame(&err, 0));
  CHECK_NUMBER(again.warnings.count, 0);
}

static bool has_string(const struct strings *list, const char *string)
{
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i], string) == 0)
      return true;
  return false;
}

static void test_closed_by_default(void)
{
  static const char *const masked[] = { "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi",
                                        "/sys/firmware" };
  static const char *const readonly[] = { "/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus" };
  struct sandbox_wishes wishes = plain();
  struct spec spec = { 0 };
  wishes.seccomp = sandbox_seccomp(&arena);
  sandbox_spec(&arena, &wishes, &spec);
  check_valid(&spec);
  CHECK_STRING(spec.root->path, "/");
  CHECK(spec.root->readonly.value);
  CHECK_STRING(spec.mounts.items[0].destination, "/"); /* first: nothing may be made on the host */
  CHECK(has_option(&spec.mounts.items[0], "remount") && has_option(&spec.mounts.items[0], "rro"));
  CHECK_STRING(last_at(&spec, "/run")->type, "tmpfs");
  CHECK(has_option(last_at(&spec, "/tmp"), "mode=1777"));
  CHECK(has_option(last_at(&spec, "/sys"), "ro"));
  for (int type = 0; type < NS_COUNT; type++)
    CHECK(has_namespace(&spec, (enum namespace_type)type) == (type != NS_USER && type != NS_TIME));
  CHECK(spec.process->capabilities && spec.process->capabilities->bounding.count == 0);
  CHECK(spec.process->no_new_privileges.value);
  CHECK(spec.linux_->resources == NULL);
  for (size_t i = 0; i < UNIT_COUNT(masked); i++)
    CHECK(has_string(&spec.linux_->masked_paths, masked[i]));
  for (size_t i = 0; i < UNIT_COUNT(readonly); i++)
    CHECK(has_string(&spec.linux_->readonly_paths, readonly[i]));
}

static void test_user(void)
{
  struct sandbox_wishes wishes = plain();
  struct spec spec = { 0 };
  wishes.user_namespace = wishes.host_network = true;
  wishes.uid = 7;
  wishes.own_uid = 1000;
  sandbox_spec(&arena, &wishes, &spec);
  check_valid(&spec);
  CHECK(has_namespace(&spec, NS_USER) && !has_namespace(&spec, NS_NETWORK));
  CHECK_NUMBER(spec.linux_->uid_mappings.items[0].container_id.value, 7);
  CHECK_NUMBER(spec.linux_->uid_mappings.items[0].host_id.value, 1000);
  CHECK_STRING(last_at(&spec, "/sys")->type, "tmpfs"); /* sysfs is of who owns the network namespace */
  CHECK(!has_option(last_at(&spec, "/dev/pts"), "gid=5"));
}

static void test_paths_and_limits(void)
{
  struct sandbox_wishes wishes = plain();
  struct spec spec = { 0 };
  add(&wishes, SANDBOX_RW, "/a", "/a");
  add(&wishes, SANDBOX_RO, "/b", "/a/b");
  add(&wishes, SANDBOX_TMPFS, NULL, "/c");
  wishes.memory = 1 << 30;
  wishes.cpus = 1.5;
  wishes.pids = 64;
  sandbox_spec(&arena, &wishes, &spec);
  check_valid(&spec);
  const size_t count = spec.mounts.count;
  CHECK_STRING(spec.mounts.items[count - 3].destination, "/a");
  CHECK(!has_option(&spec.mounts.items[count - 3], "rro"));
  CHECK(has_option(&spec.mounts.items[count - 2], "rro")
        && has_option(&spec.mounts.items[count - 2], "rnosuid"));
  CHECK_STRING(spec.mounts.items[count - 1].type, "tmpfs");
  for (size_t i = count - 3; i < count; i++) {
    CHECK(has_option(&spec.mounts.items[i], i < count - 1 ? "rnosuid" : "nosuid"));
    CHECK(has_option(&spec.mounts.items[i], i < count - 1 ? "rnodev" : "nodev"));
  }
  CHECK_NUMBER(spec.linux_->resources->cpu->quota.value, 150000);
  CHECK_NUMBER(spec.linux_->resources->pids->limit.value, 65); /* and the first process */
}

static void test_may_make(void)
{
  struct sandbox_wishes wishes = plain();
  const char *source = NULL;
  add(&wishes, SANDBOX_RW, "/src", "/work");
  add(&wishes, SANDBOX_TMPFS, NULL, "/work/memory");
  CHECK(sandbox_may_make(&arena, &wishes, 2, "/tmp/new", &source));
  CHECK(sandbox_may_make(&arena, &wishes, 2, "/work/memory/new", &source));
  CHECK(!sandbox_may_make(&arena, &wishes, 2, "/work/new/er", &source));
  CHECK_STRING(source, "/src/new/er");
  CHECK(!sandbox_may_make(&arena, &wishes, 2, "/work", &source));
  CHECK_STRING(source, "/src");
  CHECK(!sandbox_may_make(&arena, &wishes, 2, "/opt/x", &source));
  CHECK_STRING(source, "/opt/x");
  CHECK(!sandbox_may_make(&arena, &wishes, 0, "/work/memory", &source)); /* those before it count */
}

static void test_overlay(void)
{
  struct sandbox_wishes wishes = plain();
  struct spec spec = { 0 };
  const char *source = NULL;
  *(char **)vec_push(&arena, &wishes.host_mounts) = (char *)"/run/lock";
  *(char **)vec_push(&arena, &wishes.host_mounts) = (char *)"/home";
  *(char **)vec_push(&arena, &wishes.host_mounts) = (char *)"/home/inner";
  add(&wishes, SANDBOX_OVERLAY, NULL, "/");
  add(&wishes, SANDBOX_OVERLAY, "/home", "/tmp/home");
  sandbox_spec(&arena, &wishes, &spec);
  check_valid(&spec);
  CHECK(!spec.root->readonly.value);
  CHECK(has_option(&spec.mounts.items[1], "tmpupper"));
  CHECK_STRING(spec.mounts.items[1].destination, "/");
  CHECK_STRING(spec.mounts.items[2].destination,
               "/home"); /* and what is below it; not /run, which is private */
  CHECK(has_option(&spec.mounts.items[2], "rro"));
  CHECK_STRING(spec.mounts.items[3].destination, "/proc");
  const size_t count = spec.mounts.count;
  CHECK_STRING(spec.mounts.items[count - 3].source,
               "/home"); /* what it lies over, it, what is mounted below */
  CHECK(has_option(&spec.mounts.items[count - 2], "tmpupper"));
  CHECK_STRING(spec.mounts.items[count - 1].source, "/home/inner");
  CHECK_STRING(spec.mounts.items[count - 1].destination, "/tmp/home/inner");

  CHECK(sandbox_may_make(&arena, &wishes, 1, "/opt/new", &source));
  CHECK(!sandbox_may_make(&arena, &wishes, 1, "/home/new", &source));
  CHECK_STRING(source, "/home/new");
  CHECK(sandbox_may_make(&arena, &wishes, 2, "/tmp/home/new", &source));
  CHECK(!sandbox_may_make(&arena, &wishes, 2, "/tmp/home/inner/new", &source));
  CHECK_STRING(source, "/home/inner/new");
}

static void test_contradiction(void)
{
  struct sandbox_wishes wishes = plain();
  add(&wishes, SANDBOX_RO, "/a", "/a");
  add(&wishes, SANDBOX_RW, "/a/b", "/a/b");
  add(&wishes, SANDBOX_RO, "/a", "/a");
  add(&wishes, SANDBOX_RW, "/b", "/a");
  CHECK_NUMBER(sandbox_contradiction(&wishes, 1), -1);
  CHECK_NUMBER(sandbox_contradiction(&wishes, 2), 1);
  CHECK_NUMBER(sandbox_contradiction(&wishes, 3), 0);
  wishes.paths.items[1] = wishes.paths.items[0];
  CHECK_NUMBER(sandbox_contradiction(&wishes, 2), -1); /* the same twice is none */
}

static void test_profile(void)
{
  const struct seccomp *profile = sandbox_seccomp(&arena);
  const struct seccomp_rule *rule;
  bool input = false;
  vec_each (&profile->syscalls, rule)
    if (rule->args.count == 1 && rule->args.items[0].value_two.value == 0x5412)
      input = rule->args.items[0].value.value == 0xffffffff; /* 32 bits are what the kernel takes */
  CHECK(input);
  static const char *const refused[] = { "io_uring_setup",  "bpf",   "keyctl",  "mount",
                                         "perf_event_open", "setns", "unshare", "userfaultfd" };
  for (size_t i = 0; i < UNIT_COUNT(refused); i++)
    CHECK(has_string(&profile->syscalls.items[0].names, refused[i]));
  uint64_t new_namespaces = 0;
  vec_each (&profile->syscalls, rule)
    if (has_string(&rule->names, "clone")
        && rule->args.items[0].value.value == rule->args.items[0].value_two.value)
      new_namespaces |= rule->args.items[0].value.value;
  CHECK_NUMBER(new_namespaces, 0x7e020000); /* each CLONE_NEW flag that clone(2) takes */
}

int main(void)
{
  test_closed_by_default();
  test_user();
  test_paths_and_limits();
  test_may_make();
  test_overlay();
  test_contradiction();
  test_profile();
  arena_release(&arena);
  return unit_finish();
}
