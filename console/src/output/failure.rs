//! A failure as the user reads it: what happened, and on its own line what to do next.

use serde::Serialize;
use tongpin_domain::lang::{Lang, Say};

use crate::exit::Exit;
use crate::output::Output;
use crate::output::table::printable;

/// What happened, and what to do: the latter begins at a sentence that asks (“。请”), otherwise behind the last semicolon
/// of either script. What has several lines is a list of findings and stays whole.
#[must_use]
pub fn advised(said: &str) -> (&str, Option<&str>) {
    let said = said.trim();
    let asked = said.find("。请").map(|at| (&said[..at], &said[at + '。'.len_utf8()..]));
    match asked.or_else(|| said.rsplit_once(['；', ';'])) {
        Some((what, next)) if !said.contains('\n') && !what.trim().is_empty() && !next.trim().is_empty() => {
            (what.trim(), Some(next.trim()))
        }
        _ => (said, None),
    }
}

/// A failure in the user's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// How the process ends, as a word.
    pub error: &'static str,
    /// How the process ends, as a number.
    pub exit: u8,
    /// What happened.
    pub message: String,
    /// 怎么办：what to do next, when the message says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Failure {
    /// Puts an error into words. Messages end in their advice after a semicolon; a message of several lines is a list
    /// of findings and stays whole.
    #[must_use]
    pub fn new(exit: Exit, error: &impl Say, lang: Lang) -> Self {
        let said = error.say(lang);
        let (message, advice) = advised(&said);
        let (message, advice) = (message.to_owned(), advice.map(str::to_owned));
        Self { error: exit.name(), exit: exit.code(), message, advice }
    }

    /// The text for stderr in the form that was asked for, each line ended.
    #[must_use]
    pub fn text(&self, output: &Output) -> String {
        if output.json
            && let Ok(json) = serde_json::to_string(self)
        {
            return json + "\n";
        }
        let what = format!("{}{}\n", output.pick("错误：", "Error: "), printable(&self.message));
        match &self.advice {
            Some(advice) => format!("{what}{}{}\n", output.pick("怎么办：", "What to do: "), printable(advice)),
            None => what,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Text(&'static str);

    impl Say for Text {
        fn say(&self, _: Lang) -> String {
            self.0.to_owned()
        }
    }

    const PERSON: Output = Output { json: false, lang: Lang::Zh, terminal: false };

    /// Shows that the user reads what happened and what to do on two lines, in either language.
    #[test]
    fn advice_stands_on_its_own_line() {
        let failure = Failure::new(Exit::Environment, &Text("磁盘已满，未保存；请清理磁盘后重试"), Lang::Zh);
        assert_eq!(failure.text(&PERSON), "错误：磁盘已满，未保存\n怎么办：请清理磁盘后重试\n");
        let failure = Failure::new(Exit::Environment, &Text("no space; free some"), Lang::En);
        let english = Output { lang: Lang::En, ..PERSON };
        assert_eq!(failure.text(&english), "Error: no space\nWhat to do: free some\n");
    }

    /// Shows that a list of findings and a message without advice are not cut.
    #[test]
    fn lists_stay_whole() {
        let failure = Failure::new(Exit::Input, &Text("第 2 行：金额；应为数字\n第 3 行：空"), Lang::Zh);
        assert_eq!(failure.text(&PERSON), "错误：第 2 行：金额；应为数字\n第 3 行：空\n");
        assert_eq!(Failure::new(Exit::Input, &Text("没有；"), Lang::Zh).advice, None);
    }

    /// Shows that a program reads the same failure as one line of JSON with the exit code in it.
    #[test]
    fn json_carries_the_exit_code() {
        let failure = Failure::new(Exit::Refused, &Text("上级拒绝；请联系上级"), Lang::Zh);
        let line = failure.text(&Output { json: true, ..PERSON });
        assert_eq!(line.trim_end().lines().count(), 1);
        let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(read["error"], "refused");
        assert_eq!(read["exit"], 4);
        assert_eq!(read["advice"], "请联系上级");
    }
}
