/* SPDX-License-Identifier: Apache-2.0
 * The pure parts of the systemd driver: places, properties, annotations, and what is said to hull-systemd. */
#include "cgroups/systemd_wire.h"
#include "cgroups/unit.h"
#include "tests/unit/unit.h"

static struct arena arena;

/* --- places ------------------------------------------------------------------------------------------ */

#define USER "/user.slice/user-1000.slice/user@1000.service"

static const struct {
  const char *asked, *id, *root, *unit, *path; /* unit NULL: refused */
} places[] = {
  { NULL, "web", "", "hull-web.scope", "/system.slice/hull-web.scope" },
  { NULL, "a+b", "", "hull-a\\x2bb.scope", "/system.slice/hull-a\\x2bb.scope" },
  { NULL, "web", USER, "hull-web.scope", USER "/user.slice/hull-web.scope" },
  { ":hull:x", "i", "", "hull-x.scope", "/system.slice/hull-x.scope" },
  { "machine.slice:libpod:12ab", "i", "", "libpod-12ab.scope", "/machine.slice/libpod-12ab.scope" },
  { "a-b-c.slice:p:n", "i", "", "p-n.scope", "/a.slice/a-b.slice/a-b-c.slice/p-n.scope" },
  { "-:p:n", "i", "", "p-n.scope", "/p-n.scope" },
  { "-.slice:p:n", "i", "", "p-n.scope", "/p-n.scope" },
  { "-:p:n", "i", USER, "p-n.scope", USER "/p-n.scope" },
  { "s.slice::n", "i", "", "n.scope", "/s.slice/n.scope" },
  { "s.slice::memory", "i", "", "memory.scope", "/s.slice/_memory.scope" },
  { "cpu.slice:p:n", "i", "", "p-n.scope", "/_cpu.slice/p-n.scope" },
  { "s.slice:p:n@1", "i", "", "p-n\\x401.scope", "/s.slice/p-n\\x401.scope" },
  { "s.slice:p:n\\x2d", "i", "", "p-n\\x2d.scope", "/s.slice/p-n\\x2d.scope" },
  { ":p:foo-bar.slice", "i", "", "foo-bar.slice", "/foo.slice/foo-bar.slice" },
  { "/foo", "i", "", NULL, NULL },
  { "", "i", "", NULL, NULL },
  { "a:b", "i", "", NULL, NULL },
  { "a.slice:b:c:d", "i", "", NULL, NULL },
  { "a:b:c", "i", "", NULL, NULL },
  { "a.slice:b:", "i", "", NULL, NULL },
  { "a/b.slice:b:c", "i", "", NULL, NULL },
  { "../a.slice:b:c", "i", "", NULL, NULL },
  { "a.slice:b/..:c", "i", "", NULL, NULL },
  { "a.slice:b:../c", "i", "", NULL, NULL },
  { "a--b.slice:p:n", "i", "", NULL, NULL },
  { "-a.slice:p:n", "i", "", NULL, NULL },
  { "a-.slice:p:n", "i", "", NULL, NULL },
  { ".slice:p:n", "i", "", NULL, NULL },
  { "a b.slice:p:n", "i", "", NULL, NULL },
  { ":p:-.slice", "i", "", NULL, NULL },
  { ":p:a--b.slice", "i", "", NULL, NULL },
};

static void places_are_found(void)
{
  for (size_t i = 0; i < UNIT_COUNT(places); i++) {
    struct unit_place place = { 0 };
    struct error err = { 0 };
    unit_at(places[i].asked ? places[i].asked : places[i].id);
    int result = unit_place_of(&arena, places[i].asked, places[i].id, places[i].root, &place, &err);
    CHECK_NUMBER(result, places[i].unit ? 0 : -1);
    if (result < 0) {
      CHECK_STRING(err.origin, "/linux/cgroupsPath");
      CHECK(err.kind == ERROR_CONFIG);
      continue;
    }
    CHECK_STRING(place.unit, places[i].unit);
    CHECK_STRING(place.path, places[i].path);
  }
  unit_at(NULL);
}

static void long_names_are_refused(void)
{
  char id[300];
  struct unit_place place;
  struct error err = { 0 };
  memset(id, 'x', sizeof id);
  id[255 - strlen("hull-.scope")] = '\0';
  CHECK_NUMBER(unit_place_of(&arena, NULL, id, "", &place, &err), 0);
  CHECK_NUMBER(strlen(place.unit), 255);
  id[255 - strlen("hull-.scope")] = 'x';
  id[256 - strlen("hull-.scope")] = '\0';
  CHECK_NUMBER(unit_place_of(&arena, NULL, id, "", &place, &err), -1);
}

static const struct {
  const char *own, *root;
  bool in_session;
} users[] = {
  { NULL, "/user.slice/user-7.slice/user@7.service", false },
  { "/", "/user.slice/user-7.slice/user@7.service", false },
  { "/user.slice/user-1000.slice/session-3.scope", USER, true },
  { USER "/app.slice/x.scope", USER, true },
  { "/c.slice" USER "/x", "/c.slice" USER, true },
  { "/user.slice/user-0.slice/session-1.scope", "/user.slice/user-0.slice/user@0.service", false },
  { "/user.slice/user-x.slice/", "/user.slice/user-7.slice/user@7.service", false },
};

static void managers_of_users_are_found(void)
{
  for (size_t i = 0; i < UNIT_COUNT(users); i++) {
    unit_at(users[i].own);
    CHECK_STRING(unit_user_root(&arena, users[i].own, 7), users[i].root);
    CHECK(unit_in_user_session(users[i].own) == users[i].in_session);
  }
  unit_at(NULL);
}

/* --- properties of settings -------------------------------------------------------------------------- */

/* "NAME SIGNATURE VALUE…" of each, with ';' after each; '?' after the name of an optional one. */
static const char *shown(const struct unit_properties *properties)
{
  struct text out;
  const struct unit_property *p;
  text_init(&out, &arena);
  vec_each (properties, p) {
    char *const *value;
    text_addf(&out, "%s%s %s", p->name, p->optional ? "?" : "", p->signature);
    vec_each (&p->values, value)
      text_addf(&out, " %s", *value);
    text_add(&out, ";");
  }
  return text_string(&out);
}

#define INFINITY_TEXT "18446744073709551615"

static const struct {
  const char *file, *value, *properties;
} conversions[] = {
  { "memory.max", "1048576", "MemoryMax t 1048576;" },
  { "memory.max", "max", "MemoryMax t " INFINITY_TEXT ";" },
  { "memory.max", "1g", "" },
  { "memory.low", "5", "MemoryLow t 5;" },
  { "memory.high", "6", "MemoryHigh t 6;" },
  { "memory.min", "7", "MemoryMin t 7;" },
  { "memory.swap.max", "0", "MemorySwapMax t 0;" },
  { "memory.zswap.max", "0", "MemoryZSwapMax? t 0;" },
  { "memory.oom.group", "1", "OOMPolicy? s kill;" },
  { "memory.oom.group", "0", "OOMPolicy? s continue;" },
  { "cpu.weight", "174", "CPUWeight t 174;" },
  { "cpu.idle", "1", "CPUWeight? t 0;" },
  { "cpu.idle", "0", "" },
  { "cpu.max", "50000 100000", "CPUQuotaPerSecUSec t 500000;CPUQuotaPeriodUSec? t 100000;" },
  { "cpu.max", "12345 100000", "CPUQuotaPerSecUSec t 130000;CPUQuotaPeriodUSec? t 100000;" },
  { "cpu.max", "max 50000", "CPUQuotaPerSecUSec t " INFINITY_TEXT ";CPUQuotaPeriodUSec? t 50000;" },
  { "cpu.max", "max", "CPUQuotaPerSecUSec t " INFINITY_TEXT ";" },
  { "cpu.max", "25000", "CPUQuotaPerSecUSec t 250000;" },
  { "cpu.max", "5 0", "" },
  { "cpu.max", "5 x", "" },
  { "pids.max", "10", "TasksMax t 10;" },
  { "pids.max", "0", "TasksMax t 1;" },
  { "pids.max", "max", "TasksMax t " INFINITY_TEXT ";" },
  { "cpuset.cpus", "0-2,9", "AllowedCPUs? ay 2 7 2;" },
  { "cpuset.cpus", "", "AllowedCPUs? ay 0;" },
  { "cpuset.cpus", "3-1", "" },
  { "cpuset.cpus", "1,,2", "" },
  { "cpuset.cpus", "99999", "" },
  { "cpuset.mems", "0", "AllowedMemoryNodes? ay 1 1;" },
  { "io.weight", "default 300", "IOWeight t 300;" },
  { "io.weight", "300", "IOWeight t 300;" },
  { "io.weight", "8:0 300", "" },
  { "io.max", "8:0 rbps=1", "" },
  { "hugetlb.2MB.max", "0", "" },
};

static void settings_become_properties(void)
{
  for (size_t i = 0; i < UNIT_COUNT(conversions); i++) {
    struct settings settings = { 0 };
    struct unit_properties properties = { 0 };
    unit_at(arena_printf(&arena, "%s=%s", conversions[i].file, conversions[i].value));
    (void)settings_add(&arena, &settings, conversions[i].file, conversions[i].value, "/here");
    unit_properties_of_settings(&arena, &settings, UNIT_CREATION, &properties);
    CHECK_STRING(shown(&properties), conversions[i].properties);
    if (properties.count)
      CHECK_STRING(properties.items[0].origin, "/here");
  }
  unit_at(NULL);
}

static void settings_know_each_other(void)
{
  struct settings settings = { 0 };
  struct unit_properties properties = { 0 };
  (void)settings_add(&arena, &settings, "cpu.weight", "200", "");
  (void)settings_add(&arena, &settings, "cpu.idle", "1", "");
  (void)settings_add(&arena, &settings, "memory.oom.group", "1", "");
  struct setting *bfq = settings_add(&arena, &settings, "io.bfq.weight", "100", "");
  bfq->other_file = "io.weight";
  bfq->other_value = "910";
  unit_properties_of_settings(&arena, &settings, UNIT_UPDATE, &properties);
  CHECK_STRING(shown(&properties), "CPUWeight? t 0;IOWeight t 910;");
}

static const struct {
  const char *asked, *rounded;
} quotas[] = {
  { "12345 100000", "13000 100000" },
  { "13000 100000", "13000 100000" },
  { "1 100000", "1000 100000" },
  { "12345 50000", "12500 50000" },
  { "12345", "13000" },
  { "max 100000", "max 100000" },
  { "nonsense", "nonsense" },
};

static void quotas_are_rounded(void)
{
  for (size_t i = 0; i < UNIT_COUNT(quotas); i++) {
    struct settings settings = { 0 };
    unit_at(quotas[i].asked);
    (void)settings_add(&arena, &settings, "memory.max", "1", "");
    (void)settings_add(&arena, &settings, "cpu.max", quotas[i].asked, "");
    struct settings rounded = unit_round_cpu_max(&arena, &settings);
    if (!CHECK_NUMBER(rounded.count, 2))
      continue;
    CHECK_STRING(rounded.items[1].value, quotas[i].rounded);
    CHECK_STRING(settings.items[1].value, quotas[i].asked);
    CHECK_NUMBER(rounded.controllers.count, 2);
  }
  unit_at(NULL);
}

/* --- devices ----------------------------------------------------------------------------------------- */

static struct device_rule rule(bool allow, const char *type, int64_t major, int64_t minor, const char *access)
{
  struct device_rule r = { .type = arena_strdup(&arena, type), .access = arena_strdup(&arena, access) };
  r.allow.set = r.allow.value = allow;
  r.major.set = major >= 0;
  r.major.value = major;
  r.minor.set = minor >= 0;
  r.minor.value = minor;
  return r;
}

static void device_rules_allow_enough(void)
{
  const struct device_rule all[] = { rule(true, "a", -1, -1, "rwm") };
  const struct device_rule some[] = {
    rule(false, "a", -1, -1, "rwm"), rule(true, "c", 10, 229, "rw"), rule(true, "b", 8, -1, "r"),
    rule(true, "c", -1, 77, "w"),    rule(false, "b", 8, 3, "r"),
  };
  struct unit_properties properties = { 0 };
  struct error err = { 0 };
  CHECK_NUMBER(unit_properties_of_devices(&arena, all, 1, &properties, &err), 0);
  CHECK_NUMBER(properties.count, 0);
  CHECK_NUMBER(unit_properties_of_devices(&arena, some, UNIT_COUNT(some), &properties, &err), 0);
  if (!CHECK_NUMBER(properties.count, 2))
    return;
  const char *text = shown(&properties);
  CHECK(strncmp(text, "DevicePolicy s strict;DeviceAllow a(ss) ", 40) == 0);
  CHECK(strstr(text, " /dev/char/10:229 rw "));
  CHECK(strstr(text, " block-8 r "));
  CHECK(strstr(text, " char-* wm ")); /* mknod of all is allowed; any major with a minor: more than asked for;
                                         our program decides */
  CHECK(strstr(text, " /dev/char/1:3 rwm "));
  CHECK(!strstr(text, "8:3"));
  const struct strings *values = &properties.items[1].values;
  CHECK_NUMBER(values->count, 1 + 2 * atoi(values->items[0]));
  for (size_t i = 1; i < values->count; i += 2) /* systemd would take the last of two */
    for (size_t k = i + 2; k < values->count; k += 2)
      CHECK(strcmp(values->items[i], values->items[k]) != 0);
}

/* --- values ------------------------------------------------------------------------------------------ */

static const struct {
  const char *text, *wanted; /* NULL: refused */
} values[] = {
  { "'s'", "s s" },
  { "\"it's\"", "s it's" },
  { "'a\\'b\\\\c\\n'", "s a'b\\c\n" },
  { "true", "b 1" },
  { " false ", "b 0" },
  { "boolean true", "b 1" },
  { "5", "i 5" },
  { "-5", "i -5" },
  { "0x10", "i 16" },
  { "uint64 5", "t 5" },
  { "uint64 18446744073709551615", "t 18446744073709551615" },
  { "int64 -9223372036854775808", "x -9223372036854775808" },
  { "byte 255", "y 255" },
  { "uint32 0xffffffff", "u 4294967295" },
  { "1.5", "d 1.5" },
  { "double 3", "d 3" },
  { "['a', 'b']", "as 2 a b" },
  { "@as []", "as 0" },
  { "[1, 2]", "ai 2 1 2" },
  { "[uint64 1, 2]", "at 2 1 2" },
  { "@ay [1, 2]", "ay 2 1 2" },
  { "('/dev/null', 'rw')", "(ss) /dev/null rw" },
  { "[('/dev/null', 'rw'), ('char-pts', 'r')]", "a(ss) 2 /dev/null rw char-pts r" },
  { "@a(st) [('/', 3)]", "a(st) 1 / 3" },
  { "@a(ss) []", "a(ss) 0" },
  { "[['a'], ['b', 'c']]", "aas 2 1 a 2 b c" },
  { "[@as [], ['b']]", "aas 2 0 1 b" },
  { "objectpath '/a'", "o /a" },
  { "('one',)", "(s) one" },
  { "", NULL },
  { "s", NULL },
  { "'s", NULL },
  { "'s' x", NULL },
  { "'\\q'", NULL },
  { "[]", NULL },
  { "[1, 'a']", NULL },
  { "['a' 'b']", NULL },
  { "['a',", NULL },
  { "('a'", NULL },
  { "()", NULL },
  { "@a(ss) [('a',)]", NULL },
  { "@a(ss) [('a','b','c')]", NULL },
  { "@z 1", NULL },
  { "@ 1", NULL },
  { "uint64 -1", NULL },
  { "uint64 18446744073709551616", NULL },
  { "uint64 0x1ffffffffffffffff", NULL },
  { "2147483648", NULL },
  { "byte 256", NULL },
  { "int32 'a'", NULL },
  { "truely", NULL },
  { "1e", NULL },
  { "0x", NULL },
  { "--5", NULL },
  { "[[[[[[[[[[[[1]]]]]]]]]]]]", NULL },
  { "uint64 uint64 uint64 uint64 uint64 uint64 uint64 uint64 uint64 uint64 1", NULL },
  { "{'a': 1}", NULL },
  { "<1>", NULL },
};

static void values_are_parsed(void)
{
  for (size_t i = 0; i < UNIT_COUNT(values); i++) {
    struct unit_properties one = { 0 };
    struct unit_property *p = unit_property_add(&arena, &one, "P", "", NULL, 0);
    unit_at(values[i].text);
    const char *fault = unit_value_parse(&arena, values[i].text, p);
    CHECK((fault == NULL) == (values[i].wanted != NULL));
    if (!fault && values[i].wanted)
      CHECK_STRING(shown(&one), arena_printf(&arena, "P %s;", values[i].wanted));
  }
  unit_at(NULL);
}

static const struct {
  const char *key, *value, *wanted; /* wanted NULL: refused */
} annotations[] = {
  { "org.systemd.property.TimeoutStopUSec", "uint64 7", "TimeoutStopUSec t 7;" },
  { "org.systemd.property.TimeoutStopSec", "uint64 7", "TimeoutStopUSec t 7000000;" },
  { "org.systemd.property.TimeoutStopSec", "7", "TimeoutStopUSec t 7000000;" },
  { "org.systemd.property.TimeoutStopSec", "1.5", "TimeoutStopUSec t 1500000;" },
  { "org.systemd.property.After", "['a.service']", "After as 1 a.service;" },
  { "org.systemd.property.DefaultDependencies", "true", "DefaultDependencies b 1;" },
  { "org.systemd.property", "1", "" },
  { "some.other", "nonsense", "" },
  { "org.systemd.property.TimeoutStopSec", "'7'", NULL },
  { "org.systemd.property.TimeoutStopSec", "-7", NULL },
  { "org.systemd.property.TimeoutStopSec", "uint64 18446744073709551615", NULL },
  { "org.systemd.property.", "1", NULL },
  { "org.systemd.property.Ab", "1", NULL },
  { "org.systemd.property.Ab_c", "1", NULL },
  { "org.systemd.property.Slice", "'x.slice'", NULL },
  { "org.systemd.property.PIDs", "[uint32 1]", NULL },
  { "org.systemd.property.After", "a.service", NULL },
};

static void annotations_become_properties(void)
{
  for (size_t i = 0; i < UNIT_COUNT(annotations); i++) {
    struct string_pair pair = { arena_strdup(&arena, annotations[i].key),
                                arena_strdup(&arena, annotations[i].value) };
    string_map map = { &pair, 1, 1 };
    struct unit_properties properties = { 0 };
    struct error err = { 0 };
    unit_at(annotations[i].key);
    int result = unit_properties_of_annotations(&arena, &map, &properties, &err);
    CHECK_NUMBER(result, annotations[i].wanted ? 0 : -1);
    if (result == 0)
      CHECK_STRING(shown(&properties), annotations[i].wanted);
    else
      CHECK_STRING(err.origin, arena_printf(&arena, "/annotations/%s", pair.key));
  }
  unit_at(NULL);
}

/* --- protocol ---------------------------------------------------------------------------------------- */

static void requests_come_back(void)
{
  static const char *const words[] = { "2", "a b%\n\x01\xff", "" };
  struct unit_request request = {
    .verb = UNIT_START, .user_manager = true, .unit = "hull-a\\x2bb.scope", .mark = "[hull 1]"
  };
  struct unit_request read;
  struct text message;
  struct error err = { 0 };
  unit_property_add(&arena, &request.properties, "After", "as", words, 3)->optional = true;
  (void)unit_property_add(&arena, &request.properties, "Description", "s", words + 2, 1);
  text_init(&message, &arena);
  unit_request_write(&request, &message);
  CHECK(text_ends_with(text_string(&message), UNIT_MESSAGE_END));
  if (!CHECK_NUMBER(unit_request_read(&arena, text_string(&message), &read, &err), 0))
    return;
  CHECK(read.verb == UNIT_START && read.user_manager);
  CHECK_STRING(read.unit, request.unit);
  CHECK_STRING(read.mark, request.mark);
  CHECK_STRING(shown(&read.properties), shown(&request.properties));
}

static void a_process_comes_along(void)
{
  const struct unit_request request = { .verb = UNIT_ATTACH, .unit = "u.scope", .pid = 4711 };
  struct unit_request read;
  struct text message;
  struct error err = { 0 };
  text_init(&message, &arena);
  unit_request_write(&request, &message);
  CHECK_NUMBER(unit_request_read(&arena, text_string(&message), &read, &err), 0);
  CHECK(read.verb == UNIT_ATTACH && !read.user_manager);
  CHECK_NUMBER(read.pid, 4711);
}

static void replies_come_back(void)
{
  char *skipped[] = { arena_strdup(&arena, "OOMPolicy") };
  const struct unit_reply good = { .control_group = "/a/b", .skipped = { skipped, 1, 1 } };
  const struct unit_reply bad = {
    .failed = true, .kind = ERROR_HOST, .errnum = 110, .message = "it's\nlate", .property = "MemoryMax"
  };
  struct unit_reply read;
  struct text message;
  struct error err = { 0 };
  text_init(&message, &arena);
  unit_reply_write(&good, &message);
  CHECK_NUMBER(unit_reply_read(&arena, text_string(&message), &read, &err), 0);
  CHECK(!read.failed && read.skipped.count == 1);
  CHECK_STRING(read.control_group, "/a/b");
  text_init(&message, &arena);
  unit_reply_write(&bad, &message);
  CHECK_NUMBER(unit_reply_read(&arena, text_string(&message), &read, &err), 0);
  CHECK(read.failed && read.kind == ERROR_HOST && read.errnum == 110);
  CHECK_STRING(read.message, "it's\nlate");
  CHECK_STRING(read.property, "MemoryMax");
}

#define START "hull-systemd 1\nverb start\nmanager user\nunit u.scope\nmark %\n"
#define ATTACH "hull-systemd 1\nverb attach\nmanager user\nunit u.scope\nmark %\n"
static const char *const broken_requests[] = {
  "",
  "hull-systemd 2\nend\n",
  "hull-systemd 1\nend\n",
  START,
  START "end",
  START "end\nmore\n",
  START "property\nend\n",
  START "property A s\nend\n",
  START "property A s maybe x\nend\n",
  START "property A zz required x\nend\n",
  START "property A ss required x\nend\n",
  START "property A  s required x\nend\n",
  START "property A s required %0\nend\n",
  START "property A s required %00\nend\n",
  START "property A s required %zz\nend\n",
  START "property A s required \x80\nend\n",
  START "unit v.scope\nend\n",
  START "process 5\nend\n",
  ATTACH "end\n",
  ATTACH "process\nend\n",
  ATTACH "process 0\nend\n",
  ATTACH "process -5\nend\n",
  ATTACH "process 4294967296\nend\n",
  ATTACH "process 5\nprocess 6\nend\n",
  "hull-systemd 1\nverb start\nmanager user\nunit %\nmark %\nend\n",
  "hull-systemd 1\nverb dance\nmanager user\nunit u\nmark %\nend\n",
};
static const char *const broken_replies[] = {
  "",
  "hull-systemd 1\n",
  "hull-systemd 1\nfailed 1 2\nend\n",
  "hull-systemd 1\nfailed 0 2 x\nend\n",
  "hull-systemd 1\nfailed 99 2 x\nend\n",
  "hull-systemd 1\nfailed 1 -2 x\nend\n",
  "hull-systemd 1\nfailed 1 2 x\nfailed 1 2 x\nend\n",
  "hull-systemd 1\ncontrol-group /a\ncontrol-group /b\nend\n",
  "hull-systemd 1\nsurprise x\nend\n",
};

static void broken_messages_are_refused(void)
{
  struct unit_request request;
  struct unit_reply reply;
  struct error err = { 0 };
  CHECK_NUMBER(unit_request_read(&arena, START "end\n", &request, &err), 0);
  for (size_t i = 0; i < UNIT_COUNT(broken_requests); i++) {
    unit_at(broken_requests[i]);
    CHECK_NUMBER(unit_request_read(&arena, broken_requests[i], &request, &err), -1);
  }
  for (size_t i = 0; i < UNIT_COUNT(broken_replies); i++) {
    unit_at(broken_replies[i]);
    CHECK_NUMBER(unit_reply_read(&arena, broken_replies[i], &reply, &err), -1);
  }
  unit_at(NULL);
}

int main(void)
{
  places_are_found();
  long_names_are_refused();
  managers_of_users_are_found();
  settings_become_properties();
  settings_know_each_other();
  quotas_are_rounded();
  device_rules_allow_enough();
  values_are_parsed();
  annotations_become_properties();
  requests_come_back();
  a_process_comes_along();
  replies_come_back();
  broken_messages_are_refused();
  arena_release(&arena);
  return unit_finish();
}
