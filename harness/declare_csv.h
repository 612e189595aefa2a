/* SPDX-License-Identifier: Apache-2.0
 *
 * declare_csv.h - ICS and IXIT as tables for a spreadsheet, one file each, and back without loss.
 *
 *   00-edition.csv               Edition: of TS 103 701, where device.yaml names one
 *   01-AuthMech.csv ...          ID and the fields of the table, letter for letter; a table without rows is a header alone
 *   ics-en303645-v3.1.3.csv ...   Reference,Status,Support,Detail,Evidence: every line of the edition
 *
 * A cell is text. Nothing in it means that nothing is said; "" is an empty text. A cell of nothing but IDs of rows, separated by
 * commas, is a list of them. */
#ifndef HARNESS_DECLARE_CSV_H
#define HARNESS_DECLARE_CSV_H

#include "harness/base/conf.h"
#include "harness/standard.h"

/* Of a device.yaml that loaded; the folder is made, files in it are replaced. */
bool declare_export(const struct conf *device, const struct editions *e, const char *dir, struct err *err) MUST_CHECK;
/* A map with `ics` and `ixit`, as they would stand in device.yaml; positions are those of the cells. Every fault is
 * reported; false when there was one. */
bool declare_import(struct arena *a, const struct editions *e, const char *dir, void (*report)(const struct err *e, void *data), void *data, const struct conf **ret);
/* The text of a device.yaml with its sections `ics` and `ixit` replaced by those of `sections`, or added at its end. Everything else
 * stays as it is, comments and all. ERR_CONF when the file is not written in block form. */
bool declare_replace(FILE *out, const char *path, const struct conf *sections, struct err *err) MUST_CHECK;
#endif
