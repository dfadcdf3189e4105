/* SPDX-License-Identifier: Apache-2.0
 * JSON events to structs, by the field tables. It is on the path of every run: one pass, no allocation for a
 * token but what the struct keeps. Positions and pointers are worked out for problems only. */
#include "spec/decode.h"
#include "spec/json_read.h"
#include "spec/key_set.h"
#include "spec/pointer.h"
#include "spec/problem.h"
#include "spec/types.h"

#include <stdio.h>
#include <string.h>

/* Array elements and map keys of one document. Bounds the memory that a small element ("{},") can ask for,
 * and is more than the kernel takes of anything (fs.mount-max: 100,000). */
#define ELEMENTS_MAX (1 << 17)
#define POOL_BYTES 4096

enum frame_kind { FRAME_OBJECT, FRAME_MAP, FRAME_ARRAY, FRAME_IGNORED_OBJECT, FRAME_IGNORED_ARRAY };

/* An open bracket. */
struct frame {
  enum frame_kind kind;
  unsigned serial;          /* numbers the objects of a document, for the key set */
  const struct type *type;  /* FRAME_OBJECT */
  const struct field *row;  /* FRAME_OBJECT: of the current key, NULL if unknown; MAP and ARRAY: their own */
  const struct field *next; /* FRAME_OBJECT: where the search for the next key begins */
  char *base;               /* FRAME_OBJECT: the struct; MAP and ARRAY: the vector */
  const char *key;          /* MAP and unknown: the current key */
  size_t index;             /* arrays: of the current element */
  size_t offset;            /* of the bracket */
  uint64_t seen, present;   /* FRAME_OBJECT: rows met; of them, those that were not null */
};

struct decoder {
  struct json_reader reader;
  struct arena *arena;
  struct problems *problems;
  struct strings *unknown;
  const char *bytes;
  const struct type *type; /* of the document */
  char *object;
  char *pool; /* where small strings go: one allocation for many */
  size_t pool_left, elements;
  unsigned serials, depth; /* depth: frames in use */
  bool began;              /* the document is an object */
  struct key_set keys;
  struct frame frames[CONFIG_MAX_DEPTH];
};

static struct frame *top(struct decoder *d)
{
  return d->depth > 0 ? &d->frames[d->depth - 1] : NULL;
}

/* --- problems ------------------------------------------------------------------------------------- */

static void current_pointer(struct decoder *d, struct pointer *p)
{
  pointer_init(p, "");
  for (const struct frame *f = d->frames; f < d->frames + d->depth; f++) {
    if (f->kind == FRAME_ARRAY || f->kind == FRAME_IGNORED_ARRAY)
      pointer_push_index(p, f->index);
    else if (f->kind == FRAME_OBJECT && f->row)
      pointer_push(p, f->row->key);
    else if (f->key)
      pointer_push(p, f->key);
  }
}

/* Reading on makes sense until as many problems are known as can be told. */
static int may_go_on(const struct decoder *d)
{
  return d->problems->errors < PROBLEMS_MAX;
}

static int problem_at_offset(struct decoder *d, size_t offset, const char *message)
{
  struct pointer pointer;
  current_pointer(d, &pointer);
  struct problem *p = problem_add(d->problems, false, pointer.text, "%s", message);
  if (p)
    problem_place(p, d->bytes, offset);
  return may_go_on(d);
}

/* The first byte of the token that ends where the reader is. */
static size_t token_start(const struct decoder *d, size_t literal_length)
{
  return problem_token_start(d->bytes, json_offset(&d->reader), literal_length);
}

static const char *const expected[] = {
  [FIELD_BOOL] = "true or false",   [FIELD_I64] = "an integer",       [FIELD_U64] = "an integer",
  [FIELD_STRING] = "a string",      [FIELD_ENUM] = "a string",        [FIELD_OBJECT] = "an object",
  [FIELD_OBJECTS] = "an array",     [FIELD_STRINGS] = "an array",     [FIELD_U64S] = "an array",
  [FIELD_STRING_MAP] = "an object", [FIELD_OBJECT_MAP] = "an object", [FIELD_IGNORED] = "anything",
};

static int mismatch(struct decoder *d, enum field_kind kind, const char *got, size_t literal_length)
{
  char message[200];
  snprintf(message, sizeof message, "expected %s, got %s", expected[kind], got);
  return problem_at_offset(d, token_start(d, literal_length), message);
}

/* A string for a message: quoted, one line, not too long. */
static const char *quote(char *buffer, size_t size, const unsigned char *s, size_t length)
{
  size_t used = 0, room = size - sizeof "\"...\"";
  buffer[used++] = '"';
  for (size_t i = 0; i < length && used < room; i++)
    buffer[used++] = s[i] < ' ' || s[i] == 127 ? '?' : (char)s[i];
  snprintf(buffer + used, size - used, "%s", used - 1 < length ? "...\"" : "\"");
  return buffer;
}

/* --- memory --------------------------------------------------------------------------------------- */

static char *keep_string(struct decoder *d, const unsigned char *s, size_t length)
{
  if (length >= POOL_BYTES / 4)
    return arena_strndup(d->arena, (const char *)s, length);
  if (length >= d->pool_left) {
    d->pool = arena_alloc(d->arena, POOL_BYTES);
    d->pool_left = POOL_BYTES;
  }
  char *kept = d->pool;
  memcpy(kept, s, length);
  kept[length] = '\0';
  d->pool += length + 1;
  d->pool_left -= length + 1;
  return kept;
}

static void *push(struct decoder *d, void *vector, size_t size)
{
  return vec_raw_push(d->arena, vector, size);
}

/* --- what the next value is for --------------------------------------------------------------------- */

static int count_element(struct decoder *d)
{
  if (++d->elements <= ELEMENTS_MAX)
    return 1;
  char message[80];
  snprintf(message, sizeof message, "more than %d elements and keys in this document", ELEMENTS_MAX);
  problem_at_offset(d, json_offset(&d->reader), message);
  return 0;
}

static uint64_t row_bit(const struct frame *f)
{
  return UINT64_C(1) << (f->row - f->type->fields);
}

/* Kind of the value that comes next; moves on to it in an array. */
static enum field_kind next_value(struct decoder *d)
{
  struct frame *f = top(d);
  if (!f)
    return FIELD_OBJECT;
  switch (f->kind) {
  case FRAME_OBJECT:
    if (!f->row)
      return FIELD_IGNORED;
    f->present |= row_bit(f); /* even if it turns out to be wrong: one problem is enough */
    return f->row->kind;
  case FRAME_MAP:
    return f->row->kind == FIELD_OBJECT_MAP ? FIELD_OBJECT : FIELD_STRING;
  case FRAME_ARRAY:
    f->index++;
    return f->row->kind == FIELD_OBJECTS ? FIELD_OBJECT
           : f->row->kind == FIELD_U64S  ? FIELD_U64
                                         : FIELD_STRING;
  case FRAME_IGNORED_ARRAY:
    f->index++;
    return FIELD_IGNORED;
  case FRAME_IGNORED_OBJECT:
    return FIELD_IGNORED;
  }
  return FIELD_IGNORED;
}

/* Row of the next value; not for the document itself. */
static const struct field *value_row(struct decoder *d)
{
  return top(d)->row;
}

/* Where a value of 'size' bytes goes: a member, or a new element. */
static void *value_place(struct decoder *d, size_t size)
{
  struct frame *f = top(d);
  return f->kind == FRAME_ARRAY ? push(d, f->base, size) : f->base + f->row->offset;
}

/* --- scalars -------------------------------------------------------------------------------------- */

static int on_null(void *context)
{
  struct decoder *d = context;
  enum field_kind kind = next_value(d);
  struct frame *f = top(d);
  if (f && f->kind == FRAME_OBJECT && f->row)
    f->present &= ~row_bit(f);
  /* Go writes null for an empty pointer or slice; within an array it would be a hole. */
  if (kind == FIELD_IGNORED || (f && f->kind != FRAME_ARRAY))
    return 1;
  return mismatch(d, kind, "null", 4);
}

static int on_boolean(void *context, int value)
{
  struct decoder *d = context;
  enum field_kind kind = next_value(d);
  if (kind == FIELD_IGNORED)
    return 1;
  if (kind != FIELD_BOOL)
    return mismatch(d, kind, value ? "true" : "false", value ? 4 : 5);
  *(struct opt_bool *)value_place(d, 0) = (struct opt_bool){ true, value != 0 };
  return 1;
}

/* Digits only: the JSON grammar was checked, but fractions and exponents pass it. False: not an integer. */
static bool parse_literal(const char *s, size_t length, bool *negative, bool *overflow, uint64_t *magnitude)
{
  *negative = length > 0 && *s == '-';
  *overflow = false;
  *magnitude = 0;
  for (size_t i = *negative; i < length; i++) {
    if (s[i] < '0' || s[i] > '9')
      return false;
    *overflow |= __builtin_mul_overflow(*magnitude, 10u, magnitude);
    *overflow |= __builtin_add_overflow(*magnitude, (unsigned)(s[i] - '0'), magnitude);
  }
  return true;
}

static int out_of_range(struct decoder *d, const struct field *row, const char *literal, size_t length)
{
  char message[160];
  int shown = length < 40 ? (int)length : 40;
  if (row->kind == FIELD_I64) {
    bool bounds = row->min != 0 || row->max != 0;
    snprintf(message, sizeof message, "%.*s is out of range %lld to %lld", shown, literal,
             (long long)(bounds ? row->min : INT64_MIN), (long long)(bounds ? row->max : INT64_MAX));
  } else {
    snprintf(message, sizeof message, "%.*s is out of range 0 to %llu", shown, literal,
             (unsigned long long)(row->umax ? row->umax : UINT64_MAX));
  }
  return problem_at_offset(d, token_start(d, length), message);
}

static bool to_signed(const struct field *row, bool negative, uint64_t magnitude, int64_t *value)
{
  if (magnitude > (uint64_t)INT64_MAX + negative)
    return false;
  *value = (int64_t)(negative ? 0 - magnitude : magnitude);
  return (row->min == 0 && row->max == 0) || (*value >= row->min && *value <= row->max);
}

static int on_number(void *context, const char *literal, size_t length)
{
  struct decoder *d = context;
  enum field_kind kind = next_value(d);
  if (kind == FIELD_IGNORED)
    return !top(d) || top(d)->kind != FRAME_IGNORED_ARRAY || count_element(d);
  bool negative, overflow;
  uint64_t magnitude;
  if ((kind != FIELD_I64 && kind != FIELD_U64)
      || !parse_literal(literal, length, &negative, &overflow, &magnitude)) {
    char got[48];
    snprintf(got, sizeof got, "%.*s", length < 40 ? (int)length : 40, literal);
    return mismatch(d, kind, got, length);
  }
  const struct field *row = value_row(d);
  int64_t number;
  if (kind == FIELD_I64) {
    if (overflow || !to_signed(row, negative, magnitude, &number))
      return out_of_range(d, row, literal, length);
    *(struct opt_i64 *)value_place(d, 0) = (struct opt_i64){ true, number };
    return 1;
  }
  if (overflow || (negative && magnitude > 0) || (row->umax && magnitude > row->umax))
    return out_of_range(d, row, literal, length);
  if (row->kind == FIELD_U64S) {
    *(uint64_t *)value_place(d, sizeof(uint64_t)) = magnitude;
    return count_element(d);
  }
  *(struct opt_u64 *)value_place(d, 0) = (struct opt_u64){ true, magnitude };
  return 1;
}

static const struct name *find_name(const struct name *table, const unsigned char *s, size_t length)
{
  for (; table->name; table++)
    if (strncmp(table->name, (const char *)s, length) == 0 && table->name[length] == '\0')
      return table;
  return NULL;
}

static int unknown_name(struct decoder *d, const struct name *table, const unsigned char *s, size_t length)
{
  char message[200], wrong[64], quoted[80];
  snprintf(wrong, sizeof wrong, "%.*s", length < 60 ? (int)length : 60, (const char *)s);
  const char *nearest = names_nearest(table, wrong);
  snprintf(message, sizeof message, "unknown value %s%s%s%s", quote(quoted, sizeof quoted, s, length),
           nearest ? " (did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?)" : "");
  return problem_at_offset(d, token_start(d, 0), message);
}

static int on_string(void *context, const unsigned char *s, size_t length)
{
  struct decoder *d = context;
  enum field_kind kind = next_value(d);
  if (kind == FIELD_IGNORED)
    return !top(d) || top(d)->kind != FRAME_IGNORED_ARRAY || count_element(d);
  if (kind != FIELD_STRING && kind != FIELD_ENUM) {
    char got[80];
    return mismatch(d, kind, quote(got, sizeof got, s, length), 0);
  }
  struct frame *f = top(d);
  if (memchr(s, '\0', length))
    return problem_at_offset(d, token_start(d, 0), "contains a NUL character");
  if (f->kind == FRAME_MAP) {
    struct string_pair *pair = push(d, f->base, sizeof *pair);
    *pair = (struct string_pair){ (char *)f->key, keep_string(d, s, length) };
    return 1;
  }
  const struct name *name = f->row->names ? find_name(f->row->names, s, length) : NULL;
  if (f->row->names && !name)
    return unknown_name(d, f->row->names, s, length);
  if (kind == FIELD_ENUM) {
    *(struct opt_enum *)value_place(d, 0) = (struct opt_enum){ true, name->value };
    return 1;
  }
  if (length == 0 && f->kind == FRAME_OBJECT && f->row->flags & FIELD_NOT_EMPTY)
    return problem_at_offset(d, token_start(d, 0), "must not be empty");
  *(char **)value_place(d, sizeof(char *)) = keep_string(d, s, length);
  return f->kind != FRAME_ARRAY || count_element(d);
}

/* --- brackets ------------------------------------------------------------------------------------- */

static struct frame *open_frame(struct decoder *d, enum frame_kind kind)
{
  if (d->depth == CONFIG_MAX_DEPTH) {
    char message[80];
    snprintf(message, sizeof message, "nested deeper than %d levels", CONFIG_MAX_DEPTH);
    problem_at_offset(d, json_offset(&d->reader) - 1, message);
    return NULL;
  }
  struct frame *f = &d->frames[d->depth++];
  *f = (struct frame){
    .kind = kind,
    .serial = ++d->serials,
    .index = (size_t)-1, /* before the first */
    .offset = json_offset(&d->reader) - 1,
  };
  return f;
}

static int open_ignored(struct decoder *d, enum frame_kind kind)
{
  return open_frame(d, kind) != NULL;
}

/* A struct within the frame that is open: a member by pointer, a map entry or an array element. */
static char *new_object(struct decoder *d, const struct field *row)
{
  struct frame *f = top(d);
  if (f->kind == FRAME_OBJECT) {
    char *object = arena_alloc(d->arena, row->type->size);
    *(char **)value_place(d, 0) = object;
    return object;
  }
  char *object = push(d, f->base, row->type->size);
  if (f->kind == FRAME_MAP)
    for (const struct field *key = row->type->fields; key->key; key++)
      if (key->flags & FIELD_IS_KEY)
        *(const char **)(void *)(object + key->offset) = f->key;
  return object;
}

static int open_object(struct decoder *d, const struct type *type, char *base)
{
  struct frame *f = open_frame(d, FRAME_OBJECT);
  if (!f)
    return 0;
  f->type = type;
  f->base = base;
  f->next = type->fields;
  return 1;
}

static int open_vector(struct decoder *d, enum frame_kind kind)
{
  const struct field *row = value_row(d);
  char *vector = value_place(d, 0);
  struct frame *f = open_frame(d, kind);
  if (!f)
    return 0;
  f->row = row;
  f->base = vector;
  return 1;
}

static int on_begin_object(void *context)
{
  struct decoder *d = context;
  enum field_kind kind = next_value(d);
  if (!top(d)) {
    d->began = true;
    return open_object(d, d->type, d->object);
  }
  if (top(d)->kind != FRAME_OBJECT && !count_element(d))
    return 0;
  switch (kind) {
  case FIELD_OBJECT: {
    const struct field *row = value_row(d);
    return open_object(d, row->type, new_object(d, row));
  }
  case FIELD_STRING_MAP:
  case FIELD_OBJECT_MAP:
    return open_vector(d, FRAME_MAP);
  case FIELD_BOOL:
  case FIELD_I64:
  case FIELD_U64:
  case FIELD_STRING:
  case FIELD_ENUM:
  case FIELD_OBJECTS:
  case FIELD_STRINGS:
  case FIELD_U64S:
    if (!mismatch(d, kind, "an object", 1))
      return 0;
    break;
  case FIELD_IGNORED:
    break;
  }
  return open_ignored(d, FRAME_IGNORED_OBJECT);
}

static int on_begin_array(void *context)
{
  struct decoder *d = context;
  enum field_kind kind = next_value(d);
  if (top(d) && top(d)->kind != FRAME_OBJECT && !count_element(d))
    return 0;
  if (kind == FIELD_OBJECTS || kind == FIELD_STRINGS || kind == FIELD_U64S)
    return open_vector(d, FRAME_ARRAY);
  if (kind != FIELD_IGNORED && !mismatch(d, kind, "an array", 1))
    return 0;
  return open_ignored(d, FRAME_IGNORED_ARRAY);
}

static int on_end_array(void *context)
{
  struct decoder *d = context;
  const struct frame *f = top(d);
  size_t offset = f->offset;
  bool empty = f->kind == FRAME_ARRAY && f->row->flags & FIELD_NOT_EMPTY && f->index == (size_t)-1;
  d->depth--;
  return !empty || problem_at_offset(d, offset, "must not be empty");
}

static int missing_row(struct decoder *d, struct frame *f, const struct field *row)
{
  f->row = row; /* names it in the pointer */
  return problem_at_offset(d, f->offset, "required, but missing");
}

/* The checks that follow, to find all that is wrong, count on required strings; also where it was of another
 * type. */
static void stand_in(const struct frame *f, const struct field *row)
{
  static char empty[] = "";
  char **value = (char **)(void *)(f->base + row->offset);
  if (row->kind == FIELD_STRING && *value == NULL)
    *value = empty;
}

static int on_end_object(void *context)
{
  struct decoder *d = context;
  struct frame *f = top(d);
  int go_on = 1;
  for (const struct field *row = f->kind == FRAME_OBJECT ? f->type->fields : NULL; row && row->key; row++) {
    if (!(row->flags & FIELD_REQUIRED))
      continue;
    if (go_on && !(f->present >> (row - f->type->fields) & 1))
      go_on = missing_row(d, f, row);
    stand_in(f, row);
  }
  d->depth--;
  return go_on;
}

/* --- keys ----------------------------------------------------------------------------------------- */

static bool row_has_key(const struct field *row, const unsigned char *s, size_t length)
{
  return row->key[0] == (char)s[0] && strncmp(row->key, (const char *)s, length) == 0
         && row->key[length] == '\0' && !(row->flags & FIELD_IS_KEY);
}

/* Writers keep to one order, mostly that of the tables: begin after the last one found. */
static const struct field *find_row(struct frame *f, const unsigned char *s, size_t length)
{
  if (length == 0)
    return NULL;
  for (const struct field *row = f->next; row->key; row++)
    if (row_has_key(row, s, length))
      return row;
  for (const struct field *row = f->type->fields; row < f->next; row++)
    if (row_has_key(row, s, length))
      return row;
  return NULL;
}

static int duplicate_key(struct decoder *d)
{
  return problem_at_offset(d, token_start(d, 0), "duplicate key");
}

static int on_known_key(struct decoder *d, struct frame *f)
{
  uint64_t bit = row_bit(f);
  if (!(f->seen & bit)) {
    f->seen |= bit;
    f->next = f->row + 1;
    return 1;
  }
  int go_on = duplicate_key(d);
  f->key = f->row->key;
  f->row = NULL; /* the second value is read over */
  return go_on;
}

static void note_unknown(struct decoder *d)
{
  struct pointer pointer;
  current_pointer(d, &pointer);
  *(char **)push(d, d->unknown, sizeof(char *)) = arena_strdup(d->arena, pointer.text);
}

static int on_key(void *context, const unsigned char *s, size_t length)
{
  struct decoder *d = context;
  struct frame *f = top(d);
  if (f->kind == FRAME_OBJECT && (f->row = find_row(f, s, length)))
    return on_known_key(d, f);
  f->key = keep_string(d, s, length);
  if (!count_element(d))
    return 0;
  if (memchr(s, '\0', length) && !problem_at_offset(d, token_start(d, 0), "key contains a NUL character"))
    return 0;
  if (!key_set_add(&d->keys, d->arena, f->serial, f->key, length))
    return duplicate_key(d);
  if (f->kind == FRAME_OBJECT && d->unknown)
    note_unknown(d);
  return 1;
}

/* --- the document --------------------------------------------------------------------------------- */

static const struct json_events decoder_events = {
  .null = on_null,
  .boolean = on_boolean,
  .number = on_number,
  .string = on_string,
  .begin_object = on_begin_object,
  .key = on_key,
  .end_object = on_end_object,
  .begin_array = on_begin_array,
  .end_array = on_end_array,
};

/* What no parser needs to see. */
static const char *refuse_bytes(const char *bytes, size_t length)
{
  if (length > CONFIG_MAX_BYTES)
    return "larger than 16 MiB";
  if (length == 0)
    return "empty";
  if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
    return "not valid JSON: begins with a byte order mark; save it as UTF-8 without one";
  return NULL;
}

static void syntax_problem(struct decoder *d, const struct json_failure *failure)
{
  char message[200];
  snprintf(message, sizeof message, "not valid JSON: %s", failure->reason);
  problem_at_offset(d, failure->offset, message);
}

int decode(const struct type *type, void *object, const char *bytes, size_t length, struct problems *problems,
           struct strings *unknown)
{
  struct decoder d; /* 'frames' stays untouched until used */
  memset(&d, 0, offsetof(struct decoder, frames));
  d.arena = problems->arena;
  d.problems = problems;
  d.unknown = unknown;
  d.bytes = bytes;
  d.type = type;
  d.object = object;
  unsigned errors_before = problems->errors;
  const char *refused = refuse_bytes(bytes, length);
  if (refused) {
    problem_add(problems, false, "", "%s", refused);
    problems->stopped = true;
    return -1;
  }
  struct json_failure failure;
  problems->stopped = json_read(&d.reader, &decoder_events, &d, bytes, length, &failure) < 0;
  if (problems->stopped && failure.reason[0])
    syntax_problem(&d, &failure);
  problems->stopped |= !d.began; /* nothing stands in for what is required */
  problems->judged = problems->count;
  return problems->errors > errors_before ? -1 : 0;
}
