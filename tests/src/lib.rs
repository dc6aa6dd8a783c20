//! What the demo, the whole-federation tests and the benchmarks share: the two programs as real processes, and whole
//! federations in one process.

pub mod demo;
pub mod documents;
pub mod figures;
pub mod inprocess;
pub mod line;
pub mod logs;
pub mod process;
pub mod proxy;
pub mod reader;
