/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/read.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"

#define TIME_MAX (INT64_MAX / 4) /* 73 years of uptime; differences cannot overflow */
#define SEALS_MAX 9999

const char *get_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

int64_t get_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

int64_t get_ns(const json_t *o, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v))
		return otherwise;
	return json_integer_value(v) < 0 ? 0 : json_integer_value(v) > TIME_MAX ? TIME_MAX : json_integer_value(v);
}

enum verdict verdict_word(const char *word)
{
	enum verdict v;

	return verdict_parse(word, &v) ? v : VERDICT_NOT_TESTED;
}

enum verdict verdict_of(const json_t *o, const char *key)
{
	return verdict_word(get_text(o, key));
}

const char *verdict_ja(enum verdict v)
{
	static const char *const word[VERDICT_COUNT] = {
		[VERDICT_NOT_TESTED] = "未試験", [VERDICT_PASS] = "適合", [VERDICT_FAIL] = "不適合", [VERDICT_ERROR] = "設備異常",
		[VERDICT_INCONCLUSIVE] = "判定不能", [VERDICT_REVIEW] = "要確認", [VERDICT_NOT_APPLICABLE] = "該当なし",
	};

	return word[v];
}

const json_t *waiver_of(const json_t *verdicts, const char *id)
{
	const json_t *list = json_object_get(verdicts, "waivers"), *ret = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *w = json_array_get(list, i);

		if (*id && !strcmp(get_text(w, "id"), id) && (!ret || (is_on(ret, "expired") && !is_on(w, "expired"))))
			ret = w;
	}
	return ret;
}

const char *pointer_text(const json_t *at, char *buf, size_t size)
{
	const char *capture = get_text(at, "capture"), *file = get_text(at, "file");
	int n;

	if (*capture) {
		snprintf(buf, size, "%s#%" PRId64, capture, get_int(at, "frame"));
	} else if (*file) {
		n = snprintf(buf, size, "%s", file);
		if (json_object_get(at, "off") && n >= 0 && (size_t)n < size)
			n += snprintf(buf + n, size - (size_t)n, "@%" PRId64, get_int(at, "off"));
		if (get_int(at, "len") && n >= 0 && (size_t)n < size)
			snprintf(buf + n, size - (size_t)n, "+%" PRId64, get_int(at, "len"));
	} else if (!json_object_get(at, "journal")) {
		snprintf(buf, size, "?");
	} else if (json_object_get(at, "unit")) {       /* of a campaign: in the run of that unit */
		snprintf(buf, size, "unit%" PRId64 "/journal#%" PRId64, get_int(at, "unit"), get_int(at, "journal"));
	} else {
		snprintf(buf, size, "journal#%" PRId64, get_int(at, "journal"));
	}
	return buf;
}

const char *stamp_text(const json_t *run, int64_t t_ns, char ret[static READ_STAMP])
{
	int64_t offset = get_int(run, "wall_offset_ns"), wall;
	struct tm tm;
	time_t s;

	ret[0] = '\0';
	if (offset <= 0 || t_ns <= 0 || __builtin_add_overflow(offset, t_ns, &wall))
		return ret;
	s = (time_t)(wall / INT64_C(1000000000));
	if (gmtime_r(&s, &tm) && tm.tm_year < 8100)
		snprintf(ret, READ_STAMP, "%04d-%02d-%02dT%02d:%02d:%02d.%03" PRId64 "Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			 tm.tm_hour, tm.tm_min, tm.tm_sec, wall / INT64_C(1000000) % 1000);
	return ret;
}

/* SHA-1 over the namespace and the name (RFC 4122 section 4.3). The namespace was drawn once. */
const char *uuid_text(const char *name, char ret[static READ_UUID])
{
	static const uint8_t jusan[16] = { 0x6a, 0x75, 0x73, 0x61, 0x6e, 0x13, 0x4d, 0x0c, 0x9b, 0x1f, 0x52, 0xe7, 0x30, 0xaa, 0x41, 0xd8 };
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t d[EVP_MAX_MD_SIZE] = { 0 };

	if (c && EVP_DigestInit_ex(c, EVP_sha1(), NULL) && EVP_DigestUpdate(c, jusan, sizeof(jusan)) &&
	    EVP_DigestUpdate(c, name, strlen(name)))
		EVP_DigestFinal_ex(c, d, NULL);
	EVP_MD_CTX_free(c);
	d[6] = (uint8_t)((d[6] & 0x0f) | 0x50);
	d[8] = (uint8_t)((d[8] & 0x3f) | 0x80);
	snprintf(ret, READ_UUID, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1], d[2], d[3], d[4], d[5],
		 d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
	return ret;
}

static bool add_seal(const char *dir, const char *name, json_t *files)
{
	CLEANUP(free_json) json_t *seal = NULL;
	char path[FS_PATH];
	struct err none = { 0 };
	const json_t *list;

	if (!fs_join(path, dir, name, &none) || !(seal = json_load_file(path, 0, NULL)))
		return false;
	list = json_object_get(seal, "files");
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *f = json_array_get(list, i);

		if (*get_text(f, "path"))
			json_object_set(files, get_text(f, "path"), f);
	}
	return true;
}

json_t *sealed_files(const char *dir)
{
	json_t *files = json_object();
	char name[32] = "MANIFEST.json";

	for (unsigned i = 1; add_seal(dir, name, files) && i <= SEALS_MAX; i++)
		snprintf(name, sizeof(name), "seals/%04u.json", i);
	return files;
}
