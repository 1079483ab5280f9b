"""OpenPGP: of what comes the agency's key signs and ours decrypts; of what goes ours signs and the agency's decrypts.

Keys live in the GnuPG home `gnupg` below the secrets directory. Which keys may sign a feed stands beside it in
`openpgp_signers/<feed>`: one fingerprint a line, `#` begins a remark. A good signature of another agency's key is no signature.
"""

import os
import re
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from iom_warehouse.delivery.finding import Finding, Refused
from iom_warehouse.delivery.manifest import ManifestFile
from iom_warehouse.platform.errors import IomError, MissingSystemPackage
from iom_warehouse.platform.settings import settings

if TYPE_CHECKING:
    import gnupg

HOME = "gnupg"
SIGNERS = "openpgp_signers"
NO_KEY = "Import it, without passphrase, into the keyring."
FINGERPRINT = re.compile("[0-9A-F]{40}|[0-9A-F]{64}")


def keyring() -> "gnupg.GPG":
    """The GnuPG keyring of this installation. Raises MissingSystemPackage without gpg."""
    import gnupg

    if not shutil.which("gpg"):
        raise MissingSystemPackage("Reading an encrypted delivery", "gpg")
    home = settings().secrets_dir / HOME
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return gnupg.GPG(gnupghome=str(home))


def signers(feed: str) -> set[str]:
    """Fingerprints of the keys that may sign the feed. Raises IomError when none was agreed, or one cannot be read."""
    path = settings().secrets_dir / SIGNERS / feed
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    found = {"".join(line.partition("#")[0].split()).upper() for line in lines} - {""}
    if not found or not all(FINGERPRINT.fullmatch(one) for one in found):
        raise IomError(
            f"It is not known which OpenPGP keys may sign the feed {feed}.",
            f"Put their fingerprints (gpg --fingerprint), one a line, into {path}.",
        )
    return found


def decrypt(encrypted: BinaryIO, feed: str, entry: ManifestFile) -> BinaryIO:
    """The decrypted content, from its beginning, once its signature was found to be one of the feed's agency.

    Its bytes lie in a file without a name, so that nothing of them is left when this process ends, however it ends.
    """
    allowed = signers(feed)
    with ExitStack() as on_failure:
        content = on_failure.enter_context(tempfile.TemporaryFile())
        outcome = keyring().decrypt_file(encrypted, output=f"/proc/{os.getpid()}/fd/{content.fileno()}")
        if not outcome.ok:
            if not keyring().list_keys(secret=True):
                raise IomError(f"There is no key of our own to read {feed}'s deliveries with.", NO_KEY)
            what = "cannot be decrypted with our key: encrypt it to the warehouse's current public key."
            raise _refuse(entry, "openpgp", what)
        if not outcome.valid or not allowed & {outcome.fingerprint, outcome.pubkey_fingerprint}:
            raise _refuse(entry, "signature", f"is not signed with a key that was agreed for the feed {feed}.")
        on_failure.pop_all()
    content.seek(0)
    return content


def encrypt(content: BinaryIO, key: str, target: Path) -> None:
    """Write the content to `target`, encrypted to the key with this fingerprint and signed with ours.

    Raises IomError when that key or ours is not in the keyring, or is not one to encrypt or sign with.
    """
    ring = keyring()
    if not ring.list_keys(secret=True):
        raise IomError("There is no key of our own to sign with.", NO_KEY)
    outcome = ring.encrypt_file(content, [key], sign=True, always_trust=True, armor=False, output=str(target))
    if not outcome.ok:
        raise IomError(
            f"It cannot be encrypted to the OpenPGP key {key}.",
            f"Import the agency's public key into {settings().secrets_dir / HOME}, or correct openpgp_key in agencies.csv.",
        )


def _refuse(entry: ManifestFile, rule: str, what: str) -> Refused:
    message = f"{entry.name} {what} Send the delivery again with a new sequence."
    return Refused(Finding(f"{entry.file}.{rule}", message, file=entry.file))
