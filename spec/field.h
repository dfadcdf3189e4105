/* SPDX-License-Identifier: Apache-2.0
 * The table language: rows that describe one JSON property each. The same rows drive decoding, encoding,
 * `hull features`, the schema-coverage test and the generated input tests. */
#pragma once
#include "libcontainer/base/names.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_kind {
  FIELD_BOOL,       /* struct opt_bool */
  FIELD_I64,        /* struct opt_i64, min..max */
  FIELD_U64,        /* struct opt_u64, 0..umax */
  FIELD_STRING,     /* char * */
  FIELD_ENUM,       /* struct opt_enum by 'names' */
  FIELD_OBJECT,     /* pointer to 'type' */
  FIELD_OBJECTS,    /* VEC of 'type' */
  FIELD_STRINGS,    /* struct strings, each in 'names' if that is set */
  FIELD_U64S,       /* VEC (uint64_t) */
  FIELD_STRING_MAP, /* string_map */
  FIELD_OBJECT_MAP, /* VEC of 'type'; the key goes to the row with FIELD_IS_KEY of that type */
  FIELD_IGNORED,    /* any value, read over: other platforms */
};

enum {
  FIELD_REQUIRED = 1 << 0,
  FIELD_DEPRECATED = 1 << 1,
  FIELD_IS_KEY = 1 << 2,    /* not a property: takes the key of a FIELD_OBJECT_MAP */
  FIELD_NOT_EMPTY = 1 << 3, /* "" or [] is an error */
};

struct type;
struct field {
  const char *key;
  enum field_kind kind;
  size_t offset;
  unsigned flags;
  int64_t min, max; /* FIELD_I64; 0,0: no bounds */
  uint64_t umax;    /* FIELD_U64, FIELD_U64S; 0: no bound */
  const struct name *names;
  const struct type *type;
  const char *unsupported; /* not NULL: "not supported yet" unless absent (and why) */
};
struct type {
  const char *name;
  size_t size;
  const struct field *fields; /* ends with key NULL */
};

#define AT(struct_name, member) offsetof(struct struct_name, member)
/* A row: ROW ("maskedPaths", STRINGS, linux_config, masked_paths, further members of struct field...) */
#define ROW(key_, kind_, struct_, member_, ...)                                                              \
  {                                                                                                          \
    .key = key_, .kind = FIELD_##kind_, .offset = AT(struct_, member_), __VA_ARGS__                          \
  }
