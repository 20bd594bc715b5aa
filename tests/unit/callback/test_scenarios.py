"""Every shipped scenario ends as its `expect` says; a scenario without expectations is an error."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.callbacks.scenario import ScenarioError, read_scenario
from server.callbacks.simulate import Simulation, main, run

FOLDER = Path(__file__).parents[2] / "scenarios"
SCENARIOS = sorted(FOLDER.glob("*.yaml"))


POLICY = {"issued_at": "2026-03-02T15:00"}


def load(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = read_scenario(path.read_text(encoding="utf-8"))
    return data


def is_subsequence(wanted: list[str], got: list[str]) -> bool:
    rest = iter(got)
    return all(item in rest for item in wanted)


def check(simulation: Simulation, expect: dict[str, Any]) -> None:
    final = simulation.final()
    lines = simulation.lines
    happened = [line for line in lines if "refused" not in line]
    assert final["final"] == expect["final"], lines
    assert set(expect.get("rules", ())) <= {line["rule"] for line in lines}
    assert is_subsequence(expect.get("events", []), [line["event"] for line in happened])
    if "refused" in expect:
        assert [line["refused"] for line in lines if "refused" in line] == expect["refused"]
    if "sms" in expect:
        assert len(final["sms"]) == expect["sms"]
    if "sms_sender" in expect:
        assert {sms["sender"] for sms in final["sms"]} == {expect["sms_sender"]}
    if "sms_at" in expect:
        assert [sms["at"] for sms in final["sms"]] == [
            str(at) if isinstance(at, str) else at.isoformat() for at in expect["sms_at"]
        ]
    if "tasks" in expect:
        assert [task["task"] for task in final["tasks"]] == expect["tasks"]
    if "task_due" in expect:
        wanted = [at if isinstance(at, str) else at.isoformat() for at in expect["task_due"]]
        assert [task["due_at"] for task in final["tasks"]] == wanted
    if "asked" in expect:
        case = next(iter(simulation.cases.values()))
        assert [question.id for question in case.questionnaire.asked] == expect["asked"]


def test_at_least_sixty_scenarios_ship() -> None:
    assert len(SCENARIOS) >= 60


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    scenario = load(path)
    check(run(scenario), scenario["expect"])


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"surprise": 1}, "surprise"),
        ({"policy": {"issued_at": "2026-03-02T15:00", "colour": "red"}}, "colour"),
        ({"events": [{"do": "dance"}]}, "dance"),
        ({"events": [{"do": "left", "why": "x"}]}, "why"),
        ({"override": {"window": {"weeks": 1}}}, "weeks"),
        ({"rulebook": "S9"}, "S9"),
        ({"policy": {}}, "policy.issued_at"),
        ({"policy": {**POLICY, "product_type": "banana"}}, "policy.product_type"),
        ({"policy": {**POLICY, "insured_age": "abc"}}, "policy.insured_age"),
        ({"policy": {**POLICY, "has_recording": "yes"}}, "policy.has_recording"),
        ({"policy": {**POLICY, "effective_on": "soon"}}, "policy.effective_on"),
        ({"policy": {**POLICY, "channel": "moon"}}, "policy.channel"),
        ({"expect": {"finall": "open"}}, "finall"),
        ({"expect": {"final": "done"}}, "expect.final"),
        ({"covered": {"moon": "x"}}, "covered"),
        ({"events": [{"do": "phone_result", "with": {"reslut": "x"}}]}, "events[0].with: unknown keys reslut"),
        ({"events": [{"do": "phone_result", "with": {"result": "x"}}]}, "events[0].with.result"),
        ({"events": [{"do": "face_passed", "with": {"entry": "moon"}}]}, "events[0].with.entry"),
        ({"events": [{"clock": "2026-03-04T00:00", "do": "left"}]}, "events[0].clock"),
        ({"events": [{"with": {"entry": "web"}}]}, "events[0].with"),
        ({"events": [{"do": "left", "times": "x"}]}, "events[0].times"),
        ({"events": [{"do": "left", "policy": "z"}]}, "events[0].policy"),
        ({"events": [{"do": "answered", "with": {"answers": {"Q1": "maybe"}}}]}, "answers.Q1"),
        ({"events": [{"do": "aborted", "with": {"entry": "web"}}]}, "events[0].with"),
        ({"events": {"do": "left"}}, "events"),
        ({"policy": {"issued_at": "9999-12-31T23:59"}}, "policy.issued_at"),
        ({"policy": {**POLICY, "effective_on": "0001-01-01"}}, "policy.effective_on"),
        ({"events": [{"after": "99999999d"}]}, "events[0].after"),
        ({"events": [{"after": "90000d", "do": "left"}]}, "events[0].after"),
    ],
)
def test_unknown_keys_and_wrong_values_are_errors(
    change: dict[str, Any], where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = {"rulebook": "S1", "policy": {"issued_at": "2026-03-02T15:00"}, "events": []} | change
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(scenario), encoding="utf-8")
    assert main([str(file)]) == 2
    assert where in capsys.readouterr().err


def test_a_key_given_twice_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "scenario.yaml"
    twice = "rulebook: S1\npolicy: {issued_at: 2026-03-02T15:00}\nevents:\n  - {do: left, do: aborted}\n"
    file.write_text(twice, encoding="utf-8")
    assert main([str(file)]) == 2
    assert "line 4: do is given twice" in capsys.readouterr().err


def test_the_clock_cannot_go_back() -> None:
    scenario = {
        "rulebook": "S1",
        "policy": {"issued_at": "2026-03-02T15:00"},
        "events": [{"clock": "2026-03-04T00:00"}, {"clock": "2026-03-03T00:00"}],
    }
    with pytest.raises(ScenarioError, match="cannot go back"):
        run(scenario)


def test_output_is_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(FOLDER / "s1_e14_all_expected_success.yaml")]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all({"at", "event", "state", "rule"} <= set(line) for line in lines[:-1])
    assert set(lines[-1]) == {"final", "sms", "tasks"}


def test_every_line_of_several_policies_names_its_own() -> None:
    lines = run({"rulebook": "S1", "policies": {"a": POLICY, "b": POLICY}, "until": "2026-03-09T00:00"}).lines
    assert {line["policy"] for line in lines} == {"a", "b"}
