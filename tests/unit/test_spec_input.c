/* SPDX-License-Identifier: Apache-2.0
 * Bad input, generated from the tables: for each row of each type, documents that are right but for one
 * value. The decoder has to refuse that value, name its pointer and point at its place; and to take the right
 * one. */
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/pointer.h"
#include "spec/types.h"
#include "tests/unit/unit.h"

#define DEPTH_MAX 12
/* One row on the way from the document to the row under test. */
struct way {
  const struct field *rows[DEPTH_MAX];
  unsigned depth;
};

static unsigned cases, rows_met;
static size_t value_offset; /* where the value under test begins in the document */

static void sample_object(struct text *t, const struct type *type);

static void sample(struct text *t, const struct field *row)
{
  switch (row->kind) {
  case FIELD_BOOL:
    text_add(t, "true");
    break;
  case FIELD_I64:
  case FIELD_U64:
    text_add(t, "1");
    break;
  case FIELD_STRING:
    text_add(t, "\"text\"");
    break;
  case FIELD_ENUM:
    text_addf(t, "\"%s\"", row->names[0].name);
    break;
  case FIELD_OBJECT:
    sample_object(t, row->type);
    break;
  case FIELD_OBJECTS:
    text_add(t, "[");
    sample_object(t, row->type);
    text_add(t, "]");
    break;
  case FIELD_STRINGS:
    text_addf(t, "[\"%s\"]", row->names ? row->names[0].name : "text");
    break;
  case FIELD_U64S:
    text_add(t, "[1]");
    break;
  case FIELD_STRING_MAP:
    text_add(t, "{\"k\":\"v\"}");
    break;
  case FIELD_OBJECT_MAP:
    text_add(t, "{\"k\":");
    sample_object(t, row->type);
    text_add(t, "}");
    break;
  case FIELD_IGNORED:
    text_add(t, "{\"any\":[1,{}]}");
    break;
  }
}

/* The required rows of a type, but for one. Returns how many. */
static unsigned sample_rows(struct text *t, const struct type *type, const struct field *except)
{
  unsigned count = 0;
  for (const struct field *row = type->fields; row->key; row++) {
    if (!(row->flags & FIELD_REQUIRED) || row == except)
      continue;
    text_addf(t, "%s\"%s\":", count++ > 0 ? "," : "", row->key);
    sample(t, row);
  }
  return count;
}

static void sample_object(struct text *t, const struct type *type)
{
  text_add(t, "{");
  (void)sample_rows(t, type, NULL);
  text_add(t, "}");
}

/* 'value' NULL: leaves the last row out; 'again': its key twice. */
static void write_way(struct text *t, const struct type *type, const struct way *way, unsigned at,
                      const char *value, bool again)
{
  const struct field *row = way->rows[at];
  text_add(t, "{");
  unsigned count = sample_rows(t, type, row);
  if (at + 1 < way->depth) {
    const char *open = row->kind == FIELD_OBJECTS ? "[" : row->kind == FIELD_OBJECT_MAP ? "{\"k\":" : "";
    text_addf(t, "%s\"%s\":%s", count > 0 ? "," : "", row->key, open);
    write_way(t, row->type, way, at + 1, value, again);
    text_add(t, row->kind == FIELD_OBJECTS ? "]" : row->kind == FIELD_OBJECT_MAP ? "}" : "");
  } else if (value) {
    text_addf(t, "%s\"%s\":", count > 0 ? "," : "", row->key);
    value_offset = t->length;
    text_add(t, value);
    if (again) {
      text_add(t, ",");
      value_offset = t->length;
      text_addf(t, "\"%s\":%s", row->key, value);
    }
  }
  text_add(t, "}");
}

static void way_pointer(const struct way *way, struct pointer *p)
{
  pointer_init(p, "");
  for (unsigned i = 0; i < way->depth; i++) {
    pointer_push(p, way->rows[i]->key);
    if (i + 1 < way->depth && way->rows[i]->kind == FIELD_OBJECTS)
      pointer_push_index(p, 0);
    if (i + 1 < way->depth && way->rows[i]->kind == FIELD_OBJECT_MAP)
      pointer_push(p, "k");
  }
}

struct outcome {
  const char *below;   /* what follows the row's pointer */
  const char *message; /* part of it; NULL: taken */
  int column;          /* from the begin of the value; -1: not looked at */
};

static void expect(const struct way *way, const char *value, bool again, struct outcome wanted)
{
  struct arena arena = ARENA_INIT;
  struct text document;
  text_init(&document, &arena);
  write_way(&document, &config_type, way, 0, value, again);
  unit_at(text_string(&document));
  struct problems problems = { .arena = &arena, .document = "config.json" };
  struct spec spec = { 0 };
  int result = decode(&config_type, &spec, document.data, document.length, &problems, NULL);
  cases++;
  CHECK_NUMBER(result, wanted.message ? -1 : 0);
  CHECK_NUMBER(problems.errors, wanted.message ? 1 : 0);
  if (problems.errors > 0 && wanted.message) {
    struct pointer pointer;
    way_pointer(way, &pointer);
    char *full = arena_printf(&arena, "%s%s", pointer.text, wanted.below);
    CHECK_STRING(problems.items[0].pointer, full);
    if (!CHECK(strstr(problems.items[0].message, wanted.message) != NULL))
      printf("  got '%s', wanted '%s'\n", problems.items[0].message, wanted.message);
    CHECK_NUMBER(problems.items[0].line, 1);
    if (wanted.column >= 0)
      CHECK_NUMBER(problems.items[0].column, value_offset + (size_t)wanted.column + 1);
  }
  arena_release(&arena);
}

static void refused(const struct way *way, const char *value, const char *below, const char *message,
                    int column)
{
  expect(way, value, false, (struct outcome){ below, message, column });
}

static void taken(const struct way *way, const char *value)
{
  expect(way, value, false, (struct outcome){ "", NULL, -1 });
}

static const struct {
  const char *json, *kinds; /* kinds: the first letters of the row kinds that take it */
} values[] = { { "true", "b" }, { "5", "n" }, { "\"text\"", "s" }, { "{}", "o" }, { "[]", "a" } };

static char kind_letter(enum field_kind kind)
{
  static const char letters[] = {
    [FIELD_BOOL] = 'b', [FIELD_I64] = 'n',        [FIELD_U64] = 'n',        [FIELD_STRING] = 's',
    [FIELD_ENUM] = 's', [FIELD_OBJECT] = 'o',     [FIELD_OBJECTS] = 'a',    [FIELD_STRINGS] = 'a',
    [FIELD_U64S] = 'a', [FIELD_STRING_MAP] = 'o', [FIELD_OBJECT_MAP] = 'o', [FIELD_IGNORED] = '*',
  };
  return letters[kind];
}

static void wrong_types(const struct way *way, const struct field *row)
{
  for (size_t i = 0; i < UNIT_COUNT(values); i++)
    if (!strchr(values[i].kinds, kind_letter(row->kind)))
      refused(way, values[i].json, "", "expected ", 0);
  refused(way, "1.5", "",
          row->kind == FIELD_I64 || row->kind == FIELD_U64 ? "expected an integer, got 1.5" : "expected ", 0);
}

static void wrong_numbers(const struct way *way, const struct field *row)
{
  char value[64];
  refused(way, "1e3", "", "expected an integer, got 1e3", 0);
  refused(way, "99999999999999999999999999", "", "out of range", 0);
  refused(way, "-99999999999999999999999999", "", "out of range", 0);
  taken(way, "1");
  if (row->kind == FIELD_U64) {
    refused(way, "-1", "", "-1 is out of range 0 to ", 0);
    taken(way, "0");
    (void)snprintf(value, sizeof value, "%llu", (unsigned long long)(row->umax ? row->umax : UINT64_MAX));
    taken(way, value);
    (void)snprintf(value, sizeof value, "%llu", (unsigned long long)row->umax + 1);
    refused(way, row->umax ? value : "18446744073709551616", "", "out of range", 0);
    return;
  }
  bool bounds = row->min != 0 || row->max != 0;
  (void)snprintf(value, sizeof value, "%lld", (long long)(bounds ? row->min : INT64_MIN));
  taken(way, value);
  (void)snprintf(value, sizeof value, "%lld", (long long)(bounds ? row->max : INT64_MAX));
  taken(way, value);
  (void)snprintf(value, sizeof value, "%lld", (long long)row->min - 1);
  refused(way, bounds ? value : "-9223372036854775809", "", "out of range", 0);
  (void)snprintf(value, sizeof value, "%lld", (long long)row->max + 1);
  refused(way, bounds ? value : "9223372036854775808", "", "out of range", 0);
}

static void wrong_strings(const struct way *way, const struct field *row)
{
  refused(way, "\"a\\u0000b\"", "", "NUL", 0);
  if (row->kind == FIELD_ENUM) {
    char value[80];
    refused(way, "\"qqqqqqqqqqqq\"", "", "unknown value \"qqqqqqqqqqqq\"", 0);
    (void)snprintf(value, sizeof value, "\"%s_\"", row->names[0].name);
    refused(way, value, "", "did you mean \"", 0);
    for (const struct name *name = row->names; name->name; name++) {
      (void)snprintf(value, sizeof value, "\"%s\"", name->name);
      taken(way, value);
    }
  } else if (row->flags & FIELD_NOT_EMPTY) {
    refused(way, "\"\"", "", "must not be empty", 0);
  } else {
    taken(way, "\"\"");
    taken(way, "\"\\u00e4\\\"\\\\\\n\"");
  }
}

static void wrong_elements(const struct way *way, const struct field *row)
{
  refused(way, "[null]", "/0", "got null", 1);
  refused(way, "[[]]", "/0", "got an array", 1);
  if (row->kind != FIELD_OBJECTS)
    refused(way, "[{}]", "/0", "got an object", 1);
  if (row->kind == FIELD_STRINGS) {
    refused(way, "[5]", "/0", "expected a string, got 5", 1);
    refused(way, "[\"\\u0000\"]", "/0", "NUL", 1);
    if (row->names)
      refused(way, "[\"qqqqqqqqqqqq\"]", "/0", "unknown value", 1);
    else
      refused(way, "[\"\", \"a\", false]", "/2", "expected a string, got false", 10);
  }
  if (row->kind == FIELD_U64S) {
    refused(way, "[-1]", "/0", "out of range", 1);
    refused(way, "[1, 18446744073709551616]", "/1", "out of range", 4);
    refused(way, "[\"1\"]", "/0", "expected an integer, got \"1\"", 1);
  }
  if (row->flags & FIELD_NOT_EMPTY)
    refused(way, "[]", "", "must not be empty", 0);
  else
    taken(way, "[]");
}

static void wrong_maps(const struct way *way, const struct field *row)
{
  taken(way, "{}");
  taken(way, "{\"k\":null}");
  refused(way, "{\"k\":5}", "/k", "got 5", 5);
  refused(way, "{\"a/b~c\":[]}", "/a~1b~0c", "got an array", 9);
  refused(way, "{\"a\\u0000b\":null}", "/a", "NUL", 1);
  if (row->kind == FIELD_STRING_MAP)
    refused(way, "{\"k\":\"v\",\"k\":\"w\"}", "/k", "duplicate key", 9);
  else
    refused(way, "{\"k\":{},\"k\":{}}", "/k", "duplicate key", 8);
}

static void required_or_not(const struct way *way, const struct field *row)
{
  if (row->flags & FIELD_REQUIRED) {
    refused(way, NULL, "", "required, but missing", -1);
    refused(way, "null", "", "required, but missing", -1);
  } else {
    taken(way, NULL);
    taken(way, "null");
  }
}

static void good_and_double(const struct way *way, const struct field *row)
{
  struct arena arena = ARENA_INIT;
  struct text good;
  text_init(&good, &arena);
  sample(&good, row);
  taken(way, text_string(&good));
  expect(way, text_string(&good), true, (struct outcome){ "", "duplicate key", 0 });
  arena_release(&arena);
}

static void test_row(const struct way *way, const struct field *row)
{
  rows_met++;
  good_and_double(way, row);
  required_or_not(way, row);
  if (row->kind == FIELD_IGNORED)
    return;
  wrong_types(way, row);
  if (row->kind == FIELD_I64 || row->kind == FIELD_U64)
    wrong_numbers(way, row);
  if (row->kind == FIELD_STRING || row->kind == FIELD_ENUM)
    wrong_strings(way, row);
  if (kind_letter(row->kind) == 'a')
    wrong_elements(way, row);
  if (row->kind == FIELD_STRING_MAP || row->kind == FIELD_OBJECT_MAP)
    wrong_maps(way, row);
}

static void test_type(const struct type *type, struct way *way)
{
  way->depth++;
  for (const struct field *row = type->fields; row->key; row++) {
    if (row->flags & FIELD_IS_KEY)
      continue;
    way->rows[way->depth - 1] = row;
    test_row(way, row);
    if (row->type)
      test_type(row->type, way);
  }
  way->depth--;
}

int main(void)
{
  struct way way = { .depth = 0 };
  test_type(&config_type, &way);
  unit_at(NULL);
  CHECK(rows_met > 180);
  CHECK(cases >= 1000);
  printf("%u rows, %u documents\n", rows_met, cases);
  return unit_finish();
}
