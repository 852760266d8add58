#!/bin/sh
# The account and the database of Handup, in a new cluster of a container. The account owns its
# database and nothing else.
set -eu
psql -qX -v ON_ERROR_STOP=1 -v password="$HANDUP_PASSWORD" --username postgres << 'END'
CREATE ROLE handup LOGIN PASSWORD :'password';
CREATE DATABASE handup OWNER handup ENCODING 'UTF8' TEMPLATE template0;
END
