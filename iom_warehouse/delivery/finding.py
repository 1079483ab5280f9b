"""A finding: one thing that is wrong with a delivery, in words for the agency that sent it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`message` says what is wrong and what to do, without any value of a row. `rule_id` is <file>.<rule> or delivery.<rule>.

    `line`: of the file, from 1, the header row.
    """

    rule_id: str
    message: str
    file: str | None = None
    line: int | None = None
    column: str | None = None
    severity: str = "critical"


class Refused(Exception):
    """A delivery cannot be taken; carries every finding that was made before giving up."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = findings
