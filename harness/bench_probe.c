// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_probe.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/bench_print.h"
#include "harness/proto/usb_match.h"

#define DEVICES_MAX 256
#define INTERFACES 16
#define NAMES_MAX 64

/* ---- boards with a driver, or without ----
 * Ids and names: labgrid util/agents/usb_hid_relay.py, pdudaemon drivers/vusbhid.py, sispmctl, ykushcmd, kernel ftdi_sio and
 * ch341 device tables, FTDI AN_184. Several makers share 16c0:05df, so the name counts. */
static const struct known {
	uint16_t vendor, product;
	const char *name, *serial;      /* what its own must begin with; NULL = anything */
	const char *driver;             /* of power lines; NULL = there is none here */
	const char *port;               /* parameter that says which of its outputs */
	int ports;                      /* 0: the digits at the end of its name */
	const char *more;               /* further parameters */
	const char *what;
} known[] = {
	{ 0x16c0, 0x05df, "USBRelay", NULL, "dcttech", "relay", 0, "", "dcttech relay board" },
	{ 0x0519, 0x2018, NULL, NULL, NULL, NULL, 0, "", "ucreatefun relay board: use driver exec with a program of your own" },
	{ 0x5131, 0x2007, NULL, NULL, "lcushid", "channel", 1, "", "LCUS or NOYITO relay board: channel as printed on it" },
	{ 0x0403, 0x6001, NULL, "DAE", "ftdi", "channel", 8, ", board: denkovi8", "Denkovi relay board" },
	{ 0x04d8, 0xf2f7, NULL, NULL, "ykush", "port", 3, "", "Yepkit YKUSH" },
	{ 0x04d8, 0xf0cd, NULL, NULL, "ykush", "port", 1, "", "Yepkit YKUSH XS" },
	{ 0x04d8, 0xf11b, NULL, NULL, "ykush", "port", 3, "", "Yepkit YKUSH3" },
	{ 0x04b4, 0xfd10, NULL, NULL, "energenie", "socket", 1, "", "Energenie or SiS-PM strip: sockets as printed on it" },
	{ 0x04b4, 0xfd11, NULL, NULL, "energenie", "socket", 4, "", "Energenie or SiS-PM strip" },
	{ 0x04b4, 0xfd12, NULL, NULL, "energenie", "socket", 1, "", "Energenie or SiS-PM strip: sockets as printed on it" },
	{ 0x04b4, 0xfd13, NULL, NULL, "energenie", "socket", 4, "", "Energenie or SiS-PM strip" },
	{ 0x04b4, 0xfd15, NULL, NULL, "energenie", "socket", 4, "", "Energenie or SiS-PM strip" },
	{ 0x0d50, 0x0008, NULL, NULL, NULL, NULL, 0, "", "Cleware switch: use driver exec with a program of your own" },
	{ 0x0d50, 0x0030, NULL, NULL, NULL, NULL, 0, "", "Cleware switch: use driver exec with a program of your own" },
};

/* Chips that serve consoles and relay boards alike: the line is a console, the comment says what else it may be. */
static const struct { uint16_t vendor, product; const char *or_else; } either[] = {
	{ 0x0403, 0x6001, "a SainSmart or other relay board on such a chip is power: {driver: ftdi, channel: 1, ...} with the same match" },
	{ 0x1a86, 0x7523, "an LCUS relay board on such a converter is power: {driver: lcus, channel: 1, ...} with the same match" },
};

struct probing {
	FILE *out;
	struct usb_seen *all;
	size_t n;
	int relays, consoles, instruments;
};

static bool begins(const char *text, const char *with)
{
	return !with || !strncmp(text, with, strlen(with));
}

static const struct known *board_of(const struct usb_seen *d)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].vendor == d->vendor && known[i].product == d->product && begins(d->name, known[i].name) &&
		    begins(d->serial, known[i].serial))
			return &known[i];
	return NULL;
}

/* ---- words ---- */
/* What the device says of itself goes into a comment only, and without anything that could end the line. */
static void say_what(struct probing *p, const struct usb_seen *d, const char *what)
{
	fprintf(p->out, "  # %s: %04x:%04x ", d->path, d->vendor, d->product);
	escape_terminal(p->out, d->maker);
	fputs(*d->maker ? " " : "", p->out);
	escape_terminal(p->out, d->name);
	fprintf(p->out, "%s%s\n", *what ? " - " : "", what);
}

static bool plain(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~' || *c == '"' || *c == '\\' || *c == '$')
			return false;
	return *text != '\0';
}

static bool shared(const struct probing *p, const struct usb_seen *d)
{
	for (size_t i = 0; i < p->n; i++)
		if (&p->all[i] != d && !strcmp(p->all[i].serial, d->serial))
			return true;
	return false;
}

/* {serial: "A1"} or {path: "1-1.4"}; *ret_why: why not by serial. */
static void match_text(const struct probing *p, const struct usb_seen *d, int interface, char *buf, size_t n, const char **ret_why)
{
	bool by_serial = plain(d->serial) && !shared(p, d);

	*ret_why = by_serial ? "" : !*d->serial ? "has no serial: keep it in this socket" : shared(p, d) ?
		   "another device says the same serial: keep it in this socket" : "its serial is no plain text: keep it in this socket";
	snprintf(buf, n, "{%s: \"%s\"", by_serial ? "serial" : "path", by_serial ? d->serial : d->path);
	if (interface >= 0)
		snprintf(buf + strlen(buf), n - strlen(buf), ", interface: %d", interface);
	snprintf(buf + strlen(buf), n - strlen(buf), "}");
}

/* ---- USB ---- */
static int outputs_of(const struct known *k, const struct usb_seen *d)
{
	const char *digits = d->name + strlen(d->name);
	int n;

	if (k->ports)
		return k->ports;
	while (digits > d->name && isdigit((unsigned char)digits[-1]))
		digits--;
	n = atoi(digits);
	return n >= 1 && n <= 8 ? n : 1;
}

static void say_board(struct probing *p, const struct usb_seen *d, const struct known *k)
{
	char name[48], params[300], match[180];
	const char *why;
	int board = ++p->relays;

	say_what(p, d, k->what);
	match_text(p, d, -1, match, sizeof(match), &why);
	for (int i = 1; k->driver && i <= outputs_of(k, d); i++) {
		snprintf(name, sizeof(name), "power.%s%d_%d", k->driver, board, i);
		snprintf(params, sizeof(params), "match: %s, %s: %d%s", match, k->port, i, k->more);
		bench_print_line(p->out, true, name, k->driver, params, i == 1 ? why : "");
	}
}

static void say_terminals(struct probing *p, const struct usb_seen *d)
{
	char node[64], name[40], match[180], params[220];
	const char *why, *or_else = "";
	int found[INTERFACES], n = 0;
	struct err none = { 0 };

	for (int i = 0; i < INTERFACES; i++)
		if (usb_tty(d, i, node, &none))
			found[n++] = i;
	for (size_t i = 0; n && i < sizeof(either) / sizeof(*either); i++)
		if (either[i].vendor == d->vendor && either[i].product == d->product)
			or_else = either[i].or_else;
	if (n)
		say_what(p, d, or_else);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), p->consoles ? "serial.console%d" : "serial.console", p->consoles + 1);
		p->consoles++;
		match_text(p, d, n > 1 ? found[i] : -1, match, sizeof(match), &why);
		snprintf(params, sizeof(params), "match: %s, baud: 115200", match);
		bench_print_line(p->out, true, name, "tty", params, i ? "" : why);
	}
}

/* USB Test and Measurement Class: an interface of class fe, subclass 03. */
static bool first_line_is(const char *path, const char *want)
{
	char text[32] = "";
	CLEANUP(close_file) FILE *f = fopen(path, "re");

	if (f && fgets(text, sizeof(text), f))
		text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, want);
}

static bool is_instrument(const struct usb_seen *d)
{
	DIR *dir = opendir("/sys/bus/usb/devices");
	size_t n = strlen(d->path);
	struct dirent *e;
	bool found = false;
	char path[512];

	while (dir && !found && (e = readdir(dir))) {
		if (strncmp(e->d_name, d->path, n) || e->d_name[n] != ':' || strlen(e->d_name) > 80)
			continue;
		snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/bInterfaceClass", e->d_name);
		found = first_line_is(path, "fe");
		snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/bInterfaceSubClass", e->d_name);
		found = found && first_line_is(path, "03");
	}
	if (dir)
		closedir(dir);
	return found;
}

static void say_instrument(struct probing *p, const struct usb_seen *d)
{
	char name[40], params[200], match[180];
	const char *why;

	say_what(p, d, "instrument (USBTMC): a line if it is a supply; see `jusan verbs power` for its model");
	match_text(p, d, -1, match, sizeof(match), &why);
	snprintf(name, sizeof(name), "power.supply%d", ++p->instruments);
	snprintf(params, sizeof(params), "match: %s", match);
	bench_print_line(p->out, false, name, "usbtmc", params, why);
}

static void say_hub(struct probing *p, const struct usb_seen *d)
{
	fprintf(p->out, "  # %s: hub %04x:%04x with %d ports. Many hubs only claim to switch: jusan bench check tells. Port 1 as a supply:\n", d->path,
		d->vendor, d->product, d->hub_ports);
	fprintf(p->out, "  # power.hub_port1: {driver: hub, match: {path: \"%s\"}, port: 1}\n", d->path);
}

static bool say_usb(struct probing *p, struct err *err)
{
	if (!usb_list(p->all, DEVICES_MAX, &p->n, err))
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct usb_seen *d = &p->all[i];
		const struct known *k = board_of(d);

		if (k)
			say_board(p, d, k);
		else if (is_instrument(d))
			say_instrument(p, d);
		else if (d->hub_ports > 0)
			say_hub(p, d);
		else
			say_terminals(p, d);
	}
	return true;
}

/* ---- network ---- */
static bool is_plain_name(const char *s)
{
	return *s && strlen(s) < 32 && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-@") == strlen(s);
}

/* Of /proc/net/route (IPv4) and ipv6_route: the interface of a default route. */
static bool carries_default(const char *name)
{
	char line[512], interface[64], to[64];
	CLEANUP(close_file) FILE *four = fopen("/proc/net/route", "re");
	CLEANUP(close_file) FILE *six = fopen("/proc/net/ipv6_route", "re");
	unsigned bits;

	while (four && fgets(line, sizeof(line), four))
		if (sscanf(line, "%63s %63s", interface, to) == 2 && !strcmp(interface, name) && !strcmp(to, "00000000"))
			return true;
	while (six && fgets(line, sizeof(line), six)) {
		if (sscanf(line, "%63s %x", to, &bits) == 2 && !bits && !strcmp(to, "00000000000000000000000000000000") &&
		    sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %63s", interface) == 1 && !strcmp(interface, name) && strcmp(name, "lo"))
			return true;
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted names of a folder; the caller frees each. */
static size_t names_in(const char *folder, char *ret[static NAMES_MAX])
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	size_t n = 0;

	while (dir && n < NAMES_MAX && (e = readdir(dir)))
		if (e->d_name[0] != '.' && is_plain_name(e->d_name) && (ret[n] = strdup(e->d_name)))
			n++;
	if (dir)
		closedir(dir);
	qsort(ret, n, sizeof(*ret), by_name);
	return n;
}

static void say_networks(struct probing *p)
{
	char *name[NAMES_MAX], path[128], params[64];
	size_t n = names_in("/sys/class/net", name);
	int lines = 0;

	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/device", name[i]);
		if (access(path, F_OK) < 0) {
			free(name[i]);          /* of software: loopback, bridges, tunnels */
			continue;
		}
		snprintf(path, sizeof(path), "/sys/class/net/%s/wireless", name[i]);
		snprintf(params, sizeof(params), "dut: %s", name[i]);
		if (carries_default(name[i]))
			fprintf(p->out, "  # %s carries this host's default route: not for the device; it can be the way up (up: %s, up_shared: true)\n", name[i],
				name[i]);
		else if (access(path, F_OK) == 0)
			fprintf(p->out, "  # %s is wireless and free: as an access point {driver: hostapd, interface: %s, ssid: ..., psk: {file: ...}}\n", name[i],
				name[i]);
		else if (lines++)
			fprintf(p->out, "  # %s is free, too\n", name[i]);
		else
			bench_print_line(p->out, true, "net.lan", "bridge", params, "free: carries no default route");
		free(name[i]);
	}
	if (lines)
		bench_print_line(p->out, true, "capture.lan", "pcap", "interface: lan0", "");
}

static void say_gpio(struct probing *p)
{
	char *name[NAMES_MAX];
	size_t n = names_in("/sys/bus/gpio/devices", name);

	for (size_t i = 0; i < n; i++) {
		if (!strncmp(name[i], "gpiochip", 8))
			fprintf(p->out, "  # %s: pins by `gpioinfo %s`; wire.board: {driver: gpio, chip: %s, outputs: {button: {line: 0}}}\n", name[i], name[i],
				name[i]);
		free(name[i]);
	}
}

bool bench_probe(FILE *out, struct err *err)
{
	struct probing p = { .out = out, .all = calloc(DEVICES_MAX, sizeof(*p.all)) };
	bool ok;

	if (!p.all)
		return err_set(err, ERR_OS, "out of memory");
	bench_print_head(out, "What is plugged in, as lines to choose from. A bench needs a line power.NAME; jusan bench check qualifies them.",
			 "my-bench", "[192.168.77.0/24]");
	ok = say_usb(&p, err);
	if (ok) {
		say_networks(&p);
		say_gpio(&p);
	}
	free(p.all);
	return ok && (!ferror(out) || err_sys(err, "output"));
}
