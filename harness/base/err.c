// SPDX-License-Identifier: Apache-2.0
#include "harness/base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool fill(struct err *err, enum err_kind kind, struct where at, const char *fmt, va_list ap)
{
	err->kind = kind;
	err->at = at;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	return false;
}

bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, kind, (struct where){ 0 }, fmt, ap);
	va_end(ap);
	return false;
}

bool err_at(struct err *err, struct where at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, ERR_CONF, at, fmt, ap);
	va_end(ap);
	return false;
}

bool err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	size_t n;
	va_list ap;

	va_start(ap, fmt);
	fill(err, ERR_OS, (struct where){ 0 }, fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(saved));
	return false;
}

bool err_in(struct err *err, const char *fmt, ...)
{
	char head[sizeof(err->text)], whole[2 * sizeof(err->text) + 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	snprintf(whole, sizeof(whole), "%s: %s", head, err->text);
	memcpy(err->text, whole, sizeof(err->text) - 1);
	err->text[sizeof(err->text) - 1] = '\0';
	return false;
}

int err_status(const struct err *err)
{
	static const int status[] = {
#define X(name, st, doc) [ERR_##name] = st,
		ERR_KINDS(X)
#undef X
	};

	return status[err->kind];
}

const char *err_line(const struct err *err, char *buf, unsigned long n)
{
	if (err->at.file)
		snprintf(buf, n, "%s:%u:%u: %s", err->at.file, err->at.line, err->at.col, err->text);
	else
		snprintf(buf, n, "%s", err->text);
	return buf;
}
