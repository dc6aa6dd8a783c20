//! The console's first page: what needs somebody comes first, then how link and catalogs stand, as `status` tells it.

mod facts;
mod forms;
mod todo;
mod work;

use maud::html;
use tongpin_console::page;
use tongpin_console::web::{self, Front, Signed, Tone, notice};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::Level;

use crate::app::App;
use crate::ops::summary::Summary;
use crate::web::parts::WORK;
use crate::web::questions;

/// Makes the page anew. A database that does not answer is told, not hidden.
pub(crate) async fn make(app: &App, lang: Lang, signed: &Signed) -> Front {
    let title = lang.pick("总览", "Overview").to_owned();
    match Summary::gather(app).await {
        Err(failure) => {
            tracing::warn!(reason = failure.chain(), "the first page could not be made");
            Front { title, body: notice(Tone::Bad, &failure.say(lang)) }
        }
        Ok(summary) => {
            let works = signed.may(WORK);
            let township = summary.region.level() == Level::Township;
            let notices = questions::newest(app, app.site.now(), lang).await.unwrap_or_else(|failure| {
                tracing::warn!(reason = failure.chain(), "the notices could not be read");
                notice(Tone::Bad, &failure.say(lang))
            });
            let month = if works && township { work::month(app, &summary, lang).await } else { Ok(html! {}) };
            let month = month.unwrap_or_else(|failure| notice(Tone::Bad, &failure.say(lang)));
            let body = html! {
                (month)
                (web::todo::draw(todo::tasks(app, &summary, lang), signed, lang))
                @if works { (notices) }
                @if works && !township { (work::collections(&summary, lang)) }
                h2 id="link" { (lang.pick("连接与运行情况", "Link and machine")) }
                (page::body(&facts::page(app, &summary, works, lang), lang))
            };
            Front { title, body }
        }
    }
}
