// SPDX-License-Identifier: Apache-2.0
// bench.yaml: lines and their drivers, where stimuli may go, what may be done to the device.
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/identity.h"
#include "harness/load.h"
#include "harness/registry.h"
#include "harness/secret.h"
#include "harness/shapes.h"

#define LINES_MAX 64

bool bench_has_line(const struct bench *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->line[i].name, name))
			return true;
	return false;
}

bool bench_permits(const struct bench *b, const char *what)
{
	const json_t *list = json_object_get(b->json, "permit");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), what))
			return true;
	return false;
}

/* ---- addresses ---- */
struct net { int family; uint8_t ip[16]; unsigned bits; };

static bool net_parse(const char *text, struct net *ret)
{
	const char *slash = strchr(text, '/');
	char ip[64];
	unsigned max;
	int64_t bits;

	snprintf(ip, sizeof(ip), "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
	ret->family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	max = ret->family == AF_INET6 ? 128 : 32;
	bits = max;
	if (inet_pton(ret->family, ip, ret->ip) != 1 || (slash && (!units_int(slash + 1, &bits) || bits < 0 || bits > max)))
		return false;
	ret->bits = (unsigned)bits;
	return true;
}

static bool net_covers(const struct net *n, const struct net *ip)
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;

	return n->family == ip->family && !memcmp(n->ip, ip->ip, whole) &&
	       (!rest || ((n->ip[whole] ^ ip->ip[whole]) & (uint8_t)(0xff << (8 - rest))) == 0);
}

/* The pattern of shape_bench takes some IPv6 texts that are no address. */
static bool check_scope(const struct conf *c, struct err *err)
{
	char shown[CONF_SHOWN];
	struct net n;

	for (size_t i = 0; i < c->n; i++)
		if (!net_parse(c->item[i]->text, &n))
			return err_at(err, c->item[i]->at, "%s is no address range; write 192.168.77.0/24 or \"fd77::/64\"",
				      conf_show(c->item[i], shown, sizeof(shown)));
	return true;
}

static bool in_scope(const struct conf *scope, const struct net *ip)
{
	struct net n;

	for (size_t i = 0; scope && i < scope->n; i++)
		if (net_parse(scope->item[i]->text, &n) && net_covers(&n, ip))
			return true;
	return false;
}

static bool check_hosts(const struct conf *c, const struct conf *scope, struct err *err)
{
	char shown[CONF_SHOWN];
	struct net ip;

	for (size_t i = 0; c && i < c->n; i++) {
		const struct conf *v = c->item[i];

		if (!net_parse(v->text, &ip))
			return err_at(err, v->at, "%s is no address; write 203.0.113.10", conf_show(v, shown, sizeof(shown)));
		if (!in_scope(scope, &ip))
			return err_at(err, v->at, "%s of host %s is outside the bench's scope", v->text, c->key[i]->text);
	}
	return true;
}

/* ---- lines ---- */
/* Drivers know the run's folders and nothing else. */
static bool check_words(const struct conf *c, struct err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (!check_words(c->item[i], err))
			return false;
	if (c->text && !shape_like(c->text, SHAPE_RUN_TEXT))
		return err_at(err, c->at, "a line's text may hold ${work}, ${run}, ${root} and ${unit} only");
	return true;
}

static bool unknown_driver(const struct probe *p, const struct conf *c, struct err *err)
{
	const char *names[33] = { NULL };
	char list[200] = "", shown[CONF_SHOWN];
	const char *near;
	size_t at = 0;

	for (size_t i = 0; i < 32 && p->drivers[i]; i++) {
		names[i] = p->drivers[i]->name;
		if (at + strlen(names[i]) + 3 < sizeof(list))
			at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", at ? ", " : "", names[i]);
	}
	near = conf_nearest(c->text, names);
	conf_show(c, shown, sizeof(shown));
	if (near)
		return err_at(err, c->at, "unknown driver %s for %s lines; did you mean '%s'?", shown, p->name, near);
	return err_at(err, c->at, "unknown driver %s for %s lines; there are: %s", shown, p->name, list);
}

static bool line_param(struct loader *l, const struct param *p, const struct conf *map, json_t *into, struct err *err)
{
	const struct conf *c = conf_get(map, p->name);
	json_t *j = NULL;

	if (!c && p->need)
		return err_at(err, map->at, "key '%s' is missing: %s", p->name, p->doc ? p->doc : "");
	if (!c && !p->fallback)
		return true;
	if (!c && (p->type == VALUE_TEXT || p->type == VALUE_LINE || p->type == VALUE_SECRET)) {
		json_object_set_new(into, p->name, json_string(p->fallback));
		return true;
	}
	if (!c && !conf_parse(l->a, "default", p->fallback, strlen(p->fallback), &c, err))
		return false;
	if (p->type == VALUE_SECRET ? !secret_parse(c, &j, err) : !arg_literal(p, c, &j, err))
		return err_in(err, "%s", p->name);
	json_object_set_new(into, p->name, j);
	return check_words(c, err);
}

static bool line_params(struct loader *l, const struct bench_line *line, const struct conf *map, struct err *err)
{
	const char *known[68] = { "driver", "safe_state", "fallback", NULL }, *text;
	const struct conf *safe = conf_get(map, "safe_state");
	size_t n = 3;

	for (const struct param *p = line->driver->params; p && p->name && n < 67; p++)
		known[n++] = p->name;
	if (!conf_known(map, known, err))
		return false;
	for (const struct param *p = line->driver->params; p && p->name; p++)
		if (!line_param(l, p, map, line->params, err))
			return false;
	if (safe && !json_object_get(line->params, "safe_state")) {
		if (!conf_text(safe, &text, err))
			return err_in(err, "safe_state");
		json_object_set_new(line->params, "safe_state", json_string(text));
	}
	return true;
}

static bool line_parse(struct loader *l, const struct conf *key, const struct conf *map, bool inner, struct bench_line *ret,
		       struct err *err)
{
	const struct conf *driver = NULL, *fallback = conf_get(map, "fallback");
	struct bench_line *other;
	const struct probe *probe;
	char first[64];
	const char *text;

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(key->text, "."), key->text);
	probe = probe_find(first);
	if (!probe || !probe->drivers)
		return err_at(err, key->at, "'%.60s' is no kind of line", first);
	if (!strchr(key->text, '.') || strspn(key->text, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != strlen(key->text) || strlen(key->text) > 40)
		return err_at(err, key->at, "'%.60s': a line is named KIND.NAME, such as %s.main", key->text, first);
	if (!conf_is(map, CONF_MAP, key->text, err) || !conf_need(map, "driver", &driver, err) || !conf_text(driver, &text, err))
		return false;
	*ret = (struct bench_line){ .name = key->text, .at = key->at, .driver = driver_find(key->text, text),
				    .params = load_keep(l, json_object()) };
	if (!ret->driver)
		return unknown_driver(probe, driver, err);
	if (!line_params(l, ret, map, err))
		return false;
	if (!fallback)
		return true;
	if (inner)
		return err_at(err, fallback->at, "a fallback has no fallback of its own");
	other = arena_new(l->a, struct bench_line);
	ret->fallback = other;
	return line_parse(l, key, fallback, true, other, err);
}

static void lines_parse(struct loader *l, const struct conf *map, struct bench *b)
{
	struct bench_line *line;
	struct err err = { 0 };
	bool power = false, ok = conf_is(map, CONF_MAP, "lines", &err);

	if (ok && map->n > LINES_MAX)
		ok = err_at(&err, map->at, "more than %d lines", LINES_MAX);
	if (!ok) {
		load_fault(l, &err);
		return;
	}
	line = arena_alloc(l->a, map->n + 1, sizeof(*line));
	for (size_t i = 0; i < map->n; i++) {
		struct err one = { 0 };

		power |= !strncmp(map->key[i]->text, "power.", 6);
		line[i].name = map->key[i]->text;       /* also of a refused one: nothing else shall miss it */
		if (!line_parse(l, map->key[i], map->item[i], false, &line[i], &one))
			load_fault(l, &one);
	}
	b->line = line;
	b->n = map->n;
	for (size_t i = 0; i < map->n; i++) {
		struct err one = { 0 };

		if (!identity_check(b, &line[i], &one))
			load_fault(l, &one);
	}
	if (!power) {
		err_at(&err, map->at, "no power.* line: a bench that cannot switch the device off cannot bring it back");
		load_fault(l, &err);
	}
}

static void head_parse(struct loader *l, const struct conf *c, struct bench *b)
{
	const struct conf *scope = conf_get(c, "scope");
	struct err err = { 0 };

	if (!load_shape(l, c, &shape_bench, "bench.yaml"))
		return;
	b->name = conf_get(c, "bench")->text;
	b->is_virtual = !strcmp(conf_get(c, "kind")->text, "virtual");
	if (b->is_virtual && conf_get(c, "lock")) {
		err_at(&err, conf_get(c, "lock")->at, "a virtual bench is nobody else's: lock belongs to kind: real");
		load_fault(l, &err);
		err = (struct err){ 0 };
	}
	if (!check_scope(scope, &err) || !check_hosts(conf_get(c, "hosts"), scope, &err))
		load_fault(l, &err);
}

bool bench_read(struct loader *l, const char *path, const struct conf *c, struct bench *ret)
{
	const struct conf *lines;
	unsigned before = l->errors;

	*ret = (struct bench){ .file = path, .name = "", .conf = c, .json = load_keep(l, conf_json(c)) };
	head_parse(l, c, ret);
	lines = conf_get(c, "lines");
	if (lines)
		lines_parse(l, lines, ret);
	return l->errors == before;
}

bool bench_parse(struct loader *l, const char *path, struct bench *ret)
{
	const struct conf *c = NULL;
	struct err err = { 0 };

	if (conf_load(l->a, path, &c, &err) && unit_apply(l->a, l->unit, c, &c, &err))
		return bench_read(l, path, c, ret);
	load_fault(l, &err);
	return false;
}
