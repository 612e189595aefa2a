// SPDX-License-Identifier: Apache-2.0
#include "probes/power/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/span.h"

#define REPEATS  5
#define AGAIN_MS 20

enum { DESCRIPTOR_USB2 = 0x29, DESCRIPTOR_USB3 = 0x2A };
enum { CLEAR_FEATURE = 1, SET_FEATURE = 3, PORT_POWER = 8 };
enum { POWER_USB2 = 0x0100, POWER_USB3 = 0x0200, RESERVED = 0xE000 };         /* wPortStatus */

/* ---- in sysfs ---- */

static bool is_root(const struct usb_seen *hub)
{
	return !strncmp(hub->path, "usb", 3);
}

void hub_child(const struct usb_seen *hub, unsigned port, char ret[static USB_PATH])
{
	if (is_root(hub))
		snprintf(ret, USB_PATH, "%d-%u", hub->bus, port);
	else
		snprintf(ret, USB_PATH, "%.24s.%u", hub->path, port);
}

void hub_port_dir(const struct usb_seen *hub, unsigned port, char ret[static 512])
{
	char interface[48];

	if (is_root(hub))
		snprintf(interface, sizeof(interface), "%d-0:1.0", hub->bus);
	else
		snprintf(interface, sizeof(interface), "%s:1.0", hub->path);
	snprintf(ret, 512, "/sys/bus/usb/devices/%s/%s-port%u", interface, hub->path, port);
}

static bool attribute(const char *dir, const char *name, char *buf, size_t room)
{
	char path[600];
	CLEANUP(close_fd) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%.500s/%.64s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, room - 1);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* "3.20" or " 3.00" */
bool hub_is_fast(const struct usb_seen *d)
{
	char text[16];

	return attribute(d->sys, "version", text, sizeof(text)) && strtol(text, NULL, 10) >= 3;
}

/* The mount that stands on a disk at that USB path; false when none does. Disks that hold it through LVM are not seen. */
static bool mounted_from(const char *child, char *ret_where, size_t room)
{
	CLEANUP(close_file) FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[1024], want[USB_PATH + 4];
	bool found = false;

	snprintf(want, sizeof(want), "/%s/", child);
	while (f && !found && fgets(line, sizeof(line), f)) {
		unsigned major, minor;
		char link[64], real[PATH_MAX], where[256];

		if (sscanf(line, "%*d %*d %u:%u %*s %255s", &major, &minor, where) != 3)
			continue;
		snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major, minor);
		found = realpath(link, real) && strstr(real, want);
		if (found)
			snprintf(ret_where, room, "%s", where);
	}
	return found;
}

bool hub_port_is_free(const struct usb_seen *hub, unsigned port, struct err *err)
{
	char child[USB_PATH], dir[512], text[16], where[256];

	hub_child(hub, port, child);
	snprintf(dir, sizeof(dir), "/sys/bus/usb/devices/%s", child);
	if (attribute(dir, "bDeviceClass", text, sizeof(text)) && strtol(text, NULL, 16) == 9)
		return err_set(err, ERR_BENCH, "port %u of hub %s leads to another hub (%s), perhaps the inner link of one with 7 or 10 sockets: "
			       "say the port of that hub", port, hub->path, child);
	if (mounted_from(child, where, sizeof(where)))
		return err_set(err, ERR_BENCH, "port %u of hub %s feeds a disk of the bench (%s): it is not switched", port, hub->path, where);
	return true;
}

/* False and no error: this kernel or this port has no such knob. */
static bool write_disable(const struct hub *h, unsigned port, bool on, bool *ret_done, struct err *err)
{
	char path[600], dir[512];
	CLEANUP(close_fd) int fd = -1;

	*ret_done = false;
	hub_port_dir(usb_dev_seen(h->usb), port, dir);
	snprintf(path, sizeof(path), "%s/disable", dir);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return true;    /* older kernel, or no right to it: class requests may still be allowed */
	if (write(fd, on ? "0" : "1", 1) == 1)
		*ret_done = true;
	else if (errno == ENODEV)
		return err_set(err, ERR_BENCH, "hub %s: it was unplugged", usb_dev_seen(h->usb)->path);
	return true;
}

/* ---- on the wire ---- */

/* bDescLength, bDescriptorType, bNbrPorts, wHubCharacteristics, ... */
static bool read_descriptor(struct hub *h, struct err *err)
{
	uint8_t d[71];          /* longest: 255 ports */
	uint16_t type = h->fast ? DESCRIPTOR_USB3 : DESCRIPTOR_USB2;
	struct span s;
	uint64_t head, ports, traits;
	size_t n;

	if (!usb_dev_in(h->usb, (struct usb_request){ 0xA0, 6, (uint16_t)(type << 8), 0 }, d, sizeof(d), &n, err))
		return false;
	s = (struct span){ d, n };
	if (!take_le(&s, 2, &head) || !take_le(&s, 1, &ports) || !take_le(&s, 2, &traits) || head >> 8 != type || !ports)
		return err_set(err, ERR_BENCH, "hub %s: %zu bytes that are no hub descriptor", usb_dev_seen(h->usb)->path, n);
	h->ports = (unsigned)ports;
	h->switching = (traits & 3) == 0 ? HUB_GANGED : (traits & 3) == 1 ? HUB_PER_PORT : HUB_NONE;
	if (h->switching == HUB_GANGED && ports == 1)
		h->switching = HUB_PER_PORT;    /* a gang of one */
	return true;
}

bool hub_open(const struct usb_seen *d, int64_t timeout_ns, struct hub *ret, struct err *err)
{
	struct hub h = { .fast = hub_is_fast(d) };

	if (!d->hub_ports)
		return err_set(err, ERR_BENCH, "%s (%s) is no hub", d->path, d->name);
	if (!usb_dev_open(d, timeout_ns, &h.usb, err))
		return false;
	if (!read_descriptor(&h, err)) {
		usb_dev_close(h.usb);
		return false;
	}
	*ret = h;
	return true;
}

void hub_close(struct hub *h)
{
	usb_dev_close(h->usb);
	h->usb = NULL;
}

bool hub_powered(struct hub *h, unsigned port, bool *ret_powered, struct err *err)
{
	uint8_t status[4];
	unsigned word;
	size_t n;

	if (!usb_dev_in(h->usb, (struct usb_request){ 0xA3, 0, 0, (uint16_t)port }, status, sizeof(status), &n, err))
		return false;
	word = (unsigned)(status[0] | status[1] << 8);
	if (n != sizeof(status) || word & RESERVED)
		return err_set(err, ERR_BENCH, "hub %s: %zu bytes that are no status of port %u", usb_dev_seen(h->usb)->path, n, port);
	*ret_powered = word & (h->fast ? POWER_USB3 : POWER_USB2);
	return true;
}

/* An older kernel may switch a port on again at once. */
static bool request_power(struct hub *h, unsigned port, bool on, struct err *err)
{
	struct usb_request r = { 0x23, on ? SET_FEATURE : CLEAR_FEATURE, PORT_POWER, (uint16_t)port };
	bool powered = !on;

	for (int i = 0; i < REPEATS && powered != on; i++) {
		if (i)
			poll(NULL, 0, AGAIN_MS);
		if (!usb_dev_out(h->usb, r, NULL, 0, err) || !hub_powered(h, port, &powered, err))
			return false;
	}
	return true;
}

bool hub_switch(struct hub *h, unsigned port, bool on, struct err *err)
{
	bool done;

	return write_disable(h, port, on, &done, err) && (done || request_power(h, port, on, err));
}
