"""Rules before a recording: triggers, needed papers and images, people of a proposal, identity numbers, masking."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from server.cases.rules import PATH, sales_rules
from server.domain.identity_no import make_identity_no, parse_identity_no
from server.domain.masking import mask_data, mask_name, mask_number, mask_phone, mask_text
from server.domain.proposal import Fault, Person, annual_fen, attendees, merge_people, people_faults, premium_faults
from server.domain.rulebook import (
    SaleFacts,
    age_on,
    recording_triggers,
    required_documents,
    required_images,
    rulebook_from,
)

TODAY = date(2026, 11, 22)
STANDARD = sales_rules()
PLAIN = SaleFacts("individual", "term", "110000", 40, True, False, 100_000)


def codes(facts: SaleFacts) -> set[str]:
    return {trigger.code for trigger in recording_triggers(facts, STANDARD)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (PLAIN, set()),
        (replace(PLAIN, policyholder_age=59), set()),
        (replace(PLAIN, policyholder_age=60), {"ELDERLY_POLICYHOLDER"}),
        (replace(PLAIN, policyholder_age=80, is_over_one_year=False), set()),
        (replace(PLAIN, channel="bank"), {"INTERMEDIATED_LONG_TERM"}),
        (replace(PLAIN, channel="bank", is_over_one_year=False), set()),
        (replace(PLAIN, product_type="unit_linked"), {"UNIT_LINKED_PRODUCT", "NEW_TYPE_PRODUCT"}),
        (replace(PLAIN, region_code="320100"), {"REGION_LONG_TERM"}),
        (replace(PLAIN, annual_fen=1_999_999), set()),
        (replace(PLAIN, annual_fen=2_000_000), {"LARGE_ANNUAL_PREMIUM"}),
        (replace(PLAIN, annual_fen=4_999_999, is_single_pay=True), set()),
        (replace(PLAIN, annual_fen=5_000_000, is_single_pay=True), {"LARGE_SINGLE_PREMIUM"}),
    ],
)
def test_when_a_recording_is_required(facts: SaleFacts, expected: set[str]) -> None:
    assert codes(facts) == expected


def test_every_value_is_the_files() -> None:
    """Another insurer's numbers are another file, never other code; what cannot be is refused."""
    data = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    other = rulebook_from({**data, "elderly_age": 65, "recording_rules": [{"code": "A", "source": "B", "min_age": 65}]})
    old = replace(PLAIN, policyholder_age=65)
    assert (other.elderly_age, [t.code for t in recording_triggers(old, other)]) == (65, ["A"])
    assert recording_triggers(replace(PLAIN, policyholder_age=64), other) == ()
    with pytest.raises(KeyError):
        rulebook_from({key: value for key, value in data.items() if key != "adult_age"})
    with pytest.raises(TypeError, match="min_ages"):
        rulebook_from({**data, "recording_rules": [{"code": "A", "source": "B", "min_ages": 65}]})
    with pytest.raises(ValueError, match="image"):
        rulebook_from({**data, "identity_images": {"insured": ["selfie"]}})


@given(st.integers(0, 110), st.integers(0, 110))
def test_growing_older_never_removes_a_trigger(age: int, more: int) -> None:
    assert codes(replace(PLAIN, policyholder_age=age)) <= codes(replace(PLAIN, policyholder_age=age + more))


def test_a_person_turns_sixty_on_the_birthday() -> None:
    assert age_on(date(1966, 11, 23), TODAY) == 59
    assert age_on(date(1966, 11, 22), TODAY) == 60
    assert age_on(date(2000, 2, 29), date(2018, 2, 28)) == 17


def test_needed_papers_and_images() -> None:
    assert "product_manual" in required_documents("universal", STANDARD)
    assert "product_manual" not in required_documents("term", STANDARD)
    everything = ("id_front", "id_back", "bank_card", "face")
    assert required_images(frozenset({"policyholder"}), "id_card", STANDARD) == everything
    assert "id_back" not in required_images(frozenset({"insured"}), "passport", STANDARD)
    assert required_images(frozenset({"beneficiary"}), "id_card", STANDARD) == ()


def somebody(name: str, *roles: str, age: int = 40, order: int = 1, phone: str = "13700000001", sex: str = "male") -> Person:
    birth_on = date(TODAY.year - age, 1, 10)
    return Person(name, frozenset(roles), sex, birth_on, "id_card", make_identity_no("110101", birth_on, order, sex), phone)


def faults(*people: Person) -> set[str]:
    return {fault.code for fault in people_faults(people, TODAY, STANDARD)}


def test_people_of_a_proposal() -> None:
    father = somebody("父", "policyholder", "guardian")
    child = somebody("子", "insured", age=9, order=2, phone="")
    assert faults(father, child) == set()
    assert faults(somebody("父", "policyholder"), child) == {"GUARDIAN_MISSING"}
    assert faults(somebody("父", "policyholder", "insured", age=17)) >= {"MUST_BE_ADULT"}
    assert faults(replace(father, phone=""), child) == {"PHONE_MISSING"}
    assert faults(replace(father, cert_no="1" * 18), child) == {"CERT_NO_INVALID"}
    assert faults(father, child, somebody("父二", "policyholder", order=3)) == {"POLICYHOLDER_NOT_ONE"}


def test_who_attends() -> None:
    grandmother, mother = somebody("奶奶", "policyholder", order=3), somebody("妈妈", "guardian", order=4)
    child, heir = somebody("子", "insured", age=9, order=2), somebody("受益人", "beneficiary", order=5)
    found = attendees((child, heir, mother, grandmother), TODAY, STANDARD)
    assert [(a.person, a.attends, a.represented_by) for a in found] == [(3, True, None), (0, False, 2), (2, True, None)]
    adult = somebody("成年", "insured", age=30, order=6)
    alone = attendees((grandmother, adult, mother), TODAY, STANDARD)
    assert [a.person for a in alone] == [0, 1], "a guardian without a minor does not attend"


def test_one_paper_is_one_person() -> None:
    holder = somebody("父", "policyholder")
    merged = merge_people((holder, replace(holder, roles=frozenset({"insured"}), phone="")))
    assert not isinstance(merged, Fault)
    assert [(p.roles, p.phone) for p in merged] == [(frozenset({"policyholder", "insured"}), "13700000001")]
    assert isinstance(merge_people((holder, replace(holder, name="别人"))), Fault)
    assert isinstance(merge_people((holder, replace(holder, phone="13700000002"))), Fault)


def test_premium() -> None:
    assert premium_faults("single_pay", "once", 1) == []
    assert [f.code for f in premium_faults("regular_pay", "once", 5)] == ["REGULAR_PAY_NEEDS_FREQUENCY"]
    assert [f.code for f in premium_faults("single_pay", "once", 2)] == ["SINGLE_PAY_IS_ONCE"]
    assert annual_fen(45_000, "monthly") == 540_000


@given(
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.integers(0, 499),
    st.sampled_from(["male", "female"]),
    st.integers(0, 17),
    st.integers(1, 9),
)
def test_identity_numbers_say_birth_and_sex_and_one_wrong_digit_is_found(
    birth_on: date, order: int, sex: str, place: int, step: int
) -> None:
    number = make_identity_no("310115", birth_on, order, sex)
    parsed = parse_identity_no(number)
    assert parsed is not None
    assert (parsed.birth_on, parsed.sex) == (birth_on, sex)
    assert parse_identity_no(number.lower()) == parsed
    if number[place].isdigit():
        wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
        assert parse_identity_no(wrong) is None


@pytest.mark.parametrize("number", ["", "1" * 17, "11010119810231001X", "１１０１０１１９８１０３０１００１", "abc"])
def test_what_is_no_identity_number(number: str) -> None:
    assert parse_identity_no(number) is None


@given(st.dates(date(1930, 1, 1), TODAY), st.integers(0, 9999_9999))
def test_masks_hide_the_middle_wherever_it_stands(birth_on: date, number: int) -> None:
    phone, paper = f"138{number:08d}", make_identity_no("110101", birth_on, 7, "male")
    text = f"客户电话{phone}，证件{paper}。"
    masked = mask_text(text)
    assert phone not in masked
    assert paper not in masked
    data = mask_data({"phone": phone, "people": [{"name": "王建国", "cert_no": paper}], "note": text, "count": 3})
    assert phone not in str(data)
    assert paper not in str(data)
    assert (data["count"], data["people"][0]["name"]) == (3, "王**")


def test_masks() -> None:
    assert mask_phone("13812345678") == "138****5678"
    assert mask_number("110101198103010011") == "110***********0011"
    assert (mask_name("王建国"), mask_name("李"), mask_name("")) == ("王**", "李*", "")
    assert mask_text(str(TODAY + timedelta(days=1))) == "2026-11-23"
