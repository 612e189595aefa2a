// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/wire_log.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"

static const char *const kind_name[] = { [WIRE_IN] = "in", [WIRE_OUT] = "out", [WIRE_EVENT] = "e" };

bool wire_log_create(const char *path, struct wire_log_writer *ret, struct err *err)
{
	ret->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return ret->fd >= 0 || err_sys(err, "%s", path);
}

bool wire_log_level(struct wire_log_writer *w, int64_t t_ns, enum wire_kind kind, const char *pin, int64_t value,
		    struct err *err)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%" PRId64 " %s %.31s %" PRId64 "\n", t_ns, kind_name[kind], pin, value);

	return fs_write_all(w->fd, line, (size_t)n, err);
}

bool wire_log_power(struct wire_log_writer *w, int64_t t_ns, bool powered, struct err *err)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%" PRId64 " e - %s\n", t_ns, powered ? "powered" : "unpowered");

	return fs_write_all(w->fd, line, (size_t)n, err);
}

bool wire_name_ok(const char *pin)
{
	size_t n = strlen(pin);

	if (!n || n >= WIRE_PIN)
		return false;
	while (*pin && (isalnum((unsigned char)*pin) || *pin == '_' || *pin == '.'))
		pin++;
	return !*pin;
}

static bool parse(struct span line, struct wire_entry *e)
{
	char text[128], kind[8], value[24];

	if (line.n >= sizeof(text))
		return false;
	memcpy(text, line.p, line.n);
	text[line.n] = '\0';
	if (sscanf(text, "%" SCNd64 " %7s %31s %23s", &e->t_ns, kind, e->pin, value) != 4)
		return false;
	for (e->kind = WIRE_IN; e->kind < WIRE_EVENT && strcmp(kind, kind_name[e->kind]); e->kind++)
		;
	if (e->kind == WIRE_EVENT) {
		e->powered = !strcmp(value, "powered");
		return !strcmp(kind, "e") && (e->powered || !strcmp(value, "unpowered"));
	}
	return sscanf(value, "%" SCNd64, &e->value) == 1;
}

bool wire_log_next(struct tail *t, struct wire_entry *ret, struct err *err)
{
	struct wire_entry e = { .off = t->off };
	struct span line;
	bool got = true;

	while (!tail_line(t, &line)) {
		if (!got || !tail_more(t, &got, err))
			return false;
		e.off = t->off;
	}
	e.len = (int64_t)line.n;
	if (!parse(line, &e))
		return err_set(err, ERR_BENCH, "malformed line in a wire log");
	*ret = e;
	return true;
}
