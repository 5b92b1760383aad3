/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filters.c - see filters.h. */
#include "policy/filters.h"

#include <fcntl.h>
#include <linux/capability.h>

#include "base/fd.h"
#include "policy/load.h"

/* What is asked for makes namespaces, which `default` forbids. */
static bool makes_namespaces(const struct sbx_spec *spec)
{
	return sbx_spec_get(spec, SBX_OPT_ENABLE_USERNS) || sbx_spec_get(spec, SBX_OPT_USERNS) ||
	       (sbx_spec_caps(spec) >> CAP_SYS_ADMIN & 1);
}

const char *sbx_filters_policy_name(const struct sbx_spec *spec, const struct sbx_origin **ret_at)
{
	const struct sbx_item *item = sbx_spec_get(spec, SBX_OPT_SECCOMP);

	*ret_at = item ? item->at : NULL;
	if (!item && sbx_spec_get(spec, SBX_OPT_ADD_SECCOMP_FD))
		return NULL;
	if (!item)
		return makes_namespaces(spec) ? "nested" : "default";
	return item->arg[0].seccomp.kind == SBX_SECCOMP_POLICY ? item->arg[0].text : NULL;
}

/* As bubblewrap takes it: an array of struct sock_filter. The kernel checks what it means. */
static int read_raw(struct sbx_arena *a, struct sbx_diags *d, const struct sbx_item *item, struct sbx_raw_filter *ret)
{
	enum { MAX = SBX_BPF_MAX * sizeof(struct sbx_insn) };
	const char *what = item->def->name;
	struct sbx_insn *insns;
	size_t len;
	char *text;
	int r;

	_Static_assert(sizeof(struct sbx_insn) == 8, "as struct sock_filter");
	if (fcntl(ret->fd, F_GETFD) < 0) {
		(void)sbx_error(d, -EBADF, item->at, "%s: file descriptor %d is not open", what, ret->fd);
		sbx_hint(d,
		    "whoever starts sbx must hand it over, as the shell does with %d<FILE; a policy whose name "
		    "is a number can be said as a path",
		    ret->fd);
		return -EBADF;
	}
	r = sbx_read_file(a, ret->fd, MAX, &text, &len);
	if (r == -EFBIG)
		return sbx_error(d, r, item->at, "%s: what file descriptor %d gives is longer than %d instructions",
		    what, ret->fd, SBX_BPF_MAX);
	if (r < 0)
		return sbx_error(
		    d, r, item->at, "%s: can't read from file descriptor %d: %s", what, ret->fd, strerror(-r));
	if (len == 0 || len % sizeof *insns != 0) {
		(void)sbx_error(d, -EINVAL, item->at,
		    "%s: file descriptor %d gives %zu bytes, which is no program of %zu bytes an instruction", what,
		    ret->fd, len, sizeof *insns);
		sbx_hint(d, "it must be what seccomp_export_bpf(3) writes, from where it stands to the end of file");
		return -EINVAL;
	}
	insns = sbx_alloc_array(a, len / sizeof *insns, sizeof *insns);
	memcpy(insns, text, len);
	ret->bpf = (struct sbx_bpf){ .insns = insns, .n = len / sizeof *insns };
	return 0;
}

int sbx_filters_load(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d, const struct sbx_spec *spec,
    struct sbx_filters *ret)
{
	const struct sbx_origin *at;
	const char *name = sbx_filters_policy_name(spec, &at);
	struct sbx_raw_filter *raw = NULL;
	struct sbx_filters f = { 0 };
	int r = 0;

	for (size_t i = 0; i < spec->n_items && r == 0; i++) {
		const struct sbx_item *item = &spec->items[i];
		bool is_seccomp = item->def->id == SBX_OPT_SECCOMP;

		if (item->def->id != SBX_OPT_ADD_SECCOMP_FD &&
		    !(is_seccomp && item->arg[0].seccomp.kind == SBX_SECCOMP_FD))
			continue;
		SBX_APPEND(a, raw, f.n_raw) =
		    (struct sbx_raw_filter){ .fd = is_seccomp ? item->arg[0].seccomp.fd : (int)item->arg[0].num,
			    .at = item->at };
		r = read_raw(a, d, item, &raw[f.n_raw - 1]);
	}
	f.raw = raw;
	if (r == 0 && name)
		r = sbx_policy_load(h, a, d, name, at, sbx_spec_caps(spec), &f.policy);
	if (r == 0 && name)
		r = sbx_policy_check(f.policy, a, d, sbx_abi_native());
	if (r < 0)
		return r;
	*ret = f;
	return 0;
}
