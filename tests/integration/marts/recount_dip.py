"""The chain from arrest to treatment and the caseload of drug services, counted again arrest by arrest and day by day."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from messy_rows import TODAY, Row, Rows, person_of

STAGES = 11
FAR = date(9999, 1, 1)


class DrugServices:
    def __init__(self, rows: Rows, reaches_to: date) -> None:
        self.rows, self.reaches_to = rows, reaches_to
        self.clients = {row["client_ref"] for row in rows.of("dip_client") if _consents(row)}
        self.episode_of = self._episodes_by_arrest()

    def chain(self) -> dict[tuple[date, str], tuple[list[int], list[int]]]:
        """(first day of the month, division or all) -> arrests and people at each stage."""
        events: dict[tuple[date, str], list[tuple[int, int]]] = defaultdict(list)
        for arrest in self.rows.of("police_arrest"):
            if arrest["offence_code"] == "046/00" and self._is_adult(arrest):
                reached = self._stages_reached(arrest)
                for area in ("all", arrest["division"] or "unknown"):
                    events[_day(arrest).replace(day=1), area].append((person_of(arrest["police_ref"]), reached))
        return {
            key: (
                [sum(reached >= stage for _, reached in found) for stage in range(1, STAGES + 1)],
                [len({person for person, reached in found if reached >= stage}) for stage in range(1, STAGES + 1)],
            )
            for key, found in events.items()
        }

    def _stages_reached(self, arrest: Row) -> int:
        """How many stages one after another are on record."""
        reached = 0
        for is_on_record in self._facts(arrest):
            if not is_on_record:
                break
            reached += 1
        return reached

    def _facts(self, arrest: Row) -> Iterator[bool]:
        ref = arrest["arrest_ref"]
        tests = [row for row in self._of("police_drug_test", ref) if row["result"] in ("positive", "negative")]
        yield True
        yield bool(tests)
        yield any(row["result"] == "positive" and row["substance"] in ("opiates", "cocaine") for row in tests)
        initial = self._required(ref, "initial")
        yield bool(initial)
        yield any(row["attended"] and row["remained"] for row in initial)
        yield any(row["attended"] for row in self._required(ref, "follow_up"))
        episode = self.episode_of.get(ref)
        if episode is None:
            yield False
            return
        yield bool(episode["needs_intervention"] and episode["assessed_on"])
        for stage in ("caseload_on", "care_plan_on", "treatment_on"):
            yield episode[stage] is not None
        left_on = episode["treatment_ended_on"] or episode["closed_on"] or self.reaches_to
        yield (left_on - episode["treatment_on"]).days >= 84

    def _of(self, file: str, arrest_ref: str) -> list[Row]:
        return [row for row in self.rows.of(file) if row["arrest_ref"] == arrest_ref]

    def _required(self, arrest_ref: str, kind: str) -> list[Row]:
        found = self._of("dip_requirement", arrest_ref)
        return [row for row in found if row["kind"] == kind and row["client_ref"] in self.clients]

    def _episodes_by_arrest(self) -> dict[str, Row]:
        arrests = {row["arrest_ref"] for row in self.rows.of("police_arrest")}
        initials = [row for arrest in arrests for row in self._required(arrest, "initial")]
        served: dict[str, list[Row]] = defaultdict(list)
        for episode in self.rows.of("dip_episode"):
            able = [
                row
                for row in initials
                if row["client_ref"] == episode["client_ref"]
                and episode["contact_reason"] == "required_assessment"
                and row["imposed_on"] <= episode["referred_on"] <= (row["due_on"] or row["imposed_on"]) + timedelta(days=28)
            ]
            if able:
                newest = max(row["imposed_on"] for row in able)
                last = min((row for row in able if row["imposed_on"] == newest), key=lambda row: str(row["requirement_ref"]))
                served[last["arrest_ref"]].append(episode)
        return {ref: min(found, key=lambda row: (row["referred_on"], row["episode_ref"])) for ref, found in served.items()}

    def _is_adult(self, arrest: Row) -> bool:
        [born_on] = [row["dob"] for row in self.rows.of("police_person") if row["police_ref"] == arrest["police_ref"]]
        return _day(arrest) >= born_on.replace(year=born_on.year + 18)

    def caseload(self, day: date) -> dict[str, int]:
        """Area, or all -> people on the caseload on a day."""
        people: dict[str, set[int]] = defaultdict(set)
        for row in self.rows.of("dip_episode"):
            if row["caseload_on"] and row["caseload_on"] <= day < (row["closed_on"] or FAR) and row["caseload_on"] <= TODAY:
                for area in ("all", row["area"] or "unknown"):
                    people[area].add(person_of(row["client_ref"]))
        return {area: len(found) for area, found in people.items()}


def _consents(client: Row) -> bool:
    given_on = client["consent_on"]
    return client["consent_to_share"] is True and bool(given_on) and given_on <= TODAY and client["consent_withdrawn_on"] is None


def _day(arrest: Row) -> Any:
    return arrest["arrested_at"].date()
