"""The audiences of the default configuration, for tests without a database."""

from iom_warehouse.disclosure import Audience

INTERNAL = Audience("internal")
BOARD = Audience("board", min_count=5, min_denominator=10, flag_denominator=30)
PUBLIC = Audience("public", min_count=5, round_to=5, min_denominator=30, flag_denominator=30)
