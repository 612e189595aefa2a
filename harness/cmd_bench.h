/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_bench.h - the parts of `jusan bench`; argv[0] is the part's name, the return is the exit status. */
#ifndef HARNESS_CMD_BENCH_H
#define HARNESS_CMD_BENCH_H

int bench_cmd_check(int argc, char **argv);
int bench_cmd_probe(int argc, char **argv);
int bench_cmd_import(int argc, char **argv);
#endif
