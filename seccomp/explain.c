/* SPDX-License-Identifier: Apache-2.0
 * What a profile does with one system call, and because of which line. The answer is that of the compiled
 * program, run here; only the reason for it is searched for in the profile. Never on the way of a container.
 */
#include "seccomp/names.h"
#include "seccomp/seccomp.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/text.h"
#include "spec/json_write.h"
#include "spec/names.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES 64
#define ARGS_MAX 6

/* --- the program ----------------------------------------------------------------------------------- */

/* All instructions that libseccomp and tree.c write. Jumps go forward and stay inside: the kernel took it. */
static uint32_t evaluate(const struct seccomp_program *program, const struct seccomp_data *data)
{
  uint32_t a = 0;
  for (size_t pc = 0; pc < program->length; pc++) {
    const struct sock_filter *in = &program->filter[pc];
    switch (in->code) {
    case BPF_LD | BPF_W | BPF_ABS:
      if (in->k <= sizeof *data - sizeof a)
        memcpy(&a, (const char *)data + in->k, sizeof a);
      break;
    case BPF_ALU | BPF_AND | BPF_K:
      a &= in->k;
      break;
    case BPF_JMP | BPF_JA:
      pc += in->k;
      break;
    case BPF_JMP | BPF_JEQ | BPF_K:
      pc += a == in->k ? in->jt : in->jf;
      break;
    case BPF_JMP | BPF_JGE | BPF_K:
      pc += a >= in->k ? in->jt : in->jf;
      break;
    case BPF_JMP | BPF_JGT | BPF_K:
      pc += a > in->k ? in->jt : in->jf;
      break;
    case BPF_JMP | BPF_JSET | BPF_K:
      pc += (a & in->k) != 0 ? in->jt : in->jf;
      break;
    case BPF_RET | BPF_K:
      return in->k;
    default: /* as the kernel does with what it can't run: nothing is let through */
      return SECCOMP_RET_KILL_PROCESS;
    }
  }
  return SECCOMP_RET_KILL_PROCESS;
}

/* --- the profile ----------------------------------------------------------------------------------- */

static bool arg_fits(const struct seccomp_arg *arg, const uint64_t *args)
{
  const uint64_t is = args[arg->index.value % ARGS_MAX], value = arg->value.value;
  switch ((enum seccomp_operator)arg->op.value) {
  case OP_NE:
    return is != value;
  case OP_LT:
    return is < value;
  case OP_LE:
    return is <= value;
  case OP_EQ:
    return is == value;
  case OP_GE:
    return is >= value;
  case OP_GT:
    return is > value;
  case OP_MASKED_EQ:
    return (is & value) == arg->value_two.value;
  }
  return false;
}

/* Several conditions on one argument: one of all is enough (see add_rule() of compile.c). */
static bool args_fit(const struct seccomp_rule *rule, const uint64_t *args)
{
  const struct seccomp_arg *arg;
  unsigned seen = 0;
  bool repeats = false, all = true, any = rule->args.count == 0;
  vec_each (&rule->args, arg) {
    const bool fits = arg_fits(arg, args);
    repeats |= (seen >> arg->index.value & 1) != 0;
    seen |= 1U << arg->index.value;
    all &= fits;
    any |= fits;
  }
  return repeats ? any : all;
}

static bool names_it(const struct seccomp_rule *rule, const char *name)
{
  for (size_t i = 0; i < rule->names.count; i++)
    if (strcmp(rule->names.items[i], name) == 0)
      return true;
  return false;
}

static bool lists_arch(const struct seccomp *profile, const struct arch *arch)
{
  if (arch == NULL)
    return false;
  if (arch == arch_native())
    return true;
  for (size_t i = 0; i < profile->architectures.count; i++)
    if (strcmp(profile->architectures.items[i], arch->name) == 0)
      return true;
  return false;
}

static bool says(const struct seccomp_rule *rule, uint32_t word)
{
  struct error ignored = { 0 };
  uint32_t of_rule;
  return action_word((enum seccomp_action)rule->action.value, &rule->errno_ret, &of_rule, &ignored) == 0
         && of_rule == word;
}

static void find_cause(const struct seccomp *profile, struct seccomp_verdict *v)
{
  char name[NAME_BYTES];
  struct error ignored = { 0 };
  const struct seccomp_rule *rule;
  const struct arch *arch = arch_of_call(v->arch, v->number);
  uint32_t by_default = 0;
  if (syscall_name(arch, v->number, name, sizeof name) > 0)
    vec_each (&profile->syscalls, rule)
      if (names_it(rule, name) && args_fit(rule, v->args) && says(rule, v->word)) {
        v->cause = SECCOMP_BY_RULE;
        v->rule = vec_index(&profile->syscalls, rule);
        v->action = (int)rule->action.value;
        return;
      }
  v->cause = SECCOMP_BY_DEFAULT;
  v->action = (int)profile->default_action.value;
  if (action_word((enum seccomp_action)profile->default_action.value, &profile->default_errno_ret,
                  &by_default, &ignored)
          == 0
      && by_default == v->word)
    return;
  v->cause = lists_arch(profile, arch) ? SECCOMP_BY_AGE : SECCOMP_BY_ARCH;
  v->action = -1;
}

void seccomp_judge(const struct seccomp *profile, const struct seccomp_program *program,
                   struct seccomp_verdict *verdict)
{
  struct seccomp_data data = { .nr = verdict->number, .arch = verdict->arch };
  for (size_t i = 0; i < ARGS_MAX; i++)
    data.args[i] = verdict->args[i];
  verdict->word = evaluate(program, &data);
  verdict->rule = 0;
  find_cause(profile, verdict);
}

/* --- words ----------------------------------------------------------------------------------------- */

void seccomp_call_name(uint32_t arch, int number, char *buffer, size_t size)
{
  if (syscall_name(arch_of_call(arch, number), number, buffer, size) == 0)
    (void)snprintf(buffer, size, "%d", number);
}

const char *seccomp_call_arch(uint32_t arch, int number)
{
  const struct arch *row = arch_of_call(arch, number);
  return row != NULL ? row->name : "?";
}

void seccomp_verdict_pointer(const struct seccomp_verdict *verdict, char *buffer, size_t size)
{
  static const char *const pointers[] = {
    [SECCOMP_BY_DEFAULT] = "/linux/seccomp/defaultAction",
    [SECCOMP_BY_AGE] = "/linux/seccomp/defaultAction",
    [SECCOMP_BY_ARCH] = "/linux/seccomp/architectures",
  };
  if (verdict->cause == SECCOMP_BY_RULE)
    (void)snprintf(buffer, size, "/linux/seccomp/syscalls/%zu", verdict->rule);
  else
    (void)snprintf(buffer, size, "%s", pointers[verdict->cause]);
}

const char *seccomp_cause_text(enum seccomp_cause cause)
{
  switch (cause) {
  case SECCOMP_BY_RULE:
    return "the rule names it";
  case SECCOMP_BY_DEFAULT:
    return "no rule lets it through: the default action";
  case SECCOMP_BY_AGE:
    return "no rule names it, and it is newer than all that the profile names: unknown instead of the "
           "default";
  case SECCOMP_BY_ARCH:
    return "the profile does not list this architecture";
  }
  return "";
}

const char *seccomp_effect(uint32_t word)
{
  const int number = (int)(word & SECCOMP_RET_DATA);
  switch (word & SECCOMP_RET_ACTION_FULL) {
  case SECCOMP_RET_ALLOW:
    return "allowed";
  case SECCOMP_RET_LOG:
    return "allowed and logged";
  case SECCOMP_RET_TRACE:
    return "left to a tracer, without one ENOSYS";
  case SECCOMP_RET_USER_NOTIF:
    return "left to the agent at listenerPath";
  case SECCOMP_RET_TRAP:
    return "SIGSYS";
  case SECCOMP_RET_ERRNO:
    return number == 0 ? "success without effect" : strerrorname_np(number) ?: "an unknown errno";
  case SECCOMP_RET_KILL_THREAD:
    return "the thread is killed by SIGSYS";
  default:
    return "the process is killed by SIGSYS";
  }
}

/* --- explain --------------------------------------------------------------------------------------- */

struct question {
  const struct seccomp *profile;
  const struct seccomp_program *program;
  const struct arch *arch;
  const char *name; /* "" if the number has none */
  int number;
  bool with_args;
  struct seccomp_verdict verdict;
};

static const char *action_name(int action)
{
  return action < 0 ? "ENOSYS for what is newer" : names_of(seccomp_action_names, action) ?: "?";
}

/* "args[1] & 0x3 == 0x1" */
static void say_condition(const struct seccomp_arg *arg, struct text *out)
{
  static const char *const signs[] = {
    [OP_NE] = "!=", [OP_LT] = "<", [OP_LE] = "<=", [OP_EQ] = "==", [OP_GE] = ">=", [OP_GT] = ">",
  };
  if (arg->op.value == OP_MASKED_EQ)
    text_addf(out, "args[%" PRIu64 "] & 0x%" PRIx64 " == 0x%" PRIx64, arg->index.value, arg->value.value,
              arg->value_two.value);
  else
    text_addf(out, "args[%" PRIu64 "] %s 0x%" PRIx64, arg->index.value, signs[arg->op.value],
              arg->value.value);
}

static const char *conditions(struct arena *arena, const struct seccomp_rule *rule)
{
  struct text out;
  const struct seccomp_arg *arg;
  text_init(&out, arena);
  vec_each (&rule->args, arg) {
    text_add(&out, arg == rule->args.items ? "" : ", ");
    say_condition(arg, &out);
  }
  return text_string(&out);
}

/* Where no arguments are given, the answer may depend on them: the rules that ask for some. */
static bool is_conditional(const struct question *q, const struct seccomp_rule *rule)
{
  return !q->with_args && *q->name != '\0' && rule->args.count > 0 && names_it(rule, q->name);
}

static uint32_t word_of(const struct seccomp_rule *rule)
{
  uint32_t word = SECCOMP_RET_KILL_PROCESS;
  struct error ignored = { 0 };
  (void)action_word((enum seccomp_action)rule->action.value, &rule->errno_ret, &word, &ignored);
  return word;
}

static bool has_conditions(const struct question *q)
{
  const struct seccomp_rule *rule;
  vec_each (&q->profile->syscalls, rule)
    if (is_conditional(q, rule))
      return true;
  return false;
}

static void put_text(struct arena *arena, const struct question *q, struct text *out)
{
  char pointer[64];
  const struct seccomp_rule *rule;
  const bool conditional = has_conditions(q);
  text_addf(out, "%s: %s (%d)\n", q->arch->name, *q->name != '\0' ? q->name : "no name known", q->number);
  vec_each (&q->profile->syscalls, rule)
    if (is_conditional(q, rule))
      text_addf(out, "  if %s: %s (%s, /linux/seccomp/syscalls/%zu)\n", conditions(arena, rule),
                seccomp_effect(word_of(rule)), action_name((int)rule->action.value),
                vec_index(&q->profile->syscalls, rule));
  seccomp_verdict_pointer(&q->verdict, pointer, sizeof pointer);
  text_addf(out, "  %s%s (%s, %s): %s\n", conditional ? "with all arguments 0: " : "",
            seccomp_effect(q->verdict.word), action_name(q->verdict.action), pointer,
            seccomp_cause_text(q->verdict.cause));
}

static void put_json(struct arena *arena, const struct question *q, struct json_writer *w)
{
  char pointer[64];
  const struct seccomp_rule *rule;
  seccomp_verdict_pointer(&q->verdict, pointer, sizeof pointer);
  json_begin_object(w);
  json_key(w, "arch");
  json_string(w, q->arch->name);
  json_key(w, "syscall");
  json_string(w, *q->name != '\0' ? q->name : NULL);
  json_key(w, "number");
  json_int(w, q->number);
  json_key(w, "effect");
  json_string(w, seccomp_effect(q->verdict.word));
  json_key(w, "action");
  json_string(w, q->verdict.action < 0 ? NULL : action_name(q->verdict.action));
  json_key(w, "rule");
  json_string(w, pointer);
  json_key(w, "why");
  json_string(w, seccomp_cause_text(q->verdict.cause));
  json_key(w, "conditional");
  json_begin_array(w);
  vec_each (&q->profile->syscalls, rule) {
    if (!is_conditional(q, rule))
      continue;
    (void)snprintf(pointer, sizeof pointer, "/linux/seccomp/syscalls/%zu",
                   vec_index(&q->profile->syscalls, rule));
    json_begin_object(w);
    json_key(w, "if");
    json_string(w, conditions(arena, rule));
    json_key(w, "effect");
    json_string(w, seccomp_effect(word_of(rule)));
    json_key(w, "action");
    json_string(w, action_name((int)rule->action.value));
    json_key(w, "rule");
    json_string(w, pointer);
    json_end_object(w);
  }
  json_end_array(w);
  json_end_object(w);
}

/* Decimal, or hexadecimal as strace(1) shows it. */
static int parse_arg(const char *text, uint64_t *value, struct error *err)
{
  const bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if ((hexadecimal ? parse_hex(text + 2, value) : parse_u64(text, UINT64_MAX, value)) == 0)
    return 0;
  return error_set(err, ERROR_USAGE, 0,
                   "'%s' is no argument of a system call: a number is expected, 12 or 0xc", text);
}

/* False if this architecture has no such system call. */
static bool find_call(const struct arch *arch, const char *call, char *name, int *number)
{
  uint64_t value;
  if (parse_u64(call, INT32_MAX, &value) == 0) {
    *number = (int)value;
    (void)syscall_name(arch, *number, name, NAME_BYTES);
    return true;
  }
  *number = syscall_number(arch, call);
  (void)snprintf(name, NAME_BYTES, "%s", call);
  return *number >= 0;
}

struct arch_names {
  const struct arch *items[32];
  size_t count;
};

static void add_arch(struct arch_names *list, const struct arch *arch)
{
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i] == arch)
      return;
  if (arch != NULL && arch->token != 0 && list->count < sizeof list->items / sizeof *list->items)
    list->items[list->count++] = arch;
}

int seccomp_explain(struct arena *arena, const struct seccomp *profile, const char *call, char *const *args,
                    size_t arg_count, bool json, struct text *out, struct error *err)
{
  struct seccomp_program program;
  struct arch_names archs = { .count = 0 };
  char name[NAME_BYTES];
  uint64_t values[ARGS_MAX] = { 0 };
  if (arg_count > ARGS_MAX)
    return error_set(err, ERROR_USAGE, 0, "a system call has at most %d arguments, not %zu", ARGS_MAX,
                     arg_count);
  for (size_t i = 0; i < arg_count; i++)
    if (parse_arg(args[i], &values[i], err) < 0)
      return -1;
  if (seccomp_compile(arena, profile, &program, NULL, err) < 0)
    return -1;
  add_arch(&archs, arch_native());
  for (size_t i = 0; i < profile->architectures.count; i++)
    add_arch(&archs, arch_by_name(profile->architectures.items[i]));
  size_t found = 0;
  struct json_writer *w = json ? json_writer_create(out, 2) : NULL;
  if (json)
    json_begin_array(w);
  for (size_t i = 0; i < archs.count; i++) {
    struct question q = { .profile = profile,
                          .program = &program,
                          .arch = archs.items[i],
                          .name = name,
                          .with_args = arg_count > 0 };
    if (!find_call(q.arch, call, name, &q.number))
      continue;
    found++;
    q.verdict.arch = q.arch->audit;
    q.verdict.number = q.number;
    memcpy(q.verdict.args, values, sizeof values);
    seccomp_judge(profile, &program, &q.verdict);
    if (json)
      put_json(arena, &q, w);
    else
      put_text(arena, &q, out);
  }
  if (json) {
    json_end_array(w);
    json_finish(w);
    text_add(out, "\n");
  }
  if (found == 0)
    return error_set(err, ERROR_USAGE, 0,
                     "no architecture of the profile has a system call '%s' (that libseccomp %s knows)", call,
                     seccomp_library_version(arena));
  return 0;
}
