"""What the steps of a journey may touch, handed in by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from config.endorsement_tables import EndorsementTables
from config.form_tables import CodeLists, Form
from config.name_tables import NameTables
from config.payer_codes import PayerCodeTable
from config.settings import Settings
from config.tables import Tables
from kiosk.domain.errors import GatewayUnavailable, Refusal, Refused
from kiosk.journeys.walker import Ended, IdleGuard
from kiosk.ledger.cashier import Cashier
from kiosk.ledger.issuer import Issuer
from kiosk.ledger.keeper import Keeper
from kiosk.ledger.orders import Orders
from kiosk.ledger.press import Press
from kiosk.ledger.reconcile_alarm import Paying
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.store import Store
from kiosk.ports.clock import Clock
from kiosk.ports.controls import SignaturePad
from kiosk.ports.devices import FaceCapturer, FaceMatcher, IdCardReader, QrScanner, ReceiptPrinter
from kiosk.ports.documents import DocumentPrinter
from kiosk.ports.exit_entry import ExitEntryPlatform
from kiosk.ports.forms import DraftDesk, FormPainter
from kiosk.ports.permit import PermitReader, PermitUnit
from kiosk.ports.photo import PhotoStudio
from kiosk.ports.platform import PolicePlatform
from kiosk.ports.recorder import Recorder
from kiosk.screens.base import Back, Button, Desk, Page, Screen, ask
from kiosk.screens.common import Message, Phase, Tone, Working

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from kiosk.domain.forms.payload import TrustedKey

log = structlog.get_logger(__name__)
T = TypeVar("T")
SOON = 0.1
"""Seconds a citizen is left on the old page before "working" is shown; quicker answers come without a flicker."""
EXIT: Final = Button("exit", "返回首页")
RETRY: Final = Button("retry", "再试一次")
GO_ON: Final = Button("go_on", "继续办理")


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger's parts, as the journeys use them."""

    store: Store
    orders: Orders
    registrar: Registrar
    cashier: Cashier
    press: Press


@dataclass(frozen=True, slots=True)
class Permits:
    """What the endorsement service needs besides; only machines with a card unit have it."""

    unit: PermitUnit
    reader: PermitReader
    platform: ExitEntryPlatform
    tables: EndorsementTables
    issuer: Issuer
    keeper: Keeper


@dataclass(frozen=True, slots=True)
class Applications:
    """What the application form needs besides; only machines with an A4 printer have it."""

    form: Form
    older: tuple[Form, ...]
    """Older forms printed as well, from the same answers."""
    codes: CodeLists
    names: NameTables
    printer: DocumentPrinter
    painter: FormPainter
    signing_key: Ed25519PrivateKey = field(repr=False)
    """Signs the code on the page."""
    studio: PhotoStudio | None = None
    """None: this machine takes no photos."""
    photo_profile: str = "national"
    drafts: DraftDesk | None = None
    """None: the hall's platform takes no drafts."""
    phone_keys: tuple[TrustedKey, ...] = ()
    scanner: QrScanner | None = None
    two_sided: bool = False
    """As the settings want it."""

    @property
    def both_sides(self) -> bool:
        """Whether two forms share a paper: wanted, and the printer does not say that it cannot."""
        return self.two_sided and self.printer.capabilities.get("duplex") is not False

    @property
    def id_key(self) -> str:
        """The field of the identity number."""
        return next(field.key for field in self.form.field if field.fill == "card.number")


@dataclass(frozen=True, slots=True)
class Kit:
    settings: Settings
    tables: Tables
    clock: Clock
    desk: Desk
    guard: IdleGuard
    id_card: IdCardReader
    faces: FaceCapturer
    matcher: FaceMatcher | None
    """None: only staff compare faces at this machine."""
    printer: ReceiptPrinter
    police: PolicePlatform
    books: Books
    permits: Permits | None = None
    applications: Applications | None = None
    scanner: QrScanner | None = None
    """Reads codes that citizens hold up; None: this machine has nothing that does."""
    payer_codes: PayerCodeTable | None = None
    """How the codes on payers' phones are told apart; None: this machine takes none."""
    signature_pad: SignaturePad | None = None
    """A pad with a pen beside the screen; None: citizens sign on the screen."""
    recorder: Recorder | None = None
    """Films the signing; None: this machine has no microphone."""
    paying: Paying | None = None
    """Tells the home screen while no money is taken; None: nobody watches (the cashier refuses all the same)."""


def applications_of(kit: Kit) -> Applications:
    """In steps of a service that is offered only where they exist."""
    if kit.applications is None:
        raise RuntimeError("this machine has no A4 printer")
    return kit.applications


async def race(page: Page[Any], work: Awaitable[T]) -> T:
    """Wait for a device while the page can still be answered.

    Returns what `work` gives. An answer, Back or Cancelled comes first? Then `work` is cancelled, awaited, and the answer is
    raised as `Answered` (Back and Cancelled pass through as they are).
    """
    job = asyncio.ensure_future(work)
    answer = asyncio.ensure_future(page.answer())
    try:
        await asyncio.wait((job, answer), return_when=asyncio.FIRST_COMPLETED)
        if job.done():
            return job.result()
        raise Answered(answer.result())
    finally:
        for task in (job, answer):
            if not task.done():
                task.cancel()
        await asyncio.gather(job, answer, return_exceptions=True)


class Answered(Exception):
    """The citizen answered a page that was waiting for a device."""

    def __init__(self, answer: Any) -> None:
        super().__init__(type(answer).__name__)
        self.answer = answer


async def tell(kit: Kit, title: str, body: str, *buttons: Button, tone: Tone = "bad", code: str = "") -> str:
    """C22: what happened, what is safe, what to do. Returns the id of the button."""
    return await ask(kit.desk, Message(title, body, buttons or (EXIT,), tone, code))


async def refuse(kit: Kit, refusal: Refusal, title: str = "本机不能办理", other: Button | None = None) -> Ended:
    """Tell the citizen why not; the caller raises what is returned. `other` is offered beside leaving; raises Back where it is chosen."""
    log.info("refused", code=refusal.code, reason=refusal.reason)
    buttons = (other, EXIT) if other is not None else ()
    chosen = await tell(kit, title, refusal.message, *buttons, tone="warn", code=refusal.code)
    if other is not None and chosen == other.id:
        raise Back
    return Ended(f"refused:{refusal.code}")


async def reach(kit: Kit, title: str, call: Callable[[], Awaitable[T]]) -> T:
    """Ask a remote system for something that changes nothing, as often as the citizen wants.

    Raises Ended("unavailable") when they give up, or when the answer is no.
    """
    while True:
        job = asyncio.ensure_future(call())
        try:
            async with kit.guard.hold():
                await asyncio.wait((job,), timeout=SOON)
                if not job.done():
                    kit.desk.open(working(title, (Phase(title, "doing"),)))
                return await job
        except GatewayUnavailable as trouble:
            log.warning("gateway_unavailable", gateway=trouble.gateway, hint=trouble.hint)
            code = f"N-{trouble.gateway.upper()}"
        except Refused as refused:
            # It answered, and asking again would bring the same answer.
            log.warning("gateway_refused", code=refused.code)
            body = f"您还没有付款，信息没有提交。请带好身份证到{kit.settings.kiosk.window}核对。"
            await tell(kit, "业务系统没有受理", body, code=f"R-{refused.code}")
            raise Ended("unavailable") from None
        finally:
            if not job.done():
                job.cancel()
                await asyncio.gather(job, return_exceptions=True)
        body = "您还没有付款，信息没有提交。请稍等再试，或到窗口办理。"
        if await tell(kit, "暂时连不上业务系统", body, RETRY, EXIT, code=code) != RETRY.id:
            raise Ended("unavailable")


def working(title: str, phases: tuple[Phase, ...], note: str = "") -> Screen[None]:
    return Working(title, phases, note)
