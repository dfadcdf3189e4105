/* SPDX-License-Identifier: Apache-2.0
 * Structs -> JSON text, by the same field tables; absent values are left out. */
#pragma once
#include "libcontainer/base/text.h"
#include "spec/spec.h"

struct type;
enum encode_style { ENCODE_COMPACT, ENCODE_PRETTY /* two spaces */ };
void encode(const struct type *type, const void *object, enum encode_style style, struct text *out);
