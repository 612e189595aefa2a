// SPDX-License-Identifier: Apache-2.0
/* Every report that is a file, from verdicts.json as anybody may write it. The input is a list of changes to a small one that
 * has everything: members become other texts, numbers, types, or are gone; elements are doubled. What result_check() lets
 * through must be written whole: JSON that parses, and no control character in any output. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/registry.h"
#include "harness/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define CHANGES 24
#define COUNTS "{\"PASS\":1,\"FAIL\":1,\"ERROR\":0,\"INCONCLUSIVE\":0,\"REVIEW\":0,\"NOT_TESTED\":0,\"NOT_APPLICABLE\":0}"
#define COVER "{\"evaluated\":1,\"applicable\":2}"
#define TEST(id, verdict, more)                                                                                                        \
	"{\"id\":\"" id "\",\"title\":{\"en\":\"A title\",\"ja\":\"題名\"},\"guideline\":\"G1\",\"decides\":[\"G1.1\"],\"supports\":[\"G1.2\"]," \
	"\"state\":\"initialised\",\"verdict\":\"" verdict "\",\"why\":\"saw 1\",\"unit\":1,\"attempts\":1,\"begin_ns\":10,\"end_ns\":30," \
	"\"limits\":[{\"name\":\"l\",\"value\":7,\"text\":\"7 s\",\"type\":\"time\",\"origin\":\"default\",\"source\":\"suites/a.yaml:1:2\",\"flag\":true}]," \
	"\"claims\":[{\"part\":\"expect\",\"rep\":\"a=b\",\"text\":\"t\",\"expected\":\"0\",\"actual\":\"1\",\"truth\":\"false\",\"verdict\":\"" verdict "\"," \
	"\"why\":\"w\",\"at\":[{\"file\":\"serial/console.raw\",\"off\":3,\"len\":40},{\"capture\":\"capture/up.pcapng\",\"frame\":9},{\"journal\":4}," \
	"{\"journal\":2,\"unit\":2}],\"observers\":[\"net.lan\"],\"compared\":{\"fact\":\"f\",\"values\":[\"a\"],\"whole\":true}}]," \
	"\"steps\":[{\"n\":3,\"rep\":\"\",\"part\":\"expect\",\"label\":\"l\",\"verb\":\"net.cut\",\"begin_ns\":11,\"end_ns\":20,\"status\":\"ok\",\"text\":\"x\"}]," \
	"\"scope\":[\"s\"],\"observers\":[\"net.lan\"],\"reproduce\":\"jusan run\",\"file\":\"suites/a.yaml\",\"line\":3,\"on_default\":[\"l\"]," \
	"\"grade\":\"L2\",\"grade_why\":\"g\"" more "}"
#define DECISION "{\"decide\":\"pass\",\"reviewer\":\"A\",\"date\":\"2026-01-01\",\"expires\":\"2027-01-01\",\"expired\":false,\"reason\":\"r\",\"asked\":\"\"," \
	"\"files\":[{\"path\":\"review/a\",\"name\":\"a\",\"sha256\":\"ab\"}],\"entry\":\"review/0001.json\",\"seal\":\"seals/0001.json\",\"signer\":\"\"}"

static const char start[] =
	"{\"format\":\"jusan-verdicts/1\",\"tool\":{\"name\":\"jusan\",\"version\":\"0.1.0\"},\"decided\":1,\"open\":1,\"of\":2,\"as_of\":\"2026-01-01\",\"on_default\":1,"
	"\"run\":{\"id\":\"r1\",\"maker\":\"M\",\"model\":\"P\",\"hardware\":\"A\",\"firmware\":\"1\",\"serial\":\"S1\",\"unit\":1,\"host\":\"h\",\"state\":\"complete\","
	"\"firmware_sha256\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"started\":\"2026-01-01T00:00:00Z\",\"ended\":\"2026-01-01T01:00:00Z\","
	"\"wall_offset_ns\":1700000000000000000,\"begin_ns\":5,\"end_ns\":90,\"notes\":[\"n\"],\"seed\":1,\"suites\":[{\"file\":\"a.yaml\",\"sha256\":\"ab\"}],"
	"\"runs\":[{\"unit\":2,\"serial\":\"S2\",\"run\":\"u2\",\"folder\":\"../u2\",\"seal\":{\"file\":\"MANIFEST.json\",\"sha256\":\"ab\"}}]},"
	"\"counts\":" COUNTS ",\"gate\":{\"verdict\":\"OPEN\",\"why\":\"w\",\"rehearsal\":true},"
	"\"guidelines\":[{\"id\":\"G1\",\"title\":{\"en\":\"Passwords\",\"ja\":\"初期\"},\"priority\":true,\"verdict\":\"FAIL\",\"should_verdict\":\"PASS\","
	"\"score\":{\"low\":100000,\"high\":900000},\"coverage\":{\"all\":" COVER ",\"a\":" COVER ",\"b\":" COVER ",\"c\":" COVER "},"
	"\"requirements\":[\"G1.1\",\"G1.2\"],\"tests\":[\"BT1-01\"]}],"
	"\"requirements\":[{\"id\":\"G1.1\",\"guideline\":\"G1\",\"text\":{\"en\":\"e\",\"ja\":\"j\"},\"phrase\":\"p\",\"force\":\"shall\",\"who\":[\"D\"],\"class\":\"a\","
	"\"verdict\":\"FAIL\",\"why\":\"w\",\"decided_by\":[\"BT1-01\"],\"supported_by\":[],\"records\":[\"ER1-01\"],\"grade\":\"L1\",\"grade_why\":\"\",\"on_default\":true,"
	"\"not_applicable\":{\"why\":\"w\",\"evidence\":\"e\"}},{\"id\":\"G1.2\",\"guideline\":\"G1\",\"text\":{\"en\":\"e\",\"ja\":\"j\"},\"phrase\":\"p\",\"force\":\"may\","
	"\"who\":[],\"class\":\"c\",\"verdict\":\"REVIEW\",\"why\":\"\",\"decided_by\":[],\"supported_by\":[\"BT1-01\"],\"records\":[]}],"
	"\"records\":[{\"id\":\"ER1-01\",\"title\":{\"en\":\"t\",\"ja\":\"t\"},\"serves\":[\"G1.1\"],\"ixit\":[3],\"stored\":{\"en\":\"s\",\"ja\":\"s\"},\"decides\":{\"en\":\"d?\","
	"\"ja\":\"d\"},\"verdict\":\"PASS\",\"why\":\"w\",\"grade\":null,\"grade_why\":\"\",\"decision\":" DECISION ",\"earlier\":[" DECISION "]}],"
	"\"marks\":[{\"pattern\":2,\"on\":\"BT1-01\",\"text\":{\"en\":\"m\",\"ja\":\"m\"},\"was\":\"PASS\",\"now\":\"INCONCLUSIVE\"}],"
	"\"tests\":[" TEST("BT1-01", "FAIL", ",\"rounds\":3,\"flaky\":333333,\"round_verdicts\":[\"PASS\",\"FAIL\",\"PASS\"],\"units\":[{\"unit\":1,\"serial\":\"S1\",\"run\":\"u1\","
	"\"verdict\":\"PASS\",\"why\":\"\"},{\"unit\":2,\"serial\":\"S2\",\"run\":\"u2\",\"verdict\":\"FAIL\",\"why\":\"w\"}]") ","
	TEST("BT1-02", "ERROR", "") "," TEST("BT1-03", "REVIEW", ",\"decision\":" DECISION) "," TEST("BT1-04", "PASS", "") "],"
	"\"mappings\":[{\"id\":\"m1\",\"title\":{\"en\":\"t\",\"ja\":\"t\"},\"edition\":\"1\",\"source\":\"s\",\"counts\":" COUNTS ",\"mandatory\":" COUNTS ",\"unverified\":1,"
	"\"conditions\":[{\"name\":\"1\",\"text\":{\"en\":\"c\",\"ja\":\"c\"},\"value\":null,\"evidence\":\"\"}],\"features\":[],\"lines\":[{\"id\":\"5.1-1\",\"topic\":{\"en\":\"t\","
	"\"ja\":\"t\"},\"force\":\"M\",\"status\":\"M C(1)\",\"verdict\":\"FAIL\",\"why\":\"w\",\"from\":[\"G1.1\",\"BT1-02\",\"ER1-01\"],\"nearest\":[\"G1.2\"],"
	"\"certainty\":\"unverified\"}]},{\"id\":\"m2\",\"basis\":\"m1\",\"title\":{\"en\":\"t\",\"ja\":\"t\"},\"edition\":\"1\",\"source\":\"s\",\"counts\":" COUNTS ","
	"\"mandatory\":" COUNTS ",\"unverified\":0,\"conditions\":[],\"features\":[],\"lines\":[{\"id\":\"a\",\"topic\":{\"en\":\"t\",\"ja\":\"t\"},\"verdict\":\"FAIL\",\"why\":\"w\","
	"\"from\":[\"5.1-1\"],\"related\":[\"5.1-1\"],\"ixit\":[1],\"kind\":\"conceptual\",\"remark\":{\"en\":\"r\",\"ja\":\"r\"},\"certainty\":\"verified\"}]}],"
	"\"declaration\":{\"m1\":{\"conditions\":{\"1\":{\"value\":true,\"evidence\":\"e\",\"from\":\"f\",\"text\":{\"en\":\"t\",\"ja\":\"t\"}}},\"features\":{},\"ics\":[{\"id\":\"5.1-1\","
	"\"topic\":{\"en\":\"t\",\"ja\":\"t\"},\"status\":\"M\",\"support\":\"Y\",\"detail\":\"d\",\"evidence\":\"e\",\"where\":\"device.yaml:1:2\"}]}},"
	"\"findings\":[{\"kind\":\"bench-version\",\"text\":\"t\",\"where\":\"device.yaml:1:1\",\"lines\":[\"m1 5.1-1\"],\"seen\":{\"journal\":4}}],"
	"\"timeline\":{\"begin_ns\":5,\"end_ns\":90,\"lanes\":[{\"name\":\"tests\",\"kind\":\"span\",\"items\":[{\"t_ns\":10,\"end_ns\":30,\"text\":\"BT1-01\",\"at\":{\"journal\":4}}]},"
	"{\"name\":\"power.main\",\"kind\":\"level\",\"items\":[{\"t_ns\":6,\"value\":1,\"text\":\"on\",\"at\":{\"file\":\"serial/console.raw\",\"off\":1,\"len\":2}}]},"
	"{\"name\":\"capture.up\",\"kind\":\"rate\",\"items\":[{\"t_ns\":6,\"end_ns\":9,\"value\":4,\"at\":{\"capture\":\"capture/up.pcapng\",\"frame\":2}}]}]},"
	"\"bench\":{\"lines\":[{\"name\":\"power.main\",\"driver\":\"uml\",\"notes\":[\"n\"],\"stamp\":{\"ok\":true,\"why\":\"\",\"made\":\"2026-01-01\",\"until\":\"2027-01-01\","
	"\"identity\":\"i\",\"median_ns\":5,\"max_ns\":9,\"uncertainty_ns\":1}}],\"drops\":0},\"declared\":{\"maker\":\"M\",\"model\":\"P\",\"units\":[\"S1\"]},"
	"\"waivers\":[{\"id\":\"BT1-01\",\"who\":\"J\",\"why\":\"w\",\"until\":\"2027-01-01\",\"date\":\"2026-01-01\",\"expired\":false,\"entry\":\"review/0002.json\",\"seal\":\"\"}]}";

/* ---- changes ---- */
struct in { const uint8_t *p, *end; };

static unsigned byte(struct in *in) { return in->p < in->end ? *in->p++ : 0; }

static json_t *text(struct in *in)
{
	static const char *const nasty[] = { "", "\xe2\x80\xae", "\x1b[31m", "](x) <b>&\"'`|", "=1+1", "@all #1 www.x.y", "{0} {{ }}", "\r\n\t\x7f", "../..", "BT1-01", "G1.1",
					     "unit1/journal.jsonl", "inputs/a.yaml", "PASS", "2026-13-41T99:99:99Z", "Z" };
	unsigned kind = byte(in);
	size_t n;
	char many[700] = "";
	json_t *s;

	if (kind < 128)
		return json_string(nasty[kind % 16]);
	n = (kind & 64) ? 600 : kind & 15;
	for (size_t i = 0; i < n; i++)
		many[i] = (char)(kind & 64 ? "`<\xe3\x81\x82|"[i % 6 % 5] : (int)byte(in));
	s = json_stringn(many, n);
	return s && !memchr(many, 0, n) ? s : (json_decref(s), json_string("\x01"));
}

static json_t *value(struct in *in)
{
	static const json_int_t number[] = { 0, 1, -1, INT32_MAX, INT64_MAX, INT64_MIN, (json_int_t)1 << 33, 1000000 };

	switch (byte(in) % 7) {
	case 0: return json_integer(number[byte(in) % 8]);
	case 1: return json_integer((json_int_t)(byte(in) << 8 | byte(in)));
	case 2: return json_null();
	case 3: return json_array();
	case 4: return json_object();
	case 5: return json_boolean(byte(in) & 1);
	default: return text(in);
	}
}

/* Walks in the order of members until *left is used up, and changes what it stands at. */
static bool change(json_t *v, unsigned *left, struct in *in)
{
	const char *key;
	json_t *e;
	size_t i;
	void *next;

	json_object_foreach_safe(v, next, key, e) {
		if ((*left)--)  {
			if (change(e, left, in))
				return true;
			continue;
		}
		if (byte(in) % 8 == 0)
			json_object_del(v, key);
		else
			json_object_set_new(v, key, json_is_string(e) && byte(in) % 4 ? text(in) : value(in));
		return true;
	}
	json_array_foreach(v, i, e) {
		if ((*left)--) {
			if (change(e, left, in))
				return true;
			continue;
		}
		if (byte(in) % 4 == 0)
			json_array_append_new(v, json_deep_copy(e));
		else
			json_array_set_new(v, i, json_is_string(e) && byte(in) % 4 ? text(in) : value(in));
		return true;
	}
	return false;
}

/* ---- what must hold ---- */
static bool ends(const char *name, const char *with)
{
	size_t n = strlen(name), k = strlen(with);

	return n >= k && !strcmp(name + n - k, with);
}

static void check(const struct report *r, const char *text_of, size_t n)
{
	bool json = ends(r->file, ".json") || ends(r->file, ".sarif");

	if (json) {
		json_t *back = json_loadb(text_of, n, JSON_REJECT_DUPLICATES, NULL);

		if (!back)
			abort();
		json_decref(back);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text_of[i];

		if ((c < 0x20 && c != '\n' && !(c == '\r' && ends(r->file, ".csv")) && !(c == '\t' && ends(r->file, ".html"))) || (c == 0x7f && !json))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct in in = { data, data + len };
	CLEANUP(free_json) json_t *v = json_loads(start, 0, NULL);
	struct result result = { .dir = "fixtures/golden/run", .verdicts = v };
	struct err err = { 0 };

	if (!v || !result_check(v, &err))
		abort();
	for (unsigned n = 0; n < CHANGES && in.p < in.end; n++) {
		CLEANUP(free_json) json_t *before = json_deep_copy(v);
		unsigned left = byte(&in) << 8 | byte(&in);

		left %= 900;
		change(v, &left, &in);
		if (result_check(v, &err))
			continue;
		json_object_clear(v);           /* back to what holds, and on with the next change */
		json_object_update(v, before);
		err = (struct err){ 0 };
	}
	for (const struct report *const *r = report_table; *r; r++) {
		CLEANUP(free_ptr) char *written = NULL;
		size_t n = 0;
		FILE *out;

		if (!(*r)->file)
			continue;
		out = open_memstream(&written, &n);
		if (!out || !(*r)->write(&result, out, &err))
			abort();
		fclose(out);
		check(*r, written, n);
	}
	return 0;
}
