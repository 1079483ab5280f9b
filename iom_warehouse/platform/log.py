"""Logging: one format for every stage. Messages name files, rows, rules and counts, never values of a row."""

import logging


def get(name: str) -> logging.Logger:
    """The logger of a stage, e.g. get("loading")."""
    return logging.getLogger(f"iom.{name}")


def to_console(level: int = logging.INFO) -> None:
    """Show our own log lines on the console, for the command line; other libraries keep their own level."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("iom")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False
