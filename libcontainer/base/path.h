/* SPDX-License-Identifier: Apache-2.0
 * Lexical path work only: nothing here looks at a file system. */
#pragma once
#include "arena.h"
#include <stdbool.h>

/* '/a//b/../c/' -> '/a/c'. Relative paths stay relative; '..' at the root is dropped, '..' at the start of a
 * relative path is kept. Never empty: "." for nothing. */
char *path_clean(struct arena *arena, const char *path);
char *path_join(struct arena *arena, const char *dir, const char *name);
/* 'dir' joined with 'path' unless 'path' is absolute; cleaned. */
char *path_absolute(struct arena *arena, const char *dir, const char *path);
const char *path_base(const char *path);
char *path_dir(struct arena *arena, const char *path);
/* True if 'path' is 'dir' or below it; both clean and absolute. */
bool path_is_under(const char *path, const char *dir);
/* True if any component is '..'. */
bool path_has_dotdot(const char *path);
