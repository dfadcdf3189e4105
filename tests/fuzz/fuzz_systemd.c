/* SPDX-License-Identifier: Apache-2.0
 * libFuzzer target: bytes as a cgroupsPath, as a GVariant, as a request and as a reply. What is understood
 * must be valid, and survive being written and read again. */
#include "cgroups/systemd_wire.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
  if (!truth)
    abort();
}

/* The same request again. */
static void check_round(struct arena *arena, const struct unit_request *request)
{
  struct text first, second;
  struct unit_request again;
  text_init(&first, arena);
  text_init(&second, arena);
  unit_request_write(request, &first);
  demand(unit_request_read(arena, text_string(&first), &again, NULL) == 0);
  unit_request_write(&again, &second);
  demand(strcmp(text_string(&first), text_string(&second)) == 0);
}

static void try_place(struct arena *arena, const char *text)
{
  struct unit_place place;
  if (unit_place_of(arena, text, "id", "", &place, NULL) < 0)
    return;
  demand(place.path[0] == '/' && !strstr(place.path, "/../") && !strstr(place.path, "//"));
  demand(strlen(place.unit) <= UNIT_NAME_MAX_BYTES && !strchr(place.unit, '/'));
}

static void try_value(struct arena *arena, const char *text)
{
  struct unit_request request = { .unit = "u.scope" };
  struct unit_property *p = unit_property_add(arena, &request.properties, "P", "", NULL, 0);
  const char *end;
  if (unit_value_parse(arena, text, p))
    return;
  demand(unit_signature_valid(p->signature, &end) && !*end);
  check_round(arena, &request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena = ARENA_INIT;
  struct unit_request request;
  struct unit_reply reply;
  const char *text = arena_strndup(&arena, (const char *)data, size);
  try_place(&arena, text);
  try_value(&arena, text);
  if (unit_request_read(&arena, text, &request, NULL) == 0)
    check_round(&arena, &request);
  (void)unit_reply_read(&arena, text, &reply, NULL);
  arena_release(&arena);
  return 0;
}
