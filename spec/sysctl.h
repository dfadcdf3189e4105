/* SPDX-License-Identifier: Apache-2.0
 * Keys of linux.sysctl: their file, and the namespace that keeps them from the host. */
#pragma once
#include "spec/spec.h"
#include <stddef.h>

#define SYSCTL_PATH_BYTES 256

/* 'net.ipv4.ip_forward' and 'net/ipv4/ip_forward' -> "net/ipv4/ip_forward", to be opened below /proc/sys. As
 * in sysctl(8) the first separator decides: in 'net/ipv4/conf/eth0.5/mtu' the dot is part of a name. -1 if
 * the key is not a plain relative path ('..', empty parts, spaces, '+') or does not fit. */
int sysctl_to_path(const char *key, char *path, size_t size);
/* True if a container of 'spec' may set that key; else 'message' says why not. Unless its namespaces are
 * known, it may have them all. */
bool sysctl_allowed(const struct spec *spec, bool namespaces_known, const char *key, char *message,
                    size_t size);
