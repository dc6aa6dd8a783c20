//! What a collection becomes: a template or a file, with the choices of whoever opens it put in.

use serde_json::{Map, Value};
use tongpin_domain::collection::{Accepting, Collection};
use tongpin_domain::intake::{self, DraftEntry};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

use crate::failure::Failure;

/// The collections that come with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    /// 区县项目自评得分
    CountyScores,
    /// 专项资金绩效指标
    FundIndicators,
}

impl Template {
    /// Every template.
    pub(crate) const ALL: [Self; 2] = [Self::CountyScores, Self::FundIndicators];

    /// The template of this word, as the command line and pages name it.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.word() == word)
    }

    /// How pages name it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::CountyScores => "county-scores",
            Self::FundIndicators => "fund-indicators",
        }
    }

    /// Its name and text.
    pub(crate) fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::CountyScores => {
                ("county-scores.toml", include_str!("../../../../samples/collections/county-scores.toml"))
            }
            Self::FundIndicators => {
                ("fund-indicators.toml", include_str!("../../../../samples/collections/fund-indicators.toml"))
            }
        }
    }
}

/// What replaces the template's own values.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    /// The id; else the template's own, with the period where that is taken.
    pub(crate) id: Option<String>,
    /// The period.
    pub(crate) period: Option<String>,
    /// The due day, `2025-03-31`.
    pub(crate) due: Option<String>,
    /// Whom to ask; empty for everybody.
    pub(crate) audience: Vec<RegionCode>,
    /// A person accepts reports; else the file says who does.
    pub(crate) review: bool,
}

/// The collection that results from a file and the choices. `taken` tells the period of a collection that has an id
/// already: last year's must not be replaced by this year's.
pub(crate) fn compose(
    name: &str,
    bytes: &[u8],
    choices: Choices,
    taken: impl Fn(&str) -> Option<String>,
) -> Result<Collection, Failure> {
    let draft = entry(intake::entry_from_toml("collections", name, bytes))?;
    let unreadable = |error: serde_json::Error| Failure::unreadable(name, &error);
    let mut body: Map<String, Value> = serde_json::from_str(&draft.body).map_err(unreadable)?;
    let before = body.get("period").and_then(Value::as_str).unwrap_or_default().to_owned();
    let period = choices.period.unwrap_or_else(|| before.clone());
    if let (Some(old), Some(new), Some(title)) = (before.get(..4), period.get(..4), body.get("title"))
        && let Some(title) = title.as_str()
    {
        let title = title.replacen(&format!("{old}年"), &format!("{new}年"), 1);
        body.insert("title".into(), Value::from(title));
    }
    let id = choices.id.unwrap_or_else(|| match taken(&draft.key) {
        Some(other) if other != period => format!("{}-{period}", draft.key),
        _ => draft.key.clone(),
    });
    body.insert("id".into(), Value::from(id));
    body.insert("period".into(), Value::from(period));
    if let Some(due) = choices.due {
        body.insert("due".into(), Value::from(due));
    }
    if !choices.audience.is_empty() {
        let audience: Vec<Value> = choices.audience.iter().map(|region| Value::from(region.as_str())).collect();
        body.insert("audience".into(), Value::from(audience));
    }
    if choices.review {
        body.insert("accepting".into(), Value::from(Accepting::ByReview.word()));
    }
    let due = body.get("due").and_then(Value::as_str).unwrap_or_default().to_owned();
    let collection: Collection = serde_json::from_value(Value::Object(body)).map_err(|error| {
        Failure::input(
            format!("归集任务有误（{error}）；截止日期应写作 2025-03-31，现为“{due}”"),
            format!("the collection is wrong ({error}); the due day is written 2025-03-31, found {due:?}"),
        )
    })?;
    let problems = collection.check();
    if problems.is_empty() {
        return Ok(collection);
    }
    let said = |lang: Lang| problems.iter().map(|problem| problem.say(lang)).collect::<Vec<_>>().join("\n");
    Err(Failure::input(format!("归集任务有误：\n{}", said(Lang::Zh)), format!("a bad collection:\n{}", said(Lang::En))))
}

fn entry(read: intake::Intake<DraftEntry>) -> Result<DraftEntry, Failure> {
    let said = |lang: Lang| read.problems.iter().map(|problem| problem.say(lang)).collect::<Vec<_>>().join("\n");
    let (zh, en) = (said(Lang::Zh), said(Lang::En));
    match read.accepted.into_iter().next() {
        Some((_, entry)) if read.problems.is_empty() => Ok(entry),
        _ => Err(Failure::input(zh, en)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(choices: Choices, taken: Option<&str>) -> Result<Collection, Failure> {
        let (name, text) = Template::CountyScores.file();
        compose(name, text.as_bytes(), choices, |_| taken.map(str::to_owned))
    }

    /// Shows that both templates are collections that can be rolled up.
    #[test]
    fn templates_are_sound() {
        for kind in [Template::CountyScores, Template::FundIndicators] {
            let (name, text) = kind.file();
            let collection = compose(name, text.as_bytes(), Choices::default(), |_| None).expect("a collection");
            assert!(tongpin_domain::rollup::Method::of(&collection).is_some(), "{name}");
        }
    }

    /// Shows that another year changes title, period and due day, and that last year's collection keeps its id.
    #[test]
    fn another_year() {
        let choices = || Choices {
            period: Some("2025".into()),
            due: Some("2026-03-31".into()),
            audience: vec![RegionCode::new("320581").expect("a code")],
            ..Choices::default()
        };
        let fresh = template(choices(), None).expect("a collection");
        assert_eq!((fresh.id.as_str(), fresh.title.as_str()), ("county-scores", "2025年度项目支出绩效自评得分归集"));
        assert_eq!((fresh.fiscal_year(), fresh.due.to_string().as_str()), (Some(2025), "2026-03-31"));
        assert_eq!(fresh.audience.len(), 1);
        assert_eq!(template(choices(), Some("2024")).expect("a collection").id, "county-scores-2025");
        assert_eq!(template(choices(), Some("2025")).expect("a collection").id, "county-scores");
    }

    /// Shows that reports are accepted by the check, with the bytes that a template always had, unless a person is
    /// asked for.
    #[test]
    fn who_accepts() {
        let plain = template(Choices::default(), None).expect("a collection");
        assert_eq!(plain.accepting, Accepting::ByCheck);
        assert!(!serde_json::to_string(&plain).expect("JSON").contains("accepting"));
        let review = template(Choices { review: true, ..Choices::default() }, None).expect("a collection");
        assert_eq!(review, Collection { accepting: Accepting::ByReview, ..plain });
    }

    /// Shows that a day or period that is none is refused with what was expected.
    #[test]
    fn bad_choices() {
        let due = Choices { due: Some("2025年3月".into()), ..Choices::default() };
        assert!(template(due, None).is_err_and(|failure| failure.say(Lang::Zh).contains("2025-03-31")));
        let period = Choices { period: Some("今年".into()), ..Choices::default() };
        assert!(template(period, None).is_err_and(|failure| failure.say(Lang::Zh).contains("今年")));
    }
}
