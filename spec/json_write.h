/* SPDX-License-Identifier: Apache-2.0
 * Writes JSON piece by piece; commas, quotes and escapes are dealt with here. Without yajl,
 * which would want its own memory for this. */
#pragma once
#include "libcontainer/base/text.h"
#include <stdbool.h>
#include <stdint.h>

struct json_writer;
/* Owned by the arena of 'out'. Pretty: indented by 'indent' spaces, 0: compact. */
struct json_writer *json_writer_create(struct text *out, unsigned indent);
void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_string(struct json_writer *w, const char *value); /* NULL: null */
void json_int(struct json_writer *w, int64_t value);
void json_uint(struct json_writer *w, uint64_t value);
void json_real(struct json_writer *w, double value); /* finite; two decimals */
void json_bool(struct json_writer *w, bool value);
void json_raw(struct json_writer *w, const char *json, size_t length); /* a value that is JSON already */
/* The document is complete: 'out' holds all of it. */
void json_finish(struct json_writer *w);
