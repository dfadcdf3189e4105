/* SPDX-License-Identifier: Apache-2.0
 * A small client of rtnetlink(7): one request at a time, answered before the call returns. Bounded buffers;
 * an answer that is not whole, not the kernel's or not to our request is an error or is dropped. */
#pragma once
#include "libcontainer/base/error.h"
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_REQUEST_BYTES 2048
struct netlink_request {
  union {
    struct nlmsghdr header;
    unsigned char bytes[NETLINK_REQUEST_BYTES];
  };
  bool too_long; /* an attribute did not fit; netlink_call() says so */
};

/* A socket of the calling thread's network namespace, in which it stays. */
int netlink_open(struct error *err);
/* 'flags': NLM_F_DUMP, NLM_F_CREATE, ...; 'body' is the family's header. */
void netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags, const void *body,
                   size_t length);
void netlink_add(struct netlink_request *request, uint16_t attribute, const void *data, size_t length);

/* Called with each message of the answer. -1 with 'err' set ends the call. */
typedef int netlink_each(void *context, const struct nlmsghdr *message, struct error *err);
/* Sends, and waits for the end of the answer. The kernel's own words (extended acknowledgement) are in the
 * error, its errno in errnum. 'each' may be NULL. EAGAIN: a list changed while it was read, ask again. */
int netlink_call(int socket, struct netlink_request *request, netlink_each *each, void *context,
                 struct error *err);

/* Attributes of a message, behind a family's header of 'header' bytes. */
struct netlink_attributes {
  const unsigned char *bytes;
  size_t length;
};
struct netlink_attributes netlink_attributes_of(const struct nlmsghdr *message, size_t header);
struct netlink_attribute {
  uint16_t type;
  const void *data;
  size_t length;
};
/* The next one, or false at the end, and where the rest is none. */
bool netlink_next(struct netlink_attributes *rest, struct netlink_attribute *attribute);
/* 32 bits, if that is what it has. */
bool netlink_u32(const struct netlink_attribute *attribute, uint32_t *value);
/* True if it is a NUL-terminated string that fits, which is copied. */
bool netlink_text(const struct netlink_attribute *attribute, char *buffer, size_t size);
