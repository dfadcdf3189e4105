/* SPDX-License-Identifier: Apache-2.0
 * Every property of runtime-spec's JSON schema (tests/spec/properties.txt) has a table row of the right kind,
 * and every row is a property of the schema. */
#include "spec/spec.h"
#include "spec/types.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

struct property {
  char pointer[200], type[16];
  char *names; /* comma-separated, or NULL */
  bool required, has_min, has_max;
  long long min;
  unsigned long long max;
};

/* Rows whose range is smaller than the schema's on purpose: the kernel's or the text's limits. */
static const char *const narrower[] = {
  "/linux/devices/*/gid",
  "/linux/devices/*/uid",
  "/linux/resources/cpu/idle",
  "/linux/seccomp/syscalls/*/args/*/index",
  "/linux/timeOffsets/boottime/nanosecs",
  "/linux/timeOffsets/monotonic/nanosecs",
  "/process/oomScoreAdj",
  "/process/user/additionalGids/*",
  "/process/user/gid",
  "/process/user/uid",
  "/process/user/umask",
};

/* Rows whose range is larger: what callers give in spite of the schema. */
static const char *const wider[] = { "/linux/devices/*/fileMode" }; /* the file's type too, by podman */

/* Rows that the schema does not have (any more). */
static const char *const only_ours[] = { "/linux/intelRdt/enableCMT", "/linux/intelRdt/enableMBM" };
static unsigned only_ours_met;

static bool is_listed(const char *const *list, size_t count, const char *pointer)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(list[i], pointer) == 0)
      return true;
  return false;
}

static char properties_text[64 * 1024];
static struct property properties[600];
static size_t property_count;

static void parse_word(struct property *p, char *word)
{
  if (strncmp(word, "enum=", 5) == 0)
    p->names = word + 5;
  else if (strncmp(word, "min=", 4) == 0) {
    p->has_min = true;
    p->min = strtoll(word + 4, NULL, 10);
  } else if (strncmp(word, "max=", 4) == 0) {
    p->has_max = true;
    p->max = strtoull(word + 4, NULL, 10);
  } else if (strcmp(word, "required") == 0) {
    p->required = true;
  } else {
    CHECK(!"a known word");
  }
}

static void read_properties(void)
{
  const char *srcdir = getenv("srcdir");
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/tests/spec/properties.txt", srcdir ? srcdir : ".");
  FILE *f = fopen(path, "re");
  if (!CHECK(f != NULL))
    exit(1);
  properties_text[fread(properties_text, 1, sizeof properties_text - 1, f)] = '\0';
  (void)fclose(f);
  char *lines = NULL;
  for (char *line = strtok_r(properties_text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
    if (*line == '#')
      continue;
    struct property *p = &properties[property_count++];
    char *words = NULL;
    (void)snprintf(p->pointer, sizeof p->pointer, "%s", strtok_r(line, " ", &words));
    (void)snprintf(p->type, sizeof p->type, "%s", strtok_r(NULL, " ", &words));
    for (char *word = strtok_r(NULL, " ", &words); word; word = strtok_r(NULL, " ", &words))
      parse_word(p, word);
  }
}

/* A place in the tables: a row, or an element of what it holds. */
struct place {
  const struct field *row;
  bool element;
};

static const struct field *row_of(const struct type *type, const char *key, size_t length)
{
  for (const struct field *row = type->fields; row->key; row++)
    if (strlen(row->key) == length && memcmp(row->key, key, length) == 0 && !(row->flags & FIELD_IS_KEY))
      return row;
  return NULL;
}

static bool holds_elements(enum field_kind kind)
{
  return kind == FIELD_OBJECTS || kind == FIELD_STRINGS || kind == FIELD_U64S || kind == FIELD_STRING_MAP
         || kind == FIELD_OBJECT_MAP;
}

static struct place find(const char *pointer)
{
  const struct type *type = &config_type;
  struct place place = { NULL, false };
  while (*pointer) {
    const char *key = ++pointer;
    size_t length = strcspn(key, "/");
    pointer += length;
    if (place.row && !place.element && holds_elements(place.row->kind)) {
      place.element = true; /* '*', or a named key of a map */
    } else {
      type = place.row ? place.row->type : &config_type;
      place = (struct place){ type ? row_of(type, key, length) : NULL, false };
    }
    if (!place.row)
      break;
  }
  return place;
}

static const char *schema_type(struct place place)
{
  static const char *const whole[] = {
    [FIELD_BOOL] = "boolean",      [FIELD_I64] = "integer",       [FIELD_U64] = "integer",
    [FIELD_STRING] = "string",     [FIELD_ENUM] = "string",       [FIELD_OBJECT] = "object",
    [FIELD_OBJECTS] = "array",     [FIELD_STRINGS] = "array",     [FIELD_U64S] = "array",
    [FIELD_STRING_MAP] = "object", [FIELD_OBJECT_MAP] = "object", [FIELD_IGNORED] = "ignored",
  };
  static const char *const element[] = {
    [FIELD_OBJECTS] = "object",    [FIELD_STRINGS] = "string",    [FIELD_U64S] = "integer",
    [FIELD_STRING_MAP] = "string", [FIELD_OBJECT_MAP] = "object",
  };
  return place.element ? element[place.row->kind] : whole[place.row->kind];
}

static void check_names(const struct property *p, const struct field *row)
{
  if (!CHECK(row->names != NULL))
    return;
  char *rest = NULL;
  for (char *name = strtok_r(p->names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
    const struct name *found = row->names;
    while (found->name && strcmp(found->name, name) != 0)
      found++;
    if (!CHECK(found->name != NULL))
      printf("  %s: no name '%s'\n", p->pointer, name);
  }
}

static void check_range(const struct property *p, struct place place)
{
  const struct field *row = place.row;
  if (is_listed(narrower, UNIT_COUNT(narrower), p->pointer))
    return;
  if (row->kind == FIELD_I64) {
    bool bounds = row->min != 0 || row->max != 0;
    CHECK_NUMBER(bounds ? row->min : INT64_MIN, p->has_min ? p->min : INT64_MIN);
    if (p->has_max)
      CHECK_NUMBER(bounds ? row->max : INT64_MAX, p->max);
  } else {
    CHECK_NUMBER(p->min, 0);
    if (is_listed(wider, UNIT_COUNT(wider), p->pointer))
      CHECK(row->umax > p->max);
    else
      CHECK((row->umax ? row->umax : UINT64_MAX) == p->max);
  }
}

static void check_property(const struct property *p)
{
  unit_at(p->pointer);
  struct place place = find(p->pointer);
  if (!CHECK(place.row != NULL))
    return;
  if (place.row->kind == FIELD_IGNORED) { /* a property of Windows within a shared section */
    CHECK(strcmp(p->type, "ignored") == 0 || strcmp(p->pointer, "/process/commandLine") == 0
          || strcmp(p->pointer, "/process/user/username") == 0);
    return;
  }
  CHECK_STRING(schema_type(place), p->type);
  if (strcmp(schema_type(place), "integer") == 0)
    check_range(p, place);
  if (p->names)
    check_names(p, place.row);
  if (p->required && !place.element && strcmp(p->pointer, "/linux/resources/pids/limit") != 0)
    CHECK((place.row->flags & FIELD_REQUIRED) != 0);
}

/* What the text calls REQUIRED (config.md, config-linux.md), also where the schema does not. What is required
 * under a condition only, is checked in validate: root, process.args, major and minor of a device. Left out
 * on purpose, since the schema's own examples lack them: uid and gid of process.user, and priority of
 * ioPriority. */
static const char *const of_the_text[] = {
  "/hooks/createContainer/*/path",
  "/hooks/createRuntime/*/path",
  "/hooks/poststart/*/path",
  "/hooks/poststop/*/path",
  "/hooks/prestart/*/path",
  "/hooks/startContainer/*/path",
  "/linux/devices/*/path",
  "/linux/devices/*/type",
  "/linux/gidMappings/*/containerID",
  "/linux/gidMappings/*/hostID",
  "/linux/gidMappings/*/size",
  "/linux/memoryPolicy/mode",
  "/linux/namespaces/*/type",
  "/linux/personality/domain",
  "/linux/resources/blockIO/throttleReadBpsDevice/*/major",
  "/linux/resources/blockIO/throttleReadBpsDevice/*/minor",
  "/linux/resources/blockIO/throttleReadBpsDevice/*/rate",
  "/linux/resources/blockIO/throttleReadIOPSDevice/*/major",
  "/linux/resources/blockIO/throttleReadIOPSDevice/*/minor",
  "/linux/resources/blockIO/throttleReadIOPSDevice/*/rate",
  "/linux/resources/blockIO/throttleWriteBpsDevice/*/major",
  "/linux/resources/blockIO/throttleWriteBpsDevice/*/minor",
  "/linux/resources/blockIO/throttleWriteBpsDevice/*/rate",
  "/linux/resources/blockIO/throttleWriteIOPSDevice/*/major",
  "/linux/resources/blockIO/throttleWriteIOPSDevice/*/minor",
  "/linux/resources/blockIO/throttleWriteIOPSDevice/*/rate",
  "/linux/resources/blockIO/weightDevice/*/major",
  "/linux/resources/blockIO/weightDevice/*/minor",
  "/linux/resources/devices/*/allow",
  "/linux/resources/hugepageLimits/*/limit",
  "/linux/resources/hugepageLimits/*/pageSize",
  "/linux/resources/network/priorities/*/name",
  "/linux/resources/network/priorities/*/priority",
  "/linux/seccomp/defaultAction",
  "/linux/seccomp/syscalls/*/action",
  "/linux/seccomp/syscalls/*/args/*/index",
  "/linux/seccomp/syscalls/*/args/*/op",
  "/linux/seccomp/syscalls/*/args/*/value",
  "/linux/seccomp/syscalls/*/names",
  "/linux/uidMappings/*/containerID",
  "/linux/uidMappings/*/hostID",
  "/linux/uidMappings/*/size",
  "/mounts/*/destination",
  "/mounts/*/gidMappings/*/containerID",
  "/mounts/*/gidMappings/*/hostID",
  "/mounts/*/gidMappings/*/size",
  "/mounts/*/uidMappings/*/containerID",
  "/mounts/*/uidMappings/*/hostID",
  "/mounts/*/uidMappings/*/size",
  "/ociVersion",
  "/process/consoleSize/height",
  "/process/consoleSize/width",
  "/process/cwd",
  "/process/ioPriority/class",
  "/process/rlimits/*/hard",
  "/process/rlimits/*/soft",
  "/process/rlimits/*/type",
  "/process/scheduler/policy",
  "/root/path",
};

static void check_text_requirements(void)
{
  for (size_t i = 0; i < UNIT_COUNT(of_the_text); i++) {
    unit_at(of_the_text[i]);
    struct place place = find(of_the_text[i]);
    if (CHECK(place.row != NULL) && CHECK(!place.element))
      CHECK((place.row->flags & FIELD_REQUIRED) != 0);
  }
  unit_at(NULL);
}

/* Acting, refused, or of another platform: what check_rows has met. */
static unsigned rows_acting, rows_refused, rows_ignored;

static bool pointers_match(const char *pattern, const char *pointer)
{
  while (*pattern && *pointer) {
    if (*pattern == '*' || *pointer == '*') { /* our '*' also stands for the schema's named keys */
      pattern += strcspn(pattern, "/");
      pointer += strcspn(pointer, "/");
    } else if (*pattern++ != *pointer++) {
      return false;
    }
  }
  return *pattern == *pointer;
}

static void check_rows(const struct type *type, const char *prefix)
{
  for (const struct field *row = type->fields; row->key; row++) {
    if (row->flags & FIELD_IS_KEY)
      continue;
    char pointer[256];
    (void)snprintf(pointer, sizeof pointer, "%s/%s", prefix, row->key);
    unit_at(pointer);
    bool known = false;
    for (size_t i = 0; i < property_count && !known; i++)
      known = pointers_match(pointer, properties[i].pointer);
    bool ours = is_listed(only_ours, UNIT_COUNT(only_ours), pointer);
    only_ours_met += ours;
    CHECK(known != ours);
    *(row->unsupported ? &rows_refused : row->kind == FIELD_IGNORED ? &rows_ignored : &rows_acting) += 1;
    if (row->kind == FIELD_OBJECTS || row->kind == FIELD_OBJECT_MAP)
      (void)snprintf(pointer, sizeof pointer, "%s/%s/*", prefix, row->key);
    if (row->type)
      check_rows(row->type, pointer);
  }
}

int main(void)
{
  read_properties();
  CHECK(property_count > 250); /* the file is whole */
  for (size_t i = 0; i < property_count; i++)
    check_property(&properties[i]);
  check_rows(&config_type, "");
  check_text_requirements();
  unit_at(NULL);
  CHECK_NUMBER(only_ours_met, UNIT_COUNT(only_ours));
  printf(
      "%zu properties of the schema, all with a row; %u rows: %u acting, %u refused, %u of other platforms\n",
      property_count, rows_acting + rows_refused + rows_ignored, rows_acting, rows_refused, rows_ignored);
  return unit_finish();
}
