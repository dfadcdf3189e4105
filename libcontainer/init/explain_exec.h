/* SPDX-License-Identifier: Apache-2.0
 * Why execve(2) fails: what can be learnt of a file before, and what an errno means after. */
#pragma once
#include <stddef.h>

struct init_context;

/* Writes what will make execve(2) of 'path' fail, if it does (binfmt_misc may run what looks wrong), or "".
 * While files can still be read: before the filter. */
void explain_exec(const char *path, char *buffer, size_t size);
/* What to add to the errno of a failed execve(2); "" for nothing. No system calls: the filter is in force. */
const char *why_exec_failed(struct init_context *init, int errnum);
