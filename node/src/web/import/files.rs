//! Workbooks to download: templates, what is held, reports by month, and a project's two forms.

use std::collections::HashMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use tongpin_console::sheet::{self, SheetView};
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Asked, XLSX, attachment};
use tongpin_console::workbook::WriteError;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::lang::Lang;
use tongpin_domain::month::Month;
use tongpin_domain::observation::Observation;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::project_form::GOAL;

use super::ENTER;
use crate::app::App;
use crate::failure::Failure;
use crate::guidance::{self, RuleBook};
use crate::ops::evaluation::Evaluation;
use crate::ops::project_forms;
use crate::records::goal_form::GoalForm;
use crate::records::kept_form::RecordForms;
use crate::records::{self, HeldProject, observations};
use crate::sheets::file_kind::FileKind;
use crate::sheets::template::months::Months;
use crate::sheets::{goal_book, template};
use crate::web::evaluation;
use crate::web::parts::{Context, WORK};

/// An empty template.
pub(in crate::web) async fn empty(cx: Context, Path(file): Path<String>) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    let kind = kind(&file).ok_or_else(|| nowhere(&cx))?;
    let library = guidance::indicators(cx.app.store()).await?;
    let RecordForms { projects, lines, months: of_months } = RecordForms::load(cx.app.store()).await?;
    let bytes = match kind {
        FileKind::Observations => {
            months(&cx.app, move |all| template::months::empty(of_months.definition(), all)).await
        }
        FileKind::Indicators => made(move || template::indicators(lines.definition(), &[], &library)).await,
        FileKind::Goal => {
            let form = GoalForm::load(cx.app.store()).await?;
            made(move || goal_book::write(form.definition(), None, None, &library.iter().collect::<Vec<_>>())).await
        }
        _ => made(move || template::projects(projects.definition(), &[])).await,
    };
    let bytes = bytes?;
    Ok(attachment(bytes, XLSX, &format!("{}模板.xlsx", kind.text(Lang::Zh))))
}

/// What this bureau holds, to be corrected and imported again: called an import table, as lists that pages export are
/// called lists.
pub(in crate::web) async fn held(cx: Context, Path(file): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    // A goal is one project's: it is exported there.
    let kind = kind(&file).filter(|kind| *kind != FileKind::Goal).ok_or_else(|| nowhere(&cx))?;
    let RecordForms { projects, lines, months: of_months } = RecordForms::load(cx.app.store()).await?;
    if kind == FileKind::Observations {
        let month = asked.text("month").parse().ok();
        let write = move |all: &[Months<'_>]| {
            Ok((template::months::observations(of_months.definition(), all, month)?, reported(all, month)))
        };
        let (bytes, count) = months(&cx.app, write).await?;
        let detail = format!("{}，{count} 条", kind.text(Lang::Zh));
        cx.audit("records_export", kind.word(), &detail, true).await?;
        let month = month.map_or_else(String::new, |month: Month| format!("_{month}"));
        return Ok(attachment(bytes, XLSX, &format!("{}导入表{month}_{count}条.xlsx", kind.text(Lang::Zh))));
    }
    let own = cx.app.site.region();
    let held = records::load(cx.app.store()).await?;
    let held: Vec<_> = held.projects.into_iter().filter(|held| held.author == own).collect();
    let library = guidance::indicators(cx.app.store()).await?;
    let count = match kind {
        FileKind::Indicators => held.iter().map(|held| held.lines.len()).sum(),
        _ => held.len(),
    };
    let bytes = made(move || {
        if kind == FileKind::Indicators {
            let all: Vec<&ProjectIndicator> = held.iter().flat_map(|held| &held.lines).collect();
            template::indicators(lines.definition(), &all, &library)
        } else {
            let all: Vec<&Project> = held.iter().map(|held| &held.project).collect();
            template::projects(projects.definition(), &all)
        }
    });
    let bytes = bytes.await?;
    let detail = format!("{}，{count} 条", kind.text(Lang::Zh));
    cx.audit("records_export", kind.word(), &detail, true).await?;
    Ok(attachment(bytes, XLSX, &format!("{}导入表_{count}条.xlsx", kind.text(Lang::Zh))))
}

/// A project's self-evaluation, with the scores that it has as it stands.
pub(in crate::web) async fn form(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let held = records::one(cx.app.store(), &code).await?;
    let held = held.ok_or_else(|| nowhere(&cx))?;
    let evaluation = Evaluation::of(cx.app.store(), held).await?;
    let filled = evaluation.as_held();
    let view = evaluation::view(&evaluation, &filled, Lang::Zh);
    let bytes = sheet::write(&SheetView {
        definition: evaluation.definition(),
        edition: evaluation.form.release().unwrap_or_default().into(),
        key: &code,
        about: &format!("{} 年度", evaluation.held.project.fiscal_year),
        given: &filled.given,
        shown: &view.shown,
        locked: &view.locked,
        open: evaluation.form.unknown().is_empty(),
    });
    let bytes = bytes.map_err(|error| Failure::internal(&error))?;
    cx.audit("records_export", &code, "自评表", true).await?;
    Ok(attachment(bytes, XLSX, &format!("自评表-{code}.xlsx")))
}

/// A project's goal form.
pub(in crate::web) async fn goal(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let store = cx.app.store();
    let held = records::one(store, &code).await?;
    let held = held.ok_or_else(|| nowhere(&cx))?;
    let goal = project_forms::read(store, GOAL, &held.author, &code).await?.form;
    let (form, book) = (GoalForm::load(store).await?, RuleBook::load(store).await?);
    let rules = book.choose(None, held.project.fiscal_year).ok().map(|rules| rules.set.clone());
    let library = guidance::indicators(store).await?;
    let values = form.checked(&held.project, &goal.given, &goal.given).evaluated.values;
    let personal = held.author == cx.app.site.region() && cx.may(ENTER);
    let bytes = made(move || {
        let (project, lines) = (&held.project, held.lines.as_slice());
        let paper = goal_book::Paper { project, lines, goal: &goal, values: &values, personal };
        goal_book::write(form.definition(), Some(&paper), rules.as_ref(), &near(&library, &held.project.department))
    });
    let bytes = bytes.await?;
    cx.audit("records_export", &code, "绩效目标申报表", true).await?;
    Ok(attachment(bytes, XLSX, &format!("绩效目标申报表-{code}.xlsx")))
}

/// What a project's lines are chosen from: its department's indicators and the common ones, or all if there are none.
fn near<'a>(library: &'a [Indicator], department: &str) -> Vec<&'a Indicator> {
    let near: Vec<&Indicator> = library.iter().filter(|it| it.is_common || it.department == department).collect();
    if near.is_empty() { library.iter().collect() } else { near }
}

/// Writes a workbook of this office's projects and what was reported of the year of each.
async fn months<T: Send + 'static>(
    app: &App,
    write: impl FnOnce(&[Months<'_>]) -> Result<T, WriteError> + Send + 'static,
) -> Result<T, Failure> {
    let (store, own) = (app.store(), app.site.region());
    let held = records::load(store).await?.projects.into_iter().filter(|held| held.author == own);
    let held: Vec<HeldProject> = held.collect();
    let kept = observations::of_author(store, &own).await?;
    made(move || {
        let mut by_project: HashMap<&str, Vec<&Observation>> = HashMap::new();
        for it in &kept {
            by_project.entry(&it.project_code).or_default().push(it);
        }
        let all: Vec<Months<'_>> = held
            .iter()
            .map(|held| {
                let (project, lines) = (&held.project, held.lines.as_slice());
                let mut observations = by_project.remove(project.code.as_str()).unwrap_or_default();
                observations.retain(|it| it.year == project.fiscal_year);
                Months { project, lines, observations }
            })
            .collect();
        write(&all)
    })
    .await
}

/// How many reports there are of a month, or of all.
fn reported(all: &[Months<'_>], month: Option<Month>) -> usize {
    let wanted = |it: &&&Observation| month.is_none_or(|month| it.year == month.year() && it.month == month.number());
    all.iter().map(|it| it.observations.iter().filter(wanted).count()).sum()
}

/// Writes a workbook where it keeps nobody else waiting.
async fn made<T: Send + 'static>(write: impl FnOnce() -> Result<T, WriteError> + Send + 'static) -> Result<T, Failure> {
    let made = tokio::task::spawn_blocking(write).await.map_err(|error| Failure::internal(&error))?;
    made.map_err(|error| Failure::internal(&error))
}

fn kind(file: &str) -> Option<FileKind> {
    match file {
        "projects.xlsx" => Some(FileKind::Projects),
        "indicators.xlsx" => Some(FileKind::Indicators),
        "goal.xlsx" => Some(FileKind::Goal),
        "observations.xlsx" => Some(FileKind::Observations),
        _ => None,
    }
}

fn nowhere(cx: &Context) -> Response {
    let lang = cx.lang();
    let title = lang.pick("没有这个文件", "No such file");
    let why = lang
        .pick("没有这个项目或模板；请从页面上的链接下载", "no such project or template; use the links of the pages");
    cx.refused(title, why, StatusCode::NOT_FOUND)
}
