-- The indexes that loading needs. The key of current versions enforces that there is one per key; by closing sequence, what a delivery
-- withdrew is found.
create function raw.make_indexes(file name, key name[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    execute format(
        'create unique index if not exists %I on raw.%I (%s) where closed_by_sequence is null', file || '_current', file,
        (select string_agg(quote_ident(column_name), ', ' order by place) from unnest(key) with ordinality as k (column_name, place)));
    execute format(
        'create index if not exists %I on raw.%I (closed_by_sequence) where closed_by_sequence is not null', file || '_closed', file);
end $$;
comment on function raw.make_indexes is 'Makes those indexes of a table for loading that it lacks.';

-- The indexes that a build of some people needs. By the columns that refer to other rows, and by a key that others refer to, the versions
-- that belong to them are found; by opening sequence, those of some deliveries. A large first load leaves them to that build.
create function raw.make_build_indexes(file name, looked_up_by name[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    looked_up name;
begin
    -- An index that is there is not asked for: `if not exists` would wait for whoever writes to the table.
    foreach looked_up in array looked_up_by loop
        if not has_column_privilege(session_user, format('raw.%I', file), looked_up::text, 'select') then
            raise exception 'raw.% is not found by %: whoever asks may not read it', file, looked_up using errcode = 'insufficient_privilege';
        end if;
        if to_regclass(format('raw.%I', file || '_by_' || looked_up)) is null then
            execute format('create index if not exists %I on raw.%I (%I)', file || '_by_' || looked_up, file, looked_up);
        end if;
    end loop;
    if to_regclass(format('raw.%I', file || '_opened')) is null then
        execute format(
            'create index if not exists %I on raw.%I using brin (opened_by_sequence) with (autosummarize = on)', file || '_opened', file);
    end if;
end $$;
comment on function raw.make_build_indexes is 'Makes those indexes of a table for builds that it lacks.';

-- An index that grows row by row costs twice what it costs to be made at the end, so a large first load takes them away. The table
-- gets a new file as well: where the server keeps no log for others (wal_level minimal), what is written into a file made in the
-- same transaction is not logged but brought to the disk before the commit.
create function raw.drop_indexes(file name) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    has_rows text := format('select exists (select from raw.%I)', file);
    is_used boolean;
    index_name name;
begin
    execute has_rows into is_used;
    if not is_used then
        execute format('lock table raw.%I in access exclusive mode nowait', file);
        execute has_rows into is_used;  -- rows that came before the lock stay
    end if;
    if not is_used then
        execute format('truncate raw.%I', file);
        for index_name in
            select relname from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = format('raw.%I', file)::regclass
        loop
            execute format('drop index raw.%I', index_name);
        end loop;
    end if;
    return not is_used;
exception when lock_not_available then  -- somebody reads the empty table: not worth a wait
    return false;
end $$;
comment on function raw.drop_indexes is 'Takes the indexes away and gives the table a new file if it is empty and nobody uses it, and says whether it did. The caller makes those for loading again in the same transaction.';

revoke execute on all functions in schema raw from public;
grant execute on function raw.make_indexes, raw.drop_indexes to iom_loader;
grant execute on function raw.make_build_indexes to iom_transformer;
