"""The data dictionary: everything that the contracts say, in words, as data for pages and as Markdown.

It is generated on demand and never committed, so that it cannot drift from the contracts.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from iom_warehouse.contracts.model import Column, Contract, File, Rule

CONSEQUENCES = {
    "critical": "the delivery is refused",
    "warning": "the row is rejected and waits in quarantine",
    "info": "it is noted, and the row is used",
}
TYPES_IN_WORDS = {
    "ref": "reference of the source system",
    "text": "text",
    "code": "one of the codes",
    "date": "date",
    "ts": "time with offset",
    "int": "whole number",
    "num": "number",
    "yn": "Y or N",
    "hocode": "Home Office offence code",
    "area": "area code of the partnership",
    "agency": "agency code of the partnership",
}
COLUMN_HEADS = ("column", "type", "refers to", "codes", "class", "description")
CLASSES_IN_WORDS = {
    "none": "no personal data",
    "identifier": "identifies a person",
    "personal": "personal data",
    "criminal-offence": "criminal-offence data",
    "health": "health data",
    "special": "other special category",
}


def feed_entry(contract: Contract) -> dict[str, Any]:
    """One feed, ready for a page: strings, booleans, and lists of them only.

    `facts` are pairs of label and value; `files` carry `columns` and `rules`; controller and regime are repeated on each column.
    """
    return {
        "feed": contract.feed,
        "title": contract.title,
        "purpose": contract.purpose,
        "facts": _facts(contract),
        "files": [_file_entry(contract, file) for file in contract.files],
    }


def markdown(contract: Contract) -> str:
    """The same as one Markdown page."""
    entry = feed_entry(contract)
    lines = [f"# {entry['title']}", "", entry["purpose"], "", *_table(("agreed", ""), entry["facts"])]
    for file in entry["files"]:
        key, nature = ", ".join(file["key"]), file["fact_or_opinion"].capitalize()
        rules = [(rule["rule_id"], rule["description"], rule["consequence"]) for rule in file["rules"]]
        lines += [
            *("", f"## {file['name']}: {file['title']}"),
            *("", file["description"]),
            *("", f"Key: {key}. About: {file['data_subject']}. {nature}.{file['presence']}{file['people']}"),
            *("", *_table(COLUMN_HEADS, [_column_cells(column) for column in file["columns"]])),
            *("", *_table(("rule", "what holds", "otherwise"), rules)),
        ]
    return "\n".join(lines) + "\n"


def write(contracts: Iterable[Contract], directory: Path) -> list[Path]:
    """One Markdown page per feed below `directory`, which is made if need be. Returns their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    pages = []
    for contract in contracts:
        page = directory / f"{contract.feed}.md"
        page.write_text(markdown(contract), encoding="utf-8")
        pages.append(page)
    return pages


def _facts(contract: Contract) -> list[tuple[str, str]]:
    return [
        ("Contract version", contract.version),
        ("Owner at the agency", contract.owner),
        ("Controller", contract.controller),
        ("Regime", contract.regime),
        ("Legal gateway", contract.legal_gateway),
        ("Conditions for processing", contract.conditions),
        (
            "Sharing agreement",
            f"{contract.agreement_id}, to be reviewed on {contract.agreement_review_on:%d %B %Y}".replace(" 0", " "),
        ),
        ("Appropriate policy document", contract.policy_document_id),
        ("Protective marking", contract.protective_marking),
        ("Kept for", f"{contract.retention_years} years. {contract.retention_note}"),
        ("Expected", f"cron {contract.expected_by} (Europe/London)"),
        ("Late after", f"{contract.late_after_hours} hours"),
        ("Stale after", f"{contract.stale_after_days} days"),
        *(
            (f"Contact for {channel.replace('-', ' ')}", url.removeprefix("mailto:"))
            for channel, url in contract.contacts.items()
        ),
    ]


def _file_entry(contract: Contract, file: File) -> dict[str, Any]:
    return {
        "name": file.name,
        "title": file.title,
        "description": file.description,
        "presence": " Optional." if file.optional else "",
        "people": _people_in_words(file),
        "key": list(file.key),
        "data_subject": file.data_subject,
        "fact_or_opinion": file.fact_or_opinion,
        "columns": [_column_entry(contract, file, column) for column in file.columns],
        "rules": [_rule_entry(rule) for rule in file.rules],
    }


def _people_in_words(file: File) -> str:
    if file.holds_people:
        return " Its rows are people, who are linked with those of other feeds."
    return f" Its rows are other names of the people of {file.other_names_of}." if file.other_names_of else ""


def _column_entry(contract: Contract, file: File, column: Column) -> dict[str, Any]:
    parents = [reference.parent_file for reference in file.references if column.name in reference.columns]
    return {
        "name": column.name,
        "type": TYPES_IN_WORDS[column.type] + (", may lie in the future" if column.may_be_future else ""),
        "is_key": column.is_key,
        "required": column.required or column.is_key,
        "refers_to": ", ".join(parents),
        "codes": list(zip(column.codes, column.code_meanings, strict=True)),
        "classification": _class_in_words(column),
        "controller": contract.controller,
        "regime": contract.regime,
        "description": column.description,
        "rules": [_rule_entry(rule) for rule in file.rules if column.name in rule.columns],
    }


def _class_in_words(column: Column) -> str:
    use = f"; also read without names: {column.pseudonymous_use}" if column.pseudonymous_use else ""
    return CLASSES_IN_WORDS[column.classification] + use


def _rule_entry(rule: Rule) -> dict[str, str]:
    return {
        "rule_id": rule.rule_id,
        "severity": rule.severity,
        "dimension": rule.dimension,
        "description": rule.description,
        "consequence": CONSEQUENCES[rule.severity],
        "remedy": rule.remedy,
    }


def _column_cells(column: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"**{column['name']}**" if column["is_key"] else column["name"],
        column["type"],
        column["refers_to"],
        "; ".join(f"{code}: {meaning}" for code, meaning in column["codes"]),
        column["classification"],
        column["description"],
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A Markdown table; a bar or a line break within a cell would end it, so both are written otherwise."""
    cells = [tuple(" ".join(cell.split()).replace("|", "\\|") for cell in row) for row in rows]
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *cells)]
