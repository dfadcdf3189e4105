/* SPDX-License-Identifier: Apache-2.0
 * What assert(3) of the libraries in this static program (yajl's) calls. The C library's own translates its
 * message and prints wide characters, which needs message catalogs, character sets and loading of shared
 * objects: 200 KiB that every hull would map and never run. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function)
{
  (void)fprintf(stderr, "hull: %s:%u: %s: assertion '%s' failed\n", file, line, function, assertion);
  abort();
}
