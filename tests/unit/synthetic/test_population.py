"""People of the sample: relatives among them."""

import polars as pl

from iom_warehouse.synthetic.generator.population import draw_people


def test_relatives_share_a_name_and_a_home_and_twins_a_birthday_and_everybody_else_stays_who_they_were() -> None:
    without, with_relatives = draw_people(1, 20_000), draw_people(1, 20_000, relatives=0.1)
    changed = (without["surname"] != with_relatives["surname"]) | (without["postcode"] != with_relatives["postcode"])
    assert 900 < changed.sum() < 1_100, "one of each pair"
    assert without.filter(~changed).equals(with_relatives.filter(~changed))
    others = [pl.col(column).shift(1).alias(f"{column}_of_other") for column in ("surname", "postcode", "dob", "pncid")]
    pairs = with_relatives.with_columns(others).filter(changed)
    for shared in ("surname", "postcode"):
        assert (pairs[shared] == pairs[f"{shared}_of_other"]).all()
    assert 20 < (pairs["dob"] == pairs["dob_of_other"]).sum() < 90, "twins"
    assert (pairs["pncid"] != pairs["pncid_of_other"]).all()
