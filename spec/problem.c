/* SPDX-License-Identifier: Apache-2.0
 * Problems of a document: collecting them, finding their place in the text, telling them. */
#include "spec/decode.h"
#include "spec/problem.h"
#include "libcontainer/base/text.h"

#include <stdio.h>
#include <string.h>

static struct problem *next_problem(struct problems *problems, bool warning)
{
  if (!warning)
    problems->errors++;
  unsigned at = problems->count++;
  if (at < PROBLEMS_MAX)
    return &problems->items[at];
  if (warning)
    return NULL;
  /* An error must not be lost behind warnings. */
  for (struct problem *p = problems->items; p < problems->items + PROBLEMS_MAX; p++)
    if (p->warning)
      return p;
  return NULL;
}

bool problems_judged(const struct problems *problems, const char *pointer)
{
  const size_t length = strlen(pointer);
  for (unsigned i = 0; i < problems->judged && i < PROBLEMS_MAX; i++) {
    const struct problem *known = &problems->items[i];
    if (!known->warning && text_starts_with(known->pointer, pointer)
        && (!known->pointer[length] || known->pointer[length] == '/'))
      return true;
  }
  return false;
}

struct problem *problem_add(struct problems *problems, bool warning, const char *pointer, const char *format,
                            ...)
{
  if (*pointer && problems_judged(problems, pointer))
    return NULL;
  struct problem *p = next_problem(problems, warning);
  if (!p)
    return NULL;
  char message[400];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  *p = (struct problem){
    .warning = warning,
    .pointer = arena_strdup(problems->arena, pointer),
    .message = arena_strdup(problems->arena, message),
  };
  return p;
}

void problem_place(struct problem *problem, const char *bytes, size_t offset)
{
  const char *line = bytes, *end = bytes + offset;
  problem->line = 1;
  for (const char *nl; line < end && (nl = memchr(line, '\n', (size_t)(end - line))) != NULL; line = nl + 1)
    problem->line++;
  problem->column = (unsigned)(end - line) + 1;
}

size_t problem_token_start(const char *bytes, size_t end, size_t literal_length)
{
  if (literal_length > 0 || end < 2 || bytes[end - 1] != '"')
    return end > literal_length ? end - literal_length : 0;
  for (size_t at = end - 1; at-- > 0;) {
    size_t escapes = 0;
    while (escapes < at && bytes[at - 1 - escapes] == '\\')
      escapes++;
    if (bytes[at] == '"' && escapes % 2 == 0)
      return at;
  }
  return end;
}

size_t problem_format(const struct problems *problems, const struct problem *p, char *buffer, size_t size)
{
  const char *document = problems->document ? problems->document : "config.json";
  char place[32] = "";
  if (p->line > 0)
    snprintf(place, sizeof place, ":%u:%u", p->line, p->column);
  int length = snprintf(buffer, size, "%s%s: %s%s%s", document, place, p->pointer, *p->pointer ? ": " : "",
                        p->message);
  return length > 0 ? (size_t)length : 0;
}

/* The innermost frame of an error has 768 bytes: whole lines as long as they fit, the rest is counted. */
#define ROOM 700

int problems_to_error(const struct problems *problems, struct error *err)
{
  char all[ROOM], line[1100];
  size_t used = 0;
  unsigned told = 0, kept = problems->count < PROBLEMS_MAX ? problems->count : PROBLEMS_MAX;
  for (unsigned i = 0; i < kept; i++) {
    const struct problem *p = &problems->items[i];
    if (p->warning)
      continue;
    size_t length = problem_format(problems, p, line, sizeof line);
    if (length + 2 > sizeof all - used) {
      if (told > 0)
        break;
      length = sizeof all - 2; /* a single very long line is cut */
    }
    if (told++ > 0)
      all[used++] = '\n';
    memcpy(all + used, line, length);
    used += length;
  }
  all[used] = '\0';
  if (told < problems->errors)
    return error_set(err, ERROR_CONFIG, 0, "%s\n(and %u more)", all, problems->errors - told);
  return error_set(err, ERROR_CONFIG, 0, "%s", all);
}
