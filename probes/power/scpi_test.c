// SPDX-License-Identifier: Apache-2.0
// The supplies are a simulator in a process of its own: two outputs, every model's documented form of answer, one client's
// bytes never mixed with another's. Nobody here owns such a supply, so these transcripts are what it was verified against.
#include "harness/fake.h"

#include "probes/power/decimal.h"
#include "probes/power/fault_proxy.h"
#include "probes/power/scpi.h"

extern const struct line_driver drv_scpi;
extern const struct probe probe_power;

/* ---- the simulator ---- */

struct psu { atomic_bool on[2]; atomic_int mv[2]; };
enum quirk { PLAIN, COUNTED, EMPTY_FIRST };
static struct { const char *model; enum quirk quirk; struct psu *psu; pid_t pid; int port; } sim;
struct session { int fd; bool greeted; char in[512]; size_t n; };

/* What each model says, from its programming manual. The channel stands where its manual puts it. */
static bool is(const char *line, const char *form, int *channel, int *mv)
{
	int volts = 0, milli = 0, used = 0;

	*channel = 1;
	for (; *form; form++, line++) {
		if (*form == '#') {
			*channel = *line - '0';
			if (*channel < 1 || *channel > 2)
				return false;
		} else if (*form == '$') {
			if (sscanf(line, "%d.%3d%n", &volts, &milli, &used) != 2)
				return false;
			*mv = volts * 1000 + milli;
			line += used - 1;
		} else if (*form != *line) {
			return false;
		}
	}
	return !*line;
}

static bool one_of(const char *line, const char *const *form, int *channel, int *mv)
{
	for (; *form; form++)
		if (is(line, *form, channel, mv))
			return true;
	return false;
}

static void obey(struct session *s, const char *line)
{
	static const char *const on[] = { "OUTP ON", "OUTP ON,(@#)", "OUT 1", ":OUTP CH#,ON", "OUTPUT CH#,ON", "CONF:OUTP ON", "OUTP:STAT ON", NULL };
	static const char *const off[] = { "OUTP OFF", "OUTP OFF,(@#)", "OUT 0", ":OUTP CH#,OFF", "OUTPUT CH#,OFF", "CONF:OUTP OFF", "OUTP:STAT OFF", NULL };
	static const char *const state[] = { "OUTP?", "OUTP? (@#)", "OUT?", ":OUTP? CH#", "CONF:OUTP?", "OUTP:STAT?", NULL };
	static const char *const volt[] = { "VOLT $", "VOLT $,(@#)", "VSET $", ":SOUR#:VOLT $", "CH#:VOLTAGE $", "SOUR:VOLT $", ":VOLT $", NULL };
	static const char *const ask_volt[] = { "VOLT?", "VOLT? (@#)", "VSET?", ":SOUR#:VOLT?", "CH#:VOLTAGE?", "SOUR:VOLT?", ":VOLT?", NULL };
	static const char *const now_volt[] = { "MEAS:VOLT?", "MEAS:VOLT? (@#)", "VOUT?", ":MEAS:VOLT? CH#", "MEASURE:VOLTAGE? CH#", NULL };
	static const char *const now_curr[] = { "MEAS:CURR?", "MEAS:CURR? (@#)", "IOUT?", ":MEAS:CURR? CH#", "MEASURE:CURRENT? CH#", NULL };
	static const char *const id[] = { "*IDN?", "ID?", NULL };
	bool words = !strcmp(sim.model, "rigol") || !strcmp(sim.model, "chroma") || !strcmp(sim.model, "genesys");
	char said[128] = "";
	int c, mv;

	if (one_of(line, on, &c, &mv))
		atomic_store(&sim.psu->on[c - 1], true);
	else if (one_of(line, off, &c, &mv))
		atomic_store(&sim.psu->on[c - 1], false);
	else if (one_of(line, volt, &c, &mv))
		atomic_store(&sim.psu->mv[c - 1], mv > 30000 ? 30000 : mv);
	else if (one_of(line, id, &c, &mv))
		snprintf(said, sizeof(said), "%s TECHNOLOGIES,SUPPLY,SN1,01.02", !strcmp(sim.model, "hp6630a") ? "HP6633A" :
			 !strcmp(sim.model, "genesys") ? "TDK-LAMBDA" : sim.model);
	else if (!strcmp(line, "SYSTEM:STATUS?"))
		snprintf(said, sizeof(said), "0x%x", 0x81u | (unsigned)atomic_load(&sim.psu->on[0]) << 4 | (unsigned)atomic_load(&sim.psu->on[1]) << 5);
	else if (one_of(line, state, &c, &mv))
		snprintf(said, sizeof(said), "%s", words ? (atomic_load(&sim.psu->on[c - 1]) ? "ON" : "OFF") : atomic_load(&sim.psu->on[c - 1]) ? "1" : "0");
	else if (one_of(line, ask_volt, &c, &mv))
		snprintf(said, sizeof(said), "%d.%03d", atomic_load(&sim.psu->mv[c - 1]) / 1000, atomic_load(&sim.psu->mv[c - 1]) % 1000);
	else if (one_of(line, now_volt, &c, &mv))
		snprintf(said, sizeof(said), "+%d.%03d0E+00", atomic_load(&sim.psu->on[c - 1]) ? atomic_load(&sim.psu->mv[c - 1]) / 1000 : 0,
			 atomic_load(&sim.psu->on[c - 1]) ? atomic_load(&sim.psu->mv[c - 1]) % 1000 : 0);
	else if (one_of(line, now_curr, &c, &mv))
		snprintf(said, sizeof(said), "%s", atomic_load(&sim.psu->on[c - 1]) ? "1.20000E-01" : "+0.00000E+00");
	if (sim.quirk == EMPTY_FIRST && !s->greeted && said[0])
		said[0] = '\0';
	else if (!said[0])
		return;
	s->greeted = true;
	strcat(said, sim.model[0] == 'c' ? "\r\n" : "\n");
	if (sim.quirk == COUNTED) {
		memmove(said + 4, said, strlen(said) + 1);
		memcpy(said, "\0\0\0", 4);
		said[0] = (char)strlen(said + 4);
		(void)!send(s->fd, said, 4 + strlen(said + 4), MSG_NOSIGNAL);
		return;
	}
	(void)!send(s->fd, said, strlen(said), MSG_NOSIGNAL);
}

static void hear(struct session *s)
{
	ssize_t got = recv(s->fd, s->in + s->n, sizeof(s->in) - 1 - s->n, 0);
	char *end;

	if (got <= 0) {
		close(s->fd);
		s->fd = -1;
		return;
	}
	s->n += (size_t)got;
	s->in[s->n] = '\0';
	while ((end = strchr(s->in, '\n'))) {
		*end = '\0';
		obey(s, s->in);
		s->n -= (size_t)(end + 1 - s->in);
		memmove(s->in, end + 1, s->n + 1);
	}
}

static void __attribute__((noreturn)) simulate(int listening)
{
	struct session s[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < 16; i++)
		s[i].fd = -1;
	for (;;) {
		struct pollfd p[17] = { { listening, POLLIN, 0 } };

		for (int i = 0; i < 16; i++)
			p[i + 1] = (struct pollfd){ s[i].fd, POLLIN, 0 };
		poll(p, 17, -1);
		for (int i = 0; i < 16; i++)
			if (p[i + 1].revents)
				hear(&s[i]);
		for (int i = 0; p[0].revents && i < 16; i++)
			if (s[i].fd < 0) {
				s[i] = (struct session){ .fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC) };
				break;
			}
	}
}

static bool start(const char *model, enum quirk quirk)
{
	int listening = proxy_bind(SOCK_STREAM, &sim.port);

	sim.model = model;
	sim.quirk = quirk;
	sim.psu = mmap(NULL, sizeof(*sim.psu), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 2; i++)
		atomic_store(&sim.psu->mv[i], 5000);
	sim.pid = fork();
	if (sim.pid == 0)
		simulate(listening);
	close(listening);
	proxy_start(SOCK_STREAM, sim.port, MS(120));
	return true;
}
static void stop(void)
{
	proxy_stop();
	kill(sim.pid, SIGKILL);
	waitpid(sim.pid, NULL, 0);
	munmap(sim.psu, sizeof(*sim.psu));
}
static bool energised(int channel) { return atomic_load(&sim.psu->on[channel]); }
static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"address\":\"127.0.0.1\",\"port\":%d,\"model\":\"%s\",\"channel\":%d,\"max_mv\":6000,\"timeout\":120000000,\"framing\":\"%s\"}",
		 proxy.port, sim.model, channel + 1, sim.quirk == COUNTED ? "counted" : "line");
}

static bool as_keysight(void) { return start("keysight", PLAIN); }
static bool as_siglent(void) { return start("siglent", PLAIN); }
static bool as_rigol(void) { return start("rigol", COUNTED); }
#define PSU .driver = &drv_scpi, .channels = 2, .params = params, .energised = energised, .fault = proxy_fault, .stop = stop
static const struct conform rows[] = {
	{ .name = "keysight", .start = as_keysight, PSU },
	{ .name = "siglent", .start = as_siglent, .cannot = 1 << FAULT_SEEDED | 1 << FAULT_SLOW, PSU },
	{ .name = "rigol", .start = as_rigol, PSU },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- every model: switches, measures, sets, dips ---- */
START_TEST(model_by_model)
{
	static const struct { const char *model; enum quirk quirk; } row[] = {
		{ "generic", PLAIN }, { "keysight", PLAIN }, { "hp6630a", PLAIN }, { "rigol", PLAIN }, { "rigol", COUNTED },
		{ "rigol", EMPTY_FIRST }, { "siglent", PLAIN }, { "chroma", PLAIN }, { "genesys", PLAIN },
	};
	struct err err = { 0 };
	char text[512];

	fake_bench("{}", false);
	start(row[_i].model, row[_i].quirk);
	params(0, text, sizeof(text));
	fake_open(&drv_scpi, "power.main", text);
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	ck_assert(energised(0));
	fake_step(&probe_power, "sample", "{}");
	ck_assert_int_eq(fake_int("mv"), 5000);
	ck_assert_int_eq(fake_int("ua"), 120000);
	fake_step(&probe_power, "voltage", "{\"mv\":3300}");
	ck_assert(fake_is("confirmed") && atomic_load(&sim.psu->mv[0]) == 3300);
	fake_step(&probe_power, "dip", "{\"mv\":1800,\"for\":30000000,\"ramp\":20000000}");
	ck_assert(fake_is("confirmed") && atomic_load(&sim.psu->mv[0]) == 3300);
	ck_assert(!fake_try_step(&probe_power, "voltage", "{\"mv\":6001}", 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "allows"));
	fake_step(&probe_power, "off", "{}");
	ck_assert_msg(fake_is("confirmed") && !energised(0), "no current, no voltage: %s", fake_text("how"));
	fake_close();
	stop();
}
END_TEST

START_TEST(wrong_instrument)
{
	struct err err = { 0 };
	char text[512];

	fake_bench("{}", false);
	start("siglent", PLAIN);
	snprintf(text, sizeof(text), "{\"address\":\"127.0.0.1\",\"port\":%d,\"model\":\"chroma\",\"max_mv\":6000}", proxy.port);
	ck_assert(!fake_try_open(&drv_scpi, "power.main", text, &err));
	ck_assert_msg(strstr(err.text, "says it is 'siglent") != NULL, "%s", err.text);
	fake_close();
	stop();
}
END_TEST

START_TEST(numbers)
{
	static const struct { const char *text; int digits; bool ok; int64_t v; } row[] = {
		{ "5.000", 3, true, 5000 }, { "+5.00000000E+00\r\n", 3, true, 5000 }, { "-1.5", 3, true, -1500 }, { ".5", 3, true, 500 },
		{ "5.", 3, true, 5000 }, { "1.20000E-01", 6, true, 120000 }, { "12.5V", 3, true, 12500 }, { "0.0005", 3, true, 1 },
		{ "0.00049", 3, true, 0 }, { "1e3", 3, true, 1000000 }, { "0E+50", 3, false, 0 }, { "9.91E37", 3, false, 0 }, { "", 3, false, 0 },
		{ ".", 3, false, 0 }, { "-", 3, false, 0 }, { "E5", 3, false, 0 }, { "1.2.3", 3, false, 0 }, { "5 5", 3, false, 0 }, { "1e99", 3, false, 0 },
		{ "9223372036854775.807", 3, true, INT64_MAX }, { "9223372036854775.808", 3, false, 0 }, { "1e-50", 9, true, 0 },
		{ "99999999999999999999999999999999999999999", 0, false, 0 },
	};

	for (int i = 0; i < ROWS(row); i++) {
		int64_t v = -7;
		bool ok = decimal_parse(row[i].text, row[i].digits, &v);

		ck_assert_msg(ok == row[i].ok || (ok && v == 0 && row[i].v == 0), "'%s'", row[i].text);
		ck_assert_msg(!row[i].ok || v == row[i].v, "'%s': %lld", row[i].text, (long long)v);
	}
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "model_by_model", model_by_model, 9 }, { "wrong_instrument", wrong_instrument, 1 }, { "numbers", numbers, 1 })
