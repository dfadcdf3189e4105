/* SPDX-License-Identifier: Apache-2.0
 * Id-mapped mounts: which maps a mount gets (config.md, "Linux mount options": idmap, ridmap; mounts[].
 * uidMappings, gidMappings), and crun's form with the maps in the option itself. */
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"

#define MAPS_MAX 340 /* user_namespaces(7) */

static void add_map(struct planner *p, struct plan_id_maps *maps, bool gids, struct plan_id_map map)
{
  struct plan_id_map *added = gids ? vec_push(p->arena, &maps->gids) : vec_push(p->arena, &maps->uids);
  *added = map;
}

static void take_mappings(struct planner *p, const id_mappings *asked, bool gids, struct plan_id_maps *maps)
{
  const struct id_mapping *m;
  vec_each (asked, m)
    add_map(p, maps, gids,
            (struct plan_id_map){
                .container = (uint32_t)m->container_id.value,
                .host = (uint32_t)m->host_id.value,
                .count = (uint32_t)m->size.value,
            });
}

const struct plan_id_maps *plan_mount_mappings(struct planner *p, const struct mount *mount,
                                               const char *origin)
{
  struct plan_id_maps *maps = arena_array(p->arena, 1, sizeof *maps);
  maps->origin = origin;
  take_mappings(p, &mount->uid_mappings, false, maps);
  take_mappings(p, &mount->gid_mappings, true, maps);
  return maps;
}

/* --- idmap=uids=0-1000-10#10-2000-1;gids=@0-0-1 ----------------------------------------------------- */

/* '@': the second number is an id of the container's user namespace. */
static bool to_host(const struct plan_id_map *items, size_t count, struct plan_id_map *map)
{
  for (size_t i = 0; i < count; i++)
    if (map->host >= items[i].container && map->host - items[i].container < items[i].count
        && map->count <= items[i].count - (map->host - items[i].container)) {
      map->host = items[i].host + (map->host - items[i].container);
      return true;
    }
  return false;
}

/* "A-B-N" */
static bool parse_triple(struct arena *arena, const char *triple, struct plan_id_map *map)
{
  char *text = arena_strdup(arena, triple);
  char *container = strsep(&text, "-"), *host = strsep(&text, "-"), *count = strsep(&text, "-");
  uint64_t size;
  if (!count || text || parse_id(container, &map->container) < 0 || parse_id(host, &map->host) < 0
      || parse_u64(count, UINT32_MAX - 1, &size) < 0 || size == 0)
    return false;
  map->count = (uint32_t)size;
  return true;
}

struct inline_maps {
  struct planner *p;
  const char *pointer;
  struct plan_id_maps *maps;
};

static bool add_triples(const struct inline_maps *m, char *list, bool gids)
{
  const struct plan_id_maps *own = &m->p->plan->id_maps;
  for (char *text; (text = strsep(&list, "#"));) {
    const bool relative = *text == '@';
    struct plan_id_map map;
    if (!parse_triple(m->p->arena, text + relative, &map)) {
      planner_problem(m->p, m->pointer, "'%s' is no map: CONTAINER-HOST-SIZE is wanted", text);
      return false;
    }
    if (relative
        && !to_host(gids ? own->gids.items : own->uids.items, gids ? own->gids.count : own->uids.count,
                    &map)) {
      planner_problem(m->p, m->pointer, "'%u' is not mapped in the container's user namespace", map.host);
      return false;
    }
    add_map(m->p, m->maps, gids, map);
  }
  return true;
}

const struct plan_id_maps *plan_inline_mappings(struct planner *p, const char *text, const char *pointer)
{
  struct plan_id_maps *maps = arena_array(p->arena, 1, sizeof *maps);
  const struct inline_maps m = { .p = p, .pointer = pointer, .maps = maps };
  char *rest = arena_strdup(p->arena, text);
  maps->origin = pointer;
  for (char *part; (part = strsep(&rest, ";"));) {
    const bool uids = text_starts_with(part, "uids="), gids = text_starts_with(part, "gids=");
    if (!uids && !gids) {
      planner_problem(p, pointer, "'%s' should be uids=… or gids=…", part);
      return maps;
    }
    if (!add_triples(&m, part + strlen("uids="), gids))
      return maps;
  }
  if (maps->uids.count == 0 || maps->gids.count == 0)
    planner_problem(p, pointer, "maps for both uids and gids are needed");
  else if (maps->uids.count > MAPS_MAX || maps->gids.count > MAPS_MAX)
    planner_problem(p, pointer, "more than %d lines of a map", MAPS_MAX);
  return maps;
}
