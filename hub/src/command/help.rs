//! Help and complaints about the command line in Chinese: clap's own phrases are English, so they are put in their
//! place here.

use clap::{Arg, ArgAction, Command};

mod misuse;

pub(crate) use misuse::{Misuse, wants};

const TEMPLATE: &str = "{about-with-newline}
用法:{usage}

{all-args}{after-help}";

/// The same command line with Chinese headings and notes, for every command of it.
pub(crate) fn localised(command: Command) -> Command {
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::localised;
    use crate::command::CommandLine;

    /// Shows that the definition holds together, and that no command's help falls back to clap's English phrases.
    #[test]
    fn every_help_is_chinese() {
        fn check(mut command: clap::Command) {
            let help = command.render_long_help().to_string();
            for english in
                ["Usage:", "Options:", "OPTIONS", "Commands:", "Arguments:", "Print help", "[env", "[default"]
            {
                assert!(!help.contains(english), "{}: {english}\n{help}", command.get_name());
            }
            assert!(help.contains("用法:tongpin-hub"), "{help}");
            command.get_subcommands().cloned().for_each(check);
        }
        let command = localised(CommandLine::command());
        command.clone().debug_assert();
        check(command);
    }
}
