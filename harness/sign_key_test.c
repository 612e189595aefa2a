// SPDX-License-Identifier: Apache-2.0
#include "harness/sign_key.h"

#include <openssl/pem.h>
#include <p11-kit/p11-kit.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/sign.h"

#define SOFTHSM "/usr/lib/softhsm/libsofthsm2.so"
#define PIN "4711"

static char dir[64];

static const char *in(const char *name)
{
	static char path[4][FS_PATH];
	static int next;
	char *p = path[next = (next + 1) % 4];

	snprintf(p, FS_PATH, "%s/%s", dir, name);
	return p;
}

static void put(const char *name, const char *text)
{
	struct err err = { 0 };

	ck_assert_msg(fs_write(in(name), text, strlen(text), &err), "%s", err.text);
}

static void make(void)
{
	struct err err = { 0 };

	snprintf(dir, sizeof(dir), "/tmp/jusan-key-XXXXXX");
	ck_assert(mkdtemp(dir) != NULL);
	setenv("HOME", dir, 1);
	unsetenv("JUSAN_KEY");
	unsetenv("JUSAN_KEY_PIN");
	ck_assert_msg(sign_key_make(in("key.pem"), &err), "%s", err.text);
}

static void drop(void)
{
	struct err err = { 0 };

	ck_assert_msg(fs_remove(dir, &err), "%s", err.text);
}

/* ---- a new key ---- */
START_TEST(made)
{
	struct err err = { 0 };
	struct stat st;
	char *before, *after;
	size_t n;

	make();
	ck_assert(stat(in("key.pem"), &st) == 0 && (st.st_mode & 0777) == 0600);
	ck_assert(fs_read(in("key.pem"), 4096, &before, &n, &err));
	ck_assert(!sign_key_make(in("key.pem"), &err) && err.kind == ERR_CONF && strstr(err.text, "never written over"));
	ck_assert(symlink(in("key.pem"), in("link.pem")) == 0 && symlink(in("nowhere"), in("dangling.pem")) == 0);
	ck_assert(!sign_key_make(in("link.pem"), &err) && !sign_key_make(in("dangling.pem"), &err));
	ck_assert(access(in("nowhere"), F_OK) < 0);
	ck_assert(fs_read(in("key.pem"), 4096, &after, &n, &err));
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	drop();
}
END_TEST

/* ---- opening ---- */
static void encrypt(const char *from, const char *to, const EVP_CIPHER *cipher, const char *pass)
{
	FILE *f = fopen(in(from), "r"), *out = fopen(in(to), "w");
	EVP_PKEY *k = PEM_read_PrivateKey(f, NULL, NULL, NULL);

	ck_assert(k && PEM_write_PrivateKey(out, k, cipher, (const unsigned char *)pass, (int)strlen(pass), NULL, NULL));
	EVP_PKEY_free(k);
	fclose(f);
	fclose(out);
}

static void write_other(const char *to, EVP_PKEY *k)
{
	FILE *out = fopen(in(to), "w");

	ck_assert(k && PEM_write_PrivateKey(out, k, NULL, NULL, 0, NULL, NULL));
	EVP_PKEY_free(k);
	fclose(out);
}

static const struct { const char *where, *pin, *want; } row[] = {        /* % = the folder; want NULL: it opens */
	{ "%/key.pem", NULL, NULL },
	{ "file:%/key.pem", NULL, NULL },
	{ "%/locked.pem", "geheim", NULL },
	{ "%/locked.pem", NULL, "passphrase" },
	{ "%/locked.pem", "falsch", "passphrase" },
	{ "%/rsa.pem", NULL, "not of the kind Ed25519" },
	{ "%/public.pem", NULL, "not an Ed25519 private key" },
	{ "%/text.pem", NULL, "not an Ed25519 private key" },
	{ "%/empty.pem", NULL, "not an Ed25519 private key" },
	{ "%/none.pem", NULL, "No such file" },
	{ "%", NULL, "not an Ed25519 private key" },
	{ "nonsense:key", NULL, "not an Ed25519 private key" },
	{ "pkcs11:%%%", NULL, "not a PKCS#11 URI" },
	{ "pkcs11:token=there%20is%20none;object=x", NULL, "PKCS#11" },
	{ "", NULL, "No such file" },
};

START_TEST(opened)
{
	const char *at = row[_i].where;
	char where[FS_PATH] = "";
	struct sign_key *k = NULL;
	struct err err = { 0 };
	bool ok;

	make();
	encrypt("key.pem", "locked.pem", EVP_aes_256_cbc(), "geheim");
	write_other("rsa.pem", EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048));
	put("public.pem", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAV4f36f+QJl2E3K6GpK6iWC7PXV+/Pa8rmeN0c/uU+OA=\n-----END PUBLIC KEY-----\n");
	put("text.pem", "-----BEGIN PRIVATE KEY-----\n\x1b[31m\n-----END PRIVATE KEY-----\n");
	put("empty.pem", "");
	if (row[_i].pin)
		setenv("JUSAN_KEY_PIN", row[_i].pin, 1);
	for (size_t n = 0; *at; at++, n = strlen(where))
		snprintf(where + n, sizeof(where) - n, *at == '%' && strncmp(row[_i].where, "pkcs11:", 7) ? "%.*s%s" : "%.*s%.0s",
			 *at == '%' && strncmp(row[_i].where, "pkcs11:", 7) ? 0 : 1, at, dir);
	ok = sign_key_open(where, &k, &err);
	ck_assert_msg(ok == !row[_i].want, "%s: %s", where, err.text);
	ck_assert_msg(ok || strstr(err.text, row[_i].want), "%s: %s", where, err.text);
	sign_key_close(k);
	drop();
}
END_TEST

/* ---- what is signed holds, and says by whom ---- */
static void sign_and_check(const char *with)
{
	char where[FS_PATH];
	struct err err = { 0 };
	struct sign_key *k = NULL;
	bool ok, pinned;
	char signer[65];

	snprintf(where, sizeof(where), "%s", with);
	put("file", "what is signed\n");
	ck_assert_msg(sign_key_open(where, &k, &err), "%s", err.text);
	put("public.pem", sign_key_public(k));
	put("other.pem", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAV4f36f+QJl2E3K6GpK6iWC7PXV+/Pa8rmeN0c/uU+OA=\n-----END PUBLIC KEY-----\n");
	sign_key_close(k);
	setenv("JUSAN_KEY", where, 1);
	ck_assert_msg(sign_ready(&err) && sign_file(in("file"), where, &err), "%s", err.text);
	ck_assert(sign_check(in("file"), NULL, &ok, &pinned, signer, &err) && ok && !pinned);
	ck_assert(sign_check(in("file"), in("public.pem"), &ok, &pinned, signer, &err) && ok && pinned);
	ck_assert(sign_check(in("file"), in("other.pem"), &ok, &pinned, signer, &err) && ok && !pinned);
	ck_assert(!sign_check(in("file"), in("file"), &ok, &pinned, signer, &err));
	put("file", "what is signed!\n");
	ck_assert(sign_check(in("file"), in("public.pem"), &ok, &pinned, signer, &err) && !ok && !pinned);
	unsetenv("JUSAN_KEY");
}

START_TEST(signs)
{
	struct err err = { 0 };
	char *both, *one;
	size_t n, m;
	bool ok, pinned;
	char signer[65], all[2000];

	make();
	sign_and_check(in("key.pem"));
	ck_assert(sign_file(in("file"), in("key.pem"), &err));
	ck_assert(fs_read(in("other.pem"), 2000, &one, &m, &err) && fs_read(in("public.pem"), 2000, &both, &n, &err));
	snprintf(all, sizeof(all), "%s# of the bench\n%s", one, both);
	put("all.pem", all);
	ck_assert(sign_check(in("file"), in("all.pem"), &ok, &pinned, signer, &err) && ok && pinned);
	free(one);
	free(both);
	setenv("JUSAN_KEY", in("none.pem"), 1);
	ck_assert(!sign_ready(&err));
	drop();
}
END_TEST

/* ---- a token ---- */
/* SoftHSM 2.6.1 leaks the parsed curve each time it makes a key or signs; what is ours is looked at in the other rows. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define MODULE_LEAKS(on) ((on) ? __lsan_disable() : __lsan_enable())
#else
#define MODULE_LEAKS(on) ((void)(on))
#endif

static bool generate(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE s, const char *label)
{
	CK_BYTE curve[] = { 0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9' }, yes = CK_TRUE, id[] = { 1 };
	CK_MECHANISM m = { CKM_EC_EDWARDS_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = { { CKA_EC_PARAMS, curve, sizeof(curve) }, { CKA_TOKEN, &yes, 1 }, { CKA_ID, id, 1 },
				  { CKA_LABEL, (char *)(uintptr_t)label, strlen(label) } };
	CK_ATTRIBUTE private[] = { { CKA_TOKEN, &yes, 1 }, { CKA_SIGN, &yes, 1 }, { CKA_PRIVATE, &yes, 1 }, { CKA_ID, id, 1 },
				   { CKA_LABEL, (char *)(uintptr_t)label, strlen(label) } };
	CK_OBJECT_HANDLE a, b;

	return f->C_GenerateKeyPair(s, &m, public, 4, private, 5, &a, &b) == CKR_OK;
}

/* A token of its own with keys "one", "two", "two"; false when it cannot be had here. */
static bool make_token(void)
{
	CK_FUNCTION_LIST *f = access(SOFTHSM, R_OK) == 0 ? p11_kit_module_load(SOFTHSM, 0) : NULL;
	CK_BYTE label[32];
	CK_SLOT_ID slot[8];
	CK_SESSION_HANDLE s;
	CK_ULONG n = 8;
	char conf[300];
	struct err err = { 0 };
	bool ok;

	if (!f)
		return false;
	ck_assert(fs_mkdirs(in("tokens"), &err));
	snprintf(conf, sizeof(conf), "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", in("tokens"));
	put("softhsm2.conf", conf);
	setenv("SOFTHSM2_CONF", in("softhsm2.conf"), 1);
	memset(label, ' ', sizeof(label));
	memcpy(label, "jusan", 5);
	ck_assert(p11_kit_module_initialize(f) == CKR_OK && f->C_GetSlotList(CK_TRUE, slot, &n) == CKR_OK && n > 0);
	ck_assert(f->C_InitToken(slot[0], (CK_UTF8CHAR *)"0000", 4, label) == CKR_OK);
	ck_assert(f->C_OpenSession(slot[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &s) == CKR_OK);
	ck_assert(f->C_Login(s, CKU_SO, (CK_UTF8CHAR *)"0000", 4) == CKR_OK && f->C_InitPIN(s, (CK_UTF8CHAR *)PIN, 4) == CKR_OK);
	ck_assert(f->C_Logout(s) == CKR_OK && f->C_Login(s, CKU_USER, (CK_UTF8CHAR *)PIN, 4) == CKR_OK);
	MODULE_LEAKS(true);
	ok = generate(f, s, "one") && generate(f, s, "two") && generate(f, s, "two");
	MODULE_LEAKS(false);
	p11_kit_module_finalize(f);
	p11_kit_module_release(f);
	return ok;
}

static const struct { const char *uri, *want; } token_row[] = {  /* want NULL: it signs */
	{ "pkcs11:token=jusan;object=one?module-path=" SOFTHSM "&pin-value=" PIN, NULL },
	{ "pkcs11:token=jusan;object=one?module-path=" SOFTHSM "&pin-source=file:%s/pin", NULL },
	{ "pkcs11:token=jusan;object=one?module-path=" SOFTHSM, "wants a PIN" },
	{ "pkcs11:token=jusan;object=one?module-path=" SOFTHSM "&pin-value=1111", "log-in" },
	{ "pkcs11:object=one?module-path=" SOFTHSM "&pin-value=" PIN, "must name the token" },
	{ "pkcs11:token=jusan;object=two?module-path=" SOFTHSM "&pin-value=" PIN, "several keys" },
	{ "pkcs11:token=jusan;object=three?module-path=" SOFTHSM "&pin-value=" PIN, "no Ed25519 key" },
	{ "pkcs11:token=other;object=one?module-path=" SOFTHSM "&pin-value=" PIN, "no token fits" },
	{ "pkcs11:token=jusan;object=one?module-path=/nowhere.so&pin-value=" PIN, "does not load" },
};

START_TEST(in_token)
{
	char uri[FS_PATH], name[200];
	struct sign_key *k = NULL;
	struct err err = { 0 };

	make();
	if (!make_token()) {
		printf("skipped: softhsm2 is not installed, or knows no Ed25519\n");
		drop();
		return;
	}
	put("pin", PIN "\n");
	snprintf(uri, sizeof(uri), token_row[_i].uri, dir);
	if (!token_row[_i].want) {
		MODULE_LEAKS(true);
		sign_and_check(uri);
		MODULE_LEAKS(false);
	} else {
		ck_assert(!sign_key_open(uri, &k, &err));
		ck_assert_msg(strstr(err.text, token_row[_i].want), "%s", err.text);
		ck_assert_msg(!strstr(err.text, PIN) && !strstr(err.text, "1111"), "%s", err.text);
	}
	ck_assert_ptr_null(strstr(sign_key_name(uri, name, sizeof(name)), PIN));
	drop();
}
END_TEST

TEST_MAIN({ "made", made, 1 }, { "opened", opened, ROWS(row) }, { "signs", signs, 1 }, { "in a token", in_token, ROWS(token_row) })
