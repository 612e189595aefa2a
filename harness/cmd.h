/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd.h - the subcommands, one cmd_NAME.c each. argv[0] is the subcommand's name; the return is the exit status. */
#ifndef HARNESS_CMD_H
#define HARNESS_CMD_H

int cmd_plan(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_power(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_net(int argc, char **argv);
int cmd_capture(int argc, char **argv);
int cmd_judge(int argc, char **argv);
int cmd_campaign(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_index(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_show(int argc, char **argv);
/* After campaign_judge: reports and seal; the exit status of its verdicts. */
int campaign_conclude(const char *out);
int cmd_verbs(int argc, char **argv);
int cmd_lint(int argc, char **argv);
int cmd_review(int argc, char **argv);
int cmd_key(int argc, char **argv);
int cmd_schema(int argc, char **argv);
int cmd_declare(int argc, char **argv);
#endif
