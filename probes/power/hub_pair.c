// SPDX-License-Identifier: Apache-2.0
#include "probes/power/hub_pair.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/span.h"

#define DEVICES_MAX 256         /* of one host */
enum { BOS = 0x0F, CAPABILITY = 0x10, CONTAINER = 4 };

bool hub_container(const uint8_t *bos, size_t n, uint8_t ret[static HUB_CONTAINER])
{
	struct span s = { bos, n }, head, cap;

	if (!take_bytes(&s, 5, &head) || head.p[1] != BOS)
		return false;
	while (s.n && s.p[0] >= 3 && take_bytes(&s, s.p[0], &cap))
		if (cap.p[1] == CAPABILITY && cap.p[2] == CONTAINER && cap.n >= 4 + HUB_CONTAINER) {
			memcpy(ret, cap.p + 4, HUB_CONTAINER);
			return true;
		}
	return false;
}

/* Hubs that know nothing of containers stall; they have one half only. */
static bool read_container(struct usb_dev *usb, uint8_t ret[static HUB_CONTAINER], bool *ret_has, struct err *err)
{
	uint8_t bos[256];
	struct err why = { 0 };
	size_t n = 0;
	bool ok = usb_dev_in(usb, (struct usb_request){ 0x80, 6, BOS << 8, 0 }, bos, sizeof(bos), &n, &why);

	*ret_has = ok && hub_container(bos, n, ret);
	if (!ok && usb_dev_end(usb) != USB_END_stall) {
		*err = why;
		return false;
	}
	return true;
}

static bool by_path(const char *path, struct usb_seen *ret, struct err *err)
{
	struct usb_match m = { .vendor = -1, .product = -1, .interface = -1 };

	snprintf(m.path, sizeof(m.path), "%s", path);
	return usb_find(&m, ret, err) || err_in(err, "the other half %.31s", path);
}

/* "…/2-1:1.0/2-1-port3" is port 3 of hub 2-1. */
static bool kernel_says(const struct usb_seen *hub, unsigned port, struct hub_other *ret, bool *ret_found, struct err *err)
{
	char link[540], dir[512], real[PATH_MAX], path[USB_PATH], *name, *end;

	hub_port_dir(hub, port, dir);
	snprintf(link, sizeof(link), "%s/peer", dir);
	*ret_found = realpath(link, real) && (name = strrchr(real, '/')) && (end = strstr(name, "-port")) && end - name - 1 < USB_PATH;
	if (!*ret_found)
		return true;
	snprintf(path, sizeof(path), "%.*s", (int)(end - name - 1), name + 1);
	ret->port = (unsigned)strtoul(end + 5, NULL, 10);
	return by_path(path, &ret->hub, err);
}

/* Both are in the same socket when their paths differ in the bus only. */
static bool same_socket(const struct usb_seen *a, const struct usb_seen *b)
{
	return !strcmp(a->path + strcspn(a->path, "-"), b->path + strcspn(b->path, "-"));
}

static bool may_be(const struct hub *h, const struct usb_seen *d)
{
	const struct usb_seen *own = usb_dev_seen(h->usb);

	return d->hub_ports == own->hub_ports && strncmp(d->path, "usb", 3) && hub_is_fast(d) != h->fast &&
	       (!d->serial[0] || !own->serial[0] || !strcmp(d->serial, own->serial));
}

static bool is_other(const struct usb_seen *d, const uint8_t own[static HUB_CONTAINER], int64_t timeout_ns, bool *ret_is, struct err *err)
{
	uint8_t its[HUB_CONTAINER];
	struct usb_dev *usb = NULL;
	bool ok = usb_dev_open(d, timeout_ns, &usb, err) && read_container(usb, its, ret_is, err);

	usb_dev_close(usb);
	*ret_is = ok && *ret_is && !memcmp(own, its, HUB_CONTAINER);
	return ok || err_in(err, "whether %s is the other half of this hub (say so by pair:)", d->path);
}

static bool search(struct hub *h, const uint8_t own[static HUB_CONTAINER], int64_t timeout_ns, struct usb_seen *ret, bool *ret_found,
		   struct err *err)
{
	CLEANUP(free_ptr) struct usb_seen *all = calloc(DEVICES_MAX, sizeof(*all));
	const struct usb_seen *hit = NULL, *self = usb_dev_seen(h->usb);
	size_t n, hits = 0;
	bool is = false;

	if (!all)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!usb_list(all, DEVICES_MAX, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!may_be(h, &all[i]))
			continue;
		if (!is_other(&all[i], own, timeout_ns, &is, err))
			return false;
		if (!is)
			continue;
		if (same_socket(&all[i], self)) {
			hit = &all[i];
			hits = 1;
			break;
		}
		hit = &all[i];
		hits++;
	}
	if (hits > 1)
		return err_set(err, ERR_BENCH, "hub %s: %zu hubs may be its other half, among them %s: say which by pair:", self->path, hits,
			       hit->path);
	*ret_found = hits == 1;
	if (hit)
		*ret = *hit;
	return true;
}

bool hub_pair(struct hub *h, unsigned port, const char *say, int64_t timeout_ns, struct hub_other *ret, bool *ret_found, struct err *err)
{
	const struct usb_seen *self = usb_dev_seen(h->usb);
	uint8_t own[HUB_CONTAINER];
	bool has = false;

	*ret_found = false;
	ret->port = port;
	if (say && !strcmp(say, "none"))
		return true;
	if (say) {
		*ret_found = true;
		return by_path(say, &ret->hub, err);
	}
	if (!kernel_says(self, port, ret, ret_found, err) || *ret_found)
		return *ret_found;
	if (!strncmp(self->path, "usb", 3))
		return true;
	return read_container(h->usb, own, &has, err) && (!has || search(h, own, timeout_ns, &ret->hub, ret_found, err));
}
