/* SPDX-License-Identifier: Apache-2.0
 * What the caller asked for, apart from the bundle's own wishes. Plain values from the command line or the
 * library's caller. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum cgroup_manager_choice { MANAGER_CGROUPFS, MANAGER_SYSTEMD, MANAGER_DISABLED };
enum rootless_choice { ROOTLESS_AUTO, ROOTLESS_TRUE, ROOTLESS_FALSE };

struct request {
  const char *id;
  const char *bundle; /* absolute */
  const char *config; /* its text, so that problems have a line and a column; NULL: not at hand */
  size_t config_length;
  enum cgroup_manager_choice manager;
  enum rootless_choice rootless;
  bool no_pivot, no_new_keyring;
  bool has_console_receiver; /* a console socket, or a foreground relay */
  bool verify;
  bool detach;            /* nobody waits in the foreground: terminal needs a console socket */
  const char *notify_dir; /* of the host, for the container's end of sd_notify(3); NULL: none */
  unsigned preserve_fds;  /* descriptors 3 + listen_fds … kept for the process */
  unsigned listen_fds;    /* from LISTEN_FDS, 0 if LISTEN_PID names another process */
};
