-- Registry offices, national numbers in blocks, births.

-- +goose Up
-- Registry offices that register births. (The table office holds the names
-- under which shenasnamehs say they were issued, which need not be offices of today.)
CREATE TABLE registry_office (
    code     KEY64 PRIMARY KEY, -- the registry's office code, at most five digits
    name     TEXT NOT NULL,     -- as printed under place of issue
    province TEXT NOT NULL,     -- ostan; '': abroad
    county   TEXT NOT NULL      -- shahrestan; '': abroad
);

-- The first three digits of the national numbers that an office gives.
CREATE TABLE office_prefix (
    office INTEGER NOT NULL,    -- registry_office.code
    no     INTEGER NOT NULL,    -- 1, 2, 3 …: the order in which they are used up
    prefix INTEGER NOT NULL,    -- 1 … 999; several offices may share one
    PRIMARY KEY (office, no)
) CLUSTERED;

-- How far the numbers of a prefix have been reserved. It only grows: what lies
-- below next has been given to some process and is never given again.
CREATE TABLE number_block (
    prefix KEY64 PRIMARY KEY,   -- first three digits of the number
    next   INTEGER NOT NULL     -- the next six digits from which the next block begins; 1000000: none are left
);

-- Births, each once, as they were notified. What the child's record says stands
-- in person and its history as version 1.
CREATE TABLE birth (
    notification TEXT    NOT NULL, -- id of the notification, as the hospital or the health network wrote it
    birth_order  INTEGER NOT NULL, -- 1: the only or first child of this delivery; 2: its twin …
    number       BIGINT  NOT NULL, -- the national number that was given
    office       INTEGER NOT NULL, -- registry_office.code
    father       BIGINT  NOT NULL, -- his national number; 0: not stated
    mother       BIGINT  NOT NULL, -- her national number; 0: not stated
    mother_name  INTEGER NOT NULL, -- name.id; 0: not stated
    place        TEXT    NOT NULL, -- place of birth
    declarant    TEXT    NOT NULL, -- who declared it: person.Declarant
    document     TEXT    NOT NULL, -- number and date of a paper beside the notification
    late         INTEGER NOT NULL, -- 1: declared after the legal period
    digest       BYTEA   NOT NULL, -- of all that was notified: tells a repetition from a contradiction
    role         TEXT    NOT NULL, -- who registered it: journal.Actor.Role
    agency       BIGINT  NOT NULL, -- who registered it: the actor's agency; 0: the registry itself
    officer      TEXT    NOT NULL, -- who registered it: the actor's login
    at           BIGINT  NOT NULL, -- moment of the registration
    act          BYTEA   NOT NULL, -- journal.ActID
    PRIMARY KEY (notification, birth_order)
) CLUSTERED;
CREATE UNIQUE INDEX birth_number ON birth (number);

-- +goose Down
DROP TABLE birth;
DROP TABLE number_block;
DROP TABLE office_prefix;
DROP TABLE registry_office;
