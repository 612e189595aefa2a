/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/image/scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/clock.h"
#include "probes/image/keys.h"
#include "probes/image/tools.h"
#include "probes/image/unpack.h"

/* Where the bytes that are looked at come from. */
struct place {
	struct scan *s;
	char where[SCAN_WHERE];         /* "usr/lib in gzip, cpio"; "" = the image itself */
	int64_t base;                   /* of the bytes that are looked at, in the image */
	int64_t at, n;                  /* of the outermost archive, in the image */
	unsigned depth;
};
enum { WORDS_A_PIECE = 16, KEYS_A_PIECE = 64 };

__attribute__((format(printf, 2, 3))) static void stop(struct scan *s, const char *fmt, ...)
{
	va_list ap;

	if (s->why[0])
		return;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
}

static void find(const struct place *p, enum scan_kind kind, int64_t at, int64_t n, const char *what, const char *name)
{
	struct scan *s = p->s;
	struct scan_finding *f = &s->finding[s->n];

	s->found[kind]++;
	if (s->n == SCAN_FINDINGS)
		return;
	s->n++;
	f->kind = kind;
	f->at = p->depth ? p->at : at;
	f->n = p->depth ? p->n : n;
	snprintf(f->text, sizeof(f->text), "%.100s%s%s%s at 0x%llx", what, name[0] ? ": " : "", name, p->depth ? p->where : "",
		 (long long)f->at);
	for (char *c = f->text; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c >= 127)
			*c = '?';
}

/* ---- bytes that are no archive ---- */
static void look_for_words(const struct place *p, struct span b, int64_t base)
{
	size_t at = 0, where, found = 0;
	const char *tool;

	while ((tool = tools_word(b, &at, &where)) && found++ < WORDS_A_PIECE)
		find(p, SCAN_TOOL, base + (int64_t)where, (int64_t)strlen(tool), tool, p->depth ? "named" : "is named");
}

static void look_for_keys(const struct place *p, struct span b, int64_t base)
{
	size_t at = 0, found = 0;
	struct key_found k;

	while (found++ < KEYS_A_PIECE && keys_next(b, &at, &k))
		find(p, k.certificate ? SCAN_CERTIFICATE : SCAN_KEY, base + (int64_t)k.at, (int64_t)k.n, k.what, "");
}

/* The sum of squared counts of 4096 random bytes is 69632 on average and deviates by some 360; machine code, text and
 * base64 lie beyond 150000. */
static bool looks_random(const uint8_t *p)
{
	unsigned count[256] = { 0 }, sum = 0;

	for (size_t i = 0; i < SCAN_BLOCK; i++)
		count[p[i]]++;
	for (size_t i = 0; i < 256; i++)
		sum += count[i] * count[i];
	return sum < 90000;
}

static void measure_opaque(const struct place *p, struct span b, int64_t base)
{
	int64_t run = 0;

	for (size_t at = 0; !p->depth && at + SCAN_BLOCK <= b.n; at += SCAN_BLOCK) {
		run = looks_random(b.p + at) ? run + SCAN_BLOCK : 0;
		if (run <= p->s->opaque)
			continue;
		p->s->opaque = run;
		p->s->opaque_at = base + (int64_t)at + SCAN_BLOCK - run;
	}
}

static void look_plain(const struct place *p, struct span b, size_t from, size_t to)
{
	struct span gap = { b.p + from, to - from };

	if (from >= to)
		return;
	look_for_words(p, gap, p->base + (int64_t)from);
	look_for_keys(p, gap, p->base + (int64_t)from);
	measure_opaque(p, gap, p->base + (int64_t)from);
}

/* ---- archives ---- */
static void look(const struct place *p, struct span b);

static void enter(const struct place *p, const char *kind, struct place *ret)
{
	*ret = *p;
	ret->depth++;
	snprintf(ret->where, sizeof(ret->where), " in %s%s%.160s", kind, p->depth ? "," : "", p->depth ? p->where + 3 : "");
}

/* What is found in a file's bytes names the file. */
static void enter_file(struct place *p, const char *name)
{
	char outer[SCAN_WHERE];

	snprintf(outer, sizeof(outer), "%s", p->where);
	snprintf(p->where, sizeof(p->where), " in %.90s,%.100s", name, outer + 3);
}

static bool take_member(void *data, const struct unpack_member *m)
{
	const struct place *p = data;
	struct scan *s = p->s;
	const char *tool = m->name[0] ? tools_file(m->name) : NULL;
	struct place in;

	enter(p, m->kind, &in);
	s->unpacked += (int64_t)m->content.n;
	s->members += m->name[0] != 0;
	if (tool)
		find(&in, SCAN_TOOL, 0, 0, tool, m->name);
	if (m->name[0])
		enter_file(&in, m->name);
	if (m->cut)
		stop(s, "more comes out of %s at 0x%llx than is looked at", m->kind, (long long)in.at);
	look(&in, m->content);
	if (s->members >= s->max_members)
		stop(s, "more than %lld files", (long long)s->max_members);
	else if (clock_ns() >= s->until_ns)
		stop(s, "the time given was over");
	return !s->why[0];
}

static size_t open_archive(const struct place *p, struct span b, size_t at)
{
	struct place here = *p;

	if (!p->depth) {
		here.at = p->base + (int64_t)at;
		here.n = (int64_t)(b.n - at < 512 ? b.n - at : 512);    /* shown as evidence: its begin */
	}
	p->s->tries++;
	return unpack_at(b, at, &p->s->room, take_member, &here);
}

static void look(const struct place *p, struct span b)
{
	struct scan *s = p->s;
	size_t plain = 0, at = 0, n;

	if (p->depth > SCAN_DEPTH)
		stop(s, "archives in archives, more than %d deep", SCAN_DEPTH);
	while (b.n && !s->why[0] && (at = unpack_find(b, at)) < b.n) {
		n = open_archive(p, b, at);
		if (n) {
			look_plain(p, b, plain, at);
			plain = at + n;
		}
		at += n ? n : 1;
		if (s->tries > SCAN_TRIES)
			stop(s, "more than %d places that look like archives", SCAN_TRIES);
		else if (clock_ns() >= s->until_ns)
			stop(s, "the time given was over");
	}
	if (b.n)
		look_plain(p, b, plain, b.n);
}

void scan_bytes(struct scan *s, struct span image)
{
	struct place p = { .s = s };
	size_t at = 0;

	for (size_t i = 0; i <= s->n_skip; i++) {
		size_t end = i < s->n_skip ? (size_t)s->skip[i].at : image.n;

		p.base = (int64_t)at;
		look(&p, (struct span){ image.p + at, end - at });
		at = i < s->n_skip ? end + (size_t)s->skip[i].n : end;
	}
}

void scan_file(struct scan *s, const char *kind, const char *path, struct span content, int64_t at, int64_t n)
{
	struct place p = { .s = s, .at = at, .n = n };

	take_member(&p, &(struct unpack_member){ .kind = kind, .name = path, .content = content });
}
