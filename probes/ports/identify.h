/* SPDX-License-Identifier: Apache-2.0
 *
 * identify.h - which service stands behind an open port, and whether it asks for a log-in.
 *
 * How     waits for a greeting, asks what usually lives on that port, tries TLS, then everything else; inside TLS the same
 *         again. A web server is asked for its usual pages, those of the declared surfaces, one that is not there and one
 *         request that is none. Nothing is guessed: no password is ever offered.
 * Out     the service's name (NULL: nothing it said is known), the log-ins it showed.
 * Bounds  `within` a port, dialog.h an answer. `cut` says that not everything could be asked. */
#ifndef PORTS_IDENTIFY_H
#define PORTS_IDENTIFY_H

#include "probes/ports/answers.h"
#include "probes/ports/dialog.h"
#include "probes/ports/service.h"

#define IDENTIFY_LOGINS 8
#define IDENTIFY_SURFACES 64

struct surface_known {                  /* of the declaration */
	char name[64], kind[24], path[256];
	unsigned port;
	bool udp, recognised;
};
struct identify {                       /* zero-initialise, then fill in the first part */
	char ip[64];
	int64_t within_ns, quiet_ns, deadline_ns;
	bool few_pages;                 /* of a web server only its first page and those of the declared surfaces */
	struct answers *answers;
	struct surface_known surface[IDENTIFY_SURFACES];
	size_t surfaces;
	struct dialog d;                /* private, as is all below */
	struct port_found *f;
	char port[16];
	bool tls;
	unsigned pages;
};
struct port_found {
	bool udp;
	unsigned port;
	bool gone;                      /* it takes no connection (any more) */
	bool tls, endless, cut;
	unsigned unanswered;            /* pages that were asked for in vain */
	const char *service;
	const char *login[IDENTIFY_LOGINS];
	size_t logins;
};
bool identify_port(struct identify *x, bool udp, unsigned port, struct port_found *ret, struct err *err) MUST_CHECK;
/* One row of auth.surface in device.yaml. */
bool identify_surface(struct identify *x, const json_t *row, struct err *err) MUST_CHECK;
/* Marks the declared surface that asks in this way on this port as recognised; false = there is none. */
bool identify_declared(struct identify *x, const struct port_found *f, const char *login);

/* identify_rtsp.c: the streams of a camera that was found, until one asks for a log-in; err only for us. */
bool identify_streams(struct identify *x, struct err *err) MUST_CHECK;
/* identify_web.c: the pages of a web server that was found; err only for us. */
bool identify_web(struct identify *x, struct err *err) MUST_CHECK;
/* Opens, says `bytes` (may be none) and reads; true in ret_said when something came, which is in d.answer. */
bool identify_exchange(struct identify *x, const char *asked, struct span bytes, bool *ret_said, struct err *err) MUST_CHECK;
void identify_login(struct identify *x, const char *login);
#endif
