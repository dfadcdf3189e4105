/* SPDX-License-Identifier: Apache-2.0
 * Words of messages that programs look for, exactly as they look for them (case included). Written here once:
 * who changes one breaks callers. Which caller wants which, and with which exit status: cmd/callers.c. */
#pragma once

#define WORDS_UNKNOWN "container does not exist"
#define WORDS_TAKEN "container with given ID already exists"
#define WORDS_NOT_RUNNING "container not running"
#define WORDS_ALREADY_RUNNING "cannot start an already running container"
#define WORDS_HAS_STOPPED "cannot start a container that has stopped"
#define WORDS_NOT_STOPPED "that is not stopped"
#define WORDS_NOT_IN_PATH "executable file not found in $PATH"
#define WORDS_NO_FILE "no such file or directory"
#define WORDS_DENIED "permission denied"
#define WORDS_NOT_PERMITTED "operation not permitted"
#define WORDS_LABEL_FILE "`/proc/self/attr/" /* then its name and another ` */
#define WORDS_NEEDS_VALUE "requires an argument"
#define WORDS_FLAG_NEEDS_VALUE "flag needs an argument"

#define EXIT_FAILED 1        /* of every command but exec */
#define EXIT_EXEC_FAILED 255 /* of exec, so that it is none that the process may often end with */
#define EXIT_BY_SIGNAL 128   /* and the signal's number, of run and exec in the foreground */
