//! `take-back`: what the parent holds and this database does not, after it was restored or made anew.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::lifecycle;
use tongpin_console::opening::{database_url, identity_folder};
use tongpin_console::output::{Output, Printed};
use tongpin_domain::region::RegionCode;
use tongpin_link::identity::Identity;
use tongpin_link::recall::Lack;
use tongpin_link::uplink::Parent;
use tongpin_store::Store;

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::restored::{self, Restored};
use crate::settings::Globals;

/// What to take back, and into what.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node take-back --by 经办001             取回本库缺少的和较旧的记录
  tongpin-node take-back --without --by 经办001   不取回，继续使用本库（上级保留的内容不受影响）
  tongpin-node take-back --new-database --parent 10.1.2.3:7401
                                                  数据库丢失且没有备份：新建空库，再从上级取回

从备份恢复或新建数据库之后，serve 连上上级时会先询问上级已收到什么；两边都改过的记录
在页面“恢复”中逐条决定。")]
pub(crate) struct Args {
    /// 办理人
    #[arg(long, value_name = "姓名", default_value = "")]
    by: String,
    /// 不取回，继续使用本库
    #[arg(long, conflicts_with = "new_database")]
    without: bool,
    /// 数据库丢失且没有备份：新建空数据库
    #[arg(long, requires = "parent")]
    pub(super) new_database: bool,
    /// 上级的地址（新建数据库时）
    #[arg(long, value_name = "地址")]
    parent: Option<String>,
    /// 不再询问
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    lack: Lack,
    written: u64,
    without: bool,
    /// There was nothing to take back.
    nothing: bool,
}

#[derive(Serialize)]
struct Made {
    region: RegionCode,
    parent: RegionCode,
}

/// Takes back, or goes on without.
///
/// # Errors
/// The parent has not answered, it is not confirmed, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let by = args.by.trim();
    if by.is_empty() {
        return Err(Failure::input("请用 --by 写明办理人", "name who does it with --by"));
    }
    let Some(found) = Restored::load(app).await? else {
        let told = Told { lack: Lack::default(), written: 0, without: args.without, nothing: true };
        return Ok(app.output.give(&told)?);
    };
    if found.answered_at.is_none() && found.lack.is_none() && !args.without {
        return Err(Failure::input(
            "上级还没有答复其已收到什么；请先运行 serve 连上上级（不联网的，先读入上级写出的交换文件），再取回",
            "the parent has not told yet what it holds; run serve, or unpack a file of the parent, first",
        ));
    }
    let (zh, en) = if args.without {
        ("不取回，继续使用本库。", "Go on without it.")
    } else {
        ("将取回本库缺少的和较旧的记录。", "What is missing or older here is taken back.")
    };
    let lang = app.output.lang;
    app.output.confirm(&format!("{}。{zh}", found.say(lang)), &format!("{}. {en}", found.say(lang)), args.yes)?;
    let detail = found.say(tongpin_domain::lang::Lang::Zh);
    let action = if args.without { "record_go_on" } else { "record_take_back" };
    let entry = app.entry(by, action, app.parent.region.as_str(), &detail);
    let written = if args.without {
        restored::go_on(app, &entry).await?;
        0
    } else {
        restored::take_back(app, &entry).await?
    };
    let lack = Restored::load(app).await?.map(|left| left.lack).unwrap_or_default();
    Ok(app.output.give(&Told { lack, written, without: args.without, nothing: false })?)
}

/// Makes an empty database for keys that have joined, whose database is gone.
///
/// # Errors
/// There are no such keys, there is a database, or it cannot be written.
pub(crate) async fn make(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let folder = identity_folder(&globals.data);
    if !Identity::exists(&folder) {
        return Err(Failure::NotJoined(globals.data.clone()));
    }
    let address = args.parent.as_deref().unwrap_or_default().trim();
    let identity = Identity::load(&folder)?;
    let Some(parent) = identity.parent() else { return Err(Failure::NotJoined(globals.data.clone())) };
    let store = Store::open(&database_url(&globals.data, &globals.settings()?.common)).await?;
    if Parent::load(&store).await?.is_some() {
        return Err(Failure::input(
            "数据目录里已有本节点的数据库，未作改动；要换成空库，请先把它移到别处",
            "there is a database already; nothing was changed",
        ));
    }
    let parent = Parent { region: parent, address: address.to_owned() };
    let (now, region) = (tongpin_console::clock::now(), identity.region());
    let entry = tongpin_console::command_line::entry(now, &args.by, "database_new", region.as_str(), address);
    store.audited(&entry, parent.save(&store)).await?;
    store.belongs_to(region).await?;
    lifecycle::close(&store).await;
    Ok(globals.output().give(&Made { region: region.clone(), parent: parent.region })?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (written, both) = (self.written, self.lack.both);
        if self.nothing {
            return say(output, "本库与上级已收到的内容一致，没有要取回的", "nothing is lacking here");
        }
        if self.without {
            return say(
                output,
                "已记录：不取回，继续使用本库；不一致的记录仍列在“恢复”页面，随时可以处理",
                "noted: going on without; what differs stays listed",
            );
        }
        say(
            output,
            &format!("已取回 {written} 条；两边都改过的还有 {both} 条，请在“恢复”页面逐条决定"),
            &format!("{written} records were taken back; {both} were changed on both sides and wait for a person"),
        )
    }
}

impl Printed for Made {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { region, parent } = self;
        say(
            output,
            &format!(
                "已为 {region} 新建空数据库，上级是 {parent}\n下一步：运行 serve 连上上级，再运行 take-back 取回上级已收到的内容"
            ),
            &format!(
                "an empty database for {region} is made; next: run serve, then take-back to get what {parent} holds"
            ),
        )
    }
}
