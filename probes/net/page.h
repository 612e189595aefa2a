/* SPDX-License-Identifier: Apache-2.0
 *
 * page.h - the same short answer to whoever connects: an HTTP error, a TLS alert, or the way to a portal.
 *
 * One connection, one answer. What comes in is read to its end so that the answer is not lost to a reset; 32 connections at
 * once, the oldest gives way. TLS cannot be answered with a page without the peer's key: such a connection is reset and
 * counted (tls), so that a cut which proves nothing is not taken for one that does.
 * Source  RFC 9110 (302, 503), RFC 8446 section 6 (alert handshake_failure). */
#ifndef PROBES_NET_PAGE_H
#define PROBES_NET_PAGE_H

#include "harness/base/err.h"
#include "harness/base/span.h"

#define PAGE_CLIENTS 32
#define PAGE_IN 2048
#define PAGE_OUT 512

#define PAGE_PORTAL_HEAD "HTTP/1.1 200 OK\r\nX-Portal: 1\r\n"    /* how the portal's own page begins */

enum page_kind { PAGE_503, PAGE_TLS_ALERT, PAGE_PORTAL };
enum page_next { PAGE_MORE, PAGE_ANSWER, PAGE_RESET };

struct page_client { int fd; bool answered; size_t n; uint8_t in[PAGE_IN]; };
struct page {                           /* .epoll = -1: closed */
	enum page_kind kind;
	int epoll, listener;
	char portal[64];                /* host part of the portal's address */
	struct page_client client[PAGE_CLIENTS];
	unsigned next;                  /* the oldest, when all are taken */
	int64_t answered, tls;          /* connections answered; those that wanted TLS and could get no page */
};

/* What to do about these first bytes; out: the answer, *ret_n long. Pure. */
enum page_next page_reply(enum page_kind kind, const char *portal, struct span in, char out[static PAGE_OUT], size_t *ret_n);
/* Listens on a free port of the interface, IPv6 and IPv4; watch p->epoll for reading and call page_event(). */
bool page_open(struct page *p, enum page_kind kind, const char *interface, const char *portal, int *ret_port, struct err *err) MUST_CHECK;
void page_event(struct page *p);
void page_close(struct page *p);        /* fine when it is closed */

/* A non-blocking, close-on-exec socket of this type on a free port of the interface, for both families where there are two. */
bool liar_socket(int type, const char *interface, int *ret_fd, int *ret_port, struct err *err) MUST_CHECK;
#endif
