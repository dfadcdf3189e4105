/* SPDX-License-Identifier: Apache-2.0
 * linux.resources.devices in normal form, and that form as an eBPF program. Pure.
 * Meaning: everything is denied unless a rule allows it; rules count in order, and for each kind of access
 * the last rule that matches wins. The devices that every container may use come last, as with runc. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stdint.h>

struct bpf_insn;
struct device_rule;
struct error;

/* The kernel's BPF_DEVCG_ACC_* bits. */
enum device_access { DEVICE_MKNOD = 1, DEVICE_READ = 2, DEVICE_WRITE = 4, DEVICE_ALL = 7 };

#define DEVICE_MAJOR_MAX 0xfff /* a dev_t of the kernel has 12 + 20 bits */
#define DEVICE_MINOR_MAX 0xfffff
struct device_entry {
  char type; /* 'c', 'b' or 'a' (both) */
  bool any_major, any_minor;
  uint32_t major, minor;
  unsigned access; /* enum device_access bits, never 0 */
  bool allow;
};
struct device_form {
  VEC(struct device_entry) entries; /* the first match decides a bit: latest rule first */
  unsigned default_access;          /* bits that are allowed where no entry matches */
};

/* Makes the normal form of 'count' rules as written, with the default devices appended. Rules that can't have
 * an effect are dropped. Errors name /linux/resources/devices/N. */
int device_form_make(struct arena *arena, const struct device_rule *rules, size_t count,
                     struct device_form *form, struct error *err);
/* True if the form forbids nothing, so that no program is needed. */
bool device_form_allows_all(const struct device_form *form);
/* What the form allows on one device, as the kernel should give it: DEVICE_* bits. 'wanted' is of type 'c' or
 * 'b'; with any_major or any_minor it means a number that no entry names. */
unsigned device_form_access(const struct device_form *form, const struct device_entry *wanted);

struct device_program {
  VEC(struct bpf_insn) insns;
};
/* The form as a program of type BPF_PROG_TYPE_CGROUP_DEVICE, which returns 1 to allow. */
int device_program_make(struct arena *arena, const struct device_form *form, struct device_program *program,
                        struct error *err);
