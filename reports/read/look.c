/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/look.h"

#include "reports/read/read.h"

const char *look_class(enum verdict v)
{
	static const char *const look[VERDICT_COUNT] = {
		[VERDICT_NOT_TESTED] = "n", [VERDICT_PASS] = "p", [VERDICT_FAIL] = "f", [VERDICT_ERROR] = "e",
		[VERDICT_INCONCLUSIVE] = "i", [VERDICT_REVIEW] = "r", [VERDICT_NOT_APPLICABLE] = "a",
	};

	return look[v];
}

const char *look_word(enum verdict v)
{
	return v == VERDICT_NOT_TESTED ? "NOT TESTED" : v == VERDICT_NOT_APPLICABLE ? "NOT APPLICABLE" : verdict_name(v);
}

void look_symbol(FILE *out, enum verdict v)
{
	fprintf(out, "<svg class=\"s %s\" aria-hidden=\"true\"><use href=\"#v-%s\"/></svg>", look_class(v), look_class(v));
}

void look_named(FILE *out, enum verdict v)
{
	fprintf(out, "<svg class=\"s %s\" role=\"img\" aria-label=\"%s\"><use href=\"#v-%s\"/></svg>", look_class(v), look_word(v), look_class(v));
}

static void shown(FILE *out, enum verdict v)
{
	fprintf(out, "<span class=\"v %s\"><svg class=\"s\" aria-hidden=\"true\"><use href=\"#v-%s\"/></svg>%s", look_class(v), look_class(v),
		look_word(v));
}

void look_verdict(FILE *out, enum verdict v)
{
	shown(out, v);
	fputs("</span>", out);
}

void look_verdict_both(FILE *out, enum verdict v)
{
	shown(out, v);
	fprintf(out, " <span lang=\"ja\">%s</span></span>", verdict_ja(v));
}

/* Disc, square, triangle, half disc, diamond, ring, bar. */
void look_symbols(FILE *out)
{
	fputs("<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>\n"
	       "<symbol id=\"v-p\" viewBox=\"0 0 16 16\"><circle class=\"fill\" cx=\"8\" cy=\"8\" r=\"7\"/><path class=\"cut\" d=\"M4.6 8.3l2.4 2.4 4.4-5\"/></symbol>\n"
	       "<symbol id=\"v-f\" viewBox=\"0 0 16 16\"><path class=\"fill\" d=\"M1 1h14v14H1z\"/><path class=\"cut\" d=\"M4.7 4.7l6.6 6.6m0-6.6l-6.6 6.6\"/></symbol>\n"
	       "<symbol id=\"v-e\" viewBox=\"0 0 16 16\"><path class=\"fill\" d=\"M8 .8L15.6 15H.4z\"/><path class=\"cut\" d=\"M8 5.6v4.6m0 1.6v1.4\"/></symbol>\n"
	       "<symbol id=\"v-i\" viewBox=\"0 0 16 16\"><circle class=\"rim\" cx=\"8\" cy=\"8\" r=\"6.2\"/><path class=\"fill\" d=\"M8 1.8a6.2 6.2 0 0 0 0 12.4z\"/></symbol>\n"
	       "<symbol id=\"v-r\" viewBox=\"0 0 16 16\"><path class=\"rim\" d=\"M8 1.2L14.8 8 8 14.8 1.2 8z\"/><circle class=\"fill\" cx=\"8\" cy=\"8\" r=\"2.2\"/></symbol>\n"
	       "<symbol id=\"v-n\" viewBox=\"0 0 16 16\"><circle class=\"rim dash\" cx=\"8\" cy=\"8\" r=\"6.2\"/></symbol>\n"
	       "<symbol id=\"v-a\" viewBox=\"0 0 16 16\"><path class=\"rim\" d=\"M3 8h10\"/></symbol>\n"
	       "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	       "<path class=\"hatch\" d=\"M0 0v6\"/></pattern>\n</defs></svg>\n", out);
}
