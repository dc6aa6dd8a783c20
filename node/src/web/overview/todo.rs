//! What needs somebody here today, each with the page where it is done.

use tongpin_console::duty::Duty;
use tongpin_console::state::State;
use tongpin_console::web::todo::Task;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::identity::Standing;

use crate::app::App;
use crate::ops::summary::{CollectionLine, StallLine, Summary};
use crate::web::finding::REASONS_MISSING;
use crate::web::parts::{WORK, segment};

use crate::words::catalog;

/// Days before its due day from which an open collection wants attention.
const NEAR_DAYS: i64 = 14;
/// For how many days an acceptance by a person is told.
const TOLD_DAYS: i64 = 7;
/// Whom links, certificates and releases concern.
const KEEPERS: &[Duty] = &[Duty::System, Duty::Enter, Duty::Approve, Duty::Read];

/// Everything, in no order.
pub(super) fn tasks(app: &App, summary: &Summary, lang: Lang) -> Vec<Task> {
    let mut tasks: Vec<Task> = summary.collections.iter().filter_map(|line| reminder(line, lang)).collect();
    tasks.extend(summary.collections.iter().filter_map(|line| collection(line, app.site.now(), lang)));
    tasks.extend(summary.stalls.iter().map(|line| stall(line, &summary.collections, lang)));
    tasks.extend(summary.unasked.iter().map(|id| Task::new(State::Warn, id.say(lang)).of(&[Duty::System])));
    tasks.extend(summary.forms.iter().map(|line| super::forms::task(line, lang)));
    tasks.extend(corrections(app, summary, lang));
    tasks.extend(incomplete(summary, lang));
    tasks.extend(projects(summary, lang));
    tasks.extend(releases(summary, lang));
    tasks.extend(link(app, summary, lang));
    tasks.extend(townships(summary, lang));
    tasks.extend(restored(summary, lang));
    tasks
}

/// What the parent holds and this database does not, since it was restored.
fn restored(summary: &Summary, lang: Lang) -> Option<Task> {
    let restored = summary.restored.as_ref()?;
    let task = Task::new(State::Bad, restored.say(lang)).of(KEEPERS).at("/restored", lang.pick("去处理", "settle it"));
    let waits =
        lang.pick("决定之前不会自动上报；上级保留的内容不会被覆盖", "nothing is reported by itself before that");
    Some(if restored.open { task.hint(waits).first() } else { task })
}

/// 市级催报: the parent waits for a report and has said so.
fn reminder(line: &CollectionLine, lang: Lang) -> Option<Task> {
    let (at, CollectionLine { id, title, due, days_left, .. }) = (line.reminded_at?, line);
    let (zh, en) = (format!("市级催报：{title}，截止 {due}"), format!("the city reminds of {title}, due {due}"));
    let time = match (line.overdue, lang) {
        (true, Lang::Zh) => "，已过截止日期".to_owned(),
        (true, Lang::En) => ", it is overdue".to_owned(),
        (false, Lang::Zh) => format!("，还有 {days_left} 天截止"),
        (false, Lang::En) => format!(", {days_left} days are left"),
    };
    let hint = format!("{}{time}", lang.pick(&format!("{at} 催报"), &format!("reminded on {at}")));
    let task = Task::new(State::Bad, lang.pick(&zh, &en)).hint(hint).first().of(WORK);
    Some(task.at(format!("/collections/{}", segment(id)), lang.pick("去上报", "report")))
}

/// 自动上报受阻: what the bureau lets leave by itself does not.
fn stall(line: &StallLine, collections: &[CollectionLine], lang: Lang) -> Task {
    let id = &line.collection;
    let title = collections.iter().find(|known| known.id == *id).map_or(id, |known| &known.title);
    let (zh, en) = (format!("“{title}”未能自动上报"), format!("{title:?} was not reported by itself"));
    let task = Task::new(State::Bad, lang.pick(&zh, &en)).of(WORK).hint(lang.pick(&line.reason_zh, &line.reason_en));
    task.at(format!("/collections/{}", segment(id)), lang.pick("查看", "see"))
}

/// What is asked and not settled, and what a person at the parent accepted of late.
fn collection(line: &CollectionLine, now: Moment, lang: Lang) -> Option<Task> {
    let (title, due, days) = (&line.title, &line.due, line.days_left);
    let (state, zh, en, step) = match line.state {
        "returned" => (
            State::Bad,
            format!("“{title}”第 {} 次上报被退回", line.revision),
            format!("revision {} of {title:?} was returned", line.revision),
            ("更正后重新上报", "correct and report again"),
        ),
        // What the reminder says is not said twice.
        "open" if line.reminded_at.is_some() => return None,
        "open" if line.overdue => (
            State::Bad,
            format!("“{title}”已过截止日期（{due}），还没有上报"),
            format!("{title:?} was due on {due} and has not been reported"),
            ("去上报", "report"),
        ),
        "open" => {
            let (zh, en) = match days {
                ..=0 => ("今天截止".to_owned(), "today".to_owned()),
                _ => (format!("还有 {days} 天截止"), format!("in {days} days")),
            };
            (
                if days < NEAR_DAYS { State::Warn } else { State::Plain },
                format!("“{title}”{zh}（{due}），还没有上报"),
                format!("{title:?} is due {en} ({due}) and has not been reported"),
                ("去上报", "report"),
            )
        }
        "submitted" => (
            State::Plain,
            format!("“{title}”第 {} 次上报等待上级回执", line.revision),
            format!("revision {} of {title:?} waits for the receipt", line.revision),
            ("查看", "see"),
        ),
        "received" => (
            State::Plain,
            format!("“{title}”第 {} 次上报上级已收，待审核", line.revision),
            format!("revision {} of {title:?} was received and waits for review", line.revision),
            ("查看", "see"),
        ),
        "accepted" if line.passed_at.is_some_and(|at| now.seconds_since(at) < TOLD_DAYS * 24 * 3600) => (
            State::Plain,
            format!("“{title}”第 {} 次上报已接收（上级审核通过）", line.revision),
            format!("revision {} of {title:?} was accepted", line.revision),
            ("查看", "see"),
        ),
        _ => return None,
    };
    let task = Task::new(state, lang.pick(&zh, &en)).of(WORK);
    let task = task.at(format!("/collections/{}", segment(&line.id)), lang.pick(step.0, step.1));
    Some(if line.reasons.is_empty() {
        task
    } else {
        let reasons = line.reasons.join(lang.pick("；", "; "));
        task.hint(format!("{}{reasons}", lang.pick("退回原因：", "the reason: ")))
    })
}

/// What the parent has taken, and what the records say otherwise by now.
fn corrections(app: &App, summary: &Summary, lang: Lang) -> Vec<Task> {
    let known = app.statistics.correctable.known();
    let changed = |line: &&CollectionLine| {
        matches!(line.state, "accepted" | "received") && known.get(&line.id) == Some(&line.revision)
    };
    let told = |line: &CollectionLine| {
        let (title, revision) = (&line.title, line.revision);
        let zh = format!("“{title}”第 {revision} 次上报后数据有变化，可更正上报");
        let en = format!("the figures of {title:?} have changed since revision {revision} and can be corrected");
        let task = Task::new(State::Warn, lang.pick(&zh, &en)).of(WORK);
        task.at(format!("/collections/{}", segment(&line.id)), lang.pick("核对后更正上报", "check and report again"))
    };
    summary.collections.iter().filter(changed).map(told).collect()
}

/// Projects that are not filled in: the own ones to be filled in, those of townships to be known, since only a
/// township fills in its own.
fn incomplete(summary: &Summary, lang: Lang) -> Vec<Task> {
    let address = |author: &RegionCode| format!("/projects?status=INCOMPLETE&author={author}");
    let others: Vec<_> = summary.incomplete.iter().filter(|(author, _)| **author != summary.region).collect();
    let mut tasks = Vec::new();
    if let Some(count) = summary.incomplete.get(&summary.region) {
        let (zh, en) = (format!("{count} 个项目未完成填报"), format!("{count} projects are not filled in"));
        let to = if others.is_empty() { "/projects?status=INCOMPLETE".to_owned() } else { address(&summary.region) };
        tasks.push(Task::new(State::Warn, lang.pick(&zh, &en)).at(to, lang.pick("去填报", "fill in")).of(WORK));
    }
    let name = |author: &RegionCode| {
        let child = summary.children.iter().find(|child| child.region == *author);
        child.map_or_else(|| author.to_string(), |child| child.name.clone())
    };
    tasks.extend(others.into_iter().map(|(author, count)| {
        let name = name(author);
        let zh = format!("{name}有 {count} 个项目未完成填报，由{name}填报");
        let en = format!("{count} projects of {name} are not filled in, which {name} does");
        Task::new(State::Warn, lang.pick(&zh, &en)).at(address(author), lang.pick("查看", "see")).of(WORK)
    }));
    tasks
}

/// Projects that cannot be scored yet, or whose scores want a person.
fn projects(summary: &Summary, lang: Lang) -> Vec<Task> {
    let count = |status: &str| summary.scores.get(status).copied().unwrap_or(0);
    let aside = u64::try_from(summary.set_aside.len()).unwrap_or(u64::MAX);
    let told = |count: u64, state: State, words: (&str, &str), address: &str, step: (&str, &str)| {
        let said = lang.pick(&format!("{count} {}", words.0), &format!("{count} {}", words.1)).to_owned();
        let task = Task::new(state, said).at(address, lang.pick(step.0, step.1)).of(WORK);
        (count > 0).then_some(task)
    };
    let tasks = [
        told(
            count("DATA_ERROR"),
            State::Bad,
            ("个项目数据有误，须更正", "projects have an error in their data"),
            "/scores?status=DATA_ERROR",
            ("查看是哪里有误", "see what is wrong"),
        ),
        told(
            summary.reasons_missing,
            State::Warn,
            ("个项目未说明偏差原因", "projects lack a reason for a deviation"),
            REASONS_MISSING,
            ("查看", "see"),
        ),
        told(
            summary.lines_waiting,
            State::Warn,
            ("项指标待人工复核", "lines wait for a person's judgement"),
            "/reviews",
            ("去复核", "judge"),
        ),
        told(
            if summary.lines_waiting == 0 { count("REVIEW") } else { 0 },
            State::Warn,
            ("个项目的金额须核实", "projects have amounts to be checked"),
            "/reviews",
            ("去核实", "check"),
        ),
        told(
            summary.unscored,
            State::Warn,
            ("个项目还没有评分", "projects have no score"),
            "/scores",
            ("去评分", "score"),
        ),
        told(
            aside,
            State::Warn,
            ("条记录有问题，未计入", "records are set aside and do not count"),
            "/import",
            ("更正后重新导入", "correct and import again"),
        ),
    ];
    tasks.into_iter().flatten().collect()
}

/// Releases that this node refused, and entries that it cannot use.
fn releases(summary: &Summary, lang: Lang) -> Vec<Task> {
    let refused = summary.refused.iter().map(|refused| {
        let catalog = catalog::title(&refused.catalog.name, lang);
        let zh = format!("上级发来的目录“{catalog}”第 {} 版未被采用，仍按原版本工作", refused.number);
        let en = format!("release {} of {catalog} was refused; the one before it stays in force", refused.number);
        let task = Task::new(State::Bad, lang.pick(&zh, &en)).of(KEEPERS);
        let why = lang.pick(&refused.reason_zh, &refused.reason_en);
        let next = lang.pick("。请把此原因告诉上级", "; tell the parent this reason");
        task.at("#link", lang.pick("查看目录", "see the catalogs")).hint(format!("{why}{next}"))
    });
    let unread = summary.unread.iter().map(|unread| {
        let catalog = catalog::title(&unread.catalog.name, lang);
        let zh = format!("上级下发的“{catalog}”有一条本程序读不懂：{}", unread.key);
        let en = format!("an entry of {catalog} cannot be used here: {}", unread.key);
        let task = Task::new(State::Bad, lang.pick(&zh, &en)).hint(unread.say(lang)).of(KEEPERS);
        task.at("/guidance", lang.pick("查看市级下发", "see the guidance"))
    });
    refused.chain(unread).collect()
}

/// The link to the parent and this node's certificate.
fn link(app: &App, summary: &Summary, lang: Lang) -> Vec<Task> {
    let mut tasks = Vec::new();
    if !summary.is_connected() {
        let task = Task::new(State::Bad, lang.pick("与上级没有连通", "the link to the parent is down")).of(KEEPERS);
        let task = task.at("#link", lang.pick("查看连接情况", "see the link"));
        let hint = lang.pick(
            "本级工作不受影响，连通后自动补齐；长时间不通的，请系统管理员检查网络",
            "work here goes on and catches up by itself; if it lasts, let the administrator check the network",
        );
        tasks.push(task.hint(format!("{}{}{hint}", summary.link(lang), lang.pick("。", ". "))));
    }
    let standing = app.site.identity().standing(app.site.now());
    if matches!(standing, Standing::Expired { .. } | Standing::NotYetValid { .. }) {
        let said = format!("{}{}", lang.pick("证书：", "certificate: "), standing.say(lang));
        let hint = lang.pick("请联系上级重新签发加入码", "ask the parent for a new token");
        tasks.push(Task::new(State::Bad, said).hint(hint).of(KEEPERS));
    }
    tasks
}

/// Townships that refused a release or were restored from an older copy.
fn townships(summary: &Summary, lang: Lang) -> Vec<Task> {
    let told = |child: &crate::ops::summary::ChildLine| {
        let refused = child.behind.iter().any(|behind| behind.progress == "refused");
        let name = &child.name;
        let refused = refused.then(|| {
            let (zh, en) = (format!("{name}拒收了目录"), format!("{name} refused a release"));
            Task::new(State::Bad, lang.pick(&zh, &en)).hint(child.lacks(lang)).of(KEEPERS)
        });
        let restored = (child.left_behind > 0).then(|| {
            let zh =
                format!("{name}的数据库由旧备份恢复，{} 条记录与本级不一致，本级保留的未被覆盖", child.left_behind);
            let en = format!("{name} was restored from an older copy and differs in {} records", child.left_behind);
            let task = Task::new(State::Warn, lang.pick(&zh, &en)).of(KEEPERS);
            task.at(format!("/townships/{}#apart", child.region), lang.pick("逐条处理", "settle them"))
        });
        refused.into_iter().chain(restored)
    };
    summary.children.iter().flat_map(told).collect()
}
