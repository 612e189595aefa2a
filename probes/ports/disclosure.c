/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/disclosure.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct looking { struct span all; const char *place; disclosure_found *f; void *data; };

/* ---- known texts ---- */

void disclosure_know(struct disclosure *d, const char *kind, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	if (n < 3 || n >= DISCLOSURE_TEXT || d->n == DISCLOSURE_KNOWN)
		return;
	d->known[d->n].kind = kind;
	memcpy(d->known[d->n++].text, text, n + 1);
}

void disclosure_know_mac(struct disclosure *d, const char *mac)
{
	static const char between[] = { ':', '-', '.', 0 };
	char text[32];

	for (size_t i = 0; mac && i < sizeof(between); i++) {
		size_t n = 0;

		for (const char *p = mac; *p && n < sizeof(text) - 1; p++)
			if (*p != ':')
				text[n++] = *p;
			else if (between[i])
				text[n++] = between[i];
		text[n] = 0;
		disclosure_know(d, "mac", text);
	}
}

static bool is_word(uint8_t c)
{
	return isalnum(c) != 0;
}

/* DNS and ASN.1 put a length before a text, which may look like a letter, as may what follows: is there a byte before
 * `end` that counts up to it? */
static bool counted(struct span all, size_t at, size_t end)
{
	for (size_t k = at; k > 0 && at - k < 64; k--)
		if (all.p[k - 1] == end - k && end - k < '0')
			return true;
	return false;
}

/* Not inside a longer word or number: "1.2.0" is not in "11.2.0" or "1.2.01". */
static bool stands_alone(struct span all, size_t at, size_t n)
{
	bool begins = at == 0 || !is_word(all.p[at - 1]) || !is_word(all.p[at]) || (all.p[at - 1] >= n && all.p[at - 1] < '0');

	if (at + n + 1 < all.n && all.p[at + n] == '.' && isdigit(all.p[at + n - 1]) && isdigit(all.p[at + n + 1]))
		return false;
	return begins && (at + n == all.n || !is_word(all.p[at + n]) || !is_word(all.p[at + n - 1]) || counted(all, at, at + n));
}

static bool holds(struct span all, const char *text)
{
	size_t n = strlen(text);
	const uint8_t low = (uint8_t)tolower((unsigned char)text[0]), up = (uint8_t)toupper((unsigned char)text[0]);

	for (size_t i = 0; i + n <= all.n; i++) {
		if ((all.p[i] != low && all.p[i] != up) || strncasecmp((const char *)all.p + i, text, n))
			continue;
		if (stands_alone(all, i, n))
			return true;
	}
	return false;
}

/* ---- versions ---- */

static bool is_protocol(const char *name, size_t n)
{
	static const char *const protocols[] = { "HTTP", "HTTPS", "RTSP", "RTP", "SSH", "SIP", "UPnP", "TLS", "SSL", "RFB", "DLNADOC", "HTML",
						 "XHTML", "XML", "DTD", "MQTT", "CSS", "Mozilla", "UTF", "ISO", "SOAP", "ONVIF" };

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (strlen(protocols[i]) == n && !strncasecmp(protocols[i], name, n))
			return true;
	return false;
}

/* "1.2", "2022.83", "9.2p1", "1.4.69-rc2": its length, 0 = none. Four numbers are an address. */
static size_t version_at(struct span s)
{
	size_t n = 0, dots = 0;

	while (n < s.n && n < 32 && (isdigit(s.p[n]) || (s.p[n] == '.' && n && n + 1 < s.n && isdigit(s.p[n - 1]) && isdigit(s.p[n + 1]))))
		dots += s.p[n++] == '.';
	if (!dots || dots > 3)
		return 0;
	while (n < s.n && n < 32 && (isalnum(s.p[n]) || s.p[n] == '-' || s.p[n] == '_'))
		n++;
	return n;
}

static bool names_version(const char *name, size_t n)
{
	static const char *const words[] = { "fw", "fv", "sv", "ver", "version", "firmware", "srcvers", "swversion", "fwversion", "build" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (n == strlen(words[i]) && !strncasecmp(name, words[i], n))
			return true;
	return false;
}

static bool is_page(const char *place)
{
	return !strcmp(place, "page") || !strcmp(place, "error");
}

static bool is_name(uint8_t c)
{
	return isalpha(c) || c == '_';
}

/* The name before the version at `at`, and what parts them; false = these numbers are no version. */
static bool named(const struct looking *l, size_t at, size_t version_n, size_t *ret_from)
{
	const uint8_t *p = l->all.p;
	size_t sep = at, from, n;
	char c;

	if (sep && (p[sep - 1] == 'v' || p[sep - 1] == 'V') && sep > 1 && !isalpha(p[sep - 2]))
		sep--;
	if (sep < 3)
		return false;
	c = (char)p[--sep];
	for (from = sep; from && is_name(p[from - 1]) && sep - from < 40; from--)
		;
	n = sep - from;
	*ret_from = from;
	if (c == '=' || c == ':')
		return names_version((const char *)p + from, n);
	if (n < 3 || is_protocol((const char *)p + from, n))
		return false;
	if (is_page(l->place))
		return c == '/' && (from == 0 || !strchr("/.-=?&\"'", (int)p[from - 1])) && (at + version_n == l->all.n || p[at + version_n] != '/');
	return c == '/' || c == '_' || c == '-' || (c == ' ' && strcmp(l->place, "certificate"));
}

static void tell(const struct looking *l, const char *kind, size_t from, size_t to)
{
	char text[96];
	size_t n = 0;

	for (; from < to && n < sizeof(text) - 1; from++)
		text[n++] = l->all.p[from] > ' ' && l->all.p[from] < 0x7f ? (char)l->all.p[from] : ' ';
	text[n] = 0;
	l->f(kind, text, l->data);
}

static void versions(const struct looking *l)
{
	for (size_t i = 1; i < l->all.n; i++) {
		size_t n, from;

		if (!isdigit(l->all.p[i]) || isdigit(l->all.p[i - 1]) || l->all.p[i - 1] == '.')
			continue;
		n = version_at((struct span){ l->all.p + i, l->all.n - i });
		if (n && named(l, i, n, &from))
			tell(l, "version", from, i + n);
	}
}

/* ---- addresses ---- */

/* Four numbers up to 255 with dots; returns its length, 0 = none. */
static size_t address_at(struct span s, unsigned ret[static 4])
{
	size_t n = 0;

	for (int k = 0; k < 4; k++) {
		size_t digits = 0;

		for (ret[k] = 0; n < s.n && isdigit(s.p[n]) && digits < 4; digits++)
			ret[k] = ret[k] * 10 + s.p[n++] - '0';
		if (!digits || digits > 3 || ret[k] > 255 || (k < 3 && (n >= s.n || s.p[n++] != '.')))
			return 0;
	}
	return n < s.n && (isalnum(s.p[n]) || (s.p[n] == '.' && n + 1 < s.n && isdigit(s.p[n + 1]))) ? 0 : n;
}

static bool is_private(const unsigned a[static 4])
{
	return a[0] == 10 || (a[0] == 172 && a[1] >= 16 && a[1] < 32) || (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254);
}

static void addresses(const struct looking *l)
{
	unsigned a[4];

	for (size_t i = 0; i < l->all.n; i++) {
		size_t n;

		if (!isdigit(l->all.p[i]) || (i && (isalnum(l->all.p[i - 1]) || l->all.p[i - 1] == '.')))
			continue;
		n = address_at((struct span){ l->all.p + i, l->all.n - i }, a);
		if (n && is_private(a))
			tell(l, "address", i, i + n);
	}
}

static bool marker(const struct marker_hit *hit, void *data)
{
	const struct looking *l = data;

	l->f("user data", hit->field, l->data);
	return true;
}

void disclosure_search(const struct disclosure *d, const char *place, struct span bytes, disclosure_found *f, void *data)
{
	struct looking l = { bytes, place, f, data };
	struct marker_state state = { 0 };

	for (size_t i = 0; i < d->n; i++)
		if (holds(bytes, d->known[i].text))
			f(d->known[i].kind, "", data);
	versions(&l);
	addresses(&l);
	if (d->markers)
		marker_scan(d->markers, &state, bytes, marker, &l);
}
