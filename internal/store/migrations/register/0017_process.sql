-- Agencies in a tree, each with an officer who is accountable (circular of
-- 1399/06/17, art. 4), and what they have taken upon themselves: the service
-- processes from which copies go (art. 1), obstacles, and the waves of the
-- roll-out. The tables are made anew as in 0010.

-- +goose Up
CREATE TABLE agency_before AS SELECT * FROM agency;
DROP TABLE agency;
-- Agencies that may ask (circular of 1399/06/17), and the bodies that keep the
-- registers: registry, Post, municipalities, printers.
CREATE TABLE agency (
    id          KEY64   PRIMARY KEY,  -- legal person's id, 11 digits
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
INSERT INTO agency (id, name, kind, parent, province, county, locality, bound, accountable, state, version)
SELECT id, name, kind, 0, province, county, locality, 1, '', state, version FROM agency_before;
DROP TABLE agency_before;

CREATE TABLE agency_history_before AS SELECT * FROM agency_history;
DROP TABLE agency_history;
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
INSERT INTO agency_history (id, version, name, kind, parent, province, county, locality, bound, accountable, state, until, role, actor, officer, act)
SELECT id, version, name, kind, 0, province, county, locality, 1, '', state, until, role, actor, officer, act FROM agency_history_before;
DROP TABLE agency_history_before;

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

-- Types of document that agencies may no longer demand copies of: those of any
-- state body are rows here, none is code.
CREATE TABLE document_type (
    code TEXT NOT NULL PRIMARY KEY,  -- code word
    fa   TEXT NOT NULL,              -- name in Persian
    en   TEXT NOT NULL               -- name in English
);
INSERT INTO document_type (code, fa, en) VALUES
    ('national-card', 'کارت ملی', 'national card'),
    ('shenasnameh', 'شناسنامه', 'shenasnameh (birth certificate booklet)'),
    ('birth-certificate', 'گواهی ولادت', 'certificate of birth'),
    ('death-certificate', 'گواهی وفات', 'certificate of death'),
    ('marriage-certificate', 'سند ازدواج', 'marriage certificate'),
    ('divorce-certificate', 'سند طلاق', 'divorce certificate'),
    ('passport', 'گذرنامه', 'passport'),
    ('driving-licence', 'گواهینامه رانندگی', 'driving licence'),
    ('military-service-card', 'کارت پایان خدمت وظیفه', 'military service card'),
    ('education-certificate', 'مدرک تحصیلی', 'education certificate'),
    ('title-deed', 'سند مالکیت', 'title deed'),
    ('vehicle-card', 'کارت خودرو', 'vehicle registration card'),
    ('insurance-booklet', 'دفترچه بیمه', 'insurance booklet'),
    ('business-licence', 'پروانه کسب', 'business licence'),
    ('residence-proof', 'گواهی محل سکونت', 'proof of residence');

-- Provinces of the country, as waves of the roll-out name them.
CREATE TABLE province (
    name TEXT NOT NULL PRIMARY KEY   -- official name, in Persian
);
INSERT INTO province (name) VALUES
    ('آذربایجان شرقی'), ('آذربایجان غربی'), ('اردبیل'), ('اصفهان'), ('البرز'), ('ایلام'), ('بوشهر'), ('تهران'),
    ('چهارمحال و بختیاری'), ('خراسان جنوبی'), ('خراسان رضوی'), ('خراسان شمالی'), ('خوزستان'), ('زنجان'), ('سمنان'),
    ('سیستان و بلوچستان'), ('فارس'), ('قزوین'), ('قم'), ('کردستان'), ('کرمان'), ('کرمانشاه'), ('کهگیلویه و بویراحمد'),
    ('گلستان'), ('گیلان'), ('لرستان'), ('مازندران'), ('مرکزی'), ('هرمزگان'), ('همدان'), ('یزد');

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

-- What stands in the way of giving up copies (circular, art. 1b).
CREATE TABLE obstacle (
    id       KEY64   PRIMARY KEY,  -- 1, 2, 3 … in order of registration
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

-- Waves of the roll-out: which bodies, where, from when until when.
CREATE TABLE wave (
    id        KEY64   PRIMARY KEY,  -- 1, 2, 3 …
    name      TEXT    NOT NULL,     -- what it is called
    provinces TEXT    NOT NULL,     -- province.name, a line each
    agencies  TEXT    NOT NULL,     -- agency.id of bodies that it covers, with all below them, and a space between two; '': all in the provinces
    since     INTEGER NOT NULL,     -- date of its first day
    until     INTEGER NOT NULL,     -- date of its last day
    version   INTEGER NOT NULL      -- 1, 2, 3 …
);
