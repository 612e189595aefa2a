/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/portset.h"

#include <string.h>
#include <strings.h>

/* Decimal port at *p, moved past it; 0 when there is none. */
static unsigned port_at(const char **p)
{
	unsigned v = 0;

	if (**p < '1' || **p > '9')
		return 0;
	while (**p >= '0' && **p <= '9' && v < 65536)
		v = v * 10 + (unsigned)(*(*p)++ - '0');
	return v < 65536 ? v : 0;
}

bool portset_parse(const char *text, struct portset *ret, struct err *err)
{
	struct portset s = { { 0 } };
	const char *p = text + strspn(text, " ");

	while (*p) {
		const char *piece = p;
		unsigned from = port_at(&p), to = from;

		if (from && *p == '-') {
			p++;
			to = port_at(&p);
		}
		p += strspn(p, " ");
		if (!from || to < from || (*p && *p != ','))
			return err_set(err, ERR_CONF, "'%.40s': write ports as 1-1024,5353", piece);
		for (unsigned i = from; i <= to; i++)
			portset_add(&s, i);
		if (*p == ',')
			p++;
		p += strspn(p, " ");
	}
	*ret = s;
	return true;
}

unsigned portset_count(const struct portset *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 1024; i++)
		n += (unsigned)__builtin_popcountll(s->bits[i]);
	return n;
}

bool portset_named(const char *text, bool *ret_udp, unsigned *ret_port)
{
	const char *p = text + 4;
	unsigned port;

	if (strncasecmp(text, "tcp/", 4) && strncasecmp(text, "udp/", 4))
		return false;
	port = port_at(&p);
	if (!port || *p)
		return false;
	*ret_udp = text[0] == 'u' || text[0] == 'U';
	*ret_port = port;
	return true;
}
