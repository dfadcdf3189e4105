/* SPDX-License-Identifier: Apache-2.0
 * The user's runtime directory (XDG Base Directory Specification), where a program that is not the system's
 * keeps what does not outlive the machine's run. */
#pragma once

/* XDG_RUNTIME_DIR, if this process is not the system's root and it is an absolute path; else NULL. Root of a
 * user namespace is a user, unless USER says root: a container that was made for root is its own system. */
const char *runtime_dir(void);
