/* SPDX-License-Identifier: Apache-2.0
 *
 * hostapd.h - what the access point is told (a configuration file) and what it says (its control interface).
 *
 * The network name is written in hexadecimal, so every name of 1 to 32 bytes can be had; a passphrase is 8 to 63 printable
 * ASCII characters (IEEE 802.11-2020, J.4.1), for WPA2 and WPA3 alike.
 * Source  hostapd.conf, wpa_ctrl.h and hostapd/ctrl_iface.c of hostapd 2.10. */
#ifndef PROBES_NET_HOSTAPD_H
#define PROBES_NET_HOSTAPD_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/span.h"

#define HOSTAPD_TEXT 2048

enum ap_security { AP_OPEN, AP_WPA2, AP_WPA3 };
struct ap {                             /* borrowed */
	const char *interface, *ssid, *psk;     /* psk: not for AP_OPEN */
	const char *control;            /* folder of the control socket */
	const char *country;            /* two letters; NULL = the kernel's world domain */
	enum ap_security security;
	int channel;                    /* 1..14: 2.4 GHz, 36..177: 5 GHz */
};

/* ERR_CONF when a value has a form that hostapd would read as something else. */
bool hostapd_config(const struct ap *ap, char text[static HOSTAPD_TEXT], struct err *err) MUST_CHECK;

struct ap_event { char word[40]; char station[18]; };   /* "AP-STA-CONNECTED", "02:00:00:00:01:00"; station may be "" */
/* An event "<3>AP-STA-CONNECTED 02:00:00:00:01:00 ..."; false = a reply, or nothing of that form. */
bool hostapd_event(struct span message, struct ap_event *ret);
#endif
