// SPDX-License-Identifier: Apache-2.0
#include "probes/power/qemu_args.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probes/power/supply.h"

struct words { struct machine_spec *spec; size_t n; bool full; };

static void add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct words *w, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	w->full |= vsnprintf(text, sizeof(text), fmt, ap) >= (int)sizeof(text) || w->n + 1 >= MACHINE_ARGS;
	va_end(ap);
	if (w->full)
		return;
	w->spec->argv[w->n++] = arena_printf(&supply_arena, "%s", text);
}

static void add_if(const struct line *l, struct words *w, const char *option, const char *param)
{
	if (line_has(l, param)) {
		add(w, "%s", option);
		add(w, "%s", line_text(l, param));
	}
}

/* In QEMU's lists of options a comma ends a value, two are one. */
static const char *value(const char *text)
{
	char *copy = arena_alloc(&supply_arena, 2 * strlen(text) + 1, 1), *to = copy;

	for (; *text; text++) {
		*to++ = *text;
		if (*text == ',')
			*to++ = ',';
	}
	return copy;
}

/* `console` is opened by QEMU itself, as a serial port: on descriptors 0 and 1 it would write "\r\n" for "\n", and its own
 * words would stand in the device's record. */
static void add_serial(const struct line *l, struct words *w)
{
	if (w->spec->console) {
		add(w, "-chardev");
		add(w, "serial,id=console,path=%s", value(w->spec->console));
		w->spec->console = NULL;
	}
	add(w, "-serial");
	add(w, "%s", line_has(l, "console") ? "chardev:console" : "null");
	if (w->spec->pins) {
		add(w, "-chardev");
		add(w, "socket,id=pins,fd=3");
		add(w, "-serial");
		add(w, "chardev:pins");
	}
}

static bool add_args(const struct line *l, struct words *w, struct err *err)
{
	const json_t *args = line_json(l, "args"), *arg;
	size_t i;

	json_array_foreach((json_t *)args, i, arg) {
		if (!json_is_string(arg))
			return err_set(err, ERR_CONF, "%s: args: item %zu is no text", line_name(l), i + 1);
		add(w, "%s", json_string_value(arg));
	}
	return !w->full || err_set(err, ERR_LIMIT, "%s: too long a command line", line_name(l));
}

bool qemu_args(const struct line *l, struct machine_spec *spec, struct err *err)
{
	const char *mac = line_has(l, "mac") ? line_text(l, "mac") : NULL;
	struct words words = { .spec = spec }, *w = &words;

	add(w, "%s", line_text(l, "program"));
	add(w, "-nodefaults");
	add(w, "-no-user-config");
	add(w, "-display");
	add(w, "none");
	add_if(l, w, "-machine", "machine");
	add_if(l, w, "-accel", "accel");
	add_if(l, w, "-m", "mem");
	add_if(l, w, "-kernel", "kernel");
	add_if(l, w, "-initrd", "initrd");
	add_if(l, w, "-append", "cmdline");
	add_serial(l, w);
	add(w, "-chardev");
	add(w, "socket,id=control,fd=4");
	add(w, "-mon");
	add(w, "chardev=control,mode=control");
	if (line_has(l, "drive")) {
		add(w, "-drive");
		add(w, "file=%s,format=%s,if=%s,cache=%s", value(line_text(l, "drive")), line_text(l, "format"), line_text(l, "bus"),
		    line_text(l, "cache"));
	}
	if (spec->interface) {
		add(w, "-netdev");
		add(w, "tap,id=lan,fd=5");
		add(w, "-device");
		add(w, "%s,netdev=lan%s%s", line_text(l, "card"), mac ? ",mac=" : "", mac ? mac : "");
	}
	return add_args(l, w, err);
}
