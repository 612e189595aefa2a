# SPDX-License-Identifier: Apache-2.0
# Who may include whom. Run over all .c and .h files of harness/, probes/ and reports/ (`make lint`).
#   harness/base                      itself
#   harness/proto                     base, itself
#   harness/{probe,report,result}.h   base
#   harness (engine)                  harness; never a probe or a report
#   probes/X                          base, proto, probe.h, result.h, itself; never another probe
#   reports                           base, proto, report.h, result.h, version.h, reports/read, itself
#   harness/main.c, cmd_*.c           anything
# Tests and fuzzers of probes and reports may also use the engine: they stand in for it, and the table of hostile words. x_usb_test.c: and the mocked USB.
FNR == 1 {
	test = FILENAME ~ /_(test|fuzz|bench)\.c$/
	own = FILENAME
	sub(/\/[^\/]*$/, "/", own)
	if (FILENAME ~ /^harness\/(main|cmd_[a-z]+)\.c$/) allow = "."
	else if (own == "harness/base/") allow = "^harness/base/"
	else if (own == "harness/proto/") allow = "^harness/(base|proto)/"
	else if (FILENAME ~ /^harness\/(probe|report|result)\.h$/) allow = "^harness/(base/|result\\.h$)"
	else if (own == "harness/") allow = "^(harness/|tables\\.h$)"
	else if (own ~ /^probes\//) allow = "^(harness/(base|proto)/|harness/(probe|result)\\.h$|tables\\.h$|" own ")"
	else allow = "^(harness/(base|proto)/|harness/(report|result|version)\\.h$|reports/read/|" own ")"
	if (test && own ~ /^(probes|reports)\//) allow = allow "|^harness/|^fixtures/hostile/table\\.h$"
	if (FILENAME ~ /_usb_test\.c$/) allow = allow "|^fixtures/usb/"
}
/^#[ \t]*include[ \t]+"/ {
	split($0, part, "\"")
	if (part[2] !~ allow) {
		printf "%s:%d:1: a file of %s may not include %s\n", FILENAME, FNR, own, part[2]
		bad = 1
	}
}
END { exit bad }
