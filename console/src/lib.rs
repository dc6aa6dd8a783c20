//! What both programs' front ends share: the command line's voice, configuration, life cycle, log, and the console.

mod account;
pub mod account_command;
pub mod chance;
pub mod chart;
pub mod clock;
pub mod command_line;
pub mod disk;
pub mod doctor;
pub mod duty;
pub mod exit;
pub mod file;
pub mod help;
pub mod lifecycle;
pub mod logging;
pub mod net;
pub mod output;
pub mod page;
pub mod password;
pub mod private;
pub mod scope;
pub mod second_factor;
pub mod secret;
pub mod settings;
pub mod state;
pub mod stderr;
pub mod web;
pub mod workbook;
