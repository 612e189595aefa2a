/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_snmp.c - communities of SNMP v1 and v2c, users of v3 (net-snmp).
 *
 * An agent refuses a community by saying nothing. Silence alone is therefore no refusal: behind each pair that is not answered
 * goes something that the agent does answer, the declared community, else the engine's discovery of SNMPv3. Only when that is
 * answered was the pair refused; otherwise it was not put. A password is a community where it is not empty, else the user is.
 * Source  RFC 3584 5.2 (v1, v2c: discarded), RFC 3414 3.2 (reports), A.2 (keys of passwords). */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "probes/login/surface.h"

struct agent {
	char peer[128], known[128];     /* known: a community that is answered; "" = none declared */
	long version;
	bool sha;
};

/* Neither MIBs nor configuration of the host are read, and nothing is kept on the disk. */
static void library(void)
{
	static bool ready;

	if (ready)
		return;
	ready = true;
	setenv("MIBS", "", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
	netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LOG_DEBUG);
	init_snmp("jusan");
}

static bool snmp_load(struct surface *s, const json_t *row, struct err *err)
{
	struct agent *a = calloc(1, sizeof(*a));
	bool six = strchr(s->to.address, ':') != NULL;
	char version[8], auth[8];

	if (!a)
		return err_set(err, ERR_OS, "out of memory");
	s->priv = a;
	if (!surface_text(row, "version", "2c", version, sizeof(version), err) || !surface_text(row, "auth", "sha", auth, sizeof(auth), err) ||
	    !surface_text(row, "secret", "", a->known, sizeof(a->known), err))
		return false;
	a->version = !strcmp(version, "1") ? SNMP_VERSION_1 : !strcmp(version, "2c") ? SNMP_VERSION_2c :
		     !strcmp(version, "3") ? SNMP_VERSION_3 : -1;
	a->sha = !strcmp(auth, "sha");
	if (a->version < 0 || (!a->sha && strcmp(auth, "md5")))
		return err_set(err, ERR_CONF, "surface '%s': version is \"1\", \"2c\" or \"3\", auth is md5 or sha", s->name);
	snprintf(a->peer, sizeof(a->peer), "%s:%s%s%s:%d", six ? "udp6" : "udp", six ? "[" : "", s->to.address, six ? "]" : "", s->port);
	library();
	return true;
}

static void snmp_close_it(struct surface *s)
{
	free(s->priv);
	s->priv = NULL;
}

/* RFC 3414 A.2: the password over and over to a mebibyte, hashed. The library would refuse short ones, which a device may have. */
static bool key_of(const struct agent *a, const char *secret, netsnmp_session *n)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char block[64];
	size_t len = strlen(secret), at = 0;
	unsigned got = 0;
	bool ok = c && EVP_DigestInit_ex(c, a->sha ? EVP_sha1() : EVP_md5(), NULL);

	for (int i = 0; ok && i < 1048576 / 64; i++) {
		for (int k = 0; k < 64; k++)
			block[k] = (unsigned char)secret[at++ % len];
		ok = EVP_DigestUpdate(c, block, sizeof(block));
	}
	ok = ok && EVP_DigestFinal_ex(c, n->securityAuthKey, &got);
	n->securityAuthKeyLen = got;
	EVP_MD_CTX_free(c);
	return ok;
}

/* The library remembers users with their first key, and would go on with that. */
static void forget_users(void)
{
	struct usmUser *u;

	while ((u = usm_get_userList())) {
		usm_remove_user(u);
		usm_free_user(u);
	}
}

static bool session_of(const struct agent *a, const char *user, const char *secret, int64_t wait_ns, netsnmp_session *n)
{
	snmp_sess_init(n);
	n->peername = (char *)(uintptr_t)a->peer;
	n->timeout = (long)(wait_ns / 1000);
	n->retries = 0;
	n->version = a->version;
	if (a->version != SNMP_VERSION_3) {
		n->community = (u_char *)(uintptr_t)(secret[0] ? secret : user);
		n->community_len = strlen((char *)n->community);
		return true;
	}
	n->securityName = (char *)(uintptr_t)user;
	n->securityNameLen = strlen(user);
	n->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	if (!secret[0])
		return true;
	n->securityLevel = SNMP_SEC_LEVEL_AUTHNOPRIV;
	n->securityAuthProto = (oid *)(uintptr_t)(a->sha ? usmHMACSHA1AuthProtocol : usmHMACMD5AuthProtocol);
	n->securityAuthProtoLen = USM_AUTH_PROTO_SHA_LEN;       /* both have this length */
	return key_of(a, secret, n);
}

enum said { SAID_NOTHING, SAID_YES, SAID_NO, SAID_OTHER };

/* What SNMPv3 answers in a report. */
static enum said reported(int code)
{
	if (code == SNMPERR_UNKNOWN_USER_NAME || code == SNMPERR_AUTHENTICATION_FAILURE || code == SNMPERR_UNSUPPORTED_SEC_LEVEL ||
	    code == SNMPERR_USM_AUTHENTICATIONFAILURE || code == SNMPERR_USM_UNKNOWNSECURITYNAME || code == SNMPERR_USM_UNSUPPORTEDSECURITYLEVEL)
		return SAID_NO;
	return code == SNMPERR_TIMEOUT ? SAID_NOTHING : SAID_OTHER;
}

/* Asks for sysObjectID.0; any answer to it, an error too, means that the pair holds. */
static enum said ask(const struct agent *a, const char *user, const char *secret, int64_t wait_ns)
{
	static const oid object[] = { 1, 3, 6, 1, 2, 1, 1, 2, 0 };
	netsnmp_pdu *pdu, *said = NULL;
	bool open_user = a->version == SNMP_VERSION_3 && !secret[0];    /* its name alone: it is let in when it may read */
	enum said got = SAID_OTHER;
	netsnmp_session n, *state;
	void *session;
	int rc;

	forget_users();
	if (!session_of(a, user, secret, wait_ns, &n))
		return SAID_OTHER;
	session = snmp_sess_open(&n);
	if (!session)                           /* v3 looks for the engine here */
		return n.s_snmp_errno ? reported(n.s_snmp_errno) : reported(snmp_errno);
	pdu = snmp_pdu_create(SNMP_MSG_GET);
	snmp_add_null_var(pdu, object, OID_LENGTH(object));
	rc = snmp_sess_synch_response(session, pdu, &said);
	state = snmp_sess_session(session);
	if (rc == STAT_SUCCESS && said)         /* an agent that knows the user, but grants it nothing, says so as an error in the PDU */
		got = said->command == SNMP_MSG_RESPONSE && !(open_user && said->errstat == SNMP_ERR_AUTHORIZATIONERROR) ? SAID_YES : SAID_NO;
	else if (rc == STAT_TIMEOUT)
		got = SAID_NOTHING;
	else
		got = reported(state->s_snmp_errno);
	if (said)
		snmp_free_pdu(said);
	snmp_sess_close(session);
	return got;
}

/* Is the agent there at all? Asked with what it is known to answer. */
static bool alive(const struct agent *a, int64_t wait_ns)
{
	struct agent third = *a;

	if (a->version != SNMP_VERSION_3 && a->known[0])
		return ask(a, "", a->known, wait_ns) == SAID_YES;
	third.version = SNMP_VERSION_3;
	return ask(&third, "jusan", "", wait_ns) == SAID_NO;    /* a report on an unknown user */
}

/* A community that is refused costs the whole wait. A short one is enough where the next question shows that the agent is quick. */
static enum said silence(const struct agent *a, const char *user, const char *secret, int64_t wait_ns)
{
	int64_t begin = clock_ns();
	enum said said;

	if (!alive(a, wait_ns))
		return SAID_NOTHING;
	if (clock_ns() - begin < wait_ns / 40)
		return SAID_NO;
	said = ask(a, user, secret, wait_ns);
	return said == SAID_NOTHING && alive(a, wait_ns) ? SAID_NO : said;
}

static bool snmp_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct agent *a = s->priv;
	bool third = a->version == SNMP_VERSION_3;
	enum said said;

	(void)err;
	if (third && (!user[0] || strlen(user) > 32)) {         /* RFC 3414 5, usmUserName */
		ret->reached = true;
		ret->says = SAYS_REFUSED;
		snprintf(ret->text, sizeof(ret->text), "no user can have this name");
		return true;
	}
	said = ask(a, user, secret, third ? s->timeout_ns : s->timeout_ns / 10);
	if (said == SAID_NOTHING && !third)
		said = silence(a, user, secret, s->timeout_ns);
	ret->reached = said == SAID_YES || said == SAID_NO;
	ret->says = said == SAID_YES ? SAYS_GRANTED : said == SAID_NO ? SAYS_REFUSED : SAYS_NOTHING;
	ret->head = (uint64_t)said;
	snprintf(ret->text, sizeof(ret->text), "%s", said == SAID_YES ? "answered" : said == SAID_NO ? "refused" :
		 said == SAID_NOTHING ? "silence, which here tells neither refusal nor absence" : "no SNMP answer");
	return true;
}

const struct surface_type surface_snmp = { "snmp", TARGET_PORT, snmp_load, snmp_attempt, snmp_close_it, true };
