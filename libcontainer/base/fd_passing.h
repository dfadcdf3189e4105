/* SPDX-License-Identifier: Apache-2.0
 * File descriptors over AF_UNIX sockets (unix(7), SCM_RIGHTS). */
#pragma once
#include "error.h"
#include <stddef.h>
#include <sys/types.h>

#define FD_PASSING_MAX 8

/* Sends 'data' (at least 1 byte) with 'count' descriptors in one packet. */
int fds_send(int socket, const void *data, size_t length, const int *fds, size_t count, struct error *err);
/* Receives one packet; descriptors arrive close-on-exec in 'fds' (room for FD_PASSING_MAX), *count says how
 * many. 'sender' (may be NULL) gets the pid from SCM_CREDENTIALS if the socket has SO_PASSCRED, else 0.
 * Returns the length, 0 at end of stream, -1 on error (also for truncated data or control messages, after
 * which no descriptor is left open). */
ssize_t fds_receive(int socket, void *data, size_t size, int *fds, size_t *count, pid_t *sender,
                    struct error *err);
/* Connects to the AF_UNIX stream socket at 'path' (any length: long ones go through an O_PATH fd). */
int unix_connect(const char *path, struct error *err);
