/* SPDX-License-Identifier: Apache-2.0
 * Whole files, relative to a directory descriptor (AT_FDCWD for the current one). */
#pragma once
#include "arena.h"
#include "error.h"
#include <stddef.h>
#include <sys/types.h>

/* Reads at most 'max' bytes (more is an error, EFBIG). The result is NUL-terminated, owned by the arena. */
char *file_read(struct arena *arena, int dirfd, const char *path, size_t max, size_t *length,
                struct error *err);
/* Reads into a buffer; NUL-terminates; returns the length or -1 with errno. For small kernel files. */
ssize_t file_read_small(int dirfd, const char *path, char *buffer, size_t size);
/* Writes 's' with one write(2) to an existing file (kernel files take a value only as a whole). -1 and
 * errno. */
int file_write_value(int dirfd, const char *path, const char *s);
/* Makes 'path' with 'data' by a temporary name '.NAME.tmp' and rename(2): readers see all or nothing. */
int file_replace(int dirfd, const char *path, const void *data, size_t length, mode_t mode,
                 struct error *err);
