-- +goose Up
-- The board of article 13 of the bylaw of 1378: who sits in it, when it met,
-- what it decided and what it wants done. Rows of decided decisions stay as
-- they are; a later decision takes their place or repeals them.
CREATE TABLE board_member (
    id       KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of appointment
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

CREATE TABLE board_session (
    id      KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of registration
    held    INTEGER NOT NULL,    -- day
    place   TEXT    NOT NULL,    -- where
    agenda  TEXT    NOT NULL,    -- in Persian, as the next
    minutes TEXT    NOT NULL,    -- what was said and decided
    made    BIGINT  NOT NULL,    -- moment of registration
    member  BIGINT  NOT NULL,    -- who registered it: board_member.id
    act     BYTEA   NOT NULL     -- journal.ActID
);

CREATE TABLE board_present (
    session BIGINT NOT NULL,     -- board_session.id
    member  BIGINT NOT NULL,     -- who was there: board_member.id
    PRIMARY KEY (session, member)
);

CREATE TABLE board_decision (
    id        KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of drafting
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

CREATE TABLE board_signature (
    decision BIGINT NOT NULL,     -- board_decision.id
    body     TEXT   NOT NULL,     -- each of the four signs once
    member   BIGINT NOT NULL,     -- board_member.id
    at       BIGINT NOT NULL,     -- moment
    act      BYTEA  NOT NULL,     -- journal.ActID
    PRIMARY KEY (decision, body)
);

-- What the board wants somebody to do.
CREATE TABLE board_follow_up (
    id          KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of registration
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

-- +goose Down
DROP TABLE board_follow_up;
DROP TABLE board_signature;
DROP TABLE board_decision;
DROP TABLE board_present;
DROP TABLE board_session;
DROP TABLE board_member;
