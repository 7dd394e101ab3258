"""The grammar of `radar scan`, for Typer."""

from typing import Annotated

import typer

from radar_cli.parsing import lacking, session_of, wrong_words
from radar_core.failures import N_
from scanners.apart import PICTURE_MS


def scan(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE...", help=N_("Picture files, a folder, a code, or -.")),
    ] = None,
    task: Annotated[
        str, typer.Option("--task", metavar="ID", help=N_("The task that you are doing."))
    ] = "",
    budget_ms: Annotated[
        int,
        typer.Option(
            "--budget-ms", metavar="N", min=1, max=60_000, help=N_("How long to look at a picture.")
        ),
    ] = PICTURE_MS,
    position: Annotated[
        str,
        typer.Option(
            "--position", metavar="LAT,LON,M", help=N_("Where you are, to how many metres.")
        ),
    ] = "",
    *,
    camera: Annotated[
        bool, typer.Option("--camera", help=N_("Look through the camera, for 20 s at most."))
    ] = False,
    device: Annotated[
        str, typer.Option("--device", metavar="NAME", help=N_("Which camera; else the first."))
    ] = "",
    clipboard: Annotated[
        bool, typer.Option("--clipboard", help=N_("Scan the picture or code that was copied."))
    ] = False,
) -> int:
    from radar_cli.fast import run_scan
    from radar_cli.live import look_into_clipboard, look_through_camera

    session = session_of(context)
    session.budget_ms = budget_ms
    if position:
        from radar_cli.positions import said

        session.position = said(position)
    asked = {"--clipboard": clipboard, "--camera": camera, "SOURCE...": bool(sources)}
    given = [word for word, there in asked.items() if there]
    if len(given) > 1:
        raise wrong_words("scan", given)
    if device and not camera:
        raise wrong_words("scan", ["--device", *given])
    if camera:
        return look_through_camera(session, device, task)
    if clipboard:
        return look_into_clipboard(session, task)
    if not sources:
        raise lacking("scan", "SOURCE...")
    return run_scan(session, sources, task)
