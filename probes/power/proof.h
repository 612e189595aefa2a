/* SPDX-License-Identifier: Apache-2.0
 *
 * proof.h - what other channels than the switch say of the device's supply: the pins of its board, the carrier of its cable, the
 * current it draws, its console; asked in this order, each that the bench file names. The first has to prove it, the others can only
 * deny it; who proved or denied becomes an observer of the step.
 * Fails   like the lines asked; a channel that says nothing is no failure. */
#ifndef PROBES_POWER_PROOF_H
#define PROBES_POWER_PROOF_H

#include "harness/base/fs.h"
#include "harness/probe.h"

#define SETTLE_NS MS(20)        /* bytes that were on their way when the supply went */

/* One that denies the cut is enough to deny it; a switch's own word proves nothing. */
struct proof { bool asked, proved, denied; char how[200]; };

/* "main" of "power.main"; what bench.yaml says of a line under that key, NULL = nothing; RUN/FOLDER/main.ending. */
const char *power_after_dot(const char *line);
const char *power_line_key(struct step *st, const char *line, const char *key);
bool power_log_path(struct step *st, const char *folder, const char *line, const char *ending, char ret[static FS_PATH]);
/* The wire line that serves the board this supply feeds; NULL = none. */
const char *power_wire_of(struct step *st, const char *line);

/* The caller makes it an observer. Waits until the board's newest word on its supply is `powered`; *ret_ns when it said so, 0 when it did not. */
bool proof_board_says(struct step *st, const char *wire, bool powered, int64_t until_ns, int64_t *ret_ns, struct err *err);
/* First byte on the console since `from_ns`; *ret_ns 0 when none came. */
bool proof_console_speaks(struct step *st, const char *console, int64_t from_ns, int64_t until_ns, int64_t *ret_ns, struct err *err);
/* A console that still talks denies it. Its silence says something only when it was heard since the supply was last on. */
bool proof_console(struct step *st, const char *line, const char *console, int64_t dead_ns, struct proof *p, struct err *err);
/* All of them, after a cut. States `how`, `proved` and what the switch's own answer is worth; *ret: it is off. */
bool proof_of_off(struct step *st, const char *line, int64_t dead_ns, bool *ret, struct err *err);
#endif
