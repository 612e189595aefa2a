/* SPDX-License-Identifier: Apache-2.0
 *
 * tap_model.h - a JTAG device for tests: a TAP controller (IEEE 1149.1) with BYPASS, IDCODE and, behind a JTAG-DP (ARM IHI
 * 0031, ADIv5), one MEM-AP with memory. It answers OpenOCD's remote_bitbang driver on a UNIX socket; OpenOCD judges it. */
#ifndef DEBUG_TAP_MODEL_H
#define DEBUG_TAP_MODEL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum tap_kind { TAP_OPEN, TAP_LOCKED, TAP_IDCODE_ONLY, TAP_ONES, TAP_ZEROES, TAP_NOISE };

#define TAP_IDCODE 0x4ba00477u          /* JTAG-DP of a Cortex-M */
enum { TLR, RTI, SEL_DR, CAP_DR, SH_DR, EX1_DR, PAU_DR, EX2_DR, UPD_DR, SEL_IR, CAP_IR, SH_IR, EX1_IR, PAU_IR, EX2_IR, UPD_IR };
enum { IR_ABORT = 0x8, IR_DPACC = 0xa, IR_APACC = 0xb, IR_IDCODE = 0xe };

struct tap {
	enum tap_kind kind;
	unsigned state, ir, ir_shift, n_ir;
	uint64_t dr;
	unsigned dr_len;
	uint32_t ctrl, select, csw, tar, result, mem[256], noise;
	bool tck, tdo, fault;
};

static const uint8_t tap_next[16][2] = {
	[TLR] = { RTI, TLR }, [RTI] = { RTI, SEL_DR }, [SEL_DR] = { CAP_DR, SEL_IR }, [CAP_DR] = { SH_DR, EX1_DR },
	[SH_DR] = { SH_DR, EX1_DR }, [EX1_DR] = { PAU_DR, UPD_DR }, [PAU_DR] = { PAU_DR, EX2_DR }, [EX2_DR] = { SH_DR, UPD_DR },
	[UPD_DR] = { RTI, SEL_DR }, [SEL_IR] = { CAP_IR, TLR }, [CAP_IR] = { SH_IR, EX1_IR }, [SH_IR] = { SH_IR, EX1_IR },
	[EX1_IR] = { PAU_IR, UPD_IR }, [PAU_IR] = { PAU_IR, EX2_IR }, [EX2_IR] = { SH_IR, UPD_IR }, [UPD_IR] = { RTI, SEL_DR },
};

static inline bool tap_has_dp(const struct tap *t) { return t->kind == TAP_OPEN || t->kind == TAP_LOCKED; }

static inline void tap_capture(struct tap *t)
{
	bool acc = tap_has_dp(t) && (t->ir == IR_DPACC || t->ir == IR_APACC || t->ir == IR_ABORT);

	t->dr_len = acc ? 35 : t->ir == IR_IDCODE ? 32 : 1;
	t->dr = acc ? (uint64_t)t->result << 3 | 2 : t->ir == IR_IDCODE ? TAP_IDCODE : 0;
}

static inline uint32_t *tap_word(struct tap *t)
{
	return &t->mem[t->tar / 4 % 256];
}

static inline void tap_ap(struct tap *t, unsigned reg, bool read, uint32_t v)
{
	t->result = 0;
	if (t->kind == TAP_LOCKED || t->select >> 24) {         /* the AP is switched off, or there is none of this number */
		if (reg < 0x20)
			t->ctrl |= 1u << 5;                     /* STICKYERR */
		return;
	}
	switch (reg) {
	case 0x00: if (read) t->result = t->csw | 1u << 6; else t->csw = v; break;      /* CSW: DeviceEn */
	case 0x04: if (read) t->result = t->tar; else t->tar = v; break;
	case 0x0c: if (read) t->result = *tap_word(t); else *tap_word(t) = v;
		   if (t->csw & 0x30) t->tar += 4;                                     /* AddrInc */
		   break;
	case 0xf8: if (read) t->result = 0xffffffff; break;                            /* BASE: no ROM table */
	case 0xfc: if (read) t->result = 0x24770011; break;                            /* IDR: AHB-AP */
	}
}

static inline void tap_update(struct tap *t)
{
	bool read = t->dr & 1;
	unsigned a = (unsigned)(t->dr >> 1 & 3) * 4;
	uint32_t v = (uint32_t)(t->dr >> 3);

	if (!tap_has_dp(t))
		return;
	if (t->ir == IR_APACC)
		tap_ap(t, (t->select & 0xf0) | a, read, v);
	if (t->ir != IR_DPACC)
		return;
	if (read) {
		if (a == 4)
			t->result = t->ctrl | (t->ctrl >> 30 & 1u) << 31 | (t->ctrl >> 28 & 1u) << 29;
		else if (a == 8)
			t->result = t->select;
		return;                 /* RDBUFF reads what was captured before */
	}
	if (a == 4)
		t->ctrl = (v & 0x50000f01) | (t->ctrl & ~v & 0x20);     /* sticky bits are cleared by writing 1 */
	if (a == 8)
		t->select = v;
}

static inline void tap_edge(struct tap *t, bool tms, bool tdi)
{
	if (t->state == SH_DR)
		t->dr = t->dr >> 1 | (uint64_t)tdi << (t->dr_len - 1);
	if (t->state == SH_IR)
		t->ir_shift = t->ir_shift >> 1 | (unsigned)tdi << 3;
	t->state = tap_next[t->state][tms];
	switch (t->state) {
	case TLR:    t->ir = IR_IDCODE; break;
	case CAP_DR: tap_capture(t); break;
	case CAP_IR: t->ir_shift = 1; break;
	case UPD_DR: tap_update(t); break;
	case UPD_IR: t->ir = t->ir_shift; break;
	}
}

static inline bool tap_tdo(struct tap *t)
{
	if (t->kind == TAP_ONES || t->kind == TAP_ZEROES)
		return t->kind == TAP_ONES;
	if (t->kind == TAP_NOISE) {
		t->noise = t->noise * 1664525u + 1013904223u;
		return t->noise >> 31;
	}
	return t->state == SH_DR ? t->dr & 1 : t->state == SH_IR ? t->ir_shift & 1 : true;
}

/* Serves one connection after the other until it is killed. `listener` is a listening UNIX socket. */
static inline void tap_serve(int listener, enum tap_kind kind)
{
	for (;;) {
		struct tap t = { .kind = kind, .state = TLR, .ir = IR_IDCODE, .noise = 7, .mem = { 0xdeadbeef, 1, 2, 3 } };
		int fd = accept(listener, NULL, NULL);
		char in[4096], out[4096];
		ssize_t n;

		while (fd >= 0 && (n = read(fd, in, sizeof(in))) > 0) {
			size_t m = 0;

			for (ssize_t i = 0; i < n; i++) {
				unsigned bits = (unsigned)in[i] - '0';

				if (in[i] == 'R')
					out[m++] = tap_tdo(&t) ? '1' : '0';
				if (bits > 7)
					continue;
				if ((bits & 4) && !t.tck)
					tap_edge(&t, bits & 2, bits & 1);
				t.tck = bits & 4;
			}
			if (m && write(fd, out, m) != (ssize_t)m)
				break;
		}
		close(fd);
	}
}
#endif
