/** The schema, one step a version; a step that has been released is never changed. Keep to SQL that PostgreSQL reads too. */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE snapshot (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('region', 'catalog', 'offer')),
  number INTEGER NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at TEXT NOT NULL,
  actor TEXT NOT NULL,
  host TEXT NOT NULL,
  sources TEXT NOT NULL,
  summary TEXT NOT NULL,
  UNIQUE (kind, number)
);
CREATE UNIQUE INDEX snapshot_active ON snapshot (kind) WHERE active = 1;

CREATE TABLE region (
  snapshot INTEGER NOT NULL REFERENCES snapshot (id),
  region_key TEXT NOT NULL,
  ags TEXT,
  name TEXT NOT NULL,
  type TEXT,
  inhabitants INTEGER,
  area_ha INTEGER,
  postcode TEXT,
  seat TEXT,
  gemeindefrei INTEGER NOT NULL,
  carried_over TEXT NOT NULL,
  PRIMARY KEY (snapshot, region_key)
) WITHOUT ROWID;

CREATE TABLE ozg_leistung (
  snapshot INTEGER NOT NULL REFERENCES snapshot (id),
  ozg_id TEXT NOT NULL,
  name TEXT NOT NULL,
  themenfeld TEXT,
  lage TEXT,
  PRIMARY KEY (snapshot, ozg_id)
) WITHOUT ROWID;

CREATE TABLE leistung (
  snapshot INTEGER NOT NULL REFERENCES snapshot (id),
  leika_key TEXT NOT NULL,
  name TEXT NOT NULL,
  name2 TEXT,
  typen TEXT NOT NULL,
  synonyms TEXT NOT NULL,
  kurztext TEXT,
  rechtsgrundlage TEXT,
  sdg TEXT NOT NULL,
  PRIMARY KEY (snapshot, leika_key)
) WITHOUT ROWID;

CREATE TABLE bundle (
  snapshot INTEGER NOT NULL REFERENCES snapshot (id),
  ozg_id TEXT NOT NULL,
  leika_key TEXT NOT NULL,
  PRIMARY KEY (snapshot, ozg_id, leika_key)
) WITHOUT ROWID;

CREATE TABLE offer (
  snapshot INTEGER NOT NULL REFERENCES snapshot (id),
  region_key TEXT NOT NULL,
  leika_key TEXT NOT NULL,
  number INTEGER NOT NULL,
  reifegrad INTEGER NOT NULL,
  reifegrad_assumed INTEGER NOT NULL,
  url TEXT NOT NULL,
  authority TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  PRIMARY KEY (snapshot, region_key, leika_key, number)
) WITHOUT ROWID;

-- What a coverage report reads instead of the offers: per region the best Reifegrad of each key, packed.
CREATE TABLE offer_cells (
  snapshot INTEGER NOT NULL REFERENCES snapshot (id),
  region_key TEXT NOT NULL,
  cells BLOB NOT NULL,
  dated BLOB NOT NULL,
  PRIMARY KEY (snapshot, region_key)
);

CREATE TABLE offer_keys (
  snapshot INTEGER PRIMARY KEY REFERENCES snapshot (id),
  leika_keys TEXT NOT NULL
);

-- The local portal. A document holds what its key does not; write_key is the idempotency key of the last write.
CREATE TABLE network (
  portal TEXT NOT NULL,
  account TEXT NOT NULL,
  document TEXT NOT NULL,
  write_key TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (portal, account)
) WITHOUT ROWID;

CREATE TABLE tenant (
  portal TEXT NOT NULL,
  ars TEXT NOT NULL,
  account TEXT NOT NULL,
  document TEXT NOT NULL,
  write_key TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (portal, ars),
  FOREIGN KEY (portal, account) REFERENCES network (portal, account)
) WITHOUT ROWID;

-- Slugs and host names of all tenants: one of them belongs to one tenant of a portal, checked at the end of a batch.
CREATE TABLE tenant_name (
  portal TEXT NOT NULL,
  name TEXT NOT NULL,
  ars TEXT NOT NULL,
  PRIMARY KEY (portal, name, ars)
) WITHOUT ROWID;
CREATE INDEX tenant_name_owner ON tenant_name (portal, ars);
`,
  `
-- Work that is done item by item: applies today, migrations and health checks too. The one journal of all of them.
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  command TEXT NOT NULL,
  actor TEXT NOT NULL,
  host TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done', 'partial', 'cancelled', 'superseded')),
  reason TEXT,
  options TEXT NOT NULL,
  cancel_requested INTEGER NOT NULL CHECK (cancel_requested IN (0, 1))
);
CREATE INDEX run_scope ON run (scope, state);

-- wave: items of a later wave wait for the earlier. lease_until and next_at: milliseconds of the clock in lease.ts.
CREATE TABLE run_item (
  run INTEGER NOT NULL REFERENCES run (id),
  ordinal INTEGER NOT NULL,
  wave INTEGER NOT NULL,
  item_key TEXT NOT NULL,
  name TEXT NOT NULL,
  action TEXT NOT NULL,
  input TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('pending', 'running', 'unknown', 'done', 'already', 'failed', 'cancelled')),
  epoch INTEGER NOT NULL,
  owner TEXT,
  lease_until INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  reason TEXT,
  PRIMARY KEY (run, ordinal)
) WITHOUT ROWID;
CREATE INDEX run_item_state ON run_item (run, state, wave);

-- Append only: an intent is written before its request leaves, an outcome after its answer. None means unknown.
CREATE TABLE effect (
  run INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  intent_at TEXT NOT NULL,
  intent_by TEXT NOT NULL,
  outcome TEXT,
  outcome_at TEXT,
  reason TEXT,
  PRIMARY KEY (run, ordinal, epoch),
  FOREIGN KEY (run, ordinal) REFERENCES run_item (run, ordinal)
) WITHOUT ROWID;

-- One holder of a scope at a time. The epoch never goes down, whoever holds it.
CREATE TABLE lock (
  scope TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  holder TEXT,
  run INTEGER,
  actor TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL,
  boot TEXT NOT NULL,
  operation TEXT NOT NULL,
  since TEXT NOT NULL,
  lease_until INTEGER NOT NULL
) WITHOUT ROWID;

-- Who did what. Each row carries the hash of the row before it, so that none can be changed or taken out unseen.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  host TEXT NOT NULL,
  command TEXT NOT NULL,
  event TEXT NOT NULL,
  scope TEXT NOT NULL,
  run INTEGER,
  detail TEXT NOT NULL,
  hash TEXT NOT NULL
);
`,
  `
-- Connectors that were asked, each address once. tenants: JSON list of the keys of all that it serves; affects: JSON.
-- Times of health are milliseconds since 1970.
CREATE TABLE health_endpoint (
  id TEXT PRIMARY KEY,
  connector TEXT NOT NULL,
  title TEXT NOT NULL,
  system TEXT,
  kind TEXT NOT NULL,
  url TEXT NOT NULL,
  affects TEXT NOT NULL,
  tenants TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) WITHOUT ROWID;

-- One row as long as a part of an endpoint stays as it is and the checks do not pause for too long.
CREATE TABLE health_interval (
  endpoint TEXT NOT NULL REFERENCES health_endpoint (id) ON DELETE CASCADE,
  part TEXT NOT NULL CHECK (part IN ('service', 'certificate')),
  started_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('ok', 'warning', 'critical', 'unknown')),
  checks INTEGER NOT NULL,
  summary TEXT NOT NULL,
  PRIMARY KEY (endpoint, part, started_at)
) WITHOUT ROWID;
`,
  `
-- chained: begins only when the item before it in its run is done; when that fails, so do all that hang on it. memo: what an
-- undo needs, written before the first effect. output: what later items may use.
ALTER TABLE run_item ADD COLUMN chained INTEGER NOT NULL DEFAULT 0 CHECK (chained IN (0, 1));
ALTER TABLE run_item ADD COLUMN memo TEXT;
ALTER TABLE run_item ADD COLUMN output TEXT;
ALTER TABLE run ADD COLUMN pause_requested INTEGER NOT NULL DEFAULT 0 CHECK (pause_requested IN (0, 1));

-- A migration that has run for a tenant, as it was then; frozen, see docs/migrations.md.
CREATE TABLE migration (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  document TEXT NOT NULL,
  frozen_at TEXT NOT NULL,
  frozen_by TEXT NOT NULL
) WITHOUT ROWID;

-- Who said yes to a step of a run, for all of its tenants.
CREATE TABLE approval (
  run INTEGER NOT NULL REFERENCES run (id),
  step TEXT NOT NULL,
  actor TEXT NOT NULL,
  host TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (run, step)
) WITHOUT ROWID;

-- How far a transfer of records is. cursor: where the page under way begins; mark: where its target stood then.
CREATE TABLE transfer (
  run INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('copy', 'compare', 'verify', 'done')),
  pass INTEGER NOT NULL,
  cursor TEXT,
  mark TEXT,
  counts TEXT NOT NULL,
  report TEXT,
  PRIMARY KEY (run, ordinal),
  FOREIGN KEY (run, ordinal) REFERENCES run_item (run, ordinal)
) WITHOUT ROWID;

-- Each record of a transfer, in the order of the source. No contents: only keys and hashes. pass: when it was seen last.
CREATE TABLE transfer_record (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  record_key TEXT NOT NULL,
  hash BLOB NOT NULL,
  content_hash BLOB,
  state TEXT NOT NULL CHECK (state IN ('created', 'replaced', 'written', 'same', 'quarantined', 'removed')),
  pass INTEGER NOT NULL,
  reason TEXT
);
CREATE UNIQUE INDEX transfer_record_key ON transfer_record (run, ordinal, record_key);

-- What a region offers under a LeiKa key counts under another one.
CREATE TABLE leistung_remap (
  region_key TEXT NOT NULL,
  from_key TEXT NOT NULL,
  to_key TEXT NOT NULL,
  run INTEGER,
  PRIMARY KEY (region_key, from_key)
) WITHOUT ROWID;

-- Offers of a region count for the one that it has become, until an import calls it so itself.
CREATE TABLE region_rekey (
  from_key TEXT PRIMARY KEY,
  to_key TEXT NOT NULL,
  run INTEGER
) WITHOUT ROWID;
`,
  `
-- Who holds a scope is known by more than its name, see holder.ts. From here on leases and due times are milliseconds since
-- 1970 on the clock of the store. lease_ms: how long the lease is; renewed_at: when it was renewed, on the uptime of its
-- holder. Both are missing where a process of a former version still holds the scope: its lease_until is of its uptime.
ALTER TABLE lock ADD COLUMN machine TEXT NOT NULL DEFAULT '';
ALTER TABLE lock ADD COLUMN namespace TEXT NOT NULL DEFAULT '';
ALTER TABLE lock ADD COLUMN lease_ms INTEGER;
ALTER TABLE lock ADD COLUMN renewed_at INTEGER;
`,
  `
-- How often the clock was found set back: an era ends with it. By the clock, from the first to the last time that health was
-- recorded in it. passed: milliseconds that were seen to pass until then, a leap of the clock cut short.
CREATE TABLE health_clock (
  era INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  passed INTEGER NOT NULL
);
INSERT INTO health_clock (era, started_at, last_at, passed)
  SELECT 0, min(first_at), max(last_at),
    coalesce((SELECT max(last_at) FROM health_interval WHERE last_at <= 1000 * unixepoch()), max(last_at))
  FROM health_endpoint HAVING count(*) > 0;

-- passed: when it was recorded last.
ALTER TABLE health_endpoint ADD COLUMN passed INTEGER NOT NULL DEFAULT 0;
UPDATE health_endpoint SET passed = min(last_at, (SELECT passed FROM health_clock));

-- The same with the era, by which the order is that of recording.
CREATE TABLE health_interval_of_era (
  endpoint TEXT NOT NULL REFERENCES health_endpoint (id) ON DELETE CASCADE,
  part TEXT NOT NULL CHECK (part IN ('service', 'certificate')),
  era INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('ok', 'warning', 'critical', 'unknown')),
  checks INTEGER NOT NULL,
  summary TEXT NOT NULL,
  passed INTEGER NOT NULL,
  PRIMARY KEY (endpoint, part, era, started_at)
) WITHOUT ROWID;
INSERT INTO health_interval_of_era
  SELECT endpoint, part, 0, started_at, last_at, status, checks, summary,
    min(last_at, (SELECT passed FROM health_clock))
  FROM health_interval;
DROP TABLE health_interval;
ALTER TABLE health_interval_of_era RENAME TO health_interval;
`,
]
