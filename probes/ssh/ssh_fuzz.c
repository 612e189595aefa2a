/* SPDX-License-Identifier: Apache-2.0
 * What a server says from its first byte on: version line, packets, KEXINIT, host key. */
#include "probes/ssh/hostkey.h"
#include "probes/ssh/kexinit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kexinit k;
	char version[SSH_VERSION];
	struct span in = { data, size }, payload;
	struct hostkey key;
	const char *why = "";

	if (ssh_version_take(&in, version, &why) != READ_DONE)
		in = (struct span){ data, size };
	while (ssh_packet_take(&in, &payload, &why) == READ_DONE) {
		ssh_kexinit_read(payload, &k, &why);
		hostkey_read(payload, &key);
	}
	hostkey_read(in, &key);
	return 0;
}
