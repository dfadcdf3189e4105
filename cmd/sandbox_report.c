/* SPDX-License-Identifier: Apache-2.0
 * Writes the report at once and under its name only when it is whole. What can't be known is null, and
 * "unknown" says why. */
#include "cmd/sandbox_report.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/proc.h"
#include "spec/json_write.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the file ------------------------------------------------------------------------------------- */

static int refuse(const char *path, int errnum, struct error *err)
{
  return error_set(err, ERROR_USAGE, errnum, "cannot write the report '%s', so the command was not run",
                   path);
}

static const char *temporary_name(struct arena *arena, const char *path)
{
  return path_join(arena, path_dir(arena, path),
                   arena_printf(arena, ".%s.%d.tmp", path_base(path), (int)getpid()));
}

int report_open(struct arena *arena, const char *path, struct report_file *file, struct error *err)
{
  struct stat st;
  *file = (struct report_file){ .path = path, .fd = -1 };
  if (!path)
    return 0;
  if (!*path)
    return refuse(path, ENOENT, err);
  if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
    file->in_place = true;
    file->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return file->fd < 0 ? refuse(path, errno, err) : 0;
  }
  file->temporary = temporary_name(arena, path);
  file->fd = open(path_dir(arena, path), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (file->fd >= 0)
    return 0;
  if (errno == EOPNOTSUPP || errno == EISDIR
      || errno == EINVAL) /* this file system has none without a name */
    file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  return file->fd < 0 ? refuse(path, errno, err) : 0;
}

/* The name that the kernel knows it by, if it has none of its own. */
static int give_name(const struct report_file *file)
{
  char self[32];
  struct stat st;
  if (fstat(file->fd, &st) == 0 && st.st_nlink > 0)
    return 0;
  const int proc = proc_root(NULL);
  (void)snprintf(self, sizeof self, "self/fd/%d", file->fd);
  return proc < 0 ? -1 : linkat(proc, self, AT_FDCWD, file->temporary, AT_SYMLINK_FOLLOW);
}

int report_write(struct report_file *file, const struct text *text, struct error *err)
{
  if (!file->path)
    return 0;
  int result = fd_write_all(file->fd, text_string(text), text->length);
  if (result == 0 && !file->in_place)
    result = give_name(file) < 0 || rename(file->temporary, file->path) < 0 ? -1 : 0;
  if (result < 0)
    (void)error_set(err, ERROR_KERNEL, errno, "cannot write the report '%s' (the command has run)",
                    file->path);
  if (result < 0)
    report_abandon(file);
  fd_close(&file->fd);
  return result;
}

void report_abandon(struct report_file *file)
{
  if (file->fd >= 0 && file->temporary)
    (void)unlink(file->temporary); /* mostly it never had that name */
  fd_close(&file->fd);
}

/* --- the text ------------------------------------------------------------------------------------- */

/* What may be null, and then why. */
struct figure {
  const char *key;
  bool known;
  const char *reason;
};

static void put_time(struct json_writer *w, const char *key, uint64_t ns)
{
  json_key(w, key);
  json_real(w, (double)ns / 1e6);
}

static void put_number(struct json_writer *w, const char *key, bool known, uint64_t value)
{
  json_key(w, key);
  if (known)
    json_uint(w, value);
  else
    json_string(w, NULL);
}

static void put_status(struct json_writer *w, const struct sandbox_outcome *outcome)
{
  const struct hull_sandbox_usage *usage = &outcome->usage;
  const int number = !usage->ended                ? outcome->signal
                     : WIFSIGNALED(usage->status) ? WTERMSIG(usage->status)
                                                  : 0;
  char name[32] = "";
  put_number(w, "exit_code", number == 0,
             usage->ended ? (uint64_t)WEXITSTATUS(usage->status) : (uint64_t)outcome->status);
  put_number(w, "signal", number != 0, (uint64_t)number);
  json_key(w, "signal_name");
  if (sigabbrev_np(number) != NULL)
    (void)snprintf(name, sizeof name, "SIG%s", sigabbrev_np(number));
  json_string(w, *name ? name : NULL);
}

/* Why each null is one. */
static void put_unknown(struct json_writer *w, const struct figure *figures, size_t count)
{
  json_key(w, "unknown");
  json_begin_object(w);
  for (size_t i = 0; i < count; i++) {
    if (figures[i].known)
      continue;
    json_key(w, figures[i].key);
    json_string(w, figures[i].reason);
  }
  json_end_object(w);
}

static const char *no_controller(const struct hull_sandbox_usage *usage, const char *with)
{
  return usage->has_cgroup
             ? with
             : "the sandbox had no cgroup: it gets one as root, or with --memory, --cpus or --pids "
               "where cgroups are delegated to this user";
}

/* The list out of hull_seccomp_report_read()'s document, of which it is the last member. */
static void put_denied(struct json_writer *w, const char *document)
{
  static const char key[] = "\"denied\": ";
  const char *list = document ? strstr(document, key) : NULL;
  const char *end = list ? strrchr(list, ']') : NULL;
  if (end)
    json_raw(w, list + sizeof key - 1, (size_t)(end + 1 - list) - (sizeof key - 1));
  else
    json_string(w, NULL);
}

void report_text(const struct sandbox_outcome *outcome, struct text *out)
{
  const struct hull_sandbox_usage *usage = &outcome->usage;
  struct json_writer *w = json_writer_create(out, 2);
  json_begin_object(w);
  json_key(w, "command");
  json_begin_array(w);
  for (char *const *arg = outcome->args; *arg; arg++)
    json_string(w, *arg);
  json_end_array(w);
  put_status(w, outcome);
  json_key(w, "timed_out");
  json_bool(w, outcome->timed_out);
  json_key(w, "oom");
  if (usage->has_oom)
    json_bool(w, usage->oom_kills > 0);
  else
    json_string(w, NULL);
  put_time(w, "wall_ms", outcome->wall_ns);
  put_time(w, "user_ms", usage->user_ns);
  put_time(w, "system_ms", usage->system_ns);
  put_number(w, "memory_peak_bytes", usage->has_memory, usage->memory_peak);
  put_number(w, "largest_process_bytes", true, usage->largest_process);
  put_number(w, "read_bytes", true, usage->read_bytes);
  put_number(w, "write_bytes", true, usage->write_bytes);
  put_number(w, "pids_peak", usage->has_pids, usage->pids_peak);
  json_key(w, "denied_syscalls");
  put_denied(w, outcome->denied);
  const struct figure figures[] = {
    { "oom", usage->has_oom, no_controller(usage, "its cgroup has no memory controller, which counts") },
    { "memory_peak_bytes", usage->has_memory,
      no_controller(usage,
                    "its cgroup has no memory controller, or the kernel (before 5.19) keeps no peak") },
    { "pids_peak", usage->has_pids,
      no_controller(usage, "its cgroup has no pids controller, or the kernel (before 6.1) keeps no peak") },
    { "denied_syscalls", outcome->denied != NULL, "there was no filter: --seccomp none" },
  };
  put_unknown(w, figures, sizeof figures / sizeof *figures);
  json_end_object(w);
  json_finish(w);
  text_add(out, "\n");
}
