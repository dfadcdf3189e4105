/* SPDX-License-Identifier: Apache-2.0
 * `hull ps`: the processes of a container, as ids, or as ps(1) of the host shows them. */
#include "cmd/command.h"
#include "cmd/print.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/words.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PS_MAX_BYTES (64 << 20)

enum { PS_TABLE, PS_JSON };

static struct {
  long format;
} given;
typedef __typeof__(given) ps_values;

static const struct name formats[] = { { "table", PS_TABLE }, { "json", PS_JSON }, { 0 } };

/* clang-format off */
static const struct option_row options[] = {
  { .name = "format", .letter = 'f', .value = "table|json", .kind = OPTION_CHOICE, .choices = formats,
    OPTION_AT (ps_values, format), .help = "ps(1) of them, or an array of their ids" },
  { 0 },
};
/* clang-format on */

static void add_json(struct text *out, const pid_t *pids, size_t count)
{
  text_add(out, "[");
  for (size_t i = 0; i < count; i++)
    text_addf(out, "%s%d", i ? "," : "", (int)pids[i]);
  text_add(out, "]\n");
}

/* --- ps(1) ----------------------------------------------------------------------------------------- */

/* What it prints, to standard error too, as one text. */
static int read_all(int fd, struct text *out, struct error *err)
{
  char buffer[16384];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n == 0)
      return 0;
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot read the output of ps");
    if (out->length + (size_t)n > PS_MAX_BYTES)
      return error_set(err, ERROR_HOST, EFBIG, "cannot read the output of ps");
    text_add_bytes(out, buffer, (size_t)n);
  }
}

static int spawn_ps(char *const *argv, int output, pid_t *pid, struct error *err)
{
  posix_spawn_file_actions_t actions;
  int failed = posix_spawn_file_actions_init(&actions);
  if (!failed) {
    failed = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (!failed)
      failed = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    if (!failed)
      failed = posix_spawnp(pid, "ps", &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
  }
  if (failed == ENOENT)
    return error_set(err, ERROR_HOST, 0,
                     "cannot run ps: " WORDS_NOT_IN_PATH " (it is needed for tables: install "
                     "procps, or use --format json)");
  return failed ? error_set(err, ERROR_HOST, failed, "cannot run ps") : 0;
}

static int wait_for_ps(pid_t pid, const struct text *out, struct error *err)
{
  int status;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return error_set(err, ERROR_KERNEL, errno, "cannot wait for ps");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return 0;
  const char *text = text_string(out);
  text += strspn(text, "\n ");
  const int length = (int)strcspn(text, "\n");
  if (WIFSIGNALED(status))
    return error_set(err, ERROR_HOST, 0, "ps was killed by signal %d", WTERMSIG(status));
  return error_set(err, ERROR_USAGE, 0, "ps ended with status %d: %.*s", WEXITSTATUS(status), length, text);
}

static int run_ps(const struct call *call, struct text *out, struct error *err)
{
  static char program[] = "ps", default_options[] = "-ef";
  struct strings argv = { 0 };
  *(char **)vec_push(call->arena, &argv) = program;
  for (size_t i = 1; i < call->arg_count; i++)
    *(char **)vec_push(call->arena, &argv) = call->args[i];
  if (call->arg_count == 1)
    *(char **)vec_push(call->arena, &argv) = default_options;
  *(char **)vec_push(call->arena, &argv) = NULL;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a pipe for ps");
  pid_t pid;
  int result = spawn_ps(argv.items, ends[1], &pid, err);
  fd_close(&ends[1]);
  if (result == 0) {
    struct error trouble = { 0 };
    result = read_all(ends[0], out, err);
    fd_close(&ends[0]); /* before the wait: a ps that still writes must end */
    if (wait_for_ps(pid, out, result < 0 ? &trouble : err) < 0)
      result = -1;
  }
  fd_close(&ends[0]);
  return result;
}

/* --- the table ------------------------------------------------------------------------------------- */

#define BLANKS " \t"

/* The n-th word of a line; its length, 0 if there is none. */
static size_t word_at(const char *line, size_t n, const char **word)
{
  *word = line + strspn(line, BLANKS);
  for (; n > 0; n--) {
    *word += strcspn(*word, BLANKS);
    *word += strspn(*word, BLANKS);
  }
  return strcspn(*word, BLANKS);
}

struct pid_column {
  size_t number; /* counted in words */
  size_t end;    /* of its title, which stands above the last digit */
};

static int find_pid_column(const char *titles, struct pid_column *column, struct error *err)
{
  const char *word;
  size_t length;
  for (column->number = 0; (length = word_at(titles, column->number, &word)) > 0; column->number++)
    if (length == 3 && strncmp(word, "PID", 3) == 0) {
      column->end = (size_t)(word - titles) + length;
      return 0;
    }
  return error_set(err, ERROR_USAGE, 0, "couldn't find PID field in ps output: let its options show one");
}

static int compare_pids(const void *a, const void *b)
{
  const pid_t one = *(const pid_t *)a, other = *(const pid_t *)b;
  return (one > other) - (one < other);
}

/* False if it is no process id. */
static bool parse_pid(const char *word, size_t length, pid_t *pid)
{
  char digits[16];
  int64_t value;
  if (length >= sizeof digits)
    return false;
  memcpy(digits, word, length);
  digits[length] = '\0';
  if (parse_i64(digits, 1, INT_MAX, &value) < 0)
    return false;
  *pid = (pid_t)value;
  return true;
}

/* What stands below the title, whose end is above the last digit: a column before it may hold blanks (-o
 * args,pid). Else by its number among the words, as runc does: a value too long for its column moves the
 * rest. */
static bool pid_in_line(const char *line, const struct pid_column *column, pid_t *pid)
{
  size_t begin = column->end;
  const char *word;
  if (strlen(line) >= column->end && strchr(BLANKS, line[column->end])) {
    while (begin > 0 && !strchr(BLANKS, line[begin - 1]))
      begin--;
    if (parse_pid(line + begin, column->end - begin, pid))
      return true;
  }
  const size_t length = word_at(line, column->number, &word);
  return parse_pid(word, length, pid);
}

static int add_line(struct text *out, const char *line, const struct pid_column *column, const pid_t *pids,
                    size_t count, struct error *err)
{
  pid_t pid;
  if (!pid_in_line(line, column, &pid))
    return error_set(err, ERROR_USAGE, 0,
                     "cannot find the process id in '%s' of ps: let PID be its first column", line);
  if (count > 0 && bsearch(&pid, pids, count, sizeof *pids, compare_pids) != NULL)
    text_addf(out, "%s\n", line);
  return 0;
}

static int add_table(const struct call *call, struct text *out, const pid_t *pids, size_t count,
                     struct error *err)
{
  struct text all;
  struct pid_column column = { 0 };
  text_init(&all, call->arena);
  if (run_ps(call, &all, err) < 0)
    return -1;
  char *rest = arena_strdup(call->arena, text_string(&all));
  char *line = strsep(&rest, "\n");
  if (find_pid_column(line, &column, err) < 0)
    return -1;
  text_addf(out, "%s\n", line);
  while ((line = strsep(&rest, "\n")) != NULL)
    if (*line && add_line(out, line, &column, pids, count, err) < 0)
      return -1;
  return 0;
}

static int run(const struct call *call, struct hull_error *error)
{
  pid_t *pids = NULL;
  struct text out;
  log_set_container(call->args[0]);
  struct hull *hull = call_open(call, error);
  const ssize_t count = hull ? hull_processes(hull, call->args[0], &pids, error) : -1;
  if (count < 0)
    return -1;
  text_init(&out, call->arena);
  int result = 0;
  if (given.format == PS_JSON)
    add_json(&out, pids, (size_t)count);
  else
    result = add_table(call, &out, pids, (size_t)count, error_inside(error));
  hull_free(pids);
  return result < 0 ? -1 : print(text_string(&out), error_inside(error));
}

const struct command ps_command = {
  .name = "ps",
  .arguments = "ID [PS-OPTION...]",
  .summary = "list the processes of a container; options after ID go to ps(1) (default: -ef)",
  .brief = "its processes",
  .group = GROUP_LOOK,
  .options = options,
  .values = &given,
  .min_args = 1,
  .max_args = (unsigned)-1,
  .options_end = OPTIONS_BEFORE,
  .run = run,
};
