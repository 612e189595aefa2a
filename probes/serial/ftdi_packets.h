/* SPDX-License-Identifier: Apache-2.0
 *
 * ftdi_packets.h - what an FTDI chip sends: packets of at most `packet` bytes, each with two status bytes in front that
 * libftdi takes out and throws away. The second one tells of line errors; where in its packet the error was, nobody says.
 *
 * In       one transfer of n bytes. A packet shorter than two bytes holds nothing.
 * Out      out[n]: the bytes of the line; how many is returned. Errors: packets that told of one, and how many bytes of out
 *          stood before the first such packet.
 * Source   FTDI AN232B-04 (status bytes), Linux drivers/usb/serial/ftdi_sio.c */
#ifndef SERIAL_FTDI_PACKETS_H
#define SERIAL_FTDI_PACKETS_H

#include "harness/proto/serial_log.h"

struct ftdi_errors { size_t count[SERIAL_FAULT_COUNT], first[SERIAL_FAULT_COUNT]; };

size_t ftdi_packets(const uint8_t *p, size_t n, size_t packet, uint8_t *out, struct ftdi_errors *ret);
#endif
