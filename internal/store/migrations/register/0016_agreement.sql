-- +goose Up
-- The tables are made anew because every column's comment stands on its line,
-- which adding a column cannot do. They are small.
CREATE TABLE agreement_before AS SELECT * FROM agreement;
DROP TABLE agreement;
-- Agreements with agencies, every version for ever: a row is never changed. In
-- force at a moment is, of the versions that have begun, the highest one, if
-- its state is 1 and it has not ended. Suspending or ending makes a version too.
CREATE TABLE agreement (
    id       BIGINT  NOT NULL,     -- number of the agreement: 1, 2, 3 …
    version  INTEGER NOT NULL,     -- 1, 2, 3 … within the agreement
    agency   BIGINT  NOT NULL,     -- agency.id
    state    INTEGER NOT NULL,     -- agreement.State: 1 in force, 2 suspended, 3 ended
    since    BIGINT  NOT NULL,     -- moment from which this version holds
    until    BIGINT  NOT NULL,     -- moment at which it ends
    service  TEXT    NOT NULL,     -- the registry's service identifier (circular, art. 1a)
    why      TEXT    NOT NULL,     -- code word of the act that made it: 'signed', 'amended', 'audit-12' …
    draft    BIGINT  NOT NULL,     -- the signed draft that it was made of: agreement_draft.id; 0: none
    narrowed INTEGER NOT NULL,     -- the clause that this version narrows, clause.no; less than 0: gives back; 0: none
    made     BIGINT  NOT NULL,     -- moment of registration
    role     TEXT    NOT NULL,     -- who registered it: journal.Actor.Role
    actor    BIGINT  NOT NULL,     -- who registered it: the actor's agency; 0: the registry itself
    officer  TEXT    NOT NULL,     -- who registered it: the actor's login
    act      BYTEA   NOT NULL,     -- journal.ActID
    PRIMARY KEY (id, version)
);
INSERT INTO agreement (id, version, agency, state, since, until, service, why, draft, narrowed, made, role, actor, officer, act)
SELECT id, version, agency, state, since, until, service, '', 0, 0, made, role, actor, officer, act FROM agreement_before;
DROP TABLE agreement_before;

CREATE TABLE clause_before AS SELECT * FROM clause;
DROP TABLE clause;
-- What an agreement permits. A question must fit one clause whole. Lists are
-- JSON arrays of strings.
CREATE TABLE clause (
    agreement   BIGINT  NOT NULL,  -- agreement.id
    version     INTEGER NOT NULL,  -- agreement.version
    no          INTEGER NOT NULL,  -- number that answers cite: 1 … 999
    service     TEXT    NOT NULL,  -- 'identity', 'shenasnameh', 'card', 'residence', 'place', 'predicate' …
    modes       TEXT    NOT NULL,  -- list: 'verify', 'disclose'
    search_keys TEXT    NOT NULL,  -- list: such as 'national_number+birth_date'
    fields      TEXT    NOT NULL,  -- list: items that may be verified or told
    processes   TEXT    NOT NULL,  -- list: codes of service processes; empty: any
    purposes    TEXT    NOT NULL,  -- list: codes of purposes; empty: any
    daily_quota BIGINT  NOT NULL,  -- inquiries a Tehran day; 0: no limit
    hours       TEXT    NOT NULL,  -- when it may be used, in Tehran: '07:00-19:00'; '': at any hour
    days        TEXT    NOT NULL,  -- list: 'sat', 'sun', 'mon', 'tue', 'wed', 'thu', 'fri'; empty: on any day
    signature   INTEGER NOT NULL,  -- 1: requests must be signed (RFC 9421); 0: need not
    court_days  INTEGER NOT NULL,  -- days that an inquiry under a court reference may stay hidden at most; 0: none may
    audit_days  INTEGER NOT NULL,  -- days in which the dossier of a sampled inquiry is to be shown; 0: 10
    silence     TEXT    NOT NULL,  -- what it comes to if no dossier is shown: 'verify_only', 'halve_quota', 'end_clause', 'suspend'; '': 'end_clause'
    misuse      TEXT    NOT NULL,  -- what a misuse comes to: as in silence; '': 'verify_only'
    statement   TEXT    NOT NULL,  -- why it is needed, in words
    risk        TEXT    NOT NULL,  -- what could go wrong, in words
    PRIMARY KEY (agreement, version, no)
);
INSERT INTO clause (agreement, version, no, service, modes, search_keys, fields, processes, purposes, daily_quota,
    hours, days, signature, court_days, audit_days, silence, misuse, statement, risk)
SELECT agreement, version, no, service, modes, search_keys, fields, processes, purposes, daily_quota,
    '', '[]', 0, 0, 0, '', '', '', '' FROM clause_before;
DROP TABLE clause_before;

-- Drafts of agreements and of their amendments, on their way to a version.
CREATE TABLE agreement_draft (
    id        KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of drafting
    agency    BIGINT  NOT NULL,    -- agency.id
    agreement BIGINT  NOT NULL,    -- the agreement that it amends: agreement.id; 0: a new one, until it is in force
    version   INTEGER NOT NULL,    -- the version that it amends; once in force the one it became
    state     INTEGER NOT NULL,    -- agreement.DraftState: 1 drafted, 2 requested, 3 returned, 4 reviewed, 5 signed, 6 in force
    text      TEXT    NOT NULL,    -- the whole agreement in the form of the operator's file; what is signed
    digest    BYTEA   NOT NULL     -- SHA-256 of the text
);
CREATE INDEX agreement_draft_agency ON agreement_draft (agency, id);

-- What was done with a draft, and by whom.
CREATE TABLE agreement_step (
    draft   BIGINT  NOT NULL,      -- agreement_draft.id
    no      INTEGER NOT NULL,      -- 1, 2, 3 … within the draft
    state   INTEGER NOT NULL,      -- the state that it led to: agreement.DraftState
    at      BIGINT  NOT NULL,      -- moment
    role    TEXT    NOT NULL,      -- who: journal.Actor.Role
    agency  BIGINT  NOT NULL,      -- who: the actor's agency
    officer TEXT    NOT NULL,      -- who: the actor's login
    note    TEXT    NOT NULL,      -- why it was returned; '': nothing was said
    digest  BYTEA   NOT NULL,      -- SHA-256 of the text that he saw
    act     BYTEA   NOT NULL,      -- journal.ActID
    PRIMARY KEY (draft, no)
);

-- Bodies that may ask in the name of another, under the other's agreement.
CREATE TABLE delegation (
    id        KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of proposing
    principal BIGINT  NOT NULL,    -- in whose name: agency.id
    delegate  BIGINT  NOT NULL,    -- who asks: agency.id
    services  TEXT    NOT NULL,    -- what may be asked so: JSON array of service names
    since     INTEGER NOT NULL,    -- first day, as persian.Date.Pack
    until     INTEGER NOT NULL,    -- last day, as persian.Date.Pack
    reference TEXT    NOT NULL,    -- number and date of the paper that it rests on
    state     INTEGER NOT NULL,    -- agreement.DelegationState: 1 proposed, 2 accepted, 3 in force, 4 ended
    made      BIGINT  NOT NULL,    -- moment of proposing
    proposer  TEXT    NOT NULL,    -- login of the principal's head
    accepted  BIGINT  NOT NULL,    -- moment of acceptance; 0: not accepted
    acceptor  TEXT    NOT NULL,    -- login of the delegate's head; '': not accepted
    confirmed BIGINT  NOT NULL,    -- moment of confirmation, from which it holds; 0: not confirmed
    confirmer TEXT    NOT NULL,    -- login of the registry's supervisor; '': not confirmed
    ended     BIGINT  NOT NULL,    -- moment of ending; 0: not ended
    ender     TEXT    NOT NULL     -- login of who ended it; '': not ended
);
CREATE INDEX delegation_principal ON delegation (principal, id);
CREATE INDEX delegation_delegate ON delegation (delegate, id);

-- +goose Down
DROP TABLE delegation;
DROP TABLE agreement_step;
DROP TABLE agreement_draft;
