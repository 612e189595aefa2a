// SPDX-License-Identifier: Apache-2.0
// An outlet of a PDU or a PoE port that SNMP switches (net-snmp). Community and passwords come by reference only. Neither MIB
// nor configuration files of the host are read, and nothing of a session is kept on disk.
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "probes/power/outlet.h"
#include "probes/power/snmp_outlets.h"

#define SECRET_MAX 256

struct agent {
	struct line *line;
	void *session;
	struct snmp_outlet pdu;
	char secret[SECRET_MAX], privacy[SECRET_MAX];
};

static void agent_close(void *dev)
{
	struct agent *s = dev;

	if (s->session)
		snmp_sess_close(s->session);
	explicit_bzero(s->secret, sizeof(s->secret));
	explicit_bzero(s->privacy, sizeof(s->privacy));
	free(s);
}

/* Whatever the library wants to leave on disk it leaves in the run's scratch folder. */
static void library(const struct line *l)
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
	netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_PERSISTENT_DIR, line_work_dir(l));
	netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LOG_DEBUG);
	init_snmp("jusan");
}

/* ---- what a session is made of ---- */

static bool key(const oid *hash, size_t hash_n, const char *text, u_char *ret, size_t *ret_n, struct err *err)
{
	*ret_n = USM_AUTH_KU_LEN;
	return (strlen(text) >= 8 && generate_Ku(hash, (u_int)hash_n, (const u_char *)text, strlen(text), ret, ret_n) == SNMPERR_SUCCESS) ||
	       err_set(err, ERR_BENCH, "a password of SNMPv3 has at least 8 characters");
}

static bool third_version(struct agent *s, netsnmp_session *n, struct err *err)
{
	bool sha = !strcmp(line_text(s->line, "auth"), "sha"), aes = !strcmp(line_text(s->line, "privacy"), "aes");

	if (!line_has(s->line, "user"))
		return err_set(err, ERR_CONF, "SNMPv3: user has to be said");
	n->securityName = (char *)(uintptr_t)line_text(s->line, "user");
	n->securityNameLen = strlen(n->securityName);
	n->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	if (!s->secret[0])
		return true;
	n->securityLevel = SNMP_SEC_LEVEL_AUTHNOPRIV;
	n->securityAuthProto = (oid *)(uintptr_t)(sha ? usmHMACSHA1AuthProtocol : usmHMACMD5AuthProtocol);
	n->securityAuthProtoLen = USM_AUTH_PROTO_SHA_LEN;       /* all have this length */
	if (!key(n->securityAuthProto, n->securityAuthProtoLen, s->secret, n->securityAuthKey, &n->securityAuthKeyLen, err))
		return false;
	if (!s->privacy[0])
		return true;
	n->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
	n->securityPrivProto = (oid *)(uintptr_t)(aes ? usmAESPrivProtocol : usmDESPrivProtocol);
	n->securityPrivProtoLen = USM_PRIV_PROTO_AES_LEN;
	return key(n->securityAuthProto, n->securityAuthProtoLen, s->privacy, n->securityPrivKey, &n->securityPrivKeyLen, err);
}

static bool open_session(struct agent *s, struct err *err)
{
	struct line *l = s->line;
	const char *address = line_text(l, "address"), *version = line_text(l, "version");
	bool six = strchr(address, ':') != NULL;
	struct in6_addr any;
	netsnmp_session n;
	char peer[128];

	if (inet_pton(six ? AF_INET6 : AF_INET, address, &any) != 1)
		return err_set(err, ERR_CONF, "'%.60s' is not an address", address);
	snprintf(peer, sizeof(peer), "%s:%s%s%s:%d", six ? "udp6" : "udp", six ? "[" : "", address, six ? "]" : "", (int)line_int(l, "port"));
	snmp_sess_init(&n);
	n.peername = peer;
	n.timeout = (long)(line_int(l, "timeout") / 1000);
	n.retries = 0;
	n.version = !strcmp(version, "1") ? SNMP_VERSION_1 : !strcmp(version, "2c") ? SNMP_VERSION_2c : SNMP_VERSION_3;
	if (n.version == SNMP_VERSION_3) {
		if (!third_version(s, &n, err))
			return false;
	} else {
		n.community = (u_char *)s->secret;
		n.community_len = strlen(s->secret);
	}
	s->session = snmp_sess_open(&n);
	return s->session || err_set(err, ERR_BENCH, "%s: no session (no answer, or it does not know this user)", peer);
}

/* ---- one object read or written ---- */

static bool object(struct agent *s, const char *base, oid ret[static MAX_OID_LEN], size_t *ret_n, struct err *err)
{
	char text[256];

	if (line_has(s->line, "index"))
		snprintf(text, sizeof(text), ".%s.%s", base, line_text(s->line, "index"));
	else
		snprintf(text, sizeof(text), ".%s", base);
	*ret_n = MAX_OID_LEN;
	return (!text[strspn(text, "0123456789.")] && read_objid(text, ret, ret_n)) || err_set(err, ERR_CONF, "'%.100s' is no object", text);
}

static bool answer(struct agent *s, netsnmp_pdu *ask, const oid *name, size_t n, int64_t *ret, struct err *err)
{
	netsnmp_pdu *said = NULL;
	int rc = snmp_sess_synch_response(s->session, ask, &said);
	const netsnmp_variable_list *v = said ? said->variables : NULL;
	bool ok = false;
	char *why = NULL;

	if (rc == STAT_TIMEOUT)
		err_set(err, ERR_BENCH, "no answer in time: not there, or it does not take this community or user");
	else if (rc != STAT_SUCCESS || !said) {
		snmp_sess_error(s->session, NULL, NULL, &why);
		err_set(err, ERR_BENCH, "SNMP: %.200s", why ? why : "an error");
		free(why);
	} else if (said->errstat != SNMP_ERR_NOERROR)
		err_set(err, ERR_BENCH, "it refuses: %s", snmp_errstring((int)said->errstat));
	else if (!v || v->next_variable || snmp_oid_compare(v->name, v->name_length, name, n) || v->type != ASN_INTEGER || !v->val.integer)
		err_set(err, ERR_BENCH, v && (v->type == SNMP_NOSUCHOBJECT || v->type == SNMP_NOSUCHINSTANCE) ? "it has no such outlet" :
			"what it says is no state of this outlet");
	else {
		*ret = *v->val.integer;
		ok = true;
	}
	if (said)
		snmp_free_pdu(said);
	return ok;
}

static bool agent_set(void *dev, bool energised, struct err *err)
{
	struct agent *s = dev;
	long value = energised ? s->pdu.set_on : s->pdu.set_off;
	netsnmp_pdu *ask;
	oid name[MAX_OID_LEN];
	int64_t said;
	size_t n;

	if (!object(s, energised || !s->pdu.off ? s->pdu.on : s->pdu.off, name, &n, err))
		return false;
	ask = snmp_pdu_create(SNMP_MSG_SET);
	if (!ask || !snmp_pdu_add_variable(ask, name, n, ASN_INTEGER, &value, sizeof(value))) {
		snmp_free_pdu(ask);
		return err_set(err, ERR_LIMIT, "out of memory");
	}
	return answer(s, ask, name, n, &said, err) &&
	       (said == value || err_set(err, ERR_BENCH, "told %ld it repeats %lld", value, (long long)said));
}

static bool among(const int *list, int64_t v)
{
	for (; *list >= 0; list++)
		if (*list == v)
			return true;
	return false;
}

static bool agent_get(void *dev, bool *ret, struct err *err)
{
	struct agent *s = dev;
	netsnmp_pdu *ask;
	oid name[MAX_OID_LEN];
	int64_t v;
	size_t n;

	if (!object(s, s->pdu.get ? s->pdu.get : s->pdu.on, name, &n, err))
		return false;
	ask = snmp_pdu_create(SNMP_MSG_GET);
	if (!ask || !snmp_add_null_var(ask, name, n)) {
		snmp_free_pdu(ask);
		return err_set(err, ERR_LIMIT, "out of memory");
	}
	if (!answer(s, ask, name, n, &v, err))
		return false;
	*ret = among(s->pdu.is_on, v);
	return *ret || among(s->pdu.is_off, v) || err_set(err, ERR_BENCH, "state %lld means nothing for %s", (long long)v, s->pdu.name);
}

/* ---- the line ---- */

static bool choose(struct agent *s, struct err *err)
{
	const struct line *l = s->line;
	const struct snmp_outlet *p = snmp_outlets;

	while (p->name && strcmp(p->name, line_text(l, "kind")))
		p++;
	s->pdu = *p;
	if (p->name)
		return line_has(l, "index") || err_set(err, ERR_CONF, "index has to be said: which outlet");
	if (!line_has(l, "object") || !line_has(l, "value_on") || !line_has(l, "value_off"))
		return err_set(err, ERR_CONF, "kind free: object, value_on and value_off have to be said");
	s->pdu = (struct snmp_outlet){ "free", line_text(l, "object"), NULL, line_has(l, "object_get") ? line_text(l, "object_get") : NULL,
				    (int)line_int(l, "value_on"), (int)line_int(l, "value_off"), { -1 }, { -1 } };
	s->pdu.is_on[0] = (int)line_int(l, line_has(l, "is_on") ? "is_on" : "value_on");
	s->pdu.is_off[0] = (int)line_int(l, line_has(l, "is_off") ? "is_off" : "value_off");
	s->pdu.is_on[1] = s->pdu.is_off[1] = -1;
	return s->pdu.is_on[0] != s->pdu.is_off[0] || err_set(err, ERR_CONF, "on and off are read as the same number");
}

static bool agent_open(struct line *l, void **ret_dev, struct err *err)
{
	struct agent *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(err, ERR_LIMIT, "out of memory");
	s->line = l;
	library(l);
	if (!choose(s, err) || (line_has(l, "secret") && !line_secret(l, "secret", s->secret, sizeof(s->secret), err)) ||
	    (line_has(l, "privacy_secret") && !line_secret(l, "privacy_secret", s->privacy, sizeof(s->privacy), err)) || !open_session(s, err)) {
		agent_close(s);
		return false;
	}
	*ret_dev = s;
	return true;
}

static const char *const versions[] = { "1", "2c", "3", NULL };
static const char *const hashes[] = { "sha", "md5", NULL };
static const char *const ciphers[] = { "aes", "des", NULL };
static const struct param snmp_params[] = {
	{ .name = "kind", .type = VALUE_ENUM, .words = snmp_outlet_names, .need = true, .doc = "whose objects; free: as said below" },
	{ .name = "address", .type = VALUE_TEXT, .need = true, .doc = "IP address; only there this line talks" },
	{ .name = "port", .type = VALUE_INT, .min = 1, .max = 65535, .fallback = "161", .doc = "UDP port" },
	{ .name = "index", .type = VALUE_TEXT,
	  .doc = "outlet: 7 (APC, CyberPower), 0.7 (Eaton), 1.7 (Raritan; PoE group.port), 1.1.7 (Sentry tower.infeed.outlet)" },
	{ .name = "version", .type = VALUE_ENUM, .words = versions, .fallback = "2c", .doc = "of SNMP" },
	{ .name = "secret", .type = VALUE_SECRET, .doc = "community; version 3: password of the user" },
	{ .name = "user", .type = VALUE_TEXT, .doc = "version 3: who" },
	{ .name = "auth", .type = VALUE_ENUM, .words = hashes, .fallback = "sha", .doc = "version 3: hash" },
	{ .name = "privacy_secret", .type = VALUE_SECRET, .doc = "version 3: password of the encryption; without, none" },
	{ .name = "privacy", .type = VALUE_ENUM, .words = ciphers, .fallback = "aes", .doc = "version 3: cipher" },
	{ .name = "object", .type = VALUE_TEXT, .doc = "kind free: the object written, in numbers (1.3.6.1...); index is added" },
	{ .name = "object_get", .type = VALUE_TEXT, .doc = "kind free: the object read, where it is another" },
	{ .name = "value_on", .type = VALUE_INT, .max = 65535, .doc = "kind free: number written for energised" },
	{ .name = "value_off", .type = VALUE_INT, .max = 65535, .doc = "kind free: for released" },
	{ .name = "is_on", .type = VALUE_INT, .max = 65535, .doc = "kind free: number read for energised, where it is another" },
	{ .name = "is_off", .type = VALUE_INT, .max = 65535, .doc = "kind free: for released" },
	OUTLET_PARAMS,
	{ 0 }
};
static const struct outlet_ops snmp_ops = { READBACK_reported, agent_open, agent_set, agent_get, NULL, NULL, agent_close };

OUTLET_DRIVER(snmp, "outlet of a PDU, or a PoE port, by SNMP",
	      "snmpd with tables as the MIBs list them; no real PDU",
	      snmp_params, snmp_ops);
