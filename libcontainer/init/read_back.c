/* SPDX-License-Identifier: Apache-2.0
 * --verify: what the kernel shows of the container, from inside, against the plan. A difference stops it.
 * Credentials are compared for every container: see user.c. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n';
}

static const char *skip_blanks(const char *s)
{
  while (is_blank(*s))
    s++;
  return s;
}

/* The same words: the kernel separates them by tabs and ends the line. */
static bool same_words(const char *a, const char *b)
{
  for (a = skip_blanks(a), b = skip_blanks(b); *a || *b;) {
    if (is_blank(*a) || is_blank(*b) || !*a || !*b) {
      if ((*a && !is_blank(*a)) || (*b && !is_blank(*b)))
        return false;
      a = skip_blanks(a);
      b = skip_blanks(b);
    } else if (*a++ != *b++) {
      return false;
    }
  }
  return true;
}

static int differs(const char *what, const char *asked, const char *shown, const char *origin,
                   struct error *err)
{
  (void)error_set(err, ERROR_KERNEL, 0, "%s was to be '%s', but the kernel shows '%.*s'", what, asked,
                  (int)strcspn(shown, "\n"), shown);
  return error_at(err, origin);
}

static int read_sysctls_back(const struct init_context *init, struct error *err)
{
  const struct plan_sysctl *sysctl;
  char shown[4096];
  if (init->plan->sysctls.count == 0)
    return 0;
  const int proc = rootfs_trusted_proc(init->rootfs, err);
  if (proc < 0)
    return -1;
  auto_close int proc_sys =
      open_beneath(proc, "sys", O_PATH | O_DIRECTORY, 0); /* our read-only path may cover it */
  if (proc_sys < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open 'sys' in our own procfs");
  vec_each (&init->plan->sysctls, sysctl) {
    if (file_read_small(proc_sys, sysctl->path, shown, sizeof shown) < 0) {
      if (errno == EACCES || errno == EPERM) /* can only be written */
        continue;
      (void)error_set(err, ERROR_KERNEL, errno, "cannot read the sysctl '%s' back", sysctl->path);
      return error_at(err, sysctl->origin);
    }
    if (!same_words(sysctl->value, shown))
      return differs(sysctl->path, sysctl->value, shown, sysctl->origin, err);
  }
  return 0;
}

static int read_rlimits_back(const struct init_context *init, struct error *err)
{
  const struct plan_rlimit *r;
  vec_each (&init->plan->process.rlimits, r) {
    struct rlimit64 limit;
    if (prlimit64(0, (__rlimit_resource_t)r->resource, NULL, &limit) < 0) {
      (void)error_set(err, ERROR_KERNEL, errno, "cannot read %s back", r->name);
      return error_at(err, r->origin);
    }
    if (limit.rlim_cur == r->soft && limit.rlim_max == r->hard)
      continue;
    (void)error_set(err, ERROR_KERNEL, 0,
                    "%s was to be %llu (soft) and %llu (hard), but the kernel shows %llu and %llu", r->name,
                    (unsigned long long)r->soft, (unsigned long long)r->hard,
                    (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
    return error_at(err, r->origin);
  }
  return 0;
}

static int read_names_back(const struct plan *plan, struct error *err)
{
  struct utsname shown;
  if (uname(&shown) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the host name back");
  if (plan->hostname && strcmp(plan->hostname, shown.nodename) != 0)
    return differs("the host name", plan->hostname, shown.nodename, "/hostname", err);
  if (plan->domainname && strcmp(plan->domainname, shown.domainname) != 0)
    return differs("the domain name", plan->domainname, shown.domainname, "/domainname", err);
  return 0;
}

int read_back(struct init_context *init, struct error *err)
{
  if (read_names_back(init->plan, err) < 0 || read_rlimits_back(init, err) < 0
      || read_sysctls_back(init, err) < 0)
    return -1;
  return init->plan->namespaces[NS_MOUNT].how == NS_NEW ? rootfs_read_back(init->plan, init->rootfs, err) : 0;
}
