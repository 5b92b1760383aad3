/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* learn.c - records what a run does; see learn.h. */
#include "run/learn.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

static struct sbx_seen_slot *slot_of(const struct sbx_seen_map *m, const char *key)
{
	size_t i = hash(key) & (m->size - 1);

	while (m->slots[i].key && !sbx_streq(m->slots[i].key, key))
		i = (i + 1) & (m->size - 1);
	return &m->slots[i];
}

void *sbx_seen_find(const struct sbx_seen_map *m, const char *key)
{
	return m->size ? slot_of(m, key)->value : NULL;
}

void sbx_seen_add(struct sbx_arena *a, struct sbx_seen_map *m, const char *key, void *value)
{
	struct sbx_seen_map new = { .size = m->size ? 2 * m->size : 256, .n = m->n };

	if (2 * m->n >= m->size) {
		new.slots = sbx_alloc_array(a, new.size, sizeof *new.slots);
		for (size_t i = 0; i < m->size; i++) {
			if (m->slots[i].key)
				*slot_of(&new, m->slots[i].key) = m->slots[i];
		}
		*m = new;
	}
	*slot_of(m, key) = (struct sbx_seen_slot){ .key = key, .value = value };
	m->n++;
}

static struct sbx_learn_call *call_of(struct sbx_recording *r, int id, uint32_t nr)
{
	struct sbx_learn_call **c = NULL;

	for (size_t i = 0; id < 0 && i < r->n_others; i++) {
		if (r->others[i]->nr == nr)
			return r->others[i];
	}
	if (id >= 0)
		c = &r->calls[id];
	else if (r->n_others < SBX_LEARN_MAX_VALUES)
		c = &SBX_APPEND(r->arena, r->others, r->n_others);
	if (!c) {
		r->truncated = true;
		return NULL;
	}
	if (!*c) {
		*c = SBX_NEW(r->arena, struct sbx_learn_call);
		(*c)->id = id;
		(*c)->nr = nr;
	}
	return *c;
}

static void add_values(struct sbx_recording *r, struct sbx_learn_call *c, const uint64_t v[2])
{
	for (size_t i = 0; i < c->n_values; i++) {
		if (c->values[i][0] == v[0] && c->values[i][1] == v[1])
			return;
	}
	if (c->n_values >= SBX_LEARN_MAX_VALUES)
		c->any = true;
	else
		memcpy(SBX_APPEND(r->arena, c->values, c->n_values), v, sizeof *c->values);
}

void sbx_learn_call(struct sbx_recording *r, enum sbx_abi abi, uint32_t nr, const uint64_t args[6], uint16_t denied,
    const char *(*program)(void *data), void *data)
{
	int id = sbx_syscall_by_nr(abi, nr);
	struct sbx_learn_call *c = call_of(r, id, nr);
	const struct sbx_learn_args *with = id < 0 ? NULL : sbx_learn_args(id);
	uint64_t v[2];

	r->total++;
	if (!c)
		return;
	r->abis |= 1U << abi;
	if (!c->first && (c->first = program(data)))
		c->first = sbx_strdup(r->arena, c->first);
	c->count++;
	if (denied) {
		c->denied = denied;
		return;
	}
	c->allowed = true;
	if (with) {
		sbx_learn_values(with, abi, args, v);
		add_values(r, c, v);
	}
}

void sbx_learn_path(struct sbx_recording *r, const char *path, enum sbx_file_kind kind, const char *target,
    unsigned needs, const char *program)
{
	struct sbx_seen_path *p = sbx_seen_find(&r->paths, path);

	if (!p && r->paths.n >= SBX_LEARN_MAX_PATHS) {
		r->truncated = true;
		return;
	}
	if (!p) {
		p = SBX_NEW(r->arena, struct sbx_seen_path);
		p->path = sbx_strdup(r->arena, path);
		p->first = program ? sbx_strdup(r->arena, program) : NULL;
		sbx_seen_add(r->arena, &r->paths, p->path, p);
	}
	if (p->kind == SBX_FILE_MISSING && kind == SBX_FILE_MISSING && needs & SBX_NEED_MAKE)
		p->made = true;
	/* What was there at first is what the profile must give. */
	if (p->kind == SBX_FILE_MISSING && !p->made && kind != SBX_FILE_MISSING) {
		p->kind = kind;
		p->target = target ? sbx_strdup(r->arena, target) : NULL;
	}
	p->needs |= needs & ~(unsigned)SBX_NEED_MAKE;
}

static void set_bit(uint64_t *bits, unsigned i)
{
	bits[i / 64] |= UINT64_C(1) << i % 64;
}

static void add_address(struct sbx_recording *r, const char *text, bool outside, const char *program)
{
	struct sbx_seen_address *a = sbx_seen_find(&r->addresses, text);

	if (a)
		return;
	if (r->addresses.n >= SBX_LEARN_MAX_ADDRESSES) {
		r->truncated = true;
		return;
	}
	a = SBX_NEW(r->arena, struct sbx_seen_address);
	a->text = sbx_strdup(r->arena, text);
	a->outside = outside;
	a->first = program ? sbx_strdup(r->arena, program) : NULL;
	sbx_seen_add(r->arena, &r->addresses, a->text, a);
}

static bool is_loopback6(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LOOPBACK(a) || (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == 127);
}

static bool is_any6(const struct in6_addr *a)
{
	return IN6_IS_ADDR_UNSPECIFIED(a) || (IN6_IS_ADDR_V4MAPPED(a) && memcmp(a->s6_addr + 12, "\0\0\0\0", 4) == 0);
}

static void inet_address(
    struct sbx_recording *r, bool bind, bool loopback, bool any, unsigned port, const char *host, const char *program)
{
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
	/* To connect to "any" is to connect to this machine; to bind it without a port is what every client does. */
	bool outside = bind ? !loopback && !(any && port == 0) : !loopback && !any;

	if (bind && port)
		set_bit(r->bound, port);
	else if (bind)
		r->bound_any = true;
	if (!bind && !outside)
		set_bit(r->called, port);
	if (outside)
		add_address(r, sbx_strf(&a, "%s %s port %u", bind ? "bind" : "connect", host, port), true, program);
}

void sbx_learn_address(struct sbx_recording *r, bool bind, const void *addr, size_t len, const char *program)
{
	struct sockaddr_in in = { 0 };
	struct sockaddr_in6 in6 = { 0 };
	sa_family_t family;
	char host[INET6_ADDRSTRLEN] = "";

	if (len < sizeof family)
		return;
	memcpy(&family, addr, sizeof family);
	if (family == AF_INET && len >= sizeof in) {
		memcpy(&in, addr, sizeof in);
		(void)inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
		inet_address(r, bind, ntohl(in.sin_addr.s_addr) >> 24 == 127, in.sin_addr.s_addr == 0,
		    ntohs(in.sin_port), host, program);
	} else if (family == AF_INET6 && len >= 24) {
		memcpy(&in6, addr, len < sizeof in6 ? len : sizeof in6);
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host);
		inet_address(r, bind, is_loopback6(&in6.sin6_addr), is_any6(&in6.sin6_addr), ntohs(in6.sin6_port), host,
		    program);
	} else if (family == AF_UNIX && len > sizeof family) {
		_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
		const char *name = (const char *)addr + sizeof family + 1;

		/* Of the network namespace: one that the run made itself is in the sandbox's own as well. */
		name = sbx_strndup(&a, name, len - sizeof family - 1);
		if (bind)
			add_address(r, sbx_strf(&a, "bind @%s", name), false, program);
		else if (!sbx_seen_find(&r->addresses, sbx_strf(&a, "bind @%s", name)))
			add_address(r, sbx_strf(&a, "connect @%s", name), false, program);
	}
}
