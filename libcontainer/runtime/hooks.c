/* SPDX-License-Identifier: Apache-2.0
 * Hooks that run in the runtime's namespaces, with our environment. How a hook is run is in
 * init/hook_run.c. */
#include "libcontainer/runtime/hooks.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/text.h"
#include "libcontainer/init/hook_run.h"
#include "libcontainer/init/step.h"
#include "libcontainer/runtime/status.h"
#include "spec/annotations.h"
#include "spec/decode.h"
#include "spec/state.h"
#include "spec/types.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The config names it, as it names the programs that we run as hooks; yet it may be a FIFO that nobody reads.
 */
static int open_output(const string_map *annotations, const char *key, int *output, struct error *err)
{
  const char *path = annotation_value(annotations, key);
  struct stat st;
  if (path == NULL)
    return 0;
  auto_close int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
  if (fd < 0 || fstat(fd, &st) < 0)
    error_set(err, ERROR_CONFIG, errno, "cannot open '%s' for the output of hooks", path);
  else if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
    error_set(err, ERROR_CONFIG, 0, "'%s' for the output of hooks is no regular file", path);
  else {
    (void)fcntl(fd, F_SETFL, O_APPEND); /* hooks expect to block */
    *output = take_fd(&fd);
    return 0;
  }
  char pointer[64];
  (void)snprintf(pointer, sizeof pointer, "/annotations/%s", key);
  return error_at(err, pointer);
}

int hook_outputs_open(const string_map *annotations, int outputs[static 2], struct error *err)
{
  outputs[0] = outputs[1] = -1;
  if (open_output(annotations, ANNOTATION_HOOKS_STDOUT, &outputs[0], err) == 0
      && open_output(annotations, ANNOTATION_HOOKS_STDERR, &outputs[1], err) == 0)
    return 0;
  hook_outputs_close(outputs);
  return -1;
}

void hook_outputs_close(int outputs[static 2])
{
  fd_close(&outputs[0]);
  fd_close(&outputs[1]);
}

int runtime_hooks(const hook_list *hooks, const char *kind, const struct container_state *state,
                  const char *status, pid_t pid, struct error *err)
{
  if (hooks->count == 0)
    return 0;
  int outputs[2];
  if (hook_outputs_open(&state->annotations, outputs, err) < 0)
    return -1;
  struct arena arena = ARENA_INIT;
  struct oci_state document;
  struct text json;
  text_init(&json, &arena);
  state_document(state, status, pid, &document);
  state_for_hooks(&document, &json);
  const struct hook_run run = {
    .kind = kind, .state = text_string(&json), .outputs = outputs, .environment = environ
  };
  const int result = hooks_run(hooks, &run, err);
  hook_outputs_close(outputs);
  arena_release(&arena);
  return result;
}

void hooks_poststop(const hook_list *hooks, const struct container_state *state)
{
  for (size_t i = 0; i < hooks->count; i++) {
    struct error err = { 0 };
    char text[2 * ERROR_TEXT_BYTES];
    const hook_list one = { .items = &hooks->items[i], .count = 1, .capacity = 1 };
    if (runtime_hooks(&one, "poststop", state, status_name(STATUS_STOPPED), 0, &err) == 0)
      continue;
    (void)error_format(&err, text, sizeof text);
    log_warning("container '%s': %s", state->id, text);
  }
}

/* Of the config, only this: it was checked as a whole at create. */
struct hooks_only {
  struct hooks *hooks;
};
static const struct field hooks_only_fields[] = {
  ROW("hooks", OBJECT, hooks_only, hooks, .type = &hooks_type),
  { .key = NULL },
};
static const struct type hooks_only_type = { "config", sizeof(struct hooks_only), hooks_only_fields };

int hooks_load(const struct state_dir *dir, struct arena *arena, struct hooks *hooks, struct error *err)
{
  size_t length;
  struct hooks_only config = { NULL };
  struct problems *problems = arena_alloc(arena, sizeof *problems);
  problems->arena = arena;
  problems->document = STATE_CONFIG;
  *hooks = (struct hooks){ .poststop = { .count = 0 } };
  const char *bytes = file_read(arena, dir->fd, STATE_CONFIG, CONFIG_MAX_BYTES, &length, err);
  if (bytes == NULL)
    return error_wrap(err, "cannot read hooks from the saved config");
  if (decode(&hooks_only_type, &config, bytes, length, problems, NULL) < 0)
    return problems_to_error(problems, err);
  if (config.hooks != NULL)
    *hooks = *config.hooks;
  return 0;
}

/* A pid of ten digits holds the place; quotes are escaped in strings, so it is found nowhere else. */
char *hook_state_text(struct arena *arena, const struct container_state *state, const char *status)
{
  static const char held[] = "\"pid\":1111111111";
  struct oci_state document;
  struct text json;
  text_init(&json, arena);
  state_document(state, status, 1111111111, &document);
  state_for_hooks(&document, &json);
  char *slot = strstr(json.data, held);
  if (slot != NULL)
    memcpy(slot + sizeof held - sizeof HOOK_PID_SLOT, HOOK_PID_SLOT, sizeof HOOK_PID_SLOT - 1);
  return json.data;
}
