// SPDX-License-Identifier: Apache-2.0
#include "harness/base/escape.h"

#include <string.h>

#include "harness/base/test.h"

static const struct { const char *in, *terminal, *xml; } row[] = {
	{ "", "", "" },
	{ "plain", "plain", "plain" },
	{ "\x1b[31mred\x1b]0;x\x07", "\\x1b[31mred\\x1b]0;x\\x07", "\\x1b[31mred\\x1b]0;x\\x07" },
	{ "a\r\n\tb", "a\\r\\n\\tb", "a\\r\\n\\tb" },
	{ "<a href=\"x\">&'", "<a href=\"x\">&'", "&#60;a href=&#34;x&#34;&#62;&#38;&#39;" },
	{ "\xe5\x8d\x81\xe4\xb8\x89", "\xe5\x8d\x81\xe4\xb8\x89", "\xe5\x8d\x81\xe4\xb8\x89" },
	{ "\xe2\x80\xaetxt", "\\u{202e}txt", "\\u{202e}txt" },
	{ "\xc2\x9b" "1m", "\\u{9b}1m", "\\u{9b}1m" },
	{ "\x9b\xff\xc3", "\\x9b\\xff\\xc3", "\\x9b\\xff\\xc3" },
	{ "\xc0\x80\xed\xa0\x80", "\\xc0\\x80\\xed\\xa0\\x80", "\\xc0\\x80\\xed\\xa0\\x80" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "\xef\xbf\xbe]]>", "\\u{fffe}]]>", "\\u{fffe}]]&#62;" },
};

START_TEST(escapes)
{
	void (*const f[])(FILE *, const char *) = { escape_terminal, escape_xml };
	const char *const want[] = { row[_i].terminal, row[_i].xml };

	for (int i = 0; i < 2; i++) {
		char *got = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&got, &n);

		f[i](out, row[_i].in);
		fclose(out);
		ck_assert_str_eq(got, want[i]);
		free(got);
	}
}
END_TEST

TEST_MAIN({ "escapes", escapes, ROWS(row) })
