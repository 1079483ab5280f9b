"""People drawn at random, as one more case of the specs' world, and the models about them worked out again in plain Python.

The tables of the other cases show each rule by itself; here rules meet each other.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property

from spec_cases import Case, Row
from spec_world import TODAY

NAME = "random"
GROUPS = {"030/02": "burglary_other", "804/99": "motoring", "054/01": "handling", "088/99": ""}
WINDOWS = {"arrests": 12, "convictions": 24}


class RandomPeople:
    """Their rows, and what the models must say of them."""

    def __init__(self, people: int = 150, seed: int = 2020) -> None:
        self._random = random.Random(seed)
        self.names = [f"P{number}" for number in range(people)]
        self.people = {name: self._person(name) for name in self.names}
        self.convictions = {name: list(self._convictions(name)) for name in self.names}
        self.arrests = {name: [self._day(800) for _ in range(self._random.choice((0, 0, 1, 3, 8)))] for name in self.names}
        self.stays = {name: list(self._stays()) for name in self.names}
        self.scores = {name: [self._score() for _ in range(self._random.choice((0, 0, 1, 3)))] for name in self.names}

    @cached_property
    def case(self) -> Case:
        given = {
            "people": list(self.people.values()),
            "police_conviction": [row for rows in self.convictions.values() for row in rows],
            "police_arrest": [
                {"person": name, "arrested_at": f"{day}T12:00:00Z", "arrest_ref": f"{name} {number}"}
                for name, days in self.arrests.items() for number, day in enumerate(days)
            ],
            "prison_spell": [
                {"person": name, "received_on": str(received_on), "released_on": str(released_on or "")}
                for name, stays in self.stays.items() for received_on, released_on in stays
            ],
            "probation_score": [
                {"person": name, "predictor": "OGRS3", "scored_on": str(day), "two_year": str(two_year)}
                for name, scores in self.scores.items() for day, two_year in scores
            ],
        }  # fmt: skip
        rules = [
            {"rule_id": f"{factor}{low}", "version": "1", "factor": factor, "window_months": str(WINDOWS.get(factor, "")),
             "band_low": str(low), "band_high": str(high), "points": str(points), "weight": "1.5"}
            for factor, low, high, points in self._bands()
        ]  # fmt: skip
        offences = [{"offence_code": code, "description": code, "ogrs3_group": group} for code, group in GROUPS.items()]
        return Case(
            name=NAME,
            rule="People at random",
            given=given,
            cohorts={},
            measures={},
            definitions={"scoring_rules": rules, "offences": offences},
            where={},
            expect={},
        )

    def ogrs3_inputs(self, name: str) -> tuple[date, date, date, int, str | None] | None:
        """sanctioned_on, first sanction, start of risk, previous sanctions and group, as asked today; None without a sanction."""
        counting = [row for row in self.convictions[name] if (row["is_breach"], row["recordable"]) == ("N", "Y")]
        occasions: dict[str, list[Row]] = {}
        for row in counting:
            occasions.setdefault(row["occasion_ref"], []).append(row)
        if not occasions:
            return None
        in_order = sorted(occasions.values(), key=lambda rows: (rows[0]["proved_on"], rows[0]["occasion_ref"]))
        principal = min(in_order[-1], key=lambda row: (row["is_principal"] != "Y", row["conviction_ref"]))
        sanctioned_on = date.fromisoformat(principal["proved_on"])
        released = [end for _, end in self.stays[name] if end and end <= TODAY and not self._is_held(name, end)]
        commenced_on = max([sanctioned_on, *released])
        is_recent = commenced_on > TODAY.replace(year=TODAY.year - 2)
        risk_on = commenced_on if is_recent and not self._is_held(name, TODAY) else TODAY
        first_on = date.fromisoformat(in_order[0][0]["proved_on"])
        return sanctioned_on, first_on, risk_on, len(in_order) - 1, GROUPS[principal["offence_code"]] or None

    def score(self, name: str, prediction: float | None) -> float | None:
        """The score of the selection matrix, given the two-year prediction; None where nothing makes the person considered."""
        values = {"arrests": len(self._within(self.arrests[name], 12)), "convictions": len(self._convicted(name))}
        if not any(values.values()):
            return None
        if prediction is not None:
            values["ogrs3_two_year_percent"] = max(1, min(99, int(100 * prediction + 0.5)))
        return sum(
            1.5 * points for factor, low, high, points in self._bands() if factor in values and low <= values[factor] <= high
        )

    def official(self, name: str) -> float | None:
        return max(((day, -place, two_year) for place, (day, two_year) in enumerate(self.scores[name])), default=(0, 0, None))[2]

    def _convicted(self, name: str) -> set[str]:
        """Occasions at court within the window, but for those of breaches alone."""
        counted = [row for row in self.convictions[name] if row["is_breach"] == "N" and row["recordable"] == "Y"]
        at_court = [row for row in counted if row["proof"] == "court"]
        return {row["occasion_ref"] for row in at_court if self._within([date.fromisoformat(row["proved_on"])], 24)}

    def _within(self, days: list[date], months: int) -> list[date]:
        return [day for day in days if TODAY.replace(year=TODAY.year - months // 12) < day <= TODAY]

    def _is_held(self, name: str, day: date) -> bool:
        return any(start <= day and (end is None or end > day) for start, end in self.stays[name])

    def _bands(self) -> list[tuple[str, int, int, int]]:
        return [("arrests", 1, 2, 5), ("arrests", 3, 99, 11), ("convictions", 1, 2, 4), ("convictions", 4, 99, 9),
                ("ogrs3_two_year_percent", 0, 49, -2), ("ogrs3_two_year_percent", 50, 100, 7)]  # fmt: skip

    def _person(self, name: str) -> Row:
        born_on = date(self._random.randint(1950, 2005), self._random.randint(1, 12), self._random.randint(1, 28))
        return {"person": name, "born_on": str(born_on), "sex": self._random.choice("MMMF")}

    def _convictions(self, name: str) -> Iterator[Row]:
        for number in range(self._random.choice((0, 1, 1, 2, 5, 20))):
            day, proof = self._day(1500), self._random.choice(("court", "court", "court", "caution"))
            for offence in range(self._random.choice((1, 1, 2, 3))):
                yield {
                    "person": name, "occasion_ref": f"{name} {number:02}", "conviction_ref": f"{name} {number:02} {offence}",
                    "offence_code": self._random.choice(list(GROUPS)), "offence_on": str(day - timedelta(30 + offence)),
                    "proved_on": str(day), "proof": proof, "is_principal": "Y" if offence == 1 else "N",
                    "is_breach": self._random.choice("NNNY"), "recordable": self._random.choice("YYYN"),
                }  # fmt: skip

    def _stays(self) -> Iterator[tuple[date, date | None]]:
        for _ in range(self._random.choice((0, 0, 1, 3))):
            received_on = self._day(900)
            released_on = received_on + timedelta(self._random.choice((0, 5, 90, 400)))
            yield received_on, None if released_on > TODAY else released_on

    def _score(self) -> tuple[date, float]:
        return self._day(900), self._random.randint(1, 98) / 100

    def _day(self, back: int) -> date:
        return TODAY - timedelta(self._random.randint(1, back))
