//! 恢复之后: what the parent holds and this database does not, in words and step by step; for the pages and the command.

use serde::Serialize;
use tongpin_console::duty::Duty;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_domain::project_form::{GOAL, SELF_EVALUATION};
use tongpin_link::recall::{self, Lack, Recall};
use tongpin_store::AuditDraft;

use crate::app::App;
use crate::failure::Failure;

/// Who settles what differs: whoever does the bureau's work.
pub(crate) const SETTLERS: &[Duty] = &[Duty::Enter, Duty::Approve];

/// Fields that are named of two states that differ; the rest is counted.
const NAMED: usize = 6;

/// How this database stands to what the parent holds, if somebody has to look.
#[derive(Debug, Serialize)]
pub(crate) struct Restored {
    /// What differs.
    #[serde(flatten)]
    pub(crate) lack: Lack,
    /// How many records of this node the parent holds.
    pub(crate) records: u64,
    /// How many reports came back.
    pub(crate) reports: u64,
    /// When the parent answered.
    pub(crate) answered_at: Option<Moment>,
    /// Whether a person has to decide before anything is reported.
    pub(crate) open: bool,
}

impl Restored {
    /// How it stands; `None` if there is nothing to look at.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn load(app: &App) -> Result<Option<Self>, Failure> {
        let state = Recall::load(&app.site).await?;
        let lack = recall::lack(&recall::differences(&app.site).await?);
        let open = state.as_ref().is_some_and(Recall::is_open);
        let Recall { records, reports, answered_at, .. } = state.unwrap_or_default();
        Ok((open || !lack.is_none()).then_some(Self { lack, records, reports, answered_at, open }))
    }

    /// In words.
    pub(crate) fn say(&self, lang: Lang) -> String {
        let Lack { missing, older, both } = self.lack;
        if self.answered_at.is_none() && self.lack.is_none() {
            return lang
                .pick(
                    "本库由备份恢复或新建，正等待上级答复其已收到的内容",
                    "this database was restored or is new; the parent has not told yet what it holds",
                )
                .to_owned();
        }
        let (records, reports) = (self.records, self.reports);
        let zh = match reports {
            0 => String::new(),
            _ => format!("；已找回上报 {reports} 份"),
        };
        let en = match reports {
            0 => String::new(),
            _ => format!("; {reports} reports came back"),
        };
        match lang {
            Lang::Zh => {
                format!("上级已收到 {records} 条，本库缺 {missing} 条、较旧 {older} 条、两边都改过 {both} 条{zh}")
            }
            Lang::En => format!(
                "the parent holds {records} records; {missing} are missing here, {older} are older here, \
                 {both} were changed on both sides{en}"
            ),
        }
    }
}

/// Refuses to report while it is not decided what to do about what the parent holds.
///
/// # Errors
/// [`Failure::Undecided`], or the database cannot be read.
pub(crate) async fn must_be_decided(app: &App) -> Result<(), Failure> {
    match Recall::load(&app.site).await? {
        Some(state) if state.is_open() => Err(Failure::Undecided),
        _ => Ok(()),
    }
}

/// Takes back what is missing or older here; the entry tells of it. Returns how many records were written.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn take_back(app: &App, entry: &AuditDraft<'_>) -> Result<u64, Failure> {
    Ok(app.store().audited(entry, recall::take_back(&app.site, entry.actor)).await?)
}

/// Goes on without it; the entry tells of it.
///
/// # Errors
/// The database cannot be written.
pub(crate) async fn go_on(app: &App, entry: &AuditDraft<'_>) -> Result<(), Failure> {
    Ok(app.store().audited(entry, recall::go_on(&app.site, entry.actor)).await?)
}

/// What kind of record it is, as people call it.
pub(crate) fn kind(kind: &str, lang: Lang) -> &str {
    match kind {
        PROJECT => lang.pick("项目", "project"),
        PROJECT_INDICATOR => lang.pick("项目绩效指标", "indicator line"),
        OBSERVATION => lang.pick("按月填报", "monthly report"),
        GOAL => lang.pick("绩效目标", "goal"),
        SELF_EVALUATION => lang.pick("绩效自评", "self-evaluation"),
        other => other,
    }
}

/// Two states of a record, each as far as they differ: `(one, other)`.
pub(crate) fn side_by_side(one: Option<&str>, other: Option<&str>, lang: Lang) -> (String, String) {
    let absent = || lang.pick("（没有）", "(not there)").to_owned();
    let fields = |body: &str| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(body).ok();
    let ((Some(one_text), Some(other_text)), Some(one), Some(other)) =
        ((one, other), one.and_then(fields), other.and_then(fields))
    else {
        return (one.map_or_else(absent, brief), other.map_or_else(absent, brief));
    };
    let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| one.get(*name) != other.get(*name));
    if names.is_empty() {
        return (brief(one_text), brief(other_text));
    }
    let shown = |of: &serde_json::Map<String, serde_json::Value>| {
        let named = names.iter().take(NAMED).map(|name| {
            let value = of.get(*name).map_or_else(
                || "—".to_owned(),
                |value| match value {
                    serde_json::Value::String(text) => text.clone(),
                    value => value.to_string(),
                },
            );
            format!("{name}={}", brief(&value))
        });
        let rest = names.len().saturating_sub(NAMED);
        let more = (rest > 0).then(|| format!("… +{rest}"));
        named.chain(more).collect::<Vec<_>>().join(lang.pick("；", "; "))
    };
    (shown(&one), shown(&other))
}

fn brief(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only the fields that differ are shown; what is not there is said.
    #[test]
    fn what_differs() {
        let shown = |one, other| side_by_side(one, other, Lang::Zh);
        let told = shown(Some(r#"{"a":"1","b":2,"c":3}"#), Some(r#"{"a":"1","b":5}"#));
        assert_eq!(told, ("b=2；c=3".to_owned(), "b=5；c=—".to_owned()));
        assert_eq!(shown(None, Some("{}")), ("（没有）".to_owned(), "{}".to_owned()));
        assert_eq!(shown(Some("[1]"), Some("[2]")), ("[1]".to_owned(), "[2]".to_owned()));
    }
}
