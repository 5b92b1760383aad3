/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* seal.c - see seal.h; the rules are in capabilities(7). */
#include "run/seal.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/sys.h"

enum { LOW, HIGH, N_WORDS = _LINUX_CAPABILITY_U32S_3 };

/* The kernel's own calls: a library for them would be loaded, and would probe the kernel, at every start. */
static int get_caps(struct __user_cap_data_struct *ret)
{
	struct __user_cap_header_struct self = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &self, ret) < 0 ? -errno : 0;
}

static int put_caps(const struct __user_cap_data_struct *caps)
{
	struct __user_cap_header_struct self = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capset, &self, caps) < 0 ? -errno : 0;
}

/* The running kernel's capabilities end where it does not know the next, which may be beyond the headers'. */
static int drop_bounding(uint64_t keep)
{
	for (unsigned cap = 0; cap < 64; cap++) {
		if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return errno == EINVAL && cap > CAP_SETFCAP ? 0 : -errno;
	}
	return 0;
}

/* 1, 0 or a negative errno: not to know must not end in keeping the set. */
static int may_drop_bounding(void)
{
	struct __user_cap_data_struct caps[N_WORDS];
	int r = get_caps(caps);

	return r < 0 ? r : (caps[LOW].effective & CAP_TO_MASK(CAP_SETPCAP)) != 0;
}

/* Bits that the kernel does not know are passed over, capset(2). */
static int set_caps(uint64_t caps)
{
	const uint32_t low = (uint32_t)caps, high = (uint32_t)(caps >> 32);
	const struct __user_cap_data_struct data[N_WORDS] = { { low, low, low }, { high, high, high } };

	return put_caps(data);
}

static int raise_ambient(uint64_t caps)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	for (unsigned cap = 0; cap < 64 && caps >> cap; cap++) {
		if ((caps >> cap & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return errno == EINVAL && cap > CAP_SETFCAP ? 0 : -errno;
	}
	return 0;
}

/*
 * Without granted capabilities user 0 of the sandbox is nobody special, for good: it gains none by execve(2)
 * or by changing ids. With granted ones the usual rules of root hold, as programs that ask for them expect.
 */
static int set_securebits(uint64_t caps)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
				   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	return caps == 0 && prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0 ? -errno : 0;
}

static int set_caps_of_command(uint64_t caps)
{
	int r = set_securebits(caps);

	if (r == 0)
		r = drop_bounding(caps);
	if (r == 0)
		r = set_caps(caps);
	return r < 0 ? r : raise_ambient(caps);
}

/* From user 0 to another the effective set is emptied; the permitted one is whole. */
static int restore_effective(void)
{
	struct __user_cap_data_struct caps[N_WORDS];
	int r = get_caps(caps);

	for (size_t i = 0; i < N_WORDS && r == 0; i++)
		caps[i].effective = caps[i].permitted;
	return r < 0 ? r : put_caps(caps);
}

static int set_ids(const struct sbx_plan *plan)
{
	/* -1 leaves an id as it is, setresuid(2). */
	uid_t uid = plan->uid == plan->caller_uid ? (uid_t)-1 : plan->uid;
	gid_t gid = plan->gid == plan->caller_gid ? (gid_t)-1 : plan->gid;

	if (plan->drop_groups && setgroups(0, NULL) < 0)
		return -errno;
	if (uid == (uid_t)-1 && gid == (gid_t)-1)
		return 0;
	/* Capabilities must live until the seal drops them itself. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	return restore_effective();
}

static int set_limits(
    const struct sbx_plan *plan, sbx_skipped_fn *skipped, void *data, enum sbx_stage *ret_stage, int *ret_index)
{
	for (size_t i = 0; i < plan->n_rlimits; i++) {
		const struct sbx_rlimit *l = &plan->rlimits[i].limit;
		const struct rlimit value = { .rlim_cur = l->soft, .rlim_max = l->hard };

		*ret_stage = SBX_STAGE_RLIMIT;
		*ret_index = (int)i;
		if (setrlimit((__rlimit_resource_t)l->resource, &value) == 0)
			continue;
		if (!plan->rlimits[i].try)
			return -errno;
		skipped(data, SBX_STAGE_RLIMIT, (int)i, errno);
	}
	*ret_stage = SBX_STAGE_NICE;
	*ret_index = -1;
	if (plan->set_nice && setpriority(PRIO_PROCESS, 0, plan->nice) < 0) {
		if (!plan->nice_try)
			return -errno;
		skipped(data, SBX_STAGE_NICE, -1, errno);
	}
	return 0;
}

bool sbx_seal_is_shared(const struct sbx_plan *plan)
{
	return plan->caps == 0 && !plan->as_pid_1 && !plan->nested && !plan->drop_groups &&
	       plan->uid == plan->caller_uid && plan->gid == plan->caller_gid;
}

int sbx_seal_shared(void)
{
	int r = set_securebits(0);

	return r < 0 ? r : sbx_seal_self();
}

int sbx_seal_command(
    const struct sbx_plan *plan, sbx_skipped_fn *skipped, void *data, enum sbx_stage *ret_stage, int *ret_index)
{
	int r = set_limits(plan, skipped, data, ret_stage, ret_index);

	if (r < 0 || sbx_seal_is_shared(plan))
		return r;
	*ret_stage = SBX_STAGE_IDS;
	*ret_index = -1;
	r = set_ids(plan);
	if (r < 0)
		return r;
	*ret_stage = SBX_STAGE_CAPS;
	r = set_caps_of_command(plan->caps);
	if (r < 0)
		return r;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int sbx_seal_self(void)
{
	int r;

	/*
	 * First: what runs in the sandbox already may not trace this process in the moment after its capabilities,
	 * which forbid that too, are gone.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* An ordinary caller's supervisor has nothing in its sets and may not change the bounding set. */
	r = may_drop_bounding();
	if (r > 0)
		r = drop_bounding(0);
	if (r < 0)
		return r;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	return set_caps(0);
}

int sbx_seal_init(const struct sbx_plan *plan, enum sbx_stage *ret_stage)
{
	int signal, r;

	*ret_stage = SBX_STAGE_IDS;
	r = prctl(PR_GET_PDEATHSIG, &signal) < 0 ? -errno : set_ids(plan);
	if (r < 0)
		return r;
	*ret_stage = SBX_STAGE_INIT;
	/* A change of ids undoes it, prctl(2). The supervisor may still kill us: it owns our user namespace. */
	return prctl(PR_SET_PDEATHSIG, signal) < 0 ? -errno : sbx_seal_self();
}
