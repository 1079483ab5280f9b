-- The partnership's configuration. Its tables are made from the declaration (iom_warehouse/configuration/files.yml) when a folder
-- is applied, so nothing but who may read them is said here.
comment on schema reference is
    'The partnership''s configuration: every version of every row. Current at configuration C: opened_by_configuration <= C and (closed_by_configuration is null or closed_by_configuration > C).';
grant usage on schema reference to iom_linker;
alter default privileges in schema reference grant select on tables to iom_loader, iom_linker, iom_transformer, iom_publisher;
