/* SPDX-License-Identifier: Apache-2.0
 * State directories, and the operations that need no more than a process and its record: status, start, kill,
 * delete, list, hooks, hints. Inits are children of this test; without cgroups and without root. */
#include "libcontainer/base/error.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/text.h"
#include "libcontainer/runtime/destroy.h"
#include "libcontainer/runtime/hints.h"
#include "libcontainer/runtime/hooks.h"
#include "libcontainer/runtime/list.h"
#include "libcontainer/runtime/status.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static struct hull hull = { .root_fd = -1, .manager = MANAGER_DISABLED };

static const char *message(const struct error *err)
{
  static char text[2048];
  (void)error_format(err, text, sizeof text);
  return text;
}

#define CHECK_OK(call) (unit_check((call) == 0, __FILE__, __LINE__, #call) || (puts(message(&err)), false))
#define CHECK_FAILS(call, words)                                                                             \
  do {                                                                                                       \
    error_clear(&err);                                                                                       \
    if (CHECK((call) < 0) && !CHECK(strstr(message(&err), (words)) != NULL))                                 \
      puts(message(&err));                                                                                   \
  } while (0)

static struct container_state sample(const char *id)
{
  return (struct container_state){
    .oci_version = "1.2.0",
    .id = id,
    .bundle = "/b",
    .rootfs = "/b/rootfs",
    .created = "2026-01-02T03:04:05.000000006Z",
    .cgroup = { .manager = CGROUP_DISABLED },
    .owner = 0,
  };
}

/* A process that waits to be killed; also stands for init. */
static pid_t new_process(void)
{
  pid_t pid = fork();
  if (pid == 0)
    for (;;)
      pause();
  return pid;
}

static void set_process(struct container_state *state, pid_t pid)
{
  char letter;
  state->pid = pid;
  CHECK(proc_stat(pid, &letter, &state->start_time) == 0);
}

static bool exists(const char *path)
{
  return access(path, F_OK) == 0;
}

static void put_file(const char *path, const char *text)
{
  FILE *f = fopen(path, "we");
  if (CHECK(f != NULL)) {
    fputs(text, f);
    fclose(f);
  }
}

/* ROOT/ID with a committed record. */
static void make_container(const char *id, struct container_state *state)
{
  struct error err = { 0 };
  struct state_dir dir = STATE_DIR_INIT;
  CHECK_OK(state_claim(&hull, id, &dir, &err));
  CHECK_OK(state_write(&dir, STATE_INTENT, state, &err));
  CHECK_OK(state_write(&dir, STATE_NEW, state, &err));
  CHECK_OK(state_commit(&dir, &err));
  state_dir_close(&dir);
}

static enum container_status status_of(const char *id)
{
  struct arena arena = ARENA_INIT;
  struct error err = { 0 };
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  enum container_status status = STATUS_STOPPED;
  if (CHECK_OK(state_load(&hull, id, &arena, &dir, &state, &err)))
    status = container_status(&dir, &state);
  state_dir_close(&dir);
  arena_release(&arena);
  return status;
}

/* --- cases --------------------------------------------------------------------------------------- */

static void test_root(void)
{
  struct error err = { 0 };
  struct hull other = { .root = "/nowhere/hull", .root_fd = -1, .default_root = true };
  struct arena arena = ARENA_INIT;
  struct container_row *rows;
  CHECK_FAILS(state_root(&other, false, &err), "cannot open state root '/nowhere/hull'");
  CHECK_NUMBER(err.errnum, ENOENT);
  CHECK_NUMBER(containers_list(&other, &arena, false, &rows, &err), 0);
  other.default_root = false;
  CHECK_NUMBER(containers_list(&other, &arena, false, &rows, &err), -1);
  CHECK(!exists("/nowhere"));

  char open_dir[128];
  (void)snprintf(open_dir, sizeof open_dir, "%s/open", unit_dir);
  CHECK(mkdir(open_dir, 0700) == 0 && chmod(open_dir, 0777) == 0);
  other.root = open_dir;
  CHECK_FAILS(state_root(&other, true, &err), "can be written by others (mode 0777)");
  CHECK(chmod(open_dir, 0755) == 0);
  CHECK(state_root(&other, true, &err) >= 0);
  fd_close(&other.root_fd);

  struct stat st;
  CHECK(state_root(&hull, true, &err) >= 0); /* two levels are made */
  CHECK(stat(hull.root, &st) == 0 && (st.st_mode & 07777) == 0700);
  arena_release(&arena);
}

static void test_round_trip(void)
{
  struct error err = { 0 };
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT;
  char keys[2][8] = { "a", "k/\"\n" }, values[2][8] = { "1", "\xc3\xa4\\" };
  struct string_pair pairs[] = { { keys[0], values[0] }, { keys[1], values[1] } };
  struct container_state state = sample("full"), got;
  state.pid = 4711;
  state.start_time = UINT64_MAX;
  state.namespaces = CLONE_NEWPID | CLONE_NEWNET;
  state.user_namespace = state.has_poststart = state.has_poststop = true;
  state.owner = 4294967294u;
  state.cgroup = (struct cgroup_record){ .manager = CGROUP_FS,
                                         .path = "/a/b c",
                                         .nonce = "0123456789abcdef",
                                         .existing = 2,
                                         .made = true,
                                         .inode = 77 };
  state.annotations.items = pairs;
  state.annotations.count = state.annotations.capacity = 2;
  make_container("full", &state);
  if (!CHECK_OK(state_load(&hull, "full", &arena, &dir, &got, &err)))
    return;
  CHECK(got.committed);
  CHECK_STRING(got.oci_version, "1.2.0");
  CHECK_STRING(got.id, "full");
  CHECK_STRING(got.bundle, "/b");
  CHECK_STRING(got.rootfs, "/b/rootfs");
  CHECK_STRING(got.created, state.created);
  CHECK_NUMBER(got.pid, 4711);
  CHECK(got.start_time == UINT64_MAX);
  CHECK(got.namespaces == state.namespaces);
  CHECK(got.user_namespace && got.has_poststart && got.has_poststop);
  CHECK_NUMBER(got.owner, 4294967294u);
  CHECK_NUMBER(got.cgroup.manager, CGROUP_FS);
  CHECK_STRING(got.cgroup.path, "/a/b c");
  CHECK_STRING(got.cgroup.nonce, "0123456789abcdef");
  CHECK_NUMBER(got.cgroup.existing, 2);
  CHECK(got.cgroup.made);
  CHECK_NUMBER(got.cgroup.inode, 77);
  if (CHECK_NUMBER(got.annotations.count, 2)) {
    CHECK_STRING(got.annotations.items[1].key, "k/\"\n");
    CHECK_STRING(got.annotations.items[1].value, "\xc3\xa4\\");
  }
  /* What a runtime leaves that is killed while it replaces one of the files. */
  static const char *const half[] = { ".config.json.tmp", ".seccomp.bpf.tmp", ".state.json.tmp" };
  for (size_t i = 0; i < UNIT_COUNT(half); i++)
    close(openat(dir.fd, half[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  state_dir_close(&dir);
  CHECK_OK(state_remove(&hull, "full", &err));
  CHECK_OK(state_remove(&hull, "full", &err)); /* gone is fine */
  arena_release(&arena);
}

static void test_ids_and_claims(void)
{
  static const char *const bad[] = { "", "..", "a/b", ".pins", "a b", "\xc3\xa4" };
  struct error err = { 0 };
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT, second = STATE_DIR_INIT;
  struct container_state state;
  char name[301] = "";
  memset(name, 'x', 300);
  for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
    unit_at(bad[i]);
    CHECK(state_load(&hull, bad[i], &arena, &dir, &state, &err) < 0 && err.kind == ERROR_USAGE);
    CHECK(container_delete(&hull, bad[i], true, &err) < 0);
  }
  unit_at(NULL);
  CHECK_FAILS(state_load(&hull, name, &arena, &dir, &state, &err), "longer than");
  CHECK_FAILS(state_load(&hull, "none", &arena, &dir, &state, &err),
              "container 'none': container does not exist");
  CHECK(err.kind == ERROR_STATE && err.errnum == 0);

  CHECK_OK(state_claim(&hull, "one", &dir, &err));
  CHECK_FAILS(state_claim(&hull, "one", &second, &err), "container with given ID already exists");
  CHECK(second.fd == -1);
  CHECK_NUMBER(status_of("one"), STATUS_CREATING);
  state_dir_close(&dir);
  CHECK_NUMBER(status_of("one"), STATUS_STOPPED); /* its creator is dead */
  CHECK_OK(state_remove(&hull, "one", &err));

  /* Exactly one of many wins. */
  int winners = 0;
  for (int i = 0; i < 8; i++)
    if (fork() == 0) {
      struct state_dir mine = STATE_DIR_INIT;
      _exit(state_claim(&hull, "race", &mine, &err) == 0 ? 0 : 1);
    }
  for (int status; wait(&status) > 0;)
    winners += WIFEXITED(status) && WEXITSTATUS(status) == 0;
  CHECK_NUMBER(winners, 1);
  CHECK_OK(container_delete(&hull, "race", false, &err));
  arena_release(&arena);
}

/* What a create that was killed may leave. */
static void test_half_way(void)
{
  static const struct {
    const char *name, *intent, *state_new, *state;
    pid_t pid;
    bool readable;
  } rows[] = {
    { "directory only", NULL, NULL, NULL, 0, true },
    { "empty intent", "", NULL, NULL, 0, true },
    { "half an intent", "{\"id\":\"half\",\"pid\":", NULL, NULL, 0, true },
    { "intent", "{\"id\":\"half\",\"bundle\":\"/b\"}", NULL, NULL, 0, true },
    { "half a state", "{\"id\":\"half\"}", "{\"id\":\"half\",\"pid\":1", NULL, 0, true },
    { "a state not committed", "{\"id\":\"half\"}", "{\"id\":\"half\",\"pid\":7}", NULL, 7, true },
    { "a foreign record", "{\"id\":\"other\",\"pid\":7}", NULL, NULL, 0, true },
    { "a damaged state", "{\"id\":\"half\"}", NULL, "{\"pid\":[]}", 0, false },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct error err = { 0 };
    struct arena arena = ARENA_INIT;
    struct state_dir dir = STATE_DIR_INIT;
    struct container_state state;
    struct container_row *list = NULL;
    unit_at(rows[i].name);
    CHECK_OK(state_claim(&hull, "half", &dir, &err));
    state_dir_close(&dir);
    if (rows[i].intent)
      put_file("root/hull/half/" STATE_INTENT, rows[i].intent);
    if (rows[i].state_new)
      put_file("root/hull/half/" STATE_NEW, rows[i].state_new);
    if (rows[i].state)
      put_file("root/hull/half/" STATE_FILE, rows[i].state);
    put_file("root/hull/half/.config.json.tmp", "");
    CHECK((state_load(&hull, "half", &arena, &dir, &state, &err) == 0) == rows[i].readable);
    CHECK(dir.fd >= 0 && !state.committed);
    CHECK_STRING(state.id, "half");
    CHECK_NUMBER(state.pid, rows[i].pid);
    CHECK_NUMBER(state.cgroup.manager, CGROUP_DISABLED);
    state_dir_close(&dir);
    if (CHECK_NUMBER(containers_list(&hull, &arena, false, &list, &err), 1)) {
      CHECK_STRING(list[0].id, "half");
      CHECK_STRING(list[0].status, "stopped");
    }
    if (!rows[i].readable)
      CHECK_FAILS(container_delete(&hull, "half", false, &err), "damaged");
    error_clear(&err);
    CHECK_OK(container_delete(&hull, "half", true, &err));
    CHECK(!exists("root/hull/half"));
    arena_release(&arena);
  }
  unit_at(NULL);
}

static void test_delete(void)
{
  struct error err = { 0 };
  struct container_state state = sample("d");
  CHECK_FAILS(container_delete(&hull, "d", false, &err), "container does not exist");
  error_clear(&err);
  CHECK_OK(container_delete(&hull, "d", true, &err));

  pid_t pid = new_process();
  set_process(&state, pid);
  make_container("d", &state);
  CHECK_NUMBER(status_of("d"), STATUS_RUNNING);
  CHECK_FAILS(container_delete(&hull, "d", false, &err),
              "cannot delete container 'd' that is not stopped: running");
  error_clear(&err);
  CHECK_OK(container_delete(&hull, "d", true, &err));
  CHECK(waitpid(pid, NULL, 0) < 0 && errno == ECHILD); /* reaped by delete */
  CHECK(!exists("root/hull/d"));

  /* A pid that belongs to someone else by now is left alone. */
  pid = new_process();
  set_process(&state, pid);
  state.start_time++;
  make_container("d", &state);
  CHECK_NUMBER(status_of("d"), STATUS_STOPPED);
  CHECK_FAILS(container_kill(&hull, "d", SIGKILL, false, &err), "container not running");
  CHECK_OK(container_delete(&hull, "d", true, &err));
  CHECK(waitpid(pid, NULL, WNOHANG) == 0);

  /* A file that is not ours. */
  state.start_time--;
  make_container("d", &state);
  put_file("root/hull/d/notes", "");
  CHECK_FAILS(container_delete(&hull, "d", true, &err), "'notes' in it is not ours");
  CHECK(unlink("root/hull/d/notes") == 0);
  error_clear(&err);
  CHECK_OK(container_delete(&hull, "d", true, &err));
  CHECK(waitpid(pid, NULL, 0) < 0);
}

static void test_kill(void)
{
  struct error err = { 0 };
  struct container_state state = sample("k");
  int status;
  CHECK_FAILS(container_kill(&hull, "k", SIGTERM, false, &err), "container 'k': container does not exist");
  pid_t pid = new_process();
  set_process(&state, pid);
  make_container("k", &state);
  CHECK_OK(container_kill(&hull, "k", 0, false, &err));
  CHECK_FAILS(container_kill(&hull, "k", 200, false, &err), "cannot send signal 200");
  error_clear(&err);
  CHECK_OK(container_kill(&hull, "k", SIGTERM, false, &err));
  siginfo_t info;
  CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0 && info.si_status == SIGTERM);
  CHECK_FAILS(container_kill(&hull, "k", SIGTERM, false, &err), "container not running"); /* a zombie */
  CHECK_NUMBER(status_of("k"), STATUS_STOPPED);
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK_FAILS(container_kill(&hull, "k", SIGTERM, false, &err), "container not running");
  error_clear(&err);
  CHECK_OK(container_kill(&hull, "k", SIGKILL, true, &err));
  CHECK_FAILS(container_pause(&hull, "k", &err), "container not running");
  CHECK_FAILS(container_resume(&hull, "k", &err), "container not paused");
  CHECK_OK(container_delete(&hull, "k", false, &err));
}

/* Behaves as init does in wait_for_start and after; 'what' says how it goes on. */
enum fate { FATE_EXEC, FATE_EXEC_AND_STAY, FATE_ERROR, FATE_DIE, FATE_NONSENSE };
static pid_t new_init(const char *id, enum fate fate)
{
  char path[128];
  int ready[2];
  char byte;
  CHECK(pipe2(ready, O_CLOEXEC) == 0);
  pid_t pid = fork();
  if (pid == 0) {
    (void)snprintf(path, sizeof path, "%s/root/hull/%s", unit_dir, id);
    if (chdir(path) < 0 || mkfifo(STATE_START_FIFO, 0600) < 0 || mkfifo(STATE_REPLY_FIFO, 0600) < 0)
      _exit(99);
    int start = open(STATE_START_FIFO, O_RDWR | O_CLOEXEC),
        reply = open(STATE_REPLY_FIFO, O_RDWR | O_CLOEXEC);
    close(ready[0]);
    close(ready[1]);
    if (read(start, &byte, 1) != 1)
      _exit(98);
    struct error err = { 0 };
    error_set(&err, ERROR_CONFIG, 0, "exec nothing: no such file or directory");
    error_in_step(&err, "execve");
    if (fate == FATE_EXEC)
      execl("/bin/sh", "sh", "-c", "exit 3", (char *)NULL);
    if (fate == FATE_EXEC_AND_STAY)
      execl("/bin/sh", "sh", "-c", "while :; do sleep 1; done", (char *)NULL);
    if (fate == FATE_ERROR)
      (void)!write(reply, &err, sizeof err);
    if (fate == FATE_NONSENSE)
      (void)!write(reply, &err, 17);
    _exit(1);
  }
  close(ready[1]);
  CHECK(read(ready[0], &byte, 1) == 0);
  close(ready[0]);
  return pid;
}

static void test_start(void)
{
  static const struct {
    const char *name;
    enum fate fate;
    const char *words; /* of the error; NULL: none */
  } rows[] = {
    { "execve", FATE_EXEC, NULL },
    { "execve, lives on", FATE_EXEC_AND_STAY, NULL },
    { "an error", FATE_ERROR, "cannot start container 's': " },
    { "dies", FATE_DIE, "container init died" },
    { "malformed error", FATE_NONSENSE, "malformed" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct error err = { 0 };
    struct container_state state = sample("s");
    unit_at(rows[i].name);
    make_container("s", &state);
    pid_t pid = new_init("s", rows[i].fate);
    set_process(&state, pid);
    put_file("root/hull/s/" STATE_FILE, "");
    struct arena arena = ARENA_INIT;
    struct container_state ignored;
    struct state_dir dir = STATE_DIR_INIT;
    (void)state_load(&hull, "s", &arena, &dir, &ignored, &err);
    CHECK_OK(state_write(&dir, STATE_FILE, &state, &err));
    state_dir_close(&dir);
    arena_release(&arena);
    CHECK_NUMBER(status_of("s"), STATUS_CREATED);
    CHECK_FAILS(container_pause(&hull, "s", &err), "it has no cgroup");
    if (rows[i].words) {
      CHECK_FAILS(container_start(&hull, "s", &err), rows[i].words);
      CHECK_NUMBER(status_of("s"), STATUS_STOPPED);
      CHECK_FAILS(container_start(&hull, "s", &err), "cannot start a container that has stopped");
    } else {
      error_clear(&err);
      CHECK_OK(container_start(&hull, "s", &err));
      CHECK(!exists("root/hull/s/" STATE_START_FIFO) && !exists("root/hull/s/" STATE_REPLY_FIFO));
    }
    if (rows[i].fate == FATE_EXEC_AND_STAY) {
      CHECK_NUMBER(status_of("s"), STATUS_RUNNING);
      CHECK_FAILS(container_start(&hull, "s", &err), "cannot start an already running container");
    }
    error_clear(&err);
    CHECK_OK(container_delete(&hull, "s", true, &err));
    (void)waitpid(pid, NULL, 0);
  }
  unit_at(NULL);
}

/* `start` was killed after init had gone on: the fifos are there, and nobody reads. */
static void test_stale_fifo(void)
{
  struct error err = { 0 };
  struct container_state state = sample("f");
  set_process(&state, new_process());
  make_container("f", &state);
  CHECK(mkfifo("root/hull/f/" STATE_START_FIFO, 0600) == 0);
  CHECK_NUMBER(status_of("f"), STATUS_RUNNING);
  CHECK_OK(container_delete(&hull, "f", true, &err));
}

static void test_poststart_and_poststop(void)
{
  struct error err = { 0 };
  struct container_state state = sample("h");
  state.has_poststart = state.has_poststop = true;
  make_container("h", &state);
  pid_t pid = new_init("h", FATE_EXEC_AND_STAY);
  set_process(&state, pid);
  struct state_dir dir = { .fd = open("root/hull/h", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
  CHECK_OK(state_write(&dir, STATE_FILE, &state, &err));
  state_dir_close(&dir);
  char config[1024];
  (void)snprintf(
      config, sizeof config,
      "{\"process\":{\"ignored\":[1,2]},\"hooks\":{"
      "\"poststart\":[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"cat >%s/poststart; exit 4\"]}],"
      "\"poststop\":[{\"path\":\"/bin/false\"},"
      "{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"cat >%s/poststop\"]}]}}",
      unit_dir, unit_dir);
  put_file("root/hull/h/" STATE_CONFIG, config);
  CHECK_FAILS(container_start(&hull, "h", &err), "poststart hook #0 '/bin/sh' failed with exit status 4");
  CHECK(!state_exists(&hull, "h")); /* it was ended for that */
  CHECK(waitpid(pid, NULL, 0) < 0);
  char text[512] = "", wanted[128];
  FILE *f = fopen("poststart", "re");
  if (CHECK(f && fgets(text, sizeof text, f)))
    fclose(f);
  (void)snprintf(
      wanted, sizeof wanted,
      "{\"ociVersion\":\"1.2.0\",\"id\":\"h\",\"status\":\"running\",\"pid\":%d,\"bundle\":\"/b\"}",
      (int)pid);
  CHECK_STRING(text, wanted);
  f = fopen("poststop", "re");
  if (CHECK(f && fgets(text, sizeof text, f)))
    fclose(f);
  CHECK_STRING(text, "{\"ociVersion\":\"1.2.0\",\"id\":\"h\",\"status\":\"stopped\",\"bundle\":\"/b\"}");
}

static void test_list(void)
{
  struct error err = { 0 };
  struct arena arena = ARENA_INIT;
  struct container_state b = sample("b"), a = sample("a");
  struct container_row *rows = NULL;
  struct text json;
  pid_t pid = new_process();
  set_process(&a, pid);
  make_container("b", &b);
  make_container("a", &a);
  CHECK(mkdir("root/hull/.cache", 0700) == 0);
  if (CHECK_NUMBER(containers_list(&hull, &arena, false, &rows, &err), 2)) {
    CHECK_STRING(rows[0].id, "a");
    CHECK_STRING(rows[0].status, "running");
    CHECK_NUMBER(rows[0].pid, pid);
    CHECK_STRING(rows[0].owner, "root");
    CHECK_STRING(rows[0].created, a.created);
    CHECK_STRING(rows[1].id, "b");
    CHECK_STRING(rows[1].status, "stopped");
    CHECK_NUMBER(rows[1].pid, 0);
    CHECK(rows[1].state_json && strstr(rows[1].state_json, "\"status\": \"stopped\""));
  }
  text_init(&json, &arena);
  CHECK_OK(container_state_json(&hull, "b", &json, &err));
  CHECK_STRING(text_string(&json), rows ? rows[1].state_json : "");
  CHECK_OK(container_delete(&hull, "a", true, &err));
  CHECK_OK(container_delete(&hull, "b", true, &err));
  CHECK(rmdir("root/hull/.cache") == 0);
  arena_release(&arena);
}

static void test_unpack(void)
{
  struct error sent, got = { 0 };
  error_set(&sent, ERROR_CONFIG, EPERM, "x");
  CHECK(error_unpack(&sent, sizeof sent, &got) == 0);
  CHECK_STRING(error_frame(&got, 0), "x");
  CHECK(error_unpack(&sent, sizeof sent - 1, &got) < 0);
  sent.used = UINT16_MAX;
  CHECK(error_unpack(&sent, sizeof sent, &got) < 0);
  sent.used = sizeof sent.frames;
  sent.frame_count = 999;
  memset(sent.frames, 'y', sizeof sent.frames);
  CHECK(error_unpack(&sent, sizeof sent, &got) == 0);
  CHECK(error_frame(&got, 1) == NULL && strlen(error_frame(&got, 0)) == sizeof sent.frames - 1);
  sent.kind = ERROR_NONE;
  CHECK(error_unpack(&sent, sizeof sent, &got) < 0);
}

static void test_hints(void)
{
  static const struct {
    const char *step;
    int errnum;
    const char *frame, *words;
  } rows[] = {
    { "spawn-init", EAGAIN, "cannot start init", "pids.max" },
    { "spawn-init", ENOSPC, "cannot start init", "max_*_namespaces" },
    { "rlimits", EPERM, "cannot set RLIMIT_NOFILE", "CAP_SYS_RESOURCE" },
    { "", 0, "cannot run newuidmap", "/etc/subuid" },
    { "mounts", EPERM, "cannot mount '/proc'", "masked" },
    { "mounts", EINVAL, "cannot mount '/data'", NULL },
    { "", EMFILE, "cannot open 'x'", "ulimit -n" },
    { "", EPERM, "whatever", NULL },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct error err = { 0 };
    unit_at(rows[i].frame);
    error_set(&err, ERROR_KERNEL, rows[i].errnum, "%s", rows[i].frame);
    error_in_step(&err, rows[i].step);
    error_wrap(&err, "cannot create container 'x'");
    const char *hint = hint_for(&err);
    CHECK(rows[i].words ? hint && strstr(hint, rows[i].words) : hint == NULL);
  }
  unit_at(NULL);
}

static int64_t now_ns(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Not checked, as machines differ: claim, intent, state, commit, load, remove. */
static void show_cost(void)
{
  struct error err = { 0 };
  struct container_state state = sample("cost");
  char key[] = "org.example.key", value[] = "some value of an annotation";
  struct string_pair pair = { key, value };
  state.annotations.items = &pair;
  state.annotations.count = state.annotations.capacity = 1;
  const int rounds = 1000;
  int64_t claim = 0, write = 0, load = 0, gone = 0;
  for (int i = 0; i < rounds; i++) {
    struct arena arena = ARENA_INIT;
    struct container_state got;
    struct state_dir dir = STATE_DIR_INIT, again = STATE_DIR_INIT;
    int64_t t0 = now_ns();
    (void)state_claim(&hull, "cost", &dir, &err);
    int64_t t1 = now_ns();
    (void)state_write(&dir, STATE_INTENT, &state, &err);
    (void)state_write(&dir, STATE_NEW, &state, &err);
    (void)state_commit(&dir, &err);
    int64_t t2 = now_ns();
    (void)state_load(&hull, "cost", &arena, &again, &got, &err);
    int64_t t3 = now_ns();
    state_dir_close(&dir);
    state_dir_close(&again);
    (void)state_remove(&hull, "cost", &err);
    gone += now_ns() - t3;
    claim += t1 - t0;
    write += t2 - t1;
    load += t3 - t2;
    arena_release(&arena);
  }
  printf("claim %.1f us, two writes and commit %.1f us, load %.1f us, remove %.1f us\n",
         (double)claim / rounds / 1000, (double)write / rounds / 1000, (double)load / rounds / 1000,
         (double)gone / rounds / 1000);
}

int main(void)
{
  char root[96];
  (void)snprintf(root, sizeof root, "%s/root/hull", unit_temp_dir());
  hull.root = root;
  if (proc_root(NULL) < 0)
    unit_skip("no /proc");
  test_root();
  test_round_trip();
  test_ids_and_claims();
  test_half_way();
  test_delete();
  test_kill();
  test_start();
  test_stale_fifo();
  test_poststart_and_poststop();
  test_list();
  test_unpack();
  test_hints();
  show_cost();
  return unit_finish();
}
