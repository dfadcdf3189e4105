/* SPDX-License-Identifier: Apache-2.0
 * Spans of time for --trace FILE: Chrome trace events, which Perfetto opens. Off costs one branch. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Starts tracing to 'fd' (owned from now on); writes the opening bracket. */
void trace_start(int fd);
void trace_finish(void); /* writes the end of the JSON array and closes */
bool trace_on(void);
/* Monotonic nanoseconds, 0 when tracing is off. */
uint64_t trace_now(void);
/* One span of 'process' ("runtime" or "init") that began at 'start' (from trace_now) and ends now. */
void trace_span(const char *process, const char *category, const char *name, uint64_t start);
/* A span that another process measured: init sends name, start and duration over the socket, because it has
 * no file of ours. CLOCK_MONOTONIC differs inside a time namespace: 'start_ns' is only trusted if not
 * zero. */
void trace_foreign_span(const char *process, const char *category, const char *name, uint64_t start_ns,
                        uint64_t duration_ns);
