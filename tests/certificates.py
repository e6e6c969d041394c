"""A certificate authority for tests, and servers that it vouches for."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_AUTHORITY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests of Marsad")])
_SERVER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A server")])


def write_authority(folder: Path) -> Path:
    """Make a new authority in the folder; return the file that says to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    usages = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    never = dict.fromkeys((*usages, "encipher_only", "decipher_only"), False)
    usage = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **never)
    certificate = (
        _certificate(key, _AUTHORITY, signed_by=key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "authority.key").write_bytes(_pem(key))
    path = folder / "authority.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path


def server_context(folder: Path, address: str, *, days: int = 1) -> ssl.SSLContext:
    """A server's context with a certificate for one address, signed by the folder's authority.

    It is good for so many days; for a negative number it ran out so many days ago.
    """
    authority_key = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), password=None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    certificate = (
        _certificate(key, _SERVER, signed_by=authority_key, days=days)
        .add_extension(names, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    path = folder / f"{address}.pem"
    path.write_bytes(_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _certificate(
    key: ec.EllipticCurvePrivateKey, name: x509.Name, *, signed_by: ec.EllipticCurvePrivateKey, days: int = 1
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(_AUTHORITY)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1 + abs(days)))
        .not_valid_after(now + timedelta(days=days))
        # Python 3.13 verifies strictly (RFC 5280): without these two it trusts nobody.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
