/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ssh/kexinit.h"

#include <stdio.h>
#include <string.h>

/* ---- version ---- */
static bool keep_version(struct span line, char ret[static SSH_VERSION], const char **why)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n >= SSH_VERSION - 1) {
		*why = "a version line of more than 255 characters";
		return false;
	}
	for (size_t i = 0; i < line.n; i++)
		ret[i] = line.p[i] >= ' ' && line.p[i] < 127 ? (char)line.p[i] : '?';
	ret[line.n] = '\0';
	return true;
}

enum ssh_read ssh_version_take(struct span *in, char ret[static SSH_VERSION], const char **why)
{
	struct span rest = { in->p, in->n < SSH_HEAD ? in->n : SSH_HEAD }, line;

	for (const uint8_t *lf; (lf = memchr(rest.p, '\n', rest.n));) {
		size_t n = (size_t)(lf - rest.p);

		line = (struct span){ rest.p, n };
		rest = (struct span){ rest.p + n + 1, rest.n - n - 1 };
		if (line.n < 4 || memcmp(line.p, "SSH-", 4))
			continue;
		if (!keep_version(line, ret, why))
			return READ_BROKEN;
		*in = (struct span){ rest.p, in->n - (size_t)(rest.p - in->p) };
		return READ_DONE;
	}
	if (in->n < SSH_HEAD)
		return READ_MORE;
	*why = "no version line in the first 16384 bytes";
	return READ_BROKEN;
}

bool ssh_version_old(const char *version)
{
	return !strncmp(version, "SSH-1.", 6);
}

/* ---- packets ---- */
enum ssh_read ssh_packet_take(struct span *in, struct span *ret, const char **why)
{
	struct span s = *in, body;
	uint64_t length, padding;

	if (!take_be(&s, 4, &length))
		return READ_MORE;
	if (length < 6 || length > SSH_PACKET) {
		*why = length < 6 ? "a packet without payload" : "a packet of more than 65536 bytes";
		return READ_BROKEN;
	}
	if (!take_bytes(&s, (size_t)length, &body))
		return READ_MORE;
	take_be(&body, 1, &padding);
	if (padding < 4 || padding >= body.n) {
		*why = "a packet whose padding does not fit";
		return READ_BROKEN;
	}
	*ret = (struct span){ body.p, body.n - (size_t)padding };
	*in = s;
	return READ_DONE;
}

bool ssh_take_string(struct span *in, struct span *ret)
{
	struct span s = *in;
	uint64_t n;

	if (!take_be(&s, 4, &n) || !take_bytes(&s, (size_t)n, ret))
		return false;
	*in = s;
	return true;
}

bool ssh_take_mpint(struct span *in, unsigned *ret_bits)
{
	struct span m;

	if (!ssh_take_string(in, &m) || (m.n && m.p[0] & 0x80))
		return false;
	while (m.n && !m.p[0]) {
		m.p++;
		m.n--;
	}
	*ret_bits = (unsigned)m.n * 8;
	for (unsigned bit = 0x80; m.n && !(m.p[0] & bit); bit >>= 1)
		--*ret_bits;
	return true;
}

/* ---- KEXINIT ---- */
static bool good_name(struct span name)
{
	if (!name.n || name.n > SSH_NAME)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 127)
			return false;
	return true;
}

static bool read_names(struct span list, struct ssh_names *ret, const char **why)
{
	while (list.n) {
		const uint8_t *comma = memchr(list.p, ',', list.n);
		struct span name = { list.p, comma ? (size_t)(comma - list.p) : list.n };

		if (!good_name(name) || (comma && name.n + 1 == list.n)) {
			*why = "a name that is none";
			return false;
		}
		if (ret->n == SSH_NAMES) {
			*why = "more than 256 names in one list";
			return false;
		}
		ret->name[ret->n++] = name;
		list.p += name.n + (comma != NULL);
		list.n -= name.n + (comma != NULL);
	}
	return true;
}

bool ssh_kexinit_read(struct span payload, struct kexinit *ret, const char **why)
{
	struct span cookie, list;
	uint64_t message, follows, reserved;

	memset(ret, 0, sizeof(*ret));
	*why = "a KEXINIT that ends too early";
	if (!take_be(&payload, 1, &message) || message != MSG_KEXINIT || !take_bytes(&payload, 16, &cookie))
		return false;
	for (int i = 0; i < LISTS; i++) {
		if (!ssh_take_string(&payload, &list))
			return false;
		if (!read_names(list, &ret->list[i], why))
			return false;
	}
	return take_be(&payload, 1, &follows) && take_be(&payload, 4, &reserved);
}

bool ssh_names_have(const struct ssh_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->name[i].n == strlen(name) && !memcmp(names->name[i].p, name, names->name[i].n))
			return true;
	return false;
}
