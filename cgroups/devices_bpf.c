/* SPDX-License-Identifier: Apache-2.0
 * The normal form of device rules as an eBPF program (BPF_PROG_TYPE_CGROUP_DEVICE). Pure.
 * The program keeps the requested kinds of access that are not decided yet in one register. Entries are tested in
 * order; a matching one that allows takes its bits away, a matching one that denies any of them ends it. */
#include "cgroups/devices.h"
#include "libcontainer/base/error.h"
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>

_Static_assert((int)DEVICE_MKNOD == BPF_DEVCG_ACC_MKNOD && (int)DEVICE_READ == BPF_DEVCG_ACC_READ
                   && (int)DEVICE_WRITE == BPF_DEVCG_ACC_WRITE,
               "access bits are those of the kernel");

enum {
  R_RESULT = BPF_REG_0,
  R_CONTEXT = BPF_REG_1,
  R_TYPE = BPF_REG_2,
  R_OPEN = BPF_REG_3, /* requested access that is not decided yet */
  R_MAJOR = BPF_REG_4,
  R_MINOR = BPF_REG_5,
};
#define INSNS_MAX INT16_MAX /* so that any jump has room */

typedef VEC(size_t) jump_list;
struct emitter {
  struct arena *arena;
  struct device_program *program;
  jump_list to_allow, to_deny; /* jumps that are aimed at the end */
};

static size_t emit(struct emitter *e, unsigned code, int dst, int src, int off, int32_t imm)
{
  struct bpf_insn *insn = vec_push(e->arena, &e->program->insns);
  insn->code = (uint8_t)code;
  insn->dst_reg = (uint8_t)(dst & 0xf);
  insn->src_reg = (uint8_t)(src & 0xf);
  insn->off = (int16_t)off;
  insn->imm = imm;
  return e->program->insns.count - 1;
}

/* A jump that is aimed later, by jump_here. */
static void emit_jump(struct emitter *e, jump_list *jumps, unsigned how, int reg, uint32_t value)
{
  size_t *jump = vec_push(e->arena, jumps);
  *jump = emit(e, BPF_JMP | how | BPF_K, reg, 0, 0, (int32_t)value);
}

static void jump_here(struct emitter *e, const jump_list *jumps)
{
  const size_t *jump;
  vec_each (jumps, jump) {
    e->program->insns.items[*jump].off = (int16_t)(e->program->insns.count - *jump - 1);
  }
}

static void emit_load(struct emitter *e, int reg, size_t member)
{
  emit(e, BPF_LDX | BPF_MEM | BPF_W, reg, R_CONTEXT, (int)member, 0);
}

static void emit_result(struct emitter *e, int32_t result)
{
  emit(e, BPF_ALU64 | BPF_MOV | BPF_K, R_RESULT, 0, 0, result);
  emit(e, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* access_type is (access << 16) | type. */
static void emit_prologue(struct emitter *e)
{
  emit_load(e, R_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
  emit(e, BPF_ALU64 | BPF_MOV | BPF_X, R_OPEN, R_TYPE, 0, 0);
  emit(e, BPF_ALU64 | BPF_RSH | BPF_K, R_OPEN, 0, 0, 16);
  emit(e, BPF_ALU64 | BPF_AND | BPF_K, R_TYPE, 0, 0, 0xffff);
  emit_load(e, R_MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
  emit_load(e, R_MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
}

static void emit_entry(struct emitter *e, const struct device_entry *entry)
{
  jump_list to_next = { .count = 0 };
  if (entry->type != 'a')
    emit_jump(e, &to_next, BPF_JNE, R_TYPE, entry->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  if (!entry->any_major)
    emit_jump(e, &to_next, BPF_JNE, R_MAJOR, entry->major);
  if (!entry->any_minor)
    emit_jump(e, &to_next, BPF_JNE, R_MINOR, entry->minor);
  if (entry->allow) {
    emit(e, BPF_ALU64 | BPF_AND | BPF_K, R_OPEN, 0, 0, ~(int32_t)entry->access);
    emit_jump(e, &e->to_allow, BPF_JEQ, R_OPEN, 0);
  } else {
    emit_jump(e, &e->to_deny, BPF_JSET, R_OPEN, entry->access);
  }
  jump_here(e, &to_next);
}

int device_program_make(struct arena *arena, const struct device_form *form, struct device_program *program,
                        struct error *err)
{
  *program = (struct device_program){ .insns = { .count = 0 } };
  struct emitter e = { .arena = arena, .program = program };
  emit_prologue(&e);
  const struct device_entry *entry;
  vec_each (&form->entries, entry) {
    emit_entry(&e, entry);
  }
  emit(&e, BPF_ALU64 | BPF_AND | BPF_K, R_OPEN, 0, 0, ~(int32_t)form->default_access);
  emit_jump(&e, &e.to_allow, BPF_JEQ, R_OPEN, 0);
  jump_here(&e, &e.to_deny);
  emit_result(&e, 0);
  jump_here(&e, &e.to_allow);
  emit_result(&e, 1);
  if (program->insns.count <= INSNS_MAX)
    return 0;
  (void)error_set(err, ERROR_CONFIG, 0, "the device rules are too many for one program");
  return error_at(err, "/linux/resources/devices");
}
