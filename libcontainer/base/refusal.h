/* SPDX-License-Identifier: Apache-2.0
 * Why a path is refused: which component, its mode and owner against our ids, a mount flag, an id that is not
 * mapped. Asked after a failure only; says nothing rather than something wrong. No allocation. */
#pragma once
#include <stddef.h>

/* Writes what keeps the effective ids of this thread from 'path' (below 'dirfd', or AT_FDCWD), where 'access'
 * is what the last component is wanted for: F_OK, R_OK, W_OK (also: to make something in it) or X_OK (to
 * execute it). For EACCES, EPERM, ENOENT and ENOTDIR. "" if nothing is to be seen. Returns the length. */
size_t refusal_explain(int dirfd, const char *path, int access, char *buffer, size_t size);
/* The same for the end of a message: ": REASON" for errnum EACCES or EPERM, else "". Keeps errno. */
#define REFUSAL_BYTES 400
const char *refusal_suffix(int dirfd, const char *path, int access, int errnum, char buffer[REFUSAL_BYTES]);
