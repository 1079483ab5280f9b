"""What works for whom, as far as counts can tell: completions, what they cost, and re-arrest beside that of all who started."""

from collections.abc import Mapping

from iom_warehouse.disclosure import Cell, Column, Context, Decision, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

EVERYONE, UNKNOWN = "all:all", "unknown"
GROUPS = {"all": "", "provider": "By provider", "client_group": "By whom the service is for"}
REFERRED = {"referred": "n_referred", "started": "n_started", "completed": "n_completed"}
FOLLOWED = {
    "starters": "n_starters_followed", "starters_again": "n_starters_rearrested", "completers": "n_completers_followed",
    "completers_again": "n_completers_rearrested",
}  # fmt: skip
PARTS = (("started", "referred"), ("ended", "started"), ("starters", "started"))
NOT_SHOWN = ("ended", "not_completed", "others", "others_again", "starters_free", "completers_free")


COLUMNS = (
    *figures.count_columns(referred="Referred so far", started="Started", completed="Completed"),
    *figures.share_columns("completed", "ended", "Completed, of those that ended"),
    Column("cost", "Cost per completion (£)", "plain", made_of=("completed", "ended"), tells_counts=True),
    *figures.count_columns(starters="First starts followed for 12 months", starters_again="Re-arrested"),
    *figures.share_columns("starters_again", "starters", "Share of all who started", "starters_"),
    *figures.count_columns(completers="Of these, completed", completers_again="Completed and re-arrested"),
    *figures.share_columns("completers_again", "completers", "Share of those who completed", "completers_"),
    *(figures.unseen(name) for name in NOT_SHOWN),
)  # fmt: skip
CAVEAT = (
    "The two shares of people re-arrested are set beside each other and are no effect of a service: whoever stays to the end"
    " differs from whoever does not in more than the service, and nothing here takes that off. Time in prison is not taken"
    " off either. The cost of a completion is that of all starts that have ended, over those that were completed."
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of all referrals up to the day of the build."""
    is_of_period, today = not figures.is_long_over(scope, source), wording.day(source.business_date)
    facts = (
        source.mart(
            "mart_services", "service_outcome", "period_kind = 'all' and service_by in ('all', 'provider', 'client_group')",
            "array_position(array['all', 'provider', 'client_group'], service_by), service_group = 'unknown', service_group",
        )
        if is_of_period else []
    )  # fmt: skip
    rows = tuple(_row(fact, source) for fact in facts)
    columns = (*REFERRED, *FOLLOWED, *NOT_SHOWN)
    ties = [
        *figures.add_up(rows, "ended", "completed", "not_completed"), *figures.add_up(rows, "starters", "completers", "others"),
        *figures.add_up(rows, "starters_again", "completers_again", "others_again"),
        *figures.add_up(rows, "starters", "starters_again", "starters_free"),
        *figures.add_up(rows, "completers", "completers_again", "completers_free"),
    ]  # fmt: skip
    for by in ("provider", "client_group"):
        ties += figures.total_of(EVERYONE, [row for row in rows if row.key.startswith(f"{by}:")], columns)
    table = Table(
        "service_outcome", f"What became of referrals to services, up to {today}", COLUMNS, rows, tuple(ties), goes_on=True,
        never_nought="referred",
    )  # fmt: skip
    return Draft(
        figures.with_rests(table, *PARTS),
        section=section, meaning=_meaning, caveat=CAVEAT, source_systems=("hub", "police"),
        row_heading="Provider or client group", free_groups=(GROUPS["client_group"],),
        when_empty="Nobody was referred to a service yet, or the partnership's hub has not delivered it."
        if is_of_period else figures.of_today(source),
    )  # fmt: skip


def _row(fact: Fact, source: Source) -> Row:
    ended = int(fact["n_completed"] + fact["n_partly"] + fact["n_dropped_out"])
    counted = fact | {
        "ended": ended, "not_completed": ended - fact["n_completed"],
        "others": fact["n_starters_followed"] - fact["n_completers_followed"],
        "others_again": fact["n_starters_rearrested"] - fact["n_completers_rearrested"],
        "starters_free": fact["n_starters_followed"] - fact["n_starters_rearrested"],
        "completers_free": fact["n_completers_followed"] - fact["n_completers_rearrested"],
    }  # fmt: skip
    own = dict(zip(NOT_SHOWN, NOT_SHOWN, strict=True))
    of_referrals = REFERRED | {name: own[name] for name in ("ended", "not_completed")}
    of_starters = FOLLOWED | {name: own[name] for name in NOT_SHOWN if name not in of_referrals}
    cells = figures.behind(counted, "n_referred", "n_people", **of_referrals)
    cells |= figures.behind(counted, "n_starters_followed", "n_people_followed", **of_starters)
    cells |= figures.share_cells(
        int(fact["n_completed"]), ended, (fact["completion"], fact["completion_low"], fact["completion_high"]), "nothing ended",
        cells["ended"].people,
    )  # fmt: skip
    cells |= {
        "cost": Cell(wording.rounded(fact["cost_per_completion"]), missing="not known"),
        **_shares(fact, "starters", cells["starters"].people), **_shares(fact, "completers", cells["completers"].people),
    }  # fmt: skip
    context = Context(
        period_start=source.business_date, period_end=source.business_date, data_cut=fact["data_cut"], maturity="provisional"
    )
    return Row(f"{fact['service_by']}:{fact['service_group']}", _label(fact), cells, GROUPS[fact["service_by"]], context)


def _shares(fact: Fact, who: str, people: int | None) -> dict[str, Cell]:
    again, followed = int(fact[f"n_{who}_rearrested"]), int(fact[f"n_{who}_followed"])
    shares = fact[f"{who}_rearrested_share"], fact[f"{who}_low"], fact[f"{who}_high"]
    return figures.share_cells(again, followed, shares, "nobody was followed", people, f"{who}_")


def _with_interval(cells: Mapping[str, Decision], who: str) -> str:
    return f"{cells[f'{who}_share'].text} (95% interval {cells[f'{who}_interval'].text})"


def _label(fact: Fact) -> str:
    if fact["service_by"] == "all":
        return "All services"
    name = fact["service_group"]
    return wording.NOT_KNOWN if name == UNKNOWN else f"{name[:1].upper()}{wording.plain_words(name[1:])}"


def _meaning(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    cells = released.rows[0].cells
    completed = wording.in_brackets(cells["share"], "of those that ended")
    sentence = (
        f"Of {wording.counted(cells['referred'], 'referral', 'referrals')} so far {cells['started'].text} have started and"
        f" {cells['completed'].text} were completed{completed}."
    )
    ours, all_of_them = cells["completers_share"], cells["starters_share"]
    if ours.value is None or all_of_them.value is None:
        return sentence
    return (
        f"{sentence} Within 12 months {_with_interval(cells, 'completers')} of those who completed were arrested again and"
        f" {_with_interval(cells, 'starters')} of all who started: no effect of the services, since whoever stays to the end"
        " differs in more than that."
    )
