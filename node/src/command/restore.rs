//! `restore`: a backup takes the place of the database, which is kept aside, and its evidence comes back.

use std::io;

use serde::Serialize;
use tongpin_console::clock;
use tongpin_console::exit::Exit;
use tongpin_console::opening::{database_url, identity_folder};
use tongpin_console::output::{Output, Printed};
use tongpin_console::restore::{self, Restored, Source, Target};
use tongpin_link::admin::Claim;
use tongpin_link::identity::Identity;
use tongpin_link::uplink::Parent;

use super::backup::beside;
use crate::command::say::say;
use crate::failure::Failure;
use crate::records::evidence::{self, Copied};
use crate::settings::Globals;

/// From what.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node restore /backup/tongpin-20250331.sqlite
先停止 serve。备份文件先核对（完整、是本单位的、版本不新于本程序），再换上；原有数据库连同旁边的
-wal 移到一旁，不删除。旁边有目录 tongpin-20250331.evidence 的，其中的佐证材料一并放回。密钥和配置不变。
PostgreSQL 请用 pg_restore。")]
pub(crate) struct Args {
    #[command(flatten)]
    source: Source,
}

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    restored: Restored,
    evidence: Copied,
}

/// Restores. The evidence comes first: a file that no report names does no harm.
///
/// # Errors
/// `serve` runs, the file is no sound backup of this node, or the disk refuses.
pub(crate) async fn run(globals: &Globals, args: Args) -> Result<Exit, Failure> {
    let folder = identity_folder(&globals.data);
    if !Identity::exists(&folder) {
        return Err(Failure::NotJoined(globals.data.clone()));
    }
    let (url, at) = (database_url(&globals.data, &globals.settings()?.common), clock::now());
    let region = Identity::load(&folder)?.region().clone();
    let _claim = Claim::take(&globals.data)?;
    let target = Target { url: &url, own: &region, at };
    let copy =
        restore::prepare(&args.source, &target, async |store| matches!(Parent::load(store).await, Ok(Some(_)))).await?;
    let evidence = match evidence::copy(&beside(&args.source.file), &evidence::folder(&globals.data)) {
        Ok(evidence) => evidence,
        Err(error) => {
            copy.give_up().await;
            return Err(error.into());
        }
    };
    let replaced = copy.put_in_place(at).await?;
    let whole = evidence.damaged.is_empty();
    let restored = Restored { region, file: args.source.file, replaced };
    globals.output().give(&Told { restored, evidence })?;
    Ok(if whole { Exit::Done } else { Exit::Different })
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        self.restored.tell(output)?;
        let Copied { files, damaged, .. } = &self.evidence;
        if *files > 0 {
            say(output, &format!("  佐证材料 {files} 件已放回"), &format!("  {files} pieces of evidence are back"))?;
        }
        for digest in damaged {
            say(
                output,
                &format!("  注意：备份里的佐证材料 {digest} 已损坏，未放回"),
                &format!("  note: the evidence {digest} is damaged in the backup and was left out"),
            )?;
        }
        say(
            output,
            "下一步：运行 tongpin-node serve；连上上级后先问清上级已收到什么，再用 take-back 或在“恢复”页面取回",
            "next: run tongpin-node serve; once the parent has told what it holds, take-back gets it back",
        )
    }
}
