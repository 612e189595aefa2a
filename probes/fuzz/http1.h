/* SPDX-License-Identifier: Apache-2.0
 *
 * http1.h - where one HTTP/1.x answer ends and the next begins: all a fuzzer needs of it.
 *
 * In      bytes of a connection, from the start of an answer; may be anything.
 * Out     TAKEN with status and length; MORE when it is not whole yet; UNTIL_END when only the end of the connection
 *         ends it; BROKEN when it is not HTTP or above the bounds.
 * Bound   head HTTP1_HEAD bytes, body HTTP1_BODY.   Source RFC 9112 2, 6, 7.1. */
#ifndef FUZZ_HTTP1_H
#define FUZZ_HTTP1_H

#include "harness/base/span.h"

#define HTTP1_HEAD 16384
#define HTTP1_BODY (1u << 20)

enum http1 { HTTP1_MORE, HTTP1_TAKEN, HTTP1_UNTIL_END, HTTP1_BROKEN };
struct http1_answer { int status; size_t n; bool close; };     /* n: whole length; close: the peer will end */
/* head_only: the answer to HEAD has no body whatever its headers say. 1xx answers count as answers. */
enum http1 http1_take(struct span in, bool head_only, struct http1_answer *ret);
#endif
