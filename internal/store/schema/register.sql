-- The register database, as the migrations make it on SQLite.
-- Written by go test ./internal/store -run Schema -update; do not edit.

-- Agencies that may ask (circular of 1399/06/17).
CREATE TABLE agency (
    id       INTEGER   PRIMARY KEY,  -- legal person's id, 11 digits
    name     TEXT    NOT NULL,     -- official name, in Persian
    province TEXT    NOT NULL,     -- seat; '': national
    state    INTEGER NOT NULL,     -- agency.State: 1 active, 2 suspended, 3 closed
    version  INTEGER NOT NULL      -- 1, 2, 3 …
);

CREATE TABLE agency_history (
    id       BIGINT  NOT NULL,     -- as in agency, and so for the columns up to state
    version  INTEGER NOT NULL,     -- the version this row was
    name     TEXT    NOT NULL,     -- official name
    province TEXT    NOT NULL,     -- seat
    state    INTEGER NOT NULL,     -- agency.State
    until    BIGINT  NOT NULL,     -- moment of the change that ended this version
    role     TEXT    NOT NULL,     -- who changed it: journal.Actor.Role
    actor    BIGINT  NOT NULL,     -- who changed it: the actor's agency; 0: the registry itself
    officer  TEXT    NOT NULL,     -- who changed it: the actor's login
    act      BYTEA   NOT NULL,     -- journal.ActID
    PRIMARY KEY (id, version)
);

-- Agreements with agencies, every version for ever: a row is never changed. In
-- force at a moment is, of the versions that have begun, the highest one, if
-- its state is 1 and it has not ended. Suspending or ending makes a version too.
CREATE TABLE agreement (
    id      BIGINT  NOT NULL,      -- number of the agreement: 1, 2, 3 …
    version INTEGER NOT NULL,      -- 1, 2, 3 … within the agreement
    agency  BIGINT  NOT NULL,      -- agency.id
    state   INTEGER NOT NULL,      -- agreement.State: 1 in force, 2 suspended, 3 ended
    since   BIGINT  NOT NULL,      -- moment from which this version holds
    until   BIGINT  NOT NULL,      -- moment at which it ends
    service TEXT    NOT NULL,      -- the registry's service identifier (circular, art. 1a)
    made    BIGINT  NOT NULL,      -- moment of registration
    role    TEXT    NOT NULL,      -- who registered it: journal.Actor.Role
    actor   BIGINT  NOT NULL,      -- who registered it: the actor's agency; 0: the registry itself
    officer TEXT    NOT NULL,      -- who registered it: the actor's login
    act     BYTEA   NOT NULL,      -- journal.ActID
    PRIMARY KEY (id, version)
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

-- Serials of national cards that are not of the usual form (a digit, a capital
-- letter, eight digits), which stands in person.card.
CREATE TABLE card (
    number INTEGER PRIMARY KEY,      -- national number of the holder
    serial TEXT  NOT NULL          -- as printed on the back
);

-- How long a card is valid: decisions with their dates, never a constant
-- (bylaw of 1378, note to art. 2: first 7 years, later as the Council of
-- Ministers approves).
CREATE TABLE card_validity (
    decided_on INTEGER PRIMARY KEY, -- date from which cards issued are under this decision
    years      INTEGER NOT NULL,    -- validity in Jalali years from the day of issue
    reference  TEXT    NOT NULL     -- the decision: body, number, clause
);

-- Client certificates that the registry's authority issued to agencies.
CREATE TABLE certificate (
    fingerprint BYTEA   NOT NULL PRIMARY KEY, -- SHA-256 of the certificate's DER bytes
    agency      BIGINT  NOT NULL,  -- agency.id
    since       BIGINT  NOT NULL,  -- moment from which it is valid
    until       BIGINT  NOT NULL,  -- moment at which it ends
    revoked     BIGINT  NOT NULL,  -- moment of revocation; 0: not revoked
    der         BYTEA   NOT NULL   -- the certificate
);

CREATE INDEX certificate_agency ON certificate (agency);

-- What an agreement permits. A question must fit one clause whole. Lists are
-- JSON arrays of strings.
CREATE TABLE clause (
    agreement   BIGINT  NOT NULL,  -- agreement.id
    version     INTEGER NOT NULL,  -- agreement.version
    no          INTEGER NOT NULL,  -- number that answers cite: 1 … 999
    service     TEXT    NOT NULL,  -- 'identity', 'shenasnameh', 'card', 'residence', 'place', 'predicate'
    modes       TEXT    NOT NULL,  -- list: 'verify', 'disclose'
    search_keys TEXT    NOT NULL,  -- list: such as 'national_number+birth_date'
    fields      TEXT    NOT NULL,  -- list: items that may be verified or told
    processes   TEXT    NOT NULL,  -- list: codes of service processes; empty: any
    purposes    TEXT    NOT NULL,  -- list: codes of purposes; empty: any
    daily_quota BIGINT  NOT NULL,  -- inquiries a Tehran day; 0: no limit
    PRIMARY KEY (agreement, version, no)
);

-- How often the rows of a noun have changed: other processes' caches watch it.
CREATE TABLE generation (
    noun TEXT PRIMARY KEY, -- the package whose rows changed, such as "agency"
    n    BIGINT NOT NULL   -- grows by one in each transaction that must be noticed
);

-- Later work: an act enqueues a row in its own transaction, a worker of any
-- node takes it up (package job). What a row says of its result holds no
-- personal data; its arguments may, and go when it ends.
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

-- Registry offices that issued shenasnamehs. One office may have had several names.
CREATE TABLE office (
    id    INTEGER PRIMARY KEY,       -- in order of first use
    code  INTEGER NOT NULL,        -- the registry's office code; 0: not on record
    place TEXT    NOT NULL,        -- place of issue, as printed
    UNIQUE (code, place)
);

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
    columns INTEGER NOT NULL,          -- sum of: 1 given name, 2 surname, 4 father's name, 8 booklet, 16 parents
    PRIMARY KEY (number, version)
);

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

-- Series of shenasnameh booklets, as printed.
CREATE TABLE serie (
    id   INTEGER PRIMARY KEY,        -- at most 9999: it takes four digits of person.booklet
    text TEXT NOT NULL UNIQUE      -- 1–3 letters or digits and 0–2 digits (domain.md §1)
);
