"""The reference page of the configuration files, as Markdown, from the declaration. Made on demand, so that it cannot drift."""

from iom_warehouse.configuration.declaration import ConfigurationColumn, ConfigurationFile, files

TYPES_IN_WORDS = {
    "ref": "name",
    "text": "text",
    "hocode": "Home Office offence code",
    "date": "date",
    "int": "whole number",
    "num": "number",
    "yn": "Y or N",
}
KEYS = "Every file may be left out. Key columns are **bold**; together with effective_from they tell rows apart."
HEAD = ["| column | | holds | |", "|---|---|---|---|"]


def markdown() -> str:
    """One page: a section for each file, with its columns and what a row must not say."""
    lines = ["# Configuration files", "", KEYS, ""]
    return "\n".join([*lines, *(line for file in files() for line in _section(file))])


def _section(file: ConfigurationFile) -> list[str]:
    needed = [f"This file is needed: {file.needed}.", ""] if file.needed else []
    lines = [f"## {file.csv_name}", "", file.describes, "", *needed, *HEAD, *(_row(file, column) for column in file.columns), ""]
    if file.contradictions:
        lines += ["Refused:", "", *(f"* {rule.column}: {rule.says}" for rule in file.contradictions), ""]
    return lines


def _row(file: ConfigurationFile, column: ConfigurationColumn) -> str:
    name = f"**{column.name}**" if column.name in file.key else column.name
    return f"| {name} | {'needed' if column.required else ''} | {_holds(column)} | {column.describes} |"


def _holds(column: ConfigurationColumn) -> str:
    what = " / ".join(column.codes) if column.codes else TYPES_IN_WORDS[column.type]
    parts = [
        what,
        "several, with ; between" if column.list else "",
        f"of {column.to}" if column.to else "",
        f"such as {column.example}" if column.example else "",
        f"empty means {column.default}" if column.default is not None else "",
    ]
    return ", ".join(part for part in parts if part).replace("|", "\\|")
