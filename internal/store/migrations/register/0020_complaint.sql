-- +goose Up
-- Reports of citizens that an agency demanded a copy of a document (circular of
-- 1399/06/17). Who reports is not asked.
CREATE TABLE complaint (
    id       KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of filing
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
CREATE INDEX complaint_list ON complaint (agency, id);
CREATE INDEX complaint_state ON complaint (state, id);
CREATE INDEX complaint_digest ON complaint (digest);
CREATE INDEX complaint_made ON complaint (made);
CREATE INDEX complaint_contact ON complaint (judged) WHERE contact <> '' AND judged > 0;

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

-- +goose Down
DROP TABLE complaint_step;
DROP TABLE complaint_secret;
DROP TABLE complaint;
