/* SPDX-License-Identifier: Apache-2.0
 * What the decoder says about bytes that are no JSON, about limits of depth, size and number, and how it
 * reports several problems at once. The rows of the tables are tested by test_spec_input. */
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/types.h"
#include "tests/unit/unit.h"

#include <stdint.h>

static const struct {
  const char *json, *message; /* message NULL: taken */
} texts[] = {
  { "", "c: empty" },
  { " ", "not valid JSON: premature EOF" },
  { "{", "c:1:2: not valid JSON: premature EOF" },
  { "{\"ociVersion\": \"1.0", "not valid JSON: premature EOF" },
  { "{\"ociVersion\": \"1.0.0\"", "not valid JSON: premature EOF" },
  { "{\"ociVersion\": \"1.0.0\"} ", NULL },
  { "{\"ociVersion\": \"1.0.0\"}\n\n", NULL },
  { "{\"ociVersion\": \"1.0.0\"} x", "c:1:2" },
  { "{\"ociVersion\": \"1.0.0\"}{}", "trailing garbage" },
  { "{\"ociVersion\": \"1.0.0\"} // end", "not valid JSON" },
  { "{ /* why */ \"ociVersion\": \"1.0.0\"}", "not valid JSON: probable comment found in input text" },
  { "{\"ociVersion\": \"1.0.0\",}", "not valid JSON" },
  { "{'ociVersion': '1.0.0'}", "c:1:2: not valid JSON: invalid char in json text" },
  { "\xef\xbb\xbf{\"ociVersion\": \"1.0.0\"}", "byte order mark" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": \"\xff\"}", "not valid JSON: invalid bytes in UTF8 string" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": \"\xc0\x9e\"}",
    "not valid JSON: invalid bytes in UTF8 string" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": \"\xe0\x9f\xbf\"}",
    "not valid JSON: invalid bytes in UTF8 string" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": \"\xed\xa0\x80\"}",
    "not valid JSON: invalid bytes in UTF8 string" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": \"\xf0\x8f\xbf\xbf\"}",
    "not valid JSON: invalid bytes in UTF8 string" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": \"\xf4\x90\x80\x80\"}",
    "not valid JSON: invalid bytes in UTF8 string" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": \"a\nb\"}",
    "not valid JSON: invalid character inside string" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": 01}", "not valid JSON" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": NaN}", "not valid JSON" },
  { "null", "c:1:1: expected an object, got null" },
  { "5", "c:1:1: expected an object, got 5" },
  { "\"a\"", "c:1:1: expected an object, got \"a\"" },
  { "[]", "c:1:1: expected an object, got an array" },
  { "{}", "c:1:1: /ociVersion: required, but missing" },
  { "{\"ociVersion\": \"1.0.0\", \"unknown\": {\"a\": [1, null, \"x\", {\"b\": true}]}}", NULL },
  { "{\"ociVersion\": \"1.0.0\", \"new\": 1, \"new\": 2}", "c:1:35: /new: duplicate key" },
  { "{\"ociVersion\": \"1.0.0\", \"new\": {\"a\": 1, \"a\": 2}}", "c:1:41: /new/a: duplicate key" },
  { "{\"ociVersion\": \"1.0.0\", \"new\": {\"a\": 1}, \"b\": {\"a\": 2}}", NULL },
  { "{\"ociVersion\": \"1.0.0\",\n \"linux\": {\n  \"namespaces\": [{\"type\": \"netwrk\"}]}}",
    "c:3:27: /linux/namespaces/0/type: unknown value \"netwrk\" (did you mean \"network\"?)" },
  { "{\"ociVersion\": \"1.0.0\", \"mounts\": [{\"destination\": \"/a\"}, {\"type\": \"b\"}]}",
    "c:1:59: /mounts/1/destination: required, but missing" },
  { "{\"ociVersion\": \"1.0.0\", \"hostname\": 5, \"domainname\": true}",
    "c:1:37: /hostname: expected a string, got 5\nc:1:54: /domainname: expected a string, got true" },
};

static struct arena arena = ARENA_INIT;

static void decode_text(const char *json, size_t length, char *message, size_t size)
{
  struct problems problems = { .arena = &arena, .document = "c" };
  struct spec spec = { 0 };
  struct error err = { 0 };
  *message = '\0';
  if (decode(&config_type, &spec, json, length, &problems, NULL) < 0) {
    (void)problems_to_error(&problems, &err);
    (void)error_format(&err, message, size);
  }
  CHECK_NUMBER(err.kind, *message ? ERROR_CONFIG : ERROR_NONE);
}

static void test_texts(void)
{
  char message[2048];
  for (size_t i = 0; i < UNIT_COUNT(texts); i++) {
    unit_at(texts[i].json);
    decode_text(texts[i].json, strlen(texts[i].json), message, sizeof message);
    bool ok = texts[i].message ? strstr(message, texts[i].message) != NULL : *message == '\0';
    if (!CHECK(ok))
      printf("  got '%s'\n  wanted '%s'\n", message, texts[i].message ? texts[i].message : "");
  }
  unit_at(NULL);
}

/* Every prefix of a good document is refused, and nothing is read past its end (the sanitizers see to that).
 * */
static void test_truncation(void)
{
  static const char good[] =
      "{\"ociVersion\": \"1.0.0\", \"process\": {\"cwd\": \"/\", \"args\": [\"a\\u00e4\"],"
      " \"user\": {\"uid\": 12}, \"rlimits\": [{\"type\": \"RLIMIT_CPU\", \"soft\": 1, \"hard\": 2}]}}";
  char message[2048];
  for (size_t length = 0; length < sizeof good - 1; length++) {
    char *copy = malloc(length + 1);
    memcpy(copy, good, length);
    decode_text(copy, length, message, sizeof message);
    CHECK(*message != '\0');
    free(copy);
  }
  decode_text(good, sizeof good - 1, message, sizeof message);
  CHECK_STRING(message, "");
}

static struct text nested(unsigned brackets)
{
  struct text t;
  text_init(&t, &arena);
  text_add(&t, "{\"ociVersion\": \"1.0.0\", \"x\": ");
  for (unsigned i = 0; i < brackets; i++)
    text_add(&t, "[");
  for (unsigned i = 0; i < brackets; i++)
    text_add(&t, "]");
  text_add(&t, "}");
  return t;
}

static void test_depth(void)
{
  char message[2048];
  struct text deep = nested(CONFIG_MAX_DEPTH - 1);
  decode_text(deep.data, deep.length, message, sizeof message);
  CHECK_STRING(message, "");
  deep = nested(CONFIG_MAX_DEPTH);
  decode_text(deep.data, deep.length, message, sizeof message);
  CHECK(strstr(message, "nested deeper than 64 levels") != NULL);
  deep = nested(100000);
  decode_text(deep.data, deep.length, message, sizeof message);
  CHECK(strstr(message, "nested deeper than 64 levels") != NULL);
}

static void test_size(void)
{
  char message[2048];
  size_t length = CONFIG_MAX_BYTES + 1;
  char *large = malloc(length);
  memset(large, ' ', length);
  memcpy(large, "{\"ociVersion\": \"1.0.0\"}", 23);
  decode_text(large, length - 1, message, sizeof message);
  CHECK_STRING(message, "");
  decode_text(large, length, message, sizeof message);
  CHECK_STRING(message, "c: larger than 16 MiB");
  free(large);
}

static struct text repeated(const char *before, const char *what, unsigned count, const char *after)
{
  struct text t;
  text_init(&t, &arena);
  text_add(&t, before);
  for (unsigned i = 0; i < count; i++)
    text_addf(&t, "%s%s", i > 0 ? "," : "", what);
  text_add(&t, after);
  return t;
}

static void test_many_elements(void)
{
  static const char *const kinds[][3] = {
    { "{\"ociVersion\":\"1.0.0\",\"hooks\":{\"prestart\":[", "{\"path\":\"/a\"}", "]}}" },
    { "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"/\",\"args\":[", "\"\"", "]}}" },
    { "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"/\",\"user\":{\"additionalGids\":[", "1", "]}}}" },
    { "{\"ociVersion\":\"1.0.0\",\"unknown\":[", "{}", "]}" },
    { "{\"ociVersion\":\"1.0.0\",\"unknown\":[", "1", "]}" },
  };
  char message[2048];
  for (size_t i = 0; i < UNIT_COUNT(kinds); i++) {
    unit_at(kinds[i][0]);
    struct text many = repeated(kinds[i][0], kinds[i][1], 100000, kinds[i][2]);
    decode_text(many.data, many.length, message, sizeof message);
    CHECK_STRING(message, "");
    many = repeated(kinds[i][0], kinds[i][1], 140000, kinds[i][2]);
    decode_text(many.data, many.length, message, sizeof message);
    CHECK(strstr(message, "more than 131072 elements") != NULL);
    arena_release(&arena);
  }
  unit_at(NULL);
}

static void test_many_keys(void)
{
  struct text t;
  char message[2048];
  text_init(&t, &arena);
  text_add(&t, "{\"ociVersion\":\"1.0.0\",\"annotations\":{");
  for (unsigned i = 0; i < 50000; i++)
    text_addf(&t, "\"key%u\":\"\",", i);
  struct text unique = t;
  text_add(&unique, "\"last\":\"\"}}");
  decode_text(unique.data, unique.length, message, sizeof message);
  CHECK_STRING(message, "");
  text_add(&t, "\"key41234\":\"\"}}");
  decode_text(t.data, t.length, message, sizeof message);
  CHECK(strstr(message, "/annotations/key41234: duplicate key") != NULL);
}

static void test_problem_limit(void)
{
  char message[4096];
  struct text many = repeated("{\"ociVersion\":\"1.0.0\",\"mounts\":[", "{}", 1000, "]}");
  struct problems problems = { .arena = &arena, .document = "c" };
  struct spec spec = { 0 };
  CHECK_NUMBER(decode(&config_type, &spec, many.data, many.length, &problems, NULL), -1);
  CHECK_NUMBER(problems.errors, PROBLEMS_MAX); /* it stops there */
  CHECK_STRING(problems.items[15].pointer, "/mounts/15/destination");
  decode_text(many.data, many.length, message, sizeof message);
  CHECK(strstr(message, "c:1:36: /mounts/1/destination: required, but missing\nc:1:39: ") != NULL);
  CHECK(strstr(message, " more)") != NULL);
}

static void test_values(void)
{
  static const char json[] =
      "{\"ociVersion\": \"1.0.0\", \"process\": {\"cwd\": \"/\", \"terminal\": false, \"rlimits\": "
      "[{\"type\":"
      " \"RLIMIT_NOFILE\", \"soft\": 18446744073709551615, \"hard\": 18446744073709551615}], "
      "\"oomScoreAdj\": -0},"
      " \"linux\": {\"resources\": {\"memory\": {\"limit\": -9223372036854775808}}, \"timeOffsets\":"
      " {\"boottime\": {\"secs\": -5, \"nanosecs\": 7}}, \"sysctl\": {\"a\": \"1\", \"b\": null}},"
      " \"hooks\": {\"poststop\": null}, \"odd\": 1}";
  struct problems problems = { .arena = &arena };
  struct strings unknown = { 0 };
  struct spec spec = { 0 };
  if (!CHECK(decode(&config_type, &spec, json, sizeof json - 1, &problems, &unknown) == 0))
    return;
  CHECK(spec.process->terminal.set && !spec.process->terminal.value);
  CHECK(spec.process->rlimits.items[0].soft.value == UINT64_MAX);
  CHECK(spec.process->oom_score_adj.set && spec.process->oom_score_adj.value == 0);
  CHECK(spec.process->user == NULL && !spec.process->no_new_privileges.set);
  CHECK(spec.linux_->resources->memory->limit.value == INT64_MIN);
  CHECK_NUMBER(spec.linux_->time_offsets.count, 1);
  CHECK_STRING(spec.linux_->time_offsets.items[0].clock, "boottime");
  CHECK_NUMBER(spec.linux_->time_offsets.items[0].secs.value, -5);
  CHECK_NUMBER(spec.linux_->time_offsets.items[0].nanosecs.value, 7);
  CHECK_NUMBER(spec.linux_->sysctl.count, 1);
  CHECK(spec.hooks != NULL && spec.hooks->poststop.count == 0);
  CHECK_NUMBER(unknown.count, 1);
  CHECK_STRING(unknown.items[0], "/odd");
}

static void test_process_document(void)
{
  static const char good[] = "{\"cwd\": \"/\", \"args\": [\"sh\"], \"rlimits\": [{\"type\": \"RLIMIT_CPU\", "
                             "\"soft\": 1, \"hard\": 1}]}";
  static const char bad[] = "{\"cwd\": \"tmp\",\n \"args\": [\"\"]}";
  struct process process = { 0 };
  struct error err = { 0 };
  char message[2048];
  CHECK_NUMBER(decode_process(&arena, &process, good, sizeof good - 1, "p.json", &err), 0);
  CHECK_STRING(process.rlimits.items[0].type_name, "RLIMIT_CPU");
  memset(&process, 0, sizeof process);
  CHECK_NUMBER(decode_process(&arena, &process, bad, sizeof bad - 1, "p.json", &err), -1);
  (void)error_format(&err, message, sizeof message);
  CHECK_STRING(
      message,
      "p.json:1:9: /cwd: 'tmp' is not absolute\np.json:2:11: /args/0: the command must not be empty");
}

int main(void)
{
  test_texts();
  test_truncation();
  test_depth();
  test_size();
  test_many_elements();
  test_many_keys();
  test_problem_limit();
  test_values();
  test_process_document();
  arena_release(&arena);
  return unit_finish();
}
