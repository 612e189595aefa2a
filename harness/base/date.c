// SPDX-License-Identifier: Apache-2.0
#include "harness/base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int number(const char *digits, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++)
		v = v * 10 + (digits[i] - '0');
	return v;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (leap && month == 2);
}

bool date_valid(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	int year, month, day;

	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	if (text[sizeof(form) - 1])
		return false;
	year = number(text, 4);
	month = number(text + 5, 2);
	day = number(text + 8, 2);
	return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

bool date_of(const char *stamp, char ret[static DATE_TEXT])
{
	if (strlen(stamp) < DATE_TEXT - 1 || (stamp[DATE_TEXT - 1] && stamp[DATE_TEXT - 1] != 'T'))
		return false;
	memcpy(ret, stamp, DATE_TEXT - 1);
	ret[DATE_TEXT - 1] = '\0';
	return date_valid(ret);
}

void date_today(char ret[static DATE_TEXT])
{
	time_t now = time(NULL);
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(ret, DATE_TEXT, "%Y-%m-%d", &tm))
		memcpy(ret, "1970-01-01", DATE_TEXT);
}
