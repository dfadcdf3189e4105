/* SPDX-License-Identifier: Apache-2.0
 * What the seccomp filter of one process and its descendants denies: asked for by an option of run and exec,
 * collected by a process beside us, read by hull_seccomp_report_read(). Nothing of it exists otherwise. */
#pragma once
#include "libcontainer/base/error.h"

struct launch;

/* Puts a filter that asks us in the place of the plain one ('launch->filter', which stays as it is) and
 * starts the process that will answer, and end with the last process under the filter. Before the clone. */
int seccomp_report_start(struct launch *launch, struct error *err);
