"""Words a talk script may use of a case: merge fields and the facts of conditions. What no case can ever fill is found when a
version is saved, not when an agent stands before a customer. Pure; the values are made where a session is frozen.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from server.domain.talkscript import Fault, TalkScript, fields_of

FIELDS = frozenset({
    "insurer_name", "product_name", "product_type_text", "institution_name", "agent_name", "agent_licence_no",
    "policyholder_name", "insured_name", "sum_insured_text", "premium_text", "payment_mode_text", "payment_term_text",
    "policy_term_text", "cooling_off_days", "waiting_period_days", "guaranteed_rate_text",
})  # fmt: skip
FACTS = frozenset({
    "channel", "product_type", "region_code", "policyholder_age", "policyholder_is_elderly", "insured_age",
    "insured_is_policyholder", "insured_is_minor", "guardian_is_policyholder", "has_waiting_period", "has_death_benefit",
    "is_single_pay", "is_over_one_year", "is_supplementary",
})  # fmt: skip
_BRACES = re.compile(r"\{\{\s*[a-z0-9_]+\s*\}\}")


def unknown_words(script: TalkScript) -> list[Fault]:
    """Every merge field and condition that no case has, and every brace that is no field."""
    faults: list[Fault] = []
    for index, node in enumerate(script.nodes):
        path = f"nodes.{index}"
        faults += [Fault(f"{path}.when", "FACT_UNKNOWN", name) for name in _facts(node.when) if name not in FACTS]
        for part, paragraphs in (("prompt", node.prompt), ("agent_text", node.agent_text)):
            for place, paragraph in enumerate(paragraphs):
                here = f"{path}.{part}.{place}"
                unknown = [name for name in fields_of(paragraph.text) if name not in FIELDS]
                faults += [Fault(here, "FIELD_UNKNOWN", name) for name in dict.fromkeys(unknown)]
                if any(brace in _BRACES.sub("", paragraph.text) for brace in ("{", "}")):
                    faults.append(Fault(here, "FIELD_MALFORMED"))
                faults += [Fault(here, "FACT_UNKNOWN", name) for name in _facts(paragraph.when) if name not in FACTS]
    return faults


def _facts(when: Mapping[str, Any]) -> Iterator[str]:
    for key, value in when.items():
        if key == "not" and isinstance(value, Mapping):
            yield from _facts(value)
        elif key == "any" and isinstance(value, (list, tuple)):
            for item in value:
                if isinstance(item, Mapping):
                    yield from _facts(item)
        else:
            yield key
