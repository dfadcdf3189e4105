/* SPDX-License-Identifier: Apache-2.0 */
/* What runs in the containers of isolation.sh: a victim that does a fixed amount of work and prints how long
 * each piece took, and neighbours that want all there is of one resource, for ever. The neighbours know no
 * bounds but those of their arguments: isolation.sh keeps all of them below one limited cgroup. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define CHECK(call) check((long)(call), #call, __LINE__)

enum {
  KIB = 1 << 10,
  MIB = 1 << 20,
  PAGE = 4 * KIB,
  CHUNK_NS = 100 * 1000000, /* CPU work of one cycle, alone */
  WAKE_NS = 1000000,        /* the timer's period */
  TOUCH_BYTES = 512 * KIB,  /* fresh memory of one sample */
  CACHED_BYTES = 8 * MIB,   /* the victim's file, which it reads again and again */
  READ_BYTES = 256 * KIB,   /* of one sample */
  FORK_RETRY_NS = 1000000,
};

static volatile uint64_t sink; /* keeps the compiler from dropping work without a result */

static long check(long result, const char *call, int line)
{
  if (result >= 0)
    return result;
  fprintf(stderr, "isolation_load: line %d: %s: %s\n", line, call, strerror(errno));
  exit(1);
}

static int64_t clock_ns(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ns(void)
{
  return clock_ns(CLOCK_MONOTONIC);
}

static void sleep_until(int64_t ns)
{
  struct timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
    ;
}

static uint64_t compute(uint64_t iterations)
{
  uint64_t x = 88172645463325252u;
  for (uint64_t i = 0; i < iterations; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  sink = x;
  return x;
}

static uint64_t parse(const char *text)
{
  char *end;
  errno = 0;
  const unsigned long long n = strtoull(text, &end, 10);
  if (errno || *end || end == text) {
    fprintf(stderr, "isolation_load: '%s' is not a number\n", text);
    exit(2);
  }
  return n;
}

/* --- The victim. ------------------------------------------------------------------------------------ */

struct victim {
  uint64_t iterations; /* of one chunk */
  int64_t deadline;
  int cached, synced; /* files */
  char *buffer;
  FILE *report;
};

static void sample(const struct victim *v, const char *kind, int64_t ns)
{
  fprintf(v->report, "%s %lld\n", kind, (long long)ns);
}

/* Also what of that time the processor was ours: the rest went to others of this kernel. */
static void do_cpu(const struct victim *v)
{
  const int64_t start = clock_ns(CLOCK_MONOTONIC), own_start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  compute(v->iterations);
  sample(v, "own", clock_ns(CLOCK_THREAD_CPUTIME_ID) - own_start);
  sample(v, "cpu", clock_ns(CLOCK_MONOTONIC) - start);
}

static void do_wake(const struct victim *v)
{
  const int64_t due = now_ns() + WAKE_NS;
  sleep_until(due);
  sample(v, "wake", now_ns() - due);
}

static void do_touch(const struct victim *v)
{
  const int64_t start = now_ns();
  char *memory = mmap(NULL, TOUCH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory == MAP_FAILED ? -1 : 0);
  for (size_t i = 0; i < TOUCH_BYTES; i += PAGE)
    memory[i] = 1;
  CHECK(munmap(memory, TOUCH_BYTES));
  sample(v, "touch", now_ns() - start);
}

static void do_read(const struct victim *v)
{
  const off_t at = (off_t)(rand() % (CACHED_BYTES / READ_BYTES)) * READ_BYTES;
  const int64_t start = now_ns();
  CHECK(pread(v->cached, v->buffer, READ_BYTES, at));
  sample(v, "read", now_ns() - start);
}

static void do_sync(const struct victim *v)
{
  const int64_t start = now_ns();
  CHECK(pwrite(v->synced, v->buffer, PAGE, 0));
  CHECK(fdatasync(v->synced));
  sample(v, "sync", now_ns() - start);
}

/* A server that can't fork tries again: what it loses is time. */
static void do_fork(const struct victim *v)
{
  const int64_t start = now_ns();
  pid_t pid;
  while ((pid = fork()) < 0 && now_ns() < v->deadline)
    sleep_until(now_ns() + FORK_RETRY_NS);
  if (pid == 0)
    _exit(0);
  if (pid > 0)
    CHECK(waitpid(pid, NULL, 0));
  sample(v, "fork", now_ns() - start);
}

static const struct {
  void (*run)(const struct victim *v);
  int times; /* in each cycle */
} works[] = {
  { do_cpu, 1 }, { do_wake, 10 }, { do_touch, 4 }, { do_read, 4 }, { do_sync, 2 }, { do_fork, 4 },
};

/* In the victim's own cgroup: it shall pay for its pages, and lose them. */
static void open_files(struct victim *v, const char *directory)
{
  int dir = (int)CHECK(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  v->cached = (int)CHECK(openat(dir, "cached", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  v->synced = (int)CHECK(openat(dir, "synced", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  for (int i = 0; i < CACHED_BYTES / READ_BYTES; i++)
    CHECK(pwrite(v->cached, v->buffer, READ_BYTES, (off_t)i * READ_BYTES));
  CHECK(pwrite(v->synced, v->buffer, PAGE, 0));
  CHECK(fsync(v->cached));
  CHECK(fsync(v->synced));
  close(dir);
}

/* Until somebody has opened the fifo and closed it. */
static void wait_for_go(const char *directory)
{
  char path[4096], byte;
  snprintf(path, sizeof path, "%s/go", directory);
  int fd = (int)CHECK(open(path, O_RDONLY | O_CLOEXEC));
  while (read(fd, &byte, 1) > 0)
    ;
  close(fd);
}

/* Samples are written at the end: who reads them must not be waited for. */
static int victim(char **args)
{
  struct victim v = { .iterations = parse(args[1]), .buffer = malloc(READ_BYTES) };
  const uint64_t cycles = parse(args[2]);
  char *report = NULL;
  size_t size = 0;
  memset(v.buffer, 'v', READ_BYTES);
  v.report = open_memstream(&report, &size);
  open_files(&v, args[0]);
  wait_for_go(args[0]);
  v.deadline = now_ns() + (int64_t)parse(args[3]) * 1000000000;
  for (uint64_t cycle = 0; cycle < cycles && now_ns() < v.deadline; cycle++)
    for (size_t i = 0; i < COUNT(works); i++)
      for (int n = 0; n < works[i].times && now_ns() < v.deadline; n++)
        works[i].run(&v);
  fclose(v.report);
  fputs(report, stdout);
  return fflush(stdout) == 0 ? 0 : 1;
}

/* How many iterations are CHUNK_NS of this processor: the best of some, as anything else only delays. */
static int calibrate(char **args)
{
  const uint64_t iterations = 200000;
  int64_t best = INT64_MAX;
  (void)args;
  for (int i = 0; i < 50; i++) {
    const int64_t start = now_ns();
    compute(iterations);
    const int64_t took = now_ns() - start;
    best = took < best ? took : best;
  }
  printf("%llu\n", (unsigned long long)(iterations * CHUNK_NS / (uint64_t)best));
  return 0;
}

/* --- Neighbours. ------------------------------------------------------------------------------------ */

/* Keeps one child of each function alive: the OOM killer takes them, and they come back. */
static void keep_alive(void (*const *children)(char **args), const size_t *copies, size_t count, char **args)
{
  enum { MOST = 1024 };
  pid_t pids[MOST] = { 0 };
  for (;;) {
    size_t slot = 0;
    for (size_t i = 0; i < count; i++)
      for (size_t n = 0; n < copies[i] && slot < MOST; n++, slot++) {
        if (pids[slot] > 0)
          continue;
        pids[slot] = fork();
        if (pids[slot] == 0) {
          children[i](args);
          _exit(1);
        }
      }
    const pid_t gone = wait(NULL);
    for (size_t i = 0; i < slot; i++)
      if (pids[i] == gone)
        pids[i] = 0;
  }
}

static void burn_forever(char **args)
{
  (void)args;
  for (;;)
    compute(1000000);
}

static int burn(char **args)
{
  const size_t copies = parse(args[0]);
  keep_alive((void (*const[])(char **)){ burn_forever }, &copies, 1, args);
  return 1;
}

/* Touches ever more memory, and all of it again and again. */
static void hoard(char **args)
{
  const size_t bytes = parse(args[1]) * MIB;
  char *memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(memory == MAP_FAILED ? -1 : 0);
  for (char value = 1;; value++)
    for (size_t i = 0; i < bytes; i += PAGE)
      memory[i] = value;
}

/* Fills the page cache with what nobody needs twice. */
static void churn(char **args)
{
  const size_t bytes = parse(args[2]) * MIB;
  char *buffer = malloc(MIB);
  memset(buffer, 'n', MIB);
  int fd = (int)CHECK(openat(AT_FDCWD, args[0], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  for (size_t at = 0; at < bytes; at += MIB)
    CHECK(pwrite(fd, buffer, MIB, (off_t)at));
  for (;;)
    for (size_t at = 0; at < bytes; at += MIB)
      CHECK(pread(fd, buffer, MIB, (off_t)at));
}

static int memory(char **args)
{
  keep_alive((void (*const[])(char **)){ hoard, churn }, (const size_t[]){ 1, 1 }, 2, args);
  return 1;
}

/* Every process forks for as long as there are fewer than 'most', then some give way to new ones. */
static int bomb(char **args)
{
  const long most = (long)parse(args[0]);
  const pid_t first = getpid();
  long *alive = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(alive == MAP_FAILED ? -1 : 0);
  signal(SIGCHLD, SIG_IGN); /* nobody waits */
  for (;;) {
    if (__atomic_add_fetch(alive, 1, __ATOMIC_RELAXED) < most && fork() >= 0)
      continue; /* both */
    __atomic_sub_fetch(alive, 1, __ATOMIC_RELAXED);
    compute(1000);
    if (getpid() != first && rand() % 16 == 0) {
      __atomic_sub_fetch(alive, 1, __ATOMIC_RELAXED);
      _exit(0);
    }
  }
}

static void flood_with(const char *path, int flags, bool sync, uint64_t mib)
{
  char *buffer = aligned_alloc(PAGE, MIB);
  memset(buffer, 'f', MIB);
  int fd = (int)CHECK(open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600));
  for (;;)
    for (uint64_t at = 0; at < mib; at++) {
      CHECK(pwrite(fd, buffer, MIB, (off_t)(at * MIB)));
      if (sync)
        CHECK(fsync(fd));
    }
}

static void flood_direct(char **args)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/direct.%d", args[0], getpid() % 4);
  flood_with(path, O_DIRECT, false, parse(args[1]));
}

static void flood_synced(char **args)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/flushed.%d", args[0], getpid() % 4);
  flood_with(path, 0, true, parse(args[1]));
}

static int io(char **args)
{
  keep_alive((void (*const[])(char **)){ flood_direct, flood_synced }, (const size_t[]){ 2, 2 }, 2, args);
  return 1;
}

/* -------------------------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  int args;
  int (*run)(char **args);
  const char *usage;
} commands[] = {
  { "victim", 4, victim, "DIRECTORY ITERATIONS CYCLES SECONDS  work and print samples in ns" },
  { "calibrate", 0, calibrate, "                               print the ITERATIONS for this processor" },
  { "burn", 1, burn, "PROCESSES                              busy loops" },
  { "memory", 3, memory, "FILE ANONYMOUS_MIB FILE_MIB          touch memory, churn the page cache" },
  { "bomb", 1, bomb, "PROCESSES                              fork, at most to so many" },
  { "io", 2, io, "DIRECTORY FILE_MIB                       write with O_DIRECT and with fsync" },
};

int main(int argc, char **argv)
{
  for (size_t i = 0; argc > 1 && i < COUNT(commands); i++)
    if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 == commands[i].args)
      return commands[i].run(argv + 2);
  fprintf(stderr, "usage: isolation_load COMMAND\n");
  for (size_t i = 0; i < COUNT(commands); i++)
    fprintf(stderr, "  %s %s\n", commands[i].name, commands[i].usage);
  return 2;
}
