/* SPDX-License-Identifier: Apache-2.0
 * Structs to JSON, by the field tables. */
#include "spec/encode.h"
#include "spec/json_write.h"
#include "spec/types.h"

static const void *pointer_in(const void *member)
{
  return *(const void *const *)member;
}

static bool is_absent(const struct field *row, const void *member)
{
  switch (row->kind) {
  case FIELD_BOOL:
    return !((const struct opt_bool *)member)->set;
  case FIELD_I64:
    return !((const struct opt_i64 *)member)->set;
  case FIELD_U64:
    return !((const struct opt_u64 *)member)->set;
  case FIELD_ENUM:
    return !((const struct opt_enum *)member)->set;
  case FIELD_STRING:
  case FIELD_OBJECT:
    return pointer_in(member) == NULL;
  case FIELD_OBJECTS:
  case FIELD_STRINGS:
  case FIELD_U64S:
  case FIELD_STRING_MAP:
  case FIELD_OBJECT_MAP:
    return ((const struct vec_raw *)member)->count == 0;
  case FIELD_IGNORED:
    return true;
  }
  return true;
}

static void write_object(struct json_writer *w, const struct type *type, const char *object);

static void write_strings(struct json_writer *w, const struct strings *strings)
{
  json_begin_array(w);
  for (size_t i = 0; i < strings->count; i++)
    json_string(w, strings->items[i]);
  json_end_array(w);
}

static void write_numbers(struct json_writer *w, const struct vec_raw *numbers)
{
  const uint64_t *items = numbers->items;
  json_begin_array(w);
  for (size_t i = 0; i < numbers->count; i++)
    json_uint(w, items[i]);
  json_end_array(w);
}

static void write_objects(struct json_writer *w, const struct type *type, const struct vec_raw *objects)
{
  const char *item = objects->items;
  json_begin_array(w);
  for (size_t i = 0; i < objects->count; i++, item += type->size)
    write_object(w, type, item);
  json_end_array(w);
}

static void write_string_map(struct json_writer *w, const string_map *map)
{
  const struct string_pair *pair;
  json_begin_object(w);
  vec_each (map, pair) {
    json_key(w, pair->key);
    json_string(w, pair->value);
  }
  json_end_object(w);
}

static const char *key_of(const struct type *type, const char *object)
{
  const struct field *row = type->fields;
  while (!(row->flags & FIELD_IS_KEY))
    row++;
  return pointer_in(object + row->offset);
}

static void write_object_map(struct json_writer *w, const struct type *type, const struct vec_raw *objects)
{
  const char *item = objects->items;
  json_begin_object(w);
  for (size_t i = 0; i < objects->count; i++, item += type->size) {
    json_key(w, key_of(type, item));
    write_object(w, type, item);
  }
  json_end_object(w);
}

static void write_value(struct json_writer *w, const struct field *row, const void *member)
{
  switch (row->kind) {
  case FIELD_BOOL:
    json_bool(w, ((const struct opt_bool *)member)->value);
    break;
  case FIELD_I64:
    json_int(w, ((const struct opt_i64 *)member)->value);
    break;
  case FIELD_U64:
    json_uint(w, ((const struct opt_u64 *)member)->value);
    break;
  case FIELD_ENUM:
    json_string(w, names_of(row->names, ((const struct opt_enum *)member)->value));
    break;
  case FIELD_STRING:
    json_string(w, pointer_in(member));
    break;
  case FIELD_OBJECT:
    write_object(w, row->type, pointer_in(member));
    break;
  case FIELD_OBJECTS:
    write_objects(w, row->type, member);
    break;
  case FIELD_STRINGS:
    write_strings(w, member);
    break;
  case FIELD_U64S:
    write_numbers(w, member);
    break;
  case FIELD_STRING_MAP:
    write_string_map(w, member);
    break;
  case FIELD_OBJECT_MAP:
    write_object_map(w, row->type, member);
    break;
  case FIELD_IGNORED:
    break;
  }
}

static void write_object(struct json_writer *w, const struct type *type, const char *object)
{
  json_begin_object(w);
  for (const struct field *row = type->fields; row->key; row++) {
    const void *member = object + row->offset;
    if (row->flags & FIELD_IS_KEY || is_absent(row, member))
      continue;
    json_key(w, row->key);
    write_value(w, row, member);
  }
  json_end_object(w);
}

void encode(const struct type *type, const void *object, enum encode_style style, struct text *out)
{
  struct json_writer *w = json_writer_create(out, style == ENCODE_PRETTY ? 2 : 0);
  write_object(w, type, object);
  json_finish(w);
}
