"""The rules of a file: mechanical ones that follow from its columns, and the explicit `quality` entries of its contract.

Which expectation and severity a trait gets is said once, in `expectations/defaults.yml`; here is only what has which trait.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from iom_warehouse.contracts.model import DIMENSIONS, SEVERITIES, Column, ContractError, File, Rule
from iom_warehouse.contracts.vocabulary import CONFIGURED, EXPECTATIONS, PARAMETERS

NOT_AS_AGREED = "$value is not as agreed. $description"
PARSED_TYPES = ("date", "ts", "int", "num", "yn")
Facts = dict[str, Any]


@dataclass(frozen=True)
class Defaults:
    """`mechanical`: one template per trait and expectation; `explicit`: what an explicit entry need not repeat, by expectation;
    `words`: how to say a type or an identifier to the agency that sent it."""

    mechanical: tuple[Mapping[str, Any], ...]
    explicit: Mapping[str, Mapping[str, str]]
    words: Mapping[str, str]


FILE_TRAITS: Mapping[str, Callable[[File], bool]] = {
    "file": lambda file: True,
    "single_key": lambda file: len(file.key) == 1,
    "compound_key": lambda file: len(file.key) > 1,
}
TEXT_TYPES = ("ref", "text", "area", "agency")
COLUMN_TRAITS: Mapping[str, Callable[[Column], bool]] = {
    "key_column": lambda column: column.is_key,
    "required": lambda column: column.required and not column.is_key,
    "parsed": lambda column: column.type in PARSED_TYPES,
    "code": lambda column: column.type == "code",
    "offence_code": lambda column: column.type == "hocode",
    "past_date": lambda column: column.type == "date" and not column.may_be_future,
    "future_date": lambda column: column.type == "date" and column.may_be_future,
    "past_time": lambda column: column.type == "ts" and not column.may_be_future,
    "future_time": lambda column: column.type == "ts" and column.may_be_future,
    "range": lambda column: column.minimum is not None or column.maximum is not None,
    "identifier": lambda column: column.identifier is not None and not column.is_key,
    "area": lambda column: column.type == "area",
    "agency": lambda column: column.type == "agency",
}


def mechanical(file: File, defaults: Defaults) -> Iterator[Rule]:
    """The rules that the declaration of `file` implies: those of the file, of each column in turn, of each reference."""
    for template in defaults.mechanical:
        if template["trait"] in FILE_TRAITS and FILE_TRAITS[template["trait"]](file):
            columns = () if template["trait"] == "file" else file.key
            facts = {"all_columns": tuple(column.name for column in file.columns), "column": file.key[0]}
            yield _from_template(template, file, columns, facts)
    for column in file.columns:
        for template in defaults.mechanical:
            if template["trait"] == _length_trait(file, column) or COLUMN_TRAITS.get(template["trait"], _never)(column):
                yield _from_template(template, file, (column.name,), _column_facts(column, defaults))
    for template in defaults.mechanical:
        if template["trait"] == "reference":
            for reference in file.references:
                facts = {"parent_file": reference.parent_file, "parent_columns": reference.parent_columns}
                yield _from_template(template, file, reference.columns, facts)


def _never(column: Column) -> bool:
    return False


def _length_trait(file: File, column: Column) -> str | None:
    """How long a text may be. What names a row, of this file or another, must fit into an index, whatever kind of text it is."""
    if column.type not in TEXT_TYPES:
        return None
    is_reference = column.type == "ref" or any(column.name in reference.columns for reference in file.references)
    return "reference_text" if column.is_key or is_reference else "long_text"


def explicit(file: File, column: str | None, entry: Mapping[str, Any], defaults: Defaults, place: str) -> Rule:
    """The rule of one `quality` entry, given as its ODCS fields; `column` is where it stands, None for an entry of the file."""
    implementation = dict(entry["implementation"])
    expectation = implementation.pop("expectation", None)
    if expectation not in EXPECTATIONS:
        raise ContractError(f"{place}: there is no expectation {expectation!r}.", f"Use one of: {', '.join(EXPECTATIONS)}.")
    if column and "column" in EXPECTATIONS[expectation].columns:
        implementation.setdefault("column", column)
    default = {"complaint": NOT_AS_AGREED, **defaults.explicit.get(expectation, {})}
    columns = _columns_of(expectation, implementation)
    description = (entry.get("description") or "").strip()
    rule = Rule(
        rule_id=_rule_id(file.name, columns, entry.get("name") or default.get("name", "rule")),
        file=file.name,
        columns=columns,
        expectation=expectation,
        kwargs=implementation,
        severity=entry.get("severity") or "",
        dimension=entry.get("dimension") or default.get("dimension", ""),
        description=description,
        complaint=_complaint(default, file, columns, _explicit_facts(file, implementation, description)),
        remedy=(entry.get("remedy") or default.get("remedy", "")).strip(),
    )
    check(rule, file, place)
    return rule


def null_share(file: File, column: Column, entry: Mapping[str, Any], defaults: Defaults, place: str) -> Rule:
    """The rule of a standard `nullValues` metric: at most `mustBeLessOrEqualTo` percent of the rows lack the column."""
    share = entry.get("mustBeLessOrEqualTo")
    if entry.get("metric") != "nullValues" or entry.get("unit") != "percent" or share is None or not 0 <= share < 100:
        raise ContractError(
            f"{place}: this standard metric is not one that the warehouse checks.",
            "Write {metric: nullValues, mustBeLessOrEqualTo: 20, unit: percent}, or type: custom with engine: greatExpectations.",
        )
    trait = "null_share" if share else "never_null"
    template = next(template for template in defaults.mechanical if template["trait"] == trait)
    facts = _column_facts(column, defaults) | {"share": share, "mostly": round(1 - share / 100, 4)}
    rule = _from_template(template, file, (column.name,), facts)
    check(rule, file, place)
    return rule


def check(rule: Rule, file: File, place: str) -> None:
    """Raise ContractError when Great Expectations, or the SQL that finds failing rows, could not run the rule."""
    shape, known = EXPECTATIONS[rule.expectation], {column.name for column in file.columns}
    allowed = set(shape.columns) | shape.needed | shape.possible
    problems = [
        (f"has no argument {name!r}", f"It takes: {', '.join(sorted(allowed))}.") for name in rule.kwargs if name not in allowed
    ] + [
        (f"needs the argument {name!r}", "Add it to the implementation.")
        for name in sorted(set(shape.columns) | shape.needed)
        if name not in rule.kwargs
    ]
    problems += [(f"names the column {name!r}, which {file.name} does not have", f"It has: {', '.join(sorted(known))}.")
                 for name in rule.columns if name not in known]  # fmt: skip
    problems += [
        (f"asks for the parameter {value.get('$PARAMETER')!r}", f"A delivery has: {', '.join(PARAMETERS)}.")
        for value in rule.kwargs.values()
        if isinstance(value, Mapping) and value.get("$PARAMETER") not in PARAMETERS
    ]
    if rule.kwargs.get("table", CONFIGURED[0]) not in CONFIGURED:
        problems.append((f"asks for codes of {rule.kwargs['table']!r}", f"Use one of: {', '.join(CONFIGURED)}."))
    if rule.severity not in SEVERITIES:
        problems.append((f"has the severity {rule.severity!r}", f"Use one of: {', '.join(SEVERITIES)}."))
    if rule.severity == "warning" and (not shape.row_level or "mostly" in rule.kwargs):
        problems.append(("has the severity warning but judges no single row", "Use critical or info, or a rule on rows."))
    if rule.dimension not in DIMENSIONS:
        problems.append((f"has the dimension {rule.dimension!r}", f"Use one of: {', '.join(DIMENSIONS)}."))
    if not rule.description or not rule.remedy:
        problems.append(("lacks a description or a remedy", "Say in a sentence what holds, and what the sender should do."))
    if shape.row_level and "mostly" not in rule.kwargs and not problems and not rule.complaint:
        problems.append(("has no complaint", "Say in defaults.yml what is wrong with a row that breaks it."))
    for problem, right in problems:
        raise ContractError(f"{place}: {rule.expectation} {problem}.", right)


def _column_facts(column: Column, defaults: Defaults) -> Facts:
    return {
        "column": column.name,
        "type": column.type,
        "type_in_words": defaults.words.get(column.type, column.type),
        "codes": column.codes,
        "identifier": column.identifier,
        "identifier_in_words": defaults.words.get(column.identifier or "", ""),
        "minimum": column.minimum,
        "maximum": column.maximum,
        "range_in_words": _range_in_words(column),
        "or_empty": "" if column.required or column.is_key else ", or leave it empty if it is not known",
    }


def _explicit_facts(file: File, arguments: Mapping[str, Any], description: str) -> Facts:
    """What a complaint about an explicit rule may say."""
    facts = {name: value for name, value in arguments.items() if isinstance(value, str)} | {"description": description}
    for column in file.columns:
        if column.name == arguments.get("column_A"):
            facts["falls_short"] = _falls_short(column, bool(arguments.get("or_equal")))
    return facts


def _falls_short(column: Column, may_be_equal: bool) -> str:
    """How to say that a value is not as great as it must be."""
    if column.type in ("date", "ts"):
        return "is before" if may_be_equal else "is not after"
    return "is less than" if may_be_equal else "is not more than"


def shown(columns: Iterable[str]) -> str:
    """Columns in the words of a complaint, each with the place, in braces, where the report to the sender puts its value."""
    return " and ".join(f"{name} {{{name}}}" for name in columns)


def _complaint(template: Mapping[str, Any], file: File, columns: tuple[str, ...], facts: Facts) -> str:
    """What is wrong with a row that breaks the rule. In braces stand columns; braces of the rule's own words are doubled."""
    words = {name: _in_words(fact).replace("{", "{{").replace("}", "}}") for name, fact in facts.items()}
    texts = [column.name for column in file.columns if column.sql_type == "text"]
    words["value"] = ", ".join(f"{name}: '{{{name}}}'" if name in texts else f"{name}: {{{name}}}" for name in columns)
    words |= {"values": shown(columns), "value_A": shown(columns[:1]), "value_B": shown(columns[1:2])}
    return Template(template.get("complaint", "")).safe_substitute(words).strip()


def _in_words(fact: Any) -> str:
    return ", ".join(map(str, fact)) if isinstance(fact, tuple) else str(fact)


def _range_in_words(column: Column) -> str:
    if column.maximum is None:
        return f"at least {column.minimum:g}" if column.minimum is not None else ""
    return f"at most {column.maximum:g}" if column.minimum is None else f"between {column.minimum:g} and {column.maximum:g}"


def _from_template(template: Mapping[str, Any], file: File, columns: tuple[str, ...], facts: Facts) -> Rule:
    """Fill a template of defaults.yml: `$name` stands for a fact, and an argument that is nothing but `$name` for its value."""
    facts = facts | {"file": file.name, "columns": columns}
    arguments = {name: _fill_value(value, facts) for name, value in template.get("arguments", {}).items()}
    words = {name: _in_words(fact) for name, fact in facts.items()}
    return Rule(
        rule_id=_rule_id(file.name, columns, template["name"]),
        file=file.name,
        columns=columns,
        expectation=template["expectation"],
        kwargs={name: value for name, value in arguments.items() if value is not None},
        severity=template["severity"],
        dimension=template["dimension"],
        description=Template(template["description"]).substitute(words).strip(),
        complaint=_complaint(template, file, columns, facts),
        remedy=Template(template["remedy"]).substitute(words).strip(),
    )


def _fill_value(value: Any, facts: Facts) -> Any:
    if not (isinstance(value, str) and value.startswith("$")):
        return value
    fact = facts[value[1:]]
    return list(fact) if isinstance(fact, tuple) else fact


def _columns_of(expectation: str, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    named = [arguments[name] for name in EXPECTATIONS[expectation].columns if name in arguments]
    return tuple(column for value in named for column in ([value] if isinstance(value, str) else value))


def _rule_id(file: str, columns: tuple[str, ...], short_name: str) -> str:
    return ".".join(part for part in (file, "_".join(columns), short_name) if part)
