// SPDX-License-Identifier: Apache-2.0
// The pins of a virtual board: a UNIX stream socket WORK/BOARD.sock that the machine is connected to while it has
// power. Both sides say "<pin> <value>\n". The levels we drive are kept, and told to each machine that comes; the
// end of the connection is the loss of power, where everything the device drove falls to 0.
//
// Commands   set {pin, value}; press {pin, value, for_ns}: value now, what was before afterwards; get {pin}
//            -> {value, powered}
// Record     RUN/wire/NAME.log (wire_log.h)
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/wire_log.h"

#define PINS_MAX 32

struct pin { char name[WIRE_PIN]; bool out; int64_t value, back; int64_t until_ns; };  /* until_ns: end of a press */
struct pins {
	int listener, machine;          /* -1 = unpowered */
	struct wire_log_writer log;
	bool blind, noted;
	struct pin pin[PINS_MAX];
	size_t n;
	char in[256];
	size_t in_n;
};

static struct pin *find(struct pins *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->pin[i].name, name))
			return &p->pin[i];
	return NULL;
}

static bool add_pins(struct pins *p, const json_t *names, bool out, struct err *err)
{
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)names, i, v) {
		const char *name = json_string_value(v);

		if (!name || !wire_name_ok(name))
			return err_set(err, ERR_CONF, "'%s' is no pin name: letters, digits, '_' and '.'", name ? name : "");
		if (find(p, name) || p->n == PINS_MAX)
			return err_set(err, ERR_CONF, "pin '%s' is listed twice, or one of more than %d", name, PINS_MAX);
		strcpy(p->pin[p->n].name, name);
		p->pin[p->n++].out = out;
	}
	return true;
}

static bool initial(struct pins *p, const json_t *levels, struct err *err)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)levels, name, v) {
		struct pin *pin = find(p, name);

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

static bool level(struct pins *p, enum wire_kind kind, const char *name, int64_t value, struct err *err)
{
	return p->blind || wire_log_level(&p->log, clock_ns(), kind, name, value, err);
}

static bool pins_open(struct line *l, struct err *err)
{
	struct pins *p = calloc(1, sizeof(*p));
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	if (!p)
		return err_set(err, ERR_LIMIT, "out of memory");
	p->machine = -1;
	p->blind = line_blind(l);
	line_set_priv(l, p);
	if (!add_pins(p, line_json(l, "inputs"), false, err) || !add_pins(p, line_json(l, "outputs"), true, err) ||
	    !initial(p, line_json(l, "initial"), err))
		return err_in(err, "%s", line_name(l));
	snprintf(path, sizeof(path), "%s/wire", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/wire/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	if (!wire_log_create(path, &p->log, err))
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (p->pin[i].out && !level(p, WIRE_OUT, p->pin[i].name, p->pin[i].value, err))
			return false;
	return (p->blind || wire_log_power(&p->log, clock_ns(), false, err)) && listen_at(l, &p->listener, err) &&
	       line_watch(l, p->listener, POLLIN, err);
}

/* A device that does not read its pins loses edges, as with real ones: the newest level counts. */
static void tell(struct pins *p, const struct pin *pin)
{
	char line[WIRE_PIN + 24];
	int n = snprintf(line, sizeof(line), "%s %" PRId64 "\n", pin->name, pin->value);

	if (p->machine >= 0)
		(void)!send(p->machine, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool drive(struct pins *p, struct pin *pin, int64_t value, struct err *err)
{
	pin->value = value;
	tell(p, pin);
	return level(p, WIRE_OUT, pin->name, value, err);
}

static bool unpowered(struct line *l, struct pins *p, struct err *err)
{
	line_unwatch(l, p->machine);
	close(p->machine);
	p->machine = -1;
	p->in_n = 0;
	for (size_t i = 0; i < p->n; i++)
		if (!p->pin[i].out) {
			p->pin[i].value = 0;
			if (!level(p, WIRE_IN, p->pin[i].name, 0, err))
				return false;
		}
	return p->blind || wire_log_power(&p->log, clock_ns(), false, err);
}

static bool powered(struct line *l, struct pins *p, struct err *err)
{
	int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return true;
	if (p->machine >= 0 && !unpowered(l, p, err))           /* the old one's end comes after the new one's beginning */
		return false;
	p->machine = fd;
	if (!p->blind && !wire_log_power(&p->log, clock_ns(), true, err))
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (p->pin[i].out)
			tell(p, &p->pin[i]);
	return line_watch(l, fd, POLLIN, err);
}

/* What the device says of its pins. Nonsense is noted once, and is nothing a pin could say. */
static bool take_line(struct line *l, struct pins *p, char *text, struct err *err)
{
	char name[WIRE_PIN];
	struct pin *pin;
	int64_t value;
	int end = 0;

	if (text[0] && text[strlen(text) - 1] == '\r')
		text[strlen(text) - 1] = '\0';
	if (sscanf(text, "%31s %" SCNd64 "%n", name, &value, &end) != 2 || text[end] || !(pin = find(p, name)) || pin->out) {
		if (!p->noted)
			line_note(l, "the board said something that is no level of an input");
		p->noted = true;
		return true;
	}
	pin->value = value;
	return level(p, WIRE_IN, name, value, err);
}

static bool hear(struct line *l, struct pins *p, struct err *err)
{
	ssize_t n = recv(p->machine, p->in + p->in_n, sizeof(p->in) - p->in_n, 0);
	char *eol;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return unpowered(l, p, err);
	p->in_n += (size_t)n;
	while ((eol = memchr(p->in, '\n', p->in_n))) {
		size_t len = (size_t)(eol - p->in);

		*eol = '\0';
		if (!take_line(l, p, p->in, err))
			return false;
		p->in_n -= len + 1;
		memmove(p->in, eol + 1, p->in_n);
	}
	if (p->in_n == sizeof(p->in))
		p->in_n = 0;            /* noise without an end of line */
	return true;
}

static void next_timer(struct line *l, struct pins *p)
{
	int64_t at = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->pin[i].until_ns && (!at || p->pin[i].until_ns < at))
			at = p->pin[i].until_ns;
	line_timer(l, at);
}

static bool release_due(struct line *l, struct pins *p, struct err *err)
{
	int64_t now = clock_ns();

	for (size_t i = 0; i < p->n; i++)
		if (p->pin[i].until_ns && p->pin[i].until_ns <= now) {
			p->pin[i].until_ns = 0;
			if (!drive(p, &p->pin[i], p->pin[i].back, err))
				return false;
		}
	next_timer(l, p);
	return true;
}

static bool pins_event(struct line *l, int fd, short revents, struct err *err)
{
	struct pins *p = line_priv(l);

	(void)revents;
	if (fd < 0)
		return release_due(l, p, err);
	if (fd == p->listener)
		return powered(l, p, err);
	return fd != p->machine || hear(l, p, err);
}

static bool pins_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct pins *p = line_priv(l);
	const char *name = json_string_value(json_object_get(args, "pin"));
	struct pin *pin = name ? find(p, name) : NULL;
	int64_t value = json_integer_value(json_object_get(args, "value"));

	if (!pin)
		return err_set(err, ERR_BENCH, "%s has no pin '%s'", line_name(l), name ? name : "");
	json_object_set_new(reply, "powered", json_boolean(p->machine >= 0));
	if (!strcmp(command, "get"))
		return json_object_set_new(reply, "value", json_integer(pin->value)) == 0;
	if (!pin->out)
		return err_set(err, ERR_BENCH, "pin '%s' is driven by the device", name);
	json_object_set_new(reply, "t_ns", json_integer(clock_ns()));
	if (!strcmp(command, "set")) {
		pin->until_ns = 0;
		next_timer(l, p);
		return drive(p, pin, value, err);
	}
	if (!strcmp(command, "press")) {
		int64_t for_ns = json_integer_value(json_object_get(args, "for_ns"));

		if (!pin->until_ns)
			pin->back = pin->value;
		pin->until_ns = clock_ns() + for_ns;
		next_timer(l, p);
		return drive(p, pin, value, err);
	}
	return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
}

static void pins_close(struct line *l)
{
	struct pins *p = line_priv(l);
	struct err err = { 0 };

	if (p->machine >= 0 && !unpowered(l, p, &err))
		line_note(l, "%s", err.text);
	close(p->listener);
	close(p->log.fd);
	free(p);
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
	.params = pins_params, .open = pins_open, .command = pins_command, .event = pins_event, .close = pins_close,
};
