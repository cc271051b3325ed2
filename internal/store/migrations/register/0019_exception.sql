-- +goose Up
-- Copies that an agency made itself, free of charge (circular of 1399/12/09):
-- the exception to "no copies", each with its reason and the day on which it is
-- destroyed.
CREATE TABLE exception_copy (
    id         KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of recording
    agency     BIGINT  NOT NULL, -- who made the copy
    officer    TEXT    NOT NULL, -- login of its officer
    process    TEXT    NOT NULL, -- code of the service process
    document   TEXT    NOT NULL, -- code of the type of document
    reason     TEXT    NOT NULL, -- 'service-failed', 'no-service' or 'law-requires'
    law        TEXT    NOT NULL, -- law or regulation that is cited
    article    TEXT    NOT NULL, -- article of it
    subject    BIGINT  NOT NULL, -- national number of the person; 0: not said
    reference  TEXT    NOT NULL, -- where the copy lies: the agency's own file number
    made       BIGINT  NOT NULL, -- moment of recording
    until      INTEGER NOT NULL, -- day by which it is destroyed
    destroyed  BIGINT  NOT NULL, -- moment when that was recorded; 0: not yet
    destroyer  TEXT    NOT NULL, -- login of who recorded it; ''
    minutes    TEXT    NOT NULL, -- number and date of the minutes of destruction; ''
    act        BYTEA   NOT NULL  -- journal.ActID of the recording
);
CREATE INDEX exception_copy_agency ON exception_copy (agency, id);
CREATE INDEX exception_copy_made ON exception_copy (made);
CREATE INDEX exception_copy_kept ON exception_copy (until, id) WHERE destroyed = 0;

-- Outage tickets that agencies have handed in: their words, and what became of
-- them. The salt of asked never comes here while the ticket is open.
CREATE TABLE exception_ticket (
    id          KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of registering
    hash        BYTEA   NOT NULL, -- SHA-256 of the signed text: the ticket's name
    code        TEXT    NOT NULL, -- provisional code, as printed: T-….
    agency      BIGINT  NOT NULL, -- whose
    certificate BYTEA   NOT NULL, -- SHA-256 of the certificate whose key signed
    no          BIGINT  NOT NULL, -- running number of that certificate
    file        TEXT    NOT NULL, -- the ticket's file, byte for byte
    issued      BIGINT  NOT NULL, -- moment that the ticket states
    registered  BIGINT  NOT NULL, -- moment
    state       INTEGER NOT NULL, -- exception.State: 1 open, 2 completed, 3 late
    flagged     INTEGER NOT NULL, -- 1: the service answered the agency around that moment
    due         BIGINT  NOT NULL, -- moment until which it can be completed; of a late one when it was registered
    inquiry     TEXT    NOT NULL, -- tracking code of the inquiry that completed it; ''
    completed   BIGINT  NOT NULL, -- moment; 0: not yet
    act         BYTEA   NOT NULL  -- journal.ActID of the registering
);
CREATE UNIQUE INDEX exception_ticket_hash ON exception_ticket (hash);
CREATE UNIQUE INDEX exception_ticket_chain ON exception_ticket (certificate, no);
CREATE UNIQUE INDEX exception_ticket_inquiry ON exception_ticket (inquiry) WHERE inquiry <> '';
CREATE INDEX exception_ticket_code ON exception_ticket (code);
CREATE INDEX exception_ticket_agency ON exception_ticket (agency, id);
CREATE INDEX exception_ticket_registered ON exception_ticket (registered);

-- +goose Down
DROP TABLE exception_ticket;
DROP TABLE exception_copy;
