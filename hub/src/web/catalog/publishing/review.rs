//! The page on which somebody else looks at a draft before approving it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Field, Fields, PageError, PageFailure as _, Tone, check_box, kit, notice, sure_of, token};
use tongpin_domain::catalog::{Audience, Entry};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::publish::forms::{self, Impact};
use tongpin_link::publish::{Publication, PublishError};
use tongpin_store::PlannedRelease;

use super::super::{View, entry_address};
use super::{approved, no_draft};
use crate::failure::Failure;
use crate::ops::diff::Differences;
use crate::ops::nodes::{self, Row};

/// More of what is published than one in so many is unlikely to retire at once: a file was cut short.
const UNLIKELY: usize = 10;

/// One thing that is checked: how it came out, and in words.
struct Check {
    tone: Tone,
    said: String,
}

impl View {
    /// The page, with what was typed before and what is wrong with the time.
    pub(super) async fn review(
        &self,
        told: &Markup,
        typed: &Fields,
        wrong_time: &str,
        status: StatusCode,
    ) -> Result<Response, PageError> {
        let (lang, app) = (self.cx.lang(), &self.cx.app);
        let outcome = approved(app, &self.name, &self.cx.person(), None).await;
        let difference = if no_draft(&outcome) { None } else { self.differences().await? };
        let Some(difference) = difference else { return self.show(told, status).await };
        let impacts = forms::of_draft(app.store(), &self.id()).await.map_err(Failure::from)?;
        let tried = self.trial_section(&impacts).await?;
        let rows = nodes::rows(app).await?;
        let published = app.store().entries(&self.id()).await?;
        let body = html! {
            (told)
            h2 { (lang.pick("发布前检查", "Checks")) }
            ul.checks { @for check in checks(&difference, &outcome, published.len(), lang) { li { (mark(&check, lang)) " " (check.said) } } }
            (self.impact_section(&impacts))
            (tried)
            (self.draft_section(&difference))
            @if let Ok(publication) = &outcome {
                (self.concerned_table(&concerned(publication, &published, &rows)))
                (self.approval(&difference, &rows, typed, wrong_time))
            }
            p { a href=(format!("/catalogs/{}", self.name)) { (lang.pick("返回目录", "Back to the catalog")) } }
        };
        Ok(self
            .cx
            .page(&format!("{}：{}", self.called(), lang.pick("核对并发布", "check and publish")))
            .status(status)
            .show(&body))
    }

    /// What the draft does to documents that were made by the forms before.
    fn impact_section(&self, impacts: &[Impact]) -> Markup {
        let lang = self.cx.lang();
        html! {
            @if !impacts.is_empty() {
                h2 { (lang.pick("对已有单据的影响", "What it does to documents that exist")) }
                @for impact in impacts {
                    @let changed = (!impact.is_new).then_some(impact.changes.as_slice());
                    h3 { a href=(entry_address(&self.name, &impact.key)) { (impact.title) } }
                    (kit::impact(&impact.problems, changed, lang))
                    @if let Some(doubt) = impact.doubt(lang) { (notice(Tone::Warn, &doubt)) }
                }
                (kit::takes_effect(impacts.iter().map(|impact| impact.is_kept), lang))
            }
        }
    }

    fn concerned_table(&self, concerned: &[(&Row, usize)]) -> Markup {
        let lang = self.cx.lang();
        html! {
            h2 { (lang.pick("涉及的单位", "Whom it concerns")) }
            @if concerned.is_empty() {
                p.empty { (lang.pick("还没有单位加入；单位加入后自动收到现行版本。", "Nobody has joined yet; whoever joins gets the release in force.")) }
            } @else {
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("单位", "node")) }
                        th.number scope="col" { (lang.pick("变动的条目", "entries that change")) }
                    } }
                    tbody { @for (row, count) in concerned { tr { th scope="row" { (row.name) } td.number { (count) } } } }
                } }
            }
        }
    }

    fn approval(&self, difference: &Differences, rows: &[Row], typed: &Fields, wrong_time: &str) -> Markup {
        let lang = self.cx.lang();
        let later = typed.text("when") == "later";
        let way = |value: &str, label: &str, chosen: bool| {
            html! {
                div.check {
                    input type="radio" id=(format!("when-{value}")) name="when" value=(value) checked[chosen];
                    label for=(format!("when-{value}")) { (label) }
                }
            }
        };
        html! {
            h2 { (lang.pick("审核发布", "Approve")) }
            form.card method="post" action=(self.action("publish")) {
                (token(&self.cx.signed))
                input type="hidden" name="draft" value=(difference.draft);
                p { (lang.pick("发布后不可撤回；要还原，把原内容作为新版本再发布一次。", "A release cannot be taken back; publish the old content again to undo it.")) }
                fieldset {
                    legend { (lang.pick("何时发布", "When")) }
                    (way("now", lang.pick("立即发布", "At once"), !later))
                    (way("later", lang.pick("定时发布", "At a time"), later))
                }
                (Field {
                    name: "at",
                    label: lang.pick("发布时间（定时发布时填）", "Time (if it is to wait)"),
                    kind: "datetime-local",
                    value: typed.text("at"),
                    hint: lang.pick("北京时间；到时本平台未运行的，启动后补发", "China's time; if the hub is off then, at its next start"),
                    error: wrong_time,
                    ..Field::default()
                }.draw())
                fieldset {
                    legend { (lang.pick("首批单位（不勾选即送达全部）", "First wave (none means all)")) }
                    @for row in rows.iter().filter(|row| row.status == "active") {
                        (check_box("to", row.region.as_str(), &row.name, "", typed.all("to").any(|code| code == row.region.as_str())))
                    }
                }
                (sure_of(typed, lang, "sure-publish"))
                button.main { (lang.pick("发布", "Publish")) }
            }
        }
    }

    /// What is planned, or why it did not happen, and how to cancel it.
    pub(in crate::web::catalog) fn plan_section(&self, plan: &PlannedRelease, draft: Option<Digest>) -> Markup {
        let lang = self.cx.lang();
        let names = plan
            .regions
            .as_ref()
            .map(|regions| regions.iter().map(|region| self.region(region)).collect::<Vec<_>>().join("、"));
        let changed = draft != Some(plan.draft);
        html! {
            h2 { (lang.pick("定时发布", "Planned")) }
            @if !plan.problem.is_empty() {
                (notice(Tone::Bad, &format!("{}{}", lang.pick("到时没有发布：", "not published: "), plan.problem)))
            } @else if changed {
                (notice(Tone::Warn, lang.pick("审核之后草稿有改动，到时不会发布；请重新核对后再定时间。",
                    "The draft changed since it was approved and will not be published; check it again.")))
            }
            form.card method="post" action=(self.action("cancel")) {
                (token(&self.cx.signed))
                p {
                    (lang.pick("定于 ", "At ")) (plan.at) (lang.pick(" 发布，审核 ", ", approved by ")) (plan.approved_by)
                    (lang.pick("，送达 ", ", to ")) (names.as_deref().unwrap_or_else(|| lang.pick("全部单位", "everybody")))
                }
                @if self.cx.may(&[Duty::Publish]) { button { (lang.pick("取消定时发布", "Cancel")) } }
            }
        }
    }
}

/// What is looked at before a draft is published.
fn checks(
    difference: &Differences,
    outcome: &Result<Publication, Failure>,
    published: usize,
    lang: Lang,
) -> Vec<Check> {
    let error = match outcome {
        Err(Failure::Publish(error)) => Some(error),
        _ => None,
    };
    let check = |failed: bool, zh: &str, en: &str| {
        let said = error.filter(|_| failed).map_or_else(|| lang.pick(zh, en).to_owned(), |error| error.say(lang));
        Check { tone: if failed { Tone::Bad } else { Tone::Good }, said }
    };
    let mut checks = vec![
        check(matches!(error, Some(PublishError::SamePerson(_))), "经办与审核不是同一人", "drafted by somebody else"),
        check(matches!(error, Some(PublishError::NothingChanges(_))), "与已发布的内容有差异", "it changes something"),
        check(
            matches!(error, Some(PublishError::OldCopy { .. })),
            "没有单位持有比本库更新的版本",
            "no node is ahead of this database",
        ),
    ];
    if let Err(failure) = outcome
        && !checks.iter().any(|check| matches!(check.tone, Tone::Bad))
    {
        checks.push(Check { tone: Tone::Bad, said: failure.on_page(lang) });
    }
    checks.extend(retiring(difference, published, lang));
    checks
}

/// What is to be thought of when entries retire.
fn retiring(difference: &Differences, published: usize, lang: Lang) -> Vec<Check> {
    let retired = difference.retired.len();
    if retired == 0 {
        return vec![Check { tone: Tone::Good, said: lang.pick("没有停用条目", "nothing retires").to_owned() }];
    }
    let used = difference.retired.iter().filter(|one| !one.used_by.is_empty()).count();
    let (tone, zh, en) = match (difference.usage_known, used) {
        (false, _) => (
            Tone::Warn,
            "还没有相关上报，不知道停用的条目哪些单位在用".to_owned(),
            "no report tells who uses what retires".to_owned(),
        ),
        (true, 0) => (Tone::Good, "停用的条目在上报中无人使用".to_owned(), "no report uses what retires".to_owned()),
        (true, used) => (
            Tone::Warn,
            format!("停用的条目中有 {used} 条仍有单位在用，见下表；已批复的项目不受影响"),
            format!("{used} of those that retire are still used"),
        ),
    };
    let mut found = vec![Check { tone, said: lang.pick(&zh, &en).to_owned() }];
    if retired.saturating_mul(UNLIKELY) > published {
        let zh = format!("将停用 {retired} 条，已发布共 {published} 条；如导入的文件不完整，请先补全");
        let en = format!("{retired} of {published} entries retire: make sure that the file was whole");
        found.push(Check { tone: Tone::Warn, said: lang.pick(&zh, &en).to_owned() });
    }
    found
}

fn mark(check: &Check, lang: Lang) -> Markup {
    let (class, word) = match check.tone {
        Tone::Good => ("mark good", lang.pick("通过", "passed")),
        Tone::Warn => ("mark warn", lang.pick("留意", "mind")),
        Tone::Bad => ("mark bad", lang.pick("不通过", "failed")),
    };
    html! { span class=(class) { (word) } }
}

/// How many entries change for each node: those it gets, those it loses, and those that move to others.
fn concerned<'a>(publication: &Publication, published: &[Entry], rows: &'a [Row]) -> Vec<(&'a Row, usize)> {
    let before: BTreeMap<&str, &Audience> =
        published.iter().map(|entry| (entry.key.as_str(), &entry.audience)).collect();
    let upserts = publication.difference.upserts.iter();
    let touched: Vec<(Option<&Audience>, Option<&Audience>)> = upserts
        .map(|entry| (before.get(entry.key.as_str()).copied(), Some(&entry.audience)))
        .chain(publication.difference.removals.iter().map(|key| (before.get(key.as_str()).copied(), None)))
        .collect();
    let reaches = |audience: Option<&Audience>, row: &Row| audience.is_some_and(|it| it.reaches(&row.region));
    let count = |row: &Row| touched.iter().filter(|(old, new)| reaches(*old, row) || reaches(*new, row)).count();
    rows.iter().filter(|row| row.status == "active").map(|row| (row, count(row))).collect()
}
