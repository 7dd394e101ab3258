"""West Coast district: the example site book, made from a few parameters, always the same."""

from radar_core.book_forms import FORMS, sheet_of
from radar_core.book_sheet import Sheet
from radar_core.west_coast.assets import assets
from radar_core.west_coast.checklists import CHECKLISTS
from radar_core.west_coast.codes import tags
from radar_core.west_coast.parameters import WEST_COAST, Cells, District
from radar_core.west_coast.people import staff
from radar_core.west_coast.places import places
from radar_core.west_coast.routes import routes
from radar_core.west_coast.schedules import CALENDAR, holidays, schedules
from radar_core.west_coast.trade import WORKING_HOURS, deadlines, meters, orders


def west_coast(parameters: District = WEST_COAST) -> list[Sheet]:
    """Return the sheets of the example, ready to be imported."""
    rows: dict[str, list[Cells]] = {form.name: [] for form in FORMS}
    rows["districts"] = [
        {
            "id": parameters.id,
            "name": parameters.name,
            "name_zh": parameters.name_zh,
            "domain": parameters.domain,
        }
    ]
    rows["checklists"] = list(CHECKLISTS)
    for project in parameters.projects:
        here, things = list(places(project)), list(assets(project))
        rows["projects"].append(
            {
                "id": project.id,
                "district": parameters.id,
                "name": project.name,
                "name_zh": project.name_zh,
                "timezone": parameters.timezone,
                "hours": WORKING_HOURS,
                "calendar": CALENDAR,
            }
        )
        rows["places"] += here
        rows["assets"] += things
        rows["tags"] += tags(parameters, project, here, things)
        rows["routes"] += routes(project)
        rows["schedules"] += schedules(project, parameters.start)
        rows["meters"] += meters(project)
        rows["orders"] += orders(project)
        rows["sla"] += deadlines(project)
    rows["holidays"] = list(holidays())
    rows["staff"] = list(staff(parameters))
    return [sheet_of(form, rows[form.name]) for form in FORMS]
