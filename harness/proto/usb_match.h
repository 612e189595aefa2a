/* SPDX-License-Identifier: Apache-2.0
 *
 * usb_match.h - which USB device a line of the bench means, and which one that is today.
 *
 *   match: {serial: "A10K2X7P"}                             best: it stays with the board
 *   match: {path: "1-1.4"}                                  the socket it is plugged into: for boards without a serial
 *   match: {vendor: "0403", product: "6001", interface: 1}  ids are text of four hex digits, always quoted
 *
 * All that is said must hold. Devices are read from sysfs, none is opened; a match that means two of them is an error
 * that names both.
 * Source   kernel Documentation/ABI/testing/sysfs-bus-usb, sysfs-devices */
#ifndef PROTO_USB_MATCH_H
#define PROTO_USB_MATCH_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define USB_TEXT 128
#define USB_PATH 32             /* "1-1.4.2"; a root hub is "usb1" */

struct usb_match {              /* "" and -1: not said */
	int vendor, product;
	char serial[USB_TEXT], path[USB_PATH];
	char name[USB_TEXT];    /* product text, whole */
	int interface;          /* number of the interface meant; it selects within the device */
};

struct usb_seen {
	uint16_t vendor, product, release;      /* release: bcdDevice */
	int bus, address;                       /* change at every plug-in */
	char path[USB_PATH];
	char serial[USB_TEXT], maker[USB_TEXT], name[USB_TEXT];         /* what the device says of itself: hostile */
	char sys[256];                          /* folder in sysfs */
	int hub_ports;                          /* 0: no hub */
};

/* ERR_CONF in plain words: unknown key, id that is not four quoted hex digits, nothing said at all. */
bool usb_match_read(const json_t *map, struct usb_match *ret, struct err *err) MUST_CHECK;
bool usb_matches(const struct usb_match *m, const struct usb_seen *d);
/* All devices of this host, sorted by path; at most room (ERR_LIMIT). A host without USB has none. */
bool usb_list(struct usb_seen *ret, size_t room, size_t *ret_n, struct err *err) MUST_CHECK;
/* The one that is meant. ERR_BENCH when there is none, or several. */
bool usb_find(const struct usb_match *m, struct usb_seen *ret, struct err *err) MUST_CHECK;
/* Node of the terminal of that interface ("/dev/ttyUSB0"); interface -1: the only one. ERR_BENCH when there is none. */
bool usb_tty(const struct usb_seen *d, int interface, char ret[static 64], struct err *err) MUST_CHECK;
#endif
