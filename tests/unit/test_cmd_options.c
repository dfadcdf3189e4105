/* SPDX-License-Identifier: Apache-2.0
 * The option parser: every form that callers use, and what it says when they err. */
#include "cmd/options.h"
#include "unit.h"

struct values {
  bool flag, other;
  const char *string;
  unsigned count;
  long choice;
  struct strings list;
};

enum { RED = 7, GREEN };
static const struct name colours[] = { { "red", RED }, { "green", GREEN }, { 0 } };
#define AT(member) OPTION_AT(struct values, member)
static const struct option_row shared_rows[] = {
  { .name = "string", .letter = 'b', .value = "TEXT", .kind = OPTION_STRING, AT(string), .help = "a text" },
  { .name = "count", .value = "N", .kind = OPTION_COUNT, AT(count), .help = "a number" },
  { 0 },
};
static const struct option_row rows[] = {
  { .name = "flag", .letter = 'f', .other_letter = 'F', .kind = OPTION_FLAG, AT(flag), .help = "a flag" },
  { .name = "other", .letter = 'o', .kind = OPTION_FLAG, AT(other), .help = "another" },
  { .name = "colour",
    .letter = 'c',
    .value = "red|green",
    .kind = OPTION_CHOICE,
    .choices = colours,
    AT(choice),
    .help = "a colour" },
  { .name = "env", .letter = 'e', .value = "NAME=VALUE", .kind = OPTION_LIST, AT(list), .help = "repeat" },
  { .name = "rare", .kind = OPTION_FLAG, AT(flag), .help = "only in the manual", .manual_only = true },
  { .more = shared_rows },
};
static const struct option_row no_rows[] = { { 0 } };

/* A row: the words, separated by spaces; "_" stands for an empty one. Values print as
 * "flag other string count choice list... | arguments...", errors as the message. */
static const struct row {
  enum options_end end;
  const char *words, *expected;
} cases[] = {
  { OPTIONS_ANYWHERE, "", "- - - 0 0 |" },
  { OPTIONS_ANYWHERE, "a b", "- - - 0 0 | a b" },
  { OPTIONS_ANYWHERE, "--flag a", "f - - 0 0 | a" },
  { OPTIONS_ANYWHERE, "-flag a", "f - - 0 0 | a" },
  { OPTIONS_ANYWHERE, "-f a", "f - - 0 0 | a" },
  { OPTIONS_ANYWHERE, "-F", "f - - 0 0 |" },
  { OPTIONS_ANYWHERE, "-fo", "f o - 0 0 |" },
  { OPTIONS_ANYWHERE, "--flag=true --other=1", "f o - 0 0 |" },
  { OPTIONS_ANYWHERE, "--flag --flag=false -o -o=0", "- - - 0 0 |" },
  { OPTIONS_ANYWHERE, "--string x", "- - x 0 0 |" },
  { OPTIONS_ANYWHERE, "--string=x", "- - x 0 0 |" },
  { OPTIONS_ANYWHERE, "-string x", "- - x 0 0 |" },
  { OPTIONS_ANYWHERE, "-string=x", "- - x 0 0 |" },
  { OPTIONS_ANYWHERE, "-b x", "- - x 0 0 |" },
  { OPTIONS_ANYWHERE, "-b=x", "- - x 0 0 |" },
  { OPTIONS_ANYWHERE, "-bx", "- - x 0 0 |" },
  { OPTIONS_ANYWHERE, "-fbx", "f - x 0 0 |" },
  { OPTIONS_ANYWHERE, "-fb x y", "f - x 0 0 | y" },
  { OPTIONS_ANYWHERE, "--string a=b=c", "- - a=b=c 0 0 |" },
  { OPTIONS_ANYWHERE, "--string=a=b", "- - a=b 0 0 |" },
  { OPTIONS_ANYWHERE, "--string= a", "- -  0 0 | a" },
  { OPTIONS_ANYWHERE, "--string _ a", "- -  0 0 | a" },
  { OPTIONS_ANYWHERE, "--string --flag", "- - --flag 0 0 |" },
  { OPTIONS_ANYWHERE, "--string x --string y", "- - y 0 0 |" },
  { OPTIONS_ANYWHERE, "--count 12 --colour green", "- - - 12 8 |" },
  { OPTIONS_ANYWHERE, "-c red -c=green", "- - - 0 8 |" },
  { OPTIONS_ANYWHERE, "-e A=1 --env B=2 --env=C=3 -eD", "- - - 0 0 A=1 B=2 C=3 D |" },
  { OPTIONS_ANYWHERE, "a --flag b", "f - - 0 0 | a b" },
  { OPTIONS_BEFORE, "a --flag b", "- - - 0 0 | a --flag b" },
  { OPTIONS_BEFORE, "-o a -- -l", "- o - 0 0 | a -- -l" },
  { OPTIONS_BEFORE, "-- --flag b", "- - - 0 0 | --flag b" },
  { OPTIONS_ANYWHERE, "-- --flag -- b", "- - - 0 0 | --flag -- b" },
  { OPTIONS_ANYWHERE, "- _", "- - - 0 0 | - " },
  { OPTIONS_ANYWHERE, "-f --help --nonsense", "help" },
  { OPTIONS_ANYWHERE, "-h", "help" },
  { OPTIONS_BEFORE, "a --help", "- - - 0 0 | a --help" },
  { OPTIONS_ANYWHERE, "--string",
    "option '--string' requires an argument (flag needs an argument: -string)" },
  { OPTIONS_ANYWHERE, "-fb", "option '--string' requires an argument (flag needs an argument: -string)" },
  { OPTIONS_ANYWHERE, "--strin x", "unknown option '--strin' (did you mean '--string'?)" },
  { OPTIONS_ANYWHERE, "--zzzzzzzz=secret", "unknown option '--zzzzzzzz'" },
  { OPTIONS_ANYWHERE, "-x", "unknown option '-x'" },
  { OPTIONS_ANYWHERE, "--f", "unknown option '--f'" },
  { OPTIONS_ANYWHERE, "--=x", "unknown option '--'" },
  { OPTIONS_ANYWHERE, "--flag=maybe", "option '--flag' is true or false, not 'maybe'" },
  { OPTIONS_ANYWHERE, "--flag=", "option '--flag' is true or false, not ''" },
  { OPTIONS_ANYWHERE, "--colour blue", "option '--colour' must be red|green, not 'blue'" },
  { OPTIONS_ANYWHERE, "--count -1", "option '--count' must be a number from 0 to 65536, not '-1'" },
  { OPTIONS_ANYWHERE, "--count 65537", "option '--count' must be a number from 0 to 65536, not '65537'" },
  { OPTIONS_ANYWHERE, "--count 1x", "option '--count' must be a number from 0 to 65536, not '1x'" },
  { OPTIONS_ANYWHERE, "--count _", "option '--count' must be a number from 0 to 65536, not ''" },
};

static char **split(struct arena *arena, const char *words)
{
  size_t count = 0;
  char **parts = text_split(arena, words, ' ', &count);
  if (!*words)
    parts[0] = NULL;
  for (char **part = parts; *part; part++)
    if (text_equal(*part, "_"))
      *part = arena_strdup(arena, "");
  return parts;
}

static const char *outcome(struct arena *arena, const struct row *row)
{
  struct values v = { 0 };
  struct arguments arguments;
  struct error err = { 0 };
  struct text out;
  char message[300];
  text_init(&out, arena);
  if (options_parse(rows, &v, row->end, arena, split(arena, row->words), &arguments, &err) < 0) {
    (void)error_format(&err, message, sizeof message);
    CHECK(err.kind == ERROR_USAGE);
    return arena_strdup(arena, message);
  }
  if (arguments.help)
    return "help";
  text_addf(&out, "%s %s %s %u %ld", v.flag ? "f" : "-", v.other ? "o" : "-", v.string ? v.string : "-",
            v.count, v.choice);
  for (size_t i = 0; i < v.list.count; i++)
    text_addf(&out, " %s", v.list.items[i]);
  text_add(&out, " |");
  for (size_t i = 0; i < arguments.count; i++)
    text_addf(&out, " %s", arguments.items[i]);
  CHECK(arguments.items[arguments.count] == NULL);
  return text_string(&out);
}

static void test_parse(void)
{
  for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
    struct arena arena = ARENA_INIT;
    unit_at(cases[i].words);
    CHECK_STRING(outcome(&arena, &cases[i]), cases[i].expected);
    arena_release(&arena);
  }
}

static void test_stored_before_error(void)
{
  unit_at(NULL);
  struct arena arena = ARENA_INIT;
  struct values v = { 0 };
  struct arguments arguments;
  struct error err = { 0 };
  int rc =
      options_parse(rows, &v, OPTIONS_BEFORE, &arena, split(&arena, "--string x --bad"), &arguments, &err);
  CHECK(rc == -1);
  CHECK(text_equal(v.string, "x"));
  arena_release(&arena);
}

static void test_no_options(void)
{
  struct arena arena = ARENA_INIT;
  struct arguments arguments;
  struct error err = { 0 };
  CHECK(options_parse(no_rows, NULL, OPTIONS_ANYWHERE, &arena, split(&arena, "a"), &arguments, &err) == 0);
  CHECK(arguments.count == 1);
  CHECK(options_parse(no_rows, NULL, OPTIONS_ANYWHERE, &arena, split(&arena, "-a"), &arguments, &err) == -1);
  arena_release(&arena);
}

static void test_help(void)
{
  struct arena arena = ARENA_INIT;
  struct text out;
  text_init(&out, &arena);
  options_help(rows, &out);
  const char *help = text_string(&out);
  CHECK(strstr(help, "  -f, --flag              a flag\n") != NULL);
  CHECK(strstr(help, "      --count N           a number\n") != NULL);
  CHECK(strstr(help, "  -b, --string TEXT       a text\n") != NULL);
  CHECK(strstr(help, "  -h, --help ") != NULL);
  CHECK(strstr(help, "only in the manual") == NULL);
  arena_release(&arena);
}

static void test_wrap(void)
{
  struct arena arena = ARENA_INIT;
  struct text out;
  text_init(&out, &arena);
  options_wrap(&out, "one two", 73);
  CHECK_STRING(text_string(&out),
               "one\n"
               "                                                                         two\n");
  text_init(&out, &arena);
  options_wrap(&out, "incomprehensible", 73); /* nowhere to break */
  CHECK_STRING(text_string(&out), "incomprehensible\n");
  arena_release(&arena);
}

int main(void)
{
  test_parse();
  test_stored_before_error();
  test_no_options();
  test_help();
  test_wrap();
  return unit_finish();
}
