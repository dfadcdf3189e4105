/* SPDX-License-Identifier: Apache-2.0
 * isatty and the environment. hull is static and reads no locale files: LC_ALL, LC_CTYPE and LANG say enough.
 */
#include "cmd/terminal.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is_screen(void)
{
  const char *term = getenv("TERM");
  return isatty(STDOUT_FILENO) && term != NULL && *term && strcmp(term, "dumb") != 0;
}

bool terminal_wants_color(void)
{
  const char *no_color = getenv("NO_COLOR");
  return terminal_is_screen() && (no_color == NULL || !*no_color);
}

bool terminal_has_utf8(void)
{
  static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value && *value)
      return strcasestr(value, "UTF-8") != NULL || strcasestr(value, "UTF8") != NULL;
  }
  return false;
}

void terminal_size(size_t *columns, size_t *rows)
{
  struct winsize size;
  *columns = *rows = 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
    return;
  *columns = size.ws_col;
  *rows = size.ws_row;
}
