/* SPDX-License-Identifier: Apache-2.0
 * An almost empty mount namespace, kept by a bind mount at ROOT/.pins/mnt. A container that starts from a
 * copy of it starts as fast on a host with 5,000 mounts as on one with 20; a copy of the host's own table
 * does not. */
#pragma once
#include "libcontainer/runtime/runtime.h"

/* Descriptor of the pinned namespace, or -1: none is worth having here, or it can't be made; then the host's
 * table is copied. Never an error. It is made only where the mount table is large, so that small hosts and
 * tests with state directories of their own keep no mount. */
int mount_pin_open(struct hull *hull);

enum mount_pin { PIN_NONE, PIN_WHOLE, PIN_HALF_MADE, PIN_BUSY };
/* What is below ROOT/.pins here: a hull that was killed may have left the mount without the namespace. */
enum mount_pin mount_pin_examine(struct hull *hull);
/* Unmounts ROOT/.pins; the next container on a host with many mounts makes it again. Containers
 * that were started from it have copies. */
int mount_pin_remove(struct hull *hull, struct error *err);
