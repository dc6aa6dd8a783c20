//! What is wrong with a command line, in the user's words instead of clap's.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use tongpin_domain::lang::{Lang, Say};

/// A command line that cannot be carried out.
#[derive(Debug)]
pub struct Misuse {
    zh: String,
    en: String,
}

/// Whether clap only answers a question: help or version.
#[must_use]
pub fn wants(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

impl Misuse {
    /// Reads what clap found.
    #[must_use]
    pub fn of(error: &clap::Error) -> Self {
        let en = error.to_string();
        let en = en.trim().trim_start_matches("error:").trim().lines().next().unwrap_or_default().to_owned();
        Self { zh: chinese(error).unwrap_or_else(|| format!("命令行有误（{en}）")), en }
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

fn chinese(error: &clap::Error) -> Option<String> {
    let one = |kind| texts(error, kind).join("、");
    let argument = one(ContextKind::InvalidArg);
    let said = match error.kind() {
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", one(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::UnknownArgument => format!("没有“{argument}”这个选项或参数"),
        ErrorKind::MissingRequiredArgument => format!("缺少 {argument}"),
        ErrorKind::InvalidValue if one(ContextKind::InvalidValue).is_empty() => format!("{argument} 后面缺少内容"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("{argument} 不能是“{}”{}", one(ContextKind::InvalidValue), expected(error))
        }
        ErrorKind::ArgumentConflict => format!("{argument} 不能与 {} 同时使用", one(ContextKind::PriorArg)),
        _ => return None,
    };
    let nearest = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let nearest: Vec<String> = nearest.into_iter().flat_map(|kind| texts(error, kind)).collect();
    Some(if nearest.is_empty() { said } else { format!("{said}，是不是想写 {}", nearest.join("、")) })
}

/// What would do, as far as clap or the type of the value knows.
fn expected(error: &clap::Error) -> String {
    let values = texts(error, ContextKind::ValidValue);
    if !values.is_empty() {
        return format!("（可用的有 {}）", values.join("、"));
    }
    match std::error::Error::source(error).map(ToString::to_string) {
        Some(reason) if reason.contains("division code") => "（应为 6 位或 9 位区划代码，如 320581）".to_owned(),
        Some(reason) if reason.contains("digit") || reason.contains("range") => "（应为整数）".to_owned(),
        Some(reason) => format!("({reason})"),
        None => String::new(),
    }
}

impl Say for Misuse {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => format!("{}；用 --help 查看用法", self.zh),
            Lang::En => format!("{}; see --help", self.en),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};
    use tongpin_domain::lang::{Lang, Say as _};

    use super::Misuse;

    fn said(words: &[&str]) -> String {
        let days = Arg::new("days").long("days").value_name("天数").value_parser(clap::value_parser!(u32));
        let region = Arg::new("region").value_name("区划代码").required(true);
        let invite = Command::new("invite").arg(region).arg(days);
        let program = crate::help::localised(Command::new("tongpin").version("1").subcommand(invite));
        let all = std::iter::once(&"tongpin").chain(words);
        Misuse::of(&program.try_get_matches_from(all).expect_err("a misuse")).say(Lang::Zh)
    }

    /// Shows what a clerk reads after each of the usual slips.
    #[test]
    fn slips_are_named() {
        assert_eq!(said(&["invit", "320581"]), "没有“invit”这个命令，是不是想写 invite；用 --help 查看用法");
        assert_eq!(said(&["invite"]), "缺少 <区划代码>；用 --help 查看用法");
        assert_eq!(
            said(&["invite", "320581", "--days", "x"]),
            "--days <天数> 不能是“x”（应为整数）；用 --help 查看用法"
        );
        assert_eq!(said(&["invite", "320581", "--al"]), "没有“--al”这个选项或参数；用 --help 查看用法");
    }
}
