#!/bin/bash
# Handup on one machine with Debian 12: PostgreSQL, a web server with TLS, services, backups.
#
#   ./install.sh install --host NAME [choices]   set up, or set up again: what is there stays
#   ./install.sh upgrade                         from the unpacked folder of a newer release
#   ./install.sh back                            to the release before
#   ./install.sh files --host NAME --opt DIR --etc DIR --var DIR --units DIR   write the files only
#
# Choices of install:
#   --sqlite                the embedded database instead of PostgreSQL (a small house)
#   --own-certificate       TLS by a certificate made here (an office without the internet)
#   --certificate FILE --key FILE   TLS by yours; without either, one is asked for over the internet
#   --wheels FOLDER         Python packages from a folder instead of the internet
# Choice of every act:
#   --root FOLDER           every place below this folder (tests/test_install_steps.py tries all acts so)
#
# The release is the folder this script lies in (deploy/ of the unpacked package). Every act may be
# repeated. Nothing of what people entered is deleted by any of them.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
RELEASE=$(dirname "$HERE")
OPT=/opt/handup ETC=/etc/handup VAR=/var/lib/handup UNITS=/etc/systemd/system
WAL=/var/backups/handup-postgresql COPY=/var/backups/handup
BIN=/usr/local/bin WEB=/etc/caddy CLUSTERS=/etc/postgresql SYSTEMD=/run/systemd/system
HOST='' DATABASE=postgresql CERTIFICATE='' KEY='' OWN='' WHEELS=''

say() { printf '%s\n' "$*"; }
stop() {
	printf 'install.sh: %s\n' "$*" >&2
	exit 1
}

below() { # below FOLDER: every place lies in it
	local place
	for place in OPT ETC VAR UNITS WAL COPY BIN WEB CLUSTERS SYSTEMD; do
		printf -v "$place" %s "$1${!place}"
	done
}

read_choices() {
	while [ $# -gt 0 ]; do
		case $1 in
		--host) HOST=${2:?} && shift ;;
		--sqlite) DATABASE=sqlite ;;
		--own-certificate) OWN=yes ;;
		--certificate) CERTIFICATE=${2:?} && shift ;;
		--key) KEY=${2:?} && shift ;;
		--wheels) WHEELS=${2:?} && shift ;;
		--root) below "${2:?}" && shift ;;
		--opt) OPT=${2:?} && shift ;;
		--etc) ETC=${2:?} && shift ;;
		--var) VAR=${2:?} && shift ;;
		--units) UNITS=${2:?} && shift ;;
		*) stop "unknown word $1 (the first lines of this file say what there is)" ;;
		esac
		shift
	done
	[[ -z $HOST || $HOST =~ ^[A-Za-z0-9.-]+$ ]] || stop "--host takes a name or an address, not $HOST"
	[[ -z $CERTIFICATE || -n $KEY ]] || stop "--certificate needs --key"
}

version() { sed -n 's/^version = "\(.*\)"$/\1/p' "$RELEASE/pyproject.toml" | head -n 1; }

# What was chosen at the first install stands in a file: an upgrade asks nothing.
remember() { printf 'HOST=%q\nDATABASE=%q\n' "$HOST" "$DATABASE" > "$ETC/choices"; }
recall() {
	[ -f "$ETC/choices" ] || stop "Handup is not installed here."
	# shellcheck source=/dev/null
	. "$ETC/choices"
}

# A house set up with one database is not set up again with the other: its settings and what people
# entered would stay with the first.
same_database() {
	local chosen
	[ -f "$ETC/choices" ] || return 0
	# shellcheck source=/dev/null
	chosen=$(. "$ETC/choices" && printf %s "$DATABASE")
	[ "$chosen" = "$DATABASE" ] ||
		stop "this house was set up with $chosen; say the same again (--sqlite or not), or move its data first."
}

packages() {
	export DEBIAN_FRONTEND=noninteractive
	local wanted=(ca-certificates openssl caddy python3 python3-venv)
	[ "$DATABASE" = sqlite ] || wanted+=(postgresql postgresql-client)
	apt-get update -q
	apt-get install -q -y --no-install-recommends "${wanted[@]}"
}

account() {
	id handup > /dev/null 2>&1 ||
		useradd --system --home-dir "$VAR" --no-create-home --shell /usr/sbin/nologin handup
	install -d -m 0755 "$OPT" "$OPT/releases"
	install -d -m 0750 -g handup "$ETC"
	install -d -m 0700 -o handup -g handup "$VAR" "$COPY"
}

# A release gets a folder of its own, made whole before it is used.
release() {
	local to
	to=$OPT/releases/$(version)
	[ -n "$(ls "$RELEASE/src/handup/static/dist" 2> /dev/null)" ] ||
		stop "the pages are not built in $RELEASE; take the package of a release (python -m tools.release makes one)."
	if [ -e "$to/whole" ]; then return; fi
	rm -rf "$to"
	python3 -m venv "$to"
	local pip=("$to/bin/python" -m pip install --quiet --disable-pip-version-check)
	[ -z "$WHEELS" ] || pip+=(--no-index --find-links "$WHEELS")
	"${pip[@]}" --require-hashes -r "$RELEASE/requirements/base.txt" -r "$RELEASE/requirements/build.txt"
	[ "$DATABASE" = sqlite ] || "${pip[@]}" --require-hashes -r "$RELEASE/requirements/postgres.txt"
	"${pip[@]}" --no-deps --no-index --no-build-isolation "$RELEASE"
	touch "$to/whole"
}

use_release() { # use_release FOLDER: one rename, so that there is always a whole one
	ln -sfn "$1" "$OPT/current.new"
	mv -T "$OPT/current.new" "$OPT/current"
}

# The scripts that services and the database call lie beside the releases, whole at any moment.
scripts() {
	rm -rf "$OPT/deploy.new"
	cp -r "$HERE" "$OPT/deploy.new"
	chmod -R a+rX "$OPT/deploy.new"
	[ ! -d "$OPT/deploy" ] || mv "$OPT/deploy" "$OPT/deploy.old"
	mv "$OPT/deploy.new" "$OPT/deploy"
	rm -rf "$OPT/deploy.old"
}

# fill TEMPLATE TO: the names of this machine put in.
fill() {
	local upstreams=127.0.0.1:8001 certificate="$ETC/tls/certificate.pem $ETC/tls/key.pem"
	[ "$DATABASE" = sqlite ] || upstreams="127.0.0.1:8001 127.0.0.1:8002"
	[ -e "$ETC/tls/certificate.pem" ] || certificate=''
	sed -e "/^@HARDENING@$/{r $HERE/units/hardening
d}" "$1" | sed -e "s#@OPT@#$OPT#g" -e "s#@ETC@#$ETC#g" -e "s#@VAR@#$VAR#g" -e "s#@WAL@#$WAL#g" -e "s#@COPY@#$COPY#g" -e "s#@PORT@#$(database_port)#g" \
		-e "s#@HOST@#$HOST#g" -e "s#@UPSTREAMS@#$upstreams#g" -e "s# @CERTIFICATE@#${certificate:+ $certificate}#g" > "$2"
}

database_port() { # of the first cluster of this machine
	local port=''
	! command -v pg_lsclusters > /dev/null || port=$(pg_lsclusters -h | awk '{print $3; exit}')
	say "${port:-5432}"
}

# A certificate of one's own is looked at before it is used: for this name, of today, with its key.
sound() { # sound CERTIFICATE KEY
	command -v openssl > /dev/null || return 0
	local what=host
	[[ ! $HOST =~ ^[0-9.]+$ ]] || what=ip
	openssl x509 -in "$1" -noout -"check$what" "$HOST" 2> /dev/null | grep -q 'does match' ||
		stop "the certificate $1 is not for $HOST."
	openssl x509 -in "$1" -noout -checkend 0 > /dev/null || stop "the certificate $1 has ended."
	[ "$(openssl x509 -in "$1" -noout -pubkey)" = "$(openssl pkey -in "$2" -pubout 2> /dev/null)" ] ||
		stop "the key $2 is not that of the certificate $1."
}

certificate() {
	if [ -n "$CERTIFICATE" ]; then
		sound "$CERTIFICATE" "$KEY"
		install -d -m 0755 "$ETC/tls"
		install -m 0644 "$CERTIFICATE" "$ETC/tls/certificate.pem"
		install -m 0640 "$KEY" "$ETC/tls/key.pem"
	elif [ -n "$OWN" ] && [ ! -e "$ETC/tls/certificate.pem" ]; then
		install -d -m 0755 "$ETC/tls"
		local kind=DNS
		[[ ! $HOST =~ ^[0-9.]+$ ]] || kind=IP
		(umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 \
			-days 825 -subj "/CN=$HOST" -addext "subjectAltName=$kind:$HOST" \
			-addext "extendedKeyUsage=serverAuth" \
			-keyout "$ETC/tls/key.pem" -out "$ETC/tls/certificate.pem" 2> /dev/null)
		chmod 0644 "$ETC/tls/certificate.pem"
	fi
	# The web server alone reads the key.
	if [ -e "$ETC/tls/key.pem" ] && getent group caddy > /dev/null; then
		chgrp caddy "$ETC/tls/key.pem"
		chmod 0640 "$ETC/tls/key.pem"
		chmod 0755 "$ETC"
	fi
}

settings() {
	[ ! -e "$ETC/handup.env" ] || return 0 # yours from now on
	local address='' copy=''
	[ "$DATABASE" = postgresql ] || copy=$COPY
	[ "$DATABASE" = sqlite ] || address="postgresql:///handup?host=/var/run/postgresql&port=$(database_port)"
	(umask 027 && cat > "$ETC/handup.env") << END
# Settings of Handup; docs/settings.md has all of them. After a change: systemctl restart 'handup*'
HANDUP_DATA=$VAR
HANDUP_KEYS=$VAR/keys/keys.json
HANDUP_DATABASE='$address'
HANDUP_COPY=$copy
HANDUP_HOSTS=$HOST
HANDUP_LOG=json
HANDUP_SECURE=1
END
	! getent group handup > /dev/null || chgrp handup "$ETC/handup.env"
}

files() {
	certificate
	settings
	local unit
	for unit in "$HERE"/units/*.service "$HERE"/units/*.timer; do
		fill "$unit" "$UNITS/$(basename "$unit")"
	done
	fill "$HERE/Caddyfile" "$ETC/Caddyfile"
}

command_of_the_house() { # `handup` for whoever keeps the machine, as the account of the service
	install -d "$BIN"
	cat > "$BIN/handup" << END
#!/bin/sh
# The handup command with the settings of this machine, as user handup.
set -a
. $ETC/handup.env
set +a
cd $VAR
program=\${HANDUP_RELEASE:-$OPT/current}/bin/handup
unset HANDUP_RELEASE
[ "\$(id -un)" = handup ] && exec "\$program" "\$@"
exec runuser -u handup -- "\$program" "\$@"
END
	chmod 0755 "$BIN/handup"
}

running_systemd() { [ -d "$SYSTEMD" ]; }

database() {
	[ "$DATABASE" = postgresql ] || return 0
	local cluster
	cluster=$(pg_lsclusters -h | awk '{print $1, $2; exit}')
	[ -n "$cluster" ] || stop "there is no PostgreSQL cluster (pg_lsclusters)."
	install -d -m 0700 -o postgres -g postgres "$WAL" "$WAL/log" "$WAL/base"
	fill "$HERE/postgresql/archive.conf" "$CLUSTERS/${cluster/ //}/conf.d/handup.conf"
	# shellcheck disable=SC2086  # version and name are two words
	pg_ctlcluster $cluster restart
	runuser -u postgres -- psql -qX -p "$(database_port)" -v ON_ERROR_STOP=1 << 'END'
SELECT 'CREATE ROLE handup LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'handup') \gexec
SELECT $$CREATE DATABASE handup OWNER handup ENCODING 'UTF8' TEMPLATE template0$$
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'handup') \gexec
END
}

# The log is played on a whole copy: the first is not left to the timer, a week away.
first_base() {
	[ "$DATABASE" = postgresql ] || return 0
	[ -z "$(ls -A "$WAL/base")" ] || return 0
	runuser -u postgres -- env PGPORT="$(database_port)" "$OPT/deploy/postgresql/base.sh" "$WAL" ||
		say "There is no whole copy of the database yet: systemctl start handup-base.service, then look why."
}

pages() {
	if [ "$DATABASE" = sqlite ]; then say handup.service; else say handup@8001.service handup@8002.service; fi
}
services() {
	pages
	if [ "$DATABASE" = sqlite ]; then
		say handup-follow.service handup-backup.timer
	else
		say handup-worker.service handup-backup.timer handup-base.timer
	fi
}

start() {
	cp "$ETC/Caddyfile" "$WEB/Caddyfile"
	# shellcheck disable=SC2046  # a list of words
	systemctl enable $(services) caddy.service
	running_systemd || {
		say "This machine runs no systemd now: the services are set up and start with the machine."
		return 0
	}
	systemctl daemon-reload
	local one
	for one in $(pages); do # one after the other: the web server passes on to the one that answers
		systemctl restart "$one"
		wait_for "$one"
	done
	# shellcheck disable=SC2046
	systemctl restart $(services | tr ' ' '\n' | grep -v '@\|^handup.service')
	systemctl reload-or-restart caddy.service
}

wait_for() {
	local port=8001 try
	[[ $1 != *@* ]] || port=${1//[^0-9]/}
	for try in $(seq 120); do
		! "$OPT/current/bin/python" -c "import urllib.request as u
u.urlopen('http://127.0.0.1:$port/health/ready', timeout=5)" 2> /dev/null || return 0
		sleep 1
	done
	stop "$1 does not answer after $try seconds; journalctl -u $1 says why."
}

as_root() { [ "$(id -u)" = 0 ] || stop "this must be run as root (sudo ./install.sh …)."; }

case ${1:-} in
install)
	shift && read_choices "$@"
	as_root
	[ -n "$HOST" ] || stop "--host NAME is missing: the name people type to reach this machine."
	same_database
	packages
	account
	remember
	release
	files
	scripts
	command_of_the_house
	database
	use_release "$OPT/releases/$(version)"
	"$BIN/handup" migrate
	"$BIN/handup" check --deploy
	first_base
	start
	say "Handup $(version) is installed. Open https://$HOST/start/; the word it asks for: handup first-word. Then:"
	say "  handup keys --help     the keys are in $VAR/keys: keep a sealed copy with two holders"
	say "  handup backup          a first copy; one is made every night in $VAR/backups"
	;;
upgrade)
	shift && read_choices "$@"
	as_root
	recall
	[ "$(readlink "$OPT/current")" != "$OPT/releases/$(version)" ] || stop "$(version) is in use already."
	release
	"$BIN/handup" backup
	files
	scripts
	HANDUP_RELEASE=$OPT/releases/$(version) "$BIN/handup" migrate
	readlink "$OPT/current" > "$OPT/before"
	use_release "$OPT/releases/$(version)"
	start
	say "Handup $(version) is in use. ./install.sh back goes to the release before."
	;;
back)
	shift && read_choices "$@"
	as_root
	recall
	[ -s "$OPT/before" ] || stop "there is no release before."
	before=$(cat "$OPT/before")
	[ -e "$before/whole" ] || stop "$before is not there any more."
	readlink "$OPT/current" > "$OPT/before.new"
	use_release "$before"
	mv "$OPT/before.new" "$OPT/before"
	start
	say "Back at $(basename "$before"). The tables stay as they are: a release works with those of the next."
	;;
files)
	shift && read_choices "$@"
	[ -n "$HOST" ] || stop "--host NAME is missing."
	same_database
	install -d "$ETC" "$UNITS"
	files
	;;
*)
	sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
