"""Who called, behind proxies of ours: never what the caller writes into the header himself."""

import pytest

from server.http.forwarded import caller, networks

OURS = networks(["127.0.0.1", "10.0.0.0/8", "::1"])


@pytest.mark.parametrize(
    ("remote", "chain", "found"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # nobody of ours: nothing is believed
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),  # the caller wrote 1.1.1.1 himself
        ("127.0.0.1", ["1.1.1.1", "203.0.113.9, 10.2.3.4"], "203.0.113.9"),  # through two proxies of ours
        ("::ffff:127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("127.0.0.1", ["203.0.113.9:55001"], "203.0.113.9"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["10.0.0.5, 127.0.0.1"], "10.0.0.5"),
        ("127.0.0.1", [""], "127.0.0.1"),
    ],
)
def test_the_caller_is_the_last_who_is_none_of_ours(remote: str, chain: list[str], found: str) -> None:
    assert caller(remote, chain, OURS) == found


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="example"):
        networks(["proxy.example"])
