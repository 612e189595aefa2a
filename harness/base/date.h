/* SPDX-License-Identifier: Apache-2.0
 *
 * date.h - days as people sign them: "2027-11-26", of the Gregorian calendar, without time or zone. Two of them compare
 * like their texts. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>

#define DATE_TEXT 11                    /* ten characters and the end */

/* Exactly YYYY-MM-DD, a day that exists, from 1970 to 9999. */
bool date_valid(const char *text);
/* The day of a UTC time stamp "2026-11-26T03:14:22Z"; false when it does not begin with one. */
bool date_of(const char *stamp, char ret[static DATE_TEXT]);
/* Today, UTC. For what a person does now; never for judging. */
void date_today(char ret[static DATE_TEXT]);
#endif
