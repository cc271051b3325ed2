-- +goose Up
-- Deliveries of identity items to agencies (law B.5): an agency's list in, the
-- permitted items out, row by row. No name and no item stands here: what was
-- answered is in the journal, the agency's file lies sealed in the node's
-- directory, and both are forgotten in their time.
CREATE TABLE delivery (
    id           KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of request
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

-- +goose Down
DROP TABLE delivery_recipient;
DROP TABLE delivery_row;
DROP TABLE delivery;
