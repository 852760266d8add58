#!/bin/sh
# A whole copy of the PostgreSQL cluster while it is in use: base.sh FOLDER [words for pg_basebackup].
# The two newest copies stay, and the pieces of the log from the older of them on. One that was cut off
# counts for none, whatever lies there of it, and no older one goes for it.
set -eu
folder=$1
shift
name=$(date -u +%Y%m%dT%H%M%SZ)
part=$folder/base/$name.part
mkdir -p "$folder/base" "$folder/log"
find "$folder/base" -maxdepth 1 -name '*.part' -mtime +0 -exec rm -rf {} + # what a power cut left
status=0
said=$(pg_basebackup --pgdata "$part" --checkpoint fast --wal-method none --no-sync "$@" 2>&1) || status=$?
printf '%s\n' "$said" | grep -v 'WAL archiving\|required WAL\|NOTICE\|^$' || true
if [ "$status" != 0 ] || [ ! -f "$part/backup_label" ]; then
	rm -rf "$part"
	echo "base.sh: the copy was not made" >&2
	exit 1
fi
date -u +%Y%m%d%H%M%S > "$part/ended"
sync -f "$part"
mv "$part" "$folder/base/$name"
# shellcheck disable=SC2012  # the names are moments, made here
ls -1d "$folder"/base/*Z | sort -r | tail -n +3 | while read -r old; do rm -rf "$old"; done
# shellcheck disable=SC2012
oldest=$(ls -1d "$folder"/base/*Z | sort | head -n 1)
first=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p' "$oldest/backup_label")
[ -z "$first" ] || pg_archivecleanup "$folder/log" "$first"
echo "$folder/base/$name"
