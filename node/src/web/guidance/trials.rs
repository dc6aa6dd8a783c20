//! 影响测算: which drafted forms a level above asks about, and exactly what was told of this bureau's documents: numbers.

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_domain::catalog::Entry;
use tongpin_domain::form::{Answer, Count, Definition, MOST_A_DAY, TRIALS, Tally, Trial, TrialAnswer, changes};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::history::Passage;
use tongpin_link::trials;

use super::issue::issues;
use crate::failure::Failure;
use crate::guidance;
use crate::web::parts::{Context, WORK};

/// Shows them.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, app) = (cx.lang(), &cx.app);
    // Of a township it is the city that asks, and the county that passes the question on and answers.
    let mut asked = Vec::new();
    for issue in issues(app.store(), Some(TRIALS)).await? {
        let of_one = trials::of(app.store(), &issue.publisher).await.map_err(Failure::from)?;
        asked.extend(of_one.into_iter().map(|(code, trial)| (issue.publisher.clone(), code, trial)));
    }
    let regions = guidance::regions(app.store()).await?;
    let answers = trials::answered(&app.site).await.map_err(Failure::from)?;
    let waiting = !app.records_go_up() && asked.iter().any(|(_, _, trial)| of(&answers, trial).is_none());
    let body = html! {
        p { (about(app.records_go_up(), app.settings.own.egress.lets_trials(), lang)) }
        @if asked.is_empty() {
            p.empty { (lang.pick("上级目前没有请测算的表单。", "No form is being tried above.")) }
        }
        @for (publisher, code, trial) in &asked {
            h2 { (titled(code, trial, lang)) }
            p { (lang.pick("发起：", "asked by ")) (regions.name(publisher)) " " (trial.by) " " (trial.at) }
            @if !app.records_go_up() { (told(of(&answers, trial), lang)) }
        }
        p { a href="/guidance" { (lang.pick("返回市级下发", "Back to guidance")) } }
    };
    let page = cx.page(lang.pick("表单影响测算", "Trials of forms"));
    Ok(if waiting { page.refreshing().show(&body) } else { page.show(&body) })
}

/// The same step of the catalog with each trial as people read it: what is asked of which form, and what is drafted
/// otherwise than in the trial before.
pub(super) fn in_words(passage: &Passage, lang: Lang) -> Passage {
    let read = |entry: &Entry| serde_json::from_str::<Trial>(&entry.body).ok();
    let earlier = |key: &str| passage.before.iter().find(|entry| entry.key == key).and_then(read);
    let worded = |entry: &Entry, earlier: Option<Trial>| {
        let Some(trial) = read(entry) else { return entry.clone() };
        let drafted = earlier.and_then(|earlier| {
            let form = |trial: &Trial| serde_json::from_str::<Definition>(&trial.form).ok();
            let changed = changes(&form(&earlier)?, &form(&trial)?);
            Some(changed.iter().map(|change| change.say(lang)).collect::<Vec<_>>().join(lang.pick("；", "; ")))
        });
        let mut told = serde_json::Map::new();
        let mut tell = |name: &str, text: String| told.insert(name.to_owned(), text.into());
        // By this name its title is found.
        tell("title", titled(&entry.key, &trial, lang));
        tell(lang.pick("发起人", "asked by"), trial.by.clone());
        tell(lang.pick("发起时间", "asked at"), trial.at.to_string());
        tell(lang.pick("当时表单目录的版本", "release of the forms then"), trial.forms_at.to_string());
        if let Some(drafted) = drafted.filter(|drafted| !drafted.is_empty()) {
            tell(lang.pick("草稿的变化", "changes of the draft"), drafted);
        }
        Entry { body: serde_json::Value::from(told).to_string(), ..entry.clone() }
    };
    Passage {
        before: passage.before.iter().map(|entry| worded(entry, None)).collect(),
        after: passage.after.iter().map(|entry| worded(entry, earlier(&entry.key))).collect(),
        ..*passage
    }
}

/// What the drafted form is called.
fn titled(code: &str, trial: &Trial, lang: Lang) -> String {
    let form = serde_json::from_str::<Definition>(&trial.form);
    form.map_or_else(|_| code.to_owned(), |form| form.called(lang).to_owned())
}

fn of<'a>(answers: &'a [TrialAnswer], trial: &Trial) -> Option<&'a TrialAnswer> {
    let digest = trial.digest();
    answers.iter().find(|answer| answer.trial == digest)
}

fn about(below: bool, lets: bool, lang: Lang) -> String {
    let (zh, en) = match (below, lets) {
        (true, _) => (
            "市级修订表单前会请各区县测算影响。本单位的单据由县级一并清点和告知，本机不另行告知。".to_owned(),
            "Before a form changes, the city asks the counties what that does to documents. Your county counts those of this \
             node among its own, and tells the numbers; this program tells nothing itself."
                .to_owned(),
        ),
        (false, true) => (
            format!(
                "市级修订表单前会请各区县测算影响：本机清点本级和乡镇的单据，只告知个数，不含单据内容；1 至 4 份或只差 1 至 4 份的\
                 不报准数，涉及个人信息的字段和校验不清点；同一张表单每天最多测算 {MOST_A_DAY} 次。\
                 不愿告知的，在 config.toml 的 [egress] 中设 trials = false。"
            ),
            format!(
                "Before a form changes, the city asks the counties what that does to documents: this program counts its \
                 own and its townships’ and tells numbers only, none of them exactly where one to four documents are \
                 meant or left, and none that tells of personal fields. It counts {MOST_A_DAY} drafts of a form in a \
                 day at most. To keep the numbers, set trials = false in [egress] of config.toml."
            ),
        ),
        (false, false) => (
            "本级的出域约定不允许告知单据个数，上级看到的是“未授权”。".to_owned(),
            "The egress contract keeps the numbers; above it shows that they are not told.".to_owned(),
        ),
    };
    lang.pick(&zh, &en).to_owned()
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
        Answer::Postponed => html! { p {
            (lang.pick(
                &format!("这张表单今天已测算 {MOST_A_DAY} 次，没有清点；次日自动清点。"),
                &format!("{MOST_A_DAY} drafts of this form were counted today; this one is counted tomorrow.")))
        } },
        Answer::Counted(count) => html! {
            p { (lang.pick("已告知上级（清点于 ", "Told above (counted ")) (told.at) (lang.pick("）：", "):")) }
            div.wide { table {
                thead { tr { @for tally in Tally::ALL { th.number scope="col" { (tally.text(lang)) } } } }
                tbody { tr { @for tally in Tally::ALL {
                    td.number { (count.tallies.get(tally).map_or_else(|| "—".to_owned(), |counted| counted.text(lang))) }
                } } }
            } }
            (left_out(count, lang))
        },
    }
}

/// What was not counted, because it would tell of personal fields.
fn left_out(count: &Count, lang: Lang) -> Markup {
    let names: Vec<&str> = count.left_out.iter().map(|tally| tally.text(lang)).collect();
    html! {
        @if !names.is_empty() {
            p.hint { (lang.pick(
                &format!("“{}”未含涉及个人信息的部分，这些没有清点，也没有告知。", names.join("”“")),
                &format!("What tells of personal fields was neither counted nor told: {}.", names.join(", ")))) }
        }
    }
}
