/* SPDX-License-Identifier: Apache-2.0
 * cmd/timeline: what is read of a trace, whoever wrote it, and how it is drawn. */
#include "cmd/timeline.h"
#include "tests/unit/unit.h"

#define NAMES                                                                                                \
  "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"args\":{\"name\":\"runtime\"}},"                      \
  "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":2,\"args\":{\"name\":\"init\"}}"
#define FIRST "{\"name\":\"plan\",\"cat\":\"stage\",\"ph\":\"X\",\"ts\":1000.5,\"dur\":500,\"pid\":1}"
#define SECOND "{\"name\":\"pivot\",\"cat\":\"step\",\"ph\":\"X\",\"ts\":1500.500,\"dur\":1500.000,\"pid\":2}"

static const char *drawn_at(struct arena *arena, const char *bytes, size_t width, bool utf8, bool color)
{
  struct trace_document document;
  struct error err = { 0 };
  struct text out;
  const struct timeline_style style = { .width = width, .utf8 = utf8, .color = color };
  text_init(&out, arena);
  if (trace_document_read(arena, bytes, strlen(bytes), &document, &err) < 0)
    return error_frame(&err, 0);
  timeline_add(&out, &document, &style);
  return text_string(&out);
}

static const char *drawn(struct arena *arena, const char *bytes, bool utf8, bool color)
{
  return drawn_at(arena, bytes, 48, utf8, color);
}

#define SCALE "                  0                      2.00 ms\n"

static void test_draw(void)
{
  struct arena arena = ARENA_INIT;
  CHECK_STRING(drawn(&arena, "[" NAMES "," FIRST "," SECOND "]", false, false),
               SCALE "runtime\n"
                     "  plan    500 us  #######\n"
                     "init\n"
                     "  pivot  1.50 ms         #######################\n");
  CHECK_STRING(drawn(&arena, "[" NAMES "," SECOND "," FIRST "]", true, false),
               SCALE "runtime\n"
                     "  plan    500 us  ███████▌\n"
                     "init\n"
                     "  pivot  1.50 ms         ███████████████████████\n");
  CHECK(strstr(drawn(&arena, "[" NAMES "," FIRST "]", false, true), "\033[36m") != NULL);
  arena_release(&arena);
}

#define SPAN(name, ts, dur, pid)                                                                             \
  "{\"name\":\"" name "\",\"ph\":\"X\",\"ts\":" ts ",\"dur\":" dur ",\"pid\":" pid "}"

/* A process is together, and what holds another span stands above it. */
static void test_order(void)
{
  struct arena arena = ARENA_INIT;
  CHECK_STRING(drawn(&arena,
                     "[" SPAN("b", "2", "1", "2") "," SPAN("in", "1", "1", "1") "," SPAN(
                         "out", "1", "3", "1") "," SPAN("late", "3", "1", "1") "]",
                     false, false),
               "                 0                          3 us\n"
               "process 1\n"
               "  out      3 us  ###############################\n"
               "  in       1 us  ##########\n"
               "  late     1 us                      ###########\n"
               "process 2\n"
               "  b        1 us            ##########\n");
  arena_release(&arena);
}

/* Less than a microsecond counts, and what took no time at all is a line, at the end of the scale too. */
static void test_moments(void)
{
  struct arena arena = ARENA_INIT;
  CHECK_STRING(drawn(&arena,
                     "[" SPAN("a", "7.000", "0.250", "1") "," SPAN("b", "7.500", "0.500", "1") "," SPAN(
                         "c", "7.5", "0", "1") "," SPAN("d", "8", "0", "1") "]",
                     true, false),
               "              0                             1 us\n"
               "process 1\n"
               "  a     0 us  ████████▌\n"
               "  b     0 us                   █████████████████\n"
               "  c     0 us                   ▏\n"
               "  d     0 us                                   ▏\n");
  arena_release(&arena);
}

/* Names leave most of a wide screen to the bars. */
static void test_long_name(void)
{
  struct arena arena = ARENA_INIT;
  CHECK(strstr(drawn_at(&arena, "[" SPAN("abcdefghijklmnopqrstuvwxyz0123456789", "1", "1", "1") "]", 100,
                        false, false),
               "\n  abcdefghijklmnopqrstuvwxyz01     1 us  #")
        != NULL);
  arena_release(&arena);
}

/* No line is wider than the screen, wherever a bar is. */
static void test_width(void)
{
  struct arena arena = ARENA_INIT;
  struct text trace;
  text_init(&trace, &arena);
  text_add(&trace, "[" FIRST);
  for (unsigned i = 0; i <= 300; i++)
    text_addf(&trace, ",{\"name\":\"s\",\"ph\":\"X\",\"ts\":%u,\"dur\":%u,\"pid\":1}", 1000 + i, i % 7);
  text_add(&trace, "," SPAN("end", "1500.5", "0", "1"));
  text_add(&trace, "," SPAN("a name that is much longer than the room that is there for it", "1", "1", "1"));
  text_add(&trace, "]");
  for (const char *line = drawn(&arena, text_string(&trace), false, false); *line; line++) {
    const size_t length = strcspn(line, "\n");
    CHECK(length <= 48);
    line += length;
  }
  arena_release(&arena);
}

static void test_hostile(void)
{
  static const struct {
    const char *bytes, *words;
  } rows[] = {
    { "", "has no complete trace event" },
    { "[]", "has no complete trace event" },
    { "{}", "has no complete trace event" },
    { "7", "has no complete trace event" },
    { "{\"other\":[" FIRST "]}", "has no complete trace event" },
    { "no trace", "is not JSON" },
    { "[\"a\",null,true,1,[" FIRST "]]", "has no complete trace event" },
    { "[{\"name\":\"x\",\"ph\":\"X\",\"ts\":-1,\"dur\":1}]", "has no complete trace event" },
    { "[{\"name\":\"x\",\"ph\":\"X\",\"ts\":1e300,\"dur\":1}]", "has no complete trace event" },
    { "[{\"name\":\"x\",\"ph\":\"X\",\"dur\":1}]", "has no complete trace event" },
    { "[{\"name\":\"x\",\"ph\":\"X\",\"ts\":99999999999999999999999999999999999999999999,\"dur\":1}]",
      "has no complete trace event" },
    { "[{\"name\":\"x\",\"ph\":\"X\",\"ts\":1,\"dur\":-1}]", "has no complete trace event" },
    { "[" FIRST ",{\"name\":\"x\",\"ph\":\"X\",\"dur\":1}]", "1 event is" },
    { "[{\"name\":\"x\",\"ph\":\"X\",\"ts\":1,\"dur\":-1}," FIRST "]", "plan" },
    { "{\"traceEvents\":[" FIRST "],\"more\":{\"name\":1}}", "plan" },
    { "[" FIRST "," SECOND, "The file ends early" },
    { "[" FIRST ",{\"name\":\"pi", "The file ends early" },
    { "[" FIRST ",{\"name\":\"b\",\"ph\":\"B\",\"ts\":1}]", "1 event is without times" },
    { "[{\"name\":\"a\\u001b[31mb\\n\",\"ph\":\"X\",\"ts\":1,\"dur\":1,\"pid\":-3}]", "process -3" },
    { "[{\"name\":\"zero\",\"ph\":\"X\",\"ts\":0,\"dur\":0}]", "zero" },
    { "[{\"name\":7,\"ph\":\"X\",\"ts\":\"1\",\"dur\":{\"ts\":1},\"pid\":null}," FIRST "]", "1 event is" },
    { "[{\"name\":\"end\",\"ph\":\"X\",\"ts\":9223372036854774.999,\"dur\":9223372036854774.999}]", "end" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct arena arena = ARENA_INIT;
    const char *shown = drawn(&arena, rows[i].bytes, true, false);
    if (!CHECK(strstr(shown, rows[i].words) != NULL))
      printf("  %s\n  gave %s\n", rows[i].bytes, shown);
    CHECK(strchr(shown, '\033') == NULL);
    arena_release(&arena);
  }
}

static void add_many(struct text *trace, const char *piece, unsigned count)
{
  while (count-- > 0)
    text_add(trace, piece);
}

static void test_large(void)
{
  struct arena arena = ARENA_INIT;
  struct text trace;
  text_init(&trace, &arena);
  text_add(&trace, "[{\"name\":\"x\",\"ph\":\"X\",\"ts\":1");
  add_many(&trace, "0", 500);
  text_add(&trace, ",\"dur\":1}," FIRST "]");
  CHECK(strstr(drawn(&arena, text_string(&trace), false, false), "1 event is") != NULL);
  text_init(&trace, &arena);
  text_add(&trace, "[" FIRST ",");
  add_many(&trace, "[", 100);
  add_many(&trace, "]", 100);
  text_add(&trace, "]");
  CHECK(strstr(drawn(&arena, text_string(&trace), false, false), "The file ends early") != NULL);
  text_init(&trace, &arena);
  text_add(&trace, "[" FIRST);
  add_many(&trace, "," FIRST, 100000);
  text_add(&trace, "]");
  CHECK(strstr(drawn(&arena, text_string(&trace), false, false), "The first 100000 spans are shown") != NULL);
  arena_release(&arena);
}

int main(void)
{
  test_order();
  test_moments();
  test_long_name();
  test_large();
  test_draw();
  test_width();
  test_hostile();
  return unit_finish();
}
