//! One project: what it is, where its money stands, what every point of its score comes from, and who changed it when.

pub(super) mod edit;
mod filled;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, Tone, action_name, kit, notice};
use tongpin_domain::form::{Definition, SubjectOf};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::Project;
use tongpin_domain::score::ScoreSheet;
use tongpin_store::{AuditEntry, ScoreRow, Store, StoreError};

use super::forms::{self, view};
use super::{marks, score};
use crate::failure::Failure;
use crate::guidance;
use crate::ops::saving::SaveError;
use crate::ops::scoring;
use crate::records::kept_form::KeptForm;
use crate::records::{self, HeldProject, observations};
use crate::web::added::Added;
use crate::web::parts::{Context, WORK, fact, flags, rules, segment};
use crate::web::reported;

/// Entries of the audit log that a project's page shows.
const HISTORY: u64 = 20;

/// The project of an address, or the page that says there is none.
pub(super) async fn held(cx: &Context, code: &str) -> Result<HeldProject, PageError> {
    let held = records::one(cx.app.store(), code).await?;
    held.ok_or_else(|| {
        let lang = cx.lang();
        let zh = format!("没有项目 {code}，或该项目已被删除；可在“项目”中查找");
        let en = format!("there is no project {code}; see Projects");
        cx.refused(lang.pick("没有此项目", "No such project"), lang.pick(&zh, &en), StatusCode::NOT_FOUND).into()
    })
}

/// Shows it.
pub(super) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, store) = (cx.lang(), cx.app.store());
    let held = held(&cx, &code).await?;
    let row = store.score(&code).await?;
    let sheet = row.as_ref().map(|row| serde_json::from_str::<ScoreSheet>(&row.sheet)).transpose();
    let sheet = sheet.map_err(|error| Failure::internal(&error))?;
    let now = scoring::of_one(store, &held).await?;
    let stale = matches!((&sheet, &now), (Some(kept), Some(now)) if *kept != now.sheet);
    let log = history(store, &code).await?;
    let months = observations::of_project(store, &code).await?;
    let documents = forms::about::section(&cx, &SubjectOf::Project, &code).await?;
    let ours = held.author == cx.app.site.region();
    let about = about(&cx, &held).await?;
    let asked_of_months = Added::of(KeptForm::load(store, Definition::of_months()).await?.definition());
    let body = html! {
        @if !asked.text("saved").is_empty() { (notice(Tone::Good, lang.pick("已保存", "saved"))) }
        @if !ours { (notice(Tone::Warn, &SaveError::NotOurs(held.author.clone()).say(lang))) }
        (ways(&held.project, ours && cx.may(&[Duty::Enter]), lang))
        (about)
        h2 { (lang.pick("绩效指标和得分", "Indicators and scores")) }
        @if stale {
            (notice(Tone::Warn, lang.pick("待重算：评分之后，项目或计分规则有改动。项目的改动自动重算；按新规则重算的，请在“评分”中点“重新评分”",
                "the project or the rules have changed since it was scored: a change of the project is scored by itself, for other rules score anew in Scores")))
        }
        (result(sheet.as_ref().zip(row.as_ref()), &held, lang))
        (reported::section(&months, &asked_of_months, lang))
        (documents)
        h2 { (lang.pick("修改记录", "Changes")) }
        (changes(&log, lang))
    };
    let title = format!("{} {}", held.project.code, held.project.name);
    Ok(cx.page(&title).show(&body))
}

/// Where one goes from here.
fn ways(project: &Project, may: bool, lang: Lang) -> Markup {
    let address = format!("/projects/{}", segment(&project.code));
    html! {
        p.row.noprint {
            a.button href=(format!("{address}/evaluation")) {
                @if may { (lang.pick("填写自评表", "Fill in the self-evaluation")) }
                @else { (lang.pick("自评表", "Self-evaluation")) }
            }
            a.button href=(format!("{address}/goal")) { (lang.pick("绩效目标", "Goals")) }
            @if may { a.button href=(format!("{address}/edit")) { (lang.pick("修改项目信息", "Edit the project")) } }
            a href=(format!("{address}/form.xlsx")) { (lang.pick("下载自评表", "Download the form")) }
            a href=(format!("{address}/goal.xlsx")) { (lang.pick("下载绩效目标申报表", "Download the goal form")) }
            a href="/projects" { (lang.pick("返回项目列表", "Back to the projects")) }
        }
    }
}

/// What the project says of itself, by its form.
async fn about(cx: &Context, held: &HeldProject) -> Result<Markup, PageError> {
    let lang = cx.lang();
    let form = KeptForm::load(cx.app.store(), Definition::of_projects()).await?;
    let filled = filled::of(&held.project);
    let keeper = guidance::region_name(cx.app.store(), &held.author).await?;
    let about = format!("{}{keeper}", lang.pick("登记单位：", "kept by "));
    let mut view = filled::drawn(&form, &filled, about, lang);
    view.missing.clear();
    if held.author == cx.app.site.region() && cx.may(&[Duty::Enter]) {
        view::with_personal(&mut view);
    }
    Ok(kit::sheet(&view))
}

/// The score with everything it comes from, or the lines alone while there is none.
fn result(scored: Option<(&ScoreSheet, &ScoreRow)>, held: &HeldProject, lang: Lang) -> Markup {
    let Some((sheet, row)) = scored else {
        return html! {
            p.empty { (lang.pick("还没有评分；填写自评表并保存，或在“评分”中评分", "no score yet; fill in and save the form")) }
            ol { @for line in &held.lines {
                li { (line.name) " " (line.nature) " " (line.target.raw()) " " (line.unit) "：" (line.actual.raw()) }
            } }
        };
    };
    let total = sheet.total.map_or_else(|| "—".to_owned(), |total| total.to_string());
    html! {
        dl {
            div { dt { (lang.pick("状态", "Status")) } dd { (marks::mark(sheet.status, lang)) } }
            (fact(lang.pick("总分", "Total"), total))
            (fact(lang.pick("评级", "Rating"), sheet.rating.as_deref().unwrap_or("—")))
            (fact(lang.pick("计分规则", "Rules"), rules(&sheet.rules, lang)))
            (fact(lang.pick("评分时间", "Scored"), row.at))
        }
        (flags(sheet, lang))
        @for line in &sheet.lines { (score::explained_of(&held.project.code, line, lang)) }
        ul { @for step in &sheet.steps { li { (step.say(lang)) } } }
    }
}

/// What the audit log knows of the project, newest first.
async fn history(store: &Store, code: &str) -> Result<Vec<AuditEntry>, StoreError> {
    store.audit_about(code, "", true, HISTORY).await
}

fn changes(log: &[AuditEntry], lang: Lang) -> Markup {
    html! {
        @if log.is_empty() { p.empty { (lang.pick("还没有在页面上修改过", "nobody has changed it on these pages")) } }
        @else {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("时间", "when")) }
                    th scope="col" { (lang.pick("账号", "who")) }
                    th scope="col" { (lang.pick("操作", "action")) }
                    th scope="col" { (lang.pick("说明", "detail")) }
                } }
                tbody { @for entry in log { tr {
                    th.when scope="row" { (entry.at) }
                    td { (entry.actor) }
                    td { (action_name(&entry.action, lang)) }
                    td { (entry.detail) }
                } } }
            } }
        }
    }
}
