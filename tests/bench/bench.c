/* SPDX-License-Identifier: Apache-2.0 */
/* bench: runs the contenders of a series interleaved and prints, for each, the median, least and 90th
 * percentile time, the peak resident memory and the ratio to the series' base. It is small and static
 * because a child's peak memory, as wait4(2) tells it, is never below that of the program that started it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum {
  MAX_CONTENDERS = 16,
  MAX_COMMANDS = 12,
  MAX_WORDS = 128,
  MAX_ROUNDS = 1000,
  MAX_JOBS = 16,
  MAX_SCENARIO = 32 << 10, /* bytes; ours are below 8 KiB */
  COMMAND_SECONDS = 60,    /* a command that takes longer is killed and has failed */
};

enum phase {
  BEFORE,   /* once, before the first round */
  ROUND,    /* in each round, in the order written, until one fails */
  TEARDOWN, /* at the end of each round, also of a failed one */
  AFTER,    /* once, after the last round, also if all failed */
};

enum action {
  RUN,      /* run the command, expect exit status 0 */
  RUN_TIME, /* the same, and add its time to the round's */
  AWAIT,    /* wait until the process of a pid file has ended */
  STOP,     /* kill the process of a pid file and wait for it */
};

struct command {
  enum phase phase;
  enum action action;
  int n_words;
  char *words[MAX_WORDS + 1];
};

struct contender {
  const char *name;
  const char *base; /* name of the contender that the ratio refers to */
  int namespace_fd; /* mount namespace that its commands run in, or -1 */
  int n_commands;
  struct command commands[MAX_COMMANDS];
  bool failed;
  int n_samples;
  double *samples; /* microseconds */
  long peak_kib;
};

struct series {
  const char *name, *base;
  int rounds, warmup;
  int jobs, runs; /* with jobs: a round is that many runs of the timed command, jobs of them at a time */
  int n_contenders;
  struct contender contenders[MAX_CONTENDERS];
};

/* What a word of a command is completed with. */
struct numbers {
  unsigned run; /* %n: never twice the same in one series */
  int job;      /* %j: below 'jobs' */
};

struct slot {
  pid_t pid;
  struct numbers numbers;
};

extern char **environ;
static struct series series;
static char scenario[MAX_SCENARIO];
static char expanded[8 << 10];
static int null_fd, output_fd, home_namespace_fd;
static unsigned next_run;
static struct slot slots[MAX_JOBS]; /* slot 0 is the current command where there are no jobs */

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *format, ...)
{
  va_list args;
  fprintf(stderr, "bench: ");
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  exit(2);
}

static int number(const char *text, int min, int max, const char *what)
{
  char *end;
  errno = 0;
  long n = strtol(text, &end, 10);
  if (errno || end == text || *end || n < min || n > max)
    die("%s: expected a number from %d to %d, got '%s'", what, min, max, text);
  return (int)n;
}

static double now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* --- The scenario: lines of words that tabs separate. --- */

static const struct directive {
  const char *name;
  enum phase phase;
  enum action action;
} directives[] = {
  { "before", BEFORE, RUN }, { "setup", ROUND, RUN },       { "time", ROUND, RUN_TIME },
  { "await", ROUND, AWAIT }, { "teardown", TEARDOWN, RUN }, { "after", AFTER, RUN },
  { "stop", AFTER, STOP },
};

static struct contender *last_contender(const char *directive)
{
  if (series.n_contenders == 0)
    die("'%s' before the first contender", directive);
  return &series.contenders[series.n_contenders - 1];
}

static void add_contender(char *name)
{
  if (series.n_contenders == MAX_CONTENDERS)
    die("more than %d contenders", MAX_CONTENDERS);
  struct contender *c = &series.contenders[series.n_contenders++];
  c->name = name;
  c->namespace_fd = -1;
}

static void add_command(const struct directive *d, char **words, int n_words)
{
  struct contender *c = last_contender(d->name);
  if (c->n_commands == MAX_COMMANDS || n_words == 0)
    die("contender '%s': no words, or more than %d commands", c->name, MAX_COMMANDS);
  struct command *command = &c->commands[c->n_commands++];
  command->phase = d->phase;
  command->action = d->action;
  command->n_words = n_words;
  memcpy(command->words, words, (size_t)n_words * sizeof *words);
}

static void set_base(char *name)
{
  if (series.n_contenders)
    last_contender("base")->base = name;
  else
    series.base = name;
}

static void set_namespace(char *path)
{
  struct contender *c = last_contender("mount-namespace");
  c->namespace_fd = open(path, O_RDONLY | O_CLOEXEC);
  if (c->namespace_fd < 0)
    die("cannot open '%s': %s", path, strerror(errno));
}

static void set_name(char *name)
{
  series.name = name;
}

static const struct {
  const char *name;
  int *number;
  int min, max;
  void (*set)(char *word);
} settings[] = {
  { .name = "series", .set = set_name },
  { .name = "contender", .set = add_contender },
  { .name = "base", .set = set_base },
  { .name = "mount-namespace", .set = set_namespace },
  { .name = "rounds", .number = &series.rounds, .min = 1, .max = MAX_ROUNDS },
  { .name = "warmup", .number = &series.warmup, .min = 0, .max = MAX_ROUNDS },
  { .name = "jobs", .number = &series.jobs, .min = 1, .max = MAX_JOBS },
  { .name = "runs", .number = &series.runs, .min = 1, .max = 100000 },
};

static bool apply_setting(char **words, int n_words)
{
  for (size_t i = 0; i < COUNT(settings); i++) {
    if (strcmp(words[0], settings[i].name) != 0)
      continue;
    if (n_words != 2)
      die("'%s' takes one word", words[0]);
    if (settings[i].number)
      *settings[i].number = number(words[1], settings[i].min, settings[i].max, words[0]);
    else
      settings[i].set(words[1]);
    return true;
  }
  return false;
}

static void parse_line(char *line)
{
  char *words[MAX_WORDS + 1], *rest = line;
  int n_words = 0;
  if (*line == '\0' || *line == '#')
    return;
  for (char *word; (word = strsep(&rest, "\t"));) {
    if (n_words == MAX_WORDS)
      die("more than %d words: %s", MAX_WORDS, line);
    words[n_words++] = word;
  }
  if (apply_setting(words, n_words))
    return;
  for (size_t i = 0; i < COUNT(directives); i++)
    if (strcmp(words[0], directives[i].name) == 0) {
      add_command(&directives[i], words + 1, n_words - 1);
      return;
    }
  die("unknown directive '%s'", words[0]);
}

static void read_scenario(FILE *in)
{
  size_t size = fread(scenario, 1, sizeof scenario - 1, in);
  if (ferror(in) || !feof(in))
    die("cannot read the scenario, or it has more than %d bytes", MAX_SCENARIO - 1);
  scenario[size] = '\0';
  for (char *line, *rest = scenario; (line = strsep(&rest, "\n"));)
    parse_line(line);
  if (!series.name || series.n_contenders == 0 || series.rounds == 0)
    die("a scenario needs a series, rounds and a contender");
  for (int i = 0; i < series.n_contenders; i++) {
    series.contenders[i].samples = calloc((size_t)series.rounds, sizeof(double));
    if (!series.contenders[i].samples)
      die("out of memory");
  }
}

/* --- Running one command. --- */

/* Names the command and shows what it said; the contender takes no further part. */
__attribute__((format(printf, 3, 4))) static void fail(struct contender *c, char *const *argv,
                                                       const char *format, ...)
{
  va_list args;
  char text[2048];
  if (c->failed)
    return; /* what fails after that, deleting what could not be created, tells nothing new */
  ssize_t size = pread(output_fd, text, sizeof text, 0);
  fprintf(stderr, "\nbench: FAILED: series '%s', contender '%s': ", series.name, c->name);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fprintf(stderr, "\n  command:");
  for (; argv && *argv; argv++)
    fprintf(stderr, " %s", *argv);
  fprintf(stderr, "\n  it said: %.*s\n", size > 0 ? (int)size : 7, size > 0 ? text : "nothing");
  c->failed = true;
}

static void read_word(const char *path, char *word, size_t size)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, word, size - 1);
  word[n > 0 ? n : 0] = '\0';
  word[strcspn(word, " \n")] = '\0';
  if (fd >= 0)
    close(fd);
}

/* Completes one word at 'out': %n, %j, or as a whole @FILE (the first word of that file). */
static char *expand_word(const char *word, const struct numbers *numbers, char *out, const char *end)
{
  if (*word == '@') {
    read_word(word + 1, out, (size_t)(end - out));
    return out + strlen(out) + 1;
  }
  for (; *word && end - out > 16; word++)
    if (word[0] == '%' && word[1] == 'n')
      out += sprintf(out, "%u", numbers->run), word++;
    else if (word[0] == '%' && word[1] == 'j')
      out += sprintf(out, "%d", numbers->job), word++;
    else
      *out++ = *word;
  if (*word)
    die("a command is too long");
  *out++ = '\0';
  return out;
}

static void expand(const struct command *command, const struct numbers *numbers, char **argv)
{
  char *out = expanded;
  for (int i = 0; i < command->n_words; i++) {
    argv[i] = out;
    out = expand_word(command->words[i], numbers, out, expanded + sizeof expanded);
  }
  argv[command->n_words] = NULL;
}

static pid_t spawn(struct contender *c, char *const *argv)
{
  pid_t pid;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, null_fd, 0);
  posix_spawn_file_actions_adddup2(&actions, null_fd, 1);
  posix_spawn_file_actions_adddup2(&actions, output_fd, 2);
  int error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == 0)
    return pid;
  fail(c, argv, "cannot run it: %s", strerror(error));
  return -1;
}

static void kill_slow_commands(int signal_number)
{
  (void)signal_number;
  for (size_t i = 0; i < COUNT(slots); i++)
    if (slots[i].pid > 0)
      kill(slots[i].pid, SIGKILL);
}

static void describe(int status, char *text, size_t size)
{
  if (WIFEXITED(status))
    snprintf(text, size, "exit status %d", WEXITSTATUS(status));
  else
    snprintf(text, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
}

static void record_end(struct contender *c, char *const *argv, int status, const struct rusage *usage)
{
  char text[80];
  if (usage->ru_maxrss > c->peak_kib)
    c->peak_kib = usage->ru_maxrss;
  if (status == 0)
    return;
  describe(status, text, sizeof text);
  fail(c, argv, "%s", text);
}

/* Returns the time in microseconds; a contender that is only set up or cleaned keeps its peak memory. */
static double run_command(struct contender *c, const struct command *command, const struct numbers *numbers)
{
  char *argv[MAX_WORDS + 1];
  int status;
  struct rusage usage;
  expand(command, numbers, argv);
  if (ftruncate(output_fd, 0) < 0)
    die("cannot empty the output: %s", strerror(errno));
  long peak_kib = c->peak_kib;
  alarm(COMMAND_SECONDS);
  double start = now_us();
  slots[0].pid = spawn(c, argv);
  if (slots[0].pid < 0)
    return 0;
  while (wait4(slots[0].pid, &status, 0, &usage) < 0)
    if (errno != EINTR)
      die("wait4: %s", strerror(errno));
  double time_us = now_us() - start;
  slots[0].pid = 0;
  alarm(0);
  record_end(c, argv, status, &usage);
  if (command->action != RUN_TIME)
    c->peak_kib = peak_kib;
  return time_us;
}

/* Waits for the end of a process that has become our child, since we are its subreaper, or is none. */
static void await_end(struct contender *c, const struct command *command, const struct numbers *numbers)
{
  char *argv[MAX_WORDS + 1], word[32];
  expand(command, numbers, argv);
  read_word(argv[0], word, sizeof word);
  pid_t pid = number(word, 2, INT32_MAX, argv[0]);
  int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (pidfd < 0)
    return; /* it has ended and somebody else has reaped it */
  if (command->action == STOP)
    kill(pid, SIGKILL);
  struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
  if (poll(&poll_fd, 1, COMMAND_SECONDS * 1000) != 1)
    fail(c, argv, "process %d does not end", pid);
  close(pidfd);
  (void)waitpid(pid, NULL, WNOHANG); /* not our child: fine */
}

static double perform(struct contender *c, const struct command *command, const struct numbers *numbers)
{
  switch (command->action) {
  case RUN:
    run_command(c, command, numbers);
    return 0;
  case RUN_TIME:
    return run_command(c, command, numbers);
  case AWAIT:
  case STOP:
    await_end(c, command, numbers);
    return 0;
  }
  return 0;
}

/* --- Rounds. --- */

static double perform_phase(struct contender *c, enum phase phase, const struct numbers *numbers)
{
  double total = 0;
  for (int i = 0; i < c->n_commands; i++)
    if (c->commands[i].phase == phase && !(phase <= ROUND && c->failed))
      total += perform(c, &c->commands[i], numbers);
  return total;
}

static void start_job(struct contender *c, const struct command *command, int job)
{
  char *argv[MAX_WORDS + 1];
  slots[job].numbers = (struct numbers){ .run = next_run++, .job = job };
  expand(command, &slots[job].numbers, argv);
  slots[job].pid = spawn(c, argv);
}

static void end_job(struct contender *c, const struct command *command, struct slot *slot, int status,
                    const struct rusage *usage)
{
  char *argv[MAX_WORDS + 1];
  slot->pid = 0;
  expand(command, &slot->numbers, argv);
  record_end(c, argv, status, usage);
}

static struct slot *slot_of(pid_t pid)
{
  for (int i = 0; i < series.jobs; i++)
    if (slots[i].pid == pid)
      return &slots[i];
  return NULL; /* a process that was left to us, as subreaper */
}

static double run_jobs(struct contender *c, const struct command *command)
{
  int running = 0, todo = series.runs, status;
  struct rusage usage;
  if (ftruncate(output_fd, 0) < 0)
    die("cannot empty the output: %s", strerror(errno));
  alarm(COMMAND_SECONDS);
  double start = now_us();
  for (int job = 0; job < series.jobs && todo > 0 && !c->failed; job++, todo--, running++)
    start_job(c, command, job);
  while (running > 0) {
    pid_t pid = wait4(-1, &status, 0, &usage);
    if (pid < 0 && errno == EINTR)
      continue;
    if (pid < 0)
      break; /* a command could not be started: reported */
    struct slot *slot = slot_of(pid);
    if (!slot)
      continue;
    end_job(c, command, slot, status, &usage);
    running--;
    if (todo > 0 && !c->failed) {
      start_job(c, command, (int)(slot - slots));
      todo--, running++;
    }
  }
  double time_us = now_us() - start;
  alarm(0);
  return time_us;
}

static double run_parallel(struct contender *c)
{
  for (int i = 0; i < c->n_commands; i++)
    if (c->commands[i].action == RUN_TIME)
      return run_jobs(c, &c->commands[i]);
  return 0;
}

static void enter_namespace(int fd)
{
  if (setns(fd, CLONE_NEWNS) < 0)
    die("cannot enter a mount namespace: %s", strerror(errno));
}

static void run_contender(struct contender *c, bool recorded)
{
  if (c->failed)
    return;
  struct numbers numbers = { .run = next_run++ };
  if (c->namespace_fd >= 0)
    enter_namespace(c->namespace_fd);
  double time_us = series.jobs ? run_parallel(c) : perform_phase(c, ROUND, &numbers);
  perform_phase(c, TEARDOWN, &numbers);
  if (c->namespace_fd >= 0)
    enter_namespace(home_namespace_fd);
  while (waitpid(-1, NULL, WNOHANG) > 0)
    ; /* what was left to us, so that no zombie is counted against the next one */
  if (recorded && !c->failed)
    c->samples[c->n_samples++] = time_us;
  else
    c->peak_kib = 0; /* warm-up: it may have filled a cache */
}

/* A new order in each round: what one contender leaves to the kernel (network namespaces are destroyed in
 * the background) must not always be at the expense of the same other one. The seed is fixed. */
static void shuffle(int *order, int n)
{
  static uint32_t state = 2463534242;
  for (int i = n - 1; i > 0; i--) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    int j = (int)(state % (uint32_t)(i + 1)), swapped = order[i];
    order[i] = order[j], order[j] = swapped;
  }
}

static void perform_all(enum phase phase)
{
  for (int i = 0; i < series.n_contenders; i++)
    perform_phase(&series.contenders[i], phase, &(struct numbers){ .run = next_run++ });
}

static void run_rounds(void)
{
  int order[MAX_CONTENDERS];
  for (int i = 0; i < series.n_contenders; i++)
    order[i] = i;
  for (int round = -series.warmup; round < series.rounds; round++) {
    shuffle(order, series.n_contenders);
    for (int i = 0; i < series.n_contenders; i++)
      run_contender(&series.contenders[order[i]], round >= 0);
  }
}

/* --- The result. --- */

static int compare_samples(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double percentile(const struct contender *c, double share)
{
  double at = share * (c->n_samples - 1);
  int below = (int)at, above = below + 1 < c->n_samples ? below + 1 : below;
  return c->samples[below] + (at - below) * (c->samples[above] - c->samples[below]);
}

static double base_median(const struct contender *c)
{
  const char *base = c->base ? c->base : series.base;
  for (int i = 0; base && i < series.n_contenders; i++)
    if (strcmp(series.contenders[i].name, base) == 0 && !series.contenders[i].failed)
      return percentile(&series.contenders[i], 0.5);
  return 0;
}

/* One line each: series, contender, rounds, median, least, 90th percentile (us), peak (KiB), ratio. */
static int print_results(void)
{
  int failures = 0;
  for (int i = 0; i < series.n_contenders; i++)
    qsort(series.contenders[i].samples, (size_t)series.contenders[i].n_samples, sizeof(double),
          compare_samples);
  for (int i = 0; i < series.n_contenders; i++) {
    const struct contender *c = &series.contenders[i];
    if (c->failed) {
      printf("%s\t%s\tfailed\n", series.name, c->name);
      failures++;
      continue;
    }
    double base = base_median(c), median = percentile(c, 0.5);
    printf("%s\t%s\t%d\t%.1f\t%.1f\t%.1f\t%ld\t", series.name, c->name, c->n_samples, median,
           percentile(c, 0), percentile(c, 0.9), c->peak_kib);
    if (base > 0)
      printf("%.3f\n", median / base);
    else
      printf("-\n");
  }
  return failures ? 1 : 0;
}

static int run_series(char **args)
{
  FILE *in = args[0] ? fopen(args[0], "re") : stdin;
  if (!in)
    die("cannot open '%s': %s", args[0], strerror(errno));
  read_scenario(in);
  null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  output_fd = memfd_create("output", MFD_CLOEXEC); /* a file, not a pipe: containers may keep it open */
  home_namespace_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  if (null_fd < 0 || output_fd < 0 || home_namespace_fd < 0 || fcntl(output_fd, F_SETFL, O_APPEND) < 0
      || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
    die("cannot prepare: %s", strerror(errno));
  signal(SIGALRM, kill_slow_commands);
  perform_all(BEFORE);
  run_rounds();
  perform_all(AFTER);
  return print_results();
}

/* Makes a mount namespace with extra bind mounts below a directory, says so, and keeps it until killed. */
static int hold_mounts(char **args)
{
  char path[4096], source[4096];
  if (!args[0] || !args[1])
    die("usage: bench mounts DIRECTORY COUNT");
  int count = number(args[1], 0, 90000, "mounts"); /* below the kernel's default fs.mount-max, 100000 */
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
      || mount("bench", args[0], "tmpfs", 0, NULL) < 0)
    die("cannot make a mount namespace: %s", strerror(errno));
  snprintf(source, sizeof source, "%s/source", args[0]);
  if (mkdir(source, 0755) < 0)
    die("cannot make '%s': %s", source, strerror(errno));
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/%d", args[0], i);
    if (mkdir(path, 0755) < 0 || mount(source, path, NULL, MS_BIND, NULL) < 0)
      die("cannot bind '%s': %s", path, strerror(errno));
  }
  printf("ready\n");
  fflush(stdout);
  for (;;)
    pause();
}

int main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "series") == 0)
    return run_series(argv + 2);
  if (argc > 1 && strcmp(argv[1], "mounts") == 0)
    return hold_mounts(argv + 2);
  fprintf(stderr, "usage: bench series [SCENARIO] | bench mounts DIRECTORY COUNT\n");
  return 2;
}
