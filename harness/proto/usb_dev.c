// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/usb_dev.h"

#include <libusb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"

#define CLAIM_AGAIN_MS 1        /* between two attempts to take what another process holds */
#define TURN_NS        MS(3)    /* from our release to our next claim: whoever waits comes first */

struct usb_dev {
	libusb_context *ctx;
	libusb_device_handle *handle;
	struct usb_seen seen;
	int64_t timeout_ns;
	int detached;           /* interface taken from the kernel's driver; -1 = none */
	enum usb_end end;
	int64_t released_ns;
};

const struct usb_seen *usb_dev_seen(const struct usb_dev *d)
{
	return &d->seen;
}

enum usb_end usb_dev_end(const struct usb_dev *d)
{
	return d->end;
}

/* ---- what went wrong ---- */

static enum usb_end end_of(int code)
{
	switch (code) {
	case LIBUSB_ERROR_PIPE:      return USB_END_stall;
	case LIBUSB_ERROR_TIMEOUT:   return USB_END_late;
	case LIBUSB_ERROR_NO_DEVICE: return USB_END_gone;
	default:                     return USB_END_other;
	}
}

static bool failed(struct usb_dev *d, const char *what, int code, struct err *err)
{
	const struct usb_seen *s = &d->seen;

	d->end = end_of(code);
	switch (code) {
	case LIBUSB_ERROR_PIPE:
		return err_set(err, ERR_BENCH, "USB %s: %s: refused (stall)", s->path, what);
	case LIBUSB_ERROR_TIMEOUT:
		return err_set(err, ERR_BENCH, "USB %s: %s: no answer within %lld ms", s->path, what, (long long)(d->timeout_ns / MS(1)));
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return err_set(err, ERR_BENCH, "USB %s: %s: it was unplugged", s->path, what);
	case LIBUSB_ERROR_BUSY:
		return err_set(err, ERR_BENCH, "USB %s: %s: another program or kernel driver holds it", s->path, what);
	case LIBUSB_ERROR_OVERFLOW:
		return err_set(err, ERR_BENCH, "USB %s: %s: it sent more than was asked for", s->path, what);
	case LIBUSB_ERROR_ACCESS:
		return err_set(err, ERR_BENCH, "USB %s: %s: no permission for /dev/bus/usb/%03d/%03d. This udev rule gives it: SUBSYSTEM==\"usb\", "
			       "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", GROUP=\"plugdev\", MODE=\"0660\"", s->path, what, s->bus,
			       s->address, s->vendor, s->product);
	default:
		return err_set(err, ERR_BENCH, "USB %s: %s: %s", s->path, what, libusb_strerror(code));
	}
}

static unsigned ms(int64_t ns)
{
	return ns < MS(1) ? 1 : (unsigned)(ns / MS(1));         /* 0 would mean for ever */
}

/* ---- the device ---- */

static int open_address(struct usb_dev *d)
{
	libusb_device **list;
	ssize_t n = libusb_get_device_list(d->ctx, &list);
	int code = LIBUSB_ERROR_NO_DEVICE;

	for (ssize_t i = 0; i < n; i++)
		if (libusb_get_bus_number(list[i]) == d->seen.bus && libusb_get_device_address(list[i]) == d->seen.address)
			code = libusb_open(list[i], &d->handle);
	if (n < 0)
		return (int)n;
	libusb_free_device_list(list, 1);
	return code;
}

bool usb_dev_open(const struct usb_seen *seen, int64_t timeout_ns, struct usb_dev **ret, struct err *err)
{
	struct usb_dev *d = calloc(1, sizeof(*d));
	int code;

	if (!d)
		return err_set(err, ERR_LIMIT, "out of memory");
	*d = (struct usb_dev){ .seen = *seen, .timeout_ns = timeout_ns, .detached = -1 };
	code = libusb_init(&d->ctx);
	if (code == 0)
		code = open_address(d);
	if (code == 0) {
		*ret = d;
		return true;
	}
	failed(d, "open", code, err);
	usb_dev_close(d);
	return false;
}

void usb_dev_close(struct usb_dev *d)
{
	if (!d)
		return;
	if (d->handle) {
		if (d->detached >= 0)
			libusb_attach_kernel_driver(d->handle, d->detached);
		libusb_close(d->handle);
	}
	if (d->ctx)
		libusb_exit(d->ctx);
	free(d);
}

bool usb_dev_reset(struct usb_dev *d, struct err *err)
{
	int code = libusb_reset_device(d->handle);

	return code == 0 || failed(d, "reset", code, err);
}

/* ---- its interfaces ---- */

struct wanted { int interface; int class, subclass; int type; bool in; };       /* -1: any */

static bool pipe_of(const struct libusb_interface_descriptor *i, const struct wanted *w, struct usb_pipe *ret)
{
	for (unsigned k = 0; k < i->bNumEndpoints; k++) {
		const struct libusb_endpoint_descriptor *e = &i->endpoint[k];

		if ((e->bmAttributes & 3) == w->type && !!(e->bEndpointAddress & LIBUSB_ENDPOINT_IN) == w->in) {
			*ret = (struct usb_pipe){ e->bEndpointAddress, (uint8_t)w->type, e->wMaxPacketSize & 0x7FF };
			return true;
		}
	}
	return false;
}

/* Walks the active configuration's first settings: *ret_number, and *ret_pipe when w->type is said. */
static bool walk(struct usb_dev *d, const struct wanted *w, struct usb_pipe *ret_pipe, int *ret_number, bool *ret_found, struct err *err)
{
	struct libusb_config_descriptor *c;
	int code = libusb_get_active_config_descriptor(libusb_get_device(d->handle), &c);

	*ret_found = false;
	if (code != 0)
		return failed(d, "its descriptors", code, err);
	for (unsigned i = 0; !*ret_found && i < c->bNumInterfaces; i++) {
		const struct libusb_interface_descriptor *a = c->interface[i].altsetting;

		if (c->interface[i].num_altsetting < 1 || (w->interface >= 0 && w->interface != a->bInterfaceNumber) ||
		    (w->class >= 0 && (w->class != a->bInterfaceClass || w->subclass != a->bInterfaceSubClass)))
			continue;
		*ret_found = w->type < 0 || pipe_of(a, w, ret_pipe);
		*ret_number = a->bInterfaceNumber;
	}
	libusb_free_config_descriptor(c);
	return true;
}

bool usb_dev_pipe(struct usb_dev *d, int interface, uint8_t type, bool in, struct usb_pipe *ret, struct err *err)
{
	struct wanted w = { interface, -1, -1, type, in };
	bool found;
	int number;

	return walk(d, &w, ret, &number, &found, err) &&
	       (found || err_set(err, ERR_BENCH, "USB %s: interface %d has no %s endpoint %s: not the device this driver is for", d->seen.path,
				 interface, type == LIBUSB_TRANSFER_TYPE_BULK ? "bulk" : "interrupt", in ? "in" : "out"));
}

bool usb_dev_interface(struct usb_dev *d, uint8_t class, uint8_t subclass, int *ret, struct err *err)
{
	struct wanted w = { -1, class, subclass, -1, false };
	bool found;

	return walk(d, &w, NULL, ret, &found, err) &&
	       (found || err_set(err, ERR_BENCH, "USB %s has no interface of class %02x/%02x: not the device this driver is for", d->seen.path,
				 class, subclass));
}

static int take(struct usb_dev *d, int interface)
{
	if (libusb_kernel_driver_active(d->handle, interface) == 1 && libusb_detach_kernel_driver(d->handle, interface) == 0)
		d->detached = interface;
	return libusb_claim_interface(d->handle, interface);
}

bool usb_dev_claim(struct usb_dev *d, int interface, struct err *err)
{
	int64_t now = clock_ns(), until = now + d->timeout_ns;
	int code;

	if (now < d->released_ns + TURN_NS)
		poll(NULL, 0, (int)((d->released_ns + TURN_NS - now) / MS(1)) + 1);
	code = take(d, interface);
	while (code == LIBUSB_ERROR_BUSY && clock_ns() < until) {
		poll(NULL, 0, CLAIM_AGAIN_MS);
		code = take(d, interface);
	}
	return code == 0 || failed(d, "claim", code, err);
}

void usb_dev_release(struct usb_dev *d, int interface)
{
	libusb_release_interface(d->handle, interface);
	d->released_ns = clock_ns();
}

/* ---- transfers ---- */

bool usb_dev_out(struct usb_dev *d, struct usb_request r, const void *data, size_t n, struct err *err)
{
	uint8_t copy[64];       /* libusb takes no const */
	int code;

	if (n > sizeof(copy))
		return err_set(err, ERR_LIMIT, "USB %s: a request of %zu bytes", d->seen.path, n);
	if (n)
		memcpy(copy, data, n);
	code = libusb_control_transfer(d->handle, r.type, r.request, r.value, r.index, copy, (uint16_t)n, ms(d->timeout_ns));
	if (code >= 0 && (size_t)code == n)
		return true;
	return code < 0 ? failed(d, "request", code, err)
			: err_set(err, ERR_BENCH, "USB %s: took only %d of %zu bytes", d->seen.path, code, n);
}

bool usb_dev_in(struct usb_dev *d, struct usb_request r, void *buf, size_t room, size_t *ret_n, struct err *err)
{
	int code = libusb_control_transfer(d->handle, r.type, r.request, r.value, r.index, buf, (uint16_t)room, ms(d->timeout_ns));

	if (code < 0)
		return failed(d, "question", code, err);
	*ret_n = (size_t)code;
	return true;
}

static int transfer(struct usb_dev *d, struct usb_pipe p, void *buf, size_t n, int *ret_done, int64_t timeout_ns)
{
	return (p.type == LIBUSB_TRANSFER_TYPE_BULK ? libusb_bulk_transfer : libusb_interrupt_transfer)(
		d->handle, p.address, buf, (int)n, ret_done, ms(timeout_ns));
}

bool usb_dev_send(struct usb_dev *d, struct usb_pipe to, const void *data, size_t n, struct err *err)
{
	int done = 0, code = transfer(d, to, (void *)(uintptr_t)data, n, &done, d->timeout_ns);

	if (code != 0)
		return failed(d, "send", code, err);
	return (size_t)done == n || err_set(err, ERR_BENCH, "USB %s: took only %d of %zu bytes", d->seen.path, done, n);
}

bool usb_dev_receive(struct usb_dev *d, struct usb_pipe from, void *buf, size_t room, size_t *ret_n, int64_t timeout_ns,
		     struct err *err)
{
	int done = 0, code = transfer(d, from, buf, room, &done, timeout_ns);

	if (code != 0)
		return failed(d, "receive", code, err);
	*ret_n = (size_t)done;
	return true;
}

void usb_dev_forget(struct usb_dev *d, struct usb_pipe from)
{
	uint8_t late[64];
	int done;

	transfer(d, from, late, sizeof(late), &done, d->timeout_ns);
}

void usb_dev_unstall(struct usb_dev *d, struct usb_pipe p)
{
	libusb_clear_halt(d->handle, p.address);
}
