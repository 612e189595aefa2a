// SPDX-License-Identifier: Apache-2.0
// labgrid's classes of resources, and where each goes.
// Source: labgrid doc/configuration.rst, labgrid/resource, labgrid/driver/powerdriver.py, modbusdriver.py, util/agents/usb_hid_relay.py.
#include <string.h>

#include "harness/bench_draft.h"

static const char on_exporter[] = "a resource of another computer; a line is plugged into the bench's own";
static const char not_a_line[] = "nothing that a bench line does";
static const char needs_more[] = "no driver here: as a supply, a program of yours through {driver: exec, on: [...], off: [...]}";

/* Where a class of resource goes. digital: an output that may or may not be a supply. why: it is a comment in any case. */
struct class {
	const char *name, *kind, *driver;
	struct take_key take[6];
	bool digital;
	void (*more)(struct draft *d, const struct conf *map);
	const char *params;             /* further ones, literal */
	const char *why;
};

/* ---- classes that need more than a table ---- */
static void serial_server(struct draft *d, const struct conf *map)
{
	const char *protocol = draft_text(d, map, "protocol", false), *host = draft_text(d, map, "host", true);
	int64_t v;

	d->driver = protocol && !strcmp(protocol, "raw") ? "tcp" : "rfc2217";
	if (protocol && strcmp(protocol, "raw") && strcmp(protocol, "rfc2217"))
		draft_lack(d, "protocol %.40s is neither raw nor rfc2217", protocol);
	if (host)
		draft_address(d, "host", host);
	if (draft_int(d, map, "port", true, &v))
		draft_put(d, "port: %lld", (long long)v);
	if (!strcmp(d->driver, "tcp") && conf_get(map, "speed"))
		draft_note(d, "speed is set at the server");
	else if (draft_int(d, map, "speed", false, &v))
		draft_put(d, "baud: %lld", (long long)v);
}

static void relay_board(struct draft *d, const struct conf *map)
{
	const struct conf *match = conf_get(map, "match"), *vendor = conf_get(match, "ID_VENDOR_ID");

	if (!vendor)
		vendor = conf_get(match, "@ID_VENDOR_ID");
	if (vendor && vendor->text && !strcmp(vendor->text, "5131"))
		d->driver = "lcushid";
	else if (!vendor || !vendor->text || strcmp(vendor->text, "16c0"))
		draft_lack(d, "a dcttech board (driver dcttech, relay) or an LCUS one (lcushid, channel): its vendor is not said");
}

static void relay_number(struct draft *d, const struct conf *map)
{
	int64_t n = 1;

	relay_board(d, map);
	if (!conf_get(map, "index") || draft_int(d, map, "index", false, &n))
		draft_put(d, "%s: %lld", strcmp(d->driver, "dcttech") ? "channel" : "relay", (long long)n);
}

static void coil(struct draft *d, const struct conf *map)
{
	if (draft_bool(d, map, "write_multiple_coils"))
		draft_lack(d, "write_multiple_coils: driver modbus writes single ones");
}

static bool plain_word(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

/* The daemon answers when the PDU has done it: by telnet that takes seconds. */
static void pdu_daemon(struct draft *d, const struct conf *map)
{
	const char *host = draft_text(d, map, "host", true), *pdu = draft_text(d, map, "pdu", true);
	int64_t index;

	draft_put(d, "kind: pdudaemon");
	if (host) {
		draft_address(d, "address", host);
		if (!strstr(d->params, "port:"))
			draft_put(d, "port: 16421");
	}
	if (pdu && !plain_word(pdu))
		draft_lack(d, "pdu: more than letters, digits and ._- in a name");
	else if (pdu)
		draft_quote(d, "pdu", pdu);
	if (draft_int(d, map, "index", true, &index))
		draft_put(d, "outlet: %lld", (long long)index);
	draft_put(d, "timeout: 10s");
}

/* ---- the classes ---- */
#define KEPT(key) { key, NULL, TAKE_NOT, false }
static const struct class classes[] = {
	{ "RawSerialPort", "serial", "tty", .take = { { "port", "path", TAKE_TEXT, true }, { "speed", "baud", TAKE_INT, false } } },
	{ "USBSerialPort", "serial", "tty", .take = { { "match", NULL, TAKE_MATCH, true }, { "speed", "baud", TAKE_INT, false } } },
	{ "NetworkSerialPort", "serial", "rfc2217", .take = { KEPT("host"), KEPT("port"), KEPT("protocol"), KEPT("speed") },
	  .more = serial_server },
	{ "NetworkPowerPort", "power", "snmp", .take = { KEPT("model"), KEPT("host"), KEPT("index") }, .more = labgrid_pdu },
	{ "PDUDaemonPort", "power", "http", .take = { KEPT("host"), KEPT("pdu"), KEPT("index") }, .more = pdu_daemon },
	{ "YKUSHPowerPort", "power", "ykush", .take = { { "serial", NULL, TAKE_SERIAL, true }, { "index", "port", TAKE_INT, true } } },
	{ "USBPowerPort", "power", "hub", .take = { { "match", NULL, TAKE_MATCH, true }, { "index", "port", TAKE_INT, true } } },
	{ "SiSPMPowerPort", "power", "energenie", .take = { { "match", NULL, TAKE_MATCH, true }, { "index", "socket", TAKE_INT, true } } },
	{ "TasmotaPowerPort", "power", "http", .take = { KEPT("host"), KEPT("status_topic"), KEPT("power_topic"), KEPT("avail_topic") },
	  .params = "kind: tasmota, address: ?", .why = "by MQTT there, by its own web interface here" },
	{ "HIDRelay", "power", "dcttech", .take = { { "match", NULL, TAKE_MATCH, true }, KEPT("index"), { "invert", "invert", TAKE_BOOL, false } },
	  .digital = true, .more = relay_number },
	{ "ModbusTCPCoil", "power", "modbus", .take = { { "host", "address", TAKE_ADDRESS, true }, { "coil", "coil", TAKE_INT, true },
	  { "invert", "invert", TAKE_BOOL, false }, KEPT("write_multiple_coils") }, .digital = true, .more = coil },
	{ "SysfsGPIO", "power", "gpio", .take = { KEPT("index") }, .digital = true, .params = "chip: ?, line: ?",
	  .why = "a number among all pins of the host: write chip and line as gpioinfo shows them" },
	{ "MatchedSysfsGPIO", "power", "gpio", .take = { KEPT("match"), { "pin", "line", TAKE_INT, true } }, .digital = true, .params = "chip: ?",
	  .why = "udev names the chip otherwise: write chip as gpiodetect shows it" },
	{ "USBTMC", "power", "usbtmc", .take = { { "match", NULL, TAKE_MATCH, true } }, .params = "max_mv: ?",
	  .why = "an oscilloscope there; if it is a supply, say max_mv: what the device stands" },
	{ "PyVISADevice", "power", "scpi", .take = { KEPT("type"), KEPT("url") }, .params = "address: ?, max_mv: ?",
	  .why = "if it is a supply: its address, and max_mv: what the device stands" },
	{ "Flashrom", "flash", "flashrom", .take = { { "programmer", "programmer", TAKE_TEXT, true } } },
	{ "USBDebugger", "debug", "openocd", .take = { KEPT("match") }, .params = "config: ?", .why = "config: the files of adapter and target, as openocd -f takes them" },
	{ "NetworkInterface", "net", "bridge", .take = { { "ifname", "dut", TAKE_TEXT, true } },
	  .why = "only if the device is plugged into it and the host does not use it" },
	{ "USBNetworkInterface", "net", "bridge", .take = { KEPT("match") }, .params = "dut: ?",
	  .why = "dut: the name of the interface, if the device is plugged into it" },
	{ "NetworkService", NULL, NULL, .why = "if this is the device, its address belongs into scope" },
	{ "RemotePlace", NULL, NULL, .why = "what is in the place stands in the exporter's file: import that one" },
	{ "DeditecRelais8", NULL, NULL, .why = needs_more },
	{ "OneWirePIO", NULL, NULL, .why = needs_more },
	{ "LXAIOBusPIO", NULL, NULL, .why = needs_more },
	{ "ModbusRTU", NULL, NULL, .why = needs_more },
	{ "HttpDigitalOutput", NULL, NULL, .why = "as a supply: {driver: http, kind: free, on: ..., off: ...}" },
	{ "SNMPEthernetPort", NULL, NULL, .why = "the bench cuts the device's network at a port of its own: {driver: bridge}" },
	{ "USBHub", NULL, NULL, .why = "a hub by itself; its ports are USBPowerPort" },
};

/* ---- one resource ---- */
static const struct class *class_find(const char *name)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (!strcmp(classes[i].name, name))
			return &classes[i];
	return NULL;
}

static bool ends_with(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

static const char *no_counterpart(const char *name)
{
	static const char *const known[] = { "Loader", "Fastboot", "Device", "Storage", "Video", "AudioInput", "Mux", "Blaster", "Provider", "Stream",
					     "Manager", "Flasher", "Daemon", "Debugger", NULL };
	static char none[] = "no such class is known here";

	if (!strncmp(name, "Network", 7) || !strncmp(name, "Remote", 6))
		return on_exporter;
	for (const char *const *k = known; *k; k++)
		if (ends_with(name, *k))
			return not_a_line;
	return none;
}

const char *labgrid_kind(const char *name, bool *ret_digital)
{
	const struct class *k = class_find(name);

	*ret_digital = k && k->digital;
	return k && k->kind ? k->kind : "none";
}

void labgrid_resource(struct import *im, const struct conf *key, const char *name, const struct conf *map, const char *part, enum supply supply)
{
	static const struct conf nothing = { .kind = CONF_MAP };
	const struct class *k = class_find(name);
	struct draft d;

	if (map->kind == CONF_SCALAR && !*map->text)
		map = &nothing;
	draft_begin(&d, im, key->at, name, k && k->kind ? k->kind : "none", part, k ? k->driver : NULL);
	if (map->kind != CONF_MAP || map->tag)
		draft_lack(&d, "not a map of parameters");
	else if (!k || !k->kind)
		draft_lack(&d, "%s", k ? k->why : no_counterpart(name));
	if (k && k->kind && map->kind == CONF_MAP) {
		if (k->why)
			draft_lack(&d, "%s", k->why);
		if (k->digital && supply != SUPPLY_YES)
			draft_lack(&d, supply == SUPPLY_NO ? "an output that is not the supply here" : "an output of any use: a supply only if the device is fed through it");
		if (k->more)
			k->more(&d, map);
		draft_take(&d, map, k->take);
		if (k->params)
			draft_put(&d, "%s", k->params);
	}
	draft_end(&d);
}
