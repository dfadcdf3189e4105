/* SPDX-License-Identifier: Apache-2.0
 * The prose of one page: text, then "# SECTION", "@option NAME" and "@see NAME..." with what belongs to each.
 */
#include "docs/generate.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/path.h"
#include <fcntl.h>
#include <string.h>

#define PROSE_MAX_BYTES (1 << 20)

static struct prose_part *add_part(struct prose *prose, int kind, const char *name)
{
  struct prose_part *part = &prose->parts[prose->count++];
  part->kind = kind;
  part->name = name;
  part->text = "";
  return part;
}

static void split(struct arena *arena, struct prose *prose, char *bytes)
{
  size_t count;
  char **lines = text_split(arena, bytes, '\n', &count);
  struct text text;
  prose->parts = arena_array(arena, count + 1, sizeof *prose->parts);
  struct prose_part *part = add_part(prose, PART_TEXT, "");
  text_init(&text, arena);
  for (size_t i = 0; i < count; i++) {
    int kind = -1;
    const char *name = strchr(lines[i], ' ');
    if (text_starts_with(lines[i], "# "))
      kind = PART_SECTION;
    else if (text_starts_with(lines[i], "@option "))
      kind = PART_OPTION;
    else if (text_starts_with(lines[i], "@see "))
      kind = PART_SEE;
    if (kind < 0) {
      text_addf(&text, "%s\n", lines[i]);
      part->text = text_string(&text);
      continue;
    }
    part = add_part(prose, kind, name + 1);
    text_init(&text, arena);
  }
}

struct prose prose_read(struct arena *arena, const char *folder, const char *file)
{
  struct prose prose = { .file = file };
  struct error err = { 0 };
  size_t length;
  char *bytes = file_read(arena, AT_FDCWD, path_join(arena, folder, file), PROSE_MAX_BYTES, &length, &err);
  if (!bytes)
    complain(
        "docs/%s is missing: write what the tables do not say (see docs/commands/state.txt for a short one)",
        file);
  split(arena, &prose, bytes ? bytes : (char[]){ "" });
  return prose;
}

struct prose_part *prose_find(struct prose *prose, int kind, const char *name)
{
  for (size_t i = 0; i < prose->count; i++)
    if ((int)prose->parts[i].kind == kind && (name == NULL || text_equal(prose->parts[i].name, name))) {
      prose->parts[i].used = true;
      return &prose->parts[i];
    }
  return NULL;
}
