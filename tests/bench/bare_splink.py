"""Splink as its documentation has it, on standard records in a CSV file (first argument): block, score, cluster.

Prints the number of records and the peak memory of the process in MB.
"""

import resource
import sys

import duckdb
from splink import DuckDBAPI, Linker, block_on

from iom_warehouse.linkage import model, scoring

ARRAYS = ("forenames", "surnames", "postcodes")
COLUMNS = {
    name: {"record_id": "bigint", "dob": "date", "dob_is_rough": "boolean"}.get(name, "varchar")
    for name in [
        "record_id",
        "source_file",
        "source_key",
        "forename",
        "surname",
        "forename_root",
        "forenames",
        "surnames",
        "dob",
        "dob_is_rough",
        "sex",
        "postcode",
        "postcodes",
        "pnc",
        "cro",
        "prison_number",
        "crn",
    ]
}
shipped = model.load()
connection = duckdb.connect()
arrays = ", ".join(f"coalesce(string_split(nullif({name}, ''), '|'), []) as {name}" for name in ARRAYS)
connection.execute(
    f"create table records as select * replace ({arrays})"
    f" from read_csv($path, header = false, nullstr = '', columns = {COLUMNS})",
    {"path": sys.argv[1]},
)
rules = [
    block_on(
        *(part.removeprefix("unnest(").removesuffix(")") if "unnest" in part else part for part in rule.key),
        arrays_to_explode=[part[len("unnest(") : -1] for part in rule.key if "unnest" in part] or None,
    )
    for rule in shipped.blocking_rules
]
api = DuckDBAPI(connection)
linker = Linker(api.register("records"), scoring.splink_settings(shipped) | {"blocking_rules_to_generate_predictions": rules})
for column, floor in shipped.frequency_floor.items():
    connection.execute(
        f"""create table tf_{column} as select {column}, coalesce(frequency, {floor}) as tf_{column}
            from (select distinct {column} from records where {column} is not null)
            left join
            (from read_csv($path) where "column" = '{column}') on value = {column}""",
        {"path": str(shipped.frequencies)},
    )
    linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
predictions = linker.inference.predict(threshold_match_weight=shipped.thresholds.possible)
clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
    predictions, threshold_match_weight=shipped.thresholds.join
)
print(connection.execute(f"select count(*) from {clusters.physical_name}").fetchall()[0][0])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
