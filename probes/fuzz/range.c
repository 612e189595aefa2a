/* SPDX-License-Identifier: Apache-2.0
 *
 * range.c - values at, inside and beyond the declared range of each input, and values that are none. Accepted means a
 * 2xx answer; a device that takes a value and flags it invalid is judged by the suite. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/proto/fetch.h"
#include "harness/proto/url.h"
#include "probes/fuzz/fuzz.h"

struct input { const char *name, *method, *url, *body, *user, *password, *type; struct url_target to; double min, max; bool whole; };
struct range {
	struct step *st;
	struct fetch *fetch;
	int64_t cases, accepted_outside, refused_inside, broken, unanswered, held;
	char worst[300];
};

bool fuzz_text(const json_t *row, const char *key, const char *fallback, const char **ret, struct err *err)
{
	const json_t *j = json_object_get(row, key);

	*ret = j ? json_string_value(j) : fallback;
	return *ret || err_set(err, ERR_CONF, "'%s' must be %s", key, j ? "text" : "given");
}

static bool read_input(struct step *st, const json_t *row, struct input *in, struct err *err)
{
	const json_t *min = json_object_get(row, "min"), *max = json_object_get(row, "max");

	if (!json_is_number(min) || !json_is_number(max))
		return err_set(err, ERR_CONF, "an input needs min and max");
	in->min = json_number_value(min);
	in->max = json_number_value(max);
	in->user = json_string_value(json_object_get(row, "user"));
	in->password = json_string_value(json_object_get(row, "password"));
	if (!fuzz_text(row, "name", "input", &in->name, err) || !fuzz_text(row, "method", "PUT", &in->method, err) ||
	    !fuzz_text(row, "url", NULL, &in->url, err) || !fuzz_text(row, "body", NULL, &in->body, err) ||
	    !fuzz_text(row, "type", "application/json", &in->type, err))
		return false;
	if (!strstr(in->body, "${value}"))
		return err_set(err, ERR_CONF, "input '%s': the body has no ${value}", in->name);
	return url_target(st, URL_RULES, in->url, &in->to, err);
}

/* body with every ${value} replaced; malloc'd. */
static char *with_value(const char *body, const char *value)
{
	size_t n = strlen(body) + 1, k = strlen(value), count = 0;
	char *out, *p;

	for (const char *s = body; (s = strstr(s, "${value}")); s += 8)
		count++;
	p = out = malloc(n + count * k);
	if (!out)
		return NULL;
	while (*body) {
		if (!strncmp(body, "${value}", 8)) {
			memcpy(p, value, k);
			p += k;
			body += 8;
		} else {
			*p++ = *body++;
		}
	}
	*p = 0;
	return out;
}

static void note(struct range *r, const struct input *in, const char *value, const char *what, int status)
{
	if (!r->worst[0])
		snprintf(r->worst, sizeof(r->worst), "%s = %.120s: %s (status %d)", in->name, value, what, status);
}

static bool put_value(struct range *r, const struct input *in, const char *value, bool inside, struct err *err)
{
	CLEANUP(free_ptr) char *body = with_value(in->body, value);
	struct fetch_ask ask = { .method = in->method, .url = in->to.url, .address = in->to.address, .user = in->user,
				 .password = in->password, .body = body, .type = in->type, .no_verify = in->to.dut,
				 .no_name = in->to.dut, .timeout_ns = step_int(r->st, "timeout") };
	struct fetch_answer a = { .body = "" };

	if (!body)
		return err_set(err, ERR_OS, "out of memory");
	if (in->to.address[0] && !fetch_do(r->fetch, &ask, &a, err))
		return false;
	r->cases++;
	if (!a.reached) {
		r->unanswered++;
		note(r, in, value, "no answer", 0);
	} else if (a.status == 401 || a.status == 403 || a.status == 429) {
		r->held++;              /* kept out before the value was looked at */
	} else if (a.status >= 500) {
		r->broken++;
		note(r, in, value, "the device failed inside", a.status);
	} else if (a.status < 300 && !inside) {
		if (!r->accepted_outside++)
			r->worst[0] = 0;        /* outweighs whatever stood there */
		note(r, in, value, "accepted", a.status);
	} else if (a.status >= 300 && inside) {
		r->refused_inside++;
		note(r, in, value, "refused", a.status);
	}
	return true;
}

static const char *number_text(double v, char *buf, size_t n)
{
	snprintf(buf, n, "%.17g", v);
	return buf;
}

/* No value at all, or one whose size leaves every declared range. */
static const char *const odd_values[] = {
	"NaN", "Infinity", "-Infinity", "\"\"", "null", "true", "[]", "{}", "\"text\"", "\"NaN\"", "1e308", "-1e308", "1e999", "",
};
static const double edges[] = { -2147483648.0, -2147483649.0, 2147483647.0, 2147483648.0, -9223372036854775808.0, 9223372036854775808.0,
				18446744073709551616.0, 65536.0, 256.0, -1e6, 1e6 };

static bool put_outside(struct range *r, const struct input *in, struct err *err)
{
	char text[64];
	double beyond[] = { in->min - 1, in->max + 1, in->min - 0.001, in->max + 0.001 };

	for (size_t i = 0; i < 4; i++)
		if ((beyond[i] < in->min || beyond[i] > in->max) && !put_value(r, in, number_text(beyond[i], text, sizeof(text)), false, err))
			return false;
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		if ((edges[i] < in->min || edges[i] > in->max) && !put_value(r, in, number_text(edges[i], text, sizeof(text)), false, err))
			return false;
	for (size_t i = 0; i < sizeof(odd_values) / sizeof(odd_values[0]); i++)
		if (!put_value(r, in, odd_values[i], false, err))
			return false;
	return true;
}

/* Last, so that the device is left with a value it likes. */
static bool put_inside(struct range *r, const struct input *in, struct err *err)
{
	double mid = (double)(int64_t)((in->min + in->max) / 2);
	char text[64];

	return put_value(r, in, number_text(in->min, text, sizeof(text)), true, err) &&
	       put_value(r, in, number_text(in->max, text, sizeof(text)), true, err) &&
	       (mid < in->min || put_value(r, in, number_text(mid, text, sizeof(text)), true, err));
}

static bool run_input(struct range *r, const json_t *row, struct err *err)
{
	struct input in = { .name = "" };

	return read_input(r->st, row, &in, err) && put_outside(r, &in, err) && put_inside(r, &in, err);
}

static void report(struct range *r, size_t inputs)
{
	struct step *st = r->st;

	fact_int(st, "cases", r->cases);
	fact_int(st, "accepted_outside", r->accepted_outside);
	fact_int(st, "refused_inside", r->refused_inside);
	fact_int(st, "broken", r->broken);
	fact_int(st, "unanswered", r->unanswered);
	fact_text(st, "worst", r->worst);
	step_observer(st, "net.lan");
	step_scope_text(st, "%" PRId64 " values for %zu inputs", r->cases, inputs);
	if (r->unanswered || r->held)
		step_incomplete(st, "%" PRId64 " values got no answer, %" PRId64 " were not looked at (log-in or lock)", r->unanswered, r->held);
}

bool fuzz_range(struct step *st, struct err *err)
{
	const json_t *rows = step_json(st, "inputs"), *row;
	struct range r = { .st = st };
	bool ok = fetch_new(&r.fetch, err);
	size_t i, n = json_is_array(rows) ? json_array_size(rows) : 1;

	if (json_is_object(rows))
		ok = ok && run_input(&r, rows, err);
	else
		json_array_foreach(rows, i, row)
			ok = ok && run_input(&r, row, err);
	if (ok)
		report(&r, n);
	fetch_free(r.fetch);
	return ok;
}
