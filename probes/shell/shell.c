/* SPDX-License-Identifier: Apache-2.0
 *
 * shell.c - what a laboratory's shell on the device shows of its privileges. Facts only: whether a server has to be root's
 * is for a person to say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "probes/shell/listing.h"
#include "probes/shell/remote.h"

static bool ask(struct step *st, const char *mark, struct remote *ret, struct err *err)
{
	const json_t *shell = step_json(st, "shell");
	const char *type = json_string_value(json_object_get(shell, "type"));
	char script[LISTING_SCRIPT], end[64];

	listing_script(mark, script);
	snprintf(end, sizeof(end), "#%send", mark);
	if (type && !strcmp(type, "ssh"))
		return remote_ssh(st, shell, script, LISTING_BYTES, ret, err);
	if (type && !strcmp(type, "console"))
		return remote_console(st, shell, script, end, LISTING_BYTES, ret, err);
	return err_set(err, ERR_CONF, "shell: type is 'ssh' or 'console'");
}

static void tell_set(struct step *st, const char *set, const struct listed *l)
{
	fact_set_empty(st, set);
	for (int64_t i = 0; i < l->n && i < LISTING_ITEMS; i++)
		fact_set_add(st, set, l->item[i]);
	if (l->n > LISTING_ITEMS)
		step_incomplete(st, "%s: %d of %lld are listed", set, LISTING_ITEMS, (long long)l->n);
}

static void tell(struct step *st, const struct listing *l)
{
	fact_int(st, "processes", l->processes);
	fact_int(st, "root_processes", l->root.n);
	tell_set(st, "root", &l->root);
	fact_int(st, "capable_processes", l->capable.n);
	tell_set(st, "capable", &l->capable);
	tell_set(st, "sockets", &l->sockets);
	tell_set(st, "ports", &l->ports);
	fact_int(st, "root_listeners", l->root_sockets.n);
	tell_set(st, "root_sockets", &l->root_sockets);
	fact_int(st, "setuid_files", l->files.n);
	tell_set(st, "files", &l->files);
	if (!l->ended)
		step_incomplete(st, "the shell's answer is not whole");
	else if (!l->searched)
		step_incomplete(st, "the device has no find that works: its files were not looked at");
}

/* The answer is evidence, and says more than the facts. */
static bool keep(struct step *st, const struct remote *r, struct err *err)
{
	char name[96], path[FS_PATH];

	snprintf(name, sizeof(name), "evidence/shell-%lld.txt", (long long)step_begin_ns(st));
	if (!fs_join(path, step_run_dir(st), "evidence", err) || !fs_mkdirs(path, err) || !fs_join(path, step_run_dir(st), name, err) ||
	    !fs_write(path, r->text, r->n, err))
		return false;
	step_at_bytes(st, name, 0, (int64_t)r->n);
	return true;
}

static bool privileges(struct step *st, struct err *err)
{
	CLEANUP(free_ptr) struct listing *l = calloc(1, sizeof(*l));
	CLEANUP(free_ptr) char *text = NULL;
	struct remote r = { .text = NULL };
	char mark[24];
	bool ok;

	if (!l)
		return err_set(err, ERR_LIMIT, "out of memory");
	snprintf(mark, sizeof(mark), "j%08x", (unsigned)rng_below(step_rng(st), UINT32_MAX));
	ok = ask(st, mark, &r, err);
	text = r.text;
	if (!ok)
		return false;
	if (r.n)
		listing_read((struct span){ (const uint8_t *)r.text, r.n }, mark, l);
	fact_bool(st, "answered", l->begun);
	if (l->begun)
		tell(st, l);
	if (r.why[0] || !l->begun)
		step_incomplete(st, "%s", r.why[0] ? r.why : "the shell did not run what was asked");
	step_scope_text(st, "%lld processes, %lld listening sockets, %lld files with setuid or setgid", (long long)l->processes,
			(long long)l->sockets.n, (long long)l->files.n);
	return !r.n || keep(st, &r, err);
}

static const struct param privileges_params[] = {
	{ "shell", VALUE_MAP, .need = true, .doc = "where: type ssh with port, user, secret; or type console with line, logged in" },
	{ "within", VALUE_TIME, .min = MS(100), .max = SEC(3600), .fallback = "60s", .doc = "a slow device's time for all of it" },
	{ 0 }
};
static const struct fact privileges_facts[] = {
	{ "answered", VALUE_BOOL, NULL, "the shell ran what was asked" },
	{ "processes", VALUE_INT, "processes", "besides the kernel's own" },
	{ "root_processes", VALUE_INT, "processes", "of user 0" },
	{ "root", VALUE_SET, NULL, "their names" },
	{ "capable_processes", VALUE_INT, "processes", "of others, with capabilities" },
	{ "capable", VALUE_SET, NULL, "which, with user and capabilities" },
	{ "sockets", VALUE_SET, NULL, "listening: protocol and port, how far they reach, user" },
	{ "ports", VALUE_SET, NULL, "listening for others than the device itself: tcp/22" },
	{ "root_listeners", VALUE_INT, "sockets", "of these, of user 0" },
	{ "root_sockets", VALUE_SET, NULL, "which" },
	{ "setuid_files", VALUE_INT, "files", "with setuid or setgid" },
	{ "files", VALUE_SET, NULL, "which" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "privileges", VERB_PROBE, privileges_params, privileges_facts, privileges,
	  "list processes, capabilities, listening sockets and setuid files" },
	{ 0 }
};
const struct probe probe_shell = { "shell", "a laboratory's shell on the device", verbs, NULL, RIGHT_SCOPE | RIGHT_LINES };
