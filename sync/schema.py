"""The tables of the phone's replica: what was done here, what came down, and how far."""

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE epoch(
  name TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, genesis BLOB NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0, receipted INTEGER NOT NULL DEFAULT 0, receipt TEXT
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
  PRIMARY KEY(epoch, seq)
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
"""
