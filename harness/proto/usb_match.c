// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/usb_match.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"

#define DEVICES   "/sys/bus/usb/devices"
#define USB_MAX   256           /* devices of one host */

/* ---- what the bench file says ---- */

static bool hex_id(const json_t *v, const char *key, int *ret, struct err *err)
{
	const char *text = json_string_value(v);

	if (!text || strlen(text) != 4 || strspn(text, "0123456789abcdefABCDEF") != 4)
		return err_set(err, ERR_CONF, "match: %s: four hex digits in quotation marks, such as \"0403\"", key);
	*ret = (int)strtol(text, NULL, 16);
	return true;
}

static bool text_of(const json_t *v, const char *key, char *buf, size_t room, struct err *err)
{
	const char *text = json_string_value(v);

	if (!text || !text[0] || strlen(text) >= room)
		return err_set(err, ERR_CONF, "match: %s: a text of 1 to %zu characters, in quotation marks when it is all digits", key, room - 1);
	snprintf(buf, room, "%s", text);
	return true;
}

bool usb_match_read(const json_t *map, struct usb_match *ret, struct err *err)
{
	struct usb_match m = { .vendor = -1, .product = -1, .interface = -1 };
	const char *key;
	json_t *v;
	bool ok = true;

	json_object_foreach((json_t *)map, key, v) {
		if (!strcmp(key, "serial"))
			ok = text_of(v, key, m.serial, sizeof(m.serial), err);
		else if (!strcmp(key, "path"))
			ok = text_of(v, key, m.path, sizeof(m.path), err);
		else if (!strcmp(key, "name"))
			ok = text_of(v, key, m.name, sizeof(m.name), err);
		else if (!strcmp(key, "vendor"))
			ok = hex_id(v, key, &m.vendor, err);
		else if (!strcmp(key, "product"))
			ok = hex_id(v, key, &m.product, err);
		else if (!strcmp(key, "interface") && json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) < 32)
			m.interface = (int)json_integer_value(v);
		else
			return err_set(err, ERR_CONF, "match: %s: serial, path, name, vendor and product are texts, interface is a number "
				       "from 0 to 31", key);
		if (!ok)
			return false;
	}
	if (!m.serial[0] && !m.path[0] && !m.name[0] && m.vendor < 0 && m.product < 0)
		return err_set(err, ERR_CONF, "match: needs a serial, a path, a name, or vendor and product");
	*ret = m;
	return true;
}

bool usb_matches(const struct usb_match *m, const struct usb_seen *d)
{
	return (m->vendor < 0 || m->vendor == d->vendor) && (m->product < 0 || m->product == d->product) &&
	       (!m->serial[0] || !strcmp(m->serial, d->serial)) && (!m->path[0] || !strcmp(m->path, d->path)) &&
	       (!m->name[0] || !strcmp(m->name, d->name));
}

/* ---- what is plugged in ---- */

/* First line of an attribute; "" when there is none. */
static void attribute(const char *dir, const char *name, char *buf, size_t room)
{
	char path[512];
	CLEANUP(close_fd) int fd = -1;
	ssize_t n = 0;

	snprintf(path, sizeof(path), "%.256s/%.64s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, buf, room - 1);
	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

static long number(const char *dir, const char *name, int base)
{
	char text[32];

	attribute(dir, name, text, sizeof(text));
	return strtol(text, NULL, base);
}

static bool read_device(const char *name, struct usb_seen *ret)
{
	struct usb_seen d = { .bus = 0 };

	if (strchr(name, ':') || strlen(name) >= sizeof(d.path))
		return false;           /* an interface */
	snprintf(d.path, sizeof(d.path), "%s", name);
	snprintf(d.sys, sizeof(d.sys), DEVICES "/%s", name);
	d.vendor = (uint16_t)number(d.sys, "idVendor", 16);
	d.product = (uint16_t)number(d.sys, "idProduct", 16);
	d.release = (uint16_t)number(d.sys, "bcdDevice", 16);
	d.bus = (int)number(d.sys, "busnum", 10);
	d.address = (int)number(d.sys, "devnum", 10);
	d.hub_ports = (int)number(d.sys, "maxchild", 10);
	attribute(d.sys, "serial", d.serial, sizeof(d.serial));
	attribute(d.sys, "manufacturer", d.maker, sizeof(d.maker));
	attribute(d.sys, "product", d.name, sizeof(d.name));
	*ret = d;
	return d.vendor || d.product;
}

static int by_path(const void *a, const void *b)
{
	return strverscmp(((const struct usb_seen *)a)->path, ((const struct usb_seen *)b)->path);
}

bool usb_list(struct usb_seen *ret, size_t room, size_t *ret_n, struct err *err)
{
	DIR *dir = opendir(DEVICES);
	struct dirent *e;
	size_t n = 0;
	bool full = false;

	*ret_n = 0;
	if (!dir)
		return errno == ENOENT || err_sys(err, DEVICES);
	while (!full && (e = readdir(dir))) {
		struct usb_seen d;

		if (e->d_name[0] == '.' || !read_device(e->d_name, &d))
			continue;
		full = n == room;
		if (!full)
			ret[n++] = d;
	}
	closedir(dir);
	if (full)
		return err_set(err, ERR_LIMIT, "more than %zu USB devices", room);
	qsort(ret, n, sizeof(*ret), by_path);
	*ret_n = n;
	return true;
}

bool usb_find(const struct usb_match *m, struct usb_seen *ret, struct err *err)
{
	CLEANUP(free_ptr) struct usb_seen *all = calloc(USB_MAX, sizeof(*all));
	const struct usb_seen *hit = NULL;
	size_t n;

	if (!all)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!usb_list(all, USB_MAX, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!usb_matches(m, &all[i]))
			continue;
		if (hit)
			return err_set(err, ERR_BENCH, "match: means both %s (serial \"%.40s\") and %s (serial \"%.40s\"): say serial or path",
				       hit->path, hit->serial, all[i].path, all[i].serial);
		hit = &all[i];
	}
	if (!hit)
		return err_set(err, ERR_BENCH, "match: no such USB device is plugged in (%zu are: jusan bench probe lists them)", n);
	*ret = *hit;
	return true;
}

/* "1-1.4:1.0" belongs to device "1-1.4", interface 0. */
static bool is_interface_of(const char *name, const char *path, int *ret_number)
{
	size_t n = strlen(path);
	int config;

	return !strncmp(name, path, n) && name[n] == ':' && sscanf(name + n, ":%d.%d", &config, ret_number) == 2;
}

/* ttyUSB0 stands in the interface's folder, ttyACM0 in its folder tty. */
static bool tty_in(const char *folder, char ret[static 64])
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir)))
		if (!strncmp(e->d_name, "tty", 3) && e->d_name[3] && strlen(e->d_name) < 48) {
			snprintf(ret, 64, "/dev/%.48s", e->d_name);
			found = true;
		}
	if (dir)
		closedir(dir);
	return found;
}

bool usb_tty(const struct usb_seen *d, int interface, char ret[static 64], struct err *err)
{
	DIR *dir = opendir(DEVICES);
	struct dirent *e;
	int hits = 0;

	while (dir && (e = readdir(dir))) {
		char folder[512], sub[600], node[64];
		int number;

		if (!is_interface_of(e->d_name, d->path, &number) || (interface >= 0 && number != interface))
			continue;
		snprintf(folder, sizeof(folder), DEVICES "/%.200s", e->d_name);
		snprintf(sub, sizeof(sub), "%s/tty", folder);
		if (!tty_in(sub, node) && !tty_in(folder, node))
			continue;
		hits++;
		memcpy(ret, node, sizeof(node));
	}
	if (dir)
		closedir(dir);
	if (hits == 1)
		return true;
	return hits ? err_set(err, ERR_BENCH, "%s has %d terminals: say match: interface", d->path, hits)
		    : err_set(err, ERR_BENCH, "%s has no terminal%s", d->path, interface >= 0 ? " at that interface" : "");
}
