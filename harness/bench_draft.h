/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_draft.h - the inside of bench_import(), for bench_draft*.c, bench_import.c, bench_labgrid*.c and bench_pdudaemon.c
 * only: one line of a bench file while it is made of what somebody else's file says.
 *
 * A draft becomes a line when nothing lacks and the loader takes it beside the lines so far; else a comment that gives the
 * first reason, and the line as far as it is known with `?` where the fact belongs. Nothing is copied that may be a secret. */
#ifndef HARNESS_BENCH_DRAFT_H
#define HARNESS_BENCH_DRAFT_H

#include <jansson.h>
#include <stdio.h>

#include "harness/base/conf.h"

#define IMPORT_DRAFTS 1000              /* resources of one file */
#define DRAFT_NAME 41                   /* KIND.NAME with its NUL, as the loader takes it */
#define DRAFT_TEXT 240                  /* bytes of one value */
#define DRAFT_QUOTED (10 * DRAFT_TEXT + 20)

struct import {
	struct arena *a;
	FILE *out;
	const char *const *only;        /* groups, targets, PDUs or aliases; NULL-terminated; NULL = all */
	char *lines;                    /* those taken so far, malloc'd */
	json_t *names;                  /* used so far */
	size_t drafts;
	bool power;                     /* a line power.* is among them */
};

struct draft {
	struct import *im;
	struct where at;
	const char *what;               /* class or driver it comes from: only of our own tables, or escaped when shown */
	const char *driver;             /* NULL: there is none, it can only be a comment */
	char name[DRAFT_NAME], params[3 * DRAFT_QUOTED], lacks[300], notes[300];
	bool secret;                    /* a reference stands in it */
};

/* What a key of theirs becomes. Tables end with { 0 }. */
enum take {
	TAKE_TEXT, TAKE_INT, TAKE_BOOL,
	TAKE_ADDRESS,                   /* an IP address, perhaps with :port, which becomes `port` */
	TAKE_SECRET,                    /* a reference to where it is to be kept; the value stays where it is */
	TAKE_MATCH,                     /* udev properties -> match */
	TAKE_SERIAL, TAKE_PATH,         /* -> match: {serial}, {path} */
	TAKE_NOT,                       /* read elsewhere, or without meaning for a bench */
};
struct take_key { const char *key, *param; enum take as; bool need; };

/* kind "power", name of a device or a port: made a name that is free. driver may be set later. */
void draft_begin(struct draft *d, struct import *im, struct where at, const char *what, const char *kind, const char *name, const char *driver);
void draft_lack(struct draft *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));   /* the first reason stays */
void draft_note(struct draft *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void draft_put(struct draft *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));    /* "key: value" that is harmless */
void draft_quote(struct draft *d, const char *param, const char *text);                        /* any text */
void draft_words(struct draft *d, const char *param, const char *const *words);                /* a list of them, NULL-terminated */
/* In double quotes and ASCII; buf of DRAFT_QUOTED for a text of up to DRAFT_TEXT. */
void draft_quoted(const char *text, char *buf, size_t room);
void draft_unknown(struct draft *d, const char *param);                                        /* "param: ?" */
/* Of a map, with what is wrong with them as reason. NULL, false: not there, or not usable. */
const char *draft_text(struct draft *d, const struct conf *map, const char *key, bool need);
bool draft_int(struct draft *d, const struct conf *map, const char *key, bool need, int64_t *ret);
bool draft_bool(struct draft *d, const struct conf *map, const char *key);
/* "192.0.2.7:8080" as address and port, or without a port. */
void draft_address(struct draft *d, const char *param, const char *text);
/* A reference instead of a secret that belongs to `of` (an address or a name). */
void draft_secret(struct draft *d, const char *param, const char *of);
bool draft_seems_secret(const char *text);
/* Every key of the map by the table; keys that are not in it are named in a note, never their values. */
void draft_take(struct draft *d, const struct conf *map, const struct take_key *keys);
void draft_end(struct draft *d);

/* Is it asked for? */
bool import_wants(const struct import *im, const char *name);

/* ---- one function a form of file ---- */
/* Each is given the whole file and prints its drafts. */
bool labgrid_environment(struct import *im, const struct conf *file, struct err *err) MUST_CHECK;
bool labgrid_exporter(struct import *im, const struct conf *file, struct err *err) MUST_CHECK;
bool pdudaemon_config(struct import *im, const struct conf *file, struct err *err) MUST_CHECK;

/* ---- bench_labgrid_class.c, bench_labgrid_pdu.c ---- */
enum supply { SUPPLY_UNSAID, SUPPLY_YES, SUPPLY_NO };           /* is the target's digital output what feeds it? */
/* One resource of class `name`; part names the line. */
void labgrid_resource(struct import *im, const struct conf *key, const char *name, const struct conf *map, const char *part, enum supply supply);
const char *labgrid_kind(const char *name, bool *ret_digital);  /* of line that the class becomes; "none" */
void labgrid_pdu(struct draft *d, const struct conf *port);     /* NetworkPowerPort */
#endif
