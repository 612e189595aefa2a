// SPDX-License-Identifier: Apache-2.0
// What a step may reach: the device's address, hosts of the bench, targets in scope, bench lines.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/ipc.h"
#include "harness/step_in.h"

#define LINE_NS SEC(10)
#define BLOCK_NS MS(25)         /* a capture's blocks come at most 10 ms late, and are written within another 10 */

static bool leased(const struct session *s, const char *mac, char ret[static 64])
{
	char path[FS_PATH], line[512];
	CLEANUP(close_file) FILE *f = NULL;
	bool found = false;

	snprintf(path, sizeof(path), "%s/leases", s->work);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {     /* expiry mac address name client-id */
		char m[32], ip[64];

		if (sscanf(line, "%*s %31s %63s", m, ip) == 2 && !strcasecmp(m, mac) && strchr(ip, '.')) {
			snprintf(ret, 64, "%s", ip);
			found = true;
		}
	}
	return found;
}

bool step_dut_address(struct step *st, char ret[static 64])
{
	const json_t *dut = json_object_get(step_device(st), "dut");
	const char *address = json_string_value(json_object_get(dut, "address"));
	const char *mac = json_string_value(json_object_get(dut, "mac"));

	if (address && strcmp(address, "dhcp")) {
		snprintf(ret, 64, "%s", address);
		return true;
	}
	return mac && leased(st->s, mac, ret);
}

static bool in_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return !memcmp(a, b, whole) &&
	       (!rest || ((a[whole] ^ b[whole]) & (uint8_t)(0xff << (8 - rest))) == 0);
}

static bool covers(const char *cidr, const char *ip)
{
	char net[64];
	uint8_t a[16], b[16];
	const char *slash = strchr(cidr, '/');
	int family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	int bits = slash ? atoi(slash + 1) : family == AF_INET ? 32 : 128;

	snprintf(net, sizeof(net), "%.*s", slash ? (int)(slash - cidr) : (int)strlen(cidr), cidr);
	return bits >= 0 && bits <= (family == AF_INET ? 32 : 128) &&
	       inet_pton(family, net, a) == 1 && inet_pton(family, ip, b) == 1 && in_prefix(a, b, (unsigned)bits);
}

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	const json_t *scope = json_object_get(step_bench(st), "scope");
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)scope, i, v)
		if (json_is_string(v) && covers(json_string_value(v), ip))
			return true;
	return err_set(err, ERR_BENCH, "%s is outside the bench's scope", ip);
}

bool step_resolve(struct step *st, const char *host, char ret[static 64], struct err *err)
{
	const char *ip = json_string_value(json_object_get(json_object_get(step_bench(st), "hosts"), host));
	uint8_t raw[16];

	if (!strcmp(host, "dut"))
		return step_dut_address(st, ret) || err_set(err, ERR_BENCH, "the device has no address");
	if (!ip && (inet_pton(AF_INET, host, raw) == 1 || inet_pton(AF_INET6, host, raw) == 1))
		ip = host;
	if (!ip)
		return err_set(err, ERR_BENCH, "'%s' is no host of the bench; name it under hosts: in bench.yaml", host);
	snprintf(ret, 64, "%s", ip);
	return true;
}

bool step_line(struct step *st, const char *line, const char *command, const json_t *args, json_t **ret_reply,
	       struct err *err)
{
	char path[FS_PATH];
	CLEANUP(close_fd) int fd = -1;
	CLEANUP(free_json) json_t *answer = NULL;
	int64_t until = clock_ns() + LINE_NS;

	snprintf(path, sizeof(path), "%s/line/%s.sock", st->s->work, line);
	if (!ipc_connect(path, &fd, err) ||
	    !ipc_send(fd, json_pack("{s:s,s:O?}", "command", command, "args", args), err) ||
	    !ipc_recv(fd, until, &answer, err))
		return err_in(err, "line %s: %s", line, command);
	if (!answer || !json_is_true(json_object_get(answer, "ok")))
		return err_set(err, ERR_BENCH, "line %s: %s: %s", line, command,
			       answer ? json_string_value(json_object_get(answer, "text")) : "the line's process is gone");
	if (ret_reply)
		*ret_reply = json_incref(json_object_get(answer, "reply"));
	return true;
}

bool step_recorded(struct step *st, const char *line, struct err *err)
{
	step_wait(st, -1, clock_ns() + BLOCK_NS);
	return step_line(st, line, "get", NULL, NULL, err);
}
