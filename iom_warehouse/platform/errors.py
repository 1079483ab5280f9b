"""Errors written for their reader: what is wrong, and the command or act that goes on from there."""


class IomError(Exception):
    """An error that a data engineer can act on.

    `message` says what is wrong without any personal value; `next_step` says what to do about it.
    """

    def __init__(self, message: str, next_step: str = "") -> None:
        between = "" if message.endswith("\n") else " "
        super().__init__(f"{message}{between}{next_step}".strip())
        self.message = message
        self.next_step = next_step


class NoDatabase(IomError):
    """The state directory has no server of its own yet, and no other server is named."""


class MissingSystemPackage(IomError):
    """A feature needs a program that is no Python package."""

    def __init__(self, feature: str, debian_package: str) -> None:
        super().__init__(
            f"{feature} needs the Debian package {debian_package}, which is not on this machine.",
            f"Install it with: apt-get install {debian_package}",
        )
