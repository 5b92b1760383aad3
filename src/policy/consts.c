/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* consts.c - look-ups in the table of constants; see consts.h. It holds no pointers, as syscalls.c has none. */
#include "policy/consts.h"

enum {
#define CONST(name, value) ID_##name,
#include "policy/consts.def"
	N_CONSTS
};

static const struct names {
#define CONST(name, value) char of_##name[sizeof #name];
#include "policy/consts.def"
} names = {
#define CONST(name, value) #name,
#include "policy/consts.def"
};
_Static_assert(sizeof names < UINT16_MAX, "offsets have 16 bits");

static const uint16_t name_at[N_CONSTS] = {
#define CONST(name, value) offsetof(struct names, of_##name),
#include "policy/consts.def"
};

static const uint64_t values[N_CONSTS] = {
#define CONST(name, value) UINT64_C(value),
#include "policy/consts.def"
};

static const struct {
	int16_t id;
	uint8_t abi;
	uint32_t value;
} exceptions[] = {
#define CONST_ON(name, abi, value) { ID_##name, SBX_ABI_##abi, value },
#include "policy/consts.def"
};

static const char *name_of(int id)
{
	return (const char *)&names + name_at[id];
}

static uint64_t value_of(int id, enum sbx_abi abi)
{
	for (size_t i = 0; i < ARRAY_LEN(exceptions) && exceptions[i].id <= id; i++) {
		if (exceptions[i].id == id && exceptions[i].abi == abi)
			return exceptions[i].value;
	}
	return values[id];
}

static int find(const char *name)
{
	int low = 0, high = N_CONSTS;

	while (low < high) {
		int middle = (low + high) / 2, order = strcmp(name, name_of(middle));

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

bool sbx_const_find(const char *name, uint64_t ret[SBX_N_ABIS])
{
	int id = find(name);
	size_t low = 0, high = ARRAY_LEN(exceptions);

	if (id < 0)
		return false;
	for (int abi = 0; abi < SBX_N_ABIS; abi++)
		ret[abi] = values[id];
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (exceptions[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < ARRAY_LEN(exceptions) && exceptions[low].id == id; low++)
		ret[exceptions[low].abi] = exceptions[low].value;
	return true;
}

const char *const *sbx_const_names(size_t *ret_n)
{
	static const char *list[N_CONSTS];

	if (!list[0]) {
		for (int i = N_CONSTS - 1; i >= 0; i--)
			list[i] = name_of(i);
	}
	*ret_n = N_CONSTS;
	return list;
}

const char *sbx_const_name(const char *prefix, enum sbx_abi abi, uint64_t value)
{
	for (int i = 0; i < N_CONSTS; i++) {
		if (sbx_starts_with(name_of(i), prefix) && value_of(i, abi) == value)
			return name_of(i);
	}
	return NULL;
}

/* Second names, which strerrorname_np(3) does not tell */
static const struct {
	const char *name;
	unsigned number;
} errno_aliases[] = {
	{ "EWOULDBLOCK", EWOULDBLOCK },
	{ "EDEADLOCK", EDEADLOCK },
	{ "ENOTSUP", ENOTSUP },
	{ "EOPNOTSUPP", EOPNOTSUPP },
};
enum { ERRNO_MAX = 4095 }; /* the largest that a filter can return */

const char *sbx_errno_name(unsigned number)
{
	return number > 0 && number <= ERRNO_MAX ? strerrorname_np((int)number) : NULL;
}

unsigned sbx_errno_find(const char *name)
{
	for (unsigned i = 1; i <= EHWPOISON; i++) {
		const char *s = sbx_errno_name(i);

		if (s && sbx_streq(s, name))
			return i;
	}
	for (size_t i = 0; i < ARRAY_LEN(errno_aliases); i++) {
		if (sbx_streq(errno_aliases[i].name, name))
			return errno_aliases[i].number;
	}
	return 0;
}
