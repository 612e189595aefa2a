/* SPDX-License-Identifier: Apache-2.0
 *
 * machine.h - a virtual device as a process tree that can lose its supply.
 *
 * The machine lives in the device's network namespace, in a PID and a mount namespace of its own. Ending that PID
 * namespace ends every process in it at once, whatever they forked: nothing can outlive the cut. Before that the
 * device's interface goes down, because a device without power sends no FIN, and afterwards its sockets, addresses
 * and routes are removed from the namespace, because a device without power remembers none.
 *
 * Needs   CAP_SYS_ADMIN and CAP_NET_ADMIN over the namespaces (root, or a user namespace of ours). */
#ifndef PROBES_POWER_MACHINE_H
#define PROBES_POWER_MACHINE_H

#include "harness/probe.h"
#include "probes/power/plug_net.h"

#define MACHINE_ARGS 64

struct machine_spec {
	const char *argv[MACHINE_ARGS];         /* NULL-terminated; argv[0] is looked up in PATH */
	const char *console;                    /* tty for descriptors 0-2; NULL = /dev/null */
	const char *pins;                       /* UNIX stream socket to connect as descriptor 3; NULL = none */
	const char *interface;                  /* device's interface in its namespace; NULL = none */
	const char *said;                       /* file that becomes descriptor 2, emptied; NULL = the console */
	bool control;                           /* a socket to the line becomes descriptor 4: see machine.control */
	bool tap;                               /* a tap wired to `interface` becomes descriptor 5 (tap.h) */
	/* How its program is asked to end before a cut kills it; NULL = not at all. Bounded; pidfd is readable when it is gone. */
	void (*ask_end)(struct line *l, int pidfd);
	const char *resolv;                     /* file bound over /etc/resolv.conf inside; NULL = none */
	bool owns_ip;                           /* the host kernel is the device's stack (no machine emulation) */
};

/* pidfd -1 = not running; readable when it ended. control: the line's end of that socket, -1 = none; who takes it sets -1. */
struct machine { int pidfd; pid_t pid; int control; struct plug_net net; };

void machine_init(struct machine *m);
/* Brings the interface up and starts. A program that cannot be started ends by itself: see pidfd. */
bool machine_start(const struct line *l, const struct machine_spec *spec, struct machine *m, struct err *err) MUST_CHECK;
/* Cuts the supply now. *ret_dead_ns: when the last process was gone (proved by its pidfd). Not running: fine.
 * ERR_TIME when it was not gone within 5 s. */
bool machine_cut(struct machine *m, const char *interface, int64_t *ret_dead_ns, struct err *err) MUST_CHECK;
/* The machine ended by itself: takes its exit status (as waitpid) and forgets it. */
int machine_reap(struct machine *m);
void machine_done(struct machine *m);           /* cuts if it still runs */
#endif
