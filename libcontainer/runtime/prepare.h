/* SPDX-License-Identifier: Apache-2.0
 * The pure half of create, which `hull plan` uses too. */
#pragma once
#include "libcontainer/runtime/create.h"

struct hull_create_options;
/* Reads and decodes the config ('name' NULL: config.json) of the absolute bundle path. */
int read_config(struct launch *l, const char *bundle, const char *name, struct error *err);
/* decode, probe, plan. 'facts': JSON text instead of the probe, or NULL. */
/* probe and plan of what is in l->spec already. */
int plan_launch(struct launch *l, const struct hull_create_options *options, const char *bundle,
                const char *facts, struct error *err);
/* The record of a container that is about to be made. */
void begin_state(struct launch *l);
int make_plan(struct launch *l, const struct hull_create_options *options, const char *facts,
              struct error *err);

/* seccomp_explain.c: see hull_seccomp_explain(). */
int seccomp_explain_bundle(struct hull *hull, const struct hull_create_options *options, char *const *args,
                           bool json, struct text *out, struct error *err);
