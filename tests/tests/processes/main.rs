//! The two programs as they are run: real processes that are killed, misused and short of everything, and what they
//! print about it.

mod cases;
mod crowd;
mod deaf;
mod former_code;
mod forms;
mod ground;
mod kills;
mod memory;
mod mishaps;
mod pages;
mod printed;
mod restores;
mod scores;
mod trials;
