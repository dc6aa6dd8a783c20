//! Whole federations: three tiers over real TLS on free ports, with real databases.

mod breaking_line;
mod bundle;
mod bundle_recovery;
mod claims;
mod clocks;
mod craft;
mod enrolment;
mod extremes;
mod faults;
mod guidance;
mod idle_line;
mod invitations;
mod jobs;
mod new_database;
mod proofs;
mod questions;
mod records;
mod releases;
mod renewal;
mod reports;
mod rollout;
mod standing;
mod suspended;
mod transfer;
mod twins;
mod witness;
