/* SPDX-License-Identifier: Apache-2.0
 * The program of `run --seccomp-report`: what denies asks a listener instead, who then answers what the plain
 * program says. Made from the compiled program, so that the cache and the container's copy stay plain. */
#include "seccomp/names.h"
#include "seccomp/seccomp.h"
#include "libcontainer/base/error.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>

#define TOKEN_HALVES (2 * SECCOMP_TOKEN_WORDS)
#define FIRST_TOKEN_ARG 3 /* sendmsg(2) has three; the kernel does not look at the others */
#define PRELUDE (2 + 2 + 2 * TOKEN_HALVES + 1)

static bool denies(uint32_t word)
{
  switch (word & SECCOMP_RET_ACTION_FULL) {
  case SECCOMP_RET_ERRNO:
  case SECCOMP_RET_KILL_PROCESS:
  case SECCOMP_RET_KILL_THREAD:
    return true;
  default: /* SECCOMP_RET_TRAP: a handler in the process may want the signal with all its details */
    return false;
  }
}

static void put(struct sock_filter **at, uint16_t code, uint32_t k, size_t skip)
{
  *(*at)++ = (struct sock_filter){ .code = code, .k = k, .jf = (uint8_t)skip };
}

/* Loads a word, and goes on with the plain program if it is another. */
static void put_comparison(struct sock_filter **at, size_t offset, uint32_t value,
                           const struct sock_filter *end)
{
  put(at, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0);
  put(at, BPF_JMP | BPF_JEQ | BPF_K, value, (size_t)(end - *at - 1));
}

static void put_prelude(struct sock_filter *at, const uint64_t token[SECCOMP_TOKEN_WORDS], uint32_t audit)
{
  const struct sock_filter *end = at + PRELUDE;
  uint32_t halves[TOKEN_HALVES]; /* in the order of memory, as the kernel shows arguments */
  memcpy(halves, token, sizeof halves);
  put_comparison(&at, offsetof(struct seccomp_data, nr), SYS_sendmsg, end);
  put_comparison(&at, offsetof(struct seccomp_data, arch), audit, end);
  for (size_t i = 0; i < TOKEN_HALVES; i++)
    put_comparison(&at, offsetof(struct seccomp_data, args[FIRST_TOKEN_ARG]) + i * sizeof *halves, halves[i],
                   end);
  put(&at, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0);
}

int seccomp_program_report(struct arena *arena, const struct seccomp_program *plain,
                           const uint64_t token[SECCOMP_TOKEN_WORDS], struct seccomp_program *out,
                           struct error *err)
{
  const struct arch *native = arch_native();
  const char *flags[SECCOMP_FLAGS_MAX];
  if (native == NULL || plain->length + PRELUDE > BPF_MAXINSNS)
    return error_set(err, ERROR_HOST, 0, "the seccomp filter has no room for a report (%zu instructions)",
                     plain->length);
  *out = (struct seccomp_program){ .length = plain->length + PRELUDE,
                                   .flags = plain->flags | SECCOMP_FILTER_FLAG_NEW_LISTENER,
                                   .notify = true };
  /* Or a signal could interrupt the wait, and the same call would be counted twice. */
  seccomp_flags_supported(flags);
  for (const char *const *flag = flags; *flag != NULL; flag++)
    if (strcmp(*flag, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") == 0)
      out->flags |= FLAG_NEEDS_LISTENER;
  out->filter = arena_array(arena, out->length, sizeof *out->filter);
  put_prelude(out->filter, token, native->audit);
  for (size_t i = 0; i < plain->length; i++) {
    out->filter[PRELUDE + i] = plain->filter[i];
    if (plain->filter[i].code == (BPF_RET | BPF_K) && denies(plain->filter[i].k))
      out->filter[PRELUDE + i].k = SECCOMP_RET_USER_NOTIF;
  }
  return 0;
}
