// SPDX-License-Identifier: Apache-2.0
// The sections of device.yaml that suites read as declared.X: what a bench has to know of a product and no IXIT table says.
// A key of the maker's own begins with x_; some sections (secrets, function, canary) are lists of names by nature.
#include "harness/shapes.h"

#define NAME_PATTERN "^[A-Za-z_][A-Za-z0-9_-]*$"
#define OWN .pattern = "^x_", .of = &shape_any, .form = "not known here; a key of your own begins with x_"
#define SECTION(name, ...)                                                               \
	static const struct shape_key name##_keys[] = { __VA_ARGS__, { 0 } };            \
	static const struct shape name = { .kind = SHAPE_MAP, .keys = name##_keys, OWN }
#define LIST_OF(name, item) static const struct shape name = { .kind = SHAPE_LIST, .of = &item }

static const struct shape whole = { .kind = SHAPE_INT };
static const struct shape port = { .kind = SHAPE_INT, .min = 1, .max = 65535 };
static const struct shape url = { .kind = SHAPE_TEXT, .pattern = "^(https?://|[$][{])", .form = "no address; write https://dut/api/info" };
static const struct shape mac = { .kind = SHAPE_TEXT, .pattern = "^([0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[$][{]unit[.][A-Za-z_]+[}])$",
				  .form = "no hardware address; write \"02:00:00:48:50:01\"" };
static const struct shape method = { .kind = SHAPE_TEXT, .pattern = "^[A-Z]+$", .form = "no method of HTTP; write GET, PUT or POST" };
static const struct shape procedure = { .kind = SHAPE_TEXT, .pattern = NAME_PATTERN, .form = "no name of a procedure" };
static const struct shape socket_name = { .kind = SHAPE_TEXT, .pattern = "^(tcp|udp)/[0-9]{1,5}$", .form = "no port; write tcp/443 or udp/5353" };
static const struct shape peer_name = { .kind = SHAPE_TEXT, .pattern = "^[^ :/]+:[0-9]{1,5}/(tcp|udp)$",
					.form = "no peer; write cloud.example:8883/tcp" };
static const struct shape six_address = { .kind = SHAPE_TEXT, .pattern = "^(link-local|slaac|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)$",
					  .form = "neither link-local, slaac nor an IPv6 address" };
LIST_OF(six_addresses, six_address);
LIST_OF(procedures, procedure);
LIST_OF(urls, url);
LIST_OF(sockets, socket_name);
LIST_OF(peers, peer_name);

SECTION(dut, { "address", &shape_text, false, "dhcp, or the device's address" },
	     { "mac", &mac, false, "its hardware address, to know its frames by" },
	     { "ipv6", &six_addresses, false, "what it has: link-local, slaac (one that an advertised prefix gives it), or addresses; [] = none" });
static const struct shape secrets = { .kind = SHAPE_MAP, .of = &shape_text, .pattern = NAME_PATTERN, .form = "no name of a secret" };

SECTION(role, { "procedure", &procedure, true, "shows that the function works, at once" },
	      { "every", &shape_time, false, "how often it may be looked at" },
	      { "longest_gap", &shape_time, false, "how long it may fail in an update or an outage" },
	      { "safe", &shape_texts, false, "states of its actuators that are safe" });
static const struct shape_key function_keys[] = {
	{ "availability", &shape_share, false, "share of the time in which it works while the network is gone" }, { 0 }
};
static const struct shape function = { .kind = SHAPE_MAP, .keys = function_keys, .of = &role, .pattern = NAME_PATTERN, .form = "no name of a role" };

SECTION(surface, { "name", &shape_text, false, "how reports call it" },
		 { "type", &shape_text, false, "http_basic, http_digest, http_form, http_json, http_page (its form is found), ssh, telnet, mqtt, ftp, "
						"smtp, pop3, imap, rtsp, snmp, coap, hap, serial" },
		 { "kind", &shape_text, false, "the same as type" },
		 { "url", &url, false, "for the http types" }, { "port", &port, false, "for the others" },
		 { "tls", &shape_bool, false, NULL }, { "starttls", &shape_bool, false, "ftp, smtp, pop3, imap: TLS is begun on the connection" },
		 { "ca", &shape_text, false, "PEM file of the CA to trust" },
		 { "user", &shape_text, false, "the only user there is" }, { "locked", &shape_text, false, "pattern of an answer that says: locked" },
		 { "timeout", &shape_time, false, "for one answer; 5s when it is left out" },
		 { "path", &shape_text, false, "of an RTSP stream" }, { "line", &shape_text, false, "of a serial console" },
		 { "version", &shape_text, false, "of SNMP: \"1\", \"2c\" or \"3\"" }, { "auth", &shape_text, false, "of SNMPv3: md5 or sha" },
		 { "method", &method, false, NULL }, { "user_field", &shape_text, false, NULL }, { "password_field", &shape_text, false, NULL },
		 { "owner", &shape_text, false, "who may log in" }, { "secret", &shape_text, false, "and with what" });
LIST_OF(surfaces, surface);
LIST_OF(delays, shape_time);
SECTION(auth_change, { "procedure", &procedure, true, "changes the owner's secret" }, { "secret", &shape_text, true, "what it is then" });
SECTION(auth_setup, { "url", &url, true, "where set-up is done" }, { "method", &method, false, "POST when it is left out" },
		    { "body", &shape_text, true, "with ${password} where the owner's secret stands" },
		    { "without", &shape_text, false, "the same body without that field" }, { "ca", &shape_text, false, "PEM file of the CA to trust" },
		    { "closed", &urls, false, "functions that nobody reaches before set-up, and the owner (HTTP Basic) after it" });
static const char *const reached[] = { "factory", "initialised", "updated", NULL };
static const struct shape state = { .kind = SHAPE_WORD, .words = reached };
static const struct shape states = { .kind = SHAPE_LIST, .of = &state, .at_least = 1 };
SECTION(auth, { "main", &surface, false, "where the owner logs in" },
	      { "surface", &surfaces, false, "every place where somebody can log in" },
	      { "states", &states, false, "states it can be in, first one in which somebody can log in, where they are fewer than initialised, updated, factory" },
	      { "change", &auth_change, false, "how the secret is changed" }, { "setup", &auth_setup, false, "how it is chosen" },
	      { "lock_after", &shape_count, false, "failures in a row until the account is locked" },
	      { "lock_time", &shape_time, false, "how long the first lock lasts" },
	      { "delay_curve", &delays, false, "pause after the first, second ... failure" },
	      { "counter_survives_power", &shape_bool, false, "failures are counted across a power cut" });

SECTION(reset, { "paths", &procedures, false, "procedures, one for each way of resetting the device" },
	       { "hold", &shape_time, false, "how long its button is held" }, { "time", &shape_time, false, "until it is ready again" });
SECTION(erase, { "paths", &procedures, false, "procedures, one for each way of erasing the user's data" },
	       { "session_url", &url, false, "a page that only a session opens" },
	       { "service_within", &shape_time, false, "until the data are gone from the service" });
SECTION(boot, { "time", &shape_time, false, "from power on to ready" });
SECTION(power, { "phase", &shape_time, false, "how far into its work a power cut is to reach" });
SECTION(console, { "boot", &shape_text, false, "pattern of the line that begins a start" },
		 { "ready", &shape_text, false, "pattern of the line that ends it" },
		 { "crash", &shape_text, false, "pattern of a crash" });

SECTION(update, { "version", &shape_text, false, "the version that is installed" }, { "newer", &shape_text, false, "the version of newer.img" },
		{ "install", &shape_time, false, "from the offer to running it" },
		{ "duration", &shape_time, false, "how long it writes, from the acceptance to the restart" },
		{ "notice", &shape_time, false, "until the user is told" },
		{ "images", &shape_text, false, "folder of newer.img older.img foreign_model.img foreign_key.img expired.img" },
		{ "into", &shape_text, false, "folder the update server serves" }, { "manifest", &shape_text, false, "\"\": beside each image" },
		{ "url", &shape_text, false, "path on the update server" },
		{ "slot_probe", &procedure, false, "procedure that tells which slot runs" } );

SECTION(tls_server, { "name", &shape_text, false, "how reports call it" }, { "port", &port, true, NULL },
		    { "host", &shape_text, false, "the name its certificate should bear" },
		    { "starttls", &shape_text, false, "smtp, imap, pop3, ftp: TLS begins after a few lines of that protocol" },
		    { "dtls", &shape_bool, false, "it is DTLS, and the port one of UDP: CoAP on 5684" });
LIST_OF(tls_servers, tls_server);
/* ---- interface.api: who may do what. probes/api reads it ---- */
static const struct shape state_names = { .kind = SHAPE_LIST, .of = &shape_text, .at_least = 1 };
static const struct shape two_values = { .kind = SHAPE_LIST, .of = &shape_text, .at_least = 2 };
SECTION(api_state, { "name", &shape_text, true, "as endpoints and accounts call it: factory, initialised" },
		   { "reach", &procedure, true, "brings the device there, with all accounts of that state" });
SECTION(token_login, { "url", &url, true, NULL }, { "method", &method, false, "POST" }, { "body", &shape_text, false, NULL },
		     { "type", &shape_text, false, "media type; application/json" },
		     { "find", &shape_text, true, "extended regular expression; its first group is the token" },
		     { "as", &shape_text, false, "header it is sent as: \"Cookie: sid=${token}\"" });
static const struct shape_rule account_rules[] = {
	{ BOND_SOME, { "user", "token", "login" }, "an account needs user, token or login", NULL },
	{ BOND_WITH, { "user", "password" }, NULL, NULL }, { 0 }
};
static const struct shape_key api_account_keys[] = {
	{ "right", &shape_text, true, "what it may do, in one word: guest, owner" },
	{ "user", &shape_text, false, "for HTTP Basic" }, { "password", &shape_text, false, NULL },
	{ "token", &shape_text, false, "a fixed bearer token" }, { "login", &token_login, false, "where it gets a token" },
	{ "states", &state_names, false, "in which it exists; else in all" }, { 0 }
};
static const struct shape api_account = { .kind = SHAPE_MAP, .keys = api_account_keys, .rules = account_rules, OWN };
static const struct shape_rule effect_rules[] = {
	{ BOND_ONE, { "url", "pin", "console" }, "write one of url, pin, console", NULL }, { BOND_WITH, { "url", "find" }, NULL, NULL }, { 0 }
};
static const struct shape_key effect_keys[] = {
	{ "url", &url, false, "an answer that shows it" }, { "find", &shape_text, false, "extended regular expression; its first group counts" },
	{ "by", &shape_text, false, "right of the account that reads it; else the last one" },
	{ "user", &shape_text, false, "or an account of its own" }, { "password", &shape_text, false, NULL },
	{ "pin", &shape_text, false, "an output of the device" }, { "console", &shape_text, false, "pattern of the line that tells it" },
	{ "line", &shape_text, false, "wire.board, serial.console" },
	{ "within", &shape_time, false, "how long it may take" }, { 0 }
};
static const struct shape effect = { .kind = SHAPE_MAP, .keys = effect_keys, .rules = effect_rules, OWN };
static const struct shape_rule endpoint_rules[] = {
	{ BOND_ONE, { "shows", "effect" }, "write shows (what it reads) or effect (what it changes)", NULL }, { 0 }
};
static const struct shape_key endpoint_keys[] = {
	{ "name", &shape_text, true, "how reports call it" },
	{ "url", &url, true, NULL }, { "method", &method, false, "GET" },
	{ "body", &shape_text, false, "with ${value} where one of values goes" }, { "type", &shape_text, false, "media type; application/json" },
	{ "values", &two_values, false, "two that are both accepted, so that each try changes something" },
	{ "right", &shape_text, true, "right of the account that may; none: anybody may, nobody: no one" },
	{ "states", &state_names, false, "in which it may; in the others nobody does" },
	{ "shows", &shape_text, false, "pattern of what only that right is shown" },
	{ "effect", &effect, false, "where its effect is seen" },
	{ "ends", &shape_bool, false, "its effect ends this state of the device: tried last" }, { 0 }
};
static const struct shape endpoint = { .kind = SHAPE_MAP, .keys = endpoint_keys, .rules = endpoint_rules, OWN };
/* ---- interface.commands and interface.switches ---- */
SECTION(session_request, { "url", &url, true, NULL }, { "method", &method, false, "GET" },
			 { "body", &shape_text, false, "with ${value} where one of values goes" }, { "type", &shape_text, false, NULL },
			 { "values", &two_values, false, "two, so that each try changes something" });
SECTION(session_end, { "url", &url, true, NULL }, { "method", &method, false, "POST" }, { "body", &shape_text, false, NULL },
		     { "type", &shape_text, false, NULL });
SECTION(session, { "login", &token_login, true, "begins it" }, { "request", &session_request, true, "the command, given in it" },
		 { "logout", &session_end, true, "ends it" });
SECTION(command, { "name", &shape_text, true, "how reports call it" },
		 { "do", &procedure, true, "gives the command as its owner does" },
		 { "undo", &procedure, true, "takes its effect back, and makes ready for the next" },
		 { "effect", &effect, true, "where its effect is seen" },
		 { "session", &session, false, "the same within a session that can be ended" });
LIST_OF(commands, command);
SECTION(feature, { "name", &shape_text, true, "how reports call it" },
		 { "on", &procedure, true, "switches it on" }, { "off", &procedure, true, "switches it off" },
		 { "ports", &sockets, true, "that are open while it is on, and only then; UDP: that answer" },
		 { "tcp", &shape_text, true, "the numbers of the TCP ports among them: \"7101,7102\"; \"\": none" },
		 { "udp", &shape_text, true, "the same for UDP" });
LIST_OF(features, feature);
SECTION(debug_port, { "name", &shape_text, true, "how reports call it" },
		    { "line", &shape_text, true, "line of the bench that is put to it: serial.console, debug.main" },
		    { "login", &shape_bool, false, "a console that asks who logs in, as declared among the log-in surfaces" });
LIST_OF(debug_ports, debug_port);
LIST_OF(api_states, api_state);
LIST_OF(api_accounts, api_account);
LIST_OF(endpoints, endpoint);
SECTION(api, { "states", &api_states, true, "in which every function is tried" },
	     { "accounts", &api_accounts, true, "one for each right, from the lowest to the highest" },
	     { "endpoints", &endpoints, true, "every function" },
	     { "refusal", &shape_text, false, "pattern of a refusal whose status is a success" });

SECTION(interface, { "allow", &sockets, false, "every open port; anything else is undeclared" },
		   { "debug", &debug_ports, false, "ports for makers: consoles, SWD, JTAG" },
		   { "known", &socket_name, false, "one of them that is open for certain" },
		   { "known_tcp", &shape_text, false, "the number of a TCP port that is open for certain" },
		   { "on_demand", &sockets, false, "those of them that are closed until somebody switches them on" },
		   { "states", &states, false, "states it can be in, where that is fewer than factory, initialised, updated" },
		   { "scan_rate", &shape_count, false, "packets a second that a port scan may send at most; 0: what it answers" },
		   { "disclosed", &shape_texts, false, "what strangers may learn: version, \"version NAME/1.2\", \"serial in certificate\"" },
		   { "told", &shape_text, false, "one thing they learn for certain: \"model in mdns\"" },
		   { "tls", &tls_servers, false, "every port where the device is a TLS or DTLS server" },
		   { "mud_file", &shape_text, false, "a MUD file (RFC 8520)" },
		   { "api", &api, false, "what it lets itself be asked over HTTP, and by whom" },
		   { "commands", &commands, false, "commands that have an effect, one for each way of giving them" },
		   { "switches", &features, false, "services that can be switched on and off" });
SECTION(ssh_server, { "name", &shape_text, false, "how reports call it" }, { "port", &port, true, NULL });
LIST_OF(ssh_servers, ssh_server);
SECTION(shell, { "type", &shape_text, true, "ssh, or console: one that is logged in" }, { "port", &port, false, "for ssh" },
	       { "user", &shape_text, false, "for ssh" }, { "secret", &shape_text, false, "and its password" },
	       { "line", &shape_text, false, "for console: serial.console" });
SECTION(main_peer, { "host", &shape_text, true, NULL }, { "port", &port, true, NULL });
SECTION(tls_peer, { "host", &shape_text, true, NULL }, { "port", &port, true, NULL },
		  { "ca", &shape_text, false, "PEM file of the CA the device trusts for it" }, { "ca_key", &shape_text, false, "its key, for impostors" },
		  { "settle", &procedure, false, "until the device is at rest with it" }, { "call", &procedure, false, "makes the device call it" });
LIST_OF(tls_peers, tls_peer);
SECTION(egress, { "allow", &peers, false, "every destination; anything else is undeclared" },
		{ "known", &peer_name, false, "one of them that is contacted for certain" },
		{ "main", &main_peer, false, "the peer it reconnects to after an outage" }, { "tls", &tls_peers, false, "peers it speaks TLS with" });

SECTION(region, { "name", &shape_text, true, NULL }, { "at", &shape_count, true, "byte offset in the flash image" },
		{ "length", &shape_count, false, "bytes" }, { "verified_by", &shape_text, false, "what would notice" });
LIST_OF(regions, region);
SECTION(alert, { "channel", &shape_text, false, "where it is seen: serial.console, wire.led" }, { "within", &shape_time, false, NULL });
SECTION(tamper, { "runs", &shape_text, false, "pattern: the software in question is started" },
		{ "decides", &shape_text, false, "pattern: started or refused" }, { "regions", &regions, false, "what may be altered" },
		{ "alert", &alert, false, "how somebody is told" }, { "recover", &shape_time, false, "until a good version runs again" });

SECTION(canary_field, { "name", &shape_text, true, "as in ${canary.NAME}" }, { "where", &shape_text, false, "where the device keeps it" },
		      { "how_set", &procedure, false, NULL }, { "personal", &shape_bool, false, NULL }, { "sensitive", &shape_bool, false, NULL });
LIST_OF(canary_fields, canary_field);
static const struct shape_key canary_keys[] = { { "fields", &canary_fields, false, "every field a marker can be put in" }, { 0 } };
static const struct shape canary = { .kind = SHAPE_MAP, .keys = canary_keys, .of = &shape_texts, .pattern = NAME_PATTERN, .form = "no name of a list of fields" };

SECTION(outage, { "recover", &shape_time, false, "until it is in touch again" }, { "cap", &shape_time, false, "longest pause between two tries" },
		{ "first_retry", &shape_time, false, NULL }, { "growth", &shape_share, false, "200%: every pause is twice the one before" },
		{ "spread", &shape_time, false, "smallest to largest first delay" }, { "jitter", &shape_time, false, "random part of a pause" },
		{ "longest_gap", &shape_time, false, "pauses grow at least to this" }, { "per_min", &shape_count, false, "tries a minute" });

SECTION(sensor, { "pin", &shape_text, false, "input pin that stands for the sensor" }, { "actuator", &shape_text, false, "output pin that follows it" },
		{ "active", &whole, false, "a reading that moves the actuator" }, { "rest", &whole, false, "a reading that does not" },
		{ "below", &whole, false, "a reading no sensor can give" }, { "above", &whole, false, "the same at the other end" },
		{ "min", &whole, false, "smallest reading" }, { "max", &whole, false, "largest reading" },
		{ "react", &shape_time, false, "from reading to actuator" });

SECTION(consent_switch, { "name", &shape_text, true, NULL }, { "on", &procedure, true, NULL }, { "off", &procedure, true, NULL });
LIST_OF(consent_switches, consent_switch);
SECTION(consent, { "switches", &consent_switches, false, "every consent that can be given and withdrawn" },
		 { "withdraw", &shape_time, false, "until a withdrawal holds" });

#define REQUEST { "name", &shape_text, false, NULL }, { "method", &method, false, NULL }, { "url", &url, true, NULL },             \
	{ "body", &shape_text, true, NULL }, { "type", &shape_text, false, "media type; application/json" },                      \
	{ "user", &shape_text, false, NULL }, { "password", &shape_text, false, NULL }
SECTION(input, REQUEST, { "min", &whole, true, "smallest value that is allowed" }, { "max", &whole, true, "largest" });
SECTION(sample, REQUEST, { "token", &shape_text, false, NULL });
LIST_OF(inputs, input);
LIST_OF(samples, sample);

SECTION(telemetry, { "url", &url, false, "where the service shows what it received" }, { "ca", &shape_text, false, NULL },
		   { "token", &shape_text, false, NULL }, { "fields", &shape_texts, false, "every field; anything else is undeclared" },
		   { "known", &shape_text, false, "one of them that is sent for certain" }, { "window", &shape_time, false, "how long to look" });
SECTION(policy, { "url", &url, false, "the disclosure policy" }, { "security_txt", &url, false, NULL }, { "ca", &shape_text, false, NULL });

const struct shape_key bench_field_keys[] = {
	{ "dut", &dut, false, "where the device is" },
	{ "secrets", &secrets, false, "name: value, or random: drawn anew for each run" },
	{ "function", &function, false, "what the product is for, as procedures" },
	{ "console", &console, false, "what its serial console says" },
	{ "boot", &boot, false, NULL }, { "power", &power, false, NULL },
	{ "auth", &auth, false, "where and how somebody logs in" },
	{ "reset", &reset, false, NULL }, { "erase", &erase, false, NULL },
	{ "policy", &policy, false, "what the maker publishes" },
	{ "update", &update, false, "how the bench offers and reads an update" },
	{ "interface", &interface, false, "what is open" }, { "egress", &egress, false, "what is contacted" },
	{ "shell", &shell, false, "a shell that the maker opens for the laboratory" },
	{ "ssh", &ssh_servers, false, "its SSH servers" },
	{ "tamper", &tamper, false, "what may be altered, and what then happens" },
	{ "canary", &canary, false, "fields a marker is put in" },
	{ "outage", &outage, false, "declared resilience" }, { "sensor", &sensor, false, NULL }, { "consent", &consent, false, NULL },
	{ "inputs", &inputs, false, "numbers the device takes" }, { "fuzz", &samples, false, "good requests that malformed ones are made of" },
	{ "telemetry", &telemetry, false, "what is reported to the service" },
	{ 0 }
};
