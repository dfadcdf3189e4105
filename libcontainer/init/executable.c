/* SPDX-License-Identifier: Apache-2.0
 * Finds argv[0] as execvp(3) would. The words are those that callers match (features.md, section 4). */
#include "libcontainer/base/refusal.h"
#include "libcontainer/base/words.h"
#include "libcontainer/init/explain_exec.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* "no such file" has said so already. */
static bool says_missing_itself(const char *why, const char *path)
{
  const size_t length = strlen(path);
  return strncmp(why + 1, path, length) == 0 && strcmp(why + 1 + length, "' is missing") == 0;
}

/* Adds to an error what refuses 'path'. */
static int refuse(const char *what, const char *path, int errnum, struct error *err)
{
  char why[320] = "";
  const bool known = errnum != EISDIR && refusal_explain(AT_FDCWD, path, X_OK, why, sizeof why) > 0
                     && !says_missing_itself(why, path);
  error_set(err, ERROR_CONFIG, 0, "%s%s%s", what, known ? ": " : "", known ? why : "");
  return error_at(err, "/process/args/0");
}

static int search(struct init_context *init, const char *name, struct error *err)
{
  const char *dir = init->plan->process.path;
  char refused[sizeof init->executable_buffer] = "", what[512];
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
    if (result == EACCES && *refused == '\0')
      memcpy(refused, init->executable_buffer, sizeof refused);
    if (dir[length] == '\0')
      break;
  }
  if (*refused != '\0') {
    (void)snprintf(what, sizeof what, "exec: \"%.200s\": " WORDS_DENIED, name);
    return refuse(what, refused, EACCES, err);
  }
  error_set(err, ERROR_CONFIG, 0, "exec: \"%s\": " WORDS_NOT_IN_PATH " (PATH=%.300s)", name,
            init->plan->process.path != NULL ? init->plan->process.path : "");
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
      char what[768];
      (void)snprintf(what, sizeof what, "exec: \"%.240s\": stat %.240s: %s", name, name, reason(result));
      return refuse(what, name, result, err);
    }
    init->executable = name;
  }
  explain_exec(init->executable, init->diagnosis, sizeof init->diagnosis);
  return 0;
}
