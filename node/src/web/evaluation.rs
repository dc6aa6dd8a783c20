//! 自评: the official form of one project, computed as one types and saved as a whole.
//!
//! The scores that the form shows come from the function that scores everything else. A draft can be saved at any
//! time; what is still owed is told and not demanded. Two people who fill in the same form do not overwrite each other
//! unseen.

mod apart;
mod computed;
mod filled;
mod paper;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use computed::Computed;
use filled::TypedEvaluation;
use maud::{Markup, html};
use paper::Paper;
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, Posted, Tone, filling, notice, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::score::ScoreSheet;

use super::project;
use crate::app::App;
use crate::failure::page;
use crate::guidance::RuleChoice;
use crate::ops::saving::SaveError;
use crate::ops::scoring::ScoringRules;
use crate::ops::{editing, goals};
use crate::records::HeldProject;
use crate::records::goal_form::GoalForm;
use crate::web::parts::{Context, WORK, segment};
use crate::web::unsaved::unsaved;

/// One project, what it is scored by and what its form holds.
struct Form {
    held: HeldProject,
    /// 年度目标, blank if it has not been written.
    goal: String,
    basis: Result<ScoringRules, RuleChoice>,
    filled: TypedEvaluation,
    sheet: Option<ScoreSheet>,
}

impl Form {
    async fn of(cx: &Context, code: &str) -> Result<Self, PageError> {
        let held = project::held(cx, code).await?;
        let basis = ScoringRules::of(cx.app.store(), &held.project).await?;
        let goal = goals::read(cx.app.store(), &held.author, code).await?;
        let form = GoalForm::load(cx.app.store()).await?;
        let goal = form.text("year_goal", &goal.goal).to_owned();
        let filled = TypedEvaluation::held(&held);
        Ok(Self { held, goal, basis, filled, sheet: None }.scored())
    }

    /// The same form, filled in.
    fn filled(self, filled: TypedEvaluation) -> Self {
        Self { filled, ..self }.scored()
    }

    fn scored(mut self) -> Self {
        let basis = self.basis.as_ref().ok();
        self.sheet = basis.map(|basis| {
            let project = self.filled.project(&self.held.project);
            basis.score(&project, &self.filled.lines, &self.held.reviews)
        });
        self
    }

    fn computed(&self, lang: Lang) -> Computed<'_> {
        let scored = self.basis.as_ref().ok().map(|basis| &basis.rules.set).zip(self.sheet.as_ref());
        Computed { filled: &self.filled, scored, lang }
    }

    fn ours(&self, app: &App) -> bool {
        self.held.author == app.site.region()
    }
}

/// The form, to be filled in by whoever may and to be read by the others.
pub(super) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let form = Form::of(&cx, &code).await?;
    let told = match asked.text("saved") {
        "" => html! {},
        _ => notice(Tone::Good, cx.lang().pick("已保存，总分和评级按现有填写计算", "saved and scored as it stands")),
    };
    let version = editing::version(&form.held);
    Ok(show(&cx, &form, &version, StatusCode::OK, &told))
}

fn show(cx: &Context, form: &Form, version: &str, status: StatusCode, told: &Markup) -> Response {
    let lang = cx.lang();
    let address = format!("/projects/{}", segment(&form.held.project.code));
    let open = cx.may(&[Duty::Enter]) && form.ours(&cx.app) && !form.held.lines.is_empty();
    let paper = Paper { held: &form.held, goal: &form.goal, computed: form.computed(lang), open };
    let body = html! {
        (told)
        @if let Err(choice) = &form.basis { (notice(Tone::Warn, &page::choice(choice, lang))) }
        @if !form.ours(&cx.app) {
            (notice(Tone::Warn, &SaveError::NotOurs(form.held.author.clone()).say(lang)))
        }
        @if form.held.lines.is_empty() {
            p.empty {
                (lang.pick("还没有绩效指标；请先填写绩效目标，或导入绩效指标。", "There are no indicators yet."))
                " " a href=(format!("{address}/goal")) { (lang.pick("绩效目标", "Goals")) }
            }
        }
        @if open {
            form.paper method="post" action=(format!("{address}/evaluation")) data-keep
                data-live=(format!("{address}/evaluation/preview")) {
                (token(&cx.signed))
                input type="hidden" name="version" value=(version);
                input type="hidden" name="lines" value=(numbers(&form.filled));
                (paper.draw())
                p.row.noprint {
                    button name="do" value="compute" { (lang.pick("重新计算", "Compute")) }
                    button.main name="do" value="save" { (lang.pick("保存", "Save")) }
                    button type="button" data-print { (lang.pick("打印", "Print")) }
                    a href=(address) { (lang.pick("返回项目", "Back to the project")) }
                }
            }
        } @else {
            div.paper { (paper.draw()) }
            p.row.noprint {
                button type="button" data-print { (lang.pick("打印", "Print")) }
                a href=(address) { (lang.pick("返回项目", "Back to the project")) }
            }
        }
    };
    let zh = format!("自评 {}", form.held.project.name);
    let en = format!("Self-evaluation: {}", form.held.project.name);
    cx.page(lang.pick(&zh, &en)).status(status).show(&body)
}

/// The numbers of the lines that the form shows.
fn numbers(filled: &TypedEvaluation) -> String {
    filled.lines.iter().map(|line| line.seq.to_string()).collect::<Vec<_>>().join(",")
}

/// Computes the form anew, or saves it.
pub(super) async fn post(cx: Context, Path(code): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let lang = cx.lang();
    let form = Form::of(&cx, &code).await?;
    let seen = fields.text("version");
    let filled = TypedEvaluation::read(&form.held, &fields, lang);
    let form = form.filled(filled);
    if !form.filled.refused.is_empty() {
        let told =
            lang.pick("有填写不符合要求，未保存；请按各项下的说明更正", "nothing was saved; see the lines below");
        return Ok(show(&cx, &form, seen, StatusCode::UNPROCESSABLE_ENTITY, &notice(Tone::Bad, told)));
    }
    if fields.text("do") != "save" {
        let told = lang.pick("已按填写内容计算，尚未保存", "computed from what was typed; not saved yet");
        return Ok(filling(show(&cx, &form, seen, StatusCode::OK, &notice(Tone::Warn, told))));
    }
    let lines = form.filled.reported(form.sheet.as_ref());
    let project = form.filled.project(&form.held.project);
    let detail = outcome(form.sheet.as_ref());
    let entry = cx.audit_entry("evaluation_save", &code, &detail);
    match cx.app.store().audited(&entry, editing::save(&cx.app, seen, &project, &lines)).await {
        Ok(()) => {
            let back = format!("/projects/{}/evaluation?saved=1", segment(&code));
            Ok(Redirect::to(&back).into_response())
        }
        Err(SaveError::Changed) => {
            let told = html! {
                (notice(Tone::Bad, &SaveError::Changed.say(lang)))
                (apart::draw(&form.held, &fields, lang))
            };
            Ok(show(&cx, &form, &editing::version(&form.held), StatusCode::CONFLICT, &told))
        }
        Err(error @ SaveError::NotOurs(_)) => {
            let title = lang.pick("不能修改", "Not ours to change");
            Err(cx.refused(title, &error.say(lang), StatusCode::FORBIDDEN).into())
        }
        Err(error) => Err(unsaved(&cx, &error).into()),
    }
}

/// What the audit log says was saved.
fn outcome(sheet: Option<&ScoreSheet>) -> String {
    let Some(sheet) = sheet else { return "自评已保存，尚无计分规则".to_owned() };
    match (sheet.total, &sheet.rating) {
        (Some(total), Some(rating)) => format!("自评总分 {total}，{rating}"),
        _ => format!("自评{}", sheet.status.text(Lang::Zh)),
    }
}

/// Computes what was typed without saving it: only the pieces that change.
pub(super) async fn preview(
    cx: Context,
    Path(code): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let form = Form::of(&cx, &code).await?;
    let filled = TypedEvaluation::read(&form.held, &fields, cx.lang());
    let form = form.filled(filled);
    Ok(Html(form.computed(cx.lang()).pieces().into_string()).into_response())
}
