/* SPDX-License-Identifier: Apache-2.0
 * Compiled programs on disk: the cache below the state root, and a container's own copy. Both are files of
 * one form: header, key (empty in a container's copy), program. A file that is not exactly what was written
 * here, by this user, is not used. */
#include "config.h"
#include "seccomp/seccomp.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/log.h"
#include "spec/spec.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define FORMAT 1     /* of the file and of what compile.c makes of a profile: count up with either */
#define FILES_MAX 64 /* an engine has one profile, perhaps three; 64 is for those who make their own */
#define KEY_MAX_BYTES (4 << 20)
#define STALE_SECONDS 60    /* age of a temporary file whose writer was killed */
#define TOUCH_SECONDS 86400 /* a file in use is touched once a day: eviction finds those out of use */
#define NAME_BYTES 33       /* 128 bits in hexadecimal */

struct file_header {
  char magic[8];
  uint32_t format, notify;
  uint64_t flags, key_length, instructions;
  uint64_t checksum[2]; /* of the whole file with zeroes here */
};
static const char magic[8] = { 'h', 'u', 'l', 'l', '-', 'b', 'p', 'f' };

/* --- hash ------------------------------------------------------------------------------------------ */

struct hash {
  uint64_t lanes[2];
};
#define HASH_INIT                                                                                            \
  {                                                                                                          \
    {                                                                                                        \
      0x243f6a8885a308d3u, 0x13198a2e03707344u                                                               \
    }                                                                                                        \
  }

static uint64_t mix(uint64_t lane, uint64_t word, uint64_t odd)
{
  lane = (lane ^ word) * odd;
  return lane ^ (lane >> 29);
}

/* Two independent 64-bit lanes, eight bytes at a time. Finds damage and spreads names; it need not withstand
 * anybody, because keys are compared in full and only the owner can write. */
static void hash_add(struct hash *h, const void *data, size_t length)
{
  const unsigned char *p = data;
  for (size_t done = 0; done < length; done += sizeof(uint64_t)) {
    uint64_t word = 0;
    size_t left = length - done;
    memcpy(&word, p + done, left < sizeof word ? left : sizeof word);
    h->lanes[0] = mix(h->lanes[0], word, 0x9e3779b97f4a7c15u);
    h->lanes[1] = mix(h->lanes[1], word, 0xc2b2ae3d27d4eb4fu);
  }
  h->lanes[0] = mix(h->lanes[0], length, 0x9e3779b97f4a7c15u);
  h->lanes[1] = mix(h->lanes[1], length, 0xc2b2ae3d27d4eb4fu);
}

/* --- key ------------------------------------------------------------------------------------------- */

/* Counts while 'data' is NULL, then writes. */
struct key {
  char *data;
  size_t length;
};

static void put(struct key *k, const void *data, size_t length)
{
  if (k->data != NULL && length > 0)
    memcpy(k->data + k->length, data, length);
  k->length += length;
}

static void put_number(struct key *k, uint64_t number)
{
  put(k, &number, sizeof number);
}

static void put_string(struct key *k, const char *s)
{
  uint32_t length = s == NULL ? UINT32_MAX : (uint32_t)strlen(s);
  put(k, &length, sizeof length);
  put(k, s, s == NULL ? 0 : length);
}

static void put_strings(struct key *k, const struct strings *strings)
{
  put_number(k, strings->count);
  for (size_t i = 0; i < strings->count; i++)
    put_string(k, strings->items[i]);
}

static void put_optional(struct key *k, const struct opt_u64 *number)
{
  put_number(k, number->set);
  put_number(k, number->set ? number->value : 0);
}

static void put_enum(struct key *k, const struct opt_enum *e)
{
  put_number(k, e->set);
  put_number(k, e->set ? (uint64_t)e->value : 0);
}

static void put_rule(struct key *k, const struct seccomp_rule *rule)
{
  put_strings(k, &rule->names);
  put_enum(k, &rule->action);
  put_optional(k, &rule->errno_ret);
  put_number(k, rule->args.count);
  const struct seccomp_arg *arg;
  vec_each (&rule->args, arg) {
    put_optional(k, &arg->index);
    put_optional(k, &arg->value);
    put_optional(k, &arg->value_two);
    put_enum(k, &arg->op);
  }
}

/* All that a program depends on: libseccomp asks the kernel which actions it has. */
static void put_all(struct key *k, const struct utsname *kernel, const char *library,
                    const struct seccomp *profile)
{
  put_number(k, FORMAT);
  put_string(k, PACKAGE_VERSION);
  put_string(k, HULL_COMMIT);
  put_string(k, library);
  put_string(k, kernel->release);
  put_string(k, kernel->version);
  put_string(k, kernel->machine);
  put_enum(k, &profile->default_action);
  put_optional(k, &profile->default_errno_ret);
  put_strings(k, &profile->flags);
  put_strings(k, &profile->architectures);
  put_number(k, profile->syscalls.count);
  const struct seccomp_rule *rule;
  vec_each (&profile->syscalls, rule)
    put_rule(k, rule);
}

static struct key make_key(struct arena *arena, const struct seccomp *profile)
{
  struct utsname kernel;
  struct key counting = { NULL, 0 };
  if (uname(&kernel) < 0)
    return counting;
  const char *library = seccomp_library_version(arena);
  put_all(&counting, &kernel, library, profile);
  struct key k = { arena_alloc(arena, counting.length), 0 };
  put_all(&k, &kernel, library, profile);
  return k;
}

static void name_of_key(const struct key *k, char name[NAME_BYTES])
{
  struct hash h = HASH_INIT;
  hash_add(&h, k->data, k->length);
  snprintf(name, NAME_BYTES, "%016llx%016llx", (unsigned long long)h.lanes[0],
           (unsigned long long)h.lanes[1]);
}

/* --- file ------------------------------------------------------------------------------------------ */

static struct hash checksum(const struct file_header *header, const void *key, const void *program)
{
  struct file_header h = *header;
  memset(h.checksum, 0, sizeof h.checksum);
  struct hash hash = HASH_INIT;
  hash_add(&hash, &h, sizeof h);
  hash_add(&hash, key, h.key_length);
  hash_add(&hash, program, h.instructions * sizeof(struct sock_filter));
  return hash;
}

/* Says what is wrong with the file, NULL if nothing. */
static const char *distrust(const struct stat *st)
{
  if (!S_ISREG(st->st_mode))
    return "not a regular file";
  if (st->st_uid != geteuid())
    return "owned by somebody else";
  if ((st->st_mode & 07777) != 0600)
    return "its mode is not 0600";
  if (st->st_nlink != 1)
    return "it has other names";
  if (st->st_size < (off_t)sizeof(struct file_header)
      || st->st_size > (off_t)(sizeof(struct file_header) + KEY_MAX_BYTES
                               + BPF_MAXINSNS * sizeof(struct sock_filter)))
    return "wrong size";
  return NULL;
}

static const char *take_apart(char *bytes, size_t size, const struct key *key, struct seccomp_program *out)
{
  struct file_header h;
  memcpy(&h, bytes, sizeof h);
  if (memcmp(h.magic, magic, sizeof magic) != 0 || h.format != FORMAT)
    return "not of this version";
  if (h.key_length > KEY_MAX_BYTES || h.instructions == 0 || h.instructions > BPF_MAXINSNS
      || sizeof h + h.key_length + h.instructions * sizeof(struct sock_filter) != size)
    return "wrong size";
  char *program = bytes + sizeof h + h.key_length;
  struct hash sum = checksum(&h, bytes + sizeof h, program);
  if (memcmp(h.checksum, sum.lanes, sizeof sum.lanes) != 0)
    return "damaged";
  if (h.key_length != key->length
      || (key->length > 0 && memcmp(bytes + sizeof h, key->data, key->length) != 0))
    return "of another profile";
  *out = (struct seccomp_program){
    .filter = (void *)program, .length = h.instructions, .flags = h.flags, .notify = h.notify != 0
  };
  return NULL;
}

static ssize_t read_all(int fd, char *bytes, size_t size)
{
  size_t done = 0;
  while (done < size) {
    ssize_t n = read(fd, bytes + done, size - done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    if (n == 0)
      break;
    done += (size_t)n;
  }
  return (ssize_t)done;
}

/* The instructions follow a key of any length: put the program at an aligned address. */
static char *aligned_buffer(struct arena *arena, size_t size, size_t key_length)
{
  char *p = arena_alloc(arena, size + sizeof(uint64_t));
  size_t odd = (sizeof(struct file_header) + key_length) % sizeof(uint64_t);
  return odd == 0 ? p : p + sizeof(uint64_t) - odd;
}

/* O_NONBLOCK: opening a FIFO must not wait. */
static int read_program(struct arena *arena, int dirfd, const char *name, const struct key *key,
                        struct seccomp_program *out, struct error *err)
{
  auto_close int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open seccomp program '%s'", name);
  const char *problem = distrust(&st);
  if (problem == NULL) {
    size_t size = (size_t)st.st_size;
    char *bytes = aligned_buffer(arena, size, key->length);
    if (read_all(fd, bytes, size) != st.st_size)
      return error_set(err, ERROR_KERNEL, errno, "cannot read seccomp program '%s'", name);
    problem = take_apart(bytes, size, key, out);
  }
  if (problem != NULL)
    return error_set(err, ERROR_STATE, 0, "cannot use seccomp program '%s': %s", name, problem);
  if (key->length > 0 && time(NULL) - st.st_mtime > TOUCH_SECONDS)
    (void)futimens(fd, NULL); /* best effort: the file may go earlier than others */
  return 0;
}

static int fill_file(int fd, const struct key *key, const struct seccomp_program *program)
{
  struct file_header h = { .format = FORMAT,
                           .flags = program->flags,
                           .key_length = key->length,
                           .instructions = program->length,
                           .notify = program->notify };
  memcpy(h.magic, magic, sizeof magic);
  struct hash sum = checksum(&h, key->data, program->filter);
  memcpy(h.checksum, sum.lanes, sizeof h.checksum);
  if (fchmod(fd, 0600) < 0 || fd_write_all(fd, &h, sizeof h) < 0)
    return -1;
  if (key->length > 0 && fd_write_all(fd, key->data, key->length) < 0)
    return -1;
  return fd_write_all(fd, program->filter, program->length * sizeof *program->filter);
}

/* 'temporary' does not exist and nobody else writes it. */
static int write_program(int dirfd, const char *temporary, const char *name, const struct key *key,
                         const struct seccomp_program *program, struct error *err)
{
  auto_close int fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot create seccomp program '%s'", name);
  if (fill_file(fd, key, program) == 0 && renameat(dirfd, temporary, dirfd, name) == 0)
    return 0;
  int saved = errno;
  (void)unlinkat(dirfd, temporary, 0); /* best effort: who removes the directory or evicts knows the name */
  return error_set(err, ERROR_KERNEL, saved, "cannot write seccomp program '%s'", name);
}

static const struct key no_key = { NULL, 0 };

int seccomp_program_write(int dirfd, const char *name, const struct seccomp_program *program,
                          struct error *err)
{
  char temporary[NAME_MAX + 1];
  snprintf(temporary, sizeof temporary, ".%s.tmp", name);
  (void)unlinkat(dirfd, temporary, 0); /* there only if a runtime was killed here */
  return write_program(dirfd, temporary, name, &no_key, program, err);
}

int seccomp_program_read(struct arena *arena, int dirfd, const char *name, struct seccomp_program *out,
                         struct error *err)
{
  return read_program(arena, dirfd, name, &no_key, out, err);
}

/* --- directory ------------------------------------------------------------------------------------- */

static int open_own_directory(int parent, const char *name)
{
  struct stat st;
  if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
    return -1;
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return -1;
  if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
    return fd;
  fd_close(&fd);
  errno = EPERM;
  return -1;
}

int seccomp_cache_open(int root_dirfd)
{
  auto_close int above = open_own_directory(root_dirfd, ".cache");
  int fd = above < 0 ? -1 : open_own_directory(above, "seccomp");
  if (fd < 0)
    log_debug("no seccomp cache: %s", strerror(errno));
  return fd;
}

/* Makes room for one more: the file that was used longest ago goes. Forgotten temporary files, too. */
static void evict(int dirfd)
{
  char oldest[NAME_BYTES] = "";
  time_t oldest_time = 0;
  unsigned count = 0;
  int copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = copy < 0 ? NULL : fdopendir(copy);
  if (dir == NULL) {
    fd_close(&copy);
    return;
  }
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    struct stat st;
    if (fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
      continue;
    if (entry->d_name[0] == '.') {
      if (time(NULL) - st.st_mtime > STALE_SECONDS)
        (void)unlinkat(dirfd, entry->d_name, 0);
      continue;
    }
    count++;
    if (strlen(entry->d_name) == NAME_BYTES - 1 && (*oldest == '\0' || st.st_mtime < oldest_time)) {
      memcpy(oldest, entry->d_name, NAME_BYTES);
      oldest_time = st.st_mtime;
    }
  }
  closedir(dir);
  if (count >= FILES_MAX && *oldest != '\0')
    (void)unlinkat(dirfd, oldest, 0);
}

static void remember(int dirfd, const char *name, const struct key *key,
                     const struct seccomp_program *program)
{
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES], temporary[96];
  struct timespec now;
  evict(dirfd);
  /* A temporary name of its own: two runtimes may write the same program at the same time. */
  clock_gettime(CLOCK_MONOTONIC, &now);
  snprintf(temporary, sizeof temporary, ".seccomp-%d-%llx.tmp", (int)getpid(),
           (unsigned long long)now.tv_sec * 1000000000u + (unsigned long long)now.tv_nsec);
  if (write_program(dirfd, temporary, name, key, program, &err) == 0)
    return;
  error_format(&err, text, sizeof text);
  log_debug("seccomp cache: %s", text);
}

static bool recall(struct arena *arena, int dirfd, const char *name, const struct key *key,
                   struct seccomp_program *out)
{
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES];
  if (read_program(arena, dirfd, name, key, out, &err) == 0)
    return true;
  if (err.errnum != ENOENT) {
    error_format(&err, text, sizeof text);
    log_debug("seccomp cache: %s", text);
  }
  return false;
}

static int compile_and_log(struct arena *arena, const struct seccomp *profile, struct seccomp_program *out,
                           struct error *err)
{
  struct strings unknown = { NULL, 0, 0 };
  if (seccomp_compile(arena, profile, out, &unknown, err) < 0)
    return -1;
  for (size_t i = 0; i < unknown.count; i++)
    log_debug("seccomp: skipped '%s', which libseccomp does not know", unknown.items[i]);
  return 0;
}

int seccomp_obtain(struct arena *arena, int cache_dirfd, const struct seccomp *profile,
                   struct seccomp_program *out, bool *hit, struct error *err)
{
  char name[NAME_BYTES];
  struct key key = no_key;
  if (hit != NULL)
    *hit = false;
  if (cache_dirfd >= 0)
    key = make_key(arena, profile);
  if (key.length == 0 || key.length > KEY_MAX_BYTES)
    return compile_and_log(arena, profile, out, err);
  name_of_key(&key, name);
  if (recall(arena, cache_dirfd, name, &key, out)) {
    if (hit != NULL)
      *hit = true;
    return 0;
  }
  if (compile_and_log(arena, profile, out, err) < 0)
    return -1;
  remember(cache_dirfd, name, &key, out);
  return 0;
}
