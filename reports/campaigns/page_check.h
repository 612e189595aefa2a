/* SPDX-License-Identifier: Apache-2.0
 *
 * page_check.h - for tests of the pages: every element is known and closed, every attribute quoted, nothing is loaded from
 * elsewhere, and what the policy allows is what stands there. */
#ifndef REPORTS_CAMPAIGNS_PAGE_CHECK_H
#define REPORTS_CAMPAIGNS_PAGE_CHECK_H

#include <openssl/evp.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/test.h"

static const char page_elements[] = " html head meta title style script body a main header section nav article h1 h2 h3 p div span b i s small code ol ul li dl dt "
	"dd table thead tbody tr th td abbr svg defs symbol pattern path circle use input label br ";
static const char page_attributes[] = " lang charset http-equiv content name class id href title role aria-label aria-hidden scope colspan type tabindex viewBox width "
	"height cx cy r d patternUnits patternTransform data-at data-gate data-rehearsal data-by ";

#define page_must(cond, ...)                       \
	do {                                       \
		if (!(cond))                       \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

static inline bool page_knows(const char *list, const char *p, size_t n)
{
	char word[40];

	return snprintf(word, sizeof(word), " %.*s ", (int)n, p) < (int)sizeof(word) && strstr(list, word);
}

/* From behind the element's name to its '>'. */
static inline const char *page_tag(const char *p, bool *closed)
{
	while (*p != '>') {
		size_t n;

		if (*p == '/' && p[1] == '>') {
			*closed = true;
			return p + 1;
		}
		page_must(*p == ' ', "odd character in a tag: %.60s", p);
		n = strcspn(++p, " =>/\"'<\n");
		page_must(page_knows(page_attributes, p, n), "attribute: %.60s", p);
		if (!strncmp(p, "href", 4))
			page_must(p[6] == '#' || (p[6] == '.' && p[7] == '/'), "leads away: %.60s", p);
		p += n;
		if (*p == '=') {
			page_must(p[1] == '"', "no quote: %.60s", p);
			p += 2 + strcspn(p + 2, "\"<>");
			page_must(*p++ == '"', "open quote: %.60s", p);
		}
	}
	return p;
}

static inline void page_allowed(const char *page, const char *open, const char *close, const char *what)
{
	const char *from = strstr(page, open), *to = from ? strstr(from, close) : NULL;
	uint8_t digest[32];
	char want[100];
	unsigned char base64[64];

	page_must(from && to, "no %s", open);
	from += strlen(open);
	hash_bytes(from, (size_t)(to - from), digest);
	EVP_EncodeBlock(base64, digest, sizeof(digest));
	snprintf(want, sizeof(want), "%s-src 'sha256-%s'; ", what, (const char *)base64);
	page_must(strstr(page, want) && strstr(page, want) < from, "the policy does not allow its own %s", what);
}

static inline void page_check(const char *page, bool script)
{
	static char stack[64][16];
	size_t depth = 0;

	page_must(!strncmp(page, "<!DOCTYPE html>\n", 16), "no doctype");
	page_must(strstr(page, "content=\"default-src 'none'; "), "no policy");
	page_allowed(page, "<style>", "</style>", "style");
	if (script)
		page_allowed(page, "<script type=\"module\">", "</script>", "script");
	for (const char *p = page + 16; *p; p++) {
		bool end = p[1] == '/', closed = false;
		const char *name = p + 1 + end;
		size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz123");

		page_must((unsigned char)*p >= 0x20 || *p == '\n' || *p == '\t', "control %02x", (unsigned char)*p);
		if (*p != '<')
			continue;
		page_must(n < 16 && page_knows(page_elements, name, n), "element: %.60s", p);
		p = page_tag(name + n, &closed);
		if (end) {
			page_must(depth && strlen(stack[depth - 1]) == n && !memcmp(stack[depth - 1], name, n), "</%.*s> closes <%s>", (int)n, name,
				  depth ? stack[depth - 1] : "");
			depth--;
		} else if (!closed && !page_knows(" meta input br ", name, n)) {
			page_must(depth < 64, "too deep");
			snprintf(stack[depth++], 16, "%.*s", (int)n, name);
			if (page_knows(" style script ", name, n))
				p = strstr(p, "</") - 1;
		}
	}
	page_must(!depth, "<%s> stays open", depth ? stack[depth - 1] : "");
}
#endif
