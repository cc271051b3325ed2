-- +goose Up
-- Random samples of what agencies asked. What is drawn follows from the window,
-- the sizes and the seed alone (docs/audit.md).
CREATE TABLE audit_draw (
    id       KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of ordering
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

-- Cases: an inquiry whose dossier the agency has to show.
CREATE TABLE audit (
    id            KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of opening
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
CREATE UNIQUE INDEX audit_code ON audit (code);
CREATE INDEX audit_agency ON audit (agency, id);
CREATE INDEX audit_holder ON audit (holder, id);
CREATE INDEX audit_deadline ON audit (state, deadline);
CREATE INDEX audit_measure ON audit (measure, id);
CREATE INDEX audit_clause ON audit (agreement, clause, measure);
CREATE INDEX audit_opened ON audit (opened);
CREATE INDEX audit_opened_of ON audit (agency, opened);
CREATE INDEX audit_appealed ON audit (id) WHERE appeal = 1;
CREATE INDEX audit_disputed ON audit (id) WHERE disputed > 0;
CREATE INDEX audit_unclosed ON audit (id) WHERE state < 3;
CREATE INDEX audit_wrong ON audit (id) WHERE outcome > 1;

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

-- Unusual patterns, for an inspector to look at. None is a proof of anything.
CREATE TABLE audit_pattern (
    id       KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of finding
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
CREATE INDEX audit_pattern_state ON audit_pattern (state, id);
CREATE INDEX audit_pattern_draw ON audit_pattern (draw, agency, officer, kind);

-- +goose Down
DROP TABLE audit_pattern;
DROP TABLE audit_step;
DROP TABLE audit;
DROP TABLE audit_share;
DROP TABLE audit_draw;
