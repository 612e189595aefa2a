/* SPDX-License-Identifier: Apache-2.0
 *
 * sni.h - the host a TLS client says it wants (RFC 6066 3), from the first bytes of its ClientHello.
 *
 * Out     lower case, odd characters as '?'; SNI_CUT: the segment ended before it could be told. */
#ifndef PROBES_CAPTURE_SNI_H
#define PROBES_CAPTURE_SNI_H

#include "harness/proto/packet.h"

enum sni { SNI_NO_HELLO, SNI_NONE, SNI_CUT, SNI_NAME };
enum sni sni_read(struct span first, char ret[static DNS_NAME]);
#endif
