//! 放弃草稿: the form that gives a draft up, and how that ended. What somebody else has drafted since the page was drawn
//! was seen by nobody who gives it up, and stays.

use axum::response::Response;
use maud::{Markup, html};
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::{AuditDraft, Store};

use super::{Context, Fields, PageError, Signed, Tone, notice, sure, token};

/// The form, for a draft that was last worked on at this moment.
#[must_use]
pub fn form(action: &str, says: &str, drafted_at: Moment, signed: &Signed, lang: Lang) -> Markup {
    html! {
        form.card method="post" action=(action) {
            (token(signed))
            input type="hidden" name="drafted" value=(drafted_at.0);
            p { (says) }
            (sure(lang, "sure-discard"))
            button.danger { (lang.pick("放弃草稿", "Discard the draft")) }
        }
    }
}

/// Discards the draft that the form was about, and leads back.
///
/// # Errors
/// The database cannot be written.
pub async fn discard<A>(
    cx: &Context<A>,
    store: &Store,
    (id, entry): (&CatalogId, &AuditDraft<'_>),
    typed: &Fields,
    back: &str,
) -> Result<Response, PageError> {
    let lang = cx.lang();
    // Without a moment nothing was seen.
    let seen = Moment(typed.text("drafted").parse().unwrap_or(i64::MIN));
    if store.audited_if(entry, store.discard_draft(id, Some(seen))).await? {
        return Ok(
            cx.done(back, lang.pick("已放弃草稿，已发布的内容不变", "the draft is gone; what is published stays"))
        );
    }
    let kept = lang.pick(
        "没有放弃：打开页面以后，草稿又有改动，或者已经发布、放弃；请先核对现在的内容",
        "nothing was discarded: the draft was changed, published or discarded since the page was opened; look at it again",
    );
    Ok(cx.led_to(back, &notice(Tone::Warn, kept)))
}
