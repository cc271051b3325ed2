-- +goose Up
-- What agencies say against the register (note to art. 4 of the bylaw of 1378):
-- an agency does not edit, it reports, and a case is opened.
CREATE TABLE doubt (
    id       KEY64  PRIMARY KEY,  -- 1, 2, 3 … in order of reporting
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
CREATE INDEX doubt_agency ON doubt (agency, id);
CREATE INDEX doubt_about ON doubt (subject, agency, field);
CREATE INDEX doubt_file ON doubt (file);

-- How well agencies know the people in their own lists by number and postal
-- code (art. 4): counts of each list that was checked, and nothing of its rows.
CREATE TABLE quality (
    id             KEY64  PRIMARY KEY, -- 1, 2, 3 … in order of checking
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

-- +goose Down
DROP TABLE quality;
DROP TABLE doubt;
