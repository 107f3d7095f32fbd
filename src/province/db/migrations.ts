/**
 * The schema, step by step. Numbered in tens; a step that has been released is never edited, a new one is
 * added. Each runs in one transaction together with its mark in `schema_version` (./migrate.ts).
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 10,
    name: 'devices, ledger, ratings, alarms',
    sql: `
CREATE TABLE device (
  id text PRIMARY KEY,
  public_key text NOT NULL,
  suite text NOT NULL,
  hall text NOT NULL,
  counter text NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
  head_seq bigint NOT NULL DEFAULT 0,
  head_hash text NOT NULL DEFAULT repeat('0', 64),
  -- the device has offered entries beyond these: head_seq + 1 … missing_to_seq are named as missing
  missing_to_seq bigint,
  registered_at_ms bigint NOT NULL,
  last_seen_at_ms bigint,
  -- device clock minus ours when it last sent something new
  clock_offset_ms bigint
);

-- No foreign key on device: its row is locked in the same transaction and can never be deleted, and a check
-- per entry would cost more than all the rest.
CREATE TABLE ledger (
  device_id text NOT NULL,
  seq bigint NOT NULL CHECK (seq >= 1),
  id text NOT NULL,
  kind text NOT NULL,
  at_ms bigint NOT NULL,
  boot text NOT NULL,
  mono_ms bigint NOT NULL,
  -- the canonical text itself and not jsonb, which would change it
  body text NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  sig text,
  received_at_ms bigint NOT NULL,
  PRIMARY KEY (device_id, seq)
);

CREATE TABLE invitation (
  device_id text NOT NULL,
  invitation text NOT NULL,
  service_key text NOT NULL,
  counter text NOT NULL,
  ticket_number text,
  clerk_number text,
  codes text,
  opened_at_ms bigint NOT NULL,
  PRIMARY KEY (device_id, invitation)
);

-- One service, one rating: the primary key.
CREATE TABLE rating (
  service_key text PRIMARY KEY,
  arrival bigint GENERATED ALWAYS AS IDENTITY,
  device_id text NOT NULL,
  seq bigint NOT NULL,
  level smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
  invitation text NOT NULL,
  settled_at_ms bigint NOT NULL,
  received_at_ms bigint NOT NULL,
  -- comma-separated, as evalDetail travels
  codes text,
  receipt text NOT NULL,
  hall text NOT NULL,
  counter text NOT NULL,
  ticket_number text,
  clerk_number text
);
CREATE UNIQUE INDEX rating_arrival ON rating (arrival);
CREATE INDEX rating_receipt ON rating (receipt);
CREATE INDEX rating_settled_at ON rating (settled_at_ms);

CREATE TABLE alarm (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id text NOT NULL,
  kind text NOT NULL,
  -- 0 when the alarm is not about one entry
  seq bigint NOT NULL,
  service_key text,
  receipt text,
  text text NOT NULL,
  raised_at_ms bigint NOT NULL,
  last_at_ms bigint NOT NULL,
  times bigint NOT NULL DEFAULT 1,
  UNIQUE (device_id, kind, seq)
);
CREATE INDEX alarm_receipt ON alarm (receipt) WHERE receipt IS NOT NULL;

-- Counts of levels as last published; they move on only by a whole group of ratings (../live/tally.ts).
CREATE TABLE tally (
  hall text NOT NULL,
  day text NOT NULL,
  total bigint NOT NULL,
  n1 bigint NOT NULL,
  n2 bigint NOT NULL,
  n3 bigint NOT NULL,
  n4 bigint NOT NULL,
  n5 bigint NOT NULL,
  PRIMARY KEY (hall, day)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the table % is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_frozen BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_kept BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER device_kept BEFORE DELETE ON device FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER device_not_emptied BEFORE TRUNCATE ON device FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rating_kept BEFORE DELETE ON rating FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rating_not_emptied BEFORE TRUNCATE ON rating FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- The coded reasons may arrive after the level; nothing else of a rating ever changes.
CREATE TRIGGER rating_frozen
  BEFORE UPDATE OF service_key, device_id, seq, level, invitation, settled_at_ms, received_at_ms, receipt, hall, counter, ticket_number, clerk_number
  ON rating FOR EACH ROW EXECUTE FUNCTION refuse_change();
`,
  },
  {
    version: 20,
    name: 'how far a device says its journal goes',
    sql: `
-- The furthest head a heartbeat has named; 0 before the first. boot and mono place it in the device's time.
ALTER TABLE device ADD COLUMN announced_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN announced_hash text;
ALTER TABLE device ADD COLUMN announced_boot text;
ALTER TABLE device ADD COLUMN announced_mono_ms bigint;
-- null until the device has sent a heartbeat: older devices send none
ALTER TABLE device ADD COLUMN heartbeat_at_ms bigint;
`,
  },
  {
    version: 30,
    name: 'requests for help, and what was announced before the ledger has it',
    sql: `
-- Entries that came ahead of the journal, proven by their own signature. Evidence, never counted: the ledger's
-- later entry with the same seq confirms them, or shows a fork.
CREATE TABLE announced (
  device_id text NOT NULL,
  seq bigint NOT NULL CHECK (seq >= 1),
  prev bytea NOT NULL CHECK (length(prev) = 32),
  id text NOT NULL,
  kind text NOT NULL,
  at_ms bigint NOT NULL,
  boot text NOT NULL,
  mono_ms bigint NOT NULL,
  body text NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  sig text,
  received_at_ms bigint NOT NULL,
  confirmed_at_ms bigint,
  PRIMARY KEY (device_id, seq)
);
CREATE INDEX announced_open ON announced (device_id, seq) WHERE confirmed_at_ms IS NULL;
-- The first announced entry that is not confirmed; null when there is none, and then ingest does not look.
ALTER TABLE device ADD COLUMN announced_open_seq bigint;

CREATE TABLE help_request (
  device_id text NOT NULL,
  invitation text NOT NULL,
  seq bigint NOT NULL,
  service_key text NOT NULL,
  -- null when no rating of this invitation stands
  level smallint CHECK (level BETWEEN 1 AND 5),
  hall text NOT NULL,
  counter text NOT NULL,
  ticket_number text,
  -- by the device's clock, and by ours as far as its offset was known
  asked_at_ms bigint NOT NULL,
  since_ms bigint NOT NULL,
  received_at_ms bigint NOT NULL,
  PRIMARY KEY (device_id, invitation)
);
CREATE INDEX help_request_since ON help_request (since_ms);
`,
  },
  {
    version: 40,
    name: 'served-ticket tokens: the rule of a site, what was found, what does not count',
    sql: `
-- What the province has decided about the tokens of a hall, as JSON (ingest/site-rule.ts).
CREATE TABLE site (
  hall text PRIMARY KEY,
  rule text NOT NULL,
  changed_at_ms bigint NOT NULL
);

-- A token proves one service of its hall, whichever tablet brings it.
CREATE TABLE token_use (
  hall text NOT NULL,
  token_id text NOT NULL,
  service_key text NOT NULL,
  device_id text NOT NULL,
  invitation text NOT NULL,
  first_at_ms bigint NOT NULL,
  PRIMARY KEY (hall, token_id)
);

-- What was found when an invitation came in; the first word stands.
CREATE TABLE token_check (
  device_id text NOT NULL,
  invitation text NOT NULL,
  service_key text NOT NULL,
  verdict text NOT NULL,
  PRIMARY KEY (device_id, invitation)
);

-- Ratings that are kept and do not count. They do not take their service's place in rating: what somebody
-- invents must not keep out what a citizen gave.
CREATE TABLE rating_uncounted (
  device_id text NOT NULL,
  seq bigint NOT NULL,
  service_key text NOT NULL,
  level smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
  invitation text NOT NULL,
  settled_at_ms bigint NOT NULL,
  received_at_ms bigint NOT NULL,
  receipt text NOT NULL,
  hall text NOT NULL,
  counter text NOT NULL,
  ticket_number text,
  reason text NOT NULL,
  PRIMARY KEY (device_id, seq)
);
CREATE INDEX rating_uncounted_receipt ON rating_uncounted (receipt);
CREATE INDEX rating_uncounted_hall ON rating_uncounted (hall, settled_at_ms);
CREATE TRIGGER token_use_frozen BEFORE UPDATE OR DELETE ON token_use FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER token_use_kept BEFORE TRUNCATE ON token_use FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER token_check_frozen BEFORE UPDATE OR DELETE ON token_check FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER token_check_kept BEFORE TRUNCATE ON token_check FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rating_uncounted_frozen
  BEFORE UPDATE OR DELETE ON rating_uncounted FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rating_uncounted_kept
  BEFORE TRUNCATE ON rating_uncounted FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`,
  },
  {
    version: 50,
    name: 'requests for help: no later than when they were asked for',
    sql: `
-- What a tablet says of its time may be wrong; this cannot be (ingest/when-truly.ts).
ALTER TABLE help_request ADD COLUMN latest_ms bigint;
UPDATE help_request SET latest_ms = since_ms;
ALTER TABLE help_request ALTER COLUMN latest_ms SET NOT NULL;
DROP INDEX help_request_since;
CREATE INDEX help_request_latest ON help_request (latest_ms);
`,
  },
  {
    version: 60,
    name: 'alarms by device and kind',
    sql: `
-- What a page shows of the alarms, however many there are. Filled by the trigger, so that none is left out.
CREATE TABLE alarm_by_kind (
  device_id text NOT NULL,
  kind text NOT NULL,
  -- of the one raised last
  seq bigint NOT NULL,
  last_at_ms bigint NOT NULL,
  entries bigint NOT NULL,
  times bigint NOT NULL,
  PRIMARY KEY (device_id, kind)
);
CREATE FUNCTION count_alarm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE alarm_by_kind SET seq = NEW.seq, last_at_ms = greatest(last_at_ms, NEW.last_at_ms), times = times + NEW.times - OLD.times
    WHERE device_id = NEW.device_id AND kind = NEW.kind;
  ELSE
    INSERT INTO alarm_by_kind AS known (device_id, kind, seq, last_at_ms, entries, times)
    VALUES (NEW.device_id, NEW.kind, NEW.seq, NEW.last_at_ms, 1, NEW.times)
    ON CONFLICT (device_id, kind) DO UPDATE SET seq = excluded.seq,
      last_at_ms = greatest(known.last_at_ms, excluded.last_at_ms),
      entries = known.entries + 1, times = known.times + excluded.times;
  END IF;
  RETURN NULL;
END $$;
-- Holds up whoever raises an alarm now, until those that are there are counted too.
CREATE TRIGGER alarm_counted AFTER INSERT OR UPDATE ON alarm FOR EACH ROW EXECUTE FUNCTION count_alarm();
INSERT INTO alarm_by_kind (device_id, kind, seq, last_at_ms, entries, times)
  SELECT device_id, kind, (array_agg(seq ORDER BY last_at_ms DESC, id DESC))[1], max(last_at_ms), count(*), sum(times)::bigint
  FROM alarm GROUP BY device_id, kind;
-- Each is looked at: a journal that was put together again explains its own (../live/alarms.ts).
CREATE INDEX alarm_cut_tail ON alarm (device_id, seq) WHERE kind = 'cutTail';
`,
  },
  {
    version: 70,
    name: 'ends that were cut off are explained once',
    sql: `
-- Of cutTail: a journal that was put together again accounts for it. Of restored: the furthest entry that this journal
-- or one before it is known to have had; what is cut off up to there, and not before its own seq, is explained.
-- Both are written when an alarm is raised (ingest/ledger.ts), so that nobody has to compare them to count.
ALTER TABLE alarm ADD COLUMN explained boolean NOT NULL DEFAULT false;
ALTER TABLE alarm ADD COLUMN explains_to bigint;

CREATE OR REPLACE FUNCTION count_alarm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.explained THEN
    RETURN NULL;
  ELSIF TG_OP = 'UPDATE' THEN
    UPDATE alarm_by_kind SET seq = NEW.seq, last_at_ms = greatest(last_at_ms, NEW.last_at_ms), times = times + NEW.times - OLD.times
    WHERE device_id = NEW.device_id AND kind = NEW.kind;
  ELSE
    INSERT INTO alarm_by_kind AS known (device_id, kind, seq, last_at_ms, entries, times)
    VALUES (NEW.device_id, NEW.kind, NEW.seq, NEW.last_at_ms, 1, NEW.times)
    ON CONFLICT (device_id, kind) DO UPDATE SET seq = excluded.seq,
      last_at_ms = greatest(known.last_at_ms, excluded.last_at_ms),
      entries = known.entries + 1, times = known.times + excluded.times;
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER alarm_counted ON alarm;
CREATE TRIGGER alarm_counted AFTER INSERT OR UPDATE OF times, last_at_ms ON alarm FOR EACH ROW EXECUTE FUNCTION count_alarm();

-- After some were explained: those that are left, once for however many there were.
CREATE FUNCTION recount_cut_tails(device text) RETURNS void LANGUAGE sql AS $$
  DELETE FROM alarm_by_kind WHERE device_id = device AND kind = 'cutTail';
  INSERT INTO alarm_by_kind (device_id, kind, seq, last_at_ms, entries, times)
    SELECT device_id, kind, (array_agg(seq ORDER BY last_at_ms DESC, id DESC))[1], max(last_at_ms), count(*), sum(times)::bigint
    FROM alarm WHERE device_id = device AND kind = 'cutTail' AND NOT explained GROUP BY device_id, kind;
$$;

-- What is there, brought to the same. The text is canonical, and no string in it can hold a name with its colon.
UPDATE alarm SET explains_to = r.furthest
FROM (
  SELECT a.id, max(substring(l.body FROM '"knownHeadSeq":([0-9]+)')::bigint) OVER (PARTITION BY a.device_id ORDER BY a.seq) AS furthest
  FROM alarm a JOIN ledger l ON l.device_id = a.device_id AND l.seq = a.seq WHERE a.kind = 'restored'
) r
WHERE alarm.id = r.id;
UPDATE alarm c SET explained = true
WHERE kind = 'cutTail' AND (SELECT r.explains_to FROM alarm r WHERE r.device_id = c.device_id AND r.kind = 'restored' AND r.seq <= c.seq
  ORDER BY r.seq DESC LIMIT 1) >= c.seq;
SELECT recount_cut_tails(d.device_id) FROM (SELECT DISTINCT device_id FROM alarm WHERE kind = 'cutTail' AND explained) d;
DROP INDEX alarm_cut_tail;
CREATE INDEX alarm_cut_tail ON alarm (device_id, seq) WHERE kind = 'cutTail' AND NOT explained;

-- A head that a restored journal gave up is not waited for, and not lost a second time (urgent/confirm.ts). The journal has gone
-- on since: back to what is held. Where its end was not known nothing tells a head given up from one of a later start.
UPDATE device SET announced_seq = r.seq, announced_hash = encode(r.hash, 'hex'), announced_boot = r.boot, announced_mono_ms = r.mono_ms
FROM (
  SELECT DISTINCT d.id, h.seq, h.hash, h.boot, h.mono_ms
  FROM device d JOIN alarm a ON a.device_id = d.id AND a.kind = 'restored'
    JOIN ledger l ON l.device_id = a.device_id AND l.seq = a.seq
    JOIN ledger h ON h.device_id = d.id AND h.seq = d.head_seq
  WHERE d.announced_seq > d.head_seq
    AND substring(l.body FROM '"knownHeadSeq":([0-9]+)')::bigint >= d.announced_seq
    AND NOT EXISTS (SELECT 1 FROM ledger own WHERE own.device_id = d.id AND own.seq >= l.seq
      AND own.boot = d.announced_boot AND own.mono_ms <= d.announced_mono_ms)
) r
WHERE device.id = r.id;
`,
  },
];
