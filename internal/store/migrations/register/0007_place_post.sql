-- The Post's and the municipalities' work on places (law of 1376, art. 8 and
-- 9 with their notes).

-- +goose Up

-- Places of an area: streets that are renamed, places found by address,
-- progress of the plates.
CREATE INDEX place_area ON place (area, state);

-- Where the search for a free place number begins. Numbers are never given
-- twice, since rows of place never go.
CREATE TABLE postal_area (
    area KEY64 PRIMARY KEY,        -- the first five digits of postal codes
    next INTEGER NOT NULL          -- no place number below this one is free
);

-- The sequence of changes of places: one row. Who changes places writes it
-- first, so changes are numbered in the order in which they are committed, and
-- who sees a number sees all below it.
CREATE TABLE place_feed (
    one  KEY64  PRIMARY KEY,       -- 1
    last BIGINT NOT NULL           -- the last number given
);
INSERT INTO place_feed (one, last) VALUES (1, 0);

-- The changes, numbered without gaps. What the place was after the change
-- stands in place or, under the same version, in place_history.
CREATE TABLE place_change (
    seq     KEY64   PRIMARY KEY,   -- 1, 2, 3 …
    code    BIGINT  NOT NULL,      -- postal code
    version INTEGER NOT NULL,      -- the version that the change made
    kind    INTEGER NOT NULL,      -- place.ChangeKind: 1 assigned, 2 changed, 3 retired, 4 split, 5 merged
    at      BIGINT  NOT NULL       -- moment of the change
);

-- Entrances, each of which carries one plate, or is to (bylaw of 1378, art. 9).
CREATE TABLE entrance (
    id        KEY64   PRIMARY KEY, -- 1, 2, 3 …
    area      INTEGER NOT NULL,    -- area.id
    street    TEXT    NOT NULL,    -- main street
    street2   TEXT    NOT NULL,    -- second street or alley
    house     TEXT    NOT NULL,    -- number on the plate
    state     INTEGER NOT NULL,    -- place.PlateState: 1 ordered, 2 installed, 3 missing, 4 damaged
    since     INTEGER NOT NULL,    -- date from which the state holds
    installer TEXT    NOT NULL,    -- who installed it; '': not installed or not on record
    version   INTEGER NOT NULL,    -- 1, 2, 3 …
    UNIQUE (area, street, street2, house)
);

CREATE TABLE entrance_history (
    id        BIGINT  NOT NULL,    -- as in entrance, and so for the columns up to installer
    version   INTEGER NOT NULL,    -- the version this row was
    area      INTEGER NOT NULL,    -- area.id
    street    TEXT    NOT NULL,    -- main street
    street2   TEXT    NOT NULL,    -- second street
    house     TEXT    NOT NULL,    -- number on the plate
    state     INTEGER NOT NULL,    -- place.PlateState
    since     INTEGER NOT NULL,    -- date from which the state held
    installer TEXT    NOT NULL,    -- who installed it
    until     BIGINT  NOT NULL,    -- moment of the change that ended this version
    role      TEXT    NOT NULL,    -- who changed it: journal.Actor.Role
    agency    BIGINT  NOT NULL,    -- who changed it: the actor's agency
    officer   TEXT    NOT NULL,    -- who changed it: the actor's login
    why       TEXT    NOT NULL,    -- reason, a code word
    act       BYTEA   NOT NULL,    -- journal.ActID
    PRIMARY KEY (id, version)
);

-- Which places lie behind an entrance.
CREATE TABLE entrance_place (
    code     KEY64  PRIMARY KEY,   -- postal code
    entrance BIGINT NOT NULL       -- entrance.id
);
CREATE INDEX entrance_place_of ON entrance_place (entrance);

-- Monthly reports of municipalities (law of 1376, note to art. 9). A month may
-- have several: the later ones supplement the first.
CREATE TABLE place_report (
    id       KEY64   PRIMARY KEY,  -- 1, 2, 3 …
    agency   BIGINT  NOT NULL,     -- the municipality
    month    INTEGER NOT NULL,     -- Jalali month, as a date without a day: YYYYMM00
    province TEXT    NOT NULL,     -- the municipality's area when it reported
    county   TEXT    NOT NULL,     -- '': the whole province
    locality TEXT    NOT NULL,     -- '': the whole county
    document TEXT    NOT NULL,     -- number and date of the municipality's letter
    origin   INTEGER NOT NULL,     -- 1 form, 2 file
    lines    INTEGER NOT NULL,     -- lines taken; 0: nothing changed in this month
    refused  INTEGER NOT NULL,     -- lines that were not taken
    waiting  INTEGER NOT NULL,     -- lines without a decision of the Post
    at       BIGINT  NOT NULL,     -- when it came in
    officer  TEXT    NOT NULL,     -- the municipality's officer: login
    act      BYTEA   NOT NULL      -- journal.ActID
);
CREATE INDEX place_report_month ON place_report (agency, month);

CREATE TABLE place_report_line (
    report  BIGINT  NOT NULL,      -- place_report.id
    line    INTEGER NOT NULL,      -- row of the file (the header is 1), or position in the form from 1
    kind    INTEGER NOT NULL,      -- place.LineKind: 1 added, 2 demolished, 3 renamed, 4 renumbered
    code    BIGINT  NOT NULL,      -- postal code as reported; 0: none
    address TEXT    NOT NULL,      -- JSON: old and new address as reported
    digest  BIGINT  NOT NULL,      -- of kind, code and address: the same line is not taken twice
    state   INTEGER NOT NULL,      -- place.LineState: 1 waiting, 2 accepted, 3 refused
    reason  TEXT    NOT NULL,      -- of a refusal: a code word
    note    TEXT    NOT NULL,      -- the Post's words to the municipality
    codes   TEXT    NOT NULL,      -- postal codes of the places that were assigned or changed, with spaces between; at most 1,000
    places  INTEGER NOT NULL,      -- how many places the line changed
    decided BIGINT  NOT NULL,      -- moment of the decision; 0: none yet
    agency  BIGINT  NOT NULL,      -- who decided: the actor's agency
    officer TEXT    NOT NULL,      -- who decided: the actor's login
    act     BYTEA   NOT NULL,      -- journal.ActID of the decision; empty: none yet
    PRIMARY KEY (report, line)
);

-- +goose Down
DROP TABLE place_report_line;
DROP TABLE place_report;
DROP TABLE entrance_place;
DROP TABLE entrance_history;
DROP TABLE entrance;
DROP TABLE place_change;
DROP TABLE place_feed;
DROP TABLE postal_area;
DROP INDEX place_area;
