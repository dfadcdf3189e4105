/* SPDX-License-Identifier: Apache-2.0
 * The row type of the controller table. A controller is one file that exports one row, and one line in
 * controllers.c. Rows are pure: they return settings and parse text; only fs.c and stats.c touch files. */
#pragma once
#include "cgroups/cgroup.h"
#include "cgroups/settings.h"

/* One file that statistics are read from, and what makes numbers of it. */
struct stat_file {
  const char *name; /* "*" in it: one file for each size of huge pages, as the kernel writes sizes */
  bool core;        /* there without the controller, as the PRESSURE files are */
  /* 'part' is what "*" stands for. */
  void (*parse)(struct arena *arena, const char *part, const char *text, struct cgroup_stats *stats);
};

struct controller {
  const char *name; /* as in cgroup.controllers, except "devices" and "unified", which the core has */
  /* Appends what 'resources' asks of this controller; NULL: it has no files. */
  int (*settings)(struct arena *arena, const struct resources *resources, struct settings *settings,
                  struct error *err);
  const struct stat_file *stat_files; /* a row without a name ends them; NULL: none */
};

extern const struct controller *const controllers[]; /* NULL ends the table */
extern const struct controller cpu_controller, cpuset_controller, devices_controller, hugetlb_controller,
    io_controller, memory_controller, misc_controller, pids_controller, rdma_controller, unified_controller;

/* The cgroup v2 weight, 1 to 10000, of cgroup v1 shares; 0, which is no request, stays 0. */
uint64_t cpu_weight(uint64_t shares);

/* --- for the rows -------------------------------------------------------------------------------- */

/* Error of a value that nobody would take. Returns -1. */
int refuse_setting(struct error *err, const char *origin, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "BASE/INDEX" or "BASE/KEY" (escaped), in the arena. */
const char *origin_index(struct arena *arena, const char *base, size_t index);
const char *origin_key(struct arena *arena, const char *base, const char *key);

/* Value of the line "KEY VALUE" in a flat keyed file; false if it is not there. */
bool keyed_value(const char *text, const char *key, uint64_t *value);
/* The same for the word "KEY=VALUE" of a line (that ends with a newline, or with the text); "max" is
 * CGROUP_NO_LIMIT. */
bool word_value(const char *line, const char *key, uint64_t *value);
/* The number that a file holds; "max" is CGROUP_NO_LIMIT. False: neither. */
bool whole_value(const char *text, uint64_t *value);
/* The line after this one; NULL: there is none. For (line = text; line && *line; line = next_line (line)). */
const char *next_line(const char *line);
/* Heads a function for stat_file.parse. */
#define STAT_PARSER(name)                                                                                    \
  static void name(struct arena *arena __attribute__((unused)), const char *part __attribute__((unused)),    \
                   const char *text, struct cgroup_stats *stats)
/* A PRESSURE file. */
void parse_pressure(const char *text, struct cgroup_psi *psi);
