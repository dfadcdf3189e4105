/* SPDX-License-Identifier: Apache-2.0
 * What hull and hull-systemd say to each other: one request and one reply, as lines of words. Bytes that are
 * no plain characters are written as %XX, so that nothing in a value ends a word or a line. Both ends take
 * only what is exactly of this form. Pure. */
#pragma once
#include "cgroups/unit.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/text.h"

#define UNIT_MESSAGE_MAX_BYTES (1 << 20)
#define UNIT_MESSAGE_END "\nend\n" /* of every message, and nowhere before its end */

enum unit_verb {
  UNIT_START,  /* make the unit; if it is a scope, hull-systemd keeps a process in it until its input ends */
  UNIT_SET,    /* change properties, until the next boot */
  UNIT_ATTACH, /* move process 'pid' into the unit's cgroup */
  UNIT_STOP,   /* stop it if its description ends in 'mark', and forget that it failed */
};

struct unit_request {
  enum unit_verb verb;
  bool user_manager;
  const char *unit, *mark;
  uint32_t pid;                      /* UNIT_ATTACH */
  struct unit_properties properties; /* 'origin' is not sent */
};

struct unit_reply {
  bool failed;
  enum error_kind kind; /* the rest of the members up to 'property' only if it failed */
  int errnum;
  const char *message;
  const char *property;      /* that was refused; NULL: none, or not known which */
  const char *control_group; /* UNIT_START: where systemd put it; NULL: nowhere */
  struct strings skipped;    /* optional properties that this systemd does not know */
};

void unit_request_write(const struct unit_request *request, struct text *out);
void unit_reply_write(const struct unit_reply *reply, struct text *out);
/* 'message' up to and with UNIT_MESSAGE_END; strings of the result are in arena memory. */
int unit_request_read(struct arena *arena, const char *message, struct unit_request *request,
                      struct error *err);
int unit_reply_read(struct arena *arena, const char *message, struct unit_reply *reply, struct error *err);
