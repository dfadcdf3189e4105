/* SPDX-License-Identifier: Apache-2.0
 * What `update` makes of a container's linux.resources. Pure. */
#pragma once
#include "spec/spec.h"

/* Takes over into 'to' what 'change' asks for. What it does not name stays as it was, also one of quota and
 * period; so does what it gives as the zero or "" that callers write for "nothing asked" (0 counts where the
 * kernel has a use for it: pids.limit, cpu.idle, cpu.burst, rates and numbers of huge pages, which lift a
 * limit or forbid all). cpu.idle takes away the shares, which it excludes. Devices of blockIO are told apart
 * by major:minor, huge pages by their size, rdma and unified by their key. Device rules are not taken: those
 * that a container runs with stay, with what was added to them from outside. 'to' shares memory with 'change'
 * afterwards; what it pointed to is not written to. */
void resources_merge(struct arena *arena, struct resources *to, const struct resources *change);
