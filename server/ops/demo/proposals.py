"""Demo products and proposals. Ages are kept by making birth dates from the day of seeding; phones and numbers never change."""

from datetime import date, timedelta
from typing import Any

from server.cases.schemas import NewProposal, ProductBody, ProductType
from server.domain.identity_no import make_identity_no

ORGANISATIONS = {
    "110000": "示例人寿保险股份有限公司",
    "110101": "示例人寿北京分公司东城支公司",
    "110102": "示例银行北京朝阳支行",
    "110103": "示例保险经纪有限公司北京分公司",
}

PRODUCTS: dict[str, ProductBody] = {
    "PAR001": ProductBody(
        name="福享年年两全保险（分红型）", product_type=ProductType.PARTICIPATING, grade=3, cooling_off_days=15,
        summary="生存金、满期金、身故金；红利不保证",
    ),
    "UNI001": ProductBody(
        name="安盈终身寿险（万能型）", product_type=ProductType.UNIVERSAL, grade=4, cooling_off_days=15,
        guaranteed_rate="1.75%",
        summary="账户价值计息，最低保证利率 1.75%，超过部分不保证",
    ),
    "HLT001": ProductBody(
        name="守护一生重大疾病保险", product_type=ProductType.HEALTH, grade=2, cooling_off_days=15, waiting_period_days=90,
        summary="重疾与轻症给付，等待期 90 日",
    ),
    "TRM001": ProductBody(
        name="安心定期寿险", product_type=ProductType.TERM, grade=1, cooling_off_days=15, summary="身故或全残给付，不含生存给付",
    ),
}  # fmt: skip

ACCOUNT_CHARGES: dict[str, dict[str, Any]] = {
    "P2026010003": {
        "fees_text": "初始费用为所交保险费的3%，首次交费扣除3,000.00元；保障成本按月从账户扣除；不收保单管理费",
        "net_amount_fen": 9_700_000,
    },
}
"""What the core system says beside the proposal when it issues a policy with an account (S3: which charges, what is credited)."""


def _person(
    today: date, name: str, roles: list[str], sex: str, age: int, order: int, phone: str | None, **more: Any
) -> dict[str, Any]:
    birth_on = date(today.year - age, today.month, min(today.day, 28)) - timedelta(days=40)
    return {
        "name": name,
        "roles": roles,
        "sex": sex,
        "birth_on": birth_on.isoformat(),
        "cert_type": "id_card",
        "cert_no": make_identity_no("110101", birth_on, order, sex),
        "phone": phone,
        **more,
    }


def demo_proposals(today: date) -> list[NewProposal]:
    """One proposal for each kind of case, over the four products and the three kinds of agents."""

    def premium(mode: str, amount_fen: int, frequency: str, years: int = 1) -> dict[str, Any]:
        return {"mode": mode, "amount_fen": amount_fen, "frequency": frequency, "years": years}

    raw: list[dict[str, Any]] = [
        {  # policyholder with an adult insured
            "proposal_no": "P2026010001", "product_code": "PAR001", "channel": "individual", "org_code": "110101",
            "agent_code": "A100001", "premium": premium("regular_pay", 2_000_000, "annual", 10),
            "sum_insured_fen": 30_000_000, "coverage": "20年",
            "persons": [
                _person(today, "王建国", ["policyholder"], "male", 45, 1, "13800001001"),
                _person(today, "李梅", ["insured"], "female", 43, 2, "13800001002", relation_to_policyholder="配偶"),
            ],
        },
        {  # parent insuring a minor: one person is policyholder and guardian
            "proposal_no": "P2026010002", "product_code": "HLT001", "channel": "bank", "org_code": "110102",
            "agent_code": "B200001", "premium": premium("regular_pay", 360_000, "annual", 20),
            "sum_insured_fen": 50_000_000, "coverage": "至70周岁",
            "persons": [
                _person(today, "陈晓燕", ["policyholder", "guardian"], "female", 36, 3, "13800002001"),
                _person(today, "陈小宝", ["insured"], "male", 8, 4, None, relation_to_policyholder="子女"),
            ],
        },
        {  # policyholder aged 66, his own insured
            "proposal_no": "P2026010003", "product_code": "UNI001", "channel": "intermediary", "org_code": "110103",
            "company_code": "Z300", "work_no": "0007", "premium": premium("single_pay", 10_000_000, "once"),
            "sum_insured_fen": 10_500_000, "coverage": "终身",
            "persons": [_person(today, "赵德明", ["policyholder", "insured"], "male", 66, 5, "13800003001")],
        },
        {  # term life, one person
            "proposal_no": "P2026010004", "product_code": "TRM001", "channel": "individual", "org_code": "110101",
            "agent_code": "A100001", "premium": premium("regular_pay", 45_000, "monthly", 20),
            "sum_insured_fen": 100_000_000, "coverage": "30年",
            "persons": [
                _person(today, "刘洋", ["policyholder", "insured"], "male", 33, 6, "13800004001", location="same_place"),
            ],
        },
        {  # grandmother pays, a minor is insured, the mother is guardian
            "proposal_no": "P2026010005", "product_code": "PAR001", "channel": "individual", "org_code": "110101",
            "agent_code": "A100001", "premium": premium("regular_pay", 1_000_000, "annual", 5),
            "sum_insured_fen": 10_000_000, "coverage": "20年",
            "persons": [
                _person(today, "孙桂芳", ["policyholder"], "female", 62, 7, "13800005001"),
                _person(today, "周小雨", ["insured"], "female", 6, 8, None, relation_to_policyholder="孙辈"),
                _person(today, "林静", ["guardian"], "female", 34, 9, "13800005002", relation_to_policyholder="子女"),
            ],
        },
    ]  # fmt: skip
    return [NewProposal.model_validate_json(_json(item)) for item in raw]


def _json(value: dict[str, Any]) -> bytes:
    import orjson

    return orjson.dumps(value)
