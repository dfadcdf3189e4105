/* SPDX-License-Identifier: Apache-2.0
 * Finds argv[0] as execvp(3) would, and learns what would make execve(2) fail, while files can still be read.
 * The words are those that callers match (features.md, section 4). */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/names.h"
#include "libcontainer/base/words.h"
#include "libcontainer/init/steps.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined __x86_64__
#define NATIVE_MACHINE EM_X86_64
#elif defined __aarch64__
#define NATIVE_MACHINE EM_AARCH64
#elif defined __riscv
#define NATIVE_MACHINE EM_RISCV
#elif defined __powerpc64__
#define NATIVE_MACHINE EM_PPC64
#elif defined __s390x__
#define NATIVE_MACHINE EM_S390
#else
#define NATIVE_MACHINE EM_NONE
#endif

static const struct name machine_names[] = {
  { "i386", EM_386 },    { "x86_64", EM_X86_64 },   { "arm", EM_ARM },    { "aarch64", EM_AARCH64 },
  { "riscv", EM_RISCV }, { "ppc64", EM_PPC64 },     { "s390x", EM_S390 }, { "mips", EM_MIPS },
  { "loongarch", 258 },  { "sparc64", EM_SPARCV9 }, { "m68k", EM_68K },   { NULL, 0 },
};

static void diagnose_script(struct init_context *init, char *head)
{
  char *interpreter = head + 2, *end;
  interpreter += strspn(interpreter, " \t");
  end = interpreter + strcspn(interpreter, " \t\n");
  const bool carriage_return = end > interpreter && end[-1] == '\r';
  *end = '\0';
  if (access(interpreter, F_OK) == 0)
    return;
  if (carriage_return)
    snprintf(init->diagnosis, sizeof init->diagnosis,
             "its first line ends in a carriage return: convert the script to Unix line ends");
  else
    snprintf(init->diagnosis, sizeof init->diagnosis,
             "its interpreter '%.180s' is missing in the root file system", interpreter);
}

static void diagnose_loader(struct init_context *init, int fd, const Elf64_Ehdr *elf)
{
  Elf64_Phdr headers[16]; /* more is nothing that a linker makes; without them there is just no diagnosis */
  char loader[160];
  const ssize_t n = pread(fd, headers, sizeof headers, (off_t)elf->e_phoff);
  const Elf64_Phdr *ph = headers;
  for (ssize_t left = n; left >= (ssize_t)sizeof *ph && ph < headers + elf->e_phnum;
       left -= (ssize_t)sizeof *ph, ph++) {
    if (ph->p_type != PT_INTERP)
      continue;
    const size_t size = ph->p_filesz < sizeof loader ? (size_t)ph->p_filesz : sizeof loader;
    if (size == 0 || pread(fd, loader, size, (off_t)ph->p_offset) != (ssize_t)size)
      return;
    loader[size - 1] = '\0';
    if (access(loader, F_OK) < 0)
      snprintf(init->diagnosis, sizeof init->diagnosis, "its loader '%s' is missing in the root file system",
               loader);
    return;
  }
}

static void diagnose_elf(struct init_context *init, int fd, const Elf64_Ehdr *elf)
{
  if (elf->e_machine != NATIVE_MACHINE && NATIVE_MACHINE != EM_NONE)
    snprintf(init->diagnosis, sizeof init->diagnosis, "it is built for %s, this machine is %s",
             names_of(machine_names, elf->e_machine) ?: "another architecture",
             names_of(machine_names, NATIVE_MACHINE) ?: "another");
  else if (elf->e_ident[EI_CLASS] == ELFCLASS64 && elf->e_phentsize == sizeof(Elf64_Phdr))
    diagnose_loader(init, fd, elf);
}

/* Only says what to print if execve(2) fails: binfmt_misc may run what looks wrong here. */
static void diagnose(struct init_context *init)
{
  union {
    char text[256];
    Elf64_Ehdr elf;
  } head;
  auto_close int fd = open(init->executable, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  const ssize_t n = fd < 0 ? -1 : pread(fd, head.text, sizeof head.text - 1, 0);
  if (n < 0) /* execute permission without read permission is fine */
    return;
  head.text[n] = '\0';
  if (n >= 2 && memcmp(head.text, "#!", 2) == 0)
    diagnose_script(init, head.text);
  else if ((size_t)n >= sizeof head.elf && memcmp(head.elf.e_ident, ELFMAG, SELFMAG) == 0)
    diagnose_elf(init, fd, &head.elf);
  else
    snprintf(init->diagnosis, sizeof init->diagnosis,
             n == 0 ? "it is empty" : "it is neither an ELF file nor a script with '#!'");
}

/* 0, or the errno that execve(2) would give. */
static int try_path(const char *path)
{
  struct stat st;
  if (stat(path, &st) < 0)
    return errno;
  if (S_ISDIR(st.st_mode))
    return EISDIR;
  if (!S_ISREG(st.st_mode))
    return EACCES;
  return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? errno : 0;
}

static const char *reason(int errnum)
{
  switch (errnum) {
  case ENOENT:
    return WORDS_NO_FILE;
  case EISDIR:
    return "is a directory: " WORDS_DENIED;
  case EACCES:
    return WORDS_DENIED;
  case ENOTDIR:
    return "not a directory";
  case ELOOP:
    return "too many levels of symbolic links";
  default:
    return strerrordesc_np(errnum);
  }
}

static int search(struct init_context *init, const char *name, struct error *err)
{
  const char *dir = init->plan->process.path;
  int refused = 0;
  for (size_t length; dir != NULL && *dir != '\0'; dir += length + (dir[length] == ':')) {
    length = strcspn(dir, ":");
    const int n = snprintf(init->executable_buffer, sizeof init->executable_buffer, "%.*s/%s", (int)length,
                           length > 0 ? dir : ".", name);
    if (n < 0 || (size_t)n >= sizeof init->executable_buffer)
      continue;
    const int result = try_path(init->executable_buffer);
    if (result == 0) {
      init->executable = init->executable_buffer;
      return 0;
    }
    if (result == EACCES)
      refused = EACCES;
    if (dir[length] == '\0')
      break;
  }
  if (refused != 0)
    error_set(err, ERROR_CONFIG, 0, "exec: \"%s\": " WORDS_DENIED, name);
  else
    error_set(err, ERROR_CONFIG, 0, "exec: \"%s\": " WORDS_NOT_IN_PATH, name);
  return error_at(err, "/process/args/0");
}

int find_executable(struct init_context *init, struct error *err)
{
  const char *name = init->plan->process.argv[0];
  if (strchr(name, '/') == NULL) {
    if (search(init, name, err) < 0)
      return -1;
  } else {
    const int result = try_path(name);
    if (result != 0) {
      error_set(err, ERROR_CONFIG, 0, "exec: \"%s\": stat %s: %s", name, name, reason(result));
      return error_at(err, "/process/args/0");
    }
    init->executable = name;
  }
  diagnose(init);
  return 0;
}
