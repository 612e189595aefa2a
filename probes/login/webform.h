/* SPDX-License-Identifier: Apache-2.0
 *
 * webform.h - the log-in form of a page: the one with a password field.
 *
 * In      an HTML page as a browser gets it, whatever its state. Scripts, styles and comments are skipped.
 * Out     action, method, which fields take the user and the password, and everything else that a browser would send along
 *         with its value (hidden tokens, ticked boxes, the first button). A form with two password fields or more sets a new password
 *         and is taken only when there is no other.
 * Bounds  WEBFORM_FIELDS fields, names and values of WEBFORM_TEXT bytes; a form beyond them is none.
 * Source  HTML (WHATWG) 4.10 (forms), 13.5 (character references: the numbered and the five usual ones). */
#ifndef LOGIN_WEBFORM_H
#define LOGIN_WEBFORM_H

#include <stdbool.h>
#include <stddef.h>

enum { WEBFORM_FIELDS = 24, WEBFORM_TEXT = 511 };
struct webform_field { char name[WEBFORM_TEXT + 1], value[WEBFORM_TEXT + 1]; bool hidden; };
struct webform {
	bool found, post, multipart;
	unsigned passwords;             /* fields of that type */
	char action[WEBFORM_TEXT + 1];  /* "" = the page itself */
	char user[WEBFORM_TEXT + 1], password[WEBFORM_TEXT + 1];        /* names; user "" = only a password is asked for */
	struct webform_field field[WEBFORM_FIELDS];     /* sent along as they are */
	unsigned n;
};

void webform_find(const char *page, size_t n, struct webform *ret);
#endif
