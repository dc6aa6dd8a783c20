//! `backup`: a copy of the database while it is in use, and of the evidence that its reports and documents name.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tongpin_console::disk;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::output::{Output, Printed};

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::records::evidence::{self, Copied};

/// Where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node backup /backup/tongpin-20250331.sqlite
备份时 serve 可照常运行。有佐证材料或附件的，同时复制到旁边的目录 tongpin-20250331.evidence。
恢复：停止 serve，运行 restore 备份文件，再启动；连上上级后，用 take-back 或在“恢复”页面取回备份之后的内容。")]
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
    evidence_folder: PathBuf,
    evidence: Copied,
}

/// Copies the database into a file, and the evidence into a folder beside it. The database comes first: what is handed
/// in after it was copied is named by no report in the copy.
///
/// # Errors
/// The file is there already, or something cannot be read or written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    app.store().backup_to(&args.file).await?;
    let about = std::fs::metadata(&args.file).map_err(|source| Common::File { path: args.file.clone(), source })?;
    let evidence_folder = beside(&args.file);
    let evidence = evidence::copy(&evidence::folder(&app.data), &evidence_folder)?;
    let whole = evidence.damaged.is_empty();
    let told = Told { file: args.file, bytes: about.len(), keys_included: false, evidence_folder, evidence };
    app.output.give(&told)?;
    Ok(if whole { Exit::Done } else { Exit::Different })
}

/// The folder that the evidence of a backup goes into.
pub(super) fn beside(file: &Path) -> PathBuf {
    file.with_extension("evidence")
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (file, size) = (self.file.display(), disk::shown_bytes(self.bytes));
        say(
            output,
            &format!(
                "已备份到 {file}（{size}）
  含：本级和乡镇的项目、指标、按月填报、评分，上报和回执，已收到的目录，下级单位名册
  不含：私钥和证书（数据目录下的 identity）和 config.toml，请另行离线保管"
            ),
            &format!(
                "backed up to {file} ({size})
  with projects, indicators, monthly reports, scores, reports, receipts, catalogs and the list of townships
  without private keys and certificates (the folder identity) and config.toml: keep those separately"
            ),
        )?;
        let (folder, Copied { files, bytes, damaged }) = (self.evidence_folder.display(), &self.evidence);
        let size = disk::shown_bytes(*bytes);
        if *files > 0 {
            say(
                output,
                &format!("佐证材料 {files} 件（{size}）已复制到 {folder}，请与备份文件一起保管"),
                &format!("{files} pieces of evidence ({size}) are in {folder}: keep them with the file"),
            )?;
        }
        for digest in damaged {
            say(
                output,
                &format!("注意：佐证材料 {digest} 在磁盘上已损坏，未复制；请从以前的备份恢复"),
                &format!("note: the evidence {digest} is damaged here and was not copied; restore it"),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folder of the evidence stands beside the file, under the same name.
    #[test]
    fn beside_the_file() {
        assert_eq!(beside(Path::new("/backup/t-1.sqlite")), Path::new("/backup/t-1.evidence"));
        assert_eq!(beside(Path::new("copy")), Path::new("copy.evidence"));
    }
}
