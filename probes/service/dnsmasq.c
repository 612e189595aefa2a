// SPDX-License-Identifier: Apache-2.0
#include "probes/service/dnsmasq.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"

static bool name_ok(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

	return n && n < 254 && !name[n];
}

static bool address_ok(const char *text)
{
	uint8_t raw[16];

	return inet_pton(AF_INET, text, raw) == 1 || inet_pton(AF_INET6, text, raw) == 1;
}

static bool path_ok(const char *path)
{
	return !path[strcspn(path, "\n\r\"#,")];
}

static bool check(const struct lan *lan, const json_t *hosts, struct err *err)
{
	const char *const address[] = { lan->first, lan->last, lan->router, lan->prefix };
	const char *name;
	json_t *v;

	if (!name_ok(lan->interface))
		return err_set(err, ERR_CONF, "'%s' is no interface name", lan->interface);
	for (size_t i = 0; i < 4; i++)
		if (address[i] && !address_ok(address[i]))
			return err_set(err, ERR_CONF, "'%s' is no address", address[i]);
	if (!path_ok(lan->leases))
		return err_set(err, ERR_CONF, "'%s' cannot be the lease file", lan->leases);
	json_object_foreach((json_t *)(uintptr_t)hosts, name, v)
		if (!name_ok(name) || !json_is_string(v) || !address_ok(json_string_value(v)))
			return err_set(err, ERR_CONF, "hosts: %s: write NAME: ADDRESS", name);
	return true;
}

bool dnsmasq_config(const struct lan *lan, const json_t *hosts, char **ret, struct err *err)
{
	char *text = NULL;
	size_t n;
	const char *name;
	json_t *v;
	FILE *f;

	if (!check(lan, hosts, err))
		return false;
	f = open_memstream(&text, &n);
	if (!f)
		return err_sys(err, "dnsmasq: configuration");
	fprintf(f, "interface=%s\nexcept-interface=lo\nbind-dynamic\nuser=root\n", lan->interface);
	fprintf(f, "no-resolv\nno-hosts\nno-poll\nlocal=/#/\nlocal-ttl=1\nlog-queries=extra\nlog-dhcp\n");
	fprintf(f, "dhcp-authoritative\nno-ping\ndhcp-leasefile=%s\n", lan->leases);
	fprintf(f, "dhcp-range=%s,%s,%lld\n", lan->first, lan->last, (long long)(lan->lease_ns / SEC(1)));
	fprintf(f, "dhcp-option=option:router,%s\ndhcp-option=option:dns-server,%s\n", lan->router, lan->router);
	if (lan->prefix)
		fprintf(f, "enable-ra\ndhcp-range=%s,ra-only,64,%lld\n", lan->prefix, (long long)(lan->lease_ns / SEC(1)));
	json_object_foreach((json_t *)(uintptr_t)hosts, name, v)
		fprintf(f, "host-record=%s,%s\n", name, json_string_value(v));
	if (fclose(f)) {
		free(text);
		return err_set(err, ERR_OS, "out of memory");
	}
	*ret = text;
	return true;
}
