/* SPDX-License-Identifier: Apache-2.0
 * Refuses what a config asks for and no code acts on: the table rows marked 'unsupported', unless their value
 * asks for nothing. */
#include "spec/pointer.h"
#include "spec/types.h"
#include "spec/validate_check.h"

#include <string.h>

/* The way from the document to a value, innermost first: made into a pointer only if needed. */
struct step {
  const struct step *up;
  const char *key; /* NULL: 'index' */
  size_t index;
};

static void way_to_pointer(const struct step *step, const char *start, struct pointer *pointer)
{
  if (!step) {
    pointer_init(pointer, start);
    return;
  }
  way_to_pointer(step->up, start, pointer);
  if (step->key)
    pointer_push(pointer, step->key);
  else
    pointer_push_index(pointer, step->index);
}

/* Callers write zeros, -1 and "" for "nothing asked": podman a pids limit of 0, docker cpu shares of 0. */
static bool asks(const struct field *row, const void *member)
{
  const struct opt_i64 *number = member;
  switch (row->kind) {
  case FIELD_BOOL:
    return ((const struct opt_bool *)member)->value;
  case FIELD_I64:
    return number->value != 0 && number->value != -1;
  case FIELD_U64:
    return ((const struct opt_u64 *)member)->value != 0;
  case FIELD_STRING:
    return *(const char *const *)member && **(const char *const *)member;
  case FIELD_ENUM:
    return ((const struct opt_enum *)member)->set;
  case FIELD_OBJECT:
    return *(const void *const *)member != NULL;
  case FIELD_OBJECTS:
  case FIELD_STRINGS:
  case FIELD_U64S:
  case FIELD_STRING_MAP:
  case FIELD_OBJECT_MAP:
    return ((const struct vec_raw *)member)->count > 0;
  case FIELD_IGNORED:
    return false;
  }
  return false;
}

static const char *element_key(const struct type *type, const char *element)
{
  for (const struct field *row = type->fields; row->key; row++)
    if (row->flags & FIELD_IS_KEY)
      return *(const char *const *)(const void *)(element + row->offset);
  return NULL;
}

static void walk(const struct checking *c, const struct type *type, const char *object,
                 const struct step *up);

static void walk_elements(const struct checking *c, const struct type *type, const struct vec_raw *vector,
                          const struct step *up)
{
  const char *element = vector->items;
  for (size_t i = 0; i < vector->count; i++, element += type->size) {
    struct step here = { up, element_key(type, element), i };
    walk(c, type, element, &here);
  }
}

static void walk(const struct checking *c, const struct type *type, const char *object, const struct step *up)
{
  for (const struct field *row = type->fields; row->key; row++) {
    const void *member = object + row->offset;
    struct step here = { up, row->key, 0 };
    if (row->unsupported && asks(row, member)) {
      struct pointer pointer;
      way_to_pointer(&here, c->start, &pointer);
      refuse(c, pointer.text, "%s", row->unsupported);
    } else if (row->kind == FIELD_OBJECT && *(const char *const *)member) {
      walk(c, row->type, *(const char *const *)member, &here);
    } else if (row->kind == FIELD_OBJECTS || row->kind == FIELD_OBJECT_MAP) {
      walk_elements(c, row->type, member, &here);
    }
  }
}

void check_support(const struct checking *c, const struct type *type, const void *object)
{
  walk(c, type, object, NULL);
}
