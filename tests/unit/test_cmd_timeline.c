/* SPDX-License-Identifier: Apache-2.0
 * cmd/timeline: what is read of a trace, whoever wrote it, and how it is drawn. */
#include "cmd/timeline.h"
#include "tests/unit/unit.h"

#define NAMES                                                                                                \
  "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"args\":{\"name\":\"runtime\"}},"                      \
  "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":2,\"args\":{\"name\":\"init\"}}"
#define FIRST "{\"name\":\"plan\",\"cat\":\"stage\",\"ph\":\"X\",\"ts\":1000.5,\"dur\":500,\"pid\":1}"
#define SECOND "{\"name\":\"pivot\",\"cat\":\"step\",\"ph\":\"X\",\"ts\":1500.500,\"dur\":1500.000,\"pid\":2}"

static const char *drawn(struct arena *arena, const char *bytes, bool utf8, bool color)
{
  struct trace_document document;
  struct error err = { 0 };
  struct text out;
  const struct timeline_style style = { .width = 48, .utf8 = utf8, .color = color };
  text_init(&out, arena);
  if (trace_document_read(arena, bytes, strlen(bytes), &document, &err) < 0)
    return error_frame(&err, 0);
  timeline_add(&out, &document, &style);
  return text_string(&out);
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

/* No line is wider than the screen, wherever a bar is. */
static void test_width(void)
{
  struct arena arena = ARENA_INIT;
  struct text trace;
  text_init(&trace, &arena);
  text_add(&trace, "[" FIRST);
  for (unsigned i = 0; i <= 300; i++)
    text_addf(&trace, ",{\"name\":\"s\",\"ph\":\"X\",\"ts\":%u,\"dur\":%u,\"pid\":1}", 1000 + i, i % 7);
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

int main(void)
{
  test_draw();
  test_width();
  test_hostile();
  return unit_finish();
}
