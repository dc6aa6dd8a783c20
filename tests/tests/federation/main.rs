//! Whole federations: three tiers over real TLS on free ports, with real databases.

mod craft;
mod enrolment;
mod guidance;
mod records;
mod releases;
mod reports;
mod renewal;
mod standing;
