# SPDX-License-Identifier: Apache-2.0
# The only build file. Sources are found by name; `make help` lists what can be made.
V       ?= debug
B       := build/$(V)
LIBS    := yaml-0.1 jansson libarchive liblzma libzstd libcrypto libssl libpcap libcurl libssh libseccomp libnl-route-3.0 p11-kit-1 libserialport libusb-1.0 libftdi1 libgpiod netsnmp
CFLAGS.debug   := -O1
LDFLAGS.debug := -fuse-ld=gold
CFLAGS.release := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong
LDFLAGS.asan  := -fuse-ld=gold
CFLAGS.asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS.fuzz    := -O1 -fsanitize=address,undefined,fuzzer-no-link
WARN    := -Wall -Wextra -Wno-unknown-warning-option -Wno-format-truncation -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
CFLAGS  += -std=gnu11 -D_GNU_SOURCE -g $(WARN) -MMD -MP -I. -I$(B) $(CFLAGS.$(V)) $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
LDLIBS  += $(shell pkg-config --libs $(LIBS) 2>/dev/null)
CHECK   := $(shell pkg-config --libs check libmodbus libmicrohttpd 2>/dev/null)   # and the servers of tests
SRC     := $(sort $(wildcard harness/*.c harness/*/*.c probes/*/*.c reports/*.c reports/*/*.c))
TESTS   := $(filter %_test.c,$(SRC))
FUZZERS := $(filter %_fuzz.c,$(SRC))
BENCHES := $(filter %_bench.c,$(SRC))
LIBSRC  := $(filter-out %_test.c %_fuzz.c %_bench.c harness/main.c harness/cmd_%.c,$(SRC))
MAINSRC := $(wildcard harness/main.c harness/cmd_*.c)

ifndef VERBOSE
.SILENT:
endif
all: $(B)/jusan $(B)/jusan-net

$(B)/jusan: $(MAINSRC:%.c=$(B)/%.o) $(B)/libjusan.a
	echo "  LD    $@"
	$(CC) $(CFLAGS) $(LDFLAGS.$(V)) $^ $(LDLIBS) -o $@
$(B)/libjusan.a: $(LIBSRC:%.c=$(B)/%.o)
	@rm -f $@ && $(AR) rcs $@ $^
$(B)/%_test: $(B)/%_test.o $(B)/libjusan.a
	$(CC) $(CFLAGS) $(LDFLAGS.$(V)) $^ $(LDLIBS) $(CHECK) -o $@
$(B)/%_bench: $(B)/%_bench.o $(B)/libjusan.a
	$(CC) $(CFLAGS) $(LDFLAGS.$(V)) $^ $(LDLIBS) $(CHECK) -o $@
$(B)/%_fuzz: $(B)/%_fuzz.o $(B)/libjusan.a
	$(CC) $(CFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@
$(B)/%.o: %.c | $(B)/tables.h
	@mkdir -p $(@D)
	echo "  CC    $@"
	$(CC) $(CFLAGS) -c $< -o $@
$(B)/tables.h: FORCE    # rewritten only when a folder or file came or went
	@mkdir -p $(@D) && new=$@.$$$$ && sh harness/tables.sh > $$new && { cmp -s $@ $$new && rm $$new || mv $$new $@; }

# text as a C string of bytes, NUL at its end: $(call as_bytes,NAME OF THE ARRAY)
as_bytes = mkdir -p $(@D) && { echo 'static const unsigned char $(1)[] = {'; cat $^ | od -An -v -tx1 | sed 's/ \(..\)/0x\1,/g'; echo '0};'; } > $@
$(B)/reports/html/head.o: $(B)/reports/html/style.h $(B)/reports/html/script.h
$(B)/reports/html/style.h: reports/read/look.css reports/html/style.css
	@$(call as_bytes,html_style)
$(B)/reports/html/script.h: reports/html/page.js
	@$(call as_bytes,html_script)
$(B)/reports/document/head.o: $(B)/reports/document/style.h
$(B)/reports/document/style.h: reports/document/style.css
	@$(call as_bytes,document_style)
$(B)/reports/campaigns/page.o: $(B)/reports/campaigns/style.h $(B)/reports/campaigns/script.h
$(B)/reports/campaigns/style.h: reports/read/look.css reports/campaigns/style.css
	@$(call as_bytes,page_style)
$(B)/reports/campaigns/script.h: reports/campaigns/script.js
	@$(call as_bytes,page_script)

# the helper with CAP_NET_ADMIN: two files and the C library, so that it can be read whole
$(B)/jusan-net: probes/net/helper/jusan_net.c probes/net/ask.c probes/net/ask.h
	@mkdir -p $(@D)
	echo "  LD    $@"
	$(CC) $(filter-out -MMD -MP,$(CFLAGS)) $(filter %.c,$^) -o $@
$(B)/probes/net/bridge_test: | $(B)/jusan-net

-include $(wildcard fixtures/*/*.mk)

# public schemas to check exports against, where somebody has put them; the test says when it skips them
export JUSAN_SCHEMAS ?= $(abspath $(wildcard ../shared/schemas))
WAIT_LONG := $(addprefix $(B)/,probes/debug/break_in_test reports/oscal_test probes/tls/hostile_test)   # these begin first
unit: $(TESTS:%.c=$(B)/%)
	@sh fixtures/unit.sh $(B) $(WAIT_LONG) $(filter-out $(WAIT_LONG),$^)

lint: $(B)/jusan        # layers, descriptors, every YAML file, and that docs/verbs.md is what the descriptors say
	awk -f harness/layers.awk $(wildcard harness/*.[ch] harness/*/*.[ch] probes/*/*.[ch] reports/*.[ch] reports/*/*.[ch])
	$< lint $(wildcard fixtures/benches/*.yaml fixtures/*/device.yaml fixtures/golden/device-*.yaml)
	$< verbs --markdown | cmp - docs/verbs.md || { echo "docs/verbs.md is not current: make docs/verbs.md"; exit 1; }
	$< verbs --drivers | cmp - docs/drivers.md || { echo "docs/drivers.md is not current: make docs/drivers.md"; exit 1; }
	for k in bench device profile suite; do $< schema $$k | cmp - suites/schema/$$k.json || { echo "suites/schema is not current: make schemas"; exit 1; }; done
	python3 fixtures/schema/check.py $<
docs/verbs.md: $(B)/jusan
	$< verbs --markdown > $@.new && mv $@.new $@
docs/drivers.md: $(B)/jusan
	$< verbs --drivers > $@.new && mv $@.new $@
schemas: $(B)/jusan
	@mkdir -p suites/schema
	for k in bench device profile suite; do $< schema $$k > suites/schema/$$k.json.new && mv suites/schema/$$k.json.new suites/schema/$$k.json; done

golden: $(B)/reports/golden_test     # after a change of an output that is meant; the diff shows it
	JUSAN_GOLDEN=renew $<

# ---- what people type ----
DEVICE  := fixtures/device/device.yaml
JOBS    ?= 64
EVERY   ?= 8
help:
	@echo 'make demo     build, then the campaign on a good and a bad product; leaves two HTML reports in runs/demo'
	@echo 'make check    every test: units (plain and ASan+UBSan), lint, weakness matrix (EVERY=8: in part), kill and resume, foreign device'
	@echo 'make matrix   only the weakness matrix     make kill     only kill -9 and resume'
	@echo 'make units    several units in one campaign, rounds, re-scoring, diff: a minute'
	@echo 'make flips    every flipped bit of a run folder is found     make same     the same bytes in every language and time zone'
	@echo 'make bundle   one file with a run: altered, hostile, redacted      make ci-examples  the commands of docs/ci as they stand there'
	@echo 'make lab      a real bench (network ports, a switched socket, a console server) on a host made of namespaces: whole runs, kill -9 of one'
	@echo 'make faults   the same bench while it misbehaves: never a FAIL of the product (SEEDS="1 2 3")'
	@echo 'make golden   the golden files of the outputs anew, after a change that is meant'
	@echo 'make hostile  outputs, terminal and Chromium against a product that says nothing but markup, escapes and broken text: two minutes'
	@echo 'make check-foreign  the suites on dropbear, lighttpd and busybox in user-mode-linux'
	@echo 'make check-usb  USB and Wi-Fi against the real Linux stacks, in an emulated PC: two minutes at most, and what .ci/packages-usb lists'
	@echo 'make outputs  every output of whole runs, judged by validators that nobody here wrote; some are fetched (RUNS="runs/A": of that run)'
	@echo 'make bench    figures: overhead, power cut latency, journal, judge, verify, capture and serial rates, log-ins beside hydra, port scans beside nmap and masscan, TLS beside sslscan and testssl: twenty minutes'
	@echo 'make truth    what nmap, sslscan, testssl and hydra find on servers nobody here wrote, jusan has to find (TRUTH="ssh login": only those); half an hour, and what .ci/packages-truth lists'
	@echo 'make pages    the HTML report in Chromium: no request, no error, axe-core, links, filter, time line, pictures in runs/pages (RUNS="runs/ID": of these too); what .ci/packages-outputs lists'
	@echo 'make nightly  the profile uk unshortened, the other form of every weakness, fuzzers: hours'
	@echo 'make deps     install what .ci/packages lists      VERBOSE=1 shows commands'

deps:
	@sh .ci/deps
demo: deps
	@$(MAKE) all && sh fixtures/demo.sh $(B)
# What waits runs beside what computes, and only what measures nothing runs on a full machine: matrix takes what the others leave.
check: deps
	@$(MAKE) -j2 all foreign $(addprefix $(B)/fixtures/,matrix/matrix matrix/kill matrix/doors flips/flips)
	@$(MAKE) -j3 check-units build-asan
	@$(MAKE) -j4 check-asan check-quick check-given matrix
check-units: all
	@$(MAKE) unit
build-asan:
	@$(MAKE) V=asan $(TESTS:%.c=build/asan/%) build/asan/jusan
LEAKS   ?= 0    # a look for leaks at the end of each of five thousand cases takes a third of this; nightly takes it
check-asan: build-asan
	@ASAN_OPTIONS=detect_leaks=$(strip $(LEAKS)):malloc_context_size=8 $(MAKE) V=asan unit
	@$(MAKE) units
check-quick: all
	@$(MAKE) lint && $(MAKE) trouble && $(MAKE) flips && $(MAKE) same && $(MAKE) check-lab
check-given: all        # what is given away: bundles, pipelines, pages and files that device text went into; then a device that was given to us
	@$(MAKE) bundle && $(MAKE) ci-examples && $(MAKE) check-hostile && $(MAKE) check-foreign && $(MAKE) kill
check-foreign: all foreign
	sh fixtures/foreign/run.sh $(B)
MATRIX  = $(B)/fixtures/matrix/matrix --jusan $(B)/jusan --bench fixtures/benches/process.yaml --device $(DEVICE) --build $(B)
matrix: all $(B)/fixtures/matrix/matrix         # EVERY=1: each weakness meets every test, as in nightly
	$(MATRIX) --jobs $(JOBS) --every $(EVERY)
kill: all $(B)/fixtures/matrix/kill
	$(B)/fixtures/matrix/kill --jusan $(B)/jusan --bench $(B)/benches/process.yaml --device $(DEVICE) --rounds 5 BT4-02 BT9-02 BT11-01
units: all
	sh fixtures/units/run.sh $(B)
flips: all $(B)/fixtures/flips/flips
	sh fixtures/flips/run.sh $(B)
same: all
	sh fixtures/same.sh $(B)
bundle: all
	sh fixtures/bundle/run.sh $(B)
ci-examples: all
	sh fixtures/ci/run.sh $(B)
lab: all
	sh fixtures/lab/run.sh $(B)
check-lab: all
	@$(MAKE) lab && $(MAKE) faults SEEDS=1
check-hostile: all
	sh fixtures/hostile/run.sh $(B)
hostile: all
	@sh .ci/deps packages-outputs
	sh fixtures/hostile/run.sh $(B) real
faults: all
	SEEDS="$(or $(SEEDS),1 2 3)" sh fixtures/lab/faults.sh $(B)
trouble: all $(B)/fixtures/matrix/doors
	sh fixtures/trouble/run.sh $(B)

outputs: all    # RUNS="runs/A runs/B": of these
	@for f in fixtures/outputs/*.sh; do echo "== $$f"; sh $$f $(B) $(RUNS) || exit 1; done

truth: all
	@sh .ci/deps packages-truth
	sh fixtures/truth/run.sh $(B) $(TRUTH)

pages: all
	@sh .ci/deps packages-outputs
	sh fixtures/html/run.sh $(B) $(RUNS)

R       := build/release
bench: deps
	$(MAKE) V=release $(R)/jusan $(addprefix $(R)/harness/,journal_bench judge_bench seal_bench) $(R)/reports/outputs_bench $(R)/probes/capture/capture_bench $(R)/probes/power/trigger_bench $(R)/probes/serial/serial_bench $(R)/probes/login/login_bench $(R)/probes/ports/ports_bench $(R)/probes/ssh/ssh_bench $(R)/probes/tls/tls_bench
	$(R)/harness/journal_bench
	$(R)/harness/judge_bench
	$(R)/harness/seal_bench
	$(R)/reports/outputs_bench
	$(R)/probes/capture/capture_bench
	$(R)/probes/power/trigger_bench
	$(R)/probes/serial/serial_bench
	$(R)/probes/ports/ports_bench   # nmap and masscan beside it: what .ci/packages-truth lists
	$(R)/probes/ssh/ssh_bench
	sh probes/tls/tls_bench.sh $(R)
	$(R)/probes/login/login_bench   # beside hydra, where .ci/packages-truth is installed
	$(MAKE) all $(B)/fixtures/matrix/figures && sh fixtures/demo.sh $(B)
	$(B)/fixtures/matrix/figures runs/demo/good runs/demo/bad

SECONDS ?= 20   # for each fuzz target
fuzz: deps
	$(MAKE) CC=clang V=fuzz $(FUZZERS:%.c=build/fuzz/%)
	@for f in $(FUZZERS:%_fuzz.c=%); do n=$${f##*/}; mkdir -p build/fuzz/corpus/$$f; echo "== $$f"; \
		build/fuzz/$${f}_fuzz -max_total_time=$(SECONDS) -verbosity=0 -timeout=10 -artifact_prefix=build/fuzz/found-$$n- build/fuzz/corpus/$$f $$(ls -d fixtures/corpus/$$n 2>/dev/null) || exit 1; done

# Hours: the profile uk on the product with the times it is sold with, every weakness in its other form, fuzzers.
nightly: deps all $(B)/fixtures/matrix/matrix $(B)/fixtures/matrix/doors
	$(MATRIX) --jobs $(JOBS) --profile demo --seed 3 --out runs/matrix-second
	$(MAKE) check-asan LEAKS=1
	$(MAKE) fuzz SECONDS=300
	$(MAKE) lab faults hostile
	$(B)/fixtures/matrix/doors $(B)/jusan runs/matrix-second/good/run
	$(B)/jusan run --bench $(B)/benches/process-full.yaml --device $(B)/benches/device-full.yaml --profile uk; [ $$? -ne 1 ]

clean:
	rm -rf build
FORCE:
.PHONY: all unit lint schemas help deps demo check check-units build-asan check-asan check-quick check-given check-foreign check-lab matrix kill trouble units lab faults flips bundle ci-examples golden hostile check-hostile same outputs pages truth bench fuzz nightly clean FORCE
.SECONDARY:
-include $(SRC:%.c=$(B)/%.d)
