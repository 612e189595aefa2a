/* SPDX-License-Identifier: Apache-2.0
 *
 * The matrix on a web server nobody here wrote, configured well and in ways in which people have got it wrong. */
#include "harness/fake.h"

#include <sys/stat.h>

#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "probes/api/loopback.h"

#define ASK "(\"\" => (\"method\" => \"basic\", \"realm\" => \"r\", \"require\" => \"valid-user\"))"
static const struct { const char *name, *conf, *breach; } confs[] = {
	{ "sound", "auth.require = (\"/admin/\" => (\"method\" => \"basic\", \"realm\" => \"r\", \"require\" => \"valid-user\"))", NULL },
	{ "only in lower case", "server.force-lowercase-filenames = \"enable\"\n"
	  "$HTTP[\"url\"] =~ \"^/admin/\" { auth.require = " ASK " }", "page by nobody (other case throughout): shown" },
	{ "only for GET", "$HTTP[\"request-method\"] == \"GET\" { auth.require = " ASK " }", "page by nobody (POST): shown" },
	{ "not for style sheets", "$HTTP[\"querystring\"] !~ \"css$\" { auth.require = " ASK " }",
	  "page by nobody (named as a style sheet): shown" },
};
START_TEST(configured)
{
	const json_t *breaches;
	struct daemon d;
	char args[500];
	bool found = !confs[_i].breach;
	size_t i;
	json_t *b;

	if (!daemon_open(&d, "/usr/sbin/lighttpd"))
		return;
	mkdir(daemon_text(&d, "%s/admin", d.dir), 0700);
	daemon_put(&d, "admin/index.html", "<p>Uptime: 5 days\n");
	daemon_put(&d, "users", "admin:secret\n");
	daemon_put(&d, "conf", "server.modules = (\"mod_auth\", \"mod_authn_file\")\nserver.document-root = \"%s\"\nserver.port = %d\n"
		   "server.bind = \"127.0.0.1\"\nindex-file.names = (\"index.html\")\nmimetype.assign = (\".html\" => \"text/html\")\n"
		   "auth.backend = \"plain\"\nauth.backend.plain.userfile = \"%s/users\"\n%s\n", d.dir, d.port, d.dir, confs[_i].conf);
	daemon_run(&d, "/usr/sbin/lighttpd", "-D", "-f", "conf", NULL);
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(args, sizeof(args), "{\"api\":{\"accounts\":[{\"right\":\"admin\",\"user\":\"admin\",\"password\":\"secret\"}],\"endpoints\":["
		 "{\"name\":\"page\",\"url\":\"http://dut:%d/admin/index.html\",\"right\":\"admin\",\"shows\":\"Uptime\"}]}}", d.port);
	fake_step(&probe_api, "matrix", args);
	breaches = json_object_get(fake.facts, "breaches");
	json_array_foreach((json_t *)(uintptr_t)breaches, i, b)
		found |= !strcmp(json_string_value(b), confs[_i].breach ? confs[_i].breach : "");
	ck_assert_msg(found && (confs[_i].breach || !json_array_size(breaches)), "%s: %s", confs[_i].name, json_dumps(breaches, JSON_ENCODE_ANY));
	ck_assert_msg(!fake.incomplete[0], "%s: %s", confs[_i].name, fake.incomplete);
	fake_close();
	daemon_close(&d);
}
END_TEST

TEST_MAIN({ "configured", configured, ROWS(confs) })
