/* SPDX-License-Identifier: Apache-2.0
 * What may keep this process from user namespaces: the switches of kernels and distributions. Asked after a
 * failure, and by `hull check`. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct userns_limit {
  const char *sysctl; /* "kernel.unprivileged_userns_clone" */
  const char *file;   /* below /proc */
  long bad;           /* the value with which it is in the way */
  bool unprivileged;  /* of those only who have no CAP_SYS_ADMIN */
  bool partly;        /* the namespace can be made, and then nothing may be done in it */
  const char *why;    /* what it does */
  const char *remedy;
};
extern const struct userns_limit userns_limits[]; /* ends with sysctl NULL */

/* True if the limit is in force for us. */
bool userns_limit_holds(const struct userns_limit *limit);
/* Writes "SYSCTL is VALUE: WHY; REMEDY" of the first that holds; "" if none does. Returns the length. */
size_t userns_explain(char *buffer, size_t size);
