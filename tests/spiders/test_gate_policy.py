from ipaddress import ip_network

import pytest

from spiders.gate.addresses import Refusal
from spiders.gate.policy import GatePolicy

PUBLIC_ONLY = GatePolicy()
LOOPBACK_OPEN = GatePolicy(allow_networks=(ip_network("127.0.0.0/8"),))

ODD_SPELLINGS = [
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "169.254.43518",
    "0xA9FEA9FE",
    "127.0.0.1.",
    "0x7f.0x0.0x0.0x1",
    "127.000.000.001",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "１２７.0.0.1",
    "127.0.0.1%00.example.org",
    "[fe80::1%25eth0]",
    "﹒",
    "exa﹒mple.org",
]
TWO_PARSERS_TWO_HOSTS = [
    "http://169.254.169.254:8888\\@public.example/",
    "http://public.example#@127.0.0.1/",
    "http://public.example?@127.0.0.1/",
    "http://user:pw@public.example/",
    "http://user@public.example/",
    "http://pub\tlic.example/",
    "http://pub\nlic.example/",
    "http://public.example/\r\nHost: evil",
    "http://public.example/\x00",
    "\x01http://public.example/",
    " http://public.example/",
    "http://pub lic.example/",
    "http://public%00.example/",
    "http://public%2eexample/",
    "http:public.example/",
    "http:///public.example/",
    "//public.example/",
    "public.example",
    "http://",
    "http://[::1/",
    "http://[::1]:80:90/",
    "http://public.example:99999/",
    "http://public.example:abc/",
    "http://x\u200d.example/",
    "http://public.example/\ud800",
    "",
]


@pytest.mark.parametrize("host", ODD_SPELLINGS)
def test_an_odd_spelling_of_a_host_is_refused_even_where_its_address_is_allowed(host: str) -> None:
    assert isinstance(LOOPBACK_OPEN.check_url(f"http://{host}/"), Refusal)


@pytest.mark.parametrize("url", TWO_PARSERS_TWO_HOSTS)
def test_a_url_that_parsers_read_in_two_ways_is_refused(url: str) -> None:
    assert isinstance(LOOPBACK_OPEN.check_url(url), Refusal)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "data:text/plain,x",
        "ftp://h/x",
        "gopher://h/",
        "javascript:alert(1)",
        "unix:/run/x",
        "ws://h/",
    ],
)
def test_only_web_schemes_pass(url: str) -> None:
    refusal = PUBLIC_ONLY.check_url(url)

    assert isinstance(refusal, Refusal)
    assert "only http and https" in refusal.reason


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]"]
)
def test_a_private_address_is_refused_before_anything_is_sent(address: str) -> None:
    assert isinstance(PUBLIC_ONLY.check_url(f"http://{address}/"), Refusal)


def test_only_web_ports_pass_and_more_can_be_allowed() -> None:
    assert PUBLIC_ONLY.check_url("http://example.org:8080/") == "http://example.org:8080/"
    refusal = PUBLIC_ONLY.check_url("http://example.org:22/")
    assert isinstance(refusal, Refusal)
    assert "port 22" in refusal.reason
    assert "[gate] ports" in refusal.reason
    assert (
        GatePolicy(allow_ports=frozenset({22})).check_url("http://example.org:22/")
        == "http://example.org:22/"
    )


def test_inside_an_allowed_network_every_port_is_open_and_nowhere_else() -> None:
    assert LOOPBACK_OPEN.check_url("http://127.0.0.1:31337/") == "http://127.0.0.1:31337/"
    assert LOOPBACK_OPEN.judge_endpoint("127.0.0.1", 31337) is None
    assert LOOPBACK_OPEN.judge_endpoint("8.8.8.8", 31337) is not None
    assert isinstance(LOOPBACK_OPEN.check_url("http://8.8.8.8:31337/"), Refusal)


@pytest.mark.parametrize(
    ("url", "dialled"),
    [
        ("https://example.org", "https://example.org"),
        ("HTTPS://Example.ORG/A", "https://example.org/A"),
        ("http://example.org/a b#part", "http://example.org/a%20b"),
        ("http://example.org/?q=a%2Bb&r=a@b", "http://example.org/?q=a%2Bb&r=a@b"),
        ("http://موقع.عراق/خبر", "http://xn--4gbrim.xn--mgbtx2b/%D8%AE%D8%A8%D8%B1"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://a_b.example/", "http://a_b.example/"),
    ],
)
def test_an_honest_url_is_returned_as_it_will_be_dialled(url: str, dialled: str) -> None:
    assert PUBLIC_ONLY.check_url(url) == dialled


def test_a_policy_for_webhooks_can_insist_on_https() -> None:
    policy = GatePolicy(schemes=frozenset({"https"}))

    assert isinstance(policy.check_url("http://example.org/"), Refusal)
    assert policy.check_url("https://example.org/") == "https://example.org/"
