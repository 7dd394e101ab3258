"""The staff of the district, with names that no real person was asked for."""

from collections.abc import Iterator

from radar_core.west_coast.chance import pick
from radar_core.west_coast.parameters import Cells, District, Project

_SURNAMES = (
    ("Wang", "王"), ("Li", "李"), ("Zhang", "张"), ("Liu", "刘"), ("Chen", "陈"),
    ("Yang", "杨"), ("Zhao", "赵"), ("Huang", "黄"), ("Zhou", "周"), ("Wu", "吴"),
    ("Xu", "徐"), ("Sun", "孙"), ("Hu", "胡"), ("Zhu", "朱"), ("Gao", "高"),
    ("Lin", "林"), ("He", "何"), ("Guo", "郭"), ("Ma", "马"), ("Luo", "罗"),
    ("Liang", "梁"), ("Song", "宋"), ("Zheng", "郑"), ("Xie", "谢"), ("Han", "韩"),
)  # fmt: skip
_GIVEN = (
    ("Jianguo", "建国"), ("Weimin", "为民"), ("Guoqiang", "国强"), ("Haitao", "海涛"),
    ("Zhiyuan", "志远"), ("Xiaoming", "晓明"), ("Yong", "勇"), ("Jun", "军"), ("Lei", "磊"),
    ("Peng", "鹏"), ("Tao", "涛"), ("Bo", "波"), ("Hui", "辉"), ("Chao", "超"), ("Gang", "刚"),
    ("Xiufang", "秀芳"), ("Guihua", "桂花"), ("Yulan", "玉兰"), ("Chunmei", "春梅"),
    ("Xiaohong", "晓红"), ("Li", "丽"), ("Min", "敏"), ("Jing", "静"), ("Yan", "燕"),
    ("Xue", "雪"), ("Meiling", "美玲"), ("Shufen", "淑芬"), ("Aihua", "爱华"), ("Ting", "婷"),
    ("Yuzhen", "玉珍"),
)  # fmt: skip


def staff(district: District) -> Iterator[Cells]:
    """Yield the staff: those of each project, the district's manager, the administrator.

    No two have the same name.
    """
    taken: set[str] = set()
    for name, role, projects in _posts(district):
        english, chinese = _name(district.seed, name, taken)
        taken.add(chinese)
        yield {
            "id": name, "name": english, "name_zh": chinese, "roles": role, "projects": projects
        }  # fmt: skip


def _posts(district: District) -> Iterator[tuple[str, str, str]]:
    """Yield id, role and projects of each post."""
    for project in district.projects:
        for letter, role, count in _headcount(project):
            for number in range(1, count + 1):
                yield f"{project.id}-{letter}{number:02}", role, project.id
    everywhere = ";".join(project.id for project in district.projects)
    yield f"{district.id}-M01", "manager", everywhere
    yield f"{district.id}-A01", "admin", everywhere


def _headcount(project: Project) -> tuple[tuple[str, str, int], ...]:
    return (
        ("G", "guard", project.guards),
        ("C", "cleaner", project.cleaners),
        ("E", "engineer", project.engineers),
        ("S", "supervisor", project.supervisors),
    )


def _name(seed: str, post: str, taken: set[str]) -> tuple[str, str]:
    attempt = 0
    while True:
        surname = pick(_SURNAMES, seed, f"surname:{post}:{attempt}")
        given = pick(_GIVEN, seed, f"given:{post}:{attempt}")
        if surname[1] + given[1] not in taken:
            return f"{surname[0]} {given[0]}", surname[1] + given[1]
        attempt += 1
