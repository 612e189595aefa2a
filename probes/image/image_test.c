/* SPDX-License-Identifier: Apache-2.0
 *
 * Images made with libarchive and OpenSSL, good and bad; bombs and false beginnings; the verbs. */
#include "harness/fake.h"

#include <archive.h>
#include <archive_entry.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "harness/base/test.h"
#include "probes/image/scan.h"

extern const struct probe probe_image;
bool step_in_scope(struct step *st, const char *ip, struct err *err) { (void)st, (void)ip, (void)err; return true; }

/* ---- images ---- */
enum { SIZE = 1 << 20 };
static uint8_t image[SIZE];
static size_t image_n;

static void erased(size_t n) { memset(image, 0xff, image_n = n); }

static void put(size_t at, const void *p, size_t n)
{
	ck_assert(at + n <= SIZE);
	memcpy(image + at, p, n);
	image_n = at + n > image_n ? at + n : image_n;
}

static void put_text(size_t at, const char *text) { put(at, text, strlen(text)); }

struct file { const char *path, *content; };

static size_t pack(uint8_t *buf, size_t room, int filter, int format, const struct file *f, size_t files)
{
	struct archive *a = archive_write_new();
	size_t used = 0;

	ck_assert(archive_write_add_filter(a, filter) == ARCHIVE_OK && archive_write_set_format(a, format) == ARCHIVE_OK);
	ck_assert_msg(archive_write_open_memory(a, buf, room, &used) == ARCHIVE_OK, "%s", archive_error_string(a));
	for (size_t i = 0; i < files; i++) {
		struct archive_entry *e = archive_entry_new();

		archive_entry_set_pathname(e, f[i].path);
		archive_entry_set_size(e, (la_int64_t)strlen(f[i].content));
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		ck_assert_int_eq(archive_write_header(a, e), ARCHIVE_OK);
		archive_write_data(a, f[i].content, strlen(f[i].content));
		archive_entry_free(e);
	}
	ck_assert_int_eq(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return used;
}

/* The bytes as a stream. */
static size_t wrap(int filter, const uint8_t *p, size_t n, uint8_t *to, size_t room)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t used = 0;

	ck_assert(archive_write_add_filter(a, filter) == ARCHIVE_OK && archive_write_set_format_raw(a) == ARCHIVE_OK);
	ck_assert_int_eq(archive_write_open_memory(a, to, room, &used), ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	ck_assert_int_eq(archive_write_header(a, e), ARCHIVE_OK);
	archive_write_data(a, p, n);
	archive_entry_free(e);
	ck_assert_int_eq(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return used;
}

static void look(struct scan *s, size_t room)
{
	*s = (struct scan){ .room = room, .max_members = 1000, .until_ns = clock_ns() + SEC(20) };
	scan_bytes(s, (struct span){ image, image_n });
}

/* ---- packed in every way ---- */
static const struct { int filter, format; const char *where; } packing[] = {
	{ ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, "cpio" }, { ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_TAR_USTAR, "tar" },
	{ ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_ZIP, "zip" }, { ARCHIVE_FILTER_GZIP, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, "cpio, gzip" },
	{ ARCHIVE_FILTER_BZIP2, ARCHIVE_FORMAT_TAR_USTAR, "tar, bzip2" }, { ARCHIVE_FILTER_XZ, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, "cpio, xz" },
	{ ARCHIVE_FILTER_LZMA, ARCHIVE_FORMAT_TAR_USTAR, "tar, lzma" }, { ARCHIVE_FILTER_ZSTD, ARCHIVE_FORMAT_TAR_USTAR, "tar, zstd" },
	{ ARCHIVE_FILTER_LZ4, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, "cpio, lz4" },
};
START_TEST(packed)
{
	static const struct file bad[] = { { "etc/motd", "hello" }, { "usr/bin/gdbserver", "\x7f" "ELF debugger" }, { "x/telnetd.conf", "" } };
	static const struct file good[] = { { "etc/motd", "hello" }, { "usr/bin/server", "\x7f" "ELF server" }, { "usr/bin/telnet", "x" } };
	static uint8_t b[SIZE / 2];
	static struct scan s;
	char want[120];

	erased(300000);
	put(0x1235, b, pack(b, sizeof(b), packing[_i].filter, packing[_i].format, bad, 3));
	look(&s, SIZE);
	/* the directory at the end of a zip names it once more */
	snprintf(want, sizeof(want), "gdbserver: usr/bin/gdbserver in %s at 0x1235", packing[_i].where);
	ck_assert_msg(s.n == (strcmp(packing[_i].where, "zip") ? 1 : 2) && !strcmp(s.finding[0].text, want), "%zu: %s", s.n, s.finding[0].text);
	ck_assert_msg(!s.why[0], "%s", s.why);
	ck_assert_int_eq(s.members, 3);
	erased(300000);
	put(0x1235, b, pack(b, sizeof(b), packing[_i].filter, packing[_i].format, good, 3));
	look(&s, SIZE);
	ck_assert_msg(s.n == 0 && !s.why[0] && s.members == 3, "%s %s", s.finding[0].text, s.why);
}
END_TEST

START_TEST(several)
{
	static const struct file inner[] = { { "rootfs/sbin/tcpdump", "x" } };
	static uint8_t b[65536];
	static struct scan s;
	size_t n = pack(b, sizeof(b), ARCHIVE_FILTER_GZIP, ARCHIVE_FORMAT_TAR_USTAR, inner, 1);

	erased(100000);
	put(4096, b, n);
	put(50000, b, n);               /* two of them, and text between */
	put_text(30000, "\nexec /usr/sbin/telnetd -l /bin/sh\n");
	look(&s, SIZE);
	ck_assert_uint_eq(s.n, 3);
	ck_assert_str_eq(s.finding[0].text, "tcpdump: rootfs/sbin/tcpdump in tar, gzip at 0x1000");
	ck_assert_str_eq(s.finding[2].text, "telnetd: is named at 0x7540");
	ck_assert_int_eq(s.finding[2].at, 30000 + 16);
	ck_assert_str_eq(s.finding[1].text, "tcpdump: rootfs/sbin/tcpdump in tar, gzip at 0xc350");
}
END_TEST

/* Streams in streams (of several kinds, for libarchive opens gzip in gzip at once): as deep as is looked, and not deeper. */
START_TEST(deep)
{
	static uint8_t b[2][65536];
	static struct scan s;
	size_t n = pack(b[0], sizeof(b[0]), ARCHIVE_FILTER_GZIP, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, &(struct file){ "bin/gdbserver", "x" }, 1);

	for (int depth = 2; depth <= 8; depth++) {      /* gzip and cpio are two */
		erased(9000);
		put(77, b[depth % 2], n);
		look(&s, SIZE);
		ck_assert_msg(s.n == 1 || depth > SCAN_DEPTH, "%d: %s", depth, s.why);
		ck_assert_int_eq(!s.why[0], depth <= SCAN_DEPTH);
		n = wrap(depth % 2 ? ARCHIVE_FILTER_XZ : ARCHIVE_FILTER_BZIP2, b[depth % 2], n, b[(depth + 1) % 2], sizeof(b[0]));
	}
}
END_TEST

/* ---- words ---- */
static const struct { const char *text; int found; } words[] = {
	{ "tail\ntelnet\ntelnetd\ntftp\n", 1 }, { "/usr/sbin/in.telnetd", 1 }, { "notelnetd telnetds telnetd_x x-telnetd", 0 }, { "telnetd", 1 },
	{ "gcc cc as ld strace", 0 }, { "tcpdump and gdbserver", 2 }, { "", 0 },
};
START_TEST(word)
{
	static struct scan s;

	erased(8192);
	put_text(100, words[_i].text);
	image[99] = image[100 + strlen(words[_i].text)] = '\0';
	look(&s, SIZE);
	ck_assert_int_eq((int)s.found[SCAN_TOOL], words[_i].found);
}
END_TEST

static const struct { const char *path, *tool; } paths[] = {
	{ "usr/sbin/telnetd", "telnetd" }, { "telnetd", "telnetd" }, { "usr/bin/arm-linux-gnueabi-gcc", "compiler" }, { "usr/bin/gcc-12", "compiler" },
	{ "usr/lib/gcc/x/cc1", "compiler" }, { "usr/bin/strace", "tracer" }, { "usr/bin/as", "assembler or linker" }, { "usr/bin/gdb", "debugger" },
	{ "usr/sbin/telnetd/readme", NULL }, { "lib/ld-linux.so.2", NULL }, { "usr/bin/gcc-ar", NULL }, { "etc/gdbinit", NULL }, { "", NULL },
};
START_TEST(file_path)
{
	static struct scan s;
	char want[100];

	s = (struct scan){ .room = 1, .max_members = 10, .until_ns = clock_ns() + SEC(5) };
	scan_file(&s, "squashfs", paths[_i].path[0] ? paths[_i].path : "x", (struct span){ NULL, 0 }, 64, 4);
	ck_assert_int_eq(s.n != 0, paths[_i].tool != NULL);
	if (s.n) {
		snprintf(want, sizeof(want), "%s: %s in squashfs at 0x40", paths[_i].tool, paths[_i].path);
		ck_assert_str_eq(s.finding[0].text, want);
	}
}
END_TEST

/* ---- keys ---- */
static size_t certificate(const char *cn, bool pem, uint8_t **ret)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	BIO *b = BIO_new(BIO_s_mem());
	char *text;
	long n;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 1000);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_sign(x, key, EVP_sha256());
	ck_assert(pem ? PEM_write_bio_X509(b, x) : i2d_X509_bio(b, x));
	n = BIO_get_mem_data(b, &text);
	*ret = malloc((size_t)n);
	memcpy(*ret, text, (size_t)n);
	BIO_free(b);
	X509_free(x);
	EVP_PKEY_free(key);
	return (size_t)n;
}

static const struct { const char *cn; bool pem; int found; } certificates[] = {
	{ "localhost", true, 1 }, { "localhost", false, 1 }, { "ssl-cert-snakeoil", false, 1 }, { "HP1-000001", true, 0 }, { "HP1-000001", false, 0 },
	{ "www.example.com", true, 1 }, { "cloud.hearth.example", false, 0 },
};
START_TEST(defaults)
{
	static struct scan s;
	uint8_t *p;
	size_t n = certificate(certificates[_i].cn, certificates[_i].pem, &p);

	erased(20000);
	put(4001, p, n);
	look(&s, SIZE);
	ck_assert_int_eq((int)s.found[SCAN_CERTIFICATE], certificates[_i].found);
	ck_assert_int_eq((int)s.found[SCAN_KEY], 0);
	free(p);
}
END_TEST

static const char *const keys[] = { "EC sec1 der", "EC pkcs8 der", "RSA pkcs1 der", "RSA pkcs8 pem", "EC public der", "words", "cut" };
START_TEST(private_key)
{
	static struct scan s;
	const char *what = keys[_i];
	EVP_PKEY *k = !strncmp(what, "RSA", 3) ? EVP_RSA_gen(1024) : EVP_EC_gen("P-256");
	BIO *b = BIO_new(BIO_s_mem());
	bool bad = _i < 4;
	char *p;
	long n;

	if (strstr(what, "sec1") || strstr(what, "pkcs1"))
		i2d_PrivateKey_bio(b, k);
	else if (strstr(what, "pkcs8 der"))
		i2d_PKCS8PrivateKeyInfo_bio(b, k);
	else if (strstr(what, "public"))
		i2d_PUBKEY_bio(b, k);
	else if (!strcmp(what, "words"))
		BIO_puts(b, "-----BEGIN RSA PRIVATE KEY-----\n%s\n-----BEGIN PRIVATE KEY-----");
	else
		PEM_write_bio_PrivateKey(b, k, NULL, NULL, 0, NULL, NULL);
	n = BIO_get_mem_data(b, &p);
	erased(20000);
	put(5003, p, !strcmp(what, "cut") ? 40 : (size_t)n);
	look(&s, SIZE);
	ck_assert_msg(s.found[SCAN_KEY] == bad, "%s: %lld", what, (long long)s.found[SCAN_KEY]);
	ck_assert(!bad || s.finding[0].at == 5003);
	BIO_free(b);
	EVP_PKEY_free(k);
}
END_TEST

/* ---- what cannot be read, and what never ends ---- */
START_TEST(opaque)
{
	static struct scan s;
	struct rng r;

	rng_init(&r, 1, "opaque");
	erased(400000);
	for (size_t i = 0; i < 60000; i++)
		image[i] = (uint8_t)"etaoin shrdlu\n0123456789ABCDEF"[i * 7 % 30];
	look(&s, SIZE);
	ck_assert_int_eq(s.opaque, 0);
	rng_bytes(&r, image + 100000, 150000);
	look(&s, SIZE);
	ck_assert_msg(s.opaque >= 140000 && s.opaque <= 150000, "%lld", (long long)s.opaque);
	ck_assert(s.opaque_at >= 100000 && s.opaque_at < 110000);
}
END_TEST

START_TEST(bomb)
{
	static struct scan s;
	static uint8_t b[65536];
	char *zeros = calloc(1, 16 << 20);
	size_t n;

	memset(zeros, 'a', (16 << 20) - 1);
	n = pack(b, sizeof(b), ARCHIVE_FILTER_GZIP, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, &(struct file){ "usr/bin/tcpdump", zeros }, 1);
	erased(100000);
	put(0, b, n);
	look(&s, 1 << 20);
	ck_assert(s.why[0] && s.unpacked <= 1 << 20);
	ck_assert_msg(s.n == 1, "what came out before the bound counts");
	free(zeros);
}
END_TEST

START_TEST(false_begins)
{
	static struct scan s;
	int64_t begin = clock_ns();

	erased(SIZE);
	for (size_t i = 0; i + 20 < SIZE; i += 18)
		put(i, "\x1f\x8b\x08\0\0\0\0\0\0\3nonsense", 18);
	look(&s, SIZE);
	ck_assert_ptr_nonnull(strstr(s.why, "places that look like archives"));
	ck_assert(clock_ns() - begin < SEC(10));
}
END_TEST

START_TEST(many)
{
	static struct scan s;
	static struct file f[1500];
	static uint8_t b[SIZE];

	for (size_t i = 0; i < 1500; i++)
		f[i] = (struct file){ "bin/gdbserver", "x" };
	image_n = pack(image, SIZE, ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, f, 1500);
	memcpy(b, image, image_n);
	look(&s, SIZE);
	ck_assert_ptr_nonnull(strstr(s.why, "more than 1000 files"));
	ck_assert_int_ge(s.found[SCAN_TOOL], 1000);
	ck_assert_uint_eq(s.n, SCAN_FINDINGS);
}
END_TEST

/* ---- verbs ---- */
static bool fake_set_has(const char *fact, const char *value)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(fake.facts, fact), i, v)
		if (!strcmp(json_string_value(v), value))
			return true;
	return false;
}

START_TEST(verbs)
{
	struct err err = { 0 };
	char path[128], args[300], tool[100], key[100];

	fake_bench("{}", false);
	erased(100000);
	put_text(2000, "nothing to see");
	snprintf(path, sizeof(path), "%s/vendor.img", fake.run);
	ck_assert(fs_write(path, image, image_n, &err));
	snprintf(args, sizeof(args), "{\"file\":\"%s\"}", path);
	fake_step(&probe_image, "take", args);
	ck_assert_int_eq(fake_int("size"), 100000);
	snprintf(args, sizeof(args), "{\"file\":\"%s\"}", fake_text("file"));
	fake_step(&probe_image, "scan", args);
	ck_assert(fake_int("found") == 0 && fake_int("bytes") == 100000 && !fake.incomplete[0]);
	fake_step(&probe_image, "plant", args);
	snprintf(tool, sizeof(tool), "%s", fake_text("tool"));
	snprintf(key, sizeof(key), "%s", fake_text("key"));
	snprintf(args, sizeof(args), "{\"file\":\"%s\"}", fake_text("file"));
	fake_step(&probe_image, "scan", args);
	ck_assert_int_eq(fake_int("found"), 2);
	ck_assert(fake_set_has("tools", tool) && fake_set_has("keys", key));
	ck_assert(!fake_try_step(&probe_image, "scan", "{\"file\":\"evidence/none\"}", 0, &err));
	fake_close();
}
END_TEST

/* A squashfs by Debian's mksquashfs, behind a boot loader. */
START_TEST(squash)
{
	char args[300], command[600];

	if (access("/usr/bin/mksquashfs", X_OK) || access("/usr/bin/unsquashfs", X_OK)) {
		puts("squashfs-tools is not installed: skipped");
		return;
	}
	fake_bench("{}", false);
	snprintf(command, sizeof(command), "cd %s && mkdir -p r/usr/sbin r/etc && echo x >r/usr/sbin/tcpdump && ln -s busybox r/usr/sbin/telnetd && "
		 "openssl genpkey -algorithm ed25519 -out r/etc/test.key && head -c 300000 /dev/urandom >r/noise && "
		 "mksquashfs r fs -quiet -no-progress -comp %s && { head -c 65536 /dev/zero; cat fs; } >image", fake.run, _i ? "gzip" : "xz");
	ck_assert_int_eq(system(command), 0);
	snprintf(args, sizeof(args), "{\"file\":\"image\"}");
	fake_step(&probe_image, "scan", args);
	ck_assert_msg(!fake.incomplete[0], "%s", fake.incomplete);
	ck_assert_int_eq(fake_int("found"), 3);
	ck_assert(fake_set_has("tools", "tcpdump: usr/sbin/tcpdump in squashfs at 0x10000"));
	ck_assert(fake_set_has("tools", "telnetd: usr/sbin/telnetd in squashfs at 0x10000"));
	ck_assert(fake_set_has("keys", "PRIVATE KEY in PEM in etc/test.key, squashfs at 0x10000"));
	ck_assert_int_lt(fake_int("opaque"), 65536);
	snprintf(command, sizeof(command), "cd %s && truncate -s -4096 fs && head -c 2000 /dev/urandom >>fs && truncate -s +4096 fs && cat fs >image", fake.run);
	ck_assert_int_eq(system(command), 0);
	fake_step(&probe_image, "scan", args);                  /* its tables are gone: nobody can read it, and that is told */
	ck_assert_int_gt(fake_int("opaque"), 200000);
	fake_close();
}
END_TEST

TEST_MAIN({ "packed", packed, ROWS(packing) }, { "several", several, 1 }, { "deep", deep, 1 }, { "word", word, ROWS(words) }, { "path", file_path, ROWS(paths) },
	  { "defaults", defaults, ROWS(certificates) }, { "key", private_key, ROWS(keys) }, { "opaque", opaque, 1 }, { "bomb", bomb, 1 },
	  { "false begins", false_begins, 1 }, { "many", many, 1 }, { "verbs", verbs, 1 }, { "squashfs", squash, 2 })
