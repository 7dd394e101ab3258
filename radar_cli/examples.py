"""What people are shown first in every help: lines to type, from the demonstration's own book."""

from radar_core.failures import N_

Examples = tuple[tuple[str, str], ...]

EXAMPLES: dict[str, Examples] = {
    "": (
        ("radar demo", N_("See it all work, on this machine.")),
        ("radar tasks", N_("What is due for you?")),
        ("radar scan 2Z95-QKPN-PVG", N_("You are at this tag.")),
    ),
    "scan": (
        ("radar scan photo.jpg", N_("A picture of a tag.")),
        ("radar scan 2Z95-QKPN-PVG", N_("The code printed below it.")),
        ("radar scan -", N_("A hand scanner: one code a line.")),
        ("radar scan --camera", N_("A tag held before the camera.")),
    ),
    "tasks": (
        ("radar tasks", N_("What is due for you?")),
        ("radar tasks --ical mine.ics", N_("Your month, in your own calendar.")),
    ),
    "start": (("radar start HV-M-PUMP", N_("The beginning of a task's id is enough.")),),
    "answer": (
        ("radar answer HV-M-PUMP leak yes", N_("A check.")),
        ("radar answer HV-M-PUMP pressure 4.75", N_("A reading.")),
    ),
    "report": (
        ('radar report HV-PUMP1 "drips a little"', N_("What is wrong, at an asset.")),
        (
            'radar report tag.jpg "No soap left" --category supplies',
            N_("What is wanted, at the place of a tag."),
        ),
    ),
    "hold": (('radar hold repair:HV-PUMP1:1 "Seal ordered"', N_("Say why.")),),
    "resume": (("radar resume repair:HV-PUMP1:1", N_("The seal is here.")),),
    "part": (("radar part repair:HV-PUMP1:1 Seal 2", N_("Two seals were built in.")),),
    "assign": (
        ("radar assign repair:HV-PUMP1:1 HV-E01", N_("To somebody,")),
        ("radar assign repair:HV-PUMP1:1 --next", N_("or to whose turn it is.")),
    ),
    "verify": (("radar verify repair:HV-PUMP1:1 --score 90", N_("It is well done.")),),
    "reject": (('radar reject repair:HV-PUMP1:1 "Still wet"', N_("It is not.")),),
    "cancel": (('radar cancel repair:HV-PUMP1:1 "It was rain"', N_("Nobody has to come.")),),
    "reopen": (('radar reopen repair:HV-PUMP1:1 "Drips again"', N_("It was not enough.")),),
    "excuse": (('radar excuse HV-LOBBY "Floor is laid"', N_("It could not be done.")),),
    "rate": (("radar rate repair:HV-PUMP1:1 5", N_("Very well done.")),),
    "end": (
        ("radar end HV-R1 3", N_("You were called away,")),
        ('radar end HV-R1 "Lift is stuck"', N_("or in your own words.")),
    ),
    "correct": (
        ("radar correct last 1", N_("It was the wrong tag.")),
        ('radar correct 17 "Read it wrong"', N_("Number 17 of radar log.")),
    ),
    "handover": (
        ("radar handover HV-R1", N_("To the colleague who scans the code,")),
        ("radar handover HV-R1 HV-G02 --out code.png", N_("or to one by name, as a picture.")),
    ),
    "accept": (("radar accept repair:HV-PUMP1:1", N_("You take it on.")),),
    "decline": (("radar decline repair:HV-PUMP1:1 2", N_("You have no time.")),),
    "shift": (
        ("radar shift start", N_("First the post orders,")),
        ("radar shift end", N_("at last what was done.")),
    ),
    "note": (('radar note HV-PUMP1 "drips a little"', N_("A remark on an asset.")),),
    "photo": (
        ("radar photo HV-PUMP1 leak.jpg", N_("A picture of an asset.")),
        ("radar photo HV-M-PUMP after.jpg --step picture --after", N_("The answer of a step.")),
    ),
    "sign": (('radar sign HV-M-PUMP "Chen Jing" --picture sign.png', N_("With a picture of it.")),),
    "done": (
        ("radar done", N_("What is due where you last scanned.")),
        ("radar done HV-M-PUMP --minutes 20", N_("A task, and how long it took.")),
    ),
    "bind": (("radar bind serial.jpg HV-PUMP1", N_("The maker's bar code becomes the tag.")),),
    "label": (
        ("radar label sheet --book book.xlsx", N_("The tags of a site book.")),
        ("radar label new --domain r.example", N_("A blank one, to bind in the field.")),
    ),
    "label new": (
        ("radar label new --domain r.example --count 14", N_("A sheet of blank tags.")),
        ("radar label new --domain r.example --format roll-58", N_("One on a thermal roll.")),
    ),
    "label sheet": (
        ("radar label sheet --book book.xlsx", N_("At the office, all of them,")),
        ("radar label sheet HV-T1 --format L7160", N_("on a phone, a building's,")),
        (
            "radar label sheet HV-PUMP1 --format a4-2x3 --distance 0.4",
            N_("or one, to be read from afar."),
        ),
    ),
    "troubles": (
        ("radar troubles", N_("What is wrong, and what to do.")),
        ("radar troubles --seen 1", N_("You have seen the first,")),
        ("radar troubles --seen all", N_("or all of it.")),
    ),
    "log": (
        ("radar log --most 10", N_("The last ten actions.")),
        ("radar log --verify", N_("Was anything changed?")),
        ("radar log --verify --centre", N_("And at the centre?")),
    ),
    "receipt": (
        ("radar receipt", N_("The newest one, with the centre's key.")),
        ("radar receipt EA1B2C3D4E5F6.17 --out proof.json", N_("A proof of one action.")),
        ("radar receipt --verify proof.json --key HEX", N_("Anybody checks it.")),
    ),
    "query": (
        ("radar query HV-PUMP1", N_("An asset, and what was done to it.")),
        ("radar query 2Z95-QKPN-PVG", N_("A tag: what does it stand for?")),
        ("radar query HV-M-PUMP", N_("A task, step by step.")),
        ("radar query HV-G01 --centre", N_("A person, by all that the centre holds.")),
    ),
    "board": (
        ("radar board HV", N_("One project.")),
        ("radar board WC --watch", N_("A district, as it goes on.")),
        ("radar board --csv board.csv --bom", N_("All that is yours, for Excel.")),
    ),
    "enrol": (
        (
            "radar enrol https://centre.example 7VYG-6EVK-F87",
            N_("Address and code come from your supervisor."),
        ),
        ("radar enrol code.png", N_("A picture of the QR code that has both.")),
    ),
    "pin": (("radar pin", N_("It is asked for, and never a word of the command.")),),
    "unlock": (("radar unlock", N_("Before work.")),),
    "lock": (("radar lock", N_("Before you put the phone down.")),),
    "demo": (("radar demo --folder try", N_("Leaves everything in the new folder try.")),),
    "serve": (
        ("radar serve", N_("For this machine alone.")),
        ("radar serve cert --host centre.example", N_("First a certificate,")),
        ("radar serve --host 0.0.0.0", N_("then for phones in the same network.")),
    ),
    "serve cert": (
        ("radar serve cert --host centre.example", N_("For a name,")),
        ("radar serve cert", N_("or again, before it is a year old.")),
    ),
    "admin": (
        ("radar admin init", N_("First the centre,")),
        ("radar admin import book.xlsx", N_("then its site book,")),
        ("radar admin enrol-code HV-G01", N_("then a code for each phone.")),
    ),
    "admin init": (('radar admin init --name "West Coast"', N_("With a name of its own.")),),
    "admin import": (
        ("radar admin import book.xlsx --dry-run", N_("Look first,")),
        ("radar admin import book.xlsx", N_("then take it in.")),
    ),
    "admin export": (("radar admin export book.xlsx", N_("As a workbook.")),),
    "admin enrol-code": (
        ("radar admin enrol-code HV-G01 --hours 8", N_("Good for one shift.")),
        ("radar admin enrol-code HV-G01 --png code.png", N_("To be sent, or printed.")),
    ),
    "admin person": (
        ("radar admin person G1 --out G1.zip", N_("For whoever asks what is kept of them.")),
    ),
    "admin retain": (
        ("radar admin retain --dry-run", N_("What would go today; without it, it goes.")),
    ),
    "admin revoke": (("radar admin revoke D7ZDAZ1KCJDKJ", N_("A phone that was lost.")),),
    "admin quarantine": (
        ("radar admin quarantine list", N_("First look,")),
        ("radar admin quarantine release EA1B2C3D4E5F6.17", N_("then say yes")),
        ("radar admin quarantine reject EA1B2C3D4E5F6.18", N_("or no.")),
    ),
    "admin quarantine list": (("radar admin quarantine list --all", N_("With who decided what.")),),
    "admin quarantine release": (
        (
            "radar admin quarantine release EA1B2C3D4E5F6.17 --by HV-S01",
            N_("On a supervisor's word."),
        ),
    ),
    "admin quarantine reject": (
        (
            'radar admin quarantine reject EA1B2C3D4E5F6.18 --note "a test"',
            N_("The phone shows the note."),
        ),
    ),
}
"""Lines to type and what each is for, by verb; the empty verb is `radar` itself."""
