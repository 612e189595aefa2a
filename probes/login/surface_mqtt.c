/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_mqtt.c - one CONNECT, one CONNACK. Written out because only these few bytes are needed, and because a
 * broker's wrong ones must be seen, not repaired.
 * Source  MQTT 3.1.1 (OASIS) 3.1, 3.2: return code 0 accepted, 4 bad user name or password, 5 not authorised. */
#include <stdio.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/proto/wire.h"
#include "probes/login/surface.h"

static bool mqtt_load(struct surface *s, const json_t *row, struct err *err)
{
	(void)s, (void)row, (void)err;
	return true;
}

static void mqtt_close(struct surface *s) { (void)s; }

static size_t put_text(uint8_t *p, const char *text)
{
	size_t n = strlen(text);

	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
	memcpy(p + 2, text, n);
	return n + 2;
}

/* The packet in buf[600]; 0 when the texts are too long. */
static size_t connect_packet(const char *user, const char *secret, uint8_t *buf)
{
	static const uint8_t fixed[] = { 0, 4, 'M', 'Q', 'T', 'T', 4, 0xc2, 0, 30 };     /* user, password, clean session */
	size_t left = sizeof(fixed) + 2 + strlen("jusan") + 2 + strlen(user) + 2 + strlen(secret), n = 0;

	if (left > 590)
		return 0;
	buf[n++] = 0x10;
	buf[n++] = (uint8_t)(left < 128 ? left : (left & 127) | 128);
	if (left >= 128)
		buf[n++] = (uint8_t)(left >> 7);
	memcpy(buf + n, fixed, sizeof(fixed));
	n += sizeof(fixed);
	n += put_text(buf + n, "jusan");
	n += put_text(buf + n, user);
	n += put_text(buf + n, secret);
	return n;
}

/* A broker that just closes (3.1.4 allows it) gives no answer to compare. */
static bool read_connack(struct wire *w, struct answer *ret)
{
	uint8_t buf[4];
	size_t n = 0;

	while (n < sizeof(buf)) {
		ssize_t got = wire_take(w, buf + n, sizeof(buf) - n, SEC(5));

		if (got <= 0) {
			snprintf(ret->text, sizeof(ret->text), "%s", got ? "no CONNACK" : "closed without a CONNACK");
			return false;
		}
		n += (size_t)got;
	}
	if (buf[0] != 0x20 || buf[1] != 2) {
		snprintf(ret->text, sizeof(ret->text), "not an MQTT answer");
		return false;
	}
	ret->status = buf[3];
	return true;
}

static bool mqtt_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	uint8_t packet[600];
	size_t n = connect_packet(user, secret, packet);
	struct wire w = { .fd = -1 };

	if (!n)
		return err_set(err, ERR_LIMIT, "user and password are too long for MQTT");
	if (!wire_open(&w, s->to.address, s->port, s->tls, s->timeout_ns, err))
		return false;
	ret->closed = w.closed;
	snprintf(ret->text, sizeof(ret->text), "%.190s", w.why);
	if (w.fd >= 0 && wire_send(&w, packet, n) && read_connack(&w, ret)) {
		ret->reached = true;
		ret->says = ret->status == 0 ? SAYS_GRANTED : ret->status == 4 || ret->status == 5 ? SAYS_REFUSED : SAYS_NOTHING;
		ret->broken = ret->status == 3;
		ret->head = (uint64_t)ret->status;
		snprintf(ret->text, sizeof(ret->text), "return code %d", ret->status);
	}
	wire_done(&w);
	return true;
}

const struct surface_type surface_mqtt = { "mqtt", TARGET_PORT, mqtt_load, mqtt_attempt, mqtt_close, false };
