/* SPDX-License-Identifier: Apache-2.0
 * Semantic checks of a decoded config, each a named row: what the schema cannot say. Pure. */
#pragma once
#include "spec/spec.h"

/* Adds what is wrong; errors and warnings. */
void validate_config(const struct spec *spec, struct problems *problems);
void validate_process(const struct process *process, const char *pointer, struct problems *problems);
/* Container ids: [A-Za-z0-9_+-][A-Za-z0-9_+.-]*, at most 255 bytes. Checked before any path use. */
struct error;
int validate_id(const char *id, struct error *err);
