"""The marts counted again the slow way, day by day and person by person, straight from the rows."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from messy_rows import DIVISION_OF, SECTIONS, TODAY, Row, Rows, person_of

Group = tuple[str, str, str]  # scheme, area level, area
FIRST_MONTH = (2003, 11)  # ten years before the business date, which somebody's membership reaches beyond
DAY = timedelta(days=1)
BEYOND = TODAY + 500 * DAY


class Recount:
    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.own = _by_person(rows)
        self.risk, self.need, self.scores = cache(self._risk), cache(self._need), cache(self._scores)
        self.days = self._days_on_caseloads()
        self.months = list(_periods(1))
        self.periods = [("month", *month) for month in self.months] + [("quarter", *quarter) for quarter in _periods(3)]

    def _days_on_caseloads(self) -> dict[Group, dict[int, set[date]]]:
        days: dict[Group, dict[int, set[date]]] = defaultdict(lambda: defaultdict(set))
        families = [row | {"scheme": "TF"} for row in self.rows.of("hub_family")]
        for row in self.rows.of("hub_membership") + families:
            on = set(_days(row["starts_on"], row.get("ends_on")))
            places = {("all", "all"): on, **self._places(row, on)}
            for scheme in {row["scheme"], "TF" if row["scheme"] == "TF" else "any"}:
                for (level, area), there in places.items():
                    if there:
                        days[scheme, level, area][person_of(row["case_ref"])] |= there
        return days

    def _places(self, row: Row, on: set[date]) -> dict[tuple[str, str], set[date]]:
        """The days of a membership in each division and district: its own, and after each handover the one that took over."""
        days: dict[tuple[str, str], set[date]] = defaultdict(set)
        handed_over = sorted(
            (transfer["handed_over_on"], transfer["agreed_on"], transfer["transfer_ref"], transfer)
            for transfer in self.rows.of("hub_transfer")
            if transfer["case_ref"] == row["case_ref"] and transfer["handed_over_on"] and row["scheme"] != "TF"
        )
        within = [transfer for day, *_, transfer in handed_over if day - DAY in on and day in on]
        own, later = row.get("district"), [transfer["to_district"] for transfer in within]
        if within and (own is None or own in later):
            own = within[0]["from_district"] or own
        for day in on:
            taken = [transfer["to_district"] for transfer in within if transfer["handed_over_on"] <= day]
            district, division = taken[-1] if taken else own, row.get("division")
            if district != row.get("district"):
                division = DIVISION_OF.get(str(district)) or division
            division = division or DIVISION_OF.get(str(district))
            days["district", district or "unknown"].add(day)
            days["division", division or "unknown"].add(day)
        return days

    def movements(self) -> dict[tuple[Any, ...], tuple[int, ...]]:
        """(kind, first day, last day, group) -> opening, joiners, leavers, closing."""
        found: dict[tuple[Any, ...], tuple[int, ...]] = {}
        for group, people in self.days.items():
            joined = Counter(day for on in people.values() for day in on if day - DAY not in on)
            left = Counter(day + DAY for on in people.values() for day in on if day + DAY not in on)
            on_day = Counter(day for on in people.values() for day in on)
            for kind, start, end in self.periods:
                if min(joined) <= end:
                    period = [start + n * DAY for n in range((end - start).days + 1)]
                    moved = sum(joined[day] for day in period), sum(left[day] for day in period)
                    found[kind, start, end, *group] = on_day[start - DAY], *moved, on_day[end]
        return found

    def members(self) -> Iterator[tuple[date, Group, set[int]]]:
        for _, end in self.months:
            for group, people in self.days.items():
                there = {person for person, on in people.items() if end in on}
                if there:
                    yield end, group, there

    def risks(self) -> dict[tuple[Any, ...], int]:
        """(as_on, group, risk) -> people."""
        found: Counter[tuple[Any, ...]] = Counter()
        for day, group, there in self.members():
            found.update({(day, *group, risk): 0 for risk in ("red", "amber", "green", "prison", "not_rated")})
            found.update((day, *group, self.risk(person, day)) for person in there)
        return dict(found)

    def _risk(self, person: int, day: date) -> str:
        for row in self.own["prison_spell", person]:
            if row["received_on"] <= day < (row["released_on"] or BEYOND):
                return "prison"
        given = [row for row in self.own["hub_rag", person] if row["colour"] and row["assessed_on"] <= day]
        seriousness = ("green", "amber", "red").index
        last = max(given, key=lambda row: (row["assessed_on"], seriousness(row["colour"])), default=None)
        return last["colour"] if last else "not_rated"

    def needs(self) -> dict[tuple[Any, ...], tuple[int | None, ...]]:
        """(as_on, group, group_by, group_value, instrument, pathway) -> people, assessed, with need."""
        found: dict[tuple[Any, ...], tuple[int | None, ...]] = {}
        asked = [("hub", pathway) for pathway in range(1, 10)] + [("oasys", pathway) for pathway in range(1, 8)]
        for day, group, there in self.members():
            for group_by, group_value, people in self._split(day, group, there):
                for instrument, pathway in asked:
                    known = [self.need(person, day, instrument, pathway) for person in people]
                    known = [need for need in known if need is not None]
                    has_threshold = (instrument, pathway) not in (("oasys", 3), ("oasys", 5))
                    with_need = sum(need == "need" for need in known) if has_threshold else None
                    found[day, *group, group_by, group_value, instrument, pathway] = len(people), len(known), with_need
        return found

    def _split(self, day: date, group: Group, people: set[int]) -> Iterator[tuple[str, str, set[int]]]:
        yield "all", "all", people
        if group[1] == "all":
            for column, value in (("sex", self._sex), ("age_band", self._age_band)):
                values = {person: value(person, day) for person in people}
                for one in set(values.values()):
                    yield column, one, {person for person in people if values[person] == one}

    def _case(self, person: int) -> Row:
        return self.own["hub_case", person][0]

    def _sex(self, person: int, _: date) -> str:
        return str(self._case(person)["sex"])

    def _age_band(self, person: int, day: date) -> str:
        born = self._case(person)["dob"]
        if born is None:
            return "unknown"
        age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        bands = {"under 16": 16, "16-17": 18, "18-24": 25, "25-29": 30, "30-39": 40, "40-49": 50, "50 and over": 999}
        return next(band for band, below in bands.items() if age < below)

    def _need(self, person: int, day: date, instrument: str, pathway: int) -> str | None:
        """need, none or (without a threshold) asked; None for a person who is not assessed on the pathway."""
        return self._hub_need(person, day, pathway) if instrument == "hub" else self._oasys_need(person, day, pathway)

    def _hub_need(self, person: int, day: date, pathway: int) -> str | None:
        made = [
            (row["assessed_on"], row["level"])
            for row in self.own["hub_need", person]
            if row["pathway"] == pathway and row["level"] is not None and row["assessed_on"] <= day
        ]
        return None if not made else "need" if max(made)[1] >= 1 else "none"

    def _oasys_need(self, person: int, day: date, pathway: int) -> str | None:
        made = [
            (row["completed_on"], len(self.scores(row["assessment_ref"])), row["assessment_ref"])
            for row in self.own["probation_assessment", person]
            if (row["instrument"], row["layer"], row["status"]) == ("OASys", "LAYER3", "complete")
            and row["completed_on"]
            and row["completed_on"] <= day
        ]
        if not made or day > max(made)[0] + timedelta(weeks=55):
            return None
        scores = self.scores(max(made)[2])
        found = []
        for _, section, items, threshold in (section for section in SECTIONS if section[0] == pathway):
            answered = [scores[section, item] for item in items if (section, item) in scores]
            above = "asked" if threshold is None else "need" if sum(answered) >= threshold else "none"
            found.append(above if answered else "unknown")
        return "need" if "need" in found else None if "unknown" in found else found[0]

    def _scores(self, assessment_ref: str) -> dict[tuple[str, str], int]:
        return {
            (row["section"], row["question"]): row["score"]
            for row in self.rows.of("probation_answer")
            if row["assessment_ref"] == assessment_ref and row["score"] is not None
        }

    def referrals(self) -> dict[tuple[Any, ...], tuple[int, ...]]:
        """(kind, first day, route, agency, district) -> made, accepted, declined, pending; `all` for any of the last three."""
        found: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
        for row in self.rows.of("hub_referral"):
            for kind, start, end in self.periods:
                if start <= row["referred_on"] <= end:
                    for route in ("all", row["route"] or "unknown"):
                        for agency in ("all", row["referring_agency"] or "unknown"):
                            for district in ("all", row["district"] or "unknown"):
                                found[kind, start, route, agency, district].update([row["decision"] or "pending"])
        return {key: (n.total(), n["accepted"], n["declined"], n["pending"]) for key, n in found.items()}


def _by_person(rows: Rows) -> dict[tuple[str, int], list[Row]]:
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for file, listed in rows.files.items():
        for row in listed:
            record = next((row[column] for column in ("case_ref", "prison_number", "crn") if column in row), None)
            if record:
                found[file, person_of(record)].append(row)
    return found


def _days(start: date, end: date | None) -> set[date]:
    return {start + n * DAY for n in range(((end or BEYOND) - start).days)}


def _periods(months: int) -> Iterator[tuple[date, date]]:
    """First and last day of calendar periods so long, the last one cut at the business date."""
    year, month = FIRST_MONTH
    start = date(year, month - (month - 1) % months, 1)
    while start <= TODAY:
        number = start.year * 12 + start.month - 1 + months
        following = date(number // 12, number % 12 + 1, 1)
        yield start, min(following - DAY, TODAY)
        start = following
