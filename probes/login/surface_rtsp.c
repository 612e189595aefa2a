/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_rtsp.c - DESCRIBE of a stream, with Basic or Digest as the camera asks for it (digest where both are offered).
 * Source  RFC 2326 10.2, 12.44 (WWW-Authenticate), 17 (401). libcurl speaks RTSP too, but neither shows the challenge nor ends
 *         with a peer that never ends its header lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/clock.h"
#include "harness/proto/wire.h"
#include "probes/login/digest.h"
#include "probes/login/surface.h"

enum { HEAD_MAX = 8192, BODY_MOST = 65536 };
struct rtsp {
	struct wire w;
	char path[256], uri[512];
	char head[HEAD_MAX + 1];
	size_t n, head_n;               /* read; of it, the header of the newest answer */
	unsigned cseq, count;
	uint64_t cnonce;
	struct challenge c;
};

static bool rtsp_load(struct surface *s, const json_t *row, struct err *err)
{
	struct rtsp *r = calloc(1, sizeof(*r));

	if (!r)
		return err_set(err, ERR_OS, "out of memory");
	r->w.fd = -1;
	s->priv = r;
	if (!surface_text(row, "path", "/", r->path, sizeof(r->path), err))
		return false;
	if (r->path[0] != '/' || strpbrk(r->path, " \r\n"))
		return err_set(err, ERR_CONF, "surface '%s': path: a path such as /stream", s->name);
	snprintf(r->uri, sizeof(r->uri), strchr(s->to.address, ':') ? "rtsp://[%s]:%d%s" : "rtsp://%s:%d%s", s->to.address, s->port, r->path);
	return true;
}

static void rtsp_close(struct surface *s)
{
	struct rtsp *r = s->priv;

	if (r)
		wire_done(&r->w);
	free(r);
	s->priv = NULL;
}

/* The value of a header into ret, or of all of that name, each ended by a line feed. */
static void header(const struct rtsp *r, const char *name, char *ret, size_t room)
{
	size_t k = strlen(name), n = 0;

	ret[0] = 0;
	for (const char *line = r->head, *end; (end = strstr(line, "\r\n")) && end > line; line = end + 2) {
		size_t len = (size_t)(end - line);

		if (len <= k || line[k] != ':' || strncasecmp(line, name, k))
			continue;
		if (n + len - k + 1 >= room)
			return;
		n += (size_t)snprintf(ret + n, room - n, "%.*s\n", (int)(len - k - 1), line + k + 1);
	}
}

/* The body is read off, so that the connection can be used again; false: it is too long for that, or did not come. */
static bool drain(struct rtsp *r)
{
	char text[64];
	size_t have = r->n - r->head_n;
	long want;

	header(r, "Content-Length", text, sizeof(text));
	want = text[0] ? strtol(text, NULL, 10) : 0;
	if (want < 0 || want > BODY_MOST)
		return false;
	while (have < (size_t)want) {
		char buf[1024];
		ssize_t got = wire_take(&r->w, buf, sizeof(buf), SEC(600));

		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return have == (size_t)want;
}

/* Reads to the end of the header; the status, or 0. */
static int hear(struct rtsp *r)
{
	int status = 0;
	char *end;

	for (r->n = 0; r->n < HEAD_MAX;) {
		ssize_t got = wire_take(&r->w, r->head + r->n, HEAD_MAX - r->n, SEC(600));      /* the connection's deadline is nearer */

		if (got <= 0)
			return 0;
		r->n += (size_t)got;
		r->head[r->n] = 0;
		end = strstr(r->head, "\r\n\r\n");
		if (r->n >= 5 && memcmp(r->head, "RTSP/", 5))
			return 0;
		if (!end)
			continue;
		r->head_n = (size_t)(end + 4 - r->head);
		return sscanf(r->head, "RTSP/1.%*d %3d", &status) == 1 ? status : 0;
	}
	return 0;
}

static int describe(struct rtsp *r, const char *authorization)
{
	char ask[3000];
	int n = snprintf(ask, sizeof(ask), "DESCRIBE %s RTSP/1.0\r\nCSeq: %u\r\nAccept: application/sdp\r\n%s%s%s\r\n", r->uri, ++r->cseq,
			 authorization ? "Authorization: " : "", authorization ? authorization : "", authorization ? "\r\n" : "");
	char text[1024];
	int status;

	if (n >= (int)sizeof(ask) || !wire_send(&r->w, ask, (size_t)n))
		return 0;
	status = hear(r);
	if (status == 401) {
		header(r, "WWW-Authenticate", text, sizeof(text));
		challenge_read(text, &r->c);
		r->count = 0;
	}
	if (status && !drain(r))
		wire_close(&r->w);
	return status;
}

static int put(struct rtsp *r, const char *user, const char *secret)
{
	char text[2600];

	if (r->c.algorithm != DIGEST_NONE ? !digest_answer(&r->c, "DESCRIBE", r->uri, user, secret, ++r->count, ++r->cnonce, text, sizeof(text)) :
	    !basic_answer(user, secret, text, sizeof(text)))
		return 0;
	return describe(r, text);
}

static void judge(struct surface *s, struct rtsp *r, int status, bool asked, struct answer *ret)
{
	ret->reached = status > 0;
	ret->status = status;
	ret->head = (uint64_t)status;
	if (!status)
		return;
	snprintf(ret->text, sizeof(ret->text), "status %d", status);
	ret->broken = status >= 500;
	ret->locked = status == 429 || status == 423 || (s->has_locked && !regexec(&s->locked, r->head, 0, NULL, 0));
	if (status == 401)
		ret->says = SAYS_REFUSED;
	else if (status >= 200 && status < 300)
		ret->says = SAYS_GRANTED;
	if (status != 401 && !asked && status / 100 != 2) {     /* nobody asked who we are */
		ret->reached = false;
		snprintf(ret->text, sizeof(ret->text), "status %d: no stream there that asks for a log-in", status);
	}
}

static bool rtsp_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct rtsp *r = s->priv;
	int status = 0;
	bool kept = r->w.fd >= 0, asked = true;

	r->w.until_ns = clock_ns() + 2 * s->timeout_ns;
	if (kept)
		status = put(r, user, secret);
	if (status && !(status == 401 && r->c.stale)) {
		judge(s, r, status, true, ret);
		return true;
	}
	if (!wire_open(&r->w, s->to.address, s->port, s->tls, 2 * s->timeout_ns, err))
		return false;
	ret->closed = r->w.closed;
	snprintf(ret->text, sizeof(ret->text), "%.190s", r->w.fd < 0 ? r->w.why : "no RTSP answer");
	if (r->w.fd < 0)
		return true;
	status = describe(r, NULL);
	asked = status == 401 && (r->c.basic || r->c.algorithm != DIGEST_NONE);
	if (asked && r->w.fd >= 0)
		status = put(r, user, secret);
	judge(s, r, status, asked, ret);
	return true;
}

const struct surface_type surface_rtsp = { "rtsp", TARGET_PORT, rtsp_load, rtsp_attempt, rtsp_close, false };
