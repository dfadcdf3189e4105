/* SPDX-License-Identifier: Apache-2.0
 * Raw system calls; nothing but the call. */
#include "libcontainer/base/sys.h"
#include <linux/capability.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 32-bit machines keep the 16-bit calls under the plain names. */
#ifdef SYS_setgroups32
#define SETGROUPS SYS_setgroups32
#define SETRESUID SYS_setresuid32
#define SETRESGID SYS_setresgid32
#else
#define SETGROUPS SYS_setgroups
#define SETRESUID SYS_setresuid
#define SETRESGID SYS_setresgid
#endif

pid_t sys_clone3(struct clone_args *args, size_t size)
{
  return (pid_t)syscall(SYS_clone3, args, size);
}

int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
  return (int)syscall(SYS_openat2, dirfd, path, how, sizeof *how);
}

int sys_open_tree(int dirfd, const char *path, unsigned flags)
{
  return (int)syscall(SYS_open_tree, dirfd, path, flags | OPEN_TREE_CLOEXEC);
}

int sys_move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
  return (int)syscall(SYS_move_mount, from_dir, from, to_dir, to, flags);
}

int sys_fsopen(const char *type)
{
  return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
}

int sys_fsconfig(int fs, unsigned command, const char *key, const void *value, int aux)
{
  return (int)syscall(SYS_fsconfig, fs, command, key, value, aux);
}

int sys_fsmount(int fs, unsigned attributes)
{
  return (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
}

int sys_fspick(int dirfd, const char *path, unsigned flags)
{
  return (int)syscall(SYS_fspick, dirfd, path, flags | FSPICK_CLOEXEC);
}

int sys_mount_setattr(int dirfd, const char *path, unsigned flags, const struct mount_attr *attr)
{
  return (int)syscall(SYS_mount_setattr, dirfd, path, flags, attr, sizeof *attr);
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
  return (int)syscall(SYS_pivot_root, new_root, put_old);
}

int sys_pidfd_open(pid_t pid, unsigned flags)
{
  return (int)syscall(SYS_pidfd_open, pid, flags);
}

int sys_pidfd_send_signal(int pidfd, int signal)
{
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int sys_pidfd_getfd(int pidfd, int fd)
{
  return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
  return (int)syscall(SYS_close_range, first, last, flags);
}

int sys_execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags)
{
  return (int)syscall(SYS_execveat, dirfd, path, argv, envp, flags);
}

int sys_capset(const uint64_t *effective, const uint64_t *permitted, const uint64_t *inheritable)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    data[i].effective = (uint32_t)(*effective >> (32 * i));
    data[i].permitted = (uint32_t)(*permitted >> (32 * i));
    data[i].inheritable = (uint32_t)(*inheritable >> (32 * i));
  }
  return (int)syscall(SYS_capset, &header, data);
}

int sys_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
  if (syscall(SYS_capget, &header, data) < 0)
    return -1;
  *effective = data[0].effective | (uint64_t)data[1].effective << 32;
  *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
  *inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
  return 0;
}

int sys_seccomp(unsigned op, unsigned flags, void *args)
{
  return (int)syscall(SYS_seccomp, op, flags, args);
}

int sys_bpf(int command, void *attr, unsigned size)
{
  return (int)syscall(SYS_bpf, command, attr, size);
}

int sys_setgroups(size_t count, const uint32_t *gids)
{
  return (int)syscall(SETGROUPS, count, gids);
}

int sys_setresuid(uint32_t uid)
{
  return (int)syscall(SETRESUID, uid, uid, uid);
}

int sys_setresgid(uint32_t gid)
{
  return (int)syscall(SETRESGID, gid, gid, gid);
}

int sys_getcwd(char *buffer, size_t size)
{
  return (int)syscall(SYS_getcwd, buffer, size);
}

long sys_keyctl(int operation, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
  return syscall(SYS_keyctl, operation, a, b, c, d);
}
