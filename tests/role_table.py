"""Writes the pages of roles anew, from the table that decides: python -m tests.role_table

docs/roles.md, docs/zh/roles.md = page(English), page(Chinese)
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from radar_core.permissions import (
    ASKED,
    DECISIONS,
    OWN_REPORT,
    PUBLIC,
    REVOKED,
    ROLES,
    WORK,
    may_ask,
    may_record,
)
from tests.house import ROOT

RECORDS = {
    "scan": ("scan", "a tag, a place", "扫码"),
    "start": ("start", "begin", "开始"),
    "hold": ("hold", "let a work order rest, with the reason", "搁置工单并说明原因"),
    "resume": ("resume", "go on with it", "继续"),
    "answer": ("answer", "an answer to a step", "回答步骤"),
    "reading": ("answer", "a reading", "读数"),
    "note": ("note", "a note", "备注"),
    "photo": ("photo", "a photograph", "拍照"),
    "part": ("part", "a part that was used", "所用配件"),
    "sign": ("sign", "a signature", "签名"),
    "complete": ("done", "it is done", "完成"),
    "end_early": ("end", "leave it unfinished, with the reason", "提前结束并说明原因"),
    "report": ("report", "something is wrong or wanted", "报事报修"),
    "correct": (
        "correct",
        "take back one's own record; another's stays",
        "更正自己的记录；别人的不变",
    ),
    "bind_tag": ("bind", "a code stands for a place or an asset", "绑定标签"),
    "accept": ("accept", "take on work", "接受任务"),
    "decline": ("decline", "not take on what one was given", "拒绝派给自己的任务"),
    "handover": ("handover", "hand a round over", "交接巡逻"),
    "shift_start": ("shift start", "a shift begins", "上班"),
    "shift_end": ("shift end", "a shift ends", "下班"),
    "sign_in": ("badge", "somebody takes a shared phone in hand", "在共用手机上登录"),
    "sign_out": ("lock", "they leave it", "退出登录"),
    "assign": ("assign", "give work to somebody", "派工"),
    "verify": ("verify", "it was done well", "验收通过"),
    "reject": ("reject", "it was not", "验收不通过"),
    "reopen": ("reopen", "open it again", "重新打开"),
    "cancel": ("cancel", "it need not be done", "取消"),
    "excuse": ("excuse", "nobody has to answer for it", "免责"),
    "rate": ("rate", "stars for it", "评分"),
    "replace_tag": ("", "another tag takes its place", "更换标签"),
    "retire_tag": ("", "a tag is out of use", "停用标签"),
}
"""What each kind of action says, in both languages, after the verb that records it, if any."""
QUESTIONS = {
    "sync": ("POST /v1/sync", "hand over, and hear of the projects", "上传记录并接收项目数据"),
    "listen": ("GET /v1/events", "hear that a project moved", "接收项目变动通知"),
    "bring_blob": (
        "PUT /v1/blobs/…",
        "bring a photo that one's record names",
        "上传自己记录中的照片",
    ),
    "show_blob": ("GET /v1/blobs/…", "see a photo of the project", "查看项目照片"),
    "board": ("GET /v1/board", "the board", "看板"),
    "query": ("GET /v1/query", "all that is known of a thing", "查询对象的全部信息"),
    "figures": ("GET /v1/figures", "the figures of a month", "月度指标"),
    "decide": (
        "radar admin quarantine release",
        "decide on what lies in quarantine",
        "处理隔离区中的记录",
    ),
    "enrol": ("POST /v1/enrol", "enrol a phone, with its code", "凭注册码注册手机"),
    "authority": (
        "GET /v1/authority",
        "the certificate by which the centre is known",
        "中心的证书机构",
    ),
    "health": ("GET /v1/health", "whether the centre answers", "中心是否在线"),
    "openapi": ("GET /openapi.json", "what may be asked, and how", "接口说明"),
}
"""What each question is: how it is asked, and in both languages."""


PAGES = {
    "docs/roles.md": (1, ("", "what", "verb, request", *ROLES)),
    "docs/zh/roles.md": (
        2,
        ("", "内容", "命令、请求", "保安", "保洁员", "工程师", "主管", "经理", "管理员"),
    ),
}
"""Each page: which of a row's texts are in its language, and the head of its tables."""
PLACES = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- / -->)", re.DOTALL)
"""Where a page has what is written here."""

Ask = Callable[[Collection[str], str], bool]
Texts = Mapping[str, Sequence[str]]


def renewed(path: str) -> str:
    """Return a page with the tables as they are now."""
    which, head = PAGES[path]
    recorded = {
        kind: (f"radar {verb}" * bool(verb), *said) for kind, (verb, *said) in RECORDS.items()
    }
    parts = {
        "work": _table(head, which, _some(recorded, WORK), may_record),
        "decisions": _table(head, which, _some(recorded, DECISIONS), may_record),
        "asked": _table(head, which, _some(QUESTIONS, ASKED), may_ask),
        "public": _table(head[:3], which, _some(QUESTIONS, PUBLIC), None),
        "revoked": _table(head[:3], which, _some(QUESTIONS, REVOKED), None),
    }
    text = (ROOT / path).read_text(encoding="utf-8")
    assert {name for _, name, _ in PLACES.findall(text)} == set(parts)
    return PLACES.sub(lambda found: found[1] + "\n".join(parts[found[2]]) + "\n" + found[3], text)


def _some(texts: Texts, names: Collection[str]) -> Texts:
    return {name: said for name, said in texts.items() if name in names}


def _table(head: Sequence[str], which: int, texts: Texts, ask: Ask | None) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---|---|---|" + ":-:|" * len(head[3:])
    for name, said in texts.items():
        cells = [_cell(ask, role, name) for role in ROLES] if ask is not None else []
        how = f"`{said[0]}`" if said[0] else ""
        yield f"| {' | '.join([f'`{name}`', said[which], how, *cells])} |"


def _cell(ask: Ask, role: str, name: str) -> str:
    return "✓" if ask([role], name) else "(✓)" if name in OWN_REPORT else "–"


if __name__ == "__main__":
    for page in PAGES:
        (ROOT / page).write_text(renewed(page), encoding="utf-8")
