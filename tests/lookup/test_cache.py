from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.contacts import Contact
from screenpop.lookup.cache import LookupCache

ANN = Contact(source="crm", name="Ann Example")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_found_contacts_are_believed_longer_than_not_known() -> None:
    clock = Clock()
    cache = LookupCache(clock)
    cache.put("crm", "+12025550123", (ANN,))
    cache.put("crm", "+12025550124", ())
    clock.now = 299
    assert cache.get("crm", "+12025550124") == ()
    clock.now = 300
    assert cache.get("crm", "+12025550124") is None
    clock.now = 7199
    assert cache.get("crm", "+12025550123") == (ANN,)
    clock.now = 7200
    assert cache.get("crm", "+12025550123") is None
    assert len(cache) == 0


def test_sources_are_kept_apart() -> None:
    cache = LookupCache(Clock())
    cache.put("crm", "+12025550123", (ANN,))
    assert cache.get("other", "+12025550123") is None


def test_a_number_or_a_source_can_be_forgotten() -> None:
    cache = LookupCache(Clock())
    for source in ("a", "b"):
        for number in ("+12025550123", "+12025550124"):
            cache.put(source, number, (ANN,))
    cache.forget_number("+12025550123")
    cache.forget_source("b")
    assert cache.get("a", "+12025550124") == (ANN,)
    assert len(cache) == 1
    cache.clear()
    assert len(cache) == 0


def test_the_longest_unused_goes_first() -> None:
    cache = LookupCache(Clock(), capacity=2)
    cache.put("a", "1", ())
    cache.put("a", "2", ())
    cache.get("a", "1")
    cache.put("a", "3", ())
    assert cache.get("a", "2") is None
    assert cache.get("a", "1") == ()


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20))))
def test_it_never_grows_beyond_its_capacity(puts: list[tuple[str, int]]) -> None:
    cache = LookupCache(Clock(), capacity=5)
    for source, number in puts:
        cache.put(source, str(number), ())
        assert len(cache) <= 5
        assert cache.get(source, str(number)) == ()
