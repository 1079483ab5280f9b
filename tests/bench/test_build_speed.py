"""A night that changes one person in a hundred beside a build of everything, and beside itself where there is more history.

IOM_BENCH_PEOPLE and IOM_BENCH_EVENTS make it larger, IOM_BENCH_MORE_EVENTS adds the second measurement at so many events and
draws how both builds grow.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import build_population
import pytest
from matplotlib.figure import Figure
from surroundings import environment, temporary_folder

from iom_warehouse import configuration, contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.orchestration import building
from iom_warehouse.platform import database, migrations, postgres_server
from iom_warehouse.platform.settings import PROJECT_DIR, settings
from iom_warehouse.transform import runner

pytestmark = [pytest.mark.bench, pytest.mark.timeout(4 * 3600)]
PEOPLE = int(os.environ.get("IOM_BENCH_PEOPLE", 20_000))
EVENTS = int(os.environ.get("IOM_BENCH_EVENTS", 400_000))
MORE_EVENTS = int(os.environ.get("IOM_BENCH_MORE_EVENTS", 0))
MEASURES = "marts.reoffending"  # what the rows of measures.csv are for; all else of a build is beside it
PICTURE = PROJECT_DIR / "build" / "bench" / "growth_of_a_night.svg"
NIGHTS = (date(2013, 10, 1), date(2013, 10, 2))
SLOWEST = """
    select one.node, one.seconds, two.seconds from audit.dbt_result one join audit.dbt_result two using (node)
    where one.build_id = 1 and two.build_id = 2 order by two.seconds desc limit 12
"""


OF_MEASURES = """
    select sum(one.seconds), sum(two.seconds) from audit.dbt_result one join audit.dbt_result two using (node)
    where one.build_id = 1 and two.build_id = 2 and node = any(%s)
"""


def made_for_measures() -> list[str]:
    """Names of the models of the reoffending marts and of all that they are made of."""
    manifest = runner.parse()
    wanted = {one for one, node in manifest.nodes.items() if ".".join(node.fqn[1:3]) == MEASURES}
    waiting = list(wanted)
    while waiting:
        parents = set(manifest.nodes[waiting.pop()].depends_on_nodes) & set(manifest.nodes) - wanted
        wanted |= parents
        waiting += parents
    return sorted(manifest.nodes[one].name for one in wanted)


@contextmanager
def warehouse() -> Iterator[database.Connection]:
    with temporary_folder(on_disk=True) as state, environment(state_dir=state):
        postgres_server.start()
        try:
            migrations.migrate()
            with database.transaction("owner") as owner:
                ddl.apply(owner, contracts.all())
            with database.session("owner") as owner:
                configuration.apply(settings().configuration_dir, owner)
                yield owner
        finally:
            postgres_server.stop("immediate")


def build(night: date, linkage_run: int) -> None:
    build_id = building.open_build(str(night))
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("update audit.build set linkage_run = %s where build_id = %s", (linkage_run, build_id))
    building.build(build_id)
    print("    " + next(line.strip() for line in building.describe(build_id) if "made:" in line))


def two_nights(stopwatch, events: int, files: Collection[str] = build_population.OF_REOFFENDING) -> tuple[str, str]:
    """Build both nights; returns the labels of their times."""
    told = f"{events:,} events in {len(files)} files"
    everything, changes = f"everything, {told}", f"the next night, {told}"
    with warehouse() as owner:
        with stopwatch(f"population, {told}"):
            build_population.write(owner, PEOPLE, events, files)
        build_population.publish(owner, 1, NIGHTS[0])
        with stopwatch(everything):
            build(NIGHTS[0], linkage_run=1)
        build_population.change(owner, PEOPLE, events, changed=PEOPLE // 100, files=files)
        build_population.publish(owner, 2, NIGHTS[1])
        with stopwatch(changes):
            build(NIGHTS[1], linkage_run=2)
        with owner.cursor() as cursor:
            cursor.execute(SLOWEST)
            for node, full, limited in cursor.fetchall():
                print(f"      {node:<60}{full:8.2f}{limited:8.2f}")
            cursor.execute(OF_MEASURES, (made_for_measures(),))
            full, limited = cursor.fetchone()
            print(f"      all that measures are made of: {full:.0f} s, {limited:.0f} s of the next night = {limited / full:.2f}")
    return everything, changes


def draw_growth(seconds: Mapping[int, tuple[float, float]]) -> None:
    """Draw the seconds of a build of everything and of the next night, by the number of events."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for label, found in zip(("everything", "the next night, 1% changed"), zip(*seconds.values(), strict=True), strict=True):
        axes.plot(list(seconds), found, marker="o", label=label)
    axes.set(xlabel=f"events of {PEOPLE:,} people", ylabel="seconds", xlim=0, ylim=0)
    axes.legend(frameon=False)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE)
    print(f"    drawn: {PICTURE}")


def test_a_night_of_every_feed(stopwatch):
    everything, changes = two_nights(stopwatch, EVENTS, files=build_population.EVENTS)
    stopwatch.ratio(changes, everything, limit=0.3 if EVENTS >= 20_000_000 else 1)


def test_a_night_costs_what_it_changed(stopwatch):
    everything, changes = two_nights(stopwatch, EVENTS)
    is_large = EVENTS >= 20_000_000  # below that, the 15 to 20 seconds that every build costs hide the rest
    if MORE_EVENTS:
        everything_with_more, with_more = two_nights(stopwatch, MORE_EVENTS)
        seconds = stopwatch.seconds
        draw_growth({
            EVENTS: (seconds[everything], seconds[changes]), MORE_EVENTS: (seconds[everything_with_more], seconds[with_more]),
        })  # fmt: skip
    stopwatch.ratio(changes, everything, limit=0.1 if is_large else 1)
    if MORE_EVENTS:
        stopwatch.ratio(with_more, changes, limit=1.3)
