// SPDX-License-Identifier: Apache-2.0
// A port of a USB hub. Hubs lie: many that claim a switch per port have none behind it, or one for two ports. The power
// bit that is read back is the hub's own word (reported), not VBUS: a lab measures once, or has the device's silence.
#include <stdlib.h>
#include <string.h>

#include "probes/power/hub_pair.h"
#include "probes/power/outlet.h"

struct half { struct hub hub; unsigned port; };
struct socket {
	struct half half[2];
	unsigned n;             /* halves */
	bool gang;              /* every port at once */
	int wanted;             /* -1: nothing yet */
};

/* ---- one half ---- */

/* What its descriptor allows. */
static bool may_switch(const struct line *l, const struct half *f, bool gang, struct err *err)
{
	const char *path = usb_dev_seen(f->hub.usb)->path;

	if (!f->port || f->port > f->hub.ports)
		return err_set(err, ERR_BENCH, "hub %s has %u ports, none is %u", path, f->hub.ports, f->port);
	if (f->hub.switching == HUB_NONE)
		return err_set(err, ERR_BENCH, "hub %s says that it cannot switch the power of its ports: no line of a bench", path);
	if (f->hub.switching == HUB_GANGED && !gang)
		return err_set(err, ERR_BENCH, "hub %s switches all its %u ports at once: say gang: NAME at %s and let nothing else hang on it",
			       path, f->hub.ports, line_name(l));
	return true;
}

static bool add_half(const struct line *l, struct socket *s, const struct usb_seen *d, unsigned port, struct err *err)
{
	struct half *f = &s->half[s->n];

	if (!hub_open(d, line_int(l, "timeout"), &f->hub, err))
		return false;
	s->n++;
	f->port = port;
	return may_switch(l, f, s->gang, err);
}

/* First and last port that a switch of this half moves. */
static unsigned first_of(const struct socket *s, const struct half *f)
{
	return s->gang && f->hub.switching == HUB_GANGED ? 1 : f->port;
}

static unsigned last_of(const struct socket *s, const struct half *f)
{
	return s->gang && f->hub.switching == HUB_GANGED ? f->hub.ports : f->port;
}

static bool half_is_free(const struct socket *s, const struct half *f, struct err *err)
{
	for (unsigned p = first_of(s, f); p <= last_of(s, f); p++)
		if (!hub_port_is_free(usb_dev_seen(f->hub.usb), p, err))
			return false;
	return true;
}

/* Any: a gang loses its power only when all its ports have. */
static bool half_powered(const struct socket *s, struct half *f, bool *ret, struct err *err)
{
	bool one;

	*ret = false;
	for (unsigned p = first_of(s, f); p <= last_of(s, f); p++) {
		if (!hub_powered(&f->hub, p, &one, err))
			return false;
		*ret |= one;
	}
	return true;
}

static bool half_switch(const struct socket *s, struct half *f, bool on, struct err *err)
{
	for (unsigned p = first_of(s, f); p <= last_of(s, f); p++)
		if (!hub_switch(&f->hub, p, on, err))
			return false;
	return true;
}

/* ---- the socket ---- */

static void socket_close(void *dev)
{
	struct socket *s = dev;

	for (unsigned i = 0; i < s->n; i++)
		hub_close(&s->half[i].hub);
	free(s);
}

static bool start(const struct line *l, struct socket *s, struct err *err)
{
	unsigned port = (unsigned)line_int(l, "port");
	struct usb_match m;
	struct usb_seen d;
	struct hub_other other;
	bool paired;

	*s = (struct socket){ .gang = line_has(l, "gang"), .wanted = -1 };
	if (!usb_match_read(line_json(l, "match"), &m, err) || !usb_find(&m, &d, err) || !add_half(l, s, &d, port, err))
		return false;
	if (!hub_pair(&s->half[0].hub, port, line_has(l, "pair") ? line_text(l, "pair") : NULL, line_int(l, "timeout"), &other, &paired, err))
		return false;
	if (paired && !add_half(l, s, &other.hub, other.port, err))
		return false;
	for (unsigned i = 0; i < s->n; i++)
		if (!half_is_free(s, &s->half[i], err))
			return false;
	return true;
}

static bool socket_open(struct line *l, void **ret_dev, struct err *err)
{
	struct socket *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!start(l, s, err)) {
		socket_close(s);
		return false;
	}
	*ret_dev = s;
	return true;
}

static bool socket_set(void *dev, bool energised, struct err *err)
{
	struct socket *s = dev;

	for (unsigned i = 0; i < s->n; i++)     /* what hangs on it may have changed since */
		if (!energised && !half_is_free(s, &s->half[i], err))
			return false;
	s->wanted = energised;
	for (unsigned i = 0; i < s->n; i++)
		if (!half_switch(s, &s->half[i], energised, err))
			return false;
	return true;
}

/* Halves that disagree have not followed: VBUS stays while one of them holds it, and the device would come up slow. */
static bool socket_get(void *dev, bool *ret_energised, struct err *err)
{
	struct socket *s = dev;
	bool one, any = false, all = true;

	for (unsigned i = 0; i < s->n; i++) {
		if (!half_powered(s, &s->half[i], &one, err))
			return false;
		any |= one;
		all &= one;
	}
	*ret_energised = s->wanted == 1 ? all : any;
	return true;
}

static const struct outlet_ops ops = { READBACK_reported, socket_open, socket_set, socket_get, NULL, NULL, socket_close };
static const struct param params[] = {
	OUTLET_PARAMS,
	{ .name = "match", .type = VALUE_MAP, .need = true, .doc = "the hub: {path: \"1-1\"}, or a serial; a root hub is \"usb1\"" },
	{ .name = "port", .type = VALUE_INT, .need = true, .min = 1, .max = 255, .doc = "its port, counted from 1" },
	{ .name = "pair", .type = VALUE_TEXT,
	  .doc = "path of the other half of a USB3 hub, or none, where it cannot be told: both must be off before VBUS falls" },
	{ 0 }
};
OUTLET_DRIVER(hub, "a port of a USB hub with power switching; qualify it before a verdict rests on it: many hubs only claim to switch.",
	      "QEMU's hubs on the kernel's xHCI, judged by uhubctl (make check-usb); a model under umockdev for USB3 halves", params, ops);
