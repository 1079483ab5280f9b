-- Run once, by the image, on an empty data directory. The administrator may make roles and databases and is no superuser;
-- `iom db migrate`, connected as this role, makes the databases iom and airflow with their owners and the stage roles.
\set password `cat "${IOM_SECRETS_DIR:-/run/secrets}/iom_admin"`
create role iom_admin login createrole createdb password :'password';
revoke connect on database postgres from public;
grant connect on database postgres to iom_admin;
