/* SPDX-License-Identifier: Apache-2.0
 *
 * shapes.h - what jusan's YAML files may say: the descriptors that loader, schema and skeleton share. Steps, claims and
 * bench lines are made of the descriptors of verbs and drivers and read by steps.c, claim.c and bench.c. */
#ifndef HARNESS_SHAPES_H
#define HARNESS_SHAPES_H

#include "harness/base/shape.h"

struct editions;

/* ---- suite_shape.c ---- */
extern const struct shape shape_test;           /* one test of suites/G*.yaml */
extern const struct shape shape_suite_map;      /* the file as a map: {guideline, title, tests} */
extern const struct shape shape_limit;          /* one of limits: */
extern const struct shape shape_draw;           /* {draw, from, to} */
extern const struct shape shape_control;

/* ---- bench_shape.c ---- */
extern const struct shape shape_bench;          /* bench.yaml */
extern const struct shape shape_profile;        /* suites/profiles/NAME.yaml */
#define SHAPE_RUN_TEXT "^([^$]|[$]+[^${]|[$]+[{](work|run|root|unit|unit[.][A-Za-z_]+)[}])*[$]*$"  /* a line's text: only ${work} ${run} ${root} ${unit} */

/* ---- device_shape.c, bench_fields.c ---- */
/* device.yaml: all sections. Built in the arena, since IXIT tables and the lines of an ICS have tables of their own; e NULL:
 * conditions, features and ICS are not looked at yet. */
const struct shape *device_shape(struct arena *a, const struct editions *e);
extern const struct shape shape_procedure;      /* one of procedures: */
extern const struct shape_key bench_field_keys[];       /* the sections that suites read, in the order of the skeleton */
#endif
