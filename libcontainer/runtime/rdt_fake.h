/* SPDX-License-Identifier: Apache-2.0
 * A directory in place of resctrl, for tests on machines without the hardware: HULL_RESCTRL=DIR. Compiled to
 * nothing unless configured with --enable-fault-injection. */
#pragma once
#include "libcontainer/runtime/rdt.h"

#ifdef HULL_FAULT_INJECTION
/* True if the environment names one, which is then the tree. */
bool rdt_fake_open(struct rdt_tree *tree);
#else
static inline bool rdt_fake_open(struct rdt_tree *tree)
{
  (void)tree;
  return false;
}
#endif
