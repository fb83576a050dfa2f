#!/bin/sh
# Run once by the Postgres image, on an empty data folder: the login that owns the ledger's database, and the roles the ledger grants to.
# Nobody works as a superuser: `iu` owns its database and nothing else. Must never print a password.
set -eu
psql --set=ON_ERROR_STOP=1 --quiet --no-psqlrc --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `printf %s "$IU_POSTGRES_PASSWORD"`
CREATE ROLE iu LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE ROLE iu_reader NOLOGIN;
CREATE ROLE iu_verifier NOLOGIN;
CREATE ROLE iu_orchestrator NOLOGIN;
CREATE ROLE iu_operator NOLOGIN;
CREATE DATABASE iu OWNER iu ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE iu FROM PUBLIC;
GRANT CONNECT ON DATABASE iu TO iu_reader, iu_verifier, iu_orchestrator, iu_operator;
SQL
