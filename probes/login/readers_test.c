/* SPDX-License-Identifier: Apache-2.0
 *
 * What is read of a peer by hand: replies, challenges, forms. */
#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"
#include "probes/login/digest.h"
#include "probes/login/reply.h"
#include "probes/login/webform.h"

static const struct { enum reply_style style; const char *tag, *in; bool whole; int code; } replies[] = {
	{ REPLY_NUMBERED, "", "220 ready\r\n", true, 220 },
	{ REPLY_NUMBERED, "", "250-x\r\n250-AUTH PLAIN\r\n250 y\r\n", true, 250 },
	{ REPLY_NUMBERED, "", "230-Welcome\r\n220 lines of text\r\nmore\r\n230 in\r\n", true, 230 },
	{ REPLY_NUMBERED, "", "999 no\r\n", false, 0 },
	{ REPLY_NUMBERED, "", "hello\r\n", false, 0 },
	{ REPLY_NUMBERED, "", "230-never\r\n", false, 0 },
	{ REPLY_SIGNED, "", "+OK\r\n", true, REPLY_YES },
	{ REPLY_SIGNED, "", "-ERR no\r\n", true, REPLY_NO },
	{ REPLY_SIGNED, "", "+OKAY\r\n", true, REPLY_GO_ON },
	{ REPLY_TAGGED, "*", "* OK hi\r\n", true, REPLY_YES },
	{ REPLY_TAGGED, "*", "* PREAUTH hi\r\n", true, REPLY_PREAUTH },
	{ REPLY_TAGGED, "a1", "* CAPABILITY x\r\n* OK y\r\na1 NO z\r\n", true, REPLY_NO },
	{ REPLY_TAGGED, "a1", "* BYE y\r\n", true, REPLY_BYE },
	{ REPLY_TAGGED, "a1", "a2 OK y\r\n", false, 0 },
};
START_TEST(reply)
{
	struct reply r;

	reply_begin(&r, replies[_i].style, replies[_i].tag);
	for (const char *p = replies[_i].in; *p; p++)
		reply_take(&r, (uint8_t)*p);
	ck_assert_msg(r.whole == replies[_i].whole && r.code == replies[_i].code, "%s: %d %d", replies[_i].in, r.whole, r.code);
}
END_TEST

/* The examples of RFC 7616 3.9.1, whose password is "Circle of Life"; and what must not count. */
START_TEST(digest)
{
	static const char example[] = " realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
		"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
		"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
	struct challenge c;
	char text[900], out[1500];

	snprintf(text, sizeof(text), "Basic realm=\"a, b\", Digest%s, algorithm=MD5\nDigest%s, algorithm=SHA-256\n", example,
		example);
	challenge_read(text, &c);
	ck_assert(c.basic && c.md5 && c.sha256 && c.qop && !c.other && c.algorithm == DIGEST_SHA256);
	ck_assert_str_eq(c.realm, "http-auth@example.org");
	ck_assert(digest_answer(&c, "GET", "/dir/index.html", "Mufasa", "Circle of Life", 1, 7, out, sizeof(out)));
	ck_assert(strstr(out, "nc=00000001") && strstr(out, "opaque=\"FQhe"));
	challenge_read("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"\n", &c);
	ck_assert(digest_answer(&c, "GET", "/dir/index.html", "Mufasa", "Circle Of Life", 1, 7, out, sizeof(out)));
	ck_assert_ptr_nonnull(strstr(out, "response=\"670fd8c2df070c60b045671b8b24ff02\""));      /* without qop,
		as other clients answer it */
	challenge_read("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"\nNegotiate\n", &c);
	ck_assert(c.algorithm == DIGEST_NONE && c.other && !c.basic);
	challenge_read("Digest realm=\"r\", nonce=\"n\", algorithm=SHA3\n", &c);
	ck_assert(c.algorithm == DIGEST_NONE);
}
END_TEST

static const struct { const char *page, *user, *password; unsigned n; bool found; } forms[] = {
	{ "<form><input name=a><input type=password name=b></form>", "a", "b", 0, true },
	{ "<!-- <form><input type=password name=x></form> --><form><input type=password name='y'>", "", "y", 0, true },
	{ "<script>'<form><input type=password name=x>'</script><form><input name=u type=\"text\"><INPUT TYPE=PASSWORD "
		"NAME=p></form>", "u", "p", 0, true },
	{ "<form><input name=s><input name=u><input type=password name=p></form>", "u", "p", 1, true },
	{ "<form><input type=password name=n1><input type=password name=n2></form><form><input name=u><input type=password "
		"name=p></form>", "u", "p", 0, true },
	{ "<form><input type=password></form>", "", "", 0, false },
	{ "<input type=password name=p>", "", "", 0, false },
	{ "<form><input type=password name=\"p", "", "", 0, false },
};
START_TEST(webform)
{
	struct webform f;

	webform_find(forms[_i].page, strlen(forms[_i].page), &f);
	ck_assert_msg(f.found == forms[_i].found && f.n == forms[_i].n && !strcmp(f.user,
		forms[_i].user) && !strcmp(f.password, forms[_i].password),
		      "%s: %d %u '%s' '%s'", forms[_i].page, f.found, f.n, f.user, f.password);
}
END_TEST

TEST_MAIN({ "reply", reply, ROWS(replies) }, { "digest", digest, 1 }, { "webform", webform, ROWS(forms) })
