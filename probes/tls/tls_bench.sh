#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Time to enumerate one TLS server, in one run: jusan, sslscan (medians of five) and testssl -E (suites alone; once). `tls_bench.sh BUILD`
build=$1
dir=$(mktemp -d /tmp/bench-tls-XXXXXX)
trap 'kill $server 2>/dev/null; rm -rf "$dir"' EXIT
for peer in sslscan testssl; do command -v $peer > /dev/null || { echo "tls enumeration: $peer is not installed: skipped"; exit 0; }; done
openssl req -x509 -nodes -days 30 -subj /CN=device.example -newkey rsa:2048 -keyout "$dir/key" -out "$dir/cert" 2>/dev/null

one() {                 # FILE COMMAND...: seconds and CPU seconds, appended to it
	file=$1
	shift
	/bin/bash -c 'TIMEFORMAT="%R %U %S"; time "$@" > /dev/null 2>&1 < /dev/null' x "$@" 2>> "$dir/$file"
}
median() {
	sort -n "$dir/$1" | awk '{ r[NR] = $1; cpu += $2 + $3 } END { printf "%.3f %.3f", r[int((NR + 1) / 2)], cpu / NR }'
}
measure() {             # TITLE MORE...
	title=$1
	shift
	openssl s_server -accept 127.0.0.1:24200 -cert "$dir/cert" -key "$dir/key" -quiet "$@" > /dev/null 2>&1 < /dev/null &
	server=$!
	for i in $(seq 100); do
		ss -Hltn "sport = :24200" | grep -q . && break
		sleep 0.05
	done
	rm -f "$dir/jusan" "$dir/sslscan" "$dir/testssl"
	for i in 1 2 3 4 5; do
		one jusan "$build/probes/tls/tls_bench" list 24200
		one sslscan sslscan --no-colour 127.0.0.1:24200
	done
	one testssl testssl --color 0 --warnings off -E 127.0.0.1:24200
	kill $server
	wait $server 2>/dev/null
	echo "$title $(median jusan) $(median sslscan) $(median testssl)" | awk '{
		printf "tls enumeration, %s: jusan %.0f ms (CPU %.0f ms), sslscan %.0f ms (%.0f): %.1f times, testssl -E %.1f s (%.1f): %.0f times\n",
			$1, $2 * 1000, $3 * 1000, $4 * 1000, $5 * 1000, $4 / $2, $6, $7, $6 / $2 }'
}
measure sound -cipher ECDHE+AESGCM
measure every-suite -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0
