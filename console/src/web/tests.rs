//! Shows, against the real pages and a real database, who gets in, what each may do, and what is written down.

mod browser;

mod accounts;
mod failing;
mod jobs;
mod secured;
mod tokens;
mod ways_in;
