/* SPDX-License-Identifier: Apache-2.0
 * hull's command line: global options, the command, one error line, the exit status. The only file that
 * prints errors. */
#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/print.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/runtime_dir.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/text.h"
#include "libcontainer/base/trace.h"
#include "libcontainer/base/words.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define SPEC_VERSION "1.3.0"
#define LISTEN_FDS_MAX 1024

static const char *default_root(struct arena *arena)
{
  const char *dir = runtime_dir();
  return dir ? path_join(arena, dir, "hull") : HULL_STATE_ROOT;
}

static int print_version(struct arena *arena, struct error *err)
{
  struct text out;
  text_init(&out, arena);
  text_addf(&out, "hull version %s\ncommit: %s\nrundir: %s\nspec: %s\nlibseccomp: %s\n", hull_version(),
            hull_commit(), default_root(arena), SPEC_VERSION, hull_libseccomp_version());
  text_addf(&out, "%s+CAP +SECCOMP +EBPF +YAJL\n", hull_has_systemd() ? "+SYSTEMD " : "");
  return print(text_string(&out), err);
}

/* Security: options name files to read, write and run, so hull must never have more rights than its caller.
 * AT_SECURE alone is also set where a security module changes the domain. */
static int refuse_setuid(struct error *err)
{
  uint64_t effective, permitted = 0, inheritable;
  bool other = getuid() != geteuid() || getgid() != getegid();
  bool file_capabilities = getauxval(AT_SECURE) && geteuid() != 0
                           && sys_capget(&effective, &permitted, &inheritable) == 0 && permitted;
  if (other || file_capabilities)
    return error_set(err, ERROR_HOST, 0,
                     "hull must not be installed setuid, setgid or with file capabilities");
  return 0;
}

/* Descriptors 0 to 2 are open from here on: else the next file opened would become a standard stream. */
static int open_standard_streams(struct error *err)
{
  struct pollfd streams[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };
  if (poll(streams, 3, 0) <= 0)
    return 0;
  for (int fd = 0; fd < 3; fd++)
    if ((streams[fd].revents & POLLNVAL) && open("/dev/null", O_RDWR) < 0)
      return error_set(err, ERROR_HOST, errno, "cannot open '/dev/null'");
  return 0;
}

/* sd_listen_fds(3). Executing ourselves again keeps the pid. */
static unsigned count_listen_fds(void)
{
  uint64_t pid, count;
  const char *listen_pid = getenv("LISTEN_PID"), *listen_fds = getenv("LISTEN_FDS");
  if (!listen_pid || !listen_fds)
    return 0;
  if (parse_u64(listen_pid, INT32_MAX, &pid) < 0 || pid != (uint64_t)getpid())
    return 0;
  return parse_u64(listen_fds, LISTEN_FDS_MAX, &count) < 0 ? 0 : (unsigned)count;
}

/* Security: the descriptors that the workload gets must all be there, or one of ours would take the number
 * of a missing one and be passed; no other may be open when a container is near (CVE-2024-21626). Before
 * hull_protect_self, which may keep descriptors of its own. */
static int enter_safely(const struct command *command, char *const *argv, struct call *call,
                        struct hull_error *error)
{
  struct error *err = error_inside(error);
  call->listen_fds = count_listen_fds();
  int end = 3 + (int)call->listen_fds + (int)*command->preserve_fds;
  for (int fd = 3; fd < end; fd++)
    if (fcntl(fd, F_GETFD) < 0)
      return error_set(err, ERROR_USAGE, errno, "descriptor %d, to be kept for the process, is not open", fd);
  if (fd_close_others(end, NULL, 0, err) < 0)
    return -1;
  /* Whoever called us may ignore it, and then there is no exit status to wait for. */
  (void)signal(SIGCHLD, SIG_DFL);
  return hull_protect_self(argv, error);
}

static int open_log(const struct globals *g, struct error *err)
{
  static const char *const refused[] = { "journald:", "syslog:" };
  const char *file = g->log;
  for (size_t i = 0; file && i < sizeof refused / sizeof *refused; i++)
    if (text_starts_with(file, refused[i]))
      return error_set(err, ERROR_USAGE, 0, "option '--log %s' is not supported: give a file", file);
  if (file && text_starts_with(file, "file:"))
    file += strlen("file:");
  if (log_open(file, (enum log_format)g->log_format, err) < 0)
    return -1;
  log_set_level(g->debug ? LOG_DEBUG : (enum log_level)g->log_level);
  return 0;
}

static int open_trace(const struct globals *g, struct error *err)
{
  const char *file = g->trace ? g->trace : getenv("HULL_TRACE");
  if (!file || !*file)
    return 0;
  int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
  if (fd < 0)
    return error_set(err, ERROR_USAGE, errno, "cannot open trace '%s'", file);
  trace_start(fd);
  return 0;
}

static int check_arguments(const struct command *command, const struct arguments *arguments,
                           struct error *err)
{
  if (arguments->count < command->min_args)
    return error_set(err, ERROR_USAGE, 0, "%s: too few arguments: expected %s", command->name,
                     command->arguments);
  if (arguments->count <= command->max_args)
    return 0;
  const char *surplus = arguments->items[command->max_args];
  if (command->max_args == 0)
    return error_set(err, ERROR_USAGE, 0, "%s: surplus argument '%s'", command->name, surplus);
  return error_set(err, ERROR_USAGE, 0, "%s: surplus argument '%s': expected %s", command->name, surplus,
                   command->arguments);
}

/* What callers ask other runtimes for, and may well try here. */
static bool is_checkpoint(const char *name)
{
  return strcmp(name, "checkpoint") == 0 || strcmp(name, "restore") == 0;
}

static int unknown_command(const char *name, struct error *err)
{
  if (is_checkpoint(name))
    return error_set(err, ERROR_USAGE, 0,
                     "unknown command '%s': hull cannot checkpoint or restore containers"
                     " ('hull pause' stops one and keeps it in memory)",
                     name);
  const char *names[64];
  size_t count = 0;
  for (; count < sizeof names / sizeof *names && commands[count]; count++)
    names[count] = commands[count]->name;
  const char *meant = names_nearest_of(names, count, name);
  if (meant)
    return error_set(err, ERROR_USAGE, 0, "unknown command '%s' (did you mean '%s'?)", name, meant);
  return error_set(err, ERROR_USAGE, 0, "unknown command '%s'", name);
}

/* What is known of the invocation, also when it failed half-way: the error line needs it. */
struct program {
  char *const *argv;
  struct arena arena;
  struct globals globals;
  const struct command *command;
  bool ready; /* the command line was understood and log and trace are open */
};

static int run_command_of(struct program *program, const struct arguments *arguments,
                          struct hull_error *error)
{
  const struct command *command = program->command;
  struct error *err = error_inside(error);
  struct call call = { .globals = &program->globals,
                       .arena = &program->arena,
                       .args = arguments->items,
                       .arg_count = arguments->count };
  if (check_arguments(command, arguments, err) < 0)
    return -1;
  if (command->preserve_fds && enter_safely(command, program->argv, &call, error) < 0)
    return -1;
  program->ready = true;
  if (open_log(&program->globals, err) < 0 || open_trace(&program->globals, err) < 0)
    return -1;
  uint64_t start = trace_now();
  int status = command->run(&call, error);
  trace_span("runtime", "command", command->name, start);
  return status;
}

static int run_program(struct program *program, struct hull_error *error)
{
  struct error *err = error_inside(error);
  struct arguments words, arguments;
  if (refuse_setuid(err) < 0 || open_standard_streams(err) < 0
      || options_parse(global_options, &program->globals, OPTIONS_BEFORE, &program->arena, program->argv + 1,
                       &words, err)
             < 0)
    return -1;
  if (words.help)
    return help_overview(&program->arena, err);
  if (program->globals.version)
    return print_version(&program->arena, err);
  if (words.count == 0)
    return error_set(err, ERROR_USAGE, 0, "no command given");
  program->command = command_find(words.items[0]);
  if (!program->command)
    return unknown_command(words.items[0], err);
  if (options_parse(program->command->options, program->command->values, program->command->options_end,
                    &program->arena, words.items + 1, &arguments, err)
      < 0)
    return -1;
  if (arguments.help)
    return help_command(program->command, &program->arena, err);
  return run_command_of(program, &arguments, error);
}

/* Prints the error and gives the exit status. */
static int report(const struct program *program, struct hull_error *error)
{
  struct error *err = error_inside(error);
  struct error ignored = { 0 };
  const char *name = program->command ? program->command->name : "", *hint = hull_error_hint(error);
  char see[80];
  (void)snprintf(see, sizeof see, "see 'hull %s%s--help'", name, *name ? " " : "");
  if (!hint && err->kind == ERROR_USAGE)
    hint = see;
  if (program->ready) {
    log_error(err, hint);
    int status = program->command->error_status ? program->command->error_status : EXIT_FAILED;
    return err->exit_status ? err->exit_status : status;
  }
  (void)open_log(&program->globals, &ignored); /* if not, the error goes to standard error */
  log_error(err, hint);
  return program->command && program->command->usage_status ? program->command->usage_status : 1;
}

int main(int argc, char **argv)
{
  static struct program program = { .globals = { .log_level = LOG_WARNING } };
  struct hull_error error;
  error_clear(error_inside(&error));
  fault_setup();
  program.argv = argv;
  if (argc < 1)
    return 1;
  int status = run_program(&program, &error);
  if (status < 0)
    status = report(&program, &error);
  trace_finish();
  return status;
}
