/* SPDX-License-Identifier: Apache-2.0
 *
 * The page for people as a document of A4 pages: the HTML report, printed by Chromium without a window.
 *
 * The browser gets a folder of its own, which is removed, no network (as root a namespace without one, else a resolver that
 * finds nothing; the page asks for none either), and its sandbox unless it runs as root, where it has none to give. The
 * document is not tagged, for that makes it four times as large: who reads by ear has the page itself. Its dates are set to the end of the run: the same folder gives the same bytes from the same browser with the same fonts. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/spawn.h"
#include "harness/report.h"
#include "reports/read/read.h"

#define WAIT_S 300              /* a page of a thousand tests takes some twenty */
#define PDF_MAX ((size_t)256 << 20)
#define LOG_MAX ((size_t)1 << 20)

extern const struct report report_html;

struct job { char dir[64], page[FS_PATH], pdf[FS_PATH], log[FS_PATH]; };

/* The first of the names that PATH leads to; NULL when there is none. */
static const char *browser(void)
{
	static const char *const names[] = { "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", NULL };
	const char *path = getenv("PATH");

	for (const char *const *n = names; path && *n; n++)
		for (const char *p = path, *end; *p; p = *end ? end + 1 : end) {
			char file[FS_PATH];

			end = strchrnul(p, ':');
			snprintf(file, sizeof(file), "%.*s/%s", (int)(end - p), p, *n);
			if (end > p && (size_t)(end - p) < sizeof(file) - 32 && access(file, X_OK) == 0)
				return *n;
		}
	return NULL;
}

/* In the child: nothing of the user's settings, no way out. */
static bool alone(void *data, struct err *err)
{
	const struct job *j = data;

	(void)err;
	setenv("HOME", j->dir, 1);
	setenv("XDG_CONFIG_HOME", j->dir, 1);
	setenv("XDG_CACHE_HOME", j->dir, 1);
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("DISPLAY");
	unsetenv("WAYLAND_DISPLAY");
	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	if (geteuid() == 0)
		(void)!unshare(CLONE_NEWNET);
	return true;
}

static bool await(struct spawn *s, struct err *err)
{
	struct pollfd p = { .fd = s->pidfd, .events = POLLIN };
	int n;

	while ((n = poll(&p, 1, WAIT_S * 1000)) < 0 && errno == EINTR)
		;
	return n > 0 || err_set(err, ERR_OS, "pdf: the browser did not finish within %d s", WAIT_S);
}

static bool print_page(const struct job *j, const char *name, struct err *err)
{
	char profile[FS_PATH], out[FS_PATH + 16], url[FS_PATH + 16], how[64];
	const char *argv[] = { name, "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-default-apps", "--no-pings", "--disable-dev-shm-usage", "--disable-breakpad",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer", "--disable-pdf-tagging", profile, out, url, geteuid() == 0 ? "--no-sandbox" : NULL, NULL };
	struct spawn_options o = { .enter = alone, .data = (void *)(uintptr_t)j };
	struct spawn s = { 0, -1 };
	int log = open(j->log, O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL, 0600);
	bool ok;

	if (log < 0)
		return err_sys(err, "%s", j->log);
	snprintf(profile, sizeof(profile), "--user-data-dir=%s/profile", j->dir);
	snprintf(out, sizeof(out), "--print-to-pdf=%s", j->pdf);
	snprintf(url, sizeof(url), "file://%s", j->page);
	ok = spawn_start((char *const *)(uintptr_t)argv, log, &o, &s, err);
	close(log);
	if (!ok)
		return false;
	ok = await(&s, err);
	spawn_how(&s, how, sizeof(how));
	if (!ok)
		spawn_stop(&s, INT64_C(1000000000));
	else if (spawn_reap(&s) != 0)
		return err_set(err, ERR_OS, "pdf: %s %s", name, how);
	return ok;
}

/* What the browser said last, for whoever must find out why there is no document. */
static bool explain(const struct job *j, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct err none = { 0 };
	size_t n = 0;

	if (!fs_read(j->log, LOG_MAX, &text, &n, &none) || !n)
		return err_set(err, ERR_OS, "pdf: the browser wrote no document");
	while (n && text[n - 1] == '\n')
		text[--n] = '\0';
	return err_set(err, ERR_OS, "pdf: the browser wrote no document; it said: %.200s", strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text);
}

/* "2026-11-27T01:56:43Z" as 14 digits. */
static void digits_of(const json_t *run, char ret[static 15])
{
	const char *s = get_text(run, "ended");
	size_t n = 0;

	for (; *s && n < 14; s++)
		if (*s >= '0' && *s <= '9')
			ret[n++] = *s;
	if (n < 14)
		memcpy(ret, "20000101000000", 14);
	ret[14] = '\0';
}

/* "/CreationDate (D:20261127021742+00'00')": the digits only, so that no offset in the file moves. */
static void set_dates(char *pdf, size_t n, const json_t *run)
{
	static const char *const key[] = { "/CreationDate (D:", "/ModDate (D:" };
	char digits[15];

	digits_of(run, digits);
	for (size_t k = 0; k < sizeof(key) / sizeof(key[0]); k++) {
		char *p = pdf, *end = pdf + n;

		while ((p = memmem(p, (size_t)(end - p), key[k], strlen(key[k])))) {
			p += strlen(key[k]);
			if (end - p >= 14 && strspn(p, "0123456789") >= 14)
				memcpy(p, digits, 14);
		}
	}
}

static bool write_page(const struct job *j, const struct result *r, struct err *err)
{
	FILE *f = fopen(j->page, "wxe");
	bool ok;

	if (!f)
		return err_sys(err, "%s", j->page);
	ok = report_html.write(r, f, err);
	return (fclose(f) == 0 || err_sys(err, "%s", j->page)) && ok;
}

static bool make(const struct job *j, const char *name, const struct result *r, FILE *out, struct err *err)
{
	CLEANUP(free_ptr) char *pdf = NULL;
	struct err none = { 0 };
	size_t n = 0;

	if (!write_page(j, r, err) || !print_page(j, name, err))
		return false;
	if (!fs_read(j->pdf, PDF_MAX, &pdf, &n, &none) || n < 5 || memcmp(pdf, "%PDF-", 5) != 0)
		return explain(j, err);
	set_dates(pdf, n, json_object_get(r->verdicts, "run"));
	return fwrite(pdf, 1, n, out) == n || err_sys(err, "report.pdf");
}

static bool write_pdf(const struct result *r, FILE *out, struct err *err)
{
	struct job j = { .dir = "/tmp/jusan-pdf-XXXXXX" };
	const char *name = browser();
	struct err none = { 0 };
	bool ok;

	if (!name)
		return err_set(err, ERR_CONF, "pdf: needs Chromium, and PATH leads to none (Debian: apt-get install chromium)");
	if (!mkdtemp(j.dir))
		return err_sys(err, "%s", j.dir);
	ok = fs_join(j.page, j.dir, "report.html", err) && fs_join(j.pdf, j.dir, "report.pdf", err) && fs_join(j.log, j.dir, "log", err) &&
	     make(&j, name, r, out, err);
	if (!fs_remove(j.dir, &none) && ok)
		return err_set(err, ERR_OS, "pdf: %s", none.text);
	return ok;
}

const struct report report_pdf = {
	.name = "pdf",
	.file = "report.pdf",
	.doc = "the same page as an A4 document, through Chromium; only when asked for",
	.on_request = true,
	.write = write_pdf,
};
