-- The schemas of the warehouse, one per stage. Stage roles are made before the first migration (they are cluster-wide).
create schema landing;     -- deliveries as they came, one unlogged table per file and delivery
create schema quarantine;  -- rejected rows with their content, until the agency sends them right
create schema raw;         -- every published version of every row, typed
create schema identity;    -- who is who
create schema reference;   -- the partnership's configuration, every version
create schema audit;       -- what happened: deliveries, checks, builds, looks
create schema published;   -- what reports may show

comment on schema landing is 'Deliveries as delivered; holds direct identifiers; emptied once a delivery is decided.';
comment on schema quarantine is 'Rejected rows; holds direct identifiers.';
comment on schema raw is 'Every version of every published row; holds direct identifiers.';
comment on schema identity is 'Links between source records and people; holds direct identifiers.';
comment on schema audit is 'Ledger of deliveries, validation, builds and looks; holds no personal values.';

grant usage, create on schema landing to iom_loader;
grant usage on schema raw, quarantine, audit, reference to iom_loader;
grant usage on schema raw, identity, audit to iom_linker;
grant usage on schema raw, identity, reference, audit to iom_transformer;
grant usage, create on schema published to iom_publisher;
grant usage on schema audit, reference to iom_publisher;
grant usage on schema audit to iom_display;

-- What the stages may do in the database as such (make schemas, make temporary tables) is in iom_warehouse/platform/migrations.py.
do $$ begin execute format('grant connect on database %I to iom_loader, iom_linker, iom_transformer, iom_publisher, iom_display', current_database()); end $$;
