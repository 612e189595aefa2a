// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "probes/net/hostapd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char ssid[64] = "", psk[80] = "", text[HOSTAPD_TEXT];
	struct ap ap = { .interface = "wlan0", .ssid = ssid, .psk = psk, .control = "/tmp/c", .security = AP_WPA2, .channel = 6 };
	struct err err = { 0 };
	struct ap_event e;

	if (hostapd_event((struct span){ data, len }, &e) && (!e.word[0] || (e.station[0] && strlen(e.station) != 17)))
		__builtin_trap();
	memcpy(ssid, data, len < 63 ? len : 63);
	if (len > 63)
		memcpy(psk, data + 63, len - 63 < 79 ? len - 63 : 79);
	if (hostapd_config(&ap, text, &err)) {
		const char *key = strstr(text, "\nwpa_passphrase=");

		if (!key || strncmp(key + 16, psk, strlen(psk)) || strcmp(key + 16 + strlen(psk), "\n"))
			__builtin_trap();       /* a passphrase that goes on in another line */
	} else if (err.kind == ERR_NONE) {
		__builtin_trap();
	}
	return 0;
}
