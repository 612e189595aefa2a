/* SPDX-License-Identifier: Apache-2.0
 *
 * tlv8.h - items of one byte type, one byte length and so many bytes. What is longer than 255 bytes goes on in items of the same type.
 * Source  HomeKit Accessory Protocol Specification, non-commercial R2, 14.1 (read in open implementations of it). */
#ifndef LOGIN_TLV8_H
#define LOGIN_TLV8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tlv8 { uint8_t bytes[1024]; size_t n; };

/* False when it finds no room. */
bool tlv8_add(struct tlv8 *t, uint8_t type, const void *p, size_t n);
/* The first value of the type, put together; its length, or -1: none, a broken list, or more than room. */
long tlv8_get(const void *list, size_t n, uint8_t type, void *ret, size_t room);
#endif
