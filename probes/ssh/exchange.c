/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ssh/exchange.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE = SSH_PACKET };
enum family { FINITE, GROUP, CURVE25519, NIST, SNTRUP, MLKEM };

/* In the order in which we rather begin them. `size`: bits of a finite field, OpenSSL's number of a curve. */
static const struct method { const char *name; enum family family; unsigned size; } methods[] = {
	{ "curve25519-sha256", CURVE25519, 0 }, { "curve25519-sha256@libssh.org", CURVE25519, 0 },
	{ "ecdh-sha2-nistp256", NIST, NID_X9_62_prime256v1 }, { "ecdh-sha2-nistp384", NIST, NID_secp384r1 },
	{ "ecdh-sha2-nistp521", NIST, NID_secp521r1 },
	{ "diffie-hellman-group14-sha256", FINITE, 2048 }, { "diffie-hellman-group14-sha1", FINITE, 2048 },
	{ "diffie-hellman-group15-sha512", FINITE, 3072 }, { "diffie-hellman-group16-sha512", FINITE, 4096 },
	{ "diffie-hellman-group17-sha512", FINITE, 6144 }, { "diffie-hellman-group18-sha512", FINITE, 8192 },
	{ "diffie-hellman-group1-sha1", FINITE, 1024 },
	{ "diffie-hellman-group-exchange-sha256", GROUP, 0 }, { "diffie-hellman-group-exchange-sha1", GROUP, 0 },
	{ "sntrup761x25519-sha512@openssh.com", SNTRUP, 0 }, { "sntrup761x25519-sha512", SNTRUP, 0 }, { "mlkem768x25519-sha256", MLKEM, 0 },
};
enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

static const struct method *method_of(struct span name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (strlen(methods[i].name) == name.n && !memcmp(methods[i].name, name.p, name.n))
			return &methods[i];
	return NULL;
}

unsigned exchange_fixed_bits(struct span name)
{
	const struct method *m = method_of(name);

	return m && m->family == FINITE ? m->size : 0;
}

bool exchange_is_gex(struct span name)
{
	const struct method *m = method_of(name);

	return m && m->family == GROUP;
}

static const struct method *choose(const struct ssh_names *offered)
{
	for (size_t i = 0; i < METHODS; i++)
		if (ssh_names_have(offered, methods[i].name))
			return &methods[i];
	return NULL;
}

/* ---- messages ---- */
struct message { uint8_t b[MESSAGE]; size_t n; };

static void put(struct message *m, const void *p, size_t n)
{
	if (n > sizeof(m->b) - m->n)
		return;                 /* an echo of what came in one packet always fits */
	memcpy(m->b + m->n, p, n);
	m->n += n;
}

static void put_u32(struct message *m, size_t v)
{
	put(m, (uint8_t[]){ (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v }, 4);
}

static void put_string(struct message *m, const void *p, size_t n)
{
	put_u32(m, n);
	put(m, p, n);
}

static void put_names(struct message *m, const struct ssh_names *names)
{
	size_t n = names->n ? names->n - 1 : 0;

	for (size_t i = 0; i < names->n; i++)
		n += names->name[i].n;
	put_u32(m, n);
	for (size_t i = 0; i < names->n; i++) {
		put(m, ",", i != 0);
		put(m, names->name[i].p, names->name[i].n);
	}
}

static bool send_kexinit(struct session *s, const char *method, const char *algorithm)
{
	static struct message m;
	static const uint8_t cookie[16] = "jusan looks here";

	m.n = 0;
	put(&m, (uint8_t[]){ MSG_KEXINIT }, 1);
	put(&m, cookie, sizeof(cookie));
	put_string(&m, method, strlen(method));
	put_string(&m, algorithm, strlen(algorithm));
	for (int i = LIST_CIPHER_IN; i < LISTS; i++)
		put_names(&m, &s->kexinit.list[i]);
	put(&m, (uint8_t[5]){ 0 }, 5);
	return session_send(s, m.b, m.n);
}

/* A public value that every method takes for valid: a base point, a number below every modulus, keys of zeros. */
static void put_public(struct message *m, const struct method *how)
{
	uint8_t b[1280] = { 0 };
	size_t n = 0;
	EC_GROUP *g;

	switch (how->family) {
	case FINITE:
	case GROUP:
		memset(b, 0x55, n = 120);
		break;
	case NIST:
		g = EC_GROUP_new_by_curve_name((int)how->size);
		n = g ? EC_POINT_point2oct(g, EC_GROUP_get0_generator(g), POINT_CONVERSION_UNCOMPRESSED, b, sizeof(b), NULL) : 0;
		EC_GROUP_free(g);
		break;
	case SNTRUP:
	case MLKEM:
		n = how->family == SNTRUP ? 1158 : 1184;
		/* fall through */
	case CURVE25519:
		b[n] = 9;
		n += 32;
	}
	put_string(m, b, n);
}

/* The next message of that number. */
static bool await(struct session *s, unsigned number, struct span *ret)
{
	while (session_take(s, ret))
		if (ret->p[0] == number)
			return ret->p++, ret->n--, true;
	return false;
}

static bool ask_group(struct session *s, unsigned wish, struct span *ret)
{
	struct message *m = &(struct message){ .n = 0 };

	put(m, (uint8_t[]){ MSG_GEX_REQUEST }, 1);
	put_u32(m, 1024);
	put_u32(m, wish);
	put_u32(m, 8192);
	return session_send(s, m->b, m->n) && await(s, MSG_KEX_REPLY, ret);
}

static bool begin(struct session *s, const struct method *how, struct span *ret)
{
	struct message *m = &(struct message){ .n = 0 };

	if (how->family == GROUP && !ask_group(s, 2048, ret))
		return false;
	put(m, (uint8_t[]){ how->family == GROUP ? MSG_GEX_INIT : MSG_KEX_INIT }, 1);
	put_public(m, how);
	return session_send(s, m->b, m->n) && await(s, how->family == GROUP ? MSG_GEX_REPLY : MSG_KEX_REPLY, ret);
}

static bool open_with(struct session *s, const char *address, int port, int64_t timeout_ns, struct err *err)
{
	if (!session_open(s, address, port, timeout_ns, err))
		return false;
	if (s->said == SAID_KEXINIT)
		s->why[0] = '\0';
	return true;
}

bool exchange_hostkey(struct session *s, const char *address, int port, int64_t timeout_ns, const char *algorithm, struct hostkey *ret,
		      struct err *err)
{
	const struct method *how;
	struct span reply, blob;

	if (!open_with(s, address, port, timeout_ns, err))
		return false;
	if (s->why[0])
		return true;
	how = choose(&s->kexinit.list[LIST_KEX]);
	if (!how)
		snprintf(s->why, sizeof(s->why), "no key exchange that we can begin");
	else if (send_kexinit(s, how->name, algorithm) && begin(s, how, &reply) &&
		 (!ssh_take_string(&reply, &blob) || !hostkey_read(blob, ret)))
		snprintf(s->why, sizeof(s->why), "a host key that is none");
	return true;
}

bool exchange_group(struct session *s, const char *address, int port, int64_t timeout_ns, const char *method, unsigned *ret_bits,
		    struct err *err)
{
	char algorithm[SSH_NAME + 1];
	struct span reply, first;

	if (!open_with(s, address, port, timeout_ns, err))
		return false;
	if (!s->why[0] && !s->kexinit.list[LIST_HOST_KEY].n)
		snprintf(s->why, sizeof(s->why), "it has no host key");
	if (s->why[0])
		return true;
	first = s->kexinit.list[LIST_HOST_KEY].name[0];
	snprintf(algorithm, sizeof(algorithm), "%.*s", (int)first.n, (const char *)first.p);
	if (send_kexinit(s, method, algorithm) && ask_group(s, 1024, &reply) && (!ssh_take_mpint(&reply, ret_bits) || !*ret_bits))
		snprintf(s->why, sizeof(s->why), "a group that is none");
	return true;
}
