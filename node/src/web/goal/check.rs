//! The third step: a last look at all of it, with what a second pair of eyes would say, and the form to be printed.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::{PageError, Tone, notice};
use tongpin_domain::goal::{Advice, advise};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project_form::{GOAL, ProjectForm};

use super::{Subject, address, paper};
use crate::ops::forms::Checked;
use crate::ops::project_forms;
use crate::records::goal_form::GoalForm;
use crate::sheets::catalog_check::CatalogCheck;
use crate::web::forms::view;
use crate::web::parts::Context;

/// Shows it.
pub(super) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    let subject = Subject::open(&cx, &code).await?;
    let goal = project_forms::read(cx.app.store(), GOAL, &subject.held.author, &code).await?;
    let form = GoalForm::load(cx.app.store()).await?;
    let checked = form.checked(&subject.held.project, &goal.form.given, &goal.form.given);
    let missing = checked.evaluated.missing.iter().filter_map(|place| form.definition().field(&place.field));
    let known = CatalogCheck::load(cx.app.store()).await?;
    let rules = subject.rules.as_ref().ok();
    let advice = advise(missing, &subject.held.lines, rules, |code| known.unit(code));
    let lang = cx.lang();
    let body = html! {
        (said(&form, &goal.form, &checked, &code, lang))
        (advised(&advice, &code, lang))
        @if let Err(why) = &subject.rules { p.hint.noprint { (why) } }
        p.noprint { button type="button" data-print { (lang.pick("打印", "Print")) } }
        (paper::form(&subject, &form, &goal, &checked, lang))
    };
    Ok(subject.page(&cx, "/check", StatusCode::OK, &body))
}

/// What the form says of the texts as they stand: they may have been kept before it asked what it asks now.
fn said(form: &GoalForm, goal: &ProjectForm, checked: &Checked, code: &str, lang: Lang) -> Markup {
    let drawn = view::view(form.definition(), &goal.given, checked, String::new(), lang);
    let (tone, told) = if checked.faults().is_empty() {
        (Tone::Warn, lang.pick("目标文字有需要核对的地方", "Something in the texts is to be looked at"))
    } else {
        (Tone::Bad, lang.pick("目标文字有需要改正的地方", "Something in the texts has to be corrected"))
    };
    html! {
        @if !drawn.notes.is_empty() {
            div.noprint {
                (notice(tone, told))
                ul { @for note in &drawn.notes {
                    li {
                        @if !note.place.is_empty() { (drawn.called(&note.place)) (lang.pick("：", ": ")) }
                        (note.text) " "
                        a href=(address(code, "")) { (lang.pick("去修改", "change it")) }
                    }
                } }
            }
        }
    }
}

/// Advice, each with the step where it is put right; none of it forbids anything.
fn advised(advice: &[Advice], code: &str, lang: Lang) -> Markup {
    let step = |advice: &Advice| if matches!(advice, Advice::Blank(..)) { "" } else { "/indicators" };
    html! {
        div.noprint {
            @if advice.is_empty() {
                (notice(Tone::Good, lang.pick("内容完整，没有需要提示的地方", "Complete: nothing to remark")))
            } @else {
                h2 { (lang.pick("申报前请看", "Before it is filed")) }
                p.hint { (lang.pick("以下是建议，不影响保存和打印", "advice only: it can be saved and printed as it is")) }
                ul { @for one in advice {
                    li { (one.say(lang)) " " a href=(address(code, step(one))) { (lang.pick("去修改", "change it")) } }
                } }
            }
        }
    }
}
