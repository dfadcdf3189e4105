/* SPDX-License-Identifier: Apache-2.0
 *
 * client ROOT BUNDLE ID: what a program that uses the library does; for library.bats. */
#include <errno.h>
#include <hull/container.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int failed(const char *what, const struct hull_error *error)
{
  fprintf(stderr, "%s: %s\n", what, hull_error_message(error));
  return 1;
}

int main(int argc, char **argv)
{
  struct hull_error error = { 0 };
  if (argc != 4)
    return 2;
  if (hull_protect_self(argv, &error) < 0)
    return failed("protect", &error);
  struct hull_options options = { .size = sizeof options, .root = argv[1] };
  struct hull *hull = hull_open(&options, &error);
  if (hull == NULL)
    return failed("open", &error);
  struct hull_create_options create = { .size = sizeof create, .bundle = argv[2], .detach = true };
  struct hull_process process = { .pidfd = -1 };
  if (hull_create(hull, argv[3], &create, &process, &error) < 0)
    return failed("create", &error);
  char *state = NULL;
  if (hull_state(hull, argv[3], &state, &error) < 0)
    return failed("state", &error);
  printf("pid %d\n%s\n", (int)process.pid, state);
  hull_free(state);
  if (hull_start(hull, argv[3], &error) < 0)
    return failed("start", &error);
  for (int tries = 0; tries < 500; tries++) {
    if (hull_state(hull, argv[3], &state, &error) < 0)
      return failed("state", &error);
    int stopped = strstr(state, "\"stopped\"") != NULL;
    hull_free(state);
    if (stopped)
      break;
    usleep(10000);
  }
  if (hull_delete(hull, argv[3], false, &error) < 0)
    return failed("delete", &error);
  puts("deleted");
  if (hull_state(hull, argv[3], &state, &error) == 0)
    return 1;
  puts(hull_error_message(&error));
  if (process.pidfd >= 0)
    close(process.pidfd);
  hull_close(hull);
  return 0;
}
