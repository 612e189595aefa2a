/* SPDX-License-Identifier: Apache-2.0
 *
 * lcus.h - the language of LCUS, LCTech and NOYITO relay boards, the same over a serial line and over HID.
 * Frame    A0, channel from 1, 1 on or 0 off, sum of the three modulo 256. Not answered.
 * Question 0xFF, or the frame for channel 0x0F state 2, by firmware; many boards know neither.
 * Answer   text "CH1: ON\r\nCH2:OFF \r\n" */
#ifndef PROBES_POWER_LCUS_H
#define PROBES_POWER_LCUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LCUS_FRAME  4
#define LCUS_ANSWER 256         /* two answers of 8 channels */
#define LCUS_QUIET  MS(30)      /* an answer that pauses for that long is over */

struct lcus_text { char text[LCUS_ANSWER]; size_t n; };         /* what the board said; {0}: nothing yet */

void lcus_frame(unsigned channel, unsigned state, uint8_t ret[static LCUS_FRAME]);
/* The question that `asks:` names, its length; 0 for "none". */
size_t lcus_question(const char *asks, uint8_t ret[static LCUS_FRAME]);
/* Adds what came, without the zeros that fill reports up; only the newest LCUS_ANSWER bytes are kept. */
void lcus_add(struct lcus_text *t, const uint8_t *p, size_t n);
/* What the text says last of that channel: what stands before may be the rest of an answer to somebody else. */
bool lcus_says(const struct lcus_text *t, unsigned channel, bool *ret_on);

extern const char *const lcus_asks[];   /* NULL-terminated */
#define LCUS_PARAMS                                                                                                      \
	{ .name = "channel", .type = VALUE_INT, .min = 1, .max = 8, .fallback = "1", .doc = "relay, counted from 1" },    \
	{ .name = "asks", .type = VALUE_ENUM, .words = lcus_asks, .fallback = "none",                                      \
	  .doc = "question that this board's firmware answers: FF (the byte), 0F (channel 0x0F, state 2)" }
#endif
