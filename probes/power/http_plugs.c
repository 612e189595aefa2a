// SPDX-License-Identifier: Apache-2.0
// From the makers' interface descriptions as other open projects use them; none was tried here on hardware.
#include "probes/power/http_plugs.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/cleanup.h"

#define FORM "application/x-www-form-urlencoded"

const struct http_plug http_plugs[] = {
	/* Shelly API of the first generation: outlets from 0 */
	{ "shelly1", "POST /relay/{n} turn=on", "POST /relay/{n} turn=off", "GET /relay/{n}", "ison", "true", "false", FORM, NULL, false },
	/* Shelly RPC: outlets from 0; password by digest */
	{ "shelly2", "POST /rpc/Switch.Set {\"id\":{n},\"on\":true}", "POST /rpc/Switch.Set {\"id\":{n},\"on\":false}",
	  "GET /rpc/Switch.GetStatus?id={n}", "output", "true", "false", NULL, NULL, true },
	/* Tasmota commands: outlets from 1; a device with one outlet says POWER. Without a web password. */
	{ "tasmota", "GET /cm?cmnd=Power{n}%20On", "GET /cm?cmnd=Power{n}%20Off", "GET /cm?cmnd=Power{n}", "POWER{n}|POWER", "ON", "OFF", NULL,
	  NULL, false },
	/* NETIO JSON API: outlets from 1 */
	{ "netio", "POST /netio.json {\"Outputs\":[{\"ID\":{n},\"Action\":1}]}", "POST /netio.json {\"Outputs\":[{\"ID\":{n},\"Action\":0}]}",
	  "GET /netio.json", "Outputs/ID={n}/State", "1", "0", NULL, NULL, false },
	/* Gude Expert Power Control: outlets from 1; the switching request is from memory, to be checked [R] */
	{ "gude", "GET /ov.html?cmd=1&p={n}&s=1", "GET /ov.html?cmd=1&p={n}&s=0", "GET /status.json?components=1", "outputs/{i}/state", "1", "0",
	  NULL, NULL, false },
	/* Digital Loggers REST: outlets from 1 here, from 0 there; a request that changes something needs X-CSRF */
	{ "dli", "PUT /restapi/relay/outlets/={i}/state/ value=true", "PUT /restapi/relay/outlets/={i}/state/ value=false",
	  "GET /restapi/relay/outlets/{i}/state/", "", "true", "false", FORM, "X-CSRF: x", true },
	/* pdudaemon: answers when its own driver is done, and cannot be asked how an outlet stands; the pause is ours */
	{ "pdudaemon", "GET /power/control/on?hostname={pdu}&port={n}&delay=0", "GET /power/control/off?hostname={pdu}&port={n}&delay=0", NULL,
	  NULL, NULL, NULL, NULL, NULL, false },
	{ .name = NULL }
};
const char *const http_plug_names[] = { "shelly1", "shelly2", "tasmota", "netio", "gude", "dli", "pdudaemon", "free", NULL };

/* What the placeholder that `at` begins with stands for, and its length; 0: it begins with none. */
static size_t placeholder(const char *at, int n, const char *pdu, char *buf, size_t room)
{
	if (!strncmp(at, "{pdu}", 5)) {
		snprintf(buf, room, "%s", pdu);
		return 5;
	}
	if (strncmp(at, "{n}", 3) && strncmp(at, "{i}", 3))
		return 0;
	snprintf(buf, room, "%d", at[1] == 'n' ? n : n - 1);
	return 3;
}

bool http_fill(const char *pattern, int n, const char *pdu, char *buf, size_t room, struct err *err)
{
	char value[HTTP_NAME_MAX + 1];
	size_t used = 0, skip;

	if (strspn(pdu, HTTP_NAME_CHARS) != strlen(pdu) || strlen(pdu) > HTTP_NAME_MAX)
		return err_set(err, ERR_CONF, "pdu '%.100s': letters, digits, '.', '_' and '-', %d at most", pdu, HTTP_NAME_MAX);
	while (*pattern && used + sizeof(value) < room) {
		skip = placeholder(pattern, n, pdu, value, sizeof(value));
		if (skip == 5 && !pdu[0])
			return err_set(err, ERR_CONF, "pdu has to be said: what the daemon calls it");
		used += skip ? (size_t)snprintf(buf + used, room - used, "%s", value) : 1;
		if (!skip)
			buf[used - 1] = *pattern;
		pattern += skip ? skip : 1;
	}
	buf[used] = '\0';
	return !*pattern || err_set(err, ERR_CONF, "too long: %.60s", buf);
}

static const char *scalar(const json_t *v, char *buf, size_t n)
{
	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_boolean(v))
		return json_is_true(v) ? "true" : "false";
	if (!json_is_integer(v))
		return NULL;
	snprintf(buf, n, "%lld", (long long)json_integer_value(v));
	return buf;
}

/* The element of a list that has key = value, or stands at that index. */
static const json_t *element(const json_t *list, const char *part)
{
	const char *eq = strchr(part, '=');
	const json_t *e, *found = NULL;
	char key[64], buf[32];
	const char *v;
	size_t i;

	if (!eq)
		return json_array_get(list, strtoul(part, NULL, 10));
	snprintf(key, sizeof(key), "%.*s", (int)(eq - part), part);
	json_array_foreach((json_t *)list, i, e) {
		v = scalar(json_object_get(e, key), buf, sizeof(buf));
		if (v && !strcmp(v, eq + 1)) {
			if (found)
				return NULL;    /* two of them: neither */
			found = e;
		}
	}
	return found;
}

static const json_t *walk(const json_t *at, const char *path, size_t n)
{
	char copy[256], *rest = copy, *part;

	snprintf(copy, sizeof(copy), "%.*s", (int)n, path);
	while (at && rest && *rest) {
		part = strsep(&rest, "/");
		at = json_is_array(at) ? element(at, part) : json_object_get(at, part);
	}
	return at;
}

static bool matches(const char *pattern, const char *text, bool *ret, struct err *err)
{
	regex_t r;

	if (regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB))
		return err_set(err, ERR_CONF, "'%.100s' is no pattern", pattern);
	*ret = !regexec(&r, text, 0, NULL, 0);
	regfree(&r);
	return true;
}

bool http_state(const struct http_plug *p, const char *json, const char *body, bool *ret_on, struct err *err)
{
	CLEANUP(free_json) json_t *root = p->json ? json_loads(body, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL) : NULL;
	const json_t *v = NULL;
	const char *said = NULL;
	char buf[32];
	bool off;

	if (!p->json) {
		if (!matches(p->says_on, body, ret_on, err) || !matches(p->says_off, body, &off, err))
			return false;
		said = body;
	} else {
		for (const char *end; !v; json = end + 1) {
			end = strchrnul(json, '|');
			v = root ? walk(root, json, (size_t)(end - json)) : NULL;
			if (!*end)
				break;
		}
		said = v ? scalar(v, buf, sizeof(buf)) : NULL;
		*ret_on = said && !strcasecmp(said, p->says_on);
		off = said && !strcasecmp(said, p->says_off);
	}
	return *ret_on != off || err_set(err, ERR_BENCH, "it says neither on nor off clearly: '%.100s'", said ? said : body);
}
