/* SPDX-License-Identifier: Apache-2.0
 * Why execve(2) fails, in words: the loader, the interpreter of a script, the architecture, the size of the
 * arguments. The kernel's errno names none of them. */
#include "libcontainer/init/explain_exec.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/names.h"
#include "libcontainer/base/refusal.h"
#include "libcontainer/init/steps.h"
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined __x86_64__
#define NATIVE_MACHINE EM_X86_64
#define COMPATIBLE_MACHINE EM_386
#elif defined __aarch64__
#define NATIVE_MACHINE EM_AARCH64
#define COMPATIBLE_MACHINE EM_ARM
#elif defined __riscv
#define NATIVE_MACHINE EM_RISCV
#elif defined __powerpc64__
#define NATIVE_MACHINE EM_PPC64
#elif defined __s390x__
#define NATIVE_MACHINE EM_S390
#else
#define NATIVE_MACHINE EM_NONE
#endif
#ifndef COMPATIBLE_MACHINE
#define COMPATIBLE_MACHINE EM_NONE
#endif
#define NATIVE_DATA (BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)

#define HEAD_BYTES 256      /* BINPRM_BUF_SIZE: what the kernel looks at */
#define NESTING_MAX 4       /* the kernel follows five interpreters */
#define STRING_MAX 131071   /* MAX_ARG_STRLEN, with 4 KiB pages */
#define DIAGNOSIS_BYTES 256 /* of struct init_context */

static const struct name machine_names[] = {
  { "i386", EM_386 },    { "x86_64", EM_X86_64 },   { "arm", EM_ARM },    { "aarch64", EM_AARCH64 },
  { "riscv", EM_RISCV }, { "ppc64", EM_PPC64 },     { "s390x", EM_S390 }, { "mips", EM_MIPS },
  { "loongarch", 258 },  { "sparc64", EM_SPARCV9 }, { "m68k", EM_68K },   { NULL, 0 },
};

struct diagnosis {
  char *buffer;
  size_t size;
};

static void look_at(const char *path, struct diagnosis d, unsigned nesting);

/* --- scripts --------------------------------------------------------------------------------------- */

/* Something is there: will it run? */
static void look_at_interpreter(const char *interpreter, struct diagnosis d, unsigned nesting)
{
  struct stat st;
  char why[200] = "";
  if (stat(interpreter, &st) == 0 && S_ISDIR(st.st_mode)) {
    (void)snprintf(d.buffer, d.size, "its interpreter '%.180s' is a directory", interpreter);
  } else if (faccessat(AT_FDCWD, interpreter, X_OK, AT_EACCESS) < 0) {
    (void)refusal_explain(AT_FDCWD, interpreter, X_OK, why, sizeof why);
    (void)snprintf(d.buffer, d.size, "its interpreter can't be executed: %s", why);
  } else if (nesting < NESTING_MAX) {
    look_at(interpreter, (struct diagnosis){ why, sizeof why }, nesting + 1);
    if (*why != '\0')
      (void)snprintf(d.buffer, d.size, "of its interpreter '%.100s': %.140s", interpreter, why);
  }
}

static void look_at_script(char *head, size_t length, struct diagnosis d, unsigned nesting)
{
  char *interpreter = head + 2;
  interpreter += strspn(interpreter, " \t");
  char *end = interpreter + strcspn(interpreter, " \t\n");
  const bool carriage_return = end > interpreter && end[-1] == '\r';
  const bool cut = *end == '\0' && length >= HEAD_BYTES - 1;
  *end = '\0';
  if (carriage_return)
    (void)snprintf(d.buffer, d.size,
                   "its first line ends in a carriage return: convert the script to Unix line ends");
  else if (*interpreter == '\0')
    (void)snprintf(d.buffer, d.size, "its first line '#!' names no interpreter");
  else if (cut)
    (void)snprintf(d.buffer, d.size, "its first line is longer than the kernel reads (%d bytes)",
                   HEAD_BYTES - 1);
  else if (access(interpreter, F_OK) < 0 && errno == ENOENT)
    (void)snprintf(d.buffer, d.size, "its interpreter '%.180s' is missing", interpreter);
  else
    look_at_interpreter(interpreter, d, nesting);
}

/* --- ELF ------------------------------------------------------------------------------------------- */

/* The loader that a PT_INTERP header names; 'loader' is "" if there is none. */
static void read_loader(int fd, uint64_t offset, uint64_t size, char *loader, size_t room)
{
  const size_t wanted = size < room ? (size_t)size : room;
  if (wanted == 0 || pread(fd, loader, wanted, (off_t)offset) != (ssize_t)wanted)
    loader[0] = '\0';
  else
    loader[wanted - 1] = '\0';
}

static void find_loader64(int fd, const Elf64_Ehdr *elf, char *loader, size_t room)
{
  Elf64_Phdr headers[16]; /* more is nothing that a linker makes; without them there is just no diagnosis */
  const ssize_t n = pread(fd, headers, sizeof headers, (off_t)elf->e_phoff);
  for (size_t i = 0; i < elf->e_phnum && (ssize_t)((i + 1) * sizeof *headers) <= n; i++)
    if (headers[i].p_type == PT_INTERP)
      read_loader(fd, headers[i].p_offset, headers[i].p_filesz, loader, room);
}

static void find_loader32(int fd, const Elf32_Ehdr *elf, char *loader, size_t room)
{
  Elf32_Phdr headers[16];
  const ssize_t n = pread(fd, headers, sizeof headers, (off_t)elf->e_phoff);
  for (size_t i = 0; i < elf->e_phnum && (ssize_t)((i + 1) * sizeof *headers) <= n; i++)
    if (headers[i].p_type == PT_INTERP)
      read_loader(fd, headers[i].p_offset, headers[i].p_filesz, loader, room);
}

static bool says_loader(const char *loader, struct diagnosis d)
{
  char why[200];
  if (*loader == '\0' || access(loader, X_OK) == 0)
    return false;
  if (errno == ENOENT) {
    (void)snprintf(d.buffer, d.size, "its loader '%.150s' is missing", loader);
  } else {
    (void)refusal_explain(AT_FDCWD, loader, X_OK, why, sizeof why);
    (void)snprintf(d.buffer, d.size, "its loader can't be executed: %s", why);
  }
  return true;
}

static void look_at_elf(int fd, const Elf64_Ehdr *elf64, struct diagnosis d)
{
  char loader[160] = "";
  Elf32_Ehdr elf32;
  memcpy(&elf32, elf64, sizeof elf32);
  const bool swapped = elf64->e_ident[EI_DATA] != NATIVE_DATA;
  const int machine = swapped ? (uint16_t)(elf64->e_machine >> 8 | elf64->e_machine << 8) : elf64->e_machine;
  const bool runs = !swapped && (machine == NATIVE_MACHINE || machine == COMPATIBLE_MACHINE);
  if (runs && elf64->e_ident[EI_CLASS] == ELFCLASS64 && elf64->e_phentsize == sizeof(Elf64_Phdr))
    find_loader64(fd, elf64, loader, sizeof loader);
  else if (runs && elf64->e_ident[EI_CLASS] == ELFCLASS32 && elf32.e_phentsize == sizeof(Elf32_Phdr))
    find_loader32(fd, &elf32, loader, sizeof loader);
  if (says_loader(loader, d) || machine == NATIVE_MACHINE || NATIVE_MACHINE == EM_NONE)
    return;
  (void)snprintf(d.buffer, d.size, "it is built for %s, this machine is %s%s",
                 names_of(machine_names, machine) ?: "another architecture",
                 names_of(machine_names, NATIVE_MACHINE) ?: "another",
                 runs ? " and its kernel does not run those" : ", and no binfmt_misc handler takes it");
}

/* --- files ----------------------------------------------------------------------------------------- */

static void look_at(const char *path, struct diagnosis d, unsigned nesting)
{
  union {
    char text[HEAD_BYTES];
    Elf64_Ehdr elf;
  } head;
  auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  const ssize_t n = fd < 0 ? -1 : pread(fd, head.text, sizeof head.text - 1, 0);
  d.buffer[0] = '\0';
  if (n < 0) /* execute permission without read permission is fine */
    return;
  head.text[n] = '\0';
  if (n >= 2 && memcmp(head.text, "#!", 2) == 0)
    look_at_script(head.text, (size_t)n, d, nesting);
  else if ((size_t)n >= sizeof(Elf32_Ehdr) && memcmp(head.elf.e_ident, ELFMAG, SELFMAG) == 0)
    look_at_elf(fd, &head.elf, d);
  else
    (void)snprintf(d.buffer, d.size,
                   n == 0 ? "it is empty" : "it is neither an ELF file nor a script with '#!'");
}

void explain_exec(const char *path, char *buffer, size_t size)
{
  look_at(path, (struct diagnosis){ buffer, size }, 0);
}

/* --- after execve ---------------------------------------------------------------------------------- */

static void add_strings(char *const *list, size_t *total, const char **longest)
{
  for (; list != NULL && *list != NULL; list++) {
    *total += strlen(*list) + 1 + sizeof *list;
    if (*longest == NULL || strlen(*list) > strlen(*longest))
      *longest = *list;
  }
}

/* execve(2): one string may have 128 KiB; all of them, with their pointers, a quarter of the stack's limit.
 */
static void say_too_big(struct init_context *init)
{
  const struct plan_process *process = &init->plan->process;
  const char *longest = NULL;
  size_t total = 0;
  add_strings(process->argv, &total, &longest);
  add_strings(process->envp, &total, &longest);
  if (longest != NULL && strlen(longest) > STRING_MAX)
    (void)snprintf(init->diagnosis, sizeof init->diagnosis,
                   "'%.*s...' has %zu bytes, and one argument or variable may have %d",
                   (int)strcspn(longest, "=") < 40 ? (int)strcspn(longest, "=") : 40, longest,
                   strlen(longest), STRING_MAX); /* not the value: it may be a secret */
  else
    (void)snprintf(init->diagnosis, sizeof init->diagnosis,
                   "arguments and environment have %zu bytes, and the kernel takes a quarter of RLIMIT_STACK "
                   "(usually 2 MiB)",
                   total);
}

const char *why_exec_failed(struct init_context *init, int errnum)
{
  _Static_assert(sizeof init->diagnosis == DIAGNOSIS_BYTES, "room for a sentence");
  switch (errnum) {
  case ENOEXEC:
  case ENOENT:
    return init->diagnosis;
  case EACCES:
    /* Modes and mounts were looked at by find_executable(). */
    return *init->diagnosis != '\0' ? init->diagnosis
           : init->filter != NULL   ? "its mode allows it: the seccomp filter or a security module refuses"
                                    : "its mode allows it: a security module refuses";
  case E2BIG:
    say_too_big(init);
    return init->diagnosis;
  case ETXTBSY:
    return "somebody has it open for writing: close it before, or wait until it is copied";
  case EAGAIN:
    return "the user has more processes than RLIMIT_NPROC: raise it, or set another user";
  case ELOOP:
    return "interpreters of interpreters, too many";
  case ELIBBAD:
  case EISDIR:
    return "its loader is no loader";
  case EPERM:
    return init->filter != NULL ? "the seccomp filter or a security module refuses" : "";
  default:
    return "";
  }
}
