/* SPDX-License-Identifier: Apache-2.0
 * Makes the manual and the shells' completions from the tables of commands and of config fields and from the
 * prose in docs/. usage: generate DOCS OUT writes the files to OUT; generate --check DOCS writes nothing.
 * Exit status 1 and a line for each command without prose, field without note, or prose about what is not in
 * the tables. With
 * --lenient these are no errors: then what the tables say has to do. */
#include "docs/generate.h"
#include "docs/completions.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DOCS_MAX_BYTES (1 << 20)

static unsigned complaints;
static bool lenient, failed;

void complain(const char *format, ...)
{
  va_list list;
  complaints++;
  if (lenient)
    return;
  va_start(list, format);
  (void)vfprintf(stderr, format, list);
  (void)fputc('\n', stderr);
  va_end(list);
}

/* 'folder' NULL: only looked at. */
static void write_file(const char *folder, const char *name, const struct text *text)
{
  if (!folder)
    return;
  const char *path = path_join(text->arena, folder, name);
  auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd >= 0 && fd_write_all(fd, text_string(text), text->length) == 0)
    return;
  (void)fprintf(stderr, "cannot write '%s': %s\n", path, strerror(errno));
  failed = true;
}

static void make_command_pages(struct arena *arena, const char *docs, const char *out)
{
  struct text page;
  for (const struct command *const *command = commands; *command; command++) {
    struct prose prose = prose_read(arena, docs, arena_printf(arena, "commands/%s.txt", (*command)->name));
    text_init(&page, arena);
    page_command(&page, *command, &prose);
    write_file(out, arena_printf(arena, "hull-%s.1", (*command)->name), &page);
  }
  struct prose prose = prose_read(arena, docs, "commands/hull.txt");
  text_init(&page, arena);
  page_hull(&page, &prose);
  write_file(out, "hull.1", &page);
}

static void make_config_page(struct arena *arena, const char *docs, const char *out)
{
  struct text page;
  struct error err = { 0 };
  size_t length;
  char *notes =
      file_read(arena, AT_FDCWD, path_join(arena, docs, "config.txt"), DOCS_MAX_BYTES, &length, &err);
  if (!notes)
    complain("docs/config.txt cannot be read");
  text_init(&page, arena);
  page_config(&page, arena, notes ? notes : "");
  write_file(out, "hull-config.5", &page);
}

/* The script with the tables in place of the line that says where. */
static void make_completion(struct arena *arena, const char *docs, const char *out, const char *file,
                            enum shell shell)
{
  static const char mark[] = "@TABLES@\n";
  struct text script;
  struct error err = { 0 };
  size_t length;
  const char *path = path_join(arena, docs, arena_printf(arena, "completion/%s", file));
  char *bytes = file_read(arena, AT_FDCWD, path, DOCS_MAX_BYTES, &length, &err);
  char *place = bytes ? strstr(bytes, mark) : NULL;
  text_init(&script, arena);
  if (!place) {
    (void)fprintf(stderr, "'%s' cannot be read, or has no line @TABLES@\n", path);
    failed = true;
    return;
  }
  text_add_bytes(&script, bytes, (size_t)(place - bytes));
  completion_tables(&script, shell);
  text_add(&script, place + sizeof mark - 1);
  write_file(out, file, &script);
}

int main(int argc, char **argv)
{
  struct arena arena = ARENA_INIT;
  const bool check = argc == 3 && strcmp(argv[1], "--check") == 0;
  lenient = argc == 4 && strcmp(argv[1], "--lenient") == 0;
  if (argc != 3 && !lenient) {
    (void)fprintf(stderr, "usage: generate [--lenient] DOCS OUT, or generate --check DOCS\n");
    return 2;
  }
  const char *docs = check || lenient ? argv[2] : argv[1];
  const char *out = check ? NULL : argv[argc - 1];
  make_command_pages(&arena, docs, out);
  make_config_page(&arena, docs, out);
  make_completion(&arena, docs, out, "hull.bash", SHELL_BASH);
  make_completion(&arena, docs, out, "hull.fish", SHELL_FISH);
  make_completion(&arena, docs, out, "_hull", SHELL_ZSH);
  arena_release(&arena);
  return failed || (complaints > 0 && !lenient);
}
