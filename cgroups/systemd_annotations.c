/* SPDX-License-Identifier: Apache-2.0
 * org.systemd.property.NAME annotations: values in GVariant text form to D-Bus values. Of that form, what
 * properties of units need: no dictionaries, variants, maybes or byte strings. Pure. */
#include "cgroups/unit.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/text.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "org.systemd.property."
#define NAME_MIN 3
#define SIGNATURE_BYTES 64
#define NESTING_MAX 8
#define NUMBER_BYTES 64
#define DIGITS_MAX 20     /* of UINT64_MAX */
#define HEX_DIGITS_MAX 18 /* with "0x" */
#define USEC_PER_SEC 1000000u

/* --- signatures -------------------------------------------------------------------------------------- */

#define BASIC_TYPES "bynqiuxtdsog"

static bool skip_type(const char **at, unsigned depth)
{
  if (depth > NESTING_MAX)
    return false;
  while (**at == 'a') {
    ++*at;
    if (++depth > NESTING_MAX)
      return false;
  }
  if (**at == '(') {
    ++*at;
    if (**at == ')') /* D-Bus has no empty structures */
      return false;
    while (**at != ')')
      if (!skip_type(at, depth + 1))
        return false;
    ++*at;
    return true;
  }
  if (!**at || !strchr(BASIC_TYPES, **at))
    return false;
  ++*at;
  return true;
}

bool unit_signature_valid(const char *signature, const char **end)
{
  const char *at = signature;
  bool valid = skip_type(&at, 0) && at - signature < SIGNATURE_BYTES;
  *end = at;
  return valid;
}

/* --- values ------------------------------------------------------------------------------------------ */

struct parser {
  struct arena *arena;
  const char *at;
  struct unit_property *property;
  char signature[SIGNATURE_BYTES]; /* of what was parsed so far */
  size_t length;
  const char *fault;
};

static const struct {
  const char *word;
  char type;
} type_words[] = {
  { "boolean", 'b' }, { "byte", 'y' },   { "int16", 'n' },      { "uint16", 'q' },
  { "int32", 'i' },   { "uint32", 'u' }, { "int64", 'x' },      { "uint64", 't' },
  { "double", 'd' },  { "string", 's' }, { "objectpath", 'o' }, { "signature", 'g' },
};

static bool parse_value(struct parser *p, const char *wanted, unsigned depth);

static bool fail(struct parser *p, const char *fault)
{
  if (!p->fault)
    p->fault = fault;
  return false;
}

static bool add_type(struct parser *p, char type)
{
  if (p->length + 1 >= sizeof p->signature)
    return fail(p, "its type is too long");
  p->signature[p->length++] = type;
  p->signature[p->length] = '\0';
  return true;
}

static char **add_value(struct parser *p, const char *value)
{
  char **slot = vec_push(p->arena, &p->property->values);
  *slot = arena_strdup(p->arena, value);
  return slot;
}

static void skip_space(struct parser *p)
{
  while (isspace((unsigned char)*p->at))
    p->at++;
}

static bool take_word(struct parser *p, const char *word)
{
  size_t length = strlen(word);
  if (strncmp(p->at, word, length) != 0 || isalnum((unsigned char)p->at[length]))
    return false;
  p->at += length;
  return true;
}

static bool parse_boolean(struct parser *p)
{
  if (take_word(p, "true"))
    (void)add_value(p, "1");
  else if (take_word(p, "false"))
    (void)add_value(p, "0");
  else
    return fail(p, "a boolean is 'true' or 'false'");
  return add_type(p, 'b');
}

static bool put_character(struct parser *p, struct text *out)
{
  static const char escapes[] = "a\ab\bf\fn\nr\rt\tv\v\\\\''\"\"";
  if (*p->at != '\\') {
    text_add_bytes(out, p->at++, 1);
    return true;
  }
  p->at++;
  for (const char *e = escapes; *p->at && *e; e += 2)
    if (*e == *p->at) {
      text_add_bytes(out, e + 1, 1);
      p->at++;
      return true;
    }
  return fail(p, "it has an escape that is not known");
}

static bool parse_string(struct parser *p, char type)
{
  char quote = *p->at;
  struct text out;
  text_init(&out, p->arena);
  if (quote != '\'' && quote != '"')
    return fail(p, "a string stands in quotes");
  p->at++;
  while (*p->at != quote) {
    if (!*p->at)
      return fail(p, "a string has no end");
    if (!put_character(p, &out))
      return false;
  }
  p->at++;
  (void)add_value(p, text_string(&out));
  return add_type(p, type);
}

static bool parse_double(struct parser *p, const char *number)
{
  char *end;
  double value = strtod(number, &end);
  if (end == number || *end || !(value > -1e300 && value < 1e300))
    return fail(p, "a number can't be understood");
  (void)add_value(p, number);
  return add_type(p, 'd');
}

static bool parse_integer(struct parser *p, const char *number, char type)
{
  static const struct {
    char type;
    int64_t min;
    uint64_t max;
  } ranges[] = {
    { 'y', 0, UINT8_MAX },         { 'n', INT16_MIN, INT16_MAX }, { 'q', 0, UINT16_MAX },
    { 'i', INT32_MIN, INT32_MAX }, { 'u', 0, UINT32_MAX },        { 'x', INT64_MIN, INT64_MAX },
    { 't', 0, UINT64_MAX },
  };
  bool negative = *number == '-';
  const char *digits = number + (negative || *number == '+');
  bool hexadecimal = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
  size_t count = strspn(digits, hexadecimal ? "0123456789abcdefABCDEFxX" : "0123456789");
  if (count == 0 || digits[count] || count > (hexadecimal ? HEX_DIGITS_MAX : DIGITS_MAX))
    return fail(p, "a number can't be understood");
  char *end;
  unsigned long long value = strtoull(digits, &end, hexadecimal ? 16 : 10);
  /* 20 digits may be more than 2^64: strtoull says ULLONG_MAX then. */
  bool overflow = value == UINT64_MAX && strcmp(digits, "18446744073709551615") != 0 && !hexadecimal;
  if (*end || overflow)
    return fail(p, "a number can't be understood");
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    if (ranges[i].type != type)
      continue;
    if (negative ? value > (uint64_t)0 - (uint64_t)ranges[i].min : value > ranges[i].max)
      return fail(p, "a number does not fit its type");
    (void)add_value(p, arena_printf(p->arena, "%s%llu", negative && value ? "-" : "", value));
    return add_type(p, type);
  }
  return fail(p, "it is a number, and another type was expected");
}

static bool parse_number(struct parser *p, char type)
{
  char number[NUMBER_BYTES];
  size_t length = strspn(p->at, "+-.0123456789abcdefABCDEFxX");
  if (length == 0)
    return fail(p, "it can't be understood as a GVariant");
  if (length >= sizeof number)
    return fail(p, "a number is too long");
  memcpy(number, p->at, length);
  number[length] = '\0';
  p->at += length;
  bool is_hexadecimal = strpbrk(number, "xX") != NULL;
  if (type == 'd' || (!type && !is_hexadecimal && strpbrk(number, ".eE")))
    return parse_double(p, number);
  return parse_integer(p, number, type ? type : 'i');
}

/* Elements up to 'close'. 'element': signature of each, NULL: that of the first. */
static bool parse_array(struct parser *p, const char *element, unsigned depth)
{
  p->at++;
  if (!add_type(p, 'a'))
    return false;
  char first[SIGNATURE_BYTES] = "";
  size_t start = p->length, slot = p->property->values.count;
  unsigned long count = 0;
  (void)add_value(p, "");
  for (skip_space(p); *p->at != ']'; skip_space(p)) {
    if (count > 0 && *p->at++ != ',')
      return fail(p, "elements of an array are divided by commas");
    p->length = start; /* each says the same */
    if (!parse_value(p, element, depth + 1))
      return false;
    if (!element) {
      memcpy(first, p->signature + start, p->length - start + 1);
      element = first;
    }
    count++;
  }
  p->at++;
  if (count == 0 && !element)
    return fail(p, "an empty array needs its type before it, as in '@as []'");
  if (count == 0)
    for (const char *t = element; *t; t++)
      if (!add_type(p, *t))
        return false;
  p->property->values.items[slot] = arena_printf(p->arena, "%lu", count);
  return true;
}

/* 'members': their signatures, without parentheses; NULL: any. */
static bool parse_tuple(struct parser *p, const char *members, unsigned depth)
{
  unsigned count = 0;
  p->at++;
  if (!add_type(p, '('))
    return false;
  for (skip_space(p); *p->at != ')'; skip_space(p), count++) {
    char member[SIGNATURE_BYTES] = "";
    const char *end = members;
    if (count > 0) {
      if (*p->at++ != ',')
        return fail(p, "members of a tuple are divided by commas");
      skip_space(p);
      if (*p->at == ')') /* "('a',)" is a tuple of one */
        break;
    }
    if (members) {
      if (*members == ')' || !unit_signature_valid(members, &end))
        return fail(p, "a tuple has too many members");
      memcpy(member, members, (size_t)(end - members));
      member[end - members] = '\0';
      members = end;
    }
    if (!parse_value(p, members ? member : NULL, depth + 1))
      return false;
  }
  p->at++;
  if (members && *members != ')')
    return fail(p, "a tuple has too few members");
  return count == 0 ? fail(p, "a tuple has no members") : add_type(p, ')');
}

/* "@as […]" and "uint64 5" say the type themselves. */
static bool parse_typed(struct parser *p, const char *wanted, unsigned depth)
{
  char type[SIGNATURE_BYTES] = "";
  if (*p->at == '@') {
    const char *end;
    if (!unit_signature_valid(++p->at, &end))
      return fail(p, "the type after '@' can't be understood");
    memcpy(type, p->at, (size_t)(end - p->at));
    type[end - p->at] = '\0';
    p->at = end;
  }
  for (size_t i = 0; !*type && i < sizeof type_words / sizeof *type_words; i++)
    if (take_word(p, type_words[i].word))
      type[0] = type_words[i].type;
  if (wanted && !text_equal(type, wanted))
    return fail(p, "elements of an array have different types");
  return parse_value(p, type, depth + 1);
}

static bool starts_type(struct parser *p)
{
  if (*p->at == '@')
    return true;
  struct parser copy = *p;
  for (size_t i = 0; i < sizeof type_words / sizeof *type_words; i++)
    if (take_word(&copy, type_words[i].word))
      return true;
  return false;
}

/* 'wanted': the type that it must have, NULL: any. */
static bool parse_value(struct parser *p, const char *wanted, unsigned depth)
{
  skip_space(p);
  char type = wanted ? *wanted : '\0';
  if (depth > NESTING_MAX)
    return fail(p, "it is nested too deeply");
  if (starts_type(p))
    return parse_typed(p, wanted, depth);
  if (*p->at == '[')
    return type && type != 'a' ? fail(p, "an array was not expected")
                               : parse_array(p, wanted ? wanted + 1 : NULL, depth);
  if (*p->at == '(')
    return type && type != '(' ? fail(p, "a tuple was not expected")
                               : parse_tuple(p, wanted ? wanted + 1 : NULL, depth);
  if (type == 'b' || (!type && (*p->at == 't' || *p->at == 'f')))
    return parse_boolean(p);
  if (type == 's' || type == 'o' || type == 'g' || (!type && (*p->at == '\'' || *p->at == '"')))
    return parse_string(p, type ? type : 's');
  return parse_number(p, type);
}

const char *unit_value_parse(struct arena *arena, const char *text, struct unit_property *property)
{
  struct parser p = { .arena = arena, .at = text, .property = property };
  property->values = (struct strings){ 0 };
  if (!parse_value(&p, NULL, 0))
    return p.fault;
  skip_space(&p);
  if (*p.at)
    return "something follows the value";
  property->signature = arena_strdup(arena, p.signature);
  return NULL;
}

/* --- annotations ------------------------------------------------------------------------------------- */

/* What hull's own work rests on. */
static const char *const own_properties[] = { "Delegate", "PIDs", "PIDFDs", "Slice" };

static const char *fault_of_name(const char *name)
{
  if (strlen(name) < NAME_MIN)
    return "is no name of a property: too short";
  for (const char *c = name; *c; c++)
    if (!isalpha((unsigned char)*c))
      return "is no name of a property: only letters can be in it";
  for (size_t i = 0; i < sizeof own_properties / sizeof *own_properties; i++)
    if (text_equal(name, own_properties[i]))
      return "is a property that hull sets itself";
  return NULL;
}

static bool is_seconds(const char *name)
{
  size_t length = strlen(name);
  return text_ends_with(name, "Sec") && length > 3 && islower((unsigned char)name[length - 4]);
}

/* "TimeoutStopSec" exists in unit files only; the property is TimeoutStopUSec. */
static const char *to_microseconds(struct arena *arena, struct unit_property *p)
{
  const char *value = p->values.count == 1 ? p->values.items[0] : "";
  uint64_t seconds = 0;
  if (strlen(p->signature) != 1 || !strchr("ynqiuxtd", *p->signature))
    return "is a time in seconds, and so a number";
  if (*p->signature == 'd') {
    double real = strtod(value, NULL);
    if (!(real >= 0 && real < (double)UINT64_MAX / USEC_PER_SEC))
      return "is a time in seconds that is out of range";
    p->values.items[0] = arena_printf(arena, "%" PRIu64, (uint64_t)(real * USEC_PER_SEC));
  } else {
    if (parse_u64(value, UINT64_MAX / USEC_PER_SEC, &seconds) < 0)
      return "is a time in seconds that is out of range";
    p->values.items[0] = arena_printf(arena, "%" PRIu64, seconds * USEC_PER_SEC);
  }
  p->name = arena_printf(arena, "%.*sUSec", (int)(strlen(p->name) - strlen("Sec")), p->name);
  p->signature = "t";
  return NULL;
}

static int add_annotation(struct arena *arena, const struct string_pair *pair,
                          struct unit_properties *properties, struct error *err)
{
  const char *name = pair->key + strlen(PREFIX);
  const char *origin = arena_printf(arena, "/annotations/%s", pair->key);
  const char *fault = fault_of_name(name);
  if (!fault) {
    struct unit_property *p = unit_property_add(arena, properties, name, "", NULL, 0);
    p->origin = origin;
    const char *bad_value = unit_value_parse(arena, pair->value, p);
    if (bad_value) {
      (void)error_set(err, ERROR_CONFIG, 0, "'%s' is no value for systemd property '%s': %s", pair->value,
                      name, bad_value);
      return error_at(err, origin);
    }
    fault = is_seconds(name) ? to_microseconds(arena, p) : NULL;
  }
  if (!fault)
    return 0;
  (void)error_set(err, ERROR_CONFIG, 0, "'%s' %s", name, fault);
  return error_at(err, origin);
}

int unit_properties_of_annotations(struct arena *arena, const string_map *annotations,
                                   struct unit_properties *properties, struct error *err)
{
  const struct string_pair *pair;
  vec_each (annotations, pair) {
    if (text_starts_with(pair->key, PREFIX) && add_annotation(arena, pair, properties, err) < 0)
      return -1;
  }
  return 0;
}
