/* SPDX-License-Identifier: Apache-2.0
 * What is written where, byte for byte, for controllers that few machines have: a directory with pipes and
 * plain files in place of a cgroup. What a kernel refuses is injected where the build can. */
#include "cgroups/cgroup.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "spec/spec.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FILES_MAX 8

static struct arena arena;
static struct error err;

/* A file of the cgroup that is there, and what reads it. */
static struct {
  const char *name;
  int pipe;
} files[FILES_MAX];
static size_t file_count;

static struct cgroup cgroup = { .fd = -1, .path = "/fake", .made = true };

static void take_away(const char *name)
{
  CHECK(unlinkat(cgroup.fd, name, 0) == 0);
}

static void forget_files(void)
{
  while (file_count > 0) {
    fd_close(&files[--file_count].pipe);
    take_away(files[file_count].name);
  }
}

static void put_file(const char *name, const char *text)
{
  int fd = openat(cgroup.fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  fd_close(&fd);
}

/* Files as pipes, so that every write is seen, in order; 'names' ends with NULL. A cgroup has a type. */
static void have(const char *const *names)
{
  forget_files();
  put_file("cgroup.type", "domain\n");
  for (; *names; names++) {
    CHECK(mkfifoat(cgroup.fd, *names, 0600) == 0);
    files[file_count].name = *names;
    files[file_count].pipe = openat(cgroup.fd, *names, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    CHECK(files[file_count++].pipe >= 0);
  }
}

/* What was written to a file since it was last asked. */
static const char *written(const char *name)
{
  static char text[1024];
  ssize_t n = 0;
  for (size_t i = 0; i < file_count; i++)
    if (strcmp(files[i].name, name) == 0)
      n = read(files[i].pipe, text, sizeof text - 1);
  text[n > 0 ? n : 0] = '\0';
  return text;
}

static int apply(const struct resources *resources)
{
  struct settings settings = { .count = 0 };
  error_clear(&err);
  CHECK_NUMBER(settings_from_resources(&arena, resources, &settings, &err), 0);
  return cgroup_apply(&cgroup, &settings, &err);
}

/* The whole error of an apply that fails: "cannot write ... (at POINTER)". */
static const char *refusal(const struct resources *resources)
{
  static char text[ERROR_TEXT_BYTES];
  text[0] = '\0';
  CHECK_NUMBER(apply(resources), -1);
  (void)error_format(&err, text, sizeof text);
  return text;
}

#define HAVE(...) have((const char *const[]){ __VA_ARGS__, NULL })

static void add_unified(struct resources *resources, const char *key, const char *value)
{
  *(struct string_pair *)vec_push(&arena, &resources->unified) =
      (struct string_pair){ (char *)key, (char *)value };
}

static void add_rdma(struct resources *resources, const char *device, int64_t handles, int64_t objects)
{
  *(struct rdma *)vec_push(&arena, &resources->rdma) = (struct rdma){ (char *)device,
                                                                      { handles >= 0, (uint64_t)handles },
                                                                      { objects >= 0, (uint64_t)objects } };
}

/* --- exact bytes ----------------------------------------------------------------------------------- */

static void test_rdma(void)
{
  struct resources resources = { .memory = NULL };
  add_rdma(&resources, "mlx5_1", 3, 10000);
  add_rdma(&resources, "ocrdma0", -1, 0);
  HAVE("rdma.max");
  CHECK_NUMBER(apply(&resources), 0);
  CHECK_STRING(written("rdma.max"), "mlx5_1 hca_handle=3 hca_object=10000"
                                    "ocrdma0 hca_object=0");
}

static void test_misc(void)
{
  struct resources resources = { .memory = NULL };
  add_unified(&resources, "misc.max", "sev 5\nsev_es max\n");
  HAVE("misc.max");
  CHECK_NUMBER(apply(&resources), 0);
  CHECK_STRING(written("misc.max"), "sev 5"
                                    "sev_es max");
}

static void test_hugetlb(void)
{
  struct resources resources = { .memory = NULL };
  *(struct hugepage_limit *)vec_push(&arena, &resources.hugepage_limits) =
      (struct hugepage_limit){ (char *)"2MB", { true, 4194304 } };
  *(struct hugepage_limit *)vec_push(&arena, &resources.hugepage_limits) =
      (struct hugepage_limit){ (char *)"1GB", { true, 0 } };
  HAVE("hugetlb.2MB.max", "hugetlb.2MB.rsvd.max", "hugetlb.1GB.max", "hugetlb.1GB.rsvd.max");
  CHECK_NUMBER(apply(&resources), 0);
  CHECK_STRING(written("hugetlb.2MB.max"), "4194304");
  CHECK_STRING(written("hugetlb.2MB.rsvd.max"), "4194304");
  CHECK_STRING(written("hugetlb.1GB.max"), "0");
  CHECK_STRING(written("hugetlb.1GB.rsvd.max"), "0");
  /* Before Linux 5.7 nothing counted reservations. */
  HAVE("hugetlb.2MB.max", "hugetlb.1GB.max");
  CHECK_NUMBER(apply(&resources), 0);
  CHECK_STRING(written("hugetlb.2MB.max"), "4194304");
  HAVE("hugetlb.2MB.max", "hugetlb.2MB.rsvd.max");
  CHECK_STRING(refusal(&resources),
               "cannot write '0' to '/fake/hugetlb.1GB.max' (this kernel has no huge pages of that size): No "
               "such file or directory (at /linux/resources/hugepageLimits/1)");
}

static void test_io(void)
{
  struct block_io io = { .weight = { true, 500 } };
  struct resources resources = { .block_io = &io };
  *(struct weight_device *)vec_push(&arena, &io.weight_device) =
      (struct weight_device){ .major = { true, 8 }, .minor = { true, 16 }, .weight = { true, 100 } };
  HAVE("io.bfq.weight", "io.weight");
  CHECK_NUMBER(apply(&resources), 0);
  CHECK_STRING(written("io.bfq.weight"), "500"
                                         "8:16 100");
  CHECK_STRING(written("io.weight"), "");
  HAVE("io.weight");
  CHECK_NUMBER(apply(&resources), 0);
  CHECK_STRING(written("io.weight"), "4950"
                                     "8:16 910");
  HAVE("io.max");
  CHECK_STRING(
      refusal(&resources),
      "cannot write '4950' to '/fake/io.weight' (this kernel weighs no io: neither the bfq scheduler "
      "nor iocost is there): No such file or directory (at /linux/resources/blockIO/weight)");
}

static void test_idle(void)
{
  struct cpu cpu = { .idle = { true, 1 } };
  struct resources resources = { .cpu = &cpu };
  HAVE("cpu.idle", "cpu.weight");
  CHECK_NUMBER(apply(&resources), 0);
  CHECK_STRING(written("cpu.idle"), "1");
  CHECK_STRING(written("cpu.weight"), "");
  cpu = (struct cpu){ .idle = { true, 0 }, .shares = { true, 512 } };
  CHECK_NUMBER(apply(&resources), 0);
  CHECK_STRING(written("cpu.idle"), "0");
  CHECK_STRING(written("cpu.weight"), "59");
  HAVE("cpu.weight"); /* before Linux 5.15 */
  CHECK_NUMBER(apply(&resources), 0);
  cpu = (struct cpu){ .idle = { true, 1 } };
  CHECK_STRING(
      refusal(&resources),
      "cannot write '1' to '/fake/cpu.idle' (before Linux 5.15 no cgroup can be idle): No such file or "
      "directory (at /linux/resources/cpu/idle)");
}

/* --- errors ---------------------------------------------------------------------------------------- */

static void test_gone(void)
{
  struct resources resources = { .memory = NULL };
  add_rdma(&resources, "mlx5_1", 3, -1);
  forget_files();
  take_away("cgroup.type");
  CHECK_STRING(refusal(&resources), "cgroup '/fake' has disappeared: somebody removed it: No such file or "
                                    "directory (at /linux/resources/rdma/mlx5_1)");
}

#ifdef HULL_FAULT_INJECTION
static const struct {
  const char *file, *value, *fault, *message;
} kernel_errors[] = {
  { "rdma.max", "mlx5_1 hca_handle=3", "ENODEV", "there is no such rdma device" },
  { "rdma.max", "mlx5_1 hca_handle=3", "EINVAL", "there is no such rdma device, or no such number" },
  { "misc.max", "sev 5", "EINVAL", "this machine has no such resource" },
  { "hugetlb.2MB.max", "5", "EINVAL", NULL },
  { "io.weight", "8:0 50", "ENODEV", "there is no such block device, or it is a partition" },
  { "io.bfq.weight", "8:0 50", "EOPNOTSUPP", "the device's io scheduler can't do it" },
  { "io.max", "8:0 rbps=0", "ERANGE", "rates are numbers above 0, or 'max'" },
  { "cpu.idle", "2", "EINVAL", NULL },
  { "cpu.weight", "0", "ERANGE", "weights are 1 to 10000" },
  { "cpu.max", "1 100000", "EINVAL", "a quota is at least 1000 us" },
  { "cpuset.cpus", "77", "ERANGE", "not a list of CPUs that this machine has" },
  { "cpuset.mems", "0", "ENOSPC", "processes are in it" },
  { "memory.max", "1", "EBUSY", "more is in use" },
  { "pids.max", "5", "EACCES", "not delegated to us" },
  { "pids.max", "5", "EROFS", "read-only" },
};

/* Each names the file, the value, what the kernel said, why if that is known, and where it was asked for. */
static void test_kernel_errors(void)
{
  for (size_t i = 0; i < UNIT_COUNT(kernel_errors); i++) {
    char fault[64], file[64], pointer[96];
    struct resources resources = { .memory = NULL };
    const char *text;
    unit_at(kernel_errors[i].file);
    (void)snprintf(fault, sizeof fault, "%s:%s", kernel_errors[i].file, kernel_errors[i].fault);
    CHECK(setenv("HULL_FAULT", fault, 1) == 0);
    fault_setup();
    add_unified(&resources, kernel_errors[i].file, kernel_errors[i].value);
    HAVE(kernel_errors[i].file);
    text = refusal(&resources);
    (void)snprintf(file, sizeof file, "cannot write '%s' to '/fake/%s'", kernel_errors[i].value,
                   kernel_errors[i].file);
    (void)snprintf(pointer, sizeof pointer, "(at /linux/resources/unified/%s)", kernel_errors[i].file);
    CHECK(strstr(text, file) && strstr(text, pointer) && strstr(text, strerror(err.errnum)));
    CHECK(!kernel_errors[i].message || strstr(text, kernel_errors[i].message));
    CHECK(unit_failed == 0 || printf("  %s\n", text) > 0);
  }
  unit_at(NULL);
  CHECK(unsetenv("HULL_FAULT") == 0);
  fault_setup();
}
#endif

/* --- putting back ---------------------------------------------------------------------------------- */

static const char *text_of(const char *name)
{
  static char text[256];
  int fd = openat(cgroup.fd, name, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  fd_close(&fd);
  text[n > 0 ? n : 0] = '\0';
  return text;
}

/* A refused value takes back what was written before it; plain files keep what a shorter value leaves of a
 * longer one, so the values here are as long. */
static void test_put_back(void)
{
  struct resources resources = { .memory = NULL };
  forget_files();
  add_unified(&resources, "rdma.max", "m hca_handle=3");
  add_unified(&resources, "misc.max", "sev 5");
  add_unified(&resources, "hugetlb.2MB.max", "4194304");
  add_unified(&resources, "io.bfq.weight", "500");
  put_file("cgroup.type", "domain\n");
  put_file("rdma.max", "m hca_handle=7 hca_object=max\n");
  put_file("misc.max", "sev 9\n");
  put_file("hugetlb.2MB.max", "2097152\n");
  cgroup.made = false; /* it was there before: nothing that it had may be lost */
  CHECK_NUMBER(apply(&resources), -1);
  CHECK_STRING(err.origin, "/linux/resources/unified/io.bfq.weight");
  CHECK(strstr(error_frame(&err, 1), "the old limits stay"));
  CHECK_STRING(text_of("rdma.max"), "m hca_handle=7 hca_object=max\n");
  CHECK_STRING(text_of("misc.max"), "sev 9\n");
  CHECK_STRING(text_of("hugetlb.2MB.max"), "2097152\n");
  put_file("io.bfq.weight", "default 100\n");
  CHECK_NUMBER(apply(&resources), 0);
  CHECK(strncmp(text_of("rdma.max"), "m hca_handle=3", strlen("m hca_handle=3")) == 0);
  CHECK_STRING(text_of("misc.max"), "sev 5\n");
  CHECK_STRING(text_of("hugetlb.2MB.max"), "4194304\n");
  cgroup.made = true;
}

int main(void)
{
  cgroup.fd = open(unit_temp_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  CHECK(cgroup.fd >= 0);
  test_rdma();
  test_misc();
  test_hugetlb();
  test_io();
  test_idle();
  test_gone();
#ifdef HULL_FAULT_INJECTION
  test_kernel_errors();
#endif
  test_put_back();
  forget_files();
  fd_close(&cgroup.fd);
  arena_release(&arena);
  return unit_finish();
}
