/* SPDX-License-Identifier: Apache-2.0
 *
 * doc.h - what the three OSCAL documents of a run share: metadata, properties in a namespace of jusan's own, identifiers
 * made of the run's, people, and the resources at the end that hold files and their hashes.
 *
 * OSCAL allows no empty value and no empty list: what would be empty is left out. Prose is Markdown there, so text of
 * others is quoted: nothing a device says becomes markup. */
#ifndef REPORTS_OSCAL_DOC_H
#define REPORTS_OSCAL_DOC_H

#include <jansson.h>
#include <stdio.h>

#include "harness/report.h"
#include "reports/read/cite.h"
#include "reports/read/fit.h"
#include "reports/read/read.h"

#define OSCAL_VERSION "1.2.1"
#define OSCAL_NS "urn:jusan:ns:oscal"           /* of our properties */
#define OSCAL_CATALOG "oscal-catalog.json"      /* the documents stand side by side in report/ */
#define OSCAL_RESULTS "oscal-results.json"
#define OSCAL_RESOURCES 4096
#define OSCAL_EVIDENCE 20000                    /* pieces of evidence in one document */

struct oscal {
	const struct result *r;
	const json_t *v, *run;
	json_t *sealed;                         /* path -> {"sha256"} */
	json_t *resource, *resources;           /* path -> uuid; the list */
	json_t *party, *parties;                /* person as written -> uuid; the list */
	size_t evidence;                        /* pieces written so far */
};

void oscal_open(struct oscal *o, const struct result *r);
void oscal_close(struct oscal *o);

/* Version 5 of run, kind, place in its list and id. */
const char *oscal_uuid(const struct oscal *o, const char *kind, size_t i, const char *id, char ret[static READ_UUID]);
void oscal_set_uuid(const struct oscal *o, json_t *to, const char *kind, size_t i, const char *id);

/* A line of text, its markup quoted; nothing is set when it would be empty, `otherwise` stands there if given. */
void oscal_prose(json_t *o, const char *key, const char *text, const char *otherwise);
void oscal_prosef(json_t *o, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Appends to o[list], which is made when it is not there. */
void oscal_add(json_t *o, const char *list, json_t *element);
/* A property; none when the value is empty. Class and remarks may be NULL. */
void oscal_prop(json_t *o, const char *name, const char *value, const char *class, const char *remarks);
void oscal_prop_int(json_t *o, const char *name, int64_t value);

/* "#uuid" of the resource for a file, which is added on first use; "" when there are too many. */
const char *oscal_resource(struct oscal *o, const struct cite *c, char ret[static READ_UUID + 1]);
/* The uuid of a person; "" for nobody. */
const char *oscal_person(struct oscal *o, const char *who);

/* {"title","last-modified","version","oscal-version","props"}: the run and its tool. */
json_t *oscal_metadata(const struct oscal *o, const char *title, const char *version);
/* Puts parties and resources where they belong and writes {root: doc}; takes doc. */
bool oscal_write(struct oscal *o, const char *root, json_t *doc, FILE *out, struct err *err);
/* Waivers for an id, as properties: who, why and until when; they change nothing else. */
void oscal_waivers(const struct oscal *o, json_t *to, const char *id);
#endif
