// SPDX-License-Identifier: Apache-2.0
// One run in brief. verdicts.json is megabytes of claims and steps: only what the index shows is built of it.
#include <fcntl.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/base/pick.h"
#include "reports/campaigns/index.h"
#include "reports/read/read.h"

#define VERDICTS_MAX ((size_t)256 << 20)

static const struct pick en[] = { { "en", NULL }, { 0 } };
static const struct pick guideline[] = { { "id", NULL }, { "verdict", NULL }, { "should_verdict", NULL }, { 0 } };
static const struct pick unit[] = {
	{ "unit", NULL }, { "serial", NULL }, { "run", NULL }, { "verdict", NULL }, { "why", NULL }, { "round_verdicts", NULL }, { 0 }
};
static const struct pick test[] = {
	{ "id", NULL }, { "title", en }, { "verdict", NULL }, { "flaky", NULL }, { "round_verdicts", NULL }, { "units", unit }, { 0 }
};
static const struct pick part[] = { { "unit", NULL }, { "serial", NULL }, { "run", NULL }, { 0 } };
static const struct pick run[] = {
	{ "id", NULL }, { "started", NULL }, { "ended", NULL }, { "maker", NULL }, { "product", NULL }, { "model", NULL }, { "hardware", NULL },
	{ "firmware", NULL }, { "firmware_sha256", NULL }, { "serial", NULL }, { "unit", NULL }, { "bench", NULL }, { "bench_kind", NULL },
	{ "bench_sha256", NULL }, { "device_sha256", NULL }, { "machine", NULL }, { "profile", NULL }, { "profile_sha256", NULL }, { "seed", NULL },
	{ "suites", NULL }, { "state", NULL }, { "repeat", NULL }, { "tool", NULL }, { "only", NULL }, { "rehearsal", NULL }, { "runs", part }, { 0 }
};
static const struct pick whole[] = {
	{ "format", NULL }, { "decided", NULL }, { "open", NULL }, { "of", NULL }, { "run", run }, { "counts", NULL }, { "gate", NULL },
	{ "guidelines", guideline }, { "tests", test }, { 0 }
};

json_t *path_json(const char *raw)
{
	json_t *text = json_string(raw);
	char *buf = NULL;
	size_t n = 0;
	FILE *f;

	if (text)
		return text;
	f = open_memstream(&buf, &n);
	if (!f)
		abort();
	escape_terminal(f, raw);
	fclose(f);
	text = json_string(buf);
	free(buf);
	return text ? text : json_string("?");
}

json_t *path_href(const char *raw)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/";
	CLEANUP(free_ptr) char *buf = malloc(3 * strlen(raw) + 1);
	size_t n = 0;

	if (!buf)
		abort();
	for (; *raw; raw++)
		if (strchr(plain, *raw))
			buf[n++] = *raw;
		else
			n += (size_t)sprintf(buf + n, "%%%02X", (unsigned char)*raw);
	buf[n] = '\0';
	return json_string(buf);
}

static bool load(const char *folder, const char *raw, json_t **ret, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	CLEANUP(free_ptr) char *text = NULL;
	char name[FS_PATH];
	struct stat st;
	size_t n = 0;

	if (!fs_join(name, raw, "verdicts.json", err) || !fs_open_below(folder, name, &fd, err))
		return false;
	if (fstat(fd, &st) < 0 || st.st_size < 0 || (size_t)st.st_size > VERDICTS_MAX)
		return err_set(err, ERR_LIMIT, "verdicts.json: larger than %zu MiB", VERDICTS_MAX >> 20);
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return err_sys(err, "verdicts.json");
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, text + n, (size_t)st.st_size - n);

		if (got < 0)
			return err_sys(err, "verdicts.json");
		if (!got)
			break;
		n += (size_t)got;
	}
	return pick_json(text, n, whole, ret, err) || err_in(err, "verdicts.json");
}

/* ---- of the form? ---- */
static bool known(const json_t *o, const char *key)
{
	enum verdict v;

	return verdict_parse(json_string_value(json_object_get(o, key)), &v);
}

static bool is_gate(const char *word)
{
	return !strcmp(word, "MET") || !strcmp(word, "NOT MET") || !strcmp(word, "OPEN");
}

static bool words_known(const json_t *words)
{
	enum verdict v;

	for (size_t i = 0; i < json_array_size(words); i++)
		if (!verdict_parse(json_string_value(json_array_get(words, i)), &v))
			return false;
	return true;
}

static bool test_known(const json_t *t)
{
	const json_t *units = json_object_get(t, "units");

	for (size_t i = 0; i < json_array_size(units); i++)
		if (!known(json_array_get(units, i), "verdict") || !words_known(json_object_get(json_array_get(units, i), "round_verdicts")))
			return false;
	return *get_text(t, "id") && known(t, "verdict") && words_known(json_object_get(t, "round_verdicts"));
}

static bool check(const json_t *v, struct err *err)
{
	static const char *const numbers[] = { "decided", "open", "of", NULL };
	const json_t *tests = json_object_get(v, "tests"), *guidelines = json_object_get(v, "guidelines");

	if (strcmp(get_text(v, "format"), RESULT_FORMAT))
		return err_set(err, ERR_CONF, "verdicts.json: not of format " RESULT_FORMAT);
	for (const char *const *n = numbers; *n; n++)
		if (!json_is_integer(json_object_get(v, *n)))
			return err_set(err, ERR_CONF, "verdicts.json: '%s' is missing or of the wrong kind", *n);
	if (!json_is_object(json_object_get(v, "run")) || !json_is_object(json_object_get(v, "counts")))
		return err_set(err, ERR_CONF, "verdicts.json: 'run' or 'counts' is missing or of the wrong kind");
	if (!is_gate(get_text(json_object_get(v, "gate"), "verdict")))
		return err_set(err, ERR_CONF, "verdicts.json: 'gate' is missing or of the wrong kind");
	if (!json_is_array(tests) || !json_is_array(guidelines))
		return err_set(err, ERR_CONF, "verdicts.json: 'tests' or 'guidelines' is missing or of the wrong kind");
	for (size_t i = 0; i < json_array_size(guidelines); i++)
		if (!known(json_array_get(guidelines, i), "verdict"))
			return err_set(err, ERR_CONF, "verdicts.json: guideline %zu has no known verdict", i + 1);
	for (size_t i = 0; i < json_array_size(tests); i++)
		if (!test_known(json_array_get(tests, i)))
			return err_set(err, ERR_CONF, "verdicts.json: test %zu has no name, or a verdict nobody knows", i + 1);
	return true;
}

/* ---- what is kept ---- */
/* The files of the suites as one hash: for "the same suites or not" nothing more is asked. */
static void fold_suites(json_t *r)
{
	const json_t *suites = json_object_get(r, "suites");
	char *text, hex[HASH_HEX];

	if (!suites)
		return;
	text = json_dumps(suites, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	if (!text)
		abort();
	hash_text(text, strlen(text), hex);
	free(text);
	json_object_set_new(r, "suites", json_string(hex));
}

static void put(json_t *out, const char *under, const char *id, json_t *v)
{
	json_t *o = json_object_get(out, under);

	if (!o)
		json_object_set_new(out, under, o = json_object());
	json_object_set(o, id, v);
}

static void add_tests(json_t *out, const json_t *tests)
{
	json_object_set_new(out, "tests", json_object());
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *t = json_array_get(tests, i);
		const char *id = get_text(t, "id");
		const json_t *before = json_object_get(json_object_get(out, "tests"), id);

		if (before && verdict_severity(verdict_word(json_string_value(before))) >= verdict_severity(verdict_of(t, "verdict")))
			continue;                       /* of several with one id the worst */
		put(out, "tests", id, json_object_get(t, "verdict"));
		put(out, "titles", id, json_object_get(json_object_get(t, "title"), "en"));
		if (count_of(t, "round_verdicts"))
			put(out, "rounds", id, json_object_get(t, "round_verdicts"));
		if (json_is_integer(json_object_get(t, "flaky")))
			put(out, "flaky", id, json_object_get(t, "flaky"));
		if (count_of(t, "units"))
			put(out, "units", id, json_object_get(t, "units"));
	}
}

static json_t *guidelines_of(const json_t *list)
{
	json_t *out = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *g = json_array_get(list, i);

		json_object_set_new(out, get_text(g, "id"), json_pack("{s:s,s:s}", "verdict", verdict_name(verdict_of(g, "verdict")), "should",
								      verdict_name(verdict_of(g, "should_verdict"))));
	}
	return out;
}

static bool has_report(const char *folder, const char *raw)
{
	CLEANUP(close_fd) int fd = -1;
	char name[FS_PATH];
	struct err none = { 0 };

	return fs_join(name, raw, "report/report.html", &none) && fs_open_below(folder, name, &fd, &none);
}

json_t *brief_read(const char *folder, const char *raw, struct err *err)
{
	static const char *const copied[] = { "run", "decided", "open", "of", "counts", "gate", NULL };
	CLEANUP(free_json) json_t *v = NULL;
	json_t *out;

	if (!load(folder, raw, &v, err) || !check(v, err))
		return NULL;
	fold_suites(json_object_get(v, "run"));
	out = json_pack("{s:o,s:o,s:b}", "path", path_json(raw), "href", path_href(raw), "report", has_report(folder, raw));
	for (const char *const *k = copied; *k; k++)
		json_object_set(out, *k, json_object_get(v, *k));
	json_object_set_new(out, "rehearsal", json_boolean(is_on(json_object_get(v, "gate"), "rehearsal") || is_on(json_object_get(v, "run"), "rehearsal")));
	json_object_set_new(out, "guidelines", guidelines_of(json_object_get(v, "guidelines")));
	add_tests(out, json_object_get(v, "tests"));
	return out;
}
