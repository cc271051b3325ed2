-- How officers prove to the console who they are (package account). Their
-- passwords stand in table officer.

-- +goose Up

-- An officer's second factor by codes. A row is made when he first has any
-- factor besides his password.
CREATE TABLE account (
    agency BIGINT  NOT NULL, -- legal id
    login  TEXT    NOT NULL, -- of the officer
    handle BYTEA   NOT NULL, -- 32 random bytes by which his passkeys know him
    secret BYTEA   NOT NULL, -- of his authenticator, sealed with the key file; empty: none
    step   BIGINT  NOT NULL, -- last step of 30 seconds whose code was accepted
    since  BIGINT  NOT NULL, -- moment the authenticator was set; 0: none
    wrong  INTEGER NOT NULL, -- wrong codes given after the right password since the last right code
    until  BIGINT  NOT NULL, -- moment before which no code is tried; 0: at once
    PRIMARY KEY (agency, login)
);
CREATE UNIQUE INDEX account_handle ON account (handle);

-- Codes for the day on which the authenticator is lost; each opens once.
CREATE TABLE account_recovery (
    agency BIGINT NOT NULL, -- legal id
    login  TEXT   NOT NULL, -- of the officer
    hash   BYTEA  NOT NULL, -- HMAC-SHA-256 of the code under the key file
    used   BIGINT NOT NULL, -- moment; 0: not used
    PRIMARY KEY (agency, login, hash)
);

CREATE TABLE account_passkey (
    id         BYTEA   PRIMARY KEY, -- credential id, as the authenticator made it
    agency     BIGINT  NOT NULL, -- legal id
    login      TEXT    NOT NULL, -- of the officer whose it is
    name       TEXT    NOT NULL, -- by which he knows it
    public     BYTEA   NOT NULL, -- public key, COSE
    counter    BIGINT  NOT NULL, -- last signature counter; 0: the authenticator does not count
    flags      INTEGER NOT NULL, -- of the authenticator data at registration
    model      BYTEA   NOT NULL, -- AAGUID
    transports TEXT    NOT NULL, -- code words with a comma between
    made       BIGINT  NOT NULL, -- moment of registration
    used       BIGINT  NOT NULL, -- moment of the last sign-in; 0: never
    blocked    BIGINT  NOT NULL  -- moment its counter went back, which a copy does; 0: never
);
CREATE INDEX account_passkey_officer ON account_passkey (agency, login);

-- Codes with which officers set their first password.
CREATE TABLE account_activation (
    hash   BYTEA  PRIMARY KEY, -- SHA-256 of the code
    agency BIGINT NOT NULL, -- legal id
    login  TEXT   NOT NULL, -- of the officer
    made   BIGINT NOT NULL, -- moment
    ends   BIGINT NOT NULL, -- moment from which it opens nothing
    used   BIGINT NOT NULL  -- moment it was used or replaced; 0: neither
);
CREATE INDEX account_activation_officer ON account_activation (agency, login);

-- Who is signed in. An ended row stays for some weeks, without its data, so that
-- an officer sees where he has been signed in, and so that no request under way
-- brings it back.
CREATE TABLE account_session (
    hash   BYTEA  PRIMARY KEY, -- SHA-256 of the token in the cookie
    agency BIGINT NOT NULL, -- legal id
    login  TEXT   NOT NULL, -- of the officer
    method TEXT   NOT NULL, -- 'password', 'totp', 'recovery', 'passkey', 'oidc' or 'demo'
    device TEXT   NOT NULL, -- families of browser and system; no version, no address
    made   BIGINT NOT NULL, -- moment of sign-in
    seen   BIGINT NOT NULL, -- moment of the last request, at most a minute behind
    ends   BIGINT NOT NULL, -- moment of its end if nothing more is asked
    ended  BIGINT NOT NULL, -- moment it was ended before; 0: it was not
    data   BYTEA  NOT NULL  -- what the pages keep in it; empty once it has ended
);
CREATE INDEX account_session_officer ON account_session (agency, login);
CREATE INDEX account_session_ends ON account_session (ends);

-- Which officer a user of the outside sign-in service is.
CREATE TABLE account_link (
    issuer  TEXT   NOT NULL, -- of the sign-in service
    subject TEXT   NOT NULL, -- its name for the user
    agency  BIGINT NOT NULL, -- legal id
    login   TEXT   NOT NULL, -- of the officer
    made    BIGINT NOT NULL, -- moment
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX account_link_officer ON account_link (agency, login);

-- The mark of registers whose people are invented. It is set in empty registers
-- alone; without it nobody signs in by one click.
CREATE TABLE demo (
    id   KEY64  PRIMARY KEY, -- 1
    made BIGINT NOT NULL     -- moment
);

-- +goose Down
DROP TABLE demo;
DROP TABLE account_link;
DROP TABLE account_session;
DROP TABLE account_activation;
DROP TABLE account_passkey;
DROP TABLE account_recovery;
DROP TABLE account;
