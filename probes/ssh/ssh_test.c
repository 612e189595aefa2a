/* SPDX-License-Identifier: Apache-2.0
 *
 * The readers on bytes, the verbs on Debian's dropbear and OpenSSH, sound and weak, and on peers that lie. */
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "harness/proto/hostile.h"
#include "probes/ssh/exchange.h"

extern const struct probe probe_ssh;

const char *step_suite_dir(const struct step *st)
{
	(void)st;
	return "suites";
}

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st;
	return !strcmp(ip, "127.0.0.1") || err_set(err, ERR_BENCH, "%s is outside the bench's scope", ip);
}

static void ask(const char *verb, int port, const char *more)
{
	char args[200];

	snprintf(args, sizeof(args), "{\"host\":\"127.0.0.1\",\"port\":%d%s}", port, more);
	fake_step(&probe_ssh, verb, args);
}

/* ---- readers ---- */
static const struct { const char *in; enum ssh_read says; const char *version; bool old; } versions[] = {
	{ "SSH-2.0-x\r\n", READ_DONE, "SSH-2.0-x", false }, { "SSH-2.0-x\n", READ_DONE, "SSH-2.0-x", false },
	{ "hello\r\nSSH- you\r\n", READ_DONE, "SSH- you", false }, { "SSH-1.99-y\r\n", READ_DONE, "SSH-1.99-y", true },
	{ "SSH-1.5-\x01\x1b[2J\n", READ_DONE, "SSH-1.5-??[2J", true }, { "SSH-2.0-x", READ_MORE, "", false }, { "", READ_MORE, "", false },
	{ "\n\n\nSSH-2.0-z\nrest", READ_DONE, "SSH-2.0-z", false },
};
START_TEST(version)
{
	struct span in = { (const uint8_t *)versions[_i].in, strlen(versions[_i].in) };
	char text[SSH_VERSION] = "";
	const char *why = "";

	ck_assert_int_eq(ssh_version_take(&in, text, &why), versions[_i].says);
	ck_assert_str_eq(text, versions[_i].version);
	ck_assert_int_eq(ssh_version_old(text), versions[_i].old);
	ck_assert_uint_eq(in.n, versions[_i].says == READ_MORE ? strlen(versions[_i].in) : strcspn(versions[_i].in, "z") < strlen(versions[_i].in) ? 4 : 0);
}
END_TEST

START_TEST(version_bounds)
{
	static uint8_t b[SSH_HEAD + 10];
	struct span in = { b, 300 };
	char text[SSH_VERSION];
	const char *why = "";

	memset(b, 'a', sizeof(b));
	memcpy(b, "SSH-", 4);
	b[299] = '\n';
	ck_assert_int_eq(ssh_version_take(&in, text, &why), READ_BROKEN);
	in = (struct span){ b + 1, sizeof(b) - 1 };
	ck_assert_int_eq(ssh_version_take(&in, text, &why), READ_BROKEN);
	ck_assert_ptr_nonnull(strstr(why, "16384"));
}
END_TEST

static const struct { const char *bytes; size_t n; enum ssh_read says; size_t payload; } packets[] = {
	{ "\0\0\0\x0c\x0a\x02", 6, READ_MORE, 0 }, { "\0\0", 2, READ_MORE, 0 },
	{ "\0\0\0\x0c\x0a\x02" "0123456789", 16, READ_DONE, 1 }, { "\0\0\0\x0c\x04\x02" "0123456789", 16, READ_DONE, 7 },
	{ "\0\0\0\x0c\x03\x02" "0123456789", 16, READ_BROKEN, 0 }, { "\0\0\0\x0c\x0b\x02" "0123456789", 16, READ_BROKEN, 0 },
	{ "\xff\xff\xff\xff", 4, READ_BROKEN, 0 }, { "\0\0\0\0", 4, READ_BROKEN, 0 }, { "\0\1\0\1", 4, READ_BROKEN, 0 },
};
START_TEST(packet)
{
	struct span in = { (const uint8_t *)packets[_i].bytes, packets[_i].n }, payload = { NULL, 0 };
	const char *why = "";

	ck_assert_int_eq(ssh_packet_take(&in, &payload, &why), packets[_i].says);
	ck_assert_uint_eq(payload.n, packets[_i].payload);
}
END_TEST

/* A KEXINIT whose first list is `kex` and whose others say "x"; cut to n bytes when n is not 0. */
static size_t kexinit(uint8_t *b, const char *kex, size_t cut)
{
	size_t n = 17;

	memset(b, 7, n);
	b[0] = MSG_KEXINIT;
	for (int i = 0; i < LISTS; i++) {
		const char *text = i ? "x" : kex;
		size_t len = strlen(text);

		memcpy(b + n, (uint8_t[]){ 0, 0, (uint8_t)(len >> 8), (uint8_t)len }, 4);
		memcpy(b + n + 4, text, len);
		n += 4 + len;
	}
	memset(b + n, 0, 5);
	n += 5;
	return cut && cut < n ? cut : n;
}

static char many[4096];
static const struct { const char *kex; size_t cut; bool ok; size_t names; } inits[] = {
	{ "a,b,c", 0, true, 3 }, { "", 0, true, 0 }, { "one", 0, true, 1 }, { "a,,b", 0, false, 1 }, { ",a", 0, false, 0 }, { "a,", 0, false, 0 },
	{ "a b", 0, false, 0 }, { "a\x7f", 0, false, 0 }, { "a,b", 16, false, 0 }, { "a,b", 24, false, 2 }, { "a,b", 60, false, 2 },
	{ "a123456789012345678901234567890123456789012345678901234567890123", 0, true, 1 },
	{ "a1234567890123456789012345678901234567890123456789012345678901234", 0, false, 0 }, { many, 0, false, SSH_NAMES },
};
START_TEST(lists)
{
	static struct kexinit k;
	static uint8_t b[8192];
	const char *why = "";
	size_t n;

	for (size_t i = 0; i < SSH_NAMES; i++)
		memcpy(many + 2 * i, "a,", 2);
	strcpy(many + 2 * SSH_NAMES, "a");
	n = kexinit(b, inits[_i].kex, inits[_i].cut);
	ck_assert_int_eq(ssh_kexinit_read((struct span){ b, n }, &k, &why), inits[_i].ok);
	ck_assert_uint_eq(k.list[LIST_KEX].n, inits[_i].names);
}
END_TEST

#define BLOB(text) { (const uint8_t *)text, sizeof(text) - 1 }
static const struct { struct span blob; bool ok, factored; unsigned bits; } blobs[] = {
	{ BLOB("\0\0\0\7ssh-rsa\0\0\0\1\3\0\0\0\3\0\x80\0"), true, true, 16 },
	{ BLOB("\0\0\0\7ssh-rsa\0\0\0\1\3\0\0\0\2\x01\x01"), true, true, 9 },
	{ BLOB("\0\0\0\7ssh-dss\0\0\0\2\x7f\1"), true, true, 15 },
	{ BLOB("\0\0\0\7ssh-rsa\0\0\0\1\3\0\0\0\2\x81\x01"), false, true, 0 },        /* negative */
	{ BLOB("\0\0\0\7ssh-rsa\0\0\0\1\3\0\0\0\0"), false, true, 0 },
	{ BLOB("\0\0\0\7ssh-rsa\0\0\0\1\3\xff\xff\xff\xff\1"), false, true, 0 },
	{ BLOB("\0\0\0\x0bssh-ed25519\0\0\0\x20" "01234567890123456789012345678901"), true, false, 256 },
	{ BLOB("\0\0\0\x0bssh-ed25519\0\0\0\x1f" "0123456789012345678901234567890"), false, false, 256 },
	{ BLOB("\0\0\0\7novelty"), true, false, 0 }, { BLOB("\0\0\0\0"), false, false, 0 }, { BLOB("\0\0\0\3a b"), false, false, 0 }, { BLOB(""), false, false, 0 },
};
START_TEST(blob)
{
	struct hostkey k;

	ck_assert_int_eq(hostkey_read(blobs[_i].blob, &k), blobs[_i].ok);
	if (blobs[_i].ok) {
		ck_assert_uint_eq(k.bits, blobs[_i].bits);
		ck_assert_int_eq(k.factored, blobs[_i].factored);
		ck_assert_uint_eq(strlen(k.fingerprint), 50);
	}
}
END_TEST

/* ---- real servers ---- */
static void run_shell(struct daemon *d, const char *command)
{
	char *text = daemon_text(d, "cd %s && { %s; } >>log 2>&1", d->dir, command);

	ck_assert_msg(!system(text), "%s", command);
}

static bool dropbear(struct daemon *d, const char *keys)
{
	if (!daemon_open(d, "/usr/sbin/dropbear"))
		return false;
	run_shell(d, keys);
	daemon_run(d, "/usr/sbin/dropbear", "-F", "-E", "-p", daemon_text(d, "127.0.0.1:%d", d->port), "-P", daemon_text(d, "%s/pid", d->dir),
		   "-r", daemon_text(d, "%s/key", d->dir), "-r", daemon_text(d, "%s/key2", d->dir), NULL);
	return true;
}

static bool openssh(struct daemon *d, const char *keys, const char *conf)
{
	if (!daemon_open(d, "/usr/sbin/sshd"))
		return false;
	if (!getuid())
		mkdir("/run/sshd", 0755);       /* what its start script does */
	run_shell(d, keys);
	daemon_put(d, "conf", "Port %d\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\nHostKey %s/key\nHostKey %s/key2\n%s\n", d->port,
		   d->dir, d->dir, conf);
	daemon_run(d, "/usr/sbin/sshd", "-D", "-e", "-f", daemon_text(d, "%s/conf", d->dir), NULL);
	return true;
}

#define KEYGEN(type, bits) "ssh-keygen -q -N '' -t " type " -b " bits " -f "
static const char sound_keys[] = KEYGEN("ed25519", "256") "key && " KEYGEN("rsa", "2048") "key2";
static const char short_keys[] = KEYGEN("dsa", "1024") "key && " KEYGEN("rsa", "1024") "key2";

/* What libssh agrees on stands in the lists that we read, and it is the same key. */
static void agrees(int port)
{
	char kex[80], cipher[80], mac[80], print[80];

	ask("handshake", port, "");
	ck_assert_msg(fake_is("done"), "%s", fake.incomplete);
	snprintf(kex, sizeof(kex), "%s", fake_text("kex"));
	snprintf(cipher, sizeof(cipher), "%s", fake_text("cipher"));
	snprintf(mac, sizeof(mac), "%s", fake_text("mac"));
	snprintf(print, sizeof(print), "%s", fake_text("fingerprint"));
	ask("enumerate", port, "");
	ck_assert_msg(!fake.incomplete[0], "%s", fake.incomplete);
	ck_assert(fake_is("answered"));
	ck_assert_msg(!kex[0] || fake_has("kex", kex), "kex: %s", kex);
	ck_assert_msg(fake_has("ciphers", cipher), "ciphers: %s", cipher);
	ck_assert_msg(!mac[0] || fake_has("macs", mac), "%s", mac);
	ck_assert_msg(fake_has("fingerprints", print), "fingerprints: %s", print);
}

START_TEST(dropbear_sound)
{
	struct daemon d;

	if (!dropbear(&d, "dropbearkey -t ed25519 -f key && dropbearkey -t ecdsa -s 521 -f key2"))
		return;
	fake_bench("{}", false);
	agrees(d.port);
	ck_assert(fake_has("keys", "ssh-ed25519 256") && fake_has("keys", "ecdsa-sha2-nistp521 521"));
	ck_assert(fake_has("unusable", "rsa-sha2-256"));       /* 2022.83 offers it without a key to it */
	ck_assert(fake_has("kex", "curve25519-sha256") && fake_has("groups", "diffie-hellman-group14-sha256 2048"));
	ck_assert_int_eq(fake_int("short_keys") + fake_int("short_groups"), 0);
	ck_assert_ptr_nonnull(strstr(fake_text("version"), "SSH-2.0-dropbear"));
	fake_close();
	daemon_close(&d);
}
END_TEST

START_TEST(dropbear_short)
{
	struct daemon d;

	if (!dropbear(&d, "dropbearkey -t rsa -s 1024 -f key && dropbearkey -t ed25519 -f key2"))
		return;
	fake_bench("{}", false);
	agrees(d.port);
	ck_assert(fake_has("keys", "ssh-rsa 1024") && fake_has("host_keys", "ssh-rsa"));
	ck_assert_int_eq(fake_int("short_keys"), 1);
	ask("enumerate", d.port, ",\"key_bits\":1024,\"group_bits\":4096");
	ck_assert_int_eq(fake_int("short_keys"), 0);
	ck_assert_int_ge(fake_int("short_groups"), 1);
	fake_close();
	daemon_close(&d);
}
END_TEST

START_TEST(openssh_sound)
{
	struct daemon d;

	if (!openssh(&d, sound_keys, ""))
		return;
	fake_bench("{}", false);
	agrees(d.port);
	ck_assert(fake_has("keys", "ssh-ed25519 256") && fake_has("keys", "ssh-rsa 2048"));
	ck_assert(!fake_has("host_keys", "ssh-rsa") && fake_has("host_keys", "rsa-sha2-512"));
	ck_assert(fake_is("strict_kex") && !fake_is("protocol1"));
	ck_assert(fake_has("groups", "diffie-hellman-group-exchange-sha256 2048"));
	ck_assert_int_eq(fake_int("short_keys") + fake_int("short_groups"), 0);
	fake_close();
	daemon_close(&d);
}
END_TEST

START_TEST(openssh_weak)
{
	struct daemon d;

	if (!openssh(&d, short_keys, "KexAlgorithms diffie-hellman-group1-sha1,diffie-hellman-group-exchange-sha1\nCiphers 3des-cbc,aes128-cbc\n"
		     "MACs hmac-md5,hmac-md5-96,hmac-sha1\nHostKeyAlgorithms ssh-dss,ssh-rsa\nRequiredRSASize 1024\nCompression no"))
		return;
	fake_bench("{}", false);
	agrees(d.port);
	ck_assert(fake_has("keys", "ssh-dss 1024") && fake_has("keys", "ssh-rsa 1024"));
	ck_assert(fake_has("kex", "diffie-hellman-group1-sha1") && fake_has("macs", "hmac-md5") && fake_has("host_keys", "ssh-dss"));
	ck_assert(fake_has("groups", "diffie-hellman-group1-sha1 1024") && fake_has("groups", "diffie-hellman-group-exchange-sha1 2048"));
	ck_assert_int_eq(fake_int("short_keys"), 2);
	ck_assert_int_eq(fake_int("short_groups"), 1);
	ck_assert(fake_has("compression", "none") && !fake_has("compression", "zlib@openssh.com"));
	fake_close();
	daemon_close(&d);
}
END_TEST

/* Every method we can begin, alone: each shows the same key. */
static const char *const alone[] = {
	"curve25519-sha256", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521", "diffie-hellman-group14-sha256",
	"diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512", "diffie-hellman-group1-sha1", "diffie-hellman-group-exchange-sha256",
	"sntrup761x25519-sha512@openssh.com",
};
/* The key RFC 9500 2.3 prints: found in the list by the same hash that a certificate with it would have. */
static const char printed_key[] = "printf '%s\\n' '-----BEGIN PRIVATE KEY-----' MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5stb3YCqRa6clejB "
	"VHZnn/7JU8FoUecR50OTlYnGT8GhRANCAARCJUj4j7eC/7Xso3REUscqHlWPvW9z vl5I6TIyzEXFsWxM0QxMuNW4oXE56UiCyJklcpk0JfQUGat+kKQqSUJy "
	"'-----END PRIVATE KEY-----' > key && chmod 600 key";
START_TEST(openssh_published)
{
	struct daemon d;

	if (!openssh(&d, _i ? printed_key : sound_keys, ""))
		return;
	fake_bench("{}", false);
	agrees(d.port);
	ck_assert_int_eq(fake_int("published_keys"), _i);
	ck_assert(!_i || fake_has("published", "EC256 RFC 9500 2.3 testECCP256"));
	daemon_close(&d);
	fake_close();
}
END_TEST

START_TEST(one_method)
{
	struct daemon d;
	char conf[100];

	snprintf(conf, sizeof(conf), "KexAlgorithms %s", alone[_i]);
	if (!openssh(&d, KEYGEN("ed25519", "256") "key && " KEYGEN("ecdsa", "384") "key2", conf))
		return;
	fake_bench("{}", false);
	ask("enumerate", d.port, "");
	ck_assert_msg(!fake.incomplete[0], "%s", fake.incomplete);
	ck_assert(fake_has("keys", "ssh-ed25519 256") && fake_has("keys", "ecdsa-sha2-nistp384 384"));
	fake_close();
	daemon_close(&d);
}
END_TEST

/* ---- peers that lie ---- */
static uint8_t told[8192];

/* A version and a KEXINIT. */
static struct span say_kexinit(const char *line, const char *kex)
{
	static uint8_t b[4096];
	size_t at = strlen(line), n = kexinit(b, kex, 0), padding = 4 + (8 - (n + 9) % 8) % 8, length = n + 1 + padding;
	const uint8_t head[] = { 0, 0, (uint8_t)(length >> 8), (uint8_t)length, (uint8_t)padding };

	memcpy(told, line, at);
	memcpy(told + at, head, 5);
	memcpy(told + at + 5, b, n);
	memset(told + at + 5 + n, 'p', padding);
	return (struct span){ told, at + 5 + n + padding };
}

#define V "SSH-2.0-x\r\n"
static const struct lying { struct hostile_case says; const char *version, *kex, *why; } lies[] = {
	{ { "silence", { 0 }, { 0 }, HOSTILE_STAYS, false }, NULL, NULL, "no answer in time" },
	{ { "an end", { 0 }, { 0 }, HOSTILE_ENDS, false }, NULL, NULL, "it ended the connection" },
	{ { "garbage", { 0 }, HOSTILE("\xff"), HOSTILE_FLOODS, false }, NULL, NULL, "no version line" },
	{ { "a greeting without end", { 0 }, HOSTILE("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"), HOSTILE_FLOODS, false }, NULL, NULL, "no version line" },
	{ { "a version and silence", HOSTILE(V), { 0 }, HOSTILE_STAYS, false }, NULL, NULL, "no answer in time" },
	{ { "a version and an end", HOSTILE(V), { 0 }, HOSTILE_ENDS, true }, NULL, NULL, "it ended the connection" },
	{ { "the first version only", HOSTILE("SSH-1.5-x\r\n"), { 0 }, HOSTILE_STAYS, false }, "1", NULL, "only the first version" },
	{ { "a packet of 4 GB", HOSTILE(V "\xff\xff\xff\xff\4\x14"), { 0 }, HOSTILE_STAYS, false }, NULL, NULL, "more than 65536 bytes" },
	{ { "another packet first", HOSTILE(V "\0\0\0\x0c\x0a\x1e" "0123456789"), { 0 }, HOSTILE_STAYS, false }, NULL, NULL, "no KEXINIT" },
	{ { "a disconnect", HOSTILE(V "\0\0\0\x1c\x0a\1\0\0\0\2\0\0\0\4go \x1b" "\0\0\0\0" "0123456789"), { 0 }, HOSTILE_ENDS, true }, NULL, NULL,
	  "it disconnected (2): go ?" },
	{ { "noise without end", HOSTILE(V), HOSTILE("\0\0\0\x0c\x0a\2" "0123456789"), HOSTILE_FLOODS, false }, NULL, NULL, "" },
	{ { "a name that is none", { 0 }, { 0 }, HOSTILE_STAYS, false }, V, "a,,b", "a name that is none" },
	{ { "lists and no keys", { 0 }, { 0 }, HOSTILE_ENDS, true }, "SSH-1.99-x\r\n", "diffie-hellman-group1-sha1,none", "the key of x was not shown: it ended" },
};
START_TEST(liar)
{
	const struct lying *l = &lies[_i];
	struct hostile_case says = l->says;
	bool weak = l->kex && strstr(l->kex, "none");
	struct hostile h;

	if (l->kex)
		says.first = say_kexinit(l->version, l->kex);
	hostile_start(&h, &says);
	fake_bench("{}", false);
	ask("enumerate", h.port, ",\"timeout\":300000000");
	ck_assert_int_eq(fake_is("answered"), weak);
	hostile_left_early(&h, &says);
	ck_assert_msg(fake.incomplete[0] && strstr(fake.incomplete, l->why), "%s: %s", says.name, fake.incomplete);
	ck_assert_int_eq(fake_is("protocol1"), l->version && l->version[0] != V[0] ? true : weak);
	if (weak) {
		ck_assert(fake_has("kex", "diffie-hellman-group1-sha1") && fake_has("kex", "none") && !fake_is("strict_kex"));
		ck_assert_int_eq(fake_int("short_groups"), 1);
	}
	ask("handshake", h.port, ",\"timeout\":300000000");
	ck_assert(!fake_is("done") && fake.incomplete[0]);
	hostile_bounded(&h, &says, SEC(6));
	hostile_stop(&h);
	fake_close();
}
END_TEST

static void ask_hostile(const struct hostile_case *c, int unused)
{
	struct hostile h;

	(void)unused;
	hostile_start(&h, c);
	fake_bench("{}", false);
	ask("enumerate", h.port, ",\"timeout\":300000000");
	ck_assert_msg(!fake_is("answered") && fake.incomplete[0], "%s", c->name);
	hostile_left_early(&h, c);              /* libssh, below, reads on while there is time */
	ask("handshake", h.port, ",\"timeout\":300000000");
	ck_assert_msg(!fake_is("done") && fake.incomplete[0], "%s", c->name);
	hostile_bounded(&h, c, SEC(6));
	hostile_stop(&h);
	fake_close();
}

START_TEST(hostile)
{
	ck_assert_int_eq(hostile_all(ask_hostile, 0), 0);
}
END_TEST

START_TEST(nobody)
{
	struct err err = { 0 };

	fake_bench("{}", false);
	ask("enumerate", daemon_free_port(SOCK_STREAM), "");
	ck_assert(!fake_is("answered") && strstr(fake.incomplete, "refused"));
	fake_step(&probe_ssh, "enumerate", "{}");               /* the device has no address */
	ck_assert(!fake_is("answered") && strstr(fake.incomplete, "no address"));
	ck_assert(!fake_try_step(&probe_ssh, "enumerate", "{\"host\":\"192.0.2.1\"}", 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "outside"));
	fake_close();
}
END_TEST

TEST_MAIN({ "version", version, ROWS(versions) }, { "version bounds", version_bounds, 1 }, { "packet", packet, ROWS(packets) },
	  { "lists", lists, ROWS(inits) }, { "host key", blob, ROWS(blobs) }, { "dropbear", dropbear_sound, 1 }, { "dropbear, short", dropbear_short, 1 },
	  { "OpenSSH", openssh_sound, 1 }, { "OpenSSH, weak", openssh_weak, 1 }, { "OpenSSH, published key", openssh_published, 2 },
	  { "one method", one_method, ROWS(alone) },
	  { "liar", liar, ROWS(lies) }, { "hostile", hostile, 1 }, { "nobody", nobody, 1 })
