-- Roles and database for a PostgreSQL 18 of your own. Run once, as a superuser:
--   psql -v ON_ERROR_STOP=1 -f deploy/postgresql/roles.sql postgres
-- then give each role a password (\password huiyin_owner …) and run `huiyin db upgrade` or `huiyin up`: the
-- migration grants the rights when it finds huiyin_app and huiyin_vault, so the roles come first.

-- Owns the tables; used by migrations only (HUIYIN_OWNER_DATABASE_URL).
CREATE ROLE huiyin_owner LOGIN;
-- The services (HUIYIN_DATABASE_URL): may add to the log, never change it; may put into the vault, never read it.
CREATE ROLE huiyin_app LOGIN;
-- The only reader of the vault (HUIYIN_VAULT_DATABASE_URL): the relay, and whoever opens a dead letter.
CREATE ROLE huiyin_vault LOGIN;
GRANT pg_monitor TO huiyin_owner;

CREATE DATABASE huiyin OWNER huiyin_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE huiyin FROM PUBLIC;
GRANT CONNECT ON DATABASE huiyin TO huiyin_app, huiyin_vault;
