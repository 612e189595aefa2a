// SPDX-License-Identifier: Apache-2.0
#include "probes/identity/channel.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/fetch.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/url.h"

#define FILE_MAX ((size_t)65536)
#define PATIENCE_NS SEC(5)

static struct fetch *session;           /* connections live across the steps of one attempt */

const char *channel_name(const json_t *from)
{
	const char *name = json_string_value(json_object_get(from, "name"));

	return name ? name : "?";
}

bool channel_text(const json_t *from, const char *key, const char *fallback, const char **ret, struct err *err)
{
	const json_t *v = json_object_get(from, key);

	*ret = v ? json_string_value(v) : fallback;
	return !v || *ret || err_set(err, ERR_CONF, "channel '%s': %s: a text belongs here", channel_name(from), key);
}

static void nothing(struct channel_value *v, const char *why)
{
	v->answered = false;
	snprintf(v->why, sizeof(v->why), "%s", why);
}

static void take(struct channel_value *v, const char *p, size_t n)
{
	v->answered = n > 0 && n <= CHANNEL_TEXT;
	if (!v->answered) {
		nothing(v, n ? "it is longer than an identifier or a secret can be" : "it is empty");
		return;
	}
	memcpy(v->text, p, n);
	v->text[n] = '\0';
	v->n = n;
}

/* A text without a pattern is one line. */
static void take_line(struct channel_value *v, const char *p, size_t n)
{
	size_t end = strcspn(p, "\r\n");

	take(v, p, end < n ? end : n);
}

bool channel_find(const json_t *from, const char *text, size_t n, struct channel_value *ret, struct err *err)
{
	const char *find = NULL;
	regmatch_t m[2];
	regex_t re;
	int at;

	if (!channel_text(from, "find", NULL, &find, err))
		return false;
	if (!find) {
		take_line(ret, text, n);
		return true;
	}
	if (regcomp(&re, find, REG_EXTENDED | REG_NEWLINE))
		return err_set(err, ERR_CONF, "channel '%s': find: '%.80s' is not an extended regular expression", channel_name(from), find);
	if (regexec(&re, text, 2, m, 0)) {
		nothing(ret, "the pattern was not there");
	} else {
		at = re.re_nsub > 0 && m[1].rm_so >= 0 ? 1 : 0;
		take(ret, text + m[at].rm_so, (size_t)(m[at].rm_eo - m[at].rm_so));
	}
	regfree(&re);
	return true;
}

/* ---- kinds ---- */
static bool from_url(struct step *st, const json_t *from, struct channel_value *ret, struct err *err)
{
	struct fetch_answer a = { .body = "" };
	struct fetch_ask ask = { .method = "GET", .timeout_ns = PATIENCE_NS };
	struct url_target to;
	const char *url = NULL;
	char why[64];

	if (!channel_text(from, "url", NULL, &url, err) || !channel_text(from, "user", NULL, &ask.user, err) ||
	    !channel_text(from, "password", NULL, &ask.password, err) || !channel_text(from, "ca", NULL, &ask.ca, err) ||
	    (!session && !fetch_new(&session, err)) || !url_target(st, URL_RULES, url, &to, err))
		return false;
	ask.url = to.url;
	ask.address = to.address;
	ask.no_verify = to.dut && !ask.ca;
	ask.no_name = to.dut;
	step_observer(st, "net.lan");
	if (!to.address[0])
		return nothing(ret, "the device has no address"), true;
	if (!fetch_do(session, &ask, &a, err))
		return false;
	snprintf(why, sizeof(why), "status %d", a.status);
	if (!a.reached || a.status != 200)
		return nothing(ret, a.reached ? why : a.why), true;
	return channel_find(from, a.body, a.body_n, ret, err);
}

static bool from_console(struct step *st, const json_t *from, struct channel_value *ret, struct err *err)
{
	const char *line = NULL, *dot;
	char path[FS_PATH], raw[FS_PATH];
	struct serial_log log;
	int64_t at_ns, off;
	bool ok;

	if (!channel_text(from, "console", NULL, &line, err))
		return false;
	dot = strchr(line, '.');
	if (!dot || strchr(line, '/'))
		return err_set(err, ERR_CONF, "channel '%s': console: a line such as serial.console belongs here", channel_name(from));
	snprintf(path, sizeof(path), "%s/serial/%s", step_run_dir(st), dot + 1);
	snprintf(raw, sizeof(raw), "serial/%s.raw", dot + 1);
	if (!serial_log_open(path, step_since_ns(st), false, &log, err))
		return false;
	step_observer(st, line);
	ok = channel_find(from, log.text ? log.text : "", log.n, ret, err);
	if (ok && ret->answered && log.text) {
		const char *hit = strstr(log.text, ret->text);

		if (hit && serial_log_where(&log, (size_t)(hit - log.text), &at_ns, &off))
			step_at_bytes(st, raw, off, (int64_t)ret->n);
	}
	serial_log_done(&log);
	return ok;
}

static bool from_file(struct step *st, const json_t *from, struct channel_value *ret, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	const char *path = NULL;
	size_t n = 0;

	(void)st;
	if (!channel_text(from, "file", NULL, &path, err) || !fs_read(path, FILE_MAX, &text, &n, err))
		return err_in(err, "channel '%s'", channel_name(from));
	return channel_find(from, text, n, ret, err);
}

static bool from_certificate(struct step *st, const json_t *from, struct channel_value *ret, struct err *err)
{
	struct tls_identity id;
	const char *host = NULL;
	const json_t *port = json_object_get(from, "port");
	json_int_t number = port ? json_integer_value(port) : 443;

	if (!channel_text(from, "certificate", NULL, &host, err))
		return false;
	if (number < 1 || number > 65535)
		return err_set(err, ERR_CONF, "channel '%s': port: 1 to 65535 belongs here", channel_name(from));
	if (!tls_identity(st, host, (int)number, PATIENCE_NS, &id, err))
		return false;
	if (!id.answered)
		return nothing(ret, id.why), true;
	return channel_find(from, id.name, strlen(id.name), ret, err);
}

static bool from_flash(struct step *st, const json_t *from, struct channel_value *ret, struct err *err)
{
	const json_t *at = json_object_get(from, "at"), *length = json_object_get(from, "length");
	CLEANUP(free_json) json_t *args = NULL;
	CLEANUP(free_json) json_t *reply = NULL;
	const char *line = NULL, *hex;

	if (!channel_text(from, "flash", NULL, &line, err))
		return false;
	if (!json_is_integer(at) || json_integer_value(at) < 0 || !json_is_integer(length) || json_integer_value(length) < 1 ||
	    json_integer_value(length) > CHANNEL_FLASH)
		return err_set(err, ERR_CONF, "channel '%s': flash needs at: and length: (1 to %d)", channel_name(from), CHANNEL_FLASH);
	args = json_pack("{s:O,s:O}", "at", at, "length", length);
	if (!step_line(st, line, "peek", args, &reply, err))
		return false;
	step_observer(st, line);
	hex = json_string_value(json_object_get(reply, "data"));
	if (!hex)
		return nothing(ret, "the chip gave nothing"), true;
	take(ret, hex, strlen(hex));
	return true;
}

static const struct {
	const char *key;
	bool (*read)(struct step *st, const json_t *from, struct channel_value *ret, struct err *err);
	const char *others[6];
} kinds[] = {
	{ "url", from_url, { "find", "user", "password", "ca", NULL } },
	{ "console", from_console, { "find", NULL } },
	{ "file", from_file, { "find", NULL } },
	{ "certificate", from_certificate, { "port", "find", NULL } },
	{ "flash", from_flash, { "at", "length", NULL } },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool known(size_t kind, const char *key)
{
	bool yes = !strcmp(key, "name") || !strcmp(key, kinds[kind].key);

	for (const char *const *o = kinds[kind].others; *o; o++)
		yes |= !strcmp(key, *o);
	return yes;
}

bool channel_read(struct step *st, const json_t *from, struct channel_value *ret, struct err *err)
{
	size_t kind = KINDS;
	const char *key;
	json_t *v;

	*ret = (struct channel_value){ .answered = false };
	for (size_t i = 0; i < KINDS; i++)
		if (json_object_get(from, kinds[i].key))
			kind = kind == KINDS ? i : KINDS + 1;
	if (kind >= KINDS)
		return err_set(err, ERR_CONF, "channel '%s': one of url, console, file, certificate and flash belongs here", channel_name(from));
	json_object_foreach((json_t *)(uintptr_t)from, key, v)
		if (!known(kind, key))
			return err_set(err, ERR_CONF, "channel '%s': '%.40s' means nothing beside %s:", channel_name(from), key,
				       kinds[kind].key);
	return kinds[kind].read(st, from, ret, err);
}
