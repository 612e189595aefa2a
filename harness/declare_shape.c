// SPDX-License-Identifier: Apache-2.0
// The shapes of the declaration's sections; those of ICS and IXIT are made of the tables in standard.h.
#include <string.h>

#include "harness/declare.h"

#define ID_PATTERN "^[A-Za-z][A-Za-z0-9._-]{0,63}$"

static const struct shape id = { .kind = SHAPE_TEXT, .pattern = ID_PATTERN, .form = "no ID; write letters, digits, '.', '_' and '-', a letter first" };
static const struct shape evidence_id = {
	.kind = SHAPE_TEXT, .name = "evidence_id", .pattern = "^[A-Za-z][A-Za-z0-9._/-]{0,99}$",
	.form = "no evidence id; write the ID of an IXIT row, IXIT-24 for a table, a key of evidence:, or a test such as BT6-01"
};
static const struct shape sha256 = { .kind = SHAPE_TEXT, .pattern = "^[0-9a-f]{64}$", .form = "no SHA-256; write 64 digits of 0-9 a-f" };
static const struct shape edition = { .kind = SHAPE_WORD, .words = edition_name };
static const struct shape serials = { .kind = SHAPE_LIST, .of = &shape_text, .at_least = 1 };

/* ---- identity ---- */
static const struct shape port = { .kind = SHAPE_INT, .min = 1, .max = 65535 };
static const struct shape_key channel_keys[] = {
	{ "name", &shape_text, true, "how reports call it" },
	{ "url", &shape_text, false, "an HTTP answer holds it" }, { "user", &shape_text, false, NULL }, { "password", &shape_text, false, NULL },
	{ "ca", &shape_text, false, "PEM file of the CA to trust" },
	{ "console", &shape_text, false, "the line on which the console says it" },
	{ "file", &shape_text, false, "the label, as it was typed or scanned" },
	{ "certificate", &shape_text, false, "host whose certificate names it" }, { "port", &port, false, NULL },
	{ "flash", &shape_text, false, "chip that holds it" }, { "at", &shape_count, false, "byte position" }, { "length", &shape_count, false, "bytes" },
	{ "find", &shape_text, false, "extended regular expression; its first group counts" },
	{ 0 }
};
static const struct shape channel = { .kind = SHAPE_MAP, .keys = channel_keys, .name = "channel" };
static const struct shape channels = { .kind = SHAPE_LIST, .of = &channel };
static const struct shape_key way_keys[] = {
	{ "name", &shape_text, true, "how reports call it" },
	{ "attempt", &shape_text, true, "procedure that tries to write the identifier" },
	{ "twin", &shape_text, true, "procedure that writes something else the same way, and sees it written" },
	{ "reset", &shape_text, true, "procedure after which the identifier is read again" },
	{ 0 }
};
static const struct shape way = { .kind = SHAPE_MAP, .keys = way_keys, .name = "way" };
static const struct shape ways = { .kind = SHAPE_LIST, .of = &way };
static const struct shape_key server_keys[] = {
	{ "name", &shape_text, true, "how reports call it" }, { "port", &port, true, NULL },
	{ "reset", &shape_text, false, "procedure that resets the device" },
	{ 0 }
};
static const struct shape server = { .kind = SHAPE_MAP, .keys = server_keys, .name = "server" };
static const struct shape servers = { .kind = SHAPE_LIST, .of = &server };

static const struct shape_key identity_keys[] = {
	{ "maker", &shape_text, true, "who makes it" },
	{ "product", &shape_text, true, "what it is sold as" },
	{ "model", &shape_text, false, "model designation, as on the label" },
	{ "hardware", &shape_text, false, "hardware revision" },
	{ "firmware", &shape_text, false, "version that is installed on the units" },
	{ "firmware_sha256", &sha256, false, "of the image of that version" },
	{ "units", &serials, false, "serial numbers of the units that are tested" },
	{ "edition", &edition, false, "edition of EN 303 645 the maker claims" },
	{ "public", &shape_texts, false, "what a stranger can know of a unit: secrets must not follow from it" },
	{ "secrets", &channels, false, "secrets given in the factory, and where each is seen" },
	{ "identifiers", &channels, false, "the same identifier, over two channels or more" },
	{ "alter", &ways, false, "ways in which somebody might write it" },
	{ "servers", &servers, false, "TLS servers whose key must be this unit's own" },
	{ 0 }
};
static const struct shape unit = { .kind = SHAPE_MAP, .of = &shape_text, .pattern = "^[A-Za-z_]+$", .form = "no name; ${unit.mac} is that of `mac`" };
const struct shape shape_units = { .kind = SHAPE_LIST, .of = &unit };
const struct shape shape_identity = { .kind = SHAPE_MAP, .keys = identity_keys };

static const struct shape relative = { .kind = SHAPE_TEXT, .pattern = "^documents(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$",
				       .form = "no file in the folder documents beside device.yaml; write documents/statement.pdf" };
static const struct shape_key file_keys[] = {
	{ "file", &relative, true, "in the folder documents beside device.yaml; a run takes it along" }, { "sha256", &sha256, true, "of the file" }, { "title", &shape_text, false, NULL }, { 0 }
};
static const struct shape file = { .kind = SHAPE_MAP, .keys = file_keys };
const struct shape shape_evidence = { .kind = SHAPE_MAP, .of = &file, .pattern = ID_PATTERN, .form = "no evidence id; write letters and digits, a letter first" };

/* ---- conditions and features ---- */
static const struct shape_key term_keys[] = {
	{ "value", &shape_bool, true, "is it so?" },
	{ "evidence", &evidence_id, false, "what shows it: an IXIT row, a table (IXIT-24), a key of evidence:, a test (BT6-01)" },
	{ "detail", &shape_text, false, "why it is so" },
	{ 0 }
};
static const struct shape term_shape = { .kind = SHAPE_MAP, .keys = term_keys, .name = "term" };

/* Suites without such mappings know no conditions: then any may stand there. */
static const struct shape *terms_shape(struct arena *a, const struct editions *e, bool features)
{
	struct edition_term term[TERMS_MAX];
	size_t n = editions_terms(e, features, term, TERMS_MAX);
	struct shape_key *keys = arena_alloc(a, n + 1, sizeof(*keys));
	struct shape *s = arena_new(a, struct shape);

	for (size_t i = 0; i < n; i++)
		keys[i] = (struct shape_key){ term[i].term->name, &term_shape, false, term[i].term->text.en };
	*s = (struct shape){ .kind = SHAPE_MAP, .keys = keys, .of = n ? NULL : &term_shape };
	return s;
}

const struct shape *conditions_shape(struct arena *a, const struct editions *e) { return terms_shape(a, e, false); }
const struct shape *features_shape(struct arena *a, const struct editions *e) { return terms_shape(a, e, true); }

/* ---- ICS ---- */
static const char *const yes_no[] = { "Y", "N", NULL }, *const yes_no_na[] = { "Y", "N", "N/A", NULL };
static const char *const no_na[] = { "N", "N/A", NULL }, *const na[] = { "N/A", NULL };
static const struct shape answer = { .kind = SHAPE_WORD, .words = yes_no };
static const struct shape answer_na = { .kind = SHAPE_WORD, .words = yes_no_na };

#define LINE_KEYS(name, answers)                                                                       \
	static const struct shape_key name[] = {                                                       \
		{ "support", &answers, true, "Y, N; N/A where the line's condition is false" },        \
		{ "detail", &shape_text, false, "how it is met; the reason for N and N/A" },           \
		{ "evidence", &evidence_id, false, "an IXIT row, a table, a key of evidence:, a test" }, { 0 } }
LINE_KEYS(plain_keys, answer);
LINE_KEYS(conditional_keys, answer_na);
static const struct shape_rule na_reason[] = { { BOND_SAYS, { "support", "detail" }, "N/A needs the reason in detail", na }, { 0 } };
static const struct shape_rule no_reason[] = {          /* 4-1, 5.0-1 */
	{ BOND_SAYS, { "support", "detail" }, "a recommendation answered N or N/A needs the reason in detail", no_na }, { 0 }
};
/* [recommended][conditional] */
static const struct shape line_shape[2][2] = {
	{ { .kind = SHAPE_MAP, .keys = plain_keys, .name = "mandatory" },
	  { .kind = SHAPE_MAP, .keys = conditional_keys, .rules = na_reason, .name = "mandatory_conditional" } },
	{ { .kind = SHAPE_MAP, .keys = plain_keys, .rules = no_reason, .name = "recommended" },
	  { .kind = SHAPE_MAP, .keys = conditional_keys, .rules = no_reason, .name = "recommended_conditional" } },
};

static const struct shape *lines_shape(struct arena *a, const struct mapping *m)
{
	struct shape_key *keys = arena_alloc(a, (m ? m->n : 0) + 1, sizeof(*keys));
	struct shape *s = arena_new(a, struct shape);
	char status[120];

	for (size_t i = 0; m && i < m->n; i++)
		keys[i] = (struct shape_key){ m->line[i].id, &line_shape[ics_recommended(&m->line[i])][ics_conditional(&m->line[i])], false,
					      arena_strdup(a, mapping_status(&m->line[i], status, sizeof(status))) };
	*s = (struct shape){ .kind = SHAPE_MAP, .keys = keys, .of = m ? NULL : &line_shape[0][1] };
	return s;
}

const struct shape *ics_shape(struct arena *a, const struct editions *e)
{
	struct shape_key *keys = arena_alloc(a, EDITION_COUNT + 1, sizeof(*keys));
	struct shape *s = arena_new(a, struct shape);

	for (int i = 0; i < EDITION_COUNT; i++)
		keys[i] = (struct shape_key){ edition_name[i], lines_shape(a, e->of[i]), false, NULL };
	*s = (struct shape){ .kind = SHAPE_MAP, .keys = keys };
	return s;
}

/* ---- IXIT ---- */
static const struct shape yes_cell = { .kind = SHAPE_TEXT, .name = "yes_or_no", .pattern = "^([Yy]es|[Nn]o)($|[^A-Za-z])", .form = "no answer; begin with yes or no" };
static const struct shape ids = { .kind = SHAPE_LIST, .of = &id, .at_least = 1 };
static const struct shape *const ids_or_text[] = { &ids, &shape_text, NULL };
static const struct shape refs_cell = { .kind = SHAPE_EITHER, .name = "ids_or_text", .either = ids_or_text, .form = "no list of IDs and no text" };
static const struct shape ts_edition = { .kind = SHAPE_WORD, .words = edition_ts };

static void add_field(struct shape_key *keys, size_t *n, const char *name, const struct ixit_field *f)
{
	const struct shape *s = f->type == CELL_YES ? &yes_cell : f->type == CELL_REFS ? &refs_cell : &shape_text;

	if (name)
		keys[(*n)++] = (struct shape_key){ name, s, false, f->doc };
}

static const struct shape *rows_shape(struct arena *a, const struct ixit_table *t)
{
	struct shape_key *keys = arena_alloc(a, 40, sizeof(*keys));
	struct shape *row = arena_new(a, struct shape), *s = arena_new(a, struct shape);
	size_t n = 0;

	keys[n++] = (struct shape_key){ "ID", &id, true, "unique among all tables" };
	for (const struct ixit_field *f = t->fields; f->name[0] || f->name[1]; f++) {
		add_field(keys, &n, f->name[0], f);
		if (!f->name[0] || !f->name[1] || strcmp(f->name[0], f->name[1]))
			add_field(keys, &n, f->name[1], f);
	}
	*row = (struct shape){ .kind = SHAPE_MAP, .keys = keys };
	*s = (struct shape){ .kind = SHAPE_LIST, .of = row, .name = t->name[1] };
	return s;
}

const struct shape *ixit_shape(struct arena *a)
{
	struct shape_key *keys = arena_alloc(a, 2 * IXIT_TABLES + 2, sizeof(*keys));
	struct shape_rule *rules = arena_alloc(a, IXIT_TABLES + 1, sizeof(*rules));
	struct shape *s = arena_new(a, struct shape);
	size_t n = 0, r = 0;

	keys[n++] = (struct shape_key){ "edition", &ts_edition, false, "of TS 103 701, whose names are used; absent: those of both" };
	for (size_t i = 0; i < IXIT_TABLES; i++) {
		const struct ixit_table *t = &ixit_table[i];
		const struct shape *rows = rows_shape(a, t);

		keys[n++] = (struct shape_key){ t->name[0], rows, false, t->doc };
		if (!strcmp(t->name[0], t->name[1]))
			continue;
		keys[n++] = (struct shape_key){ t->name[1], rows, false, t->doc };
		rules[r++] = (struct shape_rule){ BOND_APART, { t->name[0], t->name[1] }, "the same table stands here under its other name,", NULL };
	}
	*s = (struct shape){ .kind = SHAPE_MAP, .keys = keys, .rules = rules };
	return s;
}

/* ---- applies_if of requirements.yaml ---- */
static const struct shape *term_words(struct arena *a, const struct mapping_term *term, size_t n)
{
	const char **words = arena_alloc(a, n + 1, sizeof(*words));
	struct shape *one = arena_new(a, struct shape), *list = arena_new(a, struct shape), *either = arena_new(a, struct shape);
	const struct shape **forms = arena_alloc(a, 3, sizeof(*forms));

	for (size_t i = 0; i < n; i++)
		words[i] = term[i].name;
	*one = (struct shape){ .kind = SHAPE_WORD, .words = words };
	*list = (struct shape){ .kind = SHAPE_LIST, .of = one, .at_least = 1 };
	forms[0] = one;
	forms[1] = list;
	*either = (struct shape){ .kind = SHAPE_EITHER, .either = forms };
	return either;
}

static const struct shape *applies_in(struct arena *a, const struct mapping *m)
{
	static const struct shape_rule rules[] = {
		{ BOND_SOME, { "condition", "feature" }, "say on which condition or feature of that edition it depends", NULL }, { 0 }
	};
	struct shape_key *keys = arena_alloc(a, 3, sizeof(*keys));
	struct shape *s = arena_new(a, struct shape);
	size_t n = 0;

	if (!m)
		return &shape_any;
	if (m->n_conditions)
		keys[n++] = (struct shape_key){ "condition", term_words(a, m->condition, m->n_conditions), false, NULL };
	if (m->n_features)
		keys[n++] = (struct shape_key){ "feature", term_words(a, m->feature, m->n_features), false, NULL };
	*s = (struct shape){ .kind = SHAPE_MAP, .keys = keys, .rules = rules };
	return s;
}

const struct shape *applies_shape(struct arena *a, const struct editions *e)
{
	struct shape_key *keys = arena_alloc(a, EDITION_COUNT + 1, sizeof(*keys));
	struct shape *s = arena_new(a, struct shape);

	for (int i = 0; i < EDITION_COUNT; i++)
		keys[i] = (struct shape_key){ edition_name[i], applies_in(a, e->of[i]), false, NULL };
	*s = (struct shape){ .kind = SHAPE_MAP, .keys = keys, .at_least = 1 };
	return s;
}
