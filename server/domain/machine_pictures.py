"""Machine checks of pictures: faces, strangers, cards, what a share shows, signatures. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.machine_checks import Check, Limits, Result, at_least, at_most, not_measured


def check_faces(
    measured: Mapping[str, Any] | None, seats: Sequence[str], limits: Limits, *, compared: Sequence[str] | None = None
) -> list[Check]:
    """Faces on the key frames of the recording: present, alone, the person captured beforehand, no stranger.

    Args:
        measured: what the measuring process wrote; a seat's `faces` is None where no model was there.
        seats: tiles that must show a face.
        compared: those of them whose face was captured beforehand; None: all.
    """
    checks: list[Check] = []
    for seat in seats:
        scope, source = f"seat:{seat}", "faces"
        is_compared = compared is None or seat in compared
        facts = ((measured or {}).get("seats") or {}).get(seat) or {}
        faces = facts.get("faces")
        if faces is None:
            reason = "NO_PICTURE" if facts and not facts.get("camera") else "FACE_MODEL_MISSING"
            codes = ("face_present", "alone_in_picture", *(("same_person", "stranger") if is_compared else ()))
            checks += [not_measured(code, scope, source, reason) for code in codes]
            continue
        absent = tuple({"t0_ms": start, "t1_ms": end, "seat_id": seat} for start, end in faces["absent"])
        checks.append(at_least("face_present", scope, source, faces["face_ratio"], limits, "face_present_ratio", spans=absent))
        several = points(seat, faces["several_at_ms"])
        result: Result = "warn" if several else "pass"
        checks.append(Check("alone_in_picture", scope, result, source, value=len(several), limit=0, spans=several))
        if is_compared:
            checks.append(_same_person(seat, scope, faces, limits))
        if is_compared or faces["can_know"]:
            checks.append(_stranger(seat, scope, faces, limits))
    return checks


def _same_person(seat: str, scope: str, faces: Mapping[str, Any], limits: Limits) -> Check:
    """The person captured beforehand, throughout. One picture of another may be a bad angle; a share of them is somebody else."""
    if not faces["compared"]:
        return not_measured("same_person", scope, "faces", "NO_REFERENCE")
    bound = limits.get("other_person_ratio")
    if bound is None:
        return not_measured("same_person", scope, "faces", "NO_LIMIT")
    others = points(seat, faces["others_at_ms"])
    is_another = len(others) > faces["same"] or (len(others) > 1 and len(others) > bound * faces["compared"])
    result: Result = "pass" if not others and faces["same"] > 0 else "fail" if is_another else "warn"
    names = {"likeness": faces["likeness"], "lowest": faces["likeness_min"], "same": faces["same"]}
    value = {**names, "other": len(others), "unsure": faces["unsure"]}
    return Check("same_person", scope, result, "faces", value=value, limit=bound, spans=others)


def _stranger(seat: str, scope: str, faces: Mapping[str, Any], limits: Limits) -> Check:
    """A face unlike everybody of the session. One sighting may be a poster or a bad angle, several are not."""
    if not faces["can_know"]:
        return not_measured("stranger", scope, "faces", "NO_REFERENCE")
    seen = points(seat, faces["strangers_at_ms"])
    bound = limits.get("stranger_pictures")
    if bound is None:
        return not_measured("stranger", scope, "faces", "NO_LIMIT")
    result: Result = "pass" if not seen else "warn" if len(seen) <= bound else "fail"
    return Check("stranger", scope, result, "faces", value=len(seen), limit=bound, spans=seen)


def check_cards(cards: Sequence[Mapping[str, Any]] | None, wanted: Sequence[Mapping[str, Any]], limits: Limits) -> list[Check]:
    """Whether a card with a portrait was held to the camera in the nodes that ask for it. A machine only warns: light and motion
    hide many a card that people can read.

    Args:
        cards: as measured; None when measuring failed.
        wanted: {node_id, person_id, seat_id, t0_ms, t1_ms}.
    """
    by_key = {(card["node_id"], card["person_id"]): card for card in cards or ()}
    checks = []
    for each in wanted:
        scope = f"node:{each['node_id']}:{each['person_id']}"
        card = by_key.get((each["node_id"], each["person_id"]))
        if cards is None or card is None or not card["looked"]:
            reason = "MEASURING_FAILED" if cards is None else "NO_PICTURE"
            checks.append(not_measured("card_shown", scope, "pictures", reason))
            continue
        spans = points(each["seat_id"], card["at_ms"])
        if card["portraits"] is None:
            checks.append(not_measured("card_shown", scope, "pictures", "FACE_MODEL_MISSING"))
            continue
        checks.append(
            at_least("card_shown", scope, "pictures", card["portraits"], limits, "card_pictures_min", miss="warn", spans=spans)
        )
    return checks


def check_shares(
    shares: Mapping[str, Mapping[str, Any]] | None, duties: Sequence[Mapping[str, Any]], limits: Limits
) -> list[Check]:
    """Whether the recorded picture of a share shows the pages that the reader reported, and the application number.

    Args:
        shares: by seat, by document: {looked, matched, pages: {page: likeness}, unlike_at_ms, number: {share}?}.
        duties: {person_id, seat_id, document_id, needs, pages, is_on_site}.
    """
    checks = []
    for duty in duties:
        scope = f"document:{duty['person_id']}:{duty['document_id']}"
        if duty["is_on_site"]:
            checks.append(not_measured("share_shows_document", scope, "pictures", "CONFIRMED_ON_SITE"))
            continue
        facts = ((shares or {}).get(duty["seat_id"]) or {}).get(duty["document_id"])
        if shares is None or not facts or not facts["looked"]:
            reason = "MEASURING_FAILED" if shares is None else "NO_SHARE_PICTURE"
            checks.append(not_measured("share_shows_document", scope, "pictures", reason))
        else:
            ratio = round(facts["matched"] / facts["looked"], 3)
            spans = points(duty["seat_id"], facts["unlike_at_ms"])
            checks.append(
                at_least("share_shows_document", scope, "pictures", ratio, limits, "share_match_ratio", miss="warn", spans=spans)
            )
        if duty["needs"] == "sign":
            checks.append(_number(scope, facts, limits))
    return checks


def _number(scope: str, facts: Mapping[str, Any] | None, limits: Limits) -> Check:
    number = (facts or {}).get("number")
    if number is None:
        return not_measured("number_visible", scope, "pictures", "NUMBER_NOT_SEEN")
    if number["share"] is None:
        return not_measured("number_visible", scope, "pictures", "READER_MISSING")
    return at_least("number_visible", scope, "pictures", number["share"], limits, "number_read_share", miss="warn")


def check_signatures(signatures: Sequence[Mapping[str, Any]], limits: Limits) -> list[Check]:
    """Whether each signature is a drawn line, and none a copy of another.

    Args:
        signatures: {person_id, document_id, points, length, strokes_sha256}.
    """
    checks = []
    hashes = [signature["strokes_sha256"] for signature in signatures]
    for signature in signatures:
        scope = f"document:{signature['person_id']}:{signature['document_id']}"
        if hashes.count(signature["strokes_sha256"]) > 1:
            checks.append(
                Check("signature_drawn", scope, "warn", "ledger", value=signature["points"], reason="SIGNATURE_REPEATED")
            )
            continue
        checks.append(at_least("signature_drawn", scope, "ledger", signature["points"], limits, "signature_points"))
    return checks


def check_covered(measured: Mapping[str, Any] | None, seats: Sequence[str], limits: Limits) -> list[Check]:
    """A hand, a wall or a lens cap before the camera: bright enough, but nothing in the picture."""
    checks = []
    for seat in seats:
        camera = (((measured or {}).get("seats") or {}).get(seat) or {}).get("camera") or {}
        at = points(seat, camera.get("covered_at_ms", ()))
        ratio = camera.get("covered_ratio")
        checks.append(at_most("picture_covered", f"seat:{seat}", "media", ratio, limits, "covered_ratio", miss="warn", spans=at))
    return checks


def points(seat: str, times: Sequence[int]) -> tuple[Mapping[str, Any], ...]:
    """Moments as spans."""
    return tuple({"t0_ms": t_ms, "t1_ms": t_ms, "seat_id": seat} for t_ms in times)
