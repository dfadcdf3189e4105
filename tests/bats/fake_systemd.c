/* SPDX-License-Identifier: Apache-2.0
 * In place of systemd on a bus of the tests: makes the cgroups of the units that it is asked for, and does on
 * demand what a systemd does rarely. Prints each call, a line each.
 *   fake_systemd BUS-ADDRESS CGROUP2-MOUNT [refuse=PROPERTY] [silent=METHOD] [die=METHOD] [job=RESULT]
 * [place=PATH] */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define NAME "org.freedesktop.systemd1"
#define ROOT "/org/freedesktop/systemd1"
#define UNITS_MAX 64

struct unit {
  char name[256], description[512], group[1024];
};
static struct unit units[UNITS_MAX];
static const char *mount, *refuse = "", *silent = "", *die = "", *result = "done", *place;
static unsigned jobs;

static struct unit *find_unit(const char *name)
{
  for (int i = 0; i < UNITS_MAX; i++)
    if (strcmp(units[i].name, name) == 0)
      return &units[i];
  return NULL;
}

static int write_file(const char *group, const char *file, const char *value)
{
  char path[2048];
  (void)snprintf(path, sizeof path, "%s%s/%s", mount, group, file);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : write(fd, value, strlen(value));
  if (fd >= 0)
    close(fd);
  return n < 0 ? -errno : 0;
}

static bool is_silent(const char *method)
{
  printf("\n%s", method);
  if (strcmp(die, method) == 0)
    exit(0);
  return strcmp(silent, method) == 0;
}

/* --- properties -------------------------------------------------------------------------------------- */

/* What is of interest of a(sv); the others are printed by name. */
struct asked {
  char description[512], slice[256];
  uint32_t pids[16];
  size_t pid_count;
};

static int read_one(sd_bus_message *m, struct asked *asked, sd_bus_error *error)
{
  const char *name, *contents, *text;
  char type;
  int r = sd_bus_message_read(m, "s", &name);
  if (r < 0 || (r = sd_bus_message_peek_type(m, &type, &contents)) < 0)
    return r;
  printf(" %s", name);
  if (strcmp(name, refuse) == 0)
    return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Value specified in %s is out of range", name);
  if (strcmp(contents, "s") == 0) {
    if ((r = sd_bus_message_read(m, "v", "s", &text)) < 0)
      return r;
    if (strcmp(name, "Description") == 0)
      (void)snprintf(asked->description, sizeof asked->description, "%s", text);
    if (strcmp(name, "Slice") == 0)
      (void)snprintf(asked->slice, sizeof asked->slice, "%s", text);
    return 0;
  }
  if (strcmp(contents, "t") == 0) {
    uint64_t value;
    r = sd_bus_message_read(m, "v", "t", &value);
    printf("=%llu", (unsigned long long)value);
    return r;
  }
  if (strcmp(name, "PIDs") != 0)
    return sd_bus_message_skip(m, "v");
  if ((r = sd_bus_message_enter_container(m, 'v', "au")) < 0
      || (r = sd_bus_message_enter_container(m, 'a', "u")) < 0)
    return r;
  while (asked->pid_count < 16 && sd_bus_message_read(m, "u", &asked->pids[asked->pid_count]) > 0)
    asked->pid_count++;
  r = sd_bus_message_exit_container(m);
  return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_properties(sd_bus_message *m, struct asked *asked, sd_bus_error *error)
{
  int r = sd_bus_message_enter_container(m, 'a', "(sv)");
  while (r >= 0 && (r = sd_bus_message_enter_container(m, 'r', "sv")) > 0) {
    r = read_one(m, asked, error);
    if (r >= 0)
      r = sd_bus_message_exit_container(m);
  }
  return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* --- methods ----------------------------------------------------------------------------------------- */

/* The reply first: a caller can't know the job before. */
static int end_job(sd_bus_message *m, const char *unit)
{
  char job[64];
  (void)snprintf(job, sizeof job, ROOT "/job/%u", ++jobs);
  int r = sd_bus_reply_method_return(m, "o", job);
  if (r < 0 || strcmp(result, "never") == 0)
    return r;
  return sd_bus_emit_signal(sd_bus_message_get_bus(m), ROOT, NAME ".Manager", "JobRemoved", "uoss", jobs, job,
                            unit, result);
}

static int start(sd_bus_message *m, void *data, sd_bus_error *error)
{
  const char *name, *mode;
  struct asked asked = { .pid_count = 0 };
  char path[2048];
  (void)data;
  if (is_silent("StartTransientUnit"))
    return 1;
  int r = sd_bus_message_read(m, "ss", &name, &mode);
  printf(" %s %s", name, r < 0 ? "" : mode);
  if (r < 0 || (r = read_properties(m, &asked, error)) < 0)
    return r;
  if (find_unit(name))
    return sd_bus_error_setf(error, NAME ".UnitExists", "Unit %s was already loaded", name);
  struct unit *unit = find_unit("");
  if (!unit)
    return -ENOSPC;
  (void)snprintf(unit->name, sizeof unit->name, "%s", name);
  (void)snprintf(unit->description, sizeof unit->description, "%s", asked.description);
  (void)snprintf(unit->group, sizeof unit->group, "/%s/%s", asked.slice, name);
  (void)snprintf(path, sizeof path, "%s/%s", mount, asked.slice);
  (void)mkdir(path, 0755);
  (void)snprintf(path, sizeof path, "%s%s", mount, unit->group);
  if (mkdir(path, 0755) < 0 && errno != EEXIST)
    return -errno;
  for (size_t i = 0; i < asked.pid_count && r >= 0; i++) {
    char pid[16];
    (void)snprintf(pid, sizeof pid, "%u", asked.pids[i]);
    r = write_file(unit->group, "cgroup.procs", pid);
  }
  return r < 0 ? r : end_job(m, name);
}

static int set(sd_bus_message *m, void *data, sd_bus_error *error)
{
  const char *name;
  int runtime;
  struct asked asked = { .pid_count = 0 };
  (void)data;
  if (is_silent("SetUnitProperties"))
    return 1;
  int r = sd_bus_message_read(m, "sb", &name, &runtime);
  if (r < 0 || (r = read_properties(m, &asked, error)) < 0)
    return r;
  if (!find_unit(name))
    return sd_bus_error_setf(error, NAME ".NoSuchUnit", "Unit %s not loaded.", name);
  return sd_bus_reply_method_return(m, "");
}

static int attach(sd_bus_message *m, void *data, sd_bus_error *error)
{
  const char *name, *below;
  char group[2048], text[16];
  uint32_t pid;
  (void)data;
  if (is_silent("AttachProcessesToUnit"))
    return 1;
  if (strcmp(refuse, "AttachProcessesToUnit") == 0)
    return sd_bus_error_setf(error, SD_BUS_ERROR_ACCESS_DENIED, "Access denied");
  int r = sd_bus_message_read(m, "ss", &name, &below);
  const struct unit *unit = r < 0 ? NULL : find_unit(name);
  if (!unit)
    return sd_bus_error_setf(error, NAME ".NoSuchUnit", "Unit %s not loaded.", name);
  printf(" %s '%s'", name, below);
  (void)snprintf(group, sizeof group, "%s%s", unit->group, below);
  r = sd_bus_message_enter_container(m, 'a', "u");
  while (r >= 0 && (r = sd_bus_message_read(m, "u", &pid)) > 0) {
    (void)snprintf(text, sizeof text, "%u", pid);
    r = write_file(group, "cgroup.procs", text);
  }
  return r < 0 ? r : sd_bus_reply_method_return(m, "");
}

static int stop(sd_bus_message *m, void *data, sd_bus_error *error)
{
  const char *name, *mode;
  char path[2048];
  (void)data;
  if (is_silent("StopUnit"))
    return 1;
  int r = sd_bus_message_read(m, "ss", &name, &mode);
  struct unit *unit = r < 0 ? NULL : find_unit(name);
  if (!unit)
    return sd_bus_error_setf(error, NAME ".NoSuchUnit", "Unit %s not loaded.", name);
  printf(" %s", name);
  (void)write_file(unit->group, "cgroup.kill", "1");
  (void)snprintf(path, sizeof path, "%s%s", mount, unit->group);
  for (int tries = 0; rmdir(path) < 0 && errno == EBUSY && tries < 200; tries++)
    (void)usleep(10000);
  r = end_job(m, name);
  *unit = (struct unit){ .name = "" };
  return r;
}

static int nothing(sd_bus_message *m, void *data, sd_bus_error *error)
{
  (void)data;
  (void)error;
  return sd_bus_reply_method_return(m, "");
}

/* --- objects ----------------------------------------------------------------------------------------- */

static int get(sd_bus *bus, const char *path, const char *interface, const char *property,
               sd_bus_message *reply, void *data, sd_bus_error *error)
{
  const struct unit *unit = data;
  (void)bus;
  (void)path;
  (void)interface;
  (void)error;
  const char *value = strcmp(property, "LoadState") == 0     ? "loaded"
                      : strcmp(property, "ActiveState") == 0 ? "active"
                      : strcmp(property, "Description") == 0 ? unit->description
                      : place                                ? place
                                                             : unit->group;
  return sd_bus_message_append(reply, "s", value);
}

static int find_object(sd_bus *bus, const char *path, const char *interface, void *data, void **found,
                       sd_bus_error *error)
{
  char *name = NULL;
  (void)bus;
  (void)interface;
  (void)data;
  (void)error;
  if (sd_bus_path_decode(path, ROOT "/unit", &name) <= 0)
    return 0;
  *found = *name ? find_unit(name) : NULL;
  free(name);
  return *found != NULL;
}

static const sd_bus_vtable manager[] = {
  SD_BUS_VTABLE_START(0),
  SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", start, SD_BUS_VTABLE_UNPRIVILEGED),
  SD_BUS_METHOD("SetUnitProperties", "sba(sv)", "", set, SD_BUS_VTABLE_UNPRIVILEGED),
  SD_BUS_METHOD("AttachProcessesToUnit", "ssau", "", attach, SD_BUS_VTABLE_UNPRIVILEGED),
  SD_BUS_METHOD("StopUnit", "ss", "o", stop, SD_BUS_VTABLE_UNPRIVILEGED),
  SD_BUS_METHOD("Subscribe", "", "", nothing, SD_BUS_VTABLE_UNPRIVILEGED),
  SD_BUS_METHOD("ResetFailedUnit", "s", "", nothing, SD_BUS_VTABLE_UNPRIVILEGED),
  SD_BUS_SIGNAL("JobRemoved", "uoss", 0),
  SD_BUS_VTABLE_END,
};
static const sd_bus_vtable unit_table[] = {
  SD_BUS_VTABLE_START(0),
  SD_BUS_PROPERTY("LoadState", "s", get, 0, 0),
  SD_BUS_PROPERTY("ActiveState", "s", get, 0, 0),
  SD_BUS_PROPERTY("Description", "s", get, 0, 0),
  SD_BUS_VTABLE_END,
};
static const sd_bus_vtable group_table[] = {
  SD_BUS_VTABLE_START(0),
  SD_BUS_PROPERTY("ControlGroup", "s", get, 0, 0),
  SD_BUS_VTABLE_END,
};

static void take_option(const char *option)
{
  static const struct {
    const char *prefix, **value;
  } options[] = { { "refuse=", &refuse },
                  { "silent=", &silent },
                  { "die=", &die },
                  { "job=", &result },
                  { "place=", &place } };
  for (size_t i = 0; i < sizeof options / sizeof *options; i++)
    if (strncmp(option, options[i].prefix, strlen(options[i].prefix)) == 0)
      *options[i].value = option + strlen(options[i].prefix);
}

int main(int argc, char **argv)
{
  sd_bus *bus = NULL;
  if (argc < 3)
    return 2;
  mount = argv[2];
  for (int i = 3; i < argc; i++)
    take_option(argv[i]);
  (void)setvbuf(stdout, NULL, _IONBF, 0); /* whoever has our answer finds the call in the log */
  int r = sd_bus_new(&bus);
  if (r >= 0 && (r = sd_bus_set_address(bus, argv[1])) >= 0 && (r = sd_bus_set_bus_client(bus, 1)) >= 0
      && (r = sd_bus_start(bus)) >= 0
      && (r = sd_bus_add_object_vtable(bus, NULL, ROOT, NAME ".Manager", manager, NULL)) >= 0
      && (r = sd_bus_add_fallback_vtable(bus, NULL, ROOT "/unit", NAME ".Unit", unit_table, find_object,
                                         NULL))
             >= 0
      && (r = sd_bus_add_fallback_vtable(bus, NULL, ROOT "/unit", NAME ".Scope", group_table, find_object,
                                         NULL))
             >= 0)
    r = sd_bus_request_name(bus, NAME, 0);
  if (r >= 0)
    printf("ready");
  while (r >= 0) {
    r = sd_bus_process(bus, NULL);
    if (r == 0)
      r = sd_bus_wait(bus, UINT64_MAX);
  }
  (void)fprintf(stderr, "fake_systemd: %s\n", strerror(-r));
  return 1;
}
