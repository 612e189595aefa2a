/* SPDX-License-Identifier: Apache-2.0
 *
 * usbtmc.h - SCPI to an instrument on USB (USB Test and Measurement Class), without the kernel's usbtmc driver, which is
 * detached while a line talks. Each exchange takes the interface and gives it back, so the channels of one supply, each
 * a line of its own, take turns.
 *
 * After a message that came to nothing both directions are aborted, and what still waits in Bulk-IN is read: without that
 * every later answer would be the one before. INITIATE_CLEAR is the last resort, and not for Rigol, which hangs on it.
 * An empty answer is asked for once more (Rigol's first one is). Siglent needs a bus reset at open.
 * Source   USBTMC 1.0, chapter 3 (bulk headers) and 4.2.1 (class requests) */
#ifndef PROBES_POWER_USBTMC_H
#define PROBES_POWER_USBTMC_H

#include "harness/base/span.h"
#include "harness/proto/usb_dev.h"

struct usbtmc;

/* timeout_ns: longest time of each transfer; an exchange with its recovery takes a few. */
bool usbtmc_open(const struct usb_seen *d, int64_t timeout_ns, struct usbtmc **ret, struct err *err) MUST_CHECK;
void usbtmc_close(struct usbtmc *t);    /* NULL is fine */
bool usbtmc_tell(struct usbtmc *t, const char *text, struct err *err) MUST_CHECK;       /* without its newline, at most USBTMC_TEXT */
/* One answer as text, without its newline; ERR_BENCH when it does not fit. */
bool usbtmc_ask(struct usbtmc *t, const char *text, char *ret, size_t room, struct err *err) MUST_CHECK;

/* ---- the bulk messages themselves ---- */
#define USBTMC_HEADER 12
#define USBTMC_TEXT   200       /* of one message we send */
#define USBTMC_PIECE  1024      /* of an answer that we ask for at a time */
#define USBTMC_OUT    (USBTMC_HEADER + USBTMC_TEXT + 1 + 3)

/* DEV_DEP_MSG_OUT with the text and a newline, padded to 4; returns its length. */
size_t usbtmc_message(uint8_t tag, const char *text, uint8_t ret[static USBTMC_OUT]);
/* REQUEST_DEV_DEP_MSG_IN */
void usbtmc_request(uint8_t tag, uint8_t ret[static USBTMC_HEADER]);
/* The bytes of one Bulk-IN transfer that must answer request `tag`: its data, and whether the message ends. */
bool usbtmc_answer(struct span bytes, uint8_t tag, struct span *ret_data, bool *ret_ends, struct err *err) MUST_CHECK;
#endif
