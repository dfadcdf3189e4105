/* SPDX-License-Identifier: Apache-2.0
 * `hull spec`: writes a config.json to start from. */
#include "spec/template.h"
#include "cmd/command.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct {
  const char *bundle, *file;
  bool rootless;
} given;
typedef __typeof__(given) spec_values;

/* clang-format off */
static const struct option_row options[] = {
  { .name = "bundle", .letter = 'b', .value = "DIR", .kind = OPTION_STRING, OPTION_AT (spec_values, bundle),
    .help = "where to write it (default: here)" },
  { .name = "file", .letter = 'f', .value = "NAME", .kind = OPTION_STRING, OPTION_AT (spec_values, file),
    .help = "name instead of config.json" },
  { .name = "rootless", .kind = OPTION_FLAG, OPTION_AT (spec_values, rootless),
    .help = "for a user who is not root" },
  { 0 },
};
/* clang-format on */

static int run(const struct call *call, struct hull_error *error)
{
  struct error *err = error_inside(error);
  struct text config;
  text_init(&config, call->arena);
  template_config(&config, given.rootless, geteuid(), getegid());

  const char *file = given.file ? given.file : "config.json";
  const char *path = path_absolute(call->arena, given.bundle ? given.bundle : ".", file);
  auto_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno == EEXIST)
    return error_set(err, ERROR_USAGE, 0, "'%s' exists: remove it first", path);
  if (fd < 0)
    return error_set(err, ERROR_USAGE, errno, "cannot make '%s'", path);
  if (fd_write_all(fd, text_string(&config), config.length) == 0)
    return 0;
  error_set(err, ERROR_KERNEL, errno, "cannot write '%s'", path);
  (void)unlink(path); /* half a file is worse than none */
  return -1;
}

const struct command spec_command = {
  .name = "spec",
  .arguments = "",
  .summary = "write a config.json to start from",
  .brief = "write a config.json",
  .group = GROUP_BUNDLE,
  .options = options,
  .values = &given,
  .run = run,
};
