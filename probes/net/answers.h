/* SPDX-License-Identifier: Apache-2.0
 *
 * answers.h - did anybody answer while it was cut? Counts in a capture, over a time window: what the device asked of
 * that which is cut, and what came back. This is the second channel that confirms a cut. */
#ifndef PROBES_NET_ANSWERS_H
#define PROBES_NET_ANSWERS_H

#include <jansson.h>

#include "probes/net/dns_liar.h"
#include "probes/net/rules.h"

struct answers_spec {
	enum cut_kind kind;
	uint8_t mac[6];                 /* of the device */
	struct addr peer;               /* family 0 = all beyond the router */
	int port;                       /* 0 = all */
	const char *lan4, *lan6;        /* the cable's networks; lan6 may be NULL */
	struct dns_lie wrong;           /* dns_wrong, captive_portal: an answer with these addresses is none */
	int64_t offset_ns;              /* ntp_wrong: what our answers are off by */
	int64_t from_wall_ns, to_wall_ns;
};
/* first_frame: of an answer; lost: by the recorder; frames: ever recorded, of anything; bytes: of frames to the device. */
struct answers { int64_t asked, answered, first_frame, lost, frames, bytes; };

/* One frame. */
void answers_frame(const struct answers_spec *s, const struct packet *k, int64_t frame, int64_t wall_ns, struct answers *sum);
/* A whole capture file. */
bool answers_count(const char *path, const struct answers_spec *s, struct answers *ret, struct err *err) MUST_CHECK;
#endif
