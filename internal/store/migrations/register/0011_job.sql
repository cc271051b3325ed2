-- +goose Up
-- Later work: an act enqueues a row in its own transaction, a worker of any
-- node takes it up (package job). What a row says of its result holds no
-- personal data; its arguments may, and go when it ends. The row itself goes 30
-- days later.
CREATE TABLE job (
    id           KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of enqueueing
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

-- +goose Down
DROP TABLE job;
