//! Entering a project by hand, and changing what it says of itself. What a file may hold, a form may hold.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Fields, PageError, Posted, Tone, check_box, notice, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::region::RegionCode;

use super::fields::{FieldProblems, Values, draw};
use crate::failure::Failure;
use crate::guidance::{self, Fund};
use crate::ops::editing;
use crate::ops::saving::SaveError;
use crate::records::{self, HeldProject};
use crate::sheets::entry::{self, Bounds};
use crate::web::parts::{Context, segment};
use crate::web::unsaved::unsaved;

/// The form as it is shown.
struct Form {
    /// None for a new project.
    held: Option<HeldProject>,
    values: Values,
    found: FieldProblems,
    /// What looks doubtful is listed, and saved once somebody says that it is right.
    doubts: Vec<String>,
    version: String,
    funds: Vec<Fund>,
    told: Markup,
}

impl Form {
    async fn of(cx: &Context, held: Option<HeldProject>) -> Result<Self, PageError> {
        let funds = guidance::funds(cx.app.store()).await?;
        let mut values = held.as_ref().map(|held| Values::of(&held.project)).unwrap_or_default();
        if held.is_none() {
            values.set("region_code", cx.app.site.region().as_str());
        }
        let version = held.as_ref().map(editing::version).unwrap_or_default();
        let (found, doubts, told) = (FieldProblems::default(), Vec::new(), html! {});
        Ok(Self { held, values, found, doubts, version, funds, told })
    }
}

/// The form of a new project.
pub(in crate::web) async fn new(cx: Context) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let form = Form::of(&cx, None).await?;
    Ok(show(&cx, &form, StatusCode::OK))
}

/// The form of a project that is held.
pub(in crate::web) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let held = ours(&cx, &code).await?;
    let form = Form::of(&cx, Some(held)).await?;
    Ok(show(&cx, &form, StatusCode::OK))
}

/// A project of this bureau, or the page that says why it cannot be changed here.
async fn ours(cx: &Context, code: &str) -> Result<HeldProject, PageError> {
    let held = super::held(cx, code).await?;
    if held.author == cx.app.site.region() {
        return Ok(held);
    }
    Err(unsaved(cx, &SaveError::NotOurs(held.author)).into())
}

fn show(cx: &Context, form: &Form, status: StatusCode) -> Response {
    let lang = cx.lang();
    let (title, action, back) = match &form.held {
        None => (lang.pick("新建项目", "New project").to_owned(), "/projects/new".to_owned(), "/projects".to_owned()),
        Some(held) => {
            let address = format!("/projects/{}", segment(&held.project.code));
            let zh = format!("修改项目 {}", held.project.name);
            let en = format!("Edit {}", held.project.name);
            (lang.pick(&zh, &en).to_owned(), format!("{address}/edit"), address)
        }
    };
    let body = html! {
        (form.told)
        form.card method="post" action=(action) data-keep {
            (token(&cx.signed))
            input type="hidden" name="version" value=(form.version);
            (draw(&form.values, &form.found, &form.funds, form.held.is_none(), lang))
            @if !form.doubts.is_empty() {
                (notice(Tone::Warn, lang.pick("下列金额对不上，请核对：", "these do not agree; please check:")))
                ul { @for doubt in &form.doubts { li { (doubt) } } }
                (check_box("checked", "1", lang.pick("已核对，按此保存", "checked; save it as it is"), "", false))
            }
            button.main { (lang.pick("保存", "Save")) }
            a href=(back) { (lang.pick("取消", "Cancel")) }
        }
    };
    cx.page(&title).status(status).show(&body)
}

/// Saves a new project.
pub(in crate::web) async fn create(cx: Context, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let form = Form::of(&cx, None).await?;
    let mut form = typed(&cx, form, &fields).await?;
    let code = form.values.get("project_code").trim().to_owned();
    let known = records::one(cx.app.store(), &code).await?;
    if known.is_some_and(|held| held.author == cx.app.site.region()) {
        let zh = "该代码的项目已登记；请到该项目的页面修改，或核对代码";
        form.found.add("project_code", cx.lang().pick(zh, "a project of this code is held already"));
    }
    finish(&cx, form, &fields).await
}

/// Saves what was changed.
pub(in crate::web) async fn post(
    cx: Context,
    Path(code): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let held = ours(&cx, &code).await?;
    let form = Form::of(&cx, Some(held)).await?;
    let mut form = typed(&cx, form, &fields).await?;
    form.values.set("project_code", &code);
    fields.text("version").clone_into(&mut form.version);
    finish(&cx, form, &fields).await
}

/// The form with what was typed, and what the catalogs know where nothing was.
async fn typed(cx: &Context, mut form: Form, fields: &Fields) -> Result<Form, PageError> {
    let regions = guidance::regions(cx.app.store()).await?;
    let before = form.values.clone();
    form.values = before.typed(fields);
    if let Some(fund) = form.funds.iter().find(|fund| fund.code == form.values.get("fund_code").trim()) {
        form.values.fill("fund_name", &fund.name);
        form.values.fill("fund_level", &fund.level);
    }
    if form.values.get("region_code") != before.get("region_code") {
        form.values.set("region_name", "");
        form.values.set("mof_div_code", "");
    }
    if let Some(region) = RegionCode::new(form.values.get("region_code")).ok().and_then(|code| regions.get(&code)) {
        form.values.fill("region_name", &region.name);
    }
    let township = RegionCode::new(form.values.get("township_code")).ok().and_then(|code| regions.get(&code));
    if let Some(township) = township {
        form.values.fill("township_name", &township.name);
    }
    Ok(form)
}

/// Checks the form as a file of one row would be, then saves it or shows it again.
async fn finish(cx: &Context, mut form: Form, fields: &Fields) -> Result<Response, PageError> {
    let lang = cx.lang();
    let regions = guidance::regions(cx.app.store()).await?;
    let code = form.values.get("project_code").trim().to_owned();
    let known = records::one(cx.app.store(), &code).await?;
    let own = cx.app.site.region();
    let months = entry::months::of_one(cx.app.store(), &code).await?;
    let bounds = Bounds { own: &own, regions: &regions, held: known.as_slice(), months: &months };
    let entered = bounds.projects(&form.values.table());
    let taken = std::mem::replace(&mut form.found, FieldProblems::of(&entered.problems, lang));
    if !taken.at("project_code").is_empty() {
        form.found.add("project_code", taken.at("project_code"));
    }
    if !form.found.is_empty() {
        form.told =
            notice(Tone::Bad, lang.pick("未保存；请按各项下的说明更正", "nothing was saved; see the fields below"));
        return Ok(show(cx, &form, StatusCode::UNPROCESSABLE_ENTITY));
    }
    if !entered.warnings.is_empty() && !fields.checked("checked") {
        form.doubts = entered.warnings.iter().map(|warning| doubt(warning, lang)).collect();
        form.told =
            notice(Tone::Warn, lang.pick("未保存；有金额对不上，见页末", "nothing was saved; see the end of the page"));
        return Ok(show(cx, &form, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let body = entered.rows.first().and_then(|row| row.body.as_deref()).unwrap_or_default();
    let project: Project = serde_json::from_str(body).map_err(|error| Failure::internal(&error))?;
    let lines: &[ProjectIndicator] = form.held.as_ref().map_or(&[], |held| held.lines.as_slice());
    let action = if form.held.is_some() { "project_save" } else { "project_new" };
    let detail = changed(&form, &project);
    let entry = cx.audit_entry(action, &code, &detail);
    match cx.app.store().audited(&entry, editing::save(&cx.app, &form.version, &project, lines)).await {
        Ok(()) => Ok(Redirect::to(&format!("/projects/{}?saved=1", segment(&code))).into_response()),
        Err(error @ SaveError::Changed) => {
            form.told = html! { (notice(Tone::Bad, &error.say(lang))) (apart(&form, lang)) };
            form.version = known.as_ref().map(editing::version).unwrap_or_default();
            Ok(show(cx, &form, StatusCode::CONFLICT))
        }
        Err(error) => Err(unsaved(cx, &error).into()),
    }
}

fn doubt(warning: &tongpin_domain::intake::Problem, lang: Lang) -> String {
    let label = super::fields::label(&warning.column, lang);
    let expected = warning.expected.say(lang);
    match lang {
        Lang::Zh => format!("{label}为 {}，应为：{expected}", warning.found),
        Lang::En => format!("{label} is {}, expected {expected}", warning.found),
    }
}

/// What the audit log says was changed: the columns, in Chinese.
fn changed(form: &Form, project: &Project) -> String {
    let Some(held) = &form.held else { return project.name.clone() };
    let names = Values::of(&held.project).differing(&Values::of(project));
    let labels: Vec<&str> = names.iter().map(|name| super::fields::label(name, Lang::Zh)).collect();
    if labels.is_empty() { "没有变化".to_owned() } else { format!("修改：{}", labels.join("、")) }
}

/// What somebody else saved beside what was typed here.
fn apart(form: &Form, lang: Lang) -> Markup {
    let Some(held) = &form.held else { return html! {} };
    let theirs = Values::of(&held.project);
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("项目", "field")) }
                th scope="col" { (lang.pick("他人已保存", "saved by somebody else")) }
                th scope="col" { (lang.pick("本次填写", "typed here")) }
            } }
            tbody { @for name in theirs.differing(&form.values) { tr {
                th scope="row" { (super::fields::label(name, lang)) }
                td { (theirs.get(name)) }
                td { (form.values.get(name)) }
            } } }
        } }
        p.hint { (lang.pick("表单保留了本次填写的内容；核对后再次保存，将覆盖他人已保存的值。",
            "the form holds what was typed here; saving it again takes the place of what the other saved")) }
    }
}
