/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * syscalls.c - look-ups in the table of system calls; see syscalls.h.
 *
 * All tables are constant and hold no pointers: a static PIE would have to relocate these at each start, whether it
 * has a policy or not. Strings lie in one object each and are found by 16-bit offsets.
 */
#include "policy/syscalls.h"

/* A kind and a name for each argument, each name with its 0; an empty one is the end. */
#define I(name) "\1" #name "\0"
#define L(name) "\2" #name "\0"
#define O(name) "\3" #name "\0"
#define P(name) "\4" #name "\0"
#define A(name) "\5" #name "\0"
#define VOID ""
enum { ALIAS = 5 };
_Static_assert(SBX_ARG_INT == 1 && SBX_ARG_LONG == 2 && SBX_ARG_LOFF == 3 && SBX_ARG_PTR == 4, "the macros above");

static const struct names {
#define SYSCALL(name, ...) char of_##name[sizeof #name];
#include "policy/syscalls.def"
} names = {
#define SYSCALL(name, ...) #name,
#include "policy/syscalls.def"
};

/* By the hash of their names; SYSCALL_SLOTS has free ones, so a search ends. */
static const int16_t slots[] = {
#define SYSCALL_SLOTS(...) __VA_ARGS__
#include "policy/syscalls.def"
};

static const uint16_t name_at[SBX_N_SYSCALLS] = {
#define SYSCALL(name, ...) offsetof(struct names, of_##name),
#include "policy/syscalls.def"
};

static const struct args {
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) char of_##name[sizeof args];
#define SYSCALL_ON(name, abi, args) char of_##name##_##abi[sizeof args];
#include "policy/syscalls.def"
} args = {
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) args,
#define SYSCALL_ON(name, abi, args) args,
#include "policy/syscalls.def"
};

static const uint16_t args_at[SBX_N_SYSCALLS] = {
#define SYSCALL(name, ...) offsetof(struct args, of_##name),
#include "policy/syscalls.def"
};

static const struct {
	int16_t id;
	uint8_t abi;
	uint16_t args_at;
} exceptions[] = {
#define SYSCALL_ON(name, abi, ...) { SBX_SYSCALL_##name, SBX_ABI_##abi, offsetof(struct args, of_##name##_##abi) },
#include "policy/syscalls.def"
};
_Static_assert(sizeof names < UINT16_MAX && sizeof args < UINT16_MAX, "offsets have 16 bits");

/*
 * ARM's private calls begin at 0xf0000 (__ARM_NR_BASE), and the numbers here have 16 bits. They are moved to where no
 * other number is, and are in no array by number: sbx_syscall_by_nr() searches them.
 */
enum { ARM_PRIVATE = 0xf0000, ARM_PRIVATE_END = 0xf0100, MOVED = 0x4000 };
#define NR16(nr) ((int16_t)((nr) >= ARM_PRIVATE ? MOVED + ((nr) & 0xff) : (nr)))

static const int16_t nr_of[SBX_N_SYSCALLS][SBX_N_ABIS] = {
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) { nr0, nr1, nr2, nr3, NR16(nr4), nr5, nr6, nr7 },
#include "policy/syscalls.def"
};

/* By number. A call that an ABI lacks goes to the entry behind the last, which nobody reads. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
enum { N_NUMBERS = 480, N_NUMBERS_X32 = 548 };
#define AT(n, nr, name) [(nr) < 0 || (nr) >= (n) ? (n) : (nr)] = SBX_SYSCALL_##name,
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) AT(N_NUMBERS, nr0, name)
static const int16_t by_x86_64[N_NUMBERS + 1] = { [0 ... N_NUMBERS] = -1,
#include "policy/syscalls.def"
};
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) AT(N_NUMBERS, nr1, name)
static const int16_t by_i386[N_NUMBERS + 1] = { [0 ... N_NUMBERS] = -1,
#include "policy/syscalls.def"
};
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) AT(N_NUMBERS_X32, nr2, name)
static const int16_t by_x32[N_NUMBERS_X32 + 1] = { [0 ... N_NUMBERS_X32] = -1,
#include "policy/syscalls.def"
};
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) AT(N_NUMBERS, nr3, name)
static const int16_t by_aarch64[N_NUMBERS + 1] = { [0 ... N_NUMBERS] = -1,
#include "policy/syscalls.def"
};
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) AT(N_NUMBERS, nr4, name)
static const int16_t by_arm[N_NUMBERS + 1] = { [0 ... N_NUMBERS] = -1,
#include "policy/syscalls.def"
};
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) AT(N_NUMBERS, nr5, name)
static const int16_t by_riscv64[N_NUMBERS + 1] = { [0 ... N_NUMBERS] = -1,
#include "policy/syscalls.def"
};
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) AT(N_NUMBERS, nr6, name)
static const int16_t by_ppc64le[N_NUMBERS + 1] = { [0 ... N_NUMBERS] = -1,
#include "policy/syscalls.def"
};
#define SYSCALL(name, nr0, nr1, nr2, nr3, nr4, nr5, nr6, nr7, args) AT(N_NUMBERS, nr7, name)
static const int16_t by_s390x[N_NUMBERS + 1] = { [0 ... N_NUMBERS] = -1,
#include "policy/syscalls.def"
};
#pragma GCC diagnostic pop

static const char *name_of(int id)
{
	return (const char *)&names + name_at[id];
}

int sbx_syscall_find(const char *name)
{
	uint32_t at = 0;

	/* As dev/syscalls does it. */
	for (const char *c = name; *c; c++)
		at = at * 31 + (unsigned char)*c;
	at ^= at >> 10;
	for (;; at++) {
		int id = slots[at % ARRAY_LEN(slots)];

		if (id < 0 || sbx_streq(name, name_of(id)))
			return id;
	}
}

const char *sbx_syscall_name(int id)
{
	assert(id >= 0 && id < SBX_N_SYSCALLS);
	return name_of(id);
}

const char *const *sbx_syscall_names(void)
{
	static const char *list[SBX_N_SYSCALLS];

	if (!list[0]) {
		for (int i = SBX_N_SYSCALLS - 1; i >= 0; i--)
			list[i] = name_of(i);
	}
	return list;
}

int64_t sbx_syscall_nr(int id, enum sbx_abi abi)
{
	int64_t nr;

	assert(id >= 0 && id < SBX_N_SYSCALLS && abi < SBX_N_ABIS);
	nr = nr_of[id][abi];
	if (nr < 0)
		return -1;
	if (nr >= MOVED)
		nr += ARM_PRIVATE - MOVED;
	return nr | sbx_abi_info(abi)->nr_flag;
}

const int16_t *sbx_syscall_numbers(enum sbx_abi abi, size_t *ret_n)
{
	*ret_n = abi == SBX_ABI_X32 ? N_NUMBERS_X32 : N_NUMBERS;
	switch (abi) {
	case SBX_ABI_X86_64:
		return by_x86_64;
	case SBX_ABI_I386:
		return by_i386;
	case SBX_ABI_X32:
		return by_x32;
	case SBX_ABI_AARCH64:
		return by_aarch64;
	case SBX_ABI_ARM:
		return by_arm;
	case SBX_ABI_RISCV64:
		return by_riscv64;
	case SBX_ABI_PPC64LE:
		return by_ppc64le;
	case SBX_ABI_S390X:
		return by_s390x;
	case SBX_ABI_NONE:
	case SBX_N_ABIS:
		break;
	}
	assert(false);
	return NULL;
}

int sbx_syscall_by_nr(enum sbx_abi abi, uint32_t nr)
{
	uint32_t flag = sbx_abi_info(abi)->nr_flag;
	const int16_t *ids;
	size_t n;

	if (abi == SBX_ABI_ARM && nr >= ARM_PRIVATE && nr < ARM_PRIVATE_END) {
		for (int i = 0; i < SBX_N_SYSCALLS; i++) {
			if (nr_of[i][abi] == NR16((int32_t)nr))
				return i;
		}
		return -1;
	}
	if ((nr & flag) != flag)
		return -1;
	nr &= ~flag;
	ids = sbx_syscall_numbers(abi, &n);
	return nr < n ? ids[nr] : -1;
}

/* The arguments of a call: kind, name, 0 … */
static const char *args_of(int id, enum sbx_abi abi)
{
	uint16_t at;

	assert(id >= 0 && id < SBX_N_SYSCALLS && abi < SBX_N_ABIS);
	at = args_at[id];
	for (size_t i = 0; i < ARRAY_LEN(exceptions); i++) {
		if (exceptions[i].id == id && exceptions[i].abi == abi)
			at = exceptions[i].args_at;
	}
	return (const char *)&args + at;
}

int sbx_syscall_arg(int id, enum sbx_abi abi, const char *name)
{
	bool narrow = sbx_abi_info(abi)->word == 4;
	int index = -1;

	for (const char *s = args_of(id, abi); *s; s += strlen(s) + 1) {
		if (*s != ALIAS) {
			/* Behind two registers with or without a gap before them. */
			if (narrow && index >= 0 && s[0] && sbx_syscall_arg_kind(id, abi, (unsigned)index) == SBX_ARG_LOFF)
				return -1;
			index++;
		}
		if (sbx_streq(s + 1, name))
			return index;
	}
	return -1;
}

const char *sbx_syscall_arg_name(int id, enum sbx_abi abi, unsigned index)
{
	bool narrow = sbx_abi_info(abi)->word == 4;
	unsigned i = 0;

	for (const char *s = args_of(id, abi); *s; s += strlen(s) + 1) {
		if (*s == ALIAS)
			continue;
		if (i == index)
			return s + 1;
		if (narrow && *s == SBX_ARG_LOFF)
			return NULL;
		i++;
	}
	return NULL;
}

enum sbx_sysarg_kind sbx_syscall_arg_kind(int id, enum sbx_abi abi, unsigned index)
{
	bool narrow = sbx_abi_info(abi)->word == 4;
	unsigned place = 0;

	for (const char *s = args_of(id, abi); *s; s += strlen(s) + 1) {
		unsigned first = place;

		if (*s == ALIAS)
			continue;
		place++;
		if (narrow && *s == SBX_ARG_LOFF) {
			/* ARM has the two in an even register and the next one; what is skipped counts as part of them. */
			place = abi == SBX_ABI_ARM ? (first + 1) / 2 * 2 + 2 : first + 2;
		}
		if (index >= first && index < place)
			return (enum sbx_sysarg_kind)*s;
	}
	return SBX_ARG_NONE;
}
