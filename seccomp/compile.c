/* SPDX-License-Identifier: Apache-2.0
 * Profile to BPF in the parent. The only user of libseccomp, which is asked for one program per architecture:
 * for three at once it takes three times as long. Names, pseudo system calls and arguments are its business;
 * what hull adds is ENOSYS for system calls newer than the profile, and the shape of the program (tree.c). */
#include "config.h"
#include "seccomp/names.h"
#include "seccomp/seccomp.h"
#include "seccomp/tree.h"
#include "libcontainer/base/fd.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARCHS_MAX 32 /* more than there are names */
#define ARGS_MAX 6   /* of a Linux system call */
#define PROGRAM_MAX_BYTES (BPF_MAXINSNS * sizeof(struct sock_filter) * 4)

struct arch_list {
  const struct arch *items[ARCHS_MAX];
  size_t count;
};
struct compilation {
  struct arena *arena;
  const struct seccomp *profile;
  uint32_t default_word;
  struct strings *unknown; /* NULL: not wanted */
};

const char *seccomp_library_version(struct arena *arena)
{
  const struct scmp_version *v = seccomp_version();
  return arena_printf(arena, "%u.%u.%u", v->major, v->minor, v->micro);
}

/* --- what the profile says ------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static int at(struct error *err, const char *format, ...)
{
  char pointer[ERROR_ORIGIN_BYTES];
  va_list args;
  va_start(args, format);
  vsnprintf(pointer, sizeof pointer, format, args);
  va_end(args);
  return error_at(err, pointer);
}

static int default_word(const struct seccomp *profile, uint32_t *word, struct error *err)
{
  if (!profile->default_action.set) {
    error_set(err, ERROR_CONFIG, 0, "a seccomp profile needs a default action");
    return error_at(err, "/linux/seccomp/defaultAction");
  }
  /* Init has to send the listener to the agent; nobody could answer. */
  if (profile->default_action.value == ACT_NOTIFY) {
    error_set(err, ERROR_CONFIG, 0, "SCMP_ACT_NOTIFY cannot be the default action");
    return error_at(err, "/linux/seccomp/defaultAction");
  }
  if (action_word((enum seccomp_action)profile->default_action.value, &profile->default_errno_ret, word, err)
      < 0)
    return error_at(err, "/linux/seccomp/defaultErrnoRet");
  return 0;
}

static int check_names(const struct seccomp_rule *rule, size_t index, struct error *err)
{
  for (size_t i = 0; i < rule->names.count; i++) {
    const char *name = rule->names.items[i];
    const char *problem = NULL;
    if (name == NULL || *name == '\0')
      problem = "a system call needs a name";
    /* Init sends the listener with it: before that nobody can answer. */
    else if (rule->action.value == ACT_NOTIFY && strcmp(name, "sendmsg") == 0)
      problem = "SCMP_ACT_NOTIFY cannot be used for 'sendmsg'";
    if (problem != NULL) {
      error_set(err, ERROR_CONFIG, 0, "%s", problem);
      return at(err, "/linux/seccomp/syscalls/%zu/names/%zu", index, i);
    }
  }
  return 0;
}

static int check_args(const struct seccomp_rule *rule, size_t index, struct error *err)
{
  for (size_t i = 0; i < rule->args.count; i++) {
    const struct seccomp_arg *arg = &rule->args.items[i];
    if (!arg->op.set) {
      error_set(err, ERROR_CONFIG, 0, "the operator is missing");
      return at(err, "/linux/seccomp/syscalls/%zu/args/%zu/op", index, i);
    }
    if (arg->index.value >= ARGS_MAX) {
      error_set(err, ERROR_CONFIG, 0, "%llu is no argument of a system call: 0 to 5",
                (unsigned long long)arg->index.value);
      return at(err, "/linux/seccomp/syscalls/%zu/args/%zu/index", index, i);
    }
  }
  return 0;
}

static int check_rules(const struct seccomp *profile, struct error *err)
{
  for (size_t i = 0; i < profile->syscalls.count; i++) {
    const struct seccomp_rule *rule = &profile->syscalls.items[i];
    uint32_t word;
    if (!rule->action.set) {
      error_set(err, ERROR_CONFIG, 0, "a rule needs an action");
      return at(err, "/linux/seccomp/syscalls/%zu/action", i);
    }
    if (action_word((enum seccomp_action)rule->action.value, &rule->errno_ret, &word, err) < 0)
      return at(err, "/linux/seccomp/syscalls/%zu/errnoRet", i);
    if (check_names(rule, i, err) < 0 || check_args(rule, i, err) < 0)
      return -1;
  }
  return 0;
}

static bool has_notify(const struct seccomp *profile)
{
  const struct seccomp_rule *rule;
  vec_each (&profile->syscalls, rule)
    if (rule->action.value == ACT_NOTIFY)
      return true;
  return false;
}

static int find_flags(const struct seccomp *profile, struct seccomp_program *out, struct error *err)
{
  out->notify = has_notify(profile);
  out->flags = 0;
  for (size_t i = 0; i < profile->flags.count; i++) {
    unsigned bit;
    if (!flag_by_name(profile->flags.items[i], &bit)) {
      error_set(err, ERROR_CONFIG, 0, "unknown seccomp flag '%s'", profile->flags.items[i]);
      return at(err, "/linux/seccomp/flags/%zu", i);
    }
    out->flags |= bit;
  }
  if (out->notify)
    out->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  else
    out->flags &= ~FLAG_NEEDS_LISTENER; /* the kernel refuses it without a listener */
  return 0;
}

static bool arch_listed(const struct arch_list *list, const struct arch *arch)
{
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i] == arch)
      return true;
  return false;
}

/* x32 goes next to x86_64: to the kernel they are one architecture. */
static void add_arch(struct arch_list *list, const struct arch *arch)
{
  if (arch_listed(list, arch))
    return;
  size_t place = list->count;
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i]->audit == arch->audit)
      place = arch->token == SCMP_ARCH_X32 ? i + 1 : i;
  memmove(&list->items[place + 1], &list->items[place], (list->count - place) * sizeof *list->items);
  list->items[place] = arch;
  list->count++;
}

static int find_archs(const struct seccomp *profile, struct arch_list *list, struct error *err)
{
  const struct arch *native = arch_by_token(seccomp_arch_native());
  if (native == NULL)
    return error_set(err, ERROR_HOST, 0, "libseccomp runs on an architecture that hull does not know");
  add_arch(list, native);
  for (size_t i = 0; i < profile->architectures.count; i++) {
    const char *name = profile->architectures.items[i];
    const struct arch *arch = arch_by_name(name);
    if (arch == NULL || arch->token == 0) {
      error_set(err, arch == NULL ? ERROR_CONFIG : ERROR_HOST, 0, "%s does not know architecture '%s'",
                arch == NULL ? "seccomp" : "this libseccomp", name);
      return at(err, "/linux/seccomp/architectures/%zu", i);
    }
    add_arch(list, arch);
  }
  return 0;
}

/* --- libseccomp ------------------------------------------------------------------------------------ */

static struct scmp_arg_cmp comparison(const struct seccomp_arg *arg)
{
  static const enum scmp_compare operators[] = {
    [OP_NE] = SCMP_CMP_NE,
    [OP_LT] = SCMP_CMP_LT,
    [OP_LE] = SCMP_CMP_LE,
    [OP_EQ] = SCMP_CMP_EQ,
    [OP_GE] = SCMP_CMP_GE,
    [OP_GT] = SCMP_CMP_GT,
    [OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
  };
  return (struct scmp_arg_cmp){ .arg = (unsigned)arg->index.value,
                                .op = operators[arg->op.value],
                                .datum_a = arg->value.value,
                                .datum_b = arg->value_two.value };
}

static bool repeats_argument(const struct seccomp_rule *rule)
{
  unsigned seen = 0;
  const struct seccomp_arg *arg;
  vec_each (&rule->args, arg) {
    unsigned bit = 1U << arg->index.value;
    if (seen & bit)
      return true;
    seen |= bit;
  }
  return false;
}

/* libseccomp takes one comparison of each argument in a rule. Where the profile has more, each becomes a rule
 * of its own, so that one of them is enough: runc does so, and engines' profiles rely on it. */
static int add_rule(scmp_filter_ctx ctx, uint32_t word, int number, const struct seccomp_rule *rule)
{
  struct scmp_arg_cmp comparisons[ARGS_MAX];
  if (rule->args.count == 0)
    return seccomp_rule_add_array(ctx, word, number, 0, NULL);
  if (!repeats_argument(rule)) {
    for (size_t i = 0; i < rule->args.count; i++)
      comparisons[i] = comparison(&rule->args.items[i]);
    return seccomp_rule_add_array(ctx, word, number, (unsigned)rule->args.count, comparisons);
  }
  for (size_t i = 0; i < rule->args.count; i++) {
    comparisons[0] = comparison(&rule->args.items[i]);
    int rc = seccomp_rule_add_array(ctx, word, number, 1, comparisons);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int add_rules(const struct compilation *c, scmp_filter_ctx ctx, size_t index, struct error *err)
{
  const struct seccomp_rule *rule = &c->profile->syscalls.items[index];
  uint32_t word;
  if (action_word((enum seccomp_action)rule->action.value, &rule->errno_ret, &word, err) < 0)
    return -1;
  if (word == c->default_word) /* libseccomp refuses such rules; they say nothing new */
    return 0;
  for (size_t i = 0; i < rule->names.count; i++) {
    int number = seccomp_syscall_resolve_name(rule->names.items[i]);
    if (number == __NR_SCMP_ERROR)
      continue;
    int rc = add_rule(ctx, word, number, rule);
    if (rc == 0)
      continue;
    error_set(err, ERROR_CONFIG, -rc, "libseccomp does not take the rule for '%s'%s", rule->names.items[i],
              rc == -EEXIST ? ", which contradicts an earlier one" : "");
    return at(err, "/linux/seccomp/syscalls/%zu/names/%zu", index, i);
  }
  return 0;
}

#if SCMP_VER_MAJOR > 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR >= 6)
static int export_program(struct arena *arena, scmp_filter_ctx ctx, struct arch_filter *out,
                          struct error *err)
{
  size_t size = 0;
  int rc = seccomp_export_bpf_mem(ctx, NULL, &size);
  if (rc < 0)
    return error_set(err, ERROR_INTERNAL, -rc, "cannot export the seccomp program");
  void *bytes = arena_alloc(arena, size);
  rc = seccomp_export_bpf_mem(ctx, bytes, &size);
  if (rc < 0)
    return error_set(err, ERROR_INTERNAL, -rc, "cannot export the seccomp program");
  out->filter = bytes;
  out->length = size / sizeof *out->filter;
  return 0;
}
#else
/* Before 2.6 libseccomp writes to a descriptor only. */
static int export_program(struct arena *arena, scmp_filter_ctx ctx, struct arch_filter *out,
                          struct error *err)
{
  auto_close int fd = memfd_create("seccomp", MFD_CLOEXEC);
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot create a memory file");
  int rc = seccomp_export_bpf(ctx, fd);
  if (rc < 0)
    return error_set(err, ERROR_INTERNAL, -rc, "cannot export the seccomp program");
  off_t size = lseek(fd, 0, SEEK_END);
  if (size <= 0 || (size_t)size > PROGRAM_MAX_BYTES || (size_t)size % sizeof *out->filter != 0)
    return error_set(err, ERROR_CONFIG, size < 0 ? errno : 0, "the seccomp program has %lld bytes",
                     (long long)size);
  void *bytes = arena_alloc(arena, (size_t)size);
  if (pread(fd, bytes, (size_t)size, 0) != size)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the seccomp program");
  out->filter = bytes;
  out->length = (size_t)size / sizeof *out->filter;
  return 0;
}
#endif

static int fill_context(const struct compilation *c, scmp_filter_ctx ctx, const struct arch *arch,
                        struct error *err)
{
  int rc = 0;
  if (arch->token != seccomp_arch_native()) {
    rc = seccomp_arch_add(ctx, arch->token);
    if (rc == 0)
      rc = seccomp_arch_remove(ctx, seccomp_arch_native());
  }
  if (rc < 0) {
    error_set(err, ERROR_HOST, -rc, "libseccomp cannot filter architecture '%s' here", arch->name);
    return error_at(err, "/linux/seccomp/architectures");
  }
  /* Init sets no_new_privs itself, or the profile does without. */
  rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
  if (rc < 0)
    return error_set(err, ERROR_HOST, -rc, "cannot set up libseccomp");
  for (size_t i = 0; i < c->profile->syscalls.count; i++)
    if (add_rules(c, ctx, i, err) < 0)
      return -1;
  return 0;
}

static int compile_arch(const struct compilation *c, const struct arch *arch, struct arch_filter *out,
                        struct error *err)
{
  scmp_filter_ctx ctx = seccomp_init(c->default_word);
  if (ctx == NULL) {
    error_set(err, ERROR_HOST, 0, "this kernel or libseccomp does not know the default action");
    return error_at(err, "/linux/seccomp/defaultAction");
  }
  int rc = fill_context(c, ctx, arch, err);
  if (rc == 0)
    rc = export_program(c->arena, ctx, out, err);
  seccomp_release(ctx);
  return rc;
}

/* --- ENOSYS ---------------------------------------------------------------------------------------- */

/* A profile that knows nothing of a system call was written before it. Programs try new ones first and fall
 * back on ENOSYS, not on EPERM or a signal. Where the default lets it through or a tracer decides, nothing is
 * to be done; nor where the default is ENOSYS. Same rule as runc's, so that an image behaves the same. */
static bool wants_enosys(uint32_t word)
{
  switch (word & SECCOMP_RET_ACTION_FULL) {
  case SECCOMP_RET_ALLOW:
  case SECCOMP_RET_LOG:
  case SECCOMP_RET_TRACE:
    return false;
  default:
    return word != (SECCOMP_RET_ERRNO | ENOSYS);
  }
}

/* The highest number that the profile names on 'arch', -1 if it names none there. Of what x86 has in
 * socketcall(2) and ipc(2), libseccomp tells no number; it lets the direct calls through, and ENOSYS spares
 * what is let through. */
static int newest_number(const struct seccomp *profile, const struct arch *arch)
{
  int newest = -1;
  const struct seccomp_rule *rule;
  vec_each (&profile->syscalls, rule) {
    for (size_t i = 0; i < rule->names.count; i++) {
      int number = seccomp_syscall_resolve_name_arch(arch->token, rule->names.items[i]);
      if (number > newest)
        newest = number;
    }
  }
  return newest;
}

static void set_enosys(const struct compilation *c, const struct arch *arch, struct arch_filter *f)
{
  f->enosys_from = 1;
  f->enosys_to = 0;
  f->unnamed = c->default_word;
  int newest = wants_enosys(c->default_word) ? newest_number(c->profile, arch) : -1;
  if (newest < 0)
    return;
  f->enosys_from = (uint32_t)newest + 1;
  f->enosys_to = arch->token == SCMP_ARCH_X86_64 ? X32_BIT - 1 : UINT32_MAX;
  /* s390 passes on numbers above 255 as call 0 with the number in a register, and leaves 0 if the kernel does
   * not know it. setup(2), which 0 was, has had no user for decades. */
  f->enosys_zero = arch->token == SCMP_ARCH_S390 || arch->token == SCMP_ARCH_S390X;
}

static void list_unknown(const struct compilation *c)
{
  const struct seccomp_rule *rule;
  vec_each (&c->profile->syscalls, rule) {
    for (size_t i = 0; i < rule->names.count; i++)
      if (seccomp_syscall_resolve_name(rule->names.items[i]) == __NR_SCMP_ERROR)
        *(char **)vec_push(c->arena, c->unknown) = rule->names.items[i];
  }
}

static int compile_archs(const struct compilation *c, const struct arch_list *archs,
                         struct arch_filter *filters, struct error *err)
{
  for (size_t i = 0; i < archs->count; i++) {
    const struct arch *arch = archs->items[i];
    struct arch_filter *f = &filters[i];
    *f = (struct arch_filter){ .audit = arch->audit, .low = 0, .high = UINT32_MAX };
    if (i + 1 < archs->count && archs->items[i + 1]->audit == arch->audit)
      f->high = X32_BIT - 1;
    if (i > 0 && archs->items[i - 1]->audit == arch->audit)
      f->low = X32_BIT;
    if (compile_arch(c, arch, f, err) < 0)
      return -1;
    set_enosys(c, arch, f);
  }
  return 0;
}

int seccomp_names_known(const struct seccomp *profile, struct error *err)
{
  for (size_t r = 0; r < profile->syscalls.count; r++) {
    const struct strings *names = &profile->syscalls.items[r].names;
    for (size_t i = 0; i < names->count; i++) {
      if (seccomp_syscall_resolve_name(names->items[i]) != __NR_SCMP_ERROR)
        continue;
      error_set(err, ERROR_CONFIG, 0, "this libseccomp does not know the system call '%s'", names->items[i]);
      return at(err, "/linux/seccomp/syscalls/%zu/names/%zu", r, i);
    }
  }
  return 0;
}

int seccomp_compile(struct arena *arena, const struct seccomp *profile, struct seccomp_program *out,
                    struct strings *unknown, struct error *err)
{
  struct compilation c = { .arena = arena, .profile = profile, .unknown = unknown };
  struct arch_list archs = { .count = 0 };
  struct arch_filter filters[ARCHS_MAX];
  if (default_word(profile, &c.default_word, err) < 0 || check_rules(profile, err) < 0
      || find_flags(profile, out, err) < 0 || find_archs(profile, &archs, err) < 0)
    return -1;
  if (compile_archs(&c, &archs, filters, err) < 0)
    return -1;
  out->filter = filter_tree(arena, filters, archs.count, &out->length);
  if (out->filter == NULL)
    return error_set(err, ERROR_INTERNAL, 0, "libseccomp made an invalid program");
  if (out->length > BPF_MAXINSNS) {
    error_set(err, ERROR_CONFIG, 0, "the profile takes %zu instructions, the kernel at most %d", out->length,
              BPF_MAXINSNS);
    return error_at(err, "/linux/seccomp");
  }
  if (unknown != NULL)
    list_unknown(&c);
  return 0;
}
