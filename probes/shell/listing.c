/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/shell/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words are put together by the shell, so that an echo of the command is not taken for its answer. /etc/passwd shows that
 * the search works. */
void listing_script(const char *mark, char ret[static LISTING_SCRIPT])
{
	snprintf(ret, LISTING_SCRIPT,
		 "m=%s; echo \"#$m\"begin\n"
		 "for p in /proc/[0-9]*; do echo \"#$m\"process; "
		 "while read l; do case $l in Name:*|Uid:*|CapEff:*|VmSize:*) echo \"$l\";; esac; done <$p/status; done 2>/dev/null\n"
		 "for f in tcp tcp6 udp udp6 raw raw6; do echo \"#$m\"net $f; "
		 "while read l; do echo \"$l\"; done </proc/net/$f; done 2>/dev/null\n"
		 "s='/ -xdev -type f ( -perm -4000 -o -perm -2000 -o -path /etc/passwd )'; f=find\n"
		 "command -v find >/dev/null 2>&1 || f='busybox find'; $f / -prune >/dev/null 2>&1 || f='/bin/busybox find'\n"
		 "echo \"#$m\"files; set -f; $f $s 2>/dev/null; set +f; echo \"#$m\"end\n", mark);
}

/* ---- lines ---- */
enum section { OUTSIDE, PROCESS, NET, FILES };
struct reader {
	struct listing *out;
	const char *mark;
	enum section section;
	char proto[8];                  /* of NET */
	char name[64];                  /* of PROCESS */
	long uid;
	unsigned long long capabilities;
	bool user_space;
};

static void keep(struct listed *l, const char *text)
{
	if (l->n < LISTING_ITEMS)
		snprintf(l->item[l->n], LISTING_TEXT, "%s", text);
	l->n++;
}

static void end_process(struct reader *r)
{
	char text[LISTING_TEXT];

	if (r->section != PROCESS || !r->user_space)
		return;
	r->out->processes++;
	if (r->uid == 0)
		keep(&r->out->root, r->name);
	else if (r->capabilities) {
		snprintf(text, sizeof(text), "%s uid %ld capabilities %llx", r->name, r->uid, r->capabilities);
		keep(&r->out->capable, text);
	}
}

static void take_status(struct reader *r, const char *line)
{
	long effective;

	if (!strncmp(line, "Name:", 5))
		snprintf(r->name, sizeof(r->name), "%s", line + 5 + strspn(line + 5, " \t"));
	else if (!strncmp(line, "Uid:", 4) && sscanf(line + 4, "%*d %ld", &effective) == 1)
		r->uid = effective;
	else if (!strncmp(line, "CapEff:", 7))
		r->capabilities = strtoull(line + 7, NULL, 16);
	else if (!strncmp(line, "VmSize:", 7))
		r->user_space = true;
}

/* In either order of bytes, and as IPv6 and mapped IPv4 write it. */
static const char *reach(const char *address)
{
	static const char *const loopback[] = { "0100007F", "7F000001", "00000000000000000000000001000000",
						"00000000000000000000000000000001", "0000000000000000FFFF00000100007F",
						"00000000000000000000FFFF7F000001" };

	for (size_t i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++)
		if (!strcmp(address, loopback[i]))
			return "loopback";
	return address[strspn(address, "0")] ? address : "any";
}

/* TCP: state 0A listens. UDP and raw: 07 without a peer. */
static void take_socket(struct reader *r, const char *line)
{
	char local[33], peer[33], text[LISTING_TEXT], port_text[32];
	unsigned port, peer_port, state;
	bool tcp = !strncmp(r->proto, "tcp", 3);
	long uid;

	if (sscanf(line, "%*u: %32[0-9A-F]:%4x %32[0-9A-F]:%4x %2x %*s %*s %*s %ld", local, &port, peer, &peer_port, &state, &uid) != 6)
		return;
	if (state != (tcp ? 0x0a : 7) || peer_port)
		return;
	snprintf(port_text, sizeof(port_text), "%.3s/%u", r->proto, port);
	snprintf(text, sizeof(text), "%s %s uid %ld", port_text, reach(local), uid);
	keep(&r->out->sockets, text);
	if (!strcmp(reach(local), "loopback"))
		return;
	keep(&r->out->ports, port_text);
	if (!uid)
		keep(&r->out->root_sockets, text);
}

static void take_file(struct reader *r, const char *line)
{
	if (!strcmp(line, "/etc/passwd"))
		r->out->searched = true;
	else if (line[0] == '/')
		keep(&r->out->files, line);
}

static void take_mark(struct reader *r, const char *word)
{
	end_process(r);
	if (!strcmp(word, "begin"))
		r->out->begun = true;
	if (!strcmp(word, "end"))
		r->out->ended = r->out->begun;
	r->section = !strcmp(word, "process") ? PROCESS : !strncmp(word, "net ", 4) ? NET : !strcmp(word, "files") ? FILES : OUTSIDE;
	if (r->section == NET)
		snprintf(r->proto, sizeof(r->proto), "%.7s", word + 4);
	r->name[0] = '\0';
	r->uid = -1;
	r->capabilities = 0;
	r->user_space = false;
}

static void take_line(struct reader *r, const char *line)
{
	size_t n = strlen(r->mark);

	if (line[0] == '#' && !strncmp(line + 1, r->mark, n)) {
		take_mark(r, line + 1 + n);
		return;
	}
	switch (r->section) {
	case PROCESS: take_status(r, line); break;
	case NET: take_socket(r, line); break;
	case FILES: take_file(r, line); break;
	case OUTSIDE: break;
	}
}

void listing_read(struct span answer, const char *mark, struct listing *ret)
{
	struct reader r = { .out = ret, .mark = mark };
	char line[512];
	size_t n = 0;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < answer.n; i++) {
		if (answer.p[i] == '\n' || answer.p[i] == '\r') {
			line[n] = '\0';
			take_line(&r, line);
			n = 0;
		} else if (answer.p[i] && n + 1 < sizeof(line)) {
			line[n++] = (char)answer.p[i];
		}
	}
}
