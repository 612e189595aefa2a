// SPDX-License-Identifier: Apache-2.0
// Files of labs, good and bad: what is printed loads, what lacks a fact is a comment that says so, no secret is copied.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/bench_import.h"
#include "harness/plan.h"

static struct err err;

static char *import(const char *text, size_t n, const char *const *only)
{
	char *out = NULL;
	size_t room = 0;
	FILE *f = open_memstream(&out, &room);
	bool ok;

	err = (struct err){ 0 };
	ck_assert(f);
	ok = bench_import("lab.yaml", text, n, only, f, &err);
	fclose(f);
	if (ok)
		return out;
	ck_assert_msg(err.kind != ERR_NONE && *err.text && !*out, "refused without a word, or after a word");
	free(out);
	return NULL;
}

/* As a bench file it is whole; without a power line it is not meant to be. */
static void loads(const char *text)
{
	char path[] = "/tmp/jusan-import-XXXXXX";
	CLEANUP(close_fd) int fd = mkstemp(path);
	struct arena a = { 0 };
	struct plan plan;
	struct plan_input in = { .bench = path };
	bool ok;

	if (strstr(text, "# No line power.NAME"))
		return;
	ck_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ok = plan_load_bench(&a, &in, NULL, NULL, &plan, &err);
	unlink(path);
	ck_assert_msg(ok, "%u:%u: %s in\n%s", err.at.line, err.at.col, err.text, text);
	plan_done(&plan);
	arena_free(&a);
}

/* ---- one resource: what becomes of it ---- */
#define PORT(model, host, index) "g: {NetworkPowerPort: {model: " model ", host: \"" host "\", index: " index "}}"
#define RELAY(match) "targets: {main: {resources: {HIDRelay: {index: 2, match: {" match "}}}, drivers: {DigitalOutputPowerDriver: {}}}}"
static const struct { const char *in, *out; } turned[] = {
	{ "targets: {main: {resources: {RawSerialPort: {port: /dev/ttyUSB0, speed: 9600}}}}",
	  "\n  serial.console: {driver: tty, path: \"/dev/ttyUSB0\", baud: 9600}   # lab.yaml:1 RawSerialPort\n" },
	{ "targets: {dut: {resources: [{RawSerialPort: {name: a, port: /dev/a}}, {RawSerialPort: {port: /dev/b}}]}}", "  serial.a: {driver: tty, path: \"/dev/a\"}" },
	{ "g: {USBSerialPort: {match: {ID_SERIAL_SHORT: P-1, ID_USB_INTERFACE_NUM: '0a'}}}", "  serial.g: {driver: tty, match: {serial: \"P-1\", interface: 10}}" },
	{ "g: {USBSerialPort: {match: {'@ID_PATH': 'pci-0000:00:14.0-usb-0:2.2'}}}", "\n  # serial.g: {driver: tty, match: {path: ?}}\n" },
	{ "g: {USBSerialPort: {match: {ID_VENDOR_ID: 403}}}", "match: ID_VENDOR_ID is not four hex digits" },
	{ "g: {USBSerialPort: {match: {ID_MODEL: x}}}", "match: ID_MODEL has no counterpart" },
	{ "g: {USBSerialPort: {match: []}}", "match is no map" },
	{ "g: {USBSerialPort: {speed: 9600}}", "match is not said" },
	{ "g: {NetworkSerialPort: {host: 192.0.2.1, port: 4001, speed: 115200}}", "  serial.g: {driver: rfc2217, host: \"192.0.2.1\", port: 4001, baud: 115200}" },
	{ "g: {NetworkSerialPort: {host: '[fd77::1]:99999', port: 4001, protocol: raw}}", "no port after the colon" },
	{ "g: {NetworkSerialPort: {host: 192.0.2.1, port: 4001, protocol: raw}}", "\n  serial.g: {driver: tcp, host: \"192.0.2.1\", port: 4001}" },
	{ "g: {NetworkSerialPort: {host: rl1, port: 4001}}", "'rl1' is a name, and the bench resolves none" },
	{ "g: {NetworkSerialPort: {host: 192.0.2.1, port: 99999999999999999999}}", "port is no whole number below 1000000000" },
	{ "g: {NetworkSerialPort: {host: 192.0.2.1, port: 70000}}", "70000 is out of range" },
	{ "g: {YKUSHPowerPort: {serial: YK1, index: 1}}", "\n  power.g: {driver: ykush, match: {serial: \"YK1\"}, port: 1}" },
	{ "g: {YKUSHPowerPort: {serial: YK1, index: 9}}", "\n  # power.g: {driver: ykush" },
	{ "g: {USBPowerPort: {match: {sys_name: 1-1}, index: 2}}", "\n  power.g: {driver: hub, match: {path: \"1-1\"}, port: 2}" },
	{ "g: {PDUDaemonPort: {host: 192.0.2.9, pdu: apc1, index: 3}}", "\n  power.g: {driver: http, kind: pdudaemon, address: \"192.0.2.9\", port: 16421, "
	  "pdu: \"apc1\", outlet: 3, timeout: 10s}" },
	{ "g: {PDUDaemonPort: {host: 192.0.2.9, pdu: 'a&b', index: 3}}", "more than letters" },
	{ RELAY("ID_VENDOR_ID: '16c0', sys_name: '1-1.4'"), "\n  power.main: {driver: dcttech, relay: 2, match: {vendor: \"16c0\", path: \"1-1.4\"}}" },
	{ RELAY("ID_VENDOR_ID: '5131', sys_name: '1-1.4:1.0'"), "\n  power.main: {driver: lcushid, channel: 2, match: {vendor: \"5131\", path: \"1-1.4\"}}" },
	{ RELAY("sys_name: 1-1"), "its vendor is not said" },
	{ "g: {HIDRelay: {match: {ID_VENDOR_ID: '16c0'}}}", "an output of any use" },
	{ "targets: {main: {resources: {ModbusTCPCoil: {host: '192.0.2.3:1502', coil: 0, invert: yes}}, drivers: [{DigitalOutputPowerDriver: {}}]}}",
	  "\n  power.main: {driver: modbus, address: \"192.0.2.3\", port: 1502, coil: 0, invert: true}" },
	{ "targets: {main: {resources: {ModbusTCPCoil: {host: 192.0.2.3, coil: 1}}, drivers: {DigitalOutputResetDriver: {}}}}", "an output that is not the supply" },
	{ "g: {SysfsGPIO: {index: 12}}", "\n  # power.g: {driver: gpio, chip: ?, line: ?}\n" },
	{ "g: {USBTMC: {match: {ID_SERIAL_SHORT: DS1}}}", "\n  # power.g: {driver: usbtmc, match: {serial: \"DS1\"}, max_mv: ?}\n" },
	{ "g: {Flashrom: {programmer: 'linux_spi:dev=/dev/spidev0.1'}}", "\n  flash.g: {driver: flashrom, programmer: \"linux_spi:dev=/dev/spidev0.1\"}" },
	{ PORT("apc", "192.0.2.4", "3"), "\n  power.g: {driver: snmp, kind: apc-masterswitch, address: \"192.0.2.4\", index: \"3\", version: \"1\", "
	  "secret: {env: SECRET_192_0_2_4}}" },
	{ PORT("sentry", "192.0.2.4", "17"), "index: \"1.3.1\"" },
	{ PORT("sentry", "192.0.2.4", "49"), "index of a sentry is 1 to 48" },
	{ PORT("eaton", "192.0.2.4", "2"), "index: \"0.2\"" },
	{ PORT("raritan", "192.0.2.4", "2"), "index: \"1.2\"" },
	{ PORT("shelly_gen1", "http://192.0.2.4", "0"), "\n  power.g: {driver: http, kind: shelly1, address: \"192.0.2.4\", outlet: 0}" },
	{ PORT("rest", "http://192.0.2.4:8000/r/{index}/v", "3"), "on: \"PUT /r/3/v 1\", off: \"PUT /r/3/v 0\", get: \"GET /r/3/v\", says_on: \"^1$\"" },
	{ PORT("simplerest", "http://192.0.2.4/r/{index}/{value}", "3"), "on: \"GET /r/3/1\", off: \"GET /r/3/0\", get: \"GET /r/3\"" },
	{ PORT("rest", "http://192.0.2.4/{0}", "3"), "its path holds more than {index} and {value}" },
	{ PORT("rest", "ftp://192.0.2.4/", "3"), "host is no http or https address" },
	{ PORT("digitalloggers_restapi", "https://admin:geheim@192.0.2.4", "0"), "port: 443, tls: true, self_signed: true, user: \"admin\", "
	  "password: {env: SECRET_192_0_2_4}, outlet: 1}" },
	{ PORT("siglent", "192.0.2.4", "1"), "\n  # power.g: {driver: scpi, address: \"192.0.2.4\", channel: 1, model: siglent, max_mv: ?}\n" },
	{ PORT("tplink", "192.0.2.4", "1"), "model tplink: no driver here" },
	{ PORT("apc", "admin:geheim@192.0.2.4", "1"), "address is more than an address" },
	{ "g: {NetworkPowerPort: {host: 192.0.2.4}}", "model is not said" },
	{ "g: {NetworkPowerPort: {model: apc, host: !template '$LG_HOST', index: 1}}", "host is !template: what it becomes is not said here" },
	{ "g: {NetworkPowerPort: {model: apc, host: \"{{ env['PDU'] }}\", index: \"{{ i }}\"}}", "index is a template" },
	{ "g: {c1: {cls: RawSerialPort, port: /dev/c}}", "\n  serial.c1: {driver: tty, path: \"/dev/c\"}" },
	{ "g: {location: lab, Foo: {a: geheim}, RawSerialPort: {port: /dev/a, color: geheim}}", "color has no counterpart" },
	{ "g: {Foo: {}}", "Foo: no such class is known here" },
	{ "g: {USBVideo: {}}", "USBVideo: nothing that a bench line does" },
	{ "g: {NetworkHIDRelay: {}}", "a resource of another computer" },
	{ "g: {RawSerialPort: 5}", "not a map of parameters" },
	{ "g: {RawSerialPort: }", "port is not said" },
	{ "g: {RawSerialPort: {port: [1]}}", "port is no plain value" },
	{ "g: {RawSerialPort: {port: '${work}/x'}}", "which a bench file would read as its own" },
	{ "g: {RawSerialPort: {port: \"a\\\"}\\n  power.x: {\\x1b[2J\"}}", "path: \"a\\\"}\\x0a  power.x: {\\x1b[2J\"}" },
	{ "targets: {main: {resources: {NetworkService: {address: 192.0.2.1, username: root, password: geheim}}}}", "its address belongs into scope" },
	{ "targets: {main: {drivers: {ExternalPowerDriver: {cmd_on: uhubctl -a on, cmd_off: uhubctl -a off}}}}",
	  "\n  power.main: {driver: exec, on: [\"uhubctl\", \"-a\", \"on\"], off: [\"uhubctl\", \"-a\", \"off\"]}" },
	{ "targets: {main: {drivers: {ExternalPowerDriver: {cmd_on: curl -u a:geheim x, cmd_off: ''}}}}", "cmd_on seems to hold a secret" },
	{ "targets: {main: {drivers: {ExternalPowerDriver: {cmd_on: a 'b c', cmd_off: d}}}}", "cmd_on has quoted words" },
	{ "targets: {main: {drivers: {ManualPowerDriver: {}}}}", "a person switches" },
};

START_TEST(resources)
{
	char *text = import(turned[_i].in, strlen(turned[_i].in), NULL);

	ck_assert_msg(text != NULL, "%s: %s", turned[_i].in, err.text);
	ck_assert_msg(strstr(text, turned[_i].out) != NULL, "no '%s' in:\n%s", turned[_i].out, text);
	ck_assert_msg(!strstr(text, "geheim"), "a secret in:\n%s", text);
	loads(text);
	free(text);
}
END_TEST

/* ---- one PDU of pdudaemon, its port 3 ---- */
static const struct { const char *host, *settings, *out; } pdus[] = {
	{ "192.0.2.4", "\"driver\": \"snmpv1\", \"community\": \"geheim\", \"mib\": \"PowerNet-MIB\", \"controlpoint\": \"sPDUOutletCtl\", \"onsetting\": \"1\", "
	  "\"offsetting\": 2", "\n  power.dut: {driver: snmp, address: \"192.0.2.4\", kind: apc-masterswitch, version: \"1\", "
	  "secret: {env: SECRET_192_0_2_4}, index: \"3\"}" },
	{ "192.0.2.4", "\"driver\": \"snmpv1\", \"community\": \"geheim\", \"mib\": \"PowerNet-MIB\", \"controlpoint\": \"sPDUOutletCtl\", \"onsetting\": 5, "
	  "\"offsetting\": 2", "onsetting and offsetting are not those" },
	{ "192.0.2.4", "\"driver\": \"snmpv1\", \"community\": \"geheim\", \"mib\": \"X-MIB\", \"controlpoint\": \"y\", \"onsetting\": 5, \"offsetting\": 2",
	  "kind: free, object: ?" },
	{ "192.0.2.4", "\"driver\": \"snmpv3\", \"username\": \"u\", \"authpassphrase\": \"geheim1\", \"privpassphrase\": \"geheim2\", \"priv_protocol\": "
	  "\"usmAesCfb128Protocol\", \"mib\": \"PowerNet-MIB\", \"controlpoint\": \"sPDUOutletCtl\", \"onsetting\": 1, \"offsetting\": 2",
	  "version: \"3\", user: \"u\", secret: {env: SECRET_192_0_2_4_AUTH}, auth: md5, privacy_secret: {env: SECRET_192_0_2_4_PRIVACY}, privacy: aes" },
	{ "pdu7", "\"driver\": \"cyberpower81001\", \"community\": \"geheim\"", "'pdu7' is a name" },
	{ "192.0.2.4", "\"driver\": \"modbustcp\", \"unit\": 7", "\n  power.dut: {driver: modbus, address: \"192.0.2.4\", unit: 7, coil: 3}" },
	{ "192.0.2.4", "\"driver\": \"shelly_gen2\"", "\n  power.dut: {driver: http, kind: shelly2, address: \"192.0.2.4\", outlet: 3}" },
	{ "192.0.2.4", "\"driver\": \"brennenstuhl_wspl01_tasmota\"", "\n  power.dut: {driver: http, kind: tasmota, address: \"192.0.2.4\", outlet: 3}" },
	{ "192.0.2.4", "\"driver\": \"sonoff_s20_tasmota\", \"username\": \"a\", \"password\": \"geheim\"", "its web password" },
	{ "netio", "\"driver\": \"netiojson\", \"ip\": \"192.0.2.5\", \"username\": \"a\", \"password\": \"geheim\"",
	  "\n  power.dut: {driver: http, kind: netio, address: \"192.0.2.5\", user: \"a\", password: {env: SECRET_NETIO}, outlet: 3}" },
	{ "relay", "\"driver\": \"vusbhid\", \"serial\": \"6QMBS\", \"invert\": true", "\n  power.dut: {driver: dcttech, id: \"6QMBS\", invert: true, relay: 3}" },
	{ "yk", "\"driver\": \"YKUSH\", \"serial\": \"YK1\"", "\n  power.dut: {driver: ykush, match: {serial: \"YK1\"}, port: 3}" },
	{ "hub", "\"driver\": \"uhubctl\", \"location\": \"1-1\"", "\n  power.dut: {driver: hub, match: {path: \"1-1\"}, port: 3}" },
	{ "strip", "\"driver\": \"EG-PMS\", \"device\": \"aa:bb\"", "\n  # power.dut: {driver: energenie, match: {path: ?}, socket: 3}" },
	{ "sh", "\"driver\": \"localcmdline\", \"cmd_on\": \"x '%s on'\", \"cmd_off\": \"x '%d off'\"",
	  "\n  power.dut: {driver: exec, on: [\"/bin/sh\", \"-c\", \"x '3 on'\"], off: [\"/bin/sh\", \"-c\", \"x '3 off'\"]}" },
	{ "sh", "\"driver\": \"localcmdline\", \"cmd_on\": \"x\", \"cmd_off\": \"x\"", "cmd_on: one %s, for the port, was expected" },
	{ "sh", "\"driver\": \"localcmdline\", \"cmd_on\": \"x --password=geheim %s\", \"cmd_off\": \"x\"", "cmd_on seems to hold a secret" },
	{ "192.0.2.4", "\"driver\": \"apc7952\", \"telnetport\": 23", "\n  # power.dut: {driver: http, kind: pdudaemon, address: ?, port: 16421, pdu: \"192.0.2.4\", outlet: 3, timeout: 10s}\n" },
	{ "\\u001b[2J\\nx", "\"driver\": \"acme\\n  power.x: {}\"", "\\x1b[2J\\nx (acme\\n  power.x: {})" },
	{ "x", "\"driver\": [1]", "driver is no plain value" },
};

START_TEST(pdudaemon)
{
	char json[1000], *text;

	snprintf(json, sizeof(json), "{\"pdus\": {\"%s\": {%s}}, \"aliases\": {\"dut\": {\"hostname\": \"%s\", \"port\": 3}}}", pdus[_i].host, pdus[_i].settings,
		 pdus[_i].host);
	text = import(json, strlen(json), NULL);
	ck_assert_msg(text != NULL, "%s: %s", json, err.text);
	ck_assert_msg(strstr(text, pdus[_i].out) != NULL, "no '%s' in:\n%s", pdus[_i].out, text);
	ck_assert_msg(!strstr(text, "geheim"), "a secret in:\n%s", text);
	loads(text);
	free(text);
}
END_TEST

/* ---- refused, with the place ---- */
static const struct { const char *in; unsigned line, col; const char *why; } wrong[] = {
	{ "", 1, 1, "the file is empty" },
	{ "a: [", 2, 1, "did not find" },
	{ "5", 1, 1, "neither a labgrid" },
	{ "bench: x\nkind: real\n", 1, 1, "neither a labgrid" },
	{ "g: {x: {y: 1}}", 1, 1, "neither a labgrid" },
	{ "targets: 5", 1, 10, "targets" },
	{ "targets:\n  main: []", 2, 9, "main" },
	{ "targets: {main: {resources: 5}}", 1, 29, "resources: a map, or a list of maps" },
	{ "targets: {main: {resources: [5]}}", 1, 30, "resources: a map, or a list of maps" },
	{ "g:\n  HIDRelay: {index: 1}\n  HIDRelay: {index: 2}\n", 3, 3, "defined twice; first at 2:3" },
	{ "g: {RawSerialPort: {port: *x}}", 1, 27, "aliases (*name) are not allowed" },
	{ "# for i in range(3)\n{{ i }}:\n  RawSerialPort: {}\n", 2, 1, "render it first" },
	{ "## fine\ng:\n  # if x\n  RawSerialPort: {port: /dev/a}\n  # endif\n", 3, 5, "'# if' is a statement" },
	{ "pdus: {}\n", 1, 1, "pdudaemon reads JSON only" },
	{ "{\"pdus\": {}", 1, 11, "no JSON" },
	{ "{\"pdus\": {\"a\": {}, \"a\": {}}}", 1, 22, "duplicate object key" },
	{ "{\"pdus\": {\"a\": 1e999}}", 1, 20, "real number overflow" },
	{ "{\"pdus\": {\"a\": 99999999999999999999}}", 1, 35, "too big integer" },
	{ "{\"pdus\":\n [1]}", 2, 2, "pdus" },
	{ "{\"pdus\": {\"a\": 5}}", 1, 16, "a PDU" },
	{ "{\"pdus\": {}, \"aliases\": {\"x\": {\"hostname\": \"a\", \"port\": 1}}}", 1, 44, "there is no PDU of that name" },
	{ "{\"pdus\": {\"a\": {\"driver\": \"x\"}}, \"aliases\": {\"x\": {\"hostname\": \"a\", \"port\": -1}}}", 1, 77, "out of range" },
	{ "{\"pdus\": {\"a\": {\"driver\": \"x\"}}, \"aliases\": {\"x\": {\"hostname\": \"a\"}}}", 1, 51, "'port' is missing" },
};

START_TEST(refused)
{
	ck_assert_msg(!import(wrong[_i].in, strlen(wrong[_i].in), NULL), "taken: %s", wrong[_i].in);
	ck_assert_msg(err.kind == ERR_CONF && strstr(err.text, wrong[_i].why) && err.at.line == wrong[_i].line && err.at.col == wrong[_i].col,
		      "%s: %u:%u: %s", wrong[_i].in, err.at.line, err.at.col, err.text);
	ck_assert_str_eq(err.at.file, "lab.yaml");
}
END_TEST

/* Deep, long and many: each ends in a word, not in memory. */
START_TEST(bounds)
{
	static const struct { const char *head, *part; int times; bool ok; } row[] = {
		{ "{\"pdus\": ", "[", 100000, false }, { "{\"pdus\": ", "{\"a\": ", 100, false }, { "targets: ", "[", 100000, false },
		{ "g:\n  RawSerialPort:\n    port: ", "a", 100000, true }, { "g:\n", "  Foo%d: {}\n", 1001, false }, { "g:\n", "  Foo%d: {}\n", 900, true },
		{ "g:\n", "  r%d: {cls: RawSerialPort, port: /dev/tty%d}\n", 200, true },
	};
	char *in = NULL, *out;
	size_t n = 0;
	FILE *f = open_memstream(&in, &n);

	fputs(row[_i].head, f);
	for (int i = 0; i < row[_i].times; i++)
		for (const char *p = row[_i].part; *p; p++)
			p += *p == '%' ? fprintf(f, "%d", i), 1 : (fputc(*p, f), 0);
	fclose(f);
	out = import(in, n, NULL);
	ck_assert_msg(!out == !row[_i].ok, "%s%s...: %s", row[_i].head, row[_i].part, out ? out : err.text);
	if (out)
		loads(out);
	free(out);
	free(in);
}
END_TEST

static const char lab[] = "a:\n  YKUSHPowerPort: {serial: YK1, index: 1}\n  again: {cls: YKUSHPowerPort, serial: YK1, index: 1}\n"
			  "b:\n  YKUSHPowerPort: {serial: YK1, index: 2}\n";

START_TEST(the_same_twice)
{
	char *text = import(lab, strlen(lab), NULL);

	ck_assert(text && strstr(text, "\n  # power.again: {driver: ykush") && strstr(text, "mean the same port of the same device") && strstr(text, "\n  power.b: "));
	ck_assert(!strstr(text, "(line "));
	loads(text);
	free(text);
}
END_TEST

START_TEST(only_some)
{
	const char *const b[] = { "b", NULL }, *const c[] = { "b", "c", NULL };
	char *text = import(lab, strlen(lab), b);

	ck_assert(text && strstr(text, "\nbench: b\n") && strstr(text, "power.b: ") && !strstr(text, "power.a"));
	loads(text);
	free(text);
	ck_assert(!import(lab, strlen(lab), c) && strstr(err.text, "there is no 'c'"));
}
END_TEST

/* Debian's own configuration, where it is installed. */
START_TEST(of_debian)
{
	CLEANUP(free_ptr) char *in = NULL;
	char *text;
	size_t n;

	if (access("/etc/pdudaemon/pdudaemon.conf", R_OK) < 0)
		return;
	ck_assert(fs_read("/etc/pdudaemon/pdudaemon.conf", 1 << 20, &in, &n, &err));
	text = import(in, n, NULL);
	ck_assert_msg(text && strstr(text, "\n  power.aliastesthttp01: {driver: exec, "), "%s", text ? text : err.text);
	ck_assert(!strstr(text, "passphrase") && !strstr(text, "testuser"));
	loads(text);
	free(text);
}
END_TEST

TEST_MAIN({ "resources", resources, ROWS(turned) }, { "pdudaemon", pdudaemon, ROWS(pdus) }, { "refused", refused, ROWS(wrong) }, { "bounds", bounds, 7 },
	  { "twice", the_same_twice, 1 }, { "only", only_some, 1 }, { "debian", of_debian, 1 })
