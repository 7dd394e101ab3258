"""Where a task stands, as an answer tells it: the same on the phone and at the centre."""

from radar_core.tasks import UNSCORED, Progress, Task, unanswered


def standing(task: Task, progress: Progress) -> dict[str, object]:
    """Return a task's role and person, parts, times, scores, steps with answers, and its marks."""
    return {
        "role": task.role,
        "staff": progress.staff or task.staff or None,
        "category": task.category or None,
        "priority": progress.priority or task.priority or None,
        "reason": progress.reason or None,
        "score": progress.score if progress.score != UNSCORED else None,
        "rating": progress.rating if progress.rating != UNSCORED else None,
        "labour_min": progress.labour_s // 60,
        "held_min": progress.held_s // 60,
        "parts": progress.parts,
        "steps": [step | {"answer": progress.answers.get(str(step["id"]))} for step in task.steps],
        "open_steps": unanswered(task, progress),
        "marks": progress.marks,
    }
