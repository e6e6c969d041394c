from ipaddress import IPv6Address, ip_network

import pytest

from spiders.gate.addresses import judge_address, parse_networks

NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:0:7f00:1",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::",
    "2001:0:808:808:0:0:f5ff:fffe",
    "::5efe:10.0.0.1",
    "2600::5efe:10.0.0.1",
    "2600::200:5efe:169.254.169.254",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
    "3fff::1",
    "5f00::1",
    "2001:db8::1",
    "2001:10::1",
    "4000::1",
    "8000::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.17",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2a00:1450:4001::1",
    "2606:4700::1111",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_with_the_remedy(address: str) -> None:
    refusal = judge_address(address)

    assert refusal is not None
    assert "allow_networks" in refusal.reason


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes_also_through_nat64(address: str) -> None:
    assert judge_address(address) is None


@pytest.mark.parametrize("network", ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"])
def test_every_way_to_write_a_private_ipv4_address_inside_ipv6_is_refused(network: str) -> None:
    low = int(ip_network(network)[1])
    wrappings = {
        "mapped": (0xFFFF << 32) | low,
        "compatible": low,
        "nat64": (0x64FF9B << 96) | low,
        "6to4": (0x2002 << 112) | (low << 80) | 1,
        "teredo server": (0x20010000 << 96) | (low << 64) | 1,
        "teredo client": (0x20010000 << 96) | (0x08080808 << 64) | (low ^ 0xFFFFFFFF),
        "isatap": (0x2A00 << 112) | (0x5EFE << 32) | low,
        "isatap, universal": (0x2A00 << 112) | (0x02005EFE << 32) | low,
    }

    passed = [name for name, value in wrappings.items() if judge_address(IPv6Address(value)) is None]

    assert passed == []


def test_an_allowed_network_passes_however_its_addresses_are_written() -> None:
    allow = parse_networks(["10.1.0.0/16", " fd00::/8 "])

    assert judge_address("10.1.2.3", allow) is None
    assert judge_address("::ffff:10.1.2.3", allow) is None
    assert judge_address("64:ff9b::10.1.2.3", allow) is None
    assert judge_address("fd00::1", allow) is None
    assert judge_address("10.2.2.3", allow) is not None
    assert judge_address("::ffff:10.2.2.3", allow) is not None
    assert judge_address("64:ff9b::10.2.2.3", allow) is not None


def test_a_network_that_cannot_be_read_is_named_with_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"allow_networks: .*10\.1\.0\.1/16.*write networks such as"):
        parse_networks(["10.1.0.1/16"])
