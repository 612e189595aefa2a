/* SPDX-License-Identifier: Apache-2.0
 *
 * scpi.h - a bench supply that is spoken to in text, over any scpi_link.h: output, voltage and current by the words of its
 * model (scpi_models.c). What it was told is read back; an instrument that does not answer as its model does is an error.
 *
 *   static bool x_open(struct line *l, void **ret_dev, struct err *err)
 *   { struct scpi_link link; return x_link(l, &link, err) && scpi_open(l, &link, ret_dev, err); }
 *   static const struct outlet_ops ops = SCPI_OPS(x_open);
 *   static const struct param params[] = { ...own..., SCPI_PARAMS, OUTLET_PARAMS, { 0 } }; */
#ifndef PROBES_POWER_SCPI_H
#define PROBES_POWER_SCPI_H

#include "probes/power/outlet.h"
#include "probes/power/scpi_link.h"

/* What a model is told. {c} = channel, {v} = volts or amperes as a decimal number. */
struct scpi_model {
	const char *name;
	const char *vendor;             /* in its answer to `identify`, any case; NULL = any */
	const char *identify, *on, *off, *state;
	int state_bit;                  /* of the first channel in the hexadecimal answer to `state`; -1: it says 1, ON, 0 or OFF */
	const char *volt, *volt_get, *volt_now, *curr, *curr_now;
	const char *ovp, *ocp;          /* NULL: not by these words */
};
extern const struct scpi_model scpi_models[];   /* ends with a NULL name */
extern const char *const scpi_model_names[];

/* Takes the link, also when it fails: it is then closed. */
bool scpi_open(struct line *l, const struct scpi_link *link, void **ret_dev, struct err *err) MUST_CHECK;
bool scpi_set(void *dev, bool energised, struct err *err);
bool scpi_get(void *dev, bool *ret_energised, struct err *err);
bool scpi_set_mv(void *dev, int64_t mv, struct err *err);
bool scpi_measure(void *dev, struct reading *ret, struct err *err);
void scpi_close(void *dev);

#define SCPI_OPS(open) { READBACK_measured, open, scpi_set, scpi_get, scpi_set_mv, scpi_measure, scpi_close }
#define SCPI_PARAMS                                                                                                           \
	{ .name = "model", .type = VALUE_ENUM, .words = scpi_model_names, .fallback = "generic", .doc = "whose words it takes" },     \
	{ .name = "channel", .type = VALUE_INT, .min = 1, .max = 8, .fallback = "1", .doc = "its output" },                           \
	{ .name = "max_mv", .type = VALUE_INT, .need = true, .min = 1, .max = 100000, .unit = "mV",                                  \
	  .doc = "what the device stands: never is a higher voltage set" },                                                           \
	{ .name = "start_mv", .type = VALUE_INT, .min = 1, .max = 100000, .unit = "mV", .doc = "voltage set when the line opens; else as it stands" }, \
	{ .name = "limit_ma", .type = VALUE_INT, .min = 1, .max = 100000, .unit = "mA", .doc = "current limit set when the line opens" }, \
	{ .name = "ovp_mv", .type = VALUE_INT, .min = 1, .max = 110000, .unit = "mV", .doc = "over-voltage protection, likewise" },     \
	{ .name = "ocp_ma", .type = VALUE_INT, .min = 1, .max = 110000, .unit = "mA", .doc = "over-current protection, likewise" },     \
	{ .name = "step_mv", .type = VALUE_INT, .max = 1000, .fallback = "20", .unit = "mV",                                         \
	  .doc = "by which the voltage it repeats may differ from the one it was told" }
#endif
