"""The tables of the phone's replica: what was done here, what came down, and how far.

An action of the phone's own has a `hash`, anybody else's has none. An epoch is `closed` at the last
number that this phone wrote in it, where a restored copy went on in another one; `moved` keeps the
lines that were appended anew there, as they were. What an own action touches is a row of `touch`
each; other people's come by the thousand, so `mention` has one row for all the numbers in which a
page names a reference, with the latest stamp among them. `blob` has what `sync.blobs` keeps.
"""

SCHEMA_VERSION = 4
SEALING = "sealing"
"""Stands for the version in a database that is being encrypted, or whose encrypting was cut off."""

RESTORED, AGAIN = "restored", "again"
LAST_RESTORED = "last_restored"
"""Where `meta` keeps what the person is to hear after the centre lost something.

What was heard stays as `LAST_RESTORED`: how many actions went up again, and when the backup is of.
"""
REFUSED = "refused"
"""Where `meta` keeps why the centre knows this phone no more, until it is enrolled anew."""

MOVED = """
CREATE TABLE moved(
  epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, line TEXT NOT NULL,
  to_epoch TEXT NOT NULL, to_seq INTEGER NOT NULL, PRIMARY KEY(to_epoch, to_seq)
) WITHOUT ROWID
"""

MENTION = """
CREATE TABLE mention(
  ref TEXT NOT NULL, project TEXT NOT NULL, epoch TEXT NOT NULL, first INTEGER NOT NULL,
  latest TEXT NOT NULL, seqs TEXT NOT NULL, PRIMARY KEY(ref, project, epoch, first)
) WITHOUT ROWID
"""

BLOB = """
CREATE TABLE blob(
  sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, arrived_s INTEGER,
  lost INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID
"""

GATHER = """
INSERT INTO mention
  SELECT ref, project, epoch, min(seq), max(touch.hlc), json_group_array(seq)
  FROM touch JOIN action USING (epoch, seq) WHERE hash IS NULL GROUP BY ref, project, epoch
"""

UNTOUCH = """
DELETE FROM touch WHERE (epoch, seq) IN (SELECT epoch, seq FROM action WHERE hash IS NULL)
"""

SCHEMA = f"""
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE epoch(
  name TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, genesis BLOB NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0, receipted INTEGER NOT NULL DEFAULT 0, receipt TEXT,
  closed INTEGER, parent TEXT
) WITHOUT ROWID;
CREATE TABLE action(
  epoch TEXT NOT NULL, seq INTEGER NOT NULL, hlc TEXT NOT NULL, project TEXT NOT NULL,
  hash BLOB, line TEXT NOT NULL, PRIMARY KEY(epoch, seq)
) WITHOUT ROWID;
CREATE TABLE touch(
  ref TEXT NOT NULL, hlc TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(ref, hlc, epoch, seq)
) WITHOUT ROWID;
CREATE TABLE quarantine(
  epoch TEXT NOT NULL, seq INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'kept', PRIMARY KEY(epoch, seq)
) WITHOUT ROWID;
CREATE TABLE record(
  kind TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(kind, id, project)
) WITHOUT ROWID;
CREATE INDEX record_project ON record(project);
CREATE INDEX action_project ON action(project);
CREATE TABLE cursor(
  project TEXT PRIMARY KEY, pos INTEGER NOT NULL, count INTEGER NOT NULL, sum TEXT NOT NULL
) WITHOUT ROWID;
{MOVED};
{MENTION};
{BLOB};
"""

ACTIONS_ON = (
    "SELECT epoch, line FROM (SELECT epoch, seq FROM touch WHERE ref = ?1 UNION"
    " SELECT epoch, value FROM mention, json_each(seqs) WHERE ref = ?1)"
    " CROSS JOIN action USING (epoch, seq)"
)
"""All that touches a reference; the order is still to be added.

CROSS JOIN keeps SQLite from going through all the log (law 7), as it does for pairs IN a list.
"""

MENTIONED = (
    "INSERT INTO mention VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " latest = max(latest, excluded.latest), seqs = (SELECT json_group_array(value) FROM ("
    "SELECT value FROM json_each(mention.seqs) UNION SELECT value FROM json_each(excluded.seqs)))"
)
"""Notes what one page names; where a page begins again at the same action, both its lists count."""

UPGRADES = {
    "1": (
        "ALTER TABLE epoch ADD COLUMN closed INTEGER",
        "ALTER TABLE epoch ADD COLUMN parent TEXT",
        "ALTER TABLE quarantine ADD COLUMN state TEXT NOT NULL DEFAULT 'kept'",
        MOVED,
        "UPDATE meta SET value = '2' WHERE key = 'schema'",
    ),
    "2": (
        MENTION,
        GATHER,
        UNTOUCH,
        "UPDATE meta SET value = '3' WHERE key = 'schema'",
    ),
    "3": (BLOB, "UPDATE meta SET value = '4' WHERE key = 'schema'"),
}
"""What brings a database from the schema that is the key to the next one, in one transaction."""
