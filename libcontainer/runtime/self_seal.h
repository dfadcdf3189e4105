/* SPDX-License-Identifier: Apache-2.0
 * Protects the running program's file from the containers it enters (CVE-2019-5736): /proc/PID/exe of a
 * process in a container must lead to nothing that can ever be written. */
#pragma once
#include "libcontainer/base/error.h"

/* Re-executes this program from a read-only overlay of its own file, or from a sealed memfd, unless it runs
 * from one already. Returns 0 if it does; does not return if it re-executes; -1 on error. Also makes the
 * process undumpable, so that nothing inside may trace it (CVE-2016-9962). */
int self_seal(char *const argv[], struct error *err);
