//! `pack` and `unpack`: the same exchange as over a link, by files, for networks that do not meet.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::disk;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::lang::Say;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::Receipt;
use tongpin_link::admin;
use tongpin_link::bundle::{self, Taken};
use tongpin_store::ChildStatus;

use crate::app::App;
use crate::command::files::{read_file, write_new};
use crate::command::say::say;
use crate::failure::Failure;

/// What to write, and for whom.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node pack 给市里.tp                      本级的上报、已有的目录版本
  tongpin-node pack --for 320581101 给虞山.tp      乡镇还缺的目录版本和回执
文件经签名；晚到、重复、乱序都不要紧。")]
pub(crate) struct Pack {
    /// 给哪个乡镇；不写则给上级
    #[arg(long = "for", value_name = "区划代码")]
    region: Option<RegionCode>,
    /// 写到这个文件；已存在的不覆盖
    #[arg(value_name = "文件")]
    file: PathBuf,
}

/// What to read.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node unpack 市里带来.tp
读入后请再 pack 一次带回，对方才知道哪些已收到。")]
pub(crate) struct Unpack {
    /// 上级或乡镇带来的文件
    #[arg(value_name = "文件")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Packed {
    receiver: RegionCode,
    file: PathBuf,
    bytes: usize,
    to_parent: bool,
}

/// Writes what the parent, or a township, lacks into a file.
///
/// # Errors
/// The township is unknown, or the file is there or cannot be written.
pub(crate) async fn pack(app: &App, args: Pack) -> Result<Exit, Failure> {
    if args.file.exists() {
        return Err(Common::FileExists(args.file).into());
    }
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    let whom = args.region.as_ref().unwrap_or(&app.parent.region);
    let step = async {
        let bytes = match &args.region {
            None => bundle::for_parent(&app.site, &app.parent).await?,
            Some(child) => {
                refuse_strangers(app, child).await?;
                bundle::for_child(&app.site, child).await?
            }
        };
        // Without the file nothing was done.
        write_new(&args.file, &bytes)?;
        Ok::<_, Failure>(bytes)
    };
    let bytes = app.store().audited(&app.entry("", "bundle_pack", whom.as_str(), &name), step).await?;
    let to_parent = args.region.is_none();
    let receiver = args.region.unwrap_or_else(|| app.parent.region.clone());
    Ok(app.output.give(&Packed { receiver, file: args.file, bytes: bytes.len(), to_parent })?)
}

/// What is shared goes to those who joined, by file as over a link.
async fn refuse_strangers(app: &App, child: &RegionCode) -> Result<(), Failure> {
    match admin::node(&app.site, child).await?.child.status {
        ChildStatus::Active => Ok(()),
        ChildStatus::Invited => Err(Failure::input(
            format!("{child} 还没有加入；没有网络的，请先用 join --request 和 admit 往返加入"),
            format!("{child} has not joined; without a network, join --request and admit come first"),
        )),
        ChildStatus::Revoked => Err(Failure::input(
            format!("{child} 的证书已被吊销；如需恢复，请重新 invite"),
            format!("{child} is revoked; invite it to let it back in"),
        )),
    }
}

impl Printed for Packed {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (receiver, file, size) = (&self.receiver, self.file.display(), disk::shown_bytes(self.bytes as u64));
        say(
            output,
            &format!("给 {receiver} 的交换文件已写入 {file}（{size}）；请带给对方，由对方运行 unpack"),
            &format!("for {receiver}: {file} ({size}); there they run unpack"),
        )
    }
}

#[derive(Serialize)]
struct Unpacked {
    #[serde(flatten)]
    taken: Taken,
    receipts: Vec<Receipt>,
}

/// Takes in what the parent or a township wrote.
///
/// # Errors
/// It is not for this node, its sender is not admitted, or it is damaged.
pub(crate) async fn unpack(app: &App, args: Unpack) -> Result<Exit, Failure> {
    let held = app.store().receipts_held(&app.parent.region).await?;
    let bytes = read_file(&args.file)?;
    let file = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    // Each message in it is taken in by itself; that the file is read is entered with the first.
    let entry = app.entry("", "bundle_take", &file, "");
    let taken = app.store().audited(&entry, bundle::take(&app.site, Some(&app.parent), &bytes)).await?;
    let all = app.store().my_receipts().await?.into_iter();
    let fresh = all.filter(|receipt| receipt.number > held);
    let receipts = fresh.filter_map(|receipt| serde_json::from_str(&receipt.payload).ok()).collect();
    Ok(app.output.give(&Unpacked { taken, receipts })?)
}

impl Printed for Unpacked {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Taken { sender, written_at, messages, outcomes } = &self.taken;
        say(
            output,
            &format!("来自 {sender} 的交换文件（{written_at} 写出，{messages} 项）："),
            &format!("from {sender} (written {written_at}, {messages} items):"),
        )?;
        if outcomes.is_empty() && self.receipts.is_empty() {
            return say(output, "  没有新的内容", "  nothing new");
        }
        outcomes.iter().try_for_each(|outcome| output.tell(&format!("  {outcome}")))?;
        self.receipts.iter().try_for_each(|receipt| output.tell(&format!("  {}", receipt.say(output.lang))))
    }
}
