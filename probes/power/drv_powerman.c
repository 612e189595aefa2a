// SPDX-License-Identifier: Apache-2.0
// A node of a PowerMan daemon, behind which stand some sixty kinds of power switches. Lines of text: 1xx done, 2xx refused,
// 3xx what was asked for, then a prompt.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/proto/wire.h"
#include "probes/power/outlet.h"

#define PROMPT "powerman> "
#define SAID_MAX 4096

struct powerman {
	struct line *line;
	struct wire wire;
	char said[SAID_MAX + 1];        /* the answer going on, prompt and all */
	size_t n;
};

static bool whole(const struct powerman *p)
{
	size_t prompt = strlen(PROMPT);

	return p->n >= prompt && !memcmp(p->said + p->n - prompt, PROMPT, prompt);
}

/* All up to the prompt. Two answers in one are none: the daemon was told something else too. */
static bool hear(struct powerman *p, struct err *err)
{
	ssize_t got;

	p->n = 0;
	while (!whole(p)) {
		if (p->n == SAID_MAX)
			return err_set(err, ERR_BENCH, "an answer of more than %d bytes", SAID_MAX);
		got = wire_take(&p->wire, p->said + p->n, SAID_MAX - p->n, line_int(p->line, "timeout"));
		if (got <= 0)
			return err_set(err, ERR_BENCH, got ? "no answer in time" : "it ended the connection");
		p->n += (size_t)got;
	}
	p->n -= strlen(PROMPT);
	p->said[p->n] = '\0';
	return (strlen(p->said) == p->n && !strstr(p->said, PROMPT)) || err_set(err, ERR_BENCH, "more than one answer to one question");
}

/* Where the last line of the answer begins: the one that says how it went. */
static const char *verdict_of(struct powerman *p)
{
	char *last;

	while (p->n && isspace((unsigned char)p->said[p->n - 1]))
		p->said[--p->n] = '\0';
	last = strrchr(p->said, '\n');
	return last ? last + 1 : p->said;
}

static bool ask(struct powerman *p, const char *command, struct err *err)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "%s %s\r\n", command, line_text(p->line, "node"));
	const char *verdict;

	p->wire.until_ns = clock_ns() + line_int(p->line, "timeout");
	if (!wire_send(&p->wire, text, (size_t)n))
		return err_set(err, ERR_BENCH, "it takes nothing: %s", p->wire.why);
	if (!hear(p, err))
		return false;
	verdict = verdict_of(p);
	if (verdict[0] == '2' && isdigit((unsigned char)verdict[1]))
		return err_set(err, ERR_BENCH, "%s %s: %.200s", command, line_text(p->line, "node"), verdict);
	return verdict[0] == '1' || err_set(err, ERR_BENCH, "what it says is no answer: '%.100s'", verdict);
}

static bool powerman_set(void *dev, bool energised, struct err *err)
{
	return ask(dev, energised ? "on" : "off", err);
}

/* Is the node, and it alone, in the list that begins with `head`? */
static bool listed(const struct powerman *p, const char *head)
{
	const char *at = strstr(p->said, head), *node = line_text(p->line, "node");
	size_t n = strlen(node);

	if (!at)
		return false;
	at += strlen(head);
	at += strspn(at, " ");
	return !strncmp(at, node, n) && (at[n] == '\r' || at[n] == '\n');
}

static bool powerman_get(void *dev, bool *ret, struct err *err)
{
	struct powerman *p = dev;
	bool off;

	if (!ask(p, "status", err))
		return false;
	*ret = listed(p, "302 on:");
	off = listed(p, "302 off:");
	return *ret != off || err_set(err, ERR_BENCH, "it does not say clearly how %s stands%s", line_text(p->line, "node"),
				      listed(p, "302 unknown:") ? ": unknown" : "");
}

static void powerman_close(void *dev)
{
	struct powerman *p = dev;

	wire_done(&p->wire);
	free(p);
}

/* A range ("n[0-15]") or a list would switch more than this line's node. */
static bool one_node(const char *node)
{
	size_t n = strspn(node, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n && n <= 64 && !node[n];
}

static bool greeted(struct powerman *p, struct err *err)
{
	const struct line *l = p->line;

	if (!wire_open(&p->wire, line_text(l, "address"), (int)line_int(l, "port"), false, line_int(l, "timeout"), err))
		return false;
	if (p->wire.fd < 0)
		return err_set(err, ERR_BENCH, "%s port %d: %s", line_text(l, "address"), (int)line_int(l, "port"), p->wire.why);
	p->wire.until_ns = clock_ns() + line_int(l, "timeout");
	return hear(p, err) && (!strncmp(p->said, "001 ", 4) || err_set(err, ERR_BENCH, "there is no PowerMan: '%.100s'", p->said));
}

static bool powerman_open(struct line *l, void **ret_dev, struct err *err)
{
	struct powerman *p;

	if (!one_node(line_text(l, "node")))
		return err_set(err, ERR_CONF, "node '%.100s': one node's name, not a range or a list", line_text(l, "node"));
	p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(err, ERR_LIMIT, "out of memory");
	*p = (struct powerman){ .line = l, .wire = { .fd = -1 } };
	if (!greeted(p, err)) {
		powerman_close(p);
		return false;
	}
	*ret_dev = p;
	return true;
}

static const struct param powerman_params[] = {
	{ .name = "address", .type = VALUE_TEXT, .need = true, .doc = "IP address of the daemon; only there this line connects to" },
	{ .name = "port", .type = VALUE_INT, .min = 1, .max = 65535, .fallback = "10101", .doc = "TCP port" },
	{ .name = "node", .type = VALUE_TEXT, .need = true, .doc = "the node, as powerman.conf names it" },
	OUTLET_PARAMS,
	{ 0 }
};
static const struct outlet_ops powerman_ops = { READBACK_reported, powerman_open, powerman_set, powerman_get, NULL, NULL, powerman_close };

OUTLET_DRIVER(powerman, "node of a PowerMan daemon", "powermand of Debian with its own simulator, vpcd; judged by its own client",
	      powerman_params, powerman_ops);
