// SPDX-License-Identifier: Apache-2.0
#include "probes/power/usbtmc.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"

enum { DEV_DEP_MSG_OUT = 1, DEV_DEP_MSG_IN = 2 };
enum { INITIATE_ABORT_OUT = 1, CHECK_ABORT_OUT = 2, INITIATE_ABORT_IN = 3, CHECK_ABORT_IN = 4, INITIATE_CLEAR = 5, CHECK_CLEAR = 6 };
enum { TO_ENDPOINT = 0xA2, TO_INTERFACE = 0xA1 };       /* class requests, IN */
enum { STATUS_SUCCESS = 1, STATUS_PENDING = 2 };
enum { BULK = 2, RIGOL = 0x1ab1, SIGLENT = 0xf4ec, SIGLENT_2 = 0xf4ed };
#define DRAIN_NS MS(50)         /* what still waits in Bulk-IN comes at once */
#define AGAIN_MS 5              /* between two questions whether an abort is over */

struct usbtmc {
	struct usb_dev *usb;
	int interface;
	struct usb_pipe to, from;
	uint8_t tag;            /* of the newest message; never 0 */
	int64_t timeout_ns;
};

/* ---- messages ---- */

static void header(uint8_t id, uint8_t tag, size_t n, uint8_t attributes, uint8_t ret[static USBTMC_HEADER])
{
	const uint8_t h[USBTMC_HEADER] = { id, tag, (uint8_t)~tag, 0, (uint8_t)n, (uint8_t)(n >> 8), 0, 0, attributes, 0, 0, 0 };

	memcpy(ret, h, sizeof(h));
}

size_t usbtmc_message(uint8_t tag, const char *text, uint8_t ret[static USBTMC_OUT])
{
	size_t n = strnlen(text, USBTMC_TEXT);

	memset(ret, 0, USBTMC_OUT);
	header(DEV_DEP_MSG_OUT, tag, n + 1, 1, ret);
	memcpy(ret + USBTMC_HEADER, text, n);
	ret[USBTMC_HEADER + n] = '\n';
	return (USBTMC_HEADER + n + 1 + 3) & ~(size_t)3;
}

void usbtmc_request(uint8_t tag, uint8_t ret[static USBTMC_HEADER])
{
	header(DEV_DEP_MSG_IN, tag, USBTMC_PIECE, 0, ret);
}

bool usbtmc_answer(struct span bytes, uint8_t tag, struct span *ret_data, bool *ret_ends, struct err *err)
{
	uint64_t id, its, inverse, reserved, n, attributes, more;
	size_t all = bytes.n;

	if (!take_le(&bytes, 1, &id) || !take_le(&bytes, 1, &its) || !take_le(&bytes, 1, &inverse) || !take_le(&bytes, 1, &reserved) ||
	    !take_le(&bytes, 4, &n) || !take_le(&bytes, 1, &attributes) || !take_le(&bytes, 3, &more))
		return err_set(err, ERR_BENCH, "USBTMC: an answer of %zu bytes has no header", all);
	if (id != DEV_DEP_MSG_IN || its != tag || (its ^ inverse) != 0xFF)
		return err_set(err, ERR_BENCH, "USBTMC: message %u with tag %u is no answer to %u", (unsigned)id, (unsigned)its, tag);
	if (!take_bytes(&bytes, n, ret_data))
		return err_set(err, ERR_BENCH, "USBTMC: an answer says %llu bytes and brings %zu", (unsigned long long)n, bytes.n);
	*ret_ends = attributes & 1;
	return true;
}

/* ---- recovery ---- */

/* Reads Bulk-IN until it is empty: a short packet ends each message. */
static void drain(struct usbtmc *t, int64_t until_ns)
{
	uint8_t bytes[USBTMC_PIECE];
	struct err ignored = { 0 };
	size_t n = sizeof(bytes);

	while (n == sizeof(bytes) && clock_ns() < until_ns)
		if (!usb_dev_receive(t->usb, t->from, bytes, sizeof(bytes), &n, DRAIN_NS, &ignored))
			return;
}

static bool request(struct usbtmc *t, struct usb_request r, uint8_t reply[static 8], struct err *err)
{
	size_t n = 0;

	memset(reply, 0, 8);
	return usb_dev_in(t->usb, r, reply, 8, &n, err) &&
	       (n >= 1 || err_set(err, ERR_BENCH, "USBTMC: an empty reply to request %u", r.request));
}

/* Starts one of the three ways back and asks until it is over. The second byte's bit 0 says that data wait in Bulk-IN. */
static bool back(struct usbtmc *t, struct usb_request start, uint8_t check, struct err *err)
{
	struct usb_request ask = { start.type, check, 0, start.index };
	int64_t until = clock_ns() + t->timeout_ns;
	bool reads = start.request != INITIATE_ABORT_OUT;
	uint8_t reply[8];

	if (!request(t, start, reply, err))
		return false;
	if (reply[0] != STATUS_SUCCESS)
		return true;            /* nothing of this tag was under way */
	if (start.request == INITIATE_ABORT_IN)
		drain(t, until);
	do {
		if (!request(t, ask, reply, err))
			return false;
		if (reply[0] != STATUS_PENDING)
			return true;
		if (reads && reply[1] & 1)
			drain(t, until);
		poll(NULL, 0, AGAIN_MS);
	} while (clock_ns() < until);
	return err_set(err, ERR_BENCH, "USBTMC: the instrument does not end what it was told to end");
}

static bool abort_both(struct usbtmc *t, struct err *err)
{
	struct usb_request out = { TO_ENDPOINT, INITIATE_ABORT_OUT, t->tag, t->to.address };
	struct usb_request in = { TO_ENDPOINT, INITIATE_ABORT_IN, t->tag, t->from.address };

	if (!back(t, out, CHECK_ABORT_OUT, err))
		return false;
	usb_dev_unstall(t->usb, t->to);
	if (!back(t, in, CHECK_ABORT_IN, err))
		return false;
	usb_dev_unstall(t->usb, t->from);
	return true;
}

static void recover(struct usbtmc *t)
{
	struct usb_request clear = { TO_INTERFACE, INITIATE_CLEAR, 0, (uint16_t)t->interface };
	struct err ignored = { 0 };

	if (usb_dev_end(t->usb) == USB_END_gone || abort_both(t, &ignored) || usb_dev_seen(t->usb)->vendor == RIGOL)
		return;
	if (back(t, clear, CHECK_CLEAR, &ignored))
		usb_dev_unstall(t->usb, t->to);
}

/* ---- exchanges ---- */

static void next_tag(struct usbtmc *t)
{
	t->tag = t->tag == 255 ? 1 : (uint8_t)(t->tag + 1);
}

static bool say(struct usbtmc *t, const char *text, struct err *err)
{
	uint8_t message[USBTMC_OUT];

	if (strlen(text) > USBTMC_TEXT)
		return err_set(err, ERR_LIMIT, "USBTMC: a message of %zu characters", strlen(text));
	next_tag(t);
	return usb_dev_send(t->usb, t->to, message, usbtmc_message(t->tag, text, message), err);
}

/* One piece of the answer; *ret_n bytes are added to ret. */
static bool hear_piece(struct usbtmc *t, char *ret, size_t room, size_t *ret_n, bool *ret_ends, struct err *err)
{
	uint8_t ask[USBTMC_HEADER], bytes[2 * USBTMC_PIECE];    /* whole packets of any speed, so nothing overflows */
	struct span data;
	size_t n;

	next_tag(t);
	usbtmc_request(t->tag, ask);
	if (!usb_dev_send(t->usb, t->to, ask, sizeof(ask), err) || !usb_dev_receive(t->usb, t->from, bytes, sizeof(bytes), &n, t->timeout_ns, err) ||
	    !usbtmc_answer((struct span){ bytes, n }, t->tag, &data, ret_ends, err))
		return false;
	if (data.n > room)
		return err_set(err, ERR_BENCH, "USBTMC: an answer longer than %zu bytes", room);
	memcpy(ret, data.p, data.n);
	*ret_n = data.n;
	return true;
}

/* Pieces until the message ends. One empty piece is asked for again, wherever it comes. */
static bool hear(struct usbtmc *t, char *ret, size_t room, struct err *err)
{
	size_t n = 0, have = 0;
	bool ends = false, spared = false;

	while (!ends || !have) {
		if (!hear_piece(t, ret + have, room - 1 - have, &n, &ends, err))
			return false;
		have += n;
		if (!n && !(ends && have) && spared)
			return err_set(err, ERR_BENCH, "USBTMC: empty answers");
		spared |= !n;
	}
	while (have && (ret[have - 1] == '\n' || ret[have - 1] == '\r'))
		have--;
	ret[have] = '\0';
	return true;
}

static bool exchange(struct usbtmc *t, const char *text, char *ret, size_t room, struct err *err)
{
	bool ok;

	if (!usb_dev_claim(t->usb, t->interface, err))
		return false;
	ok = say(t, text, err) && (!ret || hear(t, ret, room, err));
	if (!ok)
		recover(t);
	usb_dev_release(t->usb, t->interface);
	return ok || err_in(err, "%.40s", text);
}

bool usbtmc_tell(struct usbtmc *t, const char *text, struct err *err)
{
	return exchange(t, text, NULL, 0, err);
}

bool usbtmc_ask(struct usbtmc *t, const char *text, char *ret, size_t room, struct err *err)
{
	return exchange(t, text, ret, room, err);
}

/* ---- the instrument ---- */

static bool start(struct usbtmc *t, const struct usb_seen *d, struct err *err)
{
	if (!usb_dev_open(d, t->timeout_ns, &t->usb, err))
		return false;
	if ((d->vendor == SIGLENT || d->vendor == SIGLENT_2) && !usb_dev_reset(t->usb, err))
		return false;
	return usb_dev_interface(t->usb, 0xFE, 0x03, &t->interface, err) && usb_dev_pipe(t->usb, t->interface, BULK, false, &t->to, err) &&
	       usb_dev_pipe(t->usb, t->interface, BULK, true, &t->from, err);
}

bool usbtmc_open(const struct usb_seen *d, int64_t timeout_ns, struct usbtmc **ret, struct err *err)
{
	struct usbtmc *t = calloc(1, sizeof(*t));

	if (!t)
		return err_set(err, ERR_LIMIT, "out of memory");
	t->timeout_ns = timeout_ns;
	if (!start(t, d, err)) {
		usbtmc_close(t);
		return false;
	}
	*ret = t;
	return true;
}

void usbtmc_close(struct usbtmc *t)
{
	if (!t)
		return;
	usb_dev_close(t->usb);
	free(t);
}
