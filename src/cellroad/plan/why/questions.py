"""The questions that a plan answers about itself; a plan is one of these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import linopy

    from cellroad.chain.chain import Chain
    from cellroad.plan.programme import Programme
    from cellroad.plan.why.basis import Basis
    from cellroad.plan.why.case import Case
    from cellroad.plan.why.reply import Why
    from cellroad.plan.why.sensitivity import Stability, Tornado
    from cellroad.plan.why.shares import Shares
    from cellroad.plan.why.short import Short
    from cellroad.plan.why.target import Name
    from cellroad.rules.law import Law


class Questions:
    """What can be asked of a plan; the answers are worked out on demand from its chain and its basis."""

    __slots__ = ()
    chain: Chain
    basis: Basis | None

    @property
    def case(self) -> Case:
        """Return the model of the plan with what it decided. Raises ValueError where the plan did not keep it."""
        if self.basis is None:
            raise ValueError("this plan was put together from frames and keeps no model to ask; plan its chain again")
        return self.basis.case(self.chain)

    def programme(self) -> Programme:
        """Return the model of the plan, to look into, to write as MPS or to hand to another tool."""
        from cellroad.plan.programme import Programme

        return Programme(self.case.net, self.case.model)

    def to_linopy(self) -> linopy.Model:
        """Return the model of the plan in linopy; see `Programme.to_linopy`. Needs the extra `cellroad[linopy]`."""
        return self.programme().to_linopy()

    def why(
        self,
        name: Name,
        table: str | None = None,
        quantity: float | None = None,
        *,
        anew: bool = False,
        seconds: float = 60.0,
    ) -> Why:
        """Return why an offer, lane, site, option, process, contract or sale is used as it is, in money.

        `plan.why("lane-id")`, `plan.why("x", table="offers")`, `plan.why((market, want, item))`. What one unit more
        and less would cost against what it replaces, part by part, and at which price the plan would turn. See
        `why.asking.why` for the arguments and errors.
        """
        from cellroad.plan.why.asking import why

        return why(self.case, name, table, quantity, anew, seconds)

    def sensitivity(self, levers: Sequence[str] | None = None, change: float = 0.1, *, anew: bool = False) -> Tornado:
        """Return how the value moves with prices, demand, freight, duty …, each by plus and minus a share.

        The whole decisions are kept, unless they are taken `anew`. See `why.sensitivity.tornado`.
        """
        from cellroad.plan.why.sensitivity import tornado

        return tornado(self.case, levers, change, anew)

    def stability(
        self, lever: str, within: tuple[float, float] = (0.5, 2.0), steps: int = 5, seconds: float = 30.0
    ) -> Stability:
        """Return how far a lever may move while the openings of the plan stay best; see `why.sensitivity.stability`."""
        from cellroad.plan.why.sensitivity import stability

        return stability(self.case, lever, within, steps, seconds)

    def why_short(self, market: str, month: dt.date | str, want: str | None = None) -> Short:
        """Return why a market is short in a month: the chain of causes in money, and what would ease it.

        See `why.short.why_short` for the arguments and errors.
        """
        from cellroad.plan.why.short import why_short

        return why_short(self.case, market, month, want)

    def why_share(
        self, name: Name, *, on: dt.date | None = None, law: Law | None = None, worth: bool = False
    ) -> Shares:
        """Return at which ownership shares the bans and credits on something turn, and with `worth` what that is worth.

        See `why.shares.why_share` for the arguments and errors.
        """
        from cellroad.plan.why.shares import why_share

        return why_share(self.case, name, on=on, law=law, worth=worth)
