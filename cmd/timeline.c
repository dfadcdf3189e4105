/* SPDX-License-Identifier: Apache-2.0
 * Reading the Chrome trace format, as far as hull writes it, and drawing it. The file may be anybody's: what
 * makes no sense is counted and left out, and nothing of it reaches the terminal unescaped. */
#include "cmd/timeline.h"
#include "libcontainer/base/names.h"
#include "libcontainer/base/numbers.h"
#include "spec/json_read.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define SPANS_MAX 100000
#define NUMBER_MAX 40 /* digits of a time */

/* --- reading ---------------------------------------------------------------------------------------- */

enum trace_key {
  KEY_OTHER,
  KEY_NAME,
  KEY_CATEGORY,
  KEY_PHASE,
  KEY_TIME,
  KEY_DURATION,
  KEY_PROCESS,
  KEY_ARGUMENTS
};
static const struct name keys[] = {
  { "name", KEY_NAME },    { "cat", KEY_CATEGORY }, { "ph", KEY_PHASE },       { "ts", KEY_TIME },
  { "dur", KEY_DURATION }, { "pid", KEY_PROCESS },  { "args", KEY_ARGUMENTS }, { 0 },
};

struct reading {
  struct arena *arena;
  struct trace_document *document;
  unsigned depth;       /* of objects and arrays */
  unsigned event_depth; /* of the objects that are events: 2, or 3 in an object with traceEvents; 0: not known
                           yet */
  bool in_events;       /* within that array */
  bool inner_name;      /* the next value is args.name */
  enum trace_key key;   /* of the event */
  struct trace_span span;
  char phase;
  bool has_time, has_process, wrong;
  const char *given_name; /* args.name */
};

static int begin(void *context)
{
  struct reading *r = context;
  return ++r->depth <= DEPTH_MAX;
}

static int begin_array(void *context)
{
  struct reading *r = context;
  if (r->depth == 0) {
    r->event_depth = 2;
    r->in_events = true;
  }
  return begin(r);
}

static int begin_object(void *context)
{
  struct reading *r = context;
  if (r->depth == 0)
    r->event_depth = 3;
  if (r->in_events && r->depth + 1 == r->event_depth) {
    r->span = (struct trace_span){ .name = "", .category = "" };
    r->phase = '\0';
    r->has_time = r->has_process = r->wrong = false;
    r->given_name = NULL;
    r->key = KEY_OTHER;
  }
  return begin(r);
}

static int end_array(void *context)
{
  struct reading *r = context;
  r->depth--;
  return 1;
}

/* Of process_name, or a span with its times. */
static int end_event(struct reading *r)
{
  if (r->phase == 'M') {
    if (r->given_name && r->has_process && text_equal(r->span.name, "process_name"))
      *(struct trace_process *)vec_push(r->arena, &r->document->processes) =
          (struct trace_process){ r->span.process, r->given_name };
    return 1;
  }
  if (r->phase != 'X' || !r->has_time || r->wrong)
    r->document->skipped++;
  else
    *(struct trace_span *)vec_push(r->arena, &r->document->spans) = r->span;
  return r->document->spans.count < SPANS_MAX;
}

static int end_object(void *context)
{
  struct reading *r = context;
  r->depth--;
  return r->in_events && r->depth + 1 == r->event_depth ? end_event(r) : 1;
}

static int on_key(void *context, const unsigned char *s, size_t length)
{
  struct reading *r = context;
  const char *key = arena_strndup(r->arena, (const char *)s, length);
  r->inner_name = false;
  if (r->depth == 1 && r->event_depth == 3)
    r->in_events = text_equal(key, "traceEvents");
  else if (r->in_events && r->depth == r->event_depth) {
    const struct name *row = names_find(keys, key);
    r->key = row ? (enum trace_key)row->value : KEY_OTHER;
  } else if (r->in_events && r->depth == r->event_depth + 1)
    r->inner_name = r->key == KEY_ARGUMENTS && text_equal(key, "name");
  return 1;
}

static int on_string(void *context, const unsigned char *s, size_t length)
{
  struct reading *r = context;
  const bool event = r->in_events && r->depth == r->event_depth;
  if (!event && !r->inner_name)
    return 1;
  const char *text = arena_strndup(r->arena, (const char *)s, length);
  if (r->inner_name)
    r->given_name = text;
  else if (r->key == KEY_NAME)
    r->span.name = text;
  else if (r->key == KEY_CATEGORY)
    r->span.category = text;
  else if (r->key == KEY_PHASE)
    r->phase = length == 1 ? *text : '?';
  r->inner_name = false;
  return 1;
}

/* "12.345" microseconds; -1 for what is no time that hull could have written. */
static int parse_time(char *digits, uint64_t *ns)
{
  uint64_t whole, part = 0;
  char thousandths[] = "000";
  char *point = strchr(digits, '.');
  if (point) {
    *point++ = '\0';
    for (size_t i = 0; i < 3 && point[i]; i++)
      thousandths[i] = point[i];
    if (parse_u64(thousandths, 999, &part) < 0)
      return -1;
  }
  if (parse_u64(digits, INT64_MAX / 1000 - 1, &whole) < 0)
    return -1;
  *ns = whole * 1000 + part;
  return 0;
}

static int on_number(void *context, const char *literal, size_t length)
{
  struct reading *r = context;
  char digits[NUMBER_MAX + 1];
  if (!r->in_events || r->depth != r->event_depth)
    return 1;
  if (r->key != KEY_TIME && r->key != KEY_DURATION && r->key != KEY_PROCESS)
    return 1;
  if (length > NUMBER_MAX) {
    r->wrong = true;
    return 1;
  }
  memcpy(digits, literal, length);
  digits[length] = '\0';
  if (r->key == KEY_PROCESS)
    r->has_process = parse_i64(digits, INT64_MIN, INT64_MAX, &r->span.process) == 0;
  else if (parse_time(digits, r->key == KEY_TIME ? &r->span.start_ns : &r->span.duration_ns) < 0)
    r->wrong = true;
  else if (r->key == KEY_TIME)
    r->has_time = true;
  return 1;
}

static int on_null(void *context)
{
  (void)context;
  return 1;
}

static int on_boolean(void *context, int value)
{
  (void)context;
  (void)value;
  return 1;
}

int trace_document_read(struct arena *arena, const char *bytes, size_t length,
                        struct trace_document *document, struct error *err)
{
  static const struct json_events events = { .null = on_null,
                                             .boolean = on_boolean,
                                             .number = on_number,
                                             .string = on_string,
                                             .begin_object = begin_object,
                                             .key = on_key,
                                             .end_object = end_object,
                                             .begin_array = begin_array,
                                             .end_array = end_array };
  struct reading r = { .arena = arena, .document = document };
  struct json_reader reader;
  struct json_failure failure;
  *document = (struct trace_document){ .cut_off = false };
  document->cut_off = json_read(&reader, &events, &r, bytes, length, &failure) < 0;
  if (document->spans.count > 0)
    return 0;
  if (document->cut_off && failure.reason[0] && length > 0)
    return error_set(err, ERROR_USAGE, 0, "it is not JSON at byte %zu: %s", failure.offset, failure.reason);
  return error_set(err, ERROR_USAGE, 0, "it has no complete trace event, as 'hull --trace FILE' writes them");
}

/* --- drawing ---------------------------------------------------------------------------------------- */

#define WIDTH_MIN 48
#define NAME_WIDTH_MAX 28
#define TIME_WIDTH 8
#define MARGINS (2 + 1 + 2) /* before the name, the time and the bar */
#define BAR_WIDTH_MIN 12    /* has room for the scale */
#define EIGHTHS 8
#define PLAIN "\033[0m"
#define BOLD "\033[1m"

static const char *const blocks[EIGHTHS + 1] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" };

struct canvas {
  struct text *out;
  const struct timeline_style *style;
  uint64_t begin_ns, length_ns;
  size_t name_width, bar_width;
};

static const char *color_of(const char *category)
{
  static const struct {
    const char *category, *color;
  } rows[] = {
    { "stage", "\033[36m" }, { "step", "\033[32m" }, { "message", "\033[33m" }, { "command", "\033[35m" }
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (text_equal(rows[i].category, category))
      return rows[i].color;
  return "\033[34m";
}

static const char *time_text(struct arena *arena, uint64_t ns)
{
  if (ns < 1000000)
    return arena_printf(arena, "%" PRIu64 " us", ns / 1000);
  if (ns < 1000000000)
    return arena_printf(arena, "%.*f ms", ns < 10000000 ? 2 : 1, (double)ns / 1e6);
  return arena_printf(arena, "%.2f s", (double)ns / 1e9);
}

static bool is_continuation(char c)
{
  return ((unsigned char)c & 0xc0) == 0x80;
}

/* At most 'width' characters of 'name', and blanks for the rest. */
static void add_name(const struct canvas *c, const char *name, size_t width)
{
  const size_t size = 6 * strlen(name) + 1;
  char *safe = arena_alloc(c->out->arena, size);
  size_t used = 0, length = 0;
  (void)text_escape_control(safe, size, name);
  while (safe[length] && (used < width || is_continuation(safe[length])))
    used += !is_continuation(safe[length++]);
  text_add_bytes(c->out, safe, length);
  text_addf(c->out, "%*s", (int)(width - used), "");
}

static size_t eighths(const struct canvas *c, uint64_t ns)
{
  return (size_t)((double)ns / (double)c->length_ns * (double)(c->bar_width * EIGHTHS));
}

static void add_bar(const struct canvas *c, const struct trace_span *span)
{
  const size_t last = c->bar_width - 1;
  const size_t from = eighths(c, span->start_ns - c->begin_ns);
  const size_t to = eighths(c, span->start_ns - c->begin_ns + span->duration_ns);
  const size_t first = from / EIGHTHS < last ? from / EIGHTHS : last;
  /* Blocks grow from the left of a cell: within one the length is shown, not where it is in it. */
  size_t left = to - (to / EIGHTHS > first ? first * EIGHTHS : from);
  if (left == 0 || from / EIGHTHS > last)
    left = 1;
  text_addf(c->out, "%*s", (int)first, "");
  if (c->style->color)
    text_add(c->out, color_of(span->category));
  if (!c->style->utf8 && left < EIGHTHS)
    text_add(c->out, "|");
  for (; left >= EIGHTHS; left -= EIGHTHS)
    text_add(c->out, c->style->utf8 ? blocks[EIGHTHS] : "#");
  if (c->style->utf8)
    text_add(c->out, blocks[left]);
  if (c->style->color)
    text_add(c->out, PLAIN);
}

static void add_span(const struct canvas *c, const struct trace_span *span)
{
  text_add(c->out, "  ");
  add_name(c, span->name, c->name_width);
  text_addf(c->out, " %*s  ", TIME_WIDTH, time_text(c->out->arena, span->duration_ns));
  add_bar(c, span);
  text_add(c->out, "\n");
}

static void add_title(const struct canvas *c, const struct trace_document *document, int64_t process)
{
  const char *name = arena_printf(c->out->arena, "process %" PRId64, process);
  const struct trace_process *known;
  vec_each (&document->processes, known)
    if (known->id == process)
      name = known->name;
  text_add(c->out, c->style->color ? BOLD : "");
  add_name(c, name, c->name_width + c->bar_width);
  while (c->out->length > 0 && c->out->data[c->out->length - 1] == ' ')
    c->out->data[--c->out->length] = '\0';
  text_addf(c->out, "%s\n", c->style->color ? PLAIN : "");
}

static int compare(const void *a, const void *b)
{
  const struct trace_span *one = a, *other = b;
  if (one->process != other->process)
    return one->process < other->process ? -1 : 1;
  if (one->start_ns != other->start_ns)
    return one->start_ns < other->start_ns ? -1 : 1;
  return (one->duration_ns < other->duration_ns) - (one->duration_ns > other->duration_ns);
}

static void measure(struct canvas *c, const struct trace_document *document)
{
  uint64_t end = 0;
  const struct trace_span *span;
  c->begin_ns = UINT64_MAX;
  vec_each (&document->spans, span) {
    const size_t width = strlen(span->name);
    if (span->start_ns < c->begin_ns)
      c->begin_ns = span->start_ns;
    if (span->start_ns + span->duration_ns > end)
      end = span->start_ns + span->duration_ns;
    if (width > c->name_width)
      c->name_width = width < NAME_WIDTH_MAX ? width : NAME_WIDTH_MAX;
  }
  c->length_ns = end > c->begin_ns ? end - c->begin_ns : 1;
  const size_t width = (c->style->width > WIDTH_MIN ? c->style->width : WIDTH_MIN) - MARGINS - TIME_WIDTH;
  if (c->name_width > width - BAR_WIDTH_MIN)
    c->name_width = width - BAR_WIDTH_MIN;
  c->bar_width = width - c->name_width;
}

/* The times at both ends, above the bars. */
static void add_scale(const struct canvas *c)
{
  const char *total = time_text(c->out->arena, c->length_ns);
  text_addf(c->out, "%*s0%*s\n", (int)(MARGINS + c->name_width + TIME_WIDTH), "", (int)c->bar_width - 1,
            total);
}

void timeline_add(struct text *out, struct trace_document *document, const struct timeline_style *style)
{
  struct canvas c = { .out = out, .style = style };
  const struct trace_span *span, *before = NULL;
  measure(&c, document);
  qsort(document->spans.items, document->spans.count, sizeof *document->spans.items, compare);
  add_scale(&c);
  vec_each (&document->spans, span) {
    if (!before || before->process != span->process)
      add_title(&c, document, span->process);
    add_span(&c, span);
    before = span;
  }
  if (document->spans.count == SPANS_MAX)
    text_addf(out, "The first %zu spans are shown: there may be more.\n", document->spans.count);
  else if (document->cut_off)
    text_addf(out, "The file ends early (hull was killed, or still writes it): %zu spans are shown.\n",
              document->spans.count);
  if (document->skipped > 0)
    text_addf(out, "%zu event%s without times that could be shown.\n", document->skipped,
              document->skipped == 1 ? " is" : "s are");
}
