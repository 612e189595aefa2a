// SPDX-License-Identifier: Apache-2.0
// Settings by the kernel's own structure, which names any rate; its header cannot be had together with <termios.h>.
#include <asm/termbits.h>
#include <sys/ioctl.h>

#include "probes/serial/tty.h"

/* PARMRK and INPCK: errors are marked in the bytes. HUPCL off: closing does not drop DTR. Applied after libserialport's open,
 * which clears the former, and leaves the latter. */
bool tty_plain_raw(int fd, struct err *err)
{
	struct termios2 t;

	if (ioctl(fd, TCGETS2, &t) < 0)
		return err_sys(err, "settings of the port");
	t.c_iflag &= ~(unsigned)(IGNBRK | BRKINT | IGNPAR | ISTRIP | INLCR | IGNCR | ICRNL);
	t.c_iflag |= PARMRK | INPCK;
	t.c_oflag &= ~(unsigned)OPOST;
	t.c_lflag &= ~(unsigned)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	t.c_cflag &= ~(unsigned)HUPCL;
	t.c_cflag |= CREAD | CLOCAL;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	return ioctl(fd, TCSETS2, &t) == 0 || err_sys(err, "settings of the port");
}

static unsigned parity_bits(enum tty_parity p)
{
	static const unsigned bits[] = {
		[TTY_NONE] = 0, [TTY_ODD] = PARENB | PARODD, [TTY_EVEN] = PARENB,
		[TTY_MARK] = PARENB | CMSPAR | PARODD, [TTY_SPACE] = PARENB | CMSPAR,
	};

	return bits[p];
}

bool tty_plain_set(int fd, const struct tty_want *w, struct err *err)
{
	static const unsigned size[] = { CS5, CS6, CS7, CS8 };
	struct termios2 t;

	if (ioctl(fd, TCGETS2, &t) < 0)
		return err_sys(err, "settings of the port");
	t.c_cflag &= ~(unsigned)(CBAUD | CSIZE | CSTOPB | PARENB | PARODD | CMSPAR | CRTSCTS);
	t.c_cflag |= BOTHER | size[w->s.bits - 5] | parity_bits(w->s.parity);
	t.c_cflag |= (w->s.stop == 2 ? CSTOPB : 0) | (w->flow == TTY_FLOW_RTSCTS ? CRTSCTS : 0);
	t.c_iflag &= ~(unsigned)(IXON | IXOFF);
	t.c_iflag |= w->flow == TTY_FLOW_XONXOFF ? IXON | IXOFF : 0;
	t.c_ispeed = t.c_ospeed = (unsigned)w->s.baud;
	return ioctl(fd, TCSETS2, &t) == 0 || err_sys(err, "settings of the port");
}

bool tty_plain_get(int fd, struct tty_settings *ret, struct err *err)
{
	struct termios2 t;

	if (ioctl(fd, TCGETS2, &t) < 0)
		return err_sys(err, "settings of the port");
	*ret = (struct tty_settings){ .baud = t.c_ospeed, .stop = t.c_cflag & CSTOPB ? 2 : 1 };
	ret->bits = (t.c_cflag & CSIZE) == CS5 ? 5 : (t.c_cflag & CSIZE) == CS6 ? 6 : (t.c_cflag & CSIZE) == CS7 ? 7 : 8;
	for (enum tty_parity p = TTY_NONE; p <= TTY_SPACE; p++)
		if ((t.c_cflag & (PARENB | PARODD | CMSPAR)) == parity_bits(p))
			ret->parity = p;
	return true;
}
