//! Entering a project by hand, and changing what it says of itself. What a file may hold, the page may hold: it is
//! drawn from the form of projects, and checked as a file of one row is.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::api::json_response;
use tongpin_console::web::kit::{self, Act, Bar, FormView, Note, NoteTone};
use tongpin_console::web::{Fields, PageError, PageFailure as _, Posted, Tone, check_box, filling, notice, token};
use tongpin_domain::form::Definition;
use tongpin_domain::intake::Words;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::region::{RegionCode, Regions};

use super::filled::{self, Filled};
use crate::failure::Failure;
use crate::guidance::{self, Fund, forms};
use crate::ops::editing;
use crate::ops::saving::SaveError;
use crate::records::kept_form::{KeptForm, RecordForms};
use crate::records::{self, HeldProject};
use crate::sheets::entry::{self, Bounds, Entered};
use crate::web::forms::view;
use crate::web::parts::{Context, segment};
use crate::web::unsaved::unsaved;

/// Where what is typed is checked, behind the address of the page.
pub(in crate::web) const CHECK: &str = "/check";

/// The page as it is shown.
struct Page {
    /// None for a new project.
    held: Option<HeldProject>,
    forms: RecordForms,
    filled: Filled,
    /// What is wrong or doubtful, at its field.
    notes: Vec<Note>,
    /// What looks doubtful is listed, and saved once somebody says that it is right.
    doubts: Vec<String>,
    version: String,
    funds: Vec<Fund>,
    regions: Regions,
    told: Markup,
}

impl Page {
    async fn of(cx: &Context, held: Option<HeldProject>) -> Result<Self, PageError> {
        let store = cx.app.store();
        let mut filled = held.as_ref().map(|held| filled::of(&held.project)).unwrap_or_default();
        if held.is_none() {
            filled::fill(&mut filled, "region_code", cx.app.site.region().as_str());
        }
        let version = held.as_ref().map(editing::version).unwrap_or_default();
        let (forms, funds) = (RecordForms::load(store).await?, guidance::funds(store).await?);
        let (regions, notes, doubts, told) = (guidance::regions(store).await?, Vec::new(), Vec::new(), html! {});
        Ok(Self { held, forms, filled, notes, doubts, version, funds, regions, told })
    }

    fn form(&self) -> &KeptForm {
        &self.forms.projects
    }

    fn definition(&self) -> &Definition {
        self.form().definition()
    }

    /// Where the page is, and where one goes from it without saving.
    fn address(&self) -> (String, String) {
        match &self.held {
            None => ("/projects/new".to_owned(), "/projects".to_owned()),
            Some(held) => {
                let back = format!("/projects/{}", segment(&held.project.code));
                (format!("{back}/edit"), back)
            }
        }
    }

    /// The sheet to be filled in. The code of a project that exists is not changed.
    fn view(&self, lang: Lang) -> FormView<'_> {
        let mut view = filled::drawn(self.form(), &self.filled, String::new(), lang);
        view.notes.clone_from(&self.notes);
        if self.held.is_some() {
            view.locked.insert("project_code".to_owned());
        }
        view
    }
}

/// The page of a new project.
pub(in crate::web) async fn new(cx: Context) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let page = Page::of(&cx, None).await?;
    show(&cx, &page, StatusCode::OK).await
}

/// The page of a project that is held.
pub(in crate::web) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let held = ours(&cx, &code).await?;
    let page = Page::of(&cx, Some(held)).await?;
    show(&cx, &page, StatusCode::OK).await
}

/// A project of this bureau, or the page that says why it cannot be changed here.
async fn ours(cx: &Context, code: &str) -> Result<HeldProject, PageError> {
    let held = super::held(cx, code).await?;
    if held.author == cx.app.site.region() {
        return Ok(held);
    }
    Err(unsaved(cx, &SaveError::NotOurs(held.author)).into())
}

async fn show(cx: &Context, page: &Page, status: StatusCode) -> Result<Response, PageError> {
    let lang = cx.lang();
    let title = match &page.held {
        None => lang.pick("新建项目", "New project").to_owned(),
        Some(held) => {
            let (zh, en) = (format!("修改项目 {}", held.project.name), format!("Edit {}", held.project.name));
            lang.pick(&zh, &en).to_owned()
        }
    };
    let unknown = page.form().unknown();
    if !unknown.is_empty() {
        let body = html! {
            (notice(Tone::Warn, &forms::not_known(unknown).say(lang)))
            (kit::sheet(&page.view(lang)))
        };
        return Ok(cx.page(&title).status(status).show(&body));
    }
    let (address, back) = page.address();
    let mut view = page.view(lang);
    view.offered = view::offered(cx, page.definition()).await?;
    let funds = page.funds.iter().map(|fund| (fund.code.clone(), fund.name.clone())).collect();
    view.offered.insert("fund_code".to_owned(), funds);
    let says = lang.pick("保存", "Save").to_owned();
    let save = Act::Send { form: "fill".to_owned(), name: "and-then".to_owned(), value: "save".to_owned(), says };
    let leave = Act::Go { to: back, says: lang.pick("不保存，返回", "Back without saving").to_owned() };
    let bar = Bar { others: vec![leave], main: Some(save), ..Bar::filling(&view) };
    let help = format!("/forms/{}/help", page.definition().code);
    let body = html! {
        (page.told)
        p.row.noprint { a href=(help) { (lang.pick("填表说明", "Help")) } }
        form id="fill" method="post" action=(address) data-keep data-check=(format!("{address}{CHECK}")) {
            (token(&cx.signed))
            input type="hidden" name="page-version" value=(page.version);
            @if !page.doubts.is_empty() {
                (notice(Tone::Warn, lang.pick("下列内容请核对：", "please check these:")))
                ul { @for doubt in &page.doubts { li { (doubt) } } }
                (check_box("and-checked", "1", lang.pick("已核对，按此保存", "checked; save it as it is"), "", false))
            }
            (kit::edit(&view))
        }
        (bar.draw())
    };
    Ok(cx.page(&title).status(status).show(&body))
}

/// Saves a new project.
pub(in crate::web) async fn create(cx: Context, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let mut page = typed(&cx, None, &fields).await?;
    let code = filled::text(&page.filled, "project_code").trim().to_owned();
    let known = records::one(cx.app.store(), &code).await?;
    if known.is_some_and(|held| held.author == cx.app.site.region()) {
        let zh = "该代码的项目已登记；请到该项目的页面修改，或核对代码";
        let text = cx.lang().pick(zh, "a project of this code is held already").to_owned();
        page.notes.push(Note { place: "project_code".to_owned(), tone: NoteTone::Bad, text });
    }
    finish(&cx, page, &fields).await
}

/// Saves what was changed.
pub(in crate::web) async fn post(
    cx: Context,
    Path(code): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let held = ours(&cx, &code).await?;
    let mut page = typed(&cx, Some(held), &fields).await?;
    fields.text("page-version").clone_into(&mut page.version);
    finish(&cx, page, &fields).await
}

/// What follows from what is typed for a new project, while it is typed. Nothing is kept.
pub(in crate::web) async fn check_new(cx: Context, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    checked(&cx, typed(&cx, None, &fields).await?).await
}

/// The same for a project that is held.
pub(in crate::web) async fn check(
    cx: Context,
    Path(code): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let held = ours(&cx, &code).await?;
    checked(&cx, typed(&cx, Some(held), &fields).await?).await
}

async fn checked(cx: &Context, mut page: Page) -> Result<Response, PageError> {
    let lang = cx.lang();
    let entered = entered(cx, &page).await?;
    // What is still blank is counted as missing, which is not wrong yet.
    let given = |problem: &tongpin_domain::intake::Problem| !problem.found.trim().is_empty();
    let problems: Vec<_> = entered.problems.into_iter().filter(given).collect();
    page.notes = filled::notes(&problems, NoteTone::Bad, lang);
    page.notes.extend(filled::notes(&entered.warnings, NoteTone::Warn, lang));
    let answer = serde_json::to_value(kit::Checked::of(&page.view(lang)));
    Ok(filling(json_response(StatusCode::OK, &answer.map_err(|error| Failure::internal(&error))?)))
}

/// The page with what was typed, and what the catalogs know where nothing was.
async fn typed(cx: &Context, held: Option<HeldProject>, fields: &Fields) -> Result<Page, PageError> {
    let mut page = Page::of(cx, held).await?;
    let before = page.filled.clone();
    let locked = page.held.is_some().then(|| "project_code".to_owned()).into_iter().collect();
    let mut filled = kit::given_but(page.definition(), fields, &before, &locked);
    let code = filled::text(&filled, "fund_code").trim().to_owned();
    if let Some(fund) = page.funds.iter().find(|fund| fund.code == code) {
        filled::fill(&mut filled, "fund_name", &fund.name);
        filled::fill(&mut filled, "fund_level", &fund.level);
    }
    let region = filled::text(&filled, "region_code");
    if region != filled::text(&before, "region_code") {
        // What was said of another division is not said of this one.
        for name in ["region_name", "mof_div_code"] {
            if filled.get(name) == before.get(name) {
                filled.remove(name);
            }
        }
    }
    for (code, name) in [("region_code", "region_name"), ("township_code", "township_name")] {
        let known = RegionCode::new(&filled::text(&filled, code)).ok().and_then(|code| page.regions.get(&code));
        if let Some(region) = known {
            filled::fill(&mut filled, name, &region.name);
        }
    }
    page.filled = filled;
    Ok(page)
}

/// Reads the page as a file of one row would be read.
async fn entered(cx: &Context, page: &Page) -> Result<Entered, PageError> {
    let (store, own) = (cx.app.store(), cx.app.site.region());
    let code = filled::text(&page.filled, "project_code").trim().to_owned();
    let known = records::one(store, &code).await?;
    let months = entry::months::of_one(store, &code).await?;
    let bounds =
        Bounds { own: &own, regions: &page.regions, held: known.as_slice(), months: &months, forms: &page.forms };
    Ok(bounds.projects(&filled::table(page.definition(), &page.filled)))
}

/// Saves the page, or shows it again.
async fn finish(cx: &Context, mut page: Page, fields: &Fields) -> Result<Response, PageError> {
    let lang = cx.lang();
    let code = filled::text(&page.filled, "project_code").trim().to_owned();
    let entered = entered(cx, &page).await?;
    page.notes.extend(filled::notes(&entered.problems, NoteTone::Bad, lang));
    if !page.notes.is_empty() {
        page.told =
            notice(Tone::Bad, lang.pick("未保存；请按各项下的说明更正", "nothing was saved; see the fields below"));
        return show(cx, &page, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if !entered.warnings.is_empty() && !fields.checked("and-checked") {
        page.doubts = entered.warnings.iter().map(|warning| doubt(page.definition(), warning, lang)).collect();
        page.notes = filled::notes(&entered.warnings, NoteTone::Warn, lang);
        page.told = notice(Tone::Warn, lang.pick("未保存；请先核对", "nothing was saved; please check first"));
        return show(cx, &page, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let body = entered.rows.first().and_then(|row| row.body.as_deref()).unwrap_or_default();
    let project: Project = serde_json::from_str(body).map_err(|error| Failure::internal(&error))?;
    let lines: &[ProjectIndicator] = page.held.as_ref().map_or(&[], |held| held.lines.as_slice());
    let action = if page.held.is_some() { "project_save" } else { "project_new" };
    let detail = changed(&page, &project);
    let entry = cx.audit_entry(action, &code, &detail);
    match cx.app.store().audited(&entry, editing::save(&cx.app, &page.version, &project, lines)).await {
        Ok(()) => Ok(Redirect::to(&format!("/projects/{}?saved=1", segment(&code))).into_response()),
        Err(error @ SaveError::Changed) => {
            let theirs = records::one(cx.app.store(), &code).await?;
            page.told = notice(Tone::Bad, &error.say(lang));
            if let Some(theirs) = &theirs {
                page.version = editing::version(theirs);
                page.notes = view::apart(page.definition(), &filled::of(&theirs.project), &page.filled, lang);
            }
            show(cx, &page, error.status()).await
        }
        Err(error) => Err(unsaved(cx, &error).into()),
    }
}

fn doubt(form: &Definition, warning: &tongpin_domain::intake::Problem, lang: Lang) -> String {
    let label = form.field(&warning.column).map_or(warning.column.as_str(), |field| field.called(lang));
    let Words { zh, en } = &warning.expected;
    match lang {
        Lang::Zh if warning.found.trim().is_empty() => format!("{label}未填，应为：{zh}"),
        Lang::Zh => format!("{label}为 {}，应为：{zh}", warning.found),
        Lang::En => format!("{label} is {:?}, expected {en}", warning.found),
    }
}

/// What the audit log says was changed: the fields, in Chinese.
fn changed(page: &Page, project: &Project) -> String {
    let Some(held) = &page.held else { return project.name.clone() };
    let titles = filled::differing(page.definition(), &filled::of(&held.project), &filled::of(project));
    if titles.is_empty() { "没有变化".to_owned() } else { format!("修改：{}", titles.join("、")) }
}
