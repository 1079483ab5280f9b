-- What dbt did in each build, so that an auditor need not read a log file.
create table audit.dbt_result (
    build_id bigint not null references audit.build,
    node text not null,
    resource_type text not null,
    status text not null,
    seconds numeric not null,
    row_count bigint,
    message text,
    recorded_at timestamptz not null default now(),
    primary key (build_id, node)
);
comment on table audit.dbt_result is
    'One row per build and dbt model or test. message says what went wrong without values of rows; a build that is run again replaces its rows.';
grant select on audit.dbt_result to iom_loader, iom_linker, iom_transformer, iom_publisher;
grant insert, update, delete on audit.dbt_result to iom_transformer;
