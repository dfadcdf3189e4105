/* SPDX-License-Identifier: Apache-2.0
 * A trace as lines with bars. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/base/text.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stdint.h>

struct trace_span {
  const char *name, *category; /* as the file has them */
  uint64_t start_ns, duration_ns;
  int64_t process;
};
struct trace_process {
  int64_t id;
  const char *name;
};
struct trace_document {
  VEC(struct trace_span) spans;
  VEC(struct trace_process) processes; /* those that have a name */
  bool cut_off;                        /* the file ends early, or goes on with something else */
  size_t skipped;                      /* events that are not complete ones, or whose times make no sense */
};

struct timeline_style {
  size_t width; /* of the screen */
  bool color, utf8;
};

/* Reads the array of trace events, or the object around it. A file that ends early is shown as far as it
 * goes. */
int trace_document_read(struct arena *arena, const char *bytes, size_t length,
                        struct trace_document *document, struct error *err);
void timeline_add(struct text *out, struct trace_document *document, const struct timeline_style *style);
