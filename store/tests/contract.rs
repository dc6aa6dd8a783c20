//! What every database under a store must do: one suite, run on SQLite and, where `TONGPIN_TEST_POSTGRES` names a
//! server on which schemas can be made, on PostgreSQL as well.
#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract {
    mod account;
    mod apart;
    mod api;
    mod audit;
    mod audited;
    mod backup;
    mod catalog;
    mod change;
    mod child;
    mod crash;
    mod due;
    mod fault;
    mod form;
    mod ground;
    mod meta;
    mod numbers;
    mod observation;
    mod outbox;
    mod planned;
    mod project;
    mod question;
    mod record;
    mod report;
    mod rollout;
    mod say;
    mod score;
    mod spawn;
    mod staging;
    mod topics;
    mod upgrade;
    mod witness;
}
