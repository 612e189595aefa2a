/* SPDX-License-Identifier: Apache-2.0
 *
 * hub.h - one port of one USB hub, as the kernel and the hub's own descriptor tell of it. A USB3 hub is two hubs, one
 * for each speed, and its socket loses VBUS only when both have switched it off (hub_pair.h).
 *
 * Switching goes through the kernel where it can (Linux 6.0, `disable` of the port: then nobody switches it on again
 * behind our back), else as class requests. Neither's success proves anything: the port's power bit is read back.
 * Source   USB 2.0 chapter 11.24, USB 3.2 chapter 10.16; kernel Documentation/ABI/testing/sysfs-bus-usb */
#ifndef PROBES_POWER_HUB_H
#define PROBES_POWER_HUB_H

#include "harness/proto/usb_dev.h"

enum hub_switching { HUB_GANGED, HUB_PER_PORT, HUB_NONE };

struct hub {
	struct usb_dev *usb;
	bool fast;                      /* the USB3 half */
	unsigned ports;
	enum hub_switching switching;   /* as its descriptor claims */
};

/* Opens it and reads its descriptor; ERR_BENCH when it is no hub, or its descriptor is short. */
bool hub_open(const struct usb_seen *d, int64_t timeout_ns, struct hub *ret, struct err *err) MUST_CHECK;
void hub_close(struct hub *h);
bool hub_is_fast(const struct usb_seen *d);

/* Ports count from 1. */
bool hub_powered(struct hub *h, unsigned port, bool *ret_powered, struct err *err) MUST_CHECK;
/* Whether the port follows is for hub_powered to say. */
bool hub_switch(struct hub *h, unsigned port, bool on, struct err *err) MUST_CHECK;

/* Path of what is plugged into that port ("1-1.4"), and the port's folder in sysfs. */
void hub_child(const struct usb_seen *hub, unsigned port, char ret[static USB_PATH]);
void hub_port_dir(const struct usb_seen *hub, unsigned port, char ret[static 512]);
/* ERR_BENCH when switching that port off would take the bench's own: a further hub, or a disk that is mounted. */
bool hub_port_is_free(const struct usb_seen *hub, unsigned port, struct err *err) MUST_CHECK;
#endif
