"""The reader of pages, with which other tests look at whole reports, finds what no reader should."""

import pytest
from report_page import Page

SOUND = (
    '<style>p { margin: inf }</style><h2 id="main-points">Main points</h2><p>One new finding.</p>'
    '<h2 id="risk">Risk</h2><div role="img" aria-label="Chart: 27 people moved. The table below has the figures.">'
    "<svg><text>nan</text></svg></div><table><tr><th>Red</th><td>3</td></tr></table><h2 id=\"trace\">Trace</h2>"
)


def test_a_sound_page_has_no_fault():
    page = Page(SOUND)
    assert list(page.faults()) == []
    assert {name: (part.tables, part.rows, len(part.charts)) for name, part in page.sections.items()} == {"risk": (1, 1, 1)}


@pytest.mark.parametrize(
    ("sound", "broken", "fault"),
    [
        ("<td>3</td>", "<td>None</td>", "no word: "),
        ("One new finding", "nan people", "no word: "),
        ("<td>3</td>", "<td> </td>", "nothing in it: <td> </td>"),
        ("<p>One new finding.</p>", '<p class="caveat"></p>', "nothing in it: <p"),
        ("<td>3</td>", "", "no figure in the section risk"),
        ("27 people moved", "", "no message of a chart: "),
        (' role="img"', "", "a chart without a message"),
    ],
)
def test_what_is_wrong_with_a_page_is_found(sound, broken, fault):
    assert sound in SOUND
    [found] = Page(SOUND.replace(sound, broken)).faults()
    assert found.startswith(fault)
