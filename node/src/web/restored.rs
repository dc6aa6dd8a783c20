//! 恢复: what the parent holds and this database does not since it was restored; taking it back in one step, going on
//! without, and settling one by one what was changed on both sides.

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::web::{Page, Posted, Signed, Tone, Visitor, Web, notice, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::recall::{self, Standing};
use tongpin_store::{Choice, Difference};

use super::{WORK, failed};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::restored::{self, Restored, SETTLERS, kind, side_by_side};

/// Differences that are listed; the rest is counted.
const LISTED: usize = 200;

/// The page.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(app): Extension<App>,
    visitor: Visitor,
    signed: Signed,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, WORK).await?;
    show(&web, &app, &visitor, &signed, &html! {}, StatusCode::OK).await
}

async fn show(
    web: &Web,
    app: &App,
    visitor: &Visitor,
    signed: &Signed,
    told: &Markup,
    status: StatusCode,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let made = body(app, signed, lang).await.map_err(|failure| failed(web, visitor, &failure))?;
    let body = html! { (told) (made) };
    let mut response = Page::new(web, visitor, lang.pick("恢复", "Restored")).show(&body);
    *response.status_mut() = status;
    Ok(response)
}

async fn body(app: &App, signed: &Signed, lang: Lang) -> Result<Markup, Failure> {
    let Some(found) = Restored::load(app).await? else {
        let text = lang.pick("本库与上级已收到的内容一致", "this database and the parent agree");
        return Ok(notice(Tone::Good, text));
    };
    let differences = recall::differences(&app.site).await.map_err(Failure::from)?;
    let plain = found.lack.missing > 0 || found.lack.older > 0;
    Ok(html! {
        (notice(Tone::Warn, &found.say(lang)))
        @if signed.may(SETTLERS) {
            @if plain { (step("take", lang.pick("取回缺少的和较旧的", "Take back what is missing or older"), true, signed)) }
            @if found.open {
                (step("without", lang.pick("不取回，继续使用本库", "Go on without"), false, signed))
                p.hint { (lang.pick("决定之前不会自动上报；上级保留的内容不会被覆盖，不取回的以后仍可逐条处理。",
                    "Nothing is reported by itself before that; nothing at the parent is overwritten.")) }
            }
        } @else {
            p.hint { (lang.pick("由经办或审核岗位办理。", "This is for whoever enters or approves.")) }
        }
        @if !differences.is_empty() { (list(&differences, signed, lang)) }
    })
}

fn step(word: &str, name: &str, main: bool, signed: &Signed) -> Markup {
    html! {
        form method="post" action="/restored" {
            (token(signed))
            input type="hidden" name="step" value=(word);
            @if main { button.main { (name) } } @else { button { (name) } }
        }
    }
}

fn list(differences: &[(Standing, Difference)], signed: &Signed, lang: Lang) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("记录", "record")) }
                th scope="col" { (lang.pick("情况", "how it stands")) }
                th scope="col" { (lang.pick("上级保留的", "the parent's")) }
                th scope="col" { (lang.pick("本库的", "here")) }
                th scope="col" { (lang.pick("以谁的为准", "which holds")) }
            } }
            tbody { @for (standing, it) in differences.iter().take(LISTED) { (row(*standing, it, signed, lang)) } }
        } }
        @if differences.len() > LISTED { p { "… " (differences.len() - LISTED) } }
    }
}

fn row(standing: Standing, it: &Difference, signed: &Signed, lang: Lang) -> Markup {
    let held = it.there.as_ref().and_then(|there| there.body.as_deref());
    let (there, here) = side_by_side(held, it.here.as_deref(), lang);
    let stands = match standing {
        Standing::Missing => lang.pick("本库没有", "missing here"),
        Standing::Older => lang.pick("本库较旧", "older here"),
        Standing::Both => lang.pick("两边都改过", "changed on both sides"),
    };
    let button = |choice: Choice, name: &str| {
        html! {
            form method="post" action="/restored/settle" {
                (token(signed))
                input type="hidden" name="kind" value=(it.kind);
                input type="hidden" name="key" value=(it.key);
                input type="hidden" name="seen" value=(it.here_written.number);
                input type="hidden" name="choice" value=(choice.word());
                button { (name) }
            }
        }
    };
    html! {
        tr {
            th scope="row" { (kind(&it.kind, lang)) " " (it.key) }
            td { (stands) }
            td { (there) }
            td { (here) }
            td { @if signed.may(SETTLERS) {
                (button(Choice::Parent, lang.pick("上级的", "the parent's")))
                (button(Choice::Child, lang.pick("本库的", "this one")))
            } }
        }
    }
}

/// Takes back, or goes on without.
pub(super) async fn post(
    State(web): State<Web>,
    Extension(app): Extension<App>,
    visitor: Visitor,
    signed: Signed,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, SETTLERS).await?;
    let lang = visitor.lang;
    let broken = |failure: Failure| failed(&web, &visitor, &failure);
    let Some(found) = Restored::load(&app).await.map_err(broken)? else {
        return Ok(Redirect::to("/restored").into_response());
    };
    let (by, parent) = (signed.account.name.as_str(), app.parent.region.to_string());
    let detail = found.say(Lang::Zh);
    let text = match typed.text("step") {
        "take" => {
            let entry = visitor.draft(&web, by, "record_take_back", &parent, &detail);
            let written = restored::take_back(&app, &entry).await.map_err(broken)?;
            let (zh, en) = (format!("已取回 {written} 条记录"), format!("{written} records were taken back"));
            lang.pick(&zh, &en).to_owned()
        }
        "without" => {
            let entry = visitor.draft(&web, by, "record_go_on", &parent, &detail);
            restored::go_on(&app, &entry).await.map_err(broken)?;
            lang.pick("已记录：不取回，继续使用本库", "noted: going on without").to_owned()
        }
        _ => return Ok(Redirect::to("/restored").into_response()),
    };
    Ok(visitor.done(&web, "/restored", &text))
}

/// Settles one record.
pub(super) async fn settle(
    State(web): State<Web>,
    Extension(app): Extension<App>,
    visitor: Visitor,
    signed: Signed,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, SETTLERS).await?;
    let lang = visitor.lang;
    let (of, key, seen) = (typed.raw("kind"), typed.raw("key"), typed.text("seen").parse().unwrap_or(0));
    let Some(choice) = Choice::read(typed.raw("choice")) else {
        return Ok(Redirect::to("/restored").into_response());
    };
    let (subject, detail) = match choice {
        Choice::Parent => (format!("{of} {key}"), "以上级保留的为准"),
        Choice::Child => (format!("{of} {key}"), "以本单位的为准"),
    };
    let entry = visitor.draft(&web, &signed.account.name, "record_settle", &subject, detail);
    let step = recall::settle(&app.site, of, key, choice, seen);
    let (told, status) =
        match app.store().audited_as(&entry, step, |done| matches!(done, Ok(true)).then_some(true)).await {
            Ok(true) => return Ok(visitor.done(&web, "/restored", lang.pick("已处理", "settled"))),
            Ok(false) => {
                let text = lang.pick(
                    "未处理：这条记录在您查看之后有变化，请重新核对",
                    "not done: the record has changed since you looked at it; check it again",
                );
                (notice(Tone::Warn, text), StatusCode::CONFLICT)
            }
            Err(error) => {
                let failure = Failure::from(error);
                (notice(Tone::Bad, &failure.say(lang)), failure.status())
            }
        };
    show(&web, &app, &visitor, &signed, &told, status).await
}
