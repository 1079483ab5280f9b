"""OpenPGP: the agency's key signs, ours decrypts. Keys live in the GnuPG home below the secrets directory."""

import shutil
from pathlib import Path
from typing import BinaryIO

from iom_warehouse.delivery.finding import Finding, Refused
from iom_warehouse.delivery.manifest import ManifestFile
from iom_warehouse.platform.errors import MissingSystemPackage
from iom_warehouse.platform.settings import settings

HOME = "gnupg"


def keyring():
    """The GnuPG keyring of this installation. Raises MissingSystemPackage without gpg."""
    import gnupg

    if not shutil.which("gpg"):
        raise MissingSystemPackage("Reading an encrypted delivery", "gpg")
    home = settings().secrets_dir / HOME
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return gnupg.GPG(gnupghome=str(home))


def decrypt(encrypted: BinaryIO, target: Path, entry: ManifestFile) -> BinaryIO:
    """Decrypt into `target` (in a private folder that its caller deletes) and check the signature before a byte of it is used."""
    outcome = keyring().decrypt_file(encrypted, output=str(target), always_trust=False)
    if not outcome.ok:
        raise _refuse(entry, "openpgp", "cannot be decrypted with our key: encrypt it to the warehouse's current public key.")
    if not outcome.valid or not outcome.fingerprint:
        raise _refuse(entry, "signature", "is not signed by a key that we hold of the sending agency.")
    return target.open("rb")


def _refuse(entry: ManifestFile, rule: str, what: str) -> Refused:
    message = f"{entry.name} {what} Send the delivery again with a new sequence."
    return Refused(Finding(f"{entry.file}.{rule}", message, file=entry.file))
