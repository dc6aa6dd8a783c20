//! What earlier versions wrote is still read: databases, bundles and messages that are kept in `tests/goldens`, each
//! written by the program of its version and never changed since.

mod bundles;
mod databases;
mod goldens;
mod programs;
mod wire;
