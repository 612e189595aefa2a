// SPDX-License-Identifier: Apache-2.0
#include "reports/campaigns/index.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "reports/read/read.h"

const json_t *run_at(const json_t *index, const json_t *at)
{
	return json_array_get(json_object_get(index, "runs"), (size_t)json_integer_value(at));
}

bool gate_met(const json_t *run)
{
	return !strcmp(get_text(json_object_get(run, "gate"), "verdict"), "MET") && !is_on(run, "rehearsal");
}

/* A day and time as jusan writes them, or "": then nobody knows when, and the run stands behind all others. */
static const char *when(const json_t *run)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	const char *text = get_text(json_object_get(run, "run"), "started");

	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return "";
	return text;
}

static int newest_first(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int order = strcmp(when(y), when(x));

	order = order ? order : strcmp(get_text(x, "path"), get_text(y, "path"));
	return order ? order : strcmp(get_text(x, "href"), get_text(y, "href"));
}

/* List in order; takes the members over. */
static json_t *sorted(json_t *list)
{
	size_t n = json_array_size(list);
	json_t **v = malloc((n + 1) * sizeof(json_t *)), *out = json_array();

	if (!v)
		abort();
	for (size_t i = 0; i < n; i++)
		v[i] = json_array_get(list, i);
	qsort(v, n, sizeof(*v), newest_first);
	for (size_t i = 0; i < n; i++)
		json_array_append(out, v[i]);
	free(v);
	json_decref(list);
	return out;
}

/* Their titles once, not in every run; the newest run's word counts. */
static json_t *take_titles(json_t *runs)
{
	json_t *out = json_object(), *run;
	size_t i;

	json_array_foreach(runs, i, run) {
		json_object_update_missing(out, json_object_get(run, "titles"));
		json_object_del(run, "titles");
	}
	return out;
}

bool index_read(const char *folder, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *raw = json_array();
	struct found f = { .folder = folder, .runs = raw, .not_read = json_array() };
	json_t *runs = json_array(), *one;
	size_t i;

	find_runs(&f);
	if (!f.folders && json_array_size(f.not_read) == 1 && !json_array_size(raw) &&
	    !strncmp(get_text(json_array_get(f.not_read, 0), "why"), "cannot be opened", 16)) {
		err_set(err, ERR_CONF, "%s: %s", folder, get_text(json_array_get(f.not_read, 0), "why"));
		json_decref(f.not_read);
		json_decref(runs);
		return false;
	}
	json_array_foreach(raw, i, one) {
		struct err why = { 0 };
		json_t *run = brief_read(folder, json_string_value(one), &why);

		if (run)
			json_array_append_new(runs, run);
		else
			not_read(&f, json_string_value(one), "%s", why.text);
	}
	runs = sorted(runs);
	*ret = json_pack("{s:s,s:o,s:o,s:o}", "format", "jusan-index/1", "titles", take_titles(runs), "runs", runs, "not_read", f.not_read);
	sets_add(*ret);
	return true;
}
