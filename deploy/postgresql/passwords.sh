#!/bin/sh
# For the container of compose.yaml, at its first start, after roles.sql: the passwords of its environment.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v owner="$HUIYIN_OWNER_PASSWORD" -v app="$HUIYIN_APP_PASSWORD" -v vault="$HUIYIN_VAULT_PASSWORD" <<'SQL'
ALTER ROLE huiyin_owner PASSWORD :'owner';
ALTER ROLE huiyin_app PASSWORD :'app';
ALTER ROLE huiyin_vault PASSWORD :'vault';
SQL
