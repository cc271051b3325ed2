-- The register database, as the migrations make it on SQLite.
-- Written by go test ./internal/store -run Schema -update; do not edit.

-- An officer's second factor by codes. A row is made when he first has any
-- factor besides his password.
CREATE TABLE account (
    agency BIGINT  NOT NULL, -- legal id
    login  TEXT    NOT NULL, -- of the officer
    handle BYTEA   NOT NULL, -- 32 random bytes by which his passkeys know him
    secret BYTEA   NOT NULL, -- of his authenticator, sealed with the key file; empty: none
    step   BIGINT  NOT NULL, -- last step of 30 seconds whose code was accepted
    since  BIGINT  NOT NULL, -- moment the authenticator was set; 0: none
    wrong  INTEGER NOT NULL, -- wrong codes given after the right password since the last right code
    until  BIGINT  NOT NULL, -- moment before which no code is tried; 0: at once
    PRIMARY KEY (agency, login)
);

CREATE UNIQUE INDEX account_handle ON account (handle);

-- Codes with which officers set their first password.
CREATE TABLE account_activation (
    hash   BYTEA  PRIMARY KEY, -- SHA-256 of the code
    agency BIGINT NOT NULL, -- legal id
    login  TEXT   NOT NULL, -- of the officer
    made   BIGINT NOT NULL, -- moment
    ends   BIGINT NOT NULL, -- moment from which it opens nothing
    used   BIGINT NOT NULL  -- moment it was used or replaced; 0: neither
);

CREATE INDEX account_activation_officer ON account_activation (agency, login);

-- Which officer a user of the outside sign-in service is.
CREATE TABLE account_link (
    issuer  TEXT   NOT NULL, -- of the sign-in service
    subject TEXT   NOT NULL, -- its name for the user
    agency  BIGINT NOT NULL, -- legal id
    login   TEXT   NOT NULL, -- of the officer
    made    BIGINT NOT NULL, -- moment
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX account_link_officer ON account_link (agency, login);

CREATE TABLE account_passkey (
    id         BYTEA   PRIMARY KEY, -- credential id, as the authenticator made it
    agency     BIGINT  NOT NULL, -- legal id
    login      TEXT    NOT NULL, -- of the officer whose it is
    name       TEXT    NOT NULL, -- by which he knows it
    public     BYTEA   NOT NULL, -- public key, COSE
    counter    BIGINT  NOT NULL, -- last signature counter; 0: the authenticator does not count
    flags      INTEGER NOT NULL, -- of the authenticator data at registration
    model      BYTEA   NOT NULL, -- AAGUID
    transports TEXT    NOT NULL, -- code words with a comma between
    made       BIGINT  NOT NULL, -- moment of registration
    used       BIGINT  NOT NULL, -- moment of the last sign-in; 0: never
    blocked    BIGINT  NOT NULL  -- moment its counter went back, which a copy does; 0: never
);

CREATE INDEX account_passkey_officer ON account_passkey (agency, login);

-- Codes for the day on which the authenticator is lost; each opens once.
CREATE TABLE account_recovery (
    agency BIGINT NOT NULL, -- legal id
    login  TEXT   NOT NULL, -- of the officer
    hash   BYTEA  NOT NULL, -- HMAC-SHA-256 of the code under the key file
    used   BIGINT NOT NULL, -- moment; 0: not used
    PRIMARY KEY (agency, login, hash)
);

-- Who is signed in. An ended row stays for some weeks, without its data, so that
-- an officer sees where he has been signed in, and so that no request under way
-- brings it back.
CREATE TABLE account_session (
    hash   BYTEA  PRIMARY KEY, -- SHA-256 of the token in the cookie
    agency BIGINT NOT NULL, -- legal id
    login  TEXT   NOT NULL, -- of the officer
    method TEXT   NOT NULL, -- 'password', 'totp', 'recovery', 'passkey', 'oidc' or 'demo'
    device TEXT   NOT NULL, -- families of browser and system; no version, no address
    made   BIGINT NOT NULL, -- moment of sign-in
    seen   BIGINT NOT NULL, -- moment of the last request, at most a minute behind
    ends   BIGINT NOT NULL, -- moment of its end if nothing more is asked
    ended  BIGINT NOT NULL, -- moment it was ended before; 0: it was not
    data   BYTEA  NOT NULL  -- what the pages keep in it; empty once it has ended
);

CREATE INDEX account_session_ends ON account_session (ends);

CREATE INDEX account_session_officer ON account_session (agency, login);

-- Agencies that may ask (circular of 1399/06/17), and the bodies that keep the
-- registers: registry, Post, municipalities, printers.
CREATE TABLE agency (
    id          INTEGER   PRIMARY KEY,  -- legal person's id, 11 digits
    name        TEXT    NOT NULL,     -- official name, in Persian
    kind        TEXT    NOT NULL,     -- '': asks only; 'registry', 'post', 'municipality', 'printer', 'planning', 'administration'; never changes
    parent      BIGINT  NOT NULL,     -- agency.id of the body above; 0: none
    province    TEXT    NOT NULL,     -- seat; '': national
    county      TEXT    NOT NULL,     -- shahrestan that a municipality answers for; '': the whole province
    locality    TEXT    NOT NULL,     -- city or village that a municipality answers for; '': the whole county
    bound       INTEGER NOT NULL,     -- 1: bound by the circular; 0: not
    accountable TEXT    NOT NULL,     -- officer.login of the highest officer; '': none has joined
    state       INTEGER NOT NULL,     -- agency.State: 1 active, 2 suspended, 3 closed
    version     INTEGER NOT NULL      -- 1, 2, 3 …
);

CREATE TABLE agency_history (
    id          BIGINT  NOT NULL,     -- as in agency, and so for the columns up to state
    version     INTEGER NOT NULL,     -- the version this row was
    name        TEXT    NOT NULL,     -- official name
    kind        TEXT    NOT NULL,     -- what it is
    parent      BIGINT  NOT NULL,     -- the body above
    province    TEXT    NOT NULL,     -- seat
    county      TEXT    NOT NULL,     -- shahrestan
    locality    TEXT    NOT NULL,     -- city or village
    bound       INTEGER NOT NULL,     -- whether the circular binds it
    accountable TEXT    NOT NULL,     -- its highest officer
    state       INTEGER NOT NULL,     -- agency.State
    until       BIGINT  NOT NULL,     -- moment of the change that ended this version
    role        TEXT    NOT NULL,     -- who changed it: journal.Actor.Role
    actor       BIGINT  NOT NULL,     -- who changed it: the actor's agency; 0: the registry itself
    officer     TEXT    NOT NULL,     -- who changed it: the actor's login
    act         BYTEA   NOT NULL,     -- journal.ActID
    PRIMARY KEY (id, version)
);

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

-- Drafts of agreements and of their amendments, on their way to a version.
CREATE TABLE agreement_draft (
    id        INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of drafting
    agency    BIGINT  NOT NULL,    -- agency.id
    agreement BIGINT  NOT NULL,    -- the agreement that it amends: agreement.id; 0: a new one, until it is in force
    version   INTEGER NOT NULL,    -- the version that it amends; once in force the one it became
    state     INTEGER NOT NULL,    -- agreement.DraftState: 1 drafted, 2 requested, 3 returned, 4 reviewed, 5 signed, 6 in force
    text      TEXT    NOT NULL,    -- the whole agreement in the form of the operator's file; what is signed
    digest    BYTEA   NOT NULL     -- SHA-256 of the text
);

CREATE INDEX agreement_draft_agency ON agreement_draft (agency, id);

-- What waits is counted on every page and listed first, so it is found without
-- passing over what is done with.
CREATE INDEX agreement_draft_open ON agreement_draft (agency, id) WHERE state < 6;

CREATE INDEX agreement_draft_waiting ON agreement_draft (state, id) WHERE state < 6;

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

-- Areas: the upper part of addresses, each combination once. Rows are added
-- and never changed.
CREATE TABLE area (
    id            INTEGER PRIMARY KEY, -- in order of first use
    province      TEXT NOT NULL,   -- ostan
    county        TEXT NOT NULL,   -- shahrestan
    district      TEXT NOT NULL,   -- bakhsh
    locality      TEXT NOT NULL,   -- city or village
    locality_kind TEXT NOT NULL,   -- 'city', 'village' or another word of the Post's
    sub_locality  TEXT NOT NULL,   -- quarter
    UNIQUE (province, county, district, locality, locality_kind, sub_locality)
);

-- Cases: an inquiry whose dossier the agency has to show.
CREATE TABLE audit (
    id            INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of opening
    source        TEXT    NOT NULL,    -- 'sample', 'dispute' or 'pattern'
    source_id     BIGINT  NOT NULL,    -- audit_draw.id or audit_pattern.id; 0: a dispute
    agency        BIGINT  NOT NULL,    -- who asked: agency.id
    holder        BIGINT  NOT NULL,    -- whose agreement it was: agency.id
    code          TEXT    NOT NULL,    -- tracking code of the inquiry
    asked         BIGINT  NOT NULL,    -- moment of the inquiry
    officer       TEXT    NOT NULL,    -- login of the officer who asked
    service       TEXT    NOT NULL,    -- from the inquiry's record, as the next three
    process       TEXT    NOT NULL,    -- code of the service process; '': none
    purpose       TEXT    NOT NULL,    -- code of the purpose
    file          TEXT    NOT NULL,    -- file number
    agreement     BIGINT  NOT NULL,    -- what permitted it: agreement.id
    version       INTEGER NOT NULL,    -- … agreement.version
    clause        INTEGER NOT NULL,    -- … clause.no
    opened        BIGINT  NOT NULL,    -- moment
    deadline      INTEGER NOT NULL,    -- last day for the dossier, as persian.Date.Pack
    state         INTEGER NOT NULL,    -- audit.State: 1 open, 2 shown, 3 closed
    outcome       INTEGER NOT NULL,    -- audit.Outcome: 0 none, 1 justified, 2 misuse, 3 silent
    disputed      BIGINT  NOT NULL,    -- moment at which the person concerned disputed it; 0: he has not
    shown         BIGINT  NOT NULL,    -- moment; 0: not shown
    shown_by      TEXT    NOT NULL,    -- login of the agency's head
    shown_file    TEXT    NOT NULL,    -- file number, as shown
    shown_purpose TEXT    NOT NULL,    -- code of the purpose, as shown
    words         TEXT    NOT NULL,    -- the purpose in words
    ground        TEXT    NOT NULL,    -- what in the dossier called for the inquiry
    paper         BYTEA   NOT NULL,    -- SHA-256 of the paper, which stays with the agency; empty: none
    judged        BIGINT  NOT NULL,    -- moment of the outcome; 0: none yet
    judge_agency  BIGINT  NOT NULL,    -- who judged: agency.id; 0: nobody, the deadline passed
    judge         TEXT    NOT NULL,    -- login
    appeal        INTEGER NOT NULL,    -- audit.Appeal: 0 none, 1 pending, 2 upheld, 3 rejected
    measure       INTEGER NOT NULL,    -- audit.Measure: 0 none, 1 due, 2 under way, 3 done, 4 stands already, 5 void, 6 lifting due, 7 lifting under way, 8 lifted, 9 retained
    how           TEXT    NOT NULL,    -- what it does to the clause, as agreement.Clause.Misuse; '': nothing
    claimed       BIGINT  NOT NULL,    -- moment at which a process took the measure up; 0: none
    made          INTEGER NOT NULL,    -- the version of the agreement that it made; 0: none
    act           BYTEA   NOT NULL     -- journal.ActID of the opening
);

CREATE INDEX audit_agency ON audit (agency, id);

CREATE INDEX audit_appealed ON audit (id) WHERE appeal = 1;

CREATE INDEX audit_clause ON audit (agreement, clause, measure);

CREATE UNIQUE INDEX audit_code ON audit (code);

CREATE INDEX audit_deadline ON audit (state, deadline);

CREATE INDEX audit_disputed ON audit (id) WHERE disputed > 0;

CREATE INDEX audit_holder ON audit (holder, id);

CREATE INDEX audit_measure ON audit (measure, id);

CREATE INDEX audit_opened ON audit (opened);

CREATE INDEX audit_opened_of ON audit (agency, opened);

CREATE INDEX audit_unclosed ON audit (id) WHERE state < 3;

CREATE INDEX audit_wrong ON audit (id) WHERE outcome > 1;

-- Random samples of what agencies asked. What is drawn follows from the window,
-- the sizes and the seed alone (docs/audit.md).
CREATE TABLE audit_draw (
    id       INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of ordering
    month    INTEGER NOT NULL,    -- Jalali month, as persian.Date.Pack with day 0
    agency   BIGINT  NOT NULL,    -- the one agency that is drawn from; 0: all, once the month is over
    since    BIGINT  NOT NULL,    -- moment from which inquiries are drawn
    until    BIGINT  NOT NULL,    -- moment before which they are
    least    INTEGER NOT NULL,    -- smallest and
    most     INTEGER NOT NULL,    -- largest sample of one agency
    role     TEXT    NOT NULL,    -- who ordered it: journal.Actor.Role
    actor    BIGINT  NOT NULL,    -- who ordered it: the actor's agency; 0: the program itself
    officer  TEXT    NOT NULL,    -- who ordered it: the actor's login
    ordered  BIGINT  NOT NULL,    -- moment of the order
    job      BIGINT  NOT NULL,    -- the job that draws
    origin   TEXT    NOT NULL,    -- log whose root the seed comes from; '': not yet known
    size     BIGINT  NOT NULL,    -- entries of that log when it had the root
    root     TEXT    NOT NULL,    -- the root in base64, as checkpoints have it
    purged   BIGINT  NOT NULL,    -- entries of the window whose records had been purged
    drawn    BIGINT  NOT NULL,    -- moment at which all was drawn; 0: not yet
    act      BYTEA   NOT NULL     -- journal.ActID of the order
);

CREATE UNIQUE INDEX audit_draw_window ON audit_draw (agency, since, until);

-- Unusual patterns, for an inspector to look at. None is a proof of anything.
CREATE TABLE audit_pattern (
    id       INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of finding
    draw     BIGINT  NOT NULL,    -- in whose window: audit_draw.id
    kind     TEXT    NOT NULL,    -- 'volume', 'not_found', 'refused', 'off_hours', 'family', 'own_name', 'run', 'steps', 'repeat'
    agency   BIGINT  NOT NULL,    -- agency.id
    officer  TEXT    NOT NULL,    -- login
    observed BIGINT  NOT NULL,    -- what was counted
    asked    BIGINT  NOT NULL,    -- of so many inquiries
    expected BIGINT  NOT NULL,    -- what would be counted by chance, in millionths
    chance   BIGINT  NOT NULL,    -- how many such findings chance alone brings: -log10, in thousandths
    codes    TEXT    NOT NULL,    -- tracking codes that show it: JSON array
    found    BIGINT  NOT NULL,    -- moment
    state    INTEGER NOT NULL,    -- audit.PatternState: 1 new, 2 explained, 3 audited
    decided  BIGINT  NOT NULL,    -- moment of the decision; 0: none yet
    decider  TEXT    NOT NULL,    -- login of the inspector
    reason   TEXT    NOT NULL     -- in words
);

CREATE INDEX audit_pattern_draw ON audit_pattern (draw, agency, officer, kind);

CREATE INDEX audit_pattern_state ON audit_pattern (state, id);

-- What a draw found of one agency.
CREATE TABLE audit_share (
    draw       BIGINT NOT NULL,   -- audit_draw.id
    agency     BIGINT NOT NULL,   -- agency.id
    population BIGINT NOT NULL,   -- its inquiries in the window that were answered
    chosen     BIGINT NOT NULL,   -- how many of them were drawn
    opened     BIGINT NOT NULL,   -- … for which a case was opened: the others had one
    digest     BYTEA  NOT NULL,   -- SHA-256 of their origins and indexes, in order of drawing
    PRIMARY KEY (draw, agency)
);

-- What was done with a case, and by whom.
CREATE TABLE audit_step (
    audit   BIGINT  NOT NULL,     -- audit.id
    no      INTEGER NOT NULL,     -- 1, 2, 3 … within the case
    what    TEXT    NOT NULL,     -- 'opened', 'disputed', 'shown', 'justified', 'misuse', 'silent', 'narrowed', 'appealed', 'appeal-upheld', 'restored' …
    at      BIGINT  NOT NULL,     -- moment
    role    TEXT    NOT NULL,     -- who: journal.Actor.Role
    agency  BIGINT  NOT NULL,     -- who: the actor's agency
    officer TEXT    NOT NULL,     -- who: the actor's login
    text    TEXT    NOT NULL,     -- what he says
    act     BYTEA   NOT NULL,     -- journal.ActID
    PRIMARY KEY (audit, no)
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
) WITHOUT ROWID;

-- Children of a parent whom the notification of a birth named.
CREATE INDEX birth_father ON birth (father) WHERE father <> 0;

CREATE INDEX birth_mother ON birth (mother) WHERE mother <> 0;

CREATE UNIQUE INDEX birth_number ON birth (number);

CREATE TABLE board_decision (
    id        INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of drafting
    session   BIGINT  NOT NULL,    -- in which it was taken
    words     TEXT    NOT NULL,    -- its text, in Persian
    reference TEXT    NOT NULL,    -- number and date of the paper
    authority TEXT    NOT NULL,    -- whose decision it is: 'board', 'council-of-ministers' …
    effect    TEXT    NOT NULL,    -- what the program obeys; '': nothing
    params    TEXT    NOT NULL,    -- of the effect: a JSON object, canonical
    day       INTEGER NOT NULL,    -- from which it holds
    sha256    BYTEA   NOT NULL,    -- of all the above: what members sign
    state     INTEGER NOT NULL,    -- 1 drafted, 2 decided, 3 withdrawn
    made      BIGINT  NOT NULL,    -- moment of the draft
    member    BIGINT  NOT NULL,    -- who drafted it: board_member.id
    ended     BIGINT  NOT NULL,    -- moment it was decided or withdrawn; 0
    repealed  BIGINT  NOT NULL,    -- decision that repeals this one; 0
    act       BYTEA   NOT NULL     -- journal.ActID of the last change
);

CREATE INDEX board_decision_drafted ON board_decision (id) WHERE state = 1;

-- What the board wants somebody to do.
CREATE TABLE board_follow_up (
    id          INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of registration
    decision    BIGINT  NOT NULL,    -- from which it follows; 0: none
    words       TEXT    NOT NULL,    -- what is to be done, in Persian
    responsible BIGINT  NOT NULL,    -- legal id of the agency or body
    due         INTEGER NOT NULL,    -- last day
    made        BIGINT  NOT NULL,    -- moment of registration
    member      BIGINT  NOT NULL,    -- who registered it: board_member.id
    evidence    TEXT    NOT NULL,    -- by what it is known to be done; ''
    done        INTEGER NOT NULL,    -- day on which it was done; 0: open
    closer      BIGINT  NOT NULL,    -- who registered that: board_member.id; 0
    act         BYTEA   NOT NULL     -- journal.ActID of the last change
);

-- The board of article 13 of the bylaw of 1378: who sits in it, when it met,
-- what it decided and what it wants done. Rows of decided decisions stay as
-- they are; a later decision takes their place or repeals them.
CREATE TABLE board_member (
    id       INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of appointment
    body     TEXT    NOT NULL,    -- 'registry', 'planning', 'post' or 'administration'
    agency   BIGINT  NOT NULL,    -- legal id of that body
    login    TEXT    NOT NULL,    -- of its officer
    office   TEXT    NOT NULL,    -- 'chair', 'secretary' or ''
    since    INTEGER NOT NULL,    -- first day of the membership
    until    INTEGER NOT NULL,    -- its last day
    reason   TEXT    NOT NULL,    -- code word of the last change
    document TEXT    NOT NULL,    -- the body's letter
    act      BYTEA   NOT NULL     -- journal.ActID of the last change
);

CREATE INDEX board_member_officer ON board_member (agency, login);

CREATE TABLE board_present (
    session BIGINT NOT NULL,     -- board_session.id
    member  BIGINT NOT NULL,     -- who was there: board_member.id
    PRIMARY KEY (session, member)
);

CREATE TABLE board_session (
    id      INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of registration
    held    INTEGER NOT NULL,    -- day
    place   TEXT    NOT NULL,    -- where
    agenda  TEXT    NOT NULL,    -- in Persian, as the next
    minutes TEXT    NOT NULL,    -- what was said and decided
    made    BIGINT  NOT NULL,    -- moment of registration
    member  BIGINT  NOT NULL,    -- who registered it: board_member.id
    act     BYTEA   NOT NULL     -- journal.ActID
);

CREATE TABLE board_signature (
    decision BIGINT NOT NULL,     -- board_decision.id
    body     TEXT   NOT NULL,     -- each of the four signs once
    member   BIGINT NOT NULL,     -- board_member.id
    at       BIGINT NOT NULL,     -- moment
    act      BYTEA  NOT NULL,     -- journal.ActID
    PRIMARY KEY (decision, body)
);

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
) WITHOUT ROWID;

CREATE INDEX booklet_number ON booklet (number);

-- Serials of national cards that are not of the usual form (a digit, a capital
-- letter, eight digits), which stands in person.card.
CREATE TABLE card (
    number INTEGER PRIMARY KEY,      -- national number of the holder
    serial TEXT  NOT NULL          -- as printed on the back
);

-- Batches for the printer.
CREATE TABLE card_batch (
    id     INTEGER   PRIMARY KEY, -- 1, 2, 3 …
    made   BIGINT  NOT NULL,    -- moment
    size   INTEGER NOT NULL,    -- rows
    open   INTEGER NOT NULL,    -- rows without a result
    digest BYTEA   NOT NULL,    -- SHA-256 of the file
    file   BYTEA   NOT NULL,    -- the file as the printer gets it, while open > 0; then empty
    agency BIGINT  NOT NULL     -- the printer's; 0: a supervisor made it, and no printer has fetched it yet
);

-- Every card, from its application on; and cards made elsewhere, from the
-- moment something befalls them here.
CREATE TABLE card_life (
    id         INTEGER   PRIMARY KEY, -- number of the application: 1, 2, 3 …
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

-- Who has an appointment on a day.
CREATE INDEX card_life_day ON card_life (office, day) WHERE state = 3;

-- Nobody ever has two cards in force, or two applications under way.
CREATE UNIQUE INDEX card_life_in_force ON card_life (number) WHERE state = 4;

CREATE INDEX card_life_number ON card_life (number);

CREATE UNIQUE INDEX card_life_pending ON card_life (number) WHERE state IN (2, 3, 10, 11, 12);

CREATE INDEX card_life_ready ON card_life (id) WHERE state = 10;

-- The rows of batches: every blank card that was spent, each serial once.
CREATE TABLE card_print (
    batch  BIGINT  NOT NULL,    -- card_batch.id
    row    INTEGER NOT NULL,    -- 1, 2, 3 … within the batch
    card   BIGINT  NOT NULL,    -- card_life.id
    serial TEXT    NOT NULL UNIQUE, -- of the blank
    result INTEGER NOT NULL,    -- 0: open, 1: printed, 2: failed, 3: spoiled before hand-over
    note   TEXT    NOT NULL,    -- the printer's code of the failure
    PRIMARY KEY (batch, row)
) WITHOUT ROWID;

-- Hours at which an office receives applicants.
CREATE TABLE card_slot (
    office   INTEGER NOT NULL,  -- registry_office.code
    day      INTEGER NOT NULL,  -- date
    hour     INTEGER NOT NULL,  -- 0 … 23, Tehran time
    capacity INTEGER NOT NULL,  -- how many may be appointed
    taken    INTEGER NOT NULL,  -- how many are; never more than capacity
    PRIMARY KEY (office, day, hour)
) WITHOUT ROWID;

-- From when on whose turn it is to apply for a first card (bylaw of 1378, art.
-- 2). Cohorts of one province do not overlap.
CREATE TABLE card_timetable (
    province  TEXT    NOT NULL, -- ostan; '': wherever no row names the province
    born_from INTEGER NOT NULL, -- first year of birth
    born_to   INTEGER NOT NULL, -- last year of birth
    opens     INTEGER NOT NULL, -- date from which they may apply
    reference TEXT    NOT NULL, -- the decision: body, number, clause
    PRIMARY KEY (province, born_from, born_to)
) WITHOUT ROWID;

-- How long a card is valid: decisions with their dates, never a constant
-- (bylaw of 1378, note to art. 2: first 7 years, later as the Council of
-- Ministers approves).
CREATE TABLE card_validity (
    decided_on INTEGER PRIMARY KEY, -- date from which cards issued are under this decision
    years      INTEGER NOT NULL,    -- validity in Jalali years from the day of issue
    reference  TEXT    NOT NULL     -- the decision: body, number, clause
);

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

CREATE INDEX certificate_agency ON certificate (agency);

-- A person's own access to what the register keeps of who asked about him. A
-- clerk gives it to whom he sees; the code itself is not kept. One is valid at
-- a time: a new one ends the one before.
CREATE TABLE citizen_access (
    id       INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of giving
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
    id      INTEGER  PRIMARY KEY, -- 1, 2, 3 … in order of locking
    subject BIGINT NOT NULL,    -- national number of the person
    purpose TEXT   NOT NULL,    -- code of the purpose, as agreements name it; '': every one that the law leaves open
    since   BIGINT NOT NULL,    -- moment from which it holds
    ended   BIGINT NOT NULL,    -- moment it was lifted; 0: it holds
    act     BYTEA  NOT NULL     -- journal.ActID of the locking
);

CREATE UNIQUE INDEX citizen_lock_holds ON citizen_lock (subject, purpose) WHERE ended = 0;

CREATE INDEX citizen_lock_subject ON citizen_lock (subject, id);

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

-- Reports of citizens that an agency demanded a copy of a document (circular of
-- 1399/06/17). Who reports is not asked.
CREATE TABLE complaint (
    id       INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of filing
    agency   BIGINT  NOT NULL,    -- whom it is about
    process  TEXT    NOT NULL,    -- code of the agency's process; '': not said
    document TEXT    NOT NULL,    -- what was demanded: document_type.code
    day      INTEGER NOT NULL,    -- date on which it was demanded
    province TEXT    NOT NULL,    -- where
    county   TEXT    NOT NULL,    -- where; '': not said
    place    TEXT    NOT NULL,    -- branch or office, as the citizen calls it; '': not said
    text     TEXT    NOT NULL,    -- what the citizen wrote
    contact  TEXT    NOT NULL,    -- how to reach him, if he said so; forgotten six months after it was judged
    digest   BYTEA   NOT NULL,    -- SHA-256 of agency and text, by which the same report is known again
    state    INTEGER NOT NULL,    -- complaint.State: 1 held, 2 open, 3 answered, 4 upheld, 5 rejected
    made     BIGINT  NOT NULL,    -- moment of filing
    deadline INTEGER NOT NULL,    -- date: last day for the agency's answer; 0: it is held
    answered BIGINT  NOT NULL,    -- moment of the agency's last answer; 0: none in this round
    late     INTEGER NOT NULL,    -- 1: a round's answer came after its deadline, or not at all
    judged   BIGINT  NOT NULL,    -- moment of the last judgement; 0: not judged
    judge    TEXT    NOT NULL,    -- login of the inspector who judged last; '': nobody
    reopened INTEGER NOT NULL,    -- how often the citizen had it opened again: 0 or 1
    copies   INTEGER NOT NULL,    -- how often the same was reported
    code     TEXT    NOT NULL     -- tracking code of its entry; '': its writing was interrupted
);

CREATE INDEX complaint_agency ON complaint (agency, made);

CREATE INDEX complaint_contact ON complaint (judged) WHERE contact <> '' AND judged > 0;

CREATE INDEX complaint_digest ON complaint (digest);

CREATE INDEX complaint_list ON complaint (agency, id);

CREATE INDEX complaint_made ON complaint (made);

CREATE INDEX complaint_state ON complaint (state, id);

-- What opens a report to whoever filed it, or filed the same.
CREATE TABLE complaint_secret (
    complaint BIGINT NOT NULL,    -- complaint.id
    hash      BYTEA  NOT NULL,    -- SHA-256 of the secret
    made      BIGINT NOT NULL,    -- moment
    PRIMARY KEY (complaint, hash)
);

-- Who did what with a report.
CREATE TABLE complaint_step (
    complaint BIGINT  NOT NULL,   -- complaint.id
    no        INTEGER NOT NULL,   -- 1, 2, 3 … within the report
    what      TEXT    NOT NULL,   -- 'filed', 'held', 'admitted', 'answered', 'upheld', 'rejected', 'reopened'
    at        BIGINT  NOT NULL,   -- moment
    role      TEXT    NOT NULL,   -- who: journal.Actor.Role
    agency    BIGINT  NOT NULL,   -- who: the actor's agency; 0: the citizen
    officer   TEXT    NOT NULL,   -- who: the actor's login; '': the citizen
    text      TEXT    NOT NULL,   -- what he said
    act       BYTEA   NOT NULL,   -- journal.ActID
    PRIMARY KEY (complaint, no)
);

-- What agencies have done of the bylaw of 1378 (package compliance): for each
-- item of the law every version of what was declared and what was found of it.
-- Nothing is ever changed; the newest version of an item counts.
CREATE TABLE compliance_item (
    agency   BIGINT  NOT NULL, -- whose
    clause   TEXT    NOT NULL, -- clause of docs/law.md, such as B.8
    version  INTEGER NOT NULL, -- 1, 2, 3 … within the item
    state    INTEGER NOT NULL, -- compliance.State: 1 declared, 2 accepted, 3 returned
    done     INTEGER NOT NULL, -- day since when the agency says that it is done
    share    INTEGER NOT NULL, -- of what it covers, in ten-thousandths; -1: it is none
    document TEXT    NOT NULL, -- number and date of the paper that proves it
    paper    BYTEA   NOT NULL, -- SHA-256 of that paper, which stays with the agency
    note     TEXT    NOT NULL, -- remark of who declared, or why it was returned; '': none
    at       BIGINT  NOT NULL, -- moment
    role     TEXT    NOT NULL, -- who: journal.Actor.Role
    actor    BIGINT  NOT NULL, -- who: the actor's agency; 0: the registry itself
    officer  TEXT    NOT NULL, -- who: the actor's login
    act      BYTEA   NOT NULL, -- journal.ActID
    PRIMARY KEY (agency, clause, version)
);

-- Declarations that wait for an inspector: those of compliance_item that no
-- judgement has followed.
CREATE TABLE compliance_waiting (
    agency   BIGINT  NOT NULL, -- whose
    clause   TEXT    NOT NULL, -- as in compliance_item
    version  INTEGER NOT NULL, -- that waits
    at       BIGINT  NOT NULL, -- moment of the declaration
    PRIMARY KEY (agency, clause)
);

CREATE INDEX compliance_waiting_at ON compliance_waiting (at, agency, clause);

-- Tables by which agencies replace their own place codes by postal codes
-- (art. 8). A row holds from the version that brought it to the one that took
-- it away, so every version can be read again.
CREATE TABLE conversion (
    id       INTEGER   PRIMARY KEY, -- 1, 2, 3 …
    agency   BIGINT  NOT NULL,    -- whose
    name     TEXT    NOT NULL     -- its own code word for the table
);

CREATE UNIQUE INDEX conversion_name ON conversion (agency, name);

CREATE TABLE conversion_row (
    conversion BIGINT  NOT NULL, -- conversion.id
    own        TEXT    NOT NULL, -- the agency's own code of a place
    since      INTEGER NOT NULL, -- version that brought it
    until      INTEGER NOT NULL, -- version that took it away; 0: it still holds
    postal     BIGINT  NOT NULL, -- postal code
    PRIMARY KEY (conversion, own, since)
) WITHOUT ROWID;

-- Agencies that were told a value that has been corrected since.
CREATE TABLE correction (
    id           INTEGER   PRIMARY KEY, -- 1, 2, 3 …
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

CREATE INDEX correction_waiting ON correction (agency, id) WHERE acknowledged = 0;

-- Bodies that may ask in the name of another, under the other's agreement.
CREATE TABLE delegation (
    id        INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of proposing
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

CREATE INDEX delegation_delegate ON delegation (delegate, id);

CREATE INDEX delegation_principal ON delegation (principal, id);

-- Deliveries of identity items to agencies (law B.5): an agency's list in, the
-- permitted items out, row by row. No name and no item stands here: what was
-- answered is in the journal, the agency's file lies sealed in the node's
-- directory, and both are forgotten in their time.
CREATE TABLE delivery (
    id           INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of request
    agency       BIGINT  NOT NULL,  -- whose
    state        INTEGER NOT NULL,  -- delivery.State: 1 requested, 2 approved, 3 queued, 4 running, 5 delivered, 6 acknowledged, 7 refused, 8 stopped, 9 withdrawn
    purpose      TEXT    NOT NULL,  -- code of the purpose, as the agreement names it
    fields       TEXT    NOT NULL,  -- items asked for, with spaces between
    method       TEXT    NOT NULL,  -- 'terminal', 'media' or 'api'
    distinct_rows INTEGER NOT NULL,  -- 1: the agency declares that no two rows are one person
    coverage     TEXT    NOT NULL,  -- how it is known whom the agency covers: 'declared', 'provinces' or 'follows'
    provinces    TEXT    NOT NULL,  -- of 'provinces': their names with | between
    reason       TEXT    NOT NULL,  -- grounds of the request: code word
    document     TEXT    NOT NULL,  -- and the paper
    agreement    BIGINT  NOT NULL,  -- what permits it: agreement.id
    version      INTEGER NOT NULL,  -- and its version
    clause       INTEGER NOT NULL,  -- and its clause
    officer      TEXT    NOT NULL,  -- login of the highest officer who asked
    requested    BIGINT  NOT NULL,  -- moment
    priority     INTEGER NOT NULL,  -- the board's: 1 is first; 0: not decided yet
    decided      BIGINT  NOT NULL,  -- moment of approval or refusal; 0: not yet
    note         TEXT    NOT NULL,  -- code word of why it was refused, or key of why it was stopped; ''
    format       TEXT    NOT NULL,  -- form of the file: 'csv', 'xlsx', 'parquet'; '': no file yet
    reading      TEXT    NOT NULL,  -- how its columns are to be read, JSON as a person decided
    file_sha256  BYTEA   NOT NULL,  -- of the file as it came; empty: none
    file_size    BIGINT  NOT NULL,  -- bytes
    node         TEXT    NOT NULL,  -- name of the node that holds the file; ''
    job          BIGINT  NOT NULL,  -- that works on it: job.id; 0: none yet
    queued       BIGINT  NOT NULL,  -- moment; 0: not yet
    linked       BIGINT  NOT NULL,  -- moment when all of its rows were linked and written; 0: not yet
    row_count    BIGINT  NOT NULL,  -- rows of the file, once linked
    answered     BIGINT  NOT NULL,  -- how many of them are answered
    report       TEXT    NOT NULL,  -- JSON of the linkage: counts, model, thresholds, position of the register; ''
    delivered    BIGINT  NOT NULL,  -- moment; 0: not yet
    act          BYTEA   NOT NULL,  -- journal.ActID of the entry for the file; empty: not yet
    manifest     TEXT    NOT NULL,  -- as the entry cites it, byte for byte; ''
    package      TEXT    NOT NULL,  -- JSON: size and SHA-256 of the media package and of its parts; ''
    ended        BIGINT  NOT NULL,  -- moment of refusal, stop or withdrawal; 0: none
    acknowledged BIGINT  NOT NULL,  -- moment; 0: not yet
    purged       BIGINT  NOT NULL   -- moment when file, rows and package were forgotten; 0: not yet
);

CREATE INDEX delivery_agency ON delivery (agency, id);

CREATE INDEX delivery_queue ON delivery (state, priority, queued);

CREATE INDEX delivery_state ON delivery (agency, state, id);

-- Public keys to which packages are encrypted; the newest one counts.
CREATE TABLE delivery_recipient (
    agency       BIGINT  NOT NULL,  -- whose
    no           INTEGER NOT NULL,  -- 1, 2, 3 … of this agency
    recipient    TEXT    NOT NULL,  -- as age prints it: age1…
    made         BIGINT  NOT NULL,  -- moment
    officer      TEXT    NOT NULL,  -- login of the highest officer who registered it
    act          BYTEA   NOT NULL,  -- journal.ActID
    PRIMARY KEY (agency, no)
);

-- Rows of the files, and whom each was linked to; gone after retention.
CREATE TABLE delivery_row (
    delivery     BIGINT  NOT NULL,  -- delivery.id
    no           BIGINT  NOT NULL,  -- 0, 1, 2 … without gaps
    line         BIGINT  NOT NULL,  -- row number in the sheet
    status       INTEGER NOT NULL,  -- delivery.Status
    subject      BIGINT  NOT NULL,  -- national number of the person; 0: none
    version      BIGINT  NOT NULL,  -- of his record that was compared
    weight       BIGINT  NOT NULL,  -- of the best candidate, in thousandths of a bit
    probability  BIGINT  NOT NULL,  -- that he is the one, in millionths
    differs      BIGINT  NOT NULL,  -- a bit for each column that disagrees
    variants     BIGINT  NOT NULL,  -- a bit for each column that is another spelling
    padded       INTEGER NOT NULL,  -- 1: leading zeros of the number were restored
    twin         BIGINT  NOT NULL,  -- of a duplicate: row number of the row that stands for the person; 0
    code         TEXT    NOT NULL,  -- tracking code of its entry; '': not answered yet
    PRIMARY KEY (delivery, no)
);

-- The mark of registers whose people are invented. It is set in empty registers
-- alone; without it nobody signs in by one click.
CREATE TABLE demo (
    id   INTEGER  PRIMARY KEY, -- 1
    made BIGINT NOT NULL     -- moment
);

-- Cases in which somebody says that the register is wrong (bylaw of 1378,
-- art. 7). What the record says is not copied here: a case names the version
-- that was in doubt, and the person's history holds it.
CREATE TABLE discrepancy (
    id           INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of opening
    subject      BIGINT  NOT NULL,  -- national number of the person
    source       TEXT    NOT NULL,  -- where the doubt comes from: 'objection' to a letter
    source_id    BIGINT  NOT NULL,  -- its number there: the letter's; 0: none
    version      BIGINT  NOT NULL,  -- version of the record that is in doubt
    text         TEXT    NOT NULL,  -- what the person wrote
    opened       BIGINT  NOT NULL,  -- moment of opening
    deadline     INTEGER NOT NULL,  -- date: last day to resolve it
    state        INTEGER NOT NULL,  -- discrepancy.State: 1 open, 2 taken, 3 proposed, 4 closed
    outcome      INTEGER NOT NULL,  -- discrepancy.Outcome: 1 corrected, 2 confirmed, 3 rejected, 4 withdrawn; 0: not closed
    taker_agency BIGINT  NOT NULL,  -- agency of who works on it; 0: the registry itself, or nobody
    taker        TEXT    NOT NULL,  -- login of who works on it; '': nobody
    proposal     BIGINT  NOT NULL   -- the correction that was proposed last: person_proposal.id; 0: none
);

CREATE INDEX discrepancy_open ON discrepancy (id) WHERE state < 4;

CREATE INDEX discrepancy_source ON discrepancy (source, source_id);

CREATE INDEX discrepancy_state ON discrepancy (state, id);

CREATE INDEX discrepancy_subject ON discrepancy (subject, id);

-- What is said to be wrong.
CREATE TABLE discrepancy_item (
    discrepancy BIGINT NOT NULL,    -- discrepancy.id
    field       TEXT   NOT NULL,    -- item of the record, as inquiries name it
    claimed     TEXT   NOT NULL,    -- what should stand there, in the form programs read
    PRIMARY KEY (discrepancy, field)
);

-- Who did what with a case.
CREATE TABLE discrepancy_step (
    discrepancy BIGINT  NOT NULL,   -- discrepancy.id
    no          INTEGER NOT NULL,   -- 1, 2, 3 … within the case
    what        TEXT    NOT NULL,   -- 'opened', 'added', 'taken', 'released', 'proposed', 'reopened', or the outcome
    at          BIGINT  NOT NULL,   -- moment
    role        TEXT    NOT NULL,   -- who: journal.Actor.Role
    agency      BIGINT  NOT NULL,   -- who: the actor's agency; 0: the registry itself
    officer     TEXT    NOT NULL,   -- who: the actor's login
    reason      TEXT    NOT NULL,   -- code word of the reason; '': none
    document    TEXT    NOT NULL,   -- the paper that proves it; '': none
    note        TEXT    NOT NULL,   -- remark of who did it; '': none
    act         BYTEA   NOT NULL,   -- journal.ActID
    PRIMARY KEY (discrepancy, no)
);

-- Types of document that agencies may no longer demand copies of: those of any
-- state body are rows here, none is code.
CREATE TABLE document_type (
    code TEXT NOT NULL PRIMARY KEY,  -- code word
    fa   TEXT NOT NULL,              -- name in Persian
    en   TEXT NOT NULL               -- name in English
);

-- What agencies say against the register (note to art. 4 of the bylaw of 1378):
-- an agency does not edit, it reports, and a case is opened.
CREATE TABLE doubt (
    id       INTEGER  PRIMARY KEY,  -- 1, 2, 3 … in order of reporting
    agency   BIGINT NOT NULL,     -- who reports
    officer  TEXT   NOT NULL,     -- login of its officer
    code     TEXT   NOT NULL,     -- tracking code of the entry by which the agency was told the value
    subject  BIGINT NOT NULL,     -- national number of the person, from that entry
    field    TEXT   NOT NULL,     -- item of the record, as inquiries name it
    believed TEXT   NOT NULL,     -- what the agency believes, in the form programs read
    evidence TEXT   NOT NULL,     -- on what grounds
    paper    BYTEA  NOT NULL,     -- SHA-256 of the document, which stays with the agency; empty: none
    file     BIGINT NOT NULL,     -- the case: discrepancy.id
    made     BIGINT NOT NULL,     -- moment of the report
    answer   TEXT   NOT NULL,     -- what the registry tells the agency in words; '': nothing yet
    answered BIGINT NOT NULL      -- moment of the answer; 0: none yet
);

CREATE INDEX doubt_about ON doubt (subject, agency, field);

CREATE INDEX doubt_agency ON doubt (agency, id);

CREATE INDEX doubt_file ON doubt (file);

-- Entrances, each of which carries one plate, or is to (bylaw of 1378, art. 9).
CREATE TABLE entrance (
    id        INTEGER   PRIMARY KEY, -- 1, 2, 3 …
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

-- The list of entrances, of one state or of all, in the order of its pages.
CREATE INDEX entrance_in ON entrance (state, area, id);

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
    code     INTEGER  PRIMARY KEY,   -- postal code
    entrance BIGINT NOT NULL       -- entrance.id
);

CREATE INDEX entrance_place_of ON entrance_place (entrance);

-- The annual evaluation (circular of 1399, art. 3).
CREATE TABLE evaluation (
    id         INTEGER   PRIMARY KEY, -- 1, 2, 3 …
    year       INTEGER NOT NULL, -- Jalali year; 0: a trial over other months
    since      INTEGER NOT NULL, -- its first month
    until      INTEGER NOT NULL, -- its last month
    version    INTEGER NOT NULL, -- 1; grows with each correction
    formula    TEXT    NOT NULL, -- JSON of the formula with its weights, as it was used
    made       BIGINT  NOT NULL, -- moment it was computed
    actor      BIGINT  NOT NULL, -- agency of the inspector who had it computed
    officer    TEXT    NOT NULL, -- and his login
    appeals    INTEGER NOT NULL, -- last day of appeals
    note       TEXT    NOT NULL, -- why it was frozen with data missing; '': none
    frozen     BIGINT  NOT NULL, -- moment; 0: it is a draft
    freezer    TEXT    NOT NULL, -- login of who froze it; ''
    digest     BYTEA   NOT NULL, -- SHA-256 of all figures (compliance.digest); empty
    checkpoint BYTEA   NOT NULL, -- of the log at that time; empty
    act        BYTEA   NOT NULL  -- journal.ActID of the freezing, whose record holds the digest; empty
);

CREATE UNIQUE INDEX evaluation_year ON evaluation (year) WHERE year > 0;

-- Appeals of agencies against a criterion, and what was decided.
CREATE TABLE evaluation_appeal (
    id         INTEGER   PRIMARY KEY, -- 1, 2, 3 …
    evaluation BIGINT  NOT NULL, -- evaluation.id
    agency     BIGINT  NOT NULL, -- who appeals
    criterion  TEXT    NOT NULL, -- against which
    grounds    TEXT    NOT NULL, -- in words
    document   TEXT    NOT NULL, -- number and date of the paper that proves it
    paper      BYTEA   NOT NULL, -- SHA-256 of that paper
    at         BIGINT  NOT NULL, -- moment
    officer    TEXT    NOT NULL, -- login of the highest officer
    outcome    INTEGER NOT NULL, -- compliance.Outcome: 0 open, 1 upheld, 2 rejected
    reason     TEXT    NOT NULL, -- of the decision, in words; ''
    figure     TEXT    NOT NULL, -- of an upheld one: the figure that was corrected; ''
    was        BIGINT  NOT NULL, -- its value before
    value      BIGINT  NOT NULL, -- and after
    decided    BIGINT  NOT NULL, -- moment; 0: not yet
    role       TEXT    NOT NULL, -- who decided: journal.Actor.Role; ''
    actor      BIGINT  NOT NULL, -- his agency; 0
    decider    TEXT    NOT NULL, -- his login; ''
    act        BYTEA   NOT NULL  -- journal.ActID of the last of both
);

CREATE INDEX evaluation_appeal_of ON evaluation_appeal (evaluation, agency);

-- What was found of each agency, each province and the country.
CREATE TABLE evaluation_unit (
    evaluation BIGINT  NOT NULL, -- evaluation.id
    version    INTEGER NOT NULL, -- evaluation.version
    unit       TEXT    NOT NULL, -- legal id of an agency, name of a province, or 'country'
    body       TEXT    NOT NULL, -- JSON of compliance.Unit
    PRIMARY KEY (evaluation, version, unit)
);

-- Copies that an agency made itself, free of charge (circular of 1399/12/09):
-- the exception to "no copies", each with its reason and the day on which it is
-- destroyed.
CREATE TABLE exception_copy (
    id         INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of recording
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

CREATE INDEX exception_copy_kept ON exception_copy (until, id) WHERE destroyed = 0;

CREATE INDEX exception_copy_made ON exception_copy (made);

CREATE INDEX exception_copy_overdue ON exception_copy (agency, until) WHERE destroyed = 0;

-- Outage tickets that agencies have handed in: their words, and what became of
-- them. The salt of asked never comes here while the ticket is open.
CREATE TABLE exception_ticket (
    id          INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of registering
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

CREATE INDEX exception_ticket_agency ON exception_ticket (agency, id);

CREATE UNIQUE INDEX exception_ticket_chain ON exception_ticket (certificate, no);

CREATE INDEX exception_ticket_code ON exception_ticket (code);

CREATE INDEX exception_ticket_flagged ON exception_ticket (id) WHERE flagged = 1;

CREATE UNIQUE INDEX exception_ticket_hash ON exception_ticket (hash);

CREATE UNIQUE INDEX exception_ticket_inquiry ON exception_ticket (inquiry) WHERE inquiry <> '';

CREATE INDEX exception_ticket_open ON exception_ticket (id) WHERE state <> 2;

CREATE INDEX exception_ticket_registered ON exception_ticket (registered);

-- The feed of each agency that has one.
CREATE TABLE feed (
    agency INTEGER  PRIMARY KEY,     -- whose
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

-- How far the changes of persons have been worked through.
CREATE TABLE feed_mark (
    name TEXT   PRIMARY KEY,       -- 'events' or 'corrections'
    seq  BIGINT NOT NULL           -- person_change.seq of the last one that is done
);

-- Follow marks: an agency answers for a person and is told what becomes of him.
CREATE TABLE follow (
    id      INTEGER   PRIMARY KEY,   -- 1, 2, 3 … in order of setting
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

-- How often the rows of a noun have changed: other processes' caches watch it.
CREATE TABLE generation (
    noun TEXT PRIMARY KEY, -- the package whose rows changed, such as "agency"
    n    BIGINT NOT NULL   -- grows by one in each transaction that must be noticed
);

-- Invitations of highest officers: who holds the code enrols a key of his own.
CREATE TABLE invitation (
    hash   BYTEA   NOT NULL PRIMARY KEY, -- SHA-256 of the code, which is kept nowhere
    agency BIGINT  NOT NULL,  -- agency.id
    login  TEXT    NOT NULL,  -- officer.login that the invited will have
    name   TEXT    NOT NULL,  -- officer.name
    until  INTEGER NOT NULL,  -- officer.until
    made   BIGINT  NOT NULL,  -- moment of the invitation
    ends   BIGINT  NOT NULL,  -- moment at which the code ends
    used   BIGINT  NOT NULL   -- moment at which it was used or a newer one took its place; 0: neither
);

CREATE INDEX invitation_agency ON invitation (agency);

-- Later work: an act enqueues a row in its own transaction, a worker of any
-- node takes it up (package job). What a row says of its result holds no
-- personal data; its arguments may, and go when it ends. The row itself goes 30
-- days later.
CREATE TABLE job (
    id           INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of enqueueing
    kind         TEXT    NOT NULL,  -- what is to be done, a code word such as 'campaign'
    args         BYTEA   NOT NULL,  -- how, JSON of the kind's own; empty once the job has ended
    state        INTEGER NOT NULL,  -- job.State: 1 waiting, 2 running, 3 done, 4 failed, 5 cancelled
    due          BIGINT  NOT NULL,  -- moment from which it may be taken up; while it runs, the moment its worker's lease ends
    epoch        BIGINT  NOT NULL,  -- how often it was taken up: a worker of an earlier epoch can do nothing more
    tries        INTEGER NOT NULL,  -- how often it was taken up since it last got on
    mark         BYTEA   NOT NULL,  -- where it left off, of the kind's own; empty: at the beginning or ended
    done         BIGINT  NOT NULL,  -- how much is done, in units of the kind's own
    total        BIGINT  NOT NULL,  -- of how much; 0: not known yet
    role         TEXT    NOT NULL,  -- who wanted it: journal.Actor.Role
    agency       BIGINT  NOT NULL,  -- who wanted it: the actor's agency; 0: the registry itself
    officer      TEXT    NOT NULL,  -- who wanted it: the actor's login
    made         BIGINT  NOT NULL,  -- moment of enqueueing
    began        BIGINT  NOT NULL,  -- moment it was first taken up; 0: not yet
    ended        BIGINT  NOT NULL,  -- moment it ended; 0: not yet
    result       BYTEA   NOT NULL,  -- JSON of the kind's own, without personal data
    fault        TEXT    NOT NULL,  -- message key of why it failed, or of why it is tried again; ''
    cancelled_by TEXT    NOT NULL   -- who cancelled it: role, agency and login with spaces between; ''
);

CREATE INDEX job_due ON job (state, due);

-- Every spelling of a given name, surname or father's name, once. Rows are
-- added and never changed or removed, so other processes may cache them for ever.
CREATE TABLE name (
    id       INTEGER PRIMARY KEY,    -- 1, 2, 3 … in order of first use, so frequent names get short ids
    display  TEXT   NOT NULL UNIQUE, -- as shown (domain.md §3)
    key      TEXT   NOT NULL,      -- for equality and blocking
    phonetic TEXT   NOT NULL,      -- proposes candidates, decides nothing
    sort     BYTEA  NOT NULL       -- Persian collation key: ORDER BY this, never by display
);

-- Names that sound alike, and who bears two names: some 18 bytes a person.
CREATE INDEX name_phonetic ON name (phonetic);

-- Who wants to look for a name, and who allowed it. What was found is not kept.
CREATE TABLE name_search (
    id             INTEGER   PRIMARY KEY, -- 1, 2, 3 …
    given          TEXT    NOT NULL,    -- given name that is looked for, display form
    surname        TEXT    NOT NULL,    -- surname that is looked for, display form
    father         TEXT    NOT NULL,    -- father's name, display form; '': any
    born           INTEGER NOT NULL,    -- Jalali year of birth; 0: any
    reason         TEXT    NOT NULL,    -- code word
    document       TEXT    NOT NULL,    -- number and date of the paper that it rests on
    made           BIGINT  NOT NULL,    -- moment it was asked for
    role           TEXT    NOT NULL,    -- of who asks
    agency         BIGINT  NOT NULL,    -- his agency; 0: none
    officer        TEXT    NOT NULL,    -- his login
    state          TEXT    NOT NULL,    -- waiting, approved, refused
    decided        BIGINT  NOT NULL,    -- moment of the decision; 0: none yet
    decider_agency BIGINT  NOT NULL,    -- agency of who decided; 0: none
    decider        TEXT    NOT NULL,    -- his login; '': nobody yet
    note           TEXT    NOT NULL     -- what he said about it
);

CREATE INDEX name_search_officer ON name_search (agency, officer, id);

CREATE INDEX name_search_state ON name_search (state, id);

-- Print batches.
CREATE TABLE notice_batch (
    id       INTEGER   PRIMARY KEY,   -- 1, 2, 3 … over all campaigns
    campaign BIGINT  NOT NULL,      -- notice_campaign.id
    state    INTEGER NOT NULL,      -- notice.BatchState: 1 made, 2 printed, 3 posted
    letters  INTEGER NOT NULL,      -- how many it held when it was made
    last_day INTEGER NOT NULL,      -- date: last day on which its letters may be objected to
    made     BIGINT  NOT NULL,      -- moment of making
    role     TEXT    NOT NULL,      -- who made it: journal.Actor.Role
    agency   BIGINT  NOT NULL,      -- who made it: the actor's agency; 0: the registry itself
    officer  TEXT    NOT NULL,      -- who made it: the actor's login
    act      BYTEA   NOT NULL       -- journal.ActID
);

CREATE INDEX notice_batch_campaign ON notice_batch (campaign);

-- Campaigns of notification letters (bylaw of 1378, art. 7).
CREATE TABLE notice_campaign (
    id      INTEGER   PRIMARY KEY,    -- 1, 2, 3 … in order of ordering
    name    TEXT    NOT NULL,       -- what staff call it
    choice  TEXT    NOT NULL,       -- who gets a letter: JSON of notice.Choice
    state   INTEGER NOT NULL,       -- notice.CampaignState: 1 composing, 2 composed
    job     BIGINT  NOT NULL,       -- job.id of its composing
    made    BIGINT  NOT NULL,       -- moment of ordering
    role    TEXT    NOT NULL,       -- who ordered it: journal.Actor.Role
    agency  BIGINT  NOT NULL,       -- who ordered it: the actor's agency; 0: the registry itself
    officer TEXT    NOT NULL,       -- who ordered it: the actor's login
    act     BYTEA   NOT NULL        -- journal.ActID
);

-- Letters: at most one a person and campaign.
CREATE TABLE notice_letter (
    id       INTEGER   PRIMARY KEY,   -- number of the letter: 1, 2, 3 … over all campaigns
    campaign BIGINT  NOT NULL,      -- notice_campaign.id
    subject  BIGINT  NOT NULL,      -- national number of the person
    version  BIGINT  NOT NULL,      -- version of the record that the letter shows
    postal   BIGINT  NOT NULL,      -- postal code it goes to; its first five digits are the route
    province TEXT    NOT NULL,      -- of that place
    code     BIGINT  NOT NULL,      -- objection code: 14 random digits and two check digits
    state    INTEGER NOT NULL,      -- notice.LetterState: 1 made, 2 in a batch, 3 printed, 4 posted, 5 delivered, 6 returned, 7 dropped
    reason   INTEGER NOT NULL,      -- notice.Reason why it came back; 0: it did not
    batch    BIGINT  NOT NULL,      -- notice_batch.id; 0: in none
    changed  BIGINT  NOT NULL       -- moment of the last change of its state
);

CREATE INDEX notice_letter_batch ON notice_letter (batch) WHERE batch > 0;

CREATE UNIQUE INDEX notice_letter_code ON notice_letter (code);

CREATE UNIQUE INDEX notice_letter_once ON notice_letter (campaign, subject);

CREATE INDEX notice_letter_route ON notice_letter (campaign, state, postal);

-- The letters of a person, which stand on the page of his record.
CREATE INDEX notice_letter_subject ON notice_letter (subject, id);

-- How many letters a campaign has in each province and state, and how many
-- persons without an address: written with every change of the rows above.
CREATE TABLE notice_tally (
    campaign BIGINT  NOT NULL,      -- notice_campaign.id
    province TEXT    NOT NULL,      -- notice_letter.province; '': persons without an address
    state    INTEGER NOT NULL,      -- notice_letter.state; 0: persons without an address
    reason   INTEGER NOT NULL,      -- notice_letter.reason
    lack     INTEGER NOT NULL,      -- notice_unaddressed.why; 0: letters
    n        BIGINT  NOT NULL,      -- how many; 0: none any more
    PRIMARY KEY (campaign, province, state, reason, lack)
);

-- Wrong tries on an objection code, of one day; earlier days go.
CREATE TABLE notice_try (
    day  INTEGER NOT NULL,          -- date, in Tehran
    code BIGINT  NOT NULL,          -- the code that was tried, whether it exists or not
    n    INTEGER NOT NULL,          -- how often
    PRIMARY KEY (day, code)
);

-- Persons whom a campaign chose and who have no address to write to.
CREATE TABLE notice_unaddressed (
    campaign BIGINT  NOT NULL,      -- notice_campaign.id
    subject  BIGINT  NOT NULL,      -- national number of the person
    why      INTEGER NOT NULL,      -- notice.Lack: 1 no postal code, 2 the code is no place, 3 the place is no more
    PRIMARY KEY (campaign, subject)
);

-- How far the numbers of a prefix have been reserved. It only grows: what lies
-- below next has been given to some process and is never given again.
CREATE TABLE number_block (
    prefix INTEGER PRIMARY KEY,   -- first three digits of the number
    next   INTEGER NOT NULL     -- the next six digits from which the next block begins; 1000000: none are left
);

-- What stands in the way of giving up copies (circular, art. 1b).
CREATE TABLE obstacle (
    id       INTEGER   PRIMARY KEY,  -- 1, 2, 3 … in order of registration
    agency   BIGINT  NOT NULL,     -- agency.id
    process  TEXT    NOT NULL,     -- process.code; '': all of them
    text     TEXT    NOT NULL,     -- what it is
    owner    TEXT    NOT NULL,     -- who removes it: an office, never a person's name
    due      INTEGER NOT NULL,     -- date by which it is to be gone
    first    INTEGER NOT NULL,     -- date that was given first
    made     BIGINT  NOT NULL,     -- moment of registration
    removed  BIGINT  NOT NULL,     -- moment of removal; 0: it stands
    evidence TEXT    NOT NULL      -- what shows that it is gone
);

CREATE INDEX obstacle_agency ON obstacle (agency, id);

CREATE INDEX obstacle_due ON obstacle (agency, due, id) WHERE removed = 0;

CREATE INDEX obstacle_open ON obstacle (id) WHERE removed = 0;

-- Registry offices that issued shenasnamehs. One office may have had several names.
CREATE TABLE office (
    id    INTEGER PRIMARY KEY,       -- in order of first use
    code  INTEGER NOT NULL,        -- the registry's office code; 0: not on record
    place TEXT    NOT NULL,        -- place of issue, as printed
    UNIQUE (code, place)
);

-- The first three digits of the national numbers that an office gives.
CREATE TABLE office_prefix (
    office INTEGER NOT NULL,    -- registry_office.code
    no     INTEGER NOT NULL,    -- 1, 2, 3 …: the order in which they are used up
    prefix INTEGER NOT NULL,    -- 1 … 999; several offices may share one
    PRIMARY KEY (office, no)
) WITHOUT ROWID;

-- Officers of agencies: named persons who may ask in the agency's name, each
-- with an end (circular of 1399/06/17, art. 4).
CREATE TABLE officer (
    agency   BIGINT  NOT NULL,     -- agency.id
    login    TEXT    NOT NULL,     -- short Latin name; never a national number
    name     TEXT    NOT NULL,     -- display name
    role     TEXT    NOT NULL,     -- agency.Role: 'officer', 'head', 'programmer'
    until    INTEGER NOT NULL,     -- date: last day of the delegation
    state    INTEGER NOT NULL,     -- agency.State
    password TEXT    NOT NULL,     -- argon2id in PHC form; '': none set, cannot sign in
    PRIMARY KEY (agency, login)
);

-- Journal entries of acts that changed rows, written with those rows. Each
-- stays until its entry is in the log; then the row goes.
CREATE TABLE outbox (
    act   BYTEA PRIMARY KEY,  -- 16 bytes: the act's id; the log takes an act only once
    node  BIGINT NOT NULL,    -- hash of the name of the node that takes it into its log
    entry BYTEA  NOT NULL     -- the entry as the journal encodes it
);

-- The population register: one row a person. Everything that an inquiry about
-- identity, shenasnameh, card, residence or a predicate needs stands here, so
-- that it takes one point read.
CREATE TABLE person (
    number      INTEGER   PRIMARY KEY, -- national number without leading zeros (bylaw of 1378, art. 1)
    given       INTEGER NOT NULL,  -- name.id
    surname     INTEGER NOT NULL,  -- name.id
    father      INTEGER NOT NULL,  -- name.id; 0: not on record
    life        BIGINT  NOT NULL,  -- packed decimal: date of death (absent if alive or unknown), date of birth (8 digits)
    flags       BIGINT  NOT NULL,  -- packed decimal VSXY: version − 1 (how often the row was changed; absent if never), state (person.State), sex (person.Sex), sayyed 0/1
    shenasnameh BIGINT  NOT NULL,  -- booklet's number; 0: the national number (born from 1368) or unknown (before)
    booklet     BIGINT  NOT NULL,  -- packed decimal: office.id, serie.id (4 digits), serial (6 digits)
    residence   BIGINT  NOT NULL,  -- packed decimal: day of the declaration (day number), postal code (10 digits); 0: none
    card        BIGINT  NOT NULL   -- packed decimal: serial (9G12345678 is 7912345678: the letter's place in the alphabet comes first; 90000000000: it stands in table card), last day of validity (day number, 6 digits), state CC (2 digits: person.CardState, or 10 + person.CardReason if it must be replaced); 0: no card
);

CREATE INDEX person_name ON person (surname, given);

-- The changes, numbered without gaps. What the record was after the change
-- stands in person or, under the same version, in person_history.
CREATE TABLE person_change (
    seq     INTEGER   PRIMARY KEY,   -- 1, 2, 3 …
    number  BIGINT  NOT NULL,      -- national number
    version INTEGER NOT NULL,      -- the version that the change made
    kind    TEXT    NOT NULL,      -- of the event that made it, as in person_event; 'import' for a file
    at      BIGINT  NOT NULL       -- moment of the change
);

-- What happened to persons, on what grounds, and who did it. Beside the
-- versions of a row, which say what stood in it, this is a person's story.
-- Rows are added and never changed.
CREATE TABLE person_event (
    number            BIGINT  NOT NULL, -- national number of the person
    no                INTEGER NOT NULL, -- 1, 2, 3 … within the person, in order of registration
    kind              TEXT    NOT NULL, -- what happened: a word of docs/events.md, such as 'death'
    happened          INTEGER NOT NULL, -- date on which it happened; 0: on the day of registration
    reason            TEXT    NOT NULL, -- grounds: code word, such as 'court-order'
    document          TEXT    NOT NULL, -- grounds: number and date of the paper that proves it
    proposer_role     TEXT    NOT NULL, -- who proposed it, if two persons did it: role; '': nobody
    proposer_agency   BIGINT  NOT NULL, -- who proposed it: his agency; 0: the registry itself
    proposer          TEXT    NOT NULL, -- who proposed it: his login
    version           BIGINT  NOT NULL, -- version of the person's row that the act made; 0: none
    detail            TEXT    NOT NULL, -- JSON object: what does not stand in the row; '': nothing
    made              BIGINT  NOT NULL, -- moment of registration
    role              TEXT    NOT NULL, -- who did it: journal.Actor.Role
    agency            BIGINT  NOT NULL, -- who did it: the actor's agency; 0: the registry itself
    officer           TEXT    NOT NULL, -- who did it: the actor's login
    act               BYTEA   NOT NULL, -- journal.ActID of the entry in the log
    PRIMARY KEY (number, no)
) WITHOUT ROWID;

-- The sequence of changes of persons: one row. Who changes persons writes it, so
-- changes are numbered in the order in which they are committed, and who sees a
-- number sees all below it.
CREATE TABLE person_feed (
    one  INTEGER  PRIMARY KEY,       -- 1
    last BIGINT NOT NULL           -- the last number given
);

-- What persons' rows were. The versions of a person's residence are the
-- history of his declarations.
CREATE TABLE person_history (
    number      BIGINT  NOT NULL,  -- as in person, and so for the columns up to card
    given       INTEGER NOT NULL,  -- name.id
    surname     INTEGER NOT NULL,  -- name.id
    father      INTEGER NOT NULL,  -- name.id
    life        BIGINT  NOT NULL,  -- packed decimal
    flags       BIGINT  NOT NULL,  -- packed decimal
    shenasnameh BIGINT  NOT NULL,  -- booklet's number
    booklet     BIGINT  NOT NULL,  -- packed decimal
    residence   BIGINT  NOT NULL,  -- packed decimal
    card        BIGINT  NOT NULL,  -- packed decimal
    version     INTEGER NOT NULL,  -- the version this row was
    card_serial TEXT    NOT NULL,  -- as in card
    successor   BIGINT  NOT NULL,  -- as in person_successor; 0: none
    until       BIGINT  NOT NULL,  -- moment of the change that ended this version = when its successor was registered
    role        TEXT    NOT NULL,  -- who changed it: journal.Actor.Role
    agency      BIGINT  NOT NULL,  -- who changed it: the actor's agency; 0: the registry itself
    officer     TEXT    NOT NULL,  -- who changed it: the actor's login
    why         TEXT    NOT NULL,  -- reason, a code word such as 'import' or 'death'
    act         BYTEA   NOT NULL,  -- journal.ActID of the change's entry in the log
    PRIMARY KEY (number, version)
);

-- Values that nobody may be told any more, as after an adoption: in versions up
-- to one, the columns named show what stands in the version after it.
CREATE TABLE person_seal (
    number  BIGINT  NOT NULL,          -- national number
    version BIGINT  NOT NULL,          -- the last version that is sealed
    columns INTEGER NOT NULL,          -- sum of: 1 given name, 2 surname, 4 father's name, 8 parents
    PRIMARY KEY (number, version)
) WITHOUT ROWID;

-- Numbers that were cancelled and superseded by another (domain.md §1).
CREATE TABLE person_successor (
    number    INTEGER  PRIMARY KEY,  -- the cancelled national number
    successor BIGINT NOT NULL      -- the national number that counts
);

-- The place register of the Post (bylaw of 1378, art. 1 and note to art. 8).
CREATE TABLE place (
    code       INTEGER   PRIMARY KEY, -- postal code: one dwelling or unit
    area       INTEGER NOT NULL,   -- area.id
    street     TEXT    NOT NULL,   -- main street
    street2    TEXT    NOT NULL,   -- second street or alley
    house      TEXT    NOT NULL,   -- house number (plate)
    floor      TEXT    NOT NULL,   -- floor, in words as the Post writes it
    side       TEXT    NOT NULL,   -- side of the floor
    building   TEXT    NOT NULL,   -- building's name
    note       TEXT    NOT NULL,   -- free description
    state      INTEGER NOT NULL,   -- place.State: 1 active, 2 retired, 3 split, 4 merged
    successors TEXT    NOT NULL,   -- postal codes that took its place, with spaces between
    version    INTEGER NOT NULL    -- 1, 2, 3 …
);

-- Places of an area: streets that are renamed, places found by address,
-- progress of the plates.
CREATE INDEX place_area ON place (area, state);

-- The changes, numbered without gaps. What the place was after the change
-- stands in place or, under the same version, in place_history.
CREATE TABLE place_change (
    seq     INTEGER   PRIMARY KEY,   -- 1, 2, 3 …
    code    BIGINT  NOT NULL,      -- postal code
    version INTEGER NOT NULL,      -- the version that the change made
    kind    INTEGER NOT NULL,      -- place.ChangeKind: 1 assigned, 2 changed, 3 retired, 4 split, 5 merged
    at      BIGINT  NOT NULL       -- moment of the change
);

-- How many places and plates there are in each part of the country, kept by
-- every transaction that changes one (package place, count.go): the Post's
-- pages must not count a million places when they open. One row a province,
-- one a county, one for a locality under each district and kind that it is on
-- record with, and one an area, by its quarter. The parts of a part are one
-- range of keys.
CREATE TABLE place_count (
    level     INTEGER NOT NULL,    -- of the part: 1 province, 2 county, 3 locality, 4 quarter
    province  TEXT    NOT NULL,    -- what the part lies in; '' at level 1
    county    TEXT    NOT NULL,    -- what the part lies in; '' above level 3
    locality  TEXT    NOT NULL,    -- what the part lies in; '' above level 4
    name      TEXT    NOT NULL,    -- of the part; '': not on record
    district  TEXT    NOT NULL,    -- of the locality; '' above level 3
    kind      TEXT    NOT NULL,    -- of the locality; '' above level 3
    area      INTEGER NOT NULL,    -- area.id; 0 above level 4
    places    BIGINT  NOT NULL,    -- places that stand
    served    BIGINT  NOT NULL,    -- those of them behind an entrance on record
    ordered   BIGINT  NOT NULL,    -- entrances whose plate is ordered
    installed BIGINT  NOT NULL,    -- entrances whose plate is installed
    missing   BIGINT  NOT NULL,    -- entrances whose plate is missing
    damaged   BIGINT  NOT NULL,    -- entrances whose plate is damaged
    PRIMARY KEY (level, province, county, locality, name, district, kind)
);

-- The sequence of changes of places: one row. Who changes places writes it
-- first, so changes are numbered in the order in which they are committed, and
-- who sees a number sees all below it.
CREATE TABLE place_feed (
    one  INTEGER  PRIMARY KEY,       -- 1
    last BIGINT NOT NULL           -- the last number given
);

CREATE TABLE place_history (
    code       BIGINT  NOT NULL,   -- as in place, and so for the columns up to successors
    version    INTEGER NOT NULL,   -- the version this row was
    area       INTEGER NOT NULL,   -- area.id
    street     TEXT    NOT NULL,   -- main street
    street2    TEXT    NOT NULL,   -- second street
    house      TEXT    NOT NULL,   -- house number
    floor      TEXT    NOT NULL,   -- floor
    side       TEXT    NOT NULL,   -- side
    building   TEXT    NOT NULL,   -- building's name
    note       TEXT    NOT NULL,   -- free description
    state      INTEGER NOT NULL,   -- place.State
    successors TEXT    NOT NULL,   -- postal codes
    until      BIGINT  NOT NULL,   -- moment of the change that ended this version
    role       TEXT    NOT NULL,   -- who changed it: journal.Actor.Role
    agency     BIGINT  NOT NULL,   -- who changed it: the actor's agency; 0: the registry itself
    officer    TEXT    NOT NULL,   -- who changed it: the actor's login
    why        TEXT    NOT NULL,   -- reason, a code word
    act        BYTEA   NOT NULL,   -- journal.ActID
    PRIMARY KEY (code, version)
);

-- Monthly reports of municipalities (law of 1376, note to art. 9). A month may
-- have several: the later ones supplement the first.
CREATE TABLE place_report (
    id       INTEGER   PRIMARY KEY,  -- 1, 2, 3 …
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

-- Where the search for a free place number begins. Numbers are never given
-- twice, since rows of place never go.
CREATE TABLE postal_area (
    area INTEGER PRIMARY KEY,        -- the first five digits of postal codes
    next INTEGER NOT NULL          -- no place number below this one is free
);

-- Service processes of agencies, every version for ever: a row is never
-- changed, and what a process was at a moment is its highest version by then.
CREATE TABLE process (
    agency    BIGINT  NOT NULL,  -- agency.id
    code      TEXT    NOT NULL,  -- code word by which inquiries name it
    version   INTEGER NOT NULL,  -- 1, 2, 3 …
    title     TEXT    NOT NULL,  -- what the public calls it
    documents TEXT    NOT NULL,  -- document_type.code of what it used to demand copies of, with a space between two
    monthly   BIGINT  NOT NULL,  -- how often it is done in a month, as the agency declares
    both_keys INTEGER NOT NULL,  -- 1: inquiries must carry national number and postal code
    state     INTEGER NOT NULL,  -- process.State: 1 copies, 2 online, 3 exception
    since     INTEGER NOT NULL,  -- date: from when it is in this state
    reason    TEXT    NOT NULL,  -- of an exception: the law that demands the copy
    ended     INTEGER NOT NULL,  -- 1: the agency has given it up
    made      BIGINT  NOT NULL,  -- moment of this version
    officer   TEXT    NOT NULL,  -- login of who made it
    act       BYTEA   NOT NULL,  -- journal.ActID
    PRIMARY KEY (agency, code, version)
);

-- Acts of great harm wait here for a second person (person.Proposal).
CREATE TABLE proposal (
    id               INTEGER   PRIMARY KEY, -- 1, 2, 3 …
    kind             TEXT    NOT NULL, -- 'death', 'cancellation' …
    number           BIGINT  NOT NULL, -- national number of the person whose record it would change
    version          BIGINT  NOT NULL, -- version of the record that it was made from
    body             BYTEA   NOT NULL, -- JSON: the act's input, as the proposer gave it
    reason           TEXT    NOT NULL, -- grounds: code word
    document         TEXT    NOT NULL, -- grounds: number and date of the paper
    made             BIGINT  NOT NULL, -- moment of the proposal
    role             TEXT    NOT NULL, -- who proposed it: journal.Actor.Role
    agency           BIGINT  NOT NULL, -- who proposed it: his agency; 0: the registry itself
    officer          TEXT    NOT NULL, -- who proposed it: his login
    state            TEXT    NOT NULL, -- 'waiting', 'done', 'refused', 'withdrawn', 'overtaken'
    decided          BIGINT  NOT NULL, -- moment of the decision; 0: waiting
    decider_role     TEXT    NOT NULL, -- who decided: journal.Actor.Role
    decider_agency   BIGINT  NOT NULL, -- who decided: his agency
    decider          TEXT    NOT NULL, -- who decided: his login
    note             TEXT    NOT NULL, -- what the decider had to say
    act              BYTEA   NOT NULL  -- journal.ActID of the proposal's entry in the log
);

CREATE INDEX proposal_number ON proposal (number, id);

CREATE INDEX proposal_state ON proposal (state, id);

-- Provinces of the country, as waves of the roll-out name them.
CREATE TABLE province (
    name TEXT NOT NULL PRIMARY KEY   -- official name, in Persian
);

-- How well agencies know the people in their own lists by number and postal
-- code (art. 4): counts of each list that was checked, and nothing of its rows.
CREATE TABLE quality (
    id             INTEGER  PRIMARY KEY, -- 1, 2, 3 … in order of checking
    agency         BIGINT NOT NULL,    -- whose list
    officer        TEXT   NOT NULL,    -- login of who had it checked; 'program': the agency's program
    list           TEXT   NOT NULL,    -- the agency's name for the list, a code word
    made           BIGINT NOT NULL,    -- moment of the check
    here           BIGINT NOT NULL,    -- 1: the rows were checked here; 0: the agency counted them itself
    count          BIGINT NOT NULL,    -- rows
    number_form    BIGINT NOT NULL,    -- of these with a well-formed national number
    number_known   BIGINT NOT NULL,    -- … which is that of a person whom the agency covers
    postal_form    BIGINT NOT NULL,    -- with a well-formed postal code
    postal_known   BIGINT NOT NULL,    -- … which is that of a place in use
    both_known     BIGINT NOT NULL     -- with both known: the score is its share of the rows
);

CREATE INDEX quality_agency ON quality (agency, id);

-- One report a quarter. What it says is content, canonical JSON: it is written
-- anew until the report is reviewed, and never after it is issued.
CREATE TABLE quarter (
    quarter    INTEGER   PRIMARY KEY, -- Jalali year × 10 + 1 … 4
    state      INTEGER NOT NULL,    -- quarter.State: 1 draft, 2 reviewed, 3 issued
    version    INTEGER NOT NULL,    -- 1, 2, 3 …: how often it was drawn
    content    TEXT    NOT NULL,    -- canonical JSON, all that the report says
    digest     BYTEA   NOT NULL,    -- SHA-256 of content
    drawn      BIGINT  NOT NULL,    -- moment of this version
    drafter    TEXT    NOT NULL,    -- who drew it: login
    draft_body BIGINT  NOT NULL,    -- and his agency
    reviewed   BIGINT  NOT NULL,    -- moment of the review; 0: none
    reviewer   TEXT    NOT NULL,    -- who reviewed it: login; '': nobody
    review_body BIGINT NOT NULL,    -- and his agency; 0: nobody
    note       TEXT    NOT NULL,    -- what the reviewer sent it back for; '': nothing
    issued     BIGINT  NOT NULL,    -- moment of issue; 0: not issued
    issuer     TEXT    NOT NULL,    -- who issued it: login; '': nobody
    issue_body BIGINT  NOT NULL,    -- and his agency; 0: nobody
    checkpoint TEXT    NOT NULL,    -- the log's signed checkpoint just before the issue; '': not issued
    act        BYTEA   NOT NULL     -- journal.ActID of the last step
);

-- Registry offices that register births. (The table office holds the names
-- under which shenasnamehs say they were issued, which need not be offices of today.)
CREATE TABLE registry_office (
    code     INTEGER PRIMARY KEY, -- the registry's office code, at most five digits
    name     TEXT NOT NULL,     -- as printed under place of issue
    province TEXT NOT NULL,     -- ostan; '': abroad
    county   TEXT NOT NULL      -- shahrestan; '': abroad
);

-- Rows of deliveries that people decide (package delivery, review.go): those
-- that several persons may be meant by, and automatic links drawn at random.
-- What the agency wrote of a person stands here sealed alone; it goes when the
-- delivery is forgotten, and the estimate and the decision stay.
CREATE TABLE review_case (
    id           INTEGER   PRIMARY KEY, -- 1, 2, 3 … in order of opening
    delivery     BIGINT  NOT NULL,  -- delivery.id
    no           BIGINT  NOT NULL,  -- delivery_row.no
    line         BIGINT  NOT NULL,  -- row number in the sheet
    sample       INTEGER NOT NULL,  -- 1: an automatic link, drawn at random; 0: the row is ambiguous
    state        INTEGER NOT NULL,  -- delivery.ReviewState: 1 open, 2 second, 3 disputed, 4 decided
    stakes       INTEGER NOT NULL,  -- bits of why two must decide, as delivery.stakes lists them; 0: one may
    round        INTEGER NOT NULL,  -- 1, 2, 3 …: grows when a decision is undone
    chance       BIGINT  NOT NULL,  -- estimated that the first candidate is the one, without recalibration, in thousandths of a millionth
    shown        BIGINT  NOT NULL,  -- the same with the recalibration of that time
    linked       BIGINT  NOT NULL,  -- whom chance is about: of a sample whom the row was linked to, else the first candidate
    node         TEXT    NOT NULL,  -- whose key the evidence is sealed to
    evidence     BYTEA   NOT NULL,  -- sealed JSON: the row's values, candidates and weights; empty: forgotten
    taker_agency BIGINT  NOT NULL,  -- agency of who works on it; 0: the registry itself, or nobody
    taker        TEXT    NOT NULL,  -- login of who works on it; '': nobody
    taken        BIGINT  NOT NULL,  -- moment since when; 0: nobody does
    decision     INTEGER NOT NULL,  -- delivery.Finding: 1 candidate, 2 none, 3 cannot tell; 0: not decided
    subject      BIGINT  NOT NULL,  -- national number of the chosen candidate; 0: none
    truth        INTEGER NOT NULL,  -- what the decision says of the estimate: 1 the first candidate was the one, 2 he was not; 0: nothing
    decided      BIGINT  NOT NULL,  -- moment; 0: not yet
    answer       INTEGER NOT NULL,  -- of the supplement: 0 not yet, 1 being made, 2 there was nothing new to tell, 3 answered again
    code         TEXT    NOT NULL   -- tracking code of the row's new entry; '': none
);

CREATE INDEX review_case_delivery ON review_case (delivery, state, id);

CREATE UNIQUE INDEX review_case_row ON review_case (delivery, no);

CREATE INDEX review_case_state ON review_case (state, id);

CREATE INDEX review_case_taker ON review_case (taker, id) WHERE taken > 0;

-- What the decisions taught about the estimates; the newest counts for files
-- that are linked from then on.
CREATE TABLE review_curve (
    id           INTEGER   PRIMARY KEY, -- 1, 2, 3 …
    profile      TEXT    NOT NULL,  -- name of the linkage's profile
    made         BIGINT  NOT NULL,  -- moment
    officer      TEXT    NOT NULL,  -- login of who ordered it
    points       BIGINT  NOT NULL,  -- decisions that it rests on
    curve        TEXT    NOT NULL,  -- JSON of linkage.Curve
    measures     TEXT    NOT NULL,  -- JSON: how well the estimates fitted without and with it
    act          BYTEA   NOT NULL   -- journal.ActID
);

-- Who decided what about a case, and took it back. Nothing is ever deleted.
CREATE TABLE review_step (
    review_case  BIGINT  NOT NULL,  -- review_case.id
    no           INTEGER NOT NULL,  -- 1, 2, 3 … within the case
    round        INTEGER NOT NULL,  -- review_case.round at that time
    what         TEXT    NOT NULL,  -- 'decided', 'undone' or 'released'
    role         TEXT    NOT NULL,  -- who: journal.Actor.Role
    agency       BIGINT  NOT NULL,  -- who: the actor's agency; 0: the registry itself
    officer      TEXT    NOT NULL,  -- who: the actor's login
    at           BIGINT  NOT NULL,  -- moment
    seconds      BIGINT  NOT NULL,  -- from taking the case to this
    decision     INTEGER NOT NULL,  -- delivery.Finding; 0: none
    subject      BIGINT  NOT NULL,  -- national number of the chosen candidate; 0: none
    reason       TEXT    NOT NULL,  -- code word; '': none
    note         TEXT    NOT NULL,  -- remark of who did it; '': none
    act          BYTEA   NOT NULL,  -- journal.ActID
    PRIMARY KEY (review_case, no)
);

CREATE INDEX review_step_at ON review_step (at);

-- Series of shenasnameh booklets, as printed.
CREATE TABLE serie (
    id   INTEGER PRIMARY KEY,        -- at most 9999: it takes four digits of person.booklet
    text TEXT NOT NULL UNIQUE      -- 1–3 letters or digits and 0–2 digits (domain.md §1)
);

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
) WITHOUT ROWID;

-- What was asked, counted from the journal entry by entry. Counts stay when the
-- journal's private parts are purged: nothing here names a person.
CREATE TABLE usage_count (
    agency   BIGINT  NOT NULL, -- who asked
    behalf   BIGINT  NOT NULL, -- the body in whose name it asked; 0: its own
    month    INTEGER NOT NULL, -- Jalali month in Tehran, YYYYMM00
    process  TEXT    NOT NULL, -- code of the agency's service process; '': none was named
    purpose  TEXT    NOT NULL, -- code of the purpose
    service  TEXT    NOT NULL, -- identity, shenasnameh, …, deed, property, delivery
    outcome  TEXT    NOT NULL, -- of an inquiry its outcome, of a row of a file its status
    n        BIGINT  NOT NULL, -- how many entries
    PRIMARY KEY (month, agency, behalf, process, purpose, service, outcome)
);

CREATE INDEX usage_count_agency ON usage_count (agency, month);

CREATE INDEX usage_count_behalf ON usage_count (behalf, month) WHERE behalf > 0;

-- What was asked by day, for the first page of an agency's officers: how many
-- inquiries, with what outcome. It is counted from the migration on, in the
-- transaction that counts months and moves the marks; it names no person.
CREATE TABLE usage_day (
    agency   BIGINT  NOT NULL, -- who asked
    day      INTEGER NOT NULL, -- Jalali day in Tehran, YYYYMMDD
    outcome  TEXT    NOT NULL, -- of the inquiries
    n        BIGINT  NOT NULL, -- how many
    PRIMARY KEY (agency, day, outcome)
);

-- How far each log is counted, written in the transaction of the counts.
CREATE TABLE usage_mark (
    log    INTEGER PRIMARY KEY,  -- number of the log
    size   BIGINT NOT NULL,    -- entries of it that are counted
    lost   BIGINT NOT NULL     -- of these, entries that had been purged before they were counted
);

-- Waves of the roll-out: which bodies, where, from when until when.
CREATE TABLE wave (
    id        INTEGER   PRIMARY KEY,  -- 1, 2, 3 …
    name      TEXT    NOT NULL,     -- what it is called
    provinces TEXT    NOT NULL,     -- province.name, a line each
    agencies  TEXT    NOT NULL,     -- agency.id of bodies that it covers, with all below them, and a space between two; '': all in the provinces
    since     INTEGER NOT NULL,     -- date of its first day
    until     INTEGER NOT NULL,     -- date of its last day
    version   INTEGER NOT NULL      -- 1, 2, 3 …
);

-- Where agencies are told that their feed has something new: one address each.
CREATE TABLE webhook (
    agency   INTEGER   PRIMARY KEY,  -- whose
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
