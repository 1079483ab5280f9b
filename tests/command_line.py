"""The command line in this process."""

from typer.testing import CliRunner

from iom_warehouse import cli


def iom(*arguments: str, typed: str = "") -> str:
    """What a command prints on a wide terminal, with a line typed when it asks for one.

    Raises what the command raises, which `main` prints as a sentence.
    """
    done = CliRunner(env={"COLUMNS": "300"}).invoke(cli.app, arguments, input=f"{typed}\n")
    if done.exception:
        raise done.exception
    return done.stdout
