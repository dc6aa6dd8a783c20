//! Help and complaints about the command line in Chinese, for both programs: clap's own phrases are English, so they
//! are put in their place here.

use clap::{Arg, ArgAction, Command};
use tongpin_domain::lang::Lang;

use crate::output::Output;

mod misuse;

pub use misuse::{Misuse, wants};

const TEMPLATE: &str = "{about-with-newline}
用法：{usage}

{all-args}{after-help}";

/// The same command line with Chinese headings and notes, for every command of it.
#[must_use]
pub fn localised(command: Command) -> Command {
    let mut command = worded(command);
    command.build();
    usages(command)
}

fn worded(command: Command) -> Command {
    let is_top = command.get_version().is_some();
    let mut command = command
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助"));
    if is_top {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
        command = command.disable_version_flag(true).arg(version.help("显示版本"));
    }
    let names: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for name in names {
        command = command.mut_arg(name, noted);
    }
    let children: Vec<String> = command.get_subcommands().map(|child| child.get_name().to_owned()).collect();
    children.into_iter().fold(command, |command, child| command.mut_subcommand(child, worded))
}

/// Sets an argument under its heading, and says in Chinese what it is by default and which variable sets it.
fn noted(arg: Arg) -> Arg {
    let shared = arg.is_global_set() || matches!(arg.get_id().as_str(), "help" | "version");
    let heading = match (arg.is_positional(), shared) {
        (true, _) => "参数",
        (false, true) => "通用选项",
        (false, false) => "选项",
    };
    let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    let takes_value = arg.get_action().takes_values();
    if takes_value && !defaults.is_empty() && defaults.iter().any(|value| !value.is_empty()) && !help.contains("默认")
    {
        help = format!("{help} [默认 {}]", defaults.join("、"));
    }
    if let Some(variable) = arg.get_env() {
        help = format!("{help} [环境变量 {}]", variable.to_string_lossy());
    }
    let possible: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if takes_value && !possible.is_empty() {
        help = format!("{help} [{}]", possible.join("、"));
    }
    let arg = arg.help(help).help_heading(heading).hide_env(true);
    if takes_value { arg.hide_default_value(true).hide_possible_values(true) } else { arg }
}

/// The usage lines, which clap writes with English words in them.
fn usages(mut command: Command) -> Command {
    let line = command.render_usage().to_string();
    let line = line.trim_start_matches("Usage:").trim().replace("[OPTIONS]", "[选项]");
    let children: Vec<String> = command.get_subcommands().map(|child| child.get_name().to_owned()).collect();
    children.into_iter().fold(command.override_usage(line), |command, child| command.mut_subcommand(child, usages))
}

/// How to speak about a command line that could not be read, as far as it says so itself.
#[must_use]
pub fn output_before_parsing() -> Output {
    let words: Vec<String> = std::env::args().collect();
    let asked = |language: &str| {
        let pair = words.windows(2).any(|pair| pair[0] == "--lang" && pair[1] == language);
        pair || words.iter().any(|word| *word == format!("--lang={language}"))
    };
    let english = asked("en") || (!asked("zh") && std::env::var("TONGPIN_LANG").is_ok_and(|language| language == "en"));
    Output {
        json: words.iter().any(|word| word == "--json"),
        lang: if english { Lang::En } else { Lang::Zh },
        terminal: false,
    }
}

/// Whether a help text has none of clap's English phrases left: what the programs' tests hold for every command.
///
/// # Errors
/// The command and the phrase.
pub fn check_chinese(mut command: Command) -> Result<(), String> {
    let help = command.render_long_help().to_string();
    let english = ["Usage:", "Options:", "OPTIONS", "Commands:", "Arguments:", "Print help", "[env", "[default"];
    if let Some(phrase) = english.iter().find(|phrase| help.contains(**phrase)) {
        return Err(format!("{}: {phrase}", command.get_name()));
    }
    command.get_subcommands().cloned().try_for_each(check_chinese)
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::{check_chinese, localised};

    /// Shows that clap's phrases are found where they are left, and gone once the command is localised.
    #[test]
    fn help_becomes_chinese() {
        let command = || {
            let count = Arg::new("count").long("count").default_value("7").help("多少");
            Command::new("tongpin").version("1").subcommand(Command::new("nodes").about("下级").arg(count))
        };
        assert!(check_chinese(command()).is_err());
        let mut localised = localised(command());
        assert_eq!(check_chinese(localised.clone()), Ok(()));
        assert!(localised.render_long_help().to_string().contains("用法：tongpin"));
    }
}
