-- The index of every table of raw: the key of its current versions. It enforces that there is one current version per key.
create function raw.make_key_index(file name, key name[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    execute format(
        'create unique index if not exists %I on raw.%I (%s) where closed_by_sequence is null', file || '_current', file,
        (select string_agg(quote_ident(column_name), ', ' order by place) from unnest(key) with ordinality as k (column_name, place)));
end $$;
comment on function raw.make_key_index is 'Makes the index on the key of current versions, unless it is there.';

-- An index that grows row by row costs twice what it costs to be made at the end, so a large first load takes it away. The table
-- gets a new file as well: where the server keeps no log for others (wal_level minimal), what is written into a file made in the
-- same transaction is not logged but brought to the disk before the commit.
create function raw.drop_key_index(file name) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    has_rows text := format('select exists (select from raw.%I)', file);
    is_used boolean;
begin
    execute has_rows into is_used;
    if not is_used then
        execute format('lock table raw.%I in access exclusive mode nowait', file);
        execute has_rows into is_used;  -- rows that came before the lock stay
    end if;
    if not is_used then
        execute format('truncate raw.%I', file);
        execute format('drop index raw.%I', file || '_current');
    end if;
    return not is_used;
exception when lock_not_available then  -- somebody reads the empty table: not worth a wait
    return false;
end $$;
comment on function raw.drop_key_index is 'Takes the index away and gives the table a new file if it is empty and nobody uses it, and says whether it did. The caller makes the index again in the same transaction.';

revoke execute on all functions in schema raw from public;
grant execute on all functions in schema raw to iom_loader;
