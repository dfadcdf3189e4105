/* SPDX-License-Identifier: Apache-2.0
 * The table of what callers rely on: `hull steps --callers` prints it, tests/bats/callers.bats has a test for
 * each row. The words are those that the code says (base/words.h), so that they can't be changed in one place
 * alone. */
#include "cmd/callers.h"
#include "libcontainer/base/words.h"
#include <signal.h>
#include <stddef.h>

/* clang-format off */
const struct caller_row caller_rows[] = {
  /* what is not there, or there already */
  { "state-unknown", EXIT_FAILED, WORDS_UNKNOWN, "containerd, CRI-O: the container is taken for deleted" },
  { "start-unknown", EXIT_FAILED, WORDS_UNKNOWN, "containerd: not found" },
  { "kill-unknown", EXIT_FAILED, WORDS_UNKNOWN, "containerd: not found, no hard error" },
  { "delete-unknown", EXIT_FAILED, WORDS_UNKNOWN, "containerd: deleted already, success" },
  { "delete-force-unknown", 0, "", "podman, CRI-O and containerd's clean-up: success" },
  { "exec-unknown", EXIT_EXEC_FAILED, WORDS_UNKNOWN, "conmon, containerd: no process was started" },
  { "create-taken", EXIT_FAILED, WORDS_TAKEN, "docker: the name is in use" },
  /* the wrong moment */
  { "kill-stopped", EXIT_FAILED, WORDS_NOT_RUNNING, "containerd, CRI-O (case counts): not found, no hard error" },
  { "kill-all-stopped", 0, "", "containerd: it kills all of a container whose first process has ended" },
  { "exec-stopped", EXIT_EXEC_FAILED, WORDS_NOT_RUNNING, "containerd, podman: no such container to exec in" },
  { "pause-stopped", EXIT_FAILED, WORDS_NOT_RUNNING, "containerd: the state is wrong" },
  { "update-stopped", EXIT_FAILED, WORDS_NOT_RUNNING, "containerd, CRI-O: nothing to update" },
  { "start-running", EXIT_FAILED, WORDS_ALREADY_RUNNING, "people, and what reads runc's words" },
  { "start-stopped", EXIT_FAILED, WORDS_HAS_STOPPED, "people, and what reads runc's words" },
  { "delete-running", EXIT_FAILED, WORDS_NOT_STOPPED, "docker: stop it first" },
  /* the command */
  { "create-not-in-path", EXIT_FAILED, WORDS_NOT_IN_PATH, "podman, docker: exit status 127" },
  { "create-no-file", EXIT_FAILED, WORDS_NO_FILE, "podman, docker: exit status 127" },
  { "create-denied", EXIT_FAILED, WORDS_DENIED, "podman, docker: exit status 126" },
  { "create-directory", EXIT_FAILED, WORDS_DENIED, "podman, docker: exit status 126" },
  { "start-not-permitted", EXIT_FAILED, WORDS_NOT_PERMITTED, "podman, docker: exit status 126" },
  { "create-label", EXIT_FAILED, WORDS_LABEL_FILE, "podman: the label could not be set" },
  { "exec-not-in-path", EXIT_EXEC_FAILED, WORDS_NOT_IN_PATH, "podman: exit status 127; conmon: there is no pid file" },
  { "exec-no-file", EXIT_EXEC_FAILED, WORDS_NO_FILE, "podman: exit status 127; conmon: there is no pid file" },
  { "exec-denied", EXIT_EXEC_FAILED, WORDS_DENIED, "podman: exit status 126; conmon: there is no pid file" },
  { "exec-label", EXIT_EXEC_FAILED, WORDS_LABEL_FILE, "podman: the label could not be set" },
  /* how it ended */
  { "run-status", 7, "", "buildkit: run in the foreground ends as the process did" },
  { "run-signal", EXIT_BY_SIGNAL + SIGKILL, "", "buildkit: 128 and the signal's number" },
  { "exec-status", 7, "", "CRI-O, buildkit: exec in the foreground ends as the process did" },
  { "exec-signal", EXIT_BY_SIGNAL + SIGKILL, "", "CRI-O, buildkit: 128 and the signal's number" },
  /* the command line */
  { "option-without-value", EXIT_FAILED, WORDS_NEEDS_VALUE, "podman probes options so" },
  { "flag-without-value", EXIT_FAILED, WORDS_FLAG_NEEDS_VALUE, "podman probes options so" },
  { "help-of-command", 0, "", "podman: the command is there" },
  { NULL, 0, NULL, NULL },
};
/* clang-format on */
