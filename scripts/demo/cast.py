"""Who takes part in the demo case: names, phones, faces and what they say. The proposal is one of the shipped demo data."""

from dataclasses import dataclass
from pathlib import Path

from scripts.demo import assets
from scripts.demo.drive import Images
from scripts.demo.poses import Picture, faces
from scripts.demo.third import third_person

PASSWORD = "Demo-2026-pass"  # noqa: S105 - the documented demo password, valid in development mode only
PROPOSAL_NO = "P2026010001"
AGENT = "zhangsan"
INSPECTOR = "zhaoliu"
ADMINISTRATOR = "admin"
OPERATOR = "sunqi"
POLICYHOLDER = ("王建国", "13800001001")
INSURED = ("李梅", "13800001002")
POLICYHOLDER_PHOTO, INSURED_PHOTO = "obama_1.jpg", "biden_1.jpg"
AGENT_MIX = ("obama_2.jpg", "biden_2.jpg")
UNCLEAR_AT = "payment_and_term"
"""The node at which the policyholder first says 不清楚."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Camera films, pictures of papers, and clips of everybody."""

    films: dict[str, Path]
    images: dict[str, Images]
    agent_speech: str
    policyholder_says: dict[str, list[str]]
    insured_says: dict[str, list[str]]


def prepare(folder: Path) -> Cast:
    """Make everything the case needs. Raises `AssetsMissing`."""
    folder.mkdir(parents=True, exist_ok=True)
    photos: dict[str, str | Picture] = {
        "agent": third_person(faces(), *AGENT_MIX),
        "policyholder": POLICYHOLDER_PHOTO,
        "insured": INSURED_PHOTO,
    }
    films = {role: assets.film(photo, folder / f"{role}.mjpeg") for role, photo in photos.items()}

    def papers(name: str, photo: str) -> Images:
        stem = photo.removesuffix(".jpg")
        return Images(
            assets.card("id_front", name, folder / f"{stem}-front.jpg", photo),
            assets.card("id_back", name, folder / f"{stem}-back.jpg"),
            assets.card("bank_card", name, folder / f"{stem}-bank.jpg"),
            assets.photo_jpeg(photo, folder / f"{stem}-face.jpg"),
        )

    agree, yes, clear = assets.clip("tong2_yi4"), assets.clip("shi4_de"), assets.clip("qing1_chu3")
    not_clear = assets.clip("bu4", "qing1_chu3", gap_ms=20)
    return Cast(
        films=films,
        images={INSURED[0]: papers(INSURED[0], INSURED_PHOTO), "*": papers(POLICYHOLDER[0], POLICYHOLDER_PHOTO)},
        agent_speech=assets.clip("aishell3/SSB00570140.wav", "aishell3/SSB01970187.wav"),
        policyholder_says={"recording_consent": [agree], UNCLEAR_AT: [not_clear, clear], "*": [yes, clear]},
        insured_says={"recording_consent": [agree], "*": [yes, clear]},
    )
