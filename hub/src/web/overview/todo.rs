//! What needs somebody at the city today.

use tongpin_console::disk::{self, shown_bytes};
use tongpin_console::duty::Duty;
use tongpin_console::state::State;
use tongpin_console::web::Signed;
use tongpin_console::web::todo::Task;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_link::clock_watch::Blame;
use tongpin_link::identity::Standing;

use super::Overview;
use crate::app::App;
use crate::ops::collections;
use crate::ops::nodes::{self, Row, ago};
use crate::web::nodes::READERS;
use crate::web::{WORK, catalogs};

const DAY_S: i64 = 24 * 3600;
/// Days before its due day from which a collection that is not complete is named.
const NEAR_DAYS: i64 = 7;
/// Days of silence that are worth a call, and those after which something is wrong for certain.
const SILENT_DAYS: i64 = 1;
const LOST_DAYS: i64 = 7;
/// A certificate renews itself when a third of its life is left; with so few days left that has failed.
const CERTIFICATE_DAYS: i64 = 14;
/// Below this much room a disk is as good as full.
const LEAST_FREE: u64 = 1024 * 1024 * 1024;
/// How far a clock may be off, milliseconds.
const CLOCK_MS: u64 = 60_000;

/// Everything, in no order.
pub(super) fn tasks(app: &App, seen: &Overview, signed: &Signed, lang: Lang) -> Vec<Task> {
    let mut tasks: Vec<Task> = seen.open().filter_map(|row| reviews(row, lang)).collect();
    tasks.extend(drafts(seen, lang));
    for row in seen.open() {
        tasks.extend(collection(seen, row, signed, lang));
    }
    for row in seen.nodes.iter().filter(|row| row.status != "revoked") {
        tasks.extend(node(row, seen.now, lang));
    }
    tasks.extend(clocks(&seen.nodes, lang));
    let twins = seen.nodes.iter().filter_map(|row| row.twin.as_ref());
    tasks.extend(
        twins.map(|(zh, en)| {
            Task::new(State::Bad, lang.pick(zh, en)).at("/nodes", lang.pick("查看", "see")).of(&READERS)
        }),
    );
    tasks.extend(own(app, lang));
    if let (count, Some(oldest)) = seen.unanswered {
        let zh = format!("有 {count} 个提问等待答复，最早的收到于 {}", ago(oldest, seen.now, Lang::Zh));
        let en = format!("{count} questions wait for an answer, the oldest since {}", ago(oldest, seen.now, Lang::En));
        let task = Task::new(State::Warn, lang.pick(&zh, &en)).of(&WORK);
        tasks.push(task.at("/questions", lang.pick("去答复", "answer")));
    }
    if seen.nodes.is_empty() {
        let zh = "还没有单位加入；由系统管理员邀请区县";
        let task =
            Task::new(State::Warn, lang.pick(zh, "nobody has joined; the system administrator invites counties"));
        tasks.push(task.at("/nodes", lang.pick("去邀请", "invite")).of(&READERS));
    }
    tasks
}

/// Drafts that wait for a second person.
fn drafts(seen: &Overview, lang: Lang) -> Vec<Task> {
    let draft = |state: &crate::ops::status::CatalogState| {
        let (name, draft) = (catalogs::name(&state.catalog, lang), state.draft.as_ref()?);
        let zh = format!("目录“{name}”的草稿（{} 条，经办 {}）等待另一人审核发布", draft.entries, draft.by);
        let en = format!("the draft of {name} ({} entries, by {}) waits for a second person", draft.entries, draft.by);
        let task = Task::new(State::Warn, lang.pick(&zh, &en)).of(&WORK);
        Some(task.at(format!("/catalogs/{}", state.catalog), lang.pick("核对并发布", "check and publish")))
    };
    seen.status.catalogs.iter().filter_map(draft).collect()
}

/// Reports that wait for a person. Those of a closed collection cannot be accepted before it is opened again.
fn reviews(row: &collections::Row, lang: Lang) -> Option<Task> {
    let (title, awaiting) = (&row.title, &row.coverage.awaiting);
    let (count, first) = (awaiting.len(), awaiting.first()?);
    let address = match count {
        1 => format!("/collections/{}/reports/{}", row.id, first.code),
        _ => format!("/collections/{}?state=awaiting", row.id),
    };
    let zh = format!("“{title}”有 {count} 份上报待审核：{}", row.awaiting(lang));
    let en = format!("{title:?}: {count} reports wait for review: {}", row.awaiting(lang));
    Some(
        Task::new(State::Warn, lang.pick(&zh, &en))
            .at(address, lang.pick("去审核", "review"))
            .first()
            .of(&[Duty::Approve]),
    )
}

/// Reports that are missing, given back, or new. One that came late and was accepted needs nobody.
fn collection(seen: &Overview, row: &collections::Row, signed: &Signed, lang: Lang) -> Vec<Task> {
    let (title, address) = (&row.title, format!("/collections/{}", row.id));
    let told = |state: State, zh: String, en: String, step: (&str, &str)| {
        Task::new(state, lang.pick(&zh, &en)).at(address.clone(), lang.pick(step.0, step.1)).of(&WORK)
    };
    let (missing, days) = (row.coverage.missing.len(), row.deadline.seconds_since(seen.now).div_euclid(DAY_S));
    let mut tasks = Vec::new();
    if missing > 0 && row.coverage.overdue {
        let names = row.missing(lang);
        let zh = format!("“{title}”已过截止日期（{}），还有 {missing} 个单位未报：{names}", row.due);
        let en = format!("{title:?} was due on {}, and {missing} have not reported: {names}", row.due);
        let reminds = signed.may(&[Duty::Publish]);
        let step = if reminds { ("查看并催报", "see who, and remind") } else { ("查看", "see who") };
        tasks.push(told(State::Bad, zh, en, step));
    } else if missing > 0 && days < NEAR_DAYS {
        let zh = format!("“{title}”{}截止，还有 {missing} 个单位未报：{}", left(days, Lang::Zh), row.missing(lang));
        let en = format!("{title:?} is due {}, and {missing} have not reported", left(days, Lang::En));
        tasks.push(told(State::Warn, zh, en, ("查看进度", "see who")));
    }
    let returned: Vec<String> = seen.returned(&row.id).iter().map(|region| seen.regions.name(region)).collect();
    if !returned.is_empty() {
        let names = returned.join(lang.pick("、", ", "));
        let zh = format!("“{title}”已退回、尚未重报：{names}");
        tasks.push(told(State::Warn, zh, format!("{title:?} was given back to {names}"), ("查看", "see")));
    }
    let fresh = |at: Moment| seen.now.seconds_since(at) < DAY_S;
    let fresh = seen.marks.iter().filter(|mark| mark.collection == row.id && fresh(mark.received_at)).count();
    if fresh > 0 {
        let zh = format!("“{title}”24 小时内收到 {fresh} 份上报");
        tasks.push(told(
            State::Plain,
            zh,
            format!("{title:?}: {fresh} reports within a day"),
            ("去核对", "check them"),
        ));
    }
    tasks
}

/// How many days are left, in words; none left is today.
fn left(days: i64, lang: Lang) -> String {
    match (days, lang) {
        (..=0, Lang::Zh) => "今天".into(),
        (..=0, Lang::En) => "today".into(),
        (_, Lang::Zh) => format!("还有 {days} 天"),
        (_, Lang::En) => format!("in {days} days"),
    }
}

/// Clocks that are off: ours, if those of several counties agree with each other and not with it; else each county's.
fn clocks(rows: &[Row], lang: Lang) -> Vec<Task> {
    if let Blame::Ours { ahead_ms, peers } = nodes::blame(rows) {
        let minutes = ahead_ms.unsigned_abs() / 60_000;
        let way = |zh, en| if ahead_ms < 0 { lang.pick("慢", "behind") } else { lang.pick(zh, en) };
        let zh = format!("本机时钟{} {minutes} 分钟（{peers} 个单位一致），请校准本机", way("快", "ahead"));
        let en = format!("this machine's clock is {minutes} minutes {}, as {peers} agree", way("快", "ahead"));
        return vec![Task::new(State::Bad, lang.pick(&zh, &en)).of(&READERS)];
    }
    let off = |row: &&Row| {
        row.status != "invited" && row.clock_offset_ms.is_some_and(|offset| offset.unsigned_abs() > CLOCK_MS)
    };
    let task = |row: &Row| {
        let (name, en) = (&row.name, row.clock(Lang::En));
        let zh = format!("{name}的时钟{}，请其校时", row.clock(Lang::Zh));
        let task = Task::new(State::Warn, lang.pick(&zh, &format!("the clock of {name} is {en}"))).of(&READERS);
        task.at(format!("/nodes/{}", row.region), lang.pick("查看", "see"))
    };
    rows.iter().filter(off).map(task).collect()
}

/// What is wrong with a child.
fn node(row: &Row, now: Moment, lang: Lang) -> Vec<Task> {
    let name = &row.name;
    let told = |state: State, zh: String, en: String| {
        let task = Task::new(state, lang.pick(&zh, &en)).of(&READERS);
        task.at(format!("/nodes/{}", row.region), lang.pick("查看", "see"))
    };
    let mut tasks = Vec::new();
    if row.status == "invited" {
        if row.invited_until.is_none() {
            let (zh, en) = (format!("{name}的加入码已过期，须重新邀请"), format!("the token of {name} has expired"));
            tasks.push(told(State::Warn, zh, en).at("/nodes", lang.pick("重新邀请", "invite again")));
        }
        return tasks;
    }
    match row.last_contact {
        None => tasks.push(told(
            State::Warn,
            format!("{name}已加入，但还没有连接过"),
            format!("{name} has joined but never connected"),
        )),
        Some(at) if now.seconds_since(at) >= SILENT_DAYS * DAY_S => {
            let state = if now.seconds_since(at) >= LOST_DAYS * DAY_S { State::Bad } else { State::Warn };
            let (zh, en) = (ago(at, now, Lang::Zh), ago(at, now, Lang::En));
            tasks.push(told(state, format!("{name}上次联系是 {zh}"), format!("{name} was last heard of {en}")).hint(
                lang.pick("请电话核实其网络和程序是否正常", "call them: is the network up, does the program run?"),
            ));
        }
        Some(_) => {}
    }
    if let Some(ends) = row.certificate_ends {
        let days = ends.seconds_since(now).div_euclid(DAY_S);
        if days < 0 {
            let zh = format!("{name}的证书已到期，须重新邀请");
            tasks.push(told(State::Bad, zh, format!("the certificate of {name} has run out")));
        } else if days < CERTIFICATE_DAYS {
            let zh = format!("{name}的证书 {days} 天后到期，自动续期没有成功");
            tasks.push(told(State::Warn, zh, format!("the certificate of {name} ends in {days} days")));
        }
    }
    if let Some(free) = row.disk_free_bytes.filter(|free| *free < LEAST_FREE) {
        let free = shown_bytes(free);
        let zh = format!("{name}的磁盘只剩 {free}，请其清理");
        tasks.push(told(State::Bad, zh, format!("the disk of {name} has only {free} left")));
    }
    for refused in row.catalogs.iter().filter(|catalog| catalog.state == "refused" && !catalog.current) {
        let catalog = catalogs::name(&refused.catalog, lang);
        let zh = format!("{name}拒收目录“{catalog}”第 {} 版", refused.number);
        let en = format!("{name} refused release {} of {catalog}", refused.number);
        tasks.push(told(State::Bad, zh, en).hint(refused.reason.clone()));
    }
    tasks
}

/// What is wrong at the city itself.
fn own(app: &App, lang: Lang) -> Vec<Task> {
    let mut tasks = Vec::new();
    let standing = app.site.identity().standing(app.site.now());
    if matches!(standing, Standing::Expired { .. } | Standing::NotYetValid { .. }) {
        let said = standing.say(lang);
        tasks.push(Task::new(State::Bad, format!("{}{said}", lang.pick("本级证书：", "own certificate: "))));
    }
    // A disk that cannot be asked is told by the database before it is told here.
    if let Ok(space) = disk::space(&app.data)
        && space.free_bytes < LEAST_FREE
    {
        let free = shown_bytes(space.free_bytes);
        let (zh, en) = (format!("本级磁盘只剩 {free}，请清理"), format!("this machine's disk has only {free} left"));
        tasks.push(Task::new(State::Bad, lang.pick(&zh, &en)));
    }
    tasks
}
