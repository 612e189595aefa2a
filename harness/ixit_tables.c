// SPDX-License-Identifier: Apache-2.0
// The 29 tables of implementation extra information for testing (IXIT): names as the standard writes them.
#include <string.h>

#include "harness/standard.h"

const char *const edition_name[] = { "en303645-v2.1.1", "en303645-v3.1.3", NULL };
const char *const edition_ts[] = { "1.1.1", "2.1.1", NULL };

#define BOTH(name, type, doc)  { { name, name }, CELL_##type, doc }
#define FIRST(name, type, doc) { { name, NULL }, CELL_##type, doc }     /* only in TS 103 701 V1.1.1 */
#define LATER(name, type, doc) { { NULL, name }, CELL_##type, doc }     /* only in V2.1.1 */
#define DESCRIPTION(doc) BOTH("Description", TEXT, doc)
#define FIELDS(name, ...) static const struct ixit_field name[] = { __VA_ARGS__, { { NULL, NULL }, CELL_TEXT, NULL } }

FIELDS(auth_mech,
	DESCRIPTION("who is authenticated where: user or machine, over which interface"),
	BOTH("Authentication Factor", TEXT, "password, token, key, fingerprint, none"),
	LATER("Default Status", TEXT, "active or not as delivered"),
	BOTH("Password Generation Mechanism", TEXT, "how a pre-installed password comes about; N/A where the user defines it"),
	BOTH("Security Guarantees", TEXT, "what it protects, against whom"),
	BOTH("Cryptographic Details", TEXT, "protocols, algorithms, key lengths; N/A where there is none"),
	BOTH("Brute Force Prevention", TEXT, "delay, limit, lock, entropy"));
FIELDS(user_info,
	BOTH("Documentation of Change Mechanisms", TEXT, "where the user reads how to change authentication values"),
	BOTH("Documentation of Replacement", TEXT, "how to replace the hardware"),
	BOTH("Documentation of Sensors", TEXT, "which external sensors there are"),
	BOTH("Documentation of Secure Setup", TEXT, "how to set the device up securely"),
	BOTH("Documentation of Setup Check", TEXT, "how to check that it is"),
	LATER("Documentation of Maintenance Check", TEXT, "how to check that it still is"),
	BOTH("Documentation of Personal Data", TEXT, "what is processed, by whom, for what"),
	BOTH("Documentation of Telemetry Data", TEXT, "what is collected and why"),
	BOTH("Documentation of Deletion", TEXT, "how to delete personal data"),
	BOTH("Model Designation", TEXT, "the model as simple text, and where it is found"),
	BOTH("Support Period", TEXT, "until when updates are supplied"),
	BOTH("Publication of Support Period", TEXT, "where that is published"),
	BOTH("Publication of Vulnerability Disclosure Policy", TEXT, "where the policy is published"),
	BOTH("Publication of Non-Updatable", TEXT, "where rationale, replacement plan and period stand; N/A where all is updatable"));
FIELDS(vuln_types,
	DESCRIPTION("kind of vulnerability"),
	BOTH("Action", TEXT, "what is done about it, by whom"),
	BOTH("Time Frame", TEXT, "within what time"));
FIELDS(conf,
	BOTH("Confirmation of Vulnerability Actions", YES, "of IXIT 3"),
	BOTH("Confirmation of Vulnerability Monitoring", YES, "of IXIT 5"),
	BOTH("Confirmation of Update Procedures", YES, "of IXIT 8"),
	BOTH("Confirmation of Secure Management", YES, "of IXIT 14"),
	BOTH("Confirmation of Secure Development", YES, "of IXIT 19"));
FIELDS(soft_comp,
	DESCRIPTION("the component, its version"),
	BOTH("Update Mechanism", REFS, "rows of UpdMech; or why it has none"),
	BOTH("Cryptographic Usage", TEXT, "which cryptography it holds, and what updating it would break"));
FIELDS(upd_mech,
	DESCRIPTION("the steps from looking for an update to running it"),
	BOTH("Security Guarantees", TEXT, "what is assured, and by what"),
	BOTH("Cryptographic Details", TEXT, "algorithms, keys, trust anchors"),
	BOTH("Initiation and Interaction", TEXT, "who starts it, what the user does"),
	BOTH("Configuration", TEXT, "what can be switched off or postponed, and the default"),
	BOTH("Update Checking", TEXT, "when the device looks for updates"),
	BOTH("User Notification", TEXT, "how the user learns of an update, its reason and its disturbance"));
FIELDS(upd_proc,
	DESCRIPTION("from the report to the published update"),
	BOTH("Time Frame", TEXT, "within what time"));
FIELDS(repl_sup,
	BOTH("Isolation", TEXT, "how the device is cut off, and what still works"),
	BOTH("Hardware Replacement", TEXT, "how it is replaced"));
FIELDS(sec_param,
	DESCRIPTION("the parameter, what it is used for, whether it is hard-coded"),
	BOTH("Type", TEXT, "critical or public"),
	BOTH("Security Guarantees", TEXT, "confidentiality, integrity, authenticity"),
	BOTH("Protection Scheme", TEXT, "how that is reached in storage"),
	BOTH("Provisioning Mechanism", TEXT, "how its value gets into the device"),
	{ { "Communication Mechanisms", "Secure Communication Mechanisms" }, CELL_REFS, "rows of ComMech or SecComMech that carry it; or why none does" },
	BOTH("Generation Mechanism", TEXT, "how its value comes about"));
FIELDS(com_mech,
	DESCRIPTION("the mechanism and its peers"),
	LATER("Interface", REFS, "rows of LogIntf it protects"),
	BOTH("Security Guarantees", TEXT, "what it protects"),
	BOTH("Cryptographic Details", TEXT, "protocols, suites, key lengths, validation of the peer"),
	FIRST("Resilience Measures", TEXT, "how a disturbed connection comes back"));
FIELDS(net_sec_impl,
	DESCRIPTION("the implementation of network or security functions, name and version"),
	BOTH("Review/Evaluation Method", TEXT, "how it was reviewed or evaluated"),
	BOTH("Report", TEXT, "name and version of the report"));
FIELDS(soft_serv,
	DESCRIPTION("the service, and in which state of the device it runs"),
	BOTH("Status", TEXT, "enabled or disabled by default"),
	BOTH("Justification", TEXT, "why it is needed, where it is enabled"),
	BOTH("Allows Configuration", YES, "security-relevant changes of the configuration"),
	BOTH("Authentication Mechanism", REFS, "rows of AuthMech; or why there is none"));
FIELDS(description, DESCRIPTION(NULL));
FIELDS(phy_intf,
	DESCRIPTION("the interface"),
	BOTH("Type", TEXT, "network, physical port, air interface"),
	BOTH("Status", TEXT, "enabled or disabled"),
	FIRST("Disclosed Information", TEXT, "what it tells without authentication"),
	BOTH("Debug Interface", YES, "can it be used for debugging"),
	BOTH("Protection", TEXT, "casing, or how it is disabled in software"));
FIELDS(sec_boot,
	DESCRIPTION("what is verified, from which root of trust"),
	BOTH("Security Guarantees", TEXT, "integrity, authenticity"),
	BOTH("Detection Mechanisms", TEXT, "how an unauthorised change is noticed"),
	BOTH("User Notification", TEXT, "how the user learns of it"),
	BOTH("Notification Functionality", TEXT, "which network functions that needs"));
FIELDS(pers_data,
	DESCRIPTION("the data"),
	LATER("Purpose", TEXT, "what for"),
	LATER("Aggregation", TEXT, "whether it is aggregated"),
	LATER("Authorized Parties", TEXT, "who may process it"),
	LATER("Lifecycle", TEXT, "how long it is kept and how it is disposed of"),
	BOTH("Processing Activities", TEXT, "what is done with it, by whom, for what"),
	{ { "Communication Mechanisms", "Secure Communication Mechanisms" }, CELL_REFS, "rows of ComMech or SecComMech that carry it; or why none does" },
	BOTH("Sensitive", YES, "sensitive personal data"),
	BOTH("Obtaining Consent", TEXT, "how consent is obtained; N/A where it is not the basis"),
	BOTH("Withdrawing Consent", TEXT, "how it is withdrawn"),
	LATER("Storing Consent", TEXT, "how it is recorded"),
	LATER("Anonymization", TEXT, "how it is made anonymous"));
FIELDS(res_mech,
	DESCRIPTION("what the device does in an outage and after it"),
	BOTH("Type", TEXT, "network or power"),
	BOTH("Security Guarantees", TEXT, "what stays protected"));
FIELDS(tel_data,
	DESCRIPTION("the data"),
	BOTH("Purpose", TEXT, "what for"),
	BOTH("Security Examination", TEXT, "how it is examined for anomalies"),
	BOTH("Personal Data", REFS, "rows of PersData in it; or that there are none"));
FIELDS(del_func,
	DESCRIPTION("what is deleted"),
	BOTH("Target Type", TEXT, "device or associated service"),
	BOTH("Initiation and Interaction", TEXT, "who starts it, what the user does"),
	BOTH("Confirmation", TEXT, "how the user sees that it is done"));
FIELDS(user_dec,
	DESCRIPTION("the decision"),
	BOTH("Options", TEXT, "what can be chosen, and the default"),
	BOTH("Triggered By", TEXT, "when it is asked"));
FIELDS(user_intf,
	DESCRIPTION("the interface"),
	BOTH("Type", TEXT, "what kind of input"));
FIELDS(log_intf,
	DESCRIPTION("the interface or API"),
	LATER("Access", TEXT, "from where it can be reached"),
	LATER("Status", TEXT, "enabled or disabled"),
	LATER("Disclosed Information", TEXT, "what it tells without authentication"),
	LATER("Resilience Measures", TEXT, "how a disturbed connection comes back"),
	LATER("Debug Interface", YES, "can it be used for debugging"));
FIELDS(inp_val,
	LATER("Source", REFS, "rows of UserIntf or LogIntf"),
	DESCRIPTION("how input from there is validated"));

const struct ixit_table ixit_table[IXIT_TABLES] = {
	{ 1, { "AuthMech", "AuthMech" }, auth_mech, "authentication mechanisms" },
	{ 2, { "UserInfo", "UserInfo" }, user_info, "what the user is told, and where; one row" },
	{ 3, { "VulnTypes", "VulnTypes" }, vuln_types, "kinds of vulnerabilities and what is done about them" },
	{ 4, { "Conf", "Conf" }, conf, "confirmations that processes are in place; one row" },
	{ 5, { "VulnMon", "VulnMon" }, description, "how vulnerabilities are watched for, identified and rectified" },
	{ 6, { "SoftComp", "SoftComp" }, soft_comp, "software components" },
	{ 7, { "UpdMech", "UpdMech" }, upd_mech, "update mechanisms; no rows: nothing can be updated" },
	{ 8, { "UpdProc", "UpdProc" }, upd_proc, "procedures for security updates" },
	{ 9, { "ReplSup", "ReplSup" }, repl_sup, "isolation and replacement; one row" },
	{ 10, { "SecParam", "SecParam" }, sec_param, "sensitive security parameters in persistent storage" },
	{ 11, { "ComMech", "SecComMech" }, com_mech, "mechanisms of (secure) communication" },
	{ 12, { "NetSecImpl", "NetSecImpl" }, net_sec_impl, "implementations of network and security functions" },
	{ 13, { "SoftServ", "SoftServ" }, soft_serv, "software services" },
	{ 14, { "SecMgmt", "SecMgmt" }, description, "management of critical parameters over their life" },
	{ 15, { "Intf", "PhyIntf" }, phy_intf, "interfaces" },
	{ 16, { "CodeMin", "CodeMin" }, description, "how code is kept to what is needed" },
	{ 17, { "PrivlCtrl", "PrivlCtrl" }, description, "how privileges are kept low" },
	{ 18, { "AccCtrl", "AccCtrl" }, description, "access control of memory in hardware" },
	{ 19, { "SecDev", "SecDev" }, description, "secure development" },
	{ 20, { "SecBoot", "SecBoot" }, sec_boot, "secure boot" },
	{ 21, { "PersData", "PersData" }, pers_data, "personal data" },
	{ 22, { "ExtSens", "ExtSens" }, description, "sensors that look outside" },
	{ 23, { "ResMech", "ResMech" }, res_mech, "resilience to outages of network and power" },
	{ 24, { "TelData", "TelData" }, tel_data, "telemetry; no rows: none is collected" },
	{ 25, { "DelFunc", "DelFunc" }, del_func, "functions that delete user data" },
	{ 26, { "UserDec", "UserDec" }, user_dec, "decisions the user is asked for" },
	{ 27, { "UserIntf", "UserIntf" }, user_intf, "user interfaces" },
	{ 28, { "ExtAPI", "LogIntf" }, log_intf, "APIs and logical interfaces" },
	{ 29, { "InpVal", "InpVal" }, inp_val, "validation of input" },
};

const struct ixit_table *ixit_find(const char *name)
{
	for (size_t i = 0; i < IXIT_TABLES; i++)
		if (!strcmp(name, ixit_table[i].name[0]) || !strcmp(name, ixit_table[i].name[1]))
			return &ixit_table[i];
	return NULL;
}

static bool is_called(const char *is, const char *name)
{
	size_t n = is ? strlen(is) : 0;

	return is && !strncmp(is, name, n) && (!name[n] || !strcmp(name + n, " (Yes/No)"));
}

const struct ixit_field *ixit_field_find(const struct ixit_table *t, const char *name)
{
	for (const struct ixit_field *f = t->fields; f->name[0] || f->name[1]; f++)
		if (is_called(f->name[0], name) || is_called(f->name[1], name))
			return f;
	return NULL;
}
