/* SPDX-License-Identifier: Apache-2.0
 * Requests and replies as text. */
#include "cgroups/systemd_wire.h"
#include "libcontainer/base/names.h"
#include "libcontainer/base/numbers.h"
#include <ctype.h>
#include <errno.h>
#include <string.h>

#define GREETING "hull-systemd 1"
#define WORDS_MAX 40000 /* a mask of CPUs, or many devices */

static const struct name verbs[] = {
  { "attach", UNIT_ATTACH }, { "set", UNIT_SET }, { "start", UNIT_START }, { "stop", UNIT_STOP }, { NULL, 0 },
};
static const struct name managers[] = { { "system", false }, { "user", true }, { NULL, 0 } };
static const struct name needs[] = { { "optional", true }, { "required", false }, { NULL, 0 } };

/* --- writing ----------------------------------------------------------------------------------------- */

static void add_word(struct text *out, const char *word)
{
  text_add(out, " ");
  if (!*word)
    text_add(out, "%"); /* the empty word */
  for (const char *c = word; *c; c++)
    if (isgraph((unsigned char)*c) && *c != '%' && (unsigned char)*c < 0x80)
      text_add_bytes(out, c, 1);
    else
      text_addf(out, "%%%02x", (unsigned)(unsigned char)*c);
}

static void add_line(struct text *out, const char *key, const char *word)
{
  text_add(out, key);
  add_word(out, word);
  text_add(out, "\n");
}

void unit_request_write(const struct unit_request *request, struct text *out)
{
  text_add(out, GREETING "\n");
  add_line(out, "verb", names_of(verbs, request->verb));
  add_line(out, "manager", names_of(managers, request->user_manager));
  add_line(out, "unit", request->unit);
  add_line(out, "mark", request->mark ? request->mark : "");
  if (request->verb == UNIT_ATTACH)
    text_addf(out, "process %u\n", request->pid);
  const struct unit_property *p;
  vec_each (&request->properties, p) {
    text_add(out, "property");
    add_word(out, p->name);
    add_word(out, p->signature);
    add_word(out, names_of(needs, p->optional));
    char *const *value;
    vec_each (&p->values, value)
      add_word(out, *value);
    text_add(out, "\n");
  }
  text_add(out, "end\n");
}

void unit_reply_write(const struct unit_reply *reply, struct text *out)
{
  char *const *name;
  text_add(out, GREETING "\n");
  if (reply->control_group)
    add_line(out, "control-group", reply->control_group);
  vec_each (&reply->skipped, name)
    add_line(out, "skipped", *name);
  if (reply->property)
    add_line(out, "property", reply->property);
  if (reply->failed) {
    text_addf(out, "failed %d %d", (int)reply->kind, reply->errnum);
    add_word(out, reply->message ? reply->message : "");
    text_add(out, "\n");
  }
  text_add(out, "end\n");
}

/* --- reading ----------------------------------------------------------------------------------------- */

struct reader {
  struct arena *arena;
  const char *at;
  struct strings words; /* of the current line */
};

static int broken(struct error *err)
{
  return error_set(err, ERROR_INTERNAL, EBADMSG,
                   "hull and hull-systemd do not understand each other: are "
                   "they of the same version?");
}

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One word; false if it is not of the form. */
static bool take_word(struct reader *r)
{
  struct text out;
  text_init(&out, r->arena);
  if (r->at[0] == '%' && (r->at[1] == ' ' || r->at[1] == '\n')) {
    r->at++;
  } else {
    if (!isgraph((unsigned char)*r->at))
      return false;
    for (; isgraph((unsigned char)*r->at); r->at++) {
      char c = *r->at;
      if (c == '%') {
        int high = hex_digit(r->at[1]), low = high < 0 ? -1 : hex_digit(r->at[2]);
        if (low < 0 || (high == 0 && low == 0))
          return false;
        c = (char)(high << 4 | low);
        r->at += 2;
      }
      text_add_bytes(&out, &c, 1);
    }
  }
  *(const char **)vec_push(r->arena, &r->words) = text_string(&out);
  return true;
}

/* The words of the next line; false if it is no line. */
static bool take_line(struct reader *r)
{
  r->words = (struct strings){ 0 };
  for (;;) {
    if (r->words.count == WORDS_MAX || !take_word(r))
      return false;
    if (*r->at == '\n')
      break;
    if (*r->at++ != ' ')
      return false;
  }
  r->at++;
  return true;
}

static bool begin(struct reader *r, struct arena *arena, const char *message)
{
  *r = (struct reader){ .arena = arena, .at = message };
  if (!text_starts_with(message, GREETING "\n"))
    return false;
  r->at += strlen(GREETING "\n");
  return true;
}

static bool is_line(const struct reader *r, const char *key, size_t words)
{
  return r->words.count == words && text_equal(r->words.items[0], key);
}

static bool is_end(const struct reader *r)
{
  return is_line(r, "end", 1);
}

/* Takes the line "KEY NAME", NAME being of the table. */
static bool take_name(struct reader *r, const char *key, const struct name *table, long *value)
{
  if (!take_line(r) || !is_line(r, key, 2))
    return false;
  const struct name *row = names_find(table, r->words.items[1]);
  if (row)
    *value = row->value;
  return row != NULL;
}

static bool take_string(struct reader *r, const char *key, const char **value)
{
  if (!take_line(r) || !is_line(r, key, 2))
    return false;
  *value = r->words.items[1];
  return true;
}

static bool take_property(const struct reader *r, struct unit_request *request)
{
  const struct strings *words = &r->words;
  const char *end;
  if (words->count < 4 || !text_equal(words->items[0], "property"))
    return false;
  const struct name *need = names_find(needs, words->items[3]);
  if (!need || !unit_signature_valid(words->items[2], &end) || *end)
    return false;
  struct unit_property *p =
      unit_property_add(r->arena, &request->properties, words->items[1], words->items[2],
                        (const char *const *)words->items + 4, words->count - 4);
  p->optional = need->value;
  return true;
}

static bool take_process(const struct reader *r, struct unit_request *request)
{
  uint64_t pid;
  if (request->verb != UNIT_ATTACH || request->pid > 0 || !is_line(r, "process", 2)
      || parse_u64(r->words.items[1], INT32_MAX, &pid) < 0 || pid == 0)
    return false;
  request->pid = (uint32_t)pid;
  return true;
}

int unit_request_read(struct arena *arena, const char *message, struct unit_request *request,
                      struct error *err)
{
  struct reader r;
  long verb, manager;
  *request = (struct unit_request){ .verb = UNIT_SET };
  if (!begin(&r, arena, message) || !take_name(&r, "verb", verbs, &verb)
      || !take_name(&r, "manager", managers, &manager) || !take_string(&r, "unit", &request->unit)
      || !take_string(&r, "mark", &request->mark) || !*request->unit)
    return broken(err);
  request->verb = (enum unit_verb)verb;
  request->user_manager = manager;
  for (;;) {
    if (!take_line(&r))
      return broken(err);
    if (is_end(&r))
      return *r.at || (request->verb == UNIT_ATTACH && !request->pid) ? broken(err) : 0;
    if (!take_property(&r, request) && !take_process(&r, request))
      return broken(err);
  }
}

static bool take_failure(const struct reader *r, struct unit_reply *reply)
{
  uint64_t kind, errnum;
  if (reply->failed || parse_u64(r->words.items[1], ERROR_INTERNAL, &kind) < 0 || kind == ERROR_NONE
      || parse_u64(r->words.items[2], INT16_MAX, &errnum) < 0)
    return false;
  reply->failed = true;
  reply->kind = (enum error_kind)kind;
  reply->errnum = (int)errnum;
  reply->message = r->words.items[3];
  return true;
}

int unit_reply_read(struct arena *arena, const char *message, struct unit_reply *reply, struct error *err)
{
  struct reader r;
  *reply = (struct unit_reply){ .failed = false };
  if (!begin(&r, arena, message))
    return broken(err);
  for (;;) {
    if (!take_line(&r))
      return broken(err);
    if (is_end(&r))
      return *r.at ? broken(err) : 0;
    if (is_line(&r, "control-group", 2) && !reply->control_group)
      reply->control_group = r.words.items[1];
    else if (is_line(&r, "property", 2) && !reply->property)
      reply->property = r.words.items[1];
    else if (is_line(&r, "skipped", 2))
      *(char **)vec_push(arena, &reply->skipped) = r.words.items[1];
    else if (!is_line(&r, "failed", 4) || !take_failure(&r, reply))
      return broken(err);
  }
}
