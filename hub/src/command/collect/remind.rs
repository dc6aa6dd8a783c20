//! `collect remind` (催报): whoever has not reported gets a notice that its own node shows before everything else, until
//! it reports. A notice sets no rule, so that one person publishes it.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::guidance::{LONGEST_TITLE, Notice, unfit};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::AuditDraft;

use crate::answer::{self, Answer, confirm};
use crate::app::App;
use crate::evidence::Evidence;
use crate::failure::Failure;
use crate::guidance;

/// Whoever was reminded so lately is not reminded again without saying so.
const RECENT_S: i64 = 24 * 3600;

/// Whom to remind of what, and in which words.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub collect remind county-scores --by 经办人                        催全部未报的单位
  tongpin-hub collect remind county-scores --region 320581 --note 请于周五前上报 --by 经办人
催报随“通知与答复”目录签名下发，对方的待办首先显示；一天之内再催同一单位须加 --again。")]
pub(crate) struct Args {
    /// 任务代号
    #[arg(value_name = "代号")]
    id: String,
    /// 只催这些单位，用逗号隔开；不写就是全部未报的单位
    #[arg(long, value_name = "区划代码", value_delimiter = ',')]
    region: Vec<RegionCode>,
    /// 附言
    #[arg(long, value_name = "附言", default_value = "")]
    note: String,
    /// 谁催报
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: String,
    /// 一天之内催过的也再催一次
    #[arg(long)]
    again: bool,
    /// 不再询问
    #[arg(long)]
    yes: bool,
}

/// Somebody of whom nothing counts and nothing waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Owing {
    pub(crate) region: RegionCode,
    pub(crate) name: String,
    /// When it was last reminded of this collection.
    pub(crate) reminded_at: Option<Moment>,
}

#[derive(Serialize)]
struct Reminded {
    collection: String,
    /// The release that brings the reminder, none if nobody had to be reminded.
    release: Option<u64>,
    regions: Vec<Owing>,
    by: String,
}

/// Reminds.
///
/// # Errors
/// There is no such collection, it is closed, somebody named does not owe a report or was reminded within a day,
/// nothing was confirmed, or the notice cannot be published.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let by = args.by.trim();
    if by.is_empty() {
        return Err(Failure::input("请用 --by 写明是谁催报", "give the name with --by"));
    }
    let evidence = Evidence::gather(app, &args.id).await?;
    takes_reports(&evidence)?;
    let mut regions = owing(app, &evidence).await?;
    let wanted: Vec<RegionCode> = args.region.iter().map(|code| evidence.regions.current(code)).collect();
    if let Some(other) = wanted.iter().find(|code| regions.iter().all(|one| one.region != **code)) {
        return Err(Failure::input(
            format!("{other} 没有欠报“{}”，不用催报；可用 collect show {} 查看", args.id, args.id),
            format!("{other} owes no report for {:?}; see collect show {}", args.id, args.id),
        ));
    }
    regions.retain(|one| wanted.is_empty() || wanted.contains(&one.region));
    let mut release = None;
    if !regions.is_empty() {
        let recent = recent(&regions, app.site.now());
        if !recent.is_empty() && !args.again {
            return Err(Failure::input(
                format!("{}一天之内已催报过；确要再催请加 --again", names(&recent, Lang::Zh)),
                format!("{} were reminded within a day; add --again to do it again", names(&recent, Lang::En)),
            ));
        }
        let zh = format!("将催报 {} 个单位（{}），发布后不能撤回。确定？", regions.len(), names(&regions, Lang::Zh));
        let en =
            format!("This reminds {} ({}) and cannot be taken back. Go on?", regions.len(), names(&regions, Lang::En));
        confirm(app.output, app.output.pick(&zh, &en), args.yes)?;
        let told = names(&regions, Lang::Zh);
        let entry = app.entry(by, "collection_remind", &args.id, &told);
        release = Some(publish(app, &evidence, &regions, args.note.trim(), by, &entry).await?);
    }
    let by = by.to_owned();
    answer::give(app.output, &Reminded { collection: args.id, release, regions, by })
}

/// Nobody is reminded of what is closed.
fn takes_reports(evidence: &Evidence) -> Result<(), Failure> {
    let id = &evidence.collection.id;
    if evidence.open {
        return Ok(());
    }
    Err(Failure::input(
        format!("归集任务“{id}”已关闭，不再接收上报，不能催报；请先重新开放"),
        format!("{id:?} is closed and takes no reports; open it again first"),
    ))
}

/// Everybody of whom a report is missing, with the last reminder. A region whose report waits for review owes nothing.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn owing(app: &App, evidence: &Evidence) -> Result<Vec<Owing>, Failure> {
    let last = guidance::reminded(app, &evidence.collection.id).await?;
    let owing = evidence.coverage.missing.iter().map(|unit| Owing {
        reminded_at: last.get(&unit.code).copied(),
        region: unit.code.clone(),
        name: unit.name.clone(),
    });
    Ok(owing.collect())
}

/// Those that were reminded within a day.
pub(crate) fn recent(regions: &[Owing], now: Moment) -> Vec<Owing> {
    let lately = |one: &&Owing| one.reminded_at.is_some_and(|at| now.seconds_since(at) < RECENT_S);
    regions.iter().filter(lately).cloned().collect()
}

/// Their names in a row.
pub(crate) fn names(regions: &[Owing], lang: Lang) -> String {
    let names: Vec<&str> = regions.iter().map(|one| one.name.as_str()).collect();
    names.join(lang.pick("、", ", "))
}

/// What a reminder says.
pub(crate) fn words(evidence: &Evidence, note: &str, now: Moment) -> (String, String) {
    let collection = &evidence.collection;
    let title: String = format!("催报：{}", collection.title).chars().take(LONGEST_TITLE).collect();
    let over = if now >= collection.deadline() { "，已过截止日期" } else { "" };
    let text = format!(
        "“{}”（期间 {}，截止 {}{over}）还没有贵单位已接收的上报，请尽快在“归集上报”中核对并上报。",
        collection.title, collection.period, collection.due
    );
    (title, if note.is_empty() { text } else { format!("{text}\n{note}") })
}

/// Publishes the reminder, an entry for each region; returns the release. `log` is entered with it.
///
/// # Errors
/// The collection is closed, the words are unfit, somebody drafts notices at this moment, or the database cannot be
/// written.
pub(crate) async fn publish(
    app: &App,
    evidence: &Evidence,
    regions: &[Owing],
    note: &str,
    by: &str,
    log: &AuditDraft<'_>,
) -> Result<u64, Failure> {
    let id = &evidence.collection.id;
    takes_reports(evidence)?;
    let at = app.site.now();
    let (title, text) = words(evidence, &note.replace("\r\n", "\n"), at);
    if let Some(problem) = unfit(&title, &text).first() {
        return Err(Failure::input(
            format!("附言不合适：{}", problem.say(Lang::Zh)),
            format!("the note will not do: {}", problem.say(Lang::En)),
        ));
    }
    let notice = Notice { title, text, by: by.to_owned(), at, answers: None, reminds: Some(id.clone()) };
    let to: Vec<RegionCode> = regions.iter().map(|one| one.region.clone()).collect();
    guidance::publish(app, &notice, &app.site.addressed(&to).await?, log).await
}

impl Answer for Reminded {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { collection, regions, .. } = self;
        let (count, named) = (regions.len(), names(regions, output.lang));
        let (zh, en) = match self.release {
            None => (
                format!("归集任务 {collection} 没有未报的单位，无需催报。"),
                format!("Nobody owes a report for {collection}."),
            ),
            Some(release) => (
                format!("已催报 {count} 个单位：{named}（随“通知与答复”目录第 {release} 版下发）。"),
                format!("{count} were reminded: {named} (with release {release} of notices)."),
            ),
        };
        output.tell(output.pick(&zh, &en))
    }
}
