"""Contract files (Open Data Contract Standard, YAML) into the shapes of `model`; errors say where, and what would be right.

Standard fields are used where the standard has one. `logicalTypeOptions.format` of a string says what kind of text it is (`ref`,
`hocode`, `area`, `agency`, or an identifier), `enum` its codes. `customProperties` hold the rest: see the tuples *_FACTS.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import open_data_contract_standard.model as odcs

from iom_warehouse.contracts import fields, people, rules
from iom_warehouse.contracts.document import parse, read_mapping
from iom_warehouse.contracts.model import (
    ACCESSES,
    CLASSIFICATIONS,
    IDENTIFIERS,
    SQL_TYPES,
    STAGES,
    Column,
    Contract,
    ContractError,
    File,
    Reference,
    Role,
    Rule,
)
from iom_warehouse.contracts.rules import Defaults

TYPE_OF_LOGICAL_TYPE = {"date": "date", "timestamp": "ts", "integer": "int", "number": "num", "boolean": "yn"}
SPELT_IN_SEVERAL_WAYS = ("ts", "num")
KINDS_OF_TEXT = ("ref", "hocode", "area", "agency")
CONTRACT_FACTS = (
    "controller", "legalGateway", "regime", "conditions", "sharingAgreement", "sharingAgreementReviewOn", "policyDocument",
    "protectiveMarking",
)  # fmt: skip
FILE_FACTS = ("optional", "dataSubject", "factOrOpinion", "holdsPeople", "otherNamesOf")
COLUMN_FACTS = ("mayBeFuture", "pseudonymousUse")
REGIMES = ("LED", "UK GDPR")
NAME = re.compile("[a-z][a-z0-9_]{0,49}")
TAKEN_NAMES = ("change", "opened_by_sequence", "closed_by_sequence", "recorded_from", "recorded_to", "row_number", "examined_as",
               "version", "is_current")  # fmt: skip
LONGEST_FILE_NAME = 40  # with what landing adds to it, PostgreSQL takes no longer one
OPINIONS = ("fact", "opinion", "fact and opinion")


def read_defaults(path: Path) -> Defaults:
    """`defaults.yml`: templates of the mechanical rules. Raises ContractError when it is missing or a part of it is."""
    content = read_mapping(path)
    missing = [part for part in ("mechanical", "explicit", "words") if part not in content]
    if missing:
        raise ContractError(
            f"{path.name}: the part {missing[0]!r} is missing.", "It has three parts: mechanical, explicit and words."
        )
    return Defaults(tuple(content["mechanical"]), content["explicit"], content["words"])


def read(path: Path, defaults: Defaults) -> Contract:
    """The contract in `path`. Raises ContractError naming the place when it is not well formed or contradicts itself."""
    source = parse(path)
    name = path.name
    facts = fields.own_facts(source.customProperties, CONTRACT_FACTS, name, needed=CONTRACT_FACTS)
    sla = {entry.property: entry for entry in source.slaProperties or ()}
    contract = Contract(
        feed=fields.given(source.id, name, "id", "the name of the feed"),
        version=fields.given(source.version, name, "version", "the contract_version that manifests carry"),
        title=fields.given(source.name, name, "name", "a title of the feed"),
        purpose=fields.given(
            source.description and source.description.purpose, name, "description.purpose", "what the data are shared for"
        ).strip(),
        controller=facts["controller"],
        legal_gateway=facts["legalGateway"],
        regime=fields.one_of(facts["regime"], REGIMES, f"{name}: regime"),
        conditions=facts["conditions"],
        agreement_id=facts["sharingAgreement"],
        agreement_review_on=fields.day(facts["sharingAgreementReviewOn"], f"{name}: sharingAgreementReviewOn"),
        policy_document_id=facts["policyDocument"],
        protective_marking=facts["protectiveMarking"],
        retention_years=_service_level(sla, "retention", "y", name),
        retention_note=sla["retention"].description or "",
        expected_by=fields.given(_schedule(sla), name, "slaProperties.frequency.schedule", "a cron text in Europe/London"),
        late_after_hours=_service_level(sla, "latency", "h", name),
        stale_after_days=_service_level(sla, "freshness", "d", name),
        owner=fields.given(
            isinstance(source.team, odcs.Team) and source.team.name, name, "team.name", "who at the agency answers for the feed"
        ),
        contacts={entry.channel or "": entry.url or "" for entry in source.support or ()},
        roles=_roles(source.roles, name),
        files=tuple(_file(source.id or "", schema, defaults, name) for schema in source.schema_ or ()),
    )
    _check_file_names(contract, path)
    people.check(contract, name)
    return contract


def _file(feed: str, schema: odcs.SchemaObject, defaults: Defaults, document: str) -> File:
    place = f"{document}: {schema.name}"
    facts = fields.own_facts(schema.customProperties, FILE_FACTS, place, needed=("dataSubject", "factOrOpinion"))
    properties = schema.properties or []
    if len({part.name for part in properties}) < len(properties):
        raise ContractError(f"{place}: a column is declared twice.", "Leave one declaration of each column.")
    columns = tuple(_column(part, f"{place}.{part.name}") for part in properties)
    keys = [part for part in properties if part.primaryKey]
    if not keys:
        raise ContractError(f"{place}: there is no key.", "Mark at least one column with primaryKey: true.")
    bare = File(
        name=fields.given(schema.name, document, "schema.name", "the name of the file"),
        feed=feed,
        title=fields.given(schema.businessName, place, "businessName", "a title of the file"),
        description=fields.sentence(schema.description, place),
        optional=fields.flag(facts, "optional", place),
        data_subject=facts["dataSubject"],
        fact_or_opinion=fields.one_of(facts["factOrOpinion"], OPINIONS, f"{place}: factOrOpinion"),
        columns=columns,
        key=tuple(part.name or "" for part in sorted(keys, key=lambda part: part.primaryKeyPosition or 0)),
        references=tuple(_references(schema, place)),
        rules=(),
        holds_people=fields.flag(facts, "holdsPeople", place),
        other_names_of=facts.get("otherNamesOf"),
    )
    return _with_rules(bare, schema, defaults, place)


def _with_rules(file: File, schema: odcs.SchemaObject, defaults: Defaults, place: str) -> File:
    found = list(rules.mechanical(file, defaults))
    for part in schema.properties or ():
        column = file.column(part.name or "")
        found += [_quality_rule(file, column, entry, defaults, f"{place}.{column.name}") for entry in part.quality or ()]
    found += [_quality_rule(file, None, entry, defaults, place) for entry in schema.quality or ()]
    for rule in found:
        rules.check(rule, file, place)
    ids = [rule.rule_id for rule in found]
    for rule_id in ids:
        if ids.count(rule_id) > 1:
            raise ContractError(
                f"{place}: two rules are called {rule_id}.", "Give one of them a name of its own (quality: name)."
            )
    return File(**(vars(file) | {"rules": tuple(found)}))


def _quality_rule(file: File, column: Column | None, quality: odcs.DataQuality, defaults: Defaults, place: str) -> Rule:
    entry = quality.model_dump(exclude_none=True)
    entry |= fields.own_facts(quality.customProperties, ("remedy",), place)
    if quality.type == "library" and column:
        return rules.null_share(file, column, entry, defaults, place)
    if quality.type != "custom" or quality.engine != "greatExpectations" or not isinstance(quality.implementation, dict):
        raise ContractError(
            f"{place}: a quality entry is not one that the warehouse runs.",
            "Write type: custom, engine: greatExpectations and implementation: {expectation: expect_…, …}.",
        )
    return rules.explicit(file, column.name if column else None, entry, defaults, place)


def _column(part: odcs.SchemaProperty, place: str) -> Column:
    kind = (part.logicalTypeOptions or {}).get("format")
    column_type = _type_of(part, kind, place)
    if part.primaryKey and column_type in SPELT_IN_SEVERAL_WAYS:
        raise ContractError(
            f"{place}: a key cannot be a {part.logicalType}: keys are compared as delivered, and 1 and 1.0 are one number.",
            "Use a string, a date or an integer, of which each value has one spelling.",
        )
    facts = fields.own_facts(part.customProperties, COLUMN_FACTS, place)
    classification = fields.one_of(part.classification, CLASSIFICATIONS, f"{place}: classification")
    return Column(
        name=_column_name(part.name, place),
        type=column_type,
        sql_type=SQL_TYPES[column_type],
        is_key=bool(part.primaryKey),
        codes=tuple(str(code.value) for code in part.enum or ()),
        code_meanings=tuple(code.description or "" for code in part.enum or ()),
        may_be_future=fields.flag(facts, "mayBeFuture", place),
        identifier=kind if kind in IDENTIFIERS else None,
        classification=classification,
        pseudonymous_use=_pseudonymous_use(facts, classification, place),
        description=fields.sentence(part.description, place),
        required=bool(part.required),
        minimum=(part.logicalTypeOptions or {}).get("minimum"),
        maximum=(part.logicalTypeOptions or {}).get("maximum"),
    )


def _pseudonymous_use(facts: Mapping[str, Any], classification: str, place: str) -> str | None:
    if "pseudonymousUse" not in facts:
        return None
    if classification != "identifier":
        raise ContractError(
            f"{place}: pseudonymousUse stands at a column of the class {classification}.",
            "Leave it out: only identifiers are kept from stages with pseudonymous access.",
        )
    return fields.sentence(facts["pseudonymousUse"], f"{place}: pseudonymousUse")


def _type_of(part: odcs.SchemaProperty, kind: str | None, place: str) -> str:
    if part.logicalType in TYPE_OF_LOGICAL_TYPE:
        return TYPE_OF_LOGICAL_TYPE[part.logicalType]
    fields.one_of(part.logicalType, ("string", *TYPE_OF_LOGICAL_TYPE), f"{place}: logicalType")
    if part.enum:
        return "code"
    if kind is None:
        return "text"
    fields.one_of(kind, (*KINDS_OF_TEXT, *IDENTIFIERS), f"{place}: logicalTypeOptions.format")
    if kind in KINDS_OF_TEXT:
        return kind
    return "ref" if part.primaryKey else "text"


def _references(schema: odcs.SchemaObject, place: str) -> Iterable[Reference]:
    for part in schema.properties or ():
        for relation in part.relationships or ():
            yield _reference([f"{schema.name}.{part.name}"], fields.listed(relation.to), f"{place}.{part.name}")
    for relation in schema.relationships or ():
        yield _reference(fields.listed(relation.from_), fields.listed(relation.to), place)


def _reference(from_: list[str], to: list[str], place: str) -> Reference:
    parents = {target.rpartition(".")[0] for target in to}
    if len(parents) != 1 or len(from_) != len(to) or "" in parents:
        raise ContractError(
            f"{place}: the relationship {from_} to {to} cannot be read.", "Write to: <file>.<column>, the key of one file."
        )
    return Reference(
        tuple(name.rpartition(".")[2] for name in from_), parents.pop(), tuple(name.rpartition(".")[2] for name in to)
    )


def _column_name(name: str | None, place: str) -> str:
    if not NAME.fullmatch(name or "") or name in TAKEN_NAMES:
        raise ContractError(
            f"{place}: {name!r} cannot be the name of a column.",
            f"Use lower-case letters, digits and _, at most 50, and none of: {', '.join(TAKEN_NAMES)}.",
        )
    return str(name)


def _check_file_names(contract: Contract, path: Path) -> None:
    if contract.feed != path.stem:
        raise ContractError(
            f"{path.name}: its id is {contract.feed!r}.", f"Call the file {contract.feed}.yml, or give it the id {path.stem}."
        )
    if not contract.files:
        raise ContractError(f"{path.name}: it has no file.", "List the files of the feed under schema.")
    keys: dict[str, tuple[str, ...]] = {}
    for file in contract.files:
        if not NAME.fullmatch(file.name) or len(file.name) > LONGEST_FILE_NAME or not file.name.startswith(f"{contract.feed}_"):
            raise ContractError(
                f"{path.name}: {file.name!r} cannot be the name of a file.", f"Call it {contract.feed}_<what one row is>."
            )
        if file.name in keys:
            raise ContractError(f"{path.name}: the file {file.name} is declared twice.", "Leave one declaration of it.")
        keys[file.name] = file.key
        parents = [(reference.parent_file, reference.parent_columns) for reference in file.references]
        parents += [
            (rule.kwargs["parent_file"], tuple(rule.kwargs["parent_columns"]))
            for rule in file.rules
            if "parent_file" in rule.kwargs
        ]
        for parent, columns in parents:
            if keys.get(parent) != columns:
                wanted = f"{parent} ({', '.join(columns)})"
                raise ContractError(
                    f"{path.name}: {file.name} refers to {wanted}, which is not the key of a file declared before it.",
                    f"Declared before it: {'; '.join(f'{name} ({chr(44).join(key)})' for name, key in keys.items())}.",
                )


def _roles(roles: Iterable[odcs.Role] | None, place: str) -> tuple[Role, ...]:
    found = []
    for role in fields.given(roles, place, "roles", "the stages that may reach the rows, such as {role: loader, access: write}"):
        stage = fields.one_of(role.role, STAGES, f"{place}: roles.role")
        access = fields.one_of(role.access, ACCESSES, f"{place}: roles.{stage}.access")
        found.append(Role(stage, access, role.description or ""))
    return tuple(found)


def _schedule(sla: Mapping[str | None, odcs.ServiceLevelAgreementProperty]) -> str | None:
    return sla["frequency"].schedule if "frequency" in sla else None


def _service_level(sla: Mapping[str | None, odcs.ServiceLevelAgreementProperty], name: str, unit: str, place: str) -> int:
    entry = sla.get(name)
    if entry is None or entry.unit != unit or not isinstance(entry.value, int | float) or entry.value <= 0:
        raise ContractError(
            f"{place}: slaProperties has no {name} in the unit {unit!r}.", f"Add {{property: {name}, value: 1, unit: {unit}}}."
        )
    return int(entry.value)
