/* SPDX-License-Identifier: Apache-2.0
 * `make check-input`: configs that are wrong in one place each, made from the field tables and the rows of
 * the semantic checks, go to `hull validate` and `hull create`. Each has to be refused within a second with
 * the JSON pointer of what is wrong, and leave nothing. usage: check_input HULL [JOBS] */
#include "libcontainer/base/arena.h"
#include "libcontainer/base/text.h"
#include "spec/pointer.h"
#include "spec/types.h"
#include "tests/unit/plan_rows.h"
#include "tests/unit/unit.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define CASES_MIN 3000 /* the least that the tables have to give */
#define CASES_MAX 20000
#define LEVELS_MAX 16
#define LIMIT_MS 1000
#define OUTPUT_BYTES 16384
#define TRUNCATIONS 300

extern char **environ;

struct input {
  const char *document;        /* text of config.json */
  const char *pointer, *words; /* both have to be in the message */
};

static struct arena arena = ARENA_INIT;
static struct input cases[CASES_MAX];
static size_t case_count;

static void add_case(const char *document, const char *pointer, const char *words)
{
  if (!CHECK(case_count < CASES_MAX))
    return;
  cases[case_count++] = (struct input){ document, pointer, words };
}

/* --- documents ------------------------------------------------------------------------------------- */

/* The way from the config to the row in question; the last one is that row. */
struct level {
  const struct type *type;
  const struct field *row;
};
static struct level levels[LEVELS_MAX];
static unsigned level_count;

static void add_sample(struct text *out, const struct field *row, bool everything);

/* The members that 'type' needs, or all it has, but not 'without'; each with a comma behind it. */
static void add_members(struct text *out, const struct type *type, const struct field *without,
                        bool everything)
{
  for (const struct field *row = type->fields; row->key; row++) {
    if (row == without || row->flags & FIELD_IS_KEY || (!everything && !(row->flags & FIELD_REQUIRED)))
      continue;
    text_addf(out, "\"%s\":", row->key);
    add_sample(out, row, everything);
    text_addf(out, ",");
  }
}

static void add_object(struct text *out, const struct type *type, bool everything)
{
  text_addf(out, "{");
  add_members(out, type, NULL, everything);
  if (out->data[out->length - 1] == ',')
    out->length--;
  text_addf(out, "}");
}

/* A value that decodes. */
static void add_sample(struct text *out, const struct field *row, bool everything)
{
  switch (row->kind) {
  case FIELD_BOOL:
    text_addf(out, "true");
    break;
  case FIELD_I64:
  case FIELD_U64:
    text_addf(out, "1");
    break;
  case FIELD_STRING:
    text_addf(out, "\"%s\"",
              strcmp(row->key, "ociVersion") == 0 ? "1.3.0"
              : row->names                        ? row->names->name
                                                  : "/x");
    break;
  case FIELD_ENUM:
    text_addf(out, "\"%s\"", row->names->name);
    break;
  case FIELD_OBJECT:
    add_object(out, row->type, everything);
    break;
  case FIELD_OBJECTS:
    text_addf(out, "[");
    add_object(out, row->type, everything);
    text_addf(out, "]");
    break;
  case FIELD_STRINGS:
    text_addf(out, "[\"%s\"]", row->names ? row->names->name : "/x");
    break;
  case FIELD_U64S:
    text_addf(out, "[1]");
    break;
  case FIELD_STRING_MAP:
    text_addf(out, "{\"k\":\"v\"}");
    break;
  case FIELD_OBJECT_MAP:
    text_addf(out, "{\"k\":");
    add_object(out, row->type, everything);
    text_addf(out, "}");
    break;
  case FIELD_IGNORED:
    text_addf(out, "{}");
    break;
  }
}

/* A config whose innermost object has 'members' instead of the row in question. */
static const char *document(const char *members)
{
  struct text out, around;
  text_init(&around, &arena);
  text_init(&out, &arena);
  for (unsigned i = 0; i < level_count; i++) {
    const struct level *level = &levels[i];
    const char *open = "", *close = "";
    text_addf(&out, "{");
    add_members(&out, level->type, level->row, false);
    if (i + 1 == level_count)
      break;
    switch (level->row->kind) {
    case FIELD_OBJECTS:
      open = "[", close = "]";
      break;
    case FIELD_OBJECT_MAP:
      open = "{\"k\":", close = "}";
      break;
    default:
      break;
    }
    text_addf(&out, "\"%s\":%s", level->row->key, open);
    char *rest = arena_printf(&arena, "%s}%s", close, text_string(&around));
    text_init(&around, &arena);
    text_addf(&around, "%s", rest);
  }
  if (*members == '\0' && out.data[out.length - 1] == ',')
    out.length--;
  return arena_printf(&arena, "%.*s%s}%s", (int)out.length, text_string(&out), members, text_string(&around));
}

static const char *current_pointer(void)
{
  struct pointer pointer;
  pointer_init(&pointer, "");
  for (unsigned i = 0; i < level_count; i++) {
    pointer_push(&pointer, levels[i].row->key);
    if (i + 1 < level_count && levels[i].row->kind == FIELD_OBJECTS)
      pointer_push_index(&pointer, 0);
    else if (i + 1 < level_count && levels[i].row->kind == FIELD_OBJECT_MAP)
      pointer_push(&pointer, "k");
  }
  return arena_strdup(&arena, pointer.text);
}

/* --- what can be wrong with a row -------------------------------------------------------------------- */

static void wrong_value(const char *value, const char *words)
{
  const char *key = levels[level_count - 1].row->key;
  add_case(document(arena_printf(&arena, "\"%s\":%s", key, value)), current_pointer(), words);
}

static void each_wrong(const char *const *values, const char *words)
{
  for (; *values; values++)
    wrong_value(*values, words);
}

static void wrong_numbers(const struct field *row)
{
  static const char *const no_integers[] = { "1.5", "1e3", "-0.0", "1E+2", NULL };
  static const char *const too_large[] = { "99999999999999999999999", "-99999999999999999999999",
                                           "18446744073709551616", "-9223372036854775809", NULL };
  each_wrong(no_integers, "expected an integer");
  each_wrong(too_large, "out of range");
  if (row->kind == FIELD_U64) {
    wrong_value("-1", "out of range");
    if (row->umax > 0 && row->umax < UINT64_MAX)
      wrong_value(arena_printf(&arena, "%" PRIu64, row->umax + 1), "out of range");
  } else if (row->min != 0 || row->max != 0) {
    wrong_value(arena_printf(&arena, "%" PRId64, row->min - 1), "out of range");
    wrong_value(arena_printf(&arena, "%" PRId64, row->max + 1), "out of range");
  }
}

static void wrong_string(const char *open, const char *string, const char *close, const char *words)
{
  wrong_value(arena_printf(&arena, "%s\"%s\"%s", open, string, close), words);
}

/* 'open', 'close': what is around the string in the value. */
static void wrong_strings(const struct field *row, const char *open, const char *close)
{
  static const char *const others[] = { "no such value", "", " ", "\\u00e4", "\\\"" };
  wrong_string(open, "a\\u0000b", close, "contains a NUL character");
  if (row->names == NULL)
    return;
  for (size_t i = 0; i < UNIT_COUNT(others); i++)
    wrong_string(open, others[i], close, "unknown value");
  wrong_string(open, arena_printf(&arena, "%s ", row->names->name), close, "unknown value");
  wrong_string(open, arena_printf(&arena, "x%s", row->names->name), close, "unknown value");
}

/* Values of the other types; 'own' is the letter of the row's: bool, number, string, array, object. */
static void wrong_types(const struct field *row)
{
  static const char own[] = {
    [FIELD_BOOL] = 'b', [FIELD_I64] = 'n',        [FIELD_U64] = 'n',        [FIELD_STRING] = 's',
    [FIELD_ENUM] = 's', [FIELD_OBJECT] = 'o',     [FIELD_OBJECTS] = 'a',    [FIELD_STRINGS] = 'a',
    [FIELD_U64S] = 'a', [FIELD_STRING_MAP] = 'o', [FIELD_OBJECT_MAP] = 'o', [FIELD_IGNORED] = '\0',
  };
  static const struct {
    char type;
    const char *value;
  } values[] = { { 'b', "true" }, { 'b', "false" },    { 'n', "7" },
                 { 'n', "-3.5" }, { 's', "\"text\"" }, { 's', "\"7\"" },
                 { 'a', "[]" },   { 'a', "[[{}]]" },   { 'o', "{\"a\":0}" } };
  for (size_t i = 0; i < UNIT_COUNT(values); i++)
    if (values[i].type != own[row->kind])
      wrong_value(values[i].value, "expected");
}

static void wrong_elements(const struct field *row)
{
  static const char *const objects[] = { "[null]", "[true]", "[7]", "[\"x\"]", "[[]]", NULL };
  static const char *const strings[] = { "[null]", "[true]", "[7]", "[{}]", "[[]]", NULL };
  static const char *const numbers[] = { "[null]", "[true]", "[\"7\"]", "[{}]", "[1.5]", NULL };
  static const char *const too_large[] = { "[-1]", "[18446744073709551616]", NULL };
  static const char *const map_strings[] = { "{\"k\":true}", "{\"k\":7}", "{\"k\":{}}", "{\"k\":[]}", NULL };
  static const char *const map_objects[] = { "{\"k\":true}", "{\"k\":7}", "{\"k\":\"x\"}", "{\"k\":[]}",
                                             NULL };
  switch (row->kind) {
  case FIELD_OBJECTS:
    each_wrong(objects, "expected");
    break;
  case FIELD_STRINGS:
    each_wrong(strings, "expected");
    wrong_strings(row, "[", "]");
    break;
  case FIELD_U64S:
    each_wrong(numbers, "expected");
    each_wrong(too_large, "out of range");
    break;
  case FIELD_STRING_MAP:
    each_wrong(map_strings, "expected");
    wrong_value("{\"k\":\"a\\u0000b\"}", "contains a NUL character");
    wrong_value("{\"k\\u0000\":\"a\"}", "key contains a NUL character");
    wrong_value("{\"k\":\"a\",\"k\":\"b\"}", "duplicate key");
    break;
  case FIELD_OBJECT_MAP:
    each_wrong(map_objects, "expected");
    wrong_value("{\"k\":{},\"k\":{}}", "duplicate key");
    break;
  default:
    break;
  }
}

static void wrong_presence(const struct field *row)
{
  struct text sample;
  text_init(&sample, &arena);
  add_sample(&sample, row, false);
  const char *value = text_string(&sample);
  add_case(document(arena_printf(&arena, "\"%s\":%s,\"%s\":%s", row->key, value, row->key, value)),
           current_pointer(), "duplicate key");
  if (row->unsupported)
    wrong_value(value, row->unsupported);
  if (row->flags & FIELD_REQUIRED) {
    add_case(document(""), current_pointer(), "required, but missing");
    wrong_value("null", "required, but missing");
  }
  if (row->flags & FIELD_NOT_EMPTY)
    wrong_value(row->kind == FIELD_STRING ? "\"\"" : "[]", "must not be empty");
}

static void add_row(const struct field *row)
{
  if (row->kind == FIELD_IGNORED)
    return;
  wrong_types(row);
  wrong_presence(row);
  wrong_elements(row);
  if (row->kind == FIELD_I64 || row->kind == FIELD_U64)
    wrong_numbers(row);
  if (row->kind == FIELD_STRING || row->kind == FIELD_ENUM)
    wrong_strings(row, "", "");
}

static void add_type(const struct type *type)
{
  if (!CHECK(level_count < LEVELS_MAX))
    return;
  level_count++;
  for (const struct field *row = type->fields; row->key; row++) {
    levels[level_count - 1] = (struct level){ type, row };
    if (row->flags & FIELD_IS_KEY)
      continue;
    add_row(row);
    if (row->type)
      add_type(row->type);
  }
  level_count--;
}

/* A small config with 'members', and "POINTER: TEXT". */
static void add_whole(const char *members, const char *wrong)
{
  const size_t length = strcspn(wrong, ":");
  add_case(arena_printf(&arena, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},%s}", members),
           arena_strndup(&arena, wrong, length), wrong + length + strspn(wrong + length, ": "));
}

/* Contradictions and the like: what no row can say alone. */
static void add_semantic_rows(void)
{
  for (size_t i = 0; i < UNIT_COUNT(semantic_rows); i++)
    if (semantic_rows[i].wrong != NULL && !text_starts_with(semantic_rows[i].wrong, "warning "))
      add_whole(semantic_rows[i].members, semantic_rows[i].wrong);
  for (size_t i = 0; i < UNIT_COUNT(plan_rows); i++)
    add_whole(plan_rows[i].members, plan_rows[i].wrong);
}

/* A config with every property there is, cut off at one place after the other. */
static void add_truncations(void)
{
  struct text whole;
  text_init(&whole, &arena);
  add_object(&whole, &config_type, true);
  for (size_t i = 0; i < TRUNCATIONS; i++)
    add_case(arena_strndup(&arena, whole.data, i * (whole.length - 1) / TRUNCATIONS), "config.json",
             i == 0 ? "empty" : "not valid JSON");
}

/* --- hull ------------------------------------------------------------------------------------------ */

struct outcome {
  int status; /* of waitpid(2); -1: had to be killed */
  double ms;
  char output[OUTPUT_BYTES];
};

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Standard error to 'output' until it closes; false at the time limit. */
static bool collect(int fd, double until, struct outcome *out)
{
  size_t used = 0;
  for (;;) {
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    const double left = until - now_ms();
    if (left <= 0 || poll(&ready, 1, (int)left + 1) == 0)
      return false;
    const ssize_t n = read(fd, out->output + used, sizeof out->output - 1 - used);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return true;
    used += (size_t)n;
    out->output[used] = '\0';
    if (used == sizeof out->output - 1)
      return true;
  }
}

static struct outcome run(const char *const argv[], double limit_ms)
{
  struct outcome out = { .status = -1 };
  posix_spawn_file_actions_t actions;
  int ends[2];
  pid_t pid = 0;
  if (!CHECK(pipe2(ends, O_CLOEXEC) == 0))
    return out;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  const double start = now_ms();
  const bool spawned = CHECK(posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (spawned) {
    const bool in_time = collect(ends[0], start + limit_ms, &out);
    if (!in_time)
      kill(pid, SIGKILL);
    CHECK(waitpid(pid, &out.status, 0) == pid);
    if (!in_time)
      out.status = -1;
  }
  out.ms = now_ms() - start;
  close(ends[0]);
  return out;
}

/* An entry of the state root that is no cache of hull's (their names begin with a dot). */
static bool is_left(const char *root)
{
  DIR *dir = opendir(root);
  bool left = false;
  for (const struct dirent *entry; dir && (entry = readdir(dir)) != NULL;)
    left |= entry->d_name[0] != '.';
  if (dir)
    closedir(dir);
  return left;
}

struct directory {
  char bundle[96], config[128], root[128];
};

static const char *verdict(const struct input *input, const struct outcome *out,
                           const struct directory *directory)
{
  if (out->status == -1)
    return "takes longer than a second";
  if (!WIFEXITED(out->status))
    return "dies of a signal";
  if (WEXITSTATUS(out->status) == 0)
    return "accepts it";
  if (strstr(out->output, "Sanitizer") || strstr(out->output, "runtime error:"))
    return "has a bug that a sanitizer sees";
  if (!strstr(out->output, input->pointer))
    return "does not name the pointer";
  if (!strstr(out->output, input->words))
    return "does not say what is wrong";
  return is_left(directory->root) ? "leaves something" : NULL;
}

static void try_case(const char *hull, const struct input *input, const struct directory *directory,
                     double limit_ms, double *slowest)
{
  const char *const validate[] = { hull, "validate", "--bundle", directory->bundle, NULL };
  const char *const create[] = { hull,       "--root", directory->root, "--cgroup-manager",
                                 "disabled", "create", "--bundle",      directory->bundle,
                                 "x",        NULL };
  const char *const clean[] = { hull, "--root", directory->root, "delete", "--force", "x", NULL };
  const char *const *const commands[] = { validate, create };
  FILE *f = fopen(directory->config, "we");
  if (!CHECK(f != NULL))
    return;
  CHECK(fputs(input->document, f) >= 0);
  CHECK(fclose(f) == 0);
  for (size_t i = 0; i < UNIT_COUNT(commands); i++) {
    const struct outcome out = run(commands[i], limit_ms);
    const char *wrong = verdict(input, &out, directory);
    if (out.ms > *slowest)
      *slowest = out.ms;
    if (!CHECK(wrong == NULL)) {
      printf("  %s %s\n  config %.600s\n  wanted %s: %s\n  got    %s\n", i == 0 ? "validate" : "create",
             wrong, input->document, input->pointer, input->words, out.output);
      (void)run(clean, 10 * limit_ms);
    }
  }
}

/* One of several processes, each with every JOBS-th case. */
static int work(const char *hull, const char *top, size_t job, size_t jobs)
{
  struct directory directory;
  const char *slow = getenv("HULL_SLOW");
  const double limit_ms = LIMIT_MS * (slow && atof(slow) > 0 ? atof(slow) : 1);
  double slowest = 0;
  snprintf(directory.bundle, sizeof directory.bundle, "%s/%zu", top, job);
  snprintf(directory.config, sizeof directory.config, "%s/config.json", directory.bundle);
  snprintf(directory.root, sizeof directory.root, "%s/root", directory.bundle);
  if (!CHECK(mkdir(directory.bundle, 0755) == 0 && mkdir(directory.root, 0700) == 0))
    return 1;
  for (size_t i = job; i < case_count && unit_failed < 20; i += jobs)
    try_case(hull, &cases[i], &directory, limit_ms, &slowest);
  printf("%zu: slowest %.1f ms\n", job, slowest);
  return unit_failed > 0;
}

int main(int argc, char **argv)
{
  const size_t jobs = argc > 2 ? (size_t)atoi(argv[2]) : 1;
  char *hull = argc > 1 ? realpath(argv[1], NULL) : NULL;
  int status = 0;
  if (hull == NULL || jobs < 1) {
    fprintf(stderr, "usage: check_input HULL [JOBS]\n");
    return 2;
  }
  add_type(&config_type);
  const size_t generated = case_count;
  add_semantic_rows();
  const size_t semantic = case_count - generated;
  add_truncations();
  printf("%zu cases: %zu of the field tables, %zu of the semantic checks and the plan, %zu cut off\n",
         case_count, generated, semantic, case_count - generated - semantic);
  CHECK(case_count >= CASES_MIN);
  const char *top = unit_temp_dir();
  (void)fflush(stdout);
  for (size_t job = 0; job < jobs; job++)
    if (fork() == 0) {
      const int result = work(hull, top, job, jobs);
      (void)fflush(stdout);
      _exit(result);
    }
  while (wait(&status) > 0)
    CHECK(status == 0);
  free(hull);
  arena_release(&arena);
  return unit_finish();
}
