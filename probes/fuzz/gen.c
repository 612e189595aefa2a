/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>

#include "harness/base/cleanup.h"
#include "probes/fuzz/gen_in.h"

void gen_head(const struct gen_sample *s, struct buf *out)
{
	char line[3000];

	snprintf(line, sizeof(line), "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\n", s->method, s->path, s->host, s->type);
	put_text(out, line);
	if (s->authorization[0]) {
		put_text(out, "Authorization: ");
		put_text(out, s->authorization);
		put_text(out, "\r\n");
	}
}

void gen_request(const struct gen_sample *s, const void *body, size_t n, struct buf *out)
{
	char line[64];

	gen_head(s, out);
	snprintf(line, sizeof(line), "Content-Length: %zu\r\n\r\n", n);
	put_text(out, line);
	put(out, body, n);
}

/* End of the JSON value at i of text that is known to be well formed and compact. */
static size_t value_end(const char *t, size_t n, size_t i)
{
	int depth = 0;

	if (t[i] == '"') {
		for (i++; i < n && t[i] != '"'; i++)
			i += t[i] == '\\';
		return i < n ? i + 1 : n;
	}
	if (t[i] != '{' && t[i] != '[')
		return i + strcspn(t + i, ",]}");
	for (; i < n; i++) {
		if (t[i] == '"') {
			i = value_end(t, n, i) - 1;
			continue;
		}
		depth += (t[i] == '{' || t[i] == '[') - (t[i] == '}' || t[i] == ']');
		if (!depth)
			return i + 1;
	}
	return n;
}

bool gen_prepare(struct gen_sample *s, struct err *err)
{
	CLEANUP(free_json) json_t *j = json_loads(s->body, JSON_DECODE_ANY, NULL);
	CLEANUP(free_ptr) char *text = j ? json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER) : NULL;
	bool start = true;

	if (!text)
		return err_set(err, ERR_CONF, "body: a JSON sample that the device accepts is needed");
	if (strlen(text) >= sizeof(s->body))
		return err_set(err, ERR_LIMIT, "body: more than %zu bytes", sizeof(s->body) - 1);
	strcpy(s->body, text);
	s->body_n = strlen(text);
	s->values = 0;
	for (size_t i = 0; i < s->body_n && s->values < GEN_VALUES;) {
		char c = s->body[i];

		if (start && c != ']' && c != '}') {
			size_t to = value_end(s->body, s->body_n, i);

			s->value[s->values++] = (struct gen_value){ i, to, s->body[to] == ':' };
			start = c == '{' || c == '[';
			i = start ? i + 1 : to;
		} else {
			start = c == ',' || c == ':' || c == '{' || c == '[';
			i++;
		}
	}
	return true;
}

void gen_make(const struct gen_sample *s, uint64_t seed, uint64_t number, struct gen_case *ret)
{
	static uint8_t body[GEN_MAX];
	struct buf out = { ret->bytes, 0, sizeof(ret->bytes) };
	struct rng r;
	char key[32];

	snprintf(key, sizeof(key), "case %llu", (unsigned long long)number);
	rng_init(&r, seed, key);
	ret->alone = false;
	if (rng_below(&r, 8) == 0) {
		snprintf(ret->kind, sizeof(ret->kind), "http %s", gen_http(s, &r, &out, &ret->alone));
	} else {
		struct buf b = { body, 0, GEN_MAX - 4096 };

		snprintf(ret->kind, sizeof(ret->kind), "json %s", gen_json(s, &r, &b));
		gen_request(s, b.p, b.n, &out);
	}
	ret->n = out.n;
}

void gen_honest(const struct gen_sample *s, struct gen_case *ret)
{
	struct buf out = { ret->bytes, 0, sizeof(ret->bytes) };

	gen_request(s, s->body, s->body_n, &out);
	ret->n = out.n;
	ret->alone = false;
	snprintf(ret->kind, sizeof(ret->kind), "honest");
}
