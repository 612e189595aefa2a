// SPDX-License-Identifier: Apache-2.0
#include "probes/net/hostapd.h"

#include <stdio.h>
#include <string.h>

static bool is_name(const char *s, size_t most)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

	return n && n <= most && !s[n];
}

static bool is_passphrase(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (s[i] < 32 || s[i] > 126)
			return false;
	return n >= 8 && n <= 63;
}

static bool check(const struct ap *ap, struct err *err)
{
	size_t n = strlen(ap->ssid);

	if (!is_name(ap->interface, 15))
		return err_set(err, ERR_CONF, "'%.40s' is no interface name", ap->interface);
	if (n < 1 || n > 32)
		return err_set(err, ERR_CONF, "ssid: 1 to 32 bytes, not %zu", n);
	if (!(ap->channel >= 1 && ap->channel <= 14) && !(ap->channel >= 36 && ap->channel <= 177))
		return err_set(err, ERR_CONF, "channel %d: 1 to 14, or 36 to 177", ap->channel);
	if (ap->country && (strlen(ap->country) != 2 || strspn(ap->country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2))
		return err_set(err, ERR_CONF, "country: two capital letters, such as GB");
	if (ap->security != AP_OPEN && (!ap->psk || !is_passphrase(ap->psk)))
		return err_set(err, ERR_CONF, "psk: 8 to 63 printable ASCII characters");        /* and it is not repeated here */
	return !strpbrk(ap->control, "\n\r") || err_set(err, ERR_CONF, "the folder's name cannot stand in hostapd's configuration");
}

bool hostapd_config(const struct ap *ap, char text[static HOSTAPD_TEXT], struct err *err)
{
	char hex[65] = "", keys[400] = "", country[64] = "";
	int n;

	if (!check(ap, err))
		return false;
	for (size_t i = 0; ap->ssid[i]; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)ap->ssid[i]);
	if (ap->country)
		snprintf(country, sizeof(country), "country_code=%s\nieee80211d=1\n", ap->country);
	if (ap->security != AP_OPEN)
		snprintf(keys, sizeof(keys), "wpa=2\nrsn_pairwise=CCMP\nwpa_key_mgmt=%s\nieee80211w=%d\nwpa_passphrase=%s\n",
			 ap->security == AP_WPA3 ? "SAE" : "WPA-PSK", ap->security == AP_WPA3 ? 2 : 0, ap->psk);
	n = snprintf(text, HOSTAPD_TEXT, "interface=%s\ndriver=nl80211\nctrl_interface=%s\nssid2=%s\n%shw_mode=%s\nchannel=%d\nauth_algs=1\n%s",
		     ap->interface, ap->control, hex, country, ap->channel > 14 ? "a" : "g", ap->channel, keys);
	return n < HOSTAPD_TEXT || err_set(err, ERR_LIMIT, "hostapd: configuration too long");
}

/* The next word, of these characters only. */
static bool take_word(struct span *s, const char *of, char *ret, size_t room)
{
	size_t n = 0;

	while (n < s->n && s->p[n] && strchr(of, s->p[n]))
		n++;
	if (!n || n >= room || (n < s->n && s->p[n] != ' ' && s->p[n] != '\n'))
		return false;
	memcpy(ret, s->p, n);
	ret[n] = '\0';
	s->p += n;
	s->n -= n;
	return true;
}

static bool is_station(const char *s)
{
	for (int i = 0; i < 17; i++)
		if ((i % 3 == 2) != (s[i] == ':'))
			return false;
	return strlen(s) == 17;
}

bool hostapd_event(struct span message, struct ap_event *ret)
{
	uint64_t c;

	*ret = (struct ap_event){ "", "" };
	if (!take_be(&message, 1, &c) || c != '<' || !take_be(&message, 1, &c) || c < '0' || c > '9' || !take_be(&message, 1, &c) || c != '>' ||
	    !take_word(&message, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", ret->word, sizeof(ret->word)))
		return false;
	if (take_be(&message, 1, &c) && c == ' ' &&
	    (!take_word(&message, "0123456789abcdef:", ret->station, sizeof(ret->station)) || !is_station(ret->station)))
		ret->station[0] = '\0';
	return true;
}
