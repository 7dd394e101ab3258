"""`radar demo`: the whole chain on this machine, step by step, with real processes."""

from collections.abc import Mapping
from shlex import join, quote

from commands.stage import (
    Book,
    Stage,
    Tell,
    ending_as_ctrl_c,
    foreign_barcode,
    new_folder,
    program,
    remove,
    undisturbed,
)
from radar_core.answers import Answer
from radar_core.failures import OFFLINE, N_

PHONES = {"guard": "HV-G01", "cleaner": "HV-C01", "engineer": "HV-E01", "manager": "WC-M01"}
ROUND = "HV-R-OPEN"
ROUTE = "HV-OPEN"
CLEANING = "HV-C-OPEN"
YARD = "HV-YARD"
PUMPING = "HV-M-PUMP"
PUMP = "HV-PUMP1"
SERIAL = "SN-4711-0815"
SHEET = "a4-3x4"
BADNESS = 0.4
"""How bad the photos are, on the darkroom's scale from studio (0) to hopeless (1)."""


def demo(folder: str, environ: Mapping[str, str], tell: Tell) -> Answer:
    """Play a shift in a new folder and leave it there; on Ctrl-C nothing is left behind."""
    place = new_folder(folder)
    stage = Stage(place, environ, tell)
    finished = False
    with ending_as_ctrl_c():
        try:
            _play(stage, Book())
            finished = True
        finally:
            with undisturbed():
                stage.stop_centre()
                if not finished:
                    remove(place)
                    tell(N_("Stopped. Nothing of it is left behind."))
    return Answer("demo", {"folder": str(place), "commands": _next_steps(stage)})


def _play(stage: Stage, book: Book) -> None:
    _open(stage, book)
    _round(stage, book)
    _clean(stage, book)
    _maintain(stage)
    _close(stage)


def _open(stage: Stage, book: Book) -> None:
    stage.tell(N_("1. A centre, with West Coast district: 4 projects, some 7,000 homes."))
    book.write(stage.folder / "book")
    stage.radar("centre", "admin", "init", "--name", "West Coast")
    stage.radar("centre", "admin", "import", str(stage.folder / "book"))
    stage.start_centre()
    stage.tell(N_("2. Phones for a guard, a cleaner, an engineer and the district's manager."))
    for phone, staff in PHONES.items():
        code = stage.quietly("centre", "admin", "enrol-code", staff)["code"]
        stage.radar(phone, "enrol", stage.url, code)


def _checkpoints(book: Book) -> list[str]:
    rows = [row for row in book.rows("routes") if row["route"] == ROUTE]
    return [row["place"] or row["asset"] for row in rows]


def _round(stage: Stage, book: Book) -> None:
    targets = _checkpoints(book)
    stage.tell(N_("3. Labels are printed, stuck on, and photographed in the dark."))
    labelled = [*targets, YARD, PUMP]
    if book.has_letters(labelled):
        codes = [book.code_on(target) for target in labelled]
        paper = ("--format", SHEET, "--out", str(stage.folder / "labels.pdf"))
        stage.radar(
            "centre", "label", "sheet", *codes, "--book", str(stage.folder / "book"), *paper
        )
    else:
        stage.tell(
            N_("    No font here has all the letters of their names, so the sheet is left out.")
        )
    photos = [
        stage.photo(f"checkpoint-{number}", book.label(target), number, BADNESS)
        for number, target in enumerate(targets, 1)
    ]
    stage.tell(N_("4. The centre goes down. The guard walks the round in a basement, offline."))
    stage.stop_centre()
    for photo in photos:
        stage.radar("guard", "scan", photo)
    stage.radar("guard", "sync", code=OFFLINE)
    stage.radar("guard", "status")


def _clean(stage: Stage, book: Book) -> None:
    stage.tell(N_("5. The cleaner: one scan, the checklist, done. Still offline."))
    stage.radar("cleaner", "scan", stage.photo("yard", book.label(YARD), 21, BADNESS))
    _answer_all(stage, "cleaner", CLEANING)
    stage.radar("cleaner", "done", CLEANING)


def _maintain(stage: Stage) -> None:
    stage.tell(N_("6. The engineer: the maker's bar code becomes the pump's tag, then the job."))
    barcode = stage.photo("serial", foreign_barcode(SERIAL), 22, 0.1)
    stage.radar("engineer", "bind", barcode, PUMP)
    stage.radar("engineer", "scan", barcode)
    stage.radar("engineer", "start", PUMPING)
    _answer_all(stage, "engineer", PUMPING)
    stage.radar("engineer", "note", PUMP, "Gland drips a little; packing ordered.")
    stage.radar("engineer", "done", PUMPING)


def _answer_all(stage: Stage, phone: str, task: str) -> None:
    """Answer the steps that the task asks for, a reading within its limits."""
    what = stage.quietly(phone, "query", f"task:{task}")["what"]
    for step in what["steps"]:
        if step.get("required"):
            low, high = step.get("min", 0), step.get("max", 10)
            choice = (step.get("choices") or [""])[0]
            values = {"check": "yes", "choice": choice, "text": "ok"}
            stage.radar(
                phone, "answer", task, step["id"], values.get(step["type"], f"{(low + high) / 2}")
            )


def _close(stage: Stage) -> None:
    stage.tell(N_("7. The centre is back. Every phone syncs; a second sync costs one round trip."))
    stage.start_centre()
    for phone in ("guard", "guard", "cleaner", "engineer", "manager"):
        stage.radar(phone, "sync")
    stage.tell(N_("8. What the manager sees, and one pump's history."))
    stage.radar("manager", "board", "HV")
    stage.radar("manager", "query", PUMP)
    stage.radar("guard", "log", "--verify")


def _next_steps(stage: Stage) -> list[str]:
    """Return commands for a shell, the first to be left running while the others are tried."""
    folder, radar = stage.folder, program()
    port = stage.url.rpartition(":")[2]
    photo = str(folder / "photos" / "checkpoint-1.jpg")
    steps = [("guard", "tasks"), ("guard", "scan", photo), ("engineer", "query", PUMP)]
    return [
        f"RADAR_CENTRE_HOME={quote(str(folder / 'centre'))} {radar} serve --port {port}",
        *(
            f"RADAR_HOME={quote(str(folder / 'phones' / phone))} {radar} {join(words)}"
            for phone, *words in [*steps, ("manager", "board")]
        ),
    ]
