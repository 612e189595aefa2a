// SPDX-License-Identifier: Apache-2.0
// What a worker may still do once it starts to talk to the device.
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/session.h"

#define WRITES (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
		LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
		LANDLOCK_ACCESS_FS_MAKE_SYM)

static bool allow_below(int rules, const char *path, struct err *err)
{
	CLEANUP(close_fd) int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr a = { .allowed_access = WRITES, .parent_fd = fd };

	if (fd < 0)
		return errno == ENOENT || err_sys(err, "%s", path);
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &a, 0) < 0)
		return err_sys(err, "landlock: %s", path);
	return true;
}

/* Files: read what the user may read, write only the run's own. A device's declaration may name folders of
 * the maker's (an update directory below the scratch folder), never anything else. */
static bool limit_files(const struct session *s, struct err *err)
{
	struct landlock_ruleset_attr a = { .handled_access_fs = WRITES };
	CLEANUP(close_fd) int rules = (int)syscall(SYS_landlock_create_ruleset, &a, sizeof(a), 0);

	if (rules < 0)
		return true;            /* a kernel without Landlock: seccomp and the namespaces remain */
	if (!allow_below(rules, s->run_dir, err) || !allow_below(rules, s->work, err) ||
	    !allow_below(rules, "/dev", err))
		return false;
	if (syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		return err_sys(err, "landlock");
	return true;
}

static bool limit_calls(unsigned rights, struct err *err)
{
	static const int never[] = {
		SCMP_SYS(ptrace), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(reboot),
		SCMP_SYS(kexec_load), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
		SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
		SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(settimeofday),
		SCMP_SYS(clock_settime), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(setns),
		SCMP_SYS(unshare),
	};
	static const int spawn[] = { SCMP_SYS(execve), SCMP_SYS(execveat) };
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int bad = 0;

	if (!f)
		return err_set(err, ERR_OS, "seccomp: out of memory");
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), never[i], 0);
	for (size_t i = 0; !(rights & RIGHT_SPAWN) && i < sizeof(spawn) / sizeof(spawn[0]); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), spawn[i], 0);
	bad = bad || seccomp_load(f) < 0;
	seccomp_release(f);
	return !bad || err_set(err, ERR_OS, "seccomp: the filter does not load");
}

/* RIGHT_RAW keeps CAP_NET_RAW where there is one: on a bench without namespaces of its own the probe does without. */
static bool drop_capabilities(unsigned rights, struct err *err)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct have[2] = { 0 }, keep[2] = { 0 };

	if (rights & RIGHT_RAW && !syscall(SYS_capget, &h, have))
		keep[0].permitted = keep[0].effective = have[0].permitted & 1u << CAP_NET_RAW;
	if (syscall(SYS_capset, &h, keep) < 0)
		return err_sys(err, "capset");
	return true;
}

bool sandbox_enter(const struct session *s, unsigned rights, struct err *err)
{
	struct rlimit files = { 1024, 4096 }, core = { 0, 0 }, size = { (rlim_t)1 << 30, (rlim_t)1 << 30 };

	if (setrlimit(RLIMIT_NOFILE, &files) < 0 || setrlimit(RLIMIT_CORE, &core) < 0 ||
	    setrlimit(RLIMIT_FSIZE, &size) < 0)
		return err_sys(err, "setrlimit");
#ifndef __SANITIZE_ADDRESS__            /* which reserves terabytes of address space */
	struct rlimit memory = { (rlim_t)2 << 30, (rlim_t)2 << 30 };

	if (setrlimit(RLIMIT_AS, &memory) < 0)
		return err_sys(err, "setrlimit");
#endif
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, "no_new_privs");
	if (!limit_files(s, err))
		return false;
	if (!(rights & RIGHT_ADMIN) && !drop_capabilities(rights, err))
		return false;
	return limit_calls(rights, err);
}
