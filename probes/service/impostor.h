/* SPDX-License-Identifier: Apache-2.0
 *
 * impostor.h - a TLS server that is not who it says, or (relay) a man in the middle who only passes bytes on.
 *
 * Runs in a process of its own until its control socket closes. Writes one line per event to a log:
 *   <monotonic ns> <connection> <what happened>
 * and at the end one struct impostor_tally to the control socket. A liar never answers what it is told: it reads
 * until the device has been silent for 300 ms and closes.
 * Bounds  64 connections at once; a liar reads 64 KiB from each and waits 20 s for a byte. */
#ifndef SERVICE_IMPOSTOR_H
#define SERVICE_IMPOSTOR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "probes/service/cert.h"

struct impostor_tally {
	int64_t connections, hellos;    /* TCP connections; those that began with a ClientHello */
	int64_t handshakes;             /* liar: ended with the device's Finished, so it went along */
	int64_t established;            /* liar: handshakes after which the device sent data; relay: see flow.h */
	int64_t app_bytes;              /* liar: what the device said, decrypted or plain; relay: encrypted bytes of data */
	int64_t alerts;                 /* the device's, without close_notify */
	char alert[64];                 /* text of the last, "" = none */
	int64_t log_at, log_length;     /* line of the log that says most: first data, else last alert; else all of it */
};

struct impostor {
	int listener;                   /* TCP, listening */
	int control;                    /* SOCK_SEQPACKET; one byte 'c' goes out whenever a connection has ended, or a relayed
					   session begins to carry data both ways */
	int log;                        /* open for writing, empty */
	const struct cert *cert;        /* what a liar shows; NULL = relay */
	bool old_protocol;              /* TLS 1.1 at most */
	struct sockaddr_in peer;        /* relay: the true peer */
};

/* In the caller's process; returns when the other end of control was shut down or closed. */
bool impostor_serve(const struct impostor *i, struct err *err) MUST_CHECK;

/* The same in a child that dies with the calling thread. The descriptors of `i` are the child's afterwards (the caller
 * closes its own copies); *ret_control is the caller's end. */
bool impostor_start(struct impostor *i, pid_t *ret_pid, int *ret_control, struct err *err) MUST_CHECK;
/* Ends the child and takes its tally; false when it had died or does not answer in 2 s. Closes control, reaps the child. */
bool impostor_end(pid_t pid, int control, struct impostor_tally *ret, struct err *err) MUST_CHECK;
/* A TCP socket listening on every address; the port is chosen by the kernel. */
bool impostor_listen(int *ret_fd, uint16_t *ret_port, struct err *err) MUST_CHECK;
#endif
