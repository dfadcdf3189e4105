/* SPDX-License-Identifier: Apache-2.0
 * Plans for unit tests: a small config around the JSON of a case, and a host and request that a case can
 * change. */
#pragma once
#include "libcontainer/facts.h"
#include "libcontainer/plan/plan.h"
#include "spec/decode.h"
#include "tests/unit/unit.h"

struct plan_case {
  struct arena arena;
  struct request request;
  struct facts facts;
  struct spec spec;
  struct plan plan;
  struct error err;
  char message[2048]; /* of the error, "" if none */
};

#define PLAN_CAPS_ALL ((UINT64_C(1) << 41) - 1)
#define PLAN_NAMESPACES "\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"uts\"}]"
#define PLAN_PROCESS                                                                                         \
  "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0},\"env\":[\"PATH=/bin\"]}"

/* Root on a host with everything, creating 'test' in the background. */
static UNIT_UNUSED void plan_case_init(struct plan_case *c)
{
  memset(c, 0, sizeof *c);
  c->request = (struct request){ .id = "test", .bundle = "/bundle", .detach = true };
  c->facts = (struct facts){
    .capabilities = PLAN_CAPS_ALL,
    .cap_last = 40,
    .kernel_major = 6,
    .kernel_minor = 1,
    .cgroup2 = true,
    .cgroup_mount = "/sys/fs/cgroup",
    .own_cgroup = "/user/session",
  };
}

static UNIT_UNUSED void plan_case_finish(struct plan_case *c)
{
  arena_release(&c->arena);
}

static UNIT_UNUSED int plan_case_decode(struct plan_case *c, const char *config)
{
  if (decode_config(&c->arena, &c->spec, config, strlen(config), "config.json", &c->err) == 0)
    return 0;
  (void)error_format(&c->err, c->message, sizeof c->message);
  return -1;
}

/* 'members' are those of config.json beside ociVersion and root. */
static UNIT_UNUSED int plan_case_run(struct plan_case *c, const char *members)
{
  char config[8192];
  (void)snprintf(config, sizeof config, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},%s}",
                 members);
  c->message[0] = '\0';
  c->spec = (struct spec){ 0 };
  error_clear(&c->err);
  if (plan_case_decode(c, config) < 0)
    return -1;
  if (plan_container(&c->arena, &c->spec, &c->request, &c->facts, &c->plan, &c->err) == 0)
    return 0;
  (void)error_format(&c->err, c->message, sizeof c->message);
  return -1;
}
