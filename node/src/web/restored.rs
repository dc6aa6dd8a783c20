//! 恢复: what the parent holds and this database does not since it was restored; taking it back in one step, going on
//! without, and settling one by one what was changed on both sides.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::web::{PageError, PageFailure as _, Posted, Signed, Tone, notice, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::recall::{self, Standing};
use tongpin_store::{Choice, Difference};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::restored::{self, Restored, SETTLERS, kind, side_by_side};
use crate::web::parts::{Context, WORK};

/// Differences that are listed; the rest is counted.
const LISTED: usize = 200;

/// The page.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    show(&cx, &html! {}, StatusCode::OK).await
}

async fn show(cx: &Context, told: &Markup, status: StatusCode) -> Result<Response, PageError> {
    let lang = cx.lang();
    let made = body(&cx.app, &cx.signed, lang).await?;
    let body = html! { (told) (made) };
    Ok(cx.page(lang.pick("恢复", "Restored")).status(status).show(&body))
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
pub(super) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(SETTLERS).await?;
    let lang = cx.lang();
    let Some(found) = Restored::load(&cx.app).await? else {
        return Ok(Redirect::to("/restored").into_response());
    };
    let parent = cx.app.parent.region.to_string();
    let detail = found.say(Lang::Zh);
    let text = match typed.text("step") {
        "take" => {
            let entry = cx.audit_entry("record_take_back", &parent, &detail);
            let written = restored::take_back(&cx.app, &entry).await?;
            let (zh, en) = (format!("已取回 {written} 条记录"), format!("{written} records were taken back"));
            lang.pick(&zh, &en).to_owned()
        }
        "without" => {
            let entry = cx.audit_entry("record_go_on", &parent, &detail);
            restored::go_on(&cx.app, &entry).await?;
            lang.pick("已记录：不取回，继续使用本库", "noted: going on without").to_owned()
        }
        _ => return Ok(Redirect::to("/restored").into_response()),
    };
    Ok(cx.done("/restored", &text))
}

/// Settles one record.
pub(super) async fn settle(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(SETTLERS).await?;
    let lang = cx.lang();
    let (of, key, seen) = (typed.raw("kind"), typed.raw("key"), typed.text("seen").parse().unwrap_or(0));
    let Some(choice) = Choice::read(typed.raw("choice")) else {
        return Ok(Redirect::to("/restored").into_response());
    };
    let (subject, detail) = match choice {
        Choice::Parent => (format!("{of} {key}"), "以上级保留的为准"),
        Choice::Child => (format!("{of} {key}"), "以本单位的为准"),
    };
    let entry = cx.audit_entry("record_settle", &subject, detail);
    let step = recall::settle(&cx.app.site, of, key, choice, seen);
    let (told, status) =
        match cx.app.store().audited_as(&entry, step, |done| matches!(done, Ok(true)).then_some(true)).await {
            Ok(true) => return Ok(cx.done("/restored", lang.pick("已处理", "settled"))),
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
    show(&cx, &told, status).await
}
