#!/bin/sh
# The cluster as it was at a moment: recover.sh FOLDER DATA MOMENT, as user postgres.
#   FOLDER  where base.sh and archive.sh wrote      DATA  an empty or missing folder for the cluster
#   MOMENT  as "2026-11-28 14:03:00+00"; "latest" for all that was kept
# It lays the newest whole copy from before the moment and tells the server where the log is. Start the
# server on DATA then; it plays the log up to the moment and opens. Nothing of FOLDER is changed.
set -eu
folder=$1 data=$2 moment=$3
if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
	echo "recover.sh: $data is in use. Move it away first, so that nothing is lost." >&2
	exit 1
fi
until=99999999999999
[ "$moment" = latest ] || until=$(date -u -d "$moment" +%Y%m%d%H%M%S)
chosen=
for base in "$folder"/base/*Z; do
	[ -f "$base/ended" ] || continue # it can be played only to a moment after it was made
	[ "$(cat "$base/ended")" -gt "$until" ] || chosen=$(basename "$base")
done
[ -n "$chosen" ] || {
	echo "recover.sh: there is no whole copy from before $moment." >&2
	exit 1
}
mkdir -p "$data"
cp -a "$folder/base/$chosen/." "$data/"
chmod 0700 "$data"
rm "$data/ended"
{
	echo "restore_command = 'cp \"$folder/log/%f\" \"%p\"'"
	[ "$moment" = latest ] || echo "recovery_target_time = '$moment'"
	echo "recovery_target_action = promote"
} >> "$data/postgresql.auto.conf"
: > "$data/recovery.signal"
echo "$folder/base/$chosen laid to $data; start the server on it"
