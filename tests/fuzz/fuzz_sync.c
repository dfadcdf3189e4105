/* SPDX-License-Identifier: Apache-2.0
 * libFuzzer target: bytes as what a hostile init, or a broken runtime, sends. Each packet is a length byte
 * pair and that many bytes. What the runtime takes must keep to the protocol table. */
#include "libcontainer/sync/sync.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sends the next packet of 'data'; false when there is none. Packets may be longer than any message. */
static bool send_next(int socket, const uint8_t **data, size_t *size)
{
  if (*size < 3)
    return false;
  size_t length = (*data)[0] | (size_t)(*data)[1] << 8;
  *data += 2;
  *size -= 2;
  length = length > *size ? *size : length;
  length = length > 4096 ? 4096 : length;
  if (length == 0)
    length = 1;
  if (send(socket, *data, length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    return false;
  *data += length;
  *size -= length;
  return true;
}

static void check_message(const struct sync_server *server, const struct message *message,
                          enum message_phase before)
{
  if (message->type == MSG_NONE || message->type >= MSG_COUNT)
    abort();
  const struct message_row *row = &messages[message->type];
  if (row->from != FROM_INIT || message->length < row->min_payload || message->length > row->max_payload)
    abort();
  if (server->phase < before)
    abort();
}

static void as_runtime(const uint8_t *data, size_t size)
{
  int fds[2];
  struct error err = { 0 };
  if (sync_pair(fds, &err) < 0)
    abort();
  struct sync_server server = { .socket = fds[0] };
  unsigned seen[MSG_COUNT] = { 0 };
  while (send_next(fds[1], &data, &size)) {
    struct message message;
    pid_t sender = 0;
    enum message_phase before = server.phase;
    int result = sync_receive(&server, &message, &sender, &err);
    if (result == 0)
      abort();
    if (result < 0) {
      char text[4096];
      (void)error_format(&err, text, sizeof text); /* also of an error that init made up */
      break;
    }
    check_message(&server, &message, before);
    if (messages[message.type].once && ++seen[message.type] > 1)
      abort();
    if (sender != getpid())
      abort();
  }
  close(fds[0]);
  close(fds[1]);
}

static void as_init(const uint8_t *data, size_t size)
{
  int fds[2];
  struct error err = { 0 };
  struct message reply;
  if (sync_pair(fds, &err) < 0)
    abort();
  if (send_next(fds[0], &data, &size) && sync_call(fds[1], MSG_READY, NULL, 0, &reply, &err) == 0
      && (reply.type != MSG_PROCEED || reply.length != sizeof(struct proceed)))
    abort();
  close(fds[0]);
  close(fds[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  as_runtime(data, size);
  as_init(data, size);
  return 0;
}
