/* SPDX-License-Identifier: Apache-2.0
 *
 * ICS and IXIT as declared. What is not declared stays a blank for the manufacturer. */
#include <string.h>

#include "reports/document/doc.h"

#define TABLES 29

static const char *const editions[] = { "en303645-v2.1.1", "en303645-v3.1.3" };

/* certification_test.c holds this against harness/ixit_tables.c, which reports may not include. */
const char *doc_ixit_name(unsigned number, unsigned edition)
{
	static const char *const name[TABLES] = {
		"AuthMech", "UserInfo", "VulnTypes", "Conf", "VulnMon", "SoftComp", "UpdMech", "UpdProc", "ReplSup", "SecParam", "SecComMech",
		"NetSecImpl", "SoftServ", "SecMgmt", "PhyIntf", "CodeMin", "PrivlCtrl", "AccCtrl", "SecDev", "SecBoot", "PersData", "ExtSens",
		"ResMech", "TelData", "DelFunc", "UserDec", "UserIntf", "LogIntf", "InpVal"
	};

	if (number < 1 || number > TABLES)
		return NULL;
	if (!edition && (number == 11 || number == 15 || number == 28))
		return number == 11 ? "ComMech" : number == 15 ? "Intf" : "ExtAPI";
	return name[number - 1];
}

/* ---- which edition ---- */
static bool usable(const struct doc *d, const char *edition) { return doc_mapping(d, edition) != NULL; }

const char *doc_edition(const struct doc *d, const char **ret_why)
{
	const char *claimed = get_text(json_object_get(d->v, "declared"), "edition");
	const char *tables = get_text(json_object_get(d->device, "ixit"), "edition");
	const json_t *declaration = json_object_get(d->v, "declaration");

	for (unsigned i = 0; i < 2; i++) {
		*ret_why = "claimed in the declaration";
		if (!strcmp(claimed, editions[i]) && usable(d, editions[i]))
			return editions[i];
	}
	*ret_why = "no edition is claimed; it is the one whose IXIT tables are declared";
	if ((!strcmp(tables, "1.1.1") || !strcmp(tables, "2.1.1")) && usable(d, editions[tables[0] == '2']))
		return editions[tables[0] == '2'];
	*ret_why = "no edition is claimed; it is the newest with an ICS";
	for (unsigned i = 2; i-- > 0;)
		if (json_object_get(json_object_get(declaration, editions[i]), "ics") && usable(d, editions[i]))
			return editions[i];
	*ret_why = "no edition is claimed and no ICS declared";
	for (unsigned i = 2; i-- > 0;)
		if (usable(d, editions[i]))
			return editions[i];
	return NULL;
}

/* ---- ICS ---- */
static const char *ics_key(const char *edition, const char *line, char buf[static 128])
{
	snprintf(buf, 128, "%.20s %.100s", edition, line);
	return buf;
}

json_t *doc_ics_index(const json_t *verdicts)
{
	json_t *ret = json_object(), *all;
	char key[128];

	for (unsigned e = 0; e < 2; e++) {
		all = json_object_get(json_object_get(json_object_get(verdicts, "declaration"), editions[e]), "ics");
		for (size_t i = json_array_size(all); i-- > 0;)         /* of two answers the first stays */
			json_object_set(ret, ics_key(editions[e], get_text(json_array_get(all, i), "id"), key), json_array_get(all, i));
	}
	return ret;
}

const json_t *doc_ics(const struct doc *d, const char *edition, const char *line)
{
	char key[128];

	return json_object_get(d->ics, ics_key(edition, line, key));
}

static void truth(struct doc *d, const json_t *value)
{
	doc_put(d, json_is_true(value) ? "true" : json_is_false(value) ? "false" : json_is_null(value) ? "unknown" : "&ndash;");
}

static void answer(struct doc *d, const json_t *line, const json_t *a)
{
	doc_put(d, "<tr><th scope=\"row\">");
	doc_json(d, json_object_get(line, "id"));
	doc_put(d, "</th><td>");
	doc_both(d, json_object_get(line, "topic"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(line, "status"));
	doc_put(d, "</td><td>");
	truth(d, json_object_get(a, "condition"));
	doc_put(d, "</td><td>");
	if (doc_says(json_object_get(a, "support")))
		doc_json(d, json_object_get(a, "support"));
	else
		doc_blank(d, "the manufacturer", "Y, N or N/A");
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(a, "detail"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(a, "evidence"));
	doc_put(d, "</td></tr>\n");
}

void doc_ics_table(struct doc *d, const char *edition)
{
	const json_t *lines = json_object_get(doc_mapping(d, edition), "lines");

	doc_put(d, "<table class=\"ics\"><thead><tr><th scope=\"col\">Reference</th><th scope=\"col\">Topic (own words)</th><th scope=\"col\">Status</th>"
		   "<th scope=\"col\">Condition</th><th scope=\"col\">Support</th><th scope=\"col\">Detail</th><th scope=\"col\">Evidence</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *l = json_array_get(lines, i);

		answer(d, l, doc_ics(d, edition, get_text(l, "id")));
	}
	doc_put(d, "</tbody></table>\n");
}

static void terms(struct doc *d, const json_t *all, const char *word)
{
	const char *id;
	json_t *t;

	json_object_foreach((json_t *)(uintptr_t)all, id, t) {
		doc_putf(d, "<tr><th scope=\"row\">%s ", word);
		doc_text(d, id);
		doc_put(d, "</th><td>");
		doc_both(d, json_object_get(t, "text"));
		doc_put(d, "</td><td>");
		truth(d, json_object_get(t, "value"));
		if (is_on(t, "contradicted"))
			doc_put(d, " (contradicted)");
		doc_put(d, "</td><td>");
		doc_json(d, json_object_get(t, "evidence"));
		doc_put(d, "</td><td>");
		doc_json(d, json_object_get(t, "from"));
		doc_put(d, "</td></tr>\n");
	}
}

void doc_terms_table(struct doc *d, const char *edition)
{
	const json_t *e = json_object_get(json_object_get(d->v, "declaration"), edition);

	doc_put(d, "<table><thead><tr><th scope=\"col\">Term</th><th scope=\"col\">Holds when</th><th scope=\"col\">Evaluated</th>"
		   "<th scope=\"col\">Evidence</th><th scope=\"col\">From</th></tr></thead><tbody>\n");
	terms(d, json_object_get(e, "conditions"), "condition");
	terms(d, json_object_get(e, "features"), "feature");
	doc_put(d, "</tbody></table>\n");
}

/* ---- IXIT ---- */
static void fields(struct doc *d, const json_t *row)
{
	const char *key;
	json_t *v;

	doc_put(d, "<tr class=\"id\"><th scope=\"row\">ID</th><td>");
	doc_json(d, json_object_get(row, "ID"));
	doc_put(d, "</td></tr>\n");
	json_object_foreach((json_t *)(uintptr_t)row, key, v) {
		if (!strcmp(key, "ID"))
			continue;
		doc_put(d, "<tr><th scope=\"row\">");
		doc_text(d, key);
		doc_put(d, "</th><td>");
		doc_json(d, v);
		doc_put(d, "</td></tr>\n");
	}
}

static const json_t *table(const struct doc *d, unsigned number)
{
	const json_t *ixit = json_object_get(d->device, "ixit"), *t = NULL;

	for (unsigned e = 0; e < 2 && !t; e++)
		t = json_object_get(ixit, doc_ixit_name(number, e));
	return t;
}

void doc_ixit(struct doc *d, const char *edition)
{
	const unsigned e = edition && !strcmp(edition, editions[1]);

	if (!d->device)
		doc_put(d, "<p class=\"flag\">This folder holds no declaration (inputs/device.yaml) that can be read.</p>\n");
	for (unsigned i = 1; i <= TABLES; i++) {
		const json_t *t = table(d, i);

		doc_putf(d, "<h3 id=\"ixit-%u\">IXIT %u-%s</h3>\n", i, i, doc_ixit_name(i, e));
		if (!json_is_array(t)) {
			doc_put(d, "<p>Not declared. ");
			doc_blank(d, "the manufacturer", "this table");
			doc_put(d, "</p>\n");
		} else if (!json_array_size(t)) {
			doc_put(d, "<p>Declared to have no rows.</p>\n");
		}
		for (size_t k = 0; k < json_array_size(t); k++) {
			doc_put(d, "<table class=\"facts ixit\"><tbody>\n");
			fields(d, json_array_get(t, k));
			doc_put(d, "</tbody></table>\n");
		}
	}
}

json_t *doc_user_info(const struct doc *d, const char *field)
{
	const json_t *t = table(d, 2);
	json_t *all = json_array();

	for (size_t i = 0; i < json_array_size(t); i++)
		if (doc_says(json_object_get(json_array_get(t, i), field)))
			json_array_append(all, json_object_get(json_array_get(t, i), field));
	if (json_array_size(all))
		return all;
	json_decref(all);
	return NULL;
}
