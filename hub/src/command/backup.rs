//! `backup`: a copy of the database while it is in use.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::disk::shown_bytes;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::output::Output;

use crate::app::App;
use crate::failure::Failure;
use tongpin_console::output::Printed;

/// Where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub backup /backup/tongpin-20250331.sqlite
备份时 serve 可照常运行。恢复：停止 serve，运行 restore 备份文件，再启动。")]
pub(crate) struct Args {
    /// 备份文件；已存在的不覆盖
    #[arg(value_name = "文件")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Copied {
    file: PathBuf,
    bytes: u64,
    keys_included: bool,
}

/// Copies the database into a file.
///
/// # Errors
/// The file is there already, or cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    app.store().backup_to(&args.file).await?;
    let bytes = std::fs::metadata(&args.file).map_err(|source| Common::File { path: args.file.clone(), source })?.len();
    Ok(app.output.give(&Copied { file: args.file, bytes, keys_included: false })?)
}

impl Printed for Copied {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (file, size) = (self.file.display(), shown_bytes(self.bytes));
        let zh = format!(
            "已备份到 {file}（{size}）
  含：全部目录和历次发布、归集任务、收到的上报和回执、下级单位名册
  不含：私钥和证书（数据目录下的 identity）和 config.toml，请另行离线保管"
        );
        let en = format!(
            "Backed up to {file} ({size})
  with catalogs and all their releases, collections, reports, receipts and the children
  without private keys and certificates (the folder `identity`) and config.toml: keep those separately"
        );
        output.tell(output.pick(&zh, &en))
    }
}
