/* SPDX-License-Identifier: Apache-2.0
 * Seccomp profiles: compiled in the runtime (libseccomp), installed in init (raw seccomp(2)). */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sock_filter;
struct seccomp;
struct seccomp_program {
  struct sock_filter *filter;
  size_t length;  /* instructions */
  uint64_t flags; /* SECCOMP_FILTER_FLAG_* for seccomp(2) */
  bool notify;    /* some action is SCMP_ACT_NOTIFY: a listener is made */
};
