//! 改用新版表单 on the pages: that there is a newer release, and what becomes of this document under it.

use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Tone, notice};
use tongpin_domain::form::{Difference, Step};
use tongpin_domain::lang::{Lang, Say};

use super::{place, worker};
use crate::ops::forms::{self, HeldDocument, Renewal};
use crate::web::parts::{Context, segment};

/// Says of a document that can still be filled in here that its form has a newer release, with the way to it.
pub(super) fn newer(cx: &Context, held: &HeldDocument) -> Markup {
    let own = cx.app.site.region();
    let Some(newest) = held.newest.as_ref().filter(|_| held.author == own && held.may_change()) else {
        return html! {};
    };
    let lang = cx.lang();
    let [then, now] = [held.form.edition(), newest.edition()].map(|it| it.shown(lang));
    let told = |zh: &str, en: &str| {
        let zh = format!("表单已有新版：本单据按{then}填报，现行的是{now}。{zh}");
        let en =
            format!("The form has a newer release: this document is filled in under {then}, {now} is in force. {en}");
        lang.pick(&zh, &en).to_owned()
    };
    let renews = newest.definition.flow.steps_from(held.state()).any(Step::renews);
    if let Some(step) = forms::steps(&cx.app, held, &worker(cx)).into_iter().find(|step| step.renews()) {
        return html! {
            section.notice.warn.noprint {
                p { (told("改用前可先查看本单据会有哪些变化。", "See what changes in this document before it moves.")) }
                p { a.button href=(format!("{}/step/{}", place(held), segment(&step.name))) {
                    (lang.pick("查看变化并改用新版", "See the changes and move"))
                } }
            }
        };
    }
    let says = match (newest.unknown.is_empty(), renews) {
        (false, _) => told("本程序不认识新版的部分内容，升级程序后可以改用。", "Update this program to move to it."),
        (true, true) => told("由经办改用新版。", "A clerk can move it."),
        (true, false) => told(
            "新版没有规定改用的步骤，本单据仍按原版办理。",
            "It says no step to it; this document goes on as it is.",
        ),
    };
    html! { div.noprint { (notice(Tone::Warn, &says)) } }
}

/// What becomes of the document, for whoever is about to move it.
pub(super) fn changes(cx: &Context, renewal: &Renewal<'_>) -> Markup {
    let lang = cx.lang();
    let (found, others) = (renewal.differences(lang), renewal.other_changes());
    let now = renewal.form.edition().shown(lang);
    html! {
        p { (lang.pick(
            &format!("改用表单{now}后，同名字段的内容带入新版；改用前的单据作为以前的版本保留，可随时查看和打印。"),
            &format!("Under {now} fields of the same name keep what they hold; the document as it is stays as an earlier \
                version, to be read and printed at any time."),
        )) }
        @if found.is_empty() {
            p { (lang.pick("本单据的内容没有变化。", "Nothing that this document holds changes.")) }
        } @else {
            h2 { (lang.pick("本单据的变化", "What changes in this document")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("内容", "what")) }
                    th scope="col" { (lang.pick("变化", "change")) }
                    th scope="col" { (lang.pick("现在", "now")) }
                    th scope="col" { (lang.pick("改用后", "then")) }
                } }
                tbody { @for it in &found { tr {
                    th scope="row" { (it.title) }
                    td { (it.becomes.say(lang)) }
                    td { (value(cx, it, &it.before, lang)) }
                    td { (value(cx, it, &it.after, lang)) }
                } } }
            } }
        }
        @if !others.is_empty() {
            h2 { (lang.pick("表单的其他变化", "What else changes in the form")) }
            ul { @for change in &others { li { (change.say(lang)) } } }
        }
    }
}

/// A value in its cell; what is personal only to whoever fills documents in.
fn value(cx: &Context, it: &Difference, text: &str, lang: Lang) -> String {
    match text {
        "" => "—".to_owned(),
        _ if it.personal && !cx.may(&[Duty::Enter]) => lang.pick("（个人信息）", "(personal)").to_owned(),
        text => text.to_owned(),
    }
}
