#!/bin/sh
# Makes Temporal's two databases, and brings their schemas to the version of this image. Harmless when run again.
# temporal-sql-tool takes host, user, password and plugin from SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD, SQL_PLUGIN.
set -eu

setup() {
  database=$1 schema=$2
  # Connects to the database that PostgreSQL made for the user, since ours may not be there yet.
  temporal-sql-tool --database "$database" create-database --defaultdb "$SQL_USER"
  temporal-sql-tool --database "$database" setup-schema --version 0.0
  temporal-sql-tool --database "$database" update-schema --schema-name "$schema"
}

setup temporal postgresql/v12/temporal
setup temporal_visibility postgresql/v12/visibility
