/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/mud/peers.h"

#include <inttypes.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/conf.h"
#include "reports/read/evidence.h"
#include "reports/read/read.h"

#define OBSERVATIONS_MAX 64

static bool holds(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)) ? json_string_value(json_array_get(list, i)) : "", text))
			return true;
	return false;
}

static void add_text(json_t *list, const char *text)
{
	if (json_array_size(list) < PEERS_MAX && !holds(list, text))
		json_array_append_new(list, json_string(text));
}

static void leave_out(struct peers *p, const char *seen, const char *why)
{
	for (size_t i = 0; i < json_array_size(p->left_out); i++)
		if (!strcmp(get_text(json_array_get(p->left_out, i), "seen"), seen))
			return;
	if (json_array_size(p->left_out) < PEERS_MAX)
		json_array_append_new(p->left_out, json_pack("{s:s,s:s}", "seen", seen, "why", why));
}

static bool same(const struct peer *a, const struct peer *b)
{
	return a->kind == b->kind && a->tcp == b->tcp && a->port == b->port && !strcmp(a->host, b->host);
}

/* Undeclared in one observation is undeclared. */
static void add_peer(struct peers *p, const struct peer *one, const char *text)
{
	for (size_t i = 0; i < p->n; i++)
		if (same(&p->peer[i], one)) {
			p->peer[i].undeclared |= one->undeclared;
			return;
		}
	if (p->n == PEERS_MAX)
		leave_out(p, text, "more peers than the file holds");
	else
		p->peer[p->n++] = *one;
}

static void take(struct peers *p, const json_t *record)
{
	const json_t *facts = json_object_get(record, "facts"), *seen = json_object_get(facts, "seen"), *names = json_object_get(facts, "names");
	const json_t *scope = json_object_get(record, "scope");
	const char *why;
	struct peer one;

	for (size_t i = 0; i < json_array_size(seen); i++) {
		const char *text = json_string_value(json_array_get(seen, i));

		if (!text)
			continue;
		if (!peer_parse(text, &one, &why)) {
			leave_out(p, text, why);
			continue;
		}
		one.undeclared = holds(json_object_get(facts, "undeclared"), text);
		add_peer(p, &one, text);
		if (one.undeclared)
			leave_out(p, text, "not declared: it is dropped until a person decides");
	}
	for (size_t i = 0; i < json_array_size(names); i++)
		if (json_is_string(json_array_get(names, i)))
			add_text(p->names, json_string_value(json_array_get(names, i)));
	for (size_t i = 0; i < json_array_size(scope); i++)
		if (json_is_string(json_array_get(scope, i)))
			add_text(p->scope, json_string_value(json_array_get(scope, i)));
}

/* Each observation once, in the order of the tests. */
static void look(struct peers *p, struct evidence *e, const json_t *test)
{
	const json_t *claims = json_object_get(test, "claims");
	char text[PEER_TEXT];

	for (size_t i = 0; i < json_array_size(claims); i++) {
		const json_t *at = json_object_get(json_array_get(claims, i), "at");

		if (strncmp(get_text(json_array_get(claims, i), "text"), "the egress.", 11))
			continue;               /* what the suites call the observation; another label is not looked for */
		for (size_t k = 0; k < json_array_size(at) && json_array_size(p->from) < OBSERVATIONS_MAX; k++) {
			const json_t *pointer = json_array_get(at, k);
			json_t *record;

			if (!json_object_get(pointer, "journal") || json_object_get(pointer, "unit"))
				continue;
			snprintf(text, sizeof(text), "%s journal#%" PRId64, get_text(test, "id"), get_int(pointer, "journal"));
			if (holds(p->from, text))
				continue;
			record = evidence_record(e, get_int(pointer, "journal"));
			if (!strcmp(get_text(record, "verb"), "capture.egress") && json_is_object(json_object_get(record, "facts"))) {
				add_text(p->from, text);
				take(p, record);
			}
			json_decref(record);
		}
	}
}

/* ---- declared and not seen ---- */
static json_t *read_allowed(struct evidence *e)
{
	int64_t size = evidence_use(e, "inputs/device.yaml");
	char *text = size > 0 && (uint64_t)size <= CONF_MAX_BYTES ? malloc((size_t)size + 1) : NULL;
	struct arena a = { 0 };
	struct err none = { 0 };
	const struct conf *c;
	json_t *ret = NULL;

	if (text && conf_parse(&a, "device.yaml", text, evidence_read(e, 0, size, (uint8_t *)text), &c, &none) &&
	    conf_get(conf_get(c, "egress"), "allow"))
		ret = conf_json(conf_get(conf_get(c, "egress"), "allow"));
	free(text);
	arena_free(&a);
	return ret;
}

static void compare(struct peers *p, struct evidence *e)
{
	json_t *allowed = read_allowed(e);
	struct peer one;
	const char *why;

	for (size_t i = 0; i < json_array_size(allowed); i++) {
		const char *text = json_string_value(json_array_get(allowed, i));
		bool seen = false;

		if (!text || (!peer_parse(text, &one, &why) && !one.host[0]))
			continue;
		for (size_t k = 0; k < p->n && !seen; k++)
			seen = same(&p->peer[k], &one);
		if (!seen)
			add_text(p->unseen, text);
	}
	json_decref(allowed);
}

void peers_read(const struct result *r, struct peers *ret)
{
	const json_t *tests = json_object_get(r->verdicts, "tests");
	struct evidence *e = evidence_open(r->dir, r->verdicts);

	*ret = (struct peers){ .left_out = json_array(), .from = json_array(), .scope = json_array(), .unseen = json_array(), .names = json_array() };
	for (size_t i = 0; i < json_array_size(tests); i++)
		look(ret, e, json_array_get(tests, i));
	compare(ret, e);
	evidence_close(e);
}

void peers_free(struct peers *p)
{
	json_decref(p->left_out);
	json_decref(p->from);
	json_decref(p->scope);
	json_decref(p->unseen);
	json_decref(p->names);
}
