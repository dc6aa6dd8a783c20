//! `backup`: a copy of the database while it is in use.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::disk;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;

use crate::failure::Failure;
use crate::office::Office;
use crate::shown::{self, Shown, say};

/// Where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node backup /backup/tongpin-20250331.sqlite
备份时 serve 可照常运行。恢复：停止 serve，用备份文件替换数据目录里的 tongpin.sqlite，再启动；
上级会发现数据库是恢复的，并自动补齐之后的内容。")]
pub(crate) struct Args {
    /// 备份文件；已存在的不覆盖
    #[arg(value_name = "文件")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Told {
    file: PathBuf,
    bytes: u64,
    keys_included: bool,
}

/// Copies the database into a file.
///
/// # Errors
/// The file is there already, or cannot be written.
pub(crate) async fn run(office: &Office, args: Args) -> Result<Exit, Failure> {
    office.store().backup_to(&args.file).await?;
    let about = std::fs::metadata(&args.file).map_err(|source| Failure::File { path: args.file.clone(), source })?;
    let told = Told { file: args.file, bytes: about.len(), keys_included: false };
    shown::give(office.output, &told)?;
    Ok(Exit::Done)
}

impl Shown for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (file, size) = (self.file.display(), disk::shown_bytes(self.bytes));
        say(
            output,
            &format!(
                "已备份到 {file}（{size}）
  含：本级和乡镇的项目、指标、评分，上报和回执，已收到的目录，下级单位名册
  不含：私钥和证书（数据目录下的 identity）和 config.toml，请另行离线保管"
            ),
            &format!(
                "backed up to {file} ({size})
  with projects, indicators, scores, reports, receipts, catalogs and the list of townships
  without private keys and certificates (the folder identity) and config.toml: keep those separately"
            ),
        )
    }
}
