"""The verbs in their groups, and what each is for: all that `radar --help` has to load."""

from radar_core.failures import N_

Rows = tuple[tuple[str, str], ...]

GROUPS: tuple[tuple[str, Rows], ...] = (
    (
        N_("Your work:"),
        (
            ("scan", N_("Scan a tag: pictures, a code, a camera, or - for standard input.")),
            ("tasks", N_("What is due for you, soonest first.")),
            ("start", N_("Take a task in hand.")),
            ("answer", N_("Answer one step of a task's checklist, or give a reading.")),
            ("photo", N_("Keep a photo of a task, a place, an asset or a tag.")),
            ("sign", N_("Let somebody sign for a task.")),
            ("note", N_("Leave a remark on a task, a tag, a place or an asset.")),
            ("done", N_("Say that a task is complete.")),
            ("report", N_("Report what is wrong or wanted; reports on one thing come together.")),
            ("end", N_("End a round or a cleaning early, and say why.")),
            ("correct", N_("Take back a scan or an answer of your own.")),
            ("handover", N_("Hand a round to a colleague: their phone scans the code.")),
            ("shift", N_("Begin or end your shift, with the post orders.")),
        ),
    ),
    (
        N_("Work orders:"),
        (
            ("accept", N_("Take on what you were given.")),
            ("decline", N_("Do not take on what you were given, and say why.")),
            ("hold", N_("Put a task on hold, and say why.")),
            ("resume", N_("Go on with a task that was on hold.")),
            ("part", N_("Note what was built in or used up.")),
        ),
    ),
    (
        N_("For supervisors:"),
        (
            ("assign", N_("Give a task to somebody, or to whose turn it is.")),
            ("verify", N_("Say that finished work is well done.")),
            ("reject", N_("Send finished work back, and say why.")),
            ("cancel", N_("End a work order that is not needed after all.")),
            ("reopen", N_("Open a finished work order again.")),
            ("excuse", N_("Say why a round or cleaning was not to be done.")),
            ("rate", N_("Say how satisfied you are with finished work.")),
            ("board", N_("A district or a project on one screen, as the centre sees it.")),
        ),
    ),
    (
        N_("This phone:"),
        (
            ("sync", N_("Send what is unsent and fetch what is new.")),
            ("status", N_("Whose phone this is, what is unsent, how fresh everything is.")),
            ("troubles", N_("What is wrong with what you recorded, and what to do about it.")),
            ("log", N_("What this phone recorded, and what became of each action.")),
            ("receipt", N_("The centre's signed word on what it holds of you, for whoever asks.")),
            ("query", N_("What is known of a tag, place, asset, task or person.")),
            ("bind", N_("Make any code the tag of a place or an asset.")),
            ("label", N_("Print tags, as a PDF.")),
            ("badge", N_("Sign in on a shared phone, with badge and PIN.")),
            ("lock", N_("Sign out on a shared phone, lock an encrypted one.")),
            ("enrol", N_("Make this phone known to its centre, once.")),
            ("pin", N_("Encrypt this phone under a PIN, or change the PIN.")),
            ("unlock", N_("Open an encrypted phone with its PIN.")),
            ("doctor", N_("Is everything in order here, and if not, what to do.")),
        ),
    ),
    (
        N_("The centre, and trying it all:"),
        (
            ("demo", N_("See it all work: a centre, a district, a guard's shift.")),
            ("serve", N_("Run the centre, until Ctrl-C.")),
            ("admin", N_("Run the centre: its books, people and phones.")),
        ),
    ),
)
ABOUT = {verb: about for _, rows in GROUPS for verb, about in rows}
"""What each verb of the root is for."""
