/* SPDX-License-Identifier: Apache-2.0
 * Raw system calls that the C library lacks or wraps badly. All return -1 with errno; all descriptors are
 * close-on-exec. Constants that older headers lack come from sys_compat.h. */
#pragma once
#include "sys_compat.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct clone_args;
struct mount_attr;
struct open_how;

pid_t sys_clone3(struct clone_args *args, size_t size);
int sys_openat2(int dirfd, const char *path, const struct open_how *how);
int sys_open_tree(int dirfd, const char *path, unsigned flags); /* OPEN_TREE_CLOEXEC is added */
int sys_move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int sys_fsopen(const char *type);
int sys_fsconfig(int fs, unsigned command, const char *key, const void *value, int aux);
int sys_fsmount(int fs, unsigned attributes);
int sys_fspick(int dirfd, const char *path, unsigned flags);
int sys_mount_setattr(int dirfd, const char *path, unsigned flags, const struct mount_attr *attr);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_pidfd_open(pid_t pid, unsigned flags);
int sys_pidfd_send_signal(int pidfd, int signal);
int sys_pidfd_getfd(int pidfd, int fd);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
int sys_execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags);
int sys_capset(const uint64_t *effective, const uint64_t *permitted, const uint64_t *inheritable);
int sys_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);
int sys_seccomp(unsigned op, unsigned flags, void *args);
int sys_bpf(int command, void *attr, unsigned size);
/* setgroups, setresuid, setresgid of this thread by raw calls: the C library's wrappers signal other
 * threads. */
int sys_setgroups(size_t count, const uint32_t *gids);
int sys_setresuid(uint32_t uid);
int sys_setresgid(uint32_t gid);
int sys_getcwd(char *buffer, size_t size); /* raw: the result may start with "(unreachable)" */
long sys_keyctl(int operation, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
