#!/bin/sh
# Lists what is there, as macros: PROBE(name), DRIVER_power(name), REPORT(name). Every macro gets an empty
# default and is undefined afterwards, so a reader defines only the one it wants.
LC_ALL=C
emit() { m=$1; shift
	printf '#ifndef %s\n#define %s(x)\n#endif\n' "$m" "$m"
	for f; do [ -e "$f" ] && f=${f##*/} && f=${f#drv_} && printf '%s(%s)\n' "$m" "${f%.c}"; done
	printf '#undef %s\n' "$m"; }
emit PROBE $(for d in probes/*; do [ -e "$d/${d##*/}.c" ] && echo "$d"; done)
for p in probes/*; do [ -d "$p" ] && emit "DRIVER_${p##*/}" $(ls "$p"/drv_*.c 2>/dev/null | grep -v _test); done
emit REPORT $(ls reports/*.c 2>/dev/null | grep -v -e _test -e _bench -e _fuzz -e /lib_)
exit 0
