/* SPDX-License-Identifier: Apache-2.0
 * Sends, receives and checks messages by the protocol table. No heap. */
#include "libcontainer/sync/sync.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fd_passing.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(sizeof(struct error) <= MESSAGE_MAX, "an error travels in one packet");

int sync_pair(int fds[2], struct error *err)
{
  const int on = 1;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make the socket pair to init");
  if (setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) {
    error_set(err, ERROR_KERNEL, errno, "cannot ask for credentials on the socket to init");
    fd_close(&fds[0]);
    fd_close(&fds[1]);
    return -1;
  }
  return 0;
}

static void fill(struct message *m, enum message_type type, const void *payload, size_t length)
{
  m->type = (uint16_t)type;
  m->length = (uint16_t)length;
  m->index = 0;
  if (length > 0)
    memcpy(m->payload, payload, length);
}

/* write(2) rather than send(2): a seccomp filter that is already in force needs to allow one call less. */
static int put(int socket, const struct message *m)
{
  ssize_t n;
  do
    n = write(socket, m, MESSAGE_HEADER + m->length);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -1 : 0;
}

/* The reply of the runtime comes from our own side of the trust boundary, yet a broken one must not be
 * obeyed. */
static int await_reply(int socket, enum message_type want, struct message *reply, struct error *err)
{
  ssize_t n;
  do
    n = read(socket, reply, sizeof *reply);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read '%s' from the runtime", messages[want].name);
  if (n == 0)
    return error_set(err, ERROR_STATE, 0, "the runtime died before it sent '%s'", messages[want].name);
  if ((size_t)n < MESSAGE_HEADER || reply->type != want || (size_t)n != MESSAGE_HEADER + reply->length
      || reply->length < messages[want].min_payload || reply->length > messages[want].max_payload)
    return error_set(err, ERROR_INTERNAL, 0, "the runtime sent something else than '%s'",
                     messages[want].name);
  return 0;
}

int sync_call(int socket, enum message_type type, const void *payload, size_t length, struct message *reply,
              struct error *err)
{
  struct message local;
  struct message *m = reply != NULL ? reply : &local;
  fill(m, type, payload, length);
  if (put(socket, m) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot send '%s' to the runtime", messages[type].name);
  if (messages[type].reply == MSG_NONE)
    return 0;
  return await_reply(socket, messages[type].reply, m, err);
}

void sync_send_failure(int socket, const struct error *failure)
{
  struct message m;
  fill(&m, MSG_FAILED, failure, sizeof *failure);
  (void)put(socket, &m); /* the runtime also sees our end of the socket close */
}

void sync_send_span(int socket, const char *category, const char *name, uint64_t start_ns,
                    uint64_t duration_ns)
{
  struct message m;
  struct span span = { .start_ns = start_ns, .duration_ns = duration_ns };
  snprintf(span.category, sizeof span.category, "%s", category);
  snprintf(span.name, sizeof span.name, "%s", name);
  fill(&m, MSG_SPAN, &span, sizeof span);
  (void)put(socket, &m); /* tracing never fails a container */
}

void sync_send_log(int socket, int level, const char *text)
{
  struct message m = { .type = MSG_LOG };
  int n = snprintf((char *)m.payload, sizeof m.payload, "%c%s", '0' + level, text);
  m.length = (uint16_t)(n < 0 ? 0 : (size_t)n < sizeof m.payload ? (size_t)n : sizeof m.payload - 1);
  (void)put(socket, &m); /* a lost log line is no reason to stop */
}

static int check(struct sync_server *server, const struct message *m, size_t n, struct error *err)
{
  if (n < MESSAGE_HEADER || n != MESSAGE_HEADER + m->length || m->type == MSG_NONE || m->type >= MSG_COUNT)
    return error_set(err, ERROR_INTERNAL, 0, "init sent a malformed message");
  const struct message_row *row = &messages[m->type];
  if (row->from != FROM_INIT)
    return error_set(err, ERROR_INTERNAL, 0, "init sent '%s', which only the runtime may", row->name);
  if (m->length < row->min_payload || m->length > row->max_payload)
    return error_set(err, ERROR_INTERNAL, 0, "init sent '%s' with %u bytes", row->name, (unsigned)m->length);
  if (row->once && (server->seen & (1u << m->type)) != 0)
    return error_set(err, ERROR_INTERNAL, 0, "init sent '%s' twice", row->name);
  if (row->phase != PHASE_ANY) {
    if (row->phase < server->phase)
      return error_set(err, ERROR_INTERNAL, 0, "init sent '%s' out of order", row->name);
    server->phase = row->phase;
  }
  server->seen |= 1u << m->type;
  return 0;
}

static int unpack_failure(const struct message *m, struct error *err)
{
  if (error_unpack(m->payload, m->length, err) < 0)
    return error_set(err, ERROR_INTERNAL, 0, "init sent a malformed error");
  return -1;
}

int sync_receive(struct sync_server *server, struct message *message, pid_t *sender, struct error *err)
{
  int fds[FD_PASSING_MAX];
  size_t count = 0;
  pid_t from = 0;
  ssize_t n = fds_receive(server->socket, message, sizeof *message, fds, &count, &from, err);
  if (sender != NULL)
    *sender = from;
  for (size_t i = 0; i < count; i++) /* no message carries descriptors from init */
    fd_close(&fds[i]);
  if (n < 0)
    return error_wrap(err, "cannot receive from init");
  if (n == 0 && from == 0)
    return 0;
  /* Security: also an empty packet, which only its credentials tell from the end of the stream. */
  if (check(server, message, (size_t)n, err) < 0)
    return -1;
  if (message->type == MSG_FAILED)
    return unpack_failure(message, err);
  if (fault_check(messages[message->type].name, err) < 0)
    return -1;
  return 1;
}

int sync_reply(struct sync_server *server, enum message_type type, const void *payload, size_t length,
               struct error *err)
{
  struct message m;
  fill(&m, type, payload, length);
  if (fault_check(messages[type].name, err) < 0)
    return -1;
  ssize_t n;
  do
    n = send(server->socket, &m, MESSAGE_HEADER + length, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot send '%s' to init", messages[type].name);
  return 0;
}
