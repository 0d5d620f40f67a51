"""What a model holds where partners are looked at: what is whose, tax, who takes part, whose value counts."""

from __future__ import annotations

from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network.network import Network
from cellroad.plan.partners.book import make_book
from cellroad.plan.partners.tax import taxing
from cellroad.plan.partners.whose import gaining, owning, valuing


def look_at_partners(net: Network, m: Builder, short: Block) -> None:
    """Add to a model what it needs to know of partners, and let it maximise what counts."""
    model = m.build()
    book = make_book(net, model)
    owned = owning(m, net, book, model)
    if net.chain.taxes.height:
        taxing(m, net, book, owned)
        book = make_book(net, m.build())
    if net.settings.value_of:
        gaining(m, net, book, owned, short)
        valuing(m, net, book, owned)
