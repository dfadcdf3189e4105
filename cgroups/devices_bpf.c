/* SPDX-License-Identifier: Apache-2.0
 * The normal form of device rules as an eBPF program (BPF_PROG_TYPE_CGROUP_DEVICE). Pure.
 * All that the rules say of a device that they name is decided here, so the program is a list of single
 * comparisons, from special to general, each leading to "these kinds of access are allowed". The kernel's
 * verifier takes 50 us for that, and 350 us where rule after rule changes a register: as much as a tenth of a
 * container's start. */
#include "cgroups/devices.h"
#include "libcontainer/base/error.h"
#include <linux/bpf.h>
#include <stddef.h>

_Static_assert((int)DEVICE_MKNOD == BPF_DEVCG_ACC_MKNOD && (int)DEVICE_READ == BPF_DEVCG_ACC_READ
                   && (int)DEVICE_WRITE == BPF_DEVCG_ACC_WRITE,
               "access bits are those of the kernel");

enum {
  R_RESULT = BPF_REG_0,
  R_CONTEXT = BPF_REG_1,
  R_TYPE = BPF_REG_2,
  R_ACCESS = BPF_REG_3, /* requested */
  R_MAJOR = BPF_REG_4,
  R_MINOR = BPF_REG_5,
  R_NUMBER = BPF_REG_6, /* major << 20 | minor */
};
#define MINOR_BITS 20
#define INSNS_MAX INT16_MAX /* so that any jump has room */

typedef VEC(size_t) jump_list;
struct emitter {
  struct arena *arena;
  const struct device_form *form;
  struct device_program *program;
  jump_list verdicts[DEVICE_ALL + 1]; /* jumps to "this access is allowed", aimed at the end */
};

static size_t emit(struct emitter *e, unsigned code, int dst, int src, int off, uint32_t imm)
{
  struct bpf_insn *insn = vec_push(e->arena, &e->program->insns);
  insn->code = (uint8_t)code;
  insn->dst_reg = (uint8_t)(dst & 0xf);
  insn->src_reg = (uint8_t)(src & 0xf);
  insn->off = (int16_t)off;
  insn->imm = (int32_t)imm;
  return e->program->insns.count - 1;
}

/* A jump that is aimed later, by jump_here. */
static void emit_jump(struct emitter *e, jump_list *jumps, unsigned code, int reg, uint32_t value)
{
  size_t *jump = vec_push(e->arena, jumps);
  *jump = emit(e, code, reg, 0, 0, value);
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

/* access_type is (access << 16) | type. */
static void emit_prologue(struct emitter *e)
{
  emit_load(e, R_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
  emit(e, BPF_ALU64 | BPF_MOV | BPF_X, R_ACCESS, R_TYPE, 0, 0);
  emit(e, BPF_ALU64 | BPF_RSH | BPF_K, R_ACCESS, 0, 0, 16);
  emit(e, BPF_ALU64 | BPF_AND | BPF_K, R_TYPE, 0, 0, 0xffff);
  emit_load(e, R_MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
  emit_load(e, R_MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
  emit(e, BPF_ALU64 | BPF_MOV | BPF_X, R_NUMBER, R_MAJOR, 0, 0);
  emit(e, BPF_ALU64 | BPF_LSH | BPF_K, R_NUMBER, 0, 0, MINOR_BITS);
  emit(e, BPF_ALU64 | BPF_OR | BPF_X, R_NUMBER, R_MINOR, 0, 0);
}

/* What is allowed on devices of that type and number; NULL: a number that no entry names. */
static unsigned access_of(const struct emitter *e, char type, const uint32_t *major, const uint32_t *minor)
{
  const struct device_entry wanted = {
    .type = type,
    .any_major = !major,
    .any_minor = !minor,
    .major = major ? *major : 0,
    .minor = minor ? *minor : 0,
  };
  return device_form_access(e->form, &wanted);
}

/* Tests for one device, unless the more general tests that follow would say the same. */
static void emit_device(struct emitter *e, char type, uint32_t major, uint32_t minor)
{
  unsigned access = access_of(e, type, &major, &minor);
  if (access == access_of(e, type, &major, NULL) && access == access_of(e, type, NULL, &minor)
      && access == access_of(e, type, NULL, NULL))
    return;
  emit_jump(e, &e->verdicts[access], BPF_JMP32 | BPF_JEQ | BPF_K, R_NUMBER, major << MINOR_BITS | minor);
}

/* True if 'entry' is about 'type' and names these numbers, and no newer one does. */
static bool is_first(const struct emitter *e, const struct device_entry *entry, char type, bool major,
                     bool minor)
{
  const struct device_entry *newer;
  if ((entry->type != type && entry->type != 'a') || entry->any_major == major || entry->any_minor == minor)
    return false;
  for (newer = e->form->entries.items; newer < entry; newer++)
    if ((newer->type == type || newer->type == 'a') && newer->any_major == !major
        && newer->any_minor == !minor && newer->major == entry->major && newer->minor == entry->minor)
      return false;
  return true;
}

static void emit_devices(struct emitter *e, char type)
{
  const struct device_entry *a, *b;
  vec_each (&e->form->entries, a) {
    if (is_first(e, a, type, true, true))
      emit_device(e, type, a->major, a->minor);
  }
  /* Where "any minor of this major" and "this minor of any major" meet. */
  vec_each (&e->form->entries, a) {
    if (!is_first(e, a, type, true, false))
      continue;
    vec_each (&e->form->entries, b) {
      if (is_first(e, b, type, false, true) && e->program->insns.count < INSNS_MAX)
        emit_device(e, type, a->major, b->minor);
    }
  }
}

static void emit_section(struct emitter *e, char type)
{
  const struct device_entry *entry;
  emit_devices(e, type);
  vec_each (&e->form->entries, entry) {
    if (is_first(e, entry, type, true, false))
      emit_jump(e, &e->verdicts[access_of(e, type, &entry->major, NULL)], BPF_JMP | BPF_JEQ | BPF_K, R_MAJOR,
                entry->major);
  }
  vec_each (&e->form->entries, entry) {
    if (is_first(e, entry, type, false, true))
      emit_jump(e, &e->verdicts[access_of(e, type, NULL, &entry->minor)], BPF_JMP | BPF_JEQ | BPF_K, R_MINOR,
                entry->minor);
  }
  emit_jump(e, &e->verdicts[access_of(e, type, NULL, NULL)], BPF_JMP | BPF_JA, 0, 0);
}

static void emit_result(struct emitter *e, const jump_list *jumps, uint32_t result)
{
  if (!jumps->count) /* the verifier refuses what can't be reached */
    return;
  jump_here(e, jumps);
  emit(e, BPF_ALU64 | BPF_MOV | BPF_K, R_RESULT, 0, 0, result);
  emit(e, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void emit_verdicts(struct emitter *e)
{
  jump_list *none = &e->verdicts[0], *all = &e->verdicts[DEVICE_ALL];
  for (unsigned access = 1; access < DEVICE_ALL; access++) {
    if (!e->verdicts[access].count)
      continue;
    jump_here(e, &e->verdicts[access]);
    emit_jump(e, none, BPF_JMP | BPF_JSET | BPF_K, R_ACCESS, DEVICE_ALL & ~access);
    emit_jump(e, all, BPF_JMP | BPF_JA, 0, 0);
  }
  emit_result(e, none, 0);
  emit_result(e, all, 1);
}

int device_program_make(struct arena *arena, const struct device_form *form, struct device_program *program,
                        struct error *err)
{
  *program = (struct device_program){ .insns = { .count = 0 } };
  struct emitter e = { .arena = arena, .form = form, .program = program };
  jump_list to_block = { .count = 0 };
  emit_prologue(&e);
  emit_jump(&e, &to_block, BPF_JMP | BPF_JEQ | BPF_K, R_TYPE, BPF_DEVCG_DEV_BLOCK);
  emit_section(&e, 'c');
  jump_here(&e, &to_block);
  emit_section(&e, 'b');
  emit_verdicts(&e);
  if (program->insns.count <= INSNS_MAX)
    return 0;
  (void)error_set(err, ERROR_CONFIG, 0, "the device rules are too many for one program");
  return error_at(err, "/linux/resources/devices");
}
