//! What both programs' front ends share: the command line's voice, configuration, life cycle, log and status page.

pub mod clock;
pub mod disk;
pub mod doctor;
pub mod exit;
pub mod help;
pub mod lifecycle;
pub mod logging;
pub mod net;
pub mod output;
pub mod page;
pub mod secret;
pub mod settings;
pub mod state;
