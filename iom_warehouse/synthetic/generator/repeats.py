"""Things that recur: assessments every few weeks, reviews every few months."""

import numpy as np

from iom_warehouse.synthetic.generator.dice import Integers


def recur(begin: Integers, end: Integers, every: int) -> tuple[Integers, Integers, Integers]:
    """For each row the days begin, begin + every, … up to and including end.

    Returns three columns of one value per occurrence: the position of the row, the day, and how many came before it.
    """
    number = np.maximum((end - begin) // every + 1, 0)
    row = np.repeat(np.arange(len(begin)), number)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
    return row, begin[row] + nth * every, nth
