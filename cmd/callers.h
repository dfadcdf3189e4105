/* SPDX-License-Identifier: Apache-2.0
 * Exit statuses and words of messages that programs which call hull rely on. */
#pragma once

struct caller_row {
  const char *situation; /* the name of its test in tests/bats/callers.bats */
  int status;
  const char *words;  /* in the message; "": none, it succeeds or the status says it all */
  const char *caller; /* who looks, and what for */
};
extern const struct caller_row caller_rows[]; /* a row without a situation ends them */
