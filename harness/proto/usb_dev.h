/* SPDX-License-Identifier: Apache-2.0
 *
 * usb_dev.h - talking to one USB device through libusb, with every wait bounded and every failure in plain words: held
 * by another program, refused (stall), silent, unplugged, not permitted (then with the udev rule that helps).
 *
 * Requests to the device itself need no claim. What goes to an interface or an endpoint is claimed around each exchange
 * only, so that the lines of one board, each in its own process, take turns.
 * Source   USB 2.0 chapter 9; libusb 1.0 */
#ifndef PROTO_USB_DEV_H
#define PROTO_USB_DEV_H

#include "harness/proto/usb_match.h"

struct usb_dev;

/* Why the last call failed, for those who can do something about it. */
enum usb_end { USB_END_done, USB_END_stall, USB_END_late, USB_END_gone, USB_END_other };

struct usb_request { uint8_t type, request; uint16_t value, index; };   /* setup packet without its length */
struct usb_pipe { uint8_t address, type; uint16_t packet; };            /* endpoint; type as in bmAttributes: 2 bulk, 3 interrupt */

/* timeout_ns: longest time of each call below. ERR_BENCH. */
bool usb_dev_open(const struct usb_seen *d, int64_t timeout_ns, struct usb_dev **ret, struct err *err) MUST_CHECK;
void usb_dev_close(struct usb_dev *d);          /* gives the interface back to the kernel's driver; NULL is fine */
const struct usb_seen *usb_dev_seen(const struct usb_dev *d);
enum usb_end usb_dev_end(const struct usb_dev *d);

/* First endpoint of that interface with this type and direction. Or, of any interface of that class, its number. */
bool usb_dev_pipe(struct usb_dev *d, int interface, uint8_t type, bool in, struct usb_pipe *ret, struct err *err) MUST_CHECK;
bool usb_dev_interface(struct usb_dev *d, uint8_t class, uint8_t subclass, int *ret, struct err *err) MUST_CHECK;

/* Takes the interface, from the kernel's driver if need be; waits while somebody else holds it. */
bool usb_dev_claim(struct usb_dev *d, int interface, struct err *err) MUST_CHECK;
void usb_dev_release(struct usb_dev *d, int interface);

/* Control transfers. What comes back may be shorter than room; what goes out goes whole. */
bool usb_dev_out(struct usb_dev *d, struct usb_request r, const void *data, size_t n, struct err *err) MUST_CHECK;
bool usb_dev_in(struct usb_dev *d, struct usb_request r, void *buf, size_t room, size_t *ret_n, struct err *err) MUST_CHECK;

/* Bulk and interrupt transfers; a receiver may wait for less than the device's timeout. */
bool usb_dev_send(struct usb_dev *d, struct usb_pipe to, const void *data, size_t n, struct err *err) MUST_CHECK;
bool usb_dev_receive(struct usb_dev *d, struct usb_pipe from, void *buf, size_t room, size_t *ret_n, int64_t timeout_ns,
		     struct err *err) MUST_CHECK;
/* Waits as long again for an answer that did not come in time, and throws it away: else it would pass for the next one. */
void usb_dev_forget(struct usb_dev *d, struct usb_pipe from);
void usb_dev_unstall(struct usb_dev *d, struct usb_pipe p);

/* Resets the device's port. It keeps its address or is gone (ERR_BENCH). */
bool usb_dev_reset(struct usb_dev *d, struct err *err) MUST_CHECK;
#endif
