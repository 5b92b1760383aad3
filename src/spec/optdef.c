/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* optdef.c - the option table expanded. */
#include "spec/optdef.h"

#include "base/err.h"

#define ARG0              \
	0,                \
	{                 \
		{         \
			0 \
		}         \
	}
#define ARG1(k, n)                     \
	1,                             \
	{                              \
		{                      \
			SBX_ARG_##k, n \
		}                      \
	}
#define ARG2(k1, n1, k2, n2)             \
	2,                               \
	{                                \
		{ SBX_ARG_##k1, n1 },    \
		{                        \
			SBX_ARG_##k2, n2 \
		}                        \
	}
#define ARG3(k1, n1, k2, n2, k3, n3)                        \
	3,                                                  \
	{                                                   \
		{ SBX_ARG_##k1, n1 }, { SBX_ARG_##k2, n2 }, \
		{                                           \
			SBX_ARG_##k3, n3                    \
		}                                           \
	}

const struct sbx_optdef sbx_optdefs[SBX_OPT_COUNT] = {
#define OPT(id, name, group, flags, merge, slot, args, help) \
	[SBX_OPT_##                                          \
	    id] = { SBX_OPT_##id, name, SBX_GROUP_##group, flags, SBX_MERGE_##merge, SBX_SLOT_##slot, args, help },
#include "spec/options.def"
#undef OPT
};

const char *const sbx_group_titles[SBX_GROUP_COUNT] = {
	[SBX_GROUP_PROFILES] = "Profiles",
	[SBX_GROUP_FILESYSTEM] = "Filesystem",
	[SBX_GROUP_ENVIRONMENT] = "Environment",
	[SBX_GROUP_NAMESPACES] = "Namespaces",
	[SBX_GROUP_IDENTITY] = "Identity and capabilities",
	[SBX_GROUP_SECCOMP] = "System calls",
	[SBX_GROUP_LIMITS] = "Limits",
	[SBX_GROUP_PROCESS] = "Process",
	[SBX_GROUP_OUTPUT] = "Output",
};

const struct sbx_optdef *sbx_optdef_find(const char *name)
{
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		if (sbx_streq(sbx_optdefs[i].name, name))
			return &sbx_optdefs[i];
	}
	return NULL;
}

const char *sbx_optdef_nearest(const char *name, unsigned flags)
{
	const char *names[SBX_OPT_COUNT];
	size_t n = 0;

	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		if (sbx_optdefs[i].flags & flags)
			names[n++] = sbx_optdefs[i].name;
	}
	return sbx_nearest(name, names, n);
}
