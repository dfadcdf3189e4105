/* SPDX-License-Identifier: Apache-2.0
 * bpf(2) for cgroup device programs: load, attach, look whether it is attached. */
#pragma once
#include <stddef.h>

struct bpf_insn;
struct error;

/* Loads a program; returns its descriptor. Keeps nothing. */
int bpf_load_device_program(const struct bpf_insn *insns, size_t count, struct error *err);
/* Attaches it besides those of other owners (BPF_F_ALLOW_MULTI: all must allow), asks the kernel whether it
 * is there, and takes away programs of earlier containers of ours. The attachment outlives the descriptor. */
int bpf_attach_device_program(int cgroup_fd, int program_fd, struct error *err);
/* Detaches what we attached to this cgroup (not to its parents or children). */
int bpf_detach_device_programs(int cgroup_fd, struct error *err);
