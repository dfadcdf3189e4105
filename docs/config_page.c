/* SPDX-License-Identifier: Apache-2.0
 * hull-config(5): each row of the field tables with its type and range, and what docs/config.txt notes on it:
 * what it does here, and which kernel it needs. */
#include "docs/generate.h"
#include "libcontainer/plan/mount_options.h"
#include "spec/types.h"
#include <inttypes.h>
#include <string.h>

#define TYPES_MAX 64

struct note {
  const char *pointer, *text, *kernel;
  bool used;
};

struct config_page {
  struct text *out;
  struct arena *arena;
  struct note *notes;
  size_t note_count;
  const char *introduction, *end;
  struct {
    const struct type *type;
    const char *pointer;
  } seen[TYPES_MAX];
  size_t seen_count;
};

/* --- notes ----------------------------------------------------------------------------------------- */

/* Paragraphs "POINTER\n  text...\n  kernel: text"; what stands before the first is the introduction, what
 * stands behind "# " and a title is the page's end. */
static void read_notes(struct config_page *page, const char *bytes)
{
  size_t count;
  char **lines = text_split(page->arena, bytes, '\n', &count);
  struct text text, end;
  struct note *note = NULL;
  bool ending = false;
  text_init(&text, page->arena);
  text_init(&end, page->arena);
  page->notes = arena_array(page->arena, count + 1, sizeof *page->notes);
  page->introduction = "";
  for (size_t i = 0; i < count; i++) {
    ending |= text_starts_with(lines[i], "# ");
    if (ending) {
      text_addf(&end, "%s\n", lines[i]);
    } else if (*lines[i] == '/') {
      note = &page->notes[page->note_count++];
      note->pointer = lines[i];
      text_init(&text, page->arena);
    } else if (note && text_starts_with(lines[i], "  kernel: ")) {
      note->kernel = lines[i] + strlen("  kernel: ");
    } else {
      text_addf(&text, "%s\n", lines[i] + (note ? strspn(lines[i], " ") : 0));
      if (note)
        note->text = text_string(&text);
      else
        page->introduction = text_string(&text);
    }
  }
  page->end = text_string(&end);
}

static struct note *find_note(struct config_page *page, const char *pointer)
{
  for (size_t i = 0; i < page->note_count; i++)
    if (text_equal(page->notes[i].pointer, pointer))
      return &page->notes[i];
  return NULL;
}

/* --- what a row says ------------------------------------------------------------------------------- */

static const char *kind_name(enum field_kind kind)
{
  switch (kind) {
  case FIELD_BOOL:
    return "true or false";
  case FIELD_I64:
  case FIELD_U64:
    return "number";
  case FIELD_STRING:
    return "string";
  case FIELD_ENUM:
    return "one name";
  case FIELD_OBJECT:
    return "object";
  case FIELD_OBJECTS:
    return "array of objects";
  case FIELD_STRINGS:
    return "array of strings";
  case FIELD_U64S:
    return "array of numbers";
  case FIELD_STRING_MAP:
    return "object of strings";
  case FIELD_OBJECT_MAP:
    return "object of objects";
  case FIELD_IGNORED:
    return "anything";
  }
  return "";
}

static void add_kind(struct text *out, const struct field *row)
{
  text_addf(out, "(%s", kind_name(row->kind));
  if (row->kind == FIELD_I64 && (row->min || row->max))
    text_addf(out, ", %" PRId64 " to %" PRId64, row->min, row->max);
  else if ((row->kind == FIELD_U64 || row->kind == FIELD_U64S) && row->umax)
    text_addf(out, ", 0 to %" PRIu64, row->umax);
  if (row->flags & FIELD_REQUIRED)
    text_add(out, ", required");
  if (row->flags & FIELD_NOT_EMPTY)
    text_add(out, ", not empty");
  if (row->flags & FIELD_DEPRECATED)
    text_add(out, ", deprecated");
  text_add(out, ")");
}

static void add_names(struct text *out, const struct name *names)
{
  struct text line;
  text_init(&line, out->arena);
  for (size_t i = 0; names[i].name; i++)
    text_addf(&line, "%s%s", i ? ", " : "One of ", names[i].name);
  text_add(&line, ".");
  roff_line(out, text_string(&line));
}

/* --- the tree -------------------------------------------------------------------------------------- */

static const char *pointer_to(struct config_page *page, const char *above, const struct field *row)
{
  return arena_printf(page->arena, "%s/%s", above, row->key);
}

/* Where the properties of a row's type stand: below the row, its elements, or its keys. */
static const char *pointer_inside(struct config_page *page, const char *pointer, const struct field *row)
{
  if (row->kind == FIELD_OBJECTS)
    return arena_printf(page->arena, "%s/*", pointer);
  if (row->kind == FIELD_OBJECT_MAP)
    for (const struct field *key = row->type->fields; key->key; key++)
      if (key->flags & FIELD_IS_KEY)
        return arena_printf(page->arena, "%s/<%s>", pointer, key->key);
  return pointer;
}

static const char *seen_at(const struct config_page *page, const struct type *type)
{
  for (size_t i = 0; i < page->seen_count; i++)
    if (page->seen[i].type == type)
      return page->seen[i].pointer;
  return NULL;
}

static void add_entry(struct config_page *page, const struct field *row, const char *pointer)
{
  struct text *out = page->out;
  struct note *note = find_note(page, pointer);
  text_add(out, ".TP\n");
  roff_bold(out, pointer);
  text_add(out, " ");
  add_kind(out, row);
  text_add(out, "\n");
  if (note) {
    note->used = true;
    roff_prose(out, note->text ? note->text : "");
  } else {
    complain("docs/config.txt has no note on '%s': say what it does here, and which kernel it needs",
             pointer);
  }
  if (note && !note->text)
    complain("docs/config.txt: the note on '%s' is empty", pointer);
  if (row->names)
    add_names(out, row->names);
  if (row->unsupported) {
    roff_line(out, arena_printf(page->arena, "Refused unless it asks for nothing: %s.", row->unsupported));
  }
  if (note && note->kernel) {
    text_add(out, ".br\n");
    roff_line(out, arena_printf(page->arena, "Kernel: %s.", note->kernel));
  }
}

static void walk(struct config_page *page, const struct type *type, const char *above, bool top);

static void walk_inside(struct config_page *page, const struct field *row, const char *pointer)
{
  const char *inside = pointer_inside(page, pointer, row), *before = seen_at(page, row->type);
  if (before) {
    roff_line(page->out, arena_printf(page->arena, "Its properties are those of `%s`.", before));
    return;
  }
  if (page->seen_count < TYPES_MAX) {
    page->seen[page->seen_count].type = row->type;
    page->seen[page->seen_count++].pointer = inside;
  }
  walk(page, row->type, inside, false);
}

/* Objects at the top have a section each. */
static void walk(struct config_page *page, const struct type *type, const char *above, bool top)
{
  for (const struct field *row = type->fields; row->key; row++) {
    const char *pointer = pointer_to(page, above, row);
    if (row->flags & FIELD_IS_KEY)
      continue;
    if (top && row->type) {
      text_add(page->out, ".SS ");
      roff_line(page->out, row->key);
    }
    add_entry(page, row, pointer);
    if (row->type)
      walk_inside(page, row, pointer);
  }
}

/* --- mount options --------------------------------------------------------------------------------- */

enum { OPTION_ATTRIBUTE, OPTION_RECURSIVE, OPTION_PROPAGATION, OPTION_SUPER, OPTION_EFFECT, OPTION_NOTHING };

static int kind_of(const struct mount_option *option)
{
  if (option->effect != EFFECT_NONE)
    return OPTION_EFFECT;
  if (option->propagation)
    return OPTION_PROPAGATION;
  if (option->super_flag)
    return OPTION_SUPER;
  if (option->recursive)
    return OPTION_RECURSIVE;
  return option->set || option->clear ? OPTION_ATTRIBUTE : OPTION_NOTHING;
}

static void add_mount_options(struct text *out)
{
  static const char *const titles[] = {
    [OPTION_ATTRIBUTE] = "Flags of this mount",
    [OPTION_RECURSIVE] = "The same for all mounts below it as well",
    [OPTION_PROPAGATION] = "Propagation, with r of all mounts below it as well",
    [OPTION_SUPER] = "Flags of the file system, so not of a bind mount",
    [OPTION_EFFECT] = "What is done (see mounts above)",
    [OPTION_NOTHING] = "Taken, and without effect in the mount API",
  };
  text_add(out, ".SH MOUNT OPTIONS\n");
  roff_line(out, "What is not listed here is an option of the file system and goes to it "
                 "as it stands.");
  for (int kind = 0; kind <= OPTION_NOTHING; kind++) {
    const char *comma = "";
    text_addf(out, ".TP\n%s:\n", titles[kind]);
    for (const struct mount_option *option = mount_options; option->name; option++)
      if (kind_of(option) == kind) {
        text_add(out, comma);
        roff_bold(out, option->name);
        comma = ",\n";
      }
    text_add(out, "\n");
  }
}

static void add_end(struct text *out, const char *end)
{
  size_t count;
  char **lines = text_split(out->arena, end, '\n', &count);
  struct text section;
  text_init(&section, out->arena);
  for (size_t i = 0; i <= count; i++) {
    if (i == count || text_starts_with(lines[i], "# ")) {
      roff_prose(out, text_string(&section));
      text_init(&section, out->arena);
      if (i < count)
        text_addf(out, ".SH %s\n", lines[i] + 2);
    } else {
      text_addf(&section, "%s\n", lines[i]);
    }
  }
}

void page_config(struct text *out, struct arena *arena, const char *notes)
{
  struct config_page page = { .out = out, .arena = arena };
  read_notes(&page, notes);
  roff_header(out, "hull-config", "5");
  text_add(out,
           ".SH NAME\nhull\\-config \\- what each property of config.json does in hull\n.SH DESCRIPTION\n");
  roff_prose(out, page.introduction);
  text_add(out, ".SH PROPERTIES\n");
  walk(&page, &config_type, "", true);
  add_mount_options(out);
  add_end(out, page.end);
  text_add(
      out,
      ".SH SEE ALSO\n.BR hull (1),\n.BR hull\\-spec (1),\n.BR hull\\-validate (1),\n.BR hull\\-plan (1)\n");
  for (size_t i = 0; i < page.note_count; i++)
    if (!page.notes[i].used)
      complain("docs/config.txt: '%s' is in no field table", page.notes[i].pointer);
}
