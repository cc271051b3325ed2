-- +goose Up
-- A person's own access to what the register keeps of who asked about him. A
-- clerk gives it to whom he sees; the code itself is not kept. One is valid at
-- a time: a new one ends the one before.
CREATE TABLE citizen_access (
    id       KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of giving
    subject  BIGINT  NOT NULL,    -- national number of the person
    hash     BYTEA   NOT NULL,    -- SHA-256 of the code
    given    BIGINT  NOT NULL,    -- moment
    until    INTEGER NOT NULL,    -- date: last day on which it opens anything
    ended    BIGINT  NOT NULL,    -- moment it was revoked or a new one was given; 0: neither
    agency   BIGINT  NOT NULL,    -- who gave it: agency of the clerk
    officer  TEXT    NOT NULL,    -- who gave it: login of the clerk
    document TEXT    NOT NULL,    -- the paper by which he knew the person
    act      BYTEA   NOT NULL     -- journal.ActID
);
CREATE UNIQUE INDEX citizen_access_valid ON citizen_access (subject) WHERE ended = 0;

-- Locks that persons have put on their own numbers. A row stays when its lock
-- is lifted: when it held is part of why an inquiry was refused.
CREATE TABLE citizen_lock (
    id      KEY64  PRIMARY KEY, -- 1, 2, 3 … in order of locking
    subject BIGINT NOT NULL,    -- national number of the person
    purpose TEXT   NOT NULL,    -- code of the purpose, as agreements name it; '': every one that the law leaves open
    since   BIGINT NOT NULL,    -- moment from which it holds
    ended   BIGINT NOT NULL,    -- moment it was lifted; 0: it holds
    act     BYTEA  NOT NULL     -- journal.ActID of the locking
);
CREATE UNIQUE INDEX citizen_lock_holds ON citizen_lock (subject, purpose) WHERE ended = 0;
CREATE INDEX citizen_lock_subject ON citizen_lock (subject, id);

-- +goose Down
DROP TABLE citizen_lock;
DROP TABLE citizen_access;
