// SPDX-License-Identifier: Apache-2.0
/* How long do all outputs of a long run take, and how much memory? Folders of a quarter, half and the whole of so many journal
 * lines, with captures of 120 bytes a line and a console, judged; then `jusan report DIR all`, and each output alone.
 * usage: outputs_bench [LINES [FOLDER]] (a FOLDER is kept, and then only that length is measured) */
#include "harness/fake_folder.h"
#include "harness/proto/pcapng.h"
#include "harness/proto/serial_log.h"
#include "harness/registry.h"

#define ROUNDS 3
#define SIZES 3
#define LINES_PER_FRAME 5
#define FRAME 570                       /* bytes on average */
#define MOST_NS SEC(5)                  /* for a million lines */
#define MOST_KIB (300 * 1024)

/* ---- what recorders leave ---- */
static bool put_capture(const char *dir, const char *name, int64_t frames, int64_t end_ns, struct err *err)
{
	uint8_t data[2 * FRAME] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 4, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 168, 77, 2, 192, 168, 77, 1 };
	struct pcapng_writer w;
	struct rng rng;
	char path[FS_PATH];
	bool ok;

	rng_init(&rng, 2, name);
	ok = fs_join(path, dir, name, err) && pcapng_create(path, "lan0", &w, err);
	for (int64_t i = 0; ok && i < frames; i++) {
		size_t n = 60 + (size_t)rng_below(&rng, 2 * FRAME - 120);

		for (size_t k = 34; k < 60; k++)
			data[k] = (uint8_t)(i >> (k % 4 * 8));
		ok = pcapng_write(&w, FAKE_OFFSET + SEC(5) + (int64_t)((__int128)(end_ns - SEC(5)) * i / frames), (struct span){ data, n }, (uint32_t)n, err);
	}
	if (!ok || !pcapng_flush(&w, err))
		return false;
	pcapng_finish(&w);
	return true;
}

static bool put_console(const char *dir, int64_t pieces, int64_t end_ns, struct err *err)
{
	struct serial_log_writer w;
	char path[FS_PATH], text[96];
	bool ok = fs_join(path, dir, "serial", err) && fs_mkdirs(path, err) && serial_log_create(path, "console", &w, err);

	for (int64_t i = 0; ok && i < pieces; i++) {
		int n = snprintf(text, sizeof(text), "FW: heating <%lld> \033[31mof\033[0m many words\r\n", (long long)i);

		ok = serial_log_add(&w, SEC(5) + (int64_t)((__int128)(end_ns - SEC(5)) * i / pieces), 'r', text, (size_t)n, "-", err);
	}
	if (ok)
		serial_log_finish(&w);
	return ok;
}

static bool make(const char *dir, int64_t lines, const char *jusan, struct fake_out *o, struct err *err)
{
	char path[FS_PATH];
	struct fake_figure f;

	*o = (struct fake_out){ .frames = (int)(lines / LINES_PER_FRAME) };
	if (!fs_mkdirs(dir, err) || !fake_folder(dir, lines, o, err) || !fs_join(path, dir, "capture", err) || !fs_mkdirs(path, err) ||
	    !put_capture(dir, "capture/lan.pcapng", o->frames, o->t_ns, err) ||
	    !put_capture(dir, "capture/up.pcapng", o->frames / 8, o->t_ns, err) || !put_console(dir, lines / 20, o->t_ns, err))
		return false;
	f = fake_measure(jusan, "judge", dir, NULL);
	return !fake_broke(&f) || err_set(err, ERR_BENCH, "jusan judge %s: exit status %d", dir, f.status);
}

/* ---- figures ---- */
static struct fake_figure middle(const char *jusan, const char *dir, const char *what)
{
	struct fake_figure f[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		f[i] = fake_measure(jusan, "report", dir, what);
	qsort(f, ROUNDS, sizeof(f[0]), fake_by_time);
	return f[ROUNDS / 2];
}

static void each(const char *jusan, const char *dir)
{
	for (const struct report *const *r = report_table; *r; r++) {
		struct fake_figure f;

		if ((*r)->on_request)
			continue;
		f = middle(jusan, dir, (*r)->name);

		printf("  %-12s %6.2f s, CPU %6.2f s, %4ld MiB\n", (*r)->name, (double)f.ns / 1e9, (double)f.cpu_us / 1e6, f.kib / 1024);
	}
}

/* Nothing may cost more than its share: twice the lines at most 2.5 times as long, above what any run costs. */
static bool linear(const struct fake_figure *f)
{
	int64_t low = f[1].cpu_us - f[0].cpu_us, high = f[2].cpu_us - f[1].cpu_us;

	return high <= low * 5 / 2 + 200000;
}

int main(int argc, char **argv)
{
	char made[] = "/tmp/outputs-bench-XXXXXX", jusan[FS_PATH];
	int64_t lines = argc > 1 ? atoll(argv[1]) : 1000000;
	const char *dir = argc > 2 ? argv[2] : mkdtemp(made);
	struct fake_figure f[SIZES] = { 0 };
	struct err err = { 0 };
	struct fake_out o;
	bool fits;

	if (!dir || !fake_jusan(jusan, &err)) {
		fprintf(stderr, "outputs_bench: %s\n", err.text);
		return 3;
	}
	for (int i = argc > 2 ? SIZES - 1 : 0; i < SIZES; i++) {
		if ((argc <= 2 && !fs_remove(dir, &err)) || !make(dir, lines >> (SIZES - 1 - i), jusan, &o, &err)) {
			fprintf(stderr, "outputs_bench: %s\n", err.text);
			return 3;
		}
		f[i] = middle(jusan, dir, "all");
		printf("outputs: all of a run of %lld records (%lld MB) in %.2f s, CPU %.2f s, at most %ld MiB resident (median of %d)\n",
		       (long long)o.lines, (long long)o.bytes / 1000000, (double)f[i].ns / 1e9, (double)f[i].cpu_us / 1e6, f[i].kib / 1024, ROUNDS);
		if (fake_broke(&f[i])) {
			fprintf(stderr, "outputs_bench: jusan report: exit status %d\n", f[i].status);
			return 3;
		}
	}
	each(jusan, dir);
	fits = f[SIZES - 1].ns <= MOST_NS && f[SIZES - 1].kib <= MOST_KIB;
	printf("it is to take 5 s and 300 MiB per million: %s%s\n", fits ? "holds" : "does not hold",
	       argc > 2 ? "" : linear(f) ? "; growth linear" : "; growth is NOT linear");
	if (argc <= 2 && !fs_remove(dir, &err))
		return 3;
	return 0;
}
