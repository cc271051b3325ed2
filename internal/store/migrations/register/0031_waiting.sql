-- +goose Up

-- The letters of a person, which stand on the page of his record.
CREATE INDEX notice_letter_subject ON notice_letter (subject, id);

-- Declarations that wait for an inspector: those of compliance_item that no
-- judgement has followed.
CREATE TABLE compliance_waiting (
    agency   BIGINT  NOT NULL, -- whose
    clause   TEXT    NOT NULL, -- as in compliance_item
    version  INTEGER NOT NULL, -- that waits
    at       BIGINT  NOT NULL, -- moment of the declaration
    PRIMARY KEY (agency, clause)
);
CREATE INDEX compliance_waiting_at ON compliance_waiting (at, agency, clause);
INSERT INTO compliance_waiting (agency, clause, version, at)
SELECT i.agency, i.clause, i.version, i.at FROM compliance_item i
WHERE i.state = 1 AND NOT EXISTS (
    SELECT 1 FROM compliance_item n WHERE n.agency = i.agency AND n.clause = i.clause AND n.version > i.version);

-- +goose Down
DROP TABLE compliance_waiting;
DROP INDEX notice_letter_subject;
