"""`radar assign TASK STAFF`: a supervisor gives a task to somebody, or to whose turn it is."""

from commands.phone import Phone
from commands.thing import names_of
from commands.work import about, check_fits, led_task, worked
from radar_core.answers import Answer
from radar_core.dispatch import next_person
from radar_core.failures import Failure, N_
from radar_core.jsontext import decode_object
from radar_core.tasks import Task


def assign(phone: Phone, word: str, staff: str | None = None) -> Answer:
    """Record whose task it is now; without a name, that of whoever is next in turn."""
    with phone.transaction():
        task, progress = led_task(phone, word, "assign")
        check_fits(phone, task, progress, "assign")
        to = known_person(phone, task, staff) if staff is not None else _next(phone, task)
        recorded = None
        if to != progress.assignee:
            body = about(task) | {"to": to}
            moment = phone.workplace.clock()
            recorded = phone.write("assign", task.id, task.project, body, moment)
    answer = worked(phone, "assigned", task.id, recorded)
    answer.data["assignee"] = names_of(phone, to)
    return answer


def roles_in(phone: Phone, project: str) -> dict[str, object]:
    """Return the roles of each person of a project."""
    rows = phone.journal.connection.execute(
        "SELECT id, body FROM record WHERE kind = 'staff' AND project = ? ORDER BY id", (project,)
    )
    return {id_: decode_object(body).get("roles") for id_, body in rows}


def known_person(phone: Phone, task: Task, staff: str) -> str:
    """Return the id of somebody of a task's project; raise Failure `unknown_person`."""
    people = roles_in(phone, task.project)
    if staff in people:
        return staff
    raise Failure(
        "unknown_person",
        N_("Nobody called {staff} works in {project}. Nothing was saved."),
        N_("There are: {people}"),
        staff=staff[:80],
        project=task.project,
        people=", ".join(of_role(people, task.role) or people) or "-",
    )


def _next(phone: Phone, task: Task) -> str:
    people = of_role(roles_in(phone, task.project), task.role)
    orders = phone.work_orders(task.project)
    found = next_person(people, [progress for other, progress in orders if other.id != task.id])
    if found is None:
        raise Failure(
            "nobody_there",
            N_("Nobody in {project} is {role}. Nothing was saved."),
            N_("Name somebody: radar assign {task} STAFF"),
            project=task.project,
            role=task.role,
            task=task.id,
        )
    return found


def of_role(people: dict[str, object], role: str) -> list[str]:
    """Return those of some people, by their roles, who have one of them."""
    return [who for who, roles in people.items() if isinstance(roles, list) and role in roles]
