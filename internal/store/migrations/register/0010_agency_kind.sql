-- The tables are made anew because every column's comment stands on its line,
-- which adding a column cannot do. They are small.

-- +goose Up
CREATE TABLE agency_before AS SELECT * FROM agency;
DROP TABLE agency;
-- Agencies that may ask (circular of 1399/06/17), and the bodies that keep the
-- registers: registry, Post, municipalities, printers.
CREATE TABLE agency (
    id       KEY64   PRIMARY KEY,  -- legal person's id, 11 digits
    name     TEXT    NOT NULL,     -- official name, in Persian
    kind     TEXT    NOT NULL,     -- '': asks only; 'registry', 'post', 'municipality', 'printer', 'planning', 'administration'; never changes
    province TEXT    NOT NULL,     -- seat; '': national
    county   TEXT    NOT NULL,     -- shahrestan that a municipality answers for; '': the whole province
    locality TEXT    NOT NULL,     -- city or village that a municipality answers for; '': the whole county
    state    INTEGER NOT NULL,     -- agency.State: 1 active, 2 suspended, 3 closed
    version  INTEGER NOT NULL      -- 1, 2, 3 …
);
INSERT INTO agency (id, name, kind, province, county, locality, state, version)
SELECT id, name, '', province, '', '', state, version FROM agency_before;
DROP TABLE agency_before;

CREATE TABLE agency_history_before AS SELECT * FROM agency_history;
DROP TABLE agency_history;
CREATE TABLE agency_history (
    id       BIGINT  NOT NULL,     -- as in agency, and so for the columns up to state
    version  INTEGER NOT NULL,     -- the version this row was
    name     TEXT    NOT NULL,     -- official name
    kind     TEXT    NOT NULL,     -- what it is
    province TEXT    NOT NULL,     -- seat
    county   TEXT    NOT NULL,     -- shahrestan
    locality TEXT    NOT NULL,     -- city or village
    state    INTEGER NOT NULL,     -- agency.State
    until    BIGINT  NOT NULL,     -- moment of the change that ended this version
    role     TEXT    NOT NULL,     -- who changed it: journal.Actor.Role
    actor    BIGINT  NOT NULL,     -- who changed it: the actor's agency; 0: the registry itself
    officer  TEXT    NOT NULL,     -- who changed it: the actor's login
    act      BYTEA   NOT NULL,     -- journal.ActID
    PRIMARY KEY (id, version)
);
INSERT INTO agency_history (id, version, name, kind, province, county, locality, state, until, role, actor, officer, act)
SELECT id, version, name, '', province, '', '', state, until, role, actor, officer, act FROM agency_history_before;
DROP TABLE agency_history_before;

CREATE TABLE certificate_before AS SELECT * FROM certificate;
DROP TABLE certificate;
-- Client certificates that the registry's authority issued to agencies: to the
-- agency's program, or to one officer, who alone acts with it on the registers.
CREATE TABLE certificate (
    fingerprint BYTEA   NOT NULL PRIMARY KEY, -- SHA-256 of the certificate's DER bytes
    agency      BIGINT  NOT NULL,  -- agency.id
    officer     TEXT    NOT NULL,  -- officer.login; '': the agency's program
    since       BIGINT  NOT NULL,  -- moment from which it is valid
    until       BIGINT  NOT NULL,  -- moment at which it ends
    revoked     BIGINT  NOT NULL,  -- moment of revocation; 0: not revoked
    der         BYTEA   NOT NULL   -- the certificate
);
INSERT INTO certificate (fingerprint, agency, officer, since, until, revoked, der)
SELECT fingerprint, agency, '', since, until, revoked, der FROM certificate_before;
DROP TABLE certificate_before;
CREATE INDEX certificate_agency ON certificate (agency);
