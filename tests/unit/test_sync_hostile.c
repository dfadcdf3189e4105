/* SPDX-License-Identifier: Apache-2.0
 * An init that was taken over and says what it likes: the runtime must refuse all that the table of messages
 * does not allow, keep no descriptor, and believe no error that is not whole. */
#include "libcontainer/sync/sync.h"
#include "libcontainer/base/fd.h"
#include "unit.h"
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>

static struct sync_server server;
static int init_end;

static void begin(void)
{
  struct error err = { 0 };
  int pair[2];
  if (sync_pair(pair, &err) < 0)
    exit(1);
  server = (struct sync_server){ .socket = pair[0] };
  init_end = pair[1];
}

static void end(void)
{
  fd_close(&server.socket);
  fd_close(&init_end);
}

static int receive(struct error *err)
{
  struct message m;
  pid_t sender = 0;
  *err = (struct error){ 0 };
  return sync_receive(&server, &m, &sender, err);
}

static void say(unsigned type, unsigned claimed, size_t sent)
{
  struct message m = { .type = (uint16_t)type, .length = (uint16_t)claimed };
  char packet[4096] = { 0 };
  memcpy(packet, &m, MESSAGE_HEADER);
  CHECK(send(init_end, packet, sent, 0) == (ssize_t)sent);
}

static const struct {
  const char *name;
  unsigned type, claimed;
  size_t sent;
} refused[] = {
  { "nothing", MSG_NONE, 0, 0 },
  { "one byte", MSG_READY, 0, 1 },
  { "header cut off", MSG_READY, 0, MESSAGE_HEADER - 1 },
  { "no type", MSG_NONE, 0, MESSAGE_HEADER },
  { "first unknown type", MSG_COUNT, 0, MESSAGE_HEADER },
  { "type beyond the bits of 'seen'", 64, 0, MESSAGE_HEADER },
  { "largest type", UINT16_MAX, 0, MESSAGE_HEADER },
  { "the runtime's own word", MSG_PROCEED, sizeof(struct proceed), MESSAGE_HEADER + sizeof(struct proceed) },
  { "maps that are written", MSG_IDS_MAPPED, 0, MESSAGE_HEADER },
  { "less than it claims", MSG_LOG, 100, MESSAGE_HEADER + 10 },
  { "more than it claims", MSG_LOG, 10, MESSAGE_HEADER + 100 },
  { "length of 65535", MSG_LOG, UINT16_MAX, MESSAGE_HEADER + 10 },
  { "a log without its level", MSG_LOG, 0, MESSAGE_HEADER },
  { "payload where none belongs", MSG_READY, 8, MESSAGE_HEADER + 8 },
  { "a span that is too short", MSG_SPAN, 3, MESSAGE_HEADER + 3 },
  { "a packet longer than any message", MSG_LOG, MESSAGE_MAX, sizeof(struct message) + 1 },
  { "an error that is too short", MSG_FAILED, 8, MESSAGE_HEADER + 8 },
  { "an error of kind none", MSG_FAILED, sizeof(struct error), MESSAGE_HEADER + sizeof(struct error) },
};

static void malformed(void)
{
  struct error err;
  for (size_t i = 0; i < UNIT_COUNT(refused); i++) {
    unit_at(refused[i].name);
    begin();
    say(refused[i].type, refused[i].claimed, refused[i].sent);
    CHECK_NUMBER(receive(&err), -1);
    CHECK_NUMBER(err.kind, ERROR_INTERNAL);
    end();
  }
  unit_at(NULL);
  begin();
  fd_close(&init_end);
  CHECK_NUMBER(receive(&err), 0);
  end();
}

static void out_of_order(void)
{
  static const enum message_type pairs[][2] = {
    { MSG_READY, MSG_READY },         { MSG_READY, MSG_MAP_IDS },   { MSG_READY, MSG_RUN_HOOKS },
    { MSG_RUN_HOOKS, MSG_RUN_HOOKS }, { MSG_READY, MSG_FORKED },    { MSG_RUN_HOOKS, MSG_FORKED },
    { MSG_FORKED, MSG_FORKED },       { MSG_MAP_IDS, MSG_MAP_IDS },
  };
  struct error err;
  for (size_t i = 0; i < UNIT_COUNT(pairs); i++) {
    unit_at(messages[pairs[i][1]].name);
    begin();
    say(pairs[i][0], 0, MESSAGE_HEADER);
    CHECK_NUMBER(receive(&err), 1);
    say(pairs[i][1], 0, MESSAGE_HEADER);
    CHECK_NUMBER(receive(&err), -1);
    CHECK_NUMBER(err.kind, ERROR_INTERNAL);
    end();
  }
  unit_at(NULL);
}

static int open_fds(void)
{
  int count = 0;
  for (int fd = 0; fd < 256; fd++)
    count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

/* send_fds: as many as fit into one message of the kernel's. */
static void descriptors(void)
{
  struct error err;
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * 60)];
  } control;
  for (unsigned n = 1; n <= 60; n += 59) {
    begin();
    const int before = open_fds();
    struct message m = { .type = MSG_READY };
    struct iovec iov = { .iov_base = &m, .iov_len = MESSAGE_HEADER };
    struct msghdr message = {
      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof(int) * n)
    };
    memset(&control, 0, sizeof control);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n);
    for (unsigned i = 0; i < n; i++)
      memcpy(CMSG_DATA(c) + i * sizeof(int), &(int){ 0 }, sizeof(int));
    CHECK(sendmsg(init_end, &message, 0) > 0);
    (void)receive(&err);
    CHECK_NUMBER(open_fds(), before);
    end();
  }
}

/* Fields that point beyond what is there must not lead the runtime out of it. */
static void error_that_lies(void)
{
  struct error err, lie;
  char text[2 * ERROR_TEXT_BYTES];
  begin();
  memset(&lie, 'A', sizeof lie);
  lie.kind = ERROR_CONFIG;
  lie.used = sizeof lie.frames;
  lie.frame_count = UINT16_MAX;
  lie.step_frames = UINT16_MAX;
  sync_send_failure(init_end, &lie);
  CHECK_NUMBER(receive(&err), -1);
  CHECK_NUMBER(err.kind, ERROR_CONFIG);
  (void)error_format(&err, text, sizeof text);
  CHECK(strnlen(text, sizeof text) < sizeof text);
  lie.used = UINT16_MAX;
  server.seen = 0;
  sync_send_failure(init_end, &lie);
  CHECK_NUMBER(receive(&err), -1);
  CHECK_NUMBER(err.kind, ERROR_INTERNAL);
  end();
}

int main(void)
{
  malformed();
  out_of_order();
  descriptors();
  error_that_lies();
  return unit_finish();
}
