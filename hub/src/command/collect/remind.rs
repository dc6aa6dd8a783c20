//! `collect remind` (催报): whoever has not reported gets a notice that its own node shows before everything else, until
//! it reports. A notice sets no rule, so that one person publishes it.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;
use crate::ops::collections::remind::{Owing, names, owing, publish, recent, takes_reports};
use tongpin_console::output::Printed;

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
    let evidence = Collected::gather(app, &args.id).await?;
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
        app.output.confirm(&zh, &en, args.yes)?;
        let told = names(&regions, Lang::Zh);
        let entry = app.audit_entry(by, "collection_remind", &args.id, &told);
        release = Some(publish(app, &evidence, &regions, args.note.trim(), by, &entry).await?);
    }
    let by = by.to_owned();
    Ok(app.output.give(&Reminded { collection: args.id, release, regions, by })?)
}

impl Printed for Reminded {
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
