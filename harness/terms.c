// SPDX-License-Identifier: Apache-2.0
// What IXIT tables can tell about the numbered conditions of EN 303 645 (V2.1.1: 1 to 13; V3.1.3 keeps 3 and 12 and adds 14 to
// 16) and the lettered features of V3.1.3. Of 14 and 15 they tell nothing.
#include <string.h>

#include "harness/standard.h"

#define ROWS(table)              { table, LOOK_ROWS, NULL, NULL, NULL }
#define NO_ROWS(table)           { table, LOOK_NO_ROWS, NULL, NULL, NULL }
#define EMPTY(table)             { table, LOOK_EMPTY, NULL, NULL, NULL }
#define SAYS(table, field)       { table, LOOK_SAYS, field, NULL, NULL }
#define YES(table, field)        { table, LOOK_YES, field, NULL, NULL }
#define HAS(table, field, words, others) { table, LOOK_HAS, field, words, others }
#define OTHER_FACTOR "token|key|certificate|fingerprint|face|biometric|button|トークン|証明書|鍵|指紋|顔"
#define PASSWORD "password|passphrase|passcode|passwort|PIN|パスワード|暗証番号"

const struct term_rule term_rules[] = {
	{ .id = "1", .look = HAS(1, "Authentication Factor", PASSWORD, OTHER_FACTOR) },
	{ .id = "2", .look = HAS(1, "Authentication Factor", PASSWORD, OTHER_FACTOR), .also = SAYS(1, "Password Generation Mechanism") },
	{ .id = "3", .look = NO_ROWS(7) },
	{ .id = "4", .opposite = "5" },
	{ .id = "5", .opposite = "4" },
	{ .id = "6", .look = ROWS(24) },
	{ .id = "7", .look = SAYS(21, "Obtaining Consent") },
	{ .id = "8", .look = EMPTY(1) },
	{ .id = "9", .look = EMPTY(7) },
	{ .id = "10", .look = EMPTY(10) },
	{ .id = "11", .look = EMPTY(7) },
	{ .id = "12", .look = ROWS(7) },
	{ .id = "13", .look = YES(15, "Debug Interface") },
	{ .id = "16", .look = HAS(10, "Type", "critical", "public") },
	{ .id = "a", .look = HAS(1, "Authentication Factor", PASSWORD, OTHER_FACTOR) },
	{ .id = "b", .look = HAS(1, "Authentication Factor", PASSWORD, OTHER_FACTOR), .also = SAYS(1, "Password Generation Mechanism") },
	{ .id = "c", .look = SAYS(1, "Cryptographic Details") },
	{ .id = "d", .look = EMPTY(1) },
	{ .id = "e", .look = EMPTY(1) },
	{ .id = "f", .look = EMPTY(6) },
	{ .id = "g", .look = ROWS(7) },
	{ .id = "h", .look = EMPTY(7) },
	{ .id = "i", .look = SAYS(7, "User Notification") },
	{ .id = "j", .look = EMPTY(7) },
	{ .id = "k", .look = ROWS(10) },
	{ .id = "l", .look = EMPTY(10) },
	{ .id = "m", .look = EMPTY(10) },
	{ .id = "n", .look = YES(13, "Allows Configuration") },
	{ .id = "o", .look = HAS(10, "Type", "critical", "public"), .also = SAYS(10, "Communication Mechanisms") },
	{ .id = "p", .look = HAS(15, "Status", "disabled|無効", NULL), .table2 = 28, .one_way = true },
	{ .id = "q", .look = YES(15, "Debug Interface"), .table2 = 28 },
	{ .id = "r", .look = YES(15, "Debug Interface") },
	{ .id = "s", .look = SAYS(20, "Detection Mechanisms") },
	{ .id = "t", .look = SAYS(21, "Communication Mechanisms") },
	{ .id = "u", .look = YES(21, "Sensitive"), .also = SAYS(21, "Communication Mechanisms") },
	{ .id = "v", .look = ROWS(22) },
	{ .id = "w", .look = ROWS(24) },
	{ .id = "x", .look = EMPTY(21) },
	{ .id = "y", .look = SAYS(21, "Obtaining Consent") },
	{ .id = "z", .look = ROWS(21) },
	{ .id = "aa", .look = EMPTY(21) },
	{ 0 }
};

const struct term_rule *term_rule_find(const char *id)
{
	for (const struct term_rule *t = term_rules; t->id; t++)
		if (!strcmp(t->id, id))
			return t;
	return NULL;
}
