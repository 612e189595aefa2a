/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/tcp_scan.h"

bool tcp_scan(const char *address, const struct portset *want, const struct tcp_how *how, struct tcp_scan *ret, struct err *err)
{
	struct err refusal = { 0 };
	bool refused = false;

	if (syn_scan(address, want, how, ret, &refused, &refusal))
		return true;
	if (refused)
		return connect_scan(address, want, how, ret, err);
	*err = refusal;
	return false;
}
