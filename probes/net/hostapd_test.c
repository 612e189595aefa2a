// SPDX-License-Identifier: Apache-2.0
// The access point: its configuration, its events; hostapd itself reads the former. Where two radios are (mac80211_hwsim in
// the guest of `make check-usb`), the driver is tried against wpa_supplicant:
//
//   JUSAN_WIFI=wlan0,wlan1 hostapd_test          as root; the first becomes the access point, the second the device
#include "harness/fake.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "probes/net/hostapd.h"

extern const struct probe probe_net;
extern const struct line_driver drv_hostapd;

static const struct { struct ap ap; const char *has, *why; } config_row[] = {
	{ { "wlan0", "home", NULL, "/c", NULL, AP_OPEN, 6 }, "\nssid2=686f6d65\n", "" },
	{ { "wlan0", "home", NULL, "/c", NULL, AP_OPEN, 6 }, "\nhw_mode=g\nchannel=6\n", "" },
	{ { "wlan0", "a\nwpa=0", "12345678", "/c", NULL, AP_WPA2, 36 }, "\nssid2=610a7770613d30\nhw_mode=a\nchannel=36\n", "" },
	{ { "wlan0", "home", "12345678", "/c", "GB", AP_WPA2, 1 }, "\nwpa_key_mgmt=WPA-PSK\nieee80211w=0\nwpa_passphrase=12345678\n", "" },
	{ { "wlan0", "home", "pass|mac=x", "/c", "GB", AP_WPA3, 1 }, "\nwpa_key_mgmt=SAE\nieee80211w=2\nwpa_passphrase=pass|mac=x\n", "" },
	{ { "wlan0", "home", "1234567", "/c", NULL, AP_WPA2, 1 }, NULL, "8 to 63" },
	{ { "wlan0", "home", "12345678\nwpa=0", "/c", NULL, AP_WPA2, 1 }, NULL, "8 to 63" },
	{ { "wlan0", "home", NULL, "/c", NULL, AP_WPA3, 1 }, NULL, "8 to 63" },
	{ { "wlan0", "", NULL, "/c", NULL, AP_OPEN, 1 }, NULL, "1 to 32 bytes" },
	{ { "wlan0", "123456789012345678901234567890123", NULL, "/c", NULL, AP_OPEN, 1 }, NULL, "1 to 32 bytes" },
	{ { "wlan0\n", "home", NULL, "/c", NULL, AP_OPEN, 1 }, NULL, "no interface name" },
	{ { "wlan0", "home", NULL, "/c", NULL, AP_OPEN, 20 }, NULL, "channel 20" },
	{ { "wlan0", "home", NULL, "/c", "gb", AP_OPEN, 1 }, NULL, "two capital letters" },
};

START_TEST(config)
{
	struct err err = { 0 };
	char text[HOSTAPD_TEXT];
	bool ok = hostapd_config(&config_row[_i].ap, text, &err);

	ck_assert_int_eq(ok, config_row[_i].has != NULL);
	if (ok)
		ck_assert_msg(strstr(text, config_row[_i].has) != NULL, "%s", text);
	else
		ck_assert_msg(strstr(err.text, config_row[_i].why) != NULL, "%s", err.text);
}
END_TEST

static const struct { const char *in; bool ok; const char *word, *station; } event_row[] = {
	{ "<3>AP-STA-CONNECTED 02:00:00:00:01:00 keyid=x", true, "AP-STA-CONNECTED", "02:00:00:00:01:00" },
	{ "<3>AP-ENABLED ", true, "AP-ENABLED", "" },
	{ "<3>AP-ENABLED", true, "AP-ENABLED", "" },
	{ "<3>AP-STA-DISCONNECTED 02:00:00:00:01", true, "AP-STA-DISCONNECTED", "" },
	{ "<3>AP-STA-CONNECTED 02:00:00:00:01:00:55", true, "AP-STA-CONNECTED", "" },
	{ "OK\n", false, "", "" }, { "<3>", false, "", "" }, { "<", false, "", "" }, { "", false, "", "" }, { "<3>lower case", false, "", "" },
	{ "<3>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false, "", "" },
};

START_TEST(events)
{
	struct ap_event e;

	ck_assert_int_eq(hostapd_event((struct span){ (const uint8_t *)event_row[_i].in, strlen(event_row[_i].in) }, &e), event_row[_i].ok);
	if (event_row[_i].ok) {
		ck_assert_str_eq(e.word, event_row[_i].word);
		ck_assert_str_eq(e.station, event_row[_i].station);
	}
}
END_TEST

static const char *params(const char *interface, const char *security)
{
	static char text[400];
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/psk", fake.work);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert(fd >= 0 && write(fd, "correct horse\n", 14) == 14);
	close(fd);
	snprintf(text, sizeof(text), "{\"interface\":\"%s\",\"ssid\":\"jusan \\\"13\\\"\",\"security\":\"%s\",\"psk\":{\"file\":\"%s\"}}", interface,
		 security, path);
	return text;
}

/* hostapd takes what we write and stops only at the interface, which is none of its kind. */
START_TEST(hostapd_reads_it)
{
	static const char *const kind[] = { "open", "wpa2", "wpa3" };
	struct err err = { 0 };
	char path[128], *said = NULL;
	size_t n;

	if (access("/usr/sbin/hostapd", X_OK)) {
		printf("%s: skipped: no hostapd here\n", __FILE__);
		return;
	}
	fake_bench("{}", true);
	ck_assert(!fake_try_open(&drv_hostapd, "net.wifi", params("lo", kind[_i]), &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, "hostapd ended at once") != NULL, "%s", err.text);
	snprintf(path, sizeof(path), "%s/evidence/net.wifi.log", fake.run);
	err = (struct err){ 0 };
	ck_assert_msg(fs_read(path, 65536, &said, &n, &err), "%s", err.text);
	ck_assert_msg(n && !strstr(said, "errors found in configuration") && !strstr(said, "Line ") && !strstr(said, "correct horse"), "%s", said);
	free(said);
	snprintf(path, sizeof(path), "%s/net.wifi.conf", fake.work);
	ck_assert_int_ne(access(path, F_OK), 0);        /* the passphrase does not stay */
	json_decref(fake.line[--fake.lines].params);
	fake_close();
}
END_TEST

/* A passphrase that is not there leaves no network behind, above all no open one. */
START_TEST(psk_missing)
{
	static const char *const psk[] = { "", ",\"psk\":{\"env\":\"JUSAN_NO_SUCH\"}", ",\"psk\":{\"file\":\"/nonexistent\"}" };
	struct err err = { 0 };
	char text[200];

	fake_bench("{}", false);
	snprintf(text, sizeof(text), "{\"interface\":\"lo\",\"ssid\":\"x\"%s}", psk[_i]);
	ck_assert(!fake_try_open(&drv_hostapd, "net.wifi", text, &err));
	ck_assert_ptr_null(strstr(err.text, "hostapd ended"));
	json_decref(fake.line[--fake.lines].params);
	fake_close();
}
END_TEST

/* ---- with radios ---- */

static pid_t supplicant(const char *interface, const char *security)
{
	char conf[128], text[512];
	int fd;
	pid_t pid;

	snprintf(conf, sizeof(conf), "%s/supplicant.conf", fake.work);
	snprintf(text, sizeof(text), "network={\nssid=\"jusan \"13\"\"\nscan_freq=2437\n%s}\n",
		 !strcmp(security, "open") ? "key_mgmt=NONE\n" :
		 !strcmp(security, "wpa3") ? "key_mgmt=SAE\nieee80211w=2\nsae_password=\"correct horse\"\n" :
					     "key_mgmt=WPA-PSK\npsk=\"correct horse\"\n");
	fd = open(conf, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("wpa_supplicant", "wpa_supplicant", "-Dnl80211", "-i", interface, "-c", conf, (char *)NULL);
	execl("/usr/sbin/wpa_supplicant", "wpa_supplicant", "-Dnl80211", "-i", interface, "-c", conf, (char *)NULL);
	_exit(127);
}

static int64_t ask(const char *key)
{
	struct line *l = fake_line("net.wifi");
	struct err err = { 0 };
	json_t *reply = json_object();
	int64_t v;

	ck_assert_msg(drv_hostapd.command(l, "get", NULL, reply, &err), "%s", err.text);
	v = json_integer_value(json_object_get(reply, key));
	json_decref(reply);
	return v;
}

static void await_station(bool in)
{
	for (int64_t until = clock_ns() + SEC(30); (ask("stations") > 0) != in && clock_ns() < until;)
		fake_settle(MS(50));
	ck_assert_msg((ask("stations") > 0) == in, "the station is %s after 30 s", in ? "not in" : "still in");
}

START_TEST(with_radios)
{
	static const char *const kind[] = { "open", "wpa2", "wpa3" };
	const char *radios = getenv("JUSAN_WIFI");
	char name[2][16] = { "", "" };
	pid_t pid;

	if (!radios || sscanf(radios, "%15[^,],%15s", name[0], name[1]) != 2) {
		printf("%s: skipped: JUSAN_WIFI names no two radios\n", __FILE__);
		return;
	}
	fake_bench("{}", false);
	fake_open(&drv_hostapd, "net.wifi", params(name[0], kind[_i]));
	pid = supplicant(name[1], kind[_i]);
	await_station(true);
	fake_step(&probe_net, "cut", "{\"line\":\"net.wifi\",\"how\":\"ap_down\",\"for\":3000000000}");
	ck_assert_msg(fake_is("confirmed"), "%s", fake_text("how"));
	await_station(true);
	if (_i) {
		fake_step(&probe_net, "cut", "{\"line\":\"net.wifi\",\"how\":\"wrong_psk\",\"for\":12000000000}");
		ck_assert_msg(fake_is("confirmed"), "%s", fake_text("how"));
		printf("%s: wrong passphrase: %s\n", kind[_i], fake_text("how"));
		await_station(true);
	}
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	await_station(false);
	fake_close();
}
END_TEST

TEST_MAIN({ "config", config, ROWS(config_row) }, { "events", events, ROWS(event_row) }, { "hostapd reads it", hostapd_reads_it, 3 },
	  { "psk missing", psk_missing, 3 }, { "with radios", with_radios, 3 })
