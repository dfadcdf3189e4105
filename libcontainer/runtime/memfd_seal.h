/* SPDX-License-Identifier: Apache-2.0
 * Our own program in a sealed memfd: where there is no privilege for the overlay of overlay_seal.h. Usable
 * before the C library is set up. */
#pragma once

/* The value of SEAL_MARK (overlay_seal.h) for it, and the seals that it has. */
#define MEMFD_SEAL_MARK "memfd"
#define MEMFD_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Descriptor of the copy; or a negated errno value. */
int memfd_seal_open(void);
