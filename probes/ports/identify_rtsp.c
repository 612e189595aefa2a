/* SPDX-License-Identifier: Apache-2.0
 *
 * identify_rtsp.c - a camera: servers that know no stream by the name that was asked for say so before they ask who asks, so the
 * names that cameras use are gone through until one is behind a log-in.
 * Source  the manuals of camera makers; RFC 2326 10.2 (DESCRIBE), 11.1 (401). */
#include <stdio.h>
#include <string.h>

#include "probes/ports/identify.h"

static const char *const usual[] = {
	"/live", "/stream", "/stream1", "/h264", "/video", "/cam", "/media", "/11", "/live/ch0", "/live/main", "/ch01", "/onvif1",
	"/Streaming/Channels/101", "/cam/realmonitor?channel=1&subtype=0", "/h264Preview_01_main", "/axis-media/media.amp", "/profile1",
	"/media/video1", "/videoMain", "/unicast",
};

static bool describe(struct identify *x, const char *path, struct err *err)
{
	char request[512];
	struct service s;
	bool got, v6 = strchr(x->ip, ':') != NULL;
	int n = snprintf(request, sizeof(request), "DESCRIBE rtsp://%s%s%s:%u%s RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n",
			 v6 ? "[" : "", x->ip, v6 ? "]" : "", x->f->port, path);

	if (n < 0 || n >= (int)sizeof(request))
		return true;
	if (!identify_exchange(x, path, (struct span){ (const uint8_t *)request, (size_t)n }, &got, err))
		return false;
	if (got && service_tcp((struct span){ x->d.answer, x->d.n }, &s) && s.login && !strcmp(s.name, "rtsp"))
		identify_login(x, s.login);
	dialog_close(&x->d);
	return true;
}

bool identify_streams(struct identify *x, struct err *err)
{
	for (size_t i = 0; i < x->surfaces && !x->f->logins; i++)
		if (!x->surface[i].udp && x->surface[i].port == x->f->port && x->surface[i].path[0] == '/' &&
		    !describe(x, x->surface[i].path, err))
			return false;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]) && !x->f->logins && !x->f->cut; i++)
		if (!describe(x, usual[i], err))
			return false;
	return true;
}
