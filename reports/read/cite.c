/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/cite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/read/fit.h"
#include "reports/read/read.h"

/* "unit2/serial/console.raw" of a campaign lies in the run of unit 2, whose folder run.json names from the campaign's. */
static bool in_unit(const json_t *run, const char *path, char *ret, size_t size)
{
	const json_t *runs = json_object_get(run, "runs");
	char *end;
	long unit;

	if (strncmp(path, "unit", 4) || path[4] < '1' || path[4] > '9')
		return false;
	unit = strtol(path + 4, &end, 10);
	if (*end != '/')
		return false;
	for (size_t i = 0; i < fit_count(runs); i++) {
		const json_t *one = json_array_get(runs, i);

		if (get_int(one, "unit") == unit && *get_text(one, "folder"))
			return snprintf(ret, size, "%s%s", get_text(one, "folder"), end) < (int)size;
	}
	return false;
}

bool cite_path(const json_t *run, const json_t *sealed, const char *path, struct cite *ret)
{
	char real[CITE_PATH * 2], line[FIT_LINE], encoded[CITE_PATH * 3];

	if (!*path || strlen(path) >= sizeof(ret->path))
		return false;
	if (!in_unit(run, path, real, sizeof(real)))
		snprintf(real, sizeof(real), "%s", path);
	if (!fit_path(real, encoded, sizeof(encoded)))
		return false;
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	snprintf(ret->href, sizeof(ret->href), "%s%s", encoded[0] == '/' ? "file://" : "../", encoded);
	snprintf(ret->place, sizeof(ret->place), "%.690s", fit_line(path, line));
	ret->sha256 = get_text(json_object_get(sealed, path), "sha256");
	if (!fit_sha256(ret->sha256))
		ret->sha256 = "";
	return true;
}

bool cite_pointer(const json_t *run, const json_t *sealed, const json_t *at, struct cite *ret)
{
	char path[CITE_PATH], place[CITE_PATH], line[FIT_LINE];

	if (*get_text(at, "capture") || *get_text(at, "file")) {
		const char *name = *get_text(at, "capture") ? get_text(at, "capture") : get_text(at, "file");

		if (snprintf(path, sizeof(path), "%s", name) >= (int)sizeof(path))
			return false;
	} else if (!json_is_integer(json_object_get(at, "journal"))) {
		return false;
	} else if (json_is_integer(json_object_get(at, "unit"))) {
		snprintf(path, sizeof(path), "unit%" PRId64 "/journal.jsonl", get_int(at, "unit"));
	} else {
		snprintf(path, sizeof(path), "journal.jsonl");
	}
	if (!cite_path(run, sealed, path, ret))
		return false;
	snprintf(ret->place, sizeof(ret->place), "%.690s", fit_line(pointer_text(at, place, sizeof(place)), line));
	return true;
}

static int rank(const json_t *claim)
{
	const char *truth = get_text(claim, "truth");

	return !strcmp(truth, "false") ? 0 : strcmp(truth, "true") ? 1 : 2;
}

size_t cite_claims(const json_t *test, const json_t *ret[static CITE_CLAIMS])
{
	const json_t *list = json_object_get(test, "claims");
	size_t n = 0;

	for (int r = 0; r < 3; r++)
		for (size_t i = 0; i < json_array_size(list) && n < CITE_CLAIMS; i++)
			if (rank(json_array_get(list, i)) == r)
				ret[n++] = json_array_get(list, i);
	return n;
}
