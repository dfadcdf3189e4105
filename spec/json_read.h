/* SPDX-License-Identifier: Apache-2.0
 * JSON text to events. The only reader that uses yajl: replacing it is a change of json_read.c alone.
 * What yajl lets pass (duplicate keys, NUL in strings, any depth, any size) is for the receiver to refuse. */
#pragma once
#include <stddef.h>

/* Each returns 0 to stop. Strings are not NUL-terminated and live until the next event. */
struct json_events {
  int (*null)(void *context);
  int (*boolean)(void *context, int value);
  int (*number)(void *context, const char *literal, size_t length);
  int (*string)(void *context, const unsigned char *s, size_t length);
  int (*begin_object)(void *context);
  int (*key)(void *context, const unsigned char *s, size_t length);
  int (*end_object)(void *context);
  int (*begin_array)(void *context);
  int (*end_array)(void *context);
};

struct json_reader {
  void *parser;
};

struct json_failure {
  size_t offset;    /* where in the bytes */
  char reason[120]; /* "" if an event stopped the reading */
};

/* Reads one document; -1 if it is not JSON or an event stopped it. 'reader' is valid for json_offset() during
 * the events. */
int json_read(struct json_reader *reader, const struct json_events *events, void *context, const char *bytes,
              size_t length, struct json_failure *failure);
/* Within an event: the offset of the end of its token. */
size_t json_offset(const struct json_reader *reader);
