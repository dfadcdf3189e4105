/* SPDX-License-Identifier: Apache-2.0
 * hull-systemd: takes one request from its standard input (a socket), speaks D-Bus with systemd
 * (org.freedesktop.systemd1(5)), and answers. The only user of libsystemd. After it has started a scope it
 * stays until its input ends, as the parent of the process that keeps the scope populated: that one is forked
 * before and does nothing, so that next to no memory is charged to the scope. */
#include "cgroups/systemd_wire.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_MS 10000
#define CALL_TIMEOUT_MS 10000
#define JOB_TIMEOUT_MS 30000
#define LEFTOVER_TIMEOUT_MS 2000 /* until systemd has seen that a scope is empty */
#define LEFTOVER_NAP_NS 10000000L
#define USEC_PER_MSEC 1000u
#define READ_BYTES 4096

#define SYSTEMD "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define MANAGER SYSTEMD ".Manager"
#define UNIT SYSTEMD ".Unit"
#define ERROR_UNIT_EXISTS SYSTEMD ".UnitExists"
#define ERROR_NO_SUCH_UNIT SYSTEMD ".NoSuchUnit"

struct session {
  struct arena arena;
  struct unit_request request;
  struct unit_reply reply;
  const char *address;
  sd_bus *bus;
  const char *job, *result; /* the last that ended for our unit */
  pid_t keeper;             /* 0: none */
};

static int64_t now_ms(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((format(printf, 4, 5))) static int fail(struct session *s, enum error_kind kind, int errnum,
                                                      const char *format, ...)
{
  char text[ERROR_TEXT_BYTES];
  va_list args;
  if (s->reply.failed)
    return -1;
  va_start(args, format);
  (void)vsnprintf(text, sizeof text, format, args);
  va_end(args);
  s->reply.failed = true;
  s->reply.kind = kind;
  s->reply.errnum = errnum;
  s->reply.message = arena_strdup(&s->arena, text);
  return -1;
}

static int injected(struct session *s, const char *name)
{
  struct error err = { 0 };
  if (fault_check(name, &err) == 0)
    return 0;
  return fail(s, ERROR_HOST, err.errnum, "injected fault '%s'", name);
}

/* --- the bus ----------------------------------------------------------------------------------------- */

/* As sd_bus_open_system(3) and sd_bus_open_user(3) look for it; for messages. */
static const char *bus_address(struct session *s)
{
  const char *address =
      secure_getenv(s->request.user_manager ? "DBUS_SESSION_BUS_ADDRESS" : "DBUS_SYSTEM_BUS_ADDRESS");
  const char *directory = secure_getenv("XDG_RUNTIME_DIR");
  if (address)
    return address;
  if (!s->request.user_manager)
    return "unix:path=/run/dbus/system_bus_socket";
  return directory ? arena_printf(&s->arena, "unix:path=%s/bus", directory) : "";
}

static const char *bus_name(const struct session *s)
{
  return s->request.user_manager ? "user's session bus" : "system bus";
}

/* 0 when something was done, -errno; -ETIMEDOUT after the deadline. */
static int attend(struct session *s, int64_t deadline)
{
  int r = sd_bus_process(s->bus, NULL);
  if (r != 0)
    return r < 0 ? r : 0;
  int64_t left = deadline - now_ms();
  if (left <= 0)
    return -ETIMEDOUT;
  r = sd_bus_wait(s->bus, (uint64_t)left * USEC_PER_MSEC);
  return r < 0 && r != -EINTR ? r : 0;
}

static int connect_bus(struct session *s)
{
  const int64_t deadline = now_ms() + CONNECT_TIMEOUT_MS;
  s->address = bus_address(s);
  if (injected(s, "bus-connect") < 0)
    return -1;
  if (!*s->address)
    return fail(s, ERROR_HOST, 0,
                "cannot find the user's session bus: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is "
                "set");
  int r = s->request.user_manager ? sd_bus_open_user(&s->bus) : sd_bus_open_system(&s->bus);
  while (r >= 0 && (r = sd_bus_is_ready(s->bus)) == 0)
    r = attend(s, deadline);
  if (r == -ETIMEDOUT)
    return fail(s, ERROR_HOST, ETIMEDOUT, "the %s at '%s' has not answered for %d s", bus_name(s), s->address,
                CONNECT_TIMEOUT_MS / 1000);
  if (r < 0)
    return fail(s, ERROR_HOST, -r, "cannot connect to the %s at '%s'", bus_name(s), s->address);
  (void)sd_bus_set_method_call_timeout(s->bus, (uint64_t)CALL_TIMEOUT_MS * USEC_PER_MSEC);
  return 0;
}

static bool is_timeout(const sd_bus_error *error)
{
  return sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY)
         || sd_bus_error_has_name(error, SD_BUS_ERROR_TIMEOUT)
         || sd_bus_error_has_name(error, "System.Error.ETIMEDOUT");
}

/* What a method call came to, in words. */
static int fail_call(struct session *s, const char *method, const sd_bus_error *error, int r)
{
  if (is_timeout(error) || r == -ETIMEDOUT)
    return fail(s, ERROR_HOST, ETIMEDOUT, "systemd has not answered %s over the %s at '%s' for %d s", method,
                bus_name(s), s->address, CALL_TIMEOUT_MS / 1000);
  enum error_kind kind = s->reply.property ? ERROR_CONFIG : ERROR_HOST;
  if (error->message)
    return fail(s, kind, 0, s->reply.property ? "%s" : "systemd refuses %2$s of unit '%3$s': %1$s",
                error->message, method, s->request.unit);
  return fail(s, ERROR_HOST, -r, "cannot call %s of systemd over the %s", method, bus_name(s));
}

/* Reads a property that is a string; NULL if there is none (or no such unit). */
static const char *read_string(struct session *s, const char *path, const char *interface, const char *name)
{
  char *value = NULL;
  if (sd_bus_get_property_string(s->bus, SYSTEMD, path, interface, name, NULL, &value) < 0)
    return NULL;
  const char *copy = arena_strdup(&s->arena, value);
  free(value);
  return copy;
}

static const char *unit_path(struct session *s)
{
  char *path = NULL;
  if (sd_bus_path_encode(SYSTEMD_PATH "/unit", s->request.unit, &path) < 0)
    return NULL;
  const char *copy = arena_strdup(&s->arena, path);
  free(path);
  return copy;
}

/* --- jobs -------------------------------------------------------------------------------------------- */

static int job_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
  struct session *s = data;
  uint32_t id;
  const char *job, *unit, *result;
  (void)error;
  if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0
      || strcmp(unit, s->request.unit) != 0)
    return 0;
  s->job = arena_strdup(&s->arena, job);
  s->result = arena_strdup(&s->arena, result);
  return 0;
}

/* Before a job is queued, so that its end is not missed. */
static int watch_jobs(struct session *s)
{
  sd_bus_error error = SD_BUS_ERROR_NULL;
  int r = sd_bus_match_signal(s->bus, NULL, SYSTEMD, SYSTEMD_PATH, MANAGER, "JobRemoved", job_removed, s);
  if (r >= 0)
    r = sd_bus_call_method(s->bus, SYSTEMD, SYSTEMD_PATH, MANAGER, "Subscribe", &error, NULL, NULL);
  int result = r < 0 ? fail_call(s, "Subscribe", &error, r) : 0;
  sd_bus_error_free(&error);
  return result;
}

static int wait_for_job(struct session *s, const char *job, const char *what)
{
  const int64_t deadline = now_ms() + JOB_TIMEOUT_MS;
  int r = 0;
  if (injected(s, "bus-job") < 0)
    return -1;
  while (!s->job || strcmp(s->job, job) != 0) {
    if (r == -ETIMEDOUT)
      return fail(s, ERROR_HOST, ETIMEDOUT, "systemd has not ended its job to %s unit '%s' for %d s", what,
                  s->request.unit, JOB_TIMEOUT_MS / 1000);
    if (r < 0)
      return fail(s, ERROR_HOST, -r,
                  "lost the connection to the %s at '%s' while systemd was to %s unit '%s'", bus_name(s),
                  s->address, what, s->request.unit);
    r = attend(s, deadline);
  }
  if (strcmp(s->result, "done") == 0)
    return 0;
  return fail(s, ERROR_HOST, 0,
              "systemd's job to %s unit '%s' ended with result '%s' (see: systemctl status '%s')", what,
              s->request.unit, s->result, s->request.unit);
}

/* Reads the job of a reply and waits for it. */
static int finish_job(struct session *s, sd_bus_message *answer, const char *what)
{
  const char *job;
  int r = sd_bus_message_read(answer, "o", &job);
  if (r < 0)
    return fail(s, ERROR_HOST, -r, "cannot understand what systemd answers");
  return wait_for_job(s, job, what);
}

/* --- properties -------------------------------------------------------------------------------------- */

struct cursor {
  char *const *at, *const *end;
};

static int append_number(sd_bus_message *m, char type, const char *text)
{
  union {
    uint8_t y;
    int16_t n;
    uint16_t q;
    int32_t i;
    uint32_t u;
    int64_t x;
    uint64_t t;
  } value = { .t = 0 };
  static const struct {
    char type;
    int64_t min;
    uint64_t max;
  } ranges[] = {
    { 'y', 0, UINT8_MAX },         { 'n', INT16_MIN, INT16_MAX }, { 'q', 0, UINT16_MAX },
    { 'i', INT32_MIN, INT32_MAX }, { 'u', 0, UINT32_MAX },        { 'x', INT64_MIN, INT64_MAX },
    { 't', 0, UINT64_MAX },
  };
  for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
    int64_t number = 0;
    uint64_t natural = 0;
    if (ranges[k].type != type)
      continue;
    if (ranges[k].min < 0 ? parse_i64(text, ranges[k].min, (int64_t)ranges[k].max, &number) < 0
                          : parse_u64(text, ranges[k].max, &natural) < 0)
      return -EINVAL;
    switch (type) {
    case 'y':
      value.y = (uint8_t)natural;
      break;
    case 'n':
      value.n = (int16_t)number;
      break;
    case 'q':
      value.q = (uint16_t)natural;
      break;
    case 'i':
      value.i = (int32_t)number;
      break;
    case 'u':
      value.u = (uint32_t)natural;
      break;
    case 'x':
      value.x = number;
      break;
    default:
      value.t = natural;
      break;
    }
    return sd_bus_message_append_basic(m, type, &value);
  }
  return -EINVAL;
}

static int append_basic(sd_bus_message *m, char type, struct cursor *cursor)
{
  if (cursor->at == cursor->end)
    return -EINVAL;
  const char *text = *cursor->at++;
  if (type == 's' || type == 'o' || type == 'g')
    return sd_bus_message_append_basic(m, type, text);
  if (type == 'b') {
    int truth = strcmp(text, "1") == 0;
    return sd_bus_message_append_basic(m, type, &truth);
  }
  if (type == 'd') {
    double real = strtod(text, NULL);
    return sd_bus_message_append_basic(m, type, &real);
  }
  return append_number(m, type, text);
}

static int append_value(sd_bus_message *m, const char **signature, struct cursor *cursor);

/* The element's signature as a string of its own. */
static const char *element_of(const char *signature, char element[static 64], const char **end)
{
  if (!unit_signature_valid(signature, end))
    return NULL;
  memcpy(element, signature, (size_t)(*end - signature));
  element[*end - signature] = '\0';
  return element;
}

static int append_array(sd_bus_message *m, const char **signature, struct cursor *cursor)
{
  char element[64];
  const char *end;
  uint64_t count;
  if (!element_of(*signature + 1, element, &end) || cursor->at == cursor->end
      || parse_u64(*cursor->at++, SIZE_MAX, &count) < 0)
    return -EINVAL;
  int r = sd_bus_message_open_container(m, 'a', element);
  for (; r >= 0 && count > 0; count--) {
    const char *at = element;
    r = append_value(m, &at, cursor);
  }
  *signature = end;
  return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_structure(sd_bus_message *m, const char **signature, struct cursor *cursor)
{
  char whole[64];
  const char *end;
  if (!element_of(*signature, whole, &end))
    return -EINVAL;
  whole[end - *signature - 1] = '\0'; /* what is between the parentheses */
  int r = sd_bus_message_open_container(m, 'r', whole + 1);
  for (const char *at = whole + 1; r >= 0 && *at;)
    r = append_value(m, &at, cursor);
  *signature = end;
  return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_value(sd_bus_message *m, const char **signature, struct cursor *cursor)
{
  switch (**signature) {
  case 'a':
    return append_array(m, signature, cursor);
  case '(':
    return append_structure(m, signature, cursor);
  default:
    return append_basic(m, *(*signature)++, cursor);
  }
}

static int append_property(sd_bus_message *m, const struct unit_property *p)
{
  struct cursor cursor = { p->values.items, p->values.items + p->values.count };
  const char *signature = p->signature;
  int r = sd_bus_message_open_container(m, 'r', "sv");
  if (r >= 0)
    r = sd_bus_message_append_basic(m, 's', p->name);
  if (r >= 0)
    r = sd_bus_message_open_container(m, 'v', signature);
  if (r >= 0)
    r = append_value(m, &signature, &cursor);
  if (r >= 0 && cursor.at != cursor.end)
    r = -EINVAL;
  if (r >= 0)
    r = sd_bus_message_close_container(m);
  return r < 0 ? r : sd_bus_message_close_container(m);
}

static bool was_skipped(const struct session *s, const char *name)
{
  char *const *skipped;
  vec_each (&s->reply.skipped, skipped) {
    if (strcmp(*skipped, name) == 0)
      return true;
  }
  return false;
}

static int append_properties(struct session *s, sd_bus_message *m)
{
  const struct unit_property *p;
  int r = sd_bus_message_open_container(m, 'a', "(sv)");
  vec_each (&s->request.properties, p) {
    if (r >= 0 && !was_skipped(s, p->name))
      r = append_property(m, p);
  }
  if (r >= 0 && s->keeper > 0)
    r = sd_bus_message_append(m, "(sv)", "PIDs", "au", 1, (uint32_t)s->keeper);
  return r < 0 ? r : sd_bus_message_close_container(m);
}

static bool has_word(const char *text, const char *word)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  size_t length = strlen(word);
  for (const char *found = strstr(text, word); found; found = strstr(found + 1, word))
    if ((found == text || !strchr(letters, found[-1])) && (!found[length] || !strchr(letters, found[length])))
      return true;
  return false;
}

/* systemd names the property that it refuses in its message only. True: it was one that may be left out. */
static bool skip_refused(struct session *s, const sd_bus_error *error)
{
  const struct unit_property *p;
  s->reply.property = NULL;
  if (!error->message)
    return false;
  vec_each (&s->request.properties, p) {
    if (was_skipped(s, p->name) || !has_word(error->message, p->name))
      continue;
    if (p->optional) {
      *(const char **)vec_push(&s->arena, &s->reply.skipped) = p->name;
      return true;
    }
    s->reply.property = p->name;
  }
  return false;
}

/* --- start ------------------------------------------------------------------------------------------- */

static void end_keeper(struct session *s)
{
  if (s->keeper <= 0)
    return;
  (void)kill(s->keeper, SIGKILL); /* our child, not waited for yet */
  while (waitpid(s->keeper, NULL, __WALL) < 0 && errno == EINTR)
    ;
  s->keeper = 0;
}

__attribute__((noreturn)) static void keep(pid_t parent)
{
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)sys_close_range(0, ~0u, 0);
  while (getppid() == parent)
    (void)pause();
  _exit(0);
}

/* A scope needs a process from the start. */
static int start_keeper(struct session *s)
{
  struct clone_args args = { .exit_signal = SIGCHLD };
  const pid_t self = getpid();
  if (unit_is_slice(s->request.unit))
    return 0;
  s->keeper = sys_clone3(&args, sizeof args);
  if (s->keeper == 0)
    keep(self);
  return s->keeper < 0 ? fail(s, ERROR_KERNEL, errno, "cannot start a process for unit '%s'", s->request.unit)
                       : 0;
}

/* A unit of that name: waits until it has ended, and lets systemd forget it. Its processes are none of our
 * business: a unit that has some stays. */
static int clear_leftover(struct session *s)
{
  const struct timespec nap = { .tv_nsec = LEFTOVER_NAP_NS };
  const int64_t deadline = now_ms() + LEFTOVER_TIMEOUT_MS;
  const char *path = unit_path(s), *state;
  while ((state = path ? read_string(s, path, UNIT, "ActiveState") : NULL) != NULL
         && strcmp(state, "failed") != 0 && strcmp(state, "inactive") != 0) {
    if (now_ms() >= deadline)
      return fail(s, ERROR_STATE, 0,
                  "unit '%s' exists already, and is %s: a container needs a unit of its own", s->request.unit,
                  state);
    (void)nanosleep(&nap, NULL);
  }
  (void)sd_bus_call_method(s->bus, SYSTEMD, SYSTEMD_PATH, MANAGER, "ResetFailedUnit", NULL, NULL, "s",
                           s->request.unit); /* it may be gone by now */
  return 0;
}

static int make_start(struct session *s, sd_bus_message **message)
{
  int r =
      sd_bus_message_new_method_call(s->bus, message, SYSTEMD, SYSTEMD_PATH, MANAGER, "StartTransientUnit");
  if (r >= 0)
    r = sd_bus_message_append(*message, "ss", s->request.unit, "replace");
  if (r >= 0)
    r = append_properties(s, *message);
  return r < 0 ? r : sd_bus_message_append(*message, "a(sa(sv))", 0);
}

static int make_set(struct session *s, sd_bus_message **message)
{
  int r =
      sd_bus_message_new_method_call(s->bus, message, SYSTEMD, SYSTEMD_PATH, MANAGER, "SetUnitProperties");
  if (r >= 0)
    r = sd_bus_message_append(*message, "sb", s->request.unit, 1); /* until the next boot */
  return r < 0 ? r : append_properties(s, *message);
}

enum outcome { OUTCOME_DONE, OUTCOME_AGAIN, OUTCOME_FAILED };

/* What to do about an error: another try without a property, or after clearing, or none. */
static enum outcome judge(struct session *s, const char *method, const sd_bus_error *error, int r,
                          bool *cleared)
{
  if (sd_bus_error_has_name(error, ERROR_UNIT_EXISTS) && !*cleared) {
    *cleared = true;
    return clear_leftover(s) < 0 ? OUTCOME_FAILED : OUTCOME_AGAIN;
  }
  if (skip_refused(s, error))
    return OUTCOME_AGAIN;
  (void)fail_call(s, method, error, r);
  return OUTCOME_FAILED;
}

/* Calls a method that takes properties. 'answer' is to be unreferenced. */
static int call_with_properties(struct session *s, const char *method,
                                int (*make)(struct session *s, sd_bus_message **message),
                                sd_bus_message **answer)
{
  enum outcome outcome = OUTCOME_AGAIN;
  bool cleared = false;
  if (injected(s, "bus-call") < 0)
    return -1;
  while (outcome == OUTCOME_AGAIN) {
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *message = NULL;
    int r = make(s, &message);
    if (r < 0) {
      (void)fail(s, ERROR_INTERNAL, -r, "cannot put %s into a message", method);
      outcome = OUTCOME_FAILED;
    } else {
      r = sd_bus_call(s->bus, message, 0, &error, answer);
      outcome = r >= 0 ? OUTCOME_DONE : judge(s, method, &error, r, &cleared);
    }
    sd_bus_message_unref(message);
    sd_bus_error_free(&error);
  }
  return outcome == OUTCOME_DONE ? 0 : -1;
}

static int start_unit(struct session *s)
{
  sd_bus_message *answer = NULL;
  if (start_keeper(s) < 0 || watch_jobs(s) < 0
      || call_with_properties(s, "StartTransientUnit", make_start, &answer) < 0)
    return -1;
  int result = finish_job(s, answer, "start");
  sd_bus_message_unref(answer);
  const char *path = result == 0 ? unit_path(s) : NULL;
  if (path)
    s->reply.control_group = read_string(
        s, path, unit_is_slice(s->request.unit) ? SYSTEMD ".Slice" : SYSTEMD ".Scope", "ControlGroup");
  if (s->reply.control_group && !*s->reply.control_group)
    s->reply.control_group = NULL;
  return result;
}

static int set_properties(struct session *s)
{
  sd_bus_message *answer = NULL;
  int result = call_with_properties(s, "SetUnitProperties", make_set, &answer);
  sd_bus_message_unref(answer);
  return result;
}

/* --- attach ------------------------------------------------------------------------------------------ */

/* A user's systemd has the system's do what it may not do itself. */
static int attach_process(struct session *s)
{
  sd_bus_error error = SD_BUS_ERROR_NULL;
  if (injected(s, "bus-call") < 0)
    return -1;
  int r = sd_bus_call_method(s->bus, SYSTEMD, SYSTEMD_PATH, MANAGER, "AttachProcessesToUnit", &error, NULL,
                             "ssau", s->request.unit, "", 1, s->request.pid);
  int result = r < 0 ? fail_call(s, "AttachProcessesToUnit", &error, r) : 0;
  sd_bus_error_free(&error);
  return result;
}

/* --- stop -------------------------------------------------------------------------------------------- */

/* Security: by the time that we come, the name may be someone else's. */
static bool is_ours(struct session *s)
{
  const char *path = unit_path(s);
  const char *state = path ? read_string(s, path, UNIT, "LoadState") : NULL;
  const char *description = state ? read_string(s, path, UNIT, "Description") : NULL;
  return description && *s->request.mark && text_ends_with(description, s->request.mark);
}

static int stop_unit(struct session *s)
{
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message *answer = NULL;
  int result = 0;
  if (!is_ours(s))
    return 0;
  if (watch_jobs(s) < 0)
    return -1;
  int r = sd_bus_call_method(s->bus, SYSTEMD, SYSTEMD_PATH, MANAGER, "StopUnit", &error, &answer, "ss",
                             s->request.unit, "replace");
  if (r >= 0)
    result = finish_job(s, answer, "stop");
  else if (!sd_bus_error_has_name(&error, ERROR_NO_SUCH_UNIT))
    result = fail_call(s, "StopUnit", &error, r);
  (void)sd_bus_call_method(s->bus, SYSTEMD, SYSTEMD_PATH, MANAGER, "ResetFailedUnit", NULL, NULL, "s",
                           s->request.unit); /* the usual case: it is gone */
  sd_bus_message_unref(answer);
  sd_bus_error_free(&error);
  return result;
}

/* --- request and reply ------------------------------------------------------------------------------- */

static int perform(struct session *s)
{
  if (connect_bus(s) < 0)
    return -1;
  switch (s->request.verb) {
  case UNIT_START:
    return start_unit(s);
  case UNIT_SET:
    return set_properties(s);
  case UNIT_ATTACH:
    return attach_process(s);
  case UNIT_STOP:
    return stop_unit(s);
  }
  return -1;
}

static int read_request(struct session *s)
{
  char chunk[READ_BYTES];
  struct text message;
  struct error err = { 0 };
  text_init(&message, &s->arena);
  do {
    ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0 || memchr(chunk, '\0', (size_t)n) || message.length + (size_t)n > UNIT_MESSAGE_MAX_BYTES)
      return -1;
    text_add_bytes(&message, chunk, (size_t)n);
  } while (message.length == 0 || !text_ends_with(message.data, UNIT_MESSAGE_END));
  if (unit_request_read(&s->arena, text_string(&message), &s->request, &err) == 0)
    return 0;
  return fail(s, ERROR_INTERNAL, 0, "%s", error_frame(&err, 0));
}

static int send_reply(struct session *s)
{
  struct text message;
  text_init(&message, &s->arena);
  unit_reply_write(&s->reply, &message);
  for (size_t sent = 0; sent < message.length;) {
    ssize_t n = send(STDIN_FILENO, message.data + sent, message.length - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR)
      return -1;
    sent += n > 0 ? (size_t)n : 0;
  }
  return 0;
}

/* Until hull closes its end, or is gone. */
static void wait_for_end(void)
{
  char byte;
  ssize_t n;
  do
    n = read(STDIN_FILENO, &byte, 1);
  while (n > 0 || (n < 0 && errno == EINTR));
}

int main(void)
{
  struct session s = { .arena = ARENA_INIT };
  struct stat st;
  if (fstat(STDIN_FILENO, &st) < 0 || !S_ISSOCK(st.st_mode)) {
    (void)dprintf(STDERR_FILENO, "hull-systemd: this program is run by hull\n");
    return EXIT_FAILURE;
  }
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* then nobody would read the reply */
  fault_setup();
  if (read_request(&s) < 0 && !s.reply.failed)
    return EXIT_FAILURE;
  int result = s.reply.failed ? -1 : perform(&s);
  if (result < 0)
    end_keeper(&s); /* systemd stops what has no process any more */
  if (send_reply(&s) == 0 && s.keeper > 0)
    wait_for_end();
  end_keeper(&s);
  sd_bus_close_unref(s.bus); /* no flush: a bus that does not answer would be waited for */
  arena_release(&s.arena);
  return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
