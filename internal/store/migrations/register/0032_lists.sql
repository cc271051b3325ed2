-- +goose Up

-- What waits is counted on every page and listed first, so it is found without
-- passing over what is done with.
CREATE INDEX agreement_draft_open ON agreement_draft (agency, id) WHERE state < 6;
CREATE INDEX agreement_draft_waiting ON agreement_draft (state, id) WHERE state < 6;
CREATE INDEX board_decision_drafted ON board_decision (id) WHERE state = 1;
CREATE INDEX correction_waiting ON correction (agency, id) WHERE acknowledged = 0;
CREATE INDEX delivery_state ON delivery (agency, state, id);
CREATE INDEX exception_copy_overdue ON exception_copy (agency, until) WHERE destroyed = 0;
CREATE INDEX exception_ticket_flagged ON exception_ticket (id) WHERE flagged = 1;
CREATE INDEX exception_ticket_open ON exception_ticket (id) WHERE state <> 2;
CREATE INDEX obstacle_open ON obstacle (id) WHERE removed = 0;
CREATE INDEX obstacle_due ON obstacle (agency, due, id) WHERE removed = 0;

-- +goose Down
DROP INDEX obstacle_due;
DROP INDEX obstacle_open;
DROP INDEX exception_ticket_open;
DROP INDEX exception_ticket_flagged;
DROP INDEX exception_copy_overdue;
DROP INDEX delivery_state;
DROP INDEX correction_waiting;
DROP INDEX board_decision_drafted;
DROP INDEX agreement_draft_waiting;
DROP INDEX agreement_draft_open;
