/* SPDX-License-Identifier: Apache-2.0
 * Fault injection for tests: HULL_FAULT=NAME:ERRNO makes step or message NAME fail, NAME:kill ends this
 * process with SIGKILL there. Compiled to nothing unless configured with --enable-fault-injection. */
#pragma once
#include "error.h"

#ifdef HULL_FAULT_INJECTION
int fault_check(const char *name, struct error *err);
/* Reads HULL_FAULT from the environment once; call at start, the environment is gone later. */
void fault_setup(void);
#else
static inline int fault_check(const char *name, struct error *err)
{
  (void)name;
  (void)err;
  return 0;
}
static inline void fault_setup(void)
{
}
#endif
