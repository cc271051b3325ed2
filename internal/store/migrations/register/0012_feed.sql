-- What followers of persons are told (law of 1376, art. 4 and 5): the changes of
-- the register of persons, follow marks, feeds, webhooks, and corrections to who
-- was told a wrong value.

-- +goose Up

-- The sequence of changes of persons: one row. Who changes persons writes it, so
-- changes are numbered in the order in which they are committed, and who sees a
-- number sees all below it.
CREATE TABLE person_feed (
    one  KEY64  PRIMARY KEY,       -- 1
    last BIGINT NOT NULL           -- the last number given
);
INSERT INTO person_feed (one, last) VALUES (1, 0);

-- The changes, numbered without gaps. What the record was after the change
-- stands in person or, under the same version, in person_history.
CREATE TABLE person_change (
    seq     KEY64   PRIMARY KEY,   -- 1, 2, 3 …
    number  BIGINT  NOT NULL,      -- national number
    version INTEGER NOT NULL,      -- the version that the change made
    kind    TEXT    NOT NULL,      -- of the event that made it, as in person_event; 'import' for a file
    at      BIGINT  NOT NULL       -- moment of the change
);

-- Follow marks: an agency answers for a person and is told what becomes of him.
CREATE TABLE follow (
    id      KEY64   PRIMARY KEY,   -- 1, 2, 3 … in order of setting
    agency  BIGINT  NOT NULL,      -- who follows
    number  BIGINT  NOT NULL,      -- national number of the person
    until   INTEGER NOT NULL,      -- last day of the mark
    version INTEGER NOT NULL,      -- of the record, up to which the follower has been told
    terms   TEXT    NOT NULL,      -- JSON of feed.Terms: items, kinds, purpose and process
    since   BIGINT  NOT NULL,      -- moment of setting
    act     BYTEA   NOT NULL,      -- journal.ActID
    UNIQUE (agency, number)
);
CREATE INDEX follow_number ON follow (number);
CREATE INDEX follow_page ON follow (agency, id);

-- How far the changes of persons have been worked through.
CREATE TABLE feed_mark (
    name TEXT   PRIMARY KEY,       -- 'events' or 'corrections'
    seq  BIGINT NOT NULL           -- person_change.seq of the last one that is done
);
INSERT INTO feed_mark (name, seq) VALUES ('events', 0);
INSERT INTO feed_mark (name, seq) VALUES ('corrections', 0);

-- The feed of each agency that has one.
CREATE TABLE feed (
    agency KEY64  PRIMARY KEY,     -- whose
    last   BIGINT NOT NULL         -- the last number given
);

-- Events of the feeds, numbered without gaps in each. No item stands here: what
-- an event tells is read from the record's version when it is handed out.
CREATE TABLE feed_event (
    agency     BIGINT  NOT NULL,   -- whose feed
    seq        BIGINT  NOT NULL,   -- 1, 2, 3 …
    number     BIGINT  NOT NULL,   -- national number of the person
    version    INTEGER NOT NULL,   -- of the record after the event
    kind       TEXT    NOT NULL,   -- feed.Kinds, or 'correction'
    items      TEXT    NOT NULL,   -- items that changed, with spaces between
    terms      TEXT    NOT NULL,   -- JSON of feed.Terms of the mark; '': of a correction
    correction BIGINT  NOT NULL,   -- correction.id; 0: none
    at         BIGINT  NOT NULL,   -- moment of the change
    code       TEXT    NOT NULL,   -- tracking code of its entry; '': not in the log yet, so not handed out
    act        BYTEA   NOT NULL,   -- journal.ActID
    PRIMARY KEY (agency, seq)
);
CREATE INDEX feed_event_open ON feed_event (agency, seq) WHERE code = '';

-- Agencies that were told a value that has been corrected since.
CREATE TABLE correction (
    id           KEY64   PRIMARY KEY, -- 1, 2, 3 …
    agency       BIGINT  NOT NULL, -- who had been told
    number       BIGINT  NOT NULL, -- national number of the person
    change       BIGINT  NOT NULL, -- person_change.seq of the correction
    version      INTEGER NOT NULL, -- of the record that is right now
    items        TEXT    NOT NULL, -- items that were told wrongly, with spaces between
    codes        TEXT    NOT NULL, -- tracking codes of the answers that told them, with spaces between, newest first; at most 100
    answers      INTEGER NOT NULL, -- how many there were
    made         BIGINT  NOT NULL, -- moment
    acknowledged BIGINT  NOT NULL, -- moment the agency said that it has put it right; 0: not yet
    officer      TEXT    NOT NULL, -- login of who said so; '': its program, or nobody yet
    UNIQUE (change, agency)
);
CREATE INDEX correction_agency ON correction (agency, id);
CREATE INDEX correction_open ON correction (id) WHERE acknowledged = 0;

-- Where agencies are told that their feed has something new: one address each.
CREATE TABLE webhook (
    agency   KEY64   PRIMARY KEY,  -- whose
    url      TEXT    NOT NULL,     -- https
    state    INTEGER NOT NULL,     -- feed.WebhookState: 1 active, 2 disabled after failures
    told     BIGINT  NOT NULL,     -- feed_event.seq up to which it has been told
    attempts INTEGER NOT NULL,     -- failed calls since the last one that succeeded
    failing  BIGINT  NOT NULL,     -- moment of the first of them; 0: none
    due      BIGINT  NOT NULL,     -- no call before this moment
    fault    TEXT    NOT NULL,     -- message key of the last failure; ''
    officer  TEXT    NOT NULL,     -- login of who registered it; '': its program
    made     BIGINT  NOT NULL      -- moment
);

-- Calls that were given up.
CREATE TABLE webhook_dead (
    agency   BIGINT  NOT NULL,     -- whose
    at       BIGINT  NOT NULL,     -- moment of giving up
    url      TEXT    NOT NULL,     -- that was called
    last     BIGINT  NOT NULL,     -- feed_event.seq that it was not told
    attempts INTEGER NOT NULL,     -- how often it was tried
    fault    TEXT    NOT NULL,     -- message key of the last failure
    PRIMARY KEY (agency, at)
);

-- +goose Down
DROP TABLE webhook_dead;
DROP TABLE webhook;
DROP TABLE correction;
DROP TABLE feed_event;
DROP TABLE feed;
DROP TABLE feed_mark;
DROP TABLE follow;
DROP TABLE person_change;
DROP TABLE person_feed;
