-- Shenasnameh booklets and national cards, from their stock to their end. What
-- an inquiry needs of the booklet and card in force stands in person.

-- +goose Up
-- Ranges of serials that may be handed out: of booklets by registry office, of
-- blank cards for the printer. Ranges of one ware and serie never overlap.
CREATE TABLE stock (
    ware     INTEGER NOT NULL,  -- 1: shenasnameh booklets, 2: blank cards
    serie    TEXT    NOT NULL,  -- booklets: the serie; cards: the two characters with which serials begin, such as '9G'
    first    INTEGER NOT NULL,  -- first serial of the range
    last     INTEGER NOT NULL,  -- last serial of the range
    next     INTEGER NOT NULL,  -- the serial that is handed out next; last + 1: none is left
    office   INTEGER NOT NULL,  -- registry_office.code; 0 for blank cards
    received BIGINT  NOT NULL,  -- moment of its registration
    PRIMARY KEY (ware, office, serie, first)
) CLUSTERED;

-- Every booklet that was issued from stock or ended here, each serial once.
CREATE TABLE booklet (
    serie      TEXT    NOT NULL, -- as printed, in key form
    serial     INTEGER NOT NULL, -- the six digits as a number
    number     BIGINT  NOT NULL, -- national number of the holder
    text       BIGINT  NOT NULL, -- shenasnameh number; 0 as in person.shenasnameh
    office     INTEGER NOT NULL, -- registry_office.code that issued it; 0: not on record
    place      TEXT    NOT NULL, -- place of issue, as printed
    issued     INTEGER NOT NULL, -- date of issue; 0: not on record
    reason     TEXT    NOT NULL, -- why it was issued: 'first', 'lost', 'worn', 'item-changed'; '': not on record
    ended      INTEGER NOT NULL, -- date of its annulment; 0: in force
    end_reason TEXT    NOT NULL, -- why it was annulled; '': in force
    made       BIGINT  NOT NULL, -- moment of its registration; 0: from before this register
    PRIMARY KEY (serie, serial)
) CLUSTERED;
CREATE INDEX booklet_number ON booklet (number);

-- From when on whose turn it is to apply for a first card (bylaw of 1378, art.
-- 2). Cohorts of one province do not overlap.
CREATE TABLE card_timetable (
    province  TEXT    NOT NULL, -- ostan; '': wherever no row names the province
    born_from INTEGER NOT NULL, -- first year of birth
    born_to   INTEGER NOT NULL, -- last year of birth
    opens     INTEGER NOT NULL, -- date from which they may apply
    reference TEXT    NOT NULL, -- the decision: body, number, clause
    PRIMARY KEY (province, born_from, born_to)
) CLUSTERED;

-- Every card, from its application on; and cards made elsewhere, from the
-- moment something befalls them here.
CREATE TABLE card_life (
    id         KEY64   PRIMARY KEY, -- number of the application: 1, 2, 3 …
    number     BIGINT  NOT NULL,    -- national number of the holder
    state      INTEGER NOT NULL,    -- person.CardState; of the card in force the one in person.card counts
    purpose    TEXT    NOT NULL,    -- why it was applied for: 'first', 'moved', 'item_changed', 'damaged', 'expired', 'lost'; '': not on record
    office     INTEGER NOT NULL,    -- registry_office.code where the holder appears and gets it; 0: not on record
    applied    INTEGER NOT NULL,    -- date of the application; 0: not on record
    day        INTEGER NOT NULL,    -- date of the appointment; 0: none
    hour       INTEGER NOT NULL,    -- hour of the appointment, Tehran time
    batch      BIGINT  NOT NULL,    -- card_batch.id of the last batch it went into; 0: none
    serial     TEXT    NOT NULL,    -- as printed; '': not printed yet
    printed    BYTEA   NOT NULL,    -- SHA-256 of what was printed: tells whether it is still what the record says; empty: not on record
    valid      INTEGER NOT NULL,    -- date: last day of validity; 0: not on record
    renewal    INTEGER NOT NULL,    -- date on which its end was announced; 0: not announced
    issued     INTEGER NOT NULL,    -- date of the hand-over; 0: not on record
    ended      INTEGER NOT NULL,    -- date on which it ended; 0: it has not
    end_reason TEXT    NOT NULL     -- why it ended: 'replaced', 'lost', 'withdrawn'
);
CREATE INDEX card_life_number ON card_life (number);
CREATE INDEX card_life_ready ON card_life (id) WHERE state = 10;
-- Nobody ever has two cards in force, or two applications under way.
CREATE UNIQUE INDEX card_life_in_force ON card_life (number) WHERE state = 4;
CREATE UNIQUE INDEX card_life_pending ON card_life (number) WHERE state IN (2, 3, 10, 11, 12);

-- Hours at which an office receives applicants.
CREATE TABLE card_slot (
    office   INTEGER NOT NULL,  -- registry_office.code
    day      INTEGER NOT NULL,  -- date
    hour     INTEGER NOT NULL,  -- 0 … 23, Tehran time
    capacity INTEGER NOT NULL,  -- how many may be appointed
    taken    INTEGER NOT NULL,  -- how many are; never more than capacity
    PRIMARY KEY (office, day, hour)
) CLUSTERED;

-- Batches for the printer.
CREATE TABLE card_batch (
    id     KEY64   PRIMARY KEY, -- 1, 2, 3 …
    made   BIGINT  NOT NULL,    -- moment
    size   INTEGER NOT NULL,    -- rows
    open   INTEGER NOT NULL,    -- rows without a result
    digest BYTEA   NOT NULL,    -- SHA-256 of the file
    file   BYTEA   NOT NULL,    -- the file as the printer gets it, while open > 0; then empty
    agency BIGINT  NOT NULL     -- the printer's; 0: a supervisor made it, and no printer has fetched it yet
);

-- The rows of batches: every blank card that was spent, each serial once.
CREATE TABLE card_print (
    batch  BIGINT  NOT NULL,    -- card_batch.id
    row    INTEGER NOT NULL,    -- 1, 2, 3 … within the batch
    card   BIGINT  NOT NULL,    -- card_life.id
    serial TEXT    NOT NULL UNIQUE, -- of the blank
    result INTEGER NOT NULL,    -- 0: open, 1: printed, 2: failed, 3: spoiled before hand-over
    note   TEXT    NOT NULL,    -- the printer's code of the failure
    PRIMARY KEY (batch, row)
) CLUSTERED;

-- +goose Down
DROP TABLE card_print;
DROP TABLE card_batch;
DROP TABLE card_slot;
DROP TABLE card_life;
DROP TABLE card_timetable;
DROP TABLE booklet;
DROP TABLE stock;
