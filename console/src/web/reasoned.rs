//! Steps that are hard to undo: done once somebody has given a reason and said that it is meant.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::Web;
use super::fields::Fields;
use super::form::{described, ticked, words};
use super::shell::{Page, Tone, notice, token};
use super::visitor::{Signed, Visitor};

/// The form of such a step. It sends `reason` and `sure`.
#[derive(Debug, Clone, Default)]
pub struct Reasoned<'a> {
    /// Where it is sent.
    pub action: &'a str,
    /// Tells it from others on its page.
    pub id: &'a str,
    /// What the step does, and what else is chosen.
    pub about: Markup,
    /// What the reason is called.
    pub label: &'a str,
    /// Who reads the reason, and what for.
    pub hint: &'a str,
    /// What the button says.
    pub button: &'a str,
    /// Whether the button warns by its colour.
    pub is_grave: bool,
}

impl<'a> Reasoned<'a> {
    /// Shutting out a bureau below, at the city as at a county.
    #[must_use]
    pub fn revoking(action: &'a str, id: &'a str, lang: Lang) -> Self {
        let about = html! { p { (lang.pick("吊销后立即断开，双方数据不受影响；要恢复，重新邀请即可。",
        "It is cut off at once, no data is touched; a new invitation lets it back in.")) } };
        let (label, button) = (lang.pick("原因", "Reason"), lang.pick("吊销", "Revoke"));
        Self { action, id, about, label, hint: "", button, is_grave: true }
    }

    /// The form as it begins.
    #[must_use]
    pub fn draw(&self, signed: &Signed, lang: Lang) -> Markup {
        self.form(signed, lang, "", ("", false))
    }

    /// The page with only this form that asks for what was not given; none if nothing lacks.
    #[must_use]
    pub fn lacking(&self, web: &Web, visitor: &Visitor, signed: &Signed, typed: &Fields) -> Option<Response> {
        let (lang, reason) = (visitor.lang, typed.text("reason"));
        let needed = lang.pick("请填写", "this is needed");
        let wrong = (if reason.is_empty() { needed } else { "" }, !typed.checked("sure"));
        if wrong == ("", false) {
            return None;
        }
        let told = lang.pick("还没有办理：请补齐标出的内容", "Not done yet: fill in what is marked.");
        let body = html! { (notice(Tone::Bad, told)) (self.form(signed, lang, reason, wrong)) };
        Some((StatusCode::UNPROCESSABLE_ENTITY, Page::new(web, visitor, self.button).show(&body)).into_response())
    }

    fn form(&self, signed: &Signed, lang: Lang, reason: &str, (unreasoned, lacks_sure): (&str, bool)) -> Markup {
        let (field, sure) = (format!("reason{}", self.id), format!("sure{}", self.id));
        let wrong = |error: &str| (!error.is_empty()).then_some("true");
        html! {
            form.card method="post" action=(self.action) {
                (token(signed))
                (self.about)
                div.field {
                    label for=(field) { (self.label) }
                    input id=(field) name="reason" value=(reason) required autocomplete="off"
                        aria-describedby=[described(&field, self.hint, unreasoned)] aria-invalid=[wrong(unreasoned)];
                    (words(&field, self.hint, unreasoned))
                }
                (ticked(lang, &sure, lacks_sure))
                button.main[!self.is_grave].danger[self.is_grave] { (self.button) }
            }
        }
    }
}
