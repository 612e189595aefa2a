/* SPDX-License-Identifier: Apache-2.0
 *
 * session.h - what every process of one run shares by inheritance: inputs, folders, namespaces, seed.
 * Filled by run.c before the first fork, read-only afterwards. */
#ifndef HARNESS_SESSION_H
#define HARNESS_SESSION_H

#include "harness/base/fs.h"
#include "harness/factkey.h"
#include "harness/plan.h"

struct session {
	const struct plan *plan;
	char run_dir[FS_PATH];          /* runs/ID, absolute */
	char dir[FS_PATH];              /* where this session's evidence goes: run_dir, or run_dir/resumeN */
	bool made;                      /* run_dir is this session's own: it may be taken away when nothing comes of it */
	char prefix[16];                /* "" or "resumeN/": put before every evidence pointer */
	char work[64];                  /* scratch, short because socket paths are, removed by the guard */
	char suites[FS_PATH], root[FS_PATH];    /* suites folder, working directory of the caller */
	uint64_t seed;
	int unit;                       /* 1.. */
	int repeat;                     /* rounds of every test, 1.. */
	struct factkey facts;           /* secrets become facts under this key */
	int64_t wall_offset_ns;
	int ns[NETNS_COUNT];            /* namespaces of a virtual bench; -1 on a real one, but for NETNS_BENCH with a net.* line */
	int user_ns;                    /* that owns the latter; -1 elsewhere */
	const char *blind;              /* test hook: the line that records nothing; NULL = none */
};

/* ---- virtual.c ---- */
/* A virtual bench: moves this process into user, network and (for its children) PID namespaces of its own and makes the other
 * two network namespaces. The next fork is the guard, init of the PID namespace: with it everything dies.
 * A real bench with a net.* line: makes a user and a network namespace for what talks to the device, and stays outside: its
 * own lines (a PDU, a USB relay) are the host's. A real bench without one: nothing. */
bool world_make(struct session *s, struct err *err) MUST_CHECK;
/* This process, which has one thread, goes into the second kind; true at once elsewhere. Its user is root there, and only there. */
bool apart_enter(const struct session *s, struct err *err) MUST_CHECK;

/* ---- guard.c ---- */
struct guard { pid_t pid; int fd; };
/* Forks the guard. From then on the end of this process, however it comes, puts every opened line into its safe
 * state, ends every process of the run and removes the scratch folder. */
bool guard_start(const struct session *s, int lock_fd, struct guard *ret, struct err *err) MUST_CHECK; /* lock_fd: kept open to its end; -1 = none */
bool guard_line(struct guard *g, const char *line, struct err *err) MUST_CHECK;         /* this line is open now */
bool guard_pid(struct guard *g, pid_t pid, struct err *err) MUST_CHECK;                 /* and this process runs */
bool guard_keep(struct guard *g, struct err *err) MUST_CHECK;   /* from now on lines stay as they are at the end */
bool guard_end(struct guard *g, struct err *err) MUST_CHECK;    /* take the way back now; waits for it */

/* ---- line.c ---- */
struct line_handle { const struct bench_line *spec; pid_t pid; int fd; };
/* Starts the line's process; it tells {"ready":bool,"text"} on fd when it is ready to record. */
bool line_start(const struct session *s, const struct bench_line *spec, struct line_handle *ret, struct err *err) MUST_CHECK;
void line_ask_close(const struct line_handle *h);       /* returns at once; its end shows on fd */
/* Asks it to close and waits; kills it after 5 s. */
void line_stop(struct line_handle *h);
void line_leave(struct line_handle *h); /* ends its process without its close(): the hardware stays as it is */
/* In the guard's child: safe state from the parameters alone. */
void line_make_safe(const struct session *s, const struct bench_line *spec);
/* ${work} ${run} ${root} in every text of j; new reference. */
json_t *session_expand(const struct session *s, const json_t *j);

/* ---- words.c: what ${work} ${run} ${root} ${canary.X} ${secret.X} stand for; data is the session ---- */
const char *session_word(const char *name, char *buf, size_t n, void *data);

/* ---- step.c: the worker's side ---- */
void session_canary(const struct session *s, const char *field, char ret[static 33]);
/* The life of a worker: takes steps from fd until it closes. Never returns. */
void worker_main(const struct session *s, const struct probe *p, int fd) __attribute__((noreturn));

/* ---- sandbox.c ---- */
/* After this the process may write only below the run's folders, and start programs, use the network or
 * administer it only as `rights` say. Parts the kernel lacks are skipped. */
bool sandbox_enter(const struct session *s, unsigned rights, struct err *err) MUST_CHECK;

/* Keeps keep[n] (ascending or not) and 0-2, closes every other descriptor: a child must not hold the run's sockets. */
void close_other_fds(const int *keep, size_t n);
/* stdin from /dev/null, stdout and stderr to DIR/log.txt: a child must not write on the user's terminal. */
void child_stdio(const struct session *s);
#endif
