/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ssh/hostkey.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "probes/ssh/kexinit.h"

static const struct { const char *type; unsigned bits, bytes; } curves[] = {
	{ "ssh-ed25519", 256, 32 }, { "ssh-ed448", 456, 57 }, { "ecdsa-sha2-nistp256", 256, 65 },
	{ "ecdsa-sha2-nistp384", 384, 97 }, { "ecdsa-sha2-nistp521", 521, 133 },
};

static void print_fingerprint(struct span blob, char ret[static 52])
{
	unsigned char md[EVP_MAX_MD_SIZE], text[64];
	unsigned n = 0;

	EVP_Digest(blob.p, blob.n, md, &n, EVP_sha256(), NULL);
	EVP_EncodeBlock(text, md, (int)n);
	text[strcspn((char *)text, "=")] = '\0';
	snprintf(ret, 52, "SHA256:%.43s", text);
}

static bool read_type(struct span *blob, struct hostkey *ret)
{
	struct span type;

	if (!ssh_take_string(blob, &type) || !type.n || type.n > SSH_NAME)
		return false;
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] <= ' ' || type.p[i] >= 127)
			return false;
	memcpy(ret->type, type.p, type.n);
	return true;
}

/* The point of a curve, or the public key of an Edwards one: of the length its curve has. */
static bool read_curve(struct span blob, const char *type, unsigned *ret_bits)
{
	struct span name, point;

	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (strcmp(type, curves[i].type))
			continue;
		*ret_bits = curves[i].bits;
		return (strncmp(type, "ecdsa-", 6) || ssh_take_string(&blob, &name)) && ssh_take_string(&blob, &point) &&
		       point.n == curves[i].bytes;
	}
	return true;                    /* not a type we know: its size stays 0 */
}

bool hostkey_read(struct span blob, struct hostkey *ret)
{
	struct span rest = blob;
	unsigned exponent;
	bool rsa;

	memset(ret, 0, sizeof(*ret));
	if (!read_type(&rest, ret))
		return false;
	print_fingerprint(blob, ret->fingerprint);
	rsa = !strcmp(ret->type, "ssh-rsa");
	ret->factored = rsa || !strcmp(ret->type, "ssh-dss");
	if (!ret->factored)
		return read_curve(rest, ret->type, &ret->bits);
	return (!rsa || ssh_take_mpint(&rest, &exponent)) && ssh_take_mpint(&rest, &ret->bits) && ret->bits;
}
