"""The application form service, as the settings want it: forms and tables, keys, and who paints and prints."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.sections import ApplicationForm
from config.settings import SettingsError
from kiosk.journeys.kit import Applications
from kiosk.ports.devices import QrScanner
from kiosk.ports.documents import DocumentPrinter
from kiosk.ports.forms import DraftDesk, FormPainter
from kiosk.ports.photo import PhotoStudio

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from kiosk.domain.forms.payload import Role, TrustedKey


def build_applications(
    wanted: ApplicationForm,
    printer: DocumentPrinter,
    painter: FormPainter,
    studio: PhotoStudio | None,
    scanner: QrScanner,
    drafts: DraftDesk | None,
    phone_keys: Sequence[TrustedKey] = (),
) -> Applications:
    """Reads the forms and keys the settings name; `phone_keys` are trusted beside those. Raises SettingsError, TablesError."""
    from config.form_tables import list_forms, load_codes, load_form
    from config.name_tables import load_names
    from config.photo_rules import load_photo_profile

    known = list_forms(wanted.folder)
    for id in (wanted.id, *wanted.older):
        if id not in known:
            raise SettingsError(f"form: there is no form {id!r}; known here: {', '.join(known)}.")
    form = load_form(wanted.id, wanted.folder)
    older = tuple(load_form(id, wanted.folder) for id in wanted.older)
    for one in older:
        if one.carries_from != form.id:
            raise SettingsError(f"form.older: {one.id} is not filled from {form.id}.")
    if not any(field.fill == "card.number" for field in form.field):
        raise SettingsError(
            f"form.id: {form.id} has no field for the identity number, and cannot be filled by the card."
        )
    if studio is not None and form.takes_photo:
        load_photo_profile(wanted.photo_profile, wanted.photo_folder())  # told now, not before the camera
    return Applications(
        form=form,
        older=older,
        codes=load_codes(wanted.folder),
        names=load_names(),
        printer=printer,
        painter=painter,
        signing_key=new_key() if wanted.signing_key_file is None else signing_key(wanted.signing_key_file),
        studio=studio,
        photo_profile=wanted.photo_profile,
        drafts=drafts,
        phone_keys=(*(trusted_key("phone", path) for path in wanted.phone_key_files), *phone_keys),
        scanner=scanner,
        two_sided=wanted.two_sided,
    )


def new_key() -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a PEM file (PKCS#8, no password) that only its owner may read. Raises SettingsError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingsError(f"{path}: others may read this machine's key; run chmod 600 on it.")
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}; make one with `kiosk form new-key`.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsError(f"{path}: no private key in PEM without a password.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path}: not an Ed25519 key.")
    return key


def write_new_key(path: Path) -> str:
    """Make a machine's key in a new file and give its public key in PEM. Raises SettingsError; a file is never written over."""
    from cryptography.hazmat.primitives import serialization as s

    key = new_key()
    secret = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsError(f"{path}: there is such a file already; a key is never written over.") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)  # half a key would stand in the way of the next one
        raise SettingsError(f"{path}: cannot be written: {error.strerror}.") from None
    return key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def trusted_key(role: Role, path: Path) -> TrustedKey:
    """A public key in a PEM file. Raises SettingsError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    from kiosk.domain.forms.payload import TrustedKey

    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise SettingsError(f"{path}: no public key in PEM.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise SettingsError(f"{path}: not an Ed25519 key.")
    return TrustedKey(key.public_bytes_raw(), role)
