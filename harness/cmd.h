/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd.h - the subcommands, one cmd_NAME.c each. argv[0] is the subcommand's name; the return is the exit status. */
#ifndef HARNESS_CMD_H
#define HARNESS_CMD_H

int cmd_plan(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_judge(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_verbs(int argc, char **argv);
int cmd_lint(int argc, char **argv);
int cmd_schema(int argc, char **argv);
#endif
