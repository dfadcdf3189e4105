/* SPDX-License-Identifier: Apache-2.0
 * The pids controller: how many tasks. Pure. */
#include "cgroups/controllers.h"
#include "spec/spec.h"

#define AT_LIMIT "/linux/resources/pids/limit"

/* 0 is a limit: no fork at all. It is written as 1, which lets no first process fork either, since systemd
 * refuses 0. (Before version 1.3 of the spec a 0 is no limit: spec/decode_config.c.) */
static int pids_settings(struct arena *arena, const struct resources *resources, struct settings *settings,
                         struct error *err)
{
  const struct pids *pids = resources->pids;
  if (!pids || !pids->limit.set)
    return 0;
  if (pids->limit.value < -1)
    return refuse_setting(err, AT_LIMIT, "%lld is neither a number of tasks nor -1 (no limit)",
                          (long long)pids->limit.value);
  if (pids->limit.value == -1)
    settings_add_default(arena, settings, "pids.max", "max", AT_LIMIT);
  else
    settings_add_number(arena, settings, "pids.max", pids->limit.value ? (uint64_t)pids->limit.value : 1,
                        AT_LIMIT);
  return 0;
}

STAT_PARSER(parse_current)
{
  stats->has_pids = whole_value(text, &stats->pids);
}

STAT_PARSER(parse_max)
{
  (void)whole_value(text, &stats->pids_limit);
}

STAT_PARSER(parse_events)
{
  (void)keyed_value(text, "max", &stats->pids_refused);
}

static const struct stat_file stat_files[] = {
  { "pids.current", false, parse_current },
  { "pids.max", false, parse_max },
  { "pids.events", false, parse_events },
  { NULL, false, NULL },
};

const struct controller pids_controller = {
  .name = "pids",
  .settings = pids_settings,
  .stat_files = stat_files,
};
