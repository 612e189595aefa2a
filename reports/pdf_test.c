/* SPDX-License-Identifier: Apache-2.0
 *
 * The document without a browser: stand-ins called "chromium" in a PATH of their own say what jusan asks of it, write a document
 * or fail. What a real one makes of the page is seen by fixtures/html (make pages). */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/report.h"

extern const struct report report_pdf;

static char folder[] = "/tmp/jusan-pdf-test-XXXXXX";

/* A program `chromium` that does `body`; $pdf is where the document belongs. */
static void stand_in(const char *body)
{
	char path[128], text[1024];
	struct err err = { 0 };

	snprintf(folder, sizeof(folder), "/tmp/jusan-pdf-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	if (body) {
		snprintf(path, sizeof(path), "%s/chromium", folder);
		snprintf(text, sizeof(text), "#!/bin/sh\nPATH=/usr/bin:/bin\nfor a; do case $a in --print-to-pdf=*) pdf=${a#*=} ;; file://*) page=${a#file://} ;; esac; done\n%s\n", body);
		ck_assert_msg(fs_write(path, text, strlen(text), &err), "%s", err.text);
		ck_assert_int_eq(chmod(path, 0700), 0);
	}
	setenv("PATH", folder, 1);
}

static bool made(const char *run, char **ret, size_t *ret_n, struct err *err)
{
	CLEANUP(free_json) json_t *v = json_loads(run, 0, NULL);
	struct result r = { "fixtures/golden/run", v };
	FILE *out = open_memstream(ret, ret_n);
	bool ok;

	ck_assert_ptr_nonnull(v);
	ok = report_pdf.write(&r, out, err);
	fclose(out);
	return ok;
}

#define DATES "'%%PDF-1.4 /CreationDate (D:20991231235959+00'\"'00')\"' /ModDate (D:20991231235959+00'\"'00')\"' /ModDate (D:2'"
static const struct { const char *body, *run, *pdf, *error; } row[] = {
	{ "grep -q '<!DOCTYPE html>' $page || exit 9; printf " DATES " > $pdf", "{\"run\":{\"ended\":\"2026-11-27T01:56:43Z\"}}",
	  "%PDF-1.4 /CreationDate (D:20261127015643+00'00') /ModDate (D:20261127015643+00'00') /ModDate (D:2", NULL },
	{ "printf " DATES " > $pdf", "{\"run\":{\"ended\":\"<b>\"}}",
	  "%PDF-1.4 /CreationDate (D:20000101000000+00'00') /ModDate (D:20000101000000+00'00') /ModDate (D:2", NULL },
	{ "echo one; echo no font at all; exit 0", "{}", NULL, "no font at all" },
	{ "echo hello > $pdf", "{}", NULL, "wrote no document" },
	{ "exit 3", "{}", NULL, "exited with status 3" },
	{ "kill -9 $$", "{}", NULL, "killed by signal 9" },
	{ "[ \"$HOME\" = \"${pdf%/*}\" ] && [ -z \"$DISPLAY\" ] || exit 8; printf '%%PDF-' > $pdf", "{}", "%PDF-", NULL },
	{ NULL, "{}", NULL, "apt-get install chromium" },
};

START_TEST(document)
{
	struct err err = { 0 };
	char *pdf = NULL, *path = strdup(getenv("PATH"));
	size_t n = 0;
	bool ok;

	stand_in(row[_i].body);
	ok = made(row[_i].run, &pdf, &n, &err);
	setenv("PATH", path, 1);
	ck_assert_msg(ok == !row[_i].error, "%s", err.text);
	if (ok)
		ck_assert_str_eq(pdf, row[_i].pdf);
	else
		ck_assert_msg(strstr(err.text, row[_i].error) != NULL, "%s", err.text);
	err = (struct err){ 0 };
	ck_assert(fs_remove(folder, &err));
	free(pdf);
	free(path);
}
END_TEST

START_TEST(only_on_request)
{
	ck_assert(report_pdf.on_request && report_pdf.file);
}
END_TEST

TEST_MAIN({ "document", document, ROWS(row) }, { "only on request", only_on_request, 1 })
