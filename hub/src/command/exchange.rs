//! `pack` and `unpack`: the same exchange as over a link, by files, for networks that do not meet.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::disk::shown_bytes;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::output::Output;
use tongpin_console::private;
use tongpin_domain::region::RegionCode;
use tongpin_link::bundle::{self, Taken};

use crate::app::App;
use crate::failure::Failure;
use tongpin_console::output::Printed;

/// What to write, and for whom.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub pack --for 320581 给常熟.tp
文件里是对方还缺的目录版本和回执，经签名；晚到、重复、乱序都不要紧。")]
pub(crate) struct Pack {
    /// 给哪个区县
    #[arg(long = "for", value_name = "区划代码")]
    region: RegionCode,
    /// 写到这个文件；已存在的不覆盖
    #[arg(value_name = "文件")]
    file: PathBuf,
}

/// What to read.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub unpack 常熟上报.tp
读入后请再 pack 一次带回，对方才能收到回执。")]
pub(crate) struct Unpack {
    /// 区县带来的文件
    #[arg(value_name = "文件")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Packed {
    region: RegionCode,
    name: String,
    file: PathBuf,
    bytes: usize,
}

#[derive(Serialize)]
struct Unpacked {
    name: String,
    #[serde(flatten)]
    taken: Taken,
}

/// Writes what a child lacks into a file.
///
/// # Errors
/// The child is unknown, or the file cannot be written.
pub(crate) async fn pack(app: &App, args: Pack) -> Result<Exit, Failure> {
    if args.file.exists() {
        return Err(Common::FileExists(args.file).into());
    }
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    let entry = app.audit_entry("", "bundle_pack", args.region.as_str(), &name);
    // Without the file nothing was done.
    let step = async {
        let bytes = bundle::for_child(&app.site, &args.region).await?;
        private::write(&args.file, &bytes).map_err(|source| Common::File { path: args.file.clone(), source })?;
        Ok::<_, Failure>(bytes)
    };
    let bytes = app.store().audited(&entry, step).await?;
    let name = app.regions().await?.name(&args.region);
    Ok(app.output.give(&Packed { region: args.region, name, file: args.file, bytes: bytes.len() })?)
}

/// Takes in what a child wrote.
///
/// # Errors
/// It is not for this hub, not from an admitted child, or damaged.
pub(crate) async fn unpack(app: &App, args: Unpack) -> Result<Exit, Failure> {
    let bytes = std::fs::read(&args.file).map_err(|source| Common::File { path: args.file.clone(), source })?;
    let file = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    // Each message in it is taken in by itself; that the file is read is entered with the first.
    let entry = app.audit_entry("", "bundle_take", &file, "");
    let taken = app.store().audited(&entry, bundle::take(&app.site, None, &bytes)).await?;
    let name = app.regions().await?.name(&taken.sender);
    Ok(app.output.give(&Unpacked { name, taken })?)
}

impl Printed for Packed {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (file, size) = (self.file.display(), shown_bytes(self.bytes as u64));
        let zh = format!(
            "给 {} {} 的交换文件已写入 {file}（{size}）；对方运行 tongpin-node unpack 文件",
            self.region, self.name
        );
        let en = format!("For {} {}: {file} ({size}); there they run tongpin-node unpack FILE", self.region, self.name);
        output.tell(output.pick(&zh, &en))
    }
}

impl Printed for Unpacked {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Taken { sender, written_at, messages, outcomes } = &self.taken;
        let zh = format!("来自 {sender} {} 的交换文件（{written_at} 写出，{messages} 项）：", self.name);
        let en = format!("From {sender} {} (written {written_at}, {messages} items):", self.name);
        output.tell(output.pick(&zh, &en))?;
        if outcomes.is_empty() {
            return output.tell(output.pick("  没有新的内容", "  nothing new"));
        }
        output.tell_list(outcomes, 50)
    }
}
