/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every cause that userns_why.c tells apart, from made-up facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "host/host.h"

static const struct sbx_userns_facts fine = {
	.max_user_namespaces = 15000,
	.unprivileged_userns_clone = -1,
	.apparmor_restrict = -1,
	.supported = true,
};

/* A sentence of one line and a remedy; the sentence speaks of `word`. */
static void check(const struct sbx_userns_facts *f, int err, bool at_map, const char *word)
{
	struct sbx_why why = sbx_userns_why(f, err, at_map);

	assert_non_null(why.text);
	assert_non_null(why.remedy);
	assert_null(strchr(why.text, '\n'));
	assert_null(strchr(why.remedy, '\n'));
	if (!strstr(why.text, word))
		fail_msg("error %d%s: \"%s\" does not speak of \"%s\"", err, at_map ? " at the map" : "", why.text, word);
}

static void unsupported(void **state)
{
	struct sbx_userns_facts f = fine;

	(void)state;
	f.supported = false;
	check(&f, EINVAL, false, "no user namespaces");
	check(&f, ENOSYS, false, "no user namespaces");
	check(&f, ENOENT, true, "no user namespaces");
}

static void limits(void **state)
{
	struct sbx_userns_facts f = fine;

	(void)state;
	check(&f, ENOSPC, false, "as many user namespaces");
	check(&f, EUSERS, false, "as many user namespaces");
	check(&f, EAGAIN, false, "RLIMIT_NPROC");
	check(&f, ENOMEM, false, "memory");
	check(&f, EMFILE, false, "file descriptor");
	f.zero_limit = "cgroup";
	check(&f, ENOSPC, false, "user.max_cgroup_namespaces is 0");
	f.zero_limit = "mnt";
	check(&f, ENOSPC, false, "user.max_mnt_namespaces is 0");
	f.max_user_namespaces = 0;
	check(&f, ENOSPC, false, "user.max_user_namespaces is 0");
	check(&f, -ENOSPC, false, "user.max_user_namespaces is 0");
	check(&f, EUSERS, false, "user.max_user_namespaces is 0");
}

static void at_the_map(void **state)
{
	struct sbx_userns_facts f = fine;

	(void)state;
	check(&f, EROFS, true, "/proc is read-only");
	check(&f, ENOENT, true, "no procfs");
	check(&f, EPERM, true, "refused the id map");
	f.no_setfcap = true;
	check(&f, EPERM, true, "CAP_SETFCAP");
	check(&f, EPERM, false, "without saying why");
}

static void eperm(void **state)
{
	struct sbx_userns_facts f = fine;

	(void)state;
	check(&f, EPERM, false, "without saying why");
	f.seccomp = true;
	check(&f, EPERM, false, "seccomp filter");
	f.apparmor_restrict = 1;
	check(&f, EPERM, false, "AppArmor");
	f.in_chroot = true;
	check(&f, EPERM, false, "chroot");
	f.unprivileged_userns_clone = 0;
	check(&f, EPERM, false, "kernel.unprivileged_userns_clone is 0");
	f = fine;
	f.unprivileged_userns_clone = 1;
	f.apparmor_restrict = 0;
	check(&f, EPERM, false, "without saying why");
}

static void security_modules(void **state)
{
	struct sbx_userns_facts f = fine;

	(void)state;
	check(&f, EACCES, false, "security module");
	check(&f, EPERM, true, "refused the id map");
	check(&f, EACCES, true, "refused the id map");
	f.apparmor_restrict = 1;
	check(&f, EACCES, false, "apparmor_restrict_unprivileged_userns is 1");
	check(&f, EACCES, true, "apparmor_restrict_unprivileged_userns is 1");
	check(&f, EPERM, true, "apparmor_restrict_unprivileged_userns is 1");
	check(&f, EINVAL, true, "refused the id map");
	f.apparmor_restrict = 0;
	check(&f, EACCES, false, "security module");
}

static void missing_calls(void **state)
{
	struct sbx_userns_facts f = fine;

	(void)state;
	check(&f, ENOSYS, false, "no clone3");
	check(&f, EINVAL, false, "no namespace of one of the wanted kinds");
	check(&f, EIO, false, "refused a user namespace");
	f.seccomp = true;
	check(&f, ENOSYS, false, "seccomp filter");
}

static void own_facts(void **state)
{
	struct sbx_userns_facts f;

	(void)state;
	memset(&f, 0x55, sizeof f);
	sbx_host_userns_facts(&f);
	assert_true(f.max_user_namespaces >= -1);
	assert_true(f.unprivileged_userns_clone >= -1 && f.unprivileged_userns_clone <= 1);
	assert_true(f.apparmor_restrict >= -1);
}

static void check_idmap(const struct sbx_idmap_facts *f, const char *word)
{
	struct sbx_arena a = { 0 };
	struct sbx_why why = sbx_idmap_why(&a, f);

	assert_non_null(why.text);
	assert_non_null(why.remedy);
	assert_non_null(strstr(why.text, f->program));
	if (!strstr(why.text, word))
		fail_msg("\"%s\" does not speak of \"%s\"", why.text, word);
	sbx_arena_free(&a);
}

static void idmap(void **state)
{
	struct sbx_idmap_facts f = { .program = "/usr/bin/newuidmap" };
	struct sbx_arena a = { 0 };

	(void)state;
	check_idmap(&f, "is not there");
	f.exists = true;
	check_idmap(&f, "neither the setuid bit");
	f.nosuid = true;
	check_idmap(&f, "nosuid");
	f.privileged = true;
	check_idmap(&f, "nosuid");
	f.no_new_privs = true;
	check_idmap(&f, "no_new_privs");
	f.nosuid = f.no_new_privs = false;
	assert_null(sbx_idmap_why(&a, &f).text);
	assert_null(sbx_idmap_why(&a, &f).remedy);
	sbx_arena_free(&a);
}

static void idmap_files(void **state)
{
	char path[] = "/tmp/sbx-test-XXXXXX";
	struct sbx_idmap_facts f;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	/* Not executable is as good as missing. */
	sbx_host_idmap_facts(path, &f);
	assert_false(f.exists);
	assert_int_equal(chmod(path, 0755), 0);
	sbx_host_idmap_facts(path, &f);
	assert_true(f.exists);
	assert_ptr_equal(f.program, path);
	/* To root every program is privileged; to others only a setuid program of root. */
	assert_int_equal(f.privileged, geteuid() == 0);
	assert_int_equal(chmod(path, 04755), 0);
	sbx_host_idmap_facts(path, &f);
	assert_int_equal(f.privileged, geteuid() == 0);
	assert_int_equal(unlink(path), 0);
	sbx_host_idmap_facts(path, &f);
	assert_false(f.exists);
	sbx_host_idmap_facts("/", &f);
	assert_false(f.exists);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsupported),
		cmocka_unit_test(limits),
		cmocka_unit_test(at_the_map),
		cmocka_unit_test(eperm),
		cmocka_unit_test(security_modules),
		cmocka_unit_test(missing_calls),
		cmocka_unit_test(own_facts),
		cmocka_unit_test(idmap),
		cmocka_unit_test(idmap_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
