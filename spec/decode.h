/* SPDX-License-Identifier: Apache-2.0
 * JSON bytes -> structs, by the field tables. No host access. */
#pragma once
#include "libcontainer/base/error.h"
#include "spec/spec.h"

struct type;
#define CONFIG_MAX_BYTES (16 << 20) /* yajl grows its buffer by doubling; see CVE-2022-24795 */
#define CONFIG_MAX_DEPTH 64

/* Decodes 'bytes' as 'type' into 'object' (zeroed memory of type->size). Syntax errors, wrong types, values
 * out of range, unknown enumeration names, duplicate keys, NUL in strings, depth over CONFIG_MAX_DEPTH are
 * problems; unknown keys are not (runtime-spec: must be ignored; logged at debug level by the caller if
 * 'unknown' is not NULL). null counts as absent. Returns -1 if there was an error-level problem. */
int decode(const struct type *type, void *object, const char *bytes, size_t length, struct problems *problems,
           struct strings *unknown);

/* decode() of a whole config.json, then the checks of validate.h. On failure 'err' holds the problems, one a
 * line; warnings are kept in 'spec'. */
int decode_config(struct arena *arena, struct spec *spec, const char *bytes, size_t length,
                  const char *document, struct error *err);
/* The same for callers that want each problem, warnings too, and the unknown keys. 'problems' needs its arena
 * and document set; warnings have no place unless there is an error too (problems_place() in problem.h finds
 * it). The checks are made also of what was decoded with problems, unless the decoder had to stop. */
int decode_config_report(struct spec *spec, const char *bytes, size_t length, struct problems *problems,
                         struct strings *unknown);
/* A process object, as `exec --process` reads it. */
int decode_process(struct arena *arena, struct process *process, const char *bytes, size_t length,
                   const char *document, struct error *err);

/* linux.resources alone, as `update` reads it. Unlike in a config, where later versions of runtime-spec may
 * add properties, an unknown one is an error: nobody wants a change that is not made. */
int decode_resources(struct arena *arena, struct resources *resources, const char *bytes, size_t length,
                     const char *document, struct error *err);

/* Returns the new problem. NULL: not kept, or the decoder has complained of the value at 'pointer' already.
 */
struct problem *problem_add(struct problems *problems, bool warning, const char *pointer, const char *format,
                            ...) __attribute__((format(printf, 4, 5)));
/* Appends each warning as "POINTER: text". */
void problems_keep_warnings(const struct problems *problems, struct strings *warnings);
/* One error of all problems: "config.json:41:17: /linux/x: text", one a line. Returns -1. */
int problems_to_error(const struct problems *problems, struct error *err);
