/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence is read where a pointer leads, a few hundred bytes at a time. Pointers come out of a file that anyone may
 * have written: a path never leaves the run folder (openat2, no links), only regular files are opened. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "reports/html/page.h"

#define AROUND 120              /* bytes shown before and after the bytes a pointer names */
#define POINTED 600             /* of those themselves */
#define LINE_SHOWN 800          /* of a journal line */
#define JOURNAL_LINES_MAX (1U << 24)

struct html_evidence {
	int dir;
	char name[256];                 /* the file that is open */
	int fd;
	int64_t size;
	off_t *line; size_t lines;      /* where each journal line starts, and one past the last; NULL: not read yet */
	bool journal_read;
};

struct html_evidence *html_evidence_open(const char *dir)
{
	struct html_evidence *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	e->fd = -1;
	e->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return e;
}

struct html_evidence *html_evidence_close(struct html_evidence *e)
{
	if (!e)
		return NULL;
	close_fd(&e->fd);
	close_fd(&e->dir);
	free(e->line);
	free(e);
	return NULL;
}

/* False when there is no such regular file inside the run folder. */
static bool use(struct html_evidence *e, const char *name)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	struct stat st;

	if (strlen(name) >= sizeof(e->name) || !*name)
		return false;
	if (!strcmp(e->name, name))
		return e->fd >= 0;
	close_fd(&e->fd);
	snprintf(e->name, sizeof(e->name), "%s", name);
	e->fd = (int)syscall(SYS_openat2, e->dir, name, &how, sizeof(how));
	if (e->fd >= 0 && (fstat(e->fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(e->fd);
		e->fd = -1;
	}
	e->size = e->fd >= 0 ? st.st_size : 0;
	return e->fd >= 0;
}

/* Bytes [from, to) of the open file, as many as there are. */
static size_t bytes(struct html_evidence *e, int64_t from, int64_t to, uint8_t *buf)
{
	size_t got = 0;

	while (from + (int64_t)got < to) {
		ssize_t n = pread(e->fd, buf + got, (size_t)(to - from) - got, from + (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

/* Where every line of the journal begins, in one pass. */
static void journal_index(struct html_evidence *e)
{
	uint8_t buf[16384];
	int64_t off = 0;
	size_t n, cap = 1024;

	e->journal_read = true;
	if (!use(e, "journal.jsonl") || !(e->line = malloc(cap * sizeof(*e->line))))
		return;
	e->line[e->lines++] = 0;
	while ((n = bytes(e, off, off + (int64_t)sizeof(buf), buf)) > 0 && e->lines < JOURNAL_LINES_MAX) {
		for (uint8_t *q = buf; (q = memchr(q, '\n', n - (size_t)(q - buf))); q++) {
			if (e->lines == cap) {
				off_t *more = realloc(e->line, (cap *= 2) * sizeof(*more));

				if (!more)
					return;
				e->line = more;
			}
			e->line[e->lines++] = off + (q - buf) + 1;
		}
		off += (int64_t)n;
	}
}

static void pointer(struct html_page *p, const json_t *at)
{
	const char *capture = get_text(at, "capture"), *file = get_text(at, "file");

	put(p, "<code>");
	if (*capture) {
		put_str(p, capture);
		putf(p, "#%" PRId64, get_int(at, "frame"));
	} else if (*file) {
		put_str(p, file);
		if (json_object_get(at, "off"))
			putf(p, "@%" PRId64, get_int(at, "off"));
		if (get_int(at, "len"))
			putf(p, "+%" PRId64, get_int(at, "len"));
	} else if (json_object_get(at, "journal")) {
		putf(p, "journal.jsonl:%" PRId64, get_int(at, "journal"));
	} else {
		put(p, "?");
	}
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

static void excerpt_head(struct html_page *p, const json_t *at)
{
	put(p, "<figure class=\"ex\"><figcaption>");
	pointer(p, at);
	put(p, "</figcaption><pre dir=\"ltr\">");
}

/* Starts and ends at line breaks where there are some nearby. */
static bool file_excerpt(struct html_page *p, const json_t *at)
{
	int64_t off = get_int(at, "off"), len = get_int(at, "len"), from, to, end;
	struct html_evidence *e = p->evidence;
	uint8_t buf[2 * AROUND + POINTED], *a = buf, *z, *nl, *cut;

	if (off < 0 || len <= 0 || !use(e, get_text(at, "file")) || off >= e->size)
		return false;
	end = len > e->size - off ? e->size : off + len;
	from = off < AROUND ? 0 : off - AROUND;
	cut = buf + (off - from) + (end - off > POINTED ? POINTED : end - off);
	to = from + (cut - buf) + AROUND;
	z = buf + bytes(e, from, to < e->size ? to : e->size, buf);
	if (z < cut)
		return false;
	if (from > 0 && (nl = memchr(buf, '\n', (size_t)(off - from))))
		a = nl + 1;
	if (cut < z && (nl = memrchr(cut, '\n', (size_t)(z - cut))))
		z = nl > cut && nl[-1] == '\r' ? nl - 1 : nl;
	excerpt_head(p, at);
	html_esc(p->out, a, (size_t)(buf + (off - from) - a), SIZE_MAX, HTML_PRE);
	put(p, "<mark>");
	html_esc(p->out, buf + (off - from), (size_t)(cut - buf - (off - from)), SIZE_MAX, HTML_PRE);
	put(p, "</mark>");
	if (end - off > POINTED)
		putf(p, " <s>... %" PRId64 " bytes ...</s>", end - off - POINTED);
	else
		html_esc(p->out, cut, (size_t)(z - cut), SIZE_MAX, HTML_PRE);
	put(p, "</pre></figure>");
	return true;
}

static bool journal_excerpt(struct html_page *p, const json_t *at)
{
	struct html_evidence *e = p->evidence;
	int64_t n = get_int(at, "journal"), to;
	uint8_t buf[LINE_SHOWN];

	if (!e->journal_read)
		journal_index(e);
	if (n < 1 || (uint64_t)n >= e->lines || !use(e, "journal.jsonl"))
		return false;
	to = e->line[n] - 1;
	excerpt_head(p, at);
	html_esc(p->out, buf, bytes(e, e->line[n - 1], to - e->line[n - 1] > LINE_SHOWN ? e->line[n - 1] + LINE_SHOWN : to, buf),
		 SIZE_MAX, HTML_PRE);
	if (to - e->line[n - 1] > LINE_SHOWN)
		putf(p, " <s>... %" PRId64 " bytes ...</s>", (int64_t)(to - e->line[n - 1] - LINE_SHOWN));
	put(p, "</pre></figure>");
	return true;
}

bool put_excerpts(struct html_page *p, const json_t *pointers, size_t most)
{
	size_t shown = 0;

	for (size_t i = 0; i < json_array_size(pointers) && i < 4 * most && shown < most; i++) {
		const json_t *at = json_array_get(pointers, i);

		if (json_object_get(at, "file") ? file_excerpt(p, at) : json_object_get(at, "journal") ? journal_excerpt(p, at) : false)
			shown++;
	}
	return shown > 0;
}
