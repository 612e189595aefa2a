// SPDX-License-Identifier: Apache-2.0
#include "probes/power/usb_board.h"

#include <stdlib.h>

#include "harness/base/cleanup.h"

#define DEVICES_MAX 256         /* of one host */

/* Keeps in ret what is of the family; *ret_alike: something that has only its ids. */
static bool sift(const struct usb_family *f, const struct usb_match *m, const struct usb_seen *all, size_t n, struct usb_seen *ret,
		 size_t *ret_n, const struct usb_seen **ret_alike, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!f->ids(&all[i]) || (m && !usb_matches(m, &all[i])))
			continue;
		if (f->is && !f->is(&all[i])) {
			*ret_alike = &all[i];
			continue;
		}
		if (*ret_n == USB_BOARDS)
			return err_set(err, ERR_LIMIT, "more than %d boards that are %s", USB_BOARDS, f->what);
		ret[(*ret_n)++] = all[i];
	}
	return true;
}

bool usb_boards(const struct line *l, const struct usb_family *f, struct usb_seen ret[static USB_BOARDS], size_t *ret_n, struct err *err)
{
	CLEANUP(free_ptr) struct usb_seen *all = calloc(DEVICES_MAX, sizeof(*all));
	const struct usb_seen *alike = NULL;
	struct usb_match m;
	size_t n;

	*ret_n = 0;
	if (!all)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (line_has(l, "match") && !usb_match_read(line_json(l, "match"), &m, err))
		return false;
	if (!usb_list(all, DEVICES_MAX, &n, err) || !sift(f, line_has(l, "match") ? &m : NULL, all, n, ret, ret_n, &alike, err))
		return false;
	if (*ret_n)
		return true;
	if (alike)
		return err_set(err, ERR_BENCH, "%s is not %s: it has the ids %04x:%04x but calls itself \"%.60s\"", alike->path, f->what,
			       alike->vendor, alike->product, alike->name);
	return err_set(err, ERR_BENCH, "%s%s is not plugged in", f->what, line_has(l, "match") ? " that match: takes" : "");
}

bool usb_board(const struct line *l, const struct usb_family *f, struct usb_seen *ret, struct err *err)
{
	CLEANUP(free_ptr) struct usb_seen *hit = calloc(USB_BOARDS, sizeof(*hit));
	size_t n;

	if (!hit)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!usb_boards(l, f, hit, &n, err))
		return false;
	if (n > 1)
		return err_set(err, ERR_BENCH, "%s and %s are both %s: say which by match: {path} or {serial}", hit[0].path, hit[1].path,
			       f->what);
	*ret = hit[0];
	return true;
}

bool usb_board_open(const struct line *l, const struct usb_family *f, struct usb_dev **ret, struct err *err)
{
	struct usb_seen d;

	return usb_board(l, f, &d, err) && usb_dev_open(&d, line_int(l, "timeout"), ret, err);
}
