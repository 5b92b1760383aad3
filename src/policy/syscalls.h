/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * syscalls.h - names, numbers and arguments of the system calls (syscalls.def), for every ABI on any host.
 *
 * A system call is its place in the table, `id`: 0 to SBX_N_SYSCALLS - 1, in the order of strcmp(3).
 */
#ifndef SBX_POLICY_SYSCALLS_H
#define SBX_POLICY_SYSCALLS_H

#include "policy/abi.h"

enum {
#define SYSCALL(name, ...) SBX_SYSCALL_##name,
#include "policy/syscalls.def"
#undef SYSCALL
	SBX_N_SYSCALLS
};

/* What the kernel makes of an argument; how much of the register counts in a comparison. */
enum sbx_sysarg_kind {
	SBX_ARG_NONE, /* the call has no such argument */
	SBX_ARG_INT, /* 4 bytes: int, unsigned int, uid_t, pid_t, key_serial_t … */
	SBX_ARG_LONG, /* a register: long, unsigned long, size_t */
	SBX_ARG_LOFF, /* loff_t, u64: 8 bytes; two registers, whose places differ, where a register has 4 */
	SBX_ARG_PTR, /* an address: comparing it says nothing about what it points to */
	SBX_ARG_SHORT, /* 2 bytes: umode_t, and old_uid_t of the old calls of i386 and arm */
};

/* The id of a name, or -1. */
int sbx_syscall_find(const char *name);
const char *sbx_syscall_name(int id);
/* All names, SBX_N_SYSCALLS of them, sorted; for "did you mean" and for completions. */
const char *const *sbx_syscall_names(void);

/* The number of a call, with the ABI's nr_flag; -1 if the ABI has no such call. */
int64_t sbx_syscall_nr(int id, enum sbx_abi abi);
/* The call of a number (with nr_flag), or -1 if the table has none. */
int sbx_syscall_by_nr(enum sbx_abi abi, uint32_t nr);
/*
 * All numbers of an ABI as ids: *ret_n entries, entry i is the id of number i (without nr_flag), -1 where none is.
 * ARM's private calls, from 0xf0000 on, are not among them: sbx_syscall_nr() and sbx_syscall_by_nr() know those.
 */
const int16_t *sbx_syscall_numbers(enum sbx_abi abi, size_t *ret_n);

/*
 * Place 0..5 of the argument `name` of a call, or -1. It can differ between ABIs (clone). Where a register has 4 bytes,
 * one of SBX_ARG_LOFF is found by the first of its registers and what stands behind it is not found.
 */
int sbx_syscall_arg(int id, enum sbx_abi abi, const char *name);
/* Its name, or NULL if the call has no argument there. */
const char *sbx_syscall_arg_name(int id, enum sbx_abi abi, unsigned index);
enum sbx_sysarg_kind sbx_syscall_arg_kind(int id, enum sbx_abi abi, unsigned index);

#endif
