//! 影响测算: which drafted forms the parent asks about, and exactly what was told of this bureau's documents: numbers.

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_domain::form::{Answer, Definition, Tally, Trial, TrialAnswer};
use tongpin_domain::lang::Lang;
use tongpin_link::trials;

use crate::failure::Failure;
use crate::web::parts::{Context, WORK};

/// Shows them.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, app) = (cx.lang(), &cx.app);
    let asked = trials::of(app.store(), &app.parent.region).await.map_err(Failure::from)?;
    let answers = trials::answered(&app.site).await.map_err(Failure::from)?;
    let waiting = !app.records_go_up() && asked.values().any(|trial| of(&answers, trial).is_none());
    let body = html! {
        p { (about(app.records_go_up(), app.settings.own.egress.lets_trials(), lang)) }
        @if asked.is_empty() {
            p.empty { (lang.pick("上级目前没有请测算的表单。", "No form is being tried above.")) }
        }
        @for (code, trial) in &asked {
            h2 { (serde_json::from_str::<Definition>(&trial.form).map_or_else(|_| code.clone(), |form| form.title)) }
            p { (lang.pick("发起：", "asked by ")) (trial.by) " " (trial.at) }
            @if !app.records_go_up() { (told(of(&answers, trial), lang)) }
        }
        p { a href="/guidance" { (lang.pick("返回市级下发", "Back to guidance")) } }
    };
    let page = cx.page(lang.pick("表单影响测算", "Trials of forms"));
    Ok(if waiting { page.refreshing().show(&body) } else { page.show(&body) })
}

fn of<'a>(answers: &'a [TrialAnswer], trial: &Trial) -> Option<&'a TrialAnswer> {
    let digest = trial.digest();
    answers.iter().find(|answer| answer.trial == digest)
}

fn about(below: bool, lets: bool, lang: Lang) -> &'static str {
    match (below, lets) {
        (true, _) => lang.pick(
            "上级修订表单前会请各县测算影响。本单位的单据由县级一并清点，本机不另行告知。",
            "Before a form changes, counties are asked what that does to documents. Your county counts those of this node.",
        ),
        (false, true) => lang.pick(
            "上级修订表单前会请各县测算影响：本机清点本级和乡镇的单据，只告知个数，不含单据内容；1 至 4 份只报“少于 5”。\
             不愿告知的，在 config.toml 的 [egress] 中设 trials = false。",
            "Before a form changes, counties are asked what that does to documents: this program counts its own and its \
             townships’ and tells numbers only, one to four as “fewer than 5”. To keep them, set trials = false in \
             [egress] of config.toml.",
        ),
        (false, false) => lang.pick(
            "本级的出域约定不允许告知单据个数，上级看到的是“未授权”。",
            "The egress contract keeps the numbers; above it shows that they are not told.",
        ),
    }
}

fn told(answer: Option<&TrialAnswer>, lang: Lang) -> Markup {
    let Some(told) = answer else {
        return html! { p role="status" { (lang.pick("正在清点……", "Counting …")) } };
    };
    match &told.answer {
        Answer::Withheld => html! { p { (lang.pick("未授权，没有告知个数。", "No numbers were told.")) } },
        Answer::Unable => html! { p {
            (lang.pick("本程序不认识草稿的部分内容，没有清点；升级程序后自动清点。",
                "This program does not know parts of the draft; it counts once it is updated."))
        } },
        Answer::Counted(tallies) => html! {
            p { (lang.pick("已告知上级（清点于 ", "Told above (counted ")) (told.at) (lang.pick("）：", "):")) }
            div.wide { table {
                thead { tr { @for tally in Tally::ALL { th.number scope="col" { (tally.text(lang)) } } } }
                tbody { tr { @for tally in Tally::ALL {
                    td.number { (tallies.get(tally).map_or_else(|| "—".to_owned(), |counted| counted.text(lang))) }
                } } }
            } }
        },
    }
}
