"""Data Docs of Great Expectations, drawn by its own renderer from the ledger, in pages that load nothing from outside.

One page per feed, of the last delivery whose rules were decided. The ledger holds counts and no values, and so do these pages.
Each rule is shown by the sentence that the contract has for it.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markupsafe import Markup

from iom_warehouse import contracts
from iom_warehouse.platform import database
from iom_warehouse.reports.rendering import environment, write
from iom_warehouse.reports.source import Fact, fetch

LAST = """
    select distinct on (feed) delivery_id, attempt, feed, folder, status, business_date, validated_at from audit.delivery d
    where exists (select from audit.validation_result v where v.delivery_id = d.delivery_id and v.attempt = d.attempt)
    order by feed, delivery_id desc
"""
RESULTS = """
    select file, rule_id, severity, success, element_count, unexpected_count from audit.validation_result
    where delivery_id = %(delivery)s and attempt = %(attempt)s order by file, success, rule_id
"""
ICONS = {"check-circle": "holds", "times": "failed", "exclamation-triangle": "could not be decided"}
OWN_TEMPLATES = Path(__file__).parent / "templates" / "data_docs"


def write_data_docs(folder: Path) -> Path:
    """Write index.html and a page per feed into `folder`. Returns the path of the index."""
    with database.transaction("publisher") as conn:
        deliveries = [
            delivery | {"results": fetch(conn, RESULTS, delivery=delivery["delivery_id"], attempt=delivery["attempt"])}
            for delivery in fetch(conn, LAST)
        ]
    folder.mkdir(parents=True, exist_ok=True)
    pages = environment()
    sentences = {rule.rule_id: rule.description for one in contracts.all() for file in one.files for rule in file.rules}
    if deliveries:
        draw = _renderer()
        for delivery in deliveries:
            sections = Markup(_with_words(draw(delivery, sentences)))
            page = pages.get_template("data_docs.html.jinja").render(delivery=delivery, sections=sections)
            write(folder / f"{delivery['feed']}.html", page)
    index = folder / "index.html"
    write(index, pages.get_template("data_docs_index.html.jinja").render(deliveries=deliveries))
    return index


def _renderer() -> Callable[[Fact, dict[str, str]], str]:
    """A function that draws the sections of a delivery's page as HTML."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # and importing it takes seconds, so it is not done above
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult, RunIdentifier
    from great_expectations.expectations.expectation import BatchExpectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    class ExpectRuleOfContractToHold(BatchExpectation):
        """A rule as the ledger knows it, for drawing: Great Expectations draws none but expectations that it knows."""

        column: str  # heading under which the page lists the rule
        rule_id: str

        def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> Any:
            raise NotImplementedError("a decided rule is drawn, not evaluated")

    def result(fact: Fact, sentence: str) -> ExpectationValidationResult:
        configuration = ExpectationConfiguration(
            type="expect_rule_of_contract_to_hold", kwargs={"column": fact["file"], "rule_id": fact["rule_id"]},
            description=f"{sentence} ({fact['rule_id']}, {fact['severity']})", severity=fact["severity"],
        )  # fmt: skip
        return ExpectationValidationResult(
            success=fact["success"], expectation_config=configuration, result=_observed(fact),
            exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None}, meta={},
        )  # fmt: skip

    def draw(delivery: Fact, sentences: dict[str, str]) -> str:
        facts = delivery["results"]
        held = sum(fact["success"] for fact in facts)
        suite = ExpectationSuiteValidationResult(
            success=held == len(facts), suite_name=delivery["feed"],
            results=[result(fact, sentences.get(fact["rule_id"], "no longer in the contract")) for fact in facts],
            statistics={
                "evaluated_expectations": len(facts), "successful_expectations": held,
                "unsuccessful_expectations": len(facts) - held, "success_percent": 100 * held / len(facts),
            },
            meta={
                "run_id": RunIdentifier(delivery["folder"], delivery["validated_at"]),
                "batch_spec": {"data_asset_name": delivery["folder"]},
            },
        )  # fmt: skip
        view = DefaultJinjaPageView(custom_views_directory=str(OWN_TEMPLATES))
        return view.render(ValidationResultsPageRenderer(run_info_at_end=True).render(suite), template="sections.j2")

    return draw


def _observed(fact: Fact) -> dict[str, str | float]:
    """The result of a rule as Great Expectations writes one; where it has no observed value, its pages say nothing but dashes."""
    rows, unexpected = fact["element_count"] or 0, fact["unexpected_count"] or 0
    if fact["success"]:
        return {"observed_value": f"{rows:,} rows looked at"}
    if not unexpected:  # the file as a whole is wrong
        return {"observed_value": f"{rows:,} rows in the file"}
    return {
        "element_count": rows, "unexpected_count": unexpected, "unexpected_percent": 100 * unexpected / rows if rows else 0.0,
        "observed_value": f"{unexpected:,} of {rows:,} rows",
    }  # fmt: skip


def _with_words(html: str) -> str:
    """Words for what Great Expectations says by an icon alone, and no links to pages that are not written."""
    html = re.sub(r'<i class="fas [^>]*></i>\s*(?=Succeeded|Failed)', "", html)
    for icon, words in ICONS.items():
        html = re.sub(rf'<i class="fas fa-{icon}[^>]*></i>', f"<strong>{words}</strong>", html)
    return re.sub(r"<a [^>]*>(.*?)</a>", r"\1", html, flags=re.DOTALL)
