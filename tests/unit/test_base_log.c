/* SPDX-License-Identifier: Apache-2.0
 * base/log: the lines that callers parse, where they go, and what goes to stderr. */
#include "libcontainer/base/log.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char log_text[65536], stderr_text[65536];

/* The times differ each run: all digits between 'time' and 'Z' become 0. */
static void mask_times(char *s)
{
  while ((s = strstr(s, "time"))) {
    char *end = strchr(s, 'Z');
    if (!end)
      return;
    for (; s < end; s++)
      if (*s >= '0' && *s <= '9')
        *s = '0';
  }
}

struct scene {
  const char *name;
  const char *file; /* log file, NULL for stderr */
  enum log_format format;
  void (*act)(void);
  const char *log, *standard;
};

static void play(const struct scene *scene)
{
  unit_at(scene->name);
  (void)unlink("log");
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    int fd = open("stderr", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
      _exit(1);
    if (log_open(scene->file, scene->format, NULL) < 0)
      _exit(2);
    scene->act();
    _exit(0);
  }
  int status = -1;
  (void)waitpid(pid, &status, 0);
  CHECK_NUMBER(status, 0);
  log_text[0] = '\0';
  (void)file_read_small(AT_FDCWD, "log", log_text, sizeof log_text);
  CHECK(file_read_small(AT_FDCWD, "stderr", stderr_text, sizeof stderr_text) >= 0);
  mask_times(log_text);
  mask_times(stderr_text);
  if (scene->log)
    CHECK_STRING(log_text, scene->log);
  if (scene->standard)
    CHECK_STRING(stderr_text, scene->standard);
  unit_at(NULL);
}

static void act_warning(void)
{
  log_set_container("web");
  log_debug("not seen");
  log_warning("a \"%s\" \\ \x01\x1b\x7f \xff \xc3\xa4 \xed\xa0\x80\n", "b");
}

static void act_debug(void)
{
  errno = EXDEV;
  log_set_level(LOG_DEBUG);
  log_debug("%d", 7);
  if (errno != EXDEV || log_get_level() != LOG_DEBUG)
    _exit(3);
}

static void act_error(void)
{
  struct error err;
  (void)error_set(&err, ERROR_KERNEL, EPERM, "cannot mount '%s'", "/\x1b[31m\"x\"");
  (void)error_in_step(&err, "mounts");
  (void)error_at(&err, "/mounts/0");
  (void)error_wrap(&err, "cannot create container 'web'");
  log_error(&err, "try it as root");
}

static void act_long(void)
{
  struct error err;
  char text[8000];
  memset(text, '\x01', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  log_warning("%s", text);
  (void)error_set(&err, ERROR_KERNEL, EPERM, "%s", text);
  (void)error_wrap(&err, "%s", text);
  (void)error_at(&err, text);
  log_set_container(text);
  log_error(&err, text);
}

#define ERROR_TEXT(quote, escape)                                                                            \
  "cannot create container 'web': step 'mounts': cannot mount '/" escape "[31m" quote "x" quote              \
  "': Operation not permitted (at /mounts/0)"
#define ERROR_JSON                                                                                           \
  "{\"level\":\"error\",\"msg\":\"" ERROR_TEXT(                                                              \
      "\\\"", "\\u001b") "\",\"time\":\"0000-00-00T00:00:00.000000000Z\","                                   \
                         "\"kind\":\"kernel\",\"errno\":\"EPERM\",\"origin\":\"/mounts/"                     \
                         "0\",\"frames\":[\"cannot mount "                                                   \
                         "'/\\u001b[31m\\\"x\\\"'\",\"cannot create container "                              \
                         "'web'\"],\"step\":\"mounts\",\"hint\":\"try it as root\"}\n"
#define ERROR_PLAIN "hull: " ERROR_TEXT("\"", "\\u001b") "\nhint: try it as root\n"
#define WARNING_TEXT                                                                                         \
  "a \\\"b\\\" \\\\ \\u0001\\u001b\\u007f \xef\xbf\xbd \xc3\xa4 \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\n"

static const struct scene scenes[] = {
  { "warning, text file", "log", LOG_TEXT, act_warning,
    "time=\"0000-00-00T00:00:00.000000000Z\" level=warning msg=\"" WARNING_TEXT "\" container=\"web\"\n",
    "" },
  { "warning, JSON file", "log", LOG_JSON, act_warning,
    "{\"level\":\"warning\",\"msg\":\"" WARNING_TEXT
    "\",\"time\":\"0000-00-00T00:00:00.000000000Z\",\"container\":\"web\"}\n",
    "" },
  { "debug, stderr", NULL, LOG_TEXT, act_debug, "",
    "time=\"0000-00-00T00:00:00.000000000Z\" level=debug msg=\"7\"\n" },
  { "error, JSON file", "log", LOG_JSON, act_error, ERROR_JSON, ERROR_PLAIN },
  { "error, text file", "log", LOG_TEXT, act_error,
    "time=\"0000-00-00T00:00:00.000000000Z\" level=error msg=\"" ERROR_TEXT(
        "\\\"", "\\u001b") "\" step=\"mounts\" hint=\"try it as root\"\n",
    ERROR_PLAIN },
  { "error, stderr", NULL, LOG_TEXT, act_error, "", ERROR_PLAIN },
  { "error, JSON to stderr", NULL, LOG_JSON, act_error, "", ERROR_JSON },
  { "error, JSON to /dev/stderr", "/dev/stderr", LOG_JSON, act_error, "", ERROR_JSON },
  { "long, JSON", "log", LOG_JSON, act_long, NULL, NULL },
};

static void test_scenes(void)
{
  for (size_t i = 0; i < UNIT_COUNT(scenes); i++)
    play(&scenes[i]);
  /* The last one: two whole lines, however long the values. */
  char *end = strchr(log_text, '\n');
  CHECK(end && memcmp(end - 2, "\"}\n{\"level\"", 11) == 0);
  CHECK_STRING(log_text + strlen(log_text) - 3, "\"}\n");
}

static void test_open(void)
{
  struct error err;
  struct stat st;
  CHECK_NUMBER(log_open("none/log", LOG_JSON, &err), -1);
  CHECK_NUMBER(err.errnum, ENOENT);
  CHECK_NUMBER(log_fd(), STDERR_FILENO);
  (void)umask(0);
  CHECK_NUMBER(log_open("new", LOG_JSON, &err), 0);
  CHECK_NUMBER(stat("new", &st), 0);
  CHECK_NUMBER(st.st_mode & 07777, 0644);
  CHECK_NUMBER(fcntl(log_fd(), F_GETFD), FD_CLOEXEC);
  CHECK(fcntl(log_fd(), F_GETFL) & O_APPEND);
}

int main(void)
{
  (void)unit_temp_dir();
  test_scenes();
  test_open();
  return unit_finish();
}
