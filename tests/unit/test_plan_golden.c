/* SPDX-License-Identifier: Apache-2.0
 * Golden plans: each directory of tests/golden/plan has config.json, facts.json, and the plan.json that they
 * must give, or the error.txt. HULL_GOLDEN_UPDATE=1 writes what is given now; look at the difference before
 * committing it. */
#include "libcontainer/base/file.h"
#include "libcontainer/facts.h"
#include "libcontainer/plan/plan.h"
#include "spec/decode.h"
#include "tests/unit/unit.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define GOLDEN_DIR "tests/golden/plan"

static bool updating;

static char *read_part(struct arena *arena, int dir, const char *name, size_t *length)
{
  size_t unused = 0;
  struct error err = { 0 };
  return file_read(arena, dir, name, CONFIG_MAX_BYTES, length ? length : &unused, &err);
}

static void print_error(const struct error *err, struct text *out)
{
  char message[4096];
  (void)error_format(err, message, sizeof message);
  text_add(out, message);
  text_add(out, "\n");
}

/* The plan as JSON, or the error; returns the name of the file that it belongs into. */
static const char *make_plan(struct arena *arena, int dir, struct text *out)
{
  struct error err = { 0 };
  struct spec spec = { 0 };
  struct facts facts = { 0 };
  struct plan plan;
  const struct request request = { .id = "test", .bundle = "/bundle", .has_console_receiver = false };
  size_t config_length = 0, facts_length = 0;
  const char *config = read_part(arena, dir, "config.json", &config_length);
  const char *facts_text = read_part(arena, dir, "facts.json", &facts_length);
  if (!CHECK(config != NULL) || !CHECK(facts_text != NULL))
    return NULL;
  if (facts_from_json(arena, facts_text, facts_length, &facts, &err) < 0
      || decode_config(arena, &spec, config, config_length, "config.json", &err) < 0
      || plan_container(arena, &spec, &request, &facts, &plan, &err) < 0) {
    print_error(&err, out);
    return "error.txt";
  }
  plan_to_json(&plan, out);
  return "plan.json";
}

static void update(int dir, const char *name, const struct text *got)
{
  struct error err = { 0 };
  CHECK(file_replace(dir, name, text_string(got), got->length, 0644, &err) == 0);
  const char *other = strcmp(name, "plan.json") == 0 ? "error.txt" : "plan.json";
  CHECK(unlinkat(dir, other, 0) == 0 || errno == ENOENT);
}

/* Where they part, with some lines before. */
static void show_difference(const char *got, const char *wanted)
{
  size_t same = 0, start = 0;
  while (got[same] && got[same] == wanted[same])
    same++;
  for (size_t i = same, lines = 0; i > 0 && lines < 4; i--)
    if (got[i - 1] == '\n' && ++lines == 4)
      start = i;
  printf("  got    …%.*s\n  wanted …%.*s\n", (int)(same - start) + 120, got + start,
         (int)(same - start) + 120, wanted + start);
}

static void run_case(int parent, const char *name)
{
  struct arena arena = ARENA_INIT;
  struct text got;
  text_init(&got, &arena);
  unit_at(name);
  int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!CHECK(dir >= 0))
    return;
  const char *result = make_plan(&arena, dir, &got);
  if (result && updating) {
    update(dir, result, &got);
  } else if (result) {
    const char *wanted = read_part(&arena, dir, result, NULL);
    if (!wanted || strcmp(text_string(&got), wanted) != 0) {
      CHECK(!"the plan is as it was");
      show_difference(text_string(&got), wanted ? wanted : "");
    } else {
      CHECK(wanted);
    }
  }
  (void)close(dir);
  arena_release(&arena);
}

static int is_case(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

int main(void)
{
  char path[4096];
  const char *srcdir = getenv("srcdir"); /* set by make check */
  (void)snprintf(path, sizeof path, "%s/" GOLDEN_DIR, srcdir ? srcdir : ".");
  updating = getenv("HULL_GOLDEN_UPDATE") != NULL;

  struct dirent **cases = NULL;
  int count = scandir(path, &cases, is_case, alphasort);
  int parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!CHECK(count > 0) || !CHECK(parent >= 0))
    return unit_finish();
  for (int i = 0; i < count; i++) {
    run_case(parent, cases[i]->d_name);
    free(cases[i]);
  }
  free(cases);
  (void)close(parent);
  return unit_finish();
}
