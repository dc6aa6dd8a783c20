//! How a command speaks: results to stdout, everything else to stderr, for a person or (`--json`) for a program.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use tongpin_domain::lang::{Lang, Say};

use crate::exit::Exit;
use crate::output::failure::Failure;
use crate::stderr;

mod asking;
pub mod failure;
mod printed;
pub mod table;

pub use printed::Printed;

/// The options that every command has; flatten them into a program's command line.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct OutputArgs {
    /// 以 JSON 输出，供程序读取 | print JSON for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// 语言：zh（默认）或 en | language: zh (default) or en
    #[arg(long, global = true, env = "TONGPIN_LANG", value_name = "zh|en")]
    #[arg(default_value = "zh", value_parser = language)]
    pub lang: Lang,
}

/// Reads a language from the command line or the environment.
fn language(text: &str) -> Result<Lang, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "zh" | "zh-cn" | "zh_cn" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err("zh | en".to_owned()),
    }
}

/// Where and how a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Results are JSON on stdout; notices and errors stay on stderr.
    pub json: bool,
    /// The language of every word.
    pub lang: Lang,
    /// Somebody watches stderr on a terminal, so progress may be drawn there.
    pub terminal: bool,
}

impl From<OutputArgs> for Output {
    fn from(args: OutputArgs) -> Self {
        Self { json: args.json, lang: args.lang, terminal: io::stderr().is_terminal() }
    }
}

impl Output {
    /// Picks the text of the chosen language.
    #[must_use]
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(zh, en)
    }

    /// Prints a result in the form that was asked for: the value as JSON, or else as the table that `table` makes.
    /// The error is what stdout refused (a full disk behind a redirection); a reader that went away is none.
    pub fn present<T: Serialize>(
        &self,
        value: &T,
        headers: &[&str],
        table: impl FnOnce() -> Vec<Vec<String>>,
    ) -> io::Result<()> {
        if self.json { self.print_json(value) } else { self.print_table(headers, &table()) }
    }

    /// Prints a table whose columns line up, Chinese characters counting as two columns of the terminal.
    pub fn print_table(&self, headers: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
        to_stdout(&table::text(headers, rows))
    }

    /// Prints one JSON document and a line break.
    pub fn print_json(&self, value: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
        text.push('\n');
        to_stdout(&text)
    }

    /// Prints text that is the result itself, such as a token or the example configuration, as it is.
    pub fn print_text(&self, text: &str) -> io::Result<()> {
        let break_line = if text.ends_with('\n') { "" } else { "\n" };
        to_stdout(&format!("{text}{break_line}"))
    }

    /// Tells the user something; to stderr under `--json`, where stdout holds the one document and nothing else.
    pub fn say(&self, message: &impl Say) -> io::Result<()> {
        self.tell(&message.say(self.lang))
    }

    /// Tells the user a text that is already in the chosen language.
    pub fn tell(&self, text: &str) -> io::Result<()> {
        let line = format!("{}\n", table::printable(text));
        if self.json {
            to_stderr(&line);
            return Ok(());
        }
        to_stdout(&line)
    }

    /// Tells on stderr what went wrong and what to do, and returns how the process ends.
    pub fn fail(&self, exit: Exit, error: &impl Say) -> Exit {
        to_stderr(&Failure::new(exit, error, self.lang).text(self));
        exit
    }

    /// A progress bar on stderr, drawn only when a person watches and no JSON was asked for; length 0 is a spinner.
    #[must_use]
    pub fn progress(&self, len: u64, label: &str) -> ProgressBar {
        if !self.shows_progress() {
            return ProgressBar::hidden();
        }
        let (bar, template) = if len == 0 {
            (ProgressBar::no_length(), "{spinner} {msg} {pos}")
        } else {
            (ProgressBar::new(len), "{msg} [{bar:30}] {pos}/{len} {eta}")
        };
        bar.set_draw_target(ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(table::printable(label));
        bar
    }

    /// Whether progress is drawn at all.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        self.terminal && !self.json
    }
}

/// Writes to stdout. A reader that went away (`| head`) has what it wanted, so that is no failure.
fn to_stdout(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes to stderr, after what the log has said. When even that fails nobody is left to be told.
fn to_stderr(text: &str) {
    stderr::write(text.as_bytes());
    stderr::flush(stderr::PATIENCE);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that progress is drawn for a person at a terminal, and never into a log file or beside JSON.
    #[test]
    fn progress_only_for_a_watching_person() {
        let watched = Output { json: false, lang: Lang::Zh, terminal: true };
        assert!(watched.shows_progress());
        assert!(!Output { json: true, ..watched }.shows_progress());
        let piped = Output { terminal: false, ..watched };
        assert!(!piped.shows_progress());
        assert!(piped.progress(10, "导入").is_hidden());
    }

    /// Shows that a language is taken in the spellings people use and anything else is a usage error.
    #[test]
    fn languages_are_read() {
        assert_eq!(language("zh"), Ok(Lang::Zh));
        assert_eq!(language("zh_CN"), Ok(Lang::Zh));
        assert_eq!(language(" EN "), Ok(Lang::En));
        assert!(language("fr").is_err());
    }

    /// Shows that `--json` and `--lang` are taken on the program and on its commands alike.
    #[test]
    fn options_are_global() {
        use clap::Parser;

        #[derive(Parser)]
        struct Program {
            #[command(flatten)]
            output: OutputArgs,
            #[command(subcommand)]
            command: Command,
        }
        #[derive(clap::Subcommand)]
        enum Command {
            Status,
        }

        let parsed = Program::try_parse_from(["tongpin", "status", "--json", "--lang", "en"]).expect("options");
        let Command::Status = parsed.command;
        assert!(parsed.output.json);
        assert_eq!(parsed.output.lang, Lang::En);
        assert!(Program::try_parse_from(["tongpin", "status", "--lang", "fr"]).is_err());
    }
}
