#!/bin/sh
# Keep one piece of PostgreSQL's log: archive.sh PIECE TO. Called by the server (archive_command).
# A piece is written under another name, brought to the disk, then named: a cut leaves no half one.
# The same piece sent again is well; another one under the same name is refused.
set -eu
piece=$1 to=$2
if [ -e "$to" ]; then
	cmp -s "$piece" "$to"
	exit
fi
cp "$piece" "$to.part"
sync "$to.part"
mv "$to.part" "$to"
sync "$(dirname "$to")"
