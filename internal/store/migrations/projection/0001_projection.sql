-- Look-ups in the journal by something else than position. All of it can be
-- deleted and is built again from the journal.
--
-- A position is log × 10¹⁴ + index.

-- +goose Up

-- How far each log has been taken in; written in the same transaction as the rows.
CREATE TABLE done (
    log  KEY64 PRIMARY KEY,  -- number of the log
    size BIGINT NOT NULL     -- entries below this index are in the tables below
);

-- Lists of entries: who asked about a person, what an agency asked, what one of
-- its officers asked (by a hash of agency and login), where an
-- idempotency key or an act stands (by the first eight bytes of its hash; the
-- entry itself has the rest, and the digest of the request). A list is
-- kept in sorted runs: each turn of the projector writes a small one, and every
-- eight runs of a level are merged into one of the next. So an entry costs a
-- few copied bytes in large blocks instead of an insert into the middle of a tree.
CREATE TABLE run (
    number KEY64 PRIMARY KEY,   -- 1, 2, 3 …
    node   BIGINT  NOT NULL,    -- hash of the name of the node whose entries these are
    list   INTEGER NOT NULL,    -- 1: by person, 2: by agency, 3: by key, 4: by officer
    level  INTEGER NOT NULL     -- how often its entries have been merged
);

-- The blocks of a run, in order.
CREATE TABLE block (
    run      BIGINT NOT NULL,   -- number of the run
    key      BIGINT NOT NULL,   -- national number, legal id or hash of the first entry
    time     BIGINT NOT NULL,   -- of the first entry, micros UTC
    position BIGINT NOT NULL,   -- of the first entry
    entries  BYTEA  NOT NULL,   -- up to 680 × (key, time, position), 8 bytes each, ascending
    PRIMARY KEY (run, key, time, position)
) CLUSTERED;

-- Entries per quota bucket and day.
CREATE TABLE used (
    day    INTEGER NOT NULL,     -- Jalali YYYYMMDD in Tehran
    bucket BIGINT  NOT NULL,     -- quota bucket, bits of an unsigned number
    log    BIGINT  NOT NULL,     -- number of the log
    n      BIGINT  NOT NULL,     -- entries
    PRIMARY KEY (day, bucket, log)
) CLUSTERED;

-- +goose Down
DROP TABLE used;
DROP TABLE block;
DROP TABLE run;
DROP TABLE done;
