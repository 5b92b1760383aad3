/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe_lsm.c - probes of seccomp and of the security modules. */
#include <fcntl.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "host/probe.h"

#define SMALL_FILE_MAX ((size_t)4096)

/* First line of a file, or NULL. */
static char *read_line(const struct sbx_host *h, const char *path)
{
	char *text;
	size_t len;

	if (sbx_read_path(h->arena, AT_FDCWD, path, SMALL_FILE_MAX, &text, &len) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

bool sbx_probe_landlock(const struct sbx_host *h, struct sbx_why *ret)
{
	/* LANDLOCK_CREATE_RULESET_VERSION: the answer is the ABI, nothing is created. */
	long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, 1U);

	if (abi > 0)
		return sbx_answer(ret, true, sbx_strf(h->arena, "ABI %ld", abi));
	if (errno == EOPNOTSUPP)
		return sbx_answer(ret, false, "built into this kernel, but not switched on at boot");
	if (errno == ENOSYS)
		return sbx_answer(ret, false, "this kernel has none");
	return sbx_answer(ret, false, sbx_strf(h->arena, "landlock_create_ruleset: %s", strerror(errno)));
}

/* The kernel lists what a filter may answer; asking seccomp(2) could meet an outer filter instead. */
static bool seccomp_action(const struct sbx_host *h, const char *action, struct sbx_why *ret)
{
	static const char path[] = "/proc/sys/kernel/seccomp/actions_avail";
	char *text = read_line(h, path), *save = NULL;

	if (!text)
		return sbx_answer(ret, false, sbx_strf(h->arena, "no %s", path));
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (sbx_streq(word, action))
			return sbx_answer(ret, true, sbx_strf(h->arena, "the kernel offers '%s'", action));
	}
	return sbx_answer(ret, false, sbx_strf(h->arena, "%s does not list '%s'", path, action));
}

bool sbx_probe_seccomp(const struct sbx_host *h, struct sbx_why *ret)
{
	return seccomp_action(h, "errno", ret);
}

bool sbx_probe_seccomp_notify(const struct sbx_host *h, struct sbx_why *ret)
{
	return seccomp_action(h, "user_notif", ret);
}

bool sbx_probe_apparmor(const struct sbx_host *h, struct sbx_why *ret)
{
	const char *enabled = read_line(h, "/sys/module/apparmor/parameters/enabled"), *label;

	if (!enabled)
		return sbx_answer(ret, false, "this kernel has none");
	if (enabled[0] != 'Y')
		return sbx_answer(ret, false, "built into this kernel, but not switched on at boot");
	label = read_line(h, "/proc/self/attr/apparmor/current");
	return sbx_answer(ret, true, sbx_strf(h->arena, "sbx runs as %s", label && *label ? label : "unconfined"));
}

bool sbx_probe_selinux(const struct sbx_host *h, struct sbx_why *ret)
{
	const char *enforce = read_line(h, "/sys/fs/selinux/enforce");

	if (!enforce)
		return sbx_answer(ret, false, "no /sys/fs/selinux/enforce");
	return sbx_answer(ret, true, sbx_streq(enforce, "1") ? "enforcing" : "permissive");
}
