-- The projection database, as the migrations make it on SQLite.
-- Written by go test ./internal/store -run Schema -update; do not edit.

-- Entries about a person.
CREATE TABLE about (
    person   BIGINT NOT NULL,    -- national number
    time     BIGINT NOT NULL,    -- micros UTC
    position BIGINT NOT NULL,    -- of the entry
    PRIMARY KEY (person, time, position)
) WITHOUT ROWID;

-- Entries of an agency.
CREATE TABLE asked (
    agency   BIGINT NOT NULL,    -- legal id
    time     BIGINT NOT NULL,    -- micros UTC
    position BIGINT NOT NULL,    -- of the entry
    PRIMARY KEY (agency, time, position)
) WITHOUT ROWID;

-- How far each log has been taken in; written in the same transaction as the rows.
CREATE TABLE done (
    log  INTEGER PRIMARY KEY,  -- number of the log
    size BIGINT NOT NULL     -- entries below this index are in the tables below
);

-- Idempotency keys.
CREATE TABLE seen (
    key      BYTEA PRIMARY KEY,  -- 16 bytes: hash of who asked and the key they sent
    digest   BYTEA  NOT NULL,    -- 16 bytes: hash of the request
    position BIGINT NOT NULL     -- of the entry, or of the first of a unit
) WITHOUT ROWID;

-- Entries per quota bucket and day.
CREATE TABLE used (
    day    INTEGER NOT NULL,     -- Jalali YYYYMMDD in Tehran
    bucket BIGINT  NOT NULL,     -- quota bucket, bits of an unsigned number
    log    BIGINT  NOT NULL,     -- number of the log
    n      BIGINT  NOT NULL,     -- entries
    PRIMARY KEY (day, bucket, log)
) WITHOUT ROWID;
