/* SPDX-License-Identifier: Apache-2.0
 *
 * Pointers as text, and what stands where they lead: console bytes with those around, a frame's addresses and first
 * payload bytes, a journal record's facts. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/proto/packet.h"
#include "reports/read/evidence.h"
#include "reports/html/page.h"

#define AROUND 120              /* bytes shown before and after the bytes a pointer names */
#define POINTED 600             /* of those themselves */
#define FACTS_SHOWN 1200        /* bytes of a record's facts */
#define DUMPED 64               /* payload bytes of a frame */

static void pointer(struct html_page *p, const json_t *at)
{
	char text[600];

	put(p, "<code>");
	put_str(p, pointer_text(at, text, sizeof(text)));
	put(p, "</code>");
}

void put_pointers(struct html_page *p, const json_t *pointers, size_t most)
{
	size_t n = json_array_size(pointers);

	for (size_t i = 0; i < n && i < most; i++) {
		put(p, i ? ", " : "");
		pointer(p, json_array_get(pointers, i));
	}
	if (n > most)
		putf(p, " and %zu more", n - most);
}

static void head(struct html_page *p, const json_t *at)
{
	put(p, *get_text(at, "capture") ? "<figure class=\"ex hex\"><figcaption>" : "<figure class=\"ex\"><figcaption>");
	pointer(p, at);
}

/* ---- bytes of a file ---- */

/* Starts and ends at line breaks where there are some nearby. */
static bool file_excerpt(struct html_page *p, const json_t *at)
{
	int64_t off = get_int(at, "off"), len = get_int(at, "len"), size = evidence_use(p->evidence, get_text(at, "file")), from, to, end;
	uint8_t buf[2 * AROUND + POINTED], *a = buf, *z, *nl, *cut, *mark;

	if (off < 0 || len <= 0 || off >= size)
		return false;
	end = len > size - off ? size : off + len;
	from = off < AROUND ? 0 : off - AROUND;
	mark = buf + (off - from);
	cut = mark + (end - off > POINTED ? POINTED : end - off);
	to = from + (cut - buf) + AROUND;
	z = buf + evidence_read(p->evidence, from, to < size ? to : size, buf);
	if (z < cut)
		return false;
	if (from > 0 && (nl = memchr(buf, '\n', (size_t)(mark - buf))))
		a = nl + 1;
	if (cut < z && (nl = memrchr(cut, '\n', (size_t)(z - cut))))
		z = nl > cut && nl[-1] == '\r' ? nl - 1 : nl;
	head(p, at);
	put(p, "</figcaption><pre dir=\"ltr\">");
	html_esc(p->out, a, (size_t)(mark - a), SIZE_MAX, HTML_PRE);
	put(p, "<mark>");
	html_esc(p->out, mark, (size_t)(cut - mark), SIZE_MAX, HTML_PRE);
	put(p, "</mark>");
	if (end - off > POINTED)
		putf(p, " <s>... %" PRId64 " bytes ...</s>", end - off - POINTED);
	else
		html_esc(p->out, cut, (size_t)(z - cut), SIZE_MAX, HTML_PRE);
	put(p, "</pre></figure>");
	return true;
}

/* ---- a frame ---- */

static void endpoint(struct html_page *p, const struct addr *a, uint16_t port, bool has_port)
{
	char text[ADDR_TEXT];

	putf(p, a->family == 6 && has_port ? "[%s]" : "%s", addr_text(a, text));
	if (has_port)
		putf(p, ":%u", port);
}

static void summary(struct html_page *p, const struct packet *k)
{
	static const struct { uint8_t bit; const char *name; } flag[] = { { TCP_SYN, "SYN" }, { TCP_FIN, "FIN" }, { TCP_RST, "RST" },
									   { TCP_PSH, "PSH" }, { TCP_ACK, "ACK" } };
	bool tcp = k->layer == PACKET_TRANSPORT && k->proto == IP_TCP, udp = k->layer == PACKET_TRANSPORT && k->proto == IP_UDP;

	if (k->from.family || k->to.family) {
		endpoint(p, &k->from, k->sport, tcp || udp);
		put(p, " &gt; ");
		endpoint(p, &k->to, k->dport, tcp || udp);
	} else {
		putf(p, "%02x:%02x:%02x:%02x:%02x:%02x, ethertype %04x", k->mac_from[0], k->mac_from[1], k->mac_from[2], k->mac_from[3],
		     k->mac_from[4], k->mac_from[5], k->ethertype);
	}
	put(p, tcp ? " TCP" : udp ? " UDP" : k->proto == IP_ICMP || k->proto == IP_ICMP6 ? " ICMP" : k->arp_op == 1 ? " ARP request" :
	       k->arp_op ? " ARP reply" : "");
	for (size_t i = 0; tcp && i < sizeof(flag) / sizeof(flag[0]); i++)
		if (k->flags & flag[i].bit)
			putf(p, " %s", flag[i].name);
}

static void dump(struct html_page *p, struct span data)
{
	for (size_t i = 0; i < data.n && i < DUMPED; i += 16) {
		putf(p, "\n%04zx ", i);
		for (size_t k = i; k < i + 16; k++)
			if (k < data.n && k < DUMPED)
				putf(p, " %02x", data.p[k]);
			else
				put(p, "   ");
		put(p, "  ");
		for (size_t k = i; k < i + 16 && k < data.n && k < DUMPED; k++) {
			char c = isprint(data.p[k]) && data.p[k] < 0x7f ? (char)data.p[k] : '.';

			html_esc(p->out, &c, 1, 1, HTML_PRE);
		}
	}
}

/* On the run's clock, bounded like get_ns(): a foreign run may claim any offset. */
static int64_t since_boot(const struct html_page *p, int64_t wall_ns)
{
	int64_t t;

	if (__builtin_sub_overflow(wall_ns, get_int(p->run, "wall_offset_ns"), &t) || t < 0)
		return 0;
	return t > INT64_MAX / 4 ? INT64_MAX / 4 : t;
}

static bool frame_excerpt(struct html_page *p, const json_t *at)
{
	const struct evidence_frame *f = evidence_frame(p->evidence, get_text(at, "capture"), get_int(at, "frame"));
	struct packet k = { 0 };
	bool decoded;

	if (!f)
		return false;
	decoded = packet_decode((struct span){ f->data, f->n }, &k);
	head(p, at);
	if (get_int(p->run, "wall_offset_ns")) {
		put(p, ", ");
		put_since(p, since_boot(p, f->wall_ns));
	}
	put(p, "</figcaption><pre dir=\"ltr\">");
	if (decoded)
		summary(p, &k);
	putf(p, ", %u bytes on the wire", f->len);
	dump(p, decoded ? k.payload : (struct span){ f->data, f->n });
	put(p, "</pre></figure>");
	return true;
}

/* ---- a journal record ---- */

static bool record_excerpt(struct html_page *p, const json_t *at)
{
	CLEANUP(free_json) json_t *rec = evidence_record(p->evidence, get_int(at, "journal"));
	const json_t *facts = json_object_get(rec, "facts");
	char *text;

	if (!rec)
		return false;
	head(p, at);
	put(p, ", ");
	put_since(p, get_ns(rec, "at_ns", get_ns(rec, "t_ns", 0)));
	put(p, "</figcaption><pre dir=\"ltr\">");
	put_str(p, get_text(rec, "kind"));
	put(p, " ");
	put_str(p, get_text(rec, "verb"));
	put(p, " ");
	put_str(p, get_text(rec, "label"));
	text = json_dumps(facts, JSON_SORT_KEYS);
	if (text) {
		put(p, " ");
		html_esc(p->out, text, strlen(text), FACTS_SHOWN, HTML_TEXT);
	}
	if (*get_text(rec, "text")) {
		put(p, " ");
		put_str(p, get_text(rec, "text"));
	}
	free(text);
	put(p, "</pre></figure>");
	return true;
}

bool pointer_time(struct html_page *p, const json_t *at, int64_t *ret_ns)
{
	if (json_object_get(at, "journal")) {
		CLEANUP(free_json) json_t *rec = evidence_record(p->evidence, get_int(at, "journal"));

		*ret_ns = get_ns(rec, "at_ns", get_ns(rec, "t_ns", 0));
	} else {
		const struct evidence_frame *f = evidence_frame(p->evidence, get_text(at, "capture"), get_int(at, "frame"));

		*ret_ns = f ? since_boot(p, f->wall_ns) : 0;
	}
	return *ret_ns > 0;
}

bool put_excerpts(struct html_page *p, const json_t *pointers, size_t most)
{
	size_t shown = 0;

	for (size_t i = 0; i < json_array_size(pointers) && i < 4 * most && shown < most; i++) {
		const json_t *at = json_array_get(pointers, i);

		shown += *get_text(at, "file") ? file_excerpt(p, at) : *get_text(at, "capture") ? frame_excerpt(p, at) : record_excerpt(p, at);
	}
	return shown > 0;
}
