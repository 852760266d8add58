#!/bin/sh
# A whole copy of the PostgreSQL cluster while it is in use: base.sh FOLDER [words for pg_basebackup].
# The two newest copies stay, and the pieces of the log from the older of them on.
set -eu
folder=$1
shift
name=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$folder/base" "$folder/log"
pg_basebackup --pgdata "$folder/base/$name.part" --checkpoint fast --wal-method none --no-sync "$@" 2>&1 |
	{ grep -v 'WAL archiving\|required WAL\|NOTICE' || true; }
[ -f "$folder/base/$name.part/backup_label" ] || {
	rm -rf "$folder/base/$name.part"
	echo "base.sh: the copy was not made" >&2
	exit 1
}
date -u +%Y%m%d%H%M%S > "$folder/base/$name.part/ended"
sync -f "$folder/base/$name.part"
mv "$folder/base/$name.part" "$folder/base/$name"
# shellcheck disable=SC2012  # the names are moments, made here
ls -1d "$folder"/base/*Z | sort -r | tail -n +3 | while read -r old; do rm -rf "$old"; done
# shellcheck disable=SC2012
oldest=$(ls -1d "$folder"/base/*Z | sort | head -n 1)
first=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p' "$oldest/backup_label")
[ -z "$first" ] || pg_archivecleanup "$folder/log" "$first"
echo "$folder/base/$name"
