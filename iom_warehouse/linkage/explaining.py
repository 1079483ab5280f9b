"""Why records are one person, in sentences: from the evidence that each link carries. Of people it names nothing but keys of
their records, some of which (CRN, prison number) identify them: what it prints is for the asker's screen.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage.sources import DIP
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking

# What the run of a past night opened, and what it closed and the next run put back: that night is nobody's past.
IN_PASSING = """
    select from identity.linkage_run as back
    where back.after_past_run = link.opened_by_run and back.run_id = link.closed_by_run
        or back.after_past_run = link.closed_by_run and exists (
        select from identity.link as again
        where again.opened_by_run = back.run_id
            and (again.source_file, again.source_key, again.person_key) = (link.source_file, link.source_key, link.person_key))
"""
# A drug service's client without consent, or gone: nobody is told whose it was, nor of whom it was kept apart.
NOT_TOLD = f"""
    select '{DIP.file} ' || link.source_key from identity.link
    where source_file = '{DIP.file}' and not exists (
        select from identity.record as held
        where (held.source_file, held.source_key) = (link.source_file, link.source_key) and is_linkable)
"""
PERSON = "select minted_at from identity.person where person_key = %s"
LINKS = f"""
    select
        source_file || ' ' || source_key,
        case when linked_to is not null and method = 'dip identifier' and exists (
            select from jsonb_array_elements(evidence -> 'edges') as edge where edge ->> 'record' in ({NOT_TOLD}))
            then 'single' else method end,
        evidence, linked_from, linked_to,
        case when source_file = '{DIP.file}' then coalesce(is_linkable, false) end
    from identity.link left join identity.record using (source_file, source_key)
    where person_key = %s and (linked_to is null) = %s and not exists ({IN_PASSING})
        and (linked_to is null or source_file || ' ' || source_key not in ({NOT_TOLD}))
    order by linked_to, source_file, source_key, opened_by_run
"""
# Where the records are now that once belonged to the person and do so no longer.
ELSEWHERE = f"""
    select distinct now.person_key from identity.link as once
    join identity.link as now using (source_file, source_key)
    where once.person_key = %s and once.linked_to is not null
        and (once.opened_by_run, once.closed_by_run) not in (
            select after_past_run, run_id from identity.linkage_run where after_past_run is not null)
        and now.linked_to is null and now.person_key <> once.person_key
        and source_file || ' ' || source_key not in ({NOT_TOLD})
    order by 1
"""
DECISIONS = "select decision_id, decided_by, decided_at, reason from identity.decision where decision_id = any(%s) order by 1"
CONFLICTS = f"""
    select conflict.kind, conflict.identifier_kind, source_file || ' ' || source_key, other_source_file || ' ' || other_source_key
    from identity.conflict as conflict
    where closed_by_run is null and exists (
        select from identity.link as link where link.person_key = %s and link.linked_to is null
        and (link.source_file, link.source_key) in ((conflict.source_file, conflict.source_key),
            (conflict.other_source_file, conflict.other_source_key)))
        and source_file || ' ' || source_key not in ({NOT_TOLD})
        and other_source_file || ' ' || other_source_key not in ({NOT_TOLD})
    order by conflict_id
"""
# What stewards said that the person's records are not, act by act.
KEPT_APART = f"""
    select min(decision_id), decided_by, min(decided_at), string_agg(distinct side.other, ', '), reason
    from identity.decision as decision
    cross join lateral (values
        (source_file, source_key, other_source_file || ' ' || other_source_key),
        (other_source_file, other_source_key, source_file || ' ' || source_key)) as side (file, key, other)
    join identity.link as link on (link.source_file, link.source_key) = (side.file, side.key)
    where kind = 'different' and withdrawn_by_decision is null and link.person_key = %s and link.linked_to is null
        and side.file || ' ' || side.key not in ({NOT_TOLD}) and side.other not in ({NOT_TOLD})
    group by event_id, decided_by, reason
    order by 1
"""
WHY_APART = {
    "two_pncs": "together they would have two valid PNCs",
    "suspected_twins": (
        "they, or others of the same people, have surname and birth date in common, other forenames and no identifier in common:"
        " they may be twins"
    ),
    "steward_different": "a steward said that they are two people",
    "identifier_contradicted": "they share an identifier, and too little else agrees, or forename and birth date are others",
    "dip_ambiguous": "the identifiers that the client gave belong to more than one person",
    "dip_contradicted": "the initials and the birth date of the client are others than those of whoever holds the identifier",
}
WORDS = {
    "forename": "forename", "surname": "surname", "dob": "birth date", "sex": "sex", "postcode": "postcode", "pnc": "PNC",
    "cro": "CRO number", "prison_number": "prison number", "crn": "CRN",
}  # fmt: skip
MOST_CERTAIN = 20  # powers of two: above, odds of a million to one say enough


def explain(asker: Connection, linker: Connection, person_key: int, reason: str) -> Iterator[str]:
    """Lines that say which records a person is made of, why, what they were kept apart from, and what has changed.

    `asker` is the connection of a steward or an auditor: the event of the look stands under their login, with its reason, and is
    committed before the first line is given. `linker` is one as the linker, who reads.
    Raises IomError when nobody ever had this key, no reason is given, the asker is neither, or people are being linked.
    """
    not_allowed = f"{asker.info.user} is neither a steward nor an auditor."
    with speaking(asker, IomError(not_allowed, "Both are rows of people_access.csv.")) as cursor:
        cursor.execute("select access.note_explanation(%s, %s)", (person_key, reason))
    with speaking(linker, IomError("The linker lacks a grant.", "Run: iom db migrate")) as cursor:
        cursor.execute("select identity.keep_linkage_away()")
        cursor.execute(PERSON, (person_key,))
        known_since = cursor.fetchone()[0]
        lines = [*_records(cursor, person_key), *_past(cursor, person_key)]  # whoever reads them slowly delays no run
    yield f"Person {person_key}, known since {known_since:%Y-%m-%d}"
    yield from lines


def _records(cursor: Cursor, person_key: int) -> Iterator[str]:
    cursor.execute(LINKS, (person_key, True))
    links = cursor.fetchall()
    if not links:
        yield "  No record belongs to this key now."
    kept_apart = list(_kept_apart(cursor, person_key))
    for record, method, evidence, since, _, consents in links:
        because = _alone(consents, bool(kept_apart)) if len(links) == 1 else _because(method, evidence)
        yield f"  {record} belongs to it since {since:%Y-%m-%d}: {because}"
        for edge in evidence.get("edges", ()):
            yield f"    with {edge['record']}: {_strength(edge)}"
        cursor.execute(DECISIONS, (evidence.get("decisions", []),))
        for number, who, when, why in cursor.fetchall():
            yield f"    decision {number} of {who} on {when:%Y-%m-%d}: {why}"
    yield from kept_apart


def _alone(consents: bool | None, is_kept_apart: bool) -> str:
    """Why a record is a person by itself; `consents` is None unless it is a drug service's client."""
    if consents is False:
        return "it stands alone; the client has not consented, so it is compared with nobody."
    if is_kept_apart:
        return "it stands alone; others have much in common with it and were kept apart from it, as said below."
    if consents:
        return "it stands alone; the client gave, with consent, no valid identifier that anybody else holds."
    return "it stands alone; no other record has enough in common with it."


def _because(method: str, evidence: Mapping[str, Any]) -> str:
    if method == "steward":
        return "a steward said so."
    if method == "dip identifier":
        return "the client gave, with consent, a valid identifier that this person holds."
    if method == "single":
        return "it was joined through others."
    if evidence.get("is_only_held"):
        return "it was joined before; as it is weighed now, what agrees neither joins nor parts it. Its strongest evidence:"
    return f"enough agrees, as the model {method.removeprefix('splink ')} weighs it. Its strongest evidence:"


def _strength(edge: Mapping[str, Any]) -> str:
    """One edge: what agreed and what did not, and the odds that all of it together gives."""
    found = edge.get("levels", {})
    named = {WORDS.get(comparison, comparison): level for comparison, level in found.items()}
    levels = "; ".join(f"{word}: {named[word]}" for word in dict.fromkeys((*WORDS.values(), *named)) if word in named)
    weight = edge.get("weight")
    if weight is None:
        return levels or "an identifier in common."
    return f"{levels}. Weight {weight:+.1f}, {odds(weight)}."


def odds(weight: float) -> str:
    """A match weight as odds, in words."""
    if abs(weight) > MOST_CERTAIN:
        return f"more than a million to one {'for' if weight > 0 else 'against'} one person"
    return f"{2 ** abs(weight):,.0f} to 1 {'for' if weight >= 0 else 'against'} one person"


def _kept_apart(cursor: Cursor, person_key: int) -> Iterator[str]:
    cursor.execute(CONFLICTS, (person_key,))
    for kind, identifier, one, other in cursor.fetchall():
        shared = f" (they share a {WORDS[identifier]})" if identifier else ""
        yield f"  {one} was kept apart from {other}{shared}: {WHY_APART[kind]}."
    cursor.execute(KEPT_APART, (person_key,))
    for number, who, when, others, why in cursor.fetchall():
        yield f"  Decision {number} of {who} on {when:%Y-%m-%d} says that {others} is somebody else: {why}"


def _past(cursor: Cursor, person_key: int) -> Iterator[str]:
    cursor.execute(LINKS, (person_key, False))
    for record, method, _, since, until, _ in cursor.fetchall():
        yield f"  Before: {record} from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} ({method})"
    cursor.execute(ELSEWHERE, (person_key,))
    for (key,) in cursor.fetchall():
        yield f"  Records that once belonged to it belong to person {key} now."
