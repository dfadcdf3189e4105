/* SPDX-License-Identifier: Apache-2.0
 * What every unit test needs: checks that count and say where they failed, and a directory that goes away. A
 * test is a program: main calls its cases and ends with `return unit_finish ();`. */
#pragma once
#include <ftw.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNIT_SKIP_STATUS 77 /* automake: this program was skipped */
#define UNIT_UNUSED __attribute__((unused))
#define UNIT_COUNT(array) (sizeof(array) / sizeof(array)[0])

static unsigned unit_passed, unit_failed;
static const char *unit_row = ""; /* what a table-driven case is at; printed with failures */

/* Names the row of the table that the next checks are about; NULL for none. */
static UNIT_UNUSED void unit_at(const char *row)
{
  unit_row = row ? row : "";
}

static UNIT_UNUSED bool unit_check(bool ok, const char *file, int line, const char *what)
{
  if (ok) {
    unit_passed++;
    return true;
  }
  unit_failed++;
  printf("%s:%d: %s%s%s%s\n", file, line, unit_row, *unit_row ? ": " : "", "failed: ", what);
  return false;
}

static UNIT_UNUSED bool unit_check_string(const char *got, const char *wanted, const char *file, int line,
                                          const char *what)
{
  bool ok = got && wanted ? strcmp(got, wanted) == 0 : got == wanted;
  if (!unit_check(ok, file, line, what))
    printf("  got    '%s'\n  wanted '%s'\n", got ? got : "(null)", wanted ? wanted : "(null)");
  return ok;
}

static UNIT_UNUSED bool unit_check_number(int64_t got, int64_t wanted, const char *file, int line,
                                          const char *what)
{
  if (!unit_check(got == wanted, file, line, what))
    printf("  got    %" PRId64 "\n  wanted %" PRId64 "\n", got, wanted);
  return got == wanted;
}

/* Each yields whether it held, so that a case can stop: `if (!CHECK (fd >= 0)) return;` */
#define CHECK(condition) unit_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_STRING(got, wanted) unit_check_string((got), (wanted), __FILE__, __LINE__, #got)
#define CHECK_NUMBER(got, wanted)                                                                            \
  unit_check_number((int64_t)(got), (int64_t)(wanted), __FILE__, __LINE__, #got)

static UNIT_UNUSED int unit_finish(void)
{
  printf("%u passed, %u failed\n", unit_passed, unit_failed);
  return unit_failed ? 1 : 0;
}

/* Ends the program as skipped. */
static UNIT_UNUSED _Noreturn void unit_skip(const char *reason)
{
  printf("skipped: %s\n", reason);
  exit(UNIT_SKIP_STATUS);
}

static char unit_dir[64];

static UNIT_UNUSED int unit_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

static UNIT_UNUSED void unit_remove_dir(void)
{
  if (chdir("/") < 0)
    return;
  (void)nftw(unit_dir, unit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A new empty directory, also made the current one; removed at exit. */
static UNIT_UNUSED const char *unit_temp_dir(void)
{
  (void)snprintf(unit_dir, sizeof unit_dir, "/tmp/hull-unit-XXXXXX");
  if (!mkdtemp(unit_dir) || chdir(unit_dir) < 0) {
    perror(unit_dir);
    exit(1);
  }
  (void)atexit(unit_remove_dir);
  return unit_dir;
}
