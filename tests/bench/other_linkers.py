"""What others would write for FEBRL: Splink's own script, and recordlinkage's classifier."""

import logging
from dataclasses import dataclass

import duckdb
import pandas as pd
import recordlinkage
import splink.comparison_library as cl
from linkage_truth import Quality, quality_of_pairs
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


@dataclass(frozen=True)
class Columns:
    """Which of FEBRL's columns may be used beside names, birth date and postcode."""

    with_id: bool
    with_address: bool


def splink_script(frame: pd.DataFrame, columns: Columns) -> Quality:
    """The script of Splink's documentation for FEBRL, at the better of the two usual cut-offs (probability 0.5 and 0.95)."""
    comparisons = [
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
    ]
    rules = [block_on("given_name", "surname"), block_on("date_of_birth"), block_on("postcode")]
    if columns.with_id:
        comparisons.append(cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]))
        rules.append(block_on("soc_sec_id"))
    if columns.with_address:
        comparisons += [
            cl.ExactMatch("street_number"),
            cl.JaroWinklerAtThresholds("address_1"),
            cl.JaroWinklerAtThresholds("suburb"),
        ]
        rules += [block_on("address_1", "street_number"), block_on("address_1", "suburb")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="rec_id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
    )
    with duckdb.connect() as connection:
        connection.register("people", frame)
        linker = Linker(DuckDBAPI(connection).register("people"), settings, log_level=logging.ERROR)
        surely = [
            block_on("given_name", "surname", "date_of_birth"),
            "jaro_winkler_similarity(l.surname, r.surname) > 0.9 and l.date_of_birth = r.date_of_birth",
            block_on("given_name", "surname", "postcode"),
        ]
        linker.training.estimate_probability_two_random_records_match(surely, recall=0.7)
        linker.training.estimate_u_using_random_sampling(2e6, seed=1)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("surname", "given_name"))
        found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    return max((_quality(frame, found[found.match_probability >= cut]) for cut in (0.5, 0.95)), key=lambda quality: quality.f1)


def ecm(frame: pd.DataFrame, columns: Columns) -> Quality:
    """recordlinkage's expectation/conditional maximisation classifier, on similarities cut at 0.85."""
    people = frame.set_index("rec_id").drop(columns="person").astype(object).where(lambda known: known.notna(), None)
    exact = ["postcode"] + ["soc_sec_id"] * columns.with_id + ["street_number"] * columns.with_address
    alike = ["given_name", "surname", "date_of_birth"] + ["address_1", "suburb"] * columns.with_address
    indexer, compare = recordlinkage.Index(), recordlinkage.Compare()
    for key in (["given_name", "surname"], ["date_of_birth"], ["postcode"], *([name] for name in exact if name == "soc_sec_id")):
        indexer.block(key)
    for name in exact:
        compare.exact(name, name, label=name)
    for name in alike:
        compare.string(name, name, method="jarowinkler", threshold=0.85, label=name)
    features = compare.compute(indexer.index(people), people)
    pairs = recordlinkage.ECMClassifier(binarize=0.5).fit_predict(features)
    return quality_of_pairs(frame["rec_id"], frame["person"], pairs.get_level_values(0), pairs.get_level_values(1))


def _quality(frame: pd.DataFrame, pairs: pd.DataFrame) -> Quality:
    return quality_of_pairs(frame["rec_id"], frame["person"], pairs["rec_id_l"], pairs["rec_id_r"])
