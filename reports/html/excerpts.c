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
#include "reports/read/frame_line.h"
#include "reports/html/lanes.h"
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

/* ---- lines of a log: wires, power, network, flash ---- */

#define LINES_AROUND 3
#define LINE_MAX 300

/* "<ns> <words>": the edges of a wire, what a line of the bench did. */
static bool is_log(const char *file)
{
	static const char *const folder[] = { "wire/", "power/", "net/", "flash/", "service/", NULL };
	size_t n = strlen(file);
	const char *const *f = folder;

	while (*f && strncmp(file, *f, strlen(*f)))
		f++;
	return *f && n > 4 && !strcmp(file + n - 4, ".log");
}

/* The time at which a line begins; 0 when it does not. */
static int64_t line_time(const uint8_t *line, size_t n)
{
	int64_t t = 0;
	size_t i = 0;

	for (; i < n && line[i] >= '0' && line[i] <= '9' && t < INT64_MAX / 40; i++)
		t = t * 10 + (line[i] - '0');
	return i && i < n && line[i] == ' ' ? t : 0;
}

static void log_line(struct html_page *p, const char *file, const uint8_t *line, size_t n, bool marked)
{
	int64_t t = line_time(line, n);
	const uint8_t *rest = t ? memchr(line, ' ', n) : line, *word = rest + (t ? 1 : 0), *z = line + n;
	bool wire = t && !strncmp(file, "wire/", 5);

	if (t)
		put_since(p, t);
	put(p, marked ? "  <mark>" : "  ");
	if (wire && z - word > 3 && !memcmp(word, "in ", 3)) {
		put(p, "device: ");
		word += 3;
	} else if (wire && z - word > 4 && !memcmp(word, "out ", 4)) {
		put(p, "bench:  ");
		word += 4;
	} else if (wire && z - word > 4 && !memcmp(word, "e - ", 4)) {
		put(p, "board:  ");
		word += 4;
	}
	html_esc(p->out, word, (size_t)(z - word), LINE_MAX, HTML_PRE);
	put(p, marked ? "</mark>\n" : "\n");
}

/* The line that a pointer names, with some before and after. */
static bool log_excerpt(struct html_page *p, const json_t *at)
{
	const char *file = get_text(at, "file");
	int64_t off = get_int(at, "off"), size = evidence_use(p->evidence, file), from;
	uint8_t buf[2 * LINES_AROUND * 80 + LINE_MAX], *line, *mark, *z, *nl;

	if (off < 0 || get_int(at, "len") <= 0 || off >= size)
		return false;
	from = off < LINES_AROUND * 80 ? 0 : off - LINES_AROUND * 80;
	z = buf + evidence_read(p->evidence, from, size - from > (int64_t)sizeof(buf) ? from + (int64_t)sizeof(buf) : size, buf);
	mark = buf + (off - from);
	if (mark >= z)
		return false;
	line = from && (nl = memchr(buf, '\n', (size_t)(mark - buf))) ? nl + 1 : from ? mark : buf;
	head(p, at);
	if (line_time(mark, (size_t)(z - mark))) {
		put(p, ", ");
		put_when(p, line_time(mark, (size_t)(z - mark)), 0);
	}
	put(p, "</figcaption><pre dir=\"ltr\">");
	for (; line < z && (nl = memchr(line, '\n', (size_t)(z - line))); line = nl + 1)
		log_line(p, file, line, (size_t)(nl - line), line >= mark && line < mark + (get_int(at, "len") < z - mark ? get_int(at, "len") : z - mark));
	put(p, "</pre></figure>");
	return true;
}

/* ---- bytes of a file ---- */

/* When the console said the byte at `off`: the piece it came in; 0 when no index knows. */
static int64_t console_time(struct html_page *p, const char *file, int64_t off)
{
	for (size_t i = 0; i < p->lanes->n; i++) {
		const struct lane *l = lane_fine(&p->lanes->lane[i], p->evidence, get_int(p->run, "wall_offset_ns"));
		size_t lo = 0, hi = l ? l->n : 0;

		if (!l || strcmp(l->raw, file))
			continue;
		while (lo < hi) {               /* pieces lie in the file in the order in which they came */
			size_t mid = lo + (hi - lo) / 2;

			if (l->item[mid].off <= off && l->item[mid].len <= off - l->item[mid].off)
				lo = mid + 1;
			else
				hi = mid;
		}
		return lo < l->n && l->item[lo].off <= off ? l->item[lo].t_ns : 0;
	}
	return 0;
}

/* Starts and ends at line breaks where there are some nearby. */
static bool file_excerpt(struct html_page *p, const json_t *at)
{
	int64_t off = get_int(at, "off"), len = get_int(at, "len"), size = evidence_use(p->evidence, get_text(at, "file")), from, to, end, t;
	uint8_t buf[2 * AROUND + POINTED], *a = buf, *z, *nl, *cut, *mark;
	bool marked;

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
	t = console_time(p, get_text(at, "file"), off);
	evidence_use(p->evidence, get_text(at, "file"));        /* console_time may have read the index */
	if (t) {
		put(p, ", ");
		put_when(p, t, 0);
	}
	marked = off > 0 || end < size;         /* of a whole file nothing stands out */
	put(p, "</figcaption><pre dir=\"ltr\">");
	html_esc(p->out, a, (size_t)(mark - a), SIZE_MAX, HTML_PRE);
	put(p, marked ? "<mark>" : "");
	html_esc(p->out, mark, (size_t)(cut - mark), SIZE_MAX, HTML_PRE);
	put(p, marked ? "</mark>" : "");
	if (end - off > POINTED)
		putf(p, " <s>... %" PRId64 " bytes ...</s>", end - off - POINTED);
	else
		html_esc(p->out, cut, (size_t)(z - cut), SIZE_MAX, HTML_PRE);
	put(p, "</pre></figure>");
	return true;
}

/* ---- a frame ---- */

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
	char line[FRAME_LINE];
	bool decoded;

	if (!f)
		return false;
	decoded = packet_decode((struct span){ f->data, f->n }, &k);
	head(p, at);
	if (get_int(p->run, "wall_offset_ns")) {
		put(p, ", ");
		put_when(p, since_boot(p, f->wall_ns), 0);
	}
	put(p, "</figcaption><pre dir=\"ltr\">");
	put_str(p, frame_line((struct span){ f->data, f->n }, f->len, line, sizeof(line)));
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
	put_when(p, get_ns(rec, "at_ns", get_ns(rec, "t_ns", 0)), 0);
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

/* The time at the head of the line that a pointer into a log names. */
static int64_t log_time(struct html_page *p, const json_t *at)
{
	int64_t off = get_int(at, "off"), size = evidence_use(p->evidence, get_text(at, "file"));
	uint8_t buf[24];

	if (off < 0 || off >= size)
		return 0;
	return line_time(buf, evidence_read(p->evidence, off, size - off > (int64_t)sizeof(buf) ? off + (int64_t)sizeof(buf) : size, buf));
}

bool pointer_time(struct html_page *p, const json_t *at, int64_t *ret_ns)
{
	*ret_ns = 0;
	if (*get_text(at, "file")) {
		*ret_ns = is_log(get_text(at, "file")) ? log_time(p, at) : console_time(p, get_text(at, "file"), get_int(at, "off"));
	} else if (json_object_get(at, "journal")) {
		CLEANUP(free_json) json_t *rec = evidence_record(p->evidence, get_int(at, "journal"));

		*ret_ns = get_ns(rec, "at_ns", get_ns(rec, "t_ns", 0));
	} else {
		const struct evidence_frame *f = evidence_frame(p->evidence, get_text(at, "capture"), get_int(at, "frame"));

		*ret_ns = f ? since_boot(p, f->wall_ns) : 0;
	}
	*ret_ns = *ret_ns > INT64_MAX / 4 ? INT64_MAX / 4 : *ret_ns;
	return *ret_ns > 0;
}

bool put_excerpts(struct html_page *p, const json_t *pointers, size_t most)
{
	size_t shown = 0;

	for (size_t i = 0; i < json_array_size(pointers) && i < 4 * most && shown < most; i++) {
		const json_t *at = json_array_get(pointers, i);

		shown += *get_text(at, "file") ? (is_log(get_text(at, "file")) ? log_excerpt(p, at) : file_excerpt(p, at)) : *get_text(at, "capture") ? frame_excerpt(p, at) : record_excerpt(p, at);
	}
	return shown > 0;
}
