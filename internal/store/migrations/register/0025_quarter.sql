-- The quarterly report to the Council of Ministers (bylaw of 1378, note to art. 13).

-- +goose Up

-- One report a quarter. What it says is content, canonical JSON: it is written
-- anew until the report is reviewed, and never after it is issued.
CREATE TABLE quarter (
    quarter    KEY64   PRIMARY KEY, -- Jalali year × 10 + 1 … 4
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

-- +goose Down
DROP TABLE quarter;
