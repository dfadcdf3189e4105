/* SPDX-License-Identifier: Apache-2.0
 * Finds the line and column of JSON pointers by reading the text once more: only failing commands pay for it.
 * */
#include "spec/decode.h"
#include "spec/json_read.h"
#include "spec/pointer.h"
#include "spec/problem.h"

#include <string.h>

struct level {
  bool array;
  size_t index;
  size_t outer; /* length of the pointer outside of this bracket */
};

struct search {
  struct json_reader reader;
  struct problems *problems;
  const char *bytes;
  struct pointer pointer; /* of the current value */
  unsigned depth;
  struct level levels[CONFIG_MAX_DEPTH];
  size_t found[PROBLEMS_MAX]; /* offset + 1 of the innermost value on the way */
};

/* True if 'outer' is 'inner' or around it. */
static bool is_around(const struct pointer *outer, const char *inner)
{
  return strncmp(inner, outer->text, outer->length) == 0
         && (inner[outer->length] == '\0' || inner[outer->length] == '/');
}

static unsigned kept(const struct problems *problems)
{
  return problems->count < PROBLEMS_MAX ? problems->count : PROBLEMS_MAX;
}

/* In an array each value extends the pointer by itself; in an object its key did. */
static int visit(struct search *s, size_t literal_length)
{
  struct level *level = s->depth > 0 ? &s->levels[s->depth - 1] : NULL;
  if (level && level->array) {
    pointer_pop(&s->pointer, level->outer);
    pointer_push_index(&s->pointer, level->index++);
  }
  for (unsigned i = 0; i < kept(s->problems); i++)
    if (is_around(&s->pointer, s->problems->items[i].pointer))
      s->found[i] = 1 + problem_token_start(s->bytes, json_offset(&s->reader), literal_length);
  return 1;
}

static int visit_null(void *context)
{
  return visit(context, 4);
}

static int visit_boolean(void *context, int value)
{
  return visit(context, value ? 4 : 5);
}

static int visit_number(void *context, const char *literal, size_t length)
{
  (void)literal;
  return visit(context, length);
}

static int visit_string(void *context, const unsigned char *string, size_t length)
{
  (void)string, (void)length;
  return visit(context, 0);
}

static int open_level(struct search *s, bool array)
{
  visit(s, 1);
  if (s->depth == CONFIG_MAX_DEPTH)
    return 0;
  s->levels[s->depth++] = (struct level){ .array = array, .outer = s->pointer.length };
  return 1;
}

static int open_object(void *context)
{
  return open_level(context, false);
}

static int open_array(void *context)
{
  return open_level(context, true);
}

static int visit_key(void *context, const unsigned char *key, size_t length)
{
  struct search *s = context;
  char text[sizeof s->pointer.text];
  size_t room = length < sizeof text - 1 ? length : sizeof text - 1;
  memcpy(text, key, room);
  text[room] = '\0';
  pointer_pop(&s->pointer, s->levels[s->depth - 1].outer);
  pointer_push(&s->pointer, text);
  return 1;
}

static int close_level(void *context)
{
  struct search *s = context;
  pointer_pop(&s->pointer, s->levels[--s->depth].outer);
  return 1;
}

static const struct json_events search_events = {
  .null = visit_null,
  .boolean = visit_boolean,
  .number = visit_number,
  .string = visit_string,
  .begin_object = open_object,
  .key = visit_key,
  .end_object = close_level,
  .begin_array = open_array,
  .end_array = close_level,
};

void problems_place(struct problems *problems, const char *bytes, size_t length)
{
  struct search s;
  memset(&s, 0, sizeof s);
  s.problems = problems;
  s.bytes = bytes;
  struct json_failure failure;
  (void)json_read(&s.reader, &search_events, &s, bytes, length, &failure); /* it was read before */
  for (unsigned i = 0; i < kept(problems); i++)
    if (problems->items[i].line == 0 && s.found[i] > 0)
      problem_place(&problems->items[i], bytes, s.found[i] - 1);
}
