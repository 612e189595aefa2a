// SPDX-License-Identifier: Apache-2.0
#include "harness/show.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/base/units.h"
#include "harness/journal.h"
#include "harness/proto/packet.h"
#include "harness/proto/pcapng.h"

/* ---- which ---- */
struct pointer { char file[512]; int64_t number, len; char kind; };     /* kind: '#' or '@' */

static bool parse(const char *text, struct pointer *ret, struct err *err)
{
	const char *mark = strpbrk(text, "#@");
	char *end;

	if (!mark || mark == text || (size_t)(mark - text) >= sizeof(ret->file) || !isdigit((unsigned char)mark[1]))
		goto no;
	*ret = (struct pointer){ .kind = *mark };
	memcpy(ret->file, text, (size_t)(mark - text));
	errno = 0;
	ret->number = strtoll(mark + 1, &end, 10);
	if (*mark == '@') {
		if (*end != '+' || !isdigit((unsigned char)end[1]))
			goto no;
		ret->len = strtoll(end + 1, &end, 10);
	}
	if (*end || errno)
		goto no;
	return true;
no:
	return err_set(err, ERR_CONF, "'%.80s' is no pointer; write FILE@OFFSET+LENGTH, CAPTURE#FRAME or journal#NUMBER", text);
}

/* ---- how ---- */
static void hex_dump(FILE *out, const uint8_t *p, size_t n, int64_t off)
{
	for (size_t i = 0; i < n; i += 16) {
		size_t m = n - i < 16 ? n - i : 16;

		fprintf(out, "  %08" PRIx64 " ", (uint64_t)off + i);
		for (size_t k = 0; k < 16; k++)
			k < m ? fprintf(out, "%s%02x", k == 8 ? "  " : " ", p[i + k]) : fprintf(out, k == 8 ? "    " : "   ");
		fputs("  ", out);
		for (size_t k = 0; k < m; k++)
			fputc(p[i + k] >= 0x20 && p[i + k] < 0x7f ? p[i + k] : '.', out);
		fputc('\n', out);
	}
}

/* Lines of text, escaped; only when it is mostly text. */
static void as_text(FILE *out, const uint8_t *p, size_t n)
{
	size_t odd = 0, from = 0;
	char *line = malloc(n + 1);

	for (size_t i = 0; i < n; i++)
		odd += (p[i] < 0x20 && p[i] != '\n' && p[i] != '\r' && p[i] != '\t') || p[i] == 0x7f;
	for (size_t i = 0; line && odd * 4 <= n && i <= n; i++) {
		if (i < n && p[i] != '\n')
			continue;
		if (i == n && from == n)
			break;
		memcpy(line, p + from, i - from);
		line[i - from] = '\0';
		if (i > from && line[i - from - 1] == '\r')
			line[i - from - 1] = '\0';
		fputs("  | ", out);
		escape_terminal(out, line);
		fputc('\n', out);
		from = i + 1;
	}
	free(line);
}

static bool show_bytes(const char *dir, const struct pointer *p, FILE *out, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	CLEANUP(free_ptr) uint8_t *buf = NULL;
	int64_t len = p->len < SHOW_MAX ? p->len : SHOW_MAX;
	ssize_t got;

	if (!fs_open_below(dir, p->file, &fd, err))
		return false;
	buf = malloc((size_t)len + 1);
	got = buf ? pread(fd, buf, (size_t)len, p->number) : -1;
	if (got < 0)
		return err_sys(err, "%s", p->file);
	if (got < len)
		return err_set(err, ERR_CONF, "%s ends before offset %" PRId64, p->file, p->number + len);
	as_text(out, buf, (size_t)got);
	hex_dump(out, buf, (size_t)got, p->number);
	if (len < p->len)
		fprintf(out, "... and %" PRId64 " bytes more: %s@%" PRId64 "+%" PRId64 "\n", p->len - len, p->file, p->number + len,
			p->len - len);
	return true;
}

static void show_flags(FILE *out, const struct packet *k)
{
	static const struct { int bit; const char *name; } flag[] = {
		{ TCP_SYN, "SYN" }, { TCP_ACK, "ACK" }, { TCP_PSH, "PSH" }, { TCP_FIN, "FIN" }, { TCP_RST, "RST" }
	};

	for (size_t i = 0; i < sizeof(flag) / sizeof(flag[0]); i++)
		if (k->flags & flag[i].bit)
			fprintf(out, " %s", flag[i].name);
}

static void summary(FILE *out, const struct pcapng_frame *f)
{
	char a[ADDR_TEXT], b[ADDR_TEXT], stamp[40];
	time_t s = (time_t)(f->wall_ns / 1000000000);
	struct packet k;
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(out, "frame %" PRId64 ", %s.%09" PRId64 "Z, %u bytes", f->number, stamp, f->wall_ns % 1000000000, f->len);
	if (!packet_decode(f->data, &k)) {
		fputc('\n', out);
		return;
	}
	if (k.from.family)
		fprintf(out, ", %s -> %s", addr_text(&k.from, a), addr_text(&k.to, b));
	if (k.layer == PACKET_TRANSPORT && (k.proto == IP_TCP || k.proto == IP_UDP))
		fprintf(out, ", %s %u -> %u", k.proto == IP_TCP ? "TCP" : "UDP", k.sport, k.dport);
	else if (k.layer == PACKET_TRANSPORT)
		fprintf(out, ", ICMP type %u code %u", k.icmp_type, k.icmp_code);
	else
		fprintf(out, ", EtherType 0x%04x", k.ethertype);
	if (k.layer == PACKET_TRANSPORT && k.proto == IP_TCP)
		show_flags(out, &k);
	fprintf(out, ", %zu bytes of payload\n", k.payload.n);
}

static bool show_frame(const char *dir, const struct pointer *p, FILE *out, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct pcapng_reader r;
	struct pcapng_frame f;
	char path[64];
	bool found = false;

	if (!fs_open_below(dir, p->file, &fd, err))
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!pcapng_open(path, false, &r, err))
		return false;
	while (!found && pcapng_next(&r, &f, err))
		found = f.number == p->number;
	if (found) {
		summary(out, &f);
		hex_dump(out, f.data.p, f.data.n < SHOW_MAX ? f.data.n : SHOW_MAX, 0);
	}
	pcapng_done(&r);
	return found || err->kind != ERR_NONE ? found : err_set(err, ERR_CONF, "%s has no frame %" PRId64, p->file, p->number);
}

struct wanted { int64_t n; json_t *rec; };

static bool take_wanted(const struct journal_line *l, void *data, struct err *err)
{
	struct wanted *w = data;

	(void)err;
	if (l->n == w->n)
		w->rec = json_loadb(l->text, l->len, 0, NULL);
	return true;                    /* to the end: the whole chain must hold */
}

static bool show_record(const char *dir, const struct pointer *p, FILE *out, struct err *err)
{
	struct wanted w = { .n = p->number };
	CLEANUP(free_json) json_t *rec = NULL;
	CLEANUP(free_ptr) char *text = NULL;
	bool holds = journal_each(dir, take_wanted, &w, err);

	rec = w.rec;
	if (!holds)
		return false;
	if (!rec)
		return err_set(err, ERR_CONF, "the journal has no record %" PRId64, p->number);
	text = json_dumps(rec, JSON_INDENT(2) | JSON_SORT_KEYS);
	for (char *line = text, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		escape_terminal(out, line);
		fputc('\n', out);
	}
	return true;
}

bool show_pointer(const char *dir, const char *pointer, FILE *out, struct err *err)
{
	struct pointer p;

	if (!parse(pointer, &p, err))
		return false;
	if (p.kind == '@')
		return show_bytes(dir, &p, out, err);
	return !strcmp(p.file, "journal") ? show_record(dir, &p, out, err) : show_frame(dir, &p, out, err);
}
