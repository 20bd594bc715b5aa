"""Products on sale, as far as recordings need them."""

import sqlalchemy as sa

from server.audits.service import record
from server.cases.schemas import ProductBody, ProductView
from server.cases.tables import products
from server.context import Context
from server.http.endpoint import Principal
from server.http.problem import not_found
from storage.db.engine import Tx


async def find(tx: Tx, code: str) -> ProductView | None:
    """A product by code."""
    row = (await tx.execute(sa.select(products).where(products.c.code == code))).mappings().one_or_none()
    return _view(row) if row else None


async def require(tx: Tx, code: str) -> ProductView:
    """A product, or 404."""
    view = await find(tx, code)
    if view is None:
        raise not_found("PRODUCT_NOT_FOUND")
    return view


async def list_all(tx: Tx) -> list[ProductView]:
    """All products by code."""
    return [_view(row) for row in (await tx.execute(sa.select(products).order_by(products.c.code))).mappings()]


async def put(tx: Tx, context: Context, who: Principal | str, code: str, body: ProductBody) -> ProductView:
    """Create or change a product."""
    values = {**body.model_dump(mode="json"), "updated_at": context.now()}
    if await find(tx, code):
        await tx.execute(sa.update(products).where(products.c.code == code).values(**values))
    else:
        await tx.execute(sa.insert(products).values(code=code, **values))
    await record(tx, context, actor=who, action="product.put", subject=code, data={"name_of_product": body.name})
    return await require(tx, code)


def _view(row: sa.RowMapping) -> ProductView:
    return ProductView(**{key: row[key] for key in ProductView.model_fields})
