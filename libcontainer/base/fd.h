/* SPDX-License-Identifier: Apache-2.0
 * Owning file descriptors: -1 is the empty one. */
#pragma once
#include "error.h"
#include <stddef.h>

void fd_close(int *fd);                                       /* closes unless -1, sets -1, keeps errno */
#define auto_close __attribute__((cleanup(fd_close), unused)) /* unused: owning alone is a use */
/* Moves ownership out of an auto_close variable. */
int take_fd(int *fd);
void pointer_free(void *p); /* for auto_free: frees *(void **) p */
#define auto_free __attribute__((cleanup(pointer_free), unused))

/* Closes every descriptor from 'first' on except those in 'keep' (sorted ascending, no duplicates).
 * Errors are fatal for the caller: an inherited descriptor is a way out of the container. */
int fd_close_others(int first, const int *keep, size_t keep_count, struct error *err);
/* Sets close-on-exec on every descriptor from 'first' on. */
int fd_cloexec_from(int first, struct error *err);
int fd_set_cloexec(int fd, int on);
/* write(2) until all is written; EINTR is retried. -1 and errno on failure. */
int fd_write_all(int fd, const void *data, size_t length);
