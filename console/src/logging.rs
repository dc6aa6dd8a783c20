//! The log: lines for people or JSON for machines on stderr, so that stdout holds results only. A line that cannot be
//! written is dropped and counted ([`crate::stderr`]); it neither ends nor holds up the program.
//!
//! Nothing is logged that a [`crate::secret::Secret`] holds; the libraries below are kept to warnings, since some of
//! them print what they carry at finer levels.

use std::fmt;
use std::io::{self, IsTerminal};

use serde::Deserialize;
use tongpin_domain::lang::{Lang, Say};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::{clock, stderr};

/// The variable that overrides the settings' level: a word such as `debug`, or directives such as
/// `info,tongpin_link=debug`.
pub const VARIABLE: &str = "TONGPIN_LOG";

/// The form of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line of text per event, for people.
    #[default]
    Human,
    /// One JSON object per event, for machines.
    Json,
}

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// A level or directive that is none.
    #[error("{text:?} is no log level: {problem}")]
    Level {
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The log was set up before.
    #[error("the log is set up already")]
    Twice,
}

impl Say for LoggingError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Level { text, .. } => {
                let zh = format!("日志级别 {text} 无法识别；可用 error、warn、info、debug、trace");
                let en = format!("{text:?} is no log level; use error, warn, info, debug or trace");
                lang.pick(&zh, &en).to_owned()
            }
            Self::Twice => lang.pick("日志已经启用", "the log is set up already").to_owned(),
        }
    }
}

/// Begins to log to stderr: what the command line gives counts before `TONGPIN_LOG`, that before the settings' level.
pub fn begin(format: LogFormat, given: Option<&str>, level: &str) -> Result<(), LoggingError> {
    let variable = std::env::var(VARIABLE).ok();
    let filter = filter(first_of([given, variable.as_deref()], level))?;
    tracing::subscriber::set_global_default(subscriber(format, filter, || Lines, io::stderr().is_terminal()))
        .map_err(|_| LoggingError::Twice)?;
    std::panic::set_hook(Box::new(crashed));
    Ok(())
}

/// A crash is logged like everything else: the usual way would wait for stderr, and crash again where that is full.
fn crashed(info: &std::panic::PanicHookInfo<'_>) {
    if tracing::enabled!(tracing::Level::ERROR) {
        tracing::error!("{info}");
    } else {
        stderr::write(format!("{info}\n").as_bytes());
    }
}

/// Hands each event's line to the one writer of stderr.
struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        stderr::write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first that says something; an empty variable is as good as none.
fn first_of<'a>(wishes: [Option<&'a str>; 2], level: &'a str) -> &'a str {
    wishes.into_iter().flatten().find(|wish| !wish.trim().is_empty()).unwrap_or(level)
}

/// A single word is the level of our own crates; the libraries below stay at warnings unless directives name them.
fn filter(text: &str) -> Result<EnvFilter, LoggingError> {
    let text = text.trim();
    let is_word = text.chars().all(|c| c.is_ascii_alphabetic());
    let directives = if is_word && !text.eq_ignore_ascii_case("off") {
        // A bare word that is no level would be taken for the name of a module and silence everything.
        text.parse::<tracing::Level>()
            .map_err(|problem| LoggingError::Level { text: text.to_owned(), problem: problem.to_string() })?;
        OURS.iter().fold("warn".to_owned(), |all, name| format!("{all},{name}={text}"))
    } else {
        text.to_owned()
    };
    EnvFilter::builder()
        .parse(&directives)
        .map_err(|problem| LoggingError::Level { text: text.to_owned(), problem: problem.to_string() })
}

/// The targets that a level alone is about.
const OURS: [&str; 7] = [
    "tongpin_domain",
    "tongpin_proto",
    "tongpin_store",
    "tongpin_link",
    "tongpin_console",
    "tongpin_node",
    "tongpin_hub",
];

fn subscriber<W>(
    format: LogFormat,
    filter: EnvFilter,
    writer: W,
    colour: bool,
) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let base = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_timer(LocalTime);
    match format {
        LogFormat::Human => Box::new(base.with_ansi(colour).finish()),
        LogFormat::Json => Box::new(base.with_ansi(false).json().flatten_event(true).finish()),
    }
}

/// China's time with its offset, so that log, page and officer's watch agree.
struct LocalTime;

impl FormatTime for LocalTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let now = clock::now();
        write!(writer, "{now}.{:03}+08:00", now.0.rem_euclid(1000))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic holds it").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, level: &str, events: impl FnOnce()) -> String {
        let lines = Kept::default();
        let writer = lines.clone();
        let subscriber = subscriber(format, filter(level).expect("a level"), move || writer.clone(), false);
        tracing::subscriber::with_default(subscriber, events);
        let bytes = lines.0.lock().expect("no panic holds it").clone();
        String::from_utf8(bytes).expect("text")
    }

    /// Shows that a JSON line is one object with level, message and fields, and a time in China's zone.
    #[test]
    fn json_lines_are_objects() {
        let text = logged(LogFormat::Json, "info", || tracing::info!(region = "320581", "applied"));
        assert_eq!(text.lines().count(), 1);
        let line: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "applied");
        assert_eq!(line["region"], "320581");
        assert!(line["timestamp"].as_str().expect("a time").ends_with("+08:00"));
    }

    /// Shows that a level keeps what is below it out, and keeps libraries to warnings.
    #[test]
    fn levels_filter() {
        let text = logged(LogFormat::Human, "info", || {
            tracing::debug!("ours too fine");
            tracing::info!("ours shown");
            tracing::info!(target: "hyper", "theirs too fine");
            tracing::warn!(target: "hyper", "theirs shown");
        });
        assert!(text.contains("ours shown") && text.contains("theirs shown"), "{text}");
        assert!(!text.contains("too fine"), "{text}");
    }

    /// Shows that the command line counts before the variable, and that before the settings; blank ones do not count.
    #[test]
    fn the_nearest_wish_counts() {
        assert_eq!(first_of([Some("debug"), Some("trace")], "info"), "debug");
        assert_eq!(first_of([None, Some("trace")], "info"), "trace");
        assert_eq!(first_of([None, Some(" ")], "info"), "info");
        assert_eq!(first_of([None, None], "info"), "info");
    }

    /// Shows that a mistyped level is refused instead of silencing the log.
    #[test]
    fn mistyped_levels_are_refused() {
        assert!(matches!(filter("inof"), Err(LoggingError::Level { .. })));
        assert!(matches!(filter("info,tongpin_link=loud"), Err(LoggingError::Level { .. })));
        assert!(filter("warn,tongpin_link=debug").is_ok());
        assert!(filter("off").is_ok());
    }
}
