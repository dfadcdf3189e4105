/* SPDX-License-Identifier: Apache-2.0
 * `hull stats`: what containers use, for people: a live table on a terminal, else one table and an end. */
#include "cmd/command.h"
#include "cmd/interval.h"
#include "cmd/stats_history.h"
#include "cmd/stats_table.h"
#include "cmd/terminal.h"
#include "libcontainer/base/fd.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#define DEFAULT_INTERVAL_NS 1000000000u
/* Shares of time need two readings: the first should not keep anybody waiting. */
#define FIRST_INTERVAL_NS 250000000u

enum { STATS_TABLE, STATS_JSON };

static struct {
  const char *interval;
  long format;
  bool no_stream, json;
} given;
typedef __typeof__(given) stats_values;

static const struct name formats[] = { { "table", STATS_TABLE }, { "json", STATS_JSON }, { 0 } };

/* clang-format off */
static const struct option_row options[] = {
  { .name = "interval", .value = "DURATION", .kind = OPTION_STRING, OPTION_AT (stats_values, interval),
    .help = "repeat, with this time in between (default: 1s on a terminal, else once)" },
  { .name = "no-stream", .kind = OPTION_FLAG, OPTION_AT (stats_values, no_stream), .help = "only once" },
  { .name = "format", .letter = 'f', .value = "table|json", .kind = OPTION_CHOICE, .choices = formats,
    OPTION_AT (stats_values, format),
    .help = "json: an array of objects; if repeated, one object a line" },
  { .name = "json", .kind = OPTION_FLAG, OPTION_AT (stats_values, json), .help = "the same as --format json" },
  { 0 },
};
/* clang-format on */

struct view {
  struct hull *hull;
  char **ids; /* NULL: all */
  struct stats_reading before, now;
  struct stats_screen screen;
  struct stats_history history; /* of a live table */
  bool live;                    /* over and over at the same place */
  bool raw;                     /* 'saved' is to be restored */
  bool over;                    /* nobody listens, or there is nothing more to show */
  int status;
  int signals, timer; /* -1: none */
  struct termios saved;
};

/* --- terminal ------------------------------------------------------------------------------------------- */

static void write_screen(struct view *v, const char *text)
{
  if (fd_write_all(STDOUT_FILENO, text, strlen(text)) < 0)
    v->over = true; /* the terminal has gone */
}

/* A shell's background job must leave the terminal alone. */
static bool in_background(void)
{
  const pid_t group = tcgetpgrp(STDIN_FILENO);
  return group > 0 && group != getpgrp();
}

/* Keys come one by one and are not shown; those for signals stay what they are. */
static void terminal_begin(struct view *v)
{
  if (!in_background() && (v->raw || tcgetattr(STDIN_FILENO, &v->saved) == 0)) {
    struct termios keys = v->saved;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    v->raw = tcsetattr(STDIN_FILENO, TCSANOW, &keys) == 0;
  }
  write_screen(v, "\033[?25l\033[2J"); /* hide the cursor, clear */
}

static void terminal_end(struct view *v)
{
  write_screen(v, "\033[?25h");
  if (v->raw && !in_background())
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &v->saved);
}

static void measure_screen(struct view *v)
{
  size_t rows;
  terminal_size(&v->screen.width, &rows);
  v->screen.height = v->live && rows > 1 ? rows - 1 : 0; /* the cursor stands below */
}

/* --- reading and showing -------------------------------------------------------------------------------- */

/* The first time, a container that was named must run. */
static int read_again(struct view *v, bool first, struct hull_error *error)
{
  hull_stats_free(v->before.items, v->before.count);
  v->before = v->now;
  v->now = (struct stats_reading){ .count = 0 };
  const ssize_t count = hull_read_stats(v->hull, v->ids, first, &v->now.items, error);
  if (count < 0)
    return -1;
  v->now.count = (size_t)count;
  if (v->live)
    stats_history_note(&v->history, &v->before, &v->now);
  if (v->ids != NULL && count == 0)
    v->over = true;
  return 0;
}

static int show(struct view *v, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct text out;
  text_init(&out, &arena);
  if (v->live)
    text_add(&out, "\033[H");
  if (given.json)
    stats_json(&out, &v->before, &v->now, v->timer < 0 ? STATS_ARRAY : STATS_LINES);
  else
    stats_table(&out, &v->before, &v->now, &v->screen, v->live ? "\033[K\n" : "\n");
  if (v->live)
    text_add(&out, "\033[J"); /* what is left of a longer table */
  int result = 0;
  if (fd_write_all(STDOUT_FILENO, text_string(&out), out.length) < 0) {
    v->over = true;
    if (errno != EPIPE && !v->live)
      result = error_set(err, ERROR_KERNEL, errno, "cannot write to standard output");
  }
  arena_release(&arena);
  return result;
}

static int read_and_show(struct view *v, struct hull_error *error)
{
  if (read_again(v, false, error) < 0)
    return -1;
  return v->over && !v->live ? 0 : show(v, error_inside(error));
}

/* --- events --------------------------------------------------------------------------------------------- */

/* As a program does that knows nothing of SIGTSTP. */
static void stop(struct view *v)
{
  terminal_end(v);
  (void)kill(getpid(), SIGSTOP);
  terminal_begin(v);
}

static void on_signal(struct view *v)
{
  struct signalfd_siginfo info;
  if (read(v->signals, &info, sizeof info) != (ssize_t)sizeof info)
    return;
  switch (info.ssi_signo) {
  case SIGWINCH:
    measure_screen(v);
    write_screen(v, "\033[2J");
    break;
  case SIGTSTP:
    stop(v);
    break;
  case SIGINT:
    v->over = true; /* how it is meant to end */
    break;
  default:
    v->over = true;
    v->status = 128 + (int)info.ssi_signo;
  }
}

static void on_key(struct view *v)
{
  char key;
  const ssize_t n = read(STDIN_FILENO, &key, 1);
  if (n == 0 || (n == 1 && (key == 'q' || key == 'Q')))
    v->over = true;
}

enum { TIMER, SIGNALS, KEYS, OUTPUT, SOURCES };

static int wait_once(struct view *v, struct hull_error *error)
{
  uint64_t ticks;
  struct pollfd sources[SOURCES] = {
    [TIMER] = { .fd = v->timer, .events = POLLIN },
    [SIGNALS] = { .fd = v->signals, .events = POLLIN },
    [KEYS] = { .fd = v->raw ? STDIN_FILENO : -1, .events = POLLIN },
    [OUTPUT] = { .fd = STDOUT_FILENO, .events = 0 },
  };
  if (poll(sources, SOURCES, -1) < 0)
    return errno == EINTR ? 0
                          : error_set(error_inside(error), ERROR_KERNEL, errno, "cannot wait for a timer");
  if (sources[OUTPUT].revents != 0)
    v->over = true;
  if (sources[KEYS].revents != 0)
    on_key(v);
  if (sources[SIGNALS].revents != 0) {
    on_signal(v);
    if (!v->over)
      return show(v, error_inside(error));
  }
  if (!v->over && read(v->timer, &ticks, sizeof ticks) > 0)
    return read_and_show(v, error);
  return 0;
}

static int start_timer(struct view *v, uint64_t interval_ns, struct error *err)
{
  const uint64_t first_ns = interval_ns < FIRST_INTERVAL_NS ? interval_ns : FIRST_INTERVAL_NS;
  const struct itimerspec every = {
    .it_value = { (time_t)(first_ns / 1000000000), (long)(first_ns % 1000000000) },
    .it_interval = { (time_t)(interval_ns / 1000000000), (long)(interval_ns % 1000000000) },
  };
  v->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (v->timer < 0 || timerfd_settime(v->timer, 0, &every, NULL) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set a timer");
  return 0;
}

static int catch_signals(struct view *v, struct error *err)
{
  static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP };
  sigset_t set;
  (void)sigemptyset(&set);
  for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
    (void)sigaddset(&set, caught[i]);
  (void)sigprocmask(SIG_BLOCK, &set, NULL);
  v->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (v->signals < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a signalfd");
  return 0;
}

/* --- the two ways --------------------------------------------------------------------------------------- */

static int show_once(struct view *v, uint64_t interval_ns, struct hull_error *error)
{
  const struct timespec pause = { (time_t)(interval_ns / 1000000000), (long)(interval_ns % 1000000000) };
  (void)nanosleep(&pause, NULL);
  if (read_again(v, false, error) < 0)
    return -1;
  return show(v, error_inside(error));
}

static int show_repeatedly(struct view *v, uint64_t interval_ns, struct hull_error *error)
{
  struct error *err = error_inside(error);
  if (start_timer(v, interval_ns, err) < 0 || (v->live && catch_signals(v, err) < 0))
    return -1;
  if (v->live) {
    terminal_begin(v);
    measure_screen(v);
  }
  int result = v->live ? show(v, err) : 0;
  while (result == 0 && !v->over)
    result = wait_once(v, error);
  if (v->live)
    terminal_end(v);
  return result;
}

static uint64_t machine_memory(void)
{
  struct sysinfo info;
  return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
}

static int run(const struct call *call, struct hull_error *error)
{
  struct view v = { .signals = -1, .timer = -1 };
  uint64_t interval_ns = 0;
  if (given.interval && interval_parse(given.interval, &interval_ns, error_inside(error)) < 0)
    return -1;
  given.json |= given.format == STATS_JSON;
  const bool once = given.no_stream || (!given.interval && (given.json || !isatty(STDOUT_FILENO)));
  v.hull = call_open(call, error);
  v.ids = call->arg_count > 0 ? call->args : NULL;
  v.live = !once && !given.json && terminal_is_screen();
  v.screen.history = v.live ? &v.history : NULL;
  v.screen.machine_memory = machine_memory();
  v.screen.utf8 = terminal_has_utf8();
  v.screen.color = terminal_wants_color();
  if (!v.hull || read_again(&v, true, error) < 0)
    return -1;
  (void)signal(SIGPIPE, SIG_IGN);
  measure_screen(&v);
  const int result = once ? show_once(&v, interval_ns ? interval_ns : FIRST_INTERVAL_NS, error)
                          : show_repeatedly(&v, interval_ns ? interval_ns : DEFAULT_INTERVAL_NS, error);
  fd_close(&v.signals);
  fd_close(&v.timer);
  hull_stats_free(v.before.items, v.before.count);
  hull_stats_free(v.now.items, v.now.count);
  stats_history_finish(&v.history);
  return result < 0 ? -1 : v.status;
}

const struct command stats_command = {
  .name = "stats",
  .arguments = "[ID...]",
  .summary = "show what containers use, live on a terminal",
  .brief = "what containers use, live",
  .group = GROUP_LOOK,
  .options = options,
  .values = &given,
  .max_args = (unsigned)-1,
  .run = run,
};
