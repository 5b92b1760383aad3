/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* oci.c - see oci.h. json-c reads the JSON; it tells no places, so the lines of the rules are counted here. */
#include "policy/oci.h"

#include <json-c/json.h>
#include <stdio.h>

#include "base/value.h"

struct reading {
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	const char *file;
	const struct sbx_origin *from;
	const struct sbx_oci_for *target;
	const struct sbx_origin **places; /* of each member of "syscalls" */
	size_t n_places;
	const struct sbx_origin *at; /* the member that is read */
	struct sbx_policy *policy;
	struct sbx_rule *always, *sometimes; /* without and with a condition */
	size_t n_always, n_sometimes;
};

static const struct sbx_origin *place(struct reading *r, unsigned line, size_t column)
{
	struct sbx_origin *o = SBX_NEW(r->arena, struct sbx_origin);

	*o = (struct sbx_origin){ .file = r->file, .line = line, .column = (unsigned)column, .from = r->from };
	return o;
}

/* Where the objects in the array "syscalls" of the outermost object begin. */
static void find_places(struct reading *r, const char *text, size_t len)
{
	unsigned line = 1, depth = 0;
	size_t line_start = 0, start;
	bool inside = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '"') {
			start = ++i;
			while (i < len && text[i] != '"')
				i += text[i] == '\\' ? 2 : 1;
			if (depth == 1)
				inside = i - start == strlen("syscalls") && memcmp(text + start, "syscalls", i - start) == 0;
		} else if (c == '\n') {
			line++;
			line_start = i + 1;
		} else if (c == '{' || c == '[') {
			if (inside && depth == 2 && c == '{')
				SBX_APPEND(r->arena, r->places, r->n_places) = place(r, line, i - line_start + 1);
			depth++;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
}

static int bad(struct reading *r, const char *what)
{
	return sbx_error(r->diags, -EINVAL, r->at, "%s", what);
}

/* A member of an object: NULL if it is not there, or null. */
static json_object *member(json_object *o, const char *name)
{
	json_object *m;

	return o && json_object_get_type(o) == json_type_object && json_object_object_get_ex(o, name, &m) ? m : NULL;
}

static const char *string(json_object *o)
{
	return o && json_object_get_type(o) == json_type_string ? json_object_get_string(o) : NULL;
}

static size_t length(json_object *o)
{
	return o && json_object_get_type(o) == json_type_array ? json_object_array_length(o) : 0;
}

static int parse_action(struct reading *r, json_object *o, json_object *error, struct sbx_action *ret)
{
	static const struct {
		const char *name;
		enum sbx_act kind;
	} actions[] = {
		{ "SCMP_ACT_ALLOW", SBX_ACT_ALLOW },
		{ "SCMP_ACT_LOG", SBX_ACT_LOG },
		{ "SCMP_ACT_ERRNO", SBX_ACT_ERRNO },
		{ "SCMP_ACT_TRAP", SBX_ACT_TRAP },
		{ "SCMP_ACT_KILL", SBX_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", SBX_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SBX_ACT_KILL },
	};
	const char *name = string(o);
	int64_t err = EPERM;

	if (!name)
		return bad(r, "there is no action");
	if (error) {
		if (json_object_get_type(error) != json_type_int)
			return bad(r, "errnoRet is not a number");
		err = json_object_get_int64(error);
		if (err < 0 || err > 4095)
			return bad(r, "errnoRet is not a number from 0 to 4095");
	}
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!sbx_streq(name, actions[i].name))
			continue;
		*ret = (struct sbx_action){ .kind = actions[i].kind };
		if (ret->kind == SBX_ACT_ERRNO)
			ret->err = (uint16_t)err;
		return 0;
	}
	(void)sbx_error(r->diags, -EINVAL, r->at, "action '%s' is none that sbx has", name);
	if (sbx_streq(name, "SCMP_ACT_NOTIFY") || sbx_streq(name, "SCMP_ACT_TRACE"))
		sbx_hint(r->diags, "it needs an agent that decides; sbx never lets anyone decide while a program runs");
	return -EINVAL;
}

static bool is_arch(const struct reading *r, const char *name)
{
	static const char *const goarch[SBX_N_ABIS] = { "amd64", "x86", "x32", "arm64", "arm", "riscv64", "ppc64le", "s390x" };

	return sbx_streq(name, goarch[r->target->native]);
}

static bool kernel_is(const struct reading *r, const char *least)
{
	unsigned major, minor = 0;

	if (sscanf(least, "%u.%u", &major, &minor) < 1)
		return false;
	return r->target->kernel_major > major ||
	       (r->target->kernel_major == major && r->target->kernel_minor >= minor);
}

static bool has_cap(const struct reading *r, const char *name)
{
	uint64_t cap;

	return !sbx_parse_cap(name, &cap) && cap < 64 && (r->target->caps >> cap & 1);
}

static int bad_member(struct reading *r, const char *of, const char *name, const char *what)
{
	return sbx_error(r->diags, -EINVAL, r->at, "%s: '%s' is %s", of, name, what);
}

/* What is overlooked in a condition makes the rule wider than its author wrote it. */
static int check_members(struct reading *r, json_object *o, const char *of, const char *const *names, size_t n)
{
	json_object_object_foreach(o, key, value)
	{
		bool known = *key == '_';

		(void)value;
		for (size_t i = 0; i < n && !known; i++)
			known = sbx_streq(names[i], key);
		if (!known)
			return bad_member(r, of, key, "no member that sbx knows");
	}
	return 0;
}

/* A list of strings, or nothing. */
static int check_list(struct reading *r, json_object *o, const char *of, const char *name)
{
	json_object *list = member(o, name);

	if (list && json_object_get_type(list) != json_type_array)
		return bad_member(r, of, name, "not a list");
	for (size_t i = 0; i < length(list); i++) {
		if (!string(json_object_array_get_idx(list, i)))
			return bad_member(r, of, name, "not a list of strings");
	}
	return 0;
}

static int check_filter(struct reading *r, json_object *rule, const char *name)
{
	static const char *const known[] = { "caps", "arches", "minKernel" };
	json_object *o = member(rule, name), *kernel = member(o, "minKernel");
	unsigned major, minor;
	int e;

	if (!o)
		return 0;
	if (json_object_get_type(o) != json_type_object)
		return bad_member(r, "a rule", name, "not an object");
	e = check_members(r, o, name, known, ARRAY_LEN(known));
	e = e < 0 ? e : check_list(r, o, name, "caps");
	e = e < 0 ? e : check_list(r, o, name, "arches");
	if (e == 0 && kernel && (!string(kernel) || sscanf(string(kernel), "%u.%u", &major, &minor) != 2))
		return bad_member(r, name, "minKernel", "not the version of a kernel, such as \"4.8\"");
	return e;
}

static int check_rule(struct reading *r, json_object *rule)
{
	static const char *const known[] = { "names", "name", "action", "errnoRet", "errno", "args", "comment", "includes",
		"excludes" };
	int e = check_members(r, rule, "a rule", known, ARRAY_LEN(known));

	e = e < 0 ? e : check_list(r, rule, "a rule", "names");
	e = e < 0 ? e : check_filter(r, rule, "includes");
	return e < 0 ? e : check_filter(r, rule, "excludes");
}

/* As moby has it: all of `includes` must hold, nothing of `excludes` may. */
static bool applies(const struct reading *r, json_object *rule)
{
	json_object *in = member(rule, "includes"), *ex = member(rule, "excludes"), *list;
	bool any = length(member(in, "arches")) == 0;
	const char *kernel = string(member(in, "minKernel"));

	for (size_t i = 0; i < length(list = member(in, "arches")); i++) {
		const char *s = string(json_object_array_get_idx(list, i));

		any = any || (s && is_arch(r, s));
	}
	if (!any || (kernel && !kernel_is(r, kernel)))
		return false;
	for (size_t i = 0; i < length(list = member(in, "caps")); i++) {
		const char *s = string(json_object_array_get_idx(list, i));

		if (!s || !has_cap(r, s))
			return false;
	}
	kernel = string(member(ex, "minKernel"));
	if (kernel && kernel_is(r, kernel))
		return false;
	for (size_t i = 0; i < length(list = member(ex, "arches")); i++) {
		const char *s = string(json_object_array_get_idx(list, i));

		if (s && is_arch(r, s))
			return false;
	}
	for (size_t i = 0; i < length(list = member(ex, "caps")); i++) {
		const char *s = string(json_object_array_get_idx(list, i));

		if (s && has_cap(r, s))
			return false;
	}
	return true;
}

static bool number(json_object *o, uint64_t *ret)
{
	if (!o || json_object_get_type(o) != json_type_int)
		return false;
	/* Negative numbers are how JSON has what is above 2^63 in some tools. */
	*ret = json_object_get_int64(o) < 0 ? (uint64_t)json_object_get_int64(o) : json_object_get_uint64(o);
	return true;
}

static struct sbx_operand operand(uint64_t v)
{
	struct sbx_operand o;

	for (int i = 0; i < SBX_N_ABIS; i++)
		o.of[i] = v;
	return o;
}

static int parse_arg(struct reading *r, json_object *o, const struct sbx_cond **ret)
{
	static const struct {
		const char *op;
		enum sbx_cond_kind kind;
		bool negate, masked;
	} ops[] = {
		{ "SCMP_CMP_EQ", SBX_COND_EQ, false, false },
		{ "SCMP_CMP_NE", SBX_COND_EQ, true, false },
		{ "SCMP_CMP_GT", SBX_COND_GT, false, false },
		{ "SCMP_CMP_GE", SBX_COND_GE, false, false },
		{ "SCMP_CMP_LT", SBX_COND_GE, true, false },
		{ "SCMP_CMP_LE", SBX_COND_GT, true, false },
		{ "SCMP_CMP_MASKED_EQ", SBX_COND_EQ, false, true },
	};
	const char *op = string(member(o, "op"));
	uint64_t index, value, two = 0;
	json_object *value_two = member(o, "valueTwo");

	if (!number(member(o, "index"), &index) || index > 5)
		return bad(r, "the index of an argument is 0 to 5");
	if (!number(member(o, "value"), &value) || (value_two && !number(value_two, &two)))
		return bad(r, "the value of an argument is not a number");
	for (size_t i = 0; op && i < ARRAY_LEN(ops); i++) {
		struct sbx_cond *c, *inverse;

		if (!sbx_streq(op, ops[i].op))
			continue;
		c = SBX_NEW(r->arena, struct sbx_cond);
		*c = (struct sbx_cond){ .kind = ops[i].kind,
			.at = r->at,
			.arg = (unsigned)index,
			.mask = operand(ops[i].masked ? value : UINT64_MAX),
			.value = operand(ops[i].masked ? two : value) };
		*ret = c;
		if (ops[i].negate) {
			inverse = SBX_NEW(r->arena, struct sbx_cond);
			*inverse = (struct sbx_cond){ .kind = SBX_COND_NOT, .at = r->at, .a = c };
			*ret = inverse;
		}
		return 0;
	}
	return sbx_error(r->diags, -EINVAL, r->at, "'%s' is no comparison", op ? op : "");
}

/* All of `args` must hold; but two of one argument are alternatives, as runc has it. */
static int parse_args(struct reading *r, json_object *args, const struct sbx_cond **ret)
{
	enum sbx_cond_kind how = SBX_COND_AND;
	const struct sbx_cond *all = NULL, *one = NULL;
	unsigned seen = 0;

	if (args && json_object_get_type(args) != json_type_array)
		return bad(r, "args is not a list");
	if (length(args) > 64)
		return bad(r, "more than 64 comparisons in one rule");
	for (size_t i = 0; i < length(args); i++) {
		uint64_t index;

		if (!number(member(json_object_array_get_idx(args, i), "index"), &index) || index > 5)
			return bad(r, "the index of an argument is 0 to 5");
		if (seen >> index & 1)
			how = SBX_COND_OR;
		seen |= 1U << index;
	}
	for (size_t i = 0; i < length(args); i++) {
		int e = parse_arg(r, json_object_array_get_idx(args, i), &one);

		if (e < 0)
			return e;
		if (all) {
			struct sbx_cond *both = SBX_NEW(r->arena, struct sbx_cond);

			*both = (struct sbx_cond){ .kind = how, .at = r->at, .a = all, .b = one };
			all = both;
		} else {
			all = one;
		}
	}
	*ret = all;
	return 0;
}

static int add_name(struct reading *r, struct sbx_rule *rule, json_object *o)
{
	const char *name = string(o);
	int id = name ? sbx_syscall_find(name) : -1;

	if (!name)
		return bad(r, "the name of a system call is not a string");
	if (id >= 0)
		sbx_calls_add(&rule->calls, id);
	else
		sbx_info(r->diags, r->at, "system call '%s' is not known", name);
	if (id == SBX_SYSCALL_io_uring_setup)
		rule->names_io_uring = true;
	return 0;
}

static int parse_rule(struct reading *r, json_object *o)
{
	struct sbx_rule rule = { .at = r->at, .abis = (1U << SBX_N_ABIS) - 1 };
	json_object *names = member(o, "names"), *name = member(o, "name");
	int e;

	if (!o || json_object_get_type(o) != json_type_object)
		return bad(r, "a member of syscalls is not an object");
	e = check_rule(r, o);
	if (e < 0)
		return e;
	if (!applies(r, o))
		return 0;
	e = parse_action(r, member(o, "action"), member(o, "errnoRet"), &rule.action);
	if (e == 0)
		e = parse_args(r, member(o, "args"), &rule.cond);
	if (e == 0 && name)
		e = add_name(r, &rule, name);
	for (size_t i = 0; i < length(names) && e == 0; i++)
		e = add_name(r, &rule, json_object_array_get_idx(names, i));
	if (e < 0)
		return e;
	if (!name && length(names) == 0)
		return bad(r, "a rule names no system call");
	if (r->n_always + r->n_sometimes >= SBX_POLICY_MAX_RULES)
		return bad(r, "too many rules");
	if (rule.cond)
		SBX_APPEND(r->arena, r->sometimes, r->n_sometimes) = rule;
	else
		SBX_APPEND(r->arena, r->always, r->n_always) = rule;
	return 0;
}

static unsigned arch_bit(const char *name)
{
	static const char *const names[SBX_N_ABIS] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
		"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_RISCV64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390X" };

	for (int i = 0; i < SBX_N_ABIS; i++) {
		if (name && sbx_streq(name, names[i]))
			return 1U << i;
	}
	return 0;
}

static unsigned arch_bits(json_object *list)
{
	unsigned bits = 0;

	for (size_t i = 0; i < length(list); i++)
		bits |= arch_bit(string(json_object_array_get_idx(list, i)));
	return bits;
}

static void parse_archs(struct reading *r, json_object *top)
{
	json_object *map = member(top, "archMap");

	r->policy->abis = arch_bits(member(top, "architectures"));
	for (size_t i = 0; i < length(map); i++) {
		json_object *entry = json_object_array_get_idx(map, i);

		if (arch_bit(string(member(entry, "architecture"))) == 1U << r->target->native)
			r->policy->abis |= arch_bits(member(entry, "subArchitectures"));
	}
}

static int by_severity(const void *a, const void *b)
{
	const struct sbx_rule *x = a, *y = b;

	if (x->action.kind != y->action.kind)
		return x->action.kind > y->action.kind ? -1 : 1;
	if (x->at->line != y->at->line)
		return x->at->line > y->at->line ? 1 : -1;
	return (x->at->column > y->at->column) - (x->at->column < y->at->column);
}

static void add_rules(struct reading *r, struct sbx_rule *rules, size_t n)
{
	if (n > 1)
		qsort(rules, n, sizeof *rules, by_severity);
	for (size_t i = 0; i < n; i++)
		SBX_APPEND(r->arena, r->policy->rules, r->policy->n_rules) = rules[i];
}

/* Calls that are newer than the profile: "not there" lets programs go on in another way, EPERM does not. */
static void add_newer(struct reading *r)
{
	struct sbx_policy *p = r->policy;
	struct sbx_rule newer = { .at = p->otherwise.at,
		.action = { .kind = SBX_ACT_ERRNO, .err = ENOSYS, .quiet = true },
		.abis = (1U << SBX_N_ABIS) - 1 };
	int64_t highest = -1;

	if (p->otherwise.action.kind != SBX_ACT_ERRNO)
		return;
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		for (size_t i = 0; i < p->n_rules; i++) {
			int64_t nr = sbx_calls_has(&p->rules[i].calls, id) ? sbx_syscall_nr(id, r->target->native) : -1;

			highest = nr > highest ? nr : highest;
		}
	}
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		if (sbx_syscall_nr(id, r->target->native) > highest)
			sbx_calls_add(&newer.calls, id);
	}
	SBX_APPEND(r->arena, p->rules, p->n_rules) = newer;
}

static int parse_profile(struct reading *r, json_object *top)
{
	json_object *calls = member(top, "syscalls");
	int e, result = 0;

	r->at = place(r, 1, 1);
	if (json_object_get_type(top) != json_type_object)
		return bad(r, "a seccomp profile is an object");
	e = parse_action(r, member(top, "defaultAction"), member(top, "defaultErrnoRet"), &r->policy->otherwise.action);
	if (e < 0)
		return e;
	r->policy->otherwise.at = r->at;
	parse_archs(r, top);
	if (calls && json_object_get_type(calls) != json_type_array)
		return bad(r, "syscalls is not a list");
	for (size_t i = 0; i < length(calls); i++) {
		r->at = i < r->n_places ? r->places[i] : place(r, 1, 1);
		e = parse_rule(r, json_object_array_get_idx(calls, i));
		result = e < 0 ? e : result;
	}
	add_rules(r, r->sometimes, r->n_sometimes);
	add_rules(r, r->always, r->n_always);
	add_newer(r);
	return result;
}

int sbx_policy_parse_oci(struct sbx_arena *a, struct sbx_diags *d, const char *file, const struct sbx_origin *from,
    const char *text, size_t len, const struct sbx_oci_for *target, const struct sbx_policy **ret)
{
	struct sbx_policy *p = SBX_NEW(a, struct sbx_policy);
	struct reading r = { .arena = a, .diags = d, .file = file, .from = from, .target = target, .policy = p };
	json_tokener *tokener = json_tokener_new();
	json_object *top;
	enum json_tokener_error why;
	int e;

	if (!tokener)
		return -ENOMEM;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*p = (struct sbx_policy){ .name = file,
		.path = file,
		.unknown.action = { .kind = SBX_ACT_ERRNO, .err = ENOSYS, .quiet = true },
		.badarch.action.kind = SBX_ACT_KILL };
	find_places(&r, text, len);
	/* With the NUL that ends it; one before that would be taken for the end. */
	top = len >= INT32_MAX || memchr(text, '\0', len)
		  ? NULL
		  : json_tokener_parse_ex(tokener, sbx_strndup(a, text, len), (int)len + 1);
	why = json_tokener_get_error(tokener);
	if (!top || why != json_tokener_success) {
		unsigned number = 1;

		for (size_t i = 0; i < json_tokener_get_parse_end(tokener) && i < len; i++)
			number += text[i] == '\n';
		e = sbx_error(d, -EINVAL, place(&r, number, 1), "not JSON: %s",
		    why == json_tokener_success ? "it is null, or has a NUL byte" : json_tokener_error_desc(why));
	} else {
		e = parse_profile(&r, top);
	}
	(void)json_object_put(top);
	json_tokener_free(tokener);
	if (e == 0)
		*ret = p;
	return e;
}
