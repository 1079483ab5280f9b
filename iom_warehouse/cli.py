"""The command line, `iom`: puts the stages together."""

def main() -> None:
    raise SystemExit("not yet")
