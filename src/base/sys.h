/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys.h - system calls and constants that Debian 12's headers (glibc 2.36, Linux 6.1) lack or hide.
 * Each wrapper is the bare call: -1 and errno on failure. Man pages: section 2 of the same name.
 */
#ifndef SBX_BASE_SYS_H
#define SBX_BASE_SYS_H

#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, sizeof *how);
}

static inline pid_t sys_clone3(struct clone_args *args)
{
	return (pid_t)syscall(SYS_clone3, args, sizeof *args);
}

/*
 * The call that is older than clone3(2), as a fork: no stack, no thread area. The low byte of its flags is the signal
 * at the end, so that CLONE_NEWTIME can't be among them.
 */
static inline pid_t sys_clone(unsigned long flags, int exit_signal)
{
#if defined(__s390__)
	return (pid_t)syscall(SYS_clone, NULL, flags | (unsigned long)exit_signal, NULL, NULL, NULL);
#else
	return (pid_t)syscall(SYS_clone, flags | (unsigned long)exit_signal, NULL, NULL, NULL, NULL);
#endif
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

static inline int sys_pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static inline int sys_pidfd_send_signal(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#endif
