/* SPDX-License-Identifier: Apache-2.0
 * JSON text to events, by yajl. */
#include "spec/json_read.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/* "lexical error: invalid char in json text.\n" -> "invalid char in json text" */
static void copy_reason(struct json_failure *failure, yajl_handle parser)
{
  unsigned char *said = yajl_get_error(parser, 0, NULL, 0);
  const char *reason = said ? (const char *)said : "";
  const char *colon = strstr(reason, ": ");
  snprintf(failure->reason, sizeof failure->reason, "%s", colon ? colon + 2 : reason);
  failure->reason[strcspn(failure->reason, "\n")] = '\0';
  size_t length = strlen(failure->reason);
  if (length > 0 && failure->reason[length - 1] == '.')
    failure->reason[length - 1] = '\0';
  if (said)
    yajl_free_error(parser, said);
}

#define NOT_ASCII UINT64_C(0x8080808080808080)

/* What yajl lets pass: overlong forms, surrogates, and characters beyond U+10FFFF (RFC 3629), all told by a
 * first byte and the one after it. Offset of the first, 'length' if there is none. */
static size_t find_bad_utf8(const unsigned char *s, size_t length)
{
  for (size_t i = 0; i < length; i++) {
    uint64_t word;
    while (i + sizeof word < length && (memcpy(&word, s + i, sizeof word), (word & NOT_ASCII) == 0))
      i += sizeof word;
    if (s[i] < 0xc0)
      continue;
    const unsigned next = i + 1 < length ? s[i + 1] : 0;
    if (s[i] < 0xc2 || s[i] > 0xf4 || (s[i] == 0xe0 && next < 0xa0) || (s[i] == 0xed && next >= 0xa0)
        || (s[i] == 0xf0 && next < 0x90) || (s[i] == 0xf4 && next >= 0x90))
      return i;
  }
  return length;
}

int json_read(struct json_reader *reader, const struct json_events *events, void *context, const char *bytes,
              size_t length, struct json_failure *failure)
{
  const yajl_callbacks callbacks = {
    .yajl_null = events->null,
    .yajl_boolean = events->boolean,
    .yajl_number = events->number,
    .yajl_string = events->string,
    .yajl_start_map = events->begin_object,
    .yajl_map_key = events->key,
    .yajl_end_map = events->end_object,
    .yajl_start_array = events->begin_array,
    .yajl_end_array = events->end_array,
  };
  *failure = (struct json_failure){ .offset = find_bad_utf8((const unsigned char *)bytes, length) };
  if (failure->offset < length) {
    snprintf(failure->reason, sizeof failure->reason, "invalid bytes in UTF8 string");
    return -1;
  }
  yajl_handle parser = yajl_alloc(&callbacks, NULL, context);
  if (!parser) {
    snprintf(failure->reason, sizeof failure->reason, "out of memory");
    return -1;
  }
  reader->parser = parser;
  yajl_status status = yajl_parse(parser, (const unsigned char *)bytes, length);
  failure->offset = yajl_get_bytes_consumed(parser);
  failure->offset -= failure->offset > 0; /* it has consumed the byte that it complains about */
  if (status == yajl_status_ok) {
    status = yajl_complete_parse(parser);
    failure->offset = length;
  }
  if (status == yajl_status_error)
    copy_reason(failure, parser);
  reader->parser = NULL;
  yajl_free(parser);
  return status == yajl_status_ok ? 0 : -1;
}

size_t json_offset(const struct json_reader *reader)
{
  return reader->parser ? yajl_get_bytes_consumed(reader->parser) : 0;
}
