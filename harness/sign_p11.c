// SPDX-License-Identifier: Apache-2.0
/* A key that never leaves its token (HSM, smart card), reached through p11-kit. Debian 12 has no OpenSSL provider for
 * PKCS#11, and its engine (libp11 0.4.12) knows no Edwards curve; p11-kit finds the modules of the system and hands out
 * their functions as they are. Numbers: PKCS#11 3.0, sections 2.3 (EC keys) and 6.3 (EdDSA). */
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/sign_key.h"

#define SLOTS 64
#define PIN_MAX 256

struct p11_key {
	CK_FUNCTION_LIST **modules;     /* of the system; NULL: one named by module-path */
	CK_FUNCTION_LIST *own;
	CK_FUNCTION_LIST *f;            /* the one that has the key; NULL: none */
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	char trouble[200];              /* the last thing that went wrong on the way, without PIN */
};

static void trouble(struct p11_key *k, const char *what, CK_RV rv)
{
	snprintf(k->trouble, sizeof(k->trouble), "%s: %s", what, p11_kit_strerror(rv));
}

/* ---- PIN ---- */
/* *ret_known false: nobody gave one. */
static bool pin_of(P11KitUri *uri, char pin[static PIN_MAX], bool *ret_known, struct err *err)
{
	const char *value = p11_kit_uri_get_pin_value(uri), *source = p11_kit_uri_get_pin_source(uri);
	CLEANUP(free_ptr) char *text = NULL;
	size_t n;

	if (!value && source) {
		if (!fs_read(strncmp(source, "file:", 5) ? source : source + 5, PIN_MAX - 1, &text, &n, err))
			return err_in(err, "pin-source");
		text[strcspn(text, "\r\n")] = '\0';
		value = text;
	}
	if (!value)
		value = getenv("JUSAN_KEY_PIN");
	*ret_known = value != NULL;
	return snprintf(pin, PIN_MAX, "%s", value ? value : "") < PIN_MAX || err_set(err, ERR_CONF, "the PIN is longer than %d bytes", PIN_MAX - 1);
}

/* ---- objects ---- */
static CK_OBJECT_HANDLE find(struct p11_key *k, CK_ATTRIBUTE *attrs, CK_ULONG n, CK_ULONG *ret_n)
{
	CK_OBJECT_HANDLE found[2] = { 0 };
	CK_ULONG got = 0;

	if (k->f->C_FindObjectsInit(k->session, attrs, n) == CKR_OK) {
		k->f->C_FindObjects(k->session, found, 2, &got);
		k->f->C_FindObjectsFinal(k->session);
	}
	*ret_n = got;
	return found[0];
}

/* Of class `class`, of an Edwards curve, with the label and id that the URI names. */
static CK_OBJECT_HANDLE find_key(struct p11_key *k, P11KitUri *uri, CK_OBJECT_CLASS class, CK_ULONG *ret_n)
{
	CK_KEY_TYPE edwards = CKK_EC_EDWARDS;
	CK_ATTRIBUTE attr[4] = { { CKA_CLASS, &class, sizeof(class) }, { CKA_KEY_TYPE, &edwards, sizeof(edwards) } };
	CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(uri, CKA_LABEL), *id = p11_kit_uri_get_attribute(uri, CKA_ID);
	CK_ULONG n = 2;

	if (label)
		attr[n++] = *label;
	if (id)
		attr[n++] = *id;
	return find(k, attr, n, ret_n);
}

/* CKA_EC_POINT: 32 bytes, bare or as a DER octet string. */
static bool read_point(struct p11_key *k, CK_OBJECT_HANDLE public, unsigned char ret[static 32])
{
	unsigned char point[64];
	CK_ATTRIBUTE attr = { CKA_EC_POINT, point, sizeof(point) };

	if (k->f->C_GetAttributeValue(k->session, public, &attr, 1) != CKR_OK)
		return false;
	if (attr.ulValueLen == 34 && point[0] == 0x04 && point[1] == 0x20)
		memcpy(ret, point + 2, 32);
	else if (attr.ulValueLen == 32)
		memcpy(ret, point, 32);
	else
		return false;
	return true;
}

/* ---- tokens ---- */
/* A wrong PIN counts towards the token's lock: it goes only to a token that the URI names, and never empty. */
static bool log_in(struct p11_key *k, P11KitUri *uri, const CK_TOKEN_INFO *info, struct err *err)
{
	const CK_TOKEN_INFO *named = p11_kit_uri_get_token_info(uri);
	bool pad = info->flags & CKF_PROTECTED_AUTHENTICATION_PATH, known = false;
	char pin[PIN_MAX];
	CK_RV rv;

	if (!(info->flags & CKF_LOGIN_REQUIRED))
		return true;
	if (!named->label[0] && !named->serialNumber[0])
		return err_set(err, ERR_CONF, "PKCS#11: the URI must name the token (token= or serial=) that gets the PIN");
	if (!pin_of(uri, pin, &known, err))
		return false;
	if (!known && !pad)
		return err_set(err, ERR_CONF, "PKCS#11: the token wants a PIN: pin-source=file:/..., or $JUSAN_KEY_PIN");
	rv = k->f->C_Login(k->session, CKU_USER, known ? (CK_UTF8CHAR *)pin : NULL, known ? strlen(pin) : 0);
	explicit_bzero(pin, sizeof(pin));
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return err_set(err, ERR_CONF, "PKCS#11: log-in to the token: %s", p11_kit_strerror(rv));
	return true;
}

/* Looks in one slot; true = the key is there and k is open. err is set only for what ends the search. */
static bool in_slot(struct p11_key *k, P11KitUri *uri, CK_SLOT_ID slot, unsigned char ret_public[static 32], struct err *err)
{
	CK_TOKEN_INFO info;
	CK_ULONG n = 0, n_public = 0;
	CK_RV rv;

	if (k->f->C_GetTokenInfo(slot, &info) != CKR_OK || !(info.flags & CKF_TOKEN_INITIALIZED) || !p11_kit_uri_match_token_info(uri, &info))
		return false;
	rv = k->f->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &k->session);
	if (rv != CKR_OK) {
		trouble(k, "session with the token", rv);
		return false;
	}
	if (log_in(k, uri, &info, err)) {
		CK_OBJECT_HANDLE public = find_key(k, uri, CKO_PUBLIC_KEY, &n_public);

		k->key = find_key(k, uri, CKO_PRIVATE_KEY, &n);
		if (n == 1 && n_public == 1 && read_point(k, public, ret_public))
			return true;
		snprintf(k->trouble, sizeof(k->trouble), n > 1 || n_public > 1 ? "the URI fits several keys: name one with object= or id=" :
			 "the token has no Ed25519 key pair of that name (public and private half are both needed)");
	}
	k->f->C_CloseSession(k->session);
	return false;
}

static bool in_module(struct p11_key *k, P11KitUri *uri, unsigned char ret_public[static 32], struct err *err)
{
	CK_SLOT_ID slot[SLOTS];
	CK_ULONG n = SLOTS;
	CK_INFO info;

	if (k->f->C_GetInfo(&info) != CKR_OK || !p11_kit_uri_match_module_info(uri, &info) || k->f->C_GetSlotList(CK_TRUE, slot, &n) != CKR_OK)
		return false;
	for (CK_ULONG i = 0; i < n && !err->text[0]; i++)
		if (in_slot(k, uri, slot[i], ret_public, err))
			return true;
	return false;
}

static bool load_modules(struct p11_key *k, P11KitUri *uri, struct err *err)
{
	const char *path = p11_kit_uri_get_module_path(uri);

	if (!path) {
		k->modules = p11_kit_modules_load_and_initialize(0);
		return k->modules || err_set(err, ERR_CONF, "PKCS#11: %s", p11_kit_message() ? p11_kit_message() : "no module is configured");
	}
	k->own = p11_kit_module_load(path, P11_KIT_MODULE_CRITICAL);
	if (!k->own)
		return err_set(err, ERR_CONF, "PKCS#11: module %.200s does not load", path);
	if (p11_kit_module_initialize(k->own) == CKR_OK)
		return true;
	p11_kit_module_release(k->own);
	k->own = NULL;
	return err_set(err, ERR_CONF, "PKCS#11: module %.200s does not start", path);
}

static bool search(struct p11_key *k, P11KitUri *uri, unsigned char ret_public[static 32], struct err *err)
{
	CK_FUNCTION_LIST *one[2] = { k->own, NULL }, **all = k->own ? one : k->modules;

	for (; *all && !err->text[0]; all++) {
		k->f = *all;
		if (in_module(k, uri, ret_public, err))
			return true;
	}
	k->f = NULL;
	return err->text[0] ? false : err_set(err, ERR_CONF, "PKCS#11: %s", k->trouble[0] ? k->trouble : "no token fits the URI");
}

bool p11_open(const char *text, struct p11_key **ret, unsigned char ret_public[static 32], struct err *err)
{
	P11KitUri *uri = p11_kit_uri_new();
	struct p11_key *k = calloc(1, sizeof(*k));
	bool ok;

	if (!uri || !k) {
		free(k);
		p11_kit_uri_free(uri);
		return err_set(err, ERR_OS, "out of memory");
	}
	ok = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri) == P11_KIT_URI_OK ? load_modules(k, uri, err) && search(k, uri, ret_public, err) :
	     err_set(err, ERR_CONF, "not a PKCS#11 URI such as pkcs11:token=lab;object=jusan?pin-source=file:/etc/jusan/pin");
	p11_kit_uri_free(uri);
	*ret = ok ? k : p11_close(k);
	return ok;
}

struct p11_key *p11_close(struct p11_key *k)
{
	if (!k)
		return NULL;
	if (k->f)
		k->f->C_CloseSession(k->session);
	if (k->own) {
		p11_kit_module_finalize(k->own);
		p11_kit_module_release(k->own);
	}
	if (k->modules)
		p11_kit_modules_finalize_and_release(k->modules);
	free(k);
	return NULL;
}

bool p11_sign(struct p11_key *k, const void *p, size_t n, unsigned char ret[static SIGN_BYTES], struct err *err)
{
	CK_MECHANISM eddsa = { CKM_EDDSA, NULL, 0 };
	CK_ULONG len = SIGN_BYTES;
	CK_RV rv = k->f->C_SignInit(k->session, &eddsa, k->key);

	if (rv == CKR_OK)
		rv = k->f->C_Sign(k->session, (CK_BYTE *)(uintptr_t)p, n, ret, &len);
	if (rv == CKR_OK && len == SIGN_BYTES)
		return true;
	return err_set(err, ERR_OS, "PKCS#11: the token does not sign (EdDSA): %s", p11_kit_strerror(rv));
}
