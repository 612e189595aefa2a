// SPDX-License-Identifier: Apache-2.0
// The pins of a virtual board: a UNIX stream socket WORK/BOARD.sock that the machine is connected to while it has
// power. Both sides say "<pin> <value>\n". The levels we drive are kept, and told to each machine that comes; the
// end of the connection is the loss of power, where everything the device drove falls to 0.
//
// Commands   as pins.h, each answer with {powered}
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probes/wire/pins.h"

struct board {
	struct pins pins;
	int listener, machine;          /* machine -1 = unpowered */
	bool noted;
	char in[256];
	size_t in_n;
};

static bool add_pins(struct pins *p, const json_t *names, bool out, struct err *err)
{
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)names, i, v)
		if (!pins_add(p, json_string_value(v), out, err))
			return false;
	return true;
}

static bool initial(struct pins *p, const json_t *levels, struct err *err)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)levels, name, v) {
		struct pin *pin = pins_find(p, name);

		if (!pin || !pin->out || !json_is_integer(v))
			return err_set(err, ERR_CONF, "initial: '%s' is no output, or its level no whole number", name);
		pin->value = json_integer_value(v);
	}
	return true;
}

static bool listen_at(const struct line *l, int *ret_fd, struct err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int n = snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s.sock", line_work_dir(l), line_text(l, "board"));

	if (n >= (int)sizeof(a.sun_path))
		return err_set(err, ERR_LIMIT, "%s: socket path too long", line_name(l));
	*ret_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(a.sun_path);
	if (*ret_fd < 0 || bind(*ret_fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(*ret_fd, 4) < 0)
		return err_sys(err, "%s", a.sun_path);
	return true;
}

/* A device that does not read its pins loses edges, as with real ones: the newest level counts. */
static void tell(const struct board *b, const struct pin *pin, int64_t value)
{
	char line[WIRE_PIN + 24];
	int n = snprintf(line, sizeof(line), "%s %" PRId64 "\n", pin->name, value);

	if (b->machine >= 0)
		(void)!send(b->machine, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool drive(struct pins *p, const struct pin *pin, int64_t value, struct err *err)
{
	(void)err;
	tell((const struct board *)p, pin, value);
	return true;
}

static bool record_power(struct board *b, bool on, struct err *err)
{
	return b->pins.blind || wire_log_power(&b->pins.log, clock_ns(), on, err);
}

static bool pins_open(struct line *l, struct err *err)
{
	struct board *b = calloc(1, sizeof(*b));
	struct pins *p = &b->pins;

	if (!b)
		return err_set(err, ERR_LIMIT, "out of memory");
	*b = (struct board){ .pins = { .max = PINS_MAX, .drive = drive, .log.fd = -1 }, .listener = -1, .machine = -1 };
	line_set_priv(l, b);
	if (!add_pins(p, line_json(l, "inputs"), false, err) || !add_pins(p, line_json(l, "outputs"), true, err) ||
	    !initial(p, line_json(l, "initial"), err))
		return err_in(err, "%s", line_name(l));
	if (!pins_begin(l, p, err))
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (p->pin[i].out && !pins_record(p, &p->pin[i], clock_ns(), err))
			return false;
	return record_power(b, false, err) && listen_at(l, &b->listener, err) && line_watch(l, b->listener, POLLIN, err);
}

static bool unpowered(struct line *l, struct board *b, struct err *err)
{
	line_unwatch(l, b->machine);
	close(b->machine);
	b->machine = -1;
	b->in_n = 0;
	for (size_t i = 0; i < b->pins.n; i++) {
		struct pin *pin = &b->pins.pin[i];

		if (pin->out)
			continue;
		pin->value = 0;
		if (!pins_record(&b->pins, pin, clock_ns(), err))
			return false;
	}
	return record_power(b, false, err);
}

static bool powered(struct line *l, struct board *b, struct err *err)
{
	int fd = accept4(b->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return true;
	if (b->machine >= 0 && !unpowered(l, b, err))           /* the old one's end comes after the new one's beginning */
		return false;
	b->machine = fd;
	if (!record_power(b, true, err))
		return false;
	for (size_t i = 0; i < b->pins.n; i++)
		if (b->pins.pin[i].out)
			tell(b, &b->pins.pin[i], b->pins.pin[i].value);
	return line_watch(l, fd, POLLIN, err);
}

/* What the device says of its pins. Nonsense is noted once, and is nothing a pin could say. */
static bool take_line(struct line *l, struct board *b, char *text, struct err *err)
{
	char name[WIRE_PIN];
	struct pin *pin;
	int64_t value;
	int end = 0;

	if (text[0] && text[strlen(text) - 1] == '\r')
		text[strlen(text) - 1] = '\0';
	if (sscanf(text, "%31s %" SCNd64 "%n", name, &value, &end) != 2 || text[end] || !(pin = pins_find(&b->pins, name)) || pin->out) {
		if (!b->noted)
			line_note(l, "the board said something that is no level of an input");
		b->noted = true;
		return true;
	}
	pin->value = value;
	return pins_record(&b->pins, pin, clock_ns(), err);
}

static bool hear(struct line *l, struct board *b, struct err *err)
{
	ssize_t n = recv(b->machine, b->in + b->in_n, sizeof(b->in) - b->in_n, 0);
	char *eol;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return unpowered(l, b, err);
	b->in_n += (size_t)n;
	while ((eol = memchr(b->in, '\n', b->in_n))) {
		size_t len = (size_t)(eol - b->in);

		*eol = '\0';
		if (!take_line(l, b, b->in, err))
			return false;
		b->in_n -= len + 1;
		memmove(b->in, eol + 1, b->in_n);
	}
	if (b->in_n == sizeof(b->in))
		b->in_n = 0;            /* noise without an end of line */
	return true;
}

static bool pins_event(struct line *l, int fd, short revents, struct err *err)
{
	struct board *b = line_priv(l);

	(void)revents;
	if (fd < 0) {
		bool ok = pins_release(&b->pins, err);

		pins_timer(l, &b->pins);
		return ok;
	}
	if (fd == b->listener)
		return powered(l, b, err);
	return fd != b->machine || hear(l, b, err);
}

static bool board_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct board *b = line_priv(l);

	json_object_set_new(reply, "powered", json_boolean(b->machine >= 0));
	return pins_command(l, &b->pins, command, args, reply, err);
}

static void pins_close(struct line *l)
{
	struct board *b = line_priv(l);
	struct err err = { 0 };

	if (b->machine >= 0 && !unpowered(l, b, &err))
		line_note(l, "%s", err.text);
	if (b->listener >= 0)
		close(b->listener);
	pins_end(&b->pins);
	free(b);
}

static const struct param pins_params[] = {
	{ .name = "board", .type = VALUE_TEXT, .fallback = "board", .doc = "name of the socket that the power line connects" },
	{ .name = "inputs", .type = VALUE_SET, .doc = "pins that the device drives" },
	{ .name = "outputs", .type = VALUE_SET, .doc = "pins that the bench drives" },
	{ .name = "initial", .type = VALUE_MAP, .doc = "levels of outputs at the beginning, else 0" },
	{ 0 }
};

const struct line_driver drv_pins = {
	.name = "pins", .doc = "pins of a virtual board: digital levels and readings in whole numbers",
	.seen = "the virtual product, in every make check",
	.params = pins_params, .open = pins_open, .command = board_command, .event = pins_event, .close = pins_close,
};
