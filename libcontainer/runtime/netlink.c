/* SPDX-License-Identifier: Apache-2.0
 * Requests and answers of rtnetlink(7). */
#include "libcontainer/runtime/netlink.h"
#include "libcontainer/base/fd.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#define ANSWER_BYTES 32768  /* the kernel's largest buffer of a dump; more at once is an error */
#define ANSWER_TIMEOUT_S 10 /* the kernel answers before send(2) returns; this is for a bug */

int netlink_open(struct error *err)
{
  const int on = 1;
  const struct timeval patience = { .tv_sec = ANSWER_TIMEOUT_S };
  auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open a netlink socket");
  (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on,
                   sizeof on); /* without them: an errno and no words */
  (void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  return take_fd(&fd);
}

/* --- requests -------------------------------------------------------------------------------------- */

void netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags, const void *body,
                   size_t length)
{
  memset(request, 0, sizeof *request);
  request->header.nlmsg_type = type;
  request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
  request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(length);
  memcpy(request->bytes + NLMSG_HDRLEN, body, length);
}

void netlink_add(struct netlink_request *request, uint16_t attribute, const void *data, size_t length)
{
  const size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
  if (length > NETLINK_REQUEST_BYTES || at + NLA_HDRLEN + NLA_ALIGN(length) > NETLINK_REQUEST_BYTES) {
    request->too_long = true;
    return;
  }
  const struct nlattr header = { .nla_len = (uint16_t)(NLA_HDRLEN + length), .nla_type = attribute };
  memcpy(request->bytes + at, &header, sizeof header);
  memcpy(request->bytes + at + NLA_HDRLEN, data, length);
  request->header.nlmsg_len = (uint32_t)(at + NLA_HDRLEN + NLA_ALIGN(length));
}

/* --- attributes ------------------------------------------------------------------------------------ */

struct netlink_attributes netlink_attributes_of(const struct nlmsghdr *message, size_t header)
{
  const size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(header);
  if (message->nlmsg_len < skip)
    return (struct netlink_attributes){ NULL, 0 };
  return (struct netlink_attributes){ (const unsigned char *)message + skip, message->nlmsg_len - skip };
}

bool netlink_next(struct netlink_attributes *rest, struct netlink_attribute *attribute)
{
  struct nlattr header;
  if (rest->length < sizeof header)
    return false;
  memcpy(&header, rest->bytes, sizeof header);
  if (header.nla_len < NLA_HDRLEN || header.nla_len > rest->length)
    return false;
  *attribute = (struct netlink_attribute){ .type = header.nla_type & NLA_TYPE_MASK,
                                           .data = rest->bytes + NLA_HDRLEN,
                                           .length = (size_t)header.nla_len - NLA_HDRLEN };
  const size_t padded = NLA_ALIGN((size_t)header.nla_len);
  const size_t step = padded < rest->length ? padded : rest->length;
  rest->bytes += step;
  rest->length -= step;
  return true;
}

bool netlink_u32(const struct netlink_attribute *attribute, uint32_t *value)
{
  if (attribute->length != sizeof *value)
    return false;
  memcpy(value, attribute->data, sizeof *value);
  return true;
}

bool netlink_text(const struct netlink_attribute *attribute, char *buffer, size_t size)
{
  if (attribute->length == 0 || attribute->length > size
      || memchr(attribute->data, '\0', attribute->length) == NULL)
    return false;
  memcpy(buffer, attribute->data, attribute->length);
  return true;
}

/* --- answers --------------------------------------------------------------------------------------- */

/* The words of an extended acknowledgement, or "". */
static void read_words(const struct nlmsghdr *message, size_t fixed, char *words, size_t size)
{
  struct netlink_attributes rest = netlink_attributes_of(message, fixed);
  struct netlink_attribute attribute;
  words[0] = '\0';
  if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0)
    return;
  while (netlink_next(&rest, &attribute))
    if (attribute.type == NLMSGERR_ATTR_MSG && !netlink_text(&attribute, words, size))
      words[0] = '\0';
}

static int set_refusal(const struct nlmsghdr *message, size_t fixed, int errnum, struct error *err)
{
  char words[256];
  read_words(message, fixed, words, sizeof words);
  return error_set(err, ERROR_KERNEL, errnum, "the kernel refuses%s%s", words[0] != '\0' ? ": " : "", words);
}

/* 1: the answer ends here; 0: it goes on. */
static int read_end(const struct nlmsghdr *message, struct error *err)
{
  struct nlmsgerr result;
  int done = 0;
  if (message->nlmsg_type == NLMSG_DONE) {
    if (message->nlmsg_len >= NLMSG_LENGTH(sizeof done))
      memcpy(&done, (const char *)message + NLMSG_HDRLEN, sizeof done);
    return done < 0 ? set_refusal(message, sizeof done, -done, err) : 1;
  }
  if (message->nlmsg_type != NLMSG_ERROR)
    return 0;
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof result))
    return error_set(err, ERROR_KERNEL, EPROTO, "the kernel's answer is not whole");
  memcpy(&result, (const char *)message + NLMSG_HDRLEN, sizeof result);
  /* Without NETLINK_CAP_ACK a copy of the request would stand before the words. */
  const size_t fixed = (message->nlmsg_flags & NLM_F_CAPPED) != 0
                           ? sizeof result
                           : sizeof result + NLMSG_ALIGN(result.msg.nlmsg_len) - sizeof result.msg;
  return result.error < 0 ? set_refusal(message, fixed, -result.error, err) : 1;
}

/* One message. 1: the end. */
static int take_message(const struct nlmsghdr *message, uint32_t sequence, netlink_each *each, void *context,
                        bool *changed, struct error *err)
{
  if (message->nlmsg_seq != sequence)
    return 0; /* of an earlier request that was given up */
  if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
    *changed = true;
  const int end = read_end(message, err);
  if (end != 0)
    return end;
  return message->nlmsg_type >= NLMSG_MIN_TYPE && each != NULL ? each(context, message, err) : 0;
}

static int take_answer(const unsigned char *answer, size_t length, uint32_t sequence, netlink_each *each,
                       void *context, bool *changed, struct error *err)
{
  while (length > 0) {
    struct nlmsghdr header;
    if (length < sizeof header)
      return error_set(err, ERROR_KERNEL, EPROTO, "the kernel's answer is not whole");
    memcpy(&header, answer, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length)
      return error_set(err, ERROR_KERNEL, EPROTO, "the kernel's answer is not whole");
    const int result =
        take_message((const struct nlmsghdr *)(const void *)answer, sequence, each, context, changed, err);
    if (result != 0)
      return result;
    const size_t padded = NLMSG_ALIGN((size_t)header.nlmsg_len);
    const size_t step = padded < length ? padded : length;
    answer += step;
    length -= step;
  }
  return 0;
}

/* Security: who has CAP_NET_ADMIN in a namespace that is joined may send us messages; the kernel is port 0.
 */
static ssize_t receive(int socket, void *answer, size_t size, struct error *err)
{
  for (;;) {
    struct sockaddr_nl from = { .nl_family = AF_UNSPEC };
    struct iovec part = { .iov_base = answer, .iov_len = size };
    struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1 };
    const ssize_t n = recvmsg(socket, &m, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot receive the kernel's answer");
    if (from.nl_family != AF_NETLINK || from.nl_pid != 0)
      continue;
    if ((m.msg_flags & MSG_TRUNC) != 0)
      return error_set(err, ERROR_KERNEL, EMSGSIZE, "the kernel's answer is longer than %zu bytes", size);
    return n;
  }
}

int netlink_call(int socket, struct netlink_request *request, netlink_each *each, void *context,
                 struct error *err)
{
  static uint32_t sequence;
  _Alignas(struct nlmsghdr) unsigned char answer[ANSWER_BYTES];
  const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  bool changed = false;
  if (request->too_long)
    return error_set(err, ERROR_INTERNAL, 0, "a netlink request is too long");
  request->header.nlmsg_seq = ++sequence;
  if (sendto(socket, request->bytes, request->header.nlmsg_len, 0, (const struct sockaddr *)&kernel,
             sizeof kernel)
      < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot send a netlink request");
  for (;;) {
    const ssize_t n = receive(socket, answer, sizeof answer, err);
    if (n < 0)
      return -1;
    const int result =
        take_answer(answer, (size_t)n, request->header.nlmsg_seq, each, context, &changed, err);
    if (result < 0)
      return -1;
    if (result > 0)
      return changed ? error_set(err, ERROR_KERNEL, EAGAIN, "the list changed while it was read") : 0;
  }
}
