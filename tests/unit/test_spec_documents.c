/* SPDX-License-Identifier: Apache-2.0
 * What hull writes: the template, the state, the features document, and the JSON writer under them. */
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/features.h"
#include "spec/json_write.h"
#include "spec/state.h"
#include "spec/template.h"
#include "tests/unit/unit.h"

static struct arena arena = ARENA_INIT;

static struct text new_text(void)
{
  struct text t;
  text_init(&t, &arena);
  return t;
}

static struct spec decoded(const struct text *t)
{
  struct spec spec = { 0 };
  struct error err = { 0 };
  if (!CHECK(decode_config(&arena, &spec, t->data, t->length, "template", &err) == 0))
    printf("  %s\n", error_frame(&err, 0));
  return spec;
}

static void test_template(void)
{
  struct text t = new_text();
  template_config(&t, false, 0, 0);
  struct spec spec = decoded(&t);
  CHECK_STRING(spec.oci_version, "1.3.0");
  CHECK_NUMBER(spec.mounts.count, 7);
  CHECK_NUMBER(spec.linux_->namespaces.count, 6);
  CHECK_NUMBER(spec.linux_->resources->devices.count, 1);
  CHECK(!spec.linux_->resources->devices.items[0].allow.value);
  CHECK_STRING(spec.process->args.items[0], "sh");
  CHECK(spec.process->terminal.value && spec.process->no_new_privileges.value && spec.root->readonly.value);
  CHECK(strstr(t.data, "\n  \"root\": {\n    \"path\": \"rootfs\",\n    \"readonly\": true\n  },\n") != NULL);
}

static void test_rootless_template(void)
{
  struct text t = new_text();
  template_config(&t, true, 1000, 1001);
  struct spec spec = decoded(&t);
  CHECK(spec.linux_->resources == NULL);
  CHECK_NUMBER(spec.linux_->uid_mappings.items[0].host_id.value, 1000);
  CHECK_NUMBER(spec.linux_->gid_mappings.items[0].host_id.value, 1001);
  CHECK(strstr(t.data, "\"network\"") == NULL && strstr(t.data, "\"user\"") != NULL);
  CHECK(strstr(t.data, "gid=5") == NULL && strstr(t.data, "rbind") != NULL);
}

static void test_state(void)
{
  struct string_pair pair = { (char *)"myKey", (char *)"my\"Value" };
  string_map annotations = { &pair, 1, 1 };
  struct oci_state state = { "1.3.0", "c1", "running",    "/b", "/b/rootfs", "2026-01-02T03:04:05Z",
                             "root",  4422, &annotations, false };
  struct text hooks = new_text(), people = new_text(), stopped = new_text();
  state_for_hooks(&state, &hooks);
  CHECK_STRING(
      hooks.data,
      "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":\"running\",\"pid\":4422,\"bundle\":\"/b\","
      "\"annotations\":{\"myKey\":\"my\\\"Value\"}}");
  state_for_people(&state, &people);
  CHECK_STRING(
      people.data,
      "{\n  \"ociVersion\": \"1.3.0\",\n  \"id\": \"c1\",\n  \"pid\": 4422,\n  \"status\": \"running\",\n"
      "  \"bundle\": \"/b\",\n  \"rootfs\": \"/b/rootfs\",\n  \"created\": \"2026-01-02T03:04:05Z\",\n"
      "  \"annotations\": {\n    \"myKey\": \"my\\\"Value\"\n  },\n  \"owner\": \"root\"\n}");
  state.pid = 0;
  state.annotations = NULL;
  state.owner = NULL;
  state_for_people(&state, &stopped);
  CHECK(strstr(stopped.data, "\"pid\": 0,") != NULL && strstr(stopped.data, "\"owner\": \"\"\n}") != NULL);
  CHECK(strstr(stopped.data, "annotations") == NULL);
  struct text killed = new_text();
  state.oom_killed = true;
  state_for_people(&state, &killed);
  CHECK(strstr(killed.data, "\"owner\": \"\",\n  \"oomKilled\": true\n}") != NULL);
}

static void test_features(void)
{
  static const char *const options[] = { "ro", "rro", NULL }, *const archs[] = { "SCMP_ARCH_X86_64", NULL };
  struct features_facts facts = { .mount_options = options, .version = "0.1.0", .seccomp_archs = archs };
  struct text t = new_text();
  features_document(&facts, &t);
  CHECK(text_starts_with(t.data, "{\n  \"ociVersionMin\": \"1.0.0\",\n  \"ociVersionMax\": \"1.3.0\",\n  "
                                 "\"hooks\": [\n    \"prestart\","));
  CHECK(strstr(t.data, "\"mountOptions\": [\n    \"ro\",\n    \"rro\"\n  ]") != NULL);
  CHECK(strstr(t.data, "\"CAP_CHECKPOINT_RESTORE\"") != NULL && strstr(t.data, "\"time\"") != NULL);
  CHECK(strstr(t.data, "SCMP_ACT_NOTIFY") != NULL);
  CHECK(strstr(t.data, "\"apparmor\": {\n      \"enabled\": true\n    }") != NULL);
  CHECK(strstr(t.data, "\"knownFlags\": [],") != NULL);
  CHECK(strstr(t.data, "\"io.github.hull.version\": \"0.1.0\"\n  },\n  \"potentiallyUnsafe") != NULL);
}

static void test_writer(void)
{
  static const struct {
    const char *value, *json;
  } strings[] = {
    { "", "\"\"" },
    { "a/b", "\"a/b\"" },
    { "\"\\\b\f\n\r\t\x01\x1f\x7f", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"" },
    { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
    { "a\xff"
      "b\xc3",
      "\"a\xef\xbf\xbd"
      "b\xef\xbf\xbd\"" },
    { "\xc0\x80\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
    { NULL, "null" },
  };
  for (size_t i = 0; i < UNIT_COUNT(strings); i++) {
    struct text t = new_text();
    struct json_writer *w = json_writer_create(&t, 0);
    json_string(w, strings[i].value);
    json_finish(w);
    CHECK_STRING(t.data, strings[i].json);
  }
  struct text t = new_text();
  struct json_writer *w = json_writer_create(&t, 2);
  json_begin_array(w);
  json_int(w, INT64_MIN);
  json_uint(w, UINT64_MAX);
  json_bool(w, false);
  json_begin_object(w);
  json_end_object(w);
  json_begin_object(w);
  json_key(w, "a");
  json_begin_array(w);
  json_end_array(w);
  json_key(w, "b");
  json_begin_object(w);
  json_key(w, "c");
  json_string(w, "d");
  json_end_object(w);
  json_end_object(w);
  json_end_array(w);
  json_finish(w);
  CHECK_STRING(t.data,
               "[\n  -9223372036854775808,\n  18446744073709551615,\n  false,\n  {},\n  {\n    \"a\": [],\n"
               "    \"b\": {\n      \"c\": \"d\"\n    }\n  }\n]");
}

int main(void)
{
  test_template();
  test_rootless_template();
  test_state();
  test_features();
  test_writer();
  arena_release(&arena);
  return unit_finish();
}
