/* SPDX-License-Identifier: Apache-2.0
 * libFuzzer target: bytes as a state.json. Other programs read and back up these files; a damaged one must
 * not lead hull to a cgroup or a process. What is taken must be written and read as the same. */
#include "libcontainer/runtime/state.c" /* its reader is private */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing is removed here. */
void notify_remove_directory(int state_dir)
{
  (void)state_dir;
}

static void read_again(struct arena *arena, const char *json, size_t length, struct text *out)
{
  struct container_state state = { 0 };
  if (!record_from_json(arena, json, length, "web", &state))
    abort();
  text_init(out, arena);
  record_to_json(&state, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena = ARENA_INIT;
  struct container_state state = { 0 };
  struct text once, twice;
  if (record_from_json(&arena, (const char *)data, size, "web", &state)) {
    if (state.pid < 0 || (state.cgroup.path != NULL && state.cgroup.path[0] != '/')
        || memchr(state.cgroup.nonce, '\0', sizeof state.cgroup.nonce) == NULL)
      abort();
    text_init(&once, &arena);
    record_to_json(&state, &once);
    read_again(&arena, once.data, once.length, &twice);
    if (strcmp(once.data, twice.data) != 0)
      abort();
  }
  arena_release(&arena);
  return 0;
}
