-- +goose Up
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

-- Tables by which agencies replace their own place codes by postal codes
-- (art. 8). A row holds from the version that brought it to the one that took
-- it away, so every version can be read again.
CREATE TABLE conversion (
    id       KEY64   PRIMARY KEY, -- 1, 2, 3 …
    agency   BIGINT  NOT NULL,    -- whose
    name     TEXT    NOT NULL     -- its own code word for the table
);
CREATE UNIQUE INDEX conversion_name ON conversion (agency, name);

CREATE TABLE conversion_version (
    conversion BIGINT  NOT NULL, -- conversion.id
    version    INTEGER NOT NULL, -- 1, 2, 3 … within the table
    part       INTEGER NOT NULL, -- 1: the file was added to the version before; 0: it took its place
    declared   BIGINT  NOT NULL, -- how many own codes the agency has, by its own word
    count      BIGINT  NOT NULL, -- rows of the file
    accepted   BIGINT  NOT NULL, -- of these taken
    gone       BIGINT  NOT NULL, -- of these refused because the place is no more
    refused    BIGINT  NOT NULL, -- of these refused for another reason
    held       BIGINT  NOT NULL, -- own codes with a postal code in this version
    format     TEXT    NOT NULL, -- of the file: 'csv', 'xlsx' or 'parquet'
    file       BYTEA   NOT NULL, -- SHA-256 of the file as it came
    at         BIGINT  NOT NULL, -- moment
    officer    TEXT    NOT NULL, -- login of who handed it in
    act        BYTEA   NOT NULL, -- journal.ActID
    PRIMARY KEY (conversion, version)
);

CREATE TABLE conversion_row (
    conversion BIGINT  NOT NULL, -- conversion.id
    own        TEXT    NOT NULL, -- the agency's own code of a place
    since      INTEGER NOT NULL, -- version that brought it
    until      INTEGER NOT NULL, -- version that took it away; 0: it still holds
    postal     BIGINT  NOT NULL, -- postal code
    PRIMARY KEY (conversion, own, since)
) CLUSTERED;

-- The annual evaluation (circular of 1399, art. 3).
CREATE TABLE evaluation (
    id         KEY64   PRIMARY KEY, -- 1, 2, 3 …
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

-- What was found of each agency, each province and the country.
CREATE TABLE evaluation_unit (
    evaluation BIGINT  NOT NULL, -- evaluation.id
    version    INTEGER NOT NULL, -- evaluation.version
    unit       TEXT    NOT NULL, -- legal id of an agency, name of a province, or 'country'
    body       TEXT    NOT NULL, -- JSON of compliance.Unit
    PRIMARY KEY (evaluation, version, unit)
);

-- Appeals of agencies against a criterion, and what was decided.
CREATE TABLE evaluation_appeal (
    id         KEY64   PRIMARY KEY, -- 1, 2, 3 …
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

-- +goose Down
DROP TABLE evaluation_appeal;
DROP TABLE evaluation_unit;
DROP TABLE evaluation;
DROP TABLE conversion_row;
DROP TABLE conversion_version;
DROP TABLE conversion;
DROP TABLE compliance_item;
