/* SPDX-License-Identifier: Apache-2.0
 *
 * record.h - a verb's view of recorded frames: the recorder's file from a moment on, and whose frames they are.
 *
 * Note    frame stamps are wall clock; record_at_ns() turns them into the run's own clock. What was lost makes absence
 *         uncertain, and record_done() says so. */
#ifndef PROBES_CAPTURE_RECORD_H
#define PROBES_CAPTURE_RECORD_H

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/packet.h"
#include "harness/proto/pcapng.h"

struct record {
	struct pcapng_reader r;
	char file[FS_PATH];             /* relative to the run folder */
	int64_t offset_ns;              /* wall - monotonic */
	int64_t since_ns;
	int64_t dropped_before;         /* known losses up to `since` */
};

/* Of the line the step names. `live`: the file is still growing, the caller waits. `whole`: without a label the window is all
 * that was recorded, not what came since the last stimulus. */
bool record_open(struct step *st, bool live, bool whole, struct record *ret, struct err *err) MUST_CHECK;
int64_t record_at_ns(const struct record *r, const struct pcapng_frame *f);
/* The next frame that can be decoded; *ret_inside: in the window. */
bool record_next(struct record *r, struct pcapng_frame *f, struct packet *k, bool *ret_inside, struct err *err);
bool record_done(struct step *st, struct record *r, const struct err *err);

bool record_mac(struct step *st, uint8_t ret[static 6], struct err *err) MUST_CHECK;   /* the device's */
/* The networks of the device's cable, each as the router's address on it; NULL = none. */
void record_cable(struct step *st, const char *ret[2]);
/* On the cable itself: the router, neighbours, groups. Nobody there is a third party. ret_router: of that network, family 0 = none. */
bool record_local(const char *const net[2], const struct addr *a, struct addr *ret_router);
/* "host:port/tcp", or "host" for every port of it. */
bool record_allowed(const json_t *allowed, const char *text);
#endif
