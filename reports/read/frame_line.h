/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_line.h - one frame as one line: from whom, to whom, which protocol, flags, and the first word of the application
 * where it is cheap to tell.
 *
 *   192.168.77.23:50122 > 203.0.113.10:8883 TCP PSH ACK, TLS ClientHello for broker.example, 583 bytes
 *   192.168.77.23:41100 > 192.168.77.1:53 UDP, DNS asks A broker.example, 74 bytes
 *
 * In      the first bytes of a frame as captured; anything may be cut off or wrong. wire: its length on the wire.
 * Out     printable ASCII only; what else the device put into names and texts stands as '.', a quote as it is: whoever
 *         writes it into markup escapes it. Cut at `size`. Returns buf.
 * Says    what the bytes look like; that the peers understood each other is not said. */
#ifndef REPORTS_READ_FRAME_LINE_H
#define REPORTS_READ_FRAME_LINE_H

#include "harness/base/span.h"

#define FRAME_LINE 400

const char *frame_line(struct span frame, uint32_t wire, char *buf, size_t size);
#endif
