"""Days of West Coast district by chance from a seed: what every phone records, and when it syncs.

    for page in district_pages(district_book(), days=90, seed=1): page.device, page.lines
    for device, staff, epoch, line in district_days(district_book(), days=90, seed=1): ...

Guards, cleaners, engineers and supervisors do what `rounds`, `chores`, `reports` and `jobs` say.
Phones are off line for nights, break down, lose what they had not sent, and have wrong clocks.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from radar_core.book import Record
from radar_core.tasks import Task
from sync.clock import ZERO
from tests.district.chores import chaos, clean, service, shift
from tests.district.deeds import DAY_S, Handset
from tests.district.rounds import walk
from tests.district.site import Site

START_S = 1_772_380_800
"""2026-03-02, a Monday, midnight in the projects."""
SYNCS_A_DAY, FIRST_SYNC_S = 4, 19_800
"""Phones on line sync at half past five in the morning, and three times more."""
LONGEST_S = 5 * DAY_S
CHAOS = 0.01
"""So many tasks are done to what no verb allows."""
DOES = {"patrol": walk, "cleaning": clean, "maintenance": service}


@dataclass(frozen=True, slots=True)
class Page:
    """What a phone sends when it syncs at `at_s`: the lines of an epoch from number `first` on."""

    device: str
    staff: str
    epoch: str
    first: int
    lines: Sequence[str]
    at_s: int


def district_days(
    book: Sequence[Record], days: int, seed: int
) -> Iterator[tuple[str, str, str, str]]:
    """Yield (device, staff, epoch, line) of all actions in the order in which the phones sync."""
    for page in district_pages(book, days, seed):
        for line in page.lines:
            yield page.device, page.staff, page.epoch, line


def district_pages(book: Sequence[Record], days: int, seed: int) -> Iterator[Page]:
    """Yield what the phones send, those of one moment together, by time.

    The book is that of `district_book`, or one with places, tags, people and schedules like it.
    """
    names = sorted({record.project for record in book})
    sites = [Site(name, book, random.Random(f"{seed} {name}")) for name in names]
    phones = {
        staff: Handset(staff, site.chance)
        for site in sites
        for staff in chain.from_iterable(site.staff.values())
    }
    plans = [site.tasks(START_S, days)[::-1] for site in sites]
    for day in range(days):
        day_s = START_S + day * DAY_S
        for site, plan in zip(sites, plans, strict=True):
            _plan_day(site, plan, day_s)
            _misfortunes(site, phones, day_s, is_first=day == 0)
        for turn in range(SYNCS_A_DAY):
            at_s = day_s + turn * DAY_S // SYNCS_A_DAY + FIRST_SYNC_S
            for site in sites:
                yield from _until(site, phones, at_s)


def _plan_day(site: Site, plan: list[Task], day_s: int) -> None:
    """Let the people of a project decide what they do about the tasks of a day, and besides.

    `plan` has the soonest last.
    """
    while plan and plan[-1].due_from < day_s + DAY_S:
        task = plan.pop()
        DOES[task.kind](site, task)
        if site.likely(CHAOS):
            chaos(site, task)
    for role, people in site.staff.items():
        for who in people:
            if site.likely(5 / 7):
                shift(site, who, role, day_s)


def _misfortunes(site: Site, phones: dict[str, Handset], day_s: int, *, is_first: bool) -> None:
    """Let phones be off line for the night or for days, break down, or have their clock set."""
    chance, likely = site.chance, site.likely
    for who in chain.from_iterable(site.staff.values()):
        phone = phones[who]
        phone.off_ms = phone.always_off_ms
        if likely(0.01):
            phone.off_ms += chance.choice((-1, 1)) * chance.randrange(2_700_000, 14_400_000)
        if likely(0.15):
            phone.away = (day_s + 20 * 3600, day_s + DAY_S + 8 * 3600)
        elif likely(0.01):
            phone.away = (day_s, day_s + chance.uniform(DAY_S, LONGEST_S))
        if not is_first and likely(0.002):
            phone.dead = (day_s, day_s + chance.uniform(DAY_S, LONGEST_S))
            if likely(0.5):
                phone.begin_anew()


def _until(site: Site, phones: dict[str, Handset], at_s: int) -> Iterator[Page]:
    """Write down what people do before a time, then yield what the phones on line send."""
    for deed in site.until(at_s):
        phones[deed.staff].write(deed)
    mine = [phones[who] for who in chain.from_iterable(site.staff.values())]
    here = [phone for phone in mine if not phone.is_away(at_s)]
    latest = max((phone.hlc for phone in here), default=ZERO)
    for phone in here:
        first = phone.seq - len(phone.lines) + 1
        yield Page(phone.device, phone.staff, phone.epoch, first, tuple(phone.lines), at_s)
        phone.lines.clear()
        phone.hear(latest, at_s)
