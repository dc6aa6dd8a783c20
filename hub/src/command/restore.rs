//! `restore`: a backup takes the place of the database, which is kept aside.

use std::io;

use serde::Serialize;
use tongpin_console::clock;
use tongpin_console::exit::Exit;
use tongpin_console::opening::{database_url, identity_folder};
use tongpin_console::output::Output;
use tongpin_console::restore::{self, Restored, Source, Target};
use tongpin_link::admin::Claim;
use tongpin_link::identity::Identity;

use crate::app::NAME;
use crate::failure::Failure;
use crate::settings::Globals;
use tongpin_console::output::Printed;

/// From what.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub restore /backup/tongpin-20250331.sqlite
先停止 serve。备份文件先核对（完整、是本单位的、版本不新于本程序），再换上；原有数据库连同旁边的
-wal 移到一旁，不删除。密钥和配置不变。PostgreSQL 请用 pg_restore。")]
pub(crate) struct Args {
    #[command(flatten)]
    source: Source,
}

#[derive(Serialize)]
struct Told(Restored);

/// Restores.
///
/// # Errors
/// `serve` runs, the file is no sound backup of this hub, or the disk refuses.
pub(crate) async fn run(globals: &Globals, args: Args) -> Result<Exit, Failure> {
    let folder = identity_folder(&globals.data);
    if !Identity::exists(&folder) {
        return Err(Failure::NotFounded(globals.data.clone()));
    }
    let (url, at) = (database_url(&globals.data, &globals.settings()?.common), clock::now());
    let region = Identity::load(&folder)?.region().clone();
    let _claim = Claim::take(&globals.data)?;
    let target = Target { url: &url, own: &region, at };
    let copy =
        restore::prepare(&args.source, &target, async |store| matches!(store.meta(NAME).await, Ok(Some(_)))).await?;
    let replaced = copy.put_in_place(at).await?;
    Ok(globals.output().give(&Told(Restored { region, file: args.source.file, replaced }))?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        self.0.tell(output)?;
        let zh = "下一步：运行 tongpin-hub serve；备份之后发布的版本，由持有它的单位连接后送回";
        output.tell(
            output.pick(zh, "next: run tongpin-hub serve; later releases come back from the nodes that hold them"),
        )
    }
}
