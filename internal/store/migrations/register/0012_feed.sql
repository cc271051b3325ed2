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

-- +goose Down
DROP TABLE person_change;
DROP TABLE person_feed;
