"""A certificate of our own, so that a phone's browser lets the page use camera, MIDI and WebCodecs."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_VALID = timedelta(days=365)
_RENEW = timedelta(days=14)


def certificate(folder: Path, names: Sequence[str]) -> tuple[Path, Path]:
    """Paths of a self-signed certificate for these names and addresses, and of its key (PEM).

    It is kept for a year, so that a browser asks once; another set of names makes a new one.

    Raises:
        OSError: the folder cannot be written.
    """
    chain, key = folder / "certificate.pem", folder / "key.pem"
    if not (key.is_file() and chain.is_file() and _fits(chain, names)):
        folder.mkdir(parents=True, exist_ok=True)
        _make(chain, key, names)
    return chain, key


def _fits(path: Path, names: Sequence[str]) -> bool:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        there = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return set(there) == set(_names(names)) and found.not_valid_after_utc - datetime.now(UTC) > _RENEW


def _make(chain: Path, key: Path, names: Sequence[str]) -> None:
    private, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Scope on this machine")])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName(_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
        file.write(private.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    chain.write_bytes(built.public_bytes(pem))


def _names(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_general(name) for name in sorted(set(names))]


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
